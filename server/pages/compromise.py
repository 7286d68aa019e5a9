"""Compromise text: the form with which the chair's side drafts one over a paragraph, and a holder's answer to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.acting import called
from opinions.compromise_wording import wording_with
from opinions.finding import agreed_words
from opinions.model import Paragraph
from opinions.redline import Change, redline
from opinions.statuses import Attitude
from server.alternatives.forms import Unfit, compromise
from server.alternatives.look import Seeing
from server.assets import assets_of
from server.commanding import command, is_key
from server.ids import new_id
from server.pages.alternatives import STYLES, Typed, colours, page, seeing_of, words_of
from server.pages.rendering import done, render
from server.visit import Visit

FORM_BYTES = 256 * 1024
"""Bytes of the form: the longest wording in any script, percent-encoded, with its reason."""
ANSWERS = {"accept": Attitude.CAN_ACCEPT, "decline": Attitude.OPPOSE}
PARTS = {Change.KEPT: "same", Change.DELETED: "gone", Change.INSERTED: "new"}


async def draft(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compromise?paragraph=&replaces=&from=`: the paragraph is chosen, then what is replaced;
    `from` is the amendment with whose wording it begins.
    """
    query = visit.request.query_params
    ticked = [name[:64] for name in query.getlist("replaces")[:40]]
    return await _form(visit, query.get("paragraph", "")[:64], ticked, Typed(), begins=query.get("from", "")[:64])


async def propose(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/compromise`: a look at what it would read, or before the meeting with it."""
    form = await visit.form()
    ticked = await visit.choices("replaces")
    name = form.get("paragraph", "")[:64]
    document = await visit.services.hub.document(visit.opinion.id)
    paragraph = document.text.find(name)
    try:
        if paragraph is None or not is_key(form.get("key")):
            raise Unfit("", "The paragraph is no longer in the text, or the form was not whole. Choose anew.")
        asked = compromise(form, ticked, document, paragraph, new_id)
    except Unfit as unfit:
        typed = Typed("compromise", form, {unfit.field: str(unfit)})
        return await _form(visit, name, ticked, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.get("do") == "look":
        return await _form(visit, name, ticked, Typed("compromise", form))
    answer = await command(visit, "", form["key"], asked)
    if answer.code:
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        return await _form(visit, name, ticked, Typed("compromise", form, {"": answer.message}), status)
    return done(f"/opinions/{visit.opinion.id}/alternatives", "compromise")


async def say(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/compromise/answer`: a holder accepts or declines, as its position on the compromise;
    for a `group` that holds something one of its members does.
    """
    form = await visit.form()
    attitude, key, revision = ANSWERS.get(form.get("answer", "")), form.get("key", ""), form.get("revision", "")
    if attitude is None or not is_key(key) or not (revision.isascii() and revision.isdigit() and len(revision) < 7):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    asked: dict[str, Any] = {
        "act": "take_position",
        "amendment": form.get("amendment", "")[:64],
        "revision": int(revision),
        "attitude": attitude.value,
        "note": form.get("note", "").strip()[:2_000],
        "group": form.get("group", "")[:64],
    }
    answer = await command(visit, visit.actor.delegation or "", key, asked)
    if answer.code:
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        name = "-".join(filter(None, ("answer", asked["amendment"], asked["group"])))
        return await page(visit, Typed(name, form, {"": answer.message}), status)
    return done(f"/opinions/{visit.opinion.id}/alternatives", "position")


async def take_back(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/compromise/withdraw`: the chair's side takes a text of its own back."""
    form = await visit.form()
    name, key = form.get("amendment", "")[:64], form.get("key", "")
    if not is_key(key):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    answer = await command(visit, "", key, {"act": "withdraw", "amendment": name})
    if answer.code:
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        return await page(visit, Typed(f"withdraw-{name}", form, {"": answer.message}), status)
    return done(f"/opinions/{visit.opinion.id}/alternatives", "compromise-withdrawn")


async def _form(
    visit: Visit,
    name: str,
    ticked: Sequence[str],
    typed: Typed,
    status: HTTPStatus = HTTPStatus.OK,
    begins: str = "",
) -> Response:
    document = await visit.services.hub.document(visit.opinion.id)
    seeing = seeing_of(visit, document)
    paragraph = document.text.find(name)
    rows = [(seeing.member(one), words_of(document, one.id)) for one in seeing.choices(name)] if paragraph else []
    fields: Mapping[str, str] = typed.fields
    ticks = set(ticked) if typed.form or ticked else {member.id for member, _ in rows}
    wording = fields.get("wording", _begin(seeing, paragraph, ticks, begins) if paragraph else "")
    here = {member.id for member, _ in rows}
    elsewhere = [called(one) for one in seeing.choices() if one.id in ticks and one.id not in here]
    return render(
        visit,
        "compromise.html",
        status=status,
        own_styles=assets_of(STYLES).styles,
        paragraph=paragraph,
        cited=seeing.cited.get(paragraph.id, "") if paragraph else "",
        added=paragraph is not None and paragraph.added is not None,
        choices=() if paragraph else _choices(seeing),
        rows=rows,
        ticked=ticks,
        wording=wording,
        base_words=agreed_words(paragraph) if paragraph else "",
        shown_parts=_parts(paragraph, wording) if paragraph and typed.form and not typed.errors else (),
        others=fields.get("others", ", ".join(elsewhere)),
        typed=typed,
        errors=typed.errors,
        coloured=await colours(visit),
        key=new_id("k"),
    )


def _begin(seeing: Seeing, paragraph: Paragraph, ticked: set[str], begins: str) -> str:
    """The paragraph as it would read with this amendment agreed, else with the first of those that are replaced."""
    if paragraph.added is not None:
        return paragraph.text
    chosen = [one for one in seeing.choices() if one.id in ticked]
    here = [one for one in seeing.choices(paragraph.id) if one.id == begins or one.id in ticked]
    here.sort(key=lambda one: one.id != begins)
    return wording_with(paragraph, here[0], chosen) if here else agreed_words(paragraph)


def _parts(paragraph: Paragraph, wording: str) -> tuple[tuple[str, str], ...]:
    if paragraph.added is not None:
        return (("new", wording),)
    return tuple(
        (PARTS[piece.change], piece.text) for piece in redline(agreed_words(paragraph).strip(), wording.strip())
    )


def _choices(seeing: Seeing) -> list[tuple[str, str, str, int]]:
    """The paragraphs in which something is open: id, citation, words without what is proposed, amendments."""
    count = Counter(place for one in seeing.choices() for place in seeing.places(one))
    return [
        (str(one.id), seeing.cited.get(one.id, ""), agreed_words(one) or one.text, count[one.id])
        for one in seeing.document.text
        if count[one.id]
    ]
