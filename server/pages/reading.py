"""An Opinion on a phone and on a poor line: the text, what is on the floor, what was ruled today, each paragraph with
its amendments, and forms to take a position and to propose words. No script is needed for any of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from opinions.finding import agreed_words
from opinions.model import Paragraph
from opinions.record import Document
from opinions.roles import Act, Role
from opinions.views import View
from server.consultation.texts import cited
from server.html_view import regions_of
from server.ids import new_id
from server.live_feed import Presentation
from server.pages.rendering import done, render
from server.people_store import all_delegations, find_delegation
from server.phone.answering import small
from server.phone.calls import ANSWERS, called
from server.phone.commenting import comment_address
from server.phone.facts import (
    card,
    last_change,
    lines_by_paragraph,
    on_the_floor,
    outcomes_since,
    pending_by_paragraph,
    this_morning,
)
from server.phone.positions import Speaker, saying, told
from server.phone.wording_form import LABELS, Asked, Change, Meant, Unclear, read_form, understood
from server.roster.groups import speaking
from server.visit import Visit

PHONE_STYLES = "src/styles/phone.css"
_KEY = re.compile(r"k-[a-z2-7]{16}")
_ID = re.compile(r"a-[a-z2-7]{16}")
VIEWS = ((View.ROLLING, "With square brackets"), (View.CLEAN, "Agreed text only"))


async def read(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/read`: the whole text; those who only follow are led to the live page."""
    if not visit.may(Act.OPINION_READ):
        return RedirectResponse(f"/opinions/{visit.opinion.id}/live", HTTPStatus.SEE_OTHER)
    view = _view(visit)
    regions = regions_of(await visit.read(all_delegations))
    room = await visit.services.hub.room(visit.opinion.id)
    document = room.document
    shown = visit.services.gallery.shown(room, Presentation(view, names=True), regions)
    lines = lines_by_paragraph(document)
    speaker = await speaker_of(visit)
    page = render(
        visit,
        "reading.html",
        sheet=PHONE_STYLES,
        base=_base(visit),
        draft=document.record.opinion.draft,
        view=view,
        views=VIEWS,
        calls=called(document, _answers_for(visit)),
        answers={one.value: words for one, words in ANSWERS.items()},
        answering=_answers_for(visit) is not None,
        floor=[card(document, one, speaker) for one in on_the_floor(document)],
        outcomes=outcomes_since(document, this_morning(visit.now, visit.process.zone)),
        rows=[(name, Markup(html), lines.get(name, ())) for name, html in shown.paragraphs.items()],
        changed=last_change(document),
        takes=speaker is not None,
        proposes=_proposes(visit),
    )
    return small(visit, page)


