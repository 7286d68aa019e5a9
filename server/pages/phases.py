"""The phases of the process: what is open until when, and the chair's extension in one click."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.phases import Extension, Span, said
from opinions.process_checks import RULES, Force
from opinions.roles import Act, Stage, may
from server.audit_store import Kind, note
from server.pages.local_times import from_local
from server.pages.rendering import done, render
from server.people_store import all_appointments
from server.phasing.store import ExtensionRefused, extend, extensions_of, spans_of
from server.phasing.telling import RIGHTS, left, ordered, standing
from server.phasing.warnings import Warned, warnings_of
from server.visit import Visit

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
"""What one click adds."""


@dataclass(frozen=True, slots=True)
class Row:
    """A phase as a line of the page."""

    span: Span
    state: str
    tone: str
    rights: tuple[str, ...]
    left: str
    was: str
    extensions: tuple[tuple[Extension, str], ...]

    @property
    def id(self) -> str:
        """The phase's id."""
        return self.span.phase.id


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[Row, ...]
    extends: bool
    warnings: tuple[Warned, ...]


async def phases(visit: Visit) -> Response:
    """`GET /phases`."""
    return await _page(visit, {}, {})


async def extend_phase(visit: Visit) -> Response:
    """`POST /phases/{phase}/extend`: one hour or one day more, or until a time; from now on, on every node.

    `was` is the end that the page showed: a button pressed twice extends once.
    """
    form = await visit.form()
    phase = visit.request.path_params["phase"]

    def work(connection: Connection) -> None:
        if not may_extend(visit, connection):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        before = next((one for one in spans_of(connection) if one.phase.id == phase), None)
        if before is None or before.closes_at is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if form.get("was", "") != before.closes_at.isoformat():
            raise ExtensionRefused("", "Its end was changed while you looked. Look at it again; nothing was added.")
        until = _until(form, before, visit)
        after = extend(connection, phase, until, form.get("reason", ""), visit.member, visit.now)
        detail = f"{before.phase.name}: closes on {after.closes_said}, before on {before.closes_said}"
        note(connection, visit.event(Kind.RULES_CHANGED, f"phase:{phase}"[:64], detail))

    try:
        await visit.write(work)
    except ExtensionRefused as error:
        return await _page(visit, form, {error.field: str(error)})
    visit.services.phases.wake()
    return done("/phases", "extended")


def may_extend(visit: Visit, connection: Connection) -> bool:
    """Whether the visitor extends phases: the secretariat, and who is in the chair of any draft Opinion."""
    if visit.may(Act.PHASE_EXTEND):
        return True
    seats = all_appointments(connection, visit.now).values()
    return any(may(visit.actor_in(appointed), Act.PHASE_EXTEND, Stage()) for appointed in seats)


def _until(form: dict[str, str], before: Span, visit: Visit) -> datetime:
    step = STEPS.get(form.get("by", ""))
    assert before.closes_at is not None
    if step is not None:
        return max(before.closes_at, visit.now.replace(second=0, microsecond=0)) + step
    try:
        until = from_local(form.get("closes_at", ""), visit.process.zone)
    except ValueError:
        until = None
    if until is None:
        raise ExtensionRefused("closes_at", "Give a date and a time of day.")
    return until.astimezone(UTC)


async def _page(visit: Visit, values: dict[str, str], errors: dict[str, str]) -> Response:
    found = await visit.read(lambda connection: _look(visit, connection))
    return render(
        visit,
        "phases.html",
        sheet="src/styles/phases.css",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        found=found,
        rules=[(rule, rule.force is Force.HARD) for rule in RULES.values()],
        values=values,
        errors=errors,
        tried=visit.request.path_params.get("phase", ""),
    )


def _look(visit: Visit, connection: Connection) -> _Found:
    extended = extensions_of(connection)
    rows = []
    for span in ordered(spans_of(connection), visit.now):
        state, tone = standing(span, visit.now)
        own = [one for one in extended if one.phase == span.phase.id]
        told = tuple((one, said(one.closes_at, visit.process.zone, visit.process.meeting_zone)) for one in own)
        soon = span.closes_at is not None and span.is_open(visit.now)
        remaining = left(span.closes_at, visit.now) if soon and span.closes_at else ""
        rights = tuple(RIGHTS[act] for act in RIGHTS if act in span.phase.rights)
        was = ""
        if span.extended_from is not None:
            was = said(span.extended_from, visit.process.zone, visit.process.meeting_zone, closing=True)
        rows.append(Row(span, state, tone, rights, remaining, was, told))
    manages = visit.may(Act.TIMETABLE_AMEND)
    return _Found(tuple(rows), may_extend(visit, connection), warnings_of(connection) if manages else ())
