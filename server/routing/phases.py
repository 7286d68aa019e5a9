"""Phases: extended by the chair, told of before, and what came late."""

from opinions.roles import Act
from server.pages import phases
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/phases", Act.PROCESS_READ, phases.phases),
    # Who is in the chair of any draft Opinion extends: the page itself sees to that.
    Entry("POST", "/phases/{phase}/extend", Act.PROCESS_READ, phases.extend_phase),
)
