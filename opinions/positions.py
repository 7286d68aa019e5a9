"""Positions: what delegations, and groups that speak for members, say of amendments and paragraphs."""

from dataclasses import replace

from opinions.acting import Context, called, require_amendment
from opinions.decisions import require_revision
from opinions.edits import Change, PutAmendment
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.record import Attitude, Document, Stance
from opinions.table_commands import ConfirmTyped, JoinPosition, TakePosition

_POSITIONS = frozenset(Attitude) - {Attitude.PROPOSE, Attitude.DELETE}
"""What a delegation says of another one's amendment; the two others are how sources sign brackets."""


def take_position(command: TakePosition, document: Document, context: Context) -> Change:
    """Puts a delegation's attitude to another one's amendment on record, at the revision that stands, in place of its
    former one.
    """
    amendment = require_amendment(document, command.amendment)
    party = context.party
    if command.attitude not in _POSITIONS:
        known = ", ".join(sorted(_POSITIONS))
        raise InvalidCommand(f"A position is one of {known}; {command.attitude} is what an amendment itself says.")
    if not amendment.open:
        raise WrongStatus(f"{called(amendment)} is decided; positions are taken while it is pending.")
    if amendment.delegation == party:
        raise NotAllowed(f"{called(amendment)} is your own delegation's. Submit it anew, or withdraw it.")
    if party in amendment.sponsors and command.attitude is not Attitude.SUPPORT:
        raise WrongStatus(f"{party} co-sponsors {called(amendment)}. Leave it first, then take another position.")
    require_revision(amendment, command.revision)
    revision = f"revision {amendment.revision}"
    stance = Stance(party, command.attitude, f"{revision}: {command.note}" if command.note else revision)
    if stance in amendment.stances:
        raise WrongStatus(f"This is the position of {party} on {called(amendment)} already.")
    others = tuple(one for one in amendment.stances if one.delegation != party)
    taken = replace(amendment, stances=(*others, stance), reacted=amendment.revision, changed_at=context.at)
    return Change((PutAmendment(taken),))


def join_position(command: JoinPosition, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def confirm_typed(command: ConfirmTyped, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
