"""Other programs: keys to the API, webhooks, what became of deliveries. A key or secret is shown this once."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.audit_store import AuditEvent, Kind, note
from server.names import NameRefused
from server.pages.rendering import done, render
from server.taking_part.programs import Program, ProgramRefused, Scope, admit_program, all_programs, end_program
from server.taking_part.webhooks import (
    Delivery,
    EventKind,
    Webhook,
    add_webhook,
    all_webhooks,
    last_deliveries,
    stop_webhook,
)
from server.visit import Visit

SCOPES: Mapping[Scope, str] = {
    Scope.OPINIONS_READ: "Read the list of draft Opinions and versions",
    Scope.ROSTER_READ: "Read the roster",
    Scope.ROSTER_WRITE: "Enter people",
    Scope.CONTRIBUTIONS_READ: "Read contributions",
    Scope.CONTRIBUTIONS_WRITE: "Register contributions",
    Scope.COMMENTS_READ: "Read comments",
    Scope.COMMENTS_WRITE: "Enter comments",
}
EVENTS: Mapping[EventKind, str] = {
    EventKind.VERSION_FROZEN: "A version was frozen",
    EventKind.ROUND_PUBLISHED: "A consultation round was published",
    EventKind.CONTRIBUTION_REGISTERED: "A contribution got its number",
    EventKind.VOLUME_PUBLISHED: "A volume of the report was published",
}
DAYS = 90


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page lists."""

    programs: tuple[Program, ...]
    webhooks: tuple[Webhook, ...]
    deliveries: tuple[Delivery, ...]


async def programs(visit: Visit) -> Response:
    """`GET /programs`."""
    return await _page(visit)


async def admit(visit: Visit) -> Response:
    """`POST /programs`: a key, shown in the answer and never again."""
    form, chosen = await visit.form(), await visit.choices("scope")
    try:
        scopes = frozenset(Scope(one) for one in chosen)
        days = int(form.get("days", ""))
    except ValueError:
        return await _page(visit, form, {"days": "Give a whole number of days, and choose from the list."})

    def make(connection: Connection) -> tuple[Program, str]:
        program, key = admit_program(connection, form.get("name", ""), scopes, days, visit.member.id, visit.now)
        opened = ", ".join(sorted(program.scopes))
        _note(visit, connection, program.id, f"key for {program.name}, {days} days: {opened}")
        return program, key

    try:
        program, key = await visit.write(make)
    except NameRefused as error:
        return await _page(visit, form, {"name": str(error)})
    except ProgramRefused as error:
        return await _page(visit, form, {"days" if "days" in str(error) else "scope": str(error)})
    return await _page(visit, made=program.name, secret=key)


async def end(visit: Visit) -> Response:
    """`POST /programs/{program}/end`: the key opens nothing any more, from now on."""
    program = visit.request.path_params["program"]

    def stop(connection: Connection) -> bool:
        ended = end_program(connection, program, visit.now)
        if ended:
            _note(visit, connection, program, "key ended")
        return ended

    if not await visit.write(stop):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return done("/programs", "key-ended")


async def add_hook(visit: Visit) -> Response:
    """`POST /programs/webhooks`: an address to be told; its secret is shown in the answer and never again."""
    form, chosen = await visit.form(), await visit.choices("event")

    def make(connection: Connection) -> Webhook:
        events = [kind for kind in EventKind if kind.value in chosen]
        hook = add_webhook(connection, form.get("address", ""), events, visit.member.id, visit.now)
        # The host alone: where the address leads is often a secret of whoever listens there.
        host = urlsplit(hook.address).hostname
        _note(visit, connection, hook.id, f"webhook to {host}: {', '.join(sorted(hook.events))}")
        return hook

    try:
        hook = await visit.write(make)
    except ProgramRefused as error:
        return await _page(visit, form, {"event" if "event" in str(error) else "address": str(error)})
    return await _page(visit, made=hook.address, secret=hook.secret)


async def stop_hook(visit: Visit) -> Response:
    """`POST /programs/webhooks/{webhook}/stop`."""
    hook = visit.request.path_params["webhook"]

    def stop(connection: Connection) -> bool:
        stopped = stop_webhook(connection, hook, visit.now)
        if stopped:
            _note(visit, connection, hook, "webhook stopped")
        return stopped

    if not await visit.write(stop):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return done("/programs", "webhook-stopped")


def _note(visit: Visit, connection: Connection, subject: str, detail: str) -> None:
    note(connection, AuditEvent(Kind.PROGRAM, visit.now, visit.member.id, visit.member.name, subject, detail))


async def _page(
    visit: Visit,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    made: str = "",
    secret: str = "",
) -> Response:
    def look(connection: Connection) -> _Shown:
        return _Shown(all_programs(connection), all_webhooks(connection), last_deliveries(connection))

    shown = await visit.read(look)
    return render(
        visit,
        "programs.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values={"name": "", "days": str(DAYS), "address": "", **(form or {})},
        errors=errors or {},
        programs=shown.programs,
        webhooks=shown.webhooks,
        deliveries=shown.deliveries,
        addresses={hook.id: hook.address for hook in shown.webhooks},
        scopes=SCOPES,
        events=EVENTS,
        made=made,
        secret=secret,
        now=visit.now,
    )
