"""One request of one person: what an endpoint is given, and the guard that decides whether it is called at all.

Every route passes `guarded`: it looks up who calls and of which Opinion, asks `opinions.roles.may`, and only then
calls the endpoint. What a person may not know of is answered as if it were not there.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from opinions.errors import NotAllowed, OpinionError
from opinions.phases import NAMEABLE
from opinions.procedure import whose_voice
from opinions.roles import FOLLOWERS, Act, Actor, Role, may
from server import auth, metrics
from server.audit_store import AuditEvent, Kind
from server.auth import Asking, Standing
from server.channels import Channels
from server.comparing.made import Comparisons
from server.consultation.limits import PublicLimits
from server.consultation.made import MadeFiles
from server.database import Database
from server.doors import Doors
from server.errors import DatabaseUnavailable, ServerError
from server.freezes.cutting import Cutting
from server.history.reading import Histories
from server.hub import Hub, Place
from server.identity import proof
from server.identity.attempts import Attempts
from server.identity.gate import Gate
from server.identity.noting import Noting
from server.identity.oidc import Provider
from server.identity.proof import ProofNeeded, RoleWithheld
from server.live_feed import Gallery
from server.opinion_store import OpinionRow
from server.peers import Peer
from server.people_store import Appointments, Member, actor_for
from server.phasing.asking import deadline_missed
from server.phasing.watch import PhasesSeen
from server.process_store import Process
from server.projecting.screen import Screens
from server.security import SAFE_METHODS, BodyTooLarge, Origins, limited
from server.session_store import session_named
from server.settings import Settings
from server.verification.mirror import Mirrored

T = TypeVar("T")
_log = logging.getLogger("unbracket.pages")

FORM_BYTES = 64 * 1024
"""Bytes of an ordinary form: names and settings; what takes texts says so in its route."""

CLOSED_TO_OBSERVERS = "closed to observers"
"""The detail of a 403 that says so."""


class RequestFailed(ServerError):
    """Raised in place of whatever an endpoint did not expect; its cause says what that was."""


class Public(Enum):
    """The policy of routes that anybody may ask for, signed in or not."""

    PUBLIC = "public"


PUBLIC = Public.PUBLIC
Policy = Act | Public


@dataclass(frozen=True, slots=True)
class Services:
    """What requests are served with; made once by the app and kept in its state as `services`."""

    settings: Settings
    origins: Origins
    database: Database
    hub: Hub
    doors: Doors
    gallery: Gallery = field(default_factory=Gallery)
    screens: Screens = field(default_factory=Screens)
    channels: Channels = field(default_factory=Channels)
    public_limits: PublicLimits = field(default_factory=PublicLimits)
    comment_files: MadeFiles = field(default_factory=MadeFiles)
    histories: Histories = field(default_factory=Histories)
    comparisons: Comparisons = field(default_factory=Comparisons)
    begin: Callable[[str], None] = lambda job_id: None
    """Has a job of the outbox done soon; call it after the commit that put it there."""
    wake_phases: Callable[[], None] = lambda: None
    """Says that a part in an Opinion was given or taken back: call it after the commit."""
    phases: PhasesSeen = field(default_factory=PhasesSeen)
    """The phases of the process; `wake` it after the commit that changed the timetable."""
    provider: Provider | None = None
    """Where else people may sign in."""
    cutting: Cutting | None = None
    """Freezes the whole volume."""
    mirrored: Mirrored = field(default_factory=Mirrored)
    attempts: Attempts = field(default_factory=Attempts)
    noting: Noting = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "noting", Noting(self.database.write))

    @property
    def session_lifetime(self) -> timedelta:
        """How long a sign-in lasts."""
        return timedelta(days=self.settings.session_days)

    @property
    def invitation_lifetime(self) -> timedelta:
        """How long an invitation link can be used."""
        return timedelta(hours=self.settings.invitation_hours)

    def secure(self, connection: HTTPConnection) -> bool:
        """Whether people reach this server by https."""
        return auth.is_secure(connection, self.origins.allowed)

    async def standing(self, connection: HTTPConnection, *, admit_personas: bool) -> Standing:
        """Who calls, and of which Opinion, as the database says now. Nobody is turned away because the disk takes no
        note of the visit.
        """
        token = auth.token_of(connection, self.secure(connection))
        host, agent = connection.headers.get("host", ""), auth.agent_of(connection)
        opinion_id = connection.path_params.get("opinion")
        now, lifetime = datetime.now(UTC), self.session_lifetime

        def look(database: Connection, *, noting: bool = True) -> Standing:
            return auth.standing(
                database,
                token=token,
                host=host,
                opinion_id=opinion_id,
                now=now,
                lifetime=lifetime,
                agent=agent,
                admit_personas=admit_personas,
                noting=noting,
            )

        try:
            return await self.database.write(look)
        except DatabaseUnavailable:
            return await self.database.read(partial(look, noting=False))

    async def standings(self, asking: Sequence[Asking]) -> list[Standing]:
        """As `standing`, of all who ask for a socket at once. Written is only what is to be noted of somebody: a hall
        that comes back waits for no other write.
        """
        now = datetime.now(UTC)
        found = await self.database.read(partial(auth.standings, asking=asking, now=now, noting=False))
        callers = [one.caller for one in found if one.caller is not None]
        if any(caller.session.is_to_be_noted(now) for caller in callers):
            with suppress(DatabaseUnavailable):
                return await self.database.write(partial(auth.standings, asking=asking, now=now))
        return found

    def watch(self, standing: Standing, address: str, place: Place, peer: Peer) -> None:
        """Look after a peer that was just seated: refusals go into the audit, and grave commands wait for a proof."""
        actor, caller, opinion = standing.actor, standing.caller, standing.opinion
        assert actor is not None
        assert caller is not None
        subject = "" if opinion is None else opinion.id

        def refused(code: str) -> None:
            if code == "not-allowed":
                self.refused(standing, "a command or words", subject, address)

        peer.on_refused = refused
        if may(actor, Act.OPINION_FREEZE):
            place.submit = Gate(place.submit, peer, partial(self._proved, actor.member, caller.session.id)).submit

    async def _proved(self, member: str, session: str) -> bool:
        now = datetime.now(UTC)
        found = await self.database.read(lambda connection: session_named(connection, member, session, now))
        return found is not None and not proof.is_due(found, now)

    def refused(self, standing: Standing, what: str, subject: str, address: str) -> None:
        """Have a refusal noted in the audit."""
        caller = standing.caller
        member, name = ("", "") if caller is None else (caller.member.id, caller.member.name)
        self.noting.tell(AuditEvent(Kind.REFUSED, datetime.now(UTC), member, name, subject, what, address))


def services_of(connection: HTTPConnection) -> Services:
    """The services of the app that a request or socket came to."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, its moment, and who makes it. `member` and `opinion` hold behind a guard that asks for them."""

    request: Request
    services: Services
    standing: Standing
    now: datetime
    looked_up: int = 0
    """`Hub.revocations` before the standing was looked up."""
    missed: datetime | None = None
    """The deadline of a phase that this act comes after, where what is late is taken and marked (PH5)."""

    @property
    def process(self) -> Process:
        """The process as it is set now."""
        return self.standing.process

    @property
    def visitor(self) -> Member | None:
        """Who is signed in, if anybody."""
        return None if self.standing.caller is None else self.standing.caller.member

    @property
    def member(self) -> Member:
        """Who is signed in. `LookupError` on a public page without sign-in."""
        if self.standing.caller is None:
            raise LookupError("nobody is signed in")
        return self.standing.caller.member

    @property
    def session_id(self) -> str:
        """The id of the session that the request came under; empty for none."""
        return "" if self.standing.caller is None else self.standing.caller.session.id

    @property
    def token(self) -> str:
        """What the cookie of the session holds; empty for none."""
        caller = self.standing.caller
        if caller is None:
            return ""
        return caller.fresh_token or auth.token_of(self.request, self.secure)

    @property
    def actor(self) -> Actor:
        """The person as this Opinion, or the process, sees him or her. `LookupError` when nobody is signed in."""
        actor = self.standing.actor
        if actor is None:
            raise LookupError("nobody is signed in")
        return actor

    def actor_in(self, appointed: Appointments) -> Actor:
        """The person as an Opinion sees him or her that the path does not name; `appointed` are that Opinion's."""
        caller = self.standing.caller
        assert caller is not None
        missing = proof.withheld(self.process.rules, set(appointed.values()), caller.session)
        return actor_for(self.member, proof.parts_seen(appointed, self.member.id, missing), self.standing.voices)

    @property
    def part(self) -> Role:
        """What the page calls the person: the role in this Opinion, or in the chair of any."""
        return self.standing.in_the_chair or self.actor.role

    @property
    def opinion(self) -> OpinionRow:
        """The Opinion of the path. `LookupError` when the route names none."""
        if self.standing.opinion is None:
            raise LookupError("this route names no Opinion")
        return self.standing.opinion

    @property
    def address(self) -> str:
        """The network address that the request came from."""
        return auth.address_of(self.request)

    def event(self, kind: Kind, subject: str = "", detail: str = "", who: Member | None = None) -> AuditEvent:
        """What the audit notes of this request: `who` did it, the visitor unless said otherwise."""
        who = who or self.visitor
        member, name = ("", "") if who is None else (who.id, who.name)
        return AuditEvent(kind, self.now, member, name, subject, detail, self.address)

    @property
    def proof_due(self) -> bool:
        """Whether a grave act of this visitor needs a passkey's proof first."""
        caller = self.standing.caller
        return caller is not None and proof.is_due(caller.session, self.now)

    def require_proof(self) -> None:
        """Raises `ProofNeeded` before a grave act that waits for a passkey's proof."""
        if self.proof_due:
            raise ProofNeeded(proof.MESSAGE)

    @property
    def shared(self) -> bool:
        """Whether the visitor signed in at a computer that others use."""
        return self.standing.caller is not None and self.standing.caller.session.shared

    @property
    def secure(self) -> bool:
        """Whether the visitor came by https."""
        return self.services.secure(self.request)

    def may(self, act: Act) -> bool:
        """Whether the visitor may do this: what a page shows follows from it."""
        return self.standing.may(act)

    def kept(self, response: Response) -> Response:
        """The answer, with the cookie of the session that this very request began, if it did."""
        caller = self.standing.caller
        if caller is not None and caller.fresh_token is not None:
            lifetime = self.services.session_lifetime
            auth.set_cookie(response, self.request, caller.fresh_token, lifetime, self.secure)
        return response

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """The value of a function of the database."""
        return await self.services.database.read(fn)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """The value of a function that changes the database, after its commit."""
        return await self.services.database.write(fn)

    async def form(self) -> dict[str, str]:
        """The text fields of the posted form; of a field sent twice, the last."""
        posted = await self.request.form(max_files=0, max_fields=200)
        return {name: value for name, value in posted.multi_items() if isinstance(value, str)}

    async def choices(self, name: str) -> list[str]:
        """All values of a field that may be given several times."""
        posted = await self.request.form(max_files=0, max_fields=200)
        return [value for value in posted.getlist(name) if isinstance(value, str)]


