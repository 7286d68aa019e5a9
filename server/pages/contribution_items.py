"""What a contribution proposes and views: noting it at its paragraph, entering proposals into the text on behalf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.model import DelegationCode, Kind
from opinions.numbering import citations
from opinions.roles import Act, Role, Stage, may
from server.contributions import entering, items, store
from server.contributions.compilation import KIND_NAMES
from server.contributions.values import (
    Contribution,
    ContributionRefused,
    Item,
    ItemKind,
    ItemStatus,
    Status,
    UnknownContribution,
)
from server.opinion_store import OpinionRow
from server.pages.contribution import Shown, contribution_page, readable, shown
from server.pages.contributions import Surroundings, may_propose, seen, surroundings
from server.pages.rendering import done, render
from server.people_store import appointed_in
from server.visit import Visit

FORM_BYTES = 160 * 1024
"""Bytes of a proposal: 20,000 characters of text in their longest encoding, and the words that it is about."""
OPTION = 60
"""Characters of a paragraph's words in the list to choose from."""
PARAGRAPH_KINDS: Mapping[Kind, str] = {
    Kind.PREAMBULAR_VERB: "Preambular verb",
    Kind.PREAMBULAR_ITEM: "Preambular item",
    Kind.OPERATIVE_VERB: "Operative verb",
    Kind.OPERATIVE_ITEM: "Operative item",
    Kind.SUB_ITEM: "Sub-item",
    Kind.HEADING: "Heading",
    Kind.PARAGRAPH: "Paragraph",
}


async def new_item(visit: Visit) -> Response:
    """`GET /contributions/{contribution}/proposals/new?opinion=&paragraph=`: the text, and a form for one of its
    paragraphs.
    """
    asked = visit.request.query_params
    given = {"opinion": asked.get("opinion", ""), "paragraph": asked.get("paragraph", "")}
    return await _form(visit, given, {})


