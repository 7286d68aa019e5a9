"""Labels (L1, L2) and citations."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.edits import PutParagraph, applied
from opinions.errors import UnknownParagraph
from opinions.model import Kind, Opinion, Paragraph, ParagraphId
from opinions.numbering import (
    Renumbered,
    added_label,
    citation,
    citations,
    concordance,
    labels,
    letters,
    renumbered,
    roman,
)
from opinions.record import Document, ParagraphRecord
from tests.support.builders import (
    addition,
    amendment,
    chapeau,
    document,
    ins,
    item,
    paragraph,
    struck,
    sub_item,
    title,
    verb,
)
from tests.support.strategies import documents


def labelled(*paragraphs: Paragraph) -> list[str]:
    return list(labels(Opinion(paragraphs)).values())


def with_labels(*rows: Paragraph, **stored: str) -> Document:
    """A document with stored labels; the amendments of added paragraphs are put on record."""
    added = {row.added for row in rows if row.added}
    return document(*rows, amendments=[addition(name) for name in sorted(added)], labels=stored)


# --- letters and numerals ---


def test_l1_letters_go_on_past_z_by_doubling() -> None:
    assert [letters(n) for n in (1, 2, 26, 27, 28, 52, 53)] == ["a", "b", "z", "aa", "bb", "zz", "aaa"]


def test_l1_roman_numerals() -> None:
    assert [roman(n) for n in (1, 2, 3, 4, 5, 9, 14, 40, 1999)] == [
        *("i", "ii", "iii", "iv", "v", "ix", "xiv", "xl", "mcmxcix")
    ]


# --- labels of a whole text (L1) ---


def test_l1_each_verb_starts_anew() -> None:
    assert labelled(
        title("p-1", "Opinion 1"),
        chapeau("p-2", "The Forum,"),
        verb("p-3", "recognizing"),
        item("p-4"),
        item("p-5"),
        verb("p-6", "noting"),
        item("p-7"),
        item("p-8"),
        verb("p-9", "invites", operative=True),
        item("p-10", operative=True),
        sub_item("p-11"),
        sub_item("p-12"),
        sub_item("p-13", level=2),
        sub_item("p-14", level=2),
        item("p-15", operative=True),
        sub_item("p-16"),
        sub_item("p-17"),
    ) == ["", "", "", "a)", "b)", "", "a)", "b)", "", "1", "a)", "b)", "i)", "ii)", "2", "a)", "b)"]


def test_l1_a_single_item_has_no_label() -> None:
    assert labelled(verb("p-1", "noting"), item("p-2"), verb("p-3", "invites", operative=True), item("p-4")) == [""] * 4
    assert labelled(item("p-1", operative=True), sub_item("p-2"), item("p-3", operative=True)) == ["1", "", "2"]


def test_l1_what_stands_between_items_does_not_divide_a_list() -> None:
    between = (paragraph("p-2", "Note"), paragraph("p-3", "1 As agreed.", kind=Kind.FOOTNOTE))
    assert labelled(item("p-1"), *between, item("p-4")) == ["a)", "", "1", "b)"]


def test_l1_footnotes_are_numbered_from_end_to_end() -> None:
    notes = [paragraph(f"p-{n}", kind=Kind.FOOTNOTE) for n in (1, 3)]
    assert labelled(notes[0], verb("p-2", "noting"), notes[1]) == ["1", "", "2"]
    assert labelled(paragraph("p-1", added="a-1", kind=Kind.FOOTNOTE)) == ["1"]


def test_l1_a_level_may_be_left_out() -> None:
    assert labelled(
        item("p-1", operative=True), sub_item("p-2", level=2), sub_item("p-3", level=2), sub_item("p-4", level=9)
    ) == ["", "i)", "ii)", ""]


def test_l1_proposed_paragraphs_do_not_count() -> None:
    assert labelled(
        item("p-1"), item("p-2", added="a-1"), item("p-3", added="a-2"), item("p-4"), item("p-5", added="a-3")
    ) == ["a)", "a bis)", "a ter)", "b)", "b bis)"]
    assert labelled(item("p-1", added="a-1"), item("p-2"), item("p-3")) == ["a ante)", "a)", "b)"]
    assert labelled(item("p-1", added="a-1"), item("p-2", added="a-2")) == ["", "a bis)"]


@given(documents())
def test_l1_labels_within_a_list_are_distinct(whole: Document) -> None:
    of_section: set[tuple[int, Kind, str]] = set()
    section = 0
    for p in whole.text:
        label = labels(whole.text)[p.id]
        section += p.kind in (Kind.TITLE, Kind.HEADING, Kind.PREAMBULAR_VERB, Kind.OPERATIVE_VERB)
        if label and p.kind in (Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM):
            assert (section, p.kind, label) not in of_section
            of_section.add((section, p.kind, label))


@given(documents(), st.data())
def test_l1_labels_do_not_depend_on_how_the_text_came_about(whole: Document, data: st.DataObject) -> None:
    """Only order, kinds and what is proposed count: words and stored labels do not."""
    emptied = Opinion(tuple(replace(p, runs=()) for p in whole.text))
    assert labels(emptied) == labels(whole.text)
    stored = data.draw(st.lists(st.sampled_from(("", "a)", "3 bis")), min_size=len(whole.text.paragraphs)))
    records = {p.id: ParagraphRecord(p.id, label) for p, label in zip(whole.text, stored, strict=False)}
    other = replace(whole, record=replace(whole.record, paragraphs=records))
    assert applied(other, renumbered(other)).record.paragraphs.keys() >= {line.paragraph for line in concordance(other)}
    assert {p.id: applied(other, renumbered(other)).record.paragraph(p.id).label for p in whole.text} == labels(
        whole.text
    )


# --- the label of an added paragraph (L2) ---


def test_l2_after_3_it_is_3_bis_then_ter() -> None:
    rows = [item(f"p-{n}", operative=True) for n in range(5)]
    stored = dict(zip(("p-0", "p-1", "p-2"), ("2", "3", "4"), strict=True))
    assert added_label(with_labels(rows[0], rows[1], rows[3], rows[2], **stored), rows[3].id) == "3 bis"
    stored["p-3"] = "3 bis"
    assert added_label(with_labels(rows[0], rows[1], rows[4], rows[3], rows[2], **stored), rows[4].id) == "3 ter"
    assert added_label(with_labels(rows[0], rows[1], rows[3], rows[4], rows[2], **stored), rows[4].id) == "3 ter"


def test_l2_after_a_it_is_a_bis() -> None:
    assert added_label(with_labels(item("p-1"), item("p-2"), **{"p-1": "a)"}), ParagraphId("p-2")) == "a bis)"
    assert added_label(with_labels(item("p-1"), item("p-2"), **{"p-1": "(a)"}), ParagraphId("p-2")) == "(a bis)"


@pytest.mark.parametrize("stored", ["3bis", "3 bis", "3 vicies bis"])
def test_l2_a_latin_suffix_is_not_piled_on_another(stored: str) -> None:
    rows = item("p-1", operative=True), item("p-2", operative=True), item("p-3", operative=True)
    whole = with_labels(*rows, **{"p-1": "3 bis", "p-2": stored})
    assert added_label(whole, ParagraphId("p-3")) == "3 ter"


def test_l2_the_suffixes_never_run_out() -> None:
    rows = [item(f"p-{n}", operative=True) for n in range(45)]
    whole = with_labels(*rows, **{"p-0": "1"})
    for row in rows[1:]:
        record = ParagraphRecord(
            row.id, added_label(Document(Opinion(tuple(rows[: int(row.id[2:]) + 1])), whole.record), row.id)
        )
        whole = applied(whole, [PutParagraph(record)])
    given_ = [whole.record.paragraph(row.id).label for row in rows]
    assert given_[:4] == ["1", "1 bis", "1 ter", "1 quater"]
    assert given_[19:22] == ["1 vicies", "1 vicies bis", "1 vicies ter"]
    assert given_[38:40] == ["1 vicies vicies", "1 vicies vicies bis"]
    assert len(set(given_)) == 45


def test_l2_before_the_first_it_is_ante() -> None:
    rows = item("p-1"), item("p-2"), item("p-3")
    assert added_label(with_labels(*rows[1:], rows[0], **{"p-3": "a)", "p-1": "b)"}), ParagraphId("p-2")) == "a ante)"
    stored = {"p-2": "a ante)", "p-3": "a)"}
    assert added_label(with_labels(*rows, **stored), ParagraphId("p-1")) == "a ante bis)"
    assert added_label(with_labels(rows[1], rows[0], rows[2], **stored), ParagraphId("p-1")) == "a ante bis)"


def test_l2_beside_an_unlettered_one() -> None:
    assert added_label(with_labels(item("p-1"), item("p-2")), ParagraphId("p-2")) == "a bis)"
    assert added_label(with_labels(item("p-1"), item("p-2")), ParagraphId("p-1")) == "a ante)"
    assert (
        added_label(with_labels(item("p-1", operative=True), item("p-2", operative=True)), ParagraphId("p-2"))
        == "1 bis"
    )
    both = with_labels(item("p-1"), item("p-2", added="a-1"), **{"p-2": "a bis)"})
    assert concordance(both) == (), "it keeps the label it was quoted with"
    agreed = with_labels(item("p-1"), item("p-2"), **{"p-2": "a bis)"})
    assert concordance(agreed) == (
        Renumbered(ParagraphId("p-1"), "", "a)"),
        Renumbered(ParagraphId("p-2"), "a bis)", "b)"),
    )


def test_l2_alone_or_of_another_kind_it_has_none() -> None:
    assert added_label(with_labels(verb("p-1", "noting"), item("p-2")), ParagraphId("p-2")) == ""
    assert added_label(with_labels(verb("p-1", "noting"), item("p-2")), ParagraphId("p-1")) == ""
    with pytest.raises(UnknownParagraph):
        added_label(with_labels(item("p-1")), ParagraphId("p-2"))


@given(documents(), st.data())
def test_l2_an_added_paragraph_changes_no_other_label(whole: Document, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole.text.paragraphs)))
    new = item("p-new", "words", operative=data.draw(st.booleans()))
    rows = [*whole.text.paragraphs[:place], new, *whole.text.paragraphs[place:]]
    label = added_label(replace(whole, text=Opinion(tuple(rows))), new.id)
    assert label == "" or label.split()[-1].rstrip(")") in ("bis", "ter", "ante", "quater", "quinquies", "sexies")


# --- renumbering at a freeze (L2) ---


def test_l2_a_renumbering_says_what_became_of_each_label() -> None:
    whole = with_labels(
        verb("p-1", "noting"),
        item("p-2"),
        item("p-3"),
        item("p-4"),
        item("p-5", added="a-1"),
        **{"p-2": "a)", "p-3": "a bis)", "p-4": "b)", "p-5": "b bis)"},
    )
    assert concordance(whole) == (
        Renumbered(ParagraphId("p-3"), "a bis)", "b)"),
        Renumbered(ParagraphId("p-4"), "b)", "c)"),
        Renumbered(ParagraphId("p-5"), "b bis)", "c bis)"),
    )
    after = applied(whole, renumbered(whole))
    assert concordance(after) == ()
    assert [after.record.paragraph(p.id).label for p in after.text] == ["", "a)", "b)", "c)", "c bis)"]


# --- citations ---


def test_a_paragraph_is_cited_as_the_room_does() -> None:
    whole = with_labels(
        title("p-01", "Opinion 1"),
        chapeau("p-02", "The Forum,"),
        verb("p-03", "recognizing,"),
        item("p-04"),
        item("p-05"),
        verb("p-06", "recalling"),
        item("p-07"),
        verb("p-08", "invites Member States", operative=True),
        item("p-09", operative=True),
        sub_item("p-10"),
        sub_item("p-11", level=2),
        paragraph("p-12", "Annex", kind=Kind.HEADING),
        item("p-13"),
        item("p-14", "without a label or a verb"),
        paragraph("p-15", "A paragraph that is so long that nobody would read it out in full"),
        paragraph("p-16", " "),
        paragraph("p-17", "note", kind=Kind.FOOTNOTE),
        paragraph("p-18", "note", kind=Kind.FOOTNOTE),
        verb("p-19"),
        sub_item("p-20", level=2),
        **{
            "p-04": "a)",
            "p-05": "b)",
            "p-09": "2",
            "p-10": "a)",
            "p-11": "i)",
            "p-13": "a)",
            "p-17": "1",
            "p-20": "iv)",
        },
    )
    assert list(citations(whole).values()) == [
        "title",
        "chapeau",
        "the verb *recognizing*",
        "*recognizing* a)",
        "*recognizing* b)",
        "the verb *recalling*",
        "*recalling*",
        "the verb *invites Member States*",
        "*invites Member States* 2",
        "*invites Member States* 2 a)",
        "*invites Member States* 2 a) i)",
        "heading “Annex”",
        "a)",
        "paragraph “without a label or a verb”",
        "paragraph “A paragraph that is so long that nobody…”",
        "paragraph without words",
        "footnote 1",
        "footnote",
        "paragraph without words",
        "iv)",
    ]
    assert citation(whole, "p-05") == "*recognizing* b)"
    with pytest.raises(UnknownParagraph):
        citation(whole, "p-99")


def test_a_paragraph_without_label_is_cited_by_the_words_that_stand() -> None:
    """What is struck and what is to stand instead are never run together, as a careless copy has them."""
    words = ("that ", struck("a-1", "item 3"), ins("a-1", "the third item"), " stands,")
    whole = document(paragraph("p-1", *words), amendments=[amendment("a-1")])
    assert citation(whole, "p-1") == "paragraph “that item 3 stands,”"


def test_a_verb_is_cited_by_the_words_that_stand() -> None:
    whole = document(
        verb("p-1", ins("a-1", "further "), "noting"),
        item("p-2"),
        verb("p-3", "recalling", added="a-2"),
        item("p-4"),
        amendments=[amendment("a-1"), addition("a-2")],
    )
    assert [citation(whole, name) for name in ("p-2", "p-4")] == ["*noting*", "*recalling*"]


@given(documents())
def test_every_paragraph_can_be_cited(whole: Document) -> None:
    cited = citations(whole)
    assert list(cited) == [p.id for p in whole.text]
    assert all(cited.values())
