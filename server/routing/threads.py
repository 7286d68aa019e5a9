"""Comments on words, with answers; notes of a delegation."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
