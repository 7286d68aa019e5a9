"""Versions: the list of an Opinion's, each one's page, and the exact text and record that anybody can check it with."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.clean import obstacles
from opinions.roles import FOLLOWERS, Act, Delegation, may
from opinions.views import View
from opinions.visibility import Attribution
from server import log_store
from server.assets import PRIVATE_IMMUTABLE
from server.attribution import names_in_room
from server.audit_store import Kind as Audited
from server.audit_store import note
from server.export.sheet import VIEW_NAMES, view_of
from server.forum.store import ForumText, forum_text_at
from server.freezes.checks import Checks, checks_of
from server.html_view import paragraphs_html, regions_of
from server.pages.rendering import done, page_tag, render
from server.people_store import all_delegations
from server.tables import keys, version_checks, versions
from server.verification.marks import is_marked
from server.version_attribution import set_version, setting_of_version
from server.visit import Visit
from server.wording import ATTRIBUTIONS, VERSION_KINDS


@dataclass(frozen=True, slots=True)
class Found:
    """A version with what the database knows beside it: what browsers found that checked it."""

    version: Version
    delegations: tuple[Delegation, ...]
    checks: Checks
    public_key: bytes
    attribution: Attribution | None = None
    forum: ForumText | None = None


def views_for(visit: Visit) -> tuple[View, ...]:
    """The views of a version that this reader may have, the fullest first."""
    if visit.actor.role not in FOLLOWERS:
        return (View.ROLLING, View.CLEAN, View.MARKED)
    return (View.ROLLING, View.CLEAN) if visit.process.observers_see_submitted else (View.CLEAN,)


def sees_everything(visit: Visit, version: Attribution | None) -> bool:
    """Whether the reader may have a version's whole record: pending amendments, and whose they are."""
    shown = names_in_room(visit, version)
    return shown.delegations and (visit.actor.role not in FOLLOWERS or visit.process.observers_see_submitted)


async def version_list(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions`."""
    opinion = visit.opinion.id

    def look(connection: Connection) -> tuple[tuple[Version, ...], frozenset[int]]:
        found = log_store.load_versions(connection, opinion)
        chosen = select(version_checks.c.number).where(
            version_checks.c.opinion == opinion, version_checks.c.matches.is_(False)
        )
        return found, frozenset(connection.scalars(chosen))

    found, differing = await visit.read(look)
    return render(visit, "versions.html", versions=tuple(reversed(found)), kinds=VERSION_KINDS, differing=differing)


async def version(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions/{number}`: kept by the browser, which asks whether it is still the same."""
    allowed = views_for(visit)
    try:
        view = View(visit.request.query_params.get("view", allowed[0]))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if view not in allowed:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    found = await _found(visit)
    document = SharedDocument(OPINION_CLIENT, [found.version.state]).view()
    rows = view_of(document, view, names_in_room(visit, found.attribution).naming)
    number = found.version.number
    marked = await visit.read(lambda connection: is_marked(connection, visit.opinion.id, number))
    response = render(
        visit,
        "version.html",
        marked=marked,
        version=found.version,
        text=paragraphs_html(rows, regions_of(found.delegations), marks=view is View.MARKED),
        view=view,
        views=[(one, VIEW_NAMES[one]) for one in allowed],
        views_by_name=VIEW_NAMES,
        obstacles=len(obstacles(document)),
        checks=found.checks,
        forum=found.forum,
        kind=VERSION_KINDS[found.version.kind][0] if found.version.kind else "",
        names_persons=visit.actor.role not in FOLLOWERS,
        checkable=sees_everything(visit, found.attribution) and may(visit.actor, Act.OPINION_READ),
        entry="src/check.ts",
        everything=sees_everything(visit, found.attribution),
        attribution=found.attribution.value if found.attribution else "",
        attributions=[("", f"As for the process ({ATTRIBUTIONS[visit.process.attribution][0]})"), *_settings()],
    )
    # What may be added to a version's page is a warning that a browser computed another fingerprint: so the browser
    # keeps the page but asks each time.
    response.headers["cache-control"] = "private, no-cache"
    return page_tag(visit, response)


async def set_attribution(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/versions/{number}/attribution`: who sees whose proposals in this version."""
    given, number = (await visit.form()).get("attribution", ""), visit.request.path_params["number"]
    try:
        wanted = Attribution(given) if given else None
    except ValueError:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from None
    await _found(visit)

    def save(connection: Connection) -> None:
        set_version(connection, visit.opinion.id, number, wanted, visit.member.id, visit.now)
        told = f"version {number}, names: {ATTRIBUTIONS[wanted][0] if wanted else 'as for the process'}"
        note(connection, visit.event(Audited.RULES_CHANGED, visit.opinion.id, told))

    await visit.write(save)
    return done(f"/opinions/{visit.opinion.id}/versions/{number}", "saved")


def _settings() -> list[tuple[str, str]]:
    return [(one.value, ATTRIBUTIONS[one][0]) for one in Attribution]


async def canonical_text(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions/{number}/canonical.txt`: the exact characters that were hashed."""
    found = await _whole(visit)
    return _for_good(Response(found.version.text, media_type="text/plain; charset=utf-8"))


async def version_record(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions/{number}/record.json`: the signed record, its signature and the public key.

    `record` is a string: its UTF-8 bytes are what was signed.
    """
    found = await _whole(visit)
    body = {
        "record": found.version.record,
        "record_hash": found.version.record_hash,
        "signature": found.version.signature.hex(),
        "public_key": found.public_key.hex(),
        "algorithm": "Ed25519",
    }
    return _for_good(Response(json.dumps(body, indent=1), media_type="application/json"))


def _for_good(response: Response) -> Response:
    response.headers["cache-control"] = PRIVATE_IMMUTABLE
    response.headers["vary"] = "cookie"
    return response


async def _whole(visit: Visit) -> Found:
    found = await _found(visit)
    if not sees_everything(visit, found.attribution):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _found(visit: Visit) -> Found:
    opinion, number = visit.opinion.id, visit.request.path_params["number"]

    def look(connection: Connection) -> Found | None:
        for version in log_store.load_versions(connection, opinion):
            if version.number == number:
                key = connection.scalar(
                    select(keys.c.public_key)
                    .join(versions, versions.c.key == keys.c.id)
                    .where(versions.c.opinion == opinion, versions.c.number == number)
                )
                return Found(
                    version,
                    all_delegations(connection),
                    checks_of(connection, opinion, number, visit.now),
                    key or b"",
                    setting_of_version(connection, opinion, number),
                    forum_text_at(connection, opinion),
                )
        return None

    found = await visit.read(look)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
