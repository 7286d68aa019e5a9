"""Who sends a request or opens a socket: the session cookie, and what becomes of a sign-in.

A cookie holds 256 random bits and nothing else; whose it is stands in the database, so it can be revoked. In the
demonstration a host name of its own (`http://MEMBER.localhost`) makes its visitor that persona, without a link: a
browser keeps cookies per host, so several personas can be open side by side.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.requests import HTTPConnection
from starlette.responses import Response

from opinions.roles import Act, Actor, Role, Stage, may
from server.drafting_groups.groups import DraftingGroup, living, seats_of
from server.errors import UnknownOpinion
from server.identity import proof
from server.opinion_store import OpinionRow, load_opinion
from server.people_store import Appointments, Member, actor_for, all_appointments, appointed_in, find_member
from server.process_store import Process, load_process
from server.roster.voices import NOBODY, Voices, voices_in, voices_of
from server.session_store import Session, Way, find_session, find_sessions, start_session

_PERSONA_SUFFIX = ".localhost"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person. `fresh_token` is set when this very request began the session: the answer sets the cookie."""

    member: Member
    session: Session
    fresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that decides whether a request may be served, as of one moment of the database.

    `in_the_chair` is what the caller is in any Opinion; it decides nothing and is only shown.
    """

    process: Process
    caller: Caller | None
    opinion: OpinionRow | None = None
    appointed: Appointments | None = None
    in_the_chair: Role | None = None
    withheld: frozenset[Role] = frozenset()
    """Roles of the caller that this session does not have, for they need a passkey (`server.identity.proof`). The rest
    of the standing is without them already.
    """
    voices: Voices = NOBODY
    """Who speaks for the caller's delegation."""
    groups: tuple[DraftingGroup, ...] = ()
    """The drafting groups of the Opinion, the caller's and others."""

    @property
    def actor(self) -> Actor | None:
        """The caller as the Opinion, or the process, sees him or her; None when nobody is signed in."""
        if self.caller is None:
            return None
        actor = actor_for(self.caller.member, self.appointed, self.voices)
        return replace(actor, groups=seats_of(actor, self.groups)) if self.groups else actor

    def may(self, act: Act) -> bool:
        """Whether the caller may do this, as far as it can be told outside the room."""
        actor = self.actor
        if actor is None:
            return False
        opinion = self.opinion
        stage = (
            Stage() if opinion is None else Stage(closed=opinion.closed, observers_admitted=opinion.observers_admitted)
        )
        return may(actor, act, stage)


def standing(
    connection: Connection,
    *,
    token: str,
    host: str,
    opinion_id: str | None,
    now: datetime,
    lifetime: timedelta,
    agent: str = "",
    admit_personas: bool = True,
    noting: bool = True,
) -> Standing:
    """Who calls, and what of: one look at the database. `opinion` is None when there is none of that id.

    `admit_personas` lets the demonstration sign a persona in by host name; a socket only ever continues a session.
    `noting` keeps when a session was last used, which may write.
    """
    process = load_process(connection)
    caller = None
    persona = persona_of(host) if process.demo else None
    found = find_session(connection, token, now, noting=noting) if token else None
    if found is not None and persona in {None, found[1].id}:
        caller = Caller(found[1], found[0])
    elif persona is not None and admit_personas:
        caller = _as_persona(connection, persona, now, lifetime, agent)
    delegation = None if caller is None else caller.member.delegation
    voices = voices_in(connection, delegation) if delegation else NOBODY
    if opinion_id is None:
        parts = all_appointments(connection, now).values() if caller is not None else ()
        chair = {appointed[caller.member.id] for appointed in parts if caller and caller.member.id in appointed}
        seen = _as_proved(Standing(process, caller, voices=voices), chair)
        chair = (chair & {Role.CHAIR, Role.ACTING_CHAIR}) - seen.withheld
        return replace(seen, in_the_chair=min(chair, default=None, key=list(Role).index))
    groups = living(connection, opinion_id)
    return _as_proved(Standing(process, caller, *_opinion(connection, opinion_id, now), voices=voices, groups=groups))


class Asking(NamedTuple):
    """Who asks for a socket, as the request says it, and of which Opinion."""

    token: str
    host: str
    opinion: str


