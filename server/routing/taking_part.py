"""For other programs: the API with its description, keys, webhooks, export and import of a process."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
