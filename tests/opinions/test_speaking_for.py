"""What the secretariat types for a delegation: nothing waits for it, and it shows until it is confirmed (A11)."""

from dataclasses import replace

import pytest

from opinions.acting import Context
from opinions.amendments import cosponsor, withdraw
from opinions.commands import Cosponsor, Submit, Withdraw
from opinions.edits import InsertText, PutAmendment, applied
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.positions import confirm_typed, take_position
from opinions.procedure import carry_out
from opinions.record import Amendment, Attitude, Document, Status
from opinions.settling import settle, unremarkable
from opinions.table_commands import NO_AMENDMENT, ConfirmTyped, TakePosition
from tests.support.actors import THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, document, ins, paragraph
from tests.support.proposing import Laid
from tests.support.rulings import of

A1, P1 = AmendmentId("a-1"), ParagraphId("par-1")
XAA, XAB = context(expert("XAA")), context(expert("XAB"))
FOR_XAB = context(THE_SECRETARIAT, party="XAB")


def pending(typist: str = "S. Clerk", reacted: int = 0) -> Document:
    entry = amendment("a-1", "XAA", typist=typist, reacted=reacted)
    return document(paragraph(P1, "so ", ins("a-1", "it is")), amendments=[entry])


def confirmed(given: Document, by: Context = XAA, command: ConfirmTyped | None = None) -> Document:
    return applied(given, confirm_typed(command or ConfirmTyped(A1), given, by).edits)


def typed(given: Document, *, typist: str = "S. Clerk", author: str = "E. XAA", words: str = " so") -> Document:
    insertion = frozenset({Mark(MarkKind.INSERTION, "a-1")})
    after = applied(given, [InsertText(P1, 8, words, insertion)])
    laid = Laid(((given.text.find(P1), after.text.find(P1)),), frozenset())
    party = DelegationCode("XAA")
    if unremarkable(laid, given.record, party, workspace=False, typist=typist):
        return after
    edits = settle(laid, after, party=party, author=author, typist=typist, at=XAA.at, workspace=False)
    return applied(after, edits)


def confirmation(one: Amendment) -> tuple[str, str]:
    return one.typist, one.confirmed


def test_a11_a_delegation_confirms_what_was_typed_for_it() -> None:
    now = of(confirmed(pending()), "a-1")
    assert (*confirmation(now), now.confirmed_at) == ("S. Clerk", "E. XAA", XAA.at)
    with pytest.raises(WrongStatus, match="Nothing typed"):
        confirmed(confirmed(pending()))
    with pytest.raises(WrongStatus, match="Nothing typed"):
        confirmed(pending(), XAB)
    with pytest.raises(WrongStatus, match="Nothing typed"):
        confirmed(pending(typist=""))
    with pytest.raises(InvalidCommand):
        confirmed(pending(), XAA, ConfirmTyped())


def test_a11_only_the_delegation_itself_confirms() -> None:
    with pytest.raises(NotAllowed):
        carry_out(ConfirmTyped(A1), pending(), None, context(THE_SECRETARIAT, party="XAA"))
    by = context(replace(expert("XAA"), voice=False, voice_name="B. Voice"))
    with pytest.raises(NotAllowed, match=r"B\. Voice speaks for XAA"):
        carry_out(ConfirmTyped(A1), pending(), None, by)


@pytest.mark.parametrize("paragraph_id", ["", P1])
def test_a11_a_position_that_was_typed_shows_who_typed_it_until_it_is_confirmed(paragraph_id: str) -> None:
    where = (NO_AMENDMENT if paragraph_id else A1, 0 if paragraph_id else 1)
    there = ParagraphId(paragraph_id)
    given = pending()
    given = applied(given, take_position(TakePosition(*where, Attitude.OPPOSE, "", there), given, FOR_XAB).edits)

    def stance(of_document: Document) -> tuple[str, str, str]:
        entry = of_document.record.paragraph(P1) if paragraph_id else of(of_document, "a-1")
        (one,) = entry.stances
        return one.speaker, one.typist, one.confirmed

    assert stance(given) == ("", "S. Clerk", "")
    after = confirmed(given, XAB, ConfirmTyped(where[0], there))
    assert stance(after) == ("", "S. Clerk", "E. XAB")
    assert confirmation(of(after, "a-1")) == ("S. Clerk", ""), "the amendment is another delegation's"
    again = applied(given, take_position(TakePosition(*where, Attitude.OPPOSE, "", there), given, XAB).edits)
    assert stance(again) == ("E. XAB", "", ""), "the same position, taken by itself, takes the typed one's place"


def test_a11_joining_and_leaving_typed_by_the_secretariat_say_so() -> None:
    given = pending()
    given = applied(given, cosponsor(Cosponsor(A1, 1), given, FOR_XAB).edits)
    assert of(given, "a-1").stances[0].typist == "S. Clerk"
    given = applied(given, withdraw(Withdraw(A1), given, context(THE_SECRETARIAT, party="XAA")).edits)
    now = of(given, "a-1")
    assert (now.delegation, now.typist) == ("XAB", "")
    assert [(one.delegation, one.typist) for one in now.stances] == [("XAA", "S. Clerk")]
    assert [one.delegation for one in now.earlier] == ["XAB"]


def test_a11_words_typed_after_a_confirmation_need_another_one() -> None:
    """[A11] Written once, not per keystroke: what waits already is left as it is."""
    given = typed(confirmed(pending()))
    assert confirmation(of(given, "a-1")) == ("S. Clerk", "")
    assert typed(given, words=" and so").record is given.record
    own = typed(pending(typist=""), typist="T. Clerk")
    assert confirmation(of(own, "a-1")) == ("T. Clerk", ""), "its own amendment, in which the operator typed"


def test_a11_a_new_revision_of_the_delegation_counts_as_confirmed() -> None:
    live = typed(pending(reacted=1), typist="")
    assert (of(live, "a-1").revision, confirmation(of(live, "a-1"))) == (2, ("S. Clerk", "E. XAA"))
    small = typed(pending(), typist="")
    assert confirmation(of(small, "a-1")) == ("S. Clerk", ""), "a word typed there is not yet a new revision"
    operator = typed(pending(reacted=1))
    assert (of(operator, "a-1").revision, confirmation(of(operator, "a-1"))) == (2, ("S. Clerk", ""))


def test_a11_a_submitted_revision_counts_as_confirmed() -> None:
    given = pending()
    draft = amendment("a-2", "XAA", status=Status.DRAFT, revises=A1)
    view = applied(given, [InsertText(P1, 8, " so", frozenset({Mark(MarkKind.INSERTION, "a-2")}))])
    view = applied(view, [PutAmendment(draft)])
    after = applied(given, carry_out(Submit(AmendmentId("a-2")), given, view, XAA).main.edits)
    assert (of(after, "a-1").revision, confirmation(of(after, "a-1"))) == (2, ("S. Clerk", "E. XAA"))
