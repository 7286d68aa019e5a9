"""The console's page in parts, each with a tag of its content: a script that shows some of them is sent the others."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup, escape
from sqlalchemy import Connection

from opinions.acting import CHAIRS
from opinions.queue import table
from opinions.record import Document, OpinionRecord
from opinions.roles import Act, Delegation, Role
from opinions.sittings import has_floor
from server.console.floor import Around, floor, key_taken_up
from server.console.look import Look
from server.console.rows import Window, window
from server.console.sittings import call_bar, running_record, sitting_now
from server.console.words import LEVELS
from server.consultation.texts import cited
from server.html_view import regions_of
from server.ids import new_id
from server.pages.rendering import fragment
from server.people_store import all_delegations, chairs_of
from server.phone.facts import this_morning
from server.placement import Readable
from server.visit import Visit

TAG = 8
"""Digits of a part's tag: enough to tell one state of it from another."""
TICKS = (("0", "No timer"), ("30", "30 seconds"), ("60", "1 minute"), ("120", "2 minutes"))
"""What a call's timer can be set to; it is guidance."""
FRESH_KEY, FRESH_ID = new_id("fresh-key"), new_id("fresh-id")
"""Stand in a part for ids that are drawn when it is sent, so that its tag does not depend on them. Drawn themselves
when the process starts: nobody can write them into a note.
"""


@dataclass(frozen=True, slots=True)
class Powers:
    """What the person at the console may do: the chair all, the secretariat on instruction, a facilitator less."""

    rules: bool
    records: bool
    informals: bool
    calls: bool
    takes_up: bool
    sits: bool
    attends: bool
    marks: bool
    drafts: bool


@dataclass(frozen=True, slots=True)
class Console:
    """The page at one seq: its parts by name, those of the queue in their order, and what is looked at."""

    seq: int
    parts: Mapping[str, Markup]
    queue: tuple[str, ...]
    look: Look
    powers: Powers
    refused: str = ""
    refused_field: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """The tag of each part."""
        return {name: _tag(name, html) for name, html in self.parts.items()}

    def marked(self, name: str) -> Markup:
        """A part as it stands on the page: its outermost element says which it is, and its tag."""
        html = self.parts[name]
        attributes = f' data-part="{escape(name)}" data-tag="{_tag(name, html)}"'
        whole = re.sub(r"\A\s*<([a-z]+)", lambda found: f"<{found[1]}{attributes}", str(html), count=1)
        for placeholder, kind in ((FRESH_KEY, "k"), (FRESH_ID, "c")):
            while placeholder in whole:
                whole = whole.replace(placeholder, new_id(kind), 1)
        return Markup(whole)


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back with a refused form: its name, its fields, and why it was refused."""

    form: str = ""
    fields: Mapping[str, str] | None = None
    error: str = ""
    field: str = ""

    def get(self, form: str, name: str, otherwise: str = "") -> str:
        """What was typed into a field of a form."""
        return (self.fields or {}).get(name, otherwise) if form == self.form else otherwise


def powers_of(visit: Visit, opinion: OpinionRecord) -> Powers:
    """What the visitor may do here; the room decides again at each command."""
    return Powers(
        rules=visit.actor.role in CHAIRS,
        records=visit.may(Act.OUTCOME_RECORD),
        informals=visit.may(Act.INFORMALS_RECORD),
        calls=visit.may(Act.CALL_PUT),
        takes_up=visit.may(Act.FLOOR_TAKE_UP) and has_floor(visit.actor.role, opinion),
        sits=visit.may(Act.SITTING_MANAGE),
        attends=visit.may(Act.PRESENCE_MARK) and visit.actor.role is Role.SECRETARIAT,
        marks=visit.may(Act.EDITORIAL_MARK),
        drafts=visit.may(Act.COMPROMISE_PROPOSE),
    )


async def console(visit: Visit, look: Look, typed: Typed = Typed()) -> Console:
    """The page as it is now."""
    delegations, chairs = await visit.read(lambda connection: _around(connection, visit.opinion.id, visit.now))
    room = await visit.services.hub.room(visit.opinion.id)
    return made(visit, look, room, delegations, chairs, typed)


def made(
    visit: Visit,
    look: Look,
    room: Readable,
    delegations: tuple[Delegation, ...],
    chairs: tuple[str, ...],
    typed: Typed = Typed(),
) -> Console:
    """The page of a room at its seq."""
    document, seq = room.document, room.seq
    powers = powers_of(visit, document.record.opinion)
    regions = regions_of(delegations)
    names, found = cited(document), table(document)
    since = _since(document, visit)
    queue = window(document, found, names, look, since)
    on = look.on or key_taken_up(document)
    around = Around(document, found, names, regions)
    first = queue.keys[0] if queue.keys else ""
    before = floor(around, on) or (floor(around, first) if not look.on and first else None)
    on = before.key if before is not None else on
    by = look.by if look.by in chairs else chairs[0] if len(chairs) == 1 else ""
    look = replace(look, page=queue.page, apart=look.apart or not powers.takes_up)
    given = {
        "look": look,
        "powers": powers,
        "on": on,
        "by": "" if powers.rules else by,
        "chairs": chairs,
        "may_rule": powers.records and (powers.rules or bool(by)),
        "regions": regions,
        "typed": typed,
        "next": _next(queue, on),
        "action": f"/opinions/{visit.opinion.id}/console/commands",
        "FRESH_KEY": FRESH_KEY,
        "FRESH_ID": FRESH_ID,
    }

    def part(name: str, **values: object) -> Markup:
        return fragment(visit, f"console/{name}.html", **given, **values)

    call = call_bar(document, found, names, on)
    bodies = {f"q-{body.paragraph}": part("body", body=body) for body in queue.bodies}
    parts = {
        "sitting": part("sitting", sitting=sitting_now(document, delegations), levels=tuple(LEVELS.items())[1:]),
        "filters": part("filters", window=queue),
        **bodies,
        "bulk": part("bulk", window=queue),
        "reading": part("reading", floor=before),
        "positions": part("positions", floor=before),
        "actions": part("actions", floor=before, call=call, ticks=TICKS),
        "history": part("history", floor=before),
        "call": part("call", call=call),
        "record": part("record", lines=running_record(document, names)),
    }
    at_field = f"{typed.form}-{typed.field}" if typed.field else ""
    return Console(seq, parts, tuple(bodies), look, powers, typed.error, at_field)


def _around(connection: Connection, opinion: str, now: datetime) -> tuple[tuple[Delegation, ...], tuple[str, ...]]:
    return all_delegations(connection), chairs_of(connection, opinion, now)


def _since(document: Document, visit: Visit) -> datetime:
    """What changed after this is new: since the sitting was opened, else since this morning."""
    sitting = document.record.opinion.sitting
    return sitting.opened_at if sitting is not None else this_morning(visit.now, visit.process.zone)


def _next(queue: Window, on: str) -> str:
    """The row after this one; at the end the one before."""
    keys = queue.keys
    if on not in keys:
        return keys[0] if keys else ""
    place = keys.index(on)
    return keys[place + 1] if place + 1 < len(keys) else keys[place - 1] if place else ""


def _tag(name: str, html: Markup) -> str:
    content = str(html).replace(FRESH_KEY, "").replace(FRESH_ID, "")
    return hashlib.blake2b(f"{name}\n{content}".encode(), digest_size=TAG // 2).hexdigest()
