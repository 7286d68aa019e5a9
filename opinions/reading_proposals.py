"""What an incoming text means for a living one: a row for every paragraph of both, and each difference to be judged.

`understand` compares; nothing is decided in it. `opinions.judged_differences` makes of the judged ones what a command
enters. Whatever is neither entered nor in the text already stays in `Understanding`, for the page and the fidelity
report: nothing is dropped.

A moved paragraph is told as two amendments of one delegation, SUP where it stood and ADD where it is to stand, each
with the move as its reason: the chair may want the one without the other, and words changed on the way stay visible.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from opinions.brackets import borders
from opinions.given_forms import Ours
from opinions.incoming import (
    ARRIVING,
    LEAVING,
    IncomingDocument,
    IncomingParagraph,
    Remark,
    RemarkKind,
    Revision,
    RevisionKind,
    Stretch,
)
from opinions.matching import Candidate, Match, match
from opinions.model import AmendmentId, DelegationCode, Kind, MarkKind, Paragraph, ParagraphId
from opinions.overlay import SILENT, Cell, Change, ChangeKind, Overlay, Span, laid_out, laid_over
from opinions.record import AmendmentKind, Document
from opinions.rolling import rolling
from opinions.typed_labels import beside, label_key, told_apart
from opinions.views import named


class What(StrEnum):
    """What a difference does to the text."""

    WORDS = "words"
    BRACKET = "bracket"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing to judge. `author` is the file's spelling, empty for what nobody marked; `paragraph` is ours, or the
    id the new one would get. `note` says what else is to be known. `pending`: it touches words that are somebody's
    pending proposal, so it cannot become base text.
    """

    key: str
    what: What
    author: str
    paragraph: ParagraphId
    struck: str = ""
    put: str = ""
    note: str = ""
    pending: bool = False
    fits: bool = True
    """Whether all that it strikes is in our text; if not, nothing of it is entered unless somebody says so."""


@dataclass(frozen=True, slots=True)
class There:
    """An amendment that the file shows and the text has already."""

    author: str
    amendment: AmendmentId


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the file beside ours, or either alone. `paragraph` is ours, or the id a new one would get."""

    match: Match
    incoming: IncomingParagraph | None
    paragraph: ParagraphId
    ours: bool
    differences: tuple[Difference, ...] = ()
    there: tuple[There, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class Laid:
    """A row's overlay, with which change each difference stands for; None for one that is about the whole paragraph."""

    row: Row
    overlay: Overlay
    changes: dict[str, Change | None] = field(default_factory=dict)
    owner: Change | None = None
    """Of a new paragraph: whose it is."""
    kind: Kind = Kind.PARAGRAPH
    level: int = 0


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything that was understood; `rows` hold every paragraph of both texts once."""

    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...]
    laid: tuple[Laid, ...] = field(repr=False)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that is to be judged, in reading order."""
        return tuple(one for row in self.rows for one in row.differences)

    @property
    def authors(self) -> tuple[str, ...]:
        """Those of whom something is to be judged, as the file spells them."""
        return tuple(dict.fromkeys(one.author for one in self.differences if one.author != SILENT))


def understand(
    document: Document,
    incoming: IncomingDocument,
    *,
    parties: Mapping[str, DelegationCode],
    mint: Callable[[str], str],
    by_hand: Mapping[int, ParagraphId | None] = MappingProxyType({}),
    reference: Document | None = None,
) -> Understanding:
    """Compare. `parties` says for which delegation an author of the file speaks; `mint` makes an id of a key, for the
    same key the same; `by_hand` pairs a paragraph of the file, by its number in `paragraphs_of`, with ours or with
    none; `reference` is the text that the file was made on, where it is another than `document`.
    """
    given = reference or document
    units = paragraphs_of(incoming)
    known = {paragraph.id for paragraph in given.text}
    ours = [*given.text, *(one for one in document.text if one.id not in known)]
    number_of = {paragraph.id: number for number, paragraph in enumerate(ours)}
    chosen = {
        number: None if wanted is None else number_of.get(wanted)
        for number, wanted in by_hand.items()
        if wanted is None or wanted in number_of
    }
    matches = match(
        [_incoming_candidate(unit) for unit in units], [_our_candidate(one, given, document) for one in ours], chosen
    )
    reading = _Reading(document, given, units, ours, parties, mint)
    laid = tuple(_with_moves([reading.laid(one) for one in matches]))
    remarks = (
        *incoming.remarks,
        *_of_splits(incoming),
        *_of_italics(one.row for one in laid),
        *(remark for one in laid for remark in one.row.remarks),
    )
    return Understanding(tuple(one.row for one in laid), remarks, laid)


