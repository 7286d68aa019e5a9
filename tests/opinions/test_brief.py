"""The brief for a capital as values: what concerns one delegation, from the document that the group shares."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from hypothesis import HealthCheck, given, settings

from opinions.brackets import open_brackets
from opinions.brief import Brief, Touch, brief
from opinions.compromise import Word
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import Call, CalledItem
from opinions.record import (
    Attitude,
    Decision,
    Document,
    ParagraphState,
    Ruling,
    Stance,
    Status,
)
from opinions.spoken import CallAnswer
from opinions.statuses import Answer, CallState
from tests.support.builders import agreed, amendment, at, document, ins, paragraph, removal, struck
from tests.support.strategies import documents

XAA = DelegationCode("XAA")
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(documents())
def test_bc1_a_delegation_reads_of_all_that_it_holds_and_never_of_a_draft(one: Document) -> None:
    """[BC1]"""
    drafts = {key for key, each in one.record.amendments.items() if each.status is Status.DRAFT}
    for code in {each.delegation for each in one.record.amendments.values()}:
        found = brief(one, code)
        held = [each for each in open_brackets(one) if code in each.holders and each.id not in drafts]
        assert [each.amendment.id for each in found.held] == [each.id for each in held]
        told = {each.amendment.id for each in (*found.touching, *found.reopening)}
        told |= {each.amendment.id for each in found.held} | {each.amendment.id for each in found.spoken}
        told |= {each.amendment.id for each in found.waiting if each.amendment is not None}
        told |= {each.amendment.id for each in found.typed if each.amendment is not None}
        assert not told & drafts
        ours = {each.id for each in one.record.amendments.values() if code in (each.delegation, *each.sponsors)}
        assert not {each.amendment.id for each in found.touching} & ours
        assert {each.amendment.id for each in found.spoken} <= ours


def of(one: Document, since: datetime | None = None) -> Brief:
    return brief(one, XAA, since)


def test_bc1_a_proposal_touches_in_the_words_or_in_the_paragraph() -> None:
    one = document(
        paragraph("p-one", ins("a-1", "new ", struck("a-2", "word ")), "old ", ins("a-3", "other ")),
        paragraph("p-two", ins("a-4", "elsewhere")),
        amendments=[amendment(f"a-{n}", "XAA" if n == 1 else "XBB") for n in (1, 2, 3, 4)],
    )
    assert {each.amendment.id: each.touch for each in of(one).touching} == {
        "a-2": Touch.WORDS,
        "a-3": Touch.PARAGRAPH,
    }


def test_bc1_a_proposal_touches_agreed_words_that_were_ours() -> None:
    one = document(
        paragraph("p-one", agreed("a-1", "our ", struck("a-2", "words ")), "stand"),
        paragraph("p-two", agreed("a-3", struck("a-4", "their ")), "words"),
        amendments=[
            amendment("a-1", "XAA", status=Status.AGREED),
            amendment("a-2", "XBB"),
            amendment("a-3", "XBB", status=Status.AGREED),
            amendment("a-4", "XCC"),
            removal("a-5", "XDD", paragraph="p-one"),
        ],
    )
    assert {each.amendment.id: each.touch for each in of(one).touching} == {"a-2": Touch.WORDS, "a-5": Touch.WORDS}


def test_bc1_what_a_group_holds_that_speaks_for_us_is_held_by_us() -> None:
    """A member is shown with its group once it has confirmed (A8): then the group's word is its own."""
    group = Stance("G77", Attitude.RETAIN, revision=1, by="XBB", members=(DelegationCode("XBB"), XAA))
    opposed = Stance("G77", Attitude.OPPOSE, revision=1, by="XBB", members=(DelegationCode("XBB"), XAA))
    one = document(
        paragraph("p-one", ins("a-1", "new "), ins("a-2", "middle "), "words"),
        paragraph("p-two", ins("a-3", "ours "), "words"),
        amendments=[
            amendment("a-1", "XCC", stances=(group, Stance("XDD", Attitude.OPPOSE))),
            amendment("a-2", "XCC", stances=(opposed,)),
            amendment("a-3", "XAA", stances=(group,)),
        ],
    )
    assert [(each.amendment.id, [said.delegation for said in each.others]) for each in of(one).held] == [
        ("a-1", ["XDD"]),
        ("a-3", []),
    ]
    assert of(one).spoken == (), "what the group says that speaks for us is not what others say"
    assert [each.amendment.id for each in brief(one, DelegationCode("XEE")).held] == []


def test_bc1_calls_wait_until_answered_and_are_told_as_decided_since_then() -> None:
    item = CalledItem(AmendmentId("a-1"), 1)
    answer = CallAnswer(XAA, Answer.NEED_TIME, at(5), "A Person")
    calls = {
        "call:c-1": Call("c-1", (item,), at(1), "Rosa Chair"),
        "call:c-2": Call("c-2", (item,), at(2), "Rosa Chair", answers=(answer,)),
        "call:c-3": Call("c-3", (item,), at(3), "Rosa Chair", state=CallState.DECIDED, closed_at=at(9)),
    }
    one = document(paragraph("p-one", ins("a-1", "new")), amendments=[amendment("a-1", "XBB")])
    one = Document(one.text, replace(one.record, table=MappingProxyType(calls)))
    found = of(one)
    assert [each.call.id for each in found.calls] == ["c-1"]
    assert [each.call.id for each in found.answered] == ["c-2"]
    assert [each.call.id for each in found.decided] == ["c-3"]
    assert found.asks == 1
    assert of(one, at(10)).decided == ()


def test_bc1_compromises_typed_words_and_what_waits_on_us() -> None:
    typed = Stance("XAA", Attitude.SUPPORT, revision=1, at=at(1), typist="Sam Clerk")
    pending = Decision(Ruling.PENDING_DELEGATION, 1, at(2), "Rosa Chair", "Rosa Chair", asked_by=(XAA,))
    one = document(
        paragraph("p-one", ins("a-1", "new "), ins("a-2", "middle "), "words"),
        paragraph("p-two", ins("a-3", "late "), "words"),
        amendments=[
            amendment("a-1", "XAA", stances=(Stance("XBB", Attitude.OPPOSE),)),
            amendment("a-2", "CHR", replaces=(AmendmentId("a-1"),)),
            amendment("a-3", "XBB", status=Status.PENDING_DELEGATION, decisions=(pending,), stances=(typed,)),
        ],
    )
    found = of(one)
    assert [(each.amendment.id, each.word) for each in found.offered] == [("a-2", Word.SILENT)]
    assert [each.stance for each in found.typed] == [typed]
    assert [(each.amendment.id if each.amendment else "", each.on_us) for each in found.waiting] == [("a-3", True)]
    assert [each.stance.delegation for each in found.spoken] == ["XBB"]
    assert found.asks == 3
    settled = replace(one.record.paragraph(ParagraphId("p-two")), state=ParagraphState.AGREED)
    reopened = Document(one.text, replace(one.record, paragraphs={settled.id: settled}))
    assert [each.amendment.id for each in of(reopened).reopening] == ["a-3"]
