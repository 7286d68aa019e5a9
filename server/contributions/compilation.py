"""The compilation: a draft Opinion paragraph by paragraph, under each what every contribution says of it.

Nothing is left out: what has no paragraph in the chosen text stands at its end, with its number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.numbering import citations
from opinions.record import Amendment, Document
from opinions.views import ViewParagraph
from server.contributions.anchors import Place, Split, places
from server.contributions.entering import Piece, pieces
from server.contributions.sight import Sight
from server.contributions.values import Contribution, Item, ItemKind, ItemStatus, Status
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
    shows; `record` are the amendments as they stand now.
    """

    opinion: str
    text: Document
    view: Sequence[ViewParagraph]
    record: Mapping[AmendmentId, Amendment]
    contributions: Sequence[Contribution]
    items: Sequence[Item]
    splits: Sequence[Split] = ()
    meeting: str = ""


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
    told = [
        _said(item, known[item.contribution], place, material.record, sight)
        for item, place in zip(items, found, strict=True)
    ]
    cited = citations(material.text)
    by_paragraph: dict[ParagraphId, list[Said]] = {row.id: [] for row in material.view}
    rest: list[Said] = []
    for one in told:
        there = by_paragraph.get(one.place.paragraph) if one.place.paragraph else None
        (rest if there is None else there).append(one)
    rows = tuple(Row(row, cited.get(row.id, ""), tuple(by_paragraph[row.id])) for row in material.view)
    about = {item.contribution for item in items}
    listed = tuple(one for one in known.values() if one.id in about or material.opinion in one.about.opinions)
    return Compilation(rows, tuple(rest), listed)


def _said(
    item: Item, contribution: Contribution, place: Place, record: Mapping[AmendmentId, Amendment], sight: Sight
) -> Said:
    amendment = record.get(item.amendment) if item.amendment else None
    names = sight.names or sight.is_own(contribution)
    return Said(item, contribution, place, pieces(item), item.delegation if names else None, status_of(item, amendment))
