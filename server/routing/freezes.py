"""Freezes: of one Opinion, of a whole volume."""

from opinions.roles import Act
from server.pages import volume_freeze
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    # Who is in the chair is so of single Opinions: the page itself asks of which.
    Entry("GET", "/freeze", Act.PROCESS_READ, volume_freeze.volume_freeze),
    Entry("POST", "/freeze", Act.PROCESS_READ, volume_freeze.freeze_volume),
    Entry("GET", "/freeze/{cut}", Act.VERSION_READ, volume_freeze.volume_cut),
)
