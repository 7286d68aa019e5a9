"""An amendment's life up to the ruling: submit, discard, SUP, withdraw (A1-A6)."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from opinions.amendments import (
    Submission,
    discard,
    propose_removal,
    struck_digest,
    submit,
    withdraw,
)
from opinions.brackets import uncrossed
from opinions.carry import drafts_of, lifted
from opinions.commands import (
    Discard,
    ProposeRemoval,
    RecordOutcome,
    Reopen,
    Submit,
    Withdraw,
)
from opinions.decisions import record_outcome, reopen
from opinions.edits import DropAmendment, PutAmendment, applied
from opinions.errors import NotAllowed, OpinionError, RevisionChanged, UnknownAmendment, UnknownParagraph, WrongStatus
from opinions.model import AmendmentId, DelegationCode, Opinion, Paragraph, ParagraphId, Run
from opinions.record import (
    Amendment,
    AmendmentKind,
    Attitude,
    Document,
    OpinionRecord,
    ParagraphState,
    Removed,
    Ruling,
    Stance,
    Status,
)
from opinions.rules import without
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
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
from tests.support.drafts import views

DRAFT = Status.DRAFT
A1, A2, A3 = (AmendmentId(f"a-{number}") for number in (1, 2, 3))
P1, P2 = ParagraphId("par-1"), ParagraphId("par-2")
BY_XAA, BY_XAB = context(expert("XAA")), context(expert("XAB"))


def both(onto: Document, *paragraphs: Paragraph, drafts: tuple[Amendment, ...]) -> Document:
    """The view of a delegation: these paragraphs, and its drafts beside what is on record."""
    record = replace(onto.record, amendments={**onto.record.amendments, **{draft.id: draft for draft in drafts}})
    return Document(Opinion(paragraphs), record)


def after(onto: Document, submission: Submission) -> Document:
    return applied(onto, submission.main.edits)


# --- submit (A2) -----------------------------------------------------------------------------------------------------


def onto() -> Document:
    return document(
        item("par-1", "one two", operative=True),
        item("par-2", "three", operative=True),
        labels={"par-1": "1", "par-2": "2"},
        opinion=OpinionRecord(next_number=38),
    )


def view() -> Document:
    draft = amendment(
        "a-1", "XAA", AmendmentKind.ADD, status=DRAFT, paragraph="par-1", author="E. XAA", typist="S. Clerk"
    )
    return both(
        onto(),
        item("par-1", "one ", ins("a-1", "and "), struck("a-1", "two"), operative=True),
        item("par-8", "new", added="a-1", operative=True),
        item("par-9", "newer", added="a-1", operative=True),
        item("par-2", "three", operative=True),
        drafts=(draft, amendment("a-2", "XAA", status=DRAFT)),
    )


def test_a2_submit_makes_revision_1_with_the_next_number() -> None:
    submission = submit(Submit(A1, "It is needed.", "IEG/12"), onto(), view(), BY_XAA)
    opinion = after(onto(), submission)
    entry = opinion.record.amendments[A1]
    assert (entry.status, entry.revision, entry.number, entry.kind) == (Status.SUBMITTED, 1, 38, AmendmentKind.ADD)
    assert (entry.reason, entry.source, entry.changed_at) == ("It is needed.", "IEG/12", at(90))
    assert (entry.author, entry.typist, entry.delegation, entry.created_at) == ("E. XAA", "S. Clerk", "XAA", at(0))
    assert entry.paragraph == P1
    assert opinion.text == view().text
    assert opinion.record.opinion.next_number == 39


def test_l2_added_paragraphs_get_labels_and_d3_base_text_becomes_open() -> None:
    record = after(onto(), submit(Submit(A1), onto(), view(), BY_XAA)).record
    assert [
        (record.paragraph(ParagraphId(name)).label, record.paragraph(ParagraphId(name)).state)
        for name in (
            "par-1",
            "par-8",
            "par-9",
            "par-2",
        )
    ] == [
        ("1", ParagraphState.OPEN),
        ("1 bis", ParagraphState.OPEN),
        ("1 ter", ParagraphState.OPEN),
        ("2", ParagraphState.BASE),
    ]


def test_d3_agreed_text_stays_agreed_when_somebody_proposes_to_change_it() -> None:
    agreed = document(paragraph("par-1", "one"), states={"par-1": ParagraphState.AGREED})
    seen = both(agreed, paragraph("par-1", "one", ins("a-1", "x")), drafts=(amendment("a-1", status=DRAFT),))
    assert after(agreed, submit(Submit(A1), agreed, seen, BY_XAA)).record.paragraph(P1).state is ParagraphState.AGREED


def test_a2_the_draft_leaves_the_workspace() -> None:
    submission = submit(Submit(A1), onto(), view(), BY_XAA)
    left = applied(view(), submission.workspace.edits)
    assert left.text == onto().text
    assert set(left.record.amendments) == {A2}


def test_a2_a_draft_that_revises_raises_the_revision_and_keeps_number_sponsors_and_reason() -> None:
    opinion = document(
        paragraph("par-1", "the ", ins("a-1", "very green "), "deal"),
        amendments=[
            amendment(
                "a-1", revision=2, status=Status.SET_ASIDE, sponsors=(DelegationCode("XAB"),), reason="Why", source="S"
            )
        ],
    )
    seen = both(
        opinion,
        paragraph(
            "par-1", "the ", ins("a-1", struck("a-2", "very "), ins("a-2", "quite "), "green "), struck("a-2", "deal")
        ),
        drafts=(amendment("a-2", status=DRAFT, revises=A1),),
    )
    submission = submit(Submit(A2), opinion, seen, BY_XAA)
    revised = after(opinion, submission)
    entry = revised.record.amendments[A1]
    assert (entry.revision, entry.number, entry.status) == (3, 1, Status.SUBMITTED)
    assert (entry.sponsors, entry.reason, entry.source, entry.removed) == (("XAB",), "Why", "S", ())
    assert revised.text == Opinion((paragraph("par-1", "the ", ins("a-1", "quite green "), struck("a-1", "deal")),))
    assert A2 not in revised.record.amendments
    assert revised.record.opinion.next_number == opinion.record.opinion.next_number
    assert after(opinion, submit(Submit(A2, "New", "T"), opinion, seen, BY_XAA)).record.amendments[A1].reason == "New"


def test_a2_a_draft_that_strikes_other_words_than_the_screen_showed_is_refused() -> None:
    opinion = document(paragraph("par-1", "the ", ins("a-1", "very green "), "deal"), amendments=[amendment("a-1")])
    draft = amendment("a-2", status=DRAFT, revises=A1)
    shown = both(
        opinion, paragraph("par-1", "the ", ins("a-1", struck("a-2", "very "), "green "), "deal"), drafts=(draft,)
    )
    seen = struck_digest(shown, A2)
    grown = document(paragraph("par-1", "the ", ins("a-1", "very very green "), "deal"), amendments=[amendment("a-1")])
    more = both(
        grown, paragraph("par-1", "the ", ins("a-1", struck("a-2", "very very "), "green "), "deal"), drafts=(draft,)
    )
    with pytest.raises(RevisionChanged, match="changed since your screen"):
        submit(Submit(A2, struck=seen), grown, more, BY_XAA)
    assert submit(Submit(A2, struck=seen), opinion, shown, BY_XAA) == submit(Submit(A2), opinion, shown, BY_XAA)
    typed = both(
        opinion,
        paragraph(
            "par-1", ins("a-3", "so "), "the ", ins("a-1", struck("a-2", "very "), "green "), ins("a-2", "!"), "deal"
        ),
        drafts=(draft, amendment("a-3", status=DRAFT)),
    )
    assert struck_digest(typed, A2) == seen, "what is typed beside it is no matter of the strike"


def test_c4_what_any_draft_strikes_in_a_paragraph_that_the_draft_adds_is_seen_too() -> None:
    """There Submit leaves out what is struck, whichever draft strikes it (A2)."""

    def having(runs: tuple[Run, ...]) -> Document:
        new = paragraph("par-9", runs, added="a-1")
        drafts = (amendment("a-1", kind=AmendmentKind.ADD, status=DRAFT), amendment("a-2", status=DRAFT))
        return both(onto(), new, drafts=drafts)

    words = ins("a-1", "words ", struck("a-2", "more"))
    assert struck_digest(having(words), A1) != struck_digest(having(ins("a-1", "words more")), A1)
    assert struck_digest(having(words), A1) != struck_digest(
        having(ins("a-1", "words ", struck("a-2", "more yet"))), A1
    )


def test_a2_strikes_on_words_that_a_revision_took_back_are_superseded() -> None:
    opinion = document(
        paragraph("par-1", "the ", ins("a-1", struck("a-3", "very "), "green "), struck("a-4", "deal")),
        amendments=[amendment("a-1"), amendment("a-3", "XAB", pinned=True), amendment("a-4", "XAB")],
    )
    seen = both(
        opinion,
        paragraph("par-1", "the ", ins("a-1", struck("a-2", struck("a-3", "very ")), "green "), struck("a-4", "deal")),
        drafts=(amendment("a-2", status=DRAFT, revises=A1),),
    )
    revised = after(opinion, submit(Submit(A2), opinion, seen, BY_XAA))
    entry = revised.record.amendments[A3]
    assert (entry.status, entry.pinned) == (Status.SUPERSEDED, False)
    assert entry.removed == (Removed(P1, 4, ins("a-1", struck("a-3", "very ")), "the ", "green deal", by=A1),)
    assert revised.record.amendments[AmendmentId("a-4")].open
    with pytest.raises(WrongStatus, match="went with #1"):
        reopen(Reopen(A3), revised, context(THE_CHAIR))


@pytest.mark.parametrize("status", [Status.AGREED, Status.WITHDRAWN])
def test_a2_what_was_decided_meanwhile_is_not_revised_but_followed_by_a_new_amendment(status: Status) -> None:
    opinion = document(paragraph("par-1", "the deal"), amendments=[amendment("a-1", status=status, paragraph="par-1")])
    seen = both(
        opinion,
        paragraph("par-1", "the ", ins("a-2", "new "), "deal"),
        drafts=(amendment("a-2", status=DRAFT, revises=A1),),
    )
    entry = after(opinion, submit(Submit(A2), opinion, seen, BY_XAA)).record.amendments[A2]
    assert (entry.number, entry.revision, entry.revises, entry.paragraph) == (2, 1, None, P1)


def test_a6_what_passed_to_another_delegation_is_not_revised_either() -> None:
    opinion = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", "XAB")])
    seen = both(
        opinion,
        paragraph("par-1", ins("a-1", "x"), ins("a-2", "y")),
        drafts=(amendment("a-2", status=DRAFT, revises=A1),),
    )
    assert after(opinion, submit(Submit(A2), opinion, seen, BY_XAA)).record.amendments[A2].number == 2


def test_a4_a_revision_waits_while_the_one_before_is_before_the_meeting() -> None:
    opinion = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", pinned=True)])
    seen = both(
        opinion,
        paragraph("par-1", ins("a-1", "x"), ins("a-2", "y")),
        drafts=(amendment("a-2", status=DRAFT, revises=A1),),
    )
    with pytest.raises(WrongStatus, match="#1 is before the meeting at revision 1"):
        submit(Submit(A2), opinion, seen, BY_XAA)


def test_an_empty_draft_is_refused_and_a_revision_that_leaves_nothing() -> None:
    opinion = document(paragraph("par-1", "one", ins("a-1", "x")), amendments=[amendment("a-1")])
    seen = both(
        opinion,
        paragraph("par-1", "one", struck("a-2", ins("a-1", "x"))),
        drafts=(amendment("a-2", status=DRAFT, revises=A1), amendment("a-3", status=DRAFT)),
    )
    with pytest.raises(WrongStatus, match="proposes nothing yet"):
        submit(Submit(A3), opinion, seen, BY_XAA)
    with pytest.raises(WrongStatus, match="leave nothing of #1"):
        submit(Submit(A2), opinion, seen, BY_XAA)


def test_only_the_delegations_own_drafts_are_submitted() -> None:
    with pytest.raises(UnknownAmendment):
        submit(Submit(AmendmentId("a-9")), onto(), view(), BY_XAA)
    with pytest.raises(UnknownAmendment):
        submit(Submit(A1), onto(), view(), BY_XAB)
    submitted = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1")])
    with pytest.raises(WrongStatus, match="#1 is submitted already"):
        submit(Submit(A1), submitted, submitted, BY_XAA)


def nested() -> Document:
    return both(
        onto(),
        *onto().text,
        item("par-9", "new ", ins("a-2", "words"), added="a-1"),
        drafts=(addition("a-1", status=DRAFT), amendment("a-2", status=DRAFT)),
    )


def test_words_in_a_paragraph_of_another_draft_wait_for_it_and_go_along_with_it() -> None:
    with pytest.raises(WrongStatus, match="paragraph that another draft adds"):
        submit(Submit(A2), onto(), nested(), BY_XAA)
    submission = submit(Submit(A1), onto(), nested(), BY_XAA)
    assert after(onto(), submission).text.paragraphs[-1] == item("par-9", "new words", added="a-1")
    assert [edit.amendment for edit in submission.workspace.edits if isinstance(edit, DropAmendment)] == [A1, A2]


def test_a2_d7_brackets_pasted_into_a_new_paragraph_go_along_as_brackets() -> None:
    """As the editor makes them of pasted lines: each pair is a draft of its own inside the paragraph that another draft
    adds. Dropped at Submit, what was bracketed would stand as if it were not.
    """
    drafts = (addition("a-1", status=DRAFT), bracket("a-2", status=DRAFT), bracket("a-3", status=DRAFT))
    new = item("par-9", "new ", bracketed("a-2", "words ", bracketed("a-3", "here")), added="a-1")
    seen = both(onto(), *onto().text, new, drafts=drafts)
    for name in ("a-2", "a-3"):
        with pytest.raises(WrongStatus, match="paragraph that another draft adds"):
            submit(Submit(AmendmentId(name)), onto(), seen, BY_XAA)
    submission = submit(Submit(A1), onto(), seen, BY_XAA)
    submitted = after(onto(), submission)
    assert submitted.text.paragraphs[-1] == new
    number = onto().record.opinion.next_number
    records = [submitted.record.amendments[AmendmentId(name)] for name in ("a-1", "a-2", "a-3")]
    assert [(one.status, one.revision, one.number) for one in records] == [
        (Status.SUBMITTED, 1, number + n) for n in range(3)
    ]
    assert submitted.record.opinion.next_number == number + 3
    assert [one.kind for one in records[1:]] == [AmendmentKind.BRACKET] * 2
    left = applied(seen, submission.workspace.edits)
    assert drafts_of(left) == frozenset()
    assert left.text == onto().text


def test_a2_a_bracket_whose_words_were_struck_in_a_new_paragraph_does_not_go_along() -> None:
    drafts = (addition("a-1", status=DRAFT), bracket("a-2", status=DRAFT), amendment("a-3", status=DRAFT))
    new = item("par-9", "new ", bracketed("a-2", struck("a-3", "words")), "here", added="a-1")
    seen = both(onto(), *onto().text, new, drafts=drafts)
    submission = submit(Submit(A1), onto(), seen, BY_XAA)
    submitted = after(onto(), submission)
    assert submitted.text.paragraphs[-1] == item("par-9", "new here", added="a-1")
    assert "a-2" not in submitted.record.amendments
    assert drafts_of(applied(seen, submission.workspace.edits)) == frozenset()


def test_i7_words_a_draft_had_lost_stay_the_delegations_own() -> None:
    lost = (Removed(ParagraphId("par-7"), runs=ins("a-1", "gone")),)
    draft = amendment("a-1", status=DRAFT, removed=lost)
    seen = both(
        onto(), item("par-1", "one two", ins("a-1", "x"), operative=True), *onto().text.paragraphs[1:], drafts=(draft,)
    )
    submission = submit(Submit(A1), onto(), seen, context(expert("XAA")))
    assert after(onto(), submission).record.amendments[A1].removed == ()
    (kept,) = applied(seen, submission.workspace.edits).record.amendments.values()
    assert (kept.id, kept.status, kept.removed) == ("a-fresh-1", DRAFT, lost)


def test_t4_brackets_are_uncrossed_on_submit() -> None:
    opinion = document(paragraph("par-1", "a ", bracketed("a-2", "b c"), " d"), amendments=[bracket("a-2", "XAB")])
    seen = both(
        opinion,
        paragraph("par-1", "a ", bracketed("a-2", "b ", bracketed("a-1", "c")), bracketed("a-1", " d")),
        drafts=(bracket("a-1", status=DRAFT, created=5),),
    )
    submitted = after(opinion, submit(Submit(A1), opinion, seen, BY_XAA))
    assert uncrossed(submitted) == ()
    assert submitted.text == Opinion((paragraph("par-1", "a ", bracketed("a-1", bracketed("a-2", "b c"), " d")),))


@given(views())
def test_submitting_all_drafts_makes_the_opinion_what_the_delegation_saw(seen: Document) -> None:
    opinion = Document(
        lifted(drafts_of(seen), seen.text),
        replace(
            seen.record, amendments={name: e for name, e in seen.record.amendments.items() if e.status is not DRAFT}
        ),
    )
    assume(uncrossed(seen) == ())
    before = opinion.text
    for name in sorted(drafts_of(seen)):
        command, here = Submit(name), context(expert(seen.record.amendments[name].delegation))
        try:
            submission = submit(command, opinion, seen, here)
        except OpinionError:
            continue
        opinion = applied(opinion, submission.main.edits)
        assert uncrossed(opinion) == ()
        left = applied(seen, submission.workspace.edits)
        rest = drafts_of(left)
        assert lifted(rest, left.text) == before
        # The room lays the remaining drafts over the new text; here the view simply shows the amendment as submitted.
        record = {**seen.record.amendments, name: opinion.record.amendments[name]}
        seen = Document(seen.text, replace(seen.record, amendments=record, opinion=opinion.record.opinion))
        if lifted(drafts_of(seen), seen.text) != opinion.text:
            return
        before = opinion.text
    assert opinion.text == lifted(drafts_of(seen), seen.text)


@given(views())
def test_i1_submitting_changes_nothing_but_the_delegations_own(seen: Document) -> None:
    base = lifted(drafts_of(seen), seen.text)
    opinion = Document(
        base,
        replace(
            seen.record, amendments={name: e for name, e in seen.record.amendments.items() if e.status is not DRAFT}
        ),
    )
    name = min(drafts_of(seen))
    draft = seen.record.amendments[name]
    try:
        submitted = after(opinion, submit(Submit(name), opinion, seen, context(expert(draft.delegation))))
    except OpinionError:
        return
    assume(uncrossed(seen) == ())
    assert without({name}, submitted.text) == without({name}, base)


# --- discard ---------------------------------------------------------------------------------------------------------


def test_discard_takes_words_and_record_away() -> None:
    left = applied(view(), discard(Discard(A1), view(), BY_XAA).edits)
    assert left.text == onto().text
    assert set(left.record.amendments) == {A2}


def test_discard_never_takes_another_drafts_words_along() -> None:
    with pytest.raises(WrongStatus, match="Discard that one first"):
        discard(Discard(A1), nested(), BY_XAA)
    without_second = applied(nested(), discard(Discard(A2), nested(), BY_XAA).edits)
    assert applied(without_second, discard(Discard(A1), without_second, BY_XAA).edits).text == onto().text


# --- SUP -------------------------------------------------------------------------------------------------------------


def test_a1_sup_is_drafted_in_the_workspace_and_submitted_like_any_draft() -> None:
    drafted = propose_removal(ProposeRemoval(A1, P1), onto(), onto(), BY_XAA)
    assert drafted.main.edits == ()
    seen = applied(onto(), drafted.workspace.edits)
    entry = seen.record.amendments[A1]
    assert (entry.kind, entry.status, entry.revision, entry.number) == (AmendmentKind.SUP, DRAFT, 0, 0)
    submission = submit(Submit(A1, "Said in 2 already."), onto(), seen, BY_XAA)
    opinion = after(onto(), submission)
    entry = opinion.record.amendments[A1]
    assert (entry.kind, entry.status, entry.number) == (AmendmentKind.SUP, Status.SUBMITTED, 38)
    assert opinion.text == onto().text
    assert opinion.record.paragraph(P1).state is ParagraphState.OPEN
    assert submission.workspace.edits == (DropAmendment(A1),)
    assert discard(Discard(A1), seen, BY_XAA).edits == (DropAmendment(A1),)


def test_sup_in_live_drafting_is_before_the_meeting_at_once() -> None:
    opinion = after(onto(), propose_removal(ProposeRemoval(A1, P1), onto(), None, BY_XAA))
    assert opinion.record.amendments[A1].number == 38
    assert opinion.record.opinion.next_number == 39
    assert opinion.record.paragraph(P1).state is ParagraphState.OPEN


def test_sup_is_refused_twice_by_one_delegation_but_not_by_two() -> None:
    opinion = document(paragraph("par-1", "one"), amendments=[removal("a-1", "XAA", paragraph="par-1")])
    with pytest.raises(WrongStatus, match="already: #1"):
        propose_removal(ProposeRemoval(A2, P1), opinion, opinion, BY_XAA)
    seen = applied(opinion, propose_removal(ProposeRemoval(A2, P1), opinion, opinion, BY_XAB).workspace.edits)
    with pytest.raises(WrongStatus, match="already: a-2"):
        propose_removal(ProposeRemoval(A3, P1), opinion, seen, BY_XAB)
    doubled = applied(seen, (PutAmendment(removal("a-3", "XAA", paragraph="par-1", status=DRAFT)),))
    with pytest.raises(WrongStatus, match="already: #1"):
        submit(Submit(A3), opinion, doubled, BY_XAA)


def test_sup_is_refused_for_what_is_itself_proposed_or_gone_and_for_a_used_id() -> None:
    opinion = document(
        paragraph("par-1", "one"), item("par-2", "two", added="a-1"), amendments=[addition("a-1", "XAB")]
    )
    with pytest.raises(WrongStatus, match="itself only proposed, by #1"):
        propose_removal(ProposeRemoval(A2, P2), opinion, opinion, BY_XAA)
    unknown = replace(opinion, record=replace(opinion.record, amendments={}))
    with pytest.raises(WrongStatus, match="by a-1"):
        propose_removal(ProposeRemoval(A2, P2), unknown, unknown, BY_XAA)
    with pytest.raises(WrongStatus, match="in use"):
        propose_removal(ProposeRemoval(A1, P1), opinion, opinion, BY_XAA)
    with pytest.raises(UnknownParagraph):
        propose_removal(ProposeRemoval(A2, ParagraphId("par-9")), opinion, opinion, BY_XAA)
    seen = applied(opinion, propose_removal(ProposeRemoval(A2, P1), opinion, opinion, BY_XAA).workspace.edits)
    with pytest.raises(UnknownParagraph):
        submit(Submit(A2), document(), seen, BY_XAA)


# --- withdraw (A6) ---------------------------------------------------------------------------------------------------


def test_a6_withdrawn_words_vanish_into_the_record_with_what_is_nested() -> None:
    opinion = document(
        paragraph("par-1", "the ", ins("a-1", "very ", ins("a-2", "really "), "green "), struck("a-1", "deal")),
        amendments=[amendment("a-1", pinned=True), amendment("a-2", "XAB", created=1)],
    )
    left = applied(opinion, withdraw(Withdraw(A1), opinion, BY_XAA).edits)
    assert left.text == Opinion((paragraph("par-1", "the deal"),))
    entry = left.record.amendments[A1]
    assert (entry.status, entry.pinned, entry.decisions) == (Status.WITHDRAWN, False, ())
    assert left.record.amendments[A2].status is Status.SUPERSEDED
    again = applied(left, reopen(Reopen(A1), left, context(THE_CHAIR)).edits)
    assert again.text == opinion.text
    assert again.record.amendments[A2].status is Status.SUBMITTED


def test_a_bracket_withdrawn_is_lifted_and_its_words_stay() -> None:
    opinion = document(paragraph("par-1", "the ", bracketed("a-1", "deal")), amendments=[bracket("a-1")])
    left = applied(opinion, withdraw(Withdraw(A1), opinion, BY_XAA).edits)
    assert left.text == Opinion((paragraph("par-1", "the deal"),))
    assert applied(left, reopen(Reopen(A1), left, context(THE_CHAIR)).edits).text == opinion.text


def test_a_removal_withdrawn_is_reopened_only_while_its_paragraph_stands() -> None:
    opinion = document(
        paragraph("par-1", "one"),
        amendments=[removal("a-1", "XAA", paragraph="par-1"), removal("a-2", "XAB", paragraph="par-1")],
    )
    left = applied(opinion, withdraw(Withdraw(A1), opinion, BY_XAA).edits)
    assert left.text == opinion.text
    chair = context(THE_CHAIR)
    gone = applied(left, record_outcome(RecordOutcome(A2, 1, Ruling.AGREED), left, chair).edits)
    with pytest.raises(WrongStatus, match="#2 took it out: reopen #2 first"):
        reopen(Reopen(A1), gone, chair)


def test_a6_authorship_passes_to_the_first_co_sponsor() -> None:
    opinion = document(
        paragraph("par-1", ins("a-1", "x")),
        amendments=[
            amendment(
                "a-1",
                sponsors=(DelegationCode("XAB"), DelegationCode("XAC")),
                stances=(Stance("XAB", Attitude.SUPPORT, "revision 1"), Stance("XAC", Attitude.SUPPORT, "revision 1")),
            )
        ],
    )
    left = applied(opinion, withdraw(Withdraw(A1), opinion, BY_XAA).edits)
    entry = left.record.amendments[A1]
    assert left.text == opinion.text
    assert (entry.delegation, entry.sponsors, entry.status, entry.author) == ("XAB", ("XAC",), Status.SUBMITTED, "")
    assert [(stance.delegation, stance.attitude) for stance in entry.stances] == [
        ("XAC", Attitude.SUPPORT),
        ("XAA", Attitude.FLEXIBLE),
    ]


def test_only_its_own_delegation_withdraws_and_only_what_is_pending() -> None:
    opinion = document(
        paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1"), amendment("a-2", status=Status.AGREED)]
    )
    with pytest.raises(NotAllowed, match="#1 is XAA's"):
        withdraw(Withdraw(A1), opinion, BY_XAB)
    with pytest.raises(WrongStatus, match="not pending any more"):
        withdraw(Withdraw(A2), opinion, BY_XAA)
    on_behalf = context(THE_SECRETARIAT, party="XAA")
    assert not applied(opinion, withdraw(Withdraw(A1), opinion, on_behalf).edits).record.amendments[A1].open
