"""Structure commands and editorial corrections: ids, words and places on record are kept (design: settled 6-8)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opinions.brackets import extents
from opinions.commands import (
    Command,
    CorrectText,
    InsertParagraph,
    JoinParagraph,
    MoveParagraph,
    RetypeParagraph,
    SplitParagraph,
)
from opinions.edits import Change, Shift, applied
from opinions.errors import InvalidCommand, OpinionError, RevisionChanged, UnknownParagraph, WrongStatus
from opinions.model import AmendmentId, Kind, Opinion, ParagraphId, characters
from opinions.record import (
    Document,
    ParagraphRecord,
    ParagraphState,
    Removed,
    Ruling,
    Status,
)
from opinions.structure import correct_text, insert, join, move, retype, split
from opinions.words import held
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracket,
    bracketed,
    document,
    em,
    ins,
    item,
    noteref,
    paragraph,
    removal,
    struck,
)
from tests.support.rulings import reopened, ruled
from tests.support.strategies import documents

P1, P2, P3, P9 = (ParagraphId(f"par-{number}") for number in (1, 2, 3, 9))
BY_SEC, BY_CHAIR = context(THE_SECRETARIAT), context(THE_CHAIR)
AGREED, OPEN, BASE = ParagraphState.AGREED, ParagraphState.OPEN, ParagraphState.BASE
AD_REFERENDUM = ParagraphState.AGREED_AD_REFERENDUM


def done(given_: Document, change: Change) -> Document:
    return applied(given_, change.edits)


def with_record(given_: Document, *records: ParagraphRecord) -> Document:
    paragraphs = {**given_.record.paragraphs, **{record.id: record for record in records}}
    return replace(given_, record=replace(given_.record, paragraphs=paragraphs))


# --- split -----------------------------------------------------------------------------------------------------------


def items() -> Document:
    return document(
        item("par-1", "one ", ins("a-1", "and "), struck("a-2", "two"), operative=True),
        item("par-2", "three", operative=True),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
        labels={"par-1": "1", "par-2": "2"},
        states={"par-1": OPEN},
    )


def test_settled_8_split_keeps_ids_words_marks_and_state() -> None:
    change = split(SplitParagraph(P1, 6, P9), items())
    after = done(items(), change)
    assert after.text == Opinion(
        (
            item("par-1", "one ", ins("a-1", "an"), operative=True),
            item("par-9", ins("a-1", "d "), struck("a-2", "two"), operative=True),
            item("par-2", "three", operative=True),
        )
    )
    assert change.shifts == (Shift(P1, 6, 11, P9, 0),)
    assert after.record.paragraph(P9) == ParagraphRecord(P9, "1 bis", OPEN)
    assert [after.record.amendments[AmendmentId(name)].paragraph for name in ("a-1", "a-2")] == [P1, P9]


@pytest.mark.parametrize("at", [0, 11, 12])
def test_split_needs_words_on_both_sides(at: int) -> None:
    with pytest.raises(InvalidCommand, match="from 1 to 10"):
        split(SplitParagraph(P1, at, P9), items())


def test_split_where_the_words_changed_meanwhile_is_refused() -> None:
    """What was typed behind the place leaves it where it was."""
    assert done(items(), split(SplitParagraph(P1, 6, P9, "one an"), items())).text.find(P9)
    with pytest.raises(RevisionChanged, match="Look again"):
        split(SplitParagraph(P1, 6, P9, "one tw"), items())
    with pytest.raises(RevisionChanged, match="Look again"):
        split(SplitParagraph(P1, 60, P9, "one and two, as it was once"), items())


def test_split_needs_a_fresh_id_and_a_paragraph() -> None:
    with pytest.raises(InvalidCommand, match="in use"):
        split(SplitParagraph(P1, 2, P2), items())
    with pytest.raises(UnknownParagraph):
        split(SplitParagraph(P9, 2, P9), items())
    suppressed = document(
        paragraph("par-1", "one"), paragraph("par-9", "two"), amendments=[removal("a-1", paragraph="par-9")]
    )
    gone = ruled(suppressed, "a-1", Ruling.AGREED)
    with pytest.raises(InvalidCommand, match="in use"):
        split(SplitParagraph(P1, 2, P9), gone)


def test_split_takes_the_status_tag_along_and_leaves_the_layout() -> None:
    given_ = with_record(items(), ParagraphRecord(P1, "1", OPEN, tag=" [Agreed ad ref]", layout="x"))
    after = done(given_, split(SplitParagraph(P1, 6, P9), given_))
    assert after.record.paragraph(P1) == ParagraphRecord(P1, "1", OPEN, layout="x")
    assert after.record.paragraph(P9) == ParagraphRecord(P9, "1 bis", OPEN, tag=" [Agreed ad ref]")


def test_a_pending_paragraph_is_split_into_two_pending_ones() -> None:
    given_ = document(item("par-1", "one two", added="a-1"), amendments=[addition("a-1")])
    after = done(given_, split(SplitParagraph(P1, 4, P9), given_))
    assert after.text == Opinion((item("par-1", "one ", added="a-1"), item("par-9", "two", added="a-1")))


@pytest.mark.parametrize("deed", [lambda d: split(SplitParagraph(P1, 1, P9), d), lambda d: join(JoinParagraph(P1), d)])
@pytest.mark.parametrize("named", ["par-1", "par-2"])
def test_what_somebody_proposes_to_remove_is_neither_split_nor_joined(
    deed: Callable[[Document], Change], named: str
) -> None:
    given_ = document(
        paragraph("par-1", "one"), paragraph("par-2", "two"), amendments=[removal("a-1", paragraph=named)]
    )
    if named == "par-1" or deed(document(paragraph("par-1", "one"), paragraph("par-2", "two"))).shifts[0].source == P2:
        with pytest.raises(WrongStatus, match="#1 proposes to remove"):
            deed(given_)


def test_words_taken_out_before_a_split_come_back_in_their_part() -> None:
    given_ = document(
        paragraph("par-1", "one ", struck("a-1", "two "), "three ", struck("a-2", "four "), "five"),
        paragraph("par-2", "gone"),
        amendments=[amendment("a-1"), amendment("a-2"), removal("a-3", paragraph="par-2")],
    )
    for name in ("a-1", "a-2", "a-3"):
        given_ = ruled(given_, name, Ruling.AGREED)
    after = done(given_, split(SplitParagraph(P1, 7, P9), given_))
    assert [p.text for p in after.text] == ["one thr", "ee five"]
    for name in ("a-1", "a-2", "a-3"):
        after = reopened(after, name)
    assert [p.text for p in after.text] == ["one two thr", "ee four five", "gone"]


# --- join ------------------------------------------------------------------------------------------------------------


def test_settled_8_join_keeps_the_first_id_and_every_word_and_mark() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two")),
        paragraph("par-2", struck("a-2", "three"), agreed("a-3", " four")),
        amendments=[
            amendment("a-1"),
            amendment("a-2", "XAB"),
            amendment("a-3", status=Status.AGREED, paragraph="par-2"),
        ],
    )
    change = join(JoinParagraph(P1), given_)
    after = done(given_, change)
    assert after.text == Opinion(
        (paragraph("par-1", "one ", ins("a-1", "two"), struck("a-2", "three"), agreed("a-3", " four")),)
    )
    assert change.shifts == (Shift(P2, 0, 10, P1, 7),)
    assert {entry.paragraph for entry in after.record.amendments.values()} == {P1}


@given(st.integers(1, 10))
def test_split_and_joined_is_as_before(at: int) -> None:
    parted = done(items(), split(SplitParagraph(P1, at, P9), items()))
    assert done(parted, join(JoinParagraph(P1), parted)).text == items().text


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (AGREED, AGREED, AGREED),
        (AGREED, AD_REFERENDUM, AD_REFERENDUM),
        (AGREED, OPEN, OPEN),
        (OPEN, BASE, OPEN),
        (BASE, AGREED, BASE),
        (BASE, BASE, BASE),
    ],
)
def test_joined_is_no_more_agreed_than_either_was(
    first: ParagraphState, second: ParagraphState, both: ParagraphState
) -> None:
    given_ = document(paragraph("par-1", "one"), paragraph("par-2", "two"), states={"par-1": first, "par-2": second})
    assert done(given_, join(JoinParagraph(P1), given_)).record.paragraph(P1).state is both


def test_joined_keeps_the_tag_behind_its_words() -> None:
    given_ = with_record(
        document(paragraph("par-1", "one"), paragraph("par-2", "two")), ParagraphRecord(P2, tag=" [Agreed]")
    )
    assert done(given_, join(JoinParagraph(P1), given_)).record.paragraph(P1).tag == " [Agreed]"


def test_words_taken_out_before_a_join_come_back_in_their_place() -> None:
    given_ = document(
        paragraph("par-1", "one ", struck("a-1", "two ")),
        paragraph("par-2", "three ", struck("a-2", "four")),
        paragraph("par-3", "gone"),
        amendments=[amendment("a-1"), amendment("a-2"), removal("a-3", paragraph="par-3")],
    )
    for name in ("a-1", "a-2", "a-3"):
        given_ = ruled(given_, name, Ruling.AGREED)
    after = done(given_, join(JoinParagraph(P1), given_))
    for name in ("a-2", "a-1", "a-3"):
        after = reopened(after, name)
    assert [p.text for p in after.text] == ["one two three four", "gone"]


def test_join_refuses_what_does_not_belong_together_and_says_what_to_do() -> None:
    given_ = document(
        paragraph("par-1", "one"),
        item("par-2", "two"),
        item("par-3", "three", added="a-1"),
        paragraph("par-4", "x", kind=Kind.FOOTNOTE),
        paragraph("par-5", "y", kind=Kind.FOOTNOTE),
        amendments=[addition("a-1")],
    )
    for name, says in (
        ("par-1", "Retype"),
        ("par-2", "only proposed, by #1"),
        ("par-4", "Footnotes"),
        ("par-5", "last"),
    ):
        with pytest.raises((WrongStatus, InvalidCommand), match=says):
            join(JoinParagraph(ParagraphId(name)), given_)
    with pytest.raises(WrongStatus, match="outcome of an amendment first"):
        join(JoinParagraph(P2), replace(given_, record=replace(given_.record, amendments={})))


# --- move ------------------------------------------------------------------------------------------------------------


def test_settled_8_move_keeps_the_paragraph_as_it_is() -> None:
    change = move(MoveParagraph(P2, None), items())
    after = done(items(), change)
    assert after.text.paragraphs == items().text.paragraphs[::-1]
    assert after.record == items().record
    assert change.shifts == (Shift(P2, 0, 5, P2, 0),)


def test_move_to_where_it_stands_is_refused() -> None:
    for name, after in ((P1, None), (P2, P1), (P2, P2)):
        with pytest.raises(InvalidCommand, match="stands there already"):
            move(MoveParagraph(name, after), items())
    with pytest.raises(UnknownParagraph):
        move(MoveParagraph(P1, P9), items())


def test_settled_7_nothing_is_moved_out_of_or_into_a_bracket_over_paragraphs() -> None:
    given_ = document(
        paragraph("par-1", "a ", bracketed("a-1", "b")),
        paragraph("par-2", "between ", bracketed("a-2", "own")),
        paragraph("par-3", bracketed("a-1", "c"), " d"),
        paragraph("par-4", "outside"),
        amendments=[bracket("a-1"), bracket("a-2")],
    )
    with pytest.raises(WrongStatus, match="out of the bracket #1"):
        move(MoveParagraph(P2, None), given_)
    with pytest.raises(WrongStatus, match="into the bracket #1"):
        move(MoveParagraph(ParagraphId("par-4"), P1), given_)
    unknown = replace(given_, record=replace(given_.record, amendments={}))
    with pytest.raises(WrongStatus, match="the bracket a-1"):
        move(MoveParagraph(P1, P2), unknown)
    wider = replace(given_, text=Opinion((*given_.text, paragraph("par-5", "x"))))
    assert [p.id for p in done(wider, move(MoveParagraph(ParagraphId("par-4"), ParagraphId("par-5")), wider)).text][
        3:
    ] == [
        "par-5",
        "par-4",
    ]


def test_two_paragraphs_within_a_bracket_change_places() -> None:
    given_ = document(
        paragraph("par-1", bracketed("a-1", "b")),
        paragraph("par-2", "x"),
        paragraph("par-3", "y"),
        paragraph("par-4", bracketed("a-1", "c")),
        amendments=[bracket("a-1")],
    )
    after = done(given_, move(MoveParagraph(P3, P1), given_))
    assert [p.id for p in after.text] == [P1, P3, P2, "par-4"]


def test_a_suppressed_paragraph_comes_back_where_it_stood_although_its_neighbour_moved() -> None:
    given_ = document(
        *(paragraph(f"par-{number}", str(number)) for number in (1, 2, 3, 4)),
        amendments=[removal("a-1", paragraph="par-3")],
    )
    gone = ruled(given_, "a-1", Ruling.AGREED)
    moved = done(gone, move(MoveParagraph(P2, ParagraphId("par-4")), gone))
    assert [p.id for p in reopened(moved, "a-1").text] == [P1, P3, "par-4", P2]


# --- insert and retype -----------------------------------------------------------------------------------------------


def test_insert_puts_base_text_in_with_a_label_of_its_own() -> None:
    command = InsertParagraph(P9, P1, Kind.OPERATIVE_ITEM, "new words")
    after = done(items(), insert(command, items()))
    assert after.text.paragraphs[1] == item("par-9", "new words", operative=True)
    assert after.record.paragraph(P9) == ParagraphRecord(P9, "1 bis", BASE)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"paragraph": P2}, "in use"),
        ({"text": " "}, "no words"),
        ({"text": "two\nlines"}, "line breaks"),
        ({"text": "a\u2028b"}, "line breaks"),
        ({"text": "[x"}, "brackets"),
        ({"text": "x]"}, "brackets"),
    ],
)
def test_insert_refuses_what_is_no_paragraph(change: dict[str, str], says: str) -> None:
    command = replace(InsertParagraph(P9, None, Kind.HEADING, "words"), **change)  # type: ignore[arg-type]
    with pytest.raises(InvalidCommand, match=says):
        insert(command, items())
    with pytest.raises(UnknownParagraph):
        insert(InsertParagraph(P9, P3, Kind.HEADING, "words"), items())


def test_retype_keeps_the_words_and_gives_a_fitting_label() -> None:
    after = done(items(), retype(RetypeParagraph(P2, Kind.SUB_ITEM, 1), items()))
    (retyped,) = [p for p in after.text if p.id == P2]
    assert (retyped.kind, retyped.level, retyped.text) == (Kind.SUB_ITEM, 1, "three")
    assert after.record.paragraph(P2).label == ""
    with pytest.raises(InvalidCommand, match="already"):
        retype(RetypeParagraph(P2, Kind.OPERATIVE_ITEM), items())
    heading = document(paragraph("par-1", "x"))
    assert len(retype(RetypeParagraph(P1, Kind.HEADING), heading).edits) == 1


# --- editorial corrections -------------------------------------------------------------------------------------------


def corrected(given_: Document, start: int, was: str, text: str, name: ParagraphId = P1) -> Document:
    command = CorrectText(name, start, start + len(was), was, text, "typo")
    return done(given_, correct_text(command, given_, context(THE_SECRETARIAT)))


def test_d6_a_correction_is_an_amendment_and_its_decision_in_one() -> None:
    given_ = document(paragraph("par-1", "digital devide"), states={"par-1": AGREED})
    after = corrected(given_, 8, "devide", "divide")
    assert after.text == Opinion((paragraph("par-1", "digital d", agreed("a-fresh-1", "i"), "vide"),))
    correction = after.record.amendments[AmendmentId("a-fresh-1")]
    assert (correction.delegation, correction.status, correction.number, correction.reason) == (
        "SEC",
        Status.AGREED,
        1,
        "typo",
    )
    assert correction.removed == (Removed(P1, 9, struck("a-fresh-1", "e"), "digital d", "ivide"),)
    assert (correction.decisions[0].ruling, correction.decisions[0].recorded_by) == (Ruling.AGREED, "S. Clerk")
    assert after.record.opinion.next_number == 2
    assert after.record.paragraph(P1).state is AGREED


def test_a_correction_is_reopened_like_any_ruling() -> None:
    given_ = document(paragraph("par-1", "digital devide"))
    pending = reopened(corrected(given_, 8, "devide", "divide"), "a-fresh-1")
    assert pending.text == Opinion(
        (paragraph("par-1", "digital d", struck("a-fresh-1", "e"), ins("a-fresh-1", "i"), "vide"),)
    )
    assert ruled(pending, "a-fresh-1", Ruling.NOT_RETAINED).text == given_.text
    (entry,) = pending.record.amendments.values()
    assert entry.decisions[-1].note == ""


def test_a_correction_keeps_the_marks_around() -> None:
    given_ = document(
        paragraph("par-1", bracketed("a-1", struck("a-2", em(noteref("par-9", "teh"))), " Members")),
        amendments=[bracket("a-1"), amendment("a-2", "XAB")],
    )
    after = corrected(given_, 0, "teh", "the")
    words = em(noteref("par-9", "t")), em(noteref("par-9", agreed("a-fresh-1", "he")))
    assert after.text == Opinion((paragraph("par-1", bracketed("a-1", struck("a-2", *words), " Members")),))
    assert {name: entry.open for name, entry in after.record.amendments.items()} == {
        "a-1": True,
        "a-2": True,
        "a-fresh-1": False,
    }


def test_words_put_in_by_a_correction_stand_in_what_is_around_them() -> None:
    given_ = document(
        paragraph("par-1", bracketed("a-1", "theMembers"), ins("a-2", "x"), "end"),
        amendments=[bracket("a-1"), amendment("a-2", "XAB")],
    )
    assert (
        corrected(given_, 3, "", " ").text.paragraphs[0].runs
        == paragraph("par-1", bracketed("a-1", "the", agreed("a-fresh-1", " "), "Members"), ins("a-2", "x"), "end").runs
    )
    assert corrected(given_, 10, "", ",").text.paragraphs[0].text == "theMembers,xend"
    assert corrected(given_, 14, "", ".").text.paragraphs[0].runs[-1] == agreed("a-fresh-1", ".")[0]
    assert corrected(given_, 0, "", "(").text.paragraphs[0].runs[0] == agreed("a-fresh-1", "(")[0]


def test_a_correction_that_only_takes_words_out_takes_strikes_on_them_along() -> None:
    given_ = document(paragraph("par-1", "the ", struck("a-1", "the "), "end"), amendments=[amendment("a-1", "XAB")])
    after = corrected(given_, 4, "the ", "")
    assert after.text == Opinion((paragraph("par-1", "the end"),))
    assert after.record.amendments[AmendmentId("a-1")].status is Status.SUPERSEDED


def test_d6_a_correction_never_touches_pending_words() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "twoo"), ins("a-2", "!"), " three"),
        item("par-2", "four", added="a-1"),
        item("par-3", ins("a-9", "x")),
        amendments=[addition("a-1"), amendment("a-2", "XAB"), amendment("a-9")],
    )
    for start, was, text in ((4, "twoo", "two"), (6, "", "x"), (8, "", "x"), (0, "one twoo", "two")):
        with pytest.raises(WrongStatus, match="pending words of #1"):
            corrected(given_, start, was, text)
    with pytest.raises(WrongStatus, match="pending words of #1"):
        corrected(given_, 4, "", "x", P2)
    assert corrected(given_, 0, "one twoo", "One twoo").text.paragraphs[0].text == "One twoo! three"
    unknown = replace(given_, record=replace(given_.record, amendments={}))
    with pytest.raises(WrongStatus, match="pending words of a-9"):
        corrected(unknown, 0, "x", "y", P3)


def test_a_correction_of_words_partly_struck_is_refused() -> None:
    given_ = document(paragraph("par-1", struck("a-1", "te"), "h"), amendments=[amendment("a-1")])
    with pytest.raises(WrongStatus, match="one part at a time"):
        corrected(given_, 0, "teh", "x")


def test_a_correction_of_other_words_than_seen_is_refused() -> None:
    given_ = document(paragraph("par-1", "one"))
    for start, was in ((0, "two"), (2, "ee")):
        with pytest.raises(RevisionChanged, match="now read"):
            corrected(given_, start, was, "x")
    with pytest.raises(RevisionChanged):
        correct_text(CorrectText(P1, 2, 1, "", "x"), given_, BY_SEC)
    with pytest.raises(InvalidCommand, match="changes nothing"):
        corrected(given_, 0, "one", "one")
    with pytest.raises(InvalidCommand, match="brackets"):
        corrected(given_, 0, "one", "[one]")


def test_stray_brackets_of_an_import_are_mended() -> None:
    given_ = document(paragraph("par-1", "one] two"))
    assert corrected(given_, 3, "]", "").text.paragraphs[0].text == "one two"


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def rebuilt(draw: st.DrawFn) -> tuple[Document, Command, Document]:
    given_ = draw(documents(drafts=False))
    names = [p.id for p in given_.text]
    assume(names)
    name, after = draw(st.sampled_from(names)), draw(st.sampled_from((None, *names)))
    at = draw(st.integers(1, max(len(given_.text.paragraphs[given_.text.index(name)].text) - 1, 1)))
    results: list[tuple[Document, Command, Document]] = []
    with suppress(OpinionError):
        parting = SplitParagraph(name, at, ParagraphId("par-new"))
        results.append((given_, parting, done(given_, split(parting, given_))))
    with suppress(OpinionError):
        joining = JoinParagraph(name)
        results.append((given_, joining, done(given_, join(joining, given_))))
    with suppress(OpinionError):
        moving = MoveParagraph(name, after)
        results.append((given_, moving, done(given_, move(moving, given_))))
    assume(results)
    return draw(st.sampled_from(results))


@given(rebuilt())
def test_d6_no_structure_command_changes_a_character_or_a_mark(case: tuple[Document, Command, Document]) -> None:
    before, command, after = case

    def cells(text: Opinion) -> list[object]:
        return [cell for p in text for cell in characters(p.runs)]

    if isinstance(command, MoveParagraph):
        assert {p.id: p for p in after.text} == {p.id: p for p in before.text}
    else:
        assert cells(after.text) == cells(before.text)


@given(rebuilt())
def test_t4_no_structure_command_changes_what_a_bracket_holds(case: tuple[Document, Command, Document]) -> None:
    before, _, after = case

    def words(given_: Document, name: str) -> list[str]:
        return sorted(
            given_.text.paragraphs[given_.text.index(p)].text[start:end]
            for p, (start, end) in held(given_, name).items()
        )

    for extent in extents(before):
        assert "".join(sorted("".join(words(before, extent.bracket)))) == "".join(
            sorted("".join(words(after, extent.bracket)))
        )


@given(rebuilt())
def test_d6_what_was_decided_before_is_reopened_after(case: tuple[Document, Command, Document]) -> None:
    before, _, after = case
    for name, entry in before.record.amendments.items():
        if entry.open or not entry.removed or entry.status is Status.SUPERSEDED:
            continue
        try:
            there = reopened(before, name)
        except OpinionError:
            continue
        here = reopened(after, name)
        assert sorted("".join(p.text for p in here.text)) == sorted("".join(p.text for p in there.text))
