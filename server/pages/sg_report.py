"""The Secretary-General's report as members read it: its sections with what was said of them, and all its revisions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from opinions.errors import SectionRefused
from opinions.phases import rights
from opinions.roles import Act, Stage, may
from opinions.sg_report import ReportParagraph, Section, numbered
from server import files_store
from server.attribution import names_in_file, names_in_room
from server.audit_store import Kind as Audited
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.people_store import all_appointments
from server.phasing.store import spans_of
from server.sg_report import comments as remarks
from server.sg_report import store
from server.sg_report.comments import DISPOSITIONS, Disposition, Remark, UnknownRemark
from server.sg_report.comments_csv import comments_csv
from server.sg_report.readable import Readable, readable, report_for
from server.sg_report.store import ReportRevision, UnknownRevision
from server.tables.volumes import sg_revisions
from server.visit import Visit
from server.volumes.contents import VolumeContents, last_published
from server.volumes.publishing import fixed_now

STYLES = "src/styles/volumes.css"
COMMENT_BYTES = 64 * 1024
"""Bytes of a comment's form: its characters in their longest encoding."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as one reader sees it; `moved` where its paragraph was reworded or taken out since."""

    remark: Remark
    named: bool
    own: bool
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A section on the page: its number, who wrote it last, its paragraphs, and what is said of each and of all."""

    number: str
    saved: store.SavedSection
    of_section: tuple[Said, ...] = ()
    of_paragraphs: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)

    @property
    def section(self) -> Section:
        """The section itself."""
        return self.saved.section

    @property
    def said(self) -> int:
        """How many comments stand at it."""
        return len(self.of_section) + sum(map(len, self.of_paragraphs.values()))

    def at(self, paragraph: ReportParagraph) -> tuple[Said, ...]:
        """What is said of one paragraph."""
        return self.of_paragraphs.get(paragraph.id, ())


def readable_by(visit: Visit, connection: Connection) -> Readable:
    """What the visitor may read of the report: the secretariat, and who is in the chair of any draft Opinion, also what
    is still being written.
    """
    if visit.may(Act.SG_REPORT_READ_DRAFT):
        return readable(connection, drafts=True)
    seats = all_appointments(connection, visit.now).values()
    chairs = any(may(visit.actor_in(appointed), Act.SG_REPORT_READ_DRAFT, Stage()) for appointed in seats)
    return readable(connection, drafts=chairs)


def shown_to(visit: Visit, may_read: Readable, found: Sequence[Remark]) -> tuple[Remark, ...]:
    """The comments that the visitor may read: none on words that are not out for him or her, but one's own."""
    return tuple(one for one in found if one.revision <= may_read.newest or one.member == visit.actor.member)


async def report(visit: Visit) -> Response:
    """`GET /sg-report`: the report as it stands for the reader: as it was put out last, or as it is being written."""
    return await page(visit)


async def report_at(visit: Visit) -> Response:
    """`GET /sg-report/revisions/{revision}`: as it stood; nothing can be said of it there."""
    return await page(visit, revision=visit.request.path_params["revision"])


async def report_revisions(visit: Visit) -> Response:
    """`GET /sg-report/revisions`: every saved state, with who and when, and files handed in; for who reads no drafts
    those that were put out or published.
    """

    def look(connection: Connection) -> tuple[Readable, list[store.Revision]]:
        may_read = readable_by(visit, connection)
        return may_read, [one for one in store.revisions(connection) if may_read.has(one.number)]

    may_read, found = await visit.read(look)
    return render(visit, "sg_revisions.html", entry=STYLES, found=found, may_read=may_read)


async def report_file(visit: Visit) -> Response:
    """`GET /sg-report/files/{file}`: a file that the report was read from, as it was handed in."""
    key = visit.request.path_params["file"]

    def look(connection: Connection) -> tuple[files_store.KeptFile, bytes] | None:
        may_read = readable_by(visit, connection)
        of = connection.scalars(select(sg_revisions.c.number).where(sg_revisions.c.file == key))
        return files_store.load(connection, key) if any(map(may_read.has, of)) else None

    found = await visit.read(look)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kept, content = found
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(kept.name)}",
        "content-security-policy": "sandbox",
    }
    return Response(content, media_type=kept.media_type, headers=headers)


async def make_comment(visit: Visit) -> Response:
    """`POST /sg-report/comments`: taken also after its deadline, and then marked late."""
    form = await visit.form()
    actor, late = visit.actor, visit.missed is not None

    def make(connection: Connection) -> Remark:
        return remarks.make(
            connection,
            form.get("section", ""),
            form.get("paragraph", ""),
            form.get("body", ""),
            actor,
            visit.now,
            late=late,
            on=readable_by(visit, connection).newest,
        )

    try:
        made = await visit.write(make)
    except SectionRefused as error:
        return await page(visit, errors={error.field: str(error)}, given=form)
    return RedirectResponse(f"/sg-report?done=remark-made#{made.id}", HTTPStatus.SEE_OTHER)


