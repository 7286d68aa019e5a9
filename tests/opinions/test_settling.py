"""What typing puts on record: records for new ids, kinds, successors, what is gone, what is open (A1-A4, D3, L2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from opinions.edits import DropAmendment, PutAmendment, PutOpinion, PutParagraph, RecordEdit, applied
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run, joined
from opinions.record import (
    Amendment,
    AmendmentKind,
    Document,
    OpinionRecord,
    ParagraphState,
    Removed,
    Status,
)
from opinions.settling import settle, unremarkable
from opinions.words import places, proposals
from tests.support.builders import (
    addition,
    amendment,
    at,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.typings import Typing, honest_typings

XAA = DelegationCode("XAA")
A1, A2, A9 = (AmendmentId(f"a-{number}") for number in (1, 2, 9))
DRAFT, SUBMITTED = Status.DRAFT, Status.SUBMITTED


@dataclass(frozen=True)
class Seen:
    """What a gate says of an update."""

    touched: tuple[tuple[Paragraph | None, Paragraph | None], ...]
    new_ids: frozenset[AmendmentId]
    gone_ids: frozenset[AmendmentId]
    successors: Mapping[AmendmentId, AmendmentId] = field(default_factory=dict)


def seen(before: Document, after: tuple[Paragraph, ...], **successors: str) -> tuple[Seen, Document]:
    """The update that made a document's text into these paragraphs, and the document after it."""
    there, here = {p.id: p for p in before.text}, {p.id: p for p in after}
    touched = tuple(
        (there.get(name), here.get(name))
        for name in dict.fromkeys((*there, *here))
        if there.get(name) != here.get(name)
    )
    known = before.record.amendments
    stand = {name for p in after for name in proposals(p)}
    gone = {n for n in known if known[n].delegation == XAA and n not in stand and places(before.text, n)}
    instead = {AmendmentId(old.replace("_", "-")): AmendmentId(new) for old, new in successors.items()}
    update = Seen(touched, frozenset(stand - set(known)), frozenset(gone), instead)
    return update, replace(before, text=type(before.text)(after))


def settled(
    before: Document, *after: Paragraph, workspace: bool = False, typist: str = "", **successors: str
) -> tuple[RecordEdit, ...]:
    typed, document_after = seen(before, after, **successors)
    return settle(typed, document_after, party=XAA, author="E. XAA", at=at(30), typist=typist, workspace=workspace)


def put(edits: tuple[RecordEdit, ...]) -> dict[str, Amendment]:
    return {edit.amendment.id: edit.amendment for edit in edits if isinstance(edit, PutAmendment)}


# --- new amendments --------------------------------------------------------------------------------------------------


def test_a2_a_new_id_in_a_workspace_is_a_draft_without_number() -> None:
    before = document(paragraph("par-1", "one"))
    (edit,) = settled(before, paragraph("par-1", "one", ins("a-1", "x")), workspace=True, typist="S. Clerk")
    assert edit == PutAmendment(
        Amendment(
            id=A1,
            kind=AmendmentKind.MOD,
            delegation=XAA,
            author="E. XAA",
            typist="S. Clerk",
            paragraph=ParagraphId("par-1"),
            created_at=at(30),
            changed_at=at(30),
        )
    )


def test_a2_new_ids_in_live_drafting_are_submitted_with_numbers_in_reading_order() -> None:
    before = document(
        paragraph("par-1", "one"),
        paragraph("par-2", "two"),
        opinion=OpinionRecord(next_number=7),
        states={"par-2": ParagraphState.AGREED},
    )
    edits = settled(
        before,
        paragraph("par-1", "one", ins("a-9", "x")),
        paragraph("par-2", struck("a-1", "two"), bracketed("a-2", "y")),
    )
    numbers = {name: (entry.number, entry.revision, entry.status) for name, entry in put(edits).items()}
    assert numbers == {"a-9": (7, 1, SUBMITTED), "a-1": (8, 1, SUBMITTED), "a-2": (9, 1, SUBMITTED)}
    assert PutOpinion(OpinionRecord(next_number=10)) in edits
    states = {edit.record.id: edit.record.state for edit in edits if isinstance(edit, PutParagraph)}
    assert states == {"par-1": ParagraphState.OPEN}


