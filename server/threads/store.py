"""Threads in the database. Every function is given who looks, and nothing leaves here that this person may not see."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from opinions.anchoring import Anchor
from opinions.model import AmendmentId, ParagraphId
from server.tables.threads import threads
from server.threads import limits
from server.threads.values import Audience, Remark, Sight, Thread, ThreadRefused, Threads, UnknownThread

WHOLE = Anchor(ParagraphId(""))
"""The anchor of what is said of the text as a whole."""
_KEPT_CONTROLS = "\n\u200c\u200d\u200e\u200f"
"""Characters without a shape that scripts need: joiners, and marks of direction."""


def listed(connection: Connection, opinion: str, sight: Sight, most: int | None = None) -> Threads:
    """The threads of an Opinion that this person may see, in the order begun; of more than `most` (None: as a list
    shows) the newest.
    """
    beginnings = and_(_in_sight(opinion, sight), threads.c.parent.is_(None))
    count = connection.scalar(select(func.count()).where(beginnings)) or 0
    newest = threads.c.entered_at.desc(), threads.c.written_at.desc(), threads.c.id.desc()
    chosen = select(threads).where(beginnings).order_by(*newest).limit(most or limits.MAX_LISTED)
    firsts = connection.execute(chosen).all()
    wanted = {row.id for row in firsts}
    answers: dict[str, list[Remark]] = {}
    said = and_(_in_sight(opinion, sight), threads.c.parent.is_not(None))
    for row in connection.execute(
        select(threads).where(said).order_by(threads.c.entered_at, threads.c.written_at, threads.c.id)
    ):
        if row.parent in wanted:
            answers.setdefault(row.parent, []).append(_remark(row))
    return Threads(tuple(_thread(row, answers.get(row.id, [])) for row in reversed(firsts)), count - len(firsts))


def count_of(connection: Connection, opinion: str, sight: Sight) -> int:
    """How many threads of an Opinion this person may see."""
    chosen = select(func.count()).where(_in_sight(opinion, sight), threads.c.parent.is_(None))
    return connection.scalar(chosen) or 0


def find(connection: Connection, opinion: str, sight: Sight, remark: str) -> Thread:
    """The thread that a remark begins or is in. Raises `UnknownThread`."""
    row = connection.execute(select(threads).where(_in_sight(opinion, sight), threads.c.id == remark)).one_or_none()
    if row is not None and row.parent is not None:
        here = _in_sight(opinion, sight), threads.c.id == row.parent
        row = connection.execute(select(threads).where(*here)).one_or_none()
    if row is None:
        raise UnknownThread("This comment is not there, or it is not for you to see.")
    in_order = threads.c.entered_at, threads.c.written_at, threads.c.id
    answers = connection.execute(select(threads).where(threads.c.parent == row.id).order_by(*in_order))
    return _thread(row, [_remark(one) for one in answers])


def begin(
    connection: Connection,
    opinion: str,
    sight: Sight,
    audience: Audience,
    text: str,
    at: datetime,
    *,
    anchor: Anchor = WHOLE,
    cited: str = "",
    amendment: AmendmentId | None = None,
) -> str:
    """Keep a new thread; its id. Raises `ThreadRefused`. What the anchor is on, the caller has seen."""
    _require_notes(sight, audience)
    place = {
        "paragraph": anchor.paragraph,
        "cited": cited,
        "words": anchor.words,
        "starts": anchor.offset,
        "left_of": anchor.left,
        "right_of": anchor.right,
        "amendment": amendment or "",
    }
    return _keep(connection, opinion, sight, audience, text, at, **place)


def answer(connection: Connection, opinion: str, sight: Sight, remark: str, text: str, at: datetime) -> str:
    """Keep an answer in the thread of a remark; its id. Raises `UnknownThread`, `ThreadRefused`. The thread stays open
    or resolved, as it was.
    """
    thread = find(connection, opinion, sight, remark)
    if len(thread.answers) >= limits.MAX_ANSWERS:
        raise ThreadRefused("text", f"This thread has {limits.MAX_ANSWERS} answers. Begin a new one.")
    return _keep(connection, opinion, sight, thread.audience, text, at, parent=thread.first.id)


def settle(connection: Connection, opinion: str, sight: Sight, remark: str, at: datetime, *, resolved: bool) -> None:
    """Say that a thread is resolved, or open again: who said so last, and when, stays with it. Raises
    `UnknownThread`.
    """
    thread = find(connection, opinion, sight, remark)
    if thread.resolved == resolved:
        return
    told = {"settled_at": at, "settled_by": sight.name, "settled_for": sight.party}
    state = "resolved" if resolved else "open"
    connection.execute(update(threads).where(threads.c.id == thread.first.id).values(state=state, **told))


def reword(connection: Connection, opinion: str, sight: Sight, remark: str, text: str, at: datetime) -> None:
    """Change one's own remark. Raises `UnknownThread`, `ThreadRefused`."""
    thread = find(connection, opinion, sight, remark)
    found = _own(thread, sight, remark)
    if not may_reword(thread, found, sight, at):
        raise ThreadRefused(
            "text",
            "It can be changed for a day, until somebody else answers. Answer it yourself, or take it out.",
        )
    values = {"text": _told(text), "edited_at": at}
    connection.execute(update(threads).where(threads.c.id == found.id).values(**values))


