"""Positions: what delegations, and groups that speak for members, say of amendments and paragraphs (A7, A8, A11).

A position is said of an amendment at the revision that stands, or of a paragraph as it stands; nothing carries it over
to a later revision. That a delegation proposes is no position it takes: it follows from whose the amendment is.
"""

from dataclasses import dataclass, replace

from opinions.acting import Context, called, require_amendment, require_paragraph, spoken
from opinions.decisions import require_revision
from opinions.edits import Change, PutAmendment, PutParagraph
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.model import DelegationCode
from opinions.record import CHAIR, SECRETARIAT, Amendment, Attitude, Document, ParagraphRecord, Stance
from opinions.roles import Role
from opinions.stances import NEEDS_WORDS, Positions, positions_on, same_words, typed_unconfirmed, unconfirmed
from opinions.table_commands import ConfirmTyped, JoinPosition, TakePosition

POSITIONS = (
    Attitude.SUPPORT,
    Attitude.RETAIN,
    Attitude.CAN_ACCEPT,
    Attitude.FLEXIBLE,
    Attitude.RESERVE,
    Attitude.OPPOSE,
    Attitude.FORMAL_OBJECTION,
    Attitude.AWAITING,
    Attitude.AWAITING_PACKAGE,
)
"""What can be said of another delegation's amendment, or of a paragraph, from for to against. The other two attitudes
are how sources sign brackets.
"""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a position is taken on, with the positions there."""

    entry: Amendment | ParagraphRecord
    name: str
    positions: Positions

    def put(self, positions: Positions, context: Context, *, reacted: bool = False) -> Change:
        """The change that puts these positions on record; `reacted`: the words are pinned for the author's typing."""
        stances, earlier = positions.stances, positions.earlier
        if isinstance(self.entry, ParagraphRecord):
            return Change((PutParagraph(replace(self.entry, stances=stances, earlier=earlier)),))
        revision = self.entry.revision if reacted else self.entry.reacted
        taken = replace(self.entry, stances=stances, earlier=earlier, reacted=revision, changed_at=context.at)
        return Change((PutAmendment(taken),))


def take_position(command: TakePosition, document: Document, context: Context) -> Change:
    """Puts a delegation's attitude on record, or that of a group it speaks for, in place of the former one.

    Raises `InvalidCommand` for what is no position, or lacks the words it needs; `NotAllowed` for whom it is not to
    say; `WrongStatus` where it stands already, or the amendment is decided; `RevisionChanged`.
    """
    subject = _subject(command.amendment, command.paragraph, document)
    _require_sayable(command.attitude, command.note, context)
    if isinstance(subject.entry, Amendment):
        if not subject.entry.open:
            raise WrongStatus(
                f"{subject.name} is decided; positions are taken while it is pending. Take one on its paragraph to put "
                "a reservation on record."
            )
        if not command.group:
            _require_foreign(subject.entry, command.attitude, context.party)
        require_revision(subject.entry, command.revision)
    elif command.revision:
        raise InvalidCommand("A paragraph has no revisions: leave revision at 0.")
    stance = _stance(command, subject, context)
    known = subject.positions.of(stance.delegation)
    if known is not None and same_words(known, stance) and not (unconfirmed(known) and not stance.typist):
        raise WrongStatus(f"This is the position of {stance.delegation} on {subject.name} already.")
    subject.positions.require_room(stance.delegation)
    return subject.put(subject.positions.put(stance), context, reacted=True)


def join_position(command: JoinPosition, document: Document, context: Context) -> Change:
    """Shows a member with its group's position, or no longer. A member is asked: nobody is shown with a group unless
    its own delegation said so, so the secretariat can take a member out and never put one in.
    """
    subject = _subject(command.amendment, command.paragraph, document)
    party, positions = context.party, subject.positions
    stance = positions.of(command.group)
    if stance is None:
        raise WrongStatus(f"{command.group} has no position on {subject.name}.")
    if not command.on:
        if party not in stance.members:
            raise WrongStatus(f"{party} is not shown with {command.group} on {subject.name}.")
        return subject.put(positions.without(party), context)
    _require_member(command.group, context)
    if party in stance.members:
        raise WrongStatus(f"{party} is shown with {command.group} on {subject.name} already.")
    if context.actor.role is Role.SECRETARIAT:
        raise NotAllowed(
            f"Only {party} itself confirms that {command.group} speaks for it here. Enter what it says as its own "
            "position, if it has the floor."
        )
    _require_sayable(stance.attitude, stance.note, context)
    if isinstance(subject.entry, Amendment):
        if not subject.entry.open:
            raise WrongStatus(f"{subject.name} is decided; members join a group's position while it is pending.")
        require_revision(subject.entry, stance.revision)
        _require_foreign(subject.entry, stance.attitude, party)
    positions.require_room(party)
    return subject.put(positions.joined(command.group, party), context)


