"""The register as CSV, for spreadsheets: what a reader may see, and no cell that a program takes for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from server.contributions.sight import Sight
from server.contributions.values import Contribution
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
    return written(HEADINGS, rows)


def written(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte order mark, every cell quoted and defused."""
    # The module brings a library for spreadsheets along that no other page of these needs.
    from server.consultation.spreadsheets import defused

    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
    return table.getvalue().encode("utf-8-sig")