async def add_item(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/proposals`: note a proposal, or a view, on the register."""
    fields = await visit.form()
    around, one = await _own(visit)
    try:
        opinion = await _opinion(visit, around, fields.get("opinion", ""))
        kind = _choice(fields)
        document = await readable(visit, opinion.id)
        seq = (await visit.services.hub.room(opinion.id)).seq
        paragraph = fields.get("paragraph", "")
        cited = citations(document).get(paragraph, "")  # type: ignore[call-overload]
        anchor = items.anchored(opinion.id, document, seq, cited, paragraph, kind, _words(fields.get("was", "")))
        usual, level = entering.usual_kind(document, paragraph)
        chosen = fields.get("paragraph_kind", "")
        item = Item(
            "",
            one.id,
            0,
            DelegationCode(fields.get("delegation", "") or next(iter(one.about.sources), "")),
            kind,
            anchor,
            fields.get("words", ""),
            fields.get("reason", ""),
            Kind(chosen) if chosen in PARAGRAPH_KINDS else usual,
            level,
        )
        rules = visit.process.rules
        await visit.write(lambda connection: items.add_item(connection, one, item, rules, visit.member.name, visit.now))
    except ContributionRefused as error:
        return await _form(visit, fields, {error.field: str(error)})
    return done(f"/contributions/{one.id}", "noted")


async def set_item_status(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/proposals/{item}`: out of scope, or noted after all."""
    status = (await visit.form()).get("status", "")
    if status not in (ItemStatus.NOTED, ItemStatus.OUT_OF_SCOPE):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    key, item = visit.request.path_params["contribution"], visit.request.path_params["item"]

    def change(connection: Connection) -> None:
        try:
            if items.load_item(connection, item).contribution != key:
                raise HTTPException(HTTPStatus.NOT_FOUND)
        except UnknownContribution:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        items.set_status(connection, item, ItemStatus(status), visit.member.name, visit.now)

    await visit.write(change)
    return done(f"/contributions/{key}", "saved")


async def enter_items(visit: Visit) -> Response:
    """`POST /contributions/{contribution}/entering`: a look at the chosen proposals; with step `enter` they become
    amendments of their delegations, all of an Opinion's in one command or none.
    """
    fields, chosen = await visit.form(), await visit.choices("item")
    around, one = await _own(visit)
    listed = await visit.read(lambda connection: items.items_of(connection, one.id))
    wanted = [item for item in await shown(visit, listed) if item.item.id in chosen and item.enterable]
    try:
        if one.status is not Status.REGISTERED:
            raise ContributionRefused("", "Give the contribution its number first: it is the source of its amendments.")
        if not wanted:
            raise ContributionRefused("", "Choose the proposals to enter.")
        batches = _batches(wanted, one)
        if fields.get("step") != "enter":
            return render(visit, "entering.html", around=around, one=one, items=wanted)
        for batch in batches:
            await _enter(visit, one, batch)
    except ContributionRefused as error:
        return await contribution_page(visit, fields, {error.field: str(error)})
    return done(f"/contributions/{one.id}", "entered")


@dataclass(frozen=True, slots=True)
class _Batch:
    """The proposals that one command enters: those of one Opinion."""

    opinion: OpinionRow
    items: tuple[Item, ...]
    command: Mapping[str, object]


def _batches(wanted: Sequence[Shown], one: Contribution) -> tuple[_Batch, ...]:
    found: dict[str, list[Shown]] = {}
    for item in wanted:
        found.setdefault(item.opinion.id, []).append(item)
    return tuple(
        _Batch(
            batch[0].opinion,
            tuple(item.item for item in batch),
            entering.command([(item.item, item.place) for item in batch], one.spelling),
        )
        for batch in found.values()
    )


async def _enter(visit: Visit, one: Contribution, batch: _Batch) -> None:
    opinion = batch.opinion
    actor = visit.actor_in(await visit.read(lambda connection: appointed_in(connection, opinion.id, visit.now)))
    if not may(actor, Act.PROPOSALS_ENTER, Stage(closed=opinion.closed)):
        raise ContributionRefused("", f"{opinion.name} is closed, or you cannot propose in it.")
    party = "" if actor.role is Role.SECRETARIAT else actor.delegation or ""
    key = items.command_key(batch.items)
    answer = await visit.services.hub.command(opinion.id, actor, visit.member.version, party, key, dict(batch.command))
    if answer.code:
        raise ContributionRefused("", f"{opinion.name}: nothing was entered. {answer.message}")
    told = {str(entered["proposal"]): str(entered["amendment"]) for entered in (answer.result or {}).get("entered", ())}

    def keep(connection: Connection) -> None:
        for item in batch.items:
            own = items.amendment_id(item.id)
            items.set_status(connection, item.id, ItemStatus.ENTERED, visit.member.name, visit.now, told.get(own, own))
        store.note_entered(connection, one, opinion.name, len(batch.items), visit.member, visit.now)

    await visit.write(keep)


async def _form(visit: Visit, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    around, one = await _own(visit)
    opinions = [row for row in around.opinions if row.id not in around.sight.closed]
    wanted = given.get("opinion", "") or (one.about.opinions[0] if one.about.opinions else "")
    opinion = next((row for row in opinions if row.id == wanted), None)
    paragraphs: list[tuple[str, str, str]] = []
    if opinion is not None:
        document = await readable(visit, opinion.id)
        cited = citations(document)
        paragraphs = [(found.id, cited[found.id].replace("*", ""), found.text) for found in document.text]
    views = visit.process.rules
    parties = [around.names[code] for code in one.about.sources if code in around.names]
    amends = any(not views.gives_views_only(party.kind) for party in parties)
    empty = dict.fromkeys(("kind", "was", "words", "reason", "delegation", "paragraph", "paragraph_kind"), "")
    return render(
        visit,
        "proposal_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        around=around,
        one=one,
        opinion=opinion,
        opinions=opinions,
        paragraphs=paragraphs,
        paragraph_options=[(key, _option(cited, text)) for key, cited, text in paragraphs],
        parties=parties,
        party_options=[(party.code, f"{party.code} {party.name}") for party in parties],
        kinds_of_items=[(kind.value, name) for kind, name in KIND_NAMES.items() if amends or kind is ItemKind.VIEW],
        paragraph_kinds=[("", "As usual there"), *((kind.value, name) for kind, name in PARAGRAPH_KINDS.items())],
        amends=amends,
        values={**empty, **given},
        errors=errors,
    )


def _option(cited: str, text: str) -> str:
    """A paragraph in a list of choices: as it is cited, and how it begins."""
    beginning = text if len(text) <= OPTION else f"{text[:OPTION]}…"
    return cited if text[:20] in cited else f"{cited}: {beginning}"


async def _own(visit: Visit) -> tuple[Surroundings, Contribution]:
    """The contribution of the path, for somebody who may note what it says; 403 for others."""

    def look(connection: Connection) -> tuple[Surroundings, Contribution]:
        around = surroundings(visit, connection)
        return around, seen(visit, connection, around.sight)

    around, one = await visit.read(look)
    if not may_propose(visit, one, around.sight):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return around, one


async def _opinion(visit: Visit, around: Surroundings, wanted: str) -> OpinionRow:
    found = around.titles.get(wanted)
    if found is None or found.id in around.sight.closed:
        raise ContributionRefused("opinion", "Choose the draft Opinion that this is about.")
    return found


def _choice(fields: Mapping[str, str]) -> ItemKind:
    try:
        return ItemKind(fields.get("kind", ""))
    except ValueError:
        raise ContributionRefused("kind", "Choose what is proposed.") from None


def _words(given: str) -> str:
    """The words of a field of several lines, as a paragraph has them."""
    return " ".join(given.replace("\r\n", "\n").strip("\n").split("\n"))
