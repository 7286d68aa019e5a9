"""The settings of the process: its name, its zone, what observers see, and its rules as data."""

from collections.abc import Mapping
from dataclasses import fields, replace
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.process_rules import MAX_DAYS, ProcessRules
from opinions.process_rules import to_json as rules_json
from opinions.roles import DelegationKind, Role
from opinions.visibility import Attribution
from server.audit_store import Kind, note
from server.pages.local_times import as_local, from_local
from server.pages.rendering import done, render
from server.process_store import Process, ProcessRefused, save_process
from server.visit import Visit
from server.wording import ATTRIBUTIONS, KINDS, ROLES

_DATES = ("nominations_due", "contributions_due", "opinions_due")
_CHOICES: Mapping[str, type[DelegationKind] | type[Role]] = {
    "views_kinds": DelegationKind,
    "objecting_kinds": DelegationKind,
    "passkey_roles": Role,
}
_COUNTS = {"contribution_pages": (1, MAX_DAYS), "invitation_reminder_days": (0, MAX_DAYS)}


async def settings(visit: Visit) -> Response:
    """`GET /settings`."""
    process = visit.process
    rules = process.rules
    values = {
        "name": process.name,
        "meeting_zone": process.meeting_zone,
        "observers_see": "submitted" if process.observers_see_submitted else "agreed",
        "attribution": process.attribution.value,
        **{name: as_local(getattr(rules, name), process.zone) for name in _DATES},
        **{name: str(getattr(rules, name)) for name in _COUNTS},
    }
    return _page(visit, values, {name: {one.value for one in getattr(rules, name)} for name in _CHOICES}, {})


async def change_settings(visit: Visit) -> Response:
    """`POST /settings`: live pages follow the change with the next thing they show."""
    form = await visit.form()
    chosen = {name: await visit.choices(name) for name in _CHOICES}
    errors: dict[str, str] = {}
    rules = visit.process.rules
    if form.get("rules") == "yes":
        # The zone as it is to be: a date is typed in the zone that the same form names.
        rules = _rules(rules, form, chosen, _zone(form, visit.process), errors)
    wanted = replace(
        visit.process,
        name=form.get("name", ""),
        meeting_zone=form.get("meeting_zone", "").strip(),
        observers_see_submitted=form.get("observers_see") == "submitted",
        attribution=_attribution(form, visit.process, errors),
        rules=rules,
    )

    def save(connection: Connection) -> None:
        saved = save_process(connection, wanted)
        changed = changes(visit.process, saved)
        if changed:
            note(connection, visit.event(Kind.RULES_CHANGED, "process", "; ".join(changed)))

    try:
        if not errors:
            await visit.write(save)
    except ProcessRefused as error:
        errors[error.field] = str(error)
    if errors:
        return _page(visit, form, {name: set(given) for name, given in chosen.items()}, errors)
    if any(getattr(wanted.rules, name) != getattr(visit.process.rules, name) for name in _CHOICES):
        # Rooms know who gives views only, and who objects, as they were opened; whoever must bring a passkey asks anew.
        await visit.services.hub.reopen()
    visit.services.doors.shut_streams(reload=True)
    return done("/settings", "saved")


def _rules(
    before: ProcessRules,
    form: Mapping[str, str],
    chosen: Mapping[str, list[str]],
    zone: ZoneInfo,
    errors: dict[str, str],
) -> ProcessRules:
    """The rules of the form; `errors` gets what does not fit."""
    windows = dict(before.windows)
    values: dict[str, Any] = {"windows": windows}
    for name, kind in _CHOICES.items():
        try:
            values[name] = frozenset(kind(one) for one in chosen[name])
        except ValueError:
            errors[name] = "Choose among the kinds and roles that the page offers."
    for name in _DATES:
        given = form.get(name, "")
        try:
            values[name] = from_local(given, zone)
            if given != as_local(getattr(before, name), zone):
                # A date that is typed takes the place of the milestone that it followed.
                windows.pop(name, None)
        except ValueError:
            errors[name] = "Give a date and a time of day, or leave it empty."
    for name, (low, high) in _COUNTS.items():
        text = form.get(name, "").strip()
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            errors[name] = f"Give a whole number from {low} to {high}."
        else:
            values[name] = int(text)
    return before if errors else replace(before, **values)


def _attribution(form: Mapping[str, str], process: Process, errors: dict[str, str]) -> Attribution:
    try:
        return Attribution(form.get("attribution", process.attribution))
    except ValueError:
        errors["attribution"] = "Choose who sees whose proposals."
        return process.attribution


def _zone(form: Mapping[str, str], process: Process) -> ZoneInfo:
    try:
        return ZoneInfo(form.get("meeting_zone", "").strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # It is refused when the process is saved.
        return process.zone


def changes(before: Process, after: Process) -> list[str]:
    """What a change of the settings changed, in words for the audit."""
    told = []
    for one in fields(Process):
        if one.name != "rules" and getattr(before, one.name) != getattr(after, one.name):
            told.append(f"{one.name}: {getattr(before, one.name)} becomes {getattr(after, one.name)}")
    old, new = rules_json(before.rules), rules_json(after.rules)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            told.append(f"{name}: {old.get(name, 'as by default')} becomes {new.get(name, 'as by default')}")
    return told


def _page(
    visit: Visit, values: Mapping[str, str], chosen: Mapping[str, set[str]], errors: Mapping[str, str]
) -> Response:
    empty = dict.fromkeys(("name", "meeting_zone", "observers_see", "attribution", *_DATES, *_COUNTS), "")
    offered = [role for role in Role if role is not Role.OBSERVER]
    return render(
        visit,
        "settings.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values={**empty, **values},
        chosen=chosen,
        kind_options=[(kind.value, text) for kind, text in KINDS.items() if kind is not DelegationKind.SECRETARIAT],
        role_options=[(role.value, ROLES[role]) for role in offered],
        attributions=[(one.value, *ATTRIBUTIONS[one]) for one in Attribution],
        errors=errors,
    )
