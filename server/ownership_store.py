"""Which server processes run, and which one of them owns the writing of an Opinion (R14).

A node is one run of a server process; started again, it is another node with another id. An owner holds a lease that
ends unless renewed, and a fence: a number that rises whenever an Opinion gets another owner and never falls. Whoever
appends says under which fence, so what a paused owner writes late matches nothing (`log_store.append`). All times are
the database's, for the clocks of two machines never agree.

Plain functions of a `Connection`, each part of somebody's transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from server.errors import UnknownOpinion
from server.tables import nodes, owners

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_NOBODY = ""
_TOO_LONG = 10


@dataclass(frozen=True, slots=True)
class Node:
    """A server process. `address` is where the others reach it, `seen_seconds` how long ago it last said that it
    runs.
    """

    id: str
    address: str
    build: str
    draining: bool
    started_at: datetime
    seen_seconds: float


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an Opinion's writing is. `address` is empty when the node is known no more; `remaining_seconds` is not
    positive once another node may take it.
    """

    opinion: str
    node: str
    address: str
    fence: int
    remaining_seconds: float


def beat(connection: Connection, node: str, address: str, build: str, draining: bool) -> None:
    """Say that a node runs, where it is reached, and whether it is about to stop."""
    now = database_time(connection)
    changing = {"address": address, "build": build, "draining": draining, "seen_at": now}
    put = _INSERT[connection.dialect.name](nodes).values(id=node, started_at=now, **changing)
    connection.execute(put.on_conflict_do_update(index_elements=[nodes.c.id], set_=changing))


def mark(connection: Connection, node: str, build: str) -> None:
    """Say that the only server process of a database runs, and strike off those before it."""
    beat(connection, node, "", build, draining=False)
    connection.execute(delete(nodes).where(nodes.c.id != node))


def live_nodes(connection: Connection, within_seconds: float) -> tuple[Node, ...]:
    """The nodes that were heard of within so many seconds, the longest-running first; draining ones among them."""
    now = database_time(connection)
    within = timedelta(seconds=within_seconds)
    # Heard of in the future: the database's clock was set back, and who still runs says so again soon.
    recent = nodes.c.seen_at.between(now - within, now + within)
    chosen = select(nodes).where(recent).order_by(nodes.c.started_at, nodes.c.id)
    return tuple(
        Node(row.id, row.address, row.build, row.draining, row.started_at, (now - row.seen_at).total_seconds())
        for row in connection.execute(chosen)
    )


def forget_node(connection: Connection, node: str) -> None:
    """Strike a node off, and free whatever it owned."""
    connection.execute(_freed(database_time(connection)).where(owners.c.node == node))
    connection.execute(delete(nodes).where(nodes.c.id == node))


def forget_silent_nodes(connection: Connection, silent_seconds: float) -> None:
    """Strike off the nodes not heard of for so long; what they owned has run out by itself."""
    since = database_time(connection) - timedelta(seconds=silent_seconds)
    connection.execute(delete(nodes).where(nodes.c.seen_at < since))


def acquire(connection: Connection, opinion: str, node: str, seconds: float) -> Owner:
    """Make an Opinion a node's for so many seconds if it is free, run out, or the node's already; whose it is now.

    The fence rises by one unless it was the node's already. Raises `UnknownOpinion`.
    """
    now = database_time(connection)
    until = now + timedelta(seconds=seconds)
    put = _INSERT[connection.dialect.name](owners).values(opinion=opinion, node=node, fence=1, until=until)
    taken = put.on_conflict_do_update(
        index_elements=[owners.c.opinion],
        set_={"node": node, "fence": owners.c.fence + case((owners.c.node == node, 0), else_=1), "until": until},
        where=or_(
            owners.c.node.in_((node, _NOBODY)),
            owners.c.until <= now,
            # More time left than anybody is given: the database's clock was set back.
            owners.c.until > now + timedelta(seconds=_TOO_LONG * seconds),
        ),
    )
    try:
        connection.execute(taken)
    except IntegrityError:
        raise UnknownOpinion(opinion) from None
    owner = owner_of(connection, opinion)
    assert owner is not None
    return owner


def renew(connection: Connection, node: str, seconds: float) -> frozenset[str]:
    """Make all that a node owns its own for so many seconds from now; the Opinions that still are its.

    One that ran out and that nobody took is still its.
    """
    until = database_time(connection) + timedelta(seconds=seconds)
    kept = update(owners).where(owners.c.node == node).values(until=until).returning(owners.c.opinion)
    return frozenset(connection.scalars(kept))


def release(connection: Connection, opinion: str, node: str, fence: int) -> bool:
    """Give an Opinion up, so that another node has it at once. False when it was not the node's at this fence."""
    mine = (owners.c.opinion == opinion, owners.c.node == node, owners.c.fence == fence)
    return connection.execute(_freed(database_time(connection)).where(*mine)).rowcount == 1


def owner_of(connection: Connection, opinion: str) -> Owner | None:
    """Whose an Opinion is, also when its time has run out; None when it never was anybody's or was given up."""
    return next(iter(_owners(connection, _OWNERS.where(owners.c.opinion == opinion))), None)


def all_owners(connection: Connection) -> tuple[Owner, ...]:
    """Every Opinion that is somebody's, in the order of their ids."""
    return _owners(connection, _OWNERS.order_by(owners.c.opinion))


_OWNERS: Select[Any] = (
    select(owners, nodes.c.address)
    .join_from(owners, nodes, owners.c.node == nodes.c.id, isouter=True)
    .where(owners.c.node != _NOBODY)
)


def _owners(connection: Connection, chosen: Select[Any]) -> tuple[Owner, ...]:
    now = database_time(connection)
    return tuple(
        Owner(row.opinion, row.node, row.address or "", row.fence, (row.until - now).total_seconds())
        for row in connection.execute(chosen)
    )


def _freed(now: datetime) -> Any:
    return update(owners).values(node=_NOBODY, until=now)


def database_time(connection: Connection) -> datetime:
    """The database's clock, not the transaction's start: a transaction may have waited for a lock."""
    if connection.dialect.name == "sqlite":
        told = connection.scalar(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))
        return datetime.fromisoformat(str(told)).replace(tzinfo=UTC)
    moment = connection.scalar(select(func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)
