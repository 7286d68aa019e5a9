"""What is new in an Opinion since one last looked: the page, which is itself the look."""

from collections.abc import Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.news import NewsItem
from opinions.record import Document
from server.pages.rendering import render
from server.post.digest import both
from server.post.looks import Living, Told, former, frozen_of, is_same_look, look_of, looked, told_since
from server.post.news_words import HEADINGS, line
from server.post.wishes import load_wishes
from server.visit import Visit


async def news(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/new`. Where nothing is new, what the last look told is shown once more."""
    room = await visit.services.hub.room(visit.opinion.id)
    document, seq = room.document, room.seq
    opinion, member = visit.opinion.id, visit.member.id

    def look(connection: Connection) -> tuple[Told, Told, str]:
        living = Living(opinion, seq, document, frozen_of(connection, opinion))
        last = look_of(connection, member, opinion)
        now, before = Told(), Told()
        if last is not None:
            earlier = former(last)
            before = told_since(connection, living, earlier, member) if earlier else Told()
            told_again = earlier is not None and is_same_look(last, visit.now)
            now = before if told_again else told_since(connection, living, last, member)
        looked(connection, member, living, visit.now)
        return now, before, load_wishes(connection, member, visit.process.meeting_zone).zone

    now, before, own = await visit.write(look)
    return render(
        visit,
        "news.html",
        since=now.since,
        groups=_groups(now, document),
        former_since=before.since,
        former=() if now.items else _groups(before, document),
        own_zone=ZoneInfo(own),
        both=both,
    )


def _groups(told: Told, document: Document) -> Sequence[tuple[str, Sequence[tuple[NewsItem, str]]]]:
    return [
        (HEADINGS[kind], [(item, line(item, document)) for item in items])
        for kind, items in groupby(told.items, key=lambda item: item.kind)
    ]
