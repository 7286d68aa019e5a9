"""What is announced with a ruling: who ruled, at which meeting, for whom it is pending, until when it is set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from opinions.acting import Context, ruling
from opinions.commands import ConsiderParagraph, RecordOutcome
from opinions.errors import InvalidCommand
from opinions.model import AmendmentId, DelegationCode
from opinions.record import CHAIR, SECRETARIAT, Decision, Document, Ruling
from opinions.roles import Role
from opinions.ruled_words import digest
from opinions.statuses import Level
from opinions.table_commands import DecideCall

MAX_AHEAD = timedelta(days=2 * 366)
"""How far ahead something may be set aside: until the next forum but one it is not."""
_FOR_LATER = frozenset({Ruling.SET_ASIDE, Ruling.PENDING_DELEGATION, Ruling.PENDING_PACKAGE, Ruling.WORDING_AGREED})


@dataclass(frozen=True, slots=True)
class Said:
    """What goes on record with every ruling of one act: who ruled, where, when, and what was said with it."""

    at: datetime
    role: Role
    ruled_by: str
    recorded_by: str
    note: str = ""
    level: Level = Level.UNSAID
    meeting: str = ""
    call: str = ""
    asked_by: tuple[DelegationCode, ...] = ()
    until: datetime | None = None
    package: str = ""

    def decision(
        self, announced: Ruling, revision: int, lines: Sequence[str], into: AmendmentId | None = None
    ) -> Decision:
        """The decision on words spelled as `lines`. Raises `InvalidCommand` when what is pending says not on what."""
        if announced is Ruling.PENDING_DELEGATION and not self.asked_by:
            raise InvalidCommand("Name the delegations for which it is pending.")
        if announced is Ruling.PENDING_PACKAGE and not self.package:
            raise InvalidCommand("Say on which package it depends.")
        return Decision(
            announced,
            revision,
            self.at,
            self.ruled_by,
            self.recorded_by,
            self.note,
            level=Level.INFORMAL if announced is Ruling.AGREED_IN_INFORMALS else self.level,
            meeting=self.meeting,
            words="\n".join(lines),
            digest=digest(lines),
            call=self.call,
            asked_by=self.asked_by,
            until=self.until if announced in _FOR_LATER else None,
            package=self.package if announced is Ruling.PENDING_PACKAGE else "",
            into=into,
        )


def said(
    document: Document,
    context: Context,
    *,
    ruled_by: str,
    note: str = "",
    asked_by: Sequence[DelegationCode] = (),
    until: str = "",
    package: str = "",
    call: str = "",
    rulings: Sequence[Ruling] = (),
) -> Said:
    """What is said with the `rulings` of one act; level and meeting are those of the sitting under way.

    Raises `InvalidCommand` when nobody is named who ruled, a party is not known here, or `until` is no time ahead or
    says nothing of these rulings.
    """
    ruler, recorder = ruling(ruled_by, context)
    sitting = document.record.opinion.sitting
    later = _until(until, context.at)
    if later is not None and not _FOR_LATER.intersection(rulings):
        raise InvalidCommand("Only what is set aside or pending is taken up again at a time: leave 'until' out.")
    if package and Ruling.PENDING_PACKAGE not in rulings:
        raise InvalidCommand("Only what is pending a package depends on one: leave 'package' out.")
    return Said(
        context.at,
        context.actor.role,
        ruler,
        recorder,
        note,
        sitting.level if sitting else Level.UNSAID,
        sitting.name if sitting else "",
        call,
        known_parties(asked_by, context),
        later,
        package.strip(),
    )


def said_with(
    command: RecordOutcome | ConsiderParagraph | DecideCall,
    rulings: Sequence[Ruling],
    document: Document,
    context: Context,
    call: str = "",
) -> Said:
    """What a command says with its `rulings`; `call`: the call for objections that they end. Raises as `said`."""
    return said(
        document,
        context,
        ruled_by=command.ruled_by,
        note=command.note,
        asked_by=command.asked_by,
        until=command.until,
        package=command.package,
        call=call,
        rulings=rulings,
    )


def known_parties(parties: Sequence[DelegationCode], context: Context) -> tuple[DelegationCode, ...]:
    """Parties named in a command, each once. Raises `InvalidCommand` for those that take no part here."""
    named = tuple(dict.fromkeys(parties))
    if context.proposing is not None:
        known = {*context.proposing, *context.views, *context.groups, CHAIR, SECRETARIAT}
        if unknown := [one for one in named if one not in known]:
            raise InvalidCommand(f"No such delegation takes part here: {', '.join(unknown)}. Give its code.")
    return named


def _until(text: str, at: datetime) -> datetime | None:
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise InvalidCommand(f"{text!r} is no time with a zone. Write it as 2026-01-22T15:30:00+01:00 (until).")
    try:
        utc = when.astimezone(at.tzinfo)
    except OverflowError:
        utc = at
    if not at < utc <= at + MAX_AHEAD:
        raise InvalidCommand("The time until which it is set aside lies ahead, within two years (until).")
    return utc
