"""Letters that wait or could not be delivered: to whom, about what and why - never what they say."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.pages.rendering import done, render
from server.post.sending import MAX_SHOWN, send_again, unsent
from server.visit import Visit


async def letter_list(visit: Visit) -> Response:
    """`GET /letters`."""
    found = await visit.read(unsent)
    return render(
        visit,
        "letters.html",
        waiting=[one for one in found if one.state == "waiting"],
        failed=[one for one in found if one.state != "waiting"],
        most=MAX_SHOWN,
        sends=bool(visit.services.settings.smtp_url),
    )


async def send_letter_again(visit: Visit) -> Response:
    """`POST /letters/{letter}/again`."""
    letter = visit.request.path_params["letter"]
    job = await visit.write(lambda connection: send_again(connection, letter, visit.now))
    if job is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit.services.begin(job)
    return done("/letters", "letter-again")
