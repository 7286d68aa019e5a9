"""The chair's rulings in a test: recorded on the revision that stands, and reopened."""

from opinions.commands import RecordOutcome, Reopen
from opinions.decisions import record_outcome, reopen
from opinions.edits import applied
from opinions.model import AmendmentId
from opinions.record import Amendment, Document, Ruling
from tests.support.actors import THE_CHAIR, context


def ruled(given_: Document, amendment_id: str, ruling: Ruling, *, words: str = "", note: str = "") -> Document:
    """The document after the chair's ruling on the revision that stands."""
    entry = of(given_, amendment_id)
    command = RecordOutcome(entry.id, entry.revision, ruling, words, note)
    return applied(given_, record_outcome(command, given_, context(THE_CHAIR)).edits)


def reopened(given_: Document, amendment_id: str) -> Document:
    """The document after the chair reopened an amendment."""
    return applied(given_, reopen(Reopen(AmendmentId(amendment_id)), given_, context(THE_CHAIR)).edits)


def of(given_: Document, amendment_id: str) -> Amendment:
    """The record of an amendment that is there."""
    entry = given_.amendment(amendment_id)
    assert entry is not None
    return entry
