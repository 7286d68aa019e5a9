"""One contribution: its page, its number, its files, and what it proposes and views as the reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.record import Amendment, Document
from opinions.roles import FOLLOWERS, Role
from opinions.rules import without
from server import files_store, outbox
from server.contributions import entering, items, store
from server.contributions.anchors import Place, Split, all_splits, places
from server.contributions.attachments import DOCX, judged
from server.contributions.compilation import KIND_NAMES, status_of
from server.contributions.values import (
    AMENDS,
    Contribution,
    ContributionRefused,
    Item,
    ItemStatus,
    Status,
    UnknownContribution,
)
from server.opinion_store import OpinionRow
from server.pages.contributions import STATUS_NAMES, Surroundings, may_propose, posted_form, seen, surroundings
from server.pages.rendering import done, render
from server.presenting.lineage import successor
from server.visit import Visit
from server.word_in import bringing

SANDBOX = "sandbox; default-src 'none'"
"""The policy of a file that somebody handed in: whatever a browser makes of it, it runs nothing and loads nothing."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the database holds of a contribution for its page. `brought` are its Word files on their way in."""

    around: Surroundings
    one: Contribution
    listed: tuple[Item, ...]
    number: str
    related: Sequence[Contribution]
    brought: tuple[bringing.Bringing, ...]


async def contribution(visit: Visit) -> Response:
    """`GET /contributions/{contribution}`."""
    return await contribution_page(visit, {}, {})