Endpoint = Callable[[Visit], Awaitable[Response]]


def guarded(
    endpoint: Endpoint, policy: Policy, *, hidden: bool, max_body: int
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind its policy. `hidden`: who may not see it is told 404, as if it were not there."""

    async def guard(request: Request) -> Response:
        services = services_of(request)
        looked_up = services.hub.revocations
        standing = await services.standing(request, admit_personas=policy is not PUBLIC)
        bounded = Request(request.scope, limited(request.receive, max_body))
        visit = request.state.visit = Visit(bounded, services, standing, datetime.now(UTC), looked_up)
        if isinstance(policy, Act):
            if standing.caller is None:
                return _sign_in_first(request)
            if "opinion" in request.path_params and standing.opinion is None:
                raise HTTPException(HTTPStatus.NOT_FOUND)
            if standing.withheld and not standing.may(policy):
                raise RoleWithheld(proof.WITHHELD)
            if policy is Act.OPINION_READ_LIVE and _shut_out(standing):
                raise HTTPException(HTTPStatus.FORBIDDEN, CLOSED_TO_OBSERVERS)
            if not standing.may(policy):
                _log.info("refused", extra={"member": standing.caller.member.id, "act": policy.value})
                services.refused(standing, policy.value, _subject(request), visit.address)
                if _another_is_the_voice(standing, policy):
                    raise NotAllowed(whose_voice(visit.actor))
                raise HTTPException(HTTPStatus.NOT_FOUND if hidden else HTTPStatus.FORBIDDEN)
            if policy in proof.GRAVE and request.method not in SAFE_METHODS:
                visit.require_proof()
            if policy in NAMEABLE and request.method not in SAFE_METHODS:
                asked = partial(deadline_missed, act=policy, role=visit.actor.role, now=visit.now)
                if (missed := await services.database.read(asked)) is not None:
                    visit = request.state.visit = replace(visit, missed=missed)
        try:
            return visit.kept(await endpoint(visit))
        except (HTTPException, ServerError, OpinionError, BodyTooLarge):
            raise
        except Exception as error:
            metrics.FAULTS.inc()
            # Raised as one of ours, for else Starlette would answer outside of the security layer.
            raise RequestFailed("a fault of ours") from error

    return guard


def _shut_out(standing: Standing) -> bool:
    """Whether an observer is kept out only because the sitting is closed to observers: that is told, not hidden."""
    actor, opinion = standing.actor, standing.opinion
    return actor is not None and actor.role in FOLLOWERS and opinion is not None and not opinion.observers_admitted


def _another_is_the_voice(standing: Standing, policy: Act) -> bool:
    """Whether somebody is kept from something only because another one speaks for the delegation."""
    actor = standing.actor
    return actor is not None and not actor.voice and may(replace(actor, voice=True), policy)


def _subject(request: Request) -> str:
    """What a refused request was about: the Opinion or person of its path."""
    return next((str(value)[:64] for value in request.path_params.values()), "")


def _sign_in_first(request: Request) -> Response:
    if request.method in SAFE_METHODS and not request.url.path.startswith(("/api/", "/frames/")):
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    raise HTTPException(HTTPStatus.UNAUTHORIZED)
