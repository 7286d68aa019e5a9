"""Groups that speak for members, and who speaks for a delegation."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
