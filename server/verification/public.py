"""Which versions the public may know of, and with whose names (server/SPEC.md, VF10 and AV).

A version is public once a volume that annexes it is published, or once the secretariat says so; for good.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from crdt.versions import Version
from opinions.visibility import Attribution, Audience, names_shown
from server import log_store
from server.opinion_store import OpinionRow, list_opinions
from server.process_store import load_process
from server.tables.verification import public_versions
from server.tables.volumes import published_volumes
from server.version_attribution import settings_of_versions


@dataclass(frozen=True, slots=True)
class PublicVersion:
    """A version that everybody may know of; `names`: with the names of delegations beside proposals."""

    opinion: OpinionRow
    version: Version
    names: bool


def public_numbers(connection: Connection) -> Mapping[str, frozenset[int]]:
    """The numbers of public versions by Opinion."""
    found: dict[str, set[int]] = {}
    for record in connection.scalars(select(published_volumes.c.record)):
        for one in json.loads(record)["annexed"]:
            found.setdefault(one["opinion"], set()).add(one["version"])
    for row in connection.execute(select(public_versions.c.opinion, public_versions.c.number)):
        found.setdefault(row.opinion, set()).add(row.number)
    return {opinion: frozenset(numbers) for opinion, numbers in found.items()}


def is_public(connection: Connection, opinion: str, number: int) -> bool:
    """Whether everybody may know of a version."""
    return number in public_numbers(connection).get(opinion, frozenset())


def make_public(connection: Connection, opinion: str, number: int, by: str, at: datetime) -> bool:
    """Let everybody know of a version from now on; False when everybody might already."""
    if is_public(connection, opinion, number):
        return False
    connection.execute(insert(public_versions).values(opinion=opinion, number=number, at=at, by=by))
    return True


def all_public(connection: Connection) -> tuple[PublicVersion, ...]:
    """Every public version, by Opinion in the order of the table, the first version first."""
    numbers, setting = public_numbers(connection), load_process(connection).attribution
    found = []
    for opinion in list_opinions(connection):
        own = settings_of_versions(connection, opinion.id)
        for version in log_store.load_versions(connection, opinion.id) if opinion.id in numbers else ():
            if version.number in numbers[opinion.id]:
                found.append(PublicVersion(opinion, version, public_names(own.get(version.number) or setting)))
    return tuple(found)


def public_names(setting: Attribution) -> bool:
    """Whether the public is shown the names of delegations under a setting."""
    return names_shown(setting, Audience.PUBLIC).delegations
