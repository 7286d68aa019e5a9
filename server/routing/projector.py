"""The projector's page and its links."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
