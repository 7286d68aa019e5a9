"""The rows of the queue, as values for the page: a window of a hundred, each in one or two lines."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from opinions.model import Opinion, Paragraph, ParagraphId
from opinions.queue import AGREED_STATES, Filter, Queued, Table, Tie, chosen, how_many
from opinions.record import Amendment, Call, Document, Ruling, Status
from opinions.ruled_words import Standing, words_digest
from opinions.statuses import CallState
from opinions.words import places, standing
from server.console.look import Look
from server.console.words import FILTERS, TIES, positions_line
from server.post.news_words import does
from server.wording import AMENDMENT_KINDS, AMENDMENT_STATUSES, PARAGRAPH_STATES

WINDOW = 100
"""Rows of one page of the queue: more than a sitting deals with before the next look, and quick to draw."""
MAX_GROUP_WORDS = 60
NEAR = frozenset({Status.AGREED_IN_INFORMALS, Status.WORDING_AGREED})
AWAITED = frozenset({Status.SET_ASIDE, Status.PENDING_DELEGATION, Status.PENDING_PACKAGE})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an amendment, or a paragraph in which nothing is pending. `tick` is what a ruling with others says of it
    (JSON of a `RulingOn`; a call for objections leaves the ruling out); empty where a call puts it already. `tone` is
    the look of the state's chip.
    """

    key: str
    number: str
    delegation: str
    kind: str
    words: str
    positions: str
    state: str
    tone: str = ""
    editorial: bool = False
    reopening: bool = False
    called: bool = False
    tick: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Grouped:
    """Rows that belong together; `title` says why, empty for a row alone."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """What is queued in one paragraph."""

    paragraph: str
    cited: str
    state: str
    groups: tuple[Grouped, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One page of the queue. `first` and `last` are numbers of rows from 1, of `whole` in all."""

    bodies: tuple[Body, ...]
    first: int
    last: int
    whole: int
    page: int
    pages: int
    filters: tuple[tuple[Filter, str, int], ...]
    editorial: int

    @property
    def ticks(self) -> bool:
        """Whether any of its rows can be put, or decided, together with others."""
        return any(row.tick for body in self.bodies for group in body.groups for row in group.rows)

    @property
    def keys(self) -> list[str]:
        """The keys of its rows in their order."""
        return [row.key for body in self.bodies for group in body.groups for row in group.rows]


