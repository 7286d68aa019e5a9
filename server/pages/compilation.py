"""The compilation of all contributions on a draft Opinion: as a page and as a Word file, of the living text or of a
version.
"""

from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.record import Document
from opinions.roles import FOLLOWERS
from opinions.rules import without
from opinions.views import View, named, withheld
from opinions.visibility import NamesShown, Outlet
from server import log_store
from server.attribution import names_in_file, names_in_room
from server.audit_store import Kind as Audited
from server.contributions import items, store
from server.contributions.anchors import Split, all_splits
from server.contributions.compilation import Compilation, Material, compiled
from server.contributions.values import Contribution, Item
from server.export.sheet import MEDIA_TYPES, Format, view_of
from server.html_view import paragraphs_html, regions_of
from server.pages.contributions import Surroundings, surroundings
from server.pages.rendering import render
from server.presenting.lineage import Forebear, lineage
from server.version_attribution import settings_of_versions
from server.visit import Visit
from server.wording import draft_name


@dataclass(frozen=True, slots=True)
class _Made:
    """A compilation with what its page and its file say around it."""

    around: Surroundings
    compilation: Compilation
    text: str
    version: int
    versions: tuple[Version, ...]
    meeting: str
    meetings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database holds of it."""

    around: Surroundings
    versions: tuple[Version, ...]
    contributions: tuple[Contribution, ...]
    items: tuple[Item, ...]
    splits: tuple[Split, ...]
    forebears: tuple[Forebear, ...]


async def compilation(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compilation?version=&meeting=`."""
    made = await _made(visit, Outlet.ROOM)
    regions = regions_of(made.around.delegations)
    return render(
        visit,
        "compilation.html",
        around=made.around,
        made=made,
        drawn={row.paragraph.id: paragraphs_html([row.paragraph], regions, 3) for row in made.compilation.rows},
        shows_proposals=made.around.sight.proposals,
        most_pages=visit.process.rules.contribution_pages,
    )


async def compilation_docx(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/compilation.docx?version=&meeting=`."""
    # A server that was never asked for one does without the libraries for Word.
    from server.contributions.word import to_docx

    made = await _made(visit, Outlet.FILE)
    opinion = visit.opinion
    content = to_docx(
        made.compilation,
        heading=f"{opinion.name}: {opinion.title}" if opinion.number else opinion.title,
        text=made.text,
        process=visit.process.name,
        parties=made.around.names,
        sight=made.around.sight,
        most_pages=visit.process.rules.contribution_pages,
        at=visit.now,
        zone=visit.process.zone,
    )
    visit.services.noting.tell(visit.event(Audited.EXPORT, opinion.id, f"Compilation as docx, {made.text}"))
    name = f"compilation-{opinion.position}{f'-version-{made.version}' if made.version else ''}.docx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[Format.DOCX], headers=headers)


async def _made(visit: Visit, outlet: Outlet) -> _Made:
    opinion = visit.opinion
    asked = visit.request.query_params
    number, meeting = asked.get("version", ""), asked.get("meeting", "").strip()[:200]

    def names(connection: Connection) -> NamesShown:
        own = settings_of_versions(connection, opinion.id).get(int(number[:9])) if number.isdecimal() else None
        return names_in_file(visit, version=own) if outlet is Outlet.FILE else names_in_room(visit, own)

    def look(connection: Connection) -> _Found:
        forebears = lineage(connection, opinion.id)
        return _Found(
            surroundings(visit, connection, names(connection)),
            log_store.load_versions(connection, opinion.id),
            store.all_contributions(connection),
            items.items_on(connection, [opinion.id, *(one.opinion for one in forebears)]),
            all_splits(connection, opinion.id),
            forebears,
        )

    found = await visit.read(look)
    around, versions = found.around, found.versions
    living = await visit.services.hub.document(opinion.id)
    chosen = next((one for one in versions if str(one.number) == number), None)
    if number and chosen is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    document = SharedDocument(OPINION_CLIENT, [chosen.state]).view() if chosen else living
    follows = visit.actor.role in FOLLOWERS
    view = View.ROLLING
    if follows and not around.sight.proposals:
        view = View.CLEAN
        pending = {one.id for one in document.record.amendments.values() if one.open}
        document = Document(without(pending, document.text), document.record)
    material = Material(
        opinion.id,
        document,
        living,
        view_of(document, view, named if around.sight.names else withheld),
        living.record.amendments,
        found.contributions,
        found.items,
        found.splits,
        meeting,
        found.forebears,
    )
    meetings = tuple(sorted({one.about.meeting for one in found.contributions if one.about.meeting}))
    text = chosen.label if chosen else f"{draft_name(living.record.opinion.draft)}, as it stands"
    return _Made(
        around,
        compiled(material, around.sight),
        text,
        chosen.number if chosen else 0,
        tuple(reversed(versions)),
        meeting,
        meetings,
    )
