"""Document numbers as ITU writes them: read, kept as spelt, and brought to one form for comparing and sorting.

Seen in practice (guide: domain 5): `CL-26/9`, `C13/64(Rev.1)`, `C16/INF/3(Rev.2)`, `TDAG-21/2/13(Rev.1)`,
`WTPF-13/16(Rev.1)-E`, `WTPF09/4-E`, `WTPF-IEG/2/5rev1`, `WTDC-17/23(Add.17)-E`, `TDAG-WG-Prep/DT/6-E`,
`IEG-WTPF-26-4/5`, and the site's own `S24-WTPF26PREP-R-0003`. A spelling that fits none of these is a number all the
same: it is kept as it is, compared by its letters, and says of itself that it is not understood.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

MAX_SPELLING = 64
"""Characters of a document number: the longest seen has 22."""
_ALIASES = {"WTP": "WTPF"}
"""Series that are printed under two names: `WTP09/4` is `WTPF09/4`."""


class DocumentType(StrEnum):
    """What a document is by its number; a plain number is a document (DOC)."""

    DOC = "DOC"
    DT = "DT"
    INF = "INF"
    DL = "DL"
    C = "C"
    R = "R"
    TD = "TD"


class Suffix(StrEnum):
    """What stands behind a number: a revision, an addendum, a corrigendum."""

    REV = "Rev"
    ADD = "Add"
    CORR = "Corr"


Suffixes = tuple[tuple[Suffix, int], ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """A number taken apart. `edition` has two digits or none (`26`); `session` is the meeting within it, 0 for none;
    `suffixes` stand in the order written; `language` is one of A C E F R S, or empty.
    """

    series: str
    number: int
    edition: str = ""
    session: int = 0
    type: DocumentType = DocumentType.DOC
    suffixes: Suffixes = ()
    language: str = ""

    @property
    def normal(self) -> str:
        """The one spelling of this number; `DocumentNumber` reads it back to the same parts."""
        behind = "".join(f"({kind}.{number})" for kind, number in self.suffixes)
        return f"{self.prefix}/{self.number}{behind}" + (f"-{self.language}" if self.language else "")

    @property
    def prefix(self) -> str:
        """The row that the number counts in: series, edition, session and type."""
        edition = f"-{self.edition}" if self.edition else ""
        session = f"/{self.session}" if self.session else ""
        kind = f"/{self.type}" if self.type is not DocumentType.DOC else ""
        return f"{self.series}{edition}{session}{kind}"


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number as spelt, with its parts where the spelling is understood."""

    spelling: str
    parts: Parts | None = None

    @property
    def known(self) -> bool:
        """Whether the spelling is one of those that are understood."""
        return self.parts is not None

    @property
    def normal(self) -> str:
        """What the number is compared by, language aside: a translation is the same document."""
        if self.parts is None:
            return " ".join(self.spelling.split()).casefold()
        return replace(self.parts, language="").normal

    @property
    def base(self) -> str:
        """The number without its revision, addendum or corrigendum."""
        return self.normal if self.parts is None else replace(self.parts, suffixes=(), language="").normal

    @property
    def revision(self) -> int:
        """Which revision it is; 0 for the document as first issued."""
        return next((number for kind, number in reversed(self._suffixes) if kind is Suffix.REV), 0)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Sorts by series, edition, session, type, number and then revision; what is not understood comes last."""
        if self.parts is None:
            return (1, self.normal)
        parts = self.parts
        year = int(parts.edition or "0") + (0 if parts.edition < "70" else -100)
        behind = tuple((list(Suffix).index(kind), number) for kind, number in parts.suffixes)
        return (0, parts.series, year, parts.session, list(DocumentType).index(parts.type), parts.number, behind)

    def revises(self, other: "DocumentNumber") -> bool:
        """Whether this is a later revision of the other document: `C13/64(Rev.1)` of `C13/64`."""
        if self.parts is None or other.parts is None or self.base != other.base:
            return False
        mine, revision = _revision(self._suffixes)
        theirs, earlier = _revision(other._suffixes)
        return mine == theirs and revision > earlier

    @property
    def _suffixes(self) -> Suffixes:
        return () if self.parts is None else self.parts.suffixes


def document_number(spelling: str) -> DocumentNumber:
    """The number of a spelling, which is kept as given but for blanks at its ends."""
    kept = spelling.strip()
    return DocumentNumber(kept, _parts(kept) if len(kept) <= MAX_SPELLING else None)


def next_number(like: DocumentNumber, taken: Iterable[DocumentNumber]) -> str:
    """The next free number in the row of another one, spelt as that is; empty where its row is not understood."""
    if like.parts is None:
        return ""
    row = like.parts.prefix
    found = [one.parts.number for one in taken if one.parts is not None and one.parts.prefix == row]
    following = max([*found, like.parts.number]) + 1
    spelt = _PLAIN_END.search(_plain(like.spelling))
    if spelt is None:
        return f"{row}/{following}"
    width = len(spelt["number"]) if spelt["number"].startswith("0") else 0
    return f"{_plain(like.spelling)[: spelt.start('number')]}{following:0{width}}"


_SUFFIX = r"\s*[-(]?\s*(?:rev|add|corr)\.?\s*[0-9]{1,3}\s*\)?"
_BEHIND = rf"(?P<suffixes>(?:{_SUFFIX})*)(?:-(?P<language>[ACEFRS]))?"
_TYPES = "|".join(DocumentType)
_NUMBER = re.compile(
    r"(?P<series>[A-Z](?:[A-Z]|-(?=[A-Z]))*)"
    r"(?:-?(?P<edition>(?:19|20)?[0-9]{2})(?:[-/](?P<session>[0-9]{1,2})(?=/))?|/(?P<only>[0-9]{1,2})(?=/))?"
    rf"(?:/(?P<type>{_TYPES}))?/(?P<number>[0-9]{{1,6}}){_BEHIND}",
    re.IGNORECASE,
)
_OF_THE_SITE = re.compile(
    rf"(?P<series>[A-Z][0-9]{{2}}-[A-Z]+[0-9]{{2}}[A-Z]*)(?:-|/)(?P<type>{_TYPES})(?:-|/)(?P<number>[0-9]{{1,6}}){_BEHIND}",
    re.IGNORECASE,
)
_ONE_SUFFIX = re.compile(r"(rev|add|corr)\.?\s*([0-9]{1,3})", re.IGNORECASE)
_PLAIN_END = re.compile(rf"(?P<number>[0-9]{{1,6}}){_BEHIND}\Z", re.IGNORECASE)
_GLYPHS = str.maketrans("\uff08\uff09\uff0f\u2011\u2013\u00a0", "()/-- ")
"""Glyphs of Chinese and typeset texts for the plain ones (S0 and S1 print numbers among them)."""


def _plain(spelling: str) -> str:
    return spelling.translate(_GLYPHS).strip()


def _parts(spelling: str) -> Parts | None:
    plain = re.sub(r"\A(?:document|doc\.)\s+", "", _plain(spelling), flags=re.IGNORECASE)
    if not plain.isascii():
        return None
    found = _NUMBER.fullmatch(plain) or _OF_THE_SITE.fullmatch(plain)
    if found is None:
        return None
    given = found.groupdict()
    series = given["series"].upper()
    return Parts(
        _ALIASES.get(series, series),
        int(given["number"]),
        (given.get("edition") or "")[-2:],
        int(given.get("session") or given.get("only") or 0),
        DocumentType((given["type"] or "DOC").upper()),
        tuple((Suffix(kind.capitalize()), int(number)) for kind, number in _ONE_SUFFIX.findall(given["suffixes"])),
        (given["language"] or "").upper(),
    )


def _revision(suffixes: Suffixes) -> tuple[Suffixes, int]:
    """What is revised, and to which revision: a revision counts where it stands last."""
    if suffixes and suffixes[-1][0] is Suffix.REV:
        return suffixes[:-1], suffixes[-1][1]
    return suffixes, 0
