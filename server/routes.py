"""Every address of the server with its policy: the one table. A route that is not in it does not exist.

The policy is the act that `opinions.roles.may` must allow, or PUBLIC. `hidden` refuses with 404 where even knowing of
the thing is not for everybody; `max_body` bounds what may be sent. Messages over the socket are the room's to judge.
"""

import asyncio
import gzip
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from crdt.parcels import MAX_PARCEL
from opinions.errors import OpinionError
from opinions.roles import Act
from server import frames_over_http as frames
from server.api import opinions as api
from server.assets import IMMUTABLE, assets_of
from server.errors import ServerError
from server.frames_over_http import Answer
from server.identity.attempts import TooManyAttempts
from server.identity.ceremonies import TooManyBegun
from server.identity.proof import ProofNeeded, RoleWithheld
from server.pages import (
    account,
    chair,
    dashboard,
    delegations,
    demo,
    exports,
    live,
    opinion,
    opinion_new,
    passkeys,
    people,
    problems,
    settings,
    sign_in,
    versions,
)
from server.routing import (
    alternatives,
    comparing,
    console,
    consultation,
    drafting_check,
    drafting_groups,
    forum,
    freezes,
    history,
    identity,
    papers,
    parties,
    phases,
    projector,
    publications,
    reading,
    reports,
    taking_part,
    threads,
    timetable,
    verification,
    volumes,
    word_in,
)
from server.routing import people as rosters
from server.routing.entry import Entry
from server.security import BodyTooLarge
from server.sockets import opinion_socket
from server.visit import PUBLIC, Visit, guarded

STATIC = Path(__file__).parent / "static"


async def icon(visit: Visit) -> Response:
    """`GET /icon.svg`."""
    return FileResponse(STATIC / "icon.svg", headers={"cache-control": "public, max-age=86400"})


async def offline_worker(visit: Visit) -> Response:
    """`GET /offline.js`: the service worker, at the root so that it may keep the pages of draft Opinions."""
    (address,) = assets_of("src/offline.ts").scripts
    headers = {"cache-control": "no-cache"}
    return FileResponse(STATIC / address.removeprefix("/static/"), media_type="text/javascript", headers=headers)


CHANNEL = "/frames/opinions/{opinion}/{channel}"

TABLE: tuple[Entry, ...] = (
    Entry("GET", "/", Act.PROCESS_READ, dashboard.dashboard),
    Entry("GET", "/icon.svg", PUBLIC, icon),
    Entry("GET", "/offline.js", PUBLIC, offline_worker),
    # Getting in and out
    Entry("GET", "/sign-in", PUBLIC, sign_in.sign_in),
    Entry("GET", "/sign-in/{token}", PUBLIC, sign_in.invitation),
    Entry("POST", "/sign-in/{token}", PUBLIC, sign_in.accept_invitation),
    Entry("POST", "/sign-out", PUBLIC, sign_in.sign_out),
    Entry("GET", "/demo", PUBLIC, demo.demo),
    Entry("POST", "/demo", PUBLIC, demo.take_persona),
    Entry("GET", "/account", Act.PROCESS_READ, account.account),
    Entry("POST", "/account/sessions", Act.PROCESS_READ, account.end_own_session),
    # People
    Entry("GET", "/people", Act.PEOPLE_MANAGE, people.people),
    Entry("GET", "/people/new", Act.PEOPLE_MANAGE, people.new_person),
    Entry("POST", "/people/new", Act.PEOPLE_MANAGE, people.add_person),
    Entry("GET", "/people/{member}", Act.PEOPLE_MANAGE, people.person, hidden=True),
    Entry("POST", "/people/{member}", Act.PEOPLE_MANAGE, people.change_person, hidden=True),
    Entry("POST", "/people/{member}/invitation", Act.PEOPLE_MANAGE, people.invite_person, hidden=True),
    Entry("POST", "/people/{member}/suspension", Act.PEOPLE_MANAGE, people.suspend_person, hidden=True),
    Entry("POST", "/people/{member}/sessions", Act.PEOPLE_MANAGE, people.end_person_session, hidden=True),
    Entry("GET", "/delegations/new", Act.PEOPLE_MANAGE, delegations.new_delegation),
    Entry("POST", "/delegations/new", Act.PEOPLE_MANAGE, delegations.add_delegation),
    Entry("GET", "/delegations/{code}", Act.PEOPLE_MANAGE, delegations.delegation, hidden=True),
    Entry("POST", "/delegations/{code}", Act.PEOPLE_MANAGE, delegations.change_delegation, hidden=True),
    # The process
    Entry("GET", "/settings", Act.PROCESS_SETTINGS, settings.settings),
    Entry("POST", "/settings", Act.PROCESS_SETTINGS, settings.change_settings),
    *rosters.ENTRIES,
    *identity.ENTRIES,
    *papers.ENTRIES,
    *consultation.ENTRIES,
    *word_in.ENTRIES,
    *reading.ENTRIES,
    *taking_part.ENTRIES,
    *parties.ENTRIES,
    *console.ENTRIES,
    *alternatives.ENTRIES,
    *projector.ENTRIES,
    *drafting_groups.ENTRIES,
    *threads.ENTRIES,
    *history.ENTRIES,
    *reports.ENTRIES,
    *timetable.ENTRIES,
    *phases.ENTRIES,
    *volumes.ENTRIES,
    *freezes.ENTRIES,
    *verification.ENTRIES,
    *publications.ENTRIES,
    *forum.ENTRIES,
    *comparing.ENTRIES,
    *drafting_check.ENTRIES,
    # Draft Opinions
    Entry("GET", "/opinions/new", Act.OPINION_CREATE, opinion_new.new_opinion),
    Entry("POST", "/opinions/new", Act.OPINION_CREATE, opinion_new.create_opinion, max_body=opinion_new.FORM_BYTES),
    # Whoever may only follow live is led there by the page itself: links to an Opinion are passed on.
    Entry("GET", "/opinions/{opinion}", Act.OPINION_READ_LIVE, opinion.opinion),
    Entry("GET", "/opinions/{opinion}/views/{view}", Act.OPINION_READ, opinion.opinion_view),
    Entry("GET", "/opinions/{opinion}/export", Act.OPINION_EXPORT, exports.export),
    Entry("GET", "/opinions/{opinion}/chair", Act.PEOPLE_MANAGE, chair.chair),
    Entry("POST", "/opinions/{opinion}/chair", Act.PEOPLE_MANAGE, chair.appoint_chair),
    Entry("POST", "/opinions/{opinion}/observers", Act.OBSERVERS_ADMIT, opinion.admit_observers),
    Entry("GET", "/opinions/{opinion}/live", Act.OPINION_READ_LIVE, live.live),
    Entry("GET", "/opinions/{opinion}/live/events", Act.OPINION_READ_LIVE, live.live_events),
    Entry("GET", "/opinions/{opinion}/versions", Act.VERSION_READ, versions.version_list),
    Entry("GET", "/opinions/{opinion}/versions/{number:int}", Act.VERSION_READ, versions.version),
    Entry("POST", "/opinions/{opinion}/versions/{number:int}/checks", Act.OPINION_JOIN, api.check_version),
    Entry("GET", "/opinions/{opinion}/versions/{number:int}/canonical.txt", Act.VERSION_READ, versions.canonical_text),
    Entry("GET", "/opinions/{opinion}/versions/{number:int}/record.json", Act.VERSION_READ, versions.version_record),
    # For scripts
    Entry("GET", "/api/opinions/{opinion}/bootstrap", Act.OPINION_JOIN, api.get_bootstrap),
    Entry("POST", "/api/opinions/{opinion}/commands", Act.OPINION_JOIN, api.carry_out, max_body=api.COMMAND_BYTES),
    # Where WebSockets are blocked
    Entry("POST", "/frames/opinions/{opinion}", Act.OPINION_JOIN, frames.open_channel),
    Entry("GET", CHANNEL, Act.OPINION_JOIN, frames.no_channel, seated=frames.poll),
    Entry("POST", CHANNEL, Act.OPINION_JOIN, frames.no_channel, seated=frames.post, max_body=MAX_PARCEL),
)
SOCKET = ("/ws/opinions/{opinion}", Act.OPINION_JOIN)
"""The socket and its policy; `server.sockets` asks it at the handshake."""
OPEN_TO_ALL = frozenset({"/healthz", "/readyz", "/static/build"})
"""Routes beside the table, made by the app itself: health, and the bundle's files."""


