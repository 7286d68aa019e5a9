"""Rosters, nominations, roles: who takes part."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
