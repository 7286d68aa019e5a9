"""The brief for a capital: over all draft Opinions or of one, to print, and as a letter to oneself."""

from datetime import timedelta
from http import HTTPStatus

from sqlalchemy import Connection, func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.visibility import WHOLE, NamesShown
from server.attribution import names_in_file
from server.opinion_store import OpinionRow
from server.pages.rendering import done, render
from server.post.letters import Letter, LetterKind, post
from server.reports.brief_making import LAST, VISIT, Made, briefs, own_opinions
from server.reports.briefing import plain_text
from server.settings import public_address
from server.tables.post import letters
from server.visit import Visit
from server.wording import counted, moment

STYLES = "src/styles/reports.css"
MAX_LETTERS = 10
"""Briefs that a person has sent to himself or herself in an hour: one after each item of a long day."""
IN = timedelta(hours=1)


async def all_briefs(visit: Visit) -> Response:
    """`GET /brief?since=visit|version`: every draft Opinion in which the visitor is of a delegation."""
    return await _page(visit, await own_opinions(visit))


async def opinion_brief(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/brief?since=visit|version|NUMBER`."""
    return await _page(visit, [visit.opinion])


async def send_all(visit: Visit) -> Response:
    """`POST /brief/letter`: as a letter to the visitor, at once."""
    return await _sent(visit, await own_opinions(visit), "/brief")


async def send_one(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/brief/letter`."""
    return await _sent(visit, [visit.opinion], f"/opinions/{visit.opinion.id}/brief")


def _since(visit: Visit, given: str) -> str:
    """What a brief is told since; a number only where one Opinion is asked for. 404 for anything else."""
    if given in {"", VISIT}:
        return VISIT
    numbered = given.isascii() and given.isdigit() and len(given) < 9 and "opinion" in visit.request.path_params
    if given != LAST and not numbered:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return given


async def _made(
    visit: Visit, rows: list[OpinionRow], given: str, *, looking: bool, names: NamesShown = WHOLE
) -> tuple[Made, str]:
    since = _since(visit, given)
    made = await briefs(visit, rows, since, looking=looking, names=names)
    known = {str(one.number) for found in made.versions.values() for one in found}
    if since not in {VISIT, LAST, *known}:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return made, since


async def _page(visit: Visit, rows: list[OpinionRow]) -> Response:
    made, since = await _made(visit, rows, visit.request.query_params.get("since", ""), looking=True)
    one = "opinion" in visit.request.path_params
    choices = [(VISIT, "Since my last visit"), (LAST, "Since the last version")]
    if one:
        found = made.versions.get(visit.opinion.id, ())
        choices = [choices[0], *((str(each.number), f"Since “{each.label}”") for each in reversed(found))]
        since = str(found[-1].number) if since == LAST and found else since
    return render(
        visit,
        "brief.html",
        entry=STYLES,
        one=one,
        address=f"/opinions/{visit.opinion.id}/brief" if one else "/brief",
        made=made,
        since=since,
        choices=choices,
    )


async def _sent(visit: Visit, rows: list[OpinionRow], address: str) -> Response:
    given = (await visit.form()).get("since", "")
    email = visit.member.email
    made, _ = await _made(visit, rows, given, looking=False, names=names_in_file(visit))
    if not email:
        return done(address, "brief-no-address")
    zone = visit.process.zone
    lines = [f"Dear {visit.member.name},", "", f"This is the brief of your delegation as of {moment(visit.now, zone)}."]
    if made.dates:
        lines += ["", "Dates", *(f"- {one.told}" for one in made.dates)]
    for told in made.briefs:
        lines += ["", "", *plain_text(told)]
    lines += ["", f"{public_address(visit.services.settings)}{address}", ""]
    subject = f"{visit.process.name}: brief, {counted(made.asks, 'thing waits', 'things wait')} for you"

    def send(connection: Connection) -> str | None:
        recent = connection.scalar(
            select(func.count()).where(
                letters.c.member == visit.member.id,
                letters.c.kind == LetterKind.BRIEF.value,
                letters.c.created_at > visit.now - IN,
            )
        )
        if (recent or 0) >= MAX_LETTERS:
            return None
        letter = Letter(LetterKind.BRIEF, email, " ".join(subject.split())[:300], "\n".join(lines), visit.member.id)
        return post(connection, letter, visit.now)

    job = await visit.write(send)
    if job is None:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    visit.services.begin(job)
    return done(address, "brief-sent")