def test_a1_the_kind_follows_from_what_the_amendment_does() -> None:
    before = document(paragraph("par-1", "one"), paragraph("par-2", "two"))
    edits = settled(
        before,
        paragraph("par-1", struck("a-1", "one")),
        paragraph("par-2", bracketed("a-2", "two")),
        item("par-3", "new", added="a-9"),
        workspace=True,
    )
    kinds = {name: entry.kind for name, entry in put(edits).items()}
    assert kinds == {"a-1": AmendmentKind.MOD, "a-2": AmendmentKind.BRACKET, "a-9": AmendmentKind.ADD}


def test_a1_a_bracket_that_rewords_becomes_a_mod_and_a_mod_that_adds_an_add() -> None:
    before = document(
        paragraph("par-1", bracketed("a-1", "one"), ins("a-2", "x")), amendments=[bracket("a-1"), amendment("a-2")]
    )
    edits = settled(
        before,
        paragraph("par-1", bracketed("a-1", "one"), ins("a-1", "y"), ins("a-2", "x")),
        item("par-2", added="a-2"),
    )
    changed = put(edits)
    assert {name: (entry.kind, entry.changed_at) for name, entry in changed.items()} == {
        "a-1": (AmendmentKind.MOD, at(30)),
        "a-2": (AmendmentKind.ADD, at(30)),
    }


def test_l2_a_paragraph_added_in_live_drafting_gets_its_label_and_is_open() -> None:
    before = document(
        item("par-1", "one", operative=True), item("par-2", "two", operative=True), labels={"par-1": "1", "par-2": "2"}
    )
    edits = settled(
        before, before.text.paragraphs[0], item("par-9", "x", added="a-1", operative=True), before.text.paragraphs[1]
    )
    (record,) = [edit.record for edit in edits if isinstance(edit, PutParagraph)]
    assert (record.id, record.label, record.state) == ("par-9", "1 bis", ParagraphState.OPEN)


# --- successors ------------------------------------------------------------------------------------------------------


def test_a4_words_typed_under_a_pinned_or_decided_amendment_start_its_successor() -> None:
    before = document(paragraph("par-1", ins("a-1", "one")), amendments=[amendment("a-1", pinned=True)])
    edits = settled(before, paragraph("par-1", ins("a-1", "one"), ins("a-9", "x")), a_1="a-9")
    assert put(edits)["a-9"].revises == A1


def test_a4_what_is_typed_on_or_beside_ones_submitted_words_revises_them() -> None:
    before = document(
        paragraph("par-1", "the ", ins("a-1", "very "), "green ", struck("a-2", "old "), "deal"),
        paragraph("par-2", "two ", ins("a-3", "others")),
        item("par-3", "three", added="a-1"),
        amendments=[addition("a-1"), amendment("a-2"), amendment("a-3", "XAB"), amendment("a-4", status=Status.AGREED)],
    )
    first, second, third = before.text.paragraphs
    beside = paragraph("par-1", "the ", ins("a-1", "very "), ins("a-9", "x"), "green ", struck("a-2", "old "), "deal")
    upon = paragraph("par-1", "the ", ins("a-1", struck("a-9", "very ")), "green ", struck("a-2", "old "), "deal")
    behind = paragraph("par-1", "the ", ins("a-1", "very "), "green ", struck("a-2", "old "), struck("a-9", "deal"))
    apart = paragraph("par-1", struck("a-9", "the"), " ", ins("a-1", "very "), "green ", struck("a-2", "old "), "deal")
    inside = item("par-3", "three", ins("a-9", "x"), added="a-1")
    others = paragraph("par-2", "two ", ins("a-9", "x"), ins("a-3", "others"))
    for after, revises in (
        ((beside, second, third), "a-1"),
        ((upon, second, third), "a-1"),
        ((behind, second, third), "a-2"),
        ((apart, second, third), None),
        ((first, second, inside), "a-1"),
        ((first, others, third), None),
    ):
        assert put(settled(before, *after, workspace=True))["a-9"].revises == revises
        assert put(settled(before, *after))["a-9"].revises is None


