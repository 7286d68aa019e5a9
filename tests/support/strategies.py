"""Hypothesis strategies: whole documents that keep the rules T1-T4 and A1."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from hypothesis import strategies as st

from opinions.model import (
    NO_MARKS,
    AmendmentId,
    DelegationCode,
    Kind,
    Mark,
    MarkKind,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import (
    Amendment,
    AmendmentKind,
    Document,
    OpinionRecord,
    ParagraphRecord,
    ParagraphState,
    Record,
    Removed,
    Status,
)
from tests.support.sketches import (
    FALLEN,
    PENDING,
    TAKEN,
    Cell,
    Sketch,
    Sketchbook,
    around,
    entry_of,
    inserter,
    sketched,
    stretches,
)

DELEGATIONS = (DelegationCode("XAA"), DelegationCode("XAB"), DelegationCode("XAC"))

_LETTERS = "abcdefghij nopqrs,.;' "
_FOREIGN = "éñßÇ" + "суверен" + "السلام" + "नमस्ते" + "電信聯盟，；" + "𠮷𝔸🜁" + "e\u0301\u200d\u200f"  # noqa: RUF001
_BRACKETS = "[]{}/"


def texts(*, least: int = 1, most: int = 12, brackets: bool = False) -> st.SearchStrategy[str]:
    """Words in several scripts, some beyond 16 bits; with `brackets` also `[ ] { } /` as letters."""
    alphabet = _LETTERS * 2 + _FOREIGN + (_BRACKETS if brackets else "")
    return st.text(alphabet=alphabet, min_size=least, max_size=most)


@st.composite
def paragraphs_of_base_text(draw: st.DrawFn, *, most: int = 5, brackets: bool = False) -> list[Paragraph]:
    """Paragraphs nobody has touched: any kinds in any order, some empty, some with italics and footnote
    marks.
    """
    kinds = draw(
        st.lists(st.sampled_from((*Kind, Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM)), min_size=1, max_size=most)
    )
    result = []
    for number, kind in enumerate(kinds, 1):
        words = draw(texts(least=0 if draw(st.integers(0, 7)) == 7 else 1, most=24, brackets=brackets))
        level = draw(st.integers(1, 2)) if kind is Kind.SUB_ITEM else 0
        cells: list[Cell] = [(character, NO_MARKS) for character in words]
        style = draw(st.integers(0, 5))
        if style < 2 and cells:
            start, end = draw(stretches(len(cells)))
            mark = Mark(MarkKind.EM) if style else Mark(MarkKind.NOTEREF, "par-1")
            cells[start:end] = [(character, marks | {mark}) for character, marks in cells[start:end]]
        result.append(Sketch(ParagraphId(f"par-{number}"), kind, level, cells).paragraph())
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
    sketch = Sketchbook(sketched(base))
    count = draw(st.integers(0, most_proposals))
    own_drafts = draw(st.integers(0, 2)) if drafts and draw(st.booleans()) else 0
    drafter = draw(st.sampled_from(DELEGATIONS))
    for number in range(1, count + own_drafts + 1):
        draft = number > count
        party = drafter if draft else draw(st.sampled_from(DELEGATIONS))
        statuses = (Status.DRAFT,) if draft else (*PENDING, *TAKEN[: 2 * decided], *FALLEN[: 3 * decided])
        status = draw(st.sampled_from(statuses))
        act = draw(st.sampled_from((_insert, _insert, _strike, _replace, _bracket, _bracket, _add, _suppress)))
        sponsors = draw(st.lists(st.sampled_from([d for d in DELEGATIONS if d != party]), max_size=1))
        act(draw, sketch, replace(entry_of(number, party, status), sponsors=tuple(sponsors)), brackets)
    if not crossing:
        _uncross(sketch)
    record = Record(
        MappingProxyType(dict(sketch.amendments)),
        MappingProxyType({s.id: draw(_paragraph_records(s.id)) for s in sketch.sketches if draw(st.booleans())}),
        OpinionRecord(next_number=count + 1),
    )
    return Document(sketch.text(), record)


@st.composite
def _paragraph_records(draw: st.DrawFn, paragraph_id: ParagraphId) -> ParagraphRecord:
    label = draw(st.sampled_from(("", "a)", "b)", "1", "3 bis")))
    return ParagraphRecord(paragraph_id, label, draw(st.sampled_from(ParagraphState)))


def _insert(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, brackets: bool) -> None:
    """Words anywhere, also in another's pending words: nested. Agreed ones carry `origin`, fallen ones are in
    the record.
    """
    place = draw(st.sampled_from(sketch.sketches))
    offset = draw(st.integers(0, len(place.cells)))
    words = draw(texts(brackets=brackets))
    entry = replace(amendment, paragraph=place.id)
    host = place.added or (inserter(place.cells[offset - 1][1]) if offset else None)
    if entry.status in TAKEN and host is not None and sketch.owner(host) is not None:
        entry = replace(entry, status=Status.SUBMITTED, decisions=())  # a host is decided before what is nested in it
    marks = around(place.cells, offset)
    if entry.status in TAKEN:
        marks |= {Mark(MarkKind.ORIGIN, entry.id)}
    else:
        marks |= {Mark(MarkKind.INSERTION, entry.id)}
    if entry.status in FALLEN:
        entry = replace(entry, removed=(Removed(place.id, offset, (Run(words, marks),)),))
    else:
        place.cells[offset:offset] = [(character, marks) for character in words]
    sketch.amendments[entry.id] = entry


def _strike(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, _: bool) -> None:
    """Words struck, others' pending words too, one's own never (those really go). Agreed: gone, kept in the
    record.
    """
    place = draw(st.sampled_from(sketch.sketches))
    entry = replace(amendment, paragraph=place.id)
    sketch.amendments[entry.id] = entry
    if not place.cells:
        return
    start, end = draw(stretches(len(place.cells)))
    if entry.status in FALLEN:
        return
    if entry.status in TAKEN:
        gone = place.cells[start:end]
        kept = [cell for cell in gone if inserter(cell[1])]
        place.cells[start:end] = kept
        taken = joined(Run(character, marks) for character, marks in gone if not inserter(marks))
        sketch.amendments[entry.id] = replace(entry, removed=(Removed(place.id, start, taken),) if taken else ())
        return
    for number in range(start, end):
        character, marks = place.cells[number]
        if sketch.owner(inserter(marks)) != entry.delegation:
            place.cells[number] = character, marks | {Mark(MarkKind.DELETION, entry.id)}


def _replace(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, brackets: bool) -> None:
    """Words struck and others put behind them, as typing over a selection does."""
    _strike(draw, sketch, replace(amendment, status=_pending(amendment.status)), brackets)
    entry = sketch.amendments[amendment.id]
    cells = sketch.sketch(entry.paragraph).cells
    mark = Mark(MarkKind.DELETION, entry.id)
    behind = max((number for number, cell in enumerate(cells) if mark in cell[1]), default=-1) + 1
    marks = around(cells, behind) | {Mark(MarkKind.INSERTION, entry.id)}
    cells[behind:behind] = [(character, marks) for character in draw(texts(most=6, brackets=brackets))]


def _pending(status: Status) -> Status:
    return status if status in (*PENDING, Status.DRAFT) else Status.SUBMITTED


def _bracket(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, _: bool) -> None:
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
    if entry.status in (*PENDING, Status.DRAFT):
        for p, c in places[first : last + 1]:
            character, marks = sketch.sketches[p].cells[c]
            sketch.sketches[p].cells[c] = character, marks | {Mark(MarkKind.BRACKET, entry.id)}


def _add(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, brackets: bool) -> None:
    """A whole paragraph: pending, agreed (its words carry `origin`) or fallen (kept in the record)."""
    where = draw(st.integers(0, len(sketch.sketches)))
    entry = replace(amendment, kind=AmendmentKind.ADD, paragraph=ParagraphId(f"par-{amendment.id}"))
    mark = Mark(MarkKind.ORIGIN if entry.status in TAKEN else MarkKind.INSERTION, entry.id)
    words = draw(texts(least=0, brackets=brackets))
    kind = draw(st.sampled_from((Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM, Kind.PARAGRAPH)))
    added = None if entry.status in TAKEN else entry.id
    place = Sketch(entry.paragraph, kind, 0, [(c, frozenset({mark})) for c in words], added)
    if entry.status in FALLEN:
        after = sketch.sketches[where - 1].id if where else None
        entry = replace(entry, removed=(Removed(place.id, whole=place.paragraph(), after=after),))
    else:
        sketch.sketches.insert(where, place)
    sketch.amendments[entry.id] = entry


def _suppress(draw: st.DrawFn, sketch: Sketchbook, amendment: Amendment, _: bool) -> None:
    """A SUP: on record only."""
    place = draw(st.sampled_from(sketch.sketches))
    status = Status.SUBMITTED if amendment.status in TAKEN else amendment.status
    entry = replace(amendment, kind=AmendmentKind.SUP, paragraph=place.id, status=status, decisions=())
    sketch.amendments[entry.id] = entry


def _uncross(sketch: Sketchbook) -> None:
    """T4, the slow and plain way: as long as two brackets cross, the younger takes in the older."""
    order = [entry.id for entry in sketch.amendments.values() if entry.kind is AmendmentKind.BRACKET]
    while (crossed := next(_crossed(sketch, order), None)) is not None:
        younger, first, last = crossed
        places = [(p, c) for p, place in enumerate(sketch.sketches) for c in range(len(place.cells))]
        for p, c in places[first : last + 1]:
            character, marks = sketch.sketches[p].cells[c]
            sketch.sketches[p].cells[c] = character, marks | {Mark(MarkKind.BRACKET, younger)}


def _crossed(sketch: Sketchbook, order: Sequence[AmendmentId]) -> Iterator[tuple[AmendmentId, int, int]]:
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
