# ruff: noqa: RUF001 - text of several languages
"""The drafting check (DC): what it finds, what it proposes, and what it leaves alone."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given

from opinions.drafting_check import check, counts, language
from opinions.drafting_rules.language import Language
from opinions.drafting_rules.values import Finding, Rule
from opinions.edits import DeleteText, InsertText, applied
from opinions.model import Kind, Paragraph
from opinions.notation import read
from opinions.record import Document
from tests.support.builders import (
    amendment,
    bracketed,
    chapeau,
    document,
    em,
    ins,
    item,
    paragraph,
    struck,
    sub_item,
    title,
    verb,
)
from tests.support.strategies import documents

TEXTS = Path(__file__).parents[2] / "server/demo/texts"
REAL_TEXTS = sorted(Path(__file__).parents[3].glob("shared/texts/*.txt"))


def opinion(*rows: Paragraph, **labels: str) -> Document:
    """An Opinion that is as it should be, with these rows behind its first verb."""
    body = rows or (item("c-1000", "that some are;"), item("c-2000", "that others are not,"))
    named = {mark.id for row in body for run in row.runs for mark in run.marks if mark.id}
    return document(
        title("t-1000", "DRAFT OPINION 1: A TITLE"),
        chapeau("t-2000", "The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),"),
        verb("v-1000", "considering"),
        *body,
        verb("v-2000", "resolves", operative=True),
        item("o-1000", "that something is done;", operative=True),
        item("o-2000", "that more is done.", operative=True),
        amendments=[amendment(one, "XAA") for one in sorted(named)],
        labels={"o-1000": "1", "o-2000": "2", **labels},
    )


def of(rule: Rule, *rows: Paragraph, **labels: str) -> list[tuple[str, str | None]]:
    """What a rule finds in these rows: the words and what could stand there."""
    return [(one.was, one.words) for one in check(opinion(*rows, **labels)) if one.rule is rule]


def with_words(*words: object) -> Paragraph:
    return paragraph("p-1000", *words)  # type: ignore[arg-type]


def test_dc1_an_opinion_that_is_as_it_should_be_has_no_remark() -> None:
    assert check(opinion()) == ()


@pytest.mark.parametrize("name", sorted(path.name for path in TEXTS.glob("*.txt")))
def test_dc1_the_texts_of_the_demonstration_have_no_remark_but_on_what_is_open(name: str) -> None:
    numbers = count()
    whole = read(
        (TEXTS / name).read_text("utf-8"), at=datetime(2026, 1, 1, tzinfo=UTC), new_id=lambda: f"x-{next(numbers):06}"
    )
    assert check(whole.document) == ()


@pytest.mark.skipif(not REAL_TEXTS, reason="the texts are not at hand")
def test_dc1_real_texts_of_other_kinds_have_few_remarks() -> None:
    numbers = count()
    for path in REAL_TEXTS:
        whole = read(
            path.read_text("utf-8"), at=datetime(2026, 1, 1, tzinfo=UTC), new_id=lambda: f"x-{next(numbers):06}"
        )
        found = counts(check(whole.document))
        assert sum(found.values()) - found.get(Rule.PLACEHOLDER, 0) < 20, found


def test_dc2_the_chapeau_ends_with_a_comma() -> None:
    for words, proposed in (("The Forum.", ","), ("The Forum", ","), ("The Forum;", ",")):
        whole = document(chapeau("t-2000", words), verb("v-1000", "noting"), item("c-1000", "that it is,"))
        (one,) = [one for one in check(whole) if one.rule is Rule.CHAPEAU]
        assert (one.was, one.words) == (words[9:], proposed)


@pytest.mark.parametrize(
    ("words", "operative", "said"),
    [
        ("considering", False, []),
        ("considering further", False, []),
        ("further recalling", False, []),
        ("bearing in mind", False, []),
        ("instructs the Secretary-General", True, []),
        ("invites Member States, Sector Members and Academia", True, []),
        ("is of the view", True, []),
        ("resolves further", True, []),
        ("resolves", False, ["not a verb of the preamble"]),
        ("considering", True, ["not a verb of the operative part"]),
        ("pondering", False, ["not among the usual verbs"]),
        ("Considering", False, ["small letter"]),
        ("considering,", False, ["no sign behind it"]),
    ],
)
def test_dc3_verbs_are_those_of_opinions(words: str, operative: bool, said: list[str]) -> None:
    rows = (verb("v-9000", words, operative=operative), item("c-1000", "x;", operative=operative))
    whole = document(*rows)
    found = [one.message for one in check(whole) if one.rule is Rule.VERB]
    assert len(found) == len(said)
    assert all(part in message for part, message in zip(said, found, strict=True))


def test_dc3_a_verb_stands_in_italics_and_not_twice() -> None:
    plain = Paragraph(verb("v-9000", "noting").id, Kind.PREAMBULAR_VERB, 0, paragraph("x-1", "noting").runs)
    assert [one.message for one in check(document(plain)) if one.rule is Rule.VERB] == ["A verb stands in italics."]
    twice = document(verb("v-1000", "noting"), item("c-1000", "x,"), verb("v-2000", "noting"), item("c-2000", "x,"))
    assert [one.words for one in check(twice) if one.rule is Rule.VERB] == ["noting further"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("that a is;", "that b is,", []),
        ("that a is; and", "that b is,", []),
        ("that a is,", "that b is,", [(",", ";")]),
        ("that a is.", "that b is,", [(".", ";")]),
        ("that a is", "that b is,", [("", ";")]),
        ("that a is;", "that b is;", [(";", ",")]),
        ("that a is;", "that b is.", [(".", ",")]),
        ("that a is (b);", "that b is (c),", []),
    ],
)
def test_dc4_items_end_with_semicolons_and_the_last_with_a_comma(
    first: str, last: str, found: list[tuple[str, str]]
) -> None:
    rows = (item("c-1000", first), item("c-2000", last))
    assert of(Rule.ENDING, *rows, **{"c-1000": "a)", "c-2000": "b)"}) == found


def test_dc4_the_last_item_of_all_ends_with_a_full_stop_and_no_other_one() -> None:
    rows = (
        verb("v-1000", "resolves", operative=True),
        item("o-1000", "to a:", operative=True),
        sub_item("s-1000", "b;"),
        sub_item(
            "s-2000",
            "c.",
        ),
        verb("v-2000", "invites", operative=True),
        item("o-2000", "to d,", operative=True),
    )
    whole = document(*rows)
    assert [(one.paragraph, one.was, one.words) for one in check(whole) if one.rule is Rule.ENDING] == [
        ("s-2000", ".", ","),
        ("o-2000", ",", "."),
    ]


def test_dc4_where_the_end_is_before_the_meeting_nothing_is_said() -> None:
    rows = (item("c-1000", "that a is", ins("a-one", ", and more")), item("c-2000", "that b is", struck("a-two", ".")))
    assert of(Rule.ENDING, *rows) == []


def test_dc5_a_single_item_has_no_letter() -> None:
    found = check(opinion(item("c-1000", "that it is,"), **{"c-1000": "a)"}))
    assert [one.rule for one in found] == [Rule.SINGLE_ITEM]
    assert check(opinion(item("c-1000", "that it is,"))) == ()


@pytest.mark.parametrize("words", ["{number}", "[TBD]", "[X]", "###", "XX", "[date]", "[ ]", "____", "TBC"])
def test_dc6_placeholders_are_found(words: str) -> None:
    assert of(Rule.PLACEHOLDER, with_words(f"held in {words} last year")) == [(words, None)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Annexes XIX and XX", []),
        ("Annexes IX to XXX", []),
        ("Annex XX", [("XX", None)]),
        ("Geneva from XX to XX", [("XX", None), ("XX", None)]),
        ("Annexes XX and YY", [("XX", None), ("YY", None)]),
    ],
)
def test_dc6_numbers_in_roman_letters_are_told_by_others_beside_them(
    words: str, found: list[tuple[str, str | None]]
) -> None:
    assert of(Rule.PLACEHOLDER, with_words(f"held in {words} last year")) == found


@pytest.mark.parametrize("words", ["the XXI century", "in 2026", "well-being", "[sic]", "Annex X", "WXX"])
def test_dc6_other_words_hold_no_place(words: str) -> None:
    assert of(Rule.PLACEHOLDER, with_words(f"held in {words} last year")) == []


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (Rule.SPACING, "one  two", "one two"),
        (Rule.SPACING, "one , two", "one, two"),
        (Rule.SPACING, "one ; two", "one; two"),
        (Rule.SPACING, "( one)", "(one)"),
        (Rule.SPACING, " one", "one"),
        (Rule.SPACING, "one ", "one"),
        (Rule.PUNCTUATION, "one,, two", "one, two"),
        (Rule.PUNCTUATION, "one;, two", "one, two"),
        (Rule.PUNCTUATION, "one.. Two", "one. Two"),
        (Rule.PUNCTUATION, "one () two", "one two"),
        (Rule.QUOTATION, 'the “one” and the "two"', "the “one” and the “two”"),
        (Rule.RESOLUTION, "as in Res. 2 (Rev. Bucharest, 2022) and", "as in Resolution 2 (Rev. Bucharest, 2022) and"),
        (Rule.WIDTH, "one，two", "one,two"),
        (Rule.WIDTH, "认识到，数字鸿沟,仍然存在", "认识到，数字鸿沟，仍然存在"),
    ],
)
def test_dc7_what_is_proposed_mends_it(rule: Rule, before: str, after: str) -> None:
    whole = document(with_words(before))
    found = [one for one in check(whole) if one.rule is rule]
    assert found
    assert mended(whole, found).text.paragraphs[-1].text == after
    assert [one for one in check(document(with_words(after))) if one.rule is rule] == []


@pytest.mark.parametrize(
    "words", ["and so on ... to", "Resolution 2 (Rev. Bucharest, 2022), No. 5", "3.5 per cent", "e.g., one"]
)
def test_dc7_other_signs_are_left_alone(words: str) -> None:
    assert check(document(with_words(words))) == ()


def test_dc7_french_has_its_blanks() -> None:
    assert (
        check(document(with_words("que les États et les membres du Secteur sont invités à agir ; et que la suite")))
        == ()
    )


def test_dc7_where_something_is_pending_nothing_is_said() -> None:
    for words in (
        ("one ", ins("a-one", "and"), " two"),
        ("one ", struck("a-one", " and "), "two"),
        ("one ", bracketed("a-one", ", and"), " two"),
    ):
        assert of(Rule.SPACING, with_words(*words)) == []


def test_dc8_abbreviations_are_explained_once_before_they_are_used() -> None:
    early = (
        item("c-1000", "that the WSIS matters;"),
        item("c-2000", "the World Summit on the Information Society (WSIS),"),
    )
    assert of(Rule.ABBREVIATION, *early) == [("WSIS", None)]
    twice = with_words(
        "Information and Communication Technologies (ICTs) and information and communication technologies (ICTs), ICT"
    )
    assert of(Rule.ABBREVIATION, twice) == [("(ICTs)", None)]
    never = with_words("the World Summit on the Information Society (WSIS) matters")
    assert of(Rule.ABBREVIATION, never) == [(" (WSIS)", "")]
    assert of(Rule.ABBREVIATION, with_words("the International Telecommunication Union (ITU); that ITU")) == []
    assert of(Rule.ABBREVIATION, with_words("the Forum (Nassau, 2026) and the proposal (EUR)")) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Resolution 2 (Rev. Bucharest, 2022); that Resolution 2", []),
        (
            "Resolution 2; that Resolution 2 (Rev. Bucharest, 2022)",
            [("Resolution 2", "Resolution 2 (Rev. Bucharest, 2022)")],
        ),
        ("Resolution 139 says so", [("Resolution 139", None)]),
        ("Council Resolution 1305 and Resolution 1721 of the Council", []),
        ("resolution 70/125 of the General Assembly", []),
        ("Resolution 218 (Bucharest, 2022)", []),
    ],
)
def test_dc9_resolutions_are_named_in_full_where_they_come_first(
    words: str, found: list[tuple[str, str | None]]
) -> None:
    assert of(Rule.RESOLUTION, with_words(words)) == found


def test_dc10_another_opinion_is_named_with_its_forum() -> None:
    assert of(Rule.OPINION, with_words("as Opinion 3 says, and Opinion 4 (Geneva, 2013)")) == [("Opinion 3", None)]


def test_dc11_a_citation_that_leads_nowhere_is_told() -> None:
    assert of(Rule.CITATION, with_words("see considering z) above")) == [("considering z) above", None)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("that the divide persists", Language.ENGLISH),
        ("que la fracture numérique persiste dans les pays et que les femmes", Language.FRENCH),
        ("que la brecha digital persiste en los países y que las mujeres del", Language.SPANISH),
        ("что цифровой разрыв сохраняется", Language.RUSSIAN),
        ("أن الفجوة الرقمية لا تزال قائمة", Language.ARABIC),
        ("数字鸿沟仍然存在，ITU", Language.CHINESE),
    ],
)
def test_dc12_the_language_is_that_of_the_words(words: str, expected: Language) -> None:
    assert language(document(with_words(words))) is expected


def mended(whole: Document, found: list[Finding]) -> Document:
    edits: list[InsertText | DeleteText] = []
    for one in sorted(found, key=lambda one: (one.paragraph, -one.start, -one.end)):
        if one.words is not None:
            edits += [InsertText(one.paragraph, one.end, one.words), DeleteText(one.paragraph, one.start, one.end)]
    return applied(whole, edits)


@given(documents())
def test_dc1_a_remark_is_on_words_that_stand_there(whole: Document) -> None:
    for one in check(whole):
        there = whole.text.find(one.paragraph)
        assert there is not None
        assert there.added is None
        assert 0 <= one.start <= one.end <= len(there.text)
        if one.words is not None:
            assert there.text[one.start : one.end] == one.was
            assert not any(
                mark.kind.value in ("insertion", "deletion", "bracket")
                for run in there.runs
                for mark in run.marks
                if run.text and there.text.find(run.text) == one.start and one.end - one.start == len(run.text)
            )


def test_dc1_italics_of_a_verb_are_enough_where_part_of_it_is_struck() -> None:
    row = Paragraph(verb("v-1", "x").id, Kind.PREAMBULAR_VERB, 0, em("noting ")[:1] + struck("a-one", em("further")))
    assert [
        one for one in check(document(row, amendments=[amendment("a-one", "XAA")])) if "italics" in one.message
    ] == []
