"""What a publication holds, whatever it is written as: a cover, and parts of rows as the views give them.

A sheet is a paper of one part; a volume has the report and each annexed Opinion as parts of their own.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.canonical import short_fingerprint
from opinions.views import View, ViewParagraph
from server.export.sheet import VIEW_NAMES, Origin, Sheet
from server.export.stamp import stamp
from server.wording import day

Facts = tuple[tuple[str, str], ...]
"""Names and values, as the cover lists them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a paper. `heading` stands over it and is empty where the paper is this text alone."""

    id: str
    heading: str
    sheet: Sheet
    facts: Facts = ()

    @property
    def rows(self) -> tuple[ViewParagraph, ...]:
        """Its paragraphs as the view shows them."""
        return self.sheet.paragraphs

    def removers(self, row: ViewParagraph) -> tuple[str, ...]:
        """The codes of those who would take a paragraph out; empty where names are withheld."""
        found = (self.sheet.document.amendment(one) for one in row.removal)
        return tuple(code for one in found if one is not None for code in self.sheet.naming(one)[:1])


@dataclass(frozen=True, slots=True)
class Paper:
    """A publication ready to be written. `short` is what the foot of each page says of it."""

    name: str
    title: str
    process: str
    label: str
    view: View
    stamp: str
    short: str
    warning: str
    cover: Facts
    as_of: datetime
    parts: tuple[Part, ...]
    number: str = ""
    """The document number, where it has one."""

    @property
    def alone(self) -> bool:
        """Whether it is one text and no more."""
        return len(self.parts) == 1 and not self.parts[0].heading


def paper_of(sheet: Sheet) -> Paper:
    """A sheet as a paper."""
    origin = sheet.origin
    said = stamp(sheet)
    return Paper(
        name=origin.opinion,
        title=origin.title or origin.opinion,
        process=origin.process,
        label=origin.label,
        view=sheet.view,
        stamp=said,
        short=_short(origin),
        warning=sheet.warning,
        cover=cover_of(origin, sheet.view),
        as_of=origin.as_of,
        parts=(Part(origin.opinion_id or origin.opinion, "", sheet),),
    )


def cover_of(origin: Origin, view: View, *, short: bool = False) -> Facts:
    """The block at the head of a document: whose, what, which stand of it, when, in which language; `short` above a
    text of a volume, which says the rest itself.
    """
    facts = [
        ("Process", origin.process),
        ("Document", origin.opinion),
        ("Text", f"{origin.label}, {VIEW_NAMES[view].lower()}"),
        ("Date", day(origin.as_of, ZoneInfo(origin.zone))),
        ("Original", "English"),
    ]
    if origin.version:
        facts.insert(3, ("Version", str(origin.version)))
        facts.append(("Fingerprint", origin.fingerprint))
    kept = {"Version", "Date", "Fingerprint"} if short else {name for name, _ in facts}
    return tuple((name, value) for name, value in facts if value and name in kept)


def _short(origin: Origin) -> str:
    if origin.version:
        return f"{origin.opinion}, version {origin.version}, Fingerprint {short_fingerprint(origin.fingerprint)}"
    return f"{origin.opinion}, living draft, entry {origin.seq}"