async def paragraph(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/read/{paragraph}`: one paragraph with its amendments, and what can be done."""
    document = await visit.services.hub.document(visit.opinion.id)
    return small(visit, await paragraph_page(visit, document, _found(visit, document)))


async def speaker_of(visit: Visit) -> Speaker | None:
    """For whom the reader takes positions; None for nobody. The secretariat takes them at the editor."""
    code = visit.actor.delegation
    if code is None or not visit.may(Act.POSITION_TAKE):
        return None

    def look(connection: Connection) -> Speaker:
        delegation = find_delegation(connection, code)
        objects = delegation is not None and visit.process.rules.may_object(delegation.kind)
        groups = tuple(sorted(group for group, members in speaking(connection).items() if code in members))
        return Speaker(code, objects, groups)

    return await visit.read(look)


async def propose(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/read/{paragraph}/propose`: the form, empty; `?change=` says what."""
    document = await visit.services.hub.document(visit.opinion.id)
    asked = read_form({"change": visit.request.query_params.get("change", "")})
    return await _form_page(visit, document, _found(visit, document), asked, _keys())


async def propose_words(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/read/{paragraph}/propose`: look at what the form means, change it, or submit it.

    What was typed comes back with every answer; sent twice it becomes one amendment.
    """
    form = await visit.form()
    document = await visit.services.hub.document(visit.opinion.id)
    place = _found(visit, document)
    asked, keys = read_form(form), _keys(form)
    party = _acting_for(visit, form)
    if form.get("step") == "change":
        return await _form_page(visit, document, place, asked, keys, party=party)
    submitted = form.get("step") == "submit"
    try:
        meant = understood(place, asked)
    except Unclear as unclear:
        return await _form_page(visit, document, place, asked, keys, party=party, unclear=unclear)
    if not submitted:
        return await _form_page(visit, document, place, asked, keys, party=party, meant=meant)
    proposal = meant.proposal(keys["amendment"], party, place.id, asked.reason.strip())
    key = _key_of(keys["key"], party, place.id, asked)
    refused = await _command(visit, party, key, {"act": "enter_proposals", "proposals": [proposal]})
    if refused and keys["amendment"] in document.record.amendments:
        told = "This form was submitted before, with other words. Look at these once more to submit them too."
        return await _form_page(visit, document, place, asked, _keys(), party=party, unclear=Unclear("", told))
    if refused:
        return await _form_page(visit, document, place, asked, keys, party=party, unclear=Unclear("", refused))
    return done(f"{_base(visit)}/{place.id}", "proposed")


async def _command(visit: Visit, party: str, key: str, command: Mapping[str, object]) -> str:
    """What refuses a command, in words; empty when it was carried out, now or when it was sent before."""
    if not 0 < len(key) <= 64 or not key.isprintable():
        return "The form was not whole. Load the page again."
    answer = await visit.services.hub.command(
        visit.opinion.id, visit.actor, visit.member.version, party, key, dict(command)
    )
    return answer.message if answer.code else ""


async def paragraph_page(
    visit: Visit,
    document: Document,
    place: Paragraph,
    *,
    errors: Mapping[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    typed: Mapping[str, tuple[str, str, str]] | None = None,
) -> HTMLResponse:
    """The page of one paragraph. `typed`: the position, statement and group of a form that was refused, by the id of
    what it speaks of.
    """
    speaker = await speaker_of(visit)
    regions = regions_of(await visit.read(all_delegations))
    room = await visit.services.hub.room(visit.opinion.id)
    shown = visit.services.gallery.shown(room, Presentation(View.ROLLING, names=True), regions)
    record = document.record.paragraph(place.id)
    return render(
        visit,
        "reading_paragraph.html",
        status=status,
        sheet=PHONE_STYLES,
        base=_base(visit),
        place=place.id,
        cited=cited(document)[place.id],
        text=Markup(shown.paragraphs.get(place.id, "")),
        cards=[card(document, one, speaker, place) for one in pending_by_paragraph(document).get(place.id, ())],
        comment=await visit.read(partial(comment_address, opinion=visit.opinion.id, paragraph=place.id, now=visit.now))
        if visit.may(Act.COMMENT_MAKE)
        else "",
        errors=errors or {},
        takes=speaker is not None,
        typed=typed or {},
        stances=[told(one) for one in record.stances],
        saying=saying(record, place.id, speaker) if place.added is None else None,
        changes=tuple(LABELS.items()) if _proposes(visit) and place.added is None else (),
    )


async def _form_page(
    visit: Visit,
    document: Document,
    place: Paragraph,
    asked: Asked,
    keys: Mapping[str, str],
    *,
    party: str = "",
    meant: Meant | None = None,
    unclear: Unclear | None = None,
) -> Response:
    parties = []
    if visit.actor.role is Role.SECRETARIAT:
        parties = [("", "Choose"), *((one.code, one.name) for one in await visit.read(all_delegations))]
    page = render(
        visit,
        "reading_propose.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if unclear else HTTPStatus.OK,
        sheet=PHONE_STYLES,
        base=_base(visit),
        place=place.id,
        cited=cited(document)[place.id],
        text=agreed_words(place),
        asked=asked,
        keys=keys,
        party=party,
        parties=parties,
        meant=meant,
        label=LABELS[asked.change],
        changes=tuple(LABELS.items()),
        Change=Change,
        errors={unclear.field: str(unclear)} if unclear else {},
        places=unclear.places if unclear else (),
    )
    return small(visit, page, kept=False)


def _base(visit: Visit) -> str:
    return f"/opinions/{visit.opinion.id}/read"


def _found(visit: Visit, document: Document) -> Paragraph:
    found = document.text.find(visit.request.path_params["paragraph"])
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _answers_for(visit: Visit) -> str | None:
    """The delegation for which the reader answers calls for objections, as its voice."""
    return visit.actor.delegation if visit.may(Act.CALL_ANSWER) and visit.actor.voice else None


def _proposes(visit: Visit) -> bool:
    return visit.may(Act.PROPOSALS_ENTER)


def _acting_for(visit: Visit, form: Mapping[str, str]) -> str:
    """The delegation acted for: one's own, or the one that the secretariat types for."""
    if visit.actor.role is Role.SECRETARIAT:
        return form.get("party", "")[:16]
    return visit.actor.delegation or ""


def _keys(form: Mapping[str, str] | None = None) -> dict[str, str]:
    """What makes a form one amendment, however often it is sent: made with the empty form, kept through its steps."""
    given = form or {}
    key, amendment = given.get("key", ""), given.get("amendment", "")
    if _KEY.fullmatch(key) and _ID.fullmatch(amendment):
        return {"key": key, "amendment": amendment}
    return {"key": new_id("k"), "amendment": new_id("a")}


def _key_of(given: str, party: str, paragraph: str, asked: Asked) -> str:
    """The key of a command: of the form and of what it says, so that other words in the same form are not taken for
    those that were sent before.
    """
    parts = (given, party, paragraph, asked.change, asked.words, asked.put, asked.reason, asked.place)
    return "form-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _view(visit: Visit) -> View:
    try:
        view = View(visit.request.query_params.get("view", View.ROLLING.value))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if view not in {one for one, _ in VIEWS}:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return view
