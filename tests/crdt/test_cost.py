"""What one update may cost: its own size, not its size times what stands in the paragraph (a stall is an attack)."""

import random
import time

from crdt.effect import Rights, _Mended
from opinions.edits import InsertText
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from tests.crdt.desk import XAA, Desk, own, place, sound
from tests.support.builders import paragraph

P1 = place("par-1")


def test_words_without_marks_in_many_places_of_a_paragraph_of_many_runs_are_mended_in_a_moment() -> None:
    """[G11] 1.4 KB once cost seconds: every word looked at every run, and so did every mend."""
    runs = [run for _ in range(300) for run in (Run("w"), Run("v", own("a-mine")))]
    desk = Desk((Paragraph(P1, Kind.PARAGRAPH, 0, tuple(runs)), paragraph("par-2", "x")), {"a-mine": XAA})
    client = desk.client()
    update = client.types(*(InsertText(P1, number * 4, "z") for number in range(120)))
    begun = time.process_time()
    accepted = desk.check(client, update)
    assert time.process_time() - begun < 0.1
    assert len(accepted.updates) == 2, "the update and its mend"
    sound(desk.gate)


def test_the_nearest_amendment_is_the_nearest() -> None:
    """[G11] Held against the plain search: the first of those at the least distance."""
    chance = random.Random(20261122)
    for _ in range(300):
        names = ("a-one", "a-two", "a-alien")
        runs = tuple(
            Run(
                "x" * chance.randint(1, 4),
                frozenset(Mark(MarkKind.INSERTION, one) for one in names if chance.random() < 0.3),
            )
            for _ in range(chance.randint(0, 8))
        )
        text = Paragraph(ParagraphId("par-1"), Kind.PARAGRAPH, 0, runs)
        desk = Desk((paragraph("par-1", "x"),), {"a-one": XAA, "a-two": XAA})
        rights = Rights(desk.sender(1000, XAA), frozenset(), ())
        for at in range(len(text.text) + 1):
            assert _Mended(text, None, rights)._nearest(at) in _nearest(text, at, {"a-one", "a-two"})


def _nearest(text: Paragraph, at: int, ids: set[str]) -> set[AmendmentId]:
    """All ids of the first run at the least distance; when there is none, the one that is minted."""
    found: list[tuple[int, int, set[AmendmentId]]] = []
    start = 0
    for number, run in enumerate(text.runs):
        end = start + len(run.text)
        here = {AmendmentId(mark.id) for mark in run.marks if mark.id in ids}
        if here:
            found.append((max(start - at, at - end, 0), number, here))
        start = end
    return min(found)[2] if found else {AmendmentId("a-minted-1")}
