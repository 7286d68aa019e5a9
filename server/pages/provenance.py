"""Where the words of one paragraph come from: of the living text, or of a version; and those no longer there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.document import SharedDocument
from crdt.history import ground_from_json
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.clean import settled
from opinions.errors import UnknownParagraph
from opinions.ground import Ground
from opinions.model import ParagraphId
from opinions.numbering import citations
from opinions.provenance import Gone, Origin, provenance_of, removed
from opinions.record import Document, ParagraphRecord
from opinions.roles import Act
from opinions.spoken import Stance
from opinions.stances import said
from opinions.visibility import Attribution, NamesShown
from server import log_store
from server.assets import assets_of
from server.attribution import names_in_room
from server.history import store
from server.html_view import regions_of
from server.pages.brackets import STYLES
from server.pages.rendering import render
from server.people_store import all_delegations
from server.tables import versions
from server.version_attribution import setting_of_version
from server.visit import Visit
from server.wording import AMENDMENT_STATUSES, ATTITUDES, LEVELS, RULINGS


@dataclass(frozen=True, slots=True)
class Traced:
    """A paragraph traced: its stretches, what is gone from it, what was said of it, and to whom that is shown.

    `member`: whether the reader takes part. Others see versions alone, and of those what is settled: no positions, no
    persons, nothing of what was not retained.
    """

    paragraph: str
    cited: str
    stands: bool
    origins: tuple[Origin, ...]
    gone: tuple[Gone, ...]
    record: ParagraphRecord
    version: Version | None
    versions: tuple[tuple[int, str], ...]
    names: NamesShown
    member: bool


async def provenance(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/paragraphs/{paragraph}/provenance?version=&at=`; `at`: the character that is meant."""
    traced = await traced_of(visit)
    regions = regions_of(await visit.read(all_delegations))
    named = visit.request.query_params.get("at", "")
    at = int(named) if named.isascii() and named.isdigit() and len(named) <= 6 else -1
    return render(
        visit,
        "provenance.html",
        own_styles=assets_of(STYLES).styles,
        traced=traced,
        at=at,
        regions=regions,
        attitudes=ATTITUDES,
        rulings=RULINGS,
        levels=LEVELS,
        statuses=AMENDMENT_STATUSES,
        positions=positions,
        said=said,
    )


async def traced_of(visit: Visit) -> Traced:
    """The paragraph of the address. 404 where it never stood in this text, 403 for the living text to who follows."""
    member = visit.may(Act.HISTORY_READ)
    number = _version(visit)
    if number is None and not member:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    look = partial(_look, opinion=visit.opinion.id, number=number)
    found = await visit.read(look)
    if found.version is not None and not found.ground.foundings:
        # Nobody asked for the history since it was frozen, or since the process came in: its chapters are made now.
        await visit.services.histories.told(visit.services.database, visit.opinion.id)
        found = await visit.read(look)
    if number is None:
        document = await visit.services.hub.document(visit.opinion.id)
        told = await visit.services.histories.told(visit.services.database, visit.opinion.id)
        ground = told.ground if told else Ground()
    elif found.document is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    else:
        document, ground = found.document, found.ground
    names = names_in_room(visit, found.setting)
    if not member:
        document = document if visit.process.observers_see_submitted else settled(document)
    paragraph = ParagraphId(visit.request.path_params["paragraph"])
    gone = removed(document, paragraph) if member else ()
    try:
        origins = provenance_of(document, paragraph, ground)
    except UnknownParagraph:
        if not gone:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        origins = ()
    cited = citations(document)
    return Traced(
        paragraph,
        cited.get(paragraph, "A paragraph that is no longer in the text"),
        document.text.find(paragraph) is not None,
        origins,
        gone,
        document.record.paragraph(paragraph),
        found.version,
        found.versions,
        names,
        member,
    )


def positions(one: Origin) -> Sequence[tuple[Stance, bool]]:
    """What was said of an amendment, the newest first; False: it was said no more."""
    if one.amendment is None:
        return ()
    standing = [(stance, True) for stance in one.amendment.stances]
    return [*standing, *((stance, False) for stance in reversed(one.amendment.earlier))]


@dataclass(frozen=True, slots=True)
class _Found:
    versions: tuple[tuple[int, str], ...]
    version: Version | None
    document: Document | None
    ground: Ground
    setting: Attribution | None


def _look(connection: Connection, opinion: str, number: int | None) -> _Found:
    named = select(versions.c.number, versions.c.label).where(versions.c.opinion == opinion)
    known = tuple((row.number, row.label) for row in connection.execute(named.order_by(versions.c.number)))
    # All of a version, the state it was frozen with too, is read only where one is asked for.
    frozen = log_store.load_versions(connection, opinion) if number in dict(known) else ()
    version = next((one for one in frozen if one.number == number), None)
    if version is None:
        return _Found(known, None, None, Ground(), None)
    # A chapter ends with the entry of the freeze, the next after the last one that the version holds.
    checkpoint = store.checkpoint_before(connection, opinion, version.seq + 1)
    exact = checkpoint is not None and checkpoint.seq >= version.seq
    ground = ground_from_json(checkpoint.ground) if checkpoint is not None and exact else Ground()
    document = SharedDocument(OPINION_CLIENT, [version.state]).view()
    return _Found(known, version, document, ground, setting_of_version(connection, opinion, version.number))


def _version(visit: Visit) -> int | None:
    given = visit.request.query_params.get("version", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 6):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(given)
