"""The secretariat's forms of the timetable: adding, changing, recording, cancelling; and loading a process file."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from opinions.timetable import Change, Milestone, MilestoneKind
from server.audit_store import Kind, note
from server.pages.rendering import done, render
from server.pages.timetable import ENTRY, Known, Row, known, row_named, today
from server.process_store import ProcessRefused
from server.timetable.amending import Amending, AmendmentRefused, Ground, acts_on, amended
from server.timetable.loading import Difference, LoadRefused, compare, content_of, load_file, shipped, told
from server.timetable.reading import read_process_file
from server.timetable.store import TimetableFull, append_changes, load_changes
from server.timetable.words import KINDS, change_lines
from server.timetable.yaml_tree import MAX_BYTES, Fault, ProcessFileRefused
from server.visit import Visit

FILE_BYTES = MAX_BYTES + 16 * 1024
"""Bytes of the form that brings a file: the largest that is read, and the fields around it."""
TITLES: Mapping[Amending, str] = {
    Amending.ADD: "Add a milestone",
    Amending.CHANGE: "Change dates, place or name",
    Amending.HELD: "Record what was held",
    Amending.CANCEL: "Cancel",
    Amending.RESTORE: "Put back on the timetable",
}
BUTTONS: Mapping[Amending, str] = {
    Amending.ADD: "Add it",
    Amending.CHANGE: "Change it",
    Amending.HELD: "Record it",
    Amending.CANCEL: "Cancel it",
    Amending.RESTORE: "Put it back",
}


async def new_milestone(visit: Visit) -> Response:
    """`GET /timetable/new`."""
    found = await visit.read(known)
    values = {"zone": visit.process.meeting_zone, "kind": "meeting", "unplanned": "yes" if found.changes else ""}
    return _form_page(visit, Amending.ADD, None, values, {})


async def add_milestone(visit: Visit) -> Response:
    """`POST /timetable/new`."""
    return await _amend(visit, Amending.ADD, "")


async def amend_form(visit: Visit) -> Response:
    """`GET /timetable/milestones/{milestone}/{act}`."""
    act = _act(visit)
    found = await visit.read(known)
    row = row_named(found.changes, visit.request.path_params["milestone"], today(visit))
    if act not in acts_on(row.one):
        return RedirectResponse(f"/timetable/milestones/{row.one.id}", HTTPStatus.SEE_OTHER)
    return _form_page(visit, act, row, _values(row.one, act), {}, seen=_seen(found, row))


async def amend_milestone(visit: Visit) -> Response:
    """`POST /timetable/milestones/{milestone}/{act}`."""
    return await _amend(visit, _act(visit), visit.request.path_params["milestone"])


def _act(visit: Visit) -> Amending:
    act = visit.request.path_params["act"]
    if act not in list(Amending) or act == Amending.ADD:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Amending(act)


async def _amend(visit: Visit, act: Amending, key: str) -> Response:
    form = await visit.form()

    def work(connection: Connection) -> Change:
        change = amended(Ground(load_changes(connection), today(visit)), act, key, form)
        who = visit.member
        append_changes(connection, [replace(change, recorded_at=visit.now, member=who.id, name=who.name)])
        said = "; ".join(change_lines(change, first=act is Amending.ADD))
        detail = f"{change.milestone}: {said}. Authority: {change.authority}. {change.reason}"
        note(connection, visit.event(Kind.TIMETABLE, change.milestone, detail))
        return change

    try:
        change = await visit.write(work)
    except (AmendmentRefused, TimetableFull) as error:
        errors = error.errors if isinstance(error, AmendmentRefused) else {"": str(error)}
        found = await visit.read(known)
        row = row_named(found.changes, key, today(visit)) if key else None
        return _form_page(visit, act, row, form, errors, seen=form.get("seen", ""))
    visit.services.phases.wake()
    return done(f"/timetable/milestones/{change.milestone}", "timetable-amended")


def _seen(found: Known, row: Row) -> str:
    return str(Ground(found.changes, row.one.best.first).count_of(row.one.id))


def _values(one: Milestone, act: Amending) -> dict[str, str]:
    when = one.best if act is Amending.HELD else one.when
    exact = when.exact
    known_days = exact or act is not Amending.HELD
    return {
        "name": one.name,
        "kind": one.kind.value,
        "first": when.first.isoformat() if known_days else "",
        "last": when.last.isoformat() if known_days and when.last != when.first else "",
        "opens": f"{when.opens:%H:%M}" if when.opens else "",
        "closes": f"{when.closes:%H:%M}" if when.closes else "",
        "words": when.words if act is not Amending.HELD else "",
        "days": "\n".join(
            f"{part.first.isoformat()} {part.opens:%H:%M}-{part.closes:%H:%M}"
            if part.opens and part.closes
            else part.first.isoformat()
            for part in one.sittings
        ),
        "place": one.place,
        "zone": one.zone,
        "volume": one.volume,
        "note": one.note,
        **{name: "yes" for name in ("virtual", "informal", "unplanned") if getattr(one, name)},
    }


def _form_page(
    visit: Visit,
    act: Amending,
    row: Row | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    seen: str = "",
) -> Response:
    return render(
        visit,
        "timetable_form.html",
        entry=ENTRY,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        act=act.value,
        title=TITLES[act],
        button=BUTTONS[act],
        row=row,
        values={name: values.get(name, "") for name in _FIELDS},
        errors=errors,
        seen=seen,
        today=today(visit).isoformat(),
        kind_options=[(kind.value, KINDS[kind]) for kind in MilestoneKind],
    )


_FIELDS = (
    *("name", "kind", "first", "last", "opens", "closes", "words", "days", "place", "zone", "volume", "note"),
    *("virtual", "informal", "unplanned", "decided_on", "authority", "reason", "source"),
)


# --- a process file


async def file_form(visit: Visit) -> Response:
    """`GET /timetable/file`."""
    return await _file_page(visit)


async def load_process_file(visit: Visit) -> Response:
    """`POST /timetable/file`: a file of one's own, or one that comes with the program; looked at, or brought in."""
    async with visit.request.form(max_files=1, max_fields=8, max_part_size=FILE_BYTES) as posted:
        file, chosen = posted.get("file"), posted.get("shipped")
        reason, only_look = str(posted.get("reason", "")), posted.get("act") == "look"
        if isinstance(file, UploadFile) and file.filename:
            content, name = await file.read(MAX_BYTES + 1), file.filename[:100]
        elif isinstance(chosen, str) and chosen in shipped():
            content, name = content_of(chosen)
        else:
            return await _file_page(visit, {"file": "Choose a file, or one of those that come with the program."})
    try:
        # Reading takes the time of some pages; the event loop serves others meanwhile.
        read = await asyncio.to_thread(read_process_file, content, name)
        if only_look:
            looked = await visit.read(lambda connection: compare(connection, read, name))
            return await _file_page(visit, looked=looked, reason=reason)
        found = await visit.write(lambda connection: _load(connection, visit, content, name, reason))
    except ProcessFileRefused as error:
        return await _file_page(
            visit, {"file": f"{name} has mistakes; nothing was taken."}, error.faults, reason=reason
        )
    except (LoadRefused, ProcessRefused, TimetableFull) as error:
        field = error.field if isinstance(error, LoadRefused) else "file"
        return await _file_page(visit, {field: str(error)}, reason=reason)
    visit.services.phases.wake()
    await visit.services.hub.reopen()
    return done("/timetable", "nothing-new" if found.nothing else "process-loaded")


def _load(connection: Connection, visit: Visit, content: bytes, name: str, reason: str) -> Difference:
    who = visit.member
    found = load_file(connection, content, name, visit.now, member=who.id, name=who.name, reason=reason)
    note(connection, visit.event(Kind.TIMETABLE, "process", f"{name}: {told(found)}"))
    return found


async def _file_page(
    visit: Visit,
    errors: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    looked: Difference | None = None,
    reason: str = "",
) -> Response:
    found = await visit.read(known)
    lines = [] if looked is None else [(one, change_lines(one, first="kind" in one.fields)) for one in looked.added]
    return render(
        visit,
        "timetable_file.html",
        entry=ENTRY,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        errors=errors or {},
        faults=faults,
        looked=looked,
        lines=lines,
        reason=reason,
        there=bool(found.changes),
        options=[("", "A file of your own"), *((one, one.upper()) for one in shipped())],
    )
