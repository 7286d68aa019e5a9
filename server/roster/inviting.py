"""Inviting and reminding: a fresh link for each person, by e-mail where there is an address and a mail server, else as
a letter for the secretariat to copy.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from server.audit_store import AuditEvent, Kind, note
from server.people_store import Member, require_member
from server.post import invitations as letters_words
from server.post.invitations import House, Words
from server.post.letters import Letter, LetterKind, post
from server.process_store import load_process
from server.roster.arrivals import NOTHING_KNOWN, Coming, arrivals, note_mailed, to_be_reminded
from server.session_store import issue_invitation
from server.settings import public_address

if TYPE_CHECKING:
    from server.work import Tools

MOST_REMINDED = 200
"""Reminders of one run of the timetable; the next run takes the others. A roster has some 170 people."""


@dataclass(frozen=True, slots=True)
class Inviter:
    """Who invites, and how: `member` is empty for the timetable. `mails`: whether letters can be sent at all."""

    house: House
    address: str
    now: datetime
    lifetime: timedelta
    mails: bool
    member: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """One person with a fresh link. `job` sends the letter; it is empty where the letter must be handed over."""

    member: Member
    link: str
    until: datetime
    words: Words
    job: str = ""


def invite(
    connection: Connection, member: Member, inviter: Inviter, *, by_mail: bool = True, reminding: bool = False
) -> Invited:
    """A fresh link; every earlier one ends. Raises `PeopleRefused` for somebody suspended."""
    token = issue_invitation(connection, member.id, inviter.member or None, inviter.now, inviter.lifetime)
    until = inviter.now + inviter.lifetime
    link = f"{inviter.address}/sign-in/{token}"
    letter = letters_words.reminder if reminding else letters_words.invitation
    words = letter(inviter.house, member.name, member.role, member.delegation, link, until)
    job = ""
    if by_mail and inviter.mails and member.email:
        kind = LetterKind.REMINDER if reminding else LetterKind.INVITATION
        letter_to = Letter(kind, member.email, words.subject, words.body, member.id)
        job = post(connection, letter_to, inviter.now)
        note_mailed(connection, member.id, reminded_at=inviter.now if reminding else None)
    said = ("Reminded" if reminding else "Invited") + (f" at {member.email}" if job else " by a link to hand over")
    event = AuditEvent(
        Kind.INVITED, inviter.now, inviter.member, inviter.house.signed, member.id, f"{said}: {member.name}"
    )
    note(connection, event)
    return Invited(member, link, until, words, job)


def invite_all(connection: Connection, members: list[Member], inviter: Inviter) -> list[Invited]:
    """Invite those of them who have not been invited, have not come and are not suspended."""
    known = arrivals(connection)
    return [
        invite(connection, member, inviter)
        for member in members
        if not member.suspended and known.get(member.id, NOTHING_KNOWN).coming(inviter.now) is Coming.NOT_INVITED
    ]


def remind_all(connection: Connection, inviter: Inviter, after: timedelta) -> list[Invited]:
    """Remind all who were invited that long ago and have not come: one reminder per person and link."""
    due = to_be_reminded(connection, inviter.now, after)[:MOST_REMINDED]
    return [invite(connection, require_member(connection, one), inviter, reminding=True) for one in due]


async def remind(ctx: dict[Any, Any]) -> None:
    """Of the timetable: remind whoever has not come within the days that the process sets; 0 days, or no mail server:
    nobody.
    """
    tools: Tools = ctx["tools"]
    if not tools.settings.smtp_url:
        return
    now = datetime.now(UTC)
    reminded = await tools.database.write(
        partial(
            _remind_due,
            address=public_address(tools.settings),
            lifetime=timedelta(hours=tools.settings.invitation_hours),
            now=now,
        )
    )
    for one in reminded:
        if one.job:
            tools.begin(one.job)


def _remind_due(connection: Connection, address: str, lifetime: timedelta, now: datetime) -> list[Invited]:
    process = load_process(connection)
    days = process.rules.invitation_reminder_days
    if not days:
        return []
    inviter = Inviter(House(process.name, process.zone), address, now, lifetime, mails=True)
    return remind_all(connection, inviter, timedelta(days=days))
