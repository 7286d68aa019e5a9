"""Volumes: the list, what is in each, putting one together, and the secretariat's act of publishing it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.versions import Version
from opinions.roles import Act
from opinions.timetable import Milestone, MilestoneKind
from server import log_store, outbox
from server.assets import PRIVATE_IMMUTABLE
from server.freezes.cuts import Cut, load_cuts
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.pages.sg_report import STYLES, readable_by
from server.pages.sg_report_editing import by_visitor
from server.sg_report import store as report_store
from server.sg_report.readable import Readable
from server.signing import load_key
from server.timetable import timetable_of
from server.visit import Visit
from server.volumes import numbers, publishing
from server.volumes.announcing import announce
from server.volumes.contents import UnknownVolume, VolumeContents, VolumeState, all_contents, load_contents
from server.volumes.numbers import NumberKind
from server.volumes.publishing import Checks, VolumeRefused, Wanted
from server.wording import draft_name

STATE_NAMES: Mapping[VolumeState, str] = {
    VolumeState.PREPARED: "Being prepared",
    VolumeState.CUT: "Every Opinion is frozen",
    VolumeState.PUBLISHED: "Published",
    VolumeState.DROPPED: "Given up",
}


@dataclass(frozen=True, slots=True)
class _Around:
    """What the page of one volume stands on."""

    contents: VolumeContents
    checks: Checks
    milestones: Mapping[str, Milestone]
    revisions: tuple[report_store.Revision, ...]
    opinions: tuple[OpinionRow, ...]
    versions: Mapping[str, tuple[Version, ...]]
    cuts: tuple[Cut, ...]
    number: str
    corrected: VolumeContents | None
    may_read: Readable


async def volume_list(visit: Visit) -> Response:
    """`GET /volumes`: the newest first."""

    def look(connection: Connection) -> tuple[tuple[VolumeContents, ...], Mapping[str, Milestone]]:
        return all_contents(connection), timetable_of(connection)

    found, milestones = await visit.read(look)
    shown = [one for one in found if shows(visit, one)]
    return render(visit, "volumes.html", entry=STYLES, found=shown, milestones=milestones, state_names=STATE_NAMES)


async def new_volume(visit: Visit) -> Response:
    """`GET /volumes/new?corrects=`: the next draft by the timetable, or one that puts another right."""
    corrects = visit.request.query_params.get("corrects", "")
    return await _new(visit, {"corrects": corrects if corrects.isdigit() else ""}, {})


async def begin_volume(visit: Visit) -> Response:
    """`POST /volumes/new`."""
    form = await visit.form()
    try:
        wanted = _wanted(form, None, ())
        number = await visit.write(lambda connection: publishing.prepare(connection, wanted, by_visitor(visit)))
    except VolumeRefused as error:
        return await _new(visit, form, {error.field: str(error)})
    return done(f"/volumes/{number}", "volume-begun")


async def volume(visit: Visit) -> Response:
    """`GET /volumes/{number}`."""
    return await _page(visit)


async def change_volume(visit: Visit) -> Response:
    """`POST /volumes/{number}`: its heading, its report and its annexes; `step` "cut" takes the versions of a cut."""
    posted = await visit.request.form(max_files=0, max_fields=300)
    form = {name: value for name, value in posted.multi_items() if isinstance(value, str)}
    number = visit.request.path_params["number"]

    def change(connection: Connection) -> None:
        if form.get("step") == "cut":
            cut = next((one for one in load_cuts(connection) if one.id == form.get("cut")), None)
            if cut is None:
                raise VolumeRefused("cut", "Choose one of the freezes of the whole volume.")
            taken = {one.opinion: one.number for one in cut.versions}
            publishing.take_versions(connection, number, taken, by_visitor(visit))
            return
        publishing.change(connection, number, _wanted(form, *_chosen(posted)), by_visitor(visit))

    return await _act(visit, change, "saved", form)


async def number_volume(visit: Visit) -> Response:
    """`POST /volumes/{number}/number`."""
    form, number = await visit.form(), visit.request.path_params["number"]
    spelling = form.get("document", "")

    def give(connection: Connection) -> None:
        publishing.give_number(connection, number, spelling, by_visitor(visit))

    return await _act(visit, give, "volume-numbered", form)


async def drop_volume(visit: Visit) -> Response:
    """`POST /volumes/{number}/drop`."""
    number = visit.request.path_params["number"]
    return await _act(
        visit, lambda connection: publishing.drop(connection, number, by_visitor(visit)), "volume-dropped", {}
    )


async def publish_volume(visit: Visit) -> Response:
    """`POST /volumes/{number}/publish`: the secretariat's act. Letters go with it, in the same transaction."""
    form, number = await visit.form(), visit.request.path_params["number"]
    settings = visit.services.settings
    key = await asyncio.to_thread(load_key, settings.signing_key_file)
    jobs: list[str] = []

    def publish(connection: Connection) -> None:
        jobs.clear()
        made = publishing.publish(connection, number, form.get("seen", ""), key, by_visitor(visit))
        jobs.extend((*announce(connection, made, settings, visit.now), outbox.exports_of_volume(number).id))

    answer = await _act(visit, publish, "volume-published", form)
    for job in jobs:
        visit.services.begin(job)
    return answer


async def volume_record(visit: Visit) -> Response:
    """`GET /volumes/{number}/record.json`: the signed record, its signature and the public key. `record` is a string:
    its UTF-8 bytes are what was signed (server/SPEC.md, VO1).
    """
    contents = await _contents(visit)
    if contents.state is not VolumeState.PUBLISHED:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    body = {
        "record": contents.record,
        "record_hash": contents.record_hash,
        "signature": contents.signature.hex(),
        "public_key": contents.public_key.hex(),
        "algorithm": "Ed25519",
    }
    headers = {"cache-control": PRIVATE_IMMUTABLE, "vary": "cookie"}
    return Response(json.dumps(body, indent=1), media_type="application/json", headers=headers)


