"""The record as JSON: one spelling per value, and every value comes back."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.errors import UnreadableRecord
from opinions.model import Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import (
    Amendment,
    AmendmentKind,
    Attitude,
    Decision,
    OpinionRecord,
    ParagraphRecord,
    ParagraphState,
    Removed,
    Ruling,
    Spelling,
    Stance,
    Status,
)
from opinions.record_json import (
    Entry,
    amendment_from_json,
    amendment_to_json,
    key_of,
    opinion_record_from_json,
    opinion_record_to_json,
    paragraph_record_from_json,
    paragraph_record_to_json,
    read_entry,
    write_entry,
)
from tests.support.builders import amendment, ins, struck
from tests.support.strategies import documents, texts

MINIMAL = (
    '{"author":"expert-xaa","changed_at":"2026-01-21T09:00:00Z","created_at":"2026-01-21T09:00:00Z",'
    '"delegation":"XAA","id":"a-01","kind":"MOD","paragraph":"par-1","revision":1,"status":"submitted"}'
)

ids = st.from_regex(r"[a-z0-9][a-z0-9-]{3,12}", fullmatch=True)
times = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
words = texts(least=0, brackets=True)
marks = st.frozensets(
    st.builds(Mark, st.sampled_from(sorted(set(MarkKind) - {MarkKind.EM})), ids) | st.just(Mark(MarkKind.EM)),
    max_size=3,
)
runs = st.lists(st.builds(Run, texts(), marks), max_size=3).map(tuple)
paragraphs = st.builds(Paragraph, ids, st.sampled_from(Kind), st.integers(0, 2), runs, st.none() | ids)
decisions = st.builds(Decision, st.sampled_from(Ruling), st.integers(0, 9), times, words, words, words)
removed = st.builds(Removed, ids, st.integers(0, 99), runs, words, words, st.none() | paragraphs, st.none() | ids)
amendments = st.builds(
    Amendment,
    id=ids,
    kind=st.sampled_from(AmendmentKind),
    delegation=st.sampled_from(("XAA", "SEC")),
    author=words,
    paragraph=ids,
    created_at=times,
    changed_at=times,
    status=st.sampled_from(Status),
    revision=st.integers(0, 9),
    number=st.integers(0, 99),
    typist=words,
    sponsors=st.lists(st.sampled_from(("XAB", "XAC")), max_size=2).map(tuple),
    reason=words,
    source=words,
    pinned=st.booleans(),
    revises=st.none() | ids,
    group=words,
    stances=st.lists(st.builds(Stance, words, st.sampled_from(Attitude), words), max_size=2).map(tuple),
    spelling=st.none() | st.builds(Spelling, words, words, words, words),
    removed=st.lists(removed, max_size=2).map(tuple),
    decisions=st.lists(decisions, max_size=2).map(tuple),
)
paragraph_records = st.builds(
    ParagraphRecord,
    ids,
    words,
    st.sampled_from(ParagraphState),
    st.lists(decisions, max_size=2).map(tuple),
    words,
    words,
)
opinion_records = st.builds(
    OpinionRecord, st.integers(1, 9), st.integers(1, 99), st.booleans(), st.booleans(), st.booleans()
)


@given(amendments | paragraph_records | opinion_records)
def test_d5_every_value_is_read_back_as_it_was(value: Entry) -> None:
    key, text = write_entry(value)
    assert key == key_of(value)
    assert read_entry(key, text) == value


@given(amendments, paragraph_records, opinion_records)
def test_objects_are_read_back_as_they_were(
    amendment_: Amendment, paragraph: ParagraphRecord, opinion: OpinionRecord
) -> None:
    assert amendment_from_json(amendment_to_json(amendment_)) == amendment_
    assert paragraph_record_from_json(paragraph_record_to_json(paragraph)) == paragraph
    assert opinion_record_from_json(opinion_record_to_json(opinion)) == opinion


@given(documents())
def test_the_record_of_a_document_is_read_back(document: Any) -> None:
    for value in (*document.record.amendments.values(), *document.record.paragraphs.values()):
        assert read_entry(*write_entry(value)) == value


def test_defaults_are_left_out_and_keys_are_sorted() -> None:
    assert write_entry(amendment("a-01", "XAA", paragraph="par-1")) == ("amendment:a-01", MINIMAL)
    assert write_entry(OpinionRecord()) == ("opinion", "{}")
    assert write_entry(ParagraphRecord(ParagraphId("par-1"))) == ("paragraph:par-1", '{"id":"par-1"}')


def test_runs_are_rows_of_text_and_sorted_mark_keys() -> None:
    taken = Removed(ParagraphId("par-1"), 3, runs=struck("a-02", ins("a-01", "é𠮷")))
    value = amendment("a-01", paragraph="par-1", removed=(taken,))
    assert amendment_to_json(value)["removed"] == [
        {"paragraph": "par-1", "offset": 3, "runs": [["é𠮷", ["deletion:a-02", "insertion:a-01"]]]}
    ]
    assert "é𠮷" in write_entry(value)[1]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 21, 9, tzinfo=UTC), "2026-01-21T09:00:00Z"),
        (datetime(2026, 1, 21, 9, 0, 0, 120, tzinfo=UTC), "2026-01-21T09:00:00.000120Z"),
        (datetime(2026, 1, 21, 10, tzinfo=timezone(timedelta(hours=1))), "2026-01-21T09:00:00Z"),
    ],
)
def test_a_time_has_one_spelling(time: datetime, text: str) -> None:
    value = amendment("a-01", paragraph="par-1", changed_at=time)
    assert amendment_to_json(value)["changed_at"] == text
    assert amendment_from_json(amendment_to_json(value)).changed_at == time


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        write_entry(amendment("a-01", changed_at=datetime(2026, 1, 21)))


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("amendment:a-01", "{", "Expecting"),
        ("amendment:a-01", "[" * 100_000, "recursion"),
        ("amendment:a-01", "[]", "not a JSON object"),
        ("amendment:a-02", MINIMAL, "it holds the value of amendment:a-01"),
        ("paragraph:a-01", MINIMAL, "unknown field 'author'"),
        ("opinion:x", "{}", "it holds the value of opinion"),
        ("positions", "{}", "no record has such a key"),
        ("paragraph:par-1", "{}", "the field 'id' is missing"),
        ("paragraph:par-1", '{"id":"par-1","state":"closed"}', "state: 'closed' is not a valid"),
        ("paragraph:par-1", '{"id":"par-1","label":7}', "label: not of type str"),
        ("opinion", '{"draft":true}', "draft: not of type int"),
        ("opinion", '{"draft":1.0}', "draft: not of type int"),
        ("opinion", '{"closed":0}', "closed: not of type bool"),
        ("amendment:a-01", MINIMAL.replace('"id"', '"sponsors":"XAB","id"'), "sponsors: not a list"),
        ("amendment:a-01", MINIMAL.replace("09:00:00Z", "09:00:00+00:00", 1), "changed_at: not a time"),
        ("amendment:a-01", MINIMAL.replace("09:00:00Z", "09:00:00", 1), "changed_at: not a time"),
        ("amendment:a-01", MINIMAL.replace("2026-01-21T09:00:00Z", "today", 1), "changed_at: not a time"),
        ("amendment:a-01", MINIMAL.replace('"2026-01-21T09:00:00Z"', "7", 1), "changed_at: not a time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_key(key: str, text: str, why: str) -> None:
    with pytest.raises(UnreadableRecord) as refusal:
        read_entry(key, text)
    assert key in refusal.value.message
    assert why in refusal.value.message
    assert refusal.value.code == "unreadable-record"


@pytest.mark.parametrize("run", [["a"], ["a", ["bold"]], ["a", [1]], [1, []], "a", ["a", ["insertion"]]])
def test_a_run_that_does_not_fit_is_refused(run: object) -> None:
    data = json.loads(MINIMAL) | {"removed": [{"paragraph": "par-1", "runs": [run]}]}
    with pytest.raises(UnreadableRecord, match="removed: runs: "):
        amendment_from_json(data)
