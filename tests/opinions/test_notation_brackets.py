# ruff: noqa: RUF001
"""Pairs, their kinds and the counts (opinions/SPEC.md, N1, N2, N4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.model import MarkKind
from opinions.notation import BracketCounts, counts
from opinions.record import ParagraphState
from tests.opinions.test_notation_round_trip import REAL_TEXTS, bracketed_texts, reading_of

NOTHING = BracketCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0).to_json()


def counted(text: str) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: number for name, number in counts(text).to_json().items() if number}


def bracketed(text: str) -> list[str]:
    """The words of each bracket on record, paragraphs parted by `|`."""
    document = reading_of(text).document
    found: list[str] = []
    for amendment in document.record.amendments:
        parts = ("".join(r.text for r in p.runs if amendment in r.ids(MarkKind.BRACKET)) for p in document.text)
        found.append("|".join(part for part in parts if part))
    return found


def words(text: str) -> list[str]:
    return [paragraph.text for paragraph in reading_of(text).document.text]


def test_n1_nested_adjacent_in_a_word() -> None:
    """[N1] A regular expression would end the outer bracket at the first closing one."""
    text = "Member[s] [shall][should] act [in line with [national [and local]] needs]"
    assert bracketed(text) == [
        "s",
        "shall",
        "should",
        "in line with national and local needs",
        "national and local",
        "and local",
    ]
    assert counted(text) == {"pairs": 6, "max_depth": 3, "adjacent": 2}


def test_n1_a_closing_bracket_closes_the_nearest_open_one_over_paragraphs_too() -> None:
    """[N1]"""
    text = "a) [that skills\n\nb) grow [and\n\nc) spread] fast]"
    assert bracketed(text) == ["that skills|grow and|spread fast", "and|spread"]
    assert counted(text) == {"pairs": 2, "max_depth": 2, "spanning": 2}


def test_n2_unmatched_brackets_stay_characters_and_are_reported_never_mended() -> None:
    """[N2]"""
    reading = reading_of("first [a] line]\n\n  second [line [b]\n")
    assert [p.text for p in reading.document.text] == ["first a line]", "second [line b"]
    assert [(p.line, p.column, p.code) for p in reading.problems] == [
        (1, 15, "unmatched-close"),
        (3, 10, "unmatched-open"),
    ]
    assert reading.counts.to_json() == {
        **NOTHING,
        "pairs": 2,
        "max_depth": 1,
        "unmatched_open": 1,
        "unmatched_close": 1,
    }


def test_columns_count_code_points_and_lines_any_line_break() -> None:
    (problem,) = reading_of("𠮷𠮷\r\n電信\r[𠮷]聯]").problems
    assert (problem.line, problem.column) == (3, 5)


@pytest.mark.parametrize(
    ("text", "adjacent"),
    [
        ("[shall][should]", 1),
        ("[shall] \u00a0[should]\t[may]", 2),
        ("[shall]\n[should]", 0),
        ("[shall] or [should]", 0),
        ("[a][[b][c]]", 2),
        ("[shall][^1]", 0),
        ("[text][sic]", 0),
    ],
)
def test_adjacent_means_nothing_or_blanks_between(text: str, adjacent: int) -> None:
    assert counts(text).adjacent == adjacent


@pytest.mark.parametrize(
    ("text", "spanning"),
    [
        ("[one\n\ntwo]", 1),
        ("1. [one\n2. two]", 1),
        ("[one two]\n\nthree", 0),
        (
            "The importance of skills for all [and of content in local languages, so that no one\n"
            "is left behind,] is recognized by the Forum, which met for the seventh time since\n"
            "it was set up.",
            0,
        ),
    ],
    ids=("blank line", "items", "one paragraph", "wrapped prose"),
)
def test_spanning_means_over_the_end_of_a_paragraph(text: str, spanning: int) -> None:
    assert counts(text).spanning == spanning


def test_n4_each_kind_is_told_apart_and_counted_apart() -> None:
    """[N4]"""
    text = (
        "1. That skills [and access] matter.[^1] [Agreed ad ref]\n"
        "2. [TBD] or {placeholder for a target} by [X] at ###.\n"
        "3. Signed [原件已签] as said [sic], see [the report](http://example.org) [bookmark: lt_1].\n"
        "[^1]: In kind.\n"
    )
    assert counted(text) == {"pairs": 1, "max_depth": 1, "status_tags": 1, "placeholders": 4, "editorial": 6}


@pytest.mark.parametrize(
    ("text", "tag", "state"),
    [
        ("That skills matter.[Agreed ad ref]", "[Agreed ad ref]", ParagraphState.AGREED_AD_REFERENDUM),
        ("That skills matter. [agreed]", " [agreed]", ParagraphState.AGREED),
        ("That [skills] matter [Agreed]", " [Agreed]", ParagraphState.AGREED),
        ("That skills matter;\n[pending]", "\n[pending]", ParagraphState.OPEN),
        ("That skills matter. [Agreed in informals]", " [Agreed in informals]", ParagraphState.AGREED_IN_INFORMALS),
        (
            "That skills matter.【Agreed ad referendum】",
            "【Agreed ad referendum】",
            ParagraphState.AGREED_AD_REFERENDUM,
        ),
        ("[Agreed ad ref] 4. That skills matter.", "[Agreed ad ref]", ParagraphState.AGREED_AD_REFERENDUM),
        ("That skills matter. [Agreed ad ref] [reopened]", " [Agreed ad ref] [reopened]", ParagraphState.REOPENED),
    ],
)
def test_a_status_tag_is_the_paragraphs_state_and_not_its_words(text: str, tag: str, state: ParagraphState) -> None:
    document = reading_of(text).document
    (record,) = document.record.paragraphs.values()
    assert (record.tag, record.state) == (tag, state)
    assert "gree" not in document.text.paragraphs[0].text


@pytest.mark.parametrize("text", ["the [agreed] text", "text as [agreed]", "and [pending] review, the rest"])
def test_a_word_that_may_be_wording_is_no_status(text: str) -> None:
    assert counted(text) == {"pairs": 1, "max_depth": 1}


def test_a_status_within_a_paragraph_is_reported_and_left() -> None:
    reading = reading_of("1. End.[Agreed ad ref] 2. Begin")
    assert [p.code for p in reading.problems] == ["misplaced-tag"]
    assert reading.counts.status_tags == 1
    assert not reading.document.record.amendments


@pytest.mark.parametrize(
    ("text", "is_mark"),
    [
        ("as reported.[13]", True),
        ("as reported. [13]\n", True),
        ("the divides[13] that", True),
        ("of the divides [13], and", True),
        ("every [5] years", False),
        ("period of [5][10] years", False),
        ("in [2023] [2024]", False),
        ("Articles [3] and [9].", False),
        ("by at least [50].", False),
        ("US$[100] billion", False),
        ("see [7] and [8] there\n\n[7]: One.\n[8]: Two.", True),
    ],
)
def test_a_number_is_a_footnote_mark_only_where_it_is_set_like_one(text: str, is_mark: bool) -> None:
    found = counts(text)
    assert (found.pairs == 0) is is_mark
    assert (found.editorial > 0) is is_mark


@pytest.mark.parametrize(
    "text", ["[X] per cent", "[x]40-[y]70%", "[20XX]", "[...]", "[ ]", "[]", "[to be completed]", "*[tbc]*"]
)
def test_placeholders(text: str) -> None:
    found = counts(text)
    assert (found.pairs, found.placeholders > 0) == (0, True)
    assert all(a.source == "placeholder" for a in reading_of(text).document.record.amendments.values())


@pytest.mark.parametrize("text", ["modalit[y][ies]", "[a][successive]", "communication[s]", "[.][, with]", "[/or]"])
def test_a_letter_in_a_word_is_no_placeholder(text: str) -> None:
    assert counts(text).placeholders == 0


def test_a_bracket_without_words_is_kept_as_it_is() -> None:
    """Its glyphs are the words of a placeholder: it stands in the text, on record, and never in clean text."""
    reading = reading_of("in [ ] years, [[]]")
    assert words("in [ ] years, [[]]") == ["in [ ] years, []"]
    assert [(a.source, a.spelling and a.spelling.opening) for a in reading.document.record.amendments.values()] == [
        ("placeholder", ""),
        ("", "["),
        ("placeholder", ""),
    ]


def test_heading_marks_are_no_placeholders() -> None:
    assert counted("### Article 3\n\nby ### or\n\n[### Part\n]") == {
        "pairs": 1,
        "max_depth": 1,
        "spanning": 1,
        "placeholders": 1,
    }


def test_full_width_brackets_are_brackets_and_keep_their_glyphs() -> None:
    reading = reading_of("普遍［有意义的］【连通性】[x］")
    assert counted("普遍［有意义的］【连通性】") == {"pairs": 2, "max_depth": 1, "adjacent": 1}
    spellings = [a.spelling for a in reading.document.record.amendments.values() if a.spelling]
    assert [s.opening + s.closing for s in spellings] == ["［］", "【】", "[］"]
    assert [p.code for p in reading.problems] == ["mixed-glyphs"]


def test_brackets_side_by_side_share_a_group() -> None:
    amendments = reading_of("[one][two] [three] and [four]").document.record.amendments.values()
    groups = [amendment.group for amendment in amendments]
    assert groups[0] != ""
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == ""


def test_links_and_reference_links_are_editorial() -> None:
    text = "the [last text][source], [here](#a)\n\n[source]: http://example.org/a.pdf\n"
    assert counted(text) == {"editorial": 4}
    assert counted("[shall](should)") == {"pairs": 1, "max_depth": 1}


def test_too_deep_nesting_stays_characters_and_is_reported() -> None:
    reading = reading_of("[a" * 40 + "]" * 40)
    assert reading.counts.max_depth == 40
    assert len(reading.document.record.amendments) == 30
    assert {p.code for p in reading.problems} == {"too-deep"}


def _plain_count(text: str) -> tuple[int, int, int]:
    """All pairs whatever they are, unmatched opening and closing ones: the simplest way."""
    opened = pairs = unmatched = 0
    for character in text:
        if character in "[［【":
            opened += 1
        elif character in "]］】":
            if opened:
                opened, pairs = opened - 1, pairs + 1
            else:
                unmatched += 1
    return pairs, opened, unmatched


@given(bracketed_texts())
def test_every_pair_is_counted_once(text: str) -> None:
    """Against an independent counter; placeholders without square brackets are all that it cannot see."""
    found = counts(text)
    pairs, opened, closed = _plain_count(text)
    assert (found.unmatched_open, found.unmatched_close) == (opened, closed)
    bare = found.pairs + found.status_tags + found.placeholders + found.editorial - pairs
    assert 0 <= bare <= text.count("#") + text.count("{")
    assert found == reading_of(text).counts
    assert found.attributed <= found.pairs >= found.adjacent
    assert found.spanning <= found.pairs >= found.max_depth


@given(st.text(alphabet="[]ab", max_size=60))
def test_plain_pairs_are_counted_like_plain_pairs(text: str) -> None:
    pairs, opened, closed = _plain_count(text)
    found = counts(text)
    assert (found.pairs + found.placeholders, found.unmatched_open, found.unmatched_close) == (pairs, opened, closed)


@pytest.mark.skipif(not REAL_TEXTS, reason="the texts of other negotiations do not stand beside this checkout")
def test_counts_of_real_drafts() -> None:
    unfccc, rio = (path.read_text("utf-8") for path in REAL_TEXTS)
    assert counts(unfccc).to_json() == {
        "pairs": 997,
        "max_depth": 7,
        "adjacent": 390,
        "spanning": 24,
        "unmatched_open": 1,
        "unmatched_close": 2,
        "attributed": 0,
        "status_tags": 0,
        "placeholders": 27,
        "editorial": 27,
    }
    assert _plain_count(unfccc) == (997 + 27 + 27, 1, 2)
    assert counts(rio).to_json() == {**NOTHING, "pairs": 4, "max_depth": 1, "attributed": 4, "status_tags": 1}
