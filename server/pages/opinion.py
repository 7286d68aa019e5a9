"""One draft Opinion: the editor's page with its bootstrap, the plain views of the living text, chair and observers."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crdt.versions import Version
from opinions.commands import AdmitObservers, to_json
from opinions.roles import Act, Delegation
from opinions.version_kinds import VersionKind
from opinions.views import View, named
from opinions.visibility import Attribution
from server import log_store
from server.attribution import names_in_file
from server.export.sheet import view_of
from server.forum.store import ForumText, forum_with_origin
from server.html_view import paragraphs_html, regions_of
from server.ids import new_id
from server.opinion_store import OpinionRow
from server.pages.problems import Problem, problem_page
from server.pages.rendering import done, render
from server.people_store import (
    all_delegations,
    chairs_of,
)
from server.roster.groups import speaking
from server.timetable.store import milestone_of
from server.version_attribution import settings_of_versions
from server.visit import Visit
from server.wording import draft_name, moment, place


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the database knows around an Opinion's text."""

    delegations: tuple[Delegation, ...]
    versions: tuple[Version, ...]
    chairs: tuple[str, ...]
    settings: Mapping[int, Attribution]
    speaks_for: tuple[str, ...]
    milestone: tuple[str, VersionKind]
    forum: tuple[ForumText, OpinionRow] | None
    """The forum text that the Opinion is or has, and the Opinion that it was opened from."""


async def opinion(visit: Visit) -> Response:
    """`GET /opinions/{opinion}`: the editor's page. What changes while it is open comes over the socket.

    Observers who open its link are led to the live page.
    """
    if not visit.may(Act.OPINION_READ):
        return RedirectResponse(f"/opinions/{visit.opinion.id}/live", HTTPStatus.SEE_OTHER)
    around = await _surroundings(visit)
    document = await visit.services.hub.document(visit.opinion.id)
    last = around.versions[-1] if around.versions else None
    based = f", based on {last.label}, frozen {moment(last.frozen_at, visit.process.zone)}" if last else ""
    return render(
        visit,
        "opinion.html",
        entry="src/editor.ts",
        draft_line=f"{draft_name(document.record.opinion.draft)}{based}",
        bootstrap=_bootstrap(visit, around),
        forum=around.forum[0] if around.forum else None,
        forum_origin=around.forum[1] if around.forum else None,
    )


async def bootstrap(visit: Visit) -> Mapping[str, Any]:
    """The `Bootstrap` of web/src/bootstrap.ts, as it is now."""
    return _bootstrap(visit, await _surroundings(visit))


async def _surroundings(visit: Visit) -> _Surroundings:
    opinion_id = visit.opinion.id

    def look(connection: Connection) -> _Surroundings:
        return _Surroundings(
            all_delegations(connection),
            log_store.load_versions(connection, opinion_id),
            chairs_of(connection, opinion_id, visit.now),
            settings_of_versions(connection, opinion_id),
            tuple(sorted(code for code, members in speaking(connection).items() if visit.actor.delegation in members)),
            milestone_of(connection, visit.now.astimezone(visit.process.zone).date()),
            forum_with_origin(connection, opinion_id),
        )

    return await visit.read(look)


def _bootstrap(visit: Visit, around: _Surroundings) -> Mapping[str, Any]:
    found, process, actor = visit.opinion, visit.process, visit.actor
    regions = regions_of(around.delegations)
    drafting_in = actor.seat_in(visit.request.query_params.get("group", ""))
    return {
        "opinion": {"id": found.id, "name": found.name, "theme": found.theme, "title": found.title},
        "process": {
            "name": process.name,
            "zone": process.meeting_zone,
            "zoneName": place(process.zone),
            "demo": process.demo,
            "namedFiles": names_in_file(visit).delegations,
        },
        "shared": visit.shared,
        "member": {
            "id": actor.member,
            "name": actor.name,
            "role": actor.role.value,
            "delegation": actor.delegation or "",
            "voice": actor.voice,
        },
        "speaksFor": list(around.speaks_for),
        "objects": any(
            one.code == actor.delegation and process.rules.may_object(one.kind) for one in around.delegations
        ),
        "groups": [{"code": one.code, "name": one.name} for one in actor.groups],
        "group": drafting_in
        and {
            "code": drafting_in.code,
            "name": drafting_in.name,
            "party": drafting_in.party,
            "submits": drafting_in.brings_back and not drafting_in.informal,
        },
        "delegations": [
            {"code": one.code, "name": one.name, "kind": one.kind.value, "region": regions[one.code]}
            for one in around.delegations
        ],
        "chairs": list(around.chairs),
        "versions": [
            {
                "number": one.number,
                "label": one.label,
                "at": one.frozen_at.isoformat(),
                "fingerprint": one.fingerprint,
                "namedFiles": names_in_file(visit, version=around.settings.get(one.number)).delegations,
            }
            for one in around.versions
        ],
        "milestone": around.milestone[0],
        "milestoneKind": around.milestone[1].value,
    }


async def opinion_view(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/views/{view}`: the living text in a view, as the HTML of its paragraphs alone."""
    try:
        view = View(visit.request.path_params["view"])
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    document = await visit.services.hub.document(visit.opinion.id)
    regions = regions_of(await visit.read(all_delegations))
    rows = view_of(document, view, named)
    return HTMLResponse(str(paragraphs_html(rows, regions, marks=view is View.MARKED)))


async def admit_observers(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/observers`: close the sitting to observers at once, or admit them again."""
    on = (await visit.form()).get("admit") == "yes"
    answer = await visit.services.hub.command(
        visit.opinion.id,
        visit.actor,
        visit.member.version,
        "",
        new_id("k"),
        to_json(AdmitObservers(on)),
    )
    if answer.code:
        refused = Problem(answer.code, "This was not done", (answer.message,))
        return await problem_page(visit.request, HTTPStatus.CONFLICT, refused)
    return done("/", "open-to-observers" if on else "closed-to-observers")
