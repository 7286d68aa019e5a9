"""The rolling text: every proposal as bracketed text that reads back (opinions/SPEC.md, R1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest
from hypothesis import given

from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, Run, joined
from opinions.notation import write_text
from opinions.record import SECRETARIAT, Document, ParagraphRecord, ParagraphState, Record, Spelling, Status
from opinions.rolling import rolling
from opinions.rules import without
from opinions.views import Naming, Segment, SegmentKind, ViewParagraph, named, withheld
from tests.opinions.test_notation_round_trip import reading_of
from tests.support.builders import (
    Piece,
    addition,
    amendment,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.strategies import documents


def written(*pieces: Piece, naming: Naming = named, drafts: bool = False, **status: Status) -> str:
    """The rolling text of one paragraph; XAA proposes `a...`, XAB `b...`, XAC `c...`, the secretariat `s...`."""
    body = paragraph("par-1", *pieces)
    ids = sorted({mark.id for run in body.runs for mark in run.marks})
    parties = {"a": "XAA", "b": "XAB", "c": "XAC", "s": SECRETARIAT}
    amendments = [
        amendment(name, parties[name[0]], created=number, status=status.get(name, Status.SUBMITTED))
        for number, name in enumerate(ids)
    ]
    return _text(rolling(document(body, amendments=amendments), naming, drafts=drafts))


def _text(paragraphs: Iterable[ViewParagraph]) -> str:
    return "\n".join(view.text for view in paragraphs)


def test_r1_a_replacement_stands_as_alternatives() -> None:
    """[R1]"""
    assert written("Members ", struck("a", "shall"), ins("a", "should"), " act") == "Members [shall][XAA: should] act"
    assert written(ins("a", "should"), struck("a", "shall"), " act") == "[XAA: should][shall] act"


def test_r1_each_kind_of_proposal_has_its_form() -> None:
    """[R1]"""
    assert written("all ", ins("a", "good "), "skills") == "all [XAA: good ]skills"
    assert written("all ", struck("a", "good"), " skills") == "all [good - XAA: delete] skills"
    assert written("all ", bracketed("a", "good"), " skills") == "all [good - XAA] skills"
    assert written("all ", bracketed("s", "good"), " skills") == "all [good] skills"


def test_several_delegations_on_the_same_words() -> None:
    assert written(struck("a", struck("b", "shall"))) == "[shall - XAA, XAB: delete]"
    both = struck("a", struck("b", "shall")), ins("a", "should"), ins("b", "may")
    assert written(*both) == "[shall][XAA: should][XAB: may]"
    assert written(struck("a", struck("b", "shall")), ins("a", "should")) == "[shall - XAB: delete][XAA: should]"
    assert written(struck("a", "all "), struck("a", struck("b", "good ")), struck("b", "new")) == (
        "[all [good  - XAB: delete] - XAA: delete][new - XAB: delete]"
    )


def test_proposals_inside_others_nest() -> None:
    assert written(ins("a", "one ", ins("b", "two "), "three")) == "[XAA: one [XAB: two ]three]"
    assert written(ins("a", "one ", struck("b", "two"))) == "[XAA: one [two - XAB: delete]]"
    assert written(ins("a", "one ", bracketed("b", "two"))) == "[XAA: one [two - XAB]]"
    assert written(bracketed("b", ins("a", "one"))) == "[[XAA: one] - XAB]"
    assert written(bracketed("b", "one ", bracketed("c", "two"))) == "[one [two - XAC] - XAB]"
    assert written(struck("b", "one ", ins("a", "two"), " three")) == "[one [XAA: two] three - XAB: delete]"


def test_a_bracket_of_the_record_is_never_divided() -> None:
    crossing = ins("a", "one ", bracketed("b", "two")), bracketed("b", " three")
    assert written(*crossing) == "[XAA: one ][[XAA: two] three - XAB]"


def test_drafts_are_not_shown_unless_asked_for() -> None:
    pieces = ("all ", struck("a", "good"), ins("a", "new"), " skills")
    assert written(*pieces, a=Status.DRAFT) == "all good skills"
    assert written(*pieces, a=Status.DRAFT, drafts=True) == "all [good][XAA: new] skills"
    assert written(*pieces, a=Status.SET_ASIDE) == "all [good][XAA: new] skills"


def test_withheld_names_leave_the_words_and_the_brackets() -> None:
    pieces = ("all ", struck("a", "good"), " ", struck("b", "old"), ins("b", "new"), bracketed("c", " skills"))
    assert written(*pieces, naming=withheld) == "all [good] [old][new][ skills]"


def test_added_and_removed_paragraphs_stand_in_brackets_as_a_whole() -> None:
    value = document(
        item("par-1", "skills;"),
        item("par-2", "access ", ins("b", "for all "), "now;", added="a"),
        item("par-3", "content,"),
        amendments=[
            addition("a", "XAA", sponsors=("XAC",)),
            amendment("b", "XAB"),
            removal("c", "XAC", paragraph="par-3"),
            removal("d", "XAB", paragraph="par-3", created=1),
        ],
        labels={"par-1": "a)", "par-2": "a bis)", "par-3": "b)"},
    )
    views = rolling(value)
    assert write_text(views) == (
        "a) skills;\n\na bis) [XAA, XAC: access [XAB: for all ]now;]\n\nb) [content, - XAC, XAB: delete]\n"
    )
    assert [(view.added, view.removal) for view in views] == [(None, ()), ("a", ()), (None, ("c", "d"))]


def test_an_added_paragraph_without_words_is_still_seen() -> None:
    value = document(paragraph("par-1", added="a"), amendments=[addition("a")])
    assert _text(rolling(value)) == "[XAA: ]"


def test_a_bracket_over_paragraphs_opens_in_the_first_and_closes_in_the_last() -> None:
    value = document(
        paragraph("par-1", "one ", bracketed("a", "two")),
        paragraph("par-2", added="b"),
        paragraph("par-3", bracketed("a", "three"), " four"),
        amendments=[bracket("a"), addition("b", "XAB")],
    )
    assert [view.text for view in rolling(value)] == ["one [two", "[XAB: ]", "three - XAA] four"]


def test_an_imported_bracket_keeps_its_spelling_and_a_withheld_name_takes_it_away() -> None:
    spelling = Spelling(after=" -XAA ; XAB delete.")
    value = document(
        paragraph("par-1", "all ", bracketed("a", "good"), " skills"), amendments=[bracket("a", spelling=spelling)]
    )
    assert _text(rolling(value)) == "all [good -XAA ; XAB delete.] skills"
    assert _text(rolling(value, withheld)) == "all [good] skills"


@pytest.mark.parametrize(
    ("state", "shown"),
    [(ParagraphState.AGREED_AD_REFERENDUM, "All.[Agreed ad ref]"), (ParagraphState.OPEN, "All.")],
)
def test_a_status_tag_is_written_while_it_is_true(state: ParagraphState, shown: str) -> None:
    value = document(paragraph("par-1", "All."))
    records = {value.text.paragraphs[0].id: ParagraphRecord(value.text.paragraphs[0].id, state=state)}
    tagged = MappingProxyType({key: replace(each, tag="[Agreed ad ref]") for key, each in records.items()})
    assert _text(rolling(replace(value, record=replace(value.record, paragraphs=tagged)))) == shown


# --- properties ----------------------------------------------------------------------------------------------------


def _segments(paragraphs: Iterable[ViewParagraph]) -> Iterator[Segment]:
    for view in paragraphs:
        yield from view.segments


def _pending_drafts(value: Document) -> set[AmendmentId]:
    return {entry.id for entry in value.record.amendments.values() if entry.status is Status.DRAFT}


@given(documents(crossing=True))
def test_r1_brackets_always_balance_and_close_what_they_opened(value: Document) -> None:
    """[R1]"""
    standing: list[Segment] = []
    for segment in _segments(rolling(value, drafts=True)):
        if segment.kind is SegmentKind.OPEN:
            standing.append(segment)
        elif segment.kind is SegmentKind.CLOSE:
            assert standing.pop().amendments == segment.amendments
    assert not standing


@given(documents(crossing=True, brackets=True))
def test_the_words_are_the_words_of_the_text(value: Document) -> None:
    """Nothing is lost or doubled, drafts leave no trace."""
    text = without(_pending_drafts(value), value.text)
    shown = [_words(view) for view in rolling(value)]
    assert shown == [each.text for each in text]
    assert rolling(value) == rolling(Document(text, value.record))


def _words(view: ViewParagraph) -> str:
    return "".join(segment.text for segment in view.segments if segment.kind is SegmentKind.TEXT)


@given(documents(crossing=True))
def test_every_open_proposal_is_seen(value: Document) -> None:
    """Each amendment before the meeting that has anything in the text stands at some bracket."""
    shown = {name for segment in _segments(rolling(value)) for name in segment.amendments}
    placed = {mark.id for p in value.text for run in p.runs for mark in run.marks if mark.kind in _PENDING}
    placed |= {p.added for p in value.text if p.added}
    for entry in value.record.amendments.values():
        if entry.open and entry.status is not Status.DRAFT and entry.id in placed:
            assert entry.id in shown


_PENDING = (MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET)


@given(documents(crossing=True))
def test_a_withheld_naming_shows_no_code(value: Document) -> None:
    segments = list(_segments(rolling(value, withheld, drafts=True)))
    assert not any(segment.parties for segment in segments)
    assert not any(segment.kind is SegmentKind.ATTRIBUTION for segment in segments)
    assert {s.text for s in segments if s.kind in (SegmentKind.OPEN, SegmentKind.CLOSE)} <= {"[", "]"}


@given(documents(crossing=True))
def test_an_insertion_stands_right_within_its_own_bracket(value: Document) -> None:
    """The innermost pair that is an insertion's is the one of the amendment whose words they are."""
    inserted = {run.insertion for p in value.text for run in p.runs if run.insertion}
    standing: list[Segment] = []
    for segment in _segments(rolling(value, withheld)):
        match segment.kind:
            case SegmentKind.OPEN:
                standing.append(segment)
            case SegmentKind.CLOSE:
                standing.pop()
            case SegmentKind.TEXT if segment.amendments and segment.amendments[0] in inserted:
                around = [name for each in standing for name in each.amendments]
                assert segment.amendments[0] in around


