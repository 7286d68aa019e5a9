"""The comments on the report as CSV, for spreadsheets."""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from server.export.csv_table import csv_of
from server.sg_report.comments import DISPOSITIONS, Remark
from server.wording import moment

HEADINGS = (
    "Comment", "On", "Words commented on", "Delegation", "Name", "Comment made", "Late", "Withdrawn", "Revision",
    "Comment text", "Became of it", "Answer", "Answered",
)  # fmt: skip


def comments_csv(found: Iterable[Remark], shown: Callable[[Remark], bool], zone: ZoneInfo) -> bytes:
    """The comments by number, one a row; `shown` says of whose comment the name may be given."""
    rows = (
        (
            one.known_as,
            one.cited,
            one.words,
            one.party if shown(one) else "withheld",
            one.name if shown(one) else "withheld",
            moment(one.made_at, zone),
            "late" if one.late else "",
            moment(one.withdrawn_at, zone) if one.withdrawn_at else "",
            str(one.revision),
            one.body,
            DISPOSITIONS[one.disposition],
            one.answer,
            moment(one.answered_at, zone) if one.answered_at else "",
        )
        for one in found
    )
    return csv_of(rows, HEADINGS)