# --- parts


def shows(visit: Visit, one: VolumeContents) -> bool:
    """Whether the visitor sees a volume: all see what is published, and those of the group what is prepared."""
    return one.state is VolumeState.PUBLISHED or visit.may(Act.OPINION_JOIN)


async def _contents(visit: Visit) -> VolumeContents:
    try:
        found = await visit.read(lambda connection: load_contents(connection, visit.request.path_params["number"]))
    except UnknownVolume:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if not shows(visit, found):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _act(visit: Visit, act: Callable[[Connection], None], notice: str, form: Mapping[str, str]) -> Response:
    try:
        await visit.write(act)
    except UnknownVolume:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    except VolumeRefused as error:
        return await _page(visit, {error.field: str(error)}, form)
    return done(f"/volumes/{visit.request.path_params['number']}", notice)


async def _page(
    visit: Visit, errors: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None
) -> Response:
    await _contents(visit)
    number = visit.request.path_params["number"]

    def look(connection: Connection) -> _Around:
        contents = load_contents(connection, number)
        opinions = list_opinions(connection)
        corrected = load_contents(connection, contents.corrects) if contents.corrects else None
        open_still = contents.state in (VolumeState.PREPARED, VolumeState.CUT)
        spelt = numbers.proposed(connection, NumberKind.VOLUME)
        if corrected is not None:
            spelt = numbers.proposed_revision(connection, corrected.document)
        return _Around(
            contents,
            publishing.checks(connection, contents, visit.now) if open_still else Checks((), contents.warnings),
            timetable_of(connection),
            report_store.revisions(connection),
            opinions,
            {one.id: log_store.load_versions(connection, one.id) for one in opinions} if open_still else {},
            load_cuts(connection),
            spelt,
            corrected,
            readable_by(visit, connection),
        )

    around = await visit.read(look)
    return render(
        visit,
        "volume.html",
        entry=STYLES,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        around=around,
        volume=around.contents,
        state_names=STATE_NAMES,
        milestone_options=_milestone_options(around.milestones),
        errors=errors or {},
        values={**_standing(around), **({} if given is None else given)},
    )


def _standing(around: _Around) -> dict[str, str]:
    """The fields of the forms as they stand."""
    contents = around.contents
    return {
        "label": contents.label,
        "milestone": contents.milestone,
        "final": "on" if contents.final else "",
        "reason": contents.reason,
        "document": "" if contents.document else around.number,
    }


async def _new(visit: Visit, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def look(connection: Connection) -> tuple[Mapping[str, Milestone], tuple[VolumeContents, ...]]:
        return timetable_of(connection), all_contents(connection)

    milestones, volumes = await visit.read(look)
    published = {one.number: one for one in volumes if one.state is VolumeState.PUBLISHED}
    corrected = published.get(int(given.get("corrects") or 0))
    following = _following(milestones, {one.milestone for one in volumes if one.state is not VolumeState.DROPPED})
    final = corrected.final if corrected else following is not None and following.kind is MilestoneKind.FINAL_REPORT
    suggested = {
        "label": corrected.label if corrected else following.volume if following else draft_name(len(published) + 1),
        "milestone": corrected.milestone if corrected else following.id if following else "",
        "final": "on" if final else "",
        "reason": "",
        "corrects": "",
    }
    return render(
        visit,
        "volume_new.html",
        entry=STYLES,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        corrected=corrected,
        values={**suggested, **given},
        milestone_options=_milestone_options(milestones),
        errors=errors,
    )


def _following(milestones: Mapping[str, Milestone], used: set[str]) -> Milestone | None:
    """The next milestone at which a draft is published, after the last one that has its volume: names and count of the
    drafts are the timetable's.
    """
    kinds = (MilestoneKind.DRAFT_PUBLISHED, MilestoneKind.FINAL_REPORT)
    drafts = [one for one in milestones.values() if one.kind in kinds and one.volume]
    last = max((place for place, one in enumerate(drafts) if one.id in used), default=-1)
    return next(iter(drafts[last + 1 :]), None)


def _milestone_options(milestones: Mapping[str, Milestone]) -> list[tuple[str, str]]:
    return [("", "None"), *((one.id, one.volume or one.name) for one in milestones.values())]


def _wanted(form: Mapping[str, str], report: int | None, annexes: tuple[tuple[str, int | None], ...]) -> Wanted:
    corrects = form.get("corrects", "")
    return Wanted(
        form.get("label", ""),
        form.get("milestone", ""),
        form.get("final", "") == "on",
        report,
        annexes,
        int(corrects) if corrects.isascii() and corrects.isdigit() and len(corrects) < 6 else 0,
        form.get("reason", ""),
    )


def _chosen(posted: FormData) -> tuple[int | None, tuple[tuple[str, int | None], ...]]:
    """The revision of the report and the annexes of a form: a version, "0" for one still to be frozen, "" for none."""
    report = str(posted.get("report", ""))
    found: list[tuple[str, int | None]] = []
    for name, value in posted.multi_items():
        if name.startswith("annex:") and isinstance(value, str) and value:
            if not (value.isascii() and value.isdigit() and len(value) < 9):
                raise VolumeRefused("annexes", "Choose one of the versions of each Opinion.")
            found.append((name.removeprefix("annex:"), int(value) or None))
    if report and not (report.isascii() and report.isdigit() and len(report) < 9):
        raise VolumeRefused("report", "Choose one of the revisions of the report.")
    return (int(report) if report else None), tuple(found)
