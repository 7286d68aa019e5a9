"""A delegation's position on an amendment or a paragraph, from its phone."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.commanding import command, is_key
from server.pages.reading import paragraph_page
from server.pages.rendering import done
from server.phone.answering import small
from server.phone.positions import LABELS, MAX_STATEMENT, said_key, standing
from server.visit import Visit


async def take_position(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/read/positions`: what a delegation, or its group, says of an amendment at a revision or
    of a paragraph; by its key taken once however often it is sent. What was typed comes back with a refusal.
    """
    form = await visit.form()
    revision, attitude = form.get("revision", ""), form.get("attitude", "")
    if attitude not in {one.value for one in LABELS} or not (revision.isascii() and revision.isdigit()):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    amendment, place = form.get("amendment", "")[:64], form.get("paragraph", "")[:64]
    note, group = form.get("note", "").strip()[:MAX_STATEMENT], form.get("group", "")[:16]
    fields: Mapping[str, object] = {
        "act": "take_position",
        "amendment": amendment,
        "paragraph": "" if amendment else place,
        "revision": int(revision[:9]),
        "attitude": attitude,
        "note": note,
        "group": group,
    }
    party, given = visit.actor.delegation or "", form.get("key", "")
    refused = "The form was not whole. Load the page again."
    if is_key(given):
        answer = await command(visit, party, said_key(given, attitude, note, group), fields)
        refused = answer.message if answer.code else ""
    document = await visit.services.hub.document(visit.opinion.id)
    stands = standing(document, amendment, place, group or party)
    if not refused and (stands is None or (stands.attitude, stands.note) != (attitude, note)):
        # A form of before, sent once more: what was said since then stands.
        refused = "This was sent before, and another position was taken since. It stands as shown here."
    base = f"/opinions/{visit.opinion.id}/read"
    found = document.text.find(place)
    if not refused:
        return done(f"{base}/{place}" if found is not None else base, "position")
    if found is None:
        raise HTTPException(HTTPStatus.CONFLICT)
    typed = {amendment or place: (attitude, note, group)}
    page = await paragraph_page(visit, document, found, errors={"": refused}, status=HTTPStatus.CONFLICT, typed=typed)
    return small(visit, page, kept=False)