def paragraphs_of(incoming: IncomingDocument) -> tuple[IncomingParagraph, ...]:
    """The paragraphs that are compared: those with words, footnotes last, the parts of a proposed split as one."""
    return tuple(unit for unit in _joined((*incoming.paragraphs, *incoming.footnotes)) if unit.text.strip())


# --- paragraphs of the file


def _arriving(stretch: Stretch) -> bool:
    return any(one.kind in ARRIVING for one in stretch.revisions)


def _base(paragraph: IncomingParagraph) -> str:
    return "".join(stretch.text for stretch in paragraph.stretches if not _arriving(stretch))


def _splits(one: IncomingParagraph, following: IncomingParagraph) -> bool:
    """Whether the mark between two paragraphs was put in between words that stood there before."""
    put = any(revision.kind in ARRIVING for revision in one.mark)
    return put and bool(_base(one).strip()) and bool(_base(following).strip())


def _joined(paragraphs: Iterable[IncomingParagraph]) -> Iterator[IncomingParagraph]:
    waiting: IncomingParagraph | None = None
    for paragraph in paragraphs:
        if waiting is not None and _splits(waiting, paragraph):
            waiting = replace(waiting, stretches=(*waiting.stretches, *paragraph.stretches), mark=paragraph.mark)
            continue
        if waiting is not None:
            yield waiting
        waiting = paragraph
    if waiting is not None:
        yield waiting


def _of_splits(incoming: IncomingDocument) -> Iterator[Remark]:
    row = incoming.paragraphs
    for one, following in pairwise(row):
        if _splits(one, following):
            yield Remark(
                RemarkKind.SIMPLIFIED,
                "It is proposed to split this paragraph in two. The changes of its words are taken over, the split is "
                "not: the secretariat splits the paragraph in the text once that is agreed.",
                one.text.strip()[:80],
            )
        leaving = any(revision.kind in LEAVING for revision in one.mark)
        stays = any(not any(r.kind in LEAVING for r in stretch.revisions) for stretch in one.stretches if stretch.text)
        if leaving and stays and one.text.strip():
            yield Remark(
                RemarkKind.SIMPLIFIED,
                "It is proposed to join this paragraph with the next one. That is not taken over: the secretariat "
                "joins them in the text once that is agreed.",
                one.text.strip()[:80],
            )


def _of_italics(rows: Iterable[Row]) -> Iterator[Remark]:
    """Words that come do so without their italics; said once, with the first of them."""
    slanted = [
        stretch.text.strip()
        for row in rows
        if row.incoming is not None
        for stretch in row.incoming.stretches
        if stretch.em and _arriving(stretch) and any(stretch.text.strip() in one.put for one in row.differences)
    ]
    slanted = [words for words in slanted if words]
    if slanted:
        times = f"{len(slanted)} times" if len(slanted) > 1 else "once"
        yield Remark(
            RemarkKind.SIMPLIFIED,
            f"Words put in are in italics in the file ({times}). They are taken over without the italics.",
            slanted[0][:80],
        )


def _incoming_candidate(unit: IncomingParagraph) -> Candidate:
    unit = told_apart(unit)
    base = _base(unit)
    words = (base if base.strip() else unit.text).strip()
    return Candidate(words, label_key(unit.label), unit.identity, fresh=not base.strip())


def _our_candidate(paragraph: Paragraph, given: Document, document: Document) -> Candidate:
    settled = "".join(run.text for run in paragraph.runs if run.insertion is None)
    added = paragraph.added is not None
    text = paragraph.text if added or not settled.strip() else settled
    words = told_apart(IncomingParagraph((Stretch(text.strip()),))).text  # as the file's are compared
    return Candidate(words, label_key(_label(paragraph, given, document)), paragraph.id, fresh=added)


def _label(paragraph: Paragraph, given: Document, document: Document) -> str:
    record = given.record if given.text.find(paragraph.id) else document.record
    return record.paragraph(paragraph.id).label


# --- rows


