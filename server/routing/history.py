"""The list of square brackets, where words come from, the replay."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
