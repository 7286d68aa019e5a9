"""What became of comments: recorded by the chair and the secretariat, for one or several at once."""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.consultation import Answer, Disposition, State, numbered
from opinions.errors import ConsultationRefused
from server.consultation import comments as store
from server.consultation import judging
from server.consultation.comments import Comment
from server.consultation.rounds import Round, RoundText
from server.consultation.sheet import Reading
from server.consultation.texts import Draft, load_draft
from server.pages.comments import round_text
from server.pages.consultation import looked_up, reading_of, wordings
from server.pages.rendering import done, render
from server.visit import Visit

ROWS_AT_ONCE = 100
"""Comments in a table to choose from."""


async def answers(visit: Visit) -> Response:
    """`GET /consultation/{round}/opinions/{opinion}/answers?comment=`: several at once, or one."""
    return await _answers_page(visit, {}, set(visit.request.query_params.getlist("comment")), {})


async def answer(visit: Visit) -> Response:
    """`POST /consultation/{round}/opinions/{opinion}/answers`: record what became of the chosen comments."""
    form, chosen = await visit.form(), await visit.choices("comment")
    found, _ = await looked_up(visit, lambda connection: round_text(visit, connection))
    try:
        try:
            disposition = Disposition(form.get("disposition", ""))
        except ValueError:
            raise ConsultationRefused("disposition", "Choose what became of it.") from None
        given = Answer(disposition, form.get("place", ""), form.get("reason", ""), numbered(form.get("merged", "")))
        opinion, actor = visit.opinion.id, visit.actor

        def record(connection: Connection) -> int:
            return judging.answer(connection, found.id, opinion, chosen, given, actor, visit.now)

        await visit.write(record)
    except ConsultationRefused as error:
        return await _answers_page(visit, form, set(chosen), {error.field: error.message})
    return done(f"/consultation/{found.id}/opinions/{opinion}/answers", "answered")


async def _answers_page(
    visit: Visit, values: Mapping[str, str], chosen: set[str], errors: Mapping[str, str]
) -> Response:
    def look(connection: Connection) -> tuple[Round, RoundText, Draft, tuple[Comment, ...], Reading]:
        found, text = round_text(visit, connection)
        draft = load_draft(connection, text.opinion, text.version)
        comments = store.comments_of_round(connection, found.id, (State.SHOWN,), opinion=text.opinion)
        return found, text, draft, comments, reading_of(visit, connection)

    found, text, draft, comments, reading = await looked_up(visit, look)
    order = {str(one.id): place for place, one in enumerate(draft.document.text)}
    rows = sorted(comments, key=lambda one: (order.get(one.paragraph, -1), one.number or 0))
    asked = visit.request.query_params.get("page", "1")
    pages = max(1, -(-len(rows) // ROWS_AT_ONCE))
    page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else 1
    first = (max(page, 1) - 1) * ROWS_AT_ONCE
    # What was chosen is there, on whatever page it stands.
    ahead = [one for one in rows if one.id in chosen and one not in rows[first : first + ROWS_AT_ONCE]]
    return render(
        visit,
        "answers.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        round=found,
        text=text,
        comments=[*ahead, *rows[first : first + ROWS_AT_ONCE]],
        page=page,
        pages=pages,
        cited={one.id: draft.citation(one.paragraph) for one in comments},
        chosen=chosen,
        values={"disposition": "", "place": "", "reason": "", "merged": "", **values},
        errors=errors,
        reading=reading,
        **wordings(),
    )
