"""The sitting: the meeting under way, who takes part as marked, what the chair has taken up (D12).

Attendance is what delegations and the secretariat marked. Who is connected is no part of it (I9).
"""

from dataclasses import replace

from opinions.acting import Context, require_amendment, require_paragraph
from opinions.announcing import known_parties
from opinions.edits import Change, PutOpinion
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.on_table import Floor, Presence, Sitting
from opinions.record import Document, OpinionRecord
from opinions.roles import Role
from opinions.statuses import Level
from opinions.table_commands import MarkPresent, OpenSitting, TakeUp

MAX_PRESENT = 300
"""Delegations marked at one sitting: every Member State, and who else takes part."""


def open_sitting(command: OpenSitting, document: Document, context: Context) -> Change:
    """Opens a sitting under a name and at a level. Raises `WrongStatus` while another one is under way."""
    opinion = document.record.opinion
    name = command.name.strip()
    if not name:
        raise InvalidCommand("Give the sitting a name, such as “IEG-4, morning”: decisions are recorded under it.")
    if command.level is Level.UNSAID:
        levels = ", ".join(level for level in Level if level)
        raise InvalidCommand(f"Say at which level this sitting decides: {levels}.")
    if opinion.sitting is not None:
        raise WrongStatus(f"“{opinion.sitting.name}” is under way. Close it first.")
    return Change((PutOpinion(replace(opinion, sitting=Sitting(name, command.level, context.at))),))


def close_sitting(document: Document) -> Change:
    """Closes the sitting; nothing is taken up any more. Open calls stay open: what decides them is a ruling."""
    opinion = document.record.opinion
    if opinion.sitting is None:
        raise WrongStatus("No sitting is under way.")
    return Change((PutOpinion(replace(opinion, sitting=None, floor=None)),))


def mark_present(command: MarkPresent, document: Document, context: Context) -> Change:
    """Marks that delegations take part, or no longer. A delegation marks itself, the secretariat any.

    Raises `NotAllowed` for another delegation, `WrongStatus` without a sitting; who is marked already stays as marked.
    """
    opinion = document.record.opinion
    sitting = opinion.sitting
    if sitting is None:
        raise WrongStatus("No sitting is under way. The chair or the secretariat opens it first.")
    if not command.delegations:
        raise InvalidCommand("Name at least one delegation.")
    if context.actor.role is not Role.SECRETARIAT and set(command.delegations) != {context.party}:
        raise NotAllowed(f"You mark {context.party} alone; the secretariat marks the others.")
    named = known_parties(command.delegations, context) if command.on else command.delegations
    there = {one.delegation for one in sitting.present}
    if command.on:
        fresh = (Presence(one, context.at, context.actor.name) for one in named if one not in there)
        present = (*sitting.present, *fresh)
    else:
        present = tuple(one for one in sitting.present if one.delegation not in named)
    if len(present) > MAX_PRESENT:
        raise WrongStatus(f"{MAX_PRESENT} delegations are marked, as many as a sitting holds.")
    if present == sitting.present:
        return Change()
    return Change((PutOpinion(replace(opinion, sitting=replace(sitting, present=present))),))


def has_floor(role: Role, opinion: OpinionRecord) -> bool:
    """Whether somebody who may take up at all does so now: the floor is the chair's, and a facilitator's only while a
    sitting of the informals is under way (D12).
    """
    informals = opinion.sitting is not None and opinion.sitting.level is Level.INFORMAL
    return role is not Role.FACILITATOR or informals


def take_up(command: TakeUp, document: Document, context: Context) -> Change:
    """Puts on record what the chair has taken up: a paragraph, perhaps one amendment in it, or nothing any more.

    Raises `NotAllowed` for a facilitator while no informal sitting is under way.
    """
    opinion = document.record.opinion
    if not has_floor(context.actor.role, opinion):
        raise NotAllowed(
            "What is on the floor is the chair's to take up. A facilitator does so while a sitting at the level of "
            "informals is under way; look at the row without taking it up."
        )
    floor = None
    if command.amendment or command.paragraph:
        amendment = require_amendment(document, command.amendment) if command.amendment else None
        paragraph = command.paragraph or (amendment.paragraph if amendment else command.paragraph)
        require_paragraph(document, paragraph)
        floor = Floor(paragraph, context.at, amendment.id if amendment else None)
    before = opinion.floor
    if (before and (before.paragraph, before.amendment)) == (floor and (floor.paragraph, floor.amendment)):
        return Change()
    return Change((PutOpinion(replace(opinion, floor=floor)),))