def take_out(connection: Connection, opinion: str, sight: Sight, remark: str, at: datetime) -> None:
    """Take out one's own remark: its words go for good, and that it was there is told. Raises `UnknownThread`,
    `ThreadRefused`.
    """
    found = _own(find(connection, opinion, sight, remark), sight, remark)
    connection.execute(update(threads).where(threads.c.id == found.id).values(text="", taken_out_at=at))


def may_reword(thread: Thread, remark: Remark, sight: Sight, now: datetime) -> bool:
    """Whether this person may still change a remark: his or her own; to all, for a day and until somebody else spoke
    after it.
    """
    if not is_own(remark, sight):
        return False
    if thread.audience is Audience.DELEGATION:
        return True
    behind = thread.remarks[thread.remarks.index(remark) + 1 :]
    answered = any(one.member != remark.member for one in behind)
    return not answered and now - remark.entered_at < limits.CHANGED_WITHIN


def is_own(remark: Remark, sight: Sight) -> bool:
    """Whether a remark is this person's, and still there."""
    return bool(remark.member) and remark.member == sight.member and remark.taken_out_at is None


def in_files(connection: Connection, opinion: str) -> int:
    """How many threads came from the margins of Word files; all of them are for everybody."""
    chosen = select(func.count()).where(
        threads.c.opinion == opinion, threads.c.parent.is_(None), threads.c.brought_in.is_not(None)
    )
    return connection.scalar(chosen) or 0


def printable(text: str) -> str:
    """The text without control characters; line breaks, joiners and marks of direction stay."""
    return "".join(one for one in text.replace("\r\n", "\n") if one in _KEPT_CONTROLS or one.isprintable()).strip()


def _in_sight(opinion: str, sight: Sight) -> ColumnElement[bool]:
    to_all = threads.c.audience == Audience.ALL.value
    if sight.notes_of is None:
        return and_(threads.c.opinion == opinion, to_all)
    own = and_(threads.c.audience == Audience.DELEGATION.value, threads.c.delegation == sight.notes_of)
    return and_(threads.c.opinion == opinion, or_(to_all, own))


def _require_notes(sight: Sight, audience: Audience) -> None:
    if audience is Audience.DELEGATION and sight.notes_of is None:
        raise ThreadRefused("audience", "Only experts of a delegation have notes. Write to all, or not here.")


def _own(thread: Thread, sight: Sight, remark: str) -> Remark:
    found = next((one for one in thread.remarks if one.id == remark), None)
    if found is None or not is_own(found, sight):
        raise ThreadRefused("text", "Only its author can change a comment or take it out.")
    return found


def _told(text: str) -> str:
    told = printable(text)
    if not told:
        raise ThreadRefused("text", "Write something first.")
    if len(told) > limits.MAX_TEXT:
        raise ThreadRefused("text", f"A comment has at most {limits.MAX_TEXT} characters; this has {len(told)}.")
    return told


def _keep(
    connection: Connection, opinion: str, sight: Sight, audience: Audience, text: str, at: datetime, **more: Any
) -> str:
    told = _told(text)
    of_party = and_(
        threads.c.opinion == opinion,
        threads.c.audience == audience.value,
        # Chair, facilitators and secretariat are no delegation: each person counts alone.
        threads.c.delegation == sight.party if sight.party else threads.c.member == sight.member,
        threads.c.brought_in.is_(None),
    )
    if (connection.scalar(select(func.count()).where(of_party)) or 0) >= limits.MAX_OF_PARTY:
        raise ThreadRefused("text", f"Your delegation has written {limits.MAX_OF_PARTY} comments here: no more can be.")
    made = f"t-{secrets.token_hex(8)}"
    row = {
        "id": made,
        "opinion": opinion,
        "audience": audience.value,
        "delegation": sight.party,
        "member": sight.member,
        "author": sight.name,
        "text": told,
        "written_at": at,
        "entered_at": at,
    }
    connection.execute(insert(threads).values(**row, **more))
    return made


def _thread(row: Row[Any], answers: list[Remark]) -> Thread:
    return Thread(
        first=_remark(row),
        answers=tuple(answers),
        audience=Audience(row.audience),
        anchor=Anchor(ParagraphId(row.paragraph), row.words, row.starts, row.left_of, row.right_of),
        cited=row.cited,
        amendment=AmendmentId(row.amendment) if row.amendment else None,
        resolved=row.state == "resolved",
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settled_for=row.settled_for,
    )


def _remark(row: Row[Any]) -> Remark:
    return Remark(
        id=row.id,
        delegation=row.delegation,
        member=row.member,
        author=row.author,
        text=row.text,
        source=row.source,
        written_at=row.written_at,
        entered_at=row.entered_at,
        edited_at=row.edited_at,
        taken_out_at=row.taken_out_at,
    )
