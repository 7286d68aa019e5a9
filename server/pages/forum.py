"""Forum texts: the list of them with what speaks for and against each, one with what changed since it was opened, and
what the chair declares of it. Every act is a plain form.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crdt.versions import Version
from opinions.adoption import in_the_way, text_digest
from opinions.clean import settled
from opinions.closing import AdoptionOutcome
from opinions.closing_commands import PutAdoption, RecordAdoption
from opinions.commands import MAX_REASON, CloseOpinion, to_json
from opinions.model import ParagraphId
from opinions.names_withheld import with_names
from opinions.numbering import citations
from opinions.record import Document
from opinions.redline import Piece, redline
from opinions.roles import Act, Role
from server import log_store
from server.assets import assets_of
from server.attribution import names_in_room
from server.audit_store import Kind as Audited
from server.audit_store import note as noted
from server.commanding import command, is_key
from server.forum.origin import Origin, final_report
from server.forum.store import (
    ForumRefused,
    ForumText,
    agreed_in,
    forum_text_at,
    forum_texts,
    open_forum_text,
    openable,
    version_of,
    why_not,
)
from server.ids import new_id
from server.opinion_store import OpinionRow, list_opinions, load_opinion
from server.pages.rendering import done, render
from server.pages.renumbering import STYLES
from server.people_store import chairs_of
from server.presenting.ledger import Draft, all_drafts
from server.process_store import ProcessRefused
from server.visit import Visit
from server.volumes.contents import VolumeContents


@dataclass(frozen=True, slots=True)
class ForumRow:
    """One Opinion of the preparatory period on the list: its line of the ledger, why it gets no forum text (empty: it
    may), the version with which that begins, and its forum text with what became of it.
    """

    opinion: OpinionRow
    draft: Draft | None
    refused: str
    begins: Origin
    text: ForumText | None
    founded: OpinionRow | None
    state: str


STATES: Mapping[str, str] = {
    "": "Not opened",
    "open": "Under consideration",
    "asked": "The chair asked for objections",
    AdoptionOutcome.ADOPTED.value: "Adopted by consensus",
    AdoptionOutcome.NOT_ADOPTED.value: "Not adopted",
}


@dataclass(frozen=True, slots=True)
class ChangedParagraph:
    """A paragraph whose settled words are not those with which the forum text was opened; `gone`, `new`: as a whole."""

    id: ParagraphId
    cited: str
    pieces: tuple[Piece, ...]
    gone: bool = False
    new: bool = False


async def forum_list(visit: Visit) -> Response:
    """`GET /forum`: every Opinion of the preparatory period, whether it may be considered, and what became of it."""
    return await _list(visit)


async def open_text(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/forum`: the secretariat opens the forum text of the version that the page showed.

    The preparatory Opinion is closed for writing first. What fails on the way is told, and nothing is opened: the same
    form sent again does what is left.
    """
    form, origin = await visit.form(), visit.opinion.id
    field, number = f"version-{origin}", form.get("version", "")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return await _list(visit, {field: "The form was not whole. Load the page again."})
    visit.require_proof()
    try:
        version = await visit.read(lambda connection: openable(connection, origin, int(number)))
        unclosed = await _closed_before(visit, version)
        if unclosed:
            told = f"Nothing was opened yet: {visit.opinion.name} could not be closed for writing. {unclosed}"
            return await _list(visit, {field: f"{told} Open the forum text again."})
        row = await visit.write(lambda connection: _opened(connection, visit, version))
    except (ForumRefused, ProcessRefused) as error:
        return await _list(visit, {field: str(error)})
    return done(f"/opinions/{row.id}/forum", "forum-opened")


async def _closed_before(visit: Visit, version: Version) -> str:
    """Close the preparatory Opinion, unless it is closed; why it could not be, or empty."""
    document = await visit.services.hub.document(visit.opinion.id)
    if document.record.opinion.closed:
        return ""
    closing = CloseOpinion(f"The final report is fixed; the forum considers the text of version {version.number}.")
    return (await command(visit, "", new_id("k"), to_json(closing))).message


def _opened(connection: Connection, visit: Visit, version: Version) -> OpinionRow:
    row = open_forum_text(connection, visit.opinion.id, version.number, visit.member, visit.now)
    told = f"forum text opened from version {version.number} of {visit.opinion.id}"
    noted(connection, visit.event(Audited.RULES_CHANGED, row.id, told))
    return row


