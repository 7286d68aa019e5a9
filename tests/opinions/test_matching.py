"""Which paragraph is which: nothing dropped, nothing paired twice, bounded work."""

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from opinions.matching import Candidate, How, match

WORDS = st.sampled_from(["noting", "the", "broadband", "of", "all", "forum", "a", "", "数字", "shall", "should"])
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=14)
LABELS = st.sampled_from(["", "a)", "b)", "1", "2"])
CANDIDATES = st.lists(st.builds(Candidate, st.lists(WORDS, max_size=5).map(" ".join), LABELS), max_size=14)


def of(*texts: str) -> list[Candidate]:
    return [Candidate(text) for text in texts]


@given(CANDIDATES, CANDIDATES)
def test_every_paragraph_of_both_is_in_exactly_one_row(incoming: list[Candidate], living: list[Candidate]) -> None:
    rows = match(incoming, living)
    assert [row.incoming for row in rows if row.incoming is not None] == list(range(len(incoming)))
    assert sorted(row.living for row in rows if row.living is not None) == list(range(len(living)))


@given(TEXTS)
def test_the_same_text_matches_itself_in_order(texts: list[str]) -> None:
    rows = match(of(*texts), of(*texts))
    assert [(row.incoming, row.living, row.moved) for row in rows] == [(n, n, False) for n in range(len(texts))]
    assert all(row.how is How.SAME and row.sureness == 1.0 for row in rows)


@given(CANDIDATES, CANDIDATES, st.dictionaries(st.integers(-2, 15), st.none() | st.integers(-2, 15)))
def test_what_is_chosen_by_hand_stands_where_it_can(
    incoming: list[Candidate], living: list[Candidate], chosen: dict[int, int | None]
) -> None:
    rows = match(incoming, living, chosen)
    partner = {row.incoming: row.living for row in rows if row.incoming is not None}
    assert sorted(row.living for row in rows if row.living is not None) == list(range(len(living)))
    for i, j in chosen.items():
        if i in partner and j is None:
            assert partner[i] is None


def test_identity_goes_before_words() -> None:
    incoming = [Candidate("quite other words now", identity="p-2"), Candidate("that broadband reaches all,")]
    living = [Candidate("that broadband reaches all,", identity="p-1"), Candidate("noting this", identity="p-2")]
    rows = match(incoming, living)
    assert {(row.incoming, row.living, row.how) for row in rows} == {(0, 1, How.IDENTITY), (1, 0, How.SAME)}


def test_a_changed_paragraph_a_new_one_and_one_that_is_missing() -> None:
    living = of("The Forum,", "that broadband reaches some of those who need it,", "that spectrum is scarce and dear,")
    incoming = of("The Forum,", "that affordable broadband reaches most of those who need it,", "recalling nothing")
    rows = match(incoming, living)
    found = [(row.incoming, row.living) for row in rows]
    assert found == [(0, 0), (1, 1), (None, 2), (2, None)]


def test_the_label_decides_between_paragraphs_equally_alike() -> None:
    words = "to study {} and report to the Council on the outcome"
    living = [Candidate(words.format("costs"), "1"), Candidate(words.format("risks"), "2")]
    rows = match([Candidate(words.format("gains"), "2")], living)
    assert [(row.incoming, row.living) for row in rows if row.incoming == 0] == [(0, 1)]


def test_a_paragraph_that_stands_elsewhere_is_told_as_moved() -> None:
    texts = [f"that item {word} stands by itself in this text," for word in ("one", "two", "three", "four")]
    rows = match(of(texts[3], *texts[:3]), of(*texts))
    assert {(row.incoming, row.living, row.moved) for row in rows} == {
        (0, 3, True),
        (1, 0, False),
        (2, 1, False),
        (3, 2, False),
    }


def test_chinese_is_compared_by_character() -> None:
    living = of("考虑到宽带网络的重要性，", "认识到频谱资源有限，")  # noqa: RUF001
    rows = match(of("认识到无线电频谱资源十分有限，"), living)  # noqa: RUF001
    assert [(row.incoming, row.living) for row in rows if row.incoming == 0] == [(0, 1)]


def test_long_texts_take_less_than_two_seconds_of_processor() -> None:
    chance = random.Random(4)
    stock = [f"w{number}" for number in range(900)] + ["the", "of", "and", "to"] * 80
    living = of(*(" ".join(chance.choices(stock, k=60)) for _ in range(450)))
    incoming = of(*(" ".join(w for w in one.text.split() if chance.random() > 0.2) for one in living))
    chance.shuffle(incoming)
    begun = time.process_time()
    rows = match(incoming, living)
    assert time.process_time() - begun < 2
    assert sum(row.living is not None and row.incoming is not None for row in rows) > 440
