"""Differences in whole words, the same on every machine, never out of bounds."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.redline import Change, Effort, Piece, paired, redline
from tests.support.strategies import texts

WORDS = st.sampled_from(
    ["all", "Member", "States", "shall", "should", "電信", "é", "e\u0301", "[", "].", ";", "السلام"]
)
sentences = st.lists(WORDS, max_size=12).map(" ".join)


def shown(pieces: Iterable[Piece]) -> str:
    glyphs = {Change.KEPT: "{}", Change.DELETED: "[-{}-]", Change.INSERTED: "[+{}+]"}
    return "".join(glyphs[piece.change].format(piece.text) for piece in pieces)


def made(pieces: Iterable[Piece], without: Change) -> str:
    return "".join(piece.text for piece in pieces if piece.change is not without)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("Members shall act", "Members should act", "Members [-shall-][+should+] act"),
        ("the policy", "the relevant policy", "the [+relevant +]policy"),
        ("universal", "[universal]", "[+[+]universal[+]+]"),
        ("it should not act", "it may also act", "it [-should not-][+may also+] act"),
        ("a b c", "x b y", "[-a-][+x+] b [-c-][+y+]"),
        ("in 2010", "in 2014", "in [-2010-][+2014+]"),
        ("国际电信联盟", "国际电联", "国际电[-信-]联[-盟-]"),
        ("cafe\u0301 noir", "café noir", "[-cafe\u0301-][+café+] noir"),
        ("क्षमता निर्माण", "क्षमता विकास", "क्षमता [-निर्माण-][+विकास+]"),
    ],
)
def test_whole_words_are_taken_out_and_put_in(before: str, after: str, expected: str) -> None:
    assert shown(redline(before, after)) == expected


@given(st.one_of(texts(least=0, most=40, brackets=True), sentences), st.one_of(texts(least=0, most=40), sentences))
def test_both_texts_can_be_made_from_the_pieces(before: str, after: str) -> None:
    pieces = redline(before, after)
    assert made(pieces, Change.INSERTED) == before
    assert made(pieces, Change.DELETED) == after
    assert all(piece.text for piece in pieces)
    changes = [piece.change for piece in pieces]
    neighbours = list(pairwise(changes))
    assert all(one is not other for one, other in neighbours)
    assert (Change.INSERTED, Change.DELETED) not in neighbours


@given(sentences, sentences)
def test_no_word_is_cut(before: str, after: str) -> None:
    whole = set(before.split()) | set(after.split())
    for piece in redline(before, after):
        for word in piece.text.replace("電", " ").replace("信", " ").replace("].", " ").split():
            assert word in whole | {"]", "."}


def test_a_paragraph_rewritten_from_end_to_end_is_bounded() -> None:
    """20,000 characters of which no word stayed; and the same with every tenth sentence kept."""
    before = " ".join(f"old{number}" + (";" if number % 9 == 0 else "") for number in range(3_000))
    after = " ".join(f"new{number}" + (";" if number % 9 == 0 else "") for number in range(3_000))
    pieces = redline(before, after)
    assert made(pieces, Change.INSERTED) == before
    assert made(pieces, Change.DELETED) == after
    kept = "Whereas this sentence stayed as it was and therefore is found; "
    longer = redline(f"{before}; {kept}{before}", f"{after}; {kept}{after}")
    assert any(kept.strip() in piece.text for piece in longer if piece.change is Change.KEPT)


def test_a_long_paragraph_is_compared_sentence_by_sentence() -> None:
    rows = [f"sentence {number} speaks of matter {number * 7} and of nothing else at all; " for number in range(120)]
    changed = [row.replace("speaks", "tells") if number % 2 else row for number, row in enumerate(rows)]
    pieces = redline("X " + "".join(rows) + "X", "Y " + "".join(changed) + "Y")
    assert made(pieces, Change.DELETED) == "Y " + "".join(changed) + "Y"
    assert sum(piece.text == "speaks" for piece in pieces if piece.change is Change.DELETED) == 60


def test_one_endless_sentence_is_replaced_as_a_whole() -> None:
    before, after = " ".join(f"a{n}" for n in range(700)), " ".join(f"b{n}" for n in range(700))
    assert redline(before, after) == (Piece(before, Change.DELETED), Piece(after, Change.INSERTED))


def test_many_different_words_are_told_apart() -> None:
    """More words than there are characters before the surrogates."""
    after = " ".join(f"w{number}" for number in range(60_000))
    assert shown(redline("w30000", after)) == "[+" + after.replace("w30000", "+]w30000[+") + "+]"


def test_a_long_sentence_changed_throughout_is_replaced_as_a_whole() -> None:
    before = " ".join(f"a{number}" for number in range(700))
    after = " ".join(f"{'a' if number % 4 else 'b'}{number}" for number in range(700))
    assert [piece.change for piece in redline(f"x {before} x", f"y {after} y")] == [Change.DELETED, Change.INSERTED]


# --- within a bound ---


@given(st.one_of(texts(least=0, most=40, brackets=True), sentences), sentences, st.integers(0, 40))
def test_within_a_bound_nothing_is_lost(before: str, after: str, steps: int) -> None:
    pieces = redline(before, after, Effort(steps))
    assert made(pieces, Change.INSERTED) == before
    assert made(pieces, Change.DELETED) == after
    assert pieces == redline(before, after, Effort(steps))


def test_where_the_bound_ends_words_are_replaced() -> None:
    before, after = "a b c d e f g h", "a x c y e z g w"
    enough, none = Effort(10_000), Effort(0)
    assert len(redline(before, after, enough)) > len(redline(before, after, none))
    assert enough.left > 0 > none.left


def test_within_a_bound_a_long_text_is_compared_between_words_that_stand_once_in_both() -> None:
    before = " ".join(f"a{number} of" for number in range(2_000))
    after = before.replace(" of", " to", 900).replace("a1500 ", "")
    pieces = redline(before, after, Effort(500_000))
    assert made(pieces, Change.DELETED) == after
    assert sum(piece.text.count("of") for piece in pieces if piece.change is Change.DELETED) == 900


# --- sentences side by side ---


def test_changed_sentences_are_paired_and_new_ones_are_not() -> None:
    before = ["The Forum,", "that all Member States act;", "an old matter", "Conclusion"]
    after = ["The Forum,", "something new and quite different", "that some Member States act;", "Conclusion"]
    assert list(paired(before, after)) == [(0, 0), (None, 1), (1, 2), (2, None), (3, 3)]


def test_the_pairing_keeps_the_order_and_takes_the_most_alike() -> None:
    before = ["a b c d e", "p q r s t"]
    after = ["a b c x y", "p q r s z", "p q r s t u"]
    assert list(paired(before, after)) == [(0, 0), (None, 1), (1, 2)]


def test_in_a_wide_gap_partners_are_sought_nearby() -> None:
    before = [f"paragraph {number} as it was" for number in range(400)]
    after = [f"paragraph {number} as it is" for number in range(400)]
    assert list(paired(before, after)) == [(n, n) for n in range(400)]
    assert list(paired(["first", *before], [*after, "last"]))[:3] == [(0, None), (1, 0), (2, 1)]


def test_a_gap_beyond_all_measure_is_rewritten() -> None:
    rows = list(paired([f"{number} old" for number in range(2_100)], [f"{number} new" for number in range(2_100)]))
    assert len(rows) == 4_200
    assert [after for _, after in rows[:2_100]] == [None] * 2_100


def test_empty_sentences_are_alike() -> None:
    assert list(paired(["", "a"], [" ", "b"])) == [(0, 0), (1, None), (None, 1)]