def confirm_typed(command: ConfirmTyped, document: Document, context: Context) -> Change:
    """Puts on record that a delegation confirms what the secretariat typed for it here: the amendment, its position,
    that of the group it speaks for, with which it is shown from then on. Nothing waited for it.
    """
    subject = _subject(command.amendment, command.paragraph, document)
    name, entry = context.actor.name, subject.entry
    mine = [one for one in subject.positions.stances if context.party in (one.delegation, one.by) and unconfirmed(one)]
    whole = isinstance(entry, Amendment) and entry.delegation == context.party and typed_unconfirmed(entry)
    if not mine and not whole:
        raise WrongStatus(f"Nothing typed for {context.party} on {subject.name} waits to be confirmed.")
    stances = tuple(replace(one, confirmed=name) if one in mine else one for one in subject.positions.stances)
    positions = replace(subject.positions, stances=stances)
    spoke = [one.delegation for one in mine if one.delegation != context.party]
    if spoke and not _stands_alone(subject, context.party) and positions.group_of(context.party) is None:
        positions = positions.joined(spoke[-1], context.party)
    if isinstance(entry, ParagraphRecord):
        return Change((PutParagraph(replace(entry, stances=positions.stances)),))
    confirmed = replace(entry, stances=positions.stances, changed_at=context.at)
    if whole:
        confirmed = replace(confirmed, confirmed=name, confirmed_at=context.at)
    return Change((PutAmendment(confirmed),))


def _subject(amendment_id: str, paragraph_id: str, document: Document) -> _Subject:
    if bool(amendment_id) is bool(paragraph_id):
        raise InvalidCommand("Name the amendment, or else the paragraph, and not both.")
    if amendment_id:
        amendment = require_amendment(document, amendment_id)
        return _Subject(amendment, called(amendment), positions_on(amendment))
    paragraph = require_paragraph(document, paragraph_id)
    if paragraph.added is not None:
        adds = document.amendment(paragraph.added)
        raise WrongStatus(
            f"This paragraph is itself only proposed: take a position on {called(adds) if adds else paragraph.added}."
        )
    record = document.record.paragraph(paragraph.id)
    return _Subject(record, f"paragraph {record.label}" if record.label else "this paragraph", positions_on(record))


def _stance(command: TakePosition, subject: _Subject, context: Context) -> Stance:
    """The position as the record keeps it. Speaking for a group by its own hand, a delegation is shown with it unless
    it stands alone; what is typed for it, it confirms first.
    """
    party = context.party
    revision = subject.entry.revision if isinstance(subject.entry, Amendment) else 0
    stance = Stance(party, command.attitude, command.note.strip(), revision, context.at, *spoken(context))
    if not command.group:
        return stance
    _require_member(command.group, context)
    alone = bool(stance.typist) or _stands_alone(subject, party)
    return replace(stance, delegation=command.group, by=party, members=() if alone else (party,))


def _stands_alone(subject: _Subject, party: DelegationCode) -> bool:
    """Whether a delegation proposes or co-sponsors what the group speaks of, or has a position of its own there."""
    entry = subject.entry
    signs = isinstance(entry, Amendment) and party in (entry.delegation, *entry.sponsors)
    return signs or subject.positions.of(party) is not None


def _require_sayable(attitude: Attitude, note: str, context: Context) -> None:
    if context.party in (SECRETARIAT, CHAIR):
        raise NotAllowed("Positions are those of delegations: say for which one you enter this (party).")
    if attitude not in POSITIONS:
        known = ", ".join(POSITIONS)
        raise InvalidCommand(f"A position is one of {known}; {attitude} is what an amendment itself says.")
    if attitude in NEEDS_WORDS and not note.strip():
        raise InvalidCommand(NEEDS_WORDS[attitude])
    if attitude is Attitude.FORMAL_OBJECTION and not context.may_object(context.party):
        raise NotAllowed(
            f"By the rules of this process {context.party} is not one of those that object formally. It can oppose, or "
            "reserve its position."
        )


def _require_foreign(amendment: Amendment, attitude: Attitude, party: DelegationCode) -> None:
    if amendment.delegation == party:
        raise NotAllowed(f"{called(amendment)} is your own delegation's. Submit it anew, or withdraw it.")
    if party in amendment.sponsors and attitude is not Attitude.SUPPORT:
        raise WrongStatus(f"{party} co-sponsors {called(amendment)}. Leave it first, then take another position.")


def _require_member(group: str, context: Context) -> None:
    members = context.groups.get(group)
    if members is None:
        known = ", ".join(sorted(context.groups)) or "none is entered"
        raise InvalidCommand(f"No group {group} speaks in this process ({known}). Ask the secretariat to enter it.")
    if context.party not in members:
        raise NotAllowed(f"{context.party} is no member of {group}, and only its members speak for it or join it.")
