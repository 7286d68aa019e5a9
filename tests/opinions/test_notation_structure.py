# ruff: noqa: RUF001
"""What the lines of a draft Opinion are, which labels stand before them, and what stays a paragraph."""

import pytest

from opinions.model import Kind, Mark, MarkKind
from opinions.notation import write, write_text
from opinions.record import ParagraphState
from opinions.rolling import rolling
from tests.opinions.test_notation_round_trip import reading_of

OPINION = """\
DRAFT OPINION 1: BRIDGING DIGITAL DIVIDES

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

*considering*

a)\tthat Resolution 139 asks for action[, including for women and girls - XAA; XAB delete];
b)\t[that the [cost][price] of devices remains high;]
i)\tof handsets;
ii)\tof laptops,

considering further

that a single item has no letter,

[recognizing also]

h) one;
i) two;
j) three,

is of the view

1 that access is needed;
2\tthat skills matter:
   a) digital skills;
   – for teachers;
3 bis that this was added later,

invites Member States [and Sector Members]

to cooperate[^1].

instructs the Secretary-General

1 to report [annually][every [two] years]. [Agreed ad ref]

Annex 1

[^1]: In kind too.
"""


def seen(text: str) -> list[tuple[Kind, int, str, str]]:
    document = reading_of(text).document
    return [(p.kind, p.level, document.record.paragraphs[p.id].label, p.text) for p in document.text]


def test_a_draft_opinion_is_read_into_its_parts() -> None:
    item, point, sub = Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM, Kind.SUB_ITEM
    assert [(kind, level, label, words[:12]) for kind, level, label, words in seen(OPINION)] == [
        (Kind.TITLE, 0, "", "DRAFT OPINIO"),
        (Kind.CHAPEAU, 0, "", "The seventh "),
        (Kind.PREAMBULAR_VERB, 0, "", "considering"),
        (item, 0, "a)", "that Resolut"),
        (item, 0, "b)", "that the cos"),
        (sub, 2, "i)", "of handsets;"),
        (sub, 2, "ii)", "of laptops,"),
        (Kind.PREAMBULAR_VERB, 0, "", "considering "),
        (item, 0, "", "that a singl"),
        (Kind.PREAMBULAR_VERB, 0, "", "recognizing "),
        (item, 0, "h)", "one;"),
        (item, 0, "i)", "two;"),
        (item, 0, "j)", "three,"),
        (Kind.OPERATIVE_VERB, 0, "", "is of the vi"),
        (point, 0, "1", "that access "),
        (point, 0, "2", "that skills "),
        (sub, 1, "a)", "digital skil"),
        (sub, 1, "–", "for teachers"),
        (point, 0, "3 bis", "that this wa"),
        (Kind.OPERATIVE_VERB, 0, "", "invites Memb"),
        (point, 0, "", "to cooperate"),
        (Kind.OPERATIVE_VERB, 0, "", "instructs th"),
        (point, 0, "1", "to report an"),
        (Kind.HEADING, 0, "", "Annex 1"),
        (Kind.FOOTNOTE, 0, "1", "In kind too."),
    ]


def test_a_draft_opinion_is_written_back_by_reading_and_by_document() -> None:
    reading = reading_of(OPINION)
    assert write(reading) == OPINION
    assert write_text(rolling(reading.document), reading.document.record) == OPINION


def test_verbs_are_italic_and_their_asterisks_are_layout() -> None:
    document = reading_of("*considering*\n\nthat *skills* grow,").document
    verb, item = document.text
    assert (verb.text, verb.runs[0].marks) == ("considering", frozenset({Mark(MarkKind.EM)}))
    assert item.text == "that *skills* grow,"


def test_footnote_marks_refer_to_their_note() -> None:
    document = reading_of("skills[^a] grow[^b]\n\n[^a]: Of all.").document
    body, note = document.text
    assert note.kind is Kind.FOOTNOTE
    assert [(run.text, run.marks) for run in body.runs] == [
        ("skills", frozenset()),
        ("[^a]", frozenset({Mark(MarkKind.NOTEREF, note.id)})),
        (" grow[^b]", frozenset()),
    ]


def test_the_status_of_a_paragraph_is_read_from_its_tag() -> None:
    document = reading_of(OPINION).document
    states = [document.record.paragraphs[p.id].state for p in document.text if p.text.startswith("to report")]
    assert states == [ParagraphState.AGREED_AD_REFERENDUM]


@pytest.mark.parametrize(
    ("line", "label", "words"),
    [
        ("1. That", "1", "That"),
        ("2.bis We", "2.bis", "We"),
        ("(a) that", "(a)", "that"),
        ("aa) that", "aa)", "that"),
        ("iv) that", "iv)", "that"),
        ("a bis) that", "a bis)", "that"),
        ("3 bis that", "3 bis", "that"),
        ("OP4bis. That", "OP4bis", "That"),
        ("3.3alt: That", "3.3alt", "That"),
        ("(17bis) [That]", "(17bis)", "That"),
        ("[6. That]", "6", "That"),
        ("1\tthat", "1", "that"),
        ("- 4 that", "4", "that"),
        ("2012 was a year", "", "2012 was a year"),
        ("10 years on", "", "10 years on"),
        ("1.5 degrees", "", "1.5 degrees"),
        ("(in) that", "", "(in) that"),
        ("[1. ] that", "", "1.  that"),
        ("a) ", "", "a)"),
    ],
)
def test_labels_are_kept_as_the_source_has_them(line: str, label: str, words: str) -> None:
    reading = reading_of(line)
    (paragraph,) = reading.document.text
    assert (reading.document.record.paragraphs[paragraph.id].label, paragraph.text) == (label, words)
    assert write(reading) == line


