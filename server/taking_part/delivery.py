"""Telling programs of an event: one outbox job makes a delivery for each address, one job each delivers it.

The server must not become somebody's way into the network behind it: an address is looked up first, refused where it is
private (unless the operator named the host), and the request goes to just the address that was looked up. Redirections
are not followed, and of the answer only its status is read.
"""

import asyncio
import ipaddress
import json
import logging
import socket
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from server import outbox
from server.consultation.rounds import load_round
from server.contributions import store as contributions
from server.errors import ServerError
from server.process_store import load_process
from server.settings import Settings, public_address
from server.tables import opinions, versions
from server.taking_part.webhooks import (
    EventKind,
    Webhook,
    all_webhooks,
    load_delivery,
    note_delivery,
    put_delivery,
    signature,
)
from server.volumes.contents import load_contents

if TYPE_CHECKING:
    from server.work import Tools

SECONDS = 10.0
"""Longest that an address may take to answer; it is tried again at the next sweeps."""

for _name in ("httpx2", "httpcore2"):
    # They would put every address into the log, whole; where it leads is often a secret of whoever listens there.
    logging.getLogger(_name).setLevel(logging.WARNING)


class NotDelivered(ServerError):
    """Raised when an address did not take an event; the outbox tries again."""


async def tell_programs(tools: "Tools", kind: str, *key: str | int) -> None:
    """The work of an event: a delivery and its job for every address that wants to be told."""
    event = EventKind(kind)
    now = datetime.now(UTC)

    def put(connection: Connection) -> list[str]:
        wanting = [hook for hook in all_webhooks(connection) if event in hook.events]
        if not wanting:
            return []
        body = json.dumps(_told(connection, tools.settings, event, key), ensure_ascii=False, sort_keys=True)
        name = ":".join(str(one) for one in key)
        made = [put_delivery(connection, hook, event, name, body, now) for hook in wanting]
        for delivery in made:
            outbox.put_once(connection, outbox.delivery(delivery), now)
        return [outbox.delivery(delivery).id for delivery in made]

    for job in await tools.database.write(put):
        tools.begin(job)


async def deliver(tools: "Tools", delivery_id: str) -> None:
    """The work of one delivery. Raises `NotDelivered` when it is to be tried again."""
    found = await tools.database.read(partial(load_delivery, delivery_id=delivery_id))
    if found is None:
        return
    delivery, hook = found
    try:
        status = await _post(tools.settings, hook, delivery.id, delivery.body)
        outcome, delivered = f"answered {status}", 200 <= status < 300
    except NotDelivered as error:
        outcome, delivered = str(error), False
    await tools.database.write(
        partial(note_delivery, delivery_id=delivery.id, outcome=outcome, at=datetime.now(UTC), delivered=delivered)
    )
    if not delivered:
        # Not the whole address: where it leads is often a secret of whoever listens there.
        raise NotDelivered(f"{urlsplit(hook.address).hostname}: {outcome}")


async def _post(settings: Settings, hook: Webhook, delivery_id: str, body: str) -> int:
    import httpx2

    parts = urlsplit(hook.address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = await _looked_up(host, port, admitted=host in settings.webhook_hosts)
    literal = f"[{address}]" if ":" in address else address
    timestamp = int(datetime.now(UTC).timestamp())
    headers = {
        "host": parts.netloc,
        "content-type": "application/json",
        "user-agent": "Unbracket",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(hook.secret, delivery_id, timestamp, body),
    }
    url = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS) as client,
            client.stream(
                "POST", url, headers=headers, content=body.encode(), extensions={"sni_hostname": host}
            ) as answer,
        ):
            return int(answer.status_code)
    except (httpx2.HTTPError, TimeoutError, OSError, ValueError) as error:
        raise NotDelivered(f"no answer ({type(error).__name__})") from None


async def _looked_up(host: str, port: int, *, admitted: bool) -> str:
    """One address of a host. Raises `NotDelivered` when it has none, or a private one that nobody admitted."""
    try:
        async with asyncio.timeout(SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise NotDelivered(f"{host} has no address") from None
    addresses = [str(one[4][0]) for one in found]
    if not admitted and not all(ipaddress.ip_address(one).is_global for one in addresses):
        raise NotDelivered(f"{host} is in a private network; the operator can admit it (UNBRACKET_WEBHOOK_HOSTS)")
    return addresses[0]


# --- what an event says


def _told(connection: Connection, settings: Settings, event: EventKind, key: tuple[str | int, ...]) -> dict[str, Any]:
    address = public_address(settings)
    data: dict[str, Any]
    match event:
        case EventKind.VERSION_FROZEN:
            data = _version(connection, str(key[0]), int(key[1]), address)
        case EventKind.CONTRIBUTION_REGISTERED:
            data = _contribution(connection, str(key[0]), address)
        case EventKind.ROUND_PUBLISHED:
            found = load_round(connection, str(key[0]))
            data = {"round": found.id, "name": found.name, "page": f"{address}/consultation/{found.id}"}
        case EventKind.VOLUME_PUBLISHED:
            data = _volume(connection, int(key[0]), address)
        case _:
            assert_never(event)
    return {"event": event.value, "process": load_process(connection).name, "data": data}


def _version(connection: Connection, opinion: str, number: int, address: str) -> dict[str, Any]:
    chosen = (
        select(versions, opinions.c.number.label("opinion_number"), opinions.c.title)
        .join(opinions, opinions.c.id == versions.c.opinion)
        .where(versions.c.opinion == opinion, versions.c.number == number)
    )
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise ServerError(f"{opinion} has no version {number}.")
    return {
        "opinion": opinion,
        "opinion_number": row.opinion_number,
        "title": row.title,
        "version": number,
        "label": row.label,
        "milestone": row.milestone,
        "fingerprint": row.fingerprint,
        "frozen_at": row.frozen_at.isoformat(),
        "page": f"{address}/opinions/{opinion}/versions/{number}",
    }


def _volume(connection: Connection, number: int, address: str) -> dict[str, Any]:
    found = load_contents(connection, number)
    return {
        "volume": number,
        "label": found.label,
        "document": found.document,
        "fingerprint": found.fingerprint,
        "record_hash": found.record_hash,
        "published_at": None if found.published_at is None else found.published_at.isoformat(),
        "page": f"{address}/volumes/{number}",
    }


def _contribution(connection: Connection, key: str, address: str) -> dict[str, Any]:
    found = contributions.load(connection, key)
    return {
        "contribution": found.id,
        "number": found.spelling,
        "title": found.about.title,
        "sources": list(found.about.sources),
        "page": f"{address}/contributions/{found.id}",
    }
