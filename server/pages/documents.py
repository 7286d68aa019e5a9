"""Every document number given out, with what it is and what supersedes it; and giving one out."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.roles import Act
from server.audit_store import Kind as Audited
from server.audit_store import note
from server.contributions.sight import sight_of
from server.contributions.store import all_contributions
from server.opinion_store import list_opinions
from server.pages.rendering import done, render
from server.pages.sg_report import STYLES, readable_by
from server.sg_report.store import latest
from server.visit import Visit
from server.volumes import numbers
from server.volumes.contents import VolumeState, all_contents
from server.volumes.numbers import Given, NumberKind, NumberRefused

KIND_NAMES: Mapping[NumberKind, str] = {
    NumberKind.VOLUME: "Volume",
    NumberKind.SG_REPORT: "Report of the Secretary-General",
    NumberKind.CHAIRS_REPORT: "Report of the Chair",
    NumberKind.CONTRIBUTION: "Contribution",
    NumberKind.OTHER: "Document",
}
GIVEN_HERE = (NumberKind.CHAIRS_REPORT, NumberKind.SG_REPORT, NumberKind.OTHER)
"""Kinds whose numbers are given out on this page; volumes and contributions get theirs on their own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A number with where it leads (empty: nowhere), what it is called now, and what supersedes it."""

    given: Given
    title: str
    address: str
    later: Given | None
    standing: str = ""


async def documents(visit: Visit) -> Response:
    """`GET /documents`."""
    return await _page(visit, {}, {})


async def give_number(visit: Visit) -> Response:
    """`POST /documents`: a number for a revision of the report, a chair's report or another document."""
    form = await visit.form()

    def give(connection: Connection) -> None:
        kind = next((one for one in GIVEN_HERE if one.value == form.get("kind")), None)
        if kind is None:
            raise NumberRefused("kind", "Choose what document it is.")
        subject = form.get("revision", "").strip() if kind is NumberKind.SG_REPORT else ""
        if kind is NumberKind.SG_REPORT and not (
            subject.isascii() and subject.isdigit() and len(subject) < 9 and 1 <= int(subject) <= latest(connection)
        ):
            raise NumberRefused("revision", "Say which revision of the report: its number on the list of revisions.")
        who = visit.member
        spelt = numbers.give(
            connection,
            form.get("number", ""),
            kind,
            form.get("title", ""),
            visit.now,
            subject=subject,
            member=who.id,
            name=who.name,
        )
        note(connection, visit.event(Audited.VOLUME, "documents", f"number given: {spelt.spelling}"))

    try:
        await visit.write(give)
    except NumberRefused as error:
        return await _page(visit, form, {error.field: str(error)})
    return done("/documents", "number-given")


def rows(connection: Connection, visit: Visit) -> list[Row]:
    """The register as the visitor may see it, by number."""
    every = numbers.all_given(connection)
    later = numbers.superseded(every)
    sight = sight_of(
        visit.member,
        visit.process,
        list_opinions(connection),
        manages=visit.may(Act.CONTRIBUTION_REGISTER),
        names=False,
    )
    contributions = {one.id: one for one in all_contributions(connection)}
    volumes = {str(one.number): one for one in all_contents(connection)}
    group, may_read = visit.may(Act.OPINION_JOIN), readable_by(visit, connection)
    found = []
    for given in every:
        title, address, standing = given.title, "", ""
        if given.kind is NumberKind.CONTRIBUTION and given.subject in contributions:
            one = contributions[given.subject]
            if not sight.shows(one):
                continue
            title, address = one.about.title, f"/contributions/{one.id}"
        elif given.kind is NumberKind.VOLUME and given.subject in volumes:
            volume = volumes[given.subject]
            published = volume.state is VolumeState.PUBLISHED and volume.document == given.number.spelling
            if not published and not group:
                continue
            address = f"/volumes/{volume.number}"
            if volume.document != given.number.spelling:
                standing = "Not used"
            elif not published:
                standing = "Given up" if volume.state is VolumeState.DROPPED else "Not published yet"
        elif given.kind is NumberKind.SG_REPORT:
            is_out = int(given.subject) in may_read.out
            address = f"/sg-report/revisions/{given.subject}" if may_read.has(int(given.subject)) else ""
            standing = "" if is_out else "Not put out yet"
        found.append(Row(given, title, address, later.get(given.number.normal), standing))
    return found


async def _page(visit: Visit, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def look(connection: Connection) -> tuple[list[Row], str]:
        return rows(connection, visit), numbers.proposed(connection, NumberKind.CHAIRS_REPORT)

    found, spelt = await visit.read(look)
    values = {"number": spelt, "title": "", "kind": NumberKind.CHAIRS_REPORT.value, "revision": "", **given}
    return render(
        visit,
        "documents.html",
        entry=STYLES,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        rows=found,
        kind_names=KIND_NAMES,
        kind_options=[(one.value, KIND_NAMES[one]) for one in GIVEN_HERE],
        values=values,
        errors=errors,
    )
