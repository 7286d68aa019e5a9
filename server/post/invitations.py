"""What letters about taking part say: invitation, reminder, nominations. Plain text, short lines, no mark-up.

A letter gives its link on a line of its own, says until when it is good and what to do when it has run out, and is
signed by whoever had it sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.roles import Role
from server.wording import ROLES, counted, moment

_OF_A_DELEGATION = frozenset({Role.EXPERT, Role.FOCAL_POINT, Role.CONTRIBUTOR})


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body of a letter."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class House:
    """What every letter of a process rests on: its name, its zone, and who signs."""

    process: str
    zone: ZoneInfo
    signed: str = "The secretariat"


def invitation(house: House, name: str, role: Role, delegation: str | None, link: str, until: datetime) -> Words:
    """The letter with the link that signs somebody in."""
    return Words(
        f"{house.process}: your invitation",
        f"Dear {name},\n\n"
        f"You take part in {house.process} as {_part(role, delegation)}. Sign in with this link:\n\n{link}\n\n"
        f"It is yours alone, works once, and can be used until {moment(until, house.zone)}. "
        "For another device, or when it has run out, ask us for a new one.\n\n"
        f"{house.signed}",
    )


def reminder(house: House, name: str, role: Role, delegation: str | None, link: str, until: datetime) -> Words:
    """The letter to somebody who was invited and has not come; its link is a new one."""
    return Words(
        f"{house.process}: your invitation is waiting",
        f"Dear {name},\n\n"
        f"You were invited to {house.process} as {_part(role, delegation)} and have not signed in yet. "
        f"This link takes the place of the earlier one:\n\n{link}\n\n"
        f"It is yours alone, works once, and can be used until {moment(until, house.zone)}. "
        "You get one such reminder. Should you not be the right person, tell us by return.\n\n"
        f"{house.signed}",
    )


def nomination_call(house: House, delegation: str, link: str, due: datetime | None, until: datetime) -> Words:
    """The letter that asks a delegation's contact point to nominate."""
    by = f"by {moment(due, house.zone)}" if due is not None else "when you can"
    late = " Nominations after that are taken, and marked as late." if due is not None else ""
    return Words(
        f"{house.process}: nominate your experts",
        f"To the contact point of {delegation}\n\n"
        f"Please name those who take part in {house.process} for {delegation} {by}: name, entity and e-mail address of "
        f"each. No account is needed:\n\n{link}\n\n"
        f"The link is for {delegation} alone. It can be used several times, until {moment(until, house.zone)}.{late} "
        "Whoever we confirm is invited by e-mail.\n\n"
        f"{house.signed}",
    )


def nomination_receipt(house: House, delegation: str, nominated: Sequence[str], at: datetime, *, late: bool) -> Words:
    """What who nominated gets at once."""
    listed = "\n".join(f"- {one}" for one in nominated)
    marked = "They came after the date that was set, and are marked as late.\n\n" if late else ""
    return Words(
        f"{house.process}: nominations received",
        f"For {delegation} we received {counted(len(nominated), 'nomination')} on {moment(at, house.zone)}:\n\n"
        f"{listed}\n\n{marked}"
        "The secretariat looks at each. Whoever is confirmed is invited by e-mail; should somebody be declined, you "
        "are told why.\n\n"
        f"{house.signed}",
    )


def nomination_declined(house: House, delegation: str, name: str, reason: str) -> Words:
    """What who nominated is told when somebody is declined."""
    return Words(
        f"{house.process}: a nomination was declined",
        f"The nomination of {name} for {delegation} was declined:\n\n{reason}\n\n"
        "You can nominate somebody else by the same link while it is good, or ask us.\n\n"
        f"{house.signed}",
    )


def _part(role: Role, delegation: str | None) -> str:
    what = "one who gives views" if role is Role.CONTRIBUTOR else ROLES[role].lower()
    return f"{what} for {delegation}" if delegation and role in _OF_A_DELEGATION else what
