"""Hypothesis strategies: whole documents that keep T1-T4 and A1, and what a delegation may type or not.

Documents are drawn as sketches - cells of one character and its marks - on purpose without the functions
under test, so that a fault there cannot hide here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hypothesis import strategies as st

from opinions.model import (
    AMENDMENT_MARKS,
    NO_MARKS,
    AmendmentId,
    DelegationCode,
    Kind,
    Mark,
    MarkKind,
    Marks,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import (
    Amendment,
    AmendmentKind,
    Decision,
    Document,
    OpinionRecord,
    ParagraphRecord,
    ParagraphState,
    Record,
    Removed,
    Ruling,
    Status,
)
from tests.support.builders import at

DELEGATIONS = (DelegationCode("XAA"), DelegationCode("XAB"), DelegationCode("XAC"))

_LETTERS = "abcdefghij nopqrs,.;' "
_FOREIGN = "éñßÇ" + "суверен" + "السلام" + "नमस्ते" + "電信聯盟，；" + "𠮷𝔸🜁" + "e\u0301\u200d\u200f"  # noqa: RUF001
_BRACKETS = "[]{}/"

_PENDING = (Status.SUBMITTED, Status.SUBMITTED, Status.SET_ASIDE)
_TAKEN = (Status.AGREED, Status.AGREED_AD_REFERENDUM)
_FALLEN = (Status.NOT_RETAINED, Status.WITHDRAWN, Status.SUPERSEDED)


def texts(*, least: int = 1, most: int = 12, brackets: bool = False) -> st.SearchStrategy[str]:
    """Words in several scripts, some beyond 16 bits; with `brackets` also `[ ] { } /` as letters."""
    alphabet = _LETTERS * 2 + _FOREIGN + (_BRACKETS if brackets else "")
    return st.text(alphabet=alphabet, min_size=least, max_size=most)


Cell = tuple[str, Marks]


@dataclass
class _Sketch:
    """A paragraph being drawn."""

    id: ParagraphId
    kind: Kind
    level: int
    cells: list[Cell]
    added: AmendmentId | None = None

    def paragraph(self) -> Paragraph:
        runs = joined(Run(character, marks) for character, marks in self.cells)
        return Paragraph(self.id, self.kind, self.level, runs, self.added)


@dataclass
class _Draft:
    """A document being drawn."""

    sketches: list[_Sketch]
    amendments: dict[AmendmentId, Amendment] = field(default_factory=dict)

    def owner(self, amendment_id: str | None) -> DelegationCode | None:
        amendment = self.amendments.get(AmendmentId(amendment_id or ""))
        return amendment.delegation if amendment else None

    def sketch(self, paragraph_id: str) -> _Sketch:
        return next(sketch for sketch in self.sketches if sketch.id == paragraph_id)

    def text(self) -> Opinion:
        return Opinion(tuple(sketch.paragraph() for sketch in self.sketches))


def _sketches(paragraphs: Iterable[Paragraph]) -> list[_Sketch]:
    return [
        _Sketch(p.id, p.kind, p.level, [(c, run.marks) for run in p.runs for c in run.text], p.added)
        for p in paragraphs
    ]


def _of(marks: Marks, kind: MarkKind) -> set[str]:
    return {mark.id for mark in marks if mark.kind is kind}


def _inserter(marks: Marks) -> str | None:
    return next(iter(_of(marks, MarkKind.INSERTION)), None)


# --- whole documents
# -------------------------------------------------------------------------------------------


@st.composite
def paragraphs_of_base_text(draw: st.DrawFn, *, most: int = 5, brackets: bool = False) -> list[Paragraph]:
    """Paragraphs nobody has touched: any kinds in any order, some empty, some with italics and footnote
    marks.
    """
    kinds = draw(
        st.lists(
            st.sampled_from((*Kind, Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM)), min_size=1, max_size=most
        )
    )
    result = []
    for number, kind in enumerate(kinds, 1):
        words = draw(texts(least=0 if draw(st.integers(0, 7)) == 7 else 1, most=24, brackets=brackets))
        level = draw(st.integers(1, 2)) if kind is Kind.SUB_ITEM else 0
        cells: list[Cell] = [(character, NO_MARKS) for character in words]
        style = draw(st.integers(0, 5))
        if style < 2 and cells:
            start, end = draw(_stretch(len(cells)))
            mark = Mark(MarkKind.EM) if style else Mark(MarkKind.NOTEREF, "par-1")
            cells[start:end] = [(character, marks | {mark}) for character, marks in cells[start:end]]
        result.append(_Sketch(ParagraphId(f"par-{number}"), kind, level, cells).paragraph())
    return result


@st.composite
def documents(
    draw: st.DrawFn,
    *,
    most_paragraphs: int = 5,
    most_proposals: int = 9,
    drafts: bool = True,
    decided: bool = True,
    crossing: bool = False,
    brackets: bool = False,
) -> Document:
    """A document under negotiation by three delegations.

    Insertions (nested in others' pending words too), strikes and brackets on the same words, added paragraphs
    with others' words inside, SUP records, decided amendments with `origin` marks or their words kept in
    `removed`. With `drafts` it may be the view of one delegation with its drafts. Brackets nest unless
    `crossing`; `brackets` admits `[` as a letter.
    """
    base = draw(paragraphs_of_base_text(most=most_paragraphs, brackets=brackets))
    sketch = _Draft(_sketches(base))
    count = draw(st.integers(0, most_proposals))
    own_drafts = draw(st.integers(0, 2)) if drafts and draw(st.booleans()) else 0
    drafter = draw(st.sampled_from(DELEGATIONS))
    for number in range(1, count + own_drafts + 1):
        draft = number > count
        party = drafter if draft else draw(st.sampled_from(DELEGATIONS))
        statuses = (Status.DRAFT,) if draft else (*_PENDING, *_TAKEN[: 2 * decided], *_FALLEN[: 3 * decided])
        status = draw(st.sampled_from(statuses))
        act = draw(
            st.sampled_from((_insert, _insert, _strike, _replace, _bracket, _bracket, _add, _suppress))
        )
        sponsors = draw(st.lists(st.sampled_from([d for d in DELEGATIONS if d != party]), max_size=1))
        act(draw, sketch, replace(_amendment(number, party, status), sponsors=tuple(sponsors)), brackets)
    if not crossing:
        _uncross(sketch)
    record = Record(
        MappingProxyType(dict(sketch.amendments)),
        MappingProxyType(
            {s.id: draw(_paragraph_records(s.id)) for s in sketch.sketches if draw(st.booleans())}
        ),
        OpinionRecord(next_number=count + 1),
    )
    return Document(sketch.text(), record)


def _amendment(number: int, party: DelegationCode, status: Status) -> Amendment:
    ruling = {status: Ruling(status) for status in (*_TAKEN, Status.NOT_RETAINED)}.get(status)
    return Amendment(
        id=AmendmentId(f"a-{number:02d}"),
        kind=AmendmentKind.MOD,
        delegation=party,
        author=f"expert-{party.lower()}",
        paragraph=ParagraphId(""),
        created_at=at(number),
        changed_at=at(number),
        status=status,
        revision=0 if status is Status.DRAFT else 1,
        number=0 if status is Status.DRAFT else number,
        decisions=(Decision(ruling, 1, at(60), "chair", "chair"),) if ruling else (),
    )


@st.composite
def _paragraph_records(draw: st.DrawFn, paragraph_id: ParagraphId) -> ParagraphRecord:
    label = draw(st.sampled_from(("", "a)", "b)", "1", "3 bis")))
    return ParagraphRecord(paragraph_id, label, draw(st.sampled_from(ParagraphState)))


@st.composite
def _stretch(draw: st.DrawFn, length: int) -> tuple[int, int]:
    """A non-empty stretch of so many places."""
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


def _insert(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, brackets: bool) -> None:
    """Words anywhere, also in another's pending words: nested. Agreed ones carry `origin`, fallen ones are in
    the record.
    """
    place = draw(st.sampled_from(sketch.sketches))
    offset = draw(st.integers(0, len(place.cells)))
    words = draw(texts(brackets=brackets))
    entry = replace(amendment, paragraph=place.id)
    host = place.added or (_inserter(place.cells[offset - 1][1]) if offset else None)
    if entry.status in _TAKEN and host is not None and sketch.owner(host) is not None:
        entry = replace(
            entry, status=Status.SUBMITTED, decisions=()
        )  # a host is decided before what is nested in it
    marks = _around(place.cells, offset)
    if entry.status in _TAKEN:
        marks |= {Mark(MarkKind.ORIGIN, entry.id)}
    else:
        marks |= {Mark(MarkKind.INSERTION, entry.id)}
    if entry.status in _FALLEN:
        entry = replace(entry, removed=(Removed(place.id, offset, (Run(words, marks),)),))
    else:
        place.cells[offset:offset] = [(character, marks) for character in words]
    sketch.amendments[entry.id] = entry


def _around(cells: Sequence[Cell], offset: int) -> Marks:
    """The brackets that stand round a place: typing inside a bracket stays inside."""
    if not 0 < offset < len(cells):
        return NO_MARKS
    both = cells[offset - 1][1] & cells[offset][1]
    return frozenset(mark for mark in both if mark.kind is MarkKind.BRACKET)


def _strike(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, _: bool) -> None:
    """Words struck, others' pending words too, one's own never (those really go). Agreed: gone, kept in the
    record.
    """
    place = draw(st.sampled_from(sketch.sketches))
    entry = replace(amendment, paragraph=place.id)
    sketch.amendments[entry.id] = entry
    if not place.cells:
        return
    start, end = draw(_stretch(len(place.cells)))
    if entry.status in _FALLEN:
        return
    if entry.status in _TAKEN:
        gone = place.cells[start:end]
        kept = [cell for cell in gone if _inserter(cell[1])]
        place.cells[start:end] = kept
        taken = joined(Run(character, marks) for character, marks in gone if not _inserter(marks))
        sketch.amendments[entry.id] = replace(
            entry, removed=(Removed(place.id, start, taken),) if taken else ()
        )
        return
    for number in range(start, end):
        character, marks = place.cells[number]
        if sketch.owner(_inserter(marks)) != entry.delegation:
            place.cells[number] = character, marks | {Mark(MarkKind.DELETION, entry.id)}


def _replace(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, brackets: bool) -> None:
    """Words struck and others put behind them, as typing over a selection does."""
    _strike(draw, sketch, replace(amendment, status=_pending(amendment.status)), brackets)
    entry = sketch.amendments[amendment.id]
    cells = sketch.sketch(entry.paragraph).cells
    mark = Mark(MarkKind.DELETION, entry.id)
    behind = max((number for number, cell in enumerate(cells) if mark in cell[1]), default=-1) + 1
    marks = _around(cells, behind) | {Mark(MarkKind.INSERTION, entry.id)}
    cells[behind:behind] = [(character, marks) for character in draw(texts(most=6, brackets=brackets))]


def _pending(status: Status) -> Status:
    return status if status in (*_PENDING, Status.DRAFT) else Status.SUBMITTED


def _bracket(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, _: bool) -> None:
    """A bracket from one character to another, in the same paragraph or a later one. Decided ones leave no
    mark.
    """
    places = [(p, c) for p, place in enumerate(sketch.sketches) for c in range(len(place.cells))]
    if not places:
        _suppress(draw, sketch, amendment, False)
        return
    first = draw(st.integers(0, len(places) - 1))
    last = min(len(places) - 1, first + draw(st.integers(0, 9)))
    entry = replace(
        amendment,
        kind=AmendmentKind.BRACKET,
        paragraph=sketch.sketches[places[first][0]].id,
        group=draw(st.sampled_from(("", "", "g-1", "g-2"))),
        source=draw(st.sampled_from(("", "", "placeholder"))),
    )
    sketch.amendments[entry.id] = entry
    if entry.status in (*_PENDING, Status.DRAFT):
        for p, c in places[first : last + 1]:
            character, marks = sketch.sketches[p].cells[c]
            sketch.sketches[p].cells[c] = character, marks | {Mark(MarkKind.BRACKET, entry.id)}


def _add(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, brackets: bool) -> None:
    """A whole paragraph: pending, agreed (its words carry `origin`) or fallen (kept in the record)."""
    where = draw(st.integers(0, len(sketch.sketches)))
    entry = replace(amendment, kind=AmendmentKind.ADD, paragraph=ParagraphId(f"par-{amendment.id}"))
    mark = Mark(MarkKind.ORIGIN if entry.status in _TAKEN else MarkKind.INSERTION, entry.id)
    words = draw(texts(least=0, brackets=brackets))
    kind = draw(st.sampled_from((Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM, Kind.PARAGRAPH)))
    added = None if entry.status in _TAKEN else entry.id
    place = _Sketch(entry.paragraph, kind, 0, [(c, frozenset({mark})) for c in words], added)
    if entry.status in _FALLEN:
        after = sketch.sketches[where - 1].id if where else None
        entry = replace(entry, removed=(Removed(place.id, whole=place.paragraph(), after=after),))
    else:
        sketch.sketches.insert(where, place)
    sketch.amendments[entry.id] = entry


def _suppress(draw: st.DrawFn, sketch: _Draft, amendment: Amendment, _: bool) -> None:
    """A SUP: on record only."""
    place = draw(st.sampled_from(sketch.sketches))
    status = Status.SUBMITTED if amendment.status in _TAKEN else amendment.status
    entry = replace(amendment, kind=AmendmentKind.SUP, paragraph=place.id, status=status, decisions=())
    sketch.amendments[entry.id] = entry


def _uncross(sketch: _Draft) -> None:
    """T4, the slow and plain way: as long as two brackets cross, the younger takes in the older."""
    order = [entry.id for entry in sketch.amendments.values() if entry.kind is AmendmentKind.BRACKET]
    while (crossed := next(_crossed(sketch, order), None)) is not None:
        younger, first, last = crossed
        places = [(p, c) for p, place in enumerate(sketch.sketches) for c in range(len(place.cells))]
        for p, c in places[first : last + 1]:
            character, marks = sketch.sketches[p].cells[c]
            sketch.sketches[p].cells[c] = character, marks | {Mark(MarkKind.BRACKET, younger)}


def _crossed(sketch: _Draft, order: Sequence[AmendmentId]) -> Iterator[tuple[AmendmentId, int, int]]:
    cells = [marks for place in sketch.sketches for _, marks in place.cells]
    ends: dict[AmendmentId, tuple[int, int]] = {}
    for bracket in order:
        carried = [n for n, marks in enumerate(cells) if Mark(MarkKind.BRACKET, bracket) in marks]
        if carried:
            ends[bracket] = carried[0], carried[-1]
    for number, younger in enumerate(order):
        for older in order[:number]:
            if younger in ends and older in ends:
                (a, b), (c, d) = sorted((ends[younger], ends[older]))
                if a < c <= b < d:
                    yield younger, a, d


# --- what a delegation types
# -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typing:
    """A document before and after a delegation's typing. `deed` says what was done last."""

    before: Document
    after: Document
    delegation: DelegationCode
    deed: str


@st.composite
def honest_typings(draw: st.DrawFn, *, most: int = 6) -> Typing:
    """Anything a delegation may type: its own words anywhere, its own words away, its own strikes, brackets
    and paragraphs.
    """
    before = draw(documents(drafts=False))
    party = draw(st.sampled_from(DELEGATIONS))
    after, deed = _typed(draw, before, party, most)
    return Typing(before, after, party, deed)


@st.composite
def dishonest_typings(draw: st.DrawFn) -> Typing:
    """Some honest typing, then one deed that touches what is not the delegation's."""
    before = draw(documents(drafts=False))
    party = draw(st.sampled_from(DELEGATIONS))
    honest, _ = _typed(draw, before, party, 2)
    after, deed = draw(_misdeeds(honest, party))
    return Typing(before, after, party, deed)


def _typed(draw: st.DrawFn, before: Document, party: DelegationCode, most: int) -> tuple[Document, str]:
    sketch = _Draft(_sketches(before.text), dict(before.record.amendments))
    own = sorted(_open_ids(before, party))
    deed = "nothing"
    for number in range(draw(st.integers(0, most))):
        place = draw(st.sampled_from(sketch.sketches)) if sketch.sketches else None
        fresh = AmendmentId(f"a-new-{number}")
        mine = draw(st.sampled_from((*own, fresh)))
        deed = draw(
            st.sampled_from(
                ("type", "type", "take back", "strike", "lift a strike", "bracket", "add", "take away")
            )
        )
        if deed == "add" or place is None:
            deed, mine = "add", fresh
            cells = [(c, frozenset({Mark(MarkKind.INSERTION, fresh)})) for c in draw(texts(least=0))]
            where = draw(st.integers(0, len(sketch.sketches)))
            sketch.sketches.insert(
                where, _Sketch(ParagraphId(f"par-new-{number}"), Kind.PARAGRAPH, 0, cells, fresh)
            )
        elif deed == "type":
            offset = draw(st.integers(0, len(place.cells)))
            marks = _around(place.cells, offset) | {Mark(MarkKind.INSERTION, mine)}
            place.cells[offset:offset] = [(character, marks) for character in draw(texts(most=4))]
        elif deed == "take away":
            if place.added in own and all(_inserter(marks) in own for _, marks in place.cells):
                sketch.sketches.remove(place)
        elif place.cells:
            _edit_marks(draw, place, deed, mine, frozenset((*own, fresh)))
        if mine == fresh:
            own.append(fresh)
            entry = _amendment(50 + number, party, Status.SUBMITTED)
            sketch.amendments[fresh] = replace(
                entry, id=fresh, paragraph=place.id if place else ParagraphId("")
            )
    record = replace(before.record, amendments=MappingProxyType(sketch.amendments))
    return Document(sketch.text(), record), deed


def _open_ids(document: Document, party: DelegationCode) -> frozenset[AmendmentId]:
    entries = document.record.amendments.values()
    return frozenset(entry.id for entry in entries if entry.open and entry.delegation == party)


def _edit_marks(
    draw: st.DrawFn, place: _Sketch, deed: str, mine: AmendmentId, own: frozenset[AmendmentId]
) -> None:
    start, end = draw(_stretch(len(place.cells)))
    changed: list[Cell] = []
    for character, marks in place.cells[start:end]:
        is_mine = _inserter(marks) in own
        if deed == "take back" and is_mine:
            continue
        if deed == "strike" and not is_mine:
            marks |= {Mark(MarkKind.DELETION, mine)}
        elif deed == "lift a strike":
            marks -= {Mark(MarkKind.DELETION, name) for name in own} | {
                Mark(MarkKind.BRACKET, name) for name in own
            }
        elif deed == "bracket":
            marks |= {Mark(MarkKind.BRACKET, mine)}
        changed.append((character, marks))
    place.cells[start:end] = changed


@st.composite
def _misdeeds(draw: st.DrawFn, honest: Document, party: DelegationCode) -> tuple[Document, str]:
    own = _open_ids(honest, party)
    sketches = _sketches(honest.text)
    foreign = [(s, n) for s in sketches for n, cell in enumerate(s.cells) if _inserter(cell[1]) not in own]
    deeds = ["slip in a paragraph", *(["slip in"] if sketches else [])]
    if foreign:
        deeds += ["delete", "rewrite", "claim", "italicize", "mark as another"]
        if any(
            mark.kind in AMENDMENT_MARKS and mark.id not in own for s, n in foreign for mark in s.cells[n][1]
        ):
            deeds.append("lift another's mark")
    if any(_inserter(marks) in own for s in sketches for _, marks in s.cells):
        deeds.append("agree with oneself")
    others = [s for s in sketches if s.added not in own]
    if others:
        deeds += ["remove a paragraph", "retype a paragraph", "adopt a paragraph"]
    if len(others) > 1:
        deeds.append("move a paragraph")
    deed = draw(st.sampled_from(deeds))
    _misdo(draw, deed, sketches, others, foreign, own)
    return replace(honest, text=Opinion(tuple(s.paragraph() for s in sketches))), deed


def _misdo(
    draw: st.DrawFn,
    deed: str,
    sketches: list[_Sketch],
    others: list[_Sketch],
    foreign: list[tuple[_Sketch, int]],
    own: frozenset[AmendmentId],
) -> None:
    match deed:
        case "slip in":
            cells = draw(st.sampled_from(sketches)).cells
            marks = draw(st.sampled_from((NO_MARKS, frozenset({Mark(MarkKind.ORIGIN, "a-01")}), _anothers())))
            cells.insert(draw(st.integers(0, len(cells))), (draw(texts(most=1)), marks))
        case "slip in a paragraph":
            sketches.insert(
                draw(st.integers(0, len(sketches))), _Sketch(ParagraphId("par-x"), Kind.HEADING, 0, [])
            )
        case "remove a paragraph":
            sketches.remove(draw(st.sampled_from(others)))
        case "retype a paragraph":
            place = draw(st.sampled_from(others))
            place.level += 1
        case "adopt a paragraph":
            place = draw(st.sampled_from(others))
            place.added = AmendmentId("a-unknown") if place.added is None else None
        case "move a paragraph":
            numbers = [n for n, s in enumerate(sketches) if s in others]
            first, second = draw(st.permutations(numbers))[:2]
            sketches[first], sketches[second] = sketches[second], sketches[first]
        case "agree with oneself":
            mine = [(s, n) for s in sketches for n, cell in enumerate(s.cells) if _inserter(cell[1]) in own]
            place, number = draw(st.sampled_from(mine))
            character, marks = place.cells[number]
            kept = {mark for mark in marks if mark.kind is not MarkKind.INSERTION}
            place.cells[number] = character, frozenset(kept)
        case "lift another's mark":
            marked = [
                (s, n, mark)
                for s, n in foreign
                for mark in sorted(s.cells[n][1])
                if mark.kind in AMENDMENT_MARKS and mark.id not in own
            ]
            place, number, mark = draw(st.sampled_from(marked))
            character, marks = place.cells[number]
            place.cells[number] = character, marks - {mark}
        case _:
            place, number = draw(st.sampled_from(foreign))
            character, marks = place.cells[number]
            if deed == "delete":
                del place.cells[number]
            elif deed == "rewrite":
                place.cells[number] = chr(ord(character) ^ 1), marks
            elif deed == "claim" and own:
                kept = {mark for mark in marks if mark.kind is not MarkKind.INSERTION}
                place.cells[number] = character, frozenset(kept | {Mark(MarkKind.INSERTION, min(own))})
            elif deed == "italicize":
                place.cells[number] = character, marks ^ {Mark(MarkKind.EM)}
            else:
                place.cells[number] = character, marks | {Mark(MarkKind.DELETION, "a-unknown")}


def _anothers() -> Marks:
    return frozenset({Mark(MarkKind.INSERTION, "a-unknown")})