class _Reading:
    """Lays each row; knows both texts."""

    def __init__(
        self,
        document: Document,
        given: Document,
        units: Sequence[IncomingParagraph],
        ours: Sequence[Paragraph],
        parties: Mapping[str, DelegationCode],
        mint: Callable[[str], str],
    ) -> None:
        self._document = document
        self._given = given
        self._units = units
        self._ours = ours
        self._parties = parties
        self._mint = mint
        self._living = {paragraph.id: paragraph for paragraph in document.text}
        self._borders = borders(given)
        self._rolling = {row.id: row for row in rolling(given, named)}
        self._before: tuple[Kind, int] = (Kind.PARAGRAPH, 0)
        self._removals: dict[ParagraphId, list[tuple[DelegationCode, AmendmentId]]] = {}
        for entry in document.record.amendments.values():
            if entry.kind is AmendmentKind.SUP and entry.open:
                self._removals.setdefault(entry.paragraph, []).append((entry.delegation, entry.id))

    def laid(self, one: Match) -> Laid:
        unit = self._units[one.incoming] if one.incoming is not None else None
        if one.living is None:
            assert unit is not None
            return self._new(one, told_apart(unit))
        given = self._ours[one.living]
        living = self._living.get(given.id)
        if unit is None:
            return self._missing(one, given.id, living)
        if living is None:
            remark = Remark(
                RemarkKind.UNMATCHED,
                "The paragraph that this one changes is no longer in the text. Pair it by hand, or leave it out.",
                unit.text.strip()[:80],
            )
            row = Row(one, unit, given.id, ours=False, remarks=(remark,))
            return Laid(row, Overlay())
        self._before = (living.kind, living.level)
        unit, renumbered = beside(unit, _label(given, self._given, self._document), given.text)
        ours = Ours(self._document, living, given, self._borders.get(given.id, ()), self._rolling.get(given.id))
        overlay = laid_over(ours, unit, self._parties)
        result = Laid(Row(one, unit, living.id, ours=True), overlay, kind=living.kind, level=living.level)
        differences, there = [], [There(*pair) for pair in overlay.there]
        for author in overlay.removers:
            standing = self._removal_of(living.id, author)
            if standing is not None:
                there.append(There(author, standing))
                continue
            made = self._difference(unit, What.REMOVED, author, living.id, struck=living.text)
            result.changes[made.key] = None
            differences.append(made)
        differences += self._changes(result, unit, living.id)
        remarks = (*overlay.remarks, *renumbered)
        row = replace(result.row, differences=tuple(differences), there=tuple(there), remarks=remarks)
        result.row = row
        return result

    def _removal_of(self, paragraph: ParagraphId, author: str) -> AmendmentId | None:
        delegation = self._parties.get(author)
        standing = self._removals.get(paragraph, ())
        return next((found for party, found in standing if delegation is None or party == delegation), None)

    def _missing(self, one: Match, paragraph: ParagraphId, living: Paragraph | None) -> Laid:
        """A paragraph of ours that the file has not: whether it is to go is somebody's to say."""
        result = Laid(Row(one, None, paragraph, ours=living is not None), Overlay())
        if living is not None and living.added is None:
            self._before = (living.kind, living.level)
            made = self._difference(None, What.REMOVED, SILENT, paragraph, struck=living.text)
            result.changes[made.key] = None
            result.row = replace(result.row, differences=(made,))
        return result

    def _new(self, one: Match, unit: IncomingParagraph) -> Laid:
        new_id = ParagraphId(self._mint(f"paragraph {one.incoming} {_digest(unit.text)}"))
        overlay = laid_out(Paragraph(new_id, Kind.PARAGRAPH), unit, self._parties)
        kind, level = self._kind_of(unit)
        self._before = (kind, level)
        result = Laid(Row(one, unit, new_id, ours=False), overlay, kind=kind, level=level)
        owner = result.owner = _owner(overlay, unit)
        differences = []
        if owner is not None:
            put = "".join(cell.char for cell in overlay.line if cell.put is owner and owner not in cell.struck)
            made = self._difference(unit, What.ADDED, owner.author, new_id, put=put)
            result.changes[made.key] = owner
            differences.append(made)
        differences += self._changes(result, unit, new_id, apart=owner)
        remarks = list(overlay.remarks)
        if overlay.removers:
            remarks.append(
                Remark(
                    RemarkKind.UNMATCHED,
                    "It is proposed to remove this paragraph, which is not in the text. Pair it by hand if it is.",
                    unit.text.strip()[:80],
                )
            )
        result.row = replace(result.row, differences=tuple(differences), remarks=tuple(remarks))
        return result

    def _changes(
        self, laid: Laid, unit: IncomingParagraph, paragraph: ParagraphId, apart: Change | None = None
    ) -> Iterator[Difference]:
        overlay = laid.overlay
        spans = {id(span.change): span for span in overlay.spans}
        for change in overlay.changes:
            if change is apart or (change.author in overlay.removers and change.kind is ChangeKind.WORDS):
                continue
            if change.kind is ChangeKind.BRACKET:
                words = _within(overlay.line, spans[id(change)])
                made = self._difference(unit, What.BRACKET, change.author, paragraph, put=words)
            else:
                struck = [cell for cell in overlay.line if change in cell.struck]
                put = "".join(cell.char for cell in overlay.line if cell.put is change)
                made = self._difference(
                    unit,
                    What.WORDS,
                    change.author,
                    paragraph,
                    struck="".join(cell.char for cell in struck),
                    put=put,
                    lost=change.lost,
                    pending=any(_is_pending(cell) for cell in struck),
                )
            while made.key in laid.changes:  # the same words twice in one paragraph
                made = replace(made, key=f"{made.key}'")
            laid.changes[made.key] = change
            yield made

    def _difference(
        self,
        unit: IncomingParagraph | None,
        what: What,
        author: str,
        paragraph: ParagraphId,
        *,
        struck: str = "",
        put: str = "",
        lost: str = "",
        pending: bool = False,
    ) -> Difference:
        note = f"These words that it strikes are not in the text (any more): “{lost.strip()}”." if lost.strip() else ""
        key = _digest(paragraph, what, author, struck, put, lost)
        return Difference(key, what, author, paragraph, struck, put, note, pending, fits=not lost.strip())

    def _kind_of(self, unit: IncomingParagraph) -> tuple[Kind, int]:
        """The kind of a new paragraph: by its style where that is one of our export, else as the one before it."""
        if unit.style in _STYLES:
            return _STYLES[unit.style]
        if unit.place.startswith("footnote"):
            return Kind.FOOTNOTE, 0
        kind, level = self._before
        follows = {Kind.PREAMBULAR_VERB: Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_VERB: Kind.OPERATIVE_ITEM}
        if kind in (Kind.TITLE, Kind.CHAPEAU, Kind.HEADING, Kind.FOOTNOTE):
            return Kind.PARAGRAPH, 0
        return follows.get(kind, kind), level