def test_in_live_drafting_the_first_change_after_a_reaction_is_the_next_revision() -> None:
    joined = amendment("a-1", revision=2, reacted=2, status=Status.SET_ASIDE)
    before = document(paragraph("par-1", ins("a-1", "one")), amendments=[joined], states={"par-1": ParagraphState.OPEN})
    (edit,) = settled(before, paragraph("par-1", ins("a-1", "one more")))
    assert isinstance(edit, PutAmendment)
    assert (edit.amendment.revision, edit.amendment.status) == (3, SUBMITTED)
    after = replace(applied(before, (edit,)), text=type(before.text)((paragraph("par-1", ins("a-1", "one more")),)))
    assert settled(after, paragraph("par-1", ins("a-1", "one more "))) == ()
    assert settled(before, paragraph("par-1", ins("a-1", "one"), " x")) == ()


# --- nothing left ----------------------------------------------------------------------------------------------------


def test_a_draft_of_which_nothing_stands_is_dropped_unless_it_keeps_lost_words() -> None:
    lost = (Removed(ParagraphId("par-7"), runs=ins("a-2", "x")),)
    before = document(
        paragraph("par-1", ins("a-1", "one"), ins("a-2", "two")),
        amendments=[amendment("a-1", status=DRAFT), amendment("a-2", status=DRAFT, removed=lost)],
    )
    assert settled(before, paragraph("par-1"), workspace=True) == (DropAmendment(A1),)


