"""The link in the letter to somebody who sent a comment: to confirm it, and to take it out again later."""

from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from server.consultation import public, rounds
from server.consultation.comments import Comment
from server.consultation.rounds import Round
from server.consultation.texts import load_draft
from server.pages.consultation import wordings
from server.pages.problems import Problem, problem_page
from server.pages.public_consultation import busy, too_many
from server.pages.rendering import done, render
from server.visit import Visit

NO_LINK = Problem(
    "no-such-comment",
    "This link leads to no comment",
    (
        "A comment that is not confirmed within 72 hours is deleted, and one that was taken out is gone.",
        "If you copied the link from a letter, see that it is whole. Otherwise send your comment again.",
    ),
    (("To the consultations", "/consultations"),),
)


async def confirmation(visit: Visit) -> Response:
    """`GET /comment-confirmation/{token}`: the comment, and a button. It changes nothing: mail scanners open links."""
    limit = visit.services.public_limits.confirming
    if too_many(visit, limit):
        return await busy(visit, limit)
    token = visit.request.path_params["token"]

    def look(connection: Connection) -> tuple[Comment, Round, str] | None:
        comment = public.comment_of_token(connection, token, visit.now)
        if comment is None:
            return None
        found = rounds.load_round(connection, comment.round)
        text = found.text(comment.opinion)
        assert text is not None
        draft = load_draft(connection, text.opinion, text.version)
        return comment, found, f"{text.name}, {draft.citation(comment.paragraph)}"

    found = await visit.read(look)
    if found is None:
        return await problem_page(visit.request, HTTPStatus.GONE, NO_LINK)
    comment, in_round, about = found
    return render(
        visit,
        "public_confirm.html",
        comment=comment,
        round=in_round,
        about=about,
        address=visit.request.url.path,
        **wordings(),
    )


async def confirm(visit: Visit) -> Response:
    """`POST /comment-confirmation/{token}`."""
    limit = visit.services.public_limits.confirming
    if too_many(visit, limit):
        return await busy(visit, limit)
    token = visit.request.path_params["token"]
    comment = await visit.write(lambda connection: public.confirm(connection, token, visit.now))
    if comment is None:
        return await problem_page(visit.request, HTTPStatus.GONE, NO_LINK)
    return done(visit.request.url.path, "comment-confirmed")


async def take_out(visit: Visit) -> Response:
    """`POST /comment-confirmation/{token}/withdrawal`: the author takes the comment out, and his or her name."""
    limit = visit.services.public_limits.confirming
    if too_many(visit, limit):
        return await busy(visit, limit)
    token = visit.request.path_params["token"]

    def erase(connection: Connection) -> bool:
        return public.take_out(connection, token, visit.now)

    if not await visit.write(erase):
        return await problem_page(visit.request, HTTPStatus.GONE, NO_LINK)
    return render(visit, "public_taken_out.html")
