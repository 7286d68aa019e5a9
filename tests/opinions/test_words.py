"""Where words stand, what of them is kept, and how their place is found again (A1, A5, T4)."""

from hypothesis import given
from hypothesis import strategies as st

from opinions.model import AmendmentId, MarkKind, Opinion, ParagraphId, Run
from opinions.record import AmendmentKind, Removed
from opinions.words import (
    Place,
    Stretch,
    deletions,
    held,
    hosted,
    kept,
    kind_of,
    marked_with,
    place_of,
    place_of_words,
    places,
    proposals,
    share,
    stretches,
    taken_whole,
    words,
)
from tests.support.builders import (
    amendment,
    bracket,
    bracketed,
    document,
    em,
    ins,
    item,
    paragraph,
    struck,
)

P1 = ParagraphId("par-1")
A1, A2 = AmendmentId("a-1"), AmendmentId("a-2")


def mixed() -> Opinion:
    return Opinion(
        (
            paragraph(
                "par-1", "one ", ins("a-1", "two ", em("three ")), struck("a-2", "four "), bracketed("a-3", "five")
            ),
            item("par-2", "six", added="a-4"),
            paragraph("par-3", bracketed("a-2", "x")),
        )
    )


def test_stretches_are_as_long_as_can_be() -> None:
    first = mixed().paragraphs[0]
    assert marked_with(first, MarkKind.INSERTION, "a-1") == (Stretch(P1, 4, 14, ins("a-1", "two ", em("three "))),)
    assert [(part.start, part.end) for part in stretches(first, {0, 2, 3, 4})] == [(0, 4), (8, 23)]
    assert deletions(stretches(first, {0, 2}))[0].start == 8


def test_a1_a_kind_follows_from_the_marks() -> None:
    kinds = {name: kind_of(mixed(), name) for name in ("a-1", "a-2", "a-3", "a-4", "a-5")}
    assert kinds == {
        "a-1": AmendmentKind.MOD,
        "a-2": AmendmentKind.MOD,
        "a-3": AmendmentKind.BRACKET,
        "a-4": AmendmentKind.ADD,
        "a-5": None,
    }
    assert proposals(mixed().paragraphs[0]) == {"a-1", "a-2", "a-3"}
    assert places(mixed(), "a-2") == ("par-1", "par-3")
    assert places(mixed(), "a-4") == ("par-2",)


def test_t4_a_bracket_holds_gaps_and_paragraphs_between() -> None:
    given_ = document(
        paragraph("par-1", "a ", bracketed("a-1", "b"), " c"),
        paragraph("par-2", "d"),
        paragraph("par-3", "e ", bracketed("a-1", "f"), " g ", bracketed("a-1", "h"), " i"),
        amendments=[bracket("a-1")],
    )
    assert held(given_, "a-1") == {"par-1": (2, 5), "par-2": (0, 1), "par-3": (0, 7)}
    assert held(given_, "a-2") == {}


def test_a5_nested_is_what_younger_ones_typed_between() -> None:
    given_ = document(
        paragraph(
            "par-1", ins("a-2", "x"), ins("a-1", "a", ins("a-2", "y"), ins("a-3", "z"), "b"), " ", ins("a-1", "c")
        ),
        amendments=[amendment("a-1", created=2), amendment("a-2", created=3), amendment("a-3", created=1)],
    )
    parts = hosted(given_.text.paragraphs[0], given_.record.amendments[A1], given_.record)
    assert [words(part.runs) for part in parts] == ["ay", "b", "c"]


def test_kept_words_know_what_stood_around_them() -> None:
    first = paragraph("par-1", "one ", struck("a-1", "two "), "three ", struck("a-1", "four "), "five")
    out = marked_with(first, MarkKind.DELETION, "a-1")
    assert [(entry.offset, entry.left, entry.right) for entry in kept(first, out)] == [
        (4, "one ", "three five"),
        (14, "one two three ", "five"),
    ]
    long = paragraph("par-1", "x" * 30, struck("a-1", "gone"), "y" * 30)
    (entry,) = kept(long, marked_with(long, MarkKind.DELETION, "a-1"))
    assert (entry.left, entry.right) == ("x" * 24, "y" * 24)


def test_a_whole_paragraph_knows_what_it_stood_behind() -> None:
    _, first = taken_whole(mixed(), P1)
    _, second = taken_whole(mixed(), ParagraphId("par-2"))
    assert (first.after, second.after) == (None, P1)
    assert second.whole == mixed().paragraphs[1]


def test_a_share_is_the_runs_that_bear_the_others_marks() -> None:
    removed = Removed(P1, 4, (Run("one "), *struck("a-2", "two"), Run(" "), *ins("a-2", "x")), "left", "right")
    part = share(removed, A2, A1)
    assert part == Removed(P1, 8, (*struck("a-2", "two"), *ins("a-2", "x")), "left", "right", by=A1)
    assert share(removed, "a-3", A1) is None


def test_places_are_found_by_context_then_by_nearness() -> None:
    removed = Removed(P1, 4, (Run("x"),), "one ", "two")
    assert place_of(removed, "one two") == Place(4, True)
    assert place_of(removed, "now one two") == Place(8, True)
    assert place_of(removed, "one two one two") == Place(4, True)
    assert place_of(removed, "two") == Place(0, False)
    assert place_of(removed, "") == Place(0, False)
    assert place_of(Removed(P1, 9, (Run("x"),)), "abc") == Place(3, True)


def test_words_that_stayed_are_found_where_they_stand() -> None:
    removed = Removed(P1, 0, (Run("aa"),), "", "b")
    assert place_of_words(removed, "aab aab") == Place(0, True)
    assert place_of_words(removed, "xaaab") == Place(2, True)
    assert place_of_words(removed, "xaac") == Place(1, False)
    assert place_of_words(removed, "ab") is None


@given(st.text(max_size=40), st.data())
def test_words_put_back_in_the_text_they_left_stand_where_they_stood(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    whole = paragraph("par-1", text)
    if start < end:
        (entry,) = kept(whole, (Stretch(P1, start, end, (Run(text[start:end]),)),))
        left = text[:start] + text[end:]
        place = place_of(entry, left)
        assert place.exact
        assert left[: place.offset] + text[start:end] + left[place.offset :] == text
