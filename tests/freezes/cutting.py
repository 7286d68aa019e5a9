"""Cuts as tests ask for them by the page, and what must hold of a record after any number of them.

`broken_cuts` is for campaigns too: call it on any database, whatever happened to it before.
"""

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection, select

from crdt.versions import Version
from server import log_store
from server.freezes.cuts import load_cuts
from server.opinion_store import list_opinions
from server.tables import documents, versions
from server.verify import verify


def cut_form(seen: int = 0, **fields: str) -> dict[str, str]:
    """The form of `/freeze` as a browser sends it: `seen` cuts were on the page."""
    form = {"key": secrets.token_hex(12), "seen": str(seen), "kind": "draft", "label": "Second draft"}
    return {**form, **fields}


def broken_cuts(connection: Connection) -> list[str]:
    """What of V6 does not hold: each cut is all of its versions at one moment, and no version is of a cut that is not.

    Also what the verifier finds.
    """
    wrong = [f"{one.document}: {finding}" for one in verify(connection) for finding in one.findings]
    made: dict[str, set[tuple[str, int, str]]] = {}
    for opinion in list_opinions(connection):
        for version in log_store.load_versions(connection, opinion.id):
            if version.cut:
                made.setdefault(version.cut, set()).add((opinion.id, version.number, version.record_hash))
    previous = ""
    for number, cut in enumerate(load_cuts(connection), 1):
        told = {(one.opinion, one.number, one.record_hash) for one in cut.versions}
        if told != made.pop(cut.id, set()):
            wrong.append(f"{cut.id}: its versions are not those that say they are of it")
        if cut.number != number or f'"previous":"{previous}"' not in cut.record:
            wrong.append(f"{cut.id}: does not follow the cut before it")
        previous = cut.record_hash
    wrong += [f"{cut}: versions say they are of it, and it is not there" for cut in made]
    return wrong


def newest(connection: Connection) -> Mapping[str, Version]:
    """The newest version of each Opinion that has one."""
    found = {one.id: log_store.load_versions(connection, one.id) for one in list_opinions(connection)}
    return {opinion: frozen[-1] for opinion, frozen in found.items() if frozen}


def epochs(connection: Connection) -> Mapping[str, int]:
    """Of each Opinion how often it was frozen, by its log and by its versions: both must say the same."""
    told = {
        row.id: row.epoch - 1 for row in connection.execute(select(documents).where(documents.c.id.not_like("%/%")))
    }
    for opinion in connection.scalars(select(versions.c.opinion)):
        told[opinion] -= 1
    return told