def test_in_live_drafting_what_is_taken_back_is_withdrawn_and_others_strikes_on_it_superseded() -> None:
    before = document(
        paragraph("par-1", ins("a-1", "one", struck("a-2", "two")), struck("a-3", "base")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB"), amendment("a-3", "XAB")],
        states={"par-1": ParagraphState.OPEN},
    )
    edits = settled(before, paragraph("par-1", struck("a-3", "base")))
    changed = put(edits)
    assert {name: entry.status for name, entry in changed.items()} == {
        "a-1": Status.WITHDRAWN,
        "a-2": Status.SUPERSEDED,
    }
    assert changed["a-2"].removed == (
        Removed(ParagraphId("par-1"), 3, ins("a-1", struck("a-2", "two")), "one", "base", by=A1),
    )


def test_strikes_that_stand_elsewhere_too_are_left_alone() -> None:
    before = document(
        paragraph("par-1", ins("a-1", "one", struck("a-2", "two"))),
        paragraph("par-2", struck("a-2", "base")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
        states={"par-1": ParagraphState.OPEN},
    )
    assert settled(before, paragraph("par-1", ins("a-1", "one")), before.text.paragraphs[1]) == ()


def test_an_added_paragraph_taken_back_withdraws_the_amendment() -> None:
    before = document(paragraph("par-1", "x"), item("par-2", "new", added="a-1"), amendments=[addition("a-1")])
    edits = settled(before, before.text.paragraphs[0])
    assert {name: entry.status for name, entry in put(edits).items()} == {"a-1": Status.WITHDRAWN}


def test_what_nobody_has_on_record_is_nobodys_to_settle() -> None:
    before = document(
        paragraph("par-1", ins("a-1", "x")),
        amendments=[amendment("a-1"), removal("a-2", paragraph="par-1")],
        states={"par-1": ParagraphState.OPEN},
    )
    typed = Seen(
        ((paragraph("par-1", ins("a-8", "x")), paragraph("par-1")),), frozenset(), frozenset({AmendmentId("a-8")})
    )
    assert settle(typed, before, party=XAA, author="", at=at(), workspace=False) == ()


# --- properties ------------------------------------------------------------------------------------------------------


def test_a_keystroke_leads_to_nothing() -> None:
    before = document(
        paragraph("par-1", "one ", ins("a-1", "x"), ins("a-2", "y")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
        states={"par-1": ParagraphState.OPEN},
    )
    assert settled(before, paragraph("par-1", "one ", ins("a-1", "xy"), ins("a-2", "y"))) == ()
    draft = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", status=DRAFT)])
    assert settled(draft, paragraph("par-1", ins("a-1", "xy")), workspace=True) == ()
    words = before.text.paragraphs[0]
    longer = replace(words, runs=tuple(Run(f"{run.text}y", run.marks) for run in words.runs))
    typed = Seen(((words, longer),), frozenset(), frozenset())
    assert unremarkable(typed, before.record, XAA, workspace=False), "which is told without the text"


MARKS = [frozenset[Mark](), *(frozenset({Mark(kind, f"a-{n}")}) for kind in list(MarkKind)[:3] for n in (1, 2, 8))]
"""Marks of one's own amendment, of another party's, and of one that nobody has on record."""
RUNS = st.lists(st.builds(Run, st.sampled_from(["x", "yz"]), st.sampled_from(MARKS)), max_size=4).map(joined)


@given(st.data())
def test_what_is_told_to_be_unremarkable_leads_to_nothing(data: st.DataObject) -> None:
    """Whatever stands there and is on record: where the quick look finds nothing to write, there is nothing."""
    draw = data.draw
    runs = draw(RUNS)
    grown = tuple(Run(run.text + draw(st.sampled_from(["", "", "n"])), run.marks) for run in runs)
    before = replace(item("par-1"), runs=runs, added=draw(st.sampled_from([None, None, A1])))
    after = replace(before, runs=draw(st.sampled_from([grown, grown, grown, draw(RUNS)])))
    amendments = [
        amendment(
            name,
            party,
            draw(st.sampled_from(AmendmentKind)),
            paragraph="par-1",
            status=draw(st.sampled_from([DRAFT, SUBMITTED, Status.SET_ASIDE])),
            revision=1,
            reacted=draw(st.sampled_from([0, 0, 1])),
        )
        for name, party in (("a-1", "XAA"), ("a-2", "XAB"))
    ]
    state = draw(st.sampled_from([ParagraphState.OPEN, ParagraphState.OPEN, ParagraphState.BASE]))
    record = document(paragraph("par-1"), amendments=amendments, states={"par-1": state}).record
    typed = Seen(((before, after),), frozenset(draw(st.sets(st.just(A9)))), frozenset(draw(st.sets(st.just(A1)))))
    workspace = draw(st.booleans())
    if unremarkable(typed, record, XAA, workspace=workspace):
        whole = Document(Opinion((after,)), record)
        assert settle(typed, whole, party=XAA, author="E", at=at(30), workspace=workspace) == ()


@given(honest_typings())
def test_i2_after_typing_every_pending_mark_is_somebodys_and_on_record(typing: Typing) -> None:
    stripped = {n: e for n, e in typing.after.record.amendments.items() if n in typing.before.record.amendments}
    record = replace(typing.after.record, amendments=stripped)
    before, after = {p.id: p for p in typing.before.text}, {p.id: p for p in typing.after.text}
    touched = tuple(
        (before.get(n), after.get(n)) for n in dict.fromkeys((*before, *after)) if before.get(n) != after.get(n)
    )
    stand = {name for p in typing.after.text for name in proposals(p)}
    own = {n for n, e in stripped.items() if e.delegation == typing.delegation and e.open}
    gone = {n for n in own - stand if places(typing.before.text, n)}
    update = Seen(touched, frozenset(stand - set(stripped)), frozenset(gone))
    text_after = replace(typing.after, record=record)
    edits = settle(update, text_after, party=typing.delegation, author="E", at=at(99), workspace=False)
    settled_ = applied(text_after, edits)
    for name in stand:
        entry = settled_.record.amendments[name]
        assert entry.open
        assert entry.delegation == stripped[name].delegation if name in stripped else typing.delegation
    for name, entry in settled_.record.amendments.items():
        if places(typing.before.text, name) and entry.kind is not AmendmentKind.SUP:
            assert entry.open == bool(places(typing.after.text, name))
    numbers = [e.number for e in settled_.record.amendments.values() if e.number]
    assert len(numbers) == len(set(numbers))
