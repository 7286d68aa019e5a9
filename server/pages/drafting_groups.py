"""Drafting groups of a draft Opinion: mine, found one, invite, join, leave, end, and bring back (opinions/SPEC.md, GR).

Whoever may not know of a group is answered as if it were not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.commands import BringBack, to_json
from opinions.drafting_groups import GroupSeat
from opinions.finding import agreed_words
from opinions.numbering import citations
from opinions.roles import Act, Delegation, may
from server.drafting_groups import desk
from server.drafting_groups.desk import Wanted
from server.drafting_groups.groups import DraftingGroup, GroupRefused
from server.ids import new_id
from server.pages.rendering import done, render
from server.people_store import Member, actor_for, all_delegations, all_members, appointed_in
from server.roster.views import giving_views
from server.visit import Visit

FIRST_WORDS = 60
"""Characters of a paragraph by which it is known in a list."""


async def my_groups(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/groups`: the groups that the visitor may know of, and the form that founds one."""
    return await _list_page(visit, {}, {})


async def found(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/groups`: a delegation's shared workspace, or an informal group of chair and
    secretariat.
    """
    form, wanted = await visit.form(), await _wanted(visit)
    try:
        code = await desk.found(visit, wanted)
    except GroupRefused as error:
        values = {**form, "delegations": wanted.delegations, "paragraphs": wanted.paragraphs}
        return await _list_page(visit, values, _errors(error))
    return done(f"/opinions/{visit.opinion.id}/groups/{code}", "group-founded")


async def group(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/groups/{group}`."""
    return await _group_page(visit, desk.require_known(visit), {})


async def change_group(visit: Visit) -> Response:
    """`POST` to the same: `step` says what is done."""
    found = desk.require_known(visit)
    form = await visit.form()
    step = form.get("step", "")
    if step == "bring_back":
        return await _bring_back(visit, found, form)
    try:
        await desk.change(visit, found, step, await _wanted(visit))
    except GroupRefused as error:
        return await _group_page(visit, found, _errors(error))
    gone = step in {"leave", "end"}
    return done(f"/opinions/{visit.opinion.id}/groups{'' if gone else f'/{found.code}'}", _DONE[step])


_DONE = {
    "invite": "group-invited",
    "join": "group-joined",
    "leave": "group-left",
    "end": "group-ended",
    "change": "saved",
}


async def _wanted(visit: Visit) -> Wanted:
    form = await visit.form()
    return Wanted(
        form.get("name", ""),
        form.get("facilitator", ""),
        await visit.choices("delegations"),
        await visit.choices("paragraphs"),
    )


async def _bring_back(visit: Visit, found: DraftingGroup, form: Mapping[str, str]) -> Response:
    command = BringBack(
        found.code,
        agreed=form.get("agreed") == "yes",
        reason=form.get("reason", "").strip(),
        note=form.get("note", "").strip(),
    )
    answer = await visit.services.hub.command(
        visit.opinion.id, visit.actor, visit.member.version, "", form.get("key") or new_id("k"), to_json(command)
    )
    if answer.code:
        return await _group_page(visit, found, {"": answer.message}, form)
    return done(f"/opinions/{visit.opinion.id}/groups/{found.code}", "group-brought-back")


def _errors(error: GroupRefused) -> dict[str, str]:
    return {error.field: str(error)}


# --- what the pages show


@dataclass(frozen=True, slots=True)
class _Around:
    """Whom a group can have, by what is entered."""

    delegations: tuple[Delegation, ...]
    facilitators: tuple[Member, ...]
    names: Mapping[str, str]


async def _around(visit: Visit) -> _Around:
    def look(connection: Connection) -> _Around:
        views = giving_views(connection)
        appointed = appointed_in(connection, visit.opinion.id, visit.now)
        people = [one for one in all_members(connection) if not one.suspended]
        return _Around(
            tuple(one for one in all_delegations(connection) if one.code not in views),
            tuple(one for one in people if may(actor_for(one, appointed), Act.GROUP_DRAFT)),
            {one.id: one.name for one in people},
        )

    return await visit.read(look)


async def _paragraphs(visit: Visit) -> list[tuple[str, str]]:
    """The paragraphs that a group can be given: id, and as what it is known."""
    document = await visit.services.hub.document(visit.opinion.id)
    cited = citations(document)
    return [(one.id, _as_known(cited[one.id], agreed_words(one))) for one in document.text if one.added is None]


def _as_known(cited: str, text: str) -> str:
    """A citation that quotes the paragraph, or is all of it, says enough by itself."""
    cited = cited.replace("*", "")
    words = text if len(text) <= FIRST_WORDS else f"{text[:FIRST_WORDS].rsplit(' ', 1)[0]}…"
    return cited if "“" in cited or cited.endswith(f" {text}") else f"{cited}: {words}"


async def _list_page(visit: Visit, values: Mapping[str, Any], errors: Mapping[str, str]) -> Response:
    around = await _around(visit)
    sets_up = desk.sets_up(visit)
    return render(
        visit,
        "drafting_groups.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        mine=[(one, visit.actor.seat_in(one.code)) for one in desk.known(visit)],
        names=around.names,
        is_expert=desk.own_delegation(visit) is not None,
        sets_up=sets_up,
        delegations=[one for one in around.delegations if one.code != visit.actor.delegation],
        facilitators=_options(around.facilitators),
        paragraphs=await _paragraphs(visit) if sets_up else [],
        values={"name": "", "facilitator": "", "delegations": [], "paragraphs": [], **values},
        errors=errors,
    )


def _options(people: tuple[Member, ...]) -> list[tuple[str, str]]:
    named = [(one.id, f"{one.name} ({one.delegation})" if one.delegation else one.name) for one in people]
    return [("", "Choose a person"), *named]


async def _group_page(
    visit: Visit, found: DraftingGroup, errors: Mapping[str, str], said: Mapping[str, str] | None = None
) -> Response:
    around = await _around(visit)
    seat: GroupSeat | None = visit.actor.seat_in(found.code)
    own = desk.own_delegation(visit)
    sets_up = found.informal and desk.sets_up(visit)
    there = {found.lead, *found.joined, *found.invited}
    listed = await _paragraphs(visit)
    return render(
        visit,
        "drafting_group.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        group=found,
        seat=seat,
        facilitator=around.names.get(found.facilitator or "", ""),
        leads=own is not None and own == found.lead,
        invited=own is not None and own in found.invited,
        joined=own is not None and own in found.joined,
        sets_up=sets_up,
        delegations=[one for one in around.delegations if sets_up or one.code not in there],
        facilitators=_options(around.facilitators),
        paragraphs=listed,
        given=[(one, words) for one, words in listed if one in found.paragraphs],
        values={"reason": "", "note": "", "agreed": "", **(said or {})},
        key=new_id("k"),
        errors=errors,
    )
