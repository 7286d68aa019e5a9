"""The audit: who signed in and how, whose rights changed, what was exported, what was refused. For those who answer
for it; nobody can change it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from server.audit_store import Kind
from server.identity import audit
from server.identity.audit import Filter, Row
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import render
from server.people_store import Member, all_members
from server.visit import Visit
from server.wording import AUDIT_KINDS

FIELDS = ("kind", "person", "opinion", "words", "since", "until")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A filter as it was typed and as it is understood; `errors` by field."""

    values: dict[str, str]
    filter: Filter
    errors: dict[str, str]


async def audit_page(visit: Visit) -> Response:
    """`GET /audit?kind=&person=&opinion=&words=&since=&until=&below=`: a page of 100, the newest first."""
    asked = _asked(visit)
    below = visit.request.query_params.get("below", "")
    start = int(below) if below.isascii() and below.isdigit() and len(below) < 16 else None

    def look(connection: Connection) -> tuple[tuple[Row, ...], tuple[Member, ...], list[OpinionRow]]:
        rows = () if asked.errors else audit.events(connection, asked.filter, start, audit.PAGE + 1)
        return rows, all_members(connection), list(list_opinions(connection))

    rows, members, opinions = await visit.read(look)
    shown = rows[: audit.PAGE]
    query = {name: value for name, value in asked.values.items() if value}
    names = {one.id: one.name for one in members} | {one.id: one.name for one in opinions}
    return render(
        visit,
        "audit.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if asked.errors else HTTPStatus.OK,
        rows=shown,
        names=names,
        values=asked.values,
        errors=asked.errors,
        kind_names=AUDIT_KINDS,
        kind_options=[("", "Everything"), *((kind.value, AUDIT_KINDS[kind]) for kind in Kind)],
        person_options=[("", "Everybody"), *((one.id, one.name) for one in members)],
        opinion_options=[("", "All"), *((one.id, one.name) for one in opinions)],
        older=f"/audit?{urlencode({**query, 'below': shown[-1].id})}" if len(rows) > audit.PAGE else "",
        newest=f"/audit?{urlencode(query)}" if start is not None else "",
        file=f"/audit.csv?{urlencode(query)}",
        filtered=bool(query),
    )


async def audit_file(visit: Visit) -> Response:
    """`GET /audit.csv`: the same events as CSV, `audit.MOST_IN_A_FILE` at most; itself an export that is noted."""
    asked = _asked(visit)
    rows = await visit.read(lambda connection: audit.events(connection, asked.filter, None, audit.MOST_IN_A_FILE))
    visit.services.noting.tell(visit.event(Kind.EXPORT, "audit", f"{len(rows)} events of the audit as CSV"))
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return Response(audit.to_csv(rows, AUDIT_KINDS), media_type="text/csv; charset=utf-8", headers=headers)


def _asked(visit: Visit) -> _Asked:
    given = visit.request.query_params
    values = {name: given.get(name, "").strip()[:200] for name in FIELDS}
    errors: dict[str, str] = {}
    fields: dict[str, Any] = {name: values[name] for name in ("person", "opinion", "words")}
    if values["kind"]:
        try:
            fields["kind"] = Kind(values["kind"])
        except ValueError:
            errors["kind"] = "Choose one of these."
    for name, days in (("since", 0), ("until", 1)):
        if values[name]:
            try:
                fields[name] = _midnight(values[name], visit.process.zone, days)
            except (ValueError, OverflowError):
                errors[name] = "Give a date as 2026-11-22, or leave it empty."
    return _Asked(values, Filter(**fields), errors)


def _midnight(text: str, zone: ZoneInfo, days: int) -> datetime:
    """When a day begins in a zone; `days` later, so that the last day of a period is in it."""
    day = date.fromisoformat(text) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone)
