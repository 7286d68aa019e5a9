"""The freeze of the whole volume: what will be frozen, what is open in it, who writes, one button; then what was."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection, distinct, func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions import drafting_check
from opinions.procedure import draft_name
from opinions.record import Document
from opinions.roles import Act, Role, Stage, may
from opinions.timetable import occasions
from opinions.version_kinds import VersionKind, suggested_label
from server.audit_store import Kind as Audited
from server.audit_store import note
from server.errors import DatabaseUnavailable, ServerError
from server.freezes.checks import Checks, checks_of
from server.freezes.cuts import Cut, load_cut, load_cuts
from server.freezes.cutting import CutRefused, Freezing, Reason, Wish
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.people_store import Appointments, all_appointments, chairs_of
from server.summary import Summary, summarized
from server.tables import documents, entries, versions
from server.timetable.store import milestone_of, timetable_of
from server.visit import Visit
from server.wording import VERSION_KINDS

WRITING_WITHIN = timedelta(minutes=2)
"""Whoever sent words within this counts as writing now."""
LAST_ENTRIES = 100
MOST = {"label": 200, "milestone": 100, "note": 2_000, "ruled_by": 120}
"""Characters of each field, as the command takes them (`opinions.commands`)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A draft Opinion of the volume: its figures (None when they cannot be told now), who writes, whether it may be."""

    opinion: OpinionRow
    freezing: Freezing
    summary: Summary | None
    writing: int
    refused: str
    renumbers: bool = False
    remarks: int = 0
    """Of the drafting check."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version of a cut as the page lists it."""

    opinion: str
    name: str
    number: int
    fingerprint: str
    checks: Checks


async def volume_freeze(visit: Visit) -> Response:
    """`GET /freeze`: for who is in the chair of a draft Opinion, and the secretariat."""
    rows = await _rows(visit)
    day = visit.now.astimezone(visit.process.zone).date()
    milestone, kind = await visit.read(partial(milestone_of, day=day))
    label = suggested_label(kind, draft_name(_draft(rows)), milestone)
    values = {"kind": kind.value, "label": label, "milestone": milestone, "key": secrets.token_hex(12)}
    chairs = await visit.read(partial(_chairs, now=visit.now))
    if len(chairs) == 1:
        values["ruled_by"] = chairs.pop()
    return await _page(visit, rows, values)


async def freeze_volume(visit: Visit) -> Response:
    """`POST /freeze`: all of it as one cut, or nothing with the reasons. The same form sent twice freezes once."""
    rows = await _rows(visit)
    form = await visit.form()
    errors = {
        name: f"At most {most} characters." for name, most in MOST.items() if len(form.get(name, "").strip()) > most
    }
    if not form.get("label", "").strip():
        errors["label"] = "Give the version a name."
    if visit.actor.role is Role.SECRETARIAT and not form.get("ruled_by", "").strip():
        errors["ruled_by"] = "Say which chair ruled so: you record it."
    key, seen = form.get("key", ""), form.get("seen", "")
    if not (key.isalnum() and key.isascii() and len(key) <= 40) or not (
        seen.isascii() and seen.isdigit() and len(seen) < 10
    ):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.get("kind") not in tuple(VersionKind):
        errors["kind"] = "Say what the version is."
    if errors:
        return await _page(visit, rows, form, errors)
    visit.require_proof()
    wish = Wish(
        id=f"cut-{key}",
        label=form["label"].strip(),
        milestone=form.get("milestone", "").strip(),
        kind=VersionKind(form["kind"]),
        note=form.get("note", "").strip(),
        ruled_by=form.get("ruled_by", "").strip(),
        seen=int(seen),
    )
    cutting = visit.services.cutting
    assert cutting is not None
    try:
        cut = await cutting.cut(wish, [row.freezing for row in rows])
    except CutRefused as error:
        return await _page(visit, rows, {**form, "key": secrets.token_hex(12)}, refused=error.reasons)
    except DatabaseUnavailable:
        told = "It is not known yet whether the volume was frozen. Look at the list below before you do it again."
        return await _page(visit, rows, form, refused=(Reason("", "", told),))
    event = visit.event(Audited.FREEZE, "volume", f"{cut.label}, {len(cut.versions)} draft Opinions")
    await visit.write(partial(note, event=event))
    return done(f"/freeze/{cut.id}", "volume-frozen")


async def volume_cut(visit: Visit) -> Response:
    """`GET /freeze/{cut}`: what a cut made, with the fingerprints. For everybody who reads versions."""
    wanted = visit.request.path_params["cut"]

    def look(connection: Connection) -> tuple[Cut, tuple[Frozen, ...]] | None:
        cut = load_cut(connection, wanted)
        return None if cut is None else (cut, frozen_in(connection, cut, visit.now))

    found = await visit.read(look)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    cut, made = found
    return render(
        visit,
        "volume_cut.html",
        cut=cut,
        made=made,
        kind=VERSION_KINDS[cut.kind],
        entry="src/check.ts",
        checkable=may(visit.actor, Act.OPINION_READ),
        at_once=visit.request.query_params.get("done", "") == "volume-frozen",
    )


