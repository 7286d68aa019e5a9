"""The chair's console."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
