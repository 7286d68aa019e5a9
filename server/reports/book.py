"""A report as it is given out: a cover, and a chapter for each draft Opinion."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.visibility import Attribution
from server.reports.lines import Line
from server.wording import ATTRIBUTIONS, day, headed, moment

TITLE = "Report of the Chair"
DRAFT = "Draft made from the record, for the Chair to edit"


@dataclass(frozen=True, slots=True)
class Cover:
    """The block at the head of a document (guide: domain 5). `number`, `meeting` (its place and dates) and
    `introduction` are the chair's own words; `scope` says of what the report is made, `names` whose names it holds.
    """

    body: str
    made_at: datetime
    zone: ZoneInfo
    scope: str
    names: Attribution
    number: str = ""
    meeting: str = ""
    introduction: str = ""
    title: str = TITLE

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The lines of the block, each with its name; what is not given is left out."""
        rows = (
            ("Document", self.number),
            ("Meeting", self.meeting),
            ("Date", day(self.made_at, self.zone)),
            ("Source", "Chair"),
            ("Original", "English"),
            ("Covers", self.scope),
            ("Names", f"Shown under the setting “{ATTRIBUTIONS[self.names][0]}”"),
        )
        return tuple((name, words) for name, words in rows if words)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The introduction, paragraph by paragraph."""
        return tuple(" ".join(one.split()) for one in re.split(r"\n\s*\n", self.introduction) if one.strip())

    @property
    def stamp(self) -> str:
        """The line at the foot of every page."""
        return f"{DRAFT}. As of {moment(self.made_at, self.zone)}"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One draft Opinion. `as_of` says which text it is told of, by the last entry of its log."""

    opinion: str
    name: str
    title: str
    as_of: str
    lines: tuple[Line, ...]

    @property
    def heading(self) -> str:
        """Its name with its title."""
        return headed(self.name, self.title)


@dataclass(frozen=True, slots=True)
class Book:
    """A whole report."""

    cover: Cover
    chapters: tuple[Chapter, ...]


def file_name(book: Book, form: str) -> str:
    """A file name of ASCII letters, digits, `-` and `.` alone."""
    of = book.chapters[0].name if len(book.chapters) == 1 else ""
    stem = "-".join(("report", book.cover.body, of, f"{book.cover.made_at:%Y-%m-%d}"))
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") + f".{form}"
