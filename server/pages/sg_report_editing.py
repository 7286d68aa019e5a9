"""Writing the Secretary-General's report: sections in plain forms, or the whole of it as a file."""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.errors import SectionRefused
from opinions.sg_report import MAX_BODY, MAX_LEVEL
from server import files_store
from server.audit_store import Kind as Audited
from server.audit_store import note
from server.contributions.attachments import DOCX, FORM_BYTES, MAX_FILE, PDF, judged
from server.contributions.values import ContributionRefused
from server.ids import new_id
from server.pages.rendering import done, render
from server.pages.sg_report import STYLES, page
from server.sg_report import store
from server.sg_report.announcing import announce_put_out
from server.sg_report.from_word import sections_of
from server.sg_report.readable import put_out
from server.sg_report.store import By, SavedSection, SectionMoved, UnknownRevision
from server.visit import Visit
from server.volumes.publishing import fixed_now

SECTION_BYTES = 5 * MAX_BODY
"""Bytes of a section's form: its characters in their longest encoding."""
UPLOAD_BYTES = FORM_BYTES
LEVELS = [(str(one), words) for one, words in enumerate(("Part (1)", "Section (1.1)", "Subsection (1.1.1)"), start=1)]


def by_visitor(visit: Visit) -> By:
    """Who does something here, and when."""
    return By(visit.member.id, visit.member.name, visit.now)


async def new_section(visit: Visit) -> Response:
    """`GET /sg-report/sections/new?after=`."""
    return await _form(visit, None, {"after": visit.request.query_params.get("after", "")})


async def add_section(visit: Visit) -> Response:
    """`POST /sg-report/sections/new`."""
    form = await visit.form()

    def add(connection: Connection) -> str:
        _require_open(connection, visit)
        made = store.add_section(
            connection,
            form.get("heading", ""),
            _level(form),
            form.get("body", ""),
            form.get("after", ""),
            by_visitor(visit),
            new_id,
        )
        return made.id

    try:
        key = await visit.write(add)
    except SectionRefused as error:
        return await _form(visit, None, form, {error.field: str(error)})
    return done(f"/sg-report/sections/{key}", "section-saved")


async def edit_section(visit: Visit) -> Response:
    """`GET /sg-report/sections/{section}`."""
    return await _form(visit, await _standing(visit), {})


async def save_section(visit: Visit) -> Response:
    """`POST /sg-report/sections/{section}`: written, moved up or down, or taken out, as `step` says. Who saves over
    another's words is shown both, and nothing is saved.
    """
    form, key = await visit.form(), visit.request.path_params["section"]
    step, seen = form.get("step", "save"), form.get("seen", "")
    state = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0

    def save(connection: Connection) -> None:
        _require_open(connection, visit)
        by = by_visitor(visit)
        if step in ("up", "down"):
            store.move(connection, key, step == "up", by)
        elif step == "take_out":
            store.take_out(connection, key, state, by)
        else:
            heading, body = form.get("heading", ""), form.get("body", "")
            store.write_section(connection, key, state, heading, _level(form), body, by, new_id)

    try:
        await visit.write(save)
    except UnknownRevision:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    except SectionMoved as moved:
        return await _form(visit, moved.now, form, {"": str(moved)}, moved=moved, status=HTTPStatus.CONFLICT)
    except SectionRefused as error:
        return await _form(visit, await _standing(visit), form, {error.field: str(error)})
    if step == "save":
        return done(f"/sg-report/sections/{key}", "section-saved")
    return done("/sg-report", "section-out" if step == "take_out" else "section-saved")


async def upload_form(visit: Visit) -> Response:
    """`GET /sg-report/upload`."""
    return _upload(visit, {})