def standings(
    connection: Connection, asking: Sequence[Asking], *, now: datetime, noting: bool = True
) -> list[Standing]:
    """The standing of many who ask at once, in their order, as of one moment: as `standing`, and no personas."""
    process = load_process(connection)
    found = find_sessions(connection, {one.token for one in asking if one.token}, now, noting=noting)
    opinions = {opinion: _opinion(connection, opinion, now) for opinion in {one.opinion for one in asking}}
    groups = {opinion: living(connection, opinion) for opinion in opinions}
    voices = voices_of(connection, {one.delegation for _, one in found.values() if one.delegation})
    standings = []
    for one in asking:
        session = found.get(one.token)
        if session is not None and process.demo and persona_of(one.host) not in {None, session[1].id}:
            session = None
        caller = None if session is None else Caller(session[1], session[0])
        ours = NOBODY if caller is None else voices.get(caller.member.delegation or "", NOBODY)
        here = groups[one.opinion]
        standings.append(_as_proved(Standing(process, caller, *opinions[one.opinion], voices=ours, groups=here)))
    return standings


def _as_proved(standing: Standing, elsewhere: Collection[Role] = ()) -> Standing:
    """The standing without what the session has brought no passkey for; `elsewhere` are the caller's parts anywhere."""
    caller = standing.caller
    if caller is None or not standing.process.rules.passkey_roles:
        return standing
    member = caller.member
    here = {(standing.appointed or {}).get(member.id, member.role)}
    missing = proof.withheld(standing.process.rules, {member.role, *here, *elsewhere}, caller.session)
    if not missing:
        return standing
    return replace(
        standing,
        caller=replace(caller, member=proof.as_seen(member, missing)),
        appointed=proof.parts_seen(standing.appointed, member.id, missing),
        withheld=missing,
    )


def _opinion(connection: Connection, opinion_id: str, now: datetime) -> tuple[OpinionRow | None, Appointments | None]:
    try:
        return load_opinion(connection, opinion_id), appointed_in(connection, opinion_id, now)
    except UnknownOpinion:
        return None, None


def persona_of(host: str) -> str | None:
    """The member id that a demonstration host name stands for: `m-amara.localhost:8000` is `m-amara`."""
    name = host.rsplit(":", 1)[0].lower()
    return name.removesuffix(_PERSONA_SUFFIX) if name.endswith(_PERSONA_SUFFIX) else None


def _as_persona(
    connection: Connection, member_id: str, now: datetime, lifetime: timedelta, agent: str
) -> Caller | None:
    member = find_member(connection, member_id)
    if member is None or member.suspended:
        return None
    token = start_session(connection, member.id, now, lifetime, agent, way=Way.PERSONA)
    found = find_session(connection, token, now)
    return None if found is None else Caller(member, found[0], token)


# --- the cookie


def cookie_name(connection: HTTPConnection, secure: bool) -> str:
    """`__Host-` pins the cookie to this host and to https. Without https the port is in the name: browsers share the
    cookies of a host among all its ports, and two servers on one machine must not sign each other out.
    """
    if secure:
        return "__Host-unbracket"
    return f"unbracket-{connection.url.port or 80}"


def cookie_for(host: str, secure: bool) -> str:
    """As `cookie_name`, for a Host header that was found to be ours and a connection that is not encrypted itself."""
    return "__Host-unbracket" if secure else f"unbracket-{_port(host)}"


@lru_cache(maxsize=64)
def _port(host: str) -> int:
    return urlsplit(f"//{host}").port or 80


def is_secure(connection: HTTPConnection, origins: frozenset[str]) -> bool:
    """Whether people reach the server by https: by its public origin, or on this connection."""
    return connection.url.scheme in {"https", "wss"} or any(origin.startswith("https://") for origin in origins)


def token_of(connection: HTTPConnection, secure: bool) -> str:
    """The session token a request brings; empty when it brings none."""
    return connection.cookies.get(cookie_name(connection, secure), "")


def set_cookie(
    response: Response,
    connection: HTTPConnection,
    token: str,
    lifetime: timedelta,
    secure: bool,
    *,
    shared: bool = False,
) -> None:
    """Give the browser its session; at a computer that others use it forgets it when it is closed."""
    response.set_cookie(
        cookie_name(connection, secure),
        token,
        max_age=None if shared else int(lifetime.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, connection: HTTPConnection, secure: bool) -> None:
    """Make the browser forget its session."""
    response.delete_cookie(cookie_name(connection, secure), path="/", secure=secure, httponly=True, samesite="lax")


def address_of(connection: HTTPConnection) -> str:
    """The network address a request came from, as the proxies that are believed say it; empty if nothing does."""
    return connection.client.host if connection.client else ""


def agent_of(connection: HTTPConnection) -> str:
    """The browser as its owner would name it, from the User-Agent: "Firefox on Windows"; never used to decide."""
    given = connection.headers.get("user-agent", "")
    browsers = (
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    )  # fmt: skip
    systems = (
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    )  # fmt: skip
    browser = next((name for mark, name in browsers if mark in given), "Another browser")
    system = next((name for mark, name in systems if mark in given), "")
    return f"{browser} on {system}" if system else browser
