"""Forum texts in the database: which there are, and opening one. Plain functions of a `Connection`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.closing import ForumOrigin
from opinions.forum_text import forum_text
from opinions.record import Document
from server import log_store
from server.errors import ServerError
from server.forum.origin import final_report
from server.ids import new_id
from server.opinion_store import FORUM_SUFFIX, OpinionRow, list_opinions, load_opinion
from server.people_store import Member
from server.presenting.ledger import Draft, State, all_drafts
from server.process_store import MAX_NUMBER, found_opinion
from server.tables import process
from server.tables.forum import forum_texts as table


class ForumRefused(ServerError):
    """Raised when a forum text cannot be opened; says why."""


@dataclass(frozen=True, slots=True)
class ForumText:
    """That `opinion` is the forum text of version `version` of `origin`, and who opened it."""

    opinion: str
    origin: str
    version: int
    fingerprint: str
    opened_at: datetime
    name: str


def forum_texts(connection: Connection) -> tuple[ForumText, ...]:
    """All forum texts, in the order in which they were opened."""
    return tuple(_text(row) for row in connection.execute(select(table).order_by(table.c.opened_at, table.c.opinion)))


def forum_text_at(connection: Connection, opinion: str) -> ForumText | None:
    """The forum text that an Opinion is, or that was opened from it; None for neither."""
    wanted = (table.c.opinion == opinion) | (table.c.origin == opinion)
    row = connection.execute(select(table).where(wanted)).one_or_none()
    return None if row is None else _text(row)


def forum_with_origin(connection: Connection, opinion: str) -> tuple[ForumText, OpinionRow] | None:
    """As `forum_text_at`, with the Opinion that the forum text was opened from."""
    found = forum_text_at(connection, opinion)
    return None if found is None else (found, load_opinion(connection, found.origin))


def agreed_in(version: Version) -> Document:
    """The document of a version as it was frozen."""
    return SharedDocument(OPINION_CLIENT, [version.state]).view()


def version_of(connection: Connection, text: ForumText) -> Version:
    """The version that a forum text was opened from."""
    return next(one for one in log_store.load_versions(connection, text.origin) if one.number == text.version)


def eligibility(connection: Connection, opinion: str) -> Draft | None:
    """The line of the ledger of an Opinion; None where it is not on it."""
    return next((one for one in all_drafts(connection) if one.id == opinion), None)


def why_not(draft: Draft | None) -> str:
    """Why an Opinion gets no forum text, with the evidence; empty for one that was presented in time (FT2, RU2)."""
    if draft is None:
        return "It is not on the eligibility ledger: nothing shows that it was presented in the preparatory period."
    if draft.state is State.MERGED:
        return "It was merged into another draft Opinion, which is considered in its place."
    if draft.eligible:
        return ""
    late = next((one for one in draft.events if one.late), draft.events[0])
    due = f", after {late.due_at:%d %B %Y %H:%M} UTC" if late.due_at else ""
    where = f" in {late.document}" if late.document else ""
    return (
        f"It was first presented on {draft.entered_at:%d %B %Y %H:%M} UTC{where}{due}, the end of the preparatory "
        "period for draft Opinions. It stands as a contribution."
    )


def under_consideration(connection: Connection) -> tuple[OpinionRow, ...]:
    """The forum texts that are neither adopted nor not adopted yet: while there are any, the report is fixed (RU2)."""
    opened = set(connection.scalars(select(table.c.opinion)))
    return tuple(one for one in list_opinions(connection) if one.id in opened and not one.closed) if opened else ()


def openable(connection: Connection, origin: str, number: int) -> Version:
    """The version with which a forum text begins, if it may be opened now with version `number`, as the page showed it.

    Raises `ForumRefused` for an Opinion that was not presented in time, that has one, that is one, or that begins with
    another version: the one annexed to the published final report, where the process has one.
    """
    there = forum_text_at(connection, origin)
    if there is not None:
        raise ForumRefused("It is a forum text." if there.opinion == origin else "Its forum text is open already.")
    refused = why_not(eligibility(connection, origin))
    if refused:
        raise ForumRefused(refused)
    found = final_report(connection).origin(origin, log_store.load_versions(connection, origin))
    if found.version is None:
        raise ForumRefused(found.refused)
    if found.version.number != number:
        where = f"which is annexed to {found.volume.name}" if found.volume else "its newest"
        raise ForumRefused(f"It begins with version {found.version.number}, {where}. Look at it, and open it again.")
    return found.version


def open_forum_text(connection: Connection, origin: str, number: int, member: Member, at: datetime) -> OpinionRow:
    """Found the forum text of an Opinion with the words agreed in the version that it begins with (FT1, FT2).

    Raises `ForumRefused` as `openable` does.
    """
    connection.execute(select(process.c.id).with_for_update())
    preparatory, version = load_opinion(connection, origin), openable(connection, origin, number)
    named = ForumOrigin(origin, number, version.fingerprint)
    founded = found_opinion(
        connection,
        forum_text(agreed_in(version), named),
        title=preparatory.title,
        number=f"{preparatory.number[: MAX_NUMBER - len(FORUM_SUFFIX)]}{FORUM_SUFFIX}" if preparatory.number else "",
        theme=preparatory.theme,
        member=member.id,
        name=member.name,
        at=at,
        source=f"Forum text of version {number} of {origin}, fingerprint {version.fingerprint}",
        opinion_id=new_id("o"),
        on_ledger=False,
    )
    values = {
        "opinion": founded.id,
        "origin": origin,
        "version": number,
        "fingerprint": version.fingerprint,
        "opened_at": at,
        "member": member.id,
        "name": member.name,
    }
    connection.execute(insert(table).values(values))
    return founded


def _text(row: Row[Any]) -> ForumText:
    return ForumText(row.opinion, row.origin, row.version, row.fingerprint, row.opened_at, row.name)
