"""The register as CSV, for spreadsheets: what a reader may see, and no cell that a program takes for a formula."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from server.contributions.sight import Sight
from server.contributions.values import Contribution
from server.export.csv_table import csv_of
from server.opinion_store import OpinionRow
from server.wording import moment

HEADINGS = (
    "Number", "Status", "Title", "Source", "Language", "Date", "Received", "Pages", "Meeting", "Draft Opinions",
    "Remarks", "Summary",
)  # fmt: skip


def register_csv(
    found: Iterable[Contribution], sight: Sight, opinions: Mapping[str, OpinionRow], most_pages: int, zone: ZoneInfo
) -> bytes:
    """The contributions in their order, one a row."""
    rows = (
        (
            one.spelling,
            one.status.value,
            one.about.title,
            ", ".join(sight.names_of(one)) or "withheld",
            one.about.language,
            one.about.dated.isoformat() if one.about.dated else "",
            moment(one.received_at, zone),
            str(one.about.pages or ""),
            one.about.meeting,
            ", ".join(opinions[key].name for key in one.about.opinions if key in opinions),
            "; ".join(one.remarks(most_pages)),
            one.about.summary if sight.whole(one) else "",
        )
        for one in found
    )
    return csv_of(rows, HEADINGS)
