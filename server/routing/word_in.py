"""Word files on their way into a text."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
