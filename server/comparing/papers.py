"""A comparison as one self-contained HTML page and as a tagged PDF: both texts inline, then every change and why."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from opinions.canonical import short_fingerprint
from opinions.comparing.values import Fate, Row
from opinions.model import Kind
from opinions.redline import Change as Words
from opinions.views import SegmentKind
from server.comparing.html import shown_rows
from server.comparing.stamps import direction_of, head_of, stamp_of, title_of
from server.comparing.stretches import Stretch, stretches
from server.comparing.telling import Line, Teller, cited
from server.comparing.texts import fingerprint_of
from server.export.page import TEMPLATES as SHEETS
from server.export.pdf_data import Data, script_of
from server.export.sheet import VIEW_NAMES
from server.export.typefaces import FAMILIES, printable
from server.wording import counted

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_HEADINGS = frozenset({Kind.TITLE, Kind.HEADING})
_LONG = 6
"""Characters from which a label no longer fits before its words."""


def to_html(teller: Teller, process: str) -> str:
    """The comparison as a whole HTML document: no script, no request, prints well."""
    made = teller.made
    rows, _ = shown_rows(teller)
    alike = made.comparison.alike and fingerprint_of(made.before) == fingerprint_of(made.after)
    sheets = (SHEETS / "sheet.css", TEMPLATES / "comparison.css")
    return _pages.get_template("comparison.html").render(
        title=title_of(made),
        process=process,
        head=head_of(made),
        view=VIEW_NAMES[made.view],
        direction=direction_of(made),
        summary=teller.summary,
        pairing=teller.pairing,
        fingerprint=short_fingerprint(fingerprint_of(made.after)) if alike else "",
        rows=[_Placed(one.row, one.both, one.note, one.changes, cited(one.row.before)) for one in rows],
        lines=teller.lines,
        count=counted(len(teller.lines), "change"),
        stamp=stamp_of(made, teller.zone),
        style=Markup("\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)),
        cited=_italics,
    )


def pdf_of(teller: Teller, process: str) -> tuple[Data, int]:
    """The comparison as the data that `templates/comparison.typ` sets, and the file's own time in seconds: the same two
    versions are the same bytes (`server.export.press`).
    """
    return _data(teller, process), int(max(teller.made.before.at, teller.made.after.at).timestamp())


def _data(teller: Teller, process: str) -> Data:
    made = teller.made
    at = max(made.before.at, made.after.at)
    told = stretches(made.comparison)
    return {
        "template": "comparison",
        "title": printable(title_of(made)),
        "author": printable(process),
        "date": [at.year, at.month, at.day],
        "fonts": list(FAMILIES),
        "head": printable(f"{process} - {head_of(made)}"),
        "view": VIEW_NAMES[made.view],
        "stamp": printable(stamp_of(made, teller.zone)),
        "direction": f"{direction_of(made)}. Underlined words were put in, struck words taken out.",
        "summary": list(_spoken(f"{teller.summary}.")),
        "pairing": teller.pairing,
        "count": counted(len(teller.lines), "change"),
        "rows": [_row(teller, row, told[number]) for number, row in enumerate(made.comparison.rows)],
        "changes": [_change(line) for line in teller.lines],
    }


def _row(teller: Teller, row: Row, told: tuple[Stretch, ...]) -> Data:
    left = row.fate is Fate.LEFT
    note = teller.note(row)
    label = "" if left else row.here.paragraph.label
    return {
        "note": list(_spoken(f"{cited(row.before)} {note}" if left else note)),
        "left": left,
        "differs": not row.same,
        "heading": row.here.kind in _HEADINGS and any(not one.text.isspace() for one in told),
        "depth": row.here.paragraph.level if row.here.kind is Kind.SUB_ITEM else 0,
        "wide": len(label) >= _LONG,
        "label": [_piece(one) for one in _label(row, label)],
        "pieces": [_piece(one) for one in told],
        **script_of("".join(one.text for one in told)),
    }


def _label(row: Row, label: str) -> Iterator[Stretch]:
    fate = {Fate.ADDED: Words.INSERTED, Fate.REMOVED: Words.DELETED, Fate.SPLIT: Words.INSERTED}.get(row.fate)
    if row.fate is Fate.JOINED:
        fate = Words.DELETED
    if row.relabelled and row.before is not None and row.before.paragraph.label:
        yield Stretch(f"{row.before.paragraph.label} ", Words.DELETED, SegmentKind.TEXT)
    if label:
        changed = fate or (Words.INSERTED if row.relabelled else Words.KEPT)
        yield Stretch(f"{label} ", changed, SegmentKind.TEXT, row.here.kind is Kind.PREAMBULAR_ITEM)


def _piece(one: Stretch) -> Data:
    return {
        "text": printable(one.text),
        "fate": one.fate.value,
        "em": one.em or one.kind is SegmentKind.ATTRIBUTION,
        "bracket": one.kind in (SegmentKind.OPEN, SegmentKind.CLOSE),
    }


def _change(line: Line) -> Data:
    note = f" ({line.note})" if line.note else ""
    words = line.change.kind.value == "words"
    told = [
        *_spoken(f"{line.place}: "),
        *([{"text": printable(line.told), "em": False}] if words else _spoken(line.told)),
    ]
    return {
        "number": str(line.change.number),
        "told": [*told, *_spoken(note)],
        "reasons": [printable(reason.told) for reason in line.reasons],
    }


def _spoken(text: str) -> Iterator[Data]:
    """Words whose italics stand between asterisks."""
    for number, part in enumerate(text.split("*")):
        if part:
            yield {"text": printable(part), "em": number % 2 == 1}


def _italics(text: str) -> Markup:
    parts = (Markup("<em>{}</em>" if number % 2 else "{}").format(part) for number, part in enumerate(text.split("*")))
    return Markup("").join(parts)


class _Placed:
    """A row of the HTML file, with how the room cites the place that it left."""

    def __init__(self, row: Row, both: Markup, note: str, changes: tuple[int, ...], place: str) -> None:
        self.row, self.both, self.note, self.changes, self.place = row, both, note, changes, place