async def withdraw_comment(visit: Visit) -> Response:
    """`POST /sg-report/comments/{comment}/withdraw`: by its own delegation."""
    key, actor = visit.request.path_params["comment"], visit.actor
    try:
        await visit.write(lambda connection: remarks.withdraw(connection, key, actor, visit.now))
    except UnknownRemark:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    except SectionRefused as error:
        return await page(visit, errors={"": str(error)})
    return done("/sg-report", "remark-withdrawn")


async def answer_comment(visit: Visit) -> Response:
    """`POST /sg-report/comments/{comment}/answer`: by the secretariat."""
    key, form = visit.request.path_params["comment"], await visit.form()
    said, chosen, actor = form.get("answer", ""), form.get("disposition", ""), visit.actor
    try:
        await visit.write(lambda connection: remarks.answer(connection, key, chosen, said, actor, visit.now))
    except UnknownRemark:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    except SectionRefused as error:
        return await page(visit, errors={error.field: str(error)}, given={**form, "answering": key})
    return RedirectResponse(f"/sg-report?done=answered#{key}", HTTPStatus.SEE_OTHER)


async def comments_as_csv(visit: Visit) -> Response:
    """`GET /sg-report/comments.csv`: every comment with its answer."""
    found = await visit.read(
        lambda connection: shown_to(visit, readable_by(visit, connection), remarks.all_remarks(connection))
    )
    names = names_in_file(visit).delegations
    actor = visit.actor
    content = comments_csv(found, lambda one: names or not one.party or one.is_of(actor), visit.process.zone)
    visit.services.noting.tell(visit.event(Audited.EXPORT, "sg-report", f"{len(found)} comments on the report as CSV"))
    headers = {"content-disposition": 'attachment; filename="comments-on-the-report.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@dataclass(frozen=True, slots=True)
class _Found:
    report: ReportRevision | None
    may_read: Readable
    remarks: tuple[Remark, ...]
    opinions: tuple[OpinionRow, ...]
    volume: VolumeContents | None
    late: bool
    shut: str
    fixed: str


async def page(
    visit: Visit,
    *,
    revision: int | None = None,
    errors: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    """The page of the report, as it stands or stood."""

    def look(connection: Connection) -> _Found:
        here = rights(spans_of(connection), visit.now)
        may_read = readable_by(visit, connection)
        return _Found(
            report_for(connection, may_read, revision),
            may_read,
            shown_to(visit, may_read, remarks.all_remarks(connection)),
            list_opinions(connection),
            last_published(connection),
            Act.SG_REPORT_COMMENT in here.late,
            here.why_shut(Act.SG_REPORT_COMMENT),
            fixed_now(connection, visit.now),
        )

    try:
        found = await visit.read(look)
    except UnknownRevision:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    names, actor = names_in_room(visit).delegations, visit.actor

    def seen(one: Remark, *, moved: bool = False) -> Said:
        return Said(one, names or not one.party or one.is_of(actor), one.is_of(actor), moved)

    placed, gone = _placed(found, [seen(one) for one in found.remarks])
    return render(
        visit,
        "sg_report.html",
        entry=STYLES,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        found=found,
        report=found.report,
        earlier=revision is not None and revision != found.may_read.newest,
        placed=placed,
        gone=gone,
        open=sum(not one.withdrawn_at and one.disposition is Disposition.OPEN for one in found.remarks),
        dispositions=DISPOSITIONS,
        max_comment=remarks.MAX_COMMENT,
        errors=errors or {},
        given=defaultdict(str, given or {}),
    )


def _placed(found: _Found, said: Sequence[Said]) -> tuple[list[Placed], list[Said]]:
    """The sections with what is said of them, and what is said of sections that are not there."""
    if found.report is None:
        return [], list(said)
    placed = []
    for number, saved in zip(numbered(found.report.sections), found.report.saved, strict=True):
        section = saved.section
        here = [one for one in said if one.remark.section == section.id]
        ids = {one.id: one.text for one in section.paragraphs}
        at: dict[str, tuple[Said, ...]] = {}
        whole: list[Said] = []
        for one in here:
            key = one.remark.paragraph
            if key and key in ids:
                changed = ids[key] != one.remark.words
                at[key] = (*at.get(key, ()), Said(one.remark, one.named, one.own, changed))
            else:
                whole.append(Said(one.remark, one.named, one.own, bool(key)))
        placed.append(Placed(number, saved, tuple(whole), at))
    there = {one.id for one in found.report.sections}
    return placed, [one for one in said if one.remark.section not in there]
