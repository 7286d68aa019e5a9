"""The chair's report, the brief for a capital, who sees whose proposals."""

from opinions.roles import Act
from server.pages import versions
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "POST",
        "/opinions/{opinion}/versions/{number:int}/attribution",
        Act.REPORT_MAKE,
        versions.set_attribution,
    ),
)
