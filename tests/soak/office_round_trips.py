"""Drafts with revision marks go through LibreOffice: opened, written as OpenDocument, opened again, written as DOCX.

A trial is one drawn document. It passes when LibreOffice opens both files, and when pandoc, which is of another hand,
reads the same words in ours and in LibreOffice's, with all changes taken and with all undone, by the same authors; and
when these are the words of our views.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from opinions.record import Document
from opinions.views import SegmentKind, View, ViewParagraph
from server.export.files import written
from server.export.sheet import Format, Sheet, make_sheet
from tests.publications.texts import ORIGIN, PARTIES
from tests.soak.campaign import Campaign, Outcome
from tests.support.office import OfficeFailed, converted
from tests.support.strategies import documents
from tests.word.oracle import authors, plain, texts

BATCH = 12
"""Documents of one start of LibreOffice, which costs 3-4 s."""
CHANGES = ("accept", "reject")

Writes = Callable[[Sheet], bytes]


def as_word(sheet: Sheet) -> bytes:
    """The product's own file."""
    return written(sheet, Format.DOCX)


def drawn(seed: int) -> Sequence[Document]:
    """A batch of documents; the same seed draws the same."""
    found: list[Document] = []

    @seeded(seed)
    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(brackets=True))
    def draw(one: Document) -> None:
        found.append(one)

    draw()
    return found[:BATCH]


def through(batch: Sequence[Document], writes: Writes = as_word) -> Iterator[str]:
    """What is wrong with each document of a batch, empty for nothing, in their order."""
    sheets = [make_sheet(ORIGIN, one, View.MARKED, PARTIES, mark_not_agreed=True) for one in batch]
    with tempfile.TemporaryDirectory(prefix="unbracket-office-trips-") as name:
        place = Path(name)
        files = [place / f"draft-{number:02}.docx" for number in range(len(sheets))]
        for file, sheet in zip(files, sheets, strict=True):
            file.write_bytes(writes(sheet))
        back = converted(converted(files, "odt", place), "docx", place / "back")
        for sheet, given_file, made in zip(sheets, files, back, strict=True):
            yield _wrong(sheet, given_file.read_bytes(), made.read_bytes())


def _wrong(sheet: Sheet, ours: bytes, theirs: bytes) -> str:
    words = {changes: texts(ours, changes) for changes in CHANGES}
    for changes in CHANGES:
        missing = [one for one in _of_view(sheet, changes) if not _within(one, words[changes])]
        if missing:
            return f"{changes}: {missing[0]!r} of the text is not in the file"
    if any(map(_beyond_libreoffice, sheet.paragraphs)):
        return ""
    for changes in CHANGES:
        after = texts(theirs, changes)
        if words[changes] != after:
            return f"{changes}: {_first(words[changes], after)}"
    if authors(ours) != authors(theirs):
        return f"authors {sorted(authors(ours))} became {sorted(authors(theirs))}"
    return ""


def _beyond_libreoffice(row: ViewParagraph) -> bool:
    """Whether LibreOffice 7.4 opens a paragraph's changes and writes fewer: it loses the insertion of words that are
    put in and struck at once, where they end a paragraph or are by one author, and changed paragraphs without a word.
    """
    both = row.added is not None and bool(row.removal)
    without_words = not row.segments and (row.added is not None or bool(row.removal))
    return both or without_words or any(comes and goes for _, comes, goes in _ways(row))


def _ways(row: ViewParagraph) -> Iterator[tuple[str, bool, bool]]:
    """The words of a paragraph, and whether they come and go."""
    for one in row.segments:
        if one.kind not in (SegmentKind.ATTRIBUTION, SegmentKind.NOTE):
            comes = one.kind is SegmentKind.INSERTED or one.inserted_by is not None or row.added is not None
            yield one.text, comes, one.kind is SegmentKind.DELETED or bool(row.removal)


def _of_view(sheet: Sheet, changes: str) -> Iterator[str]:
    """The words of each paragraph as they are with all changes taken, or undone."""
    for row in sheet.paragraphs:
        yield "".join(text for text, comes, goes in _ways(row) if not (goes if changes == "accept" else comes))


def _within(words: str, rows: Sequence[str]) -> bool:
    sought = "".join(plain(words).split())
    return sought in "".join("".join(row.split()) for row in rows)


def _first(before: Sequence[str], after: Sequence[str]) -> str:
    for one, other in zip(before, after, strict=False):
        if one != other:
            return f"{one!r} became {other!r}"
    return f"{len(before)} paragraphs became {len(after)}"


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, trials, failures = time.monotonic() + seconds, 0, list[str]()
    figures: Mapping[str, int] = {"starts of LibreOffice": 0}
    while not trials or time.monotonic() < ends:
        of = seed + trials
        batch = drawn(of)
        try:
            told = list(through(batch))
        except OfficeFailed as failed:
            told = [str(failed)]
        failures += [f"{of}: document {number}: {wrong}" for number, wrong in enumerate(told) if wrong]
        trials += len(batch)
        figures = {"starts of LibreOffice": figures["starts of LibreOffice"] + 2}
    return Outcome(trials, tuple(failures[:20]), figures)


CAMPAIGN = Campaign(
    name="round trips through LibreOffice",
    promise="Any draft as a Word file opens in LibreOffice, and what comes back has the same words with all changes "
    "taken and with all undone, and the same authors.",
    goal=1_000,
    run=_campaign,
)
