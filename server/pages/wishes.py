"""What one is told by e-mail: choosing it, and stopping it by the link of a letter, without signing in."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from zoneinfo import available_timezones

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Act, Stage, may
from server.opinion_store import OpinionRow, list_opinions
from server.pages.public_consultation import busy, too_many
from server.pages.rendering import done, render
from server.people_store import all_appointments
from server.post.digest import may_stop
from server.post.looks import DIGEST, Living, frozen_of, look_of, looked
from server.post.wishes import Pace, Tells, Wishes, WishRefused, load_wishes, save_wishes, stop_letters
from server.signing import load_key
from server.visit import Visit

PACES = (
    (Pace.OFF, "Nothing", "You look when you want to."),
    (Pace.DAILY, "Once a day", "On days on which there is something new."),
    (Pace.MEETING, "Each day of the meeting", "On days on which outcomes were recorded or a version was frozen."),
)
TELLS = (
    (Tells.NEWS, "What is new", "One line for each thing."),
    (Tells.BRIEF, "The brief for your capital", "What is new, what you hold, and what waits for your delegation."),
)
HOURS = tuple((str(hour), f"{hour:02}:00") for hour in range(24))


async def wishes(visit: Visit) -> Response:
    """`GET /account/letters`."""
    wanted = await visit.read(lambda c: load_wishes(c, visit.member.id, visit.process.meeting_zone))
    return await _page(visit, wanted)


async def change_wishes(visit: Visit) -> Response:
    """`POST /account/letters`: from now on; what stands in the texts now is no news."""
    form, chosen = await visit.form(), await visit.choices("opinion")
    try:
        wanted = _read(visit, form, chosen)
    except WishRefused as error:
        kept = replace(Wishes(), opinions=tuple(chosen), zone=form.get("zone", "")[:64])
        return await _page(visit, kept, {error.field: str(error)}, form)
    rooms = []
    if wanted.pace is not Pace.OFF:
        rows = await visit.read(list_opinions)
        rooms = [await visit.services.hub.room(row.id) for row in rows if wanted.wants(row.id)]
    texts = [(room.opinion, room.seq, room.document) for room in rooms]

    def save(connection: Connection) -> None:
        save_wishes(connection, visit.member.id, wanted, visit.now)
        for opinion, seq, document in texts:
            if look_of(connection, visit.member.id, opinion, DIGEST) is None:
                living = Living(opinion, seq, document, frozen_of(connection, opinion))
                looked(connection, visit.member.id, living, visit.now, DIGEST)

    await visit.write(save)
    return done("/account/letters", "saved")


def _read(visit: Visit, form: Mapping[str, str], chosen: list[str]) -> Wishes:
    try:
        pace = Pace(form.get("pace", ""))
    except ValueError:
        raise WishRefused("pace", "Choose how often.") from None
    try:
        tells = Tells(form.get("tells", Tells.NEWS))
    except ValueError:
        raise WishRefused("tells", "Choose what the letter tells.") from None
    if tells is Tells.BRIEF and not may(visit.actor, Act.BRIEF_READ):
        raise WishRefused("tells", "A brief is for the people of a delegation that takes part.")
    hours: dict[str, int] = {}
    for field in ("hour", "quiet_from", "quiet_until"):
        text = form.get(field, "")
        if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < 24):
            raise WishRefused(field, "Choose a full hour of the day.")
        hours[field] = int(text)
    zone = form.get("zone", "").strip()
    if zone not in available_timezones():
        raise WishRefused("zone", "This is no place that the time zone database knows. Write it as Africa/Nairobi.")
    everything = form.get("which") != "some"
    if not everything and not chosen:
        raise WishRefused("which", "Choose at least one draft Opinion, or all.")
    if pace is not Pace.OFF and not visit.member.email:
        raise WishRefused("pace", "No e-mail address of yours is known here. Ask the secretariat to add it.")
    return Wishes(pace, () if everything else tuple(dict.fromkeys(chosen))[:200], zone=zone, tells=tells, **hours)


async def _page(
    visit: Visit, wanted: Wishes, errors: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> Response:
    def look(connection: Connection) -> list[OpinionRow]:
        appointed = all_appointments(connection, visit.now)
        return [
            row
            for row in list_opinions(connection)
            if may(visit.actor_in(appointed.get(row.id, {})), Act.VERSION_READ, Stage(closed=row.closed))
        ]

    rows = await visit.read(look)
    values = {
        "pace": wanted.pace.value,
        "hour": str(wanted.hour),
        "quiet_from": str(wanted.quiet_from),
        "quiet_until": str(wanted.quiet_until),
        "zone": wanted.zone,
        "tells": wanted.tells.value,
        "which": "some" if wanted.opinions else "all",
        **(form or {}),
    }
    return render(
        visit,
        "wishes.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values=values,
        errors=errors or {},
        chosen=set(wanted.opinions),
        rows=rows,
        paces=PACES,
        tells=TELLS if may(visit.actor, Act.BRIEF_READ) else (),
        hours=HOURS,
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
    )


async def stop(visit: Visit) -> Response:
    """`GET /letters/stop/{member}/{signature}`: asks first, for programs open links too."""
    limit = visit.services.public_limits.stopping
    if too_many(visit, limit):
        return await busy(visit, limit)
    await _require_theirs(visit)
    return render(visit, "wishes_stop.html", stopped=False)


async def stop_now(visit: Visit) -> Response:
    """`POST /letters/stop/{member}/{signature}`: by the button, or by a mail program at one click (RFC 8058)."""
    limit = visit.services.public_limits.stopping
    if too_many(visit, limit):
        return await busy(visit, limit)
    await _require_theirs(visit)
    member = visit.request.path_params["member"]
    await visit.write(lambda connection: stop_letters(connection, member))
    return render(visit, "wishes_stop.html", stopped=True)


async def _require_theirs(visit: Visit) -> None:
    given = visit.request.path_params
    key = await asyncio.to_thread(load_key, visit.services.settings.signing_key_file)
    if not may_stop(given["member"], given["signature"], key):
        raise HTTPException(HTTPStatus.NOT_FOUND)