class Bundle(StaticFiles):
    """The web bundle: names carry a hash of the content, so a browser may keep them for good. Sheets and scripts go
    compressed, for a small installation has no proxy that does it; each is packed once.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._packed: dict[str, bytes] = {}

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = Headers(scope=scope)
        packs = path.endswith(PACKED) and "gzip" in asked.get("accept-encoding", "") and "range" not in asked
        if packs and isinstance(response, FileResponse) and response.status_code == HTTPStatus.OK:
            if path not in self._packed:
                self._packed[path] = await asyncio.to_thread(_packed, Path(response.path))
            kept = {name: response.headers[name] for name in ("etag", "last-modified")}
            headers = {**kept, "content-encoding": "gzip", "vary": "accept-encoding"}
            response = Response(self._packed[path], HTTPStatus.OK, headers, response.media_type)
        response.headers["cache-control"] = IMMUTABLE
        return response


PACKED = (".css", ".js")
"""Endings of files that compressing makes smaller; fonts and pictures are compressed already."""


def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


class _Number(IntegerConvertor):
    """What stands for `int` in an address: a number that a database holds. One of more digits is nowhere: 404."""

    regex = "[0-9]{1,9}"


def routes() -> list[BaseRoute]:
    """The routes of the table, in its order: the first that fits answers."""
    register_url_convertor("int", _Number())
    made: list[BaseRoute] = [
        Route(entry.path, _answer(entry), methods=[entry.method], name=f"{entry.method} {entry.path}")
        for entry in TABLE
    ]
    made.append(WebSocketRoute(SOCKET[0], opinion_socket))
    made.append(Mount("/static/build", Bundle(STATIC / "build")))
    return made


def _answer(entry: Entry) -> Answer:
    answer = guarded(entry.endpoint, entry.policy, hidden=entry.hidden, max_body=entry.max_body)
    return answer if entry.seated is None else frames.seated(entry.seated, answer, entry.max_body)


EXCEPTION_HANDLERS: dict[Any, Callable[..., Any]] = {
    HTTPException: problems.http_problem,
    BodyTooLarge: problems.body_problem,
    TooManyAttempts: problems.too_many,
    TooManyBegun: problems.ceremony_problem,
    ProofNeeded: passkeys.proof_needed,
    RoleWithheld: passkeys.role_withheld,
    ServerError: problems.server_problem,
    OpinionError: problems.refusal,
}
"""What Starlette does with what a route raises."""
