"""Options side by side as each would read, and a compromise's wording as replacements (AL3, CT1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.alternatives import open_alternatives
from opinions.clean import clean
from opinions.compromise import propose_compromise
from opinions.compromise_wording import wording_replacements, wording_with
from opinions.edits import applied
from opinions.finding import agreed_words
from opinions.model import AmendmentId, ParagraphId
from opinions.option_readings import Passage, option_readings
from opinions.record import AmendmentKind, Document, Ruling
from opinions.table_commands import ProposeCompromise
from opinions.views import named
from tests.opinions.test_picking import opt, the, three_rewordings, tied
from tests.support.actors import THE_CHAIR, context
from tests.support.builders import addition, amendment, at, bracket, bracketed, document, ins, item, paragraph, struck
from tests.support.rulings import of, ruled


def read(given_: Document, name: str = "alt-1") -> list[tuple[str, list[Passage], str]]:
    found = option_readings(given_, the(given_, name), at(90))
    return [(one.option.label, list(one.passages), one.refused) for one in found]


def test_options_read_side_by_side_with_what_differs_between_what_they_share() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("Base"), opt("Alt 3", "a-3"))
    par = ParagraphId("par-1")
    assert read(given_) == [
        (label, [Passage(par, "Members ", word, " act")], "")
        for label, word in [("Alt 1", "should"), ("Alt 2", "may"), ("Base", "shall"), ("Alt 3", "will")]
    ]


def test_what_others_propose_is_left_out_and_a_paragraph_may_be_there_or_not() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-9", "more "), struck("a-1", "two"), ins("a-1", "2")),
        item("par-2", "a new one", added="a-2"),
        paragraph("par-3", "elsewhere"),
        amendments=[amendment("a-9", "XAZ"), amendment("a-1", "XAA"), addition("a-2", "XAB", created=1)],
    )
    given_ = tied(given_, opt("A", "a-1"), opt("B", "a-2"))
    one, two = ParagraphId("par-1"), ParagraphId("par-2")
    assert read(given_) == [
        ("A", [Passage(one, "one ", "2"), Passage(two, stands=False)], ""),
        ("B", [Passage(one, "one ", "two"), Passage(two, "", "a new one")], ""),
    ]


def test_an_option_that_cannot_be_picked_says_why_and_the_others_read_all_the_same() -> None:
    given_ = document(
        paragraph("par-1", "they ", bracketed("b-1", "shall ", struck("a-2", "not")), ins("a-2", "never"), " go"),
        amendments=[bracket("b-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    first, second = read(tied(given_, opt("Alt 1", "b-1"), opt("Alt 2", "a-2")))
    assert first[2] == ""
    assert second[1] == []
    assert "#2 needs words that #1 holds" in second[2]


def test_words_that_all_share_are_cut_where_they_are_long() -> None:
    long = "word " * 40
    given_ = document(
        paragraph("par-1", long, bracketed("b-1", "x"), " ", bracketed("b-2", "y"), f" {long}end"),
        amendments=[bracket("b-1", "XAA", group="b-1"), bracket("b-2", "XAB", created=1, group="b-1")],
    )
    (found,) = open_alternatives(given_)
    passage = option_readings(given_, found, at(90))[0].passages[0]
    assert passage.words.strip() == "x"
    assert passage.before.startswith("…word ")
    assert passage.before.endswith("word ")
    assert passage.after.endswith("…")


def test_ct1_a_drafter_begins_with_the_paragraph_as_the_first_one_would_have_it() -> None:
    rewordings = three_rewordings().text.paragraphs[0]
    every = [of(three_rewordings(), f"a-{n}") for n in (1, 2, 3)]
    assert wording_with(rewordings, every[1], every) == "Members may act"
    brackets = document(
        paragraph("par-1", "they ", bracketed("b-1", "shall"), " ", bracketed("b-2", "should"), ", go"),
        amendments=[bracket("b-1", "XAA"), bracket("b-2", "XAB", created=1)],
    )
    both = [of(brackets, "b-1"), of(brackets, "b-2")]
    assert wording_with(brackets.text.paragraphs[0], both[0], both) == "they shall, go"


@pytest.mark.parametrize("wording", ["Members are invited to act", "All Members act now", "", "Members shall act", "x"])
def test_ct1_wording_becomes_replacements_that_leave_others_words_alone(wording: str) -> None:
    given_ = three_rewordings()
    made = wording_replacements(given_.text.paragraphs[0], wording)
    if wording == "Members shall act":
        assert made == ()
        return
    assert not any(word in one.was for one in made for word in ("should", "may", "will"))
    command = ProposeCompromise(
        AmendmentId("c-01"),
        tuple(AmendmentId(f"a-{n}") for n in (1, 2, 3)),
        AmendmentKind.MOD,
        ParagraphId("par-1"),
        made,
    )
    after = applied(given_, propose_compromise(command, given_, context(THE_CHAIR)).edits)
    done = ruled(after, "c-01", Ruling.AGREED)
    assert "".join(segment.text for segment in clean(done, named)[0].segments) == wording


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["one", "two", " ", ", ", "three four", "five"]), max_size=8).map("".join),
    st.lists(st.tuples(st.sampled_from(["one ", " two", "three"]), st.booleans()), min_size=1, max_size=5),
)
def test_ct1_the_replacements_make_just_the_wording(wording: str, pieces: list[tuple[str, bool]]) -> None:
    row = [ins("a-1", text) if pending else text for text, pending in pieces]
    one = paragraph("par-1", *row)
    base = agreed_words(one)
    made = wording_replacements(one, wording)
    assert all(one.text[each.start : each.end] == each.was for each in made)
    settled = [run.insertion is None for run in one.runs for _ in run.text]
    kept = [False] * len(one.text)
    for place, is_settled in enumerate(settled):
        kept[place] = is_settled and not any(each.start <= place < each.end for each in made)
    result = ""
    for place in range(len(one.text) + 1):
        result += "".join(each.text for each in made if each.end == place and (each.was or each.start == place))
        if place < len(one.text) and kept[place]:
            result += one.text[place]
    assert result.strip() == wording.strip() or not base.strip()
