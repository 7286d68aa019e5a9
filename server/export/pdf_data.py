"""A paper as the data that `templates/paper.typ` sets as PDF: words stay data and are never markup.

Headings are levelled here, for a tagged file must not leave a level out; items are nested into the lists they are.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from opinions.model import Kind
from opinions.views import Segment, SegmentKind, View, ViewParagraph
from server.export.outline import LISTED, Item, depth_of, items_of
from server.export.paper import Paper, Part
from server.export.sheet import VIEW_NAMES
from server.export.typefaces import FAMILIES, printable

LEGEND = (
    "Underlined words are proposed, struck words are proposed for deletion; the code behind them names the delegation, "
    "after + for words proposed and after - for words proposed for deletion."
)
"""How revision marks read, on paper and aloud."""
_HEADINGS = {Kind.TITLE: 0, Kind.HEADING: 1, Kind.PREAMBULAR_VERB: 1, Kind.OPERATIVE_VERB: 1}
_DEEPEST = 6
_STRUCK = frozenset({SegmentKind.TEXT, SegmentKind.INSERTED})
"""What is struck with its paragraph."""
Data = dict[str, Any]


def data_of(paper: Paper, *, line_numbers: bool = False) -> Data:
    """What the template is given."""
    levels = _Levels()
    marked = paper.view is View.MARKED
    return {
        "title": printable(paper.title).strip() or "Opinion",
        "author": printable(paper.process),
        "date": [paper.as_of.year, paper.as_of.month, paper.as_of.day],
        "fonts": list(FAMILIES),
        "head": printable(" - ".join(one for one in (paper.process, paper.number, paper.label) if one)),
        "view": VIEW_NAMES[paper.view],
        "foot": printable(paper.short),
        "stamp": printable(paper.stamp),
        "warning": paper.warning,
        "legend": LEGEND if marked else "",
        "cover": _facts(paper.cover),
        "lines": line_numbers,
        "parts": [_part(part, levels, marked) for part in paper.parts],
    }


def _part(part: Part, levels: "_Levels", marked: bool) -> Data:
    heading, top = None, 1
    if part.heading:
        heading = {"level": levels.next(1), **_words(part.heading)}
        top = 2
    return {
        "id": part.id,
        "heading": heading,
        "facts": _facts(part.facts),
        "blocks": [*_blocks(part, levels, top, marked)],
    }


class _Levels:
    """Levels of headings, the first 1 and none left out on the way down."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, wanted: int) -> int:
        self._last = min(wanted, self._last + 1, _DEEPEST)
        return self._last


def _blocks(part: Part, levels: _Levels, top: int, marked: bool) -> Iterator[Data]:
    for listed, run in groupby(part.rows, key=lambda row: row.kind in LISTED and bool(row.label)):
        if listed:
            yield {"kind": "list", "items": [_item(one, part, marked) for one in items_of(list(run))]}
            continue
        for row in run:
            block = _row(row, part, marked)
            if row.kind in _HEADINGS and row.text.strip():
                deeper = row.level - 1 if row.kind is Kind.HEADING and row.level else _HEADINGS[row.kind]
                block["heading"] = levels.next(top + deeper)
            yield block


def _item(item: Item, part: Part, marked: bool) -> Data:
    return {**_row(item.row, part, marked), "items": [_item(one, part, marked) for one in item.items]}


def _row(row: ViewParagraph, part: Part, marked: bool) -> Data:
    removal = bool(row.removal) and marked
    return {
        "kind": row.kind.value,
        "label": printable(row.label),
        "removal": removal,
        "added": row.added is not None and marked,
        "depth": depth_of(row),
        "segments": [*_segments(row.segments, marked, removal), *_removers(row, part, removal)],
        **script_of(row.text),
    }


def _removers(row: ViewParagraph, part: Part, removal: bool) -> Iterator[Data]:
    """Who would take the whole paragraph out; the view itself has no words for it among revision marks."""
    if removal:
        yield {"kind": "party", "text": "-" + printable(" ".join(part.removers(row)))}


def _segments(segments: Sequence[Segment], marked: bool, removal: bool) -> Iterator[Data]:
    signed = {SegmentKind.INSERTED: "+", SegmentKind.DELETED: "-"} | ({SegmentKind.CLOSE: ""} if marked else {})
    for (kind, parties), stretch in groupby(segments, key=lambda one: (one.kind, one.parties)):
        for one in stretch:
            yield {
                "kind": "deleted" if removal and kind in _STRUCK else kind.value,
                "text": printable(one.text),
                "em": one.em,
                "note": one.noteref is not None,
                "nested": one.inserted_by is not None or (removal and kind is SegmentKind.INSERTED),
            }
        sign = signed.get(kind)
        if sign is not None and (sign or parties):
            yield {"kind": "party", "text": sign + printable(" ".join(parties))}


def script_of(text: str) -> Data:
    """Language and direction by the script of most letters; English where there are none."""
    counts = {"ar": 0, "zh": 0, "ru": 0, "en": 0}
    for one in text:
        if one.isalpha():
            counts[_language(one)] += 1
    chosen = max(counts, key=lambda name: counts[name]) if any(counts.values()) else "en"
    return {"lang": chosen, "rtl": chosen == "ar"}


def _language(letter: str) -> str:
    if letter < "\u0370":
        return "en"
    name = unicodedata.name(letter, "")
    if name.startswith("ARABIC"):
        return "ar"
    if name.startswith("CJK"):
        return "zh"
    return "ru" if name.startswith("CYRILLIC") else "en"


def _words(text: str) -> Data:
    return {"text": printable(text), **script_of(text)}


def _facts(facts: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[printable(name), printable(value)] for name, value in facts]
