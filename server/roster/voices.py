"""Who speaks for a delegation in the room: one person, by name or by part (opinions/SPEC.md, P7).

Plain functions of a `Connection`. The voice is whom the focal point named; else the focal point; with neither, any of
its experts. In one Opinion those count who are there for the delegation: who is in the chair there is not, so that a
delegation whose focal point chairs is never without a voice.

Whatever changes people runs in `keeping`: whoever gains or loses the voice by it, also through somebody else's change,
gets a new version, so that sockets opened before commit nothing more (as with parts, server/SPEC.md, T5).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from opinions.model import DelegationCode
from opinions.roles import Role
from server.errors import ServerError
from server.tables import appointments, members
from server.tables.parties import voices
from server.tables.people import parts

_SPEAKING = frozenset({Role.EXPERT, Role.FOCAL_POINT})


class VoiceRefused(ServerError):
    """Raised when somebody cannot be the voice; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a delegation, with what he or she is in the process."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Voices:
    """The people of one delegation who are not suspended, by name, and whom its focal point named."""

    people: tuple[Person, ...] = ()
    named: str | None = None

    def holders(self, appointed: Mapping[str, Role] | None = None) -> tuple[Person, ...]:
        """Who may speak for the delegation in an Opinion with these appointments, or in general; none: nobody acts for
        it there.
        """
        roles = {one.id: (appointed or {}).get(one.id, one.role) for one in self.people}
        there = [one for one in self.people if roles[one.id] in _SPEAKING]
        named = [one for one in there if one.id == self.named]
        return tuple(named or [one for one in there if roles[one.id] is Role.FOCAL_POINT] or there)


NOBODY = Voices()


def voices_of(connection: Connection, delegations: Collection[str]) -> Mapping[str, Voices]:
    """The voices of these delegations; one without people is left out."""
    if not delegations:
        return {}
    chosen = (
        select(members.c.delegation, members.c.id, members.c.name, members.c.role, voices.c.member)
        .outerjoin(voices, voices.c.delegation == members.c.delegation)
        .where(members.c.delegation.in_(delegations), members.c.suspended.is_(False))
        .order_by(members.c.name)
    )
    people: dict[str, list[Person]] = {}
    named: dict[str, str] = {}
    for code, member, name, role, voice in connection.execute(chosen):
        people.setdefault(code, []).append(Person(member, name, Role(role)))
        if voice is not None:
            named[code] = voice
    return {code: Voices(tuple(found), named.get(code)) for code, found in people.items()}


def voices_in(connection: Connection, delegation: str) -> Voices:
    """The voices of one delegation."""
    return voices_of(connection, [delegation]).get(delegation, NOBODY)


def name_voice(
    connection: Connection, delegation: DelegationCode, member: str | None, by: str, at: datetime
) -> frozenset[str]:
    """Have this person speak for the delegation, or (None) whoever does by default: the members whose voice changed.

    Raises `VoiceRefused` for somebody who does not act for the delegation.
    """
    known = voices_in(connection, delegation)
    found = next((one for one in known.people if one.id == member), None)
    if member is not None and (found is None or found.role not in _SPEAKING):
        raise VoiceRefused(f"Choose an expert or focal point of {delegation} who is not suspended.")
    with keeping(connection, [delegation]) as changed:
        connection.execute(delete(voices).where(voices.c.delegation == delegation))
        if member is not None:
            connection.execute(insert(voices).values(delegation=delegation, member=member, named_by=by, named_at=at))
    return frozenset(changed)


@contextmanager
def keeping(
    connection: Connection, delegations: Collection[str | None], but: Collection[str] = ()
) -> Iterator[set[str]]:
    """Around a change of people of these delegations: raises the versions of those whose voice changed by it, in any
    Opinion, `but` of those whose version the change raises itself. The set it gives holds them afterwards.
    """
    codes = {code for code in delegations if code}
    changed: set[str] = set()
    before = _everywhere(connection, codes)
    yield changed
    after = _everywhere(connection, codes)
    for code, opinion in {*before, *after}:
        # Where nobody is more, or less, than in the process, the holders are those of the process.
        was, now = (found.get((code, opinion), found.get((code, ""), frozenset())) for found in (before, after))
        changed |= was ^ now
    changed -= set(but)
    if changed:
        connection.execute(update(members).where(members.c.id.in_(changed)).values(version=members.c.version + 1))


@contextmanager
def keeping_around(connection: Connection, concerned: Collection[str]) -> Iterator[set[str]]:
    """As `keeping`, for the delegations of these members, whose own versions the change raises."""
    found = connection.scalars(select(members.c.delegation).where(members.c.id.in_(concerned)).distinct()).all()
    with keeping(connection, found, concerned) as changed:
        yield changed


def _everywhere(connection: Connection, codes: Collection[str]) -> dict[tuple[str, str], frozenset[str]]:
    """Who holds the voice, by delegation and Opinion; the Opinion is empty for those in which nobody of it is more, or
    less, than in the process.
    """
    if not codes:
        return {}
    found = voices_of(connection, codes)
    appointed: dict[str, dict[str, Role]] = {"": {}}
    ours = select(members.c.id).where(members.c.delegation.in_(codes))
    for row in connection.execute(select(appointments).where(appointments.c.member.in_(ours))):
        appointed.setdefault(row.opinion, {})[row.member] = Role(row.role)
    # As announced, not as the clock says: a turn announces, and its change is what is looked for here.
    for row in connection.execute(select(parts).where(parts.c.member.in_(ours), parts.c.state == "begun")):
        appointed.setdefault(row.opinion, {})[row.member] = Role(row.role)
    return {
        (code, opinion): frozenset(one.id for one in voice.holders(roles))
        for code, voice in found.items()
        for opinion, roles in appointed.items()
    }