def frozen_in(connection: Connection, cut: Cut, now: datetime) -> tuple[Frozen, ...]:
    """The versions of a cut, in the order of the volume."""
    names = {one.id: one.name for one in list_opinions(connection)}
    prints = {
        (row.opinion, row.number): row.fingerprint
        for row in connection.execute(
            select(versions.c.opinion, versions.c.number, versions.c.fingerprint).where(
                versions.c.opinion.in_([one.opinion for one in cut.versions])
            )
        )
    }
    return tuple(
        Frozen(
            one.opinion,
            names.get(one.opinion, one.opinion),
            one.number,
            prints[(one.opinion, one.number)],
            checks_of(connection, one.opinion, one.number, now),
        )
        for one in cut.versions
    )


async def _rows(visit: Visit) -> tuple[Row, ...]:
    """The draft Opinions of the volume: all that are not closed. 403 for who may freeze none of them."""

    def look(connection: Connection) -> tuple[tuple[OpinionRow, ...], Mapping[str, Appointments], Mapping[str, int]]:
        listed = tuple(one for one in list_opinions(connection) if not one.closed)
        return listed, all_appointments(connection, visit.now), _writing(connection, visit)

    listed, appointed, writing = await visit.read(look)
    rows = []
    for one in listed:
        actor = visit.actor_in(appointed.get(one.id, {}))
        freezing = Freezing(one.id, one.name, actor, visit.member.version)
        allowed = may(actor, Act.VOLUME_FREEZE, Stage(closed=one.closed))
        document = await _document(visit, one) if allowed else None
        remarks = 0 if document is None else len(await asyncio.to_thread(drafting_check.check, document))
        rows.append(
            Row(
                one,
                freezing,
                None if document is None else summarized(document),
                writing.get(one.id, 0),
                "" if allowed else "You are not in the chair of it.",
                document is not None and document.record.opinion.renumbering is not None,
                remarks,
            )
        )
    if not any(not row.refused for row in rows) and visit.actor.role is not Role.SECRETARIAT:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return tuple(rows)


async def _document(visit: Visit, one: OpinionRow) -> Document | None:
    try:
        return await visit.services.hub.document(one.id)
    except ServerError:
        return None


def _chairs(connection: Connection, now: datetime) -> set[str]:
    """The names of who is in the chair of a draft Opinion now."""
    listed = (one.id for one in list_opinions(connection) if not one.closed)
    return {name for opinion in listed for name in chairs_of(connection, opinion, now)}


def _writing(connection: Connection, visit: Visit) -> Mapping[str, int]:
    """How many people sent words lately, by Opinion, in its text or in their drafts."""
    chosen = (
        select(documents.c.opinion, func.count(distinct(entries.c.member)))
        .join(entries, entries.c.document == documents.c.id)
        .where(
            entries.c.kind == "update",
            entries.c.at > visit.now - WRITING_WITHIN,
            # Down the index alone: whoever writes now is among the last of a log.
            entries.c.seq > documents.c.seq - LAST_ENTRIES,
        )
        .group_by(documents.c.opinion)
    )
    return {opinion: count for opinion, count in connection.execute(chosen)}


def _draft(rows: tuple[Row, ...]) -> int:
    return max((row.summary.draft for row in rows if row.summary is not None), default=1)


async def _page(
    visit: Visit,
    rows: tuple[Row, ...],
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    refused: tuple[Reason, ...] = (),
) -> Response:
    cuts = await visit.read(load_cuts)
    timetable = await visit.read(timetable_of)
    wrong = HTTPStatus.CONFLICT if refused else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    figures = [row.summary for row in rows if row.summary is not None]
    return render(
        visit,
        "volume_freeze.html",
        status=wrong,
        rows=rows,
        cuts=tuple(reversed(cuts)),
        seen=len(cuts),
        values={name: values.get(name, "") for name in ("label", "milestone", "kind", "note", "ruled_by")},
        milestones=dict.fromkeys(one.volume or one.name for one in occasions(timetable.values())),
        key=values.get("key", ""),
        errors=dict(errors or {}),
        refused=refused,
        kinds=[(kind.value, *words) for kind, words in VERSION_KINDS.items()],
        recording=visit.actor.role is Role.SECRETARIAT,
        brackets=sum(one.brackets for one in figures),
        pending=sum(one.pending for one in figures),
        writing=sum(row.writing for row in rows),
        blocked=[row for row in rows if row.refused],
    )
