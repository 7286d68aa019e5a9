"""Joining an amendment of others, and calling for objections to one (A4, A5)."""

from dataclasses import replace

import pytest

from opinions.amendments import (
    call_for_objections,
    cosponsor,
)
from opinions.commands import (
    CallForObjections,
    Cosponsor,
)
from opinions.edits import PutAmendment, applied
from opinions.errors import NotAllowed, RevisionChanged, WrongStatus
from opinions.model import AmendmentId
from opinions.record import (
    Attitude,
    Document,
    Stance,
    Status,
)
from tests.support.actors import THE_CHAIR, context, expert
from tests.support.builders import (
    amendment,
    document,
    ins,
    paragraph,
)

A1, A2 = AmendmentId("a-1"), AmendmentId("a-2")
BY_XAA, BY_XAB = context(expert("XAA")), context(expert("XAB"))


def pending(**fields: object) -> Document:
    return document(
        paragraph("par-1", ins("a-1", "x")),
        amendments=[amendment("a-1", **fields), amendment("a-2", status=Status.NOT_RETAINED)],  # type: ignore[arg-type]
    )


def test_a_co_sponsor_supports_the_revision_it_joined() -> None:
    joined = applied(pending(), cosponsor(Cosponsor(A1, 1), pending(), BY_XAB).edits)
    entry = joined.record.amendments[A1]
    assert (entry.sponsors, entry.stances, entry.reacted) == (
        ("XAB",),
        (Stance("XAB", Attitude.SUPPORT, "", 1, BY_XAB.at, "E. XAB"),),
        1,
    )
    with pytest.raises(WrongStatus, match="already"):
        cosponsor(Cosponsor(A1, 1), joined, BY_XAB)
    revised = applied(joined, (PutAmendment(replace(entry, revision=2)),))
    again = applied(revised, cosponsor(Cosponsor(A1, 2), revised, BY_XAB).edits).record.amendments[A1]
    assert (again.sponsors, [one.revision for one in again.stances]) == (("XAB",), [2])
    assert again.earlier == entry.stances
    left = applied(joined, cosponsor(Cosponsor(A1, 7, on=False), joined, BY_XAB).edits).record.amendments[A1]
    assert (left.sponsors, left.stances, left.earlier) == ((), (), entry.stances)


def test_co_sponsoring_is_refused_where_it_means_nothing() -> None:
    with pytest.raises(RevisionChanged):
        cosponsor(Cosponsor(A1, 2), pending(), BY_XAB)
    with pytest.raises(NotAllowed, match="own delegation's"):
        cosponsor(Cosponsor(A1, 1), pending(), BY_XAA)
    with pytest.raises(WrongStatus, match="decided"):
        cosponsor(Cosponsor(A2, 1), pending(), BY_XAB)
    with pytest.raises(WrongStatus, match="not a co-sponsor"):
        cosponsor(Cosponsor(A1, 1, on=False), pending(), BY_XAB)


def test_a4_a_call_for_objections_pins_the_revision_and_releases_it() -> None:
    chair = context(THE_CHAIR)
    called = applied(pending(), call_for_objections(CallForObjections(A1, 1), pending(), chair).edits)
    assert (called.record.amendments[A1].pinned, called.record.amendments[A1].reacted) == (True, 1)
    released = applied(called, call_for_objections(CallForObjections(A1, 1, on=False), called, chair).edits)
    assert (released.record.amendments[A1].pinned, released.record.amendments[A1].reacted) == (False, 1)
    for given_, command, error, says in (
        (pending(), CallForObjections(A1, 2), RevisionChanged, "revision 1, not 2"),
        (called, CallForObjections(A1, 1), WrongStatus, "already"),
        (pending(), CallForObjections(A1, 1, on=False), WrongStatus, "not before"),
        (pending(), CallForObjections(A2, 1), WrongStatus, "decided"),
    ):
        with pytest.raises(error, match=says):
            call_for_objections(command, given_, chair)