def window(
    document: Document, found: Table, cited: Mapping[ParagraphId, str], look: Look, since: datetime | None
) -> Window:
    """The page of the queue that a look asks for; behind the last one, the last."""
    entries = list(_entries(chosen(found, document, look.show, since)))
    if look.find:
        entries = [entry for entry in entries if _has(entry, look.find.casefold(), document, cited)]
    pages = max((len(entries) + WINDOW - 1) // WINDOW, 1)
    page = min(look.page, pages)
    shown = entries[(page - 1) * WINDOW : page * WINDOW]
    counts = how_many(found, document, since)
    called, stands = called_now(document), standing(document.text)
    bodies = tuple(
        _body(paragraph, list(here), document, cited, called, stands)
        for paragraph, here in groupby(shown, key=lambda entry: entry.paragraph)
    )
    first = (page - 1) * WINDOW + 1 if shown else 0
    filters = tuple((one, FILTERS[one], counts[one]) for one in Filter)
    return Window(
        bodies,
        first,
        first + len(shown) - 1 if shown else 0,
        len(entries),
        page,
        pages,
        filters,
        counts[Filter.EDITORIAL],
    )


def called_now(document: Document) -> frozenset[str]:
    """The amendments that an open call puts to the meeting."""
    calls = (one for one in document.record.table.values() if isinstance(one, Call) and one.state is CallState.OPEN)
    return frozenset(item.amendment for call in calls for item in call.items)


def digest_of(document: Document, amendment: Amendment, stands: Standing | None = None) -> str:
    """The digest of an amendment's words as they stand (`opinions.ruled_words.words_digest`), from its paragraphs;
    `stands` says which these are, for who asks of many.
    """
    there = places(document.text, amendment.id) if stands is None else stands.get(amendment.id, ())
    names = {*there, amendment.paragraph}
    text = Opinion(tuple(paragraph for paragraph in document.text if paragraph.id in names))
    return words_digest(Document(text, document.record), amendment.id)


def ruling_on(document: Document, amendment: Amendment, ruling: Ruling, stands: Standing | None = None) -> str:
    """The JSON of a `RulingOn`: this amendment at the revision and with the words that the screen shows."""
    return json.dumps(
        {
            "amendment": amendment.id,
            "revision": amendment.revision,
            "ruling": ruling.value,
            "words": digest_of(document, amendment, stands),
        }
    )


def state_of(amendment: Amendment) -> tuple[str, str]:
    """The words of a state's chip, and its tone."""
    words = AMENDMENT_STATUSES[amendment.status]
    if amendment.status in AWAITED and amendment.decisions:
        last = amendment.decisions[-1]
        words += f" ({', '.join(last.asked_by)})" if last.asked_by else ""
    tone = "ok" if amendment.status in NEAR else "warn" if amendment.status in AWAITED else ""
    return words, tone


@dataclass(frozen=True, slots=True)
class _Entry:
    paragraph: Paragraph
    amendment: Amendment | None = None
    group: int = 0
    title: str = ""


def _entries(rows: tuple[Queued, ...]) -> Iterator[_Entry]:
    for row in rows:
        if not row.groups:
            yield _Entry(row.paragraph)
        for number, group in enumerate(row.groups):
            about = f" “{_short(group.words)}”" if group.words.strip() else ""
            title = f"{group.name or TIES[group.tie]}{about}" if group.tie is not Tie.NONE else ""
            for amendment in group.amendments:
                yield _Entry(row.paragraph, amendment, number, title)


def _has(entry: _Entry, wanted: str, document: Document, cited: Mapping[ParagraphId, str]) -> bool:
    amendment = entry.amendment
    if amendment is None:
        return wanted in f"{cited[entry.paragraph.id]} {entry.paragraph.text}".casefold()
    if wanted.startswith("#"):
        return wanted == f"#{amendment.number}"
    words = f"{amendment.delegation} {' '.join(amendment.sponsors)} #{amendment.number} {cited[entry.paragraph.id]} "
    return wanted in (words + does(amendment, entry.paragraph)).casefold()


def _body(
    paragraph: Paragraph,
    entries: list[_Entry],
    document: Document,
    cited: Mapping[ParagraphId, str],
    called: frozenset[str],
    stands: Standing,
) -> Body:
    record = document.record.paragraph(paragraph.id)
    groups = []
    for _, members in groupby(entries, key=lambda entry: entry.group):
        together = list(members)
        rows = tuple(
            _paragraph_row(paragraph, document)
            if one.amendment is None
            else _row(one.amendment, paragraph, document, called, stands)
            for one in together
        )
        groups.append(Grouped(together[0].title, rows))
    return Body(paragraph.id, cited[paragraph.id], PARAGRAPH_STATES[record.state], tuple(groups))


def _row(
    amendment: Amendment, paragraph: Paragraph, document: Document, called: frozenset[str], stands: Standing
) -> Row:
    state, tone = state_of(amendment)
    reopening = document.record.paragraph(amendment.paragraph).state in AGREED_STATES
    is_called = amendment.id in called
    return Row(
        f"amendment:{amendment.id}",
        f"#{amendment.number}",
        str(amendment.delegation),
        AMENDMENT_KINDS[amendment.kind],
        does(amendment, paragraph),
        positions_line(amendment),
        "Call for objections" if is_called else "Asks to reopen" if reopening else state,
        "current" if is_called else "warn" if reopening else tone,
        amendment.editorial,
        reopening,
        is_called,
        "" if is_called else ruling_on(document, amendment, Ruling.AGREED, stands),
        amendment.late is not None,
    )


def _paragraph_row(paragraph: Paragraph, document: Document) -> Row:
    state = PARAGRAPH_STATES[document.record.paragraph(paragraph.id).state]
    return Row(f"paragraph:{paragraph.id}", "", "", "¶", _short(paragraph.text, 120), "", state)


def _short(text: str, most: int = MAX_GROUP_WORDS) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