@dataclass(frozen=True, slots=True)
class Seen:
    """A bracket pair: from which to which character of the words, and who holds it."""

    start: tuple[int, int]
    end: tuple[int, int]
    holders: tuple[str, ...]


def _pairs_written(views: Iterable[ViewParagraph]) -> list[Seen]:
    result: list[Seen] = []
    standing: list[tuple[int, tuple[int, int], tuple[str, ...]]] = []
    for number, view in enumerate(views):
        place = 0
        for segment in view.segments:
            if segment.kind is SegmentKind.OPEN:
                standing.append((len(result), (number, place), segment.parties))
                result.append(Seen((0, 0), (0, 0), ()))
            elif segment.kind is SegmentKind.CLOSE:
                which, start, parties = standing.pop()
                result[which] = Seen(start, (number, place), parties)
            elif segment.kind is SegmentKind.TEXT:
                place += len(segment.text)
    return result


def _pairs_read(value: Document) -> list[Seen]:
    result = []
    for entry in value.record.amendments.values():
        places = [
            (number, offset)
            for number, p in enumerate(value.text)
            for offset, run in enumerate(r for r in p.runs for _ in r.text)
            if entry.id in run.ids(MarkKind.BRACKET)
        ]
        names = tuple(name for name in (entry.delegation, *entry.sponsors) if name != SECRETARIAT)
        result.append(Seen(places[0], (places[-1][0], places[-1][1] + 1), names))
    return result


