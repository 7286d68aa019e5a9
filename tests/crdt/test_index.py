"""What the index knows of a document's items: the same as the document itself (crdt/SPEC.md, G5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.decoder import Delete, Kind, decode_update
from crdt.document import SharedDocument
from crdt.errors import UpdateRefused
from crdt.index import CHARACTERS, ENTRIES, TEXTS, Index
from opinions.edits import Edit, InsertText, RemoveParagraph
from opinions.model import Opinion, ParagraphId
from opinions.record import Document
from tests.crdt import bytes as raw
from tests.crdt.desk import known
from tests.crdt.edits import edits_of, founding
from tests.support.builders import paragraph
from tests.support.strategies import documents


@st.composite
def histories(draw: st.DrawFn) -> tuple[Document, list[Edit]]:
    document = draw(documents(most_paragraphs=3, most_proposals=3))
    return document, draw(edits_of(document, most=6))


@given(histories())
def test_an_index_kept_current_is_the_index_of_the_state(history: tuple[Document, list[Edit]]) -> None:
    document, edits = history
    shared = SharedDocument(1)
    kept = Index()
    for step in (founding(document), *([edit] for edit in edits)):
        update, _ = shared.write(step)
        if update:
            kept.absorb(decode_update(update, trusted=True))
    read = Index()
    read.absorb(decode_update(shared.state(), trusted=True))
    assert known(kept) == known(read)


@given(histories())
def test_what_is_known_already_is_passed_over(history: tuple[Document, list[Edit]]) -> None:
    document, edits = history
    shared = SharedDocument(1)
    update, _ = shared.write(founding(document))
    index = Index()
    index.absorb(decode_update(update, trusted=True))
    shared.write(edits)
    state = decode_update(shared.state(), trusted=True)
    index.absorb(state)
    before = known(index)
    index.absorb(state)
    assert known(index) == before


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), max_size=12), st.integers(0, 45), st.integers(1, 12))
def test_deleted_ranges_are_a_set_of_clocks(ranges: list[tuple[int, int]], start: int, length: int) -> None:
    index = Index()
    gone: set[int] = set()
    for clock, count in ranges:
        index.bury([Delete(7, clock, clock + count)])
        gone |= set(range(clock, clock + count))
    asked = range(start, start + length)
    left = [n for low, high in index.living(Delete(7, start, start + length)) for n in range(low, high)]
    assert left == [n for n in asked if n not in gone]
    assert all(index.deleted((7, n)) == (n in gone) for n in range(60))


def test_places_are_told_apart() -> None:
    shared = SharedDocument(1)
    shared.write(_paragraph())
    index = Index()
    index.absorb(decode_update(shared.state(), trusted=True))
    kinds = {one.kind: one.place for client in index._clients.values() for one in client.runs}
    assert kinds[Kind.STRING].holds == CHARACTERS
    assert kinds[Kind.STRING].paragraph_id == "par-1"
    assert kinds[Kind.ATTRIBUTE].holds in (TEXTS, ENTRIES)
    assert index.alive(kinds[Kind.STRING])
    update, _ = shared.write([RemoveParagraph(ParagraphId("par-1"))])
    index.absorb(decode_update(update, trusted=True))
    assert not index.alive(kinds[Kind.STRING])


def test_nothing_comes_between_the_halves_of_a_pair() -> None:
    shared = SharedDocument(1)
    shared.write([*_paragraph(), InsertText(ParagraphId("par-1"), 0, "a\U0001f600b")])
    index = Index()
    index.absorb(decode_update(shared.state(), trusted=True))
    (run,) = [one for one in index._clients[1].runs if one.kind is Kind.STRING and one.end - one.clock == 4]
    assert [index.splits_pair(1, run.clock + n) for n in range(5)] == [False, False, True, False, False]


def test_a_stored_update_must_follow_on_what_is_known() -> None:
    for update, code in (
        (raw.typed(1000, 5, raw.struct(raw.string("x"), root="text")), "clock-gap"),
        (raw.typed(1000, 0, raw.struct(raw.string("x"), origin=(7, 7))), "unknown-dependency"),
        (raw.typed(1000, 0, raw.struct(raw.string("x"), root="other")), "schema"),
    ):
        with pytest.raises(UpdateRefused) as refusal:
            Index().absorb(decode_update(update))
        assert refusal.value.code == code


def _paragraph() -> list[Edit]:
    return founding(Document(Opinion((paragraph("par-1", "words"),))))
