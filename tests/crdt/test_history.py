"""The history of a log: its steps, what they count, and reading on from anywhere (opinions/SPEC.md, HS and BD)."""

import pytest
from hypothesis import given, settings

from crdt.document import SharedDocument
from crdt.errors import LogBroken
from crdt.history import (
    FOLD,
    History,
    document_at,
    ground_from_json,
    ground_to_json,
    steps_from_json,
    steps_to_json,
)
from crdt.log import SNAPSHOT_EVERY, Entry
from crdt.stream import OPINION_CLIENT
from opinions import commands
from opinions.brackets import open_brackets
from opinions.clean import considerable, never_considered
from opinions.model import AmendmentId, ParagraphId
from opinions.record import Document, Ruling
from opinions.steps import StepKind
from server.summary import summarized
from tests.support.actors import THE_CHAIR
from tests.support.builders import document, item
from tests.support.logbook import Logbook, logbooks
from tests.support.strategies import documents


def replayed(entries: list[Entry], seq: int) -> Document:
    """The document after an entry, from the first one on."""
    return SharedDocument(OPINION_CLIENT, [one for e in entries if e.seq <= seq for one in e.updates]).view()


@settings(max_examples=25)
@given(logbooks(documents(drafts=False)))
def test_bd1_every_point_is_a_fresh_count_of_the_replayed_document(book: Logbook) -> None:
    history = History(book.opinion)
    history.take(book.entries)
    assert history.document == book.document
    for step in history.steps:
        then = replayed(book.entries, step.seq)
        assert step.counts.brackets == len(open_brackets(then))
        figures = summarized(then)
        assert (step.counts.pending, step.counts.agreed) == (figures.pending, figures.agreed)
        assert (step.counts.paragraphs, step.counts.considered) == (figures.paragraphs, figures.considered)
    now = history.steps[-1].counts
    assert now.brackets == len(open_brackets(book.document))
    assert now.considered == len(considerable(book.document)) - len(never_considered(book.document))


@settings(max_examples=12)
@given(logbooks(documents(drafts=False)))
def test_hs2_reading_on_from_a_checkpoint_tells_the_same(book: Logbook) -> None:
    whole = History(book.opinion)
    chapters = whole.take(book.entries)
    for chapter in chapters:
        on = History(book.opinion, chapter.checkpoint)
        on.take(book.entries[chapter.checkpoint.seq :])
        before = tuple(step for step in whole.steps if step.seq <= chapter.checkpoint.seq)
        assert (*before, *on.steps) == whole.steps
        assert on.ground == whole.ground
    assert steps_from_json(steps_to_json(whole.steps)) == whole.steps
    assert ground_from_json(ground_to_json(whole.ground)) == whole.ground


@settings(max_examples=12)
@given(logbooks(documents(drafts=False)))
def test_hs3_what_was_decided_is_told_by_its_step(book: Logbook) -> None:
    history = History(book.opinion)
    history.take(book.entries)
    told = [(one.amendment, one.ruling, one.ruled_by) for step in history.steps for one in step.outcomes]
    on_record = [
        (one.id, decision.ruling, decision.ruled_by)
        for one in book.document.record.amendments.values()
        for decision in one.decisions
    ] + [
        (None, decision.ruling, decision.ruled_by)
        for one in book.document.record.paragraphs.values()
        for decision in one.decisions
    ]
    assert sorted(map(str, told)) == sorted(map(str, on_record))


def test_hs1_typing_is_part_of_the_command_after_it() -> None:
    book = Logbook(document(item("par-1", "first words")))
    typed = book.type_words("par-1", 5, " typed")
    for _ in range(3):
        book.type_words("par-1", 5, "x", amendment_id=typed)
    history = History(book.opinion)
    history.take(book.entries)
    assert [step.act for step in history.steps] == ["import", ""]
    assert (history.steps[1].first, history.steps[1].seq) == (2, 5)
    assert book.command(commands.RecordOutcome(AmendmentId(typed), 1, Ruling.AGREED), THE_CHAIR)
    history.take(book.entries[5:])
    assert [(step.first, step.seq, step.kind) for step in history.steps[1:]] == [(2, 6, StepKind.DECIDED)]
    assert history.steps[1].counts.brackets == 0
    assert history.steps[1].paragraphs == (ParagraphId("par-1"),)


def test_hs1_a_long_afternoon_of_typing_is_cut_into_steps() -> None:
    book = Logbook(document(item("par-1", "first words")))
    typed = book.type_words("par-1", 5, "y")
    for _ in range(FOLD + 4):
        book.type_words("par-1", 6, "x", amendment_id=typed)
    history = History(book.opinion)
    chapters = history.take(book.entries)
    assert [step.seq for step in history.steps] == [1, FOLD + 1, FOLD + 6]
    assert [chapter.checkpoint.seq for chapter in chapters] == [FOLD + 1]
    assert FOLD >= SNAPSHOT_EVERY


def test_hs2_a_position_is_read_on_from_a_checkpoint() -> None:
    book = Logbook(document(item("par-1", "first words")))
    book.command(commands.Freeze("First"), THE_CHAIR)
    for number in range(4):
        book.type_words("par-1", 0, f"{number}")
    (chapter,) = History(book.opinion).take(book.entries)
    then, later = document_at(chapter.checkpoint, book.entries[2:], 3, 5)
    assert then == replayed(book.entries, 3)
    assert later == replayed(book.entries, 5)


def test_hs2_a_gap_is_a_broken_log() -> None:
    book = Logbook(document(item("par-1", "first words")))
    with pytest.raises(LogBroken, match="entry 2 was expected"):
        History(book.opinion).take([*book.entries, *book.entries])
