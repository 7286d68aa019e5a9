"""The chair's report: a draft made from the record, looked at here, given out as a Word file or as HTML to edit on."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.visibility import as_narrow
from server.audit_store import Kind as Audited
from server.export.sheet import MEDIA_TYPES, Format
from server.pages.rendering import render
from server.reports.book import Book, Chapter, file_name
from server.reports.html import lines_html, to_html
from server.reports.making import (
    MAX_INTRODUCTION,
    Asked,
    Material,
    ReportRefused,
    asked_of,
    book,
    material,
    materials,
    scopes,
    surroundings,
)
from server.visit import Visit
from server.wording import ATTRIBUTIONS

STYLES = "src/styles/reports.css"
FORM_BYTES = 128 * 1024
"""Bytes of the form: an introduction of 20,000 characters in their longest encoding."""


async def opinion_report(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/report?scope=&names=`: the draft below the form that gives it out."""
    return await _page(visit, (await material(visit, visit.opinion),), dict(visit.request.query_params))


async def give_out_opinion(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/report`: as a file, `format` says of which kind, or to look at it once more."""
    return await _given(visit, (await material(visit, visit.opinion),))


async def process_report(visit: Visit) -> Response:
    """`GET /report?scope=&names=`: the same of every draft Opinion on which the visitor may report."""
    return await _page(visit, await _all(visit), dict(visit.request.query_params))


async def give_out_process(visit: Visit) -> Response:
    """`POST /report`: as `give_out_opinion`."""
    return await _given(visit, await _all(visit))


async def _all(visit: Visit) -> tuple[Material, ...]:
    found = await materials(visit)
    if not found:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return found


async def _given(visit: Visit, found: tuple[Material, ...]) -> Response:
    form = await visit.form()
    around = await surroundings(visit, found)
    kind = form.get("format", "")
    if kind not in {Format.DOCX, Format.HTML}:
        return await _page(visit, found, form)
    try:
        report = await asyncio.to_thread(book, visit, asked_of(form), found, around)
    except ReportRefused as error:
        return await _page(visit, found, form, {error.field: str(error)})
    of = ", ".join(one.row.id for one in found) if len(found) == 1 else "process"
    told = f"The chair's report as {kind}, {report.cover.scope}, names: {report.cover.names.value}"
    visit.services.noting.tell(visit.event(Audited.EXPORT, of, told))
    headers = {"content-disposition": f'attachment; filename="{file_name(report, kind)}"'}
    content = await asyncio.to_thread(_written, report, kind)
    return Response(content, media_type=MEDIA_TYPES[Format(kind)], headers=headers)


def _written(report: Book, kind: str) -> bytes:
    if kind == Format.HTML:
        return to_html(report).encode()
    # A server that was never asked for one does without the libraries for Word.
    from server.reports.word import to_docx

    return to_docx(report)


def _drawn(report: Book) -> list[tuple[Chapter, Markup]]:
    return [(each, lines_html(each.lines, 2, each.opinion)) for each in report.chapters]


async def _page(
    visit: Visit,
    found: tuple[Material, ...],
    fields: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    around = await surroundings(visit, found)
    wrong = dict(errors or {})
    report = None
    try:
        report = await asyncio.to_thread(book, visit, asked_of(fields), found, around)
    except ReportRefused as error:
        wrong.setdefault(error.field, str(error))
        report = await asyncio.to_thread(book, visit, Asked(), found, around)
    one = "opinion" in visit.request.path_params
    setting = visit.process.attribution
    given = {name: fields.get(name, "") for name in ("scope", "names", "number", "meeting", "introduction")}
    given["names"] = given["names"] or setting.value
    return render(
        visit,
        "report.html",
        entry=STYLES,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        address=f"/opinions/{visit.opinion.id}/report" if one else "/report",
        one=one,
        report=report,
        chapters=await asyncio.to_thread(_drawn, report),
        values=given,
        errors=wrong,
        scopes=scopes(found, around),
        settings=[(each.value, ATTRIBUTIONS[each][0]) for each in as_narrow(setting)],
        setting_name=ATTRIBUTIONS[setting][0],
        most=MAX_INTRODUCTION,
    )
