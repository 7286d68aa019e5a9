"""Labels of paragraphs (`b)`, `3 bis`) and how a paragraph is cited (*recognizing* b)).

Labels are stored, not derived: what delegations quote in the room must hold. They are made here at import, when a
paragraph is added, and once more when a freeze renumbers (opinions/SPEC.md, L1 and L2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from opinions.edits import PutParagraph
from opinions.errors import UnknownParagraph
from opinions.model import Kind, Opinion, Paragraph, ParagraphId
from opinions.record import Document

ITEMS = frozenset({Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM})
VERBS = frozenset({Kind.PREAMBULAR_VERB, Kind.OPERATIVE_VERB})
STARTS = VERBS | {Kind.TITLE, Kind.HEADING}
"""Kinds that end the lists before them."""

LATIN = (
    *("bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "nonies", "decies", "undecies"),
    *("duodecies", "terdecies", "quaterdecies", "quindecies", "sexdecies", "septdecies", "octodecies"),
    *("novodecies", "vicies"),
)
_SUFFIXES = re.compile(rf"(?:\s*(?:{'|'.join(LATIN)}))*\Z")
_OPENING_WORDS = 40
"""Characters by which a paragraph without label is cited."""


@dataclass(frozen=True, slots=True)
class Renumbered:
    """One line of the concordance of a renumbering."""

    paragraph: ParagraphId
    old: str
    new: str


def letters(number: int) -> str:
    """`a` to `z`, then `aa`, `bb` to `zz`, then `aaa`; from 1."""
    times, letter = divmod(number - 1, 26)
    return chr(ord("a") + letter) * (times + 1)


def roman(number: int) -> str:
    """`i`, `ii`, `iii`, `iv`; from 1."""
    values = (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")
    result = ""
    for value, digits in (*values, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        times, number = divmod(number, value)
        result += digits * times
    return result


def labels(text: Opinion) -> Mapping[ParagraphId, str]:
    """The labels of a whole text, made afresh (L1): at import, and when a freeze renumbers.

    Paragraphs that are only proposed do not count: they get the label of the one before them with *bis*, *ter*. A
    single item has none (`""`), and so have kinds that are not numbered.
    """
    result = {paragraph.id: "" for paragraph in text}
    for members in lists(text):
        settled = [member for member in members if member.added is None]
        for number, member in enumerate(settled, 1):
            alone = len(settled) == 1 and member.kind is not Kind.FOOTNOTE
            result[member.id] = "" if alone else _label(member, number)
        given = {member.id: result[member.id] for member in settled}
        for member in members:
            if member.added is not None:
                given[member.id] = result[member.id] = _added_label(member, members, given)
    return result


def added_label(document: Document, paragraph_id: ParagraphId) -> str:
    """The label of a paragraph that has just been put into the text, beside the stored labels of its list (L2).

    After `3` it is `3 bis`, then `ter`; before the first one `1 ante`; the only one of its list has none. Raises
    `UnknownParagraph`.
    """
    members = next((row for row in lists(document.text) if any(m.id == paragraph_id for m in row)), ())
    member = document.text.find(paragraph_id)
    if member is None:
        raise UnknownParagraph(paragraph_id)
    given = {other.id: document.record.paragraph(other.id).label for other in members if other.id != paragraph_id}
    return _added_label(member, members, given) if members else ""


def concordance(document: Document) -> tuple[Renumbered, ...]:
    """What a renumbering changes: each paragraph whose label is not what L1 gives it now, in reading order."""
    return tuple(
        Renumbered(paragraph_id, old, new)
        for paragraph_id, new in labels(document.text).items()
        if (old := document.record.paragraph(paragraph_id).label) != new
    )


def renumbered(document: Document) -> tuple[PutParagraph, ...]:
    """The edits that carry the concordance out; with none when every label is right already."""
    return tuple(
        PutParagraph(replace(document.record.paragraph(line.paragraph), label=line.new))
        for line in concordance(document)
    )


def citation(document: Document, paragraph_id: str) -> str:
    """How the room cites a paragraph: `*recognizing* b)`, `*invites* 2 a)`, `chapeau`. Raises `UnknownParagraph`."""
    cited = citations(document).get(ParagraphId(paragraph_id))
    if cited is None:
        raise UnknownParagraph(paragraph_id)
    return cited


def citations(document: Document) -> Mapping[ParagraphId, str]:
    """How the room cites every paragraph. Italics stand between asterisks; no citation is empty."""
    result: dict[ParagraphId, str] = {}
    verb = ""
    path: list[str] = []
    for paragraph in document.text:
        label = document.record.paragraph(paragraph.id).label
        if paragraph.kind in STARTS:
            verb = f"*{verb_words(paragraph)}*" if paragraph.kind in VERBS and verb_words(paragraph) else ""
            path = []
        if paragraph.kind in ITEMS or paragraph.kind is Kind.SUB_ITEM:
            path = [*[*path, "", "", ""][: depth(paragraph)], label]
            cited = " ".join(part for part in (verb, *path) if part)
        elif paragraph.kind in VERBS:
            cited = f"the verb {verb}" if verb else ""
        elif paragraph.kind is Kind.FOOTNOTE:
            cited = f"footnote {label}".rstrip()
        elif paragraph.kind in (Kind.TITLE, Kind.CHAPEAU):
            cited = str(paragraph.kind)
        else:
            cited = ""
        result[paragraph.id] = cited or _by_its_words(paragraph)
    return result


def depth(paragraph: Paragraph) -> int:
    """0 for an item, 1 to 3 for a sub-item."""
    return min(max(paragraph.level, 1), 3) if paragraph.kind is Kind.SUB_ITEM else 0


def _label(paragraph: Paragraph, number: int) -> str:
    """The label of the member with this number in its list."""
    if paragraph.kind in (Kind.OPERATIVE_ITEM, Kind.FOOTNOTE):
        return str(number)
    return f"{roman(number) if depth(paragraph) > 1 else letters(number)})"


def _added_label(member: Paragraph, members: Sequence[Paragraph], given: Mapping[ParagraphId, str]) -> str:
    """A label for one more member of a list, beside those given to its other members; they alone decide."""
    place = members.index(member)
    before = [other for other in members[:place] if other.id in given]
    behind = [other for other in members[place:] if other.id in given]
    if before:
        stem, closing = _parts(given[before[-1].id] or _label(member, len(before)))
        names: Iterable[str] = (f"{stem} {suffix}" for suffix in _suffixes())
    elif behind:
        stem, closing = _parts(given[behind[0].id] or _label(member, 1))
        first = f"{stem.removesuffix(' ante')} ante"
        names = chain((first,), (f"{first} {suffix}" for suffix in _suffixes()))
    else:
        return _label(member, 1) if member.kind is Kind.FOOTNOTE else ""
    used = set(given.values())
    return next(name for name in (f"{name}{closing}" for name in names) if name not in used)


def _suffixes() -> Iterator[str]:
    """bis, ter, quater ... vicies, vicies bis, vicies ter ... without end."""
    before = ""
    while True:
        yield from (before + suffix for suffix in LATIN)
        before += f"{LATIN[-1]} "


def _parts(label: str) -> tuple[str, str]:
    """What a label is without its Latin suffix, and how it closes: `a bis)` is `a` and `)`."""
    body = label.removesuffix(")")
    return _SUFFIXES.sub("", body, count=1), label[len(body) :]


def lists(text: Opinion) -> Iterator[tuple[Paragraph, ...]]:
    """The lists of a text: paragraphs that are labelled together. Footnotes are one list from end to end."""
    found: dict[tuple[object, ...], list[Paragraph]] = {}
    section = 0
    path: list[ParagraphId | None] = []  # the item, sub-item ... that stands above; None where a level is left out
    for paragraph in text:
        if paragraph.kind in STARTS:
            section += 1
            path = []
        elif paragraph.kind is Kind.FOOTNOTE:
            found.setdefault((paragraph.kind,), []).append(paragraph)
        elif paragraph.kind in ITEMS or paragraph.kind is Kind.SUB_ITEM:
            path = [*path, None, None, None][: depth(paragraph)]
            found.setdefault((paragraph.kind, section, depth(paragraph), *path), []).append(paragraph)
            path.append(paragraph.id)
    return (tuple(members) for members in found.values())


def verb_words(paragraph: Paragraph) -> str:
    """The words of a verb as they stand, or as they are proposed when nothing stands yet; without a last comma."""
    return _standing(paragraph).rstrip(" ,:;")


def _standing(paragraph: Paragraph) -> str:
    """The words that stand, struck ones too; as they are proposed where nothing stands yet. Never both run together."""
    standing = "".join(run.text for run in paragraph.runs if run.insertion is None)
    return standing.strip() or paragraph.text.strip()


def _by_its_words(paragraph: Paragraph) -> str:
    words = " ".join(_standing(paragraph).split())
    if len(words) > _OPENING_WORDS:
        words = words[:_OPENING_WORDS].rsplit(" ", 1)[0] + "…"
    name = "heading" if paragraph.kind is Kind.HEADING else "paragraph"
    return f"{name} “{words}”" if words else f"{name} without words"
