"""The compilation: a draft Opinion paragraph by paragraph, under each what every contribution says of it.

Nothing is left out: what has no paragraph in the chosen text stands at its end, with its number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from opinions.document_numbers import document_number
from opinions.model import AmendmentId, DelegationCode, MarkKind, ParagraphId
from opinions.numbering import citations
from opinions.record import Amendment, AmendmentKind, Document
from opinions.record import Status as AmendmentStatus
from opinions.views import ViewParagraph
from server.contributions.anchors import Place, Split, places
from server.contributions.entering import Piece, pieces
from server.contributions.sight import Sight
from server.contributions.values import Anchor, Contribution, Item, ItemKind, ItemStatus, Status
from server.presenting.lineage import Forebear
from server.wording import AMENDMENT_STATUSES

KIND_NAMES: Mapping[ItemKind, str] = {
    ItemKind.REPLACE: "Replace words",
    ItemKind.DELETE: "Delete words",
    ItemKind.ADD: "Add a paragraph",
    ItemKind.REMOVE: "Delete the paragraph",
    ItemKind.BRACKET: "Put words in square brackets",
    ItemKind.VIEW: "View",
}
ITEM_STATUS_NAMES: Mapping[ItemStatus, str] = {
    ItemStatus.NOTED: "Noted",
    ItemStatus.ENTERED: "Entered",
    ItemStatus.OUT_OF_SCOPE: "Out of scope",
}

_KIND_OF: Mapping[AmendmentKind, ItemKind] = {
    AmendmentKind.ADD: ItemKind.ADD,
    AmendmentKind.MOD: ItemKind.REPLACE,
    AmendmentKind.SUP: ItemKind.REMOVE,
    AmendmentKind.BRACKET: ItemKind.BRACKET,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one contribution says at one paragraph. `source` is empty where names are withheld from the reader."""

    item: Item
    contribution: Contribution
    place: Place
    pieces: tuple[Piece, ...]
    source: DelegationCode | None
    status: str

    @property
    def kind(self) -> str:
        """What it asks for."""
        return KIND_NAMES[self.item.kind]

    @property
    def gone(self) -> bool:
        """Whether its paragraph is no longer in the text."""
        return self.place.paragraph is None and self.item.anchor.paragraph is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph of the text as the room cites it, with all that is said of it."""

    paragraph: ViewParagraph
    cited: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Compilation:
    """The whole: the text's paragraphs, what has none, and the contributions in the order of their numbers."""

    rows: tuple[Row, ...]
    rest: tuple[Said, ...]
    contributions: tuple[Contribution, ...]

    @property
    def count(self) -> int:
        """How many proposals and views it holds."""
        return len(self.rest) + sum(len(row.said) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Material:
    """What a compilation is made of. `text` is the one that is chosen, in which places are sought and which `view`
    shows; `living` is the text now, and `record` its amendments. `forebears` are what the Opinion was made of: `items`
    holds what was noted on these, too.
    """

    opinion: str
    text: Document
    living: Document
    view: Sequence[ViewParagraph]
    record: Mapping[AmendmentId, Amendment]
    contributions: Sequence[Contribution]
    items: Sequence[Item]
    splits: Sequence[Split] = ()
    meeting: str = ""
    forebears: Sequence[Forebear] = ()


def status_of(item: Item, amendment: Amendment | None) -> str:
    """What became of an item: noted, out of scope, or its amendment with number and status."""
    if amendment is not None:
        return f"#{amendment.number}: {AMENDMENT_STATUSES[amendment.status]}"
    return ITEM_STATUS_NAMES[item.status]


def compiled(material: Material, sight: Sight) -> Compilation:
    """The compilation as this reader may see it."""
    known = {
        one.id: one
        for one in material.contributions
        if one.status is Status.REGISTERED and material.meeting in ("", one.about.meeting)
    }
    items = [item for item in material.items if item.contribution in known]
    items = [item for item in items if sight.items(known[item.contribution], [item])]
    order = {key: place for place, key in enumerate(known)}
    items.sort(key=lambda item: (order[item.contribution], item.position))
    found = places([item.anchor for item in items], material.text, material.splits)
    # Of what the Opinion was split off from, only what is about the part that came along.
    elsewhere = {one.opinion for one in material.forebears if not one.whole}
    told = [
        _said(item, known[item.contribution], place, material.record, sight)
        for item, place in zip(items, found, strict=True)
        if place.paragraph is not None or item.anchor.opinion not in elsewhere
    ]
    others = [
        (item, words)
        for item, words in of_record(material.record, material.living, known.values(), material.items)
        if sight.items(known[item.contribution], [item])
    ]
    found = places([item.anchor for item, _ in others], material.text, material.splits)
    told += [
        _said(item, known[item.contribution], place, material.record, sight, words)
        for (item, words), place in zip(others, found, strict=True)
    ]
    told.sort(key=lambda said: order[said.contribution.id])
    cited = citations(material.text)
    by_paragraph: dict[ParagraphId, list[Said]] = {row.id: [] for row in material.view}
    rest: list[Said] = []
    for one in told:
        there = by_paragraph.get(one.place.paragraph) if one.place.paragraph else None
        (rest if there is None else there).append(one)
    rows = tuple(Row(row, cited.get(row.id, ""), tuple(by_paragraph[row.id])) for row in material.view)
    about = {said.contribution.id for said in told}
    own = {material.opinion, *(one.opinion for one in material.forebears if one.whole)}
    listed = tuple(one for one in known.values() if one.id in about or own & set(one.about.opinions))
    return Compilation(rows, tuple(rest), listed)


def of_record(
    record: Mapping[AmendmentId, Amendment],
    living: Document,
    known: Iterable[Contribution],
    items: Iterable[Item],
) -> tuple[tuple[Item, tuple[Piece, ...]], ...]:
    """Amendments that name one of these contributions as their source and were entered otherwise than from the
    register (by a Word file, by typing), as items of it with their words.
    """
    by_number = {one.number.normal: one.id for one in known if one.number is not None}
    noted = {item.amendment for item in items if item.amendment}
    found = []
    for one in sorted(record.values(), key=lambda one: (one.number, one.id)):
        contribution = by_number.get(document_number(one.source).normal) if one.source else None
        if contribution is None or one.id in noted or one.status is AmendmentStatus.DRAFT:
            continue
        kind, words = _words_of(one, living)
        paragraph = living.text.find(one.paragraph)
        item = Item(
            id=one.id,
            contribution=contribution,
            position=one.number,
            delegation=one.delegation,
            kind=kind,
            anchor=Anchor("", one.paragraph, "", paragraph.text if paragraph else ""),
            reason=one.reason,
            status=ItemStatus.ENTERED,
            amendment=one.id,
        )
        found.append((item, words))
    return tuple(found)


def _words_of(amendment: Amendment, living: Document) -> tuple[ItemKind, tuple[Piece, ...]]:
    """What an amendment asks for, and its words where they stand."""
    paragraph = living.text.find(amendment.paragraph)
    if amendment.kind is AmendmentKind.SUP:
        whole = next((one.whole for one in amendment.removed if one.whole is not None), paragraph)
        return ItemKind.REMOVE, (Piece("deleted", whole.text),) if whole is not None else ()
    drawn: list[Piece] = []
    for run in () if paragraph is None else paragraph.runs:
        ours = {mark.kind for mark in run.marks if mark.id == amendment.id}
        if ours & {MarkKind.INSERTION, MarkKind.ORIGIN}:
            drawn.append(Piece("inserted", run.text))
        elif MarkKind.DELETION in ours:
            drawn.append(Piece("deleted", run.text))
        elif MarkKind.BRACKET in ours:
            drawn += [Piece("bracket", "["), Piece("text", run.text), Piece("bracket", "]")]
        elif run.insertion is None:
            drawn.append(Piece("text", run.text))
    return _KIND_OF[amendment.kind], tuple(drawn)


def _said(
    item: Item,
    contribution: Contribution,
    place: Place,
    record: Mapping[AmendmentId, Amendment],
    sight: Sight,
    words: tuple[Piece, ...] | None = None,
) -> Said:
    amendment = record.get(item.amendment) if item.amendment else None
    names = sight.names or sight.is_own(contribution)
    drawn = pieces(item) if words is None else words
    return Said(item, contribution, place, drawn, item.delegation if names else None, status_of(item, amendment))
