"""Consultation rounds and comments."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
