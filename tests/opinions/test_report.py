"""The chair's report as values: what is on record stands in it once where it belongs, and nothing of drafts."""

from collections import Counter
from dataclasses import replace
from types import MappingProxyType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import Call, CalledItem
from opinions.record import (
    Amendment,
    Attitude,
    Decision,
    Document,
    Level,
    ParagraphState,
    Record,
    Ruling,
    Stance,
    Status,
)
from opinions.report import RESERVATIONS, Extent, Scope, meetings, report
from opinions.spoken import CallAnswer
from opinions.statuses import AmendmentKind, Answer, CallState
from opinions.visibility import NOTHING, NamesShown
from opinions.wording_kept import Wording, wordings
from tests.support import rulings
from tests.support.builders import agreed, amendment, at, bracketed, document, ins, paragraph, struck
from tests.support.strategies import documents

FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
DECISIONS = st.builds(
    Decision,
    st.sampled_from(Ruling),
    st.just(1),
    st.integers(0, 600).map(at),
    st.just("Rosa Chair"),
    st.just("Sam Clerk"),
    st.text("abc", max_size=4),
    st.sampled_from(Level),
    st.sampled_from(("", "First", "Second")),
)
STANCES = st.builds(
    Stance,
    st.sampled_from(("XAA", "XBB", "XCC")),
    st.sampled_from(Attitude),
    st.text("abc", max_size=4),
    st.just(1),
    st.integers(0, 600).map(at),
    st.just("A Person"),
)


@st.composite
def discussed(draw: st.DrawFn) -> Document:
    """A generated document with positions and decisions on its amendments and paragraphs."""
    whole = draw(documents())
    record = whole.record
    amendments = {
        key: replace(
            one,
            decisions=(*one.decisions, *draw(st.lists(DECISIONS, max_size=2))),
            stances=tuple(draw(st.lists(STANCES, max_size=2, unique_by=lambda stance: stance.delegation))),
            earlier=tuple(draw(st.lists(STANCES, max_size=1))),
        )
        for key, one in record.amendments.items()
    }
    paragraphs = {
        one.id: replace(
            record.paragraph(one.id),
            decisions=tuple(draw(st.lists(DECISIONS, max_size=1))),
            stances=tuple(draw(st.lists(STANCES, max_size=1))),
        )
        for one in whole.text
    }
    return Document(whole.text, replace(record, amendments=amendments, paragraphs=paragraphs))


@FEW
@given(discussed())
def test_cr1_every_amendment_decision_and_reservation_of_the_record_stands_once_where_it_belongs(one: Document) -> None:
    """[CR1]"""
    made, record = report(one), one.record
    known = {key: amendment for key, amendment in record.amendments.items() if amendment.status is not Status.DRAFT}
    assert Counter(told.amendment.id for told in made.proposals) == Counter(list(known))
    for told in made.proposals:
        assert told.decisions == known[told.amendment.id].decisions
        stances = [position.stance for position in told.positions]
        assert stances == [*known[told.amendment.id].stances, *known[told.amendment.id].earlier]
    for heading in made.headings:
        assert heading.decisions == record.paragraph(heading.paragraph).decisions
    told_of = {heading.paragraph for heading in made.headings}
    assert {key for key, each in record.paragraphs.items() if each.decisions or each.stances} <= told_of
    reserved = [stance for each in known.values() for stance in each.stances if stance.attitude in RESERVATIONS]
    reserved += [
        stance for each in one.text for stance in record.paragraph(each.id).stances if stance.attitude in RESERVATIONS
    ]
    assert Counter(each.stance for each in made.reservations) == Counter(reserved)
    lists = {
        made.open: {key for key, each in known.items() if each.open},
        made.not_retained: {key for key, each in known.items() if each.status is Status.NOT_RETAINED},
        made.withdrawn: {key for key, each in known.items() if each.status is Status.WITHDRAWN},
    }
    for listed, expected in lists.items():
        assert Counter(each.amendment.id for each in listed) == Counter(expected)


@FEW
@given(discussed())
def test_cr1_headings_stand_in_reading_order_and_those_gone_come_last(one: Document) -> None:
    order = {paragraph.id: number for number, paragraph in enumerate(one.text)}
    told = [order.get(heading.paragraph, len(order)) for heading in report(one).headings]
    assert told == sorted(told)
    assert [heading.gone for heading in report(one).headings] == [place == len(order) for place in told]


@FEW
@given(discussed(), st.sampled_from((NOTHING, NamesShown(True, False))))
def test_cr3_names_that_are_not_shown_are_nowhere_in_it(one: Document, names: NamesShown) -> None:
    """[CR3] Neither in a value nor in a value inside a value; all else is told alike."""
    shown, whole = report(one, names=names), report(one)
    told = repr(shown)
    assert "Rosa Chair" not in told
    assert "A Person" not in told
    assert "expert-x" not in told
    if not names.delegations:
        assert not any(code in told for code in ("'XAA'", "'XBB'", "'XCC'"))
    assert [heading.words for heading in shown.headings] == [heading.words for heading in whole.headings]
    assert [each.amendment.id for each in shown.proposals] == [each.amendment.id for each in whole.proposals]


