"""Answers in threads that somebody takes part in, since a moment: how many, for the page of news and the digest.

Of notes, too, but only to who is still of their delegation; and never a word of what was said.
"""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from opinions.news import NewsItem, NewsKind, Remarks
from server.tables.core import appointments, members
from server.tables.people import parts
from server.tables.threads import threads
from server.threads.values import Audience

_WORDS = {Audience.ALL: "in threads of yours", Audience.DELEGATION: "in your delegation's notes"}


def replied_since(connection: Connection, opinion: str, since: datetime, member: str) -> tuple[NewsItem, ...]:
    """What others answered where the member began a thread, or spoke in it, after that moment."""
    delegation = _notes_of(connection, opinion, member)
    spoke = select(threads.c.parent).where(threads.c.member == member, threads.c.parent.is_not(None))
    began = select(threads.c.id).where(threads.c.member == member, threads.c.parent.is_(None))
    found = []
    for audience in Audience:
        chosen = select(func.count()).where(
            threads.c.opinion == opinion,
            threads.c.audience == audience.value,
            or_(threads.c.parent.in_(began), threads.c.parent.in_(spoke)),
            threads.c.member != member,
            threads.c.taken_out_at.is_(None),
            threads.c.entered_at > since,
        )
        if audience is Audience.DELEGATION:
            chosen = chosen.where(threads.c.delegation == delegation)
        count = connection.scalar(chosen) or 0
        if count and (audience is Audience.ALL or delegation):
            found.append(NewsItem(NewsKind.REPLIED, remarks=Remarks("", _WORDS[audience], count)))
    return tuple(found)


def _notes_of(connection: Connection, opinion: str, member: str) -> str:
    """The delegation whose notes a member sees there; empty for who has, or had, another part in that Opinion."""
    for table in (appointments, parts):
        here = table.c.member == member, table.c.opinion == opinion
        if connection.execute(select(table.c.member).where(*here)).first() is not None:
            return ""
    return connection.scalar(select(members.c.delegation).where(members.c.id == member)) or ""
