"""Rows of a comparison as HTML, for the page and for the file: all text is escaped here.

One paragraph holds both texts: deleted words in `del`, inserted ones in `ins`. Side by side, what stood before is shown
once more without the inserted words; a narrow screen and paper show the one paragraph alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from opinions.comparing.values import Fate, Row
from opinions.redline import Change as Words
from opinions.views import SegmentKind
from server.comparing.stretches import Stretch, stretches
from server.comparing.telling import Teller
from server.html_view import paragraph_html


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it is shown: both texts in one paragraph, and what stood before alone; `skipped` rows before it are not
    shown. `changes` are the numbers of its changes that no word bears.
    """

    row: Row
    both: Markup
    was: Markup
    note: str
    changes: tuple[int, ...] = ()
    skipped: int = 0


def shown_rows(teller: Teller, *, only_substance: bool = False) -> tuple[tuple[ShownRow, ...], int]:
    """The rows, and how many behind the last one are not shown."""
    comparison = teller.made.comparison
    told = stretches(comparison)
    of_words = {one.number for one in comparison.changes if one.inserted or one.deleted}
    of_rows: dict[int, list[int]] = {}
    substantial = {one.row for one in comparison.changes if one.substance}
    for change in comparison.changes:
        if change.number not in of_words or change.kind.value in {"label", "kind"}:
            of_rows.setdefault(change.row, []).append(change.number)
    result: list[ShownRow] = []
    skipped = 0
    for number, row in enumerate(comparison.rows):
        if only_substance and number not in substantial:
            skipped += row.fate is not Fate.LEFT
            continue
        changes = tuple(of_rows.get(number, ()))
        result.append(
            ShownRow(
                row,
                _paragraph(row, told[number], anchors=True),
                _paragraph(row, [one for one in told[number] if one.fate is not Words.INSERTED], earlier=True),
                teller.note(row),
                changes,
                skipped,
            )
        )
        skipped = 0
    return tuple(result), skipped


def _paragraph(row: Row, told: Sequence[Stretch], *, earlier: bool = False, anchors: bool = False) -> Markup:
    """A paragraph element with these words, labelled as it was or is, without an id of its own."""
    side = row.before if earlier and row.before is not None else row.here
    if row.fate is Fate.LEFT:
        return Markup("")
    label = side.paragraph.label if not (earlier and row.fate is Fate.SPLIT) else ""
    bare = paragraph_html(replace(side.paragraph, segments=(), label=label), None, 2)
    head, tail = str(bare).rsplit("</", 1)
    tag, rest = head.split(f' id="{side.paragraph.id}"', 1)
    # The same paragraph stands twice side by side: an id belongs to one element.
    return Markup(tag) + Markup(rest) + Markup("").join(_words(told, anchors)) + Markup(f"</{tail}")


def _words(told: Sequence[Stretch], anchors: bool) -> Iterator[Markup]:
    seen: set[int] = set()
    for one in told:
        inner = Markup("<em>{}</em>").format(one.text) if one.em else Markup("{}").format(one.text)
        if one.kind in (SegmentKind.OPEN, SegmentKind.CLOSE):
            inner = Markup('<span class="bracket">{}</span>').format(inner)
        elif one.kind is SegmentKind.ATTRIBUTION:
            inner = Markup('<span class="attribution">{}</span>').format(inner)
        if one.fate is Words.KEPT:
            yield inner
            continue
        name = Markup("")
        if anchors and one.change and one.change not in seen:
            seen.add(one.change)
            name = Markup(' id="c-{}"').format(one.change)
        tag, kind = ("ins", "came") if one.fate is Words.INSERTED else ("del", "went")
        yield Markup('<{tag} class="{kind}"{name}>{inner}</{tag}>').format(tag=tag, kind=kind, name=name, inner=inner)
