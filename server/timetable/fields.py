"""Fields of a process file, each read as what it must be; mistakes are gathered with their lines.

A reader asks for the fields it knows and then says `done`: what is left over is told as unknown, with the known names.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from zoneinfo import available_timezones

from opinions.timetable import When
from server.timetable.yaml_tree import MAX_FAULTS, Fault, Node

Kind = TypeVar("Kind", bound=StrEnum)

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Between which a date of a process lies: one outside is a slip of the keyboard."""
MAX_SITTINGS = 30
"""Days that a milestone is split over."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MAX_ID = 64


class TooManyFaults(Exception):
    """Raised when enough mistakes were told."""


class Faults:
    """The mistakes of one file as they are found. Raises `TooManyFaults` at `MAX_FAULTS`."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def tell(self, line: int, field: str, message: str) -> None:
        """Note a mistake."""
        self.found.append(Fault(line, field, message))
        if len(self.found) >= MAX_FAULTS:
            raise TooManyFaults


class Section:
    """The fields of one group. `path` is where it stands ("milestones 4, changes 2")."""

    def __init__(self, node: Node, path: str, faults: Faults) -> None:
        self.node, self.path, self.faults = node, path, faults
        self._asked: list[str] = []
        if node.fields is None:
            faults.tell(node.line, path, f"Here stands {node.kind}; write a group of fields, one to a line.")

    def line(self, name: str) -> int:
        """Where a field stands; where the group begins if it is not there."""
        return self.node.key_lines.get(name, self.node.line)

    def tell(self, name: str, message: str) -> None:
        """Note a mistake in a field."""
        self.faults.tell(self.line(name), f"{self.path}, {name}" if self.path else name, message)

    def node_of(self, name: str, *, required: bool = False, hint: str = "") -> Node | None:
        """The field as it stands, or None."""
        self._asked.append(name)
        node = (self.node.fields or {}).get(name)
        if node is None and required and self.node.fields is not None:
            self.tell(name, f"This is missing. {hint or 'Add it.'}")
        return node

    def has(self, name: str) -> bool:
        """Whether a field is there."""
        return name in (self.node.fields or {})

    def text(self, name: str, most: int, *, required: bool = False, hint: str = "") -> str:
        """Words, runs of blanks as one; empty where there are none."""
        node = self.node_of(name, required=required, hint=hint)
        if node is None:
            return ""
        if node.words is None:
            self.tell(name, f"Here stands {node.kind}; write words.")
            return ""
        words = " ".join(node.words.split())
        if not words:
            self.tell(name, f"Nothing is written here. {hint or 'Write words, or leave the field out.'}")
        elif len(words) > most:
            self.tell(name, f"This has {len(words)} characters; {most} is the most.")
        return words

    def id(self, name: str = "id") -> str:
        """A short name that never changes."""
        found = self.text(name, MAX_ID, required=True, hint="Write a short name such as draft-1.")
        if found and not _ID.fullmatch(found):
            self.tell(name, f"{found!r} is no short name. Write small letters, digits and hyphens, such as draft-1.")
        return found

    def truth(self, name: str) -> bool:
        """Yes or no; no where nothing stands."""
        found = self.text(name, 10).casefold()
        if found not in ("", "yes", "true", "no", "false"):
            self.tell(name, f"{found!r} is neither. Write yes or no.")
        return found in ("yes", "true")

    def choice(self, name: str, kind: type[Kind], default: Kind | None = None) -> Kind | None:
        """One of some words."""
        found = self.text(name, 200, required=default is None, hint=f"Write one of {_listed(kind)}.")
        if not found:
            return default
        if found not in list(kind):
            self.tell(name, f"{found!r} is not known. Write {near(found, [str(one) for one in kind])}.")
            return default
        return kind(found)

    def choices(self, name: str, kind: type[Kind]) -> frozenset[Kind]:
        """Several of some words."""
        chosen = set()
        for node in self.items(name, 100):
            words = node.words or ""
            if words in list(kind):
                chosen.add(kind(words))
            else:
                meant = near(words, [str(one) for one in kind])
                self.faults.tell(node.line, f"{self.path}, {name}", f"{words!r} is not known. Write {meant}.")
        return frozenset(chosen)

    def zone(self, name: str, *, required: bool = False) -> str:
        """The name of a zone of the time zone database."""
        found = self.text(name, 100, required=required, hint="Write a place such as Europe/Zurich.")
        if found and found not in _zones():
            self.tell(
                name, f"{found!r} is no time zone. Write {near(found, sorted(_zones()), 'such as Europe/Zurich')}."
            )
            return ""
        return found

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A day, written 2026-06-09."""
        found = self.text(name, 40, required=required, hint="Write a day such as 2026-06-09.")
        if not found:
            return None
        try:
            if not _DAY.fullmatch(found):
                raise ValueError
            day = date.fromisoformat(found)
        except ValueError:
            self.tell(name, f"{found!r} is no day of the calendar. Write it as 2026-06-09.")
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.tell(name, f"The year {day.year} is outside {FIRST_YEAR} to {LAST_YEAR}. Write the day as 2026-06-09.")
            return None
        return day

    def time(self, name: str) -> time | None:
        """A time of the day, written 09:30."""
        found = self.text(name, 40)
        if not found:
            return None
        try:
            if not _TIME.fullmatch(found):
                raise ValueError
            return time.fromisoformat(found)
        except ValueError:
            self.tell(name, f"{found!r} is no time of the day. Write it as 09:30.")
            return None

    def items(self, name: str, most: int) -> tuple[Node, ...]:
        """A list; empty where nothing stands."""
        node = self.node_of(name)
        if node is None:
            return ()
        if node.items is None:
            self.tell(name, f"Here stands {node.kind}; write a list, each line beginning with a hyphen.")
            return ()
        if len(node.items) > most:
            self.tell(name, f"There are {len(node.items)} of them; {most} is the most.")
            return ()
        return tuple(node.items)

    def sections(self, name: str, most: int) -> "Iterator[Section]":
        """A list of groups."""
        inside = f"{self.path}, {name}" if self.path else name
        for place, node in enumerate(self.items(name, most), start=1):
            section = Section(node, f"{inside} {place}", self.faults)
            if node.fields is not None:
                yield section

    def section(self, name: str) -> "Section | None":
        """A group within this one."""
        node = self.node_of(name)
        if node is None:
            return None
        inner = Section(node, f"{self.path}, {name}" if self.path else name, self.faults)
        return inner if node.fields is not None else None

    def days(self, name: str) -> "tuple[When, tuple[When, ...]] | None":
        """When something is: `on` one day or `from` and `to`, with `opens`, `closes` and `words`; or `on_days`, the
        days it is split over. Gives the whole, and the parts where it is split.
        """
        inner = self.section(name)
        if inner is None:
            return None
        parts = [found for one in inner.sections("on_days", MAX_SITTINGS) if (found := _days(one)) is not None]
        if not inner.has("on_days"):
            whole = _days(inner)
            return None if whole is None else (whole, ())
        inner.done()
        if len(parts) < 2:
            inner.tell("on_days", "What is split has at least two days. Write `on` or `from` and `to` for one stretch.")
            return None
        if any(one.last >= two.first for one, two in pairwise(parts)):
            inner.tell("on_days", "These days overlap or stand out of order. Write them in the order of the calendar.")
            return None
        return When(parts[0].first, parts[-1].last), tuple(parts)

    def done(self) -> None:
        """Tell every field that nobody asked for."""
        for name in self.node.fields or {}:
            if name not in self._asked:
                meant = near(name, self._asked, _listed_words(self._asked))
                self.tell(name, f"There is no such field here. Write {meant}, or take it out.")


def _days(inner: Section) -> When | None:
    """Of the fields `on`, or `from` and `to`; `opens`, `closes`, `words`."""
    on, first, last = inner.day("on"), inner.day("from"), inner.day("to")
    opens, closes = inner.time("opens"), inner.time("closes")
    words = inner.text("words", 100)
    inner.done()
    if inner.has("on") and (inner.has("from") or inner.has("to")):
        inner.tell("on", "Write `on` for one day, or `from` and `to` for several, not both.")
        return None
    if not inner.has("on") and not (inner.has("from") and inner.has("to")):
        inner.tell("from", "A day is missing. Write `on: 2026-06-09`, or `from: 2026-06-09` and `to: 2026-06-11`.")
        return None
    first, last = (on, on) if inner.has("on") else (first, last)
    if first is None or last is None:
        return None
    if first > last:
        inner.tell("to", f"The last day, {last}, is before the first, {first}. Exchange them.")
        return None
    if words and (opens or closes):
        inner.tell("words", "Where no day is known there is no time of a day either. Take out `opens` and `closes`.")
        return None
    if first == last and opens and closes and opens >= closes:
        inner.tell("closes", "It closes before it opens. Write the later time here.")
        return None
    return When(first, last, opens, closes, words)


def plain(node: Node) -> object:
    """A value as JSON would have it: whole numbers and yes and no as such, all else as words."""
    if node.fields is not None:
        return {name: plain(one) for name, one in node.fields.items()}
    if node.items is not None:
        return [plain(one) for one in node.items]
    words = node.words or ""
    if re.fullmatch(r"-?[0-9]{1,9}", words):
        return int(words)
    return _TRUTHS.get(words, words)


_TRUTHS: Mapping[str, bool | None] = {"yes": True, "true": True, "no": False, "false": False, "null": None}
_known_zones: set[str] = set()


def _zones() -> set[str]:
    if not _known_zones:
        _known_zones.update(one for one in available_timezones() if "/" in one or one == "UTC")
    return _known_zones


def near(found: str, known: list[str], otherwise: str = "") -> str:
    """What somebody meant who wrote `found`: the known word that is like it, else `otherwise`, else all of them."""
    alike = get_close_matches(found[:100], known, 1)
    return alike[0] if alike else otherwise or f"one of {', '.join(known)}"


def _listed(kind: type[Kind]) -> str:
    return ", ".join(kind)


def _listed_words(words: list[str]) -> str:
    return f"one of {', '.join(words)}"