_STYLES = {
    "Opinion sub-item": (Kind.SUB_ITEM, 1),
    "Opinion preambular item": (Kind.PREAMBULAR_ITEM, 0),
    "Opinion operative item": (Kind.OPERATIVE_ITEM, 0),
    "Opinion heading": (Kind.HEADING, 0),
    "Opinion footnote": (Kind.FOOTNOTE, 0),
}
"""Styles of our own export that tell the kind of a new paragraph."""


def _owner(overlay: Overlay, unit: IncomingParagraph) -> Change | None:
    """Whose paragraph a new one is: who put its mark, else who put most of its words."""
    put = [change for change in overlay.changes if any(cell.put is change for cell in overlay.line)]
    marking = {one.author for one in unit.mark if one.kind in ARRIVING}
    return max(
        put,
        key=lambda change: (
            change.author == SILENT,
            change.author in marking,
            sum(cell.put is change for cell in overlay.line),
        ),
        default=None,
    )


def _is_pending(cell: Cell) -> bool:
    return any(mark.kind in (MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET) for mark in cell.marks)


def _with_moves(laid: Sequence[Laid]) -> list[Laid]:
    """Both ends of a moved paragraph say so."""
    ends: dict[str, dict[What, Laid]] = {}
    for one in laid:
        if one.row.incoming is None:
            continue
        for mark in _moves(one.row.incoming):
            what = What.ADDED if mark.kind is RevisionKind.MOVED_TO else What.REMOVED
            ends.setdefault(mark.move, {})[what] = one
    for both in ends.values():
        if len(both) < 2:
            continue
        for what, one in both.items():
            noted = tuple(
                replace(each, note=_MOVED[what]) if each.what is what else each for each in one.row.differences
            )
            one.row = replace(one.row, differences=noted)
    return list(laid)


_MOVED = {
    What.ADDED: "Moved here: the same words are proposed for removal where they stood.",
    What.REMOVED: "Moved: the same words are proposed elsewhere.",
}


def _moves(paragraph: IncomingParagraph) -> Iterator[Revision]:
    for stretch in paragraph.stretches:
        yield from (one for one in stretch.revisions if one.move)


def _within(line: Sequence[Cell], span: Span) -> str:
    return "".join(cell.char for cell in line[line.index(span.first) : line.index(span.last) + 1])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
