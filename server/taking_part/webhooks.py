"""Where other programs are told of events: addresses, what each is told, and what became of every delivery.

An event goes out as the Standard Webhooks specification has it (webhook-id, webhook-timestamp, webhook-signature:
HMAC-SHA-256 over `id.timestamp.body`), so that its libraries check it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from server.tables.taking_part import deliveries, webhooks
from server.taking_part.programs import ProgramRefused

MAX_WEBHOOKS = 20
"""Addresses in force at once: each event is sent to all."""
MAX_ADDRESS = 500
SECRET_PREFIX = "whsec_"


class EventKind(StrEnum):
    """What programs are told of."""

    VERSION_FROZEN = "version.frozen"
    ROUND_PUBLISHED = "consultation.published"
    CONTRIBUTION_REGISTERED = "contribution.registered"
    VOLUME_PUBLISHED = "volume.published"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events of these kinds."""

    id: str
    address: str
    events: frozenset[EventKind]
    secret: str
    created_by: str
    created_at: datetime
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one address. `outcome` says what the last try met."""

    id: str
    webhook: str
    event: EventKind
    body: str
    created_at: datetime
    delivered_at: datetime | None
    tries: int
    outcome: str


def add_webhook(connection: Connection, address: str, events: Collection[EventKind], by: str, now: datetime) -> Webhook:
    """Tell an address of events from now on; its secret is new. Raises `ProgramRefused`."""
    address = address.strip()
    parts = urlsplit(address)
    if len(address) > MAX_ADDRESS or not address.isprintable() or parts.scheme not in {"https", "http"}:
        raise ProgramRefused("Give the address as https://host/path.")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ProgramRefused("The address names a host, and no user, password or fragment.")
    if not events:
        raise ProgramRefused("Choose at least one event.")
    in_force = connection.scalar(select(func.count()).select_from(webhooks).where(webhooks.c.stopped_at.is_(None)))
    if (in_force or 0) >= MAX_WEBHOOKS:
        raise ProgramRefused(f"There are {MAX_WEBHOOKS} webhooks. Stop one that is not used any more.")
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    made = Webhook(f"w-{secrets.token_hex(8)}", address, frozenset(events), secret, by, now)
    connection.execute(
        insert(webhooks).values(
            id=made.id,
            address=made.address,
            events=" ".join(sorted(made.events)),
            secret=secret,
            created_by=by,
            created_at=now,
        )
    )
    return made


def all_webhooks(connection: Connection) -> tuple[Webhook, ...]:
    """Every address in force, the oldest first."""
    chosen = select(webhooks).where(webhooks.c.stopped_at.is_(None)).order_by(webhooks.c.created_at, webhooks.c.id)
    return tuple(_webhook(row) for row in connection.execute(chosen))


def stop_webhook(connection: Connection, webhook_id: str, now: datetime) -> bool:
    """Tell an address nothing more, from now on; whether it was in force."""
    stopped = connection.execute(
        update(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.stopped_at.is_(None)).values(stopped_at=now)
    )
    return bool(stopped.rowcount)


# --- deliveries


def put_delivery(connection: Connection, webhook: Webhook, event: EventKind, key: str, body: str, at: datetime) -> str:
    """A delivery of an event to an address: its id, the same for the same event however often it is put there."""
    # No full stop: the specification parts what is signed by it.
    delivery_id = f"{webhook.id}:{event}:{key}".replace(".", "_")
    if connection.execute(select(deliveries.c.id).where(deliveries.c.id == delivery_id)).first() is None:
        values = {"id": delivery_id, "webhook": webhook.id, "event": event.value, "body": body, "created_at": at}
        connection.execute(insert(deliveries).values(values))
    return delivery_id


def load_delivery(connection: Connection, delivery_id: str) -> tuple[Delivery, Webhook] | None:
    """A delivery and its address; None when it was delivered, or its address is told nothing any more."""
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one_or_none()
    if row is None or row.delivered_at is not None:
        return None
    hook = connection.execute(
        select(webhooks).where(webhooks.c.id == row.webhook, webhooks.c.stopped_at.is_(None))
    ).one_or_none()
    return None if hook is None else (_delivery(row), _webhook(hook))


def note_delivery(connection: Connection, delivery_id: str, outcome: str, at: datetime, *, delivered: bool) -> None:
    """What a try met."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(tries=deliveries.c.tries + 1, outcome=outcome[:300], delivered_at=at if delivered else None)
    )


def last_deliveries(connection: Connection, most: int = 50) -> tuple[Delivery, ...]:
    """The newest deliveries, the newest first."""
    chosen = select(deliveries).order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(most)
    return tuple(_delivery(row) for row in connection.execute(chosen))


def signature(secret: str, delivery_id: str, timestamp: int, body: str) -> str:
    """The `webhook-signature` of a delivery (Standard Webhooks, symmetric scheme `v1`)."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _webhook(row: Row[Any]) -> Webhook:
    kinds = frozenset(EventKind(one) for one in row.events.split())
    return Webhook(row.id, row.address, kinds, row.secret, row.created_by, row.created_at, row.stopped_at)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        row.webhook,
        EventKind(row.event),
        row.body,
        row.created_at,
        row.delivered_at,
        row.tries,
        row.outcome,
    )
