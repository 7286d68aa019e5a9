"""Compare: two texts side by side, inline, or what of them differs in substance; and the same as files."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import FOLLOWERS
from opinions.views import View
from opinions.visibility import NamesShown
from server.assets import assets_of
from server.attribution import names_in_file, names_in_room
from server.audit_store import Kind as Audited
from server.comparing.html import shown_rows
from server.comparing.made import Made
from server.comparing.papers import pdf_of, to_html
from server.comparing.sides import chosen, offered, side_of
from server.comparing.telling import Teller
from server.comparing.texts import Named, Offered, Side, fingerprint_of
from server.export.press import set_apart
from server.export.sheet import MEDIA_TYPES, VIEW_NAMES, Format
from server.history.reading import PATIENCE
from server.pages.live import views_for
from server.pages.rendering import render
from server.visit import Visit

FILE_PATIENCE = 60.0
"""Seconds that a file waits for a history that was never read before: six times that of 10,000 commands."""
STYLES = "src/styles/compare.css"


class Show(StrEnum):
    """How a comparison is shown."""

    SIDE = "side"
    INLINE = "inline"
    SUBSTANCE = "substance"


SHOWN = {Show.SIDE: "Side by side", Show.INLINE: "Inline", Show.SUBSTANCE: "Only substance"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: which two texts of those that there are, of which view."""

    known: tuple[Offered, ...]
    pair: tuple[Named, Named] | None
    view: View
    views: tuple[View, ...]


async def compare(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compare?from=&to=&view=&show=`; without texts, the newest beside the one before it."""
    asked = await asked_of(visit)
    show = _show(visit)
    teller = None if asked.pair is None else Teller(await made_of(visit, asked), visit.process.zone)
    rows, behind = shown_rows(teller, only_substance=show is Show.SUBSTANCE) if teller else ((), 0)

    def address(**other: str) -> str:
        """This comparison, with something else."""
        here = visit.opinion.id
        now = {"view": asked.view.value, "show": show.value}
        if asked.pair is not None:
            before, after = asked.pair
            now = {"from": before.spelled(here), "to": after.spelled(here), **now}
        return "?" + urlencode({**now, **other})

    made = teller.made if teller else None
    return render(
        visit,
        "compare.html",
        own_styles=assets_of(STYLES).styles,
        known=[(one.named.spelled(visit.opinion.id), one.told) for one in asked.known],
        pair=[one.spelled(visit.opinion.id) for one in asked.pair] if asked.pair else ["", ""],
        teller=teller,
        made=made,
        rows=rows,
        behind=behind,
        show=show,
        shows=[(one, SHOWN[one]) for one in Show],
        views=[(one, VIEW_NAMES[one]) for one in asked.views],
        view=asked.view,
        address=address,
        fingerprints=[fingerprint_of(made.before), fingerprint_of(made.after)] if made else [],
        same_names=made is not None and made.before.label == made.after.label,
        member=visit.actor.role not in FOLLOWERS,
    )


async def compare_docx(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compare.docx?from=&to=&view=`: tracked changes, the decisions as comments."""
    # Imported only here: its libraries take more memory than five hundred connections.
    from server.comparing.word import to_docx

    teller = await _teller(visit)
    return _file(visit, teller, "docx", await visit.services.comparisons.file(partial(to_docx, teller)))


async def compare_html(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compare.html?from=&to=&view=`: one page with its style inside."""
    teller = await _teller(visit)
    page = await visit.services.comparisons.file(partial(to_html, teller, visit.process.name))
    return _file(visit, teller, "html", page.encode())


async def compare_pdf(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compare.pdf?from=&to=&view=`: tagged, with the list of changes behind the text."""
    teller = await _teller(visit)
    data = await visit.services.comparisons.file(partial(pdf_of, teller, visit.process.name))
    (content,) = await set_apart([data])
    return _file(visit, teller, "pdf", content)


async def _teller(visit: Visit) -> Teller:
    return Teller(await made_of(visit, await asked_of(visit), file=True), visit.process.zone)


def _file(visit: Visit, teller: Teller, form: str, content: bytes) -> Response:
    made = teller.made
    sides = [one.named.spelled(visit.opinion.id).replace(":", "-") for one in (made.before, made.after)]
    stem = re.sub(r"[^a-z0-9]+", "-", f"{visit.opinion.name} compared {' '.join(sides)} {made.view}".lower())
    told = f"comparison as {form}, {made.before.label} and {made.after.label}"
    visit.services.noting.tell(visit.event(Audited.EXPORT, visit.opinion.id, told))
    headers = {"content-disposition": f'attachment; filename="{stem.strip("-")}.{form}"'}
    return Response(content, media_type=_MEDIA[form], headers=headers)


_MEDIA = {"docx": MEDIA_TYPES[Format.DOCX], "html": MEDIA_TYPES[Format.HTML], "pdf": MEDIA_TYPES[Format.PDF]}


async def asked_of(visit: Visit) -> Asked:
    """What the address asks for. 404 for a text, or a view, that there is not for this reader."""
    known = await offered(visit)
    # None with revision marks: a comparison of two such texts would be marks upon marks.
    views = views_for(visit)
    given = visit.request.query_params.get("view", views[0].value)
    view = next((one for one in views if one.value == given), None)
    if view is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Asked(known, chosen(visit, known), view, views)


async def made_of(visit: Visit, asked: Asked, *, file: bool = False) -> Made:
    """The comparison that is asked for. 404 for a text that is not there for this reader, or where there are no two."""
    if asked.pair is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    before, after = [await side_of(visit, one) for one in asked.pair]
    services = visit.services
    told = None
    if before.opinion.id == after.opinion.id:
        # A file says the same whenever it is asked for: it waits until the whole history is read.
        patience = FILE_PATIENCE if file else PATIENCE
        told = await services.histories.told(services.database, before.opinion.id, patience)
    names = names_of(visit, before, after, file=file)
    member = visit.actor.role not in FOLLOWERS
    steps = told.steps if told else ()
    return await services.comparisons.made(before, after, asked.view, names, steps, member=member)


def names_of(visit: Visit, before: Side, after: Side, *, file: bool = False) -> NamesShown:
    """Whose names are shown: what both texts allow, so that names alone make no difference between them."""
    if file:
        both = [names_in_file(visit, None, one.setting) for one in (before, after)]
    else:
        both = [names_in_room(visit, one.setting) for one in (before, after)]
    return NamesShown(all(one.delegations for one in both), all(one.persons for one in both))


def _show(visit: Visit) -> Show:
    given = visit.request.query_params.get("show", "")
    return next((one for one in Show if one.value == given), Show.SIDE)
