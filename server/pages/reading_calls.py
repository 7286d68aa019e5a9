"""A delegation's answer to a call for objections, from its phone."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.pages.problems import Problem, problem_page
from server.pages.rendering import done
from server.phone.calls import ANSWERS, answer_of
from server.visit import Visit

MAX_NOTE = 2_000


async def answer_call(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/read/calls`: object, need time or no objection; by its key taken once, however often it
    is sent.
    """
    form = await visit.form()
    answer, call, key = form.get("answer", ""), form.get("call", "")[:64], form.get(f"key-{form.get('answer', '')}", "")
    if answer not in {one.value for one in ANSWERS} or not 0 < len(key) <= 64 or not key.isprintable():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    party = visit.actor.delegation or ""
    note = form.get("note", "").strip()[:MAX_NOTE]
    command = {"act": "answer_call", "call": call, "answer": answer, "note": note}
    given = await visit.services.hub.command(visit.opinion.id, visit.actor, visit.member.version, party, key, command)
    refused = given.message if given.code else ""
    document = await visit.services.hub.document(visit.opinion.id)
    if not refused and answer_of(document, call, party) != answer:
        # A form of before, sent once more: what was said since then stands.
        refused = "This was sent before, and your delegation has answered otherwise since. That stands."
    if not refused:
        return done(f"/opinions/{visit.opinion.id}/read", "answer")
    kept = (f"What you wrote: {note}",) if note else ()
    problem = Problem(given.code or "refused", "Your answer was not taken", (refused, *kept))
    return await problem_page(visit.request, HTTPStatus.CONFLICT, problem)
