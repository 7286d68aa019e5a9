"""The text as frozen values: marks and their keys, runs, paragraphs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.model import Kind, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run, characters, cut, joined
from opinions.record import Document
from tests.support.builders import agreed, em, ins, paragraph, runs, struck
from tests.support.strategies import documents, texts

MARKS = st.frozensets(
    st.sampled_from([Mark(MarkKind.EM), Mark(MarkKind.DELETION, "a-01"), Mark(MarkKind.BRACKET, "b-01")]), max_size=2
)
ROWS = st.lists(st.builds(Run, texts(least=0, most=4), MARKS), max_size=6)


@pytest.mark.parametrize(
    ("mark", "key"),
    [
        (Mark(MarkKind.INSERTION, "a-01"), "insertion:a-01"),
        (Mark(MarkKind.DELETION, "a-01"), "deletion:a-01"),
        (Mark(MarkKind.BRACKET, "a-01"), "bracket:a-01"),
        (Mark(MarkKind.ORIGIN, "a-01"), "origin:a-01"),
        (Mark(MarkKind.NOTEREF, "p-01"), "noteref:p-01"),
        (Mark(MarkKind.EM), "em"),
    ],
)
def test_d4_a_mark_has_one_key(mark: Mark, key: str) -> None:
    assert mark.key == key
    assert Mark.from_key(key) == mark


@pytest.mark.parametrize("key", ["", "bold", "insertion", "insertion:", "em:", "em:a-01", ":a-01", "Insertion:a-01"])
def test_d4_other_keys_are_no_marks(key: str) -> None:
    with pytest.raises(ValueError, match=r"not a (mark|valid)|is not"):
        Mark.from_key(key)


def test_a_run_says_whose_it_is() -> None:
    (run,) = struck("a-02", struck("a-03", ins("a-01", "all")))
    assert run.insertion == "a-01"
    assert run.ids(MarkKind.DELETION) == {"a-02", "a-03"}
    assert run.ids(MarkKind.BRACKET) == frozenset()
    assert agreed("a-01", "all")[0].insertion is None
    assert Run("all").insertion is None


def test_an_opinion_finds_its_paragraphs() -> None:
    first, second = paragraph("p-01", "The Forum,"), paragraph("p-02", "agrees")
    text = Opinion((first, second))
    assert list(text) == [first, second]
    assert text.find("p-02") is second
    assert text.find("p-03") is None
    assert text.index("p-02") == 1
    with pytest.raises(KeyError, match="p-03"):
        text.index("p-03")


def test_a_paragraphs_text_holds_pending_and_struck_words() -> None:
    given_ = Paragraph(ParagraphId("p-01"), Kind.PARAGRAPH, runs=runs("a ", ins("a-01", "b "), struck("a-02", "c")))
    assert given_.text == "a b c"


@given(ROWS)
def test_t1_joined_runs_are_never_empty_and_neighbours_differ(rows: list[Run]) -> None:
    result = joined(rows)
    assert list(characters(result)) == list(characters(rows))
    assert all(run.text for run in result)
    assert all(one.marks != other.marks for one, other in pairwise(result))
    assert joined(result) == result


@given(ROWS, st.integers(-2, 30), st.integers(-2, 30))
def test_cut_takes_the_characters_between_two_offsets(rows: list[Run], start: int, end: int) -> None:
    cells = list(characters(rows))
    assert list(characters(cut(rows, start, end))) == cells[max(start, 0) : max(end, 0)]
    assert all(run.text for run in cut(rows, start, end))


@given(documents())
def test_t1_to_t3_generated_documents_keep_the_rules(whole: Document) -> None:
    """What the strategies promise to every other test."""
    text = whole.text
    assert len({p.id for p in text}) == len(text.paragraphs)
    for p in text:
        assert joined(p.runs) == p.runs
        for run in p.runs:
            kinds = [mark.kind for mark in run.marks]
            assert kinds.count(MarkKind.INSERTION) + kinds.count(MarkKind.ORIGIN) <= 1
            if p.added is not None:
                assert run.insertion is not None


def test_offsets_count_code_points() -> None:
    assert cut(em("a𠮷e\u0301"), 1, 3) == em("𠮷e")
