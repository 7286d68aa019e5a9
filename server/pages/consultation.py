"""Consultation rounds, signed in: the list, a round at a glance, and how the secretariat runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.versions import Version
from opinions.consultation import Audience, Dates, Phase, RoundForm, Showing, Source, State
from opinions.errors import ConsultationRefused
from opinions.roles import FOLLOWERS, Act, Delegation
from opinions.visibility import Outlet
from server import log_store, outbox
from server.attribution import names_for_public, names_of_commenters
from server.consultation import comments as store
from server.consultation import judging, rounds
from server.consultation.comments import Comment, UnknownComment
from server.consultation.rounds import Round, UnknownRound
from server.consultation.sheet import DISPOSITIONS, STATES, Reading
from server.consultation.texts import UnknownVersion, load_draft
from server.files_store import UnknownFile
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.settings import public_address
from server.visit import Visit

T = TypeVar("T")

MAX_YEAR = 2100
LOOKED_AT_AT_ONCE = 50
"""Comments on one page of moderation, waiting and set aside each; the next come when these are judged."""
_VISIBLE = (State.WAITING, State.SHOWN, State.SET_ASIDE, State.WITHDRAWN, State.ERASED)


async def looked_up(visit: Visit, fn: Callable[[Connection], T]) -> T:
    """The value of a function of the database; 404 when it finds no such round, comment, version or file."""
    try:
        return await visit.read(fn)
    except (UnknownRound, UnknownComment, UnknownVersion, UnknownFile):
        raise HTTPException(HTTPStatus.NOT_FOUND) from None


def reading_of(visit: Visit, connection: Connection, outlet: Outlet = Outlet.ROOM) -> Reading:
    """What this visitor may see of comments, on a page or in a file; nobody signed in: what is public."""
    parties: dict[str, Delegation] = {one.code: one for one in all_delegations(connection)}
    if visit.visitor is None:
        return Reading(parties, named=names_for_public(visit).delegations)
    return Reading(
        parties,
        group=visit.actor.role not in FOLLOWERS,
        everything=visit.may(Act.CONSULTATION_MANAGE),
        named=names_of_commenters(visit, outlet).delegations,
    )


# --- the list


@dataclass(frozen=True, slots=True)
class Listed:
    """A round in the list: how many of its comments are shown, how many wait for the secretariat, how many are mine."""

    round: Round
    phase: str
    shown: int
    waiting: int
    mine: int


def listed_rounds(connection: Connection, member: str, now: datetime, *, open_only: bool = False) -> list[Listed]:
    """The rounds as a member finds them in lists, the newest first: all of them, or those that are open now."""
    chosen = [one for one in rounds.all_rounds(connection) if not open_only or one.phase(now) is Phase.OPEN]
    if not chosen:
        return []
    ids = [one.id for one in chosen]
    counts, own = store.states_by_round(connection, ids), store.counts_of_member(connection, member, ids)
    found = []
    for one in chosen:
        states = counts.get(one.id, {})
        shown, waiting = states.get(State.SHOWN, 0), states.get(State.WAITING, 0)
        found.append(Listed(one, one.phase(now).value, shown, waiting, own.get(one.id, 0)))
    return found


async def consultation(visit: Visit) -> Response:
    """`GET /consultation`: the rounds, and what the visitor has said in them."""

    def look(connection: Connection) -> tuple[list[Listed], tuple[Comment, ...], Mapping[str, OpinionRow]]:
        member = visit.member.id
        own = store.comments_of_member(connection, member)
        opinions = {one.id: one for one in list_opinions(connection)}
        return listed_rounds(connection, member, visit.now), own, opinions

    listed, own, opinions = await visit.read(look)
    names = {one.round.id: one.round.name for one in listed}
    return render(visit, "consultation.html", rounds=listed, own=own, names=names, opinions=opinions, **wordings())


def wordings() -> dict[str, Any]:
    """The names of what a comment may be, for templates."""
    return {"dispositions": DISPOSITIONS, "states": STATES, "State": State, "Source": Source}


# --- putting a round up


async def new_round(visit: Visit) -> Response:
    """`GET /consultation/new`."""
    return await _round_form(visit, {}, set(), {})


async def put_round_up(visit: Visit) -> Response:
    """`POST /consultation/new`."""
    form = await visit.form()
    chosen = set(await visit.choices("text"))
    try:
        wanted = RoundForm(
            form.get("name", ""),
            form.get("introduction", ""),
            form.get("languages", ""),
            _one(Audience, form.get("audience", ""), "audience"),
            _one(Showing, form.get("showing", Showing.TOGETHER), "showing"),
            _dates(form, visit.process.zone),
            _texts(chosen),
        )
        made = await visit.write(lambda connection: rounds.open_round(connection, wanted, visit.actor, visit.now))
    except ConsultationRefused as error:
        return await _round_form(visit, form, chosen, {error.field: error.message})
    return done(f"/consultation/{made.id}", "round-open")


async def _round_form(visit: Visit, values: Mapping[str, str], chosen: set[str], errors: Mapping[str, str]) -> Response:
    def look(connection: Connection) -> list[tuple[OpinionRow, tuple[Version, ...]]]:
        opinions = list_opinions(connection)
        return [(one, tuple(reversed(log_store.load_versions(connection, one.id)))) for one in opinions]

    found = [(opinion, versions) for opinion, versions in await visit.read(look) if versions]
    if not values:
        chosen = {f"{opinion.id}/{versions[0].number}" for opinion, versions in found}
    given = {
        "name": "",
        "introduction": "",
        "languages": "Any language",
        "audience": "",
        "showing": Showing.TOGETHER.value,
        "opens": f"{visit.now.astimezone(visit.process.zone):%Y-%m-%dT%H:%M}",
        "closes": "",
        **values,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(
        visit, "consultation_new.html", status=status, values=given, chosen=chosen, opinions=found, errors=errors
    )


Choice = TypeVar("Choice", Audience, Showing)


def _one(kind: type[Choice], value: str, field: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise ConsultationRefused(field, "Choose one.") from None


def _dates(form: Mapping[str, str], zone: ZoneInfo) -> Dates:
    """The dates of a form. Of an hour that a night has twice a round opens in the first and closes in the second."""
    opens = _time(form.get("opens", ""), zone, "opens")
    return Dates(opens, _time(form.get("closes", ""), zone, "closes", fold=1))


def _time(text: str, zone: ZoneInfo, field: str, fold: int = 0) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        time = None
    if time is None or time.tzinfo is not None or not 2000 <= time.year <= MAX_YEAR:
        raise ConsultationRefused(field, "Give date and time as 2026-05-19 18:00.")
    # In UTC from here on: times of one zone compare by their clocks, which are put back once a year.
    told = time.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if told.astimezone(zone).replace(tzinfo=None) != time:
        raise ConsultationRefused(field, "In this night clocks go forward over this time. Give another one.")
    return told


def _texts(chosen: set[str]) -> tuple[tuple[str, int], ...]:
    found = []
    for one in sorted(chosen):
        opinion, slash, number = one.rpartition("/")
        if slash and number.isascii() and number.isdigit() and len(number) < 6:
            found.append((opinion, int(number)))
    return tuple(found)


# --- one round


async def round_page(visit: Visit) -> Response:
    """`GET /consultation/{round}`: its texts with their counts, its dates, what became of the comments."""
    found, comments, changes, reading = await looked_up(visit, lambda connection: _round(visit, connection))
    seen = [one for one in comments if reading.may_see(one)]
    shown = [one for one in comments if one.state is State.SHOWN]
    per_text = {text.opinion: sum(one.opinion == text.opinion for one in seen) for text in found.texts}
    answered = {kind: sum(one.answer.disposition is kind for one in shown) for kind in DISPOSITIONS}
    by_state = {state: sum(one.state is state for one in comments) for state in STATES}
    return render(
        visit,
        "round.html",
        round=found,
        phase=found.phase(visit.now).value,
        changes=changes,
        per_text=per_text,
        answered=answered,
        by_state=by_state,
        late=sum(one.late for one in shown),
        alarm=any("very many" in flag for one in comments if one.state is State.WAITING for flag in one.flags),
        total=len(seen),
        public_link=f"{public_address(visit.services.settings)}/consultations/{found.id}" if found.is_public else "",
        **wordings(),
    )


def _round(
    visit: Visit, connection: Connection
) -> tuple[Round, tuple[Comment, ...], tuple[rounds.DatesChanged, ...], Reading]:
    round_id = visit.request.path_params["round"]
    found = rounds.load_round(connection, round_id)
    comments = store.comments_of_round(connection, round_id, _VISIBLE)
    return found, comments, rounds.date_changes(connection, round_id), reading_of(visit, connection)


async def dates(visit: Visit) -> Response:
    """`GET /consultation/{round}/dates`."""
    return await _dates_form(visit, {}, {})


async def change_dates(visit: Visit) -> Response:
    """`POST /consultation/{round}/dates`: extend, shorten, or with step `close` close at once; always with a reason."""
    form, round_id = await visit.form(), visit.request.path_params["round"]
    found = await looked_up(visit, lambda connection: rounds.load_round(connection, round_id))
    try:
        if form.get("step") == "close":
            after = Dates(found.dates.opens_at, visit.now)
        else:
            after = _dates(form, visit.process.zone)
        reason = form.get("reason", "")
        await visit.write(
            lambda connection: rounds.change_dates(connection, round_id, after, reason, visit.actor, visit.now)
        )
    except ConsultationRefused as error:
        return await _dates_form(visit, form, {error.field: error.message})
    return done(f"/consultation/{round_id}", "dates-changed")


async def _dates_form(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    round_id, zone = visit.request.path_params["round"], visit.process.zone
    found = await looked_up(visit, lambda connection: rounds.load_round(connection, round_id))
    times = {"opens": found.dates.opens_at, "closes": found.dates.closes_at}
    written = {field: f"{time.astimezone(zone):%Y-%m-%dT%H:%M}" for field, time in times.items()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(
        visit,
        "round_dates.html",
        status=status,
        round=found,
        phase=found.phase(visit.now).value,
        values={"reason": "", **written, **values},
        errors=errors,
    )


async def publish(visit: Visit) -> Response:
    """`POST /consultation/{round}/publication`: publish the comments, or take the page back."""
    on = (await visit.form()).get("publish") == "yes"
    round_id = visit.request.path_params["round"]
    await looked_up(visit, lambda connection: rounds.load_round(connection, round_id))
    await visit.write(lambda connection: rounds.publish(connection, round_id, on, visit.actor, visit.now))
    if on:
        visit.services.begin(outbox.published(round_id, visit.now).id)
    return done(f"/consultation/{round_id}", "comments-published" if on else "comments-taken-back")


# --- moderation


async def moderation(visit: Visit) -> Response:
    """`GET /consultation/{round}/moderation`: what the public sent and nobody has looked at, and what was set aside."""
    return await _moderation_page(visit, {}, {})


async def moderate(visit: Visit) -> Response:
    """`POST /consultation/{round}/moderation`: act `show` or `set_aside` on the chosen comments."""
    form, round_id = await visit.form(), visit.request.path_params["round"]
    chosen = await visit.choices("comment")
    await looked_up(visit, lambda connection: rounds.load_round(connection, round_id))
    if not chosen:
        return await _moderation_page(visit, form, {"comment": "Choose the comments that this is about."})
    shown, reason = form.get("act") == "show", form.get("reason", "")

    def judged(connection: Connection) -> int:
        return judging.judge(connection, round_id, chosen, shown, reason, visit.actor, visit.now)

    try:
        await visit.write(judged)
    except ConsultationRefused as error:
        return await _moderation_page(visit, form, {error.field: error.message}, set(chosen))
    return done(f"/consultation/{round_id}/moderation", "moderated")


async def _moderation_page(
    visit: Visit, values: Mapping[str, str], errors: Mapping[str, str], chosen: set[str] | None = None
) -> Response:
    round_id = visit.request.path_params["round"]

    def look(connection: Connection) -> tuple[Round, tuple[Comment, ...], Mapping[str, str]]:
        found = rounds.load_round(connection, round_id)
        waiting = store.comments_of_round(connection, round_id, (State.WAITING, State.SET_ASIDE))
        drafts = {text.opinion: load_draft(connection, text.opinion, text.version) for text in found.texts}
        return found, waiting, {one.id: drafts[one.opinion].citation(one.paragraph) for one in waiting}

    found, comments, cited = await looked_up(visit, look)
    waiting = [one for one in comments if one.state is State.WAITING]
    return render(
        visit,
        "moderation.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        round=found,
        waiting=waiting[:LOOKED_AT_AT_ONCE],
        behind=max(0, len(waiting) - LOOKED_AT_AT_ONCE),
        aside=[one for one in comments if one.state is State.SET_ASIDE][-LOOKED_AT_AT_ONCE:],
        cited=cited,
        chosen=chosen or set(),
        reason=values.get("reason", ""),
        errors=errors,
        **wordings(),
    )
