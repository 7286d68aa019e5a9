"""All that the web reads and writes as JSON, in one list: a capability adds its own here."""

from server.api import alternatives, drafting_groups, history, positions, reports, table, threads
from server.api.reading import Reading, Writing

READINGS: tuple[Reading | Writing, ...] = (
    *table.READINGS,
    *positions.READINGS,
    *alternatives.READINGS,
    *drafting_groups.READINGS,
    *history.READINGS,
    *threads.READINGS,
    *reports.READINGS,
)
"""In the order of the description."""