async def contribution_page(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    """The page of one contribution, with what was wrong in a form on it."""

    def look(connection: Connection) -> _Looked:
        around = surroundings(visit, connection)
        one = seen(visit, connection, around.sight)
        row = store.all_contributions(connection)
        related = [other for other in row if other.id in (one.supersedes, one.superseded_by)]
        number = store.proposed_number(connection, one.about.meeting) if around.sight.manages else ""
        brought = tuple(
            other
            for other in bringing.of_contribution(connection, one.id)
            if other.state == "entered" or around.sight.manages or other.by_member == visit.member.id
        )
        listed = around.sight.items(one, items.items_of(connection, one.id))
        return _Looked(around, one, listed, number, related, brought)

    found = await visit.read(look)
    around, one, related = found.around, found.one, found.related
    told = await shown(visit, found.listed)
    return render(
        visit,
        "contribution.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        around=around,
        one=one,
        items=told,
        hidden_items=not around.sight.proposals and not around.sight.is_own(one),
        related={other.id: other for other in related},
        number=values.get("number", found.number),
        values=values,
        errors=errors,
        status_names=STATUS_NAMES,
        most_pages=visit.process.rules.contribution_pages,
        opinion_options=[(row.id, row.name) for row in around.opinions if not row.closed],
        word_files=[(file.id, file.name) for file in one.files if file.media_type == DOCX],
        brought=() if visit.member.role in FOLLOWERS | {Role.ADMINISTRATOR} else found.brought,
        may_propose=may_propose(visit, one, around.sight),
    )


async def give_number(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/number`: onto the register, under a number that is nobody else's."""
    fields = await visit.form()
    key = visit.request.path_params["contribution"]
    number = fields.get("number", "")
    try:
        await visit.write(lambda connection: store.register(connection, key, number, visit.member, visit.now))
    except ContributionRefused as error:
        return await contribution_page(visit, fields, {error.field: str(error)})
    except UnknownContribution:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    visit.services.begin(outbox.registered(key).id)
    return done(f"/contributions/{key}", "registered")


async def return_contribution(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/return`: to who handed it in, with the reason."""
    fields = await visit.form()
    key, reason = visit.request.path_params["contribution"], fields.get("reason", "")
    try:
        await visit.write(lambda connection: store.send_back(connection, key, reason, visit.member, visit.now))
    except ContributionRefused as error:
        return await contribution_page(visit, fields, {error.field: str(error)})
    except UnknownContribution:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return done(f"/contributions/{key}", "returned")


async def add_file(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/files`: one more language, or a file that came later."""
    _, _, _, upload = await posted_form(visit)
    key = visit.request.path_params["contribution"]

    def add(connection: Connection) -> None:
        sight = surroundings(visit, connection).sight
        one = seen(visit, connection, sight)
        if not may_propose(visit, one, sight):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        if not upload:
            raise ContributionRefused("file", "Choose a file.")
        name, content = upload
        kept = files_store.keep(connection, name, judged(name, content).media_type, content, visit.now, visit.member.id)
        store.attach(connection, key, kept.id)

    try:
        await visit.write(add)
    except ContributionRefused as error:
        return await contribution_page(visit, {}, {error.field: str(error)})
    return done(f"/contributions/{key}", "added")


async def from_word(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/word-in`: bring one of its Word files into a draft Opinion; it is looked at
    there before anything is entered.
    """
    fields = await visit.form()

    def begin(connection: Connection) -> str:
        around = surroundings(visit, connection)
        one, sight = seen(visit, connection, around.sight), around.sight
        if not may_propose(visit, one, sight):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        opinion = fields.get("opinion", "")
        if one.status is not Status.REGISTERED or opinion not in around.titles:
            raise ContributionRefused("opinion", "Choose a draft Opinion; the contribution needs its number first.")
        word = {file.id for file in one.files if file.media_type == DOCX}
        if fields.get("word-file", "") not in word:
            raise ContributionRefused("word-file", "Choose one of its Word files.")
        begun = bringing.start(
            connection,
            opinion,
            fields["word-file"],
            one.spelling,
            by=visit.member.id,
            by_name=visit.member.name,
            at=visit.now,
            delegation=one.about.sources[0] if len(one.about.sources) == 1 else "",
            contribution=one.id,
        )
        return f"/opinions/{opinion}/word-in/{begun}"

    try:
        return done(await visit.write(begin))
    except (ContributionRefused, bringing.BringingRefused) as error:
        return await contribution_page(visit, fields, {error.field: str(error)})


async def file(visit: Visit) -> Response:
    """`GET /contributions/{contribution}/files/{file}`: as it was handed in, to keep and not to show."""
    wanted = visit.request.path_params["file"]

    def look(connection: Connection) -> tuple[files_store.KeptFile, bytes]:
        sight = surroundings(visit, connection).sight
        one = seen(visit, connection, sight)
        if not sight.whole(one) or wanted not in {attached.id for attached in one.files}:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return files_store.load(connection, wanted)

    kept, content = await visit.read(look)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
        "content-security-policy": SANDBOX,
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=kept.media_type, headers=headers)


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as a page shows it: where it is now, its words, and what became of it."""

    item: Item
    place: Place
    pieces: tuple[entering.Piece, ...]
    opinion: OpinionRow
    amendment: Amendment | None = None

    @property
    def kind(self) -> str:
        """What it asks for."""
        return KIND_NAMES[self.item.kind]

    @property
    def status(self) -> str:
        """What became of it, and of its amendment."""
        return status_of(self.item, self.amendment)

    @property
    def gone(self) -> bool:
        """Whether its paragraph is no longer in the text."""
        return self.place.paragraph is None and self.item.anchor.paragraph is not None

    @property
    def enterable(self) -> bool:
        """Whether it is a proposal that has not been entered."""
        return self.item.kind in AMENDS and self.item.status is not ItemStatus.ENTERED


async def shown(visit: Visit, listed: Sequence[Item]) -> tuple[Shown, ...]:
    """The items as they are shown to the visitor, each where it is in its Opinion's living text."""
    wanted = sorted({item.anchor.opinion for item in listed})
    if not wanted:
        return ()

    def look(
        connection: Connection,
    ) -> tuple[Mapping[str, OpinionRow], Mapping[str, str], Mapping[str, tuple[Split, ...]]]:
        titles = surroundings(visit, connection).titles
        now = {one: there for one in wanted if (there := successor(connection, one)) in titles}
        return titles, now, {one: all_splits(connection, one) for one in {*wanted, *now.values()}}

    rows, now, cuts = await visit.read(look)
    found: dict[str, Shown] = {}
    for opinion in wanted:
        # What was noted on an Opinion that was merged is about the one in which it goes on.
        here = now.get(opinion, opinion)
        document, whole = await readable(visit, here), await visit.services.hub.document(here)
        before = whole if here == opinion else await visit.services.hub.document(opinion)
        own = [item for item in listed if item.anchor.opinion == opinion]
        for item, place in zip(own, places([one.anchor for one in own], document, cuts[here]), strict=True):
            known = item.amendment or ""
            amendment = whole.amendment(known) or before.amendment(known)
            found[item.id] = Shown(item, place, entering.pieces(item), rows[here], amendment)
    return tuple(found[item.id] for item in listed)


async def readable(visit: Visit, opinion: str) -> Document:
    """An Opinion's living text as the visitor may read it: for those to whom the process shows agreed text alone, as
    if every pending amendment failed.
    """
    document = await visit.services.hub.document(opinion)
    if visit.member.role not in FOLLOWERS or visit.process.observers_see_submitted:
        return document
    pending = {one.id for one in document.record.amendments.values() if one.open}
    return Document(without(pending, document.text), document.record)