async def upload(visit: Visit) -> Response:
    """`POST /sg-report/upload`: a Word file is read into sections where it is simple; a PDF is kept as it is."""
    async with visit.request.form(max_files=1, max_fields=10, max_part_size=MAX_FILE) as posted:
        given = posted.get("file")
        name, content = "", b""
        if isinstance(given, UploadFile) and given.filename:
            name, content = given.filename[-200:], await given.read(MAX_FILE + 1)
    # Only here: a server that was never handed a file does without the reader.
    from server.word_in.isolated import read_isolated
    from server.word_in.refusals import WordRefused

    try:
        if not name:
            raise ContributionRefused("file", "Choose the file: DOCX or PDF.")
        media_type = judged(name, content).media_type
        if media_type not in (DOCX, PDF):
            raise ContributionRefused("file", "The report is handed in as DOCX or PDF.")
        sections = sections_of(await read_isolated(content)) if media_type == DOCX else ()

        def keep(connection: Connection) -> None:
            _require_open(connection, visit)
            kept = files_store.keep(connection, name, media_type, content, visit.now, visit.member.id)
            store.replace_all(connection, sections, kept.id, by_visitor(visit), new_id)
            note(connection, visit.event(Audited.VOLUME, "sg-report", f"handed in as a file: {kept.name}"))

        await visit.write(keep)
    except (ContributionRefused, SectionRefused) as error:
        return _upload(visit, {"file": str(error)})
    except WordRefused as error:
        return _upload(visit, {"file": str(error)})
    return done("/sg-report", "report-read" if sections else "report-kept")


async def restore(visit: Visit) -> Response:
    """`POST /sg-report/revisions/{revision}`: make the report again what it was there."""
    number = visit.request.path_params["revision"]

    def put(connection: Connection) -> None:
        _require_open(connection, visit)
        store.restore(connection, number, by_visitor(visit))

    try:
        await visit.write(put)
    except UnknownRevision:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return done("/sg-report", "report-restored")


async def put_report_out(visit: Visit) -> Response:
    """`POST /sg-report/revisions/{revision}/put-out`: members read it from now on, and comment on it."""
    number = visit.request.path_params["revision"]
    letters: list[str] = []

    def put(connection: Connection) -> None:
        _require_open(connection, visit)
        put_out(connection, number, by_visitor(visit))
        note(connection, visit.event(Audited.VOLUME, "sg-report", f"revision {number} put out for comment"))
        letters[:] = announce_put_out(connection, number, visit.services.settings, visit.now)

    try:
        await visit.write(put)
    except UnknownRevision:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    except SectionRefused as error:
        return await page(visit, errors={"": str(error)})
    for letter in letters:
        visit.services.begin(letter)
    return done("/sg-report", "report-put-out")


def _upload(visit: Visit, errors: Mapping[str, str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(visit, "sg_upload.html", entry=STYLES, status=status, errors=errors, megabytes=MAX_FILE >> 20)


async def _standing(visit: Visit) -> SavedSection:
    """The section of the path as it stands; 404 where the report has none."""
    key = visit.request.path_params["section"]
    report = await visit.read(store.load_report)
    found = report.find(key) if report else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _form(
    visit: Visit,
    standing: SavedSection | None,
    given: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    moved: SectionMoved | None = None,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    key = visit.request.path_params.get("section", "")
    states = await visit.read(lambda connection: store.states_of(connection, key)) if key else ()
    section = standing.section if standing else None
    stands = {
        "heading": section.heading if section else "",
        "level": str(section.level if section else 1),
        "body": section.body if section else "",
        "after": "",
        "seen": str(standing.state if standing else 0),
    }
    values = {**stands, **given, "seen": stands["seen"]}
    report = await visit.read(store.load_report)
    return render(
        visit,
        "sg_section.html",
        entry=STYLES,
        status=status if errors else HTTPStatus.OK,
        key=key,
        standing=standing,
        states=states,
        values=values,
        levels=LEVELS,
        places=[("", "At the end"), *((one.id, f"After {one.heading}") for one in (report.sections if report else ()))],
        moved=moved,
        errors=errors or {},
        max_body=MAX_BODY,
    )


def _require_open(connection: Connection, visit: Visit) -> None:
    fixed = fixed_now(connection, visit.now)
    if fixed:
        raise SectionRefused("", fixed)


def _level(form: Mapping[str, str]) -> int:
    given = form.get("level", "")
    if given not in {str(one) for one in range(1, MAX_LEVEL + 1)}:
        raise SectionRefused("level", f"A heading stands on level 1 to {MAX_LEVEL}.")
    return int(given)
