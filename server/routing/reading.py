"""Reading on a phone, what is new since one last looked, letters and their preferences."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
