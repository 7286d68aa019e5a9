"""Links to a room's screen: made by chair or secretariat for one Opinion, secret, for a while, ended at any moment.

A link has 256 random bits, is shown once and kept as SHA-256. It opens one page and its stream, and says nothing of who
follows it.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from opinions.views import View
from server.errors import ServerError
from server.identity.tokens import token_hash
from server.names import clean_name
from server.tables.projector import projector_links

MAX_LINKS = 20
"""Links of one Opinion in force at once: the screens of a large meeting, each its own."""
MAX_DAYS = 31
"""The longest that a link lives: a meeting with what follows it; the next one makes its own."""
KEPT = 200
"""Links of one Opinion that are listed, the newest."""


StillOpen = Callable[[], Awaitable[bool]]
"""Whether a link that was open still is, as it was."""


class LinkRefused(ServerError):
    """Raised when a link cannot be made as asked. `field` is what mends it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class ScreenLink:
    """A link, without its secret. `blank`: its screen is to show nothing for now."""

    id: str
    opinion: str
    name: str
    view: View
    blank: bool
    made_by: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.ended_at is None and self.expires_at > now

    @property
    def door(self) -> str:
        """The name under which its open streams are known (`server.doors`)."""
        return f"screen:{self.id}"


def make(
    connection: Connection, opinion: str, name: str, view: View, days: int, by: str, now: datetime
) -> tuple[ScreenLink, str]:
    """A new link and its secret. Raises `LinkRefused`, and `server.names.NameRefused` for the name."""
    if not 0 < days <= MAX_DAYS:
        raise LinkRefused("days", f"A link lives 1 to {MAX_DAYS} days.")
    of_opinion = projector_links.c.opinion == opinion
    alive = projector_links.c.ended_at.is_(None), projector_links.c.expires_at > now
    if (connection.scalar(select(func.count()).where(of_opinion, *alive)) or 0) >= MAX_LINKS:
        raise LinkRefused("name", f"{MAX_LINKS} links are in force. End one that no screen uses.")
    secret = secrets.token_urlsafe(32)
    link = ScreenLink(
        f"pl-{secrets.token_hex(8)}", opinion, clean_name(name), view, False, by, now, now + timedelta(days=days)
    )
    connection.execute(
        insert(projector_links).values(
            id=link.id,
            opinion=opinion,
            name=link.name,
            token_hash=token_hash(secret),
            view=view.value,
            made_by=by,
            made_at=now,
            expires_at=link.expires_at,
        )
    )
    return link, secret


def opened_by(connection: Connection, secret: str, now: datetime) -> ScreenLink | None:
    """The link of a secret, if it is in force."""
    row = connection.execute(
        select(projector_links).where(projector_links.c.token_hash == token_hash(secret))
    ).one_or_none()
    link = None if row is None else _link(row)
    return link if link is not None and link.in_force(now) else None


def links_of(connection: Connection, opinion: str) -> tuple[ScreenLink, ...]:
    """The links of an Opinion, the newest first; also those that have ended."""
    newest = projector_links.c.made_at.desc(), projector_links.c.id
    chosen = select(projector_links).where(projector_links.c.opinion == opinion).order_by(*newest).limit(KEPT)
    return tuple(_link(row) for row in connection.execute(chosen))


def change(
    connection: Connection, opinion: str, link_id: str, now: datetime, *, end: bool = False, blank: bool | None = None
) -> ScreenLink | None:
    """End a link, or blank its screen, or show it again; the link as it was, None where there is none in force. Tell
    its open streams after the commit.
    """
    here = projector_links.c.id == link_id, projector_links.c.opinion == opinion
    row = connection.execute(select(projector_links).where(*here)).one_or_none()
    link = None if row is None else _link(row)
    if link is None or not link.in_force(now):
        return None
    values: dict[str, Any] = {"ended_at": now} if end else {}
    if blank is not None:
        values["blank"] = blank
    if values:
        connection.execute(update(projector_links).where(*here).values(**values))
    return link


def _link(row: Row[Any]) -> ScreenLink:
    return ScreenLink(
        row.id,
        row.opinion,
        row.name,
        View(row.view),
        bool(row.blank),
        row.made_by,
        row.made_at,
        row.expires_at,
        row.ended_at,
    )
