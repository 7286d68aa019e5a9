"""Hypothesis strategies: what a delegation may type, and what it may not."""

from dataclasses import dataclass, replace
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
    ParagraphId,
)
from opinions.record import Document, Status
from tests.support.sketches import Cell, Sketch, Sketchbook, around, entry_of, inserter, sketched, stretches
from tests.support.strategies import DELEGATIONS, documents, texts


@dataclass(frozen=True, slots=True)
class Typing:
    """A document before and after typing, when brackets may still cross. `deed` says what was done last."""

    before: Document
    after: Document
    delegation: DelegationCode
    deed: str


@st.composite
def honest_typings(draw: st.DrawFn, *, most: int = 6) -> Typing:
    """What a delegation may type: own words put in or taken back anywhere, own strikes, brackets, paragraphs."""
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
    sketch = Sketchbook(sketched(before.text), dict(before.record.amendments))
    own = sorted(_open_ids(before, party))
    deed = "nothing"
    for number in range(draw(st.integers(0, most))):
        place = draw(st.sampled_from(sketch.sketches)) if sketch.sketches else None
        fresh = AmendmentId(f"a-new-{number}")
        mine = draw(st.sampled_from((*own, fresh)))
        deed = draw(
            st.sampled_from(("type", "type", "take back", "strike", "lift a strike", "bracket", "add", "take away"))
        )
        if deed == "add" or place is None:
            deed, mine = "add", fresh
            cells = [(c, frozenset({Mark(MarkKind.INSERTION, fresh)})) for c in draw(texts(least=0))]
            where = draw(st.integers(0, len(sketch.sketches)))
            sketch.sketches.insert(where, Sketch(ParagraphId(f"par-new-{number}"), Kind.PARAGRAPH, 0, cells, fresh))
        elif deed == "type":
            offset = draw(st.integers(0, len(place.cells)))
            marks = around(place.cells, offset) | {Mark(MarkKind.INSERTION, mine)}
            place.cells[offset:offset] = [(character, marks) for character in draw(texts(most=4))]
        elif deed == "take away":
            if place.added in own and all(inserter(marks) in own for _, marks in place.cells):
                sketch.sketches.remove(place)
        elif place.cells:
            _edit_marks(draw, place, deed, mine, frozenset((*own, fresh)))
        if mine == fresh:
            own.append(fresh)
            entry = entry_of(50 + number, party, Status.SUBMITTED)
            sketch.amendments[fresh] = replace(entry, id=fresh, paragraph=place.id if place else ParagraphId(""))
    record = replace(before.record, amendments=MappingProxyType(sketch.amendments))
    return Document(sketch.text(), record), deed


def _open_ids(document: Document, party: DelegationCode) -> frozenset[AmendmentId]:
    entries = document.record.amendments.values()
    return frozenset(entry.id for entry in entries if entry.open and entry.delegation == party)


def _edit_marks(draw: st.DrawFn, place: Sketch, deed: str, mine: AmendmentId, own: frozenset[AmendmentId]) -> None:
    start, end = draw(stretches(len(place.cells)))
    changed: list[Cell] = []
    for character, marks in place.cells[start:end]:
        is_mine = inserter(marks) in own
        if deed == "take back" and is_mine:
            continue
        if deed == "strike" and not is_mine:
            marks |= {Mark(MarkKind.DELETION, mine)}
        elif deed == "lift a strike":
            marks -= {Mark(MarkKind.DELETION, name) for name in own} | {Mark(MarkKind.BRACKET, name) for name in own}
        elif deed == "bracket":
            marks |= {Mark(MarkKind.BRACKET, mine)}
        changed.append((character, marks))
    place.cells[start:end] = changed


@st.composite
def _misdeeds(draw: st.DrawFn, honest: Document, party: DelegationCode) -> tuple[Document, str]:
    own = _open_ids(honest, party)
    sketches = sketched(honest.text)
    foreign = [(s, n) for s in sketches for n, cell in enumerate(s.cells) if inserter(cell[1]) not in own]
    deeds = ["slip in a paragraph", *(["slip in"] if sketches else [])]
    if foreign:
        deeds += ["delete", "rewrite", "claim", "italicize", "mark as another"]
        if any(mark.kind in AMENDMENT_MARKS and mark.id not in own for s, n in foreign for mark in s.cells[n][1]):
            deeds.append("lift another's mark")
    if any(inserter(marks) in own for s in sketches for _, marks in s.cells):
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
    sketches: list[Sketch],
    others: list[Sketch],
    foreign: list[tuple[Sketch, int]],
    own: frozenset[AmendmentId],
) -> None:
    match deed:
        case "slip in":
            cells = draw(st.sampled_from(sketches)).cells
            marks = draw(st.sampled_from((NO_MARKS, frozenset({Mark(MarkKind.ORIGIN, "a-01")}), _anothers())))
            cells.insert(draw(st.integers(0, len(cells))), (draw(texts(most=1)), marks))
        case "slip in a paragraph":
            sketches.insert(draw(st.integers(0, len(sketches))), Sketch(ParagraphId("par-x"), Kind.HEADING, 0, []))
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
            mine = [(s, n) for s in sketches for n, cell in enumerate(s.cells) if inserter(cell[1]) in own]
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
