"""Cuts as they are kept: the freeze of a whole volume, all of its Opinions at once (crdt/SPEC.md, V6).

    cuts = load_cuts(connection)          # the first one first
    cut = load_cut(connection, cut_id)    # None when there is none
    cut = cut_of(connection, opinion, 3)  # of which cut a version is, None for a freeze of its own

A volume names its cut by `Cut.id`; its texts are the versions that `Cut.versions` names, in the volume's order.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select

from crdt.protocol import compact
from crdt.versions import Version
from opinions.version_kinds import VersionKind
from server import outbox, ownership_store
from server.signing import SigningKey, seal_of
from server.tables.freezes import cut_claims, cut_versions, cuts

FORMAT = 1
"""The format of a cut's record."""


@dataclass(frozen=True, slots=True)
class CutVersion:
    """A version that a cut made: of which Opinion, its number, the hash of its record."""

    opinion: str
    number: int
    record_hash: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A freeze of the whole volume. `number` counts them in the process; `record` is the JSON that was signed."""

    id: str
    number: int
    label: str
    milestone: str
    kind: VersionKind
    note: str
    frozen_by: str
    recorded_by: str
    at: datetime
    record: str
    record_hash: str
    key: str
    signature: bytes

    @property
    def versions(self) -> tuple[CutVersion, ...]:
        """What it made, in the order of the volume."""
        listed = json.loads(self.record)["versions"]
        return tuple(CutVersion(one["opinion"], one["number"], one["record"]) for one in listed)


def make_cut(cut_id: str, number: int, made: Sequence[Version], previous: str, key: SigningKey) -> Cut:
    """The cut of versions that were made for it, in the order of the volume; `previous` is the last cut's record hash,
    empty for the first. All say the same of label, milestone, kind, note and who; its time is that of the last.
    """
    first = made[0]
    at, seal, kind = max(one.frozen_at for one in made), seal_of(key), first.kind or VersionKind.DRAFT
    record = compact(
        {
            "format": FORMAT,
            "cut": cut_id,
            "number": number,
            "label": first.label,
            "milestone": first.milestone,
            "kind": kind.value,
            "note": first.note,
            "versions": [{"opinion": one.opinion, "number": one.number, "record": one.record_hash} for one in made],
            "previous": previous,
            "frozen_by": first.frozen_by,
            "recorded_by": first.recorded_by,
            "frozen_at": at.isoformat(),
            "build": seal.build,
            "key": seal.key,
        }
    )
    hashed = hashlib.sha256(record.encode()).hexdigest()
    told = (first.label, first.milestone, kind, first.note, first.frozen_by, first.recorded_by, at)
    return Cut(cut_id, number, *told, record, hashed, key.id, key.sign(record.encode()))


def save_cut(connection: Connection, cut: Cut) -> None:
    """Keep a cut, in the transaction that keeps its versions. `IntegrityError` when its number is taken."""
    row = {name: getattr(cut, name) for name in Cut.__slots__}
    connection.execute(insert(cuts).values(row))
    connection.execute(
        insert(cut_versions),
        [
            {"cut": cut.id, "opinion": one.opinion, "number": one.number, "position": position}
            for position, one in enumerate(cut.versions, 1)
        ],
    )
    outbox.put(connection, outbox.cut_letter(cut.id), cut.at)


def load_cuts(connection: Connection) -> tuple[Cut, ...]:
    """Every cut, the first one first."""
    return tuple(_cut(row) for row in connection.execute(select(cuts).order_by(cuts.c.number)))


def load_cut(connection: Connection, cut_id: str) -> Cut | None:
    """The cut of this id, or None."""
    row = connection.execute(select(cuts).where(cuts.c.id == cut_id)).one_or_none()
    return None if row is None else _cut(row)


def last_cut(connection: Connection) -> Cut | None:
    """The newest cut, or None."""
    row = connection.execute(select(cuts).order_by(cuts.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _cut(row)


def cut_of(connection: Connection, opinion: str, number: int) -> Cut | None:
    """The cut that made a version; None for a freeze of one Opinion."""
    joined = select(cuts).join(cut_versions, cut_versions.c.cut == cuts.c.id)
    row = connection.execute(
        joined.where(cut_versions.c.opinion == opinion, cut_versions.c.number == number)
    ).one_or_none()
    return None if row is None else _cut(row)


def claim(connection: Connection, cut_id: str, name: str, seconds: float) -> str:
    """Begin a cut, so that nobody else begins one for so long; empty, or the name of the person whose cut is under
    way.
    """
    now = ownership_store.database_time(connection)
    connection.execute(delete(cut_claims).where(cut_claims.c.until <= now))
    under_way: str | None = connection.scalar(select(cut_claims.c.name))
    if under_way is not None:
        return under_way or "somebody"
    until = now + timedelta(seconds=seconds)
    connection.execute(insert(cut_claims).values(id=1, cut=cut_id, name=name, until=until))
    return ""


def unclaim(connection: Connection, cut_id: str) -> None:
    """It is over, with a cut or without."""
    connection.execute(delete(cut_claims).where(cut_claims.c.cut == cut_id))


def _cut(row: Row[tuple[object, ...]]) -> Cut:
    fields = {name: getattr(row, name) for name in Cut.__slots__}
    return Cut(**{**fields, "kind": VersionKind(fields["kind"])})
