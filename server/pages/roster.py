"""A roster on its way in: paste or upload, look at every row, choose, enter all or nothing. For the secretariat."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from opinions.roles import DelegationKind, Region
from server.doors import CHANGED
from server.names import NameRefused, name_key
from server.pages.inviting import begin_all, inviter_of, letters_page, mails_of
from server.pages.rendering import done, render
from server.people_store import PeopleRefused
from server.roster.columns import EXPECTED, Row, as_text, rows_of
from server.roster.entering import By, Entered, RosterChanged, RosterUnfinished, enter
from server.roster.plan import Addition, Choice, Outcome, Plan, Planned, planned
from server.roster.sheets import MAX_BYTES, MAX_ROWS, RosterRefused, Sheet, read_file, read_text
from server.visit import Visit
from server.wording import KINDS, REGIONS

FORM_BYTES = 2 * MAX_BYTES + 2**18
"""The file or the text (which a form may write in up to twice its bytes), and a choice for every row."""
MAX_FIELDS = 2 * MAX_ROWS + 200
"""A choice for every row, and five fields for each delegation to be added."""
MAX_ADDITIONS = 100

_CHOICES = {
    Choice.KEEP: "Same person: keep what is here",
    Choice.TAKE: "Same person: take the roster's",
    Choice.OTHER: "Another person: add",
    Choice.SKIP: "Leave this row out",
}
_TWIN_CHOICES = {
    **_CHOICES,
    Choice.KEEP: "Same person: keep the row above",
    Choice.TAKE: "Same person: take this row",
}


@dataclass(frozen=True, slots=True)
class _Given:
    """What a posted roster page holds."""

    rows: tuple[Row, ...]
    assumed: str
    choices: Mapping[int, Choice]
    additions: Mapping[str, Addition]
    invites: bool


@dataclass(frozen=True, slots=True)
class _Section:
    """Rows that call for the same attention."""

    id: str
    title: str
    rows: tuple[Planned, ...]


async def roster(visit: Visit) -> Response:
    """`GET /roster`: where it is pasted or uploaded."""
    return _first_page(visit, "", "")


async def handle_roster(visit: Visit) -> Response:
    """`POST /roster`: what each row would do; with `do=enter` it is done."""
    form = await visit.request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_BYTES)
    pasted = _text(form, "roster")
    try:
        sheet = await _sheet(form, pasted)
        rows = rows_of(sheet)
    except RosterRefused as error:
        return _first_page(visit, pasted, str(error))
    finally:
        await form.close()
    given = _given(form, rows, sheet.assumed)
    if _text(form, "do") != "enter":
        return await _preview(visit, given)
    if _text(form, "seen") != _seen(given.additions):
        return await _preview(visit, given, "Look at the delegations to be added once more, then enter.")
    return await _enter(visit, given, _text(form, "digest"))


async def _enter(visit: Visit, given: _Given, digest: str) -> Response:
    by = By(visit.member.id, visit.member.name)
    inviter = inviter_of(visit) if given.invites else None

    def work(connection: Connection) -> Entered:
        return enter(connection, given.rows, given.choices, given.additions, digest, by, visit.now, inviter)

    try:
        entered = await visit.write(work)
    except (RosterChanged, RosterUnfinished, NameRefused, PeopleRefused) as error:
        return await _preview(visit, given, str(error))
    begin_all(visit, entered.invited)
    for member in entered.shut:
        visit.services.doors.shut(member, CHANGED)
    if entered.delegations:
        # Rooms know the delegations they were opened with.
        await visit.services.hub.reopen()
    if any(not one.job for one in entered.invited):
        return letters_page(visit, entered.invited)
    return done("/people", "roster-invited" if entered.invited else "roster-entered")


async def _preview(visit: Visit, given: _Given, problem: str = "") -> Response:
    def look(connection: Connection) -> tuple[Plan, str]:
        digest = planned(connection, given.rows).digest
        return planned(connection, given.rows, given.choices, given.additions), digest

    plan, digest = await visit.read(look)
    text = as_text(given.rows)
    return render(
        visit,
        "roster_preview.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        plan=plan,
        sections=_sections(plan),
        counts={one.value: count for one, count in plan.counts().items()},
        assumed=given.assumed,
        text=text,
        of=_hash(text),
        digest=digest,
        seen=_seen({name_key(one.name): one for one in plan.additions}),
        problem=problem,
        invites=given.invites,
        mails=mails_of(visit),
        choices=_CHOICES,
        twin_choices=_TWIN_CHOICES,
        problem_of=lambda one: plan.problems.get(name_key(one.name), ""),
        kind_options=[(kind.value, words) for kind, words in KINDS.items()],
        region_options=[(region.value, words) for region, words in REGIONS.items()],
    )


def _sections(plan: Plan) -> tuple[_Section, ...]:
    to_correct = tuple(one for one in plan.rows if one.outcome is Outcome.ERROR)
    to_choose = tuple(one for one in plan.rows if one.offered and one.outcome is not Outcome.ERROR)
    others = [one for one in plan.rows if not one.offered]
    found = (
        _Section("to-correct", "To correct or leave out", to_correct),
        _Section("to-choose", "Here already, or twice: choose", to_choose),
        _Section("new", "New", tuple(one for one in others if one.outcome is Outcome.NEW)),
        _Section("same", "Here already, as they are", tuple(one for one in others if one.outcome is Outcome.SAME)),
    )
    return tuple(one for one in found if one.rows)


async def _sheet(form: FormData, pasted: str) -> Sheet:
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        content = await file.read(MAX_BYTES + 1)
        # A workbook takes its time to unpack; pages of others go on meanwhile.
        return await asyncio.to_thread(read_file, content)
    if not pasted.strip():
        raise RosterRefused("Paste the rows, or choose a file.")
    return read_text(pasted)


def _given(form: FormData, rows: tuple[Row, ...], assumed: str) -> _Given:
    choices: dict[int, Choice] = {}
    # Choices are by the row's number: for another text they would be somebody else's.
    if _text(form, "of") == _hash(as_text(rows)):
        assumed = _text(form, "assumed")[:200] or assumed
        for row in rows:
            value = _text(form, f"choice-{row.number}")
            if value in {one.value for one in Choice}:
                choices[row.number] = Choice(value)
    additions: dict[str, Addition] = {}
    for number in range(MAX_ADDITIONS):
        name = _text(form, f"new-{number}-name")
        if not name:
            break
        kind, region = _text(form, f"new-{number}-kind"), _text(form, f"new-{number}-region")
        additions[name_key(name)] = Addition(
            name,
            _text(form, f"new-{number}-code").strip().upper(),
            DelegationKind(kind) if kind in list(DelegationKind) else DelegationKind.MEMBER_STATE,
            Region(region) if region in list(Region) else Region.NONE,
            _text(form, f"new-{number}-add") == "yes",
        )
    return _Given(rows, assumed, choices, additions, _text(form, "invite") == "yes")


def _first_page(visit: Visit, text: str, problem: str) -> Response:
    return render(
        visit,
        "roster.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        text=text,
        errors={"roster": problem} if problem else {},
        expected=EXPECTED,
        most=MAX_ROWS,
    )


def _seen(additions: Mapping[str, Addition]) -> str:
    wanted = sorted((one.name, one.code, one.kind, one.region) for one in additions.values() if one.wanted)
    return _hash(repr(wanted))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
