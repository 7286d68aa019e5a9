# ruff: noqa: RUF001
"""Reading and writing back (opinions/SPEC.md, N3), for any text at all."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.model import MarkKind
from opinions.notation import Reading, read, write, write_text
from opinions.record import Document
from opinions.rolling import rolling

AT = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)
REAL_TEXTS = sorted(Path(__file__).parents[3].glob("shared/texts/*.txt"))

_PIECES = (
    *("[", "]", "[[", "]]", "][", "[]", "[ ]", "] [", "［", "］", "【", "】", "{", "}", "(", ")"),
    *("\n", "\n\n", "\r\n", "\r", " ", "  ", "\t", "\u00a0", "\u2028", "\x0c", "\x00"),
    *("words", " and more", "capability ", "Opinion[s]", "well-being", "US - Japan", ", including", ".", ";", ":"),
    *(" - US; G77 delete", " -ARB; CAN, NOR delete.", " - EU, G77retain / ", " / ", "USA, JPN: ", "KEN: "),
    *("CAN/NOR propose; EGY oppose: ", " - KEN: delete", "- "),
    *("[Agreed ad ref]", "[agreed]", " [Agreed]", "[pending]", "[Agreed ad ref] "),
    *("[^1]", "[^1]: ", "[13]", "[13] The", "{placeholder for more}", "[TBD]", "[X]", "###", "### ", "## ", "# "),
    *(
        "[placeholder: ",
        "[sic]",
        "[bookmark: a]",
        "[原件已签]",
        "[text](http://a.example)",
        "[a]: http://a.example",
        "[a]",
    ),
    *(
        "1. ",
        "a) ",
        "(b) ",
        "i) ",
        "3 bis ",
        "1\t",
        "1 ",
        "- ",
        "* ",
        "*",
        "**",
        "_",
        "*considering*",
        "resolves",
        "*noting*",
    ),
    *("The seventh Forum (Nassau, 2026),", "DRAFT OPINION 1: BRIDGING", "I. Our Vision", "considering further"),
    "prose that somebody wrapped by hand at some seventy characters a line,\n",
)


def reading_of(text: str) -> Reading:
    return read(text, at=AT, new_id=minting())


def minting() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def bracketed_texts() -> st.SearchStrategy[str]:
    piece = st.one_of(st.sampled_from(_PIECES), st.sampled_from(_PIECES[:28]), st.text(max_size=3))
    return st.lists(piece, max_size=40).map("".join)


@given(bracketed_texts())
def test_n3_any_text_is_written_back_as_it_was(text: str) -> None:
    """[N3]"""
    assert write(reading_of(text)) == text


@given(st.text(alphabet="[] \nab", max_size=40))
def test_n3_brackets_and_line_breaks_in_any_order(text: str) -> None:
    """[N3]"""
    assert write(reading_of(text)) == text


@given(bracketed_texts())
def test_every_bracket_on_record_stands_in_the_text(text: str) -> None:
    """Reading makes a sound document: no mark without record, no record without words, labels and layout on record."""
    document = reading_of(text).document
    marked = {m.id for p in document.text for r in p.runs for m in r.marks if m.kind is MarkKind.BRACKET}
    assert marked == set(document.record.amendments)
    assert {p.id for p in document.text} == set(document.record.paragraphs)
    assert all(p.text.strip() for p in document.text)
    assert all("\n" not in p.text and "\r" not in p.text for p in document.text)
    notes = {m.id for p in document.text for r in p.runs for m in r.marks if m.kind is MarkKind.NOTEREF}
    assert notes <= {p.id for p in document.text}


@given(bracketed_texts())
def test_the_living_document_alone_writes_the_same_lines(text: str) -> None:
    """What only serves the round trip is white space: without it the same lines come out, wrapped prose unwrapped."""
    reading = reading_of(text)
    if not reading.breaks and not reading.tail.strip():
        living = write_text(rolling(reading.document), reading.document.record)
        assert _lines(living) == _lines(text)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")]


def test_n3_without_words_there_is_only_layout() -> None:
    """[N3]"""
    reading = reading_of(" \n\n\t\n")
    assert reading.document == Document()
    assert write(reading) == " \n\n\t\n"


@pytest.mark.parametrize("path", REAL_TEXTS, ids=lambda path: path.name[:12])
def test_n3_real_drafts(path: Path) -> None:
    """[N3] On texts of other negotiations, where the checkout stands beside them."""
    text = path.read_text("utf-8")
    reading = reading_of(text)
    assert write(reading) == text
    living = write_text(rolling(reading.document), reading.document.record)
    if not reading.breaks:
        assert living.rstrip() == text.rstrip()


def test_a_long_text_is_read_within_two_seconds() -> None:
    """400 KB with 1,700 pairs (the largest draft measured has 379 KB and 1,679)."""
    clause = "that the [importance][role] of [affordable [and meaningful] connectivity - XAA; XAB delete] grows; "
    text = "".join(f"{number}. {clause}{'x' * 830}\n\n" for number in range(1, 426))
    assert len(text) > 390_000
    began = time.process_time()
    reading = reading_of(text)
    assert time.process_time() - began < 2
    assert reading.counts.pairs == 1_700
    assert write(reading) == text


@pytest.mark.parametrize(
    "text",
    [
        "[" * 25_000,
        "]" * 25_000,
        "[" * 12_000 + "x" + "]" * 12_000,
        "[x" * 12_000 + "]" * 12_000,
        "[]" * 12_000,
        "[x]" * 10_000,
        "[agreed]" * 3_000,
        "[Agreed ad ref]\n" * 1_000,
        "[ - - - - - - - - - - - - - - - - US]" * 1_000,
        "[" + " / x - US" * 2_000 + "]",
        "[a - US" * 2_000 + "]" * 2_000,
        "### " * 7_000,
        "{placeholder" * 2_000,
        "[1]" * 7_000,
        "a\n" * 12_000,
        "[\n" * 4_000 + "x" + "]\n" * 4_000,
        "[^1]" * 6_000 + "\n[^1]: note",
        " " * 25_000,
        "[source]: http://a\n" + "[a][source]" * 2_000,
    ],
    ids=range(19),
)
def test_hostile_texts_are_read_in_linear_time(text: str) -> None:
    """No recursion, nothing quadratic: 25,000 brackets take a moment of processor time, whatever else runs beside."""
    began = time.process_time()
    reading = reading_of(text)
    assert write(reading) == text
    assert time.process_time() - began < 8
