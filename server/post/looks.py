"""Who has looked at an Opinion when: the marks that news are told against.

A mark is kept once for everybody who looked at that seq. Opening the page of news is a look; what it told stays on it
for half an hour, however often it is loaded, and the look before that can be asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, insert, or_, select, update

from opinions.errors import InvalidCommand
from opinions.news import Frozen, Mark, NewsItem, mark_from_json, mark_of, mark_to_json, news
from opinions.record import Document
from server.placement import Readable
from server.post.remarks import last_said, said_since
from server.tables import versions
from server.tables.post import looks, marks
from server.threads.replies import replied_since

PAGE, DIGEST, BRIEF = "page", "digest", "brief"
SAME_LOOK = timedelta(minutes=30)
"""Loading the page again within this time is one look: a reload, the back button, a second device on the table."""


@dataclass(frozen=True, slots=True)
class Look:
    """When somebody looked, at which seq, and at which line of the comments' history (`said`); and the time before."""

    seq: int
    at: datetime
    former_seq: int | None = None
    former_at: datetime | None = None
    said: int = 0
    former_said: int = 0


@dataclass(frozen=True, slots=True)
class Living:
    """An Opinion as it stands, with what the news are told of."""

    opinion: str
    seq: int
    document: Document
    versions: tuple[Frozen, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is new since `since`; None, and no items: the person has not looked before."""

    items: tuple[NewsItem, ...] = ()
    since: datetime | None = None


def frozen_of(connection: Connection, opinion: str) -> tuple[Frozen, ...]:
    """The versions of an Opinion, as the news tell of them: without the states they were frozen with, which are most
    of a database.
    """
    chosen = select(versions.c.number, versions.c.label, versions.c.frozen_at).where(versions.c.opinion == opinion)
    return tuple(Frozen(*row) for row in connection.execute(chosen.order_by(versions.c.number)))


def look_of(connection: Connection, member: str, opinion: str, purpose: str = PAGE) -> Look | None:
    """The look of a member, or None."""
    row = connection.execute(select(looks).where(*_key(member, opinion, purpose))).one_or_none()
    return None if row is None else _look(row)


def looks_of(connection: Connection, member: str, purpose: str = PAGE) -> dict[str, Look]:
    """The looks of a member, by Opinion."""
    rows = connection.execute(select(looks).where(looks.c.member == member, looks.c.purpose == purpose))
    return {row.opinion: _look(row) for row in rows}


def _look(row: Row[Any]) -> Look:
    return Look(row.seq, row.at, row.former_seq, row.former_at, row.said, row.former_said)


def load_mark(connection: Connection, opinion: str, seq: int | None) -> Mark | None:
    """The mark of a seq; None when there is none any more."""
    if seq is None:
        return None
    content = connection.scalar(select(marks.c.content).where(marks.c.opinion == opinion, marks.c.seq == seq))
    if content is None:
        return None
    try:
        return mark_from_json(content)
    except InvalidCommand:
        # Of another version of this program: as if there had been no look.
        return None


@dataclass(frozen=True, slots=True)
class SeqMark:
    """How an Opinion stood at a seq, the versions that there are now, and what was said of it in comments since."""

    seq: int
    mark: Mark
    versions: tuple[Frozen, ...]
    remarks: tuple[NewsItem, ...] = ()


def marks_of(connection: Connection, member: str) -> dict[str, SeqMark]:
    """The marks of a member's last looks, by Opinion."""
    found = {}
    for opinion, look in looks_of(connection, member).items():
        mark = load_mark(connection, opinion, look.seq)
        if mark is not None:
            remarks = (
                *said_since(connection, opinion, look.said, member),
                *replied_since(connection, opinion, look.at, member),
            )
            found[opinion] = SeqMark(look.seq, mark, frozen_of(connection, opinion), remarks)
    return found


def how_much(since: SeqMark, room: Readable) -> int:
    """How many things are new."""
    found = () if room.seq == since.seq else news(since.mark, room.document, since.versions)
    return sum(one.count for one in (*found, *since.remarks))


def told_since(connection: Connection, living: Living, look: Look, member: str) -> Told:
    """What is new to a member in an Opinion since a look."""
    mark = load_mark(connection, living.opinion, look.seq)
    if mark is None:
        return Told()
    remarks = said_since(connection, living.opinion, look.said, member)
    replies = replied_since(connection, living.opinion, look.at, member)
    return Told((*news(mark, living.document, living.versions), *remarks, *replies), look.at)


def former(look: Look) -> Look | None:
    """The look before a look."""
    if look.former_seq is None or look.former_at is None:
        return None
    return Look(look.former_seq, look.former_at, said=look.former_said)


def is_same_look(before: Look, now: datetime) -> bool:
    """Whether a look at this moment belongs to the one noted."""
    return now - before.at < SAME_LOOK


def looked(connection: Connection, member: str, living: Living, now: datetime, purpose: str = PAGE) -> None:
    """Note that a member has looked, or was told. A look that follows at once is the same one: it sees what has come
    since, and is told against what the first of them was.
    """
    before, said = look_of(connection, member, living.opinion, purpose), last_said(connection, living.opinion)
    if before is not None and (before.seq, before.said) == (living.seq, said):
        if not is_same_look(before, now):
            # Nothing happened meanwhile: what was told last can still be shown again.
            connection.execute(update(looks).where(*_key(member, living.opinion, purpose)).values(at=now))
        return
    keep_mark(connection, living)
    if before is None:
        row = {"member": member, "opinion": living.opinion, "purpose": purpose}
        connection.execute(insert(looks).values({**row, "seq": living.seq, "at": now, "said": said}))
        return
    values: dict[str, object] = {"seq": living.seq, "said": said}
    same = purpose in {PAGE, BRIEF} and is_same_look(before, now)
    if not same:
        values["at"] = now
    if not same or before.former_seq is None:
        values |= {"former_seq": before.seq, "former_at": before.at, "former_said": before.said}
    connection.execute(update(looks).where(*_key(member, living.opinion, purpose)).values(values))


def keep_mark(connection: Connection, living: Living) -> None:
    """Keep how an Opinion stands, unless it is kept already."""
    here = and_(marks.c.opinion == living.opinion, marks.c.seq == living.seq)
    if connection.execute(select(marks.c.seq).where(here)).first() is None:
        content = mark_to_json(mark_of(living.document, len(living.versions)))
        connection.execute(insert(marks).values(opinion=living.opinion, seq=living.seq, content=content))


def forget_marks(connection: Connection) -> None:
    """Drop the marks that nobody's news are told against any more."""
    wanted = exists().where(
        looks.c.opinion == marks.c.opinion, or_(looks.c.seq == marks.c.seq, looks.c.former_seq == marks.c.seq)
    )
    connection.execute(delete(marks).where(~wanted))


def _key(member: str, opinion: str, purpose: str) -> tuple[ColumnElement[bool], ...]:
    return looks.c.member == member, looks.c.opinion == opinion, looks.c.purpose == purpose
