"""Every class of hostile input gets its answer, changes nothing it may not, and disturbs nobody."""

from random import Random

import pytest

from tests.attack.corpus import Hostile
from tests.attack.families import CORPUS
from tests.attack.ground import Ground
from tests.attack.report import row_of

SEED = 20261122


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: f"{hostile.family}: {hostile.name}")
async def test_hostile_input_gets_its_answer_and_nothing_else_happens(ground: Ground, hostile: Hostile) -> None:
    """[I1, I2, I3, I5] Refused or mended; the log as long as it should be; an honest delegate goes on."""
    row = row_of(hostile)
    for number in range(hostile.instances):
        seed = f"{SEED} {hostile.family} {hostile.name} {number}"
        before, entries = await ground.standing(), ground.logged()
        answer = await hostile.strike(ground, Random(seed))
        row.answers[answer] += 1
        try:
            after = await ground.standing()
            assert answer in hostile.expected, seed
            if hostile.entries >= 0:
                assert ground.logged() - entries == hostile.entries, f"{seed}: the log"
            if hostile.check is not None:
                hostile.check(before, after)
            elif not hostile.entries:
                assert after == before, f"{seed}: the text or the record changed"
            if number == 0:
                await ground.goes_on()
        except BaseException:
            row.failed += 1
            raise


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len({(one.family, one.name) for one in CORPUS}) == len(CORPUS)
    assert len(CORPUS) >= 80
