"""The register of contributions: the list with its filters, handing one in, and correcting what is written on it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.model import DelegationCode
from opinions.roles import Act, Delegation
from opinions.visibility import NamesShown
from server import files_store, outbox
from server.attribution import names_in_file, names_in_room
from server.audit_store import Kind as Audited
from server.contributions import store
from server.contributions.attachments import FORM_BYTES, MAX_FILE, judged
from server.contributions.register_csv import register_csv
from server.contributions.sight import Sight, sight_of
from server.contributions.values import (
    Contribution,
    ContributionRefused,
    Particulars,
    Status,
    UnknownContribution,
)
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.phasing import warnings
from server.visit import Visit

UPLOAD_BYTES = FORM_BYTES
STATUS_NAMES: Mapping[Status, str] = {
    Status.WAITING: "Waits for its number",
    Status.REGISTERED: "Registered",
    Status.RETURNED: "Returned",
}
_FILTERS = ("q", "source", "opinion", "meeting", "show")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page of the register stands on: who reads it, and the process's parties and Opinions."""

    sight: Sight
    delegations: tuple[Delegation, ...]
    opinions: tuple[OpinionRow, ...]

    @property
    def names(self) -> Mapping[str, Delegation]:
        """The delegations by code."""
        return {one.code: one for one in self.delegations}

    @property
    def titles(self) -> Mapping[str, OpinionRow]:
        """The draft Opinions by id."""
        return {one.id: one for one in self.opinions}


def surroundings(visit: Visit, connection: Connection, names: NamesShown | None = None) -> Surroundings:
    """What every page of the register needs to know; `names`: which ones are shown, where not those of a page."""
    shown = names or names_in_room(visit)
    opinions = list_opinions(connection)
    manages = visit.may(Act.CONTRIBUTION_REGISTER)
    return Surroundings(
        sight_of(visit.member, visit.process, opinions, manages=manages, names=shown.delegations),
        all_delegations(connection),
        opinions,
    )


async def register(visit: Visit) -> Response:
    """`GET /contributions?q=&source=&opinion=&meeting=&show=`: by number, superseded ones folded under the last."""
    around, found = await visit.read(lambda connection: _seen(visit, connection))
    asked = {name: visit.request.query_params.get(name, "").strip()[:200] for name in _FILTERS}
    chosen = [one for one in found if _fits(one, asked, around, visit)]
    there = {one.id for one in chosen}
    return render(
        visit,
        "contributions.html",
        around=around,
        rows=[one for one in chosen if one.superseded_by not in there],
        folded={one.superseded_by: _older(one, chosen) for one in chosen if one.superseded_by in there},
        asked=asked,
        total=len(found),
        meetings=sorted({one.about.meeting for one in found if one.about.meeting}),
        waiting=sum(one.status is Status.WAITING for one in found),
        status_names=STATUS_NAMES,
        due=visit.process.rules.contributions_due,
        most_pages=visit.process.rules.contribution_pages,
    )