def ruled(ruling: Ruling, minutes: float, meeting: str = "", words: str = "") -> Decision:
    return Decision(ruling, 1, at(minutes), "Rosa Chair", "Sam Clerk", "", Level.IEG, meeting, words)


def test_cr2_a_meeting_is_what_was_recorded_under_its_name_and_happened_meanwhile() -> None:
    """[CR2]"""
    text = paragraph("p-one", ins("a-1", "new "), struck("a-2", "old "), ins("a-3", "late "), "words")
    whole = document(
        text,
        amendments=[
            amendment("a-1", "XAA", created=0, decisions=(ruled(Ruling.SET_ASIDE, 100, "First"),)),
            amendment("a-2", "XBB", created=110, decisions=(ruled(Ruling.SET_ASIDE, 120, "First"),)),
            amendment("a-3", "XCC", created=500, decisions=(ruled(Ruling.SET_ASIDE, 600, "Second"),)),
        ],
    )
    assert meetings(whole) == ("First", "Second")
    first = report(whole, Scope(Extent.MEETING, "First"))
    assert [one.amendment.id for one in first.proposals] == ["a-1", "a-2"]
    second = report(whole, Scope(Extent.MEETING, "Second"))
    assert [one.amendment.id for one in second.proposals] == ["a-3"]
    assert report(whole, Scope(Extent.MEETING, "None such")).proposals == ()
    later = report(whole, Scope(Extent.SINCE, since=at(115)))
    assert [one.amendment.id for one in later.proposals] == ["a-2", "a-3"]


def test_cr1_a_call_is_told_with_who_objected_and_who_asked_for_time() -> None:
    answers = (
        CallAnswer(DelegationCode("XBB"), Answer.OBJECT, at(3), "B Person", "Why not."),
        CallAnswer(DelegationCode("XCC"), Answer.NEED_TIME, at(4), "C Person"),
    )
    item = CalledItem(AmendmentId("a-1"), 1)
    call = Call("c-1", (item,), at(2), "Rosa Chair", state=CallState.OPEN, answers=answers)
    whole = document(paragraph("p-one", ins("a-1", "new "), "words"), amendments=[amendment("a-1", "XAA")])
    whole = Document(whole.text, replace(whole.record, table=MappingProxyType({"call:c-1": call})))
    (told,) = report(whole).proposals
    (objections,) = told.calls
    assert objections.numbers == ((told.amendment.number, 1),)
    assert [one.delegation for one in objections.answered(Answer.OBJECT)] == ["XBB"]
    assert [one.delegation for one in objections.answered(Answer.NEED_TIME)] == ["XCC"]
    assert objections.answered(Answer.NO_OBJECTION) == ()


def test_cr1_an_open_amendment_in_agreed_text_asks_to_reopen_it() -> None:
    whole = document(paragraph("p-one", ins("a-1", "new "), "words"), amendments=[amendment("a-1", "XAA")])
    state = replace(whole.record.paragraph(ParagraphId("p-one")), state=ParagraphState.AGREED)
    record: Record = replace(whole.record, paragraphs={state.id: state})
    assert [one.amendment.id for one in report(Document(whole.text, record)).reopening] == ["a-1"]
    assert report(whole).reopening == ()


def test_cr4_the_words_of_an_amendment_are_told_whatever_became_of_it() -> None:
    """[CR4] As they stand, as they were ruled on, as the text and the record keep them."""
    first = (struck("a-1", "old "), ins("a-1", "new "))
    text = paragraph("p-one", *first, bracketed("a-2", "held "), agreed("a-3", "got "))
    lines = "# p-one\n+put in\n-taken out"
    ones: dict[str, Amendment] = {
        "a-1": amendment("a-1", "XAA"),
        "a-2": amendment("a-2", "XBB", AmendmentKind.BRACKET),
        "a-3": amendment("a-3", "XCC", status=Status.AGREED),
        "a-4": amendment(
            "a-4", "XCC", status=Status.NOT_RETAINED, decisions=(ruled(Ruling.NOT_RETAINED, 1, words=lines),)
        ),
    }
    whole = document(text, amendments=ones.values())
    known = whole.record.amendments
    assert wordings(whole, known[AmendmentId("a-1")]) == (Wording(ParagraphId("p-one"), "old ", "new "),)
    assert wordings(whole, known[AmendmentId("a-2")]) == (Wording(ParagraphId("p-one"), held="held "),)
    assert wordings(whole, known[AmendmentId("a-3")]) == (Wording(ParagraphId("p-one"), put="got "),)
    assert wordings(whole, known[AmendmentId("a-4")]) == (Wording(ParagraphId("p-one"), "taken out", "put in"),)


def test_cr1_what_a_competing_amendment_was_to_replace_is_told_after_another_was_agreed() -> None:
    """Its struck words went with the other one's ruling; the record keeps that they were its own to replace."""
    twice = struck("a-1", struck("a-2", "some"))
    given_ = document(
        paragraph("par-1", "that ", twice, ins("a-1", "many"), ins("a-2", "all")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    after = rulings.ruled(given_, "a-1", Ruling.AGREED)
    assert wordings(after, rulings.of(after, "a-2")) == (Wording(ParagraphId("par-1"), struck="some", put="all"),)