async def show(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/forum`: the forum text: its origin, what changed since, what stands in the way."""
    return await _page(visit)


async def ask(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/forum/question`: the chair asked whether there is any objection."""
    form = await visit.form()
    asked = PutAdoption(form.get("words", "")[:64], form.get("note", "").strip()[:MAX_REASON], _ruled_by(visit, form))
    return await _carried(visit, form, to_json(asked), "adoption-asked")


async def adopt(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/forum/adoption`: what the chair declared. An adopted text is frozen before, so that it
    is a version that anybody can check.
    """
    form = await visit.form()
    outcome = form.get("outcome", "")
    if outcome not in tuple(AdoptionOutcome):
        return await _page(visit, {"": "The form was not whole. Load the page again."}, form)
    words = form.get("words", "")[:64]
    if outcome == AdoptionOutcome.ADOPTED:
        versions = await visit.read(lambda connection: log_store.load_versions(connection, visit.opinion.id))
        if all(one.fingerprint != words for one in versions):
            return await _page(
                visit, {"": "Freeze the text first: what is adopted is a version that anybody can check."}, form
            )
    visit.require_proof()
    declared = RecordAdoption(
        AdoptionOutcome(outcome), words, form.get("note", "").strip()[:MAX_REASON], _ruled_by(visit, form)
    )
    return await _carried(visit, form, to_json(declared), "adoption-recorded")


async def _carried(visit: Visit, form: Mapping[str, str], asked: dict[str, object], word: str) -> Response:
    if not is_key(form.get("key")):
        return await _page(visit, {"": "The form was not whole. Load the page again."}, form)
    answer = await command(visit, "", form["key"], asked)
    if answer.code:
        return await _page(visit, {"": answer.message}, form)
    return done(f"/opinions/{visit.opinion.id}/forum", word)


def _ruled_by(visit: Visit, form: Mapping[str, str]) -> str:
    return form.get("ruled_by", "").strip()[:200] if visit.actor.role is Role.SECRETARIAT else ""


def rows(connection: Connection) -> tuple[tuple[OpinionRow, Draft | None, Origin, ForumText | None], ...]:
    """The Opinions of the preparatory period, each with its line of the ledger, the version with which its forum text
    begins, and the forum text.
    """
    report = final_report(connection)
    texts = {one.origin: one for one in forum_texts(connection)}
    founded = {one.opinion for one in texts.values()}
    drafts = {one.id: one for one in all_drafts(connection)}
    return tuple(
        (
            one,
            drafts.get(one.id),
            report.origin(one.id, log_store.load_versions(connection, one.id)),
            texts.get(one.id),
        )
        for one in list_opinions(connection)
        if one.id not in founded
    )


async def listed(visit: Visit) -> tuple[ForumRow, ...]:
    """The list, with where each forum text stands now."""
    found: list[ForumRow] = []
    for opinion, draft, begins, text in await visit.read(rows):
        founded, state = None, ""
        if text is not None:
            opened_as = text.opinion
            founded = await visit.read(lambda connection, name=opened_as: load_opinion(connection, name))  # type: ignore[misc]
            state = state_of(await visit.services.hub.document(text.opinion))
        found.append(ForumRow(opinion, draft, why_not(draft), begins, text, founded, state))
    return tuple(found)


def state_of(document: Document) -> str:
    """Where a forum text stands, a key of `STATES`."""
    opinion = document.record.opinion
    if opinion.adoption is not None:
        return opinion.adoption.outcome.value
    asked = opinion.question is not None and opinion.question.digest == text_digest(document)
    return "asked" if asked else "open"


async def _list(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    return render(
        visit,
        "forum_list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        own_styles=assets_of(STYLES).styles,
        rows=await listed(visit),
        states=STATES,
        opens=visit.may(Act.FORUM_OPEN),
        errors=errors or {},
    )


async def _page(
    visit: Visit, errors: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> Response:
    def look(
        connection: Connection,
    ) -> tuple[ForumText, Version, OpinionRow, tuple[Version, ...], VolumeContents | None, tuple[str, ...]] | None:
        text = forum_text_at(connection, visit.opinion.id)
        if text is None or text.opinion != visit.opinion.id:
            return None
        own = tuple(log_store.load_versions(connection, text.opinion))
        begun = version_of(connection, text)
        report = final_report(connection).origin(text.origin, ())
        annexed = report.volume if report.version is not None and report.version.number == begun.number else None
        chairs = chairs_of(connection, text.opinion, visit.now)
        return text, begun, load_opinion(connection, text.origin), own, annexed, chairs

    found = await visit.read(look)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    text, version, origin, own, annexed, chairs = found
    document = await visit.services.hub.document(visit.opinion.id)
    shown = with_names(document, names_in_room(visit))
    changed = await asyncio.to_thread(changes, agreed_in(version), document)
    digest = text_digest(document)
    return render(
        visit,
        "forum_text.html",
        status=HTTPStatus.CONFLICT if errors else HTTPStatus.OK,
        own_styles=assets_of(STYLES).styles,
        text=text,
        version=version,
        origin=origin,
        annexed=annexed,
        changed=changed,
        in_the_way=in_the_way(shown),
        opinion=shown.record.opinion,
        digest=digest,
        asked=state_of(document) == "asked",
        frozen=next((one for one in reversed(own) if one.fingerprint == digest), None),
        chairs=chairs,
        rules=visit.may(Act.ADOPTION_RECORD),
        names_chair=visit.actor.role is Role.SECRETARIAT,
        errors=errors or {},
        values=form or {},
        key=lambda: new_id("k"),
    )


def changes(before: Document, after: Document) -> tuple[ChangedParagraph, ...]:
    """The paragraphs of a forum text whose settled words are other ones than those of its version, in reading order,
    then those that are gone.
    """
    was = {one.id: one.text for one in settled(before).text}
    now = {one.id: one.text for one in settled(after).text}
    cited, cited_before = citations(after), citations(before)
    found = [
        ChangedParagraph(name, cited[name], redline(was.get(name, ""), words), new=name not in was)
        for name, words in now.items()
        if was.get(name) != words
    ]
    gone = [
        ChangedParagraph(name, cited_before[name], redline(words, ""), gone=True)
        for name, words in was.items()
        if name not in now
    ]
    return (*found, *gone)
