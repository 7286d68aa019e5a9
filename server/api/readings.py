"""All that the web reads and writes as JSON, in one list: a capability adds its own here."""

from server.api import (
    alternatives,
    closing,
    comparing,
    drafting_groups,
    freezes,
    history,
    phases,
    positions,
    publications,
    reports,
    table,
    threads,
    timetable,
    verification,
    volumes,
)
from server.api.reading import Reading, Writing

READINGS: tuple[Reading | Writing, ...] = (
    *table.READINGS,
    *positions.READINGS,
    *alternatives.READINGS,
    *drafting_groups.READINGS,
    *history.READINGS,
    *threads.READINGS,
    *reports.READINGS,
    *phases.READINGS,
    *comparing.READINGS,
    *timetable.READINGS,
    *closing.READINGS,
    *publications.READINGS,
    *freezes.READINGS,
    *volumes.READINGS,
    *verification.READINGS,
)
"""In the order of the description."""
