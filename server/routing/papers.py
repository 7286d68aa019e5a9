"""Contributions, and draft Opinions presented."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