async def register_as_csv(visit: Visit) -> Response:
    """`GET /contributions.csv`: the register as a table, as far as the reader may see it."""
    names = names_in_file(visit)
    around, found = await visit.read(lambda connection: _seen(visit, connection, names))
    rules = visit.process.rules
    content = register_csv(found, around.sight, around.titles, rules.contribution_pages, visit.process.zone)
    visit.services.noting.tell(visit.event(Audited.EXPORT, "contributions", f"{len(found)} contributions as CSV"))
    headers = {"content-disposition": 'attachment; filename="contributions.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def new_contribution(visit: Visit) -> Response:
    """`GET /contributions/new`."""
    around = await visit.read(lambda connection: surroundings(visit, connection))
    number = ""
    if around.sight.manages:
        number = await visit.read(lambda connection: store.proposed_number(connection, ""))
    given = {"number": number, "language": "English"}
    own = (around.sight.delegation,) if around.sight.delegation and not around.sight.manages else ()
    return _form(visit, around, given, own, (), {})


async def hand_in(visit: Visit) -> Response:
    """`POST /contributions/new`: by a member it waits for its number; the secretariat may give it at once."""
    fields, sources, opinions, upload = await posted_form(visit)
    around = await visit.read(lambda connection: surroundings(visit, connection))
    sight = around.sight
    if not sight.manages:
        sources = (sight.delegation,) if sight.delegation else ()
    try:
        about = _particulars(fields, sources, opinions)
        received = _received(fields, visit) if sight.manages else visit.now
        file = judged(*upload) if upload else None
        if file is not None and file.pages and about.pages is None:
            about = _with_pages(about, file.pages)
        if file is None and not sight.manages:
            raise ContributionRefused("file", "Add the document itself, as a file.")

        def enter(connection: Connection) -> Contribution:
            made = store.enter(
                connection,
                about,
                visit.member,
                visit.now,
                received_at=received,
                due_at=visit.missed or visit.process.rules.contributions_due,
                number=fields.get("number", "") if sight.manages else "",
                pages_counted=file is not None and about.pages == file.pages,
            )
            warnings.contribution(connection, made, visit.process.rules, visit.member, visit.now)
            if file is not None and upload:
                kept = files_store.keep(connection, upload[0], file.media_type, upload[1], visit.now, visit.member.id)
                store.attach(connection, made.id, kept.id)
            return made

        made = await visit.write(enter)
    except ContributionRefused as error:
        return _form(visit, around, fields, sources, opinions, {error.field: str(error)})
    visit.services.begin(outbox.registered(made.id).id)
    return done(f"/contributions/{made.id}", "handed-in" if made.status is Status.WAITING else "registered")


async def edit_contribution(visit: Visit) -> Response:
    """`GET /contributions/{contribution}/cover`: correct what is written on it."""

    def look(connection: Connection) -> tuple[Surroundings, Contribution]:
        around = surroundings(visit, connection)
        return around, seen(visit, connection, around.sight)

    around, one = await visit.read(look)
    about = one.about
    given = {
        "title": about.title,
        "language": about.language,
        "meeting": about.meeting,
        "dated": about.dated.isoformat() if about.dated else "",
        "pages": str(about.pages or ""),
        "summary": about.summary,
    }
    return _form(visit, around, given, about.sources, about.opinions, {}, one)


async def correct_contribution(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/cover`."""
    fields, sources, opinions, _ = await posted_form(visit)
    key = visit.request.path_params["contribution"]
    around = await visit.read(lambda connection: surroundings(visit, connection))
    one = await visit.read(lambda connection: seen(visit, connection, around.sight))
    try:
        about = _particulars(fields, sources, opinions)
        await visit.write(lambda connection: store.correct(connection, key, about, visit.member, visit.now))
    except ContributionRefused as error:
        return _form(visit, around, fields, sources, opinions, {error.field: str(error)}, one)
    return done(f"/contributions/{key}", "saved")


def may_propose(visit: Visit, one: Contribution, sight: Sight) -> bool:
    """Whether the reader may note proposals and views of this contribution."""
    return visit.may(Act.CONTRIBUTION_SUBMIT) and (sight.manages or sight.is_own(one))


def seen(visit: Visit, connection: Connection, sight: Sight) -> Contribution:
    """The contribution of the path; 404 where there is none, or none for this reader."""
    try:
        one = store.load(connection, visit.request.path_params["contribution"])
    except UnknownContribution:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if not sight.shows(one):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one


def _seen(
    visit: Visit, connection: Connection, names: NamesShown | None = None
) -> tuple[Surroundings, tuple[Contribution, ...]]:
    around = surroundings(visit, connection, names)
    return around, tuple(one for one in store.all_contributions(connection) if around.sight.shows(one))


def _fits(one: Contribution, asked: Mapping[str, str], around: Surroundings, visit: Visit) -> bool:
    """Whether a contribution passes the filters of the list. One whose source is withheld is not found by it."""
    summary = one.about.summary if around.sight.whole(one) else ""
    words = f"{one.spelling} {one.about.title} {summary}".casefold()
    shows = {
        "": True,
        "waiting": one.status is Status.WAITING,
        "returned": one.status is Status.RETURNED,
        "late": one.late,
        "long": (one.about.pages or 0) > visit.process.rules.contribution_pages,
    }
    return (
        asked["q"].casefold() in words
        and (not asked["source"] or asked["source"] in around.sight.names_of(one))
        and (not asked["opinion"] or asked["opinion"] in one.about.opinions)
        and (not asked["meeting"] or asked["meeting"] == one.about.meeting)
        and shows.get(asked["show"], True)
    )


def _older(one: Contribution, chosen: Iterable[Contribution]) -> tuple[Contribution, ...]:
    """A superseded contribution with all that it superseded itself, the newest first."""
    by_id = {other.id: other for other in chosen}
    row = [one]
    while row[-1].supersedes in by_id:
        row.append(by_id[row[-1].supersedes])
    return tuple(row)


def _form(
    visit: Visit,
    around: Surroundings,
    given: Mapping[str, str],
    sources: Sequence[str],
    opinions: Sequence[str],
    errors: Mapping[str, str],
    one: Contribution | None = None,
) -> Response:
    empty = dict.fromkeys(("title", "number", "language", "meeting", "dated", "pages", "summary", "received"), "")
    return render(
        visit,
        "contribution_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        around=around,
        one=one,
        values={**empty, **given},
        sources=set(sources),
        chosen=set(opinions),
        errors=errors,
        language_options=[("", "Not said"), *((one_of, one_of) for one_of in store.LANGUAGES)],
        due=visit.process.rules.contributions_due,
        most_pages=visit.process.rules.contribution_pages,
    )


Posted = tuple[dict[str, str], tuple[DelegationCode, ...], tuple[str, ...], tuple[str, bytes] | None]


async def posted_form(visit: Visit) -> Posted:
    """The fields, sources, Opinions and file of a posted form."""
    async with visit.request.form(max_files=1, max_fields=300, max_part_size=MAX_FILE) as posted:
        pairs = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
        file = posted.get("file")
        upload = None
        if isinstance(file, UploadFile) and file.filename:
            upload = (file.filename[-200:], await file.read(MAX_FILE + 1))
    sources = tuple(DelegationCode(value) for name, value in pairs if name == "sources")
    return dict(pairs), sources, tuple(value for name, value in pairs if name == "opinions"), upload


def _particulars(fields: Mapping[str, str], sources: Sequence[DelegationCode], opinions: Sequence[str]) -> Particulars:
    pages = fields.get("pages", "").strip()
    if pages and not (pages.isascii() and pages.isdigit() and len(pages) < 6):
        raise ContributionRefused("pages", "Pages are a number, such as 3.")
    dated = None
    if fields.get("dated"):
        try:
            dated = date.fromisoformat(fields["dated"])
        except ValueError:
            raise ContributionRefused("dated", "Write the date as year-month-day: 2026-05-19.") from None
    return Particulars(
        fields.get("title", ""),
        tuple(sources),
        fields.get("language", ""),
        fields.get("meeting", ""),
        dated,
        int(pages) if pages else None,
        tuple(opinions),
        fields.get("summary", ""),
    )


def _with_pages(about: Particulars, pages: int) -> Particulars:
    return replace(about, pages=pages)


def _received(fields: Mapping[str, str], visit: Visit) -> datetime:
    """When it came, as the secretariat says: a time of the meeting's zone; else now."""
    given = fields.get("received", "").strip()
    if not given:
        return visit.now
    with suppress(ValueError):
        zone: ZoneInfo = visit.process.zone
        at = datetime.fromisoformat(given).replace(tzinfo=zone).astimezone(UTC)
        if at <= visit.now:
            return at
    raise ContributionRefused("received", "Give the day and time at which it came, not one that is still to come.")