def _plain(value: Document) -> Document:
    """The same proposals over plain words: letters that make no label, status, placeholder or name."""
    letters = "bcdfghjk"
    removed = {entry.paragraph for entry in value.record.amendments.values() if not entry.removed}
    kept = [p for p in value.text if p.runs or not (p.added or p.id in removed)]
    paragraphs: list[Paragraph] = []
    for p in kept:
        runs = joined(Run("".join(letters[ord(c) % 8] for c in run.text), run.marks) for run in p.runs)
        paragraphs.append(replace(p, runs=runs))
    drafts = _pending_drafts(value)
    text = without(drafts, Opinion(tuple(paragraphs)))
    text = Opinion(tuple(p for p in text if p.runs))
    return Document(text, Record(value.record.amendments))


@given(documents(crossing=True))
def test_r1_the_rolling_text_reads_back_as_the_same_words_brackets_and_holders(value: Document) -> None:
    """[R1]"""
    plain = _plain(value)
    views = rolling(plain)
    read = reading_of(write_text(views)).document
    assert [p.text for p in read.text] == [_words(view) for view in views]
    assert _pairs_read(read) == _pairs_written(views)


@given(documents(crossing=True))
def test_r1_what_was_read_back_is_written_the_same(value: Document) -> None:
    """[R1] From the second writing on the text stands still."""
    text = write_text(rolling(_plain(value)))
    read = reading_of(text).document
    assert write_text(rolling(read), read.record) == text
