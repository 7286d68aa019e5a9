"""What browsers found that computed a version's fingerprint themselves (crdt/SPEC.md, V2), and who is told of one that
found another.

The editor computes the canonical text from its own document; the button on a version's page computes the fingerprint
of the canonical text that the server gives. Neither holds anything up: a version stands, and is marked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from opinions.canonical import short_fingerprint
from opinions.roles import Role
from server.opinion_store import load_opinion
from server.people_store import all_members, appointed_in
from server.post.letters import Letter, LetterKind, post
from server.tables import documents, entries, members, version_checks, versions
from server.tables.core import IS_OPINION


@dataclass(frozen=True, slots=True)
class BrowserCheck:
    """Whose browser it was, for whom, and whether it found the same fingerprint. `of_chair`: of who is in the chair, or
    froze it as chair.
    """

    member: str
    name: str
    delegation: str
    matches: bool
    at: datetime
    of_chair: bool


@dataclass(frozen=True, slots=True)
class Checks:
    """All that browsers said of one version."""

    found: tuple[BrowserCheck, ...] = ()

    @property
    def mismatches(self) -> tuple[BrowserCheck, ...]:
        """Those that found another fingerprint."""
        return tuple(one for one in self.found if not one.matches)

    @property
    def in_the_chair(self) -> bool:
        """Whether the chair's browser found the same."""
        return any(one.matches and one.of_chair for one in self.found)

    @property
    def elsewhere(self) -> bool:
        """Whether one more browser, not the chair's, found the same."""
        return any(one.matches and not one.of_chair for one in self.found)

    @property
    def told(self) -> str:
        """In one sentence what was checked, and what is missing."""
        if self.in_the_chair and self.elsewhere:
            return "Checked in the chair's browser and in one other."
        if self.in_the_chair:
            return "Checked in the chair's browser. One other is missing."
        if self.elsewhere:
            return "Checked in one browser. The chair's is missing."
        return "Not checked in a browser yet: the chair's and one other are missing."


def checks_of(connection: Connection, opinion: str, number: int, now: datetime) -> Checks:
    """What browsers said of a version, the first one first."""
    chairs = {
        member
        for member, role in appointed_in(connection, opinion, now).items()
        if role in {Role.CHAIR, Role.ACTING_CHAIR}
    } | {_froze(connection, opinion, number)}
    chosen = (
        select(version_checks, members.c.name, members.c.delegation)
        .join(members, members.c.id == version_checks.c.member)
        .where(version_checks.c.opinion == opinion, version_checks.c.number == number)
        .order_by(version_checks.c.at, version_checks.c.member)
    )
    return Checks(
        tuple(
            BrowserCheck(row.member, row.name, row.delegation or "", row.matches, row.at, row.member in chairs)
            for row in connection.execute(chosen)
        )
    )


def record_check(
    connection: Connection, opinion: str, number: int, member: str, fingerprint: str, now: datetime, address: str
) -> tuple[bool, str, Sequence[str]] | None:
    """Keep what a person's browser found, in place of what it found before: whether it matches, what is to be said of
    the version now (`Checks.told`), and the jobs to begin (letters, of the first that does not match). None when there
    is no such version.
    """
    key = (versions.c.opinion == opinion, versions.c.number == number)
    row = connection.execute(select(versions.c.fingerprint, versions.c.label).where(*key)).one_or_none()
    if row is None:
        return None
    of = (version_checks.c.opinion == opinion, version_checks.c.number == number)
    differed = connection.execute(select(version_checks.c.member).where(*of, version_checks.c.matches.is_(False)))
    is_first = differed.first() is None
    connection.execute(delete(version_checks).where(*of, version_checks.c.member == member))
    matches = bool(row.fingerprint == fingerprint)
    values = {"fingerprint": fingerprint, "matches": matches, "at": now}
    connection.execute(insert(version_checks).values(opinion=opinion, number=number, member=member, **values))
    jobs: list[str] = []
    if not matches and is_first:
        told = f"{address}/opinions/{opinion}/versions/{number}"
        jobs = _alert(connection, opinion, number, row.label, row.fingerprint, fingerprint, told, now)
    return matches, checks_of(connection, opinion, number, now).told, jobs


def _alert(
    connection: Connection,
    opinion: str,
    number: int,
    label: str,
    ours: str,
    theirs: str,
    address: str,
    now: datetime,
) -> list[str]:
    """A letter to administrators, secretariat and whoever is in the chair: once for each version."""
    name = load_opinion(connection, opinion).name
    chairs = {
        member
        for member, role in appointed_in(connection, opinion, now).items()
        if role in {Role.CHAIR, Role.ACTING_CHAIR}
    }
    body = (
        f"A browser computed another fingerprint for {name}, version {number} (“{label}”), than the server.\n\n"
        f"Server:  {short_fingerprint(ours)}\nBrowser: {short_fingerprint(theirs)}\n\n"
        "The version stands as it is, and its page warns of this. A program in the browser that changes pages, or an "
        "old page that was not loaded anew, is the usual cause. Do `unbracket verify-log`: it says whether what is "
        f"stored agrees with the log.\n\n{address}\n"
    )
    subject = f"A fingerprint differs: {name}, version {number}"
    asked = {Role.ADMINISTRATOR, Role.SECRETARIAT}
    return [
        post(connection, Letter(LetterKind.NOTICE, one.email, subject, body, member=one.id), now)
        for one in all_members(connection)
        if one.email and not one.suspended and (one.role in asked or one.id in chairs)
    ]


def _froze(connection: Connection, opinion: str, number: int) -> str:
    """Who froze it as chair, also when another is in the chair by now; empty where the freeze was recorded for the
    chair. Its entry stands right behind the version's last.
    """
    found: str | None = connection.scalar(
        select(entries.c.member)
        .join(documents, documents.c.id == entries.c.document)
        .join(versions, versions.c.document == documents.c.id)
        .where(IS_OPINION, versions.c.opinion == opinion, versions.c.number == number)
        .where(entries.c.seq == versions.c.seq + 1, versions.c.recorded_by == versions.c.frozen_by)
    )
    return found or ""