def test_a_label_without_words_on_its_line_is_words() -> None:
    assert seen("1. [\nThat]") == [(Kind.PARAGRAPH, 0, "", "1. "), (Kind.PARAGRAPH, 0, "", "That")]
    assert write(reading_of("1. [\nThat]")) == "1. [\nThat]"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("## Article 3 (mitigation)", Kind.HEADING),
        ("I. Our Common Vision", Kind.HEADING),
        ("bearing in mind", Kind.PREAMBULAR_VERB),
        ("noting with appreciation", Kind.PREAMBULAR_VERB),
        ("*Recalling*", Kind.PREAMBULAR_VERB),
        ("further considering", Kind.PREAMBULAR_VERB),
        ("resolves to invite the ITU Council", Kind.OPERATIVE_VERB),
        ("requests", Kind.OPERATIVE_VERB),
        ("*Invites* Member States", Kind.PARAGRAPH),
        ("is of the view:", Kind.OPERATIVE_VERB),
        ("considering that skills grow, the Forum met.", Kind.PARAGRAPH),
        ("The Forum met in Nassau.", Kind.PARAGRAPH),
        ("考虑到", Kind.PREAMBULAR_VERB),
        ("责成秘书长", Kind.OPERATIVE_VERB),
        ("第七届世界电信论坛（2026年，拿骚），", Kind.CHAPEAU),
        ("{:.no_toc}", Kind.PARAGRAPH),
    ],
)
def test_lines_that_stand_alone(line: str, kind: Kind) -> None:
    assert [kind for kind, _, _, _ in seen(f"Some words before it.\n\n{line}")][1:] == [kind]


def test_labels_of_other_houses_nest_by_indentation() -> None:
    text = "# Draft\n\n1. One:\n\n   1. first\n   2. second\n\n2. Two\n    (a) third\n       i) fourth\n"
    assert [(kind, level, label) for kind, level, label, _ in seen(text)] == [
        (Kind.TITLE, 0, ""),
        (Kind.PARAGRAPH, 0, "1"),
        (Kind.SUB_ITEM, 1, "1"),
        (Kind.SUB_ITEM, 1, "2"),
        (Kind.PARAGRAPH, 0, "2"),
        (Kind.SUB_ITEM, 1, "(a)"),
        (Kind.SUB_ITEM, 2, "i)"),
    ]


WRAPPED = """\
The seventh Forum met in Nassau, and those who had come from far away
agreed that skills [and the content that people make for themselves in
their own languages] were worth the effort. They met again the next day.

Somebody wrote the words of this second paragraph
"""


def test_prose_wrapped_by_hand_is_one_paragraph() -> None:
    reading = reading_of(WRAPPED)
    first, _ = reading.document.text
    assert first.text.count("\n") == 0
    assert "far away agreed that" in first.text
    assert reading.counts.spanning == 0
    assert write(reading) == WRAPPED


def test_one_line_items_are_not_prose() -> None:
    text = "that skills and the content that people make are worth the effort;\n" * 3
    assert len(seen(text)) == 3


def test_a_new_label_and_a_new_paragraph_find_their_place_in_the_layout() -> None:
    """The layout of a source survives what the meeting does to the text: another label, a paragraph gone or moved."""
    document = reading_of("1. One\n2. Two\n\nThree").document
    views = list(rolling(document))
    assert write_text(views[1:], document.record) == "\n2. Two\n\nThree\n"
    assert write_text(reversed(views), document.record) == "\n\nThree\n2. Two\n\n1. One\n"
    assert write_text(views) == "1 One\n\n2 Two\n\nThree\n"


@pytest.mark.parametrize(
    ("line", "label", "words"),
    [
        ("*a)* that one", "a)", "that one"),
        ("_b)_ that two", "b)", "that two"),
        ("**c)** that three", "c)", "that three"),
        ("*1.* to study", "1", "to study"),
        ("- *ii)* to act", "ii)", "to act"),
        ("*a) that* one", "", "*a) that* one"),
        ("*that* one", "", "*that* one"),
    ],
)
def test_n3_labels_in_italics_of_markdown_are_labels_and_written_back(line: str, label: str, words: str) -> None:
    text = f"*considering*\n\n{line}\n"
    reading = reading_of(text)
    paragraph = reading.document.text.paragraphs[1]
    assert (reading.document.record.paragraph(paragraph.id).label, paragraph.text) == (label, words)
    assert write(reading) == text
