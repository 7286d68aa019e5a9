"""The chair's report, the brief for a capital, who sees whose proposals."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
