"""Groups that draft together before they propose."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
