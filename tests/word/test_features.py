# ruff: noqa: RUF001
"""What pandoc cannot tell, or tells otherwise: labels, italics, places, comments, identity, what is remarked on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opinions.incoming import IncomingDocument, IncomingParagraph, RemarkKind, RevisionKind, accepted, rejected
from opinions.incoming_json import document_json, document_of
from server.word_in.names import bookmark_of, paragraph_of
from server.word_in.reader import read_document
from tests.word import writing as w
from tests.word.cases import CASES, NUMBERING, XAA, XAB, XAC, numbered

FILES = Path(__file__).parent / "files"


def read(*body: str, **others: str) -> IncomingDocument:
    return read_document(w.docx(*body, **others))


def rows(document: IncomingDocument) -> list[tuple[str, str]]:
    return [(one.label, one.text) for one in document.paragraphs]


def messages(document: IncomingDocument, kind: RemarkKind) -> str:
    return "\n".join(f"{one.message} {one.where}" for one in document.remarks if one.kind is kind)


# --- labels


def test_labels_are_counted_as_word_counts() -> None:
    """Levels, formats, restarts, a start of its own, bullets, and no label for the list 0."""
    shown = read(
        *(w.p(w.run("x"), properties=numbered(1, level)) for level in (0, 0, 1, 1, 2, 0, 1)),
        *(w.p(w.run("x"), properties=numbered(2, level)) for level in (0, 1, 1, 0, 1)),
        w.p(w.run("x"), properties=numbered(3, 0)),
        w.p(w.run("x"), properties=numbered(1, 0)),
        w.p(w.run("x"), properties=numbered(0, 0), style="enum"),
        w.p(w.run("x"), style="enum"),
        w.p(w.run("x")),
        numbering=NUMBERING,
    )
    assert [one.label for one in shown.paragraphs] == [
        *("a)", "b)", "i)", "ii)", "•", "c)", "i)"),
        *("1", "1.1", "1.2", "2", "2.1"),
        *("e)", "f)", "", "g)", ""),
    ]
    assert [one.level for one in shown.paragraphs][:7] == [0, 0, 1, 1, 2, 0, 1]
    assert [one.counted for one in shown.paragraphs][-4:] == [True, False, True, False]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("decimal", ["1", "2", "3"]),
        ("decimalZero", ["01", "02", "03"]),
        ("upperLetter", ["A", "B", "C"]),
        ("lowerRoman", ["i", "ii", "iii"]),
        ("upperRoman", ["I", "II", "III"]),
        ("ordinal", ["1st", "2nd", "3rd"]),
        ("russianLower", ["а", "б", "в"]),
        ("arabicAlpha", ["أ", "ب", "ت"]),
        ("arabicAbjad", ["أ", "ب", "ج"]),
        ("chineseCounting", ["一", "二", "三"]),
        ("ganada", ["1", "2", "3"]),
    ],
)
def test_formats_of_numbers(form: str, expected: list[str]) -> None:
    """The formats of the six languages; one not known is counted in figures and remarked on."""
    numbering = (
        f'<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="{form}"/><w:lvlText w:val="%1"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    )
    shown = read(*(w.p(w.run("x"), properties=numbered(1, 0)) for _ in range(3)), numbering=numbering)
    assert [one.label for one in shown.paragraphs] == expected
    assert ("ganada" in messages(shown, RemarkKind.SIMPLIFIED)) == (form == "ganada")


@pytest.mark.parametrize(
    ("typed", "label", "words"),
    [
        ("a)\tthat", "a)", "that"),
        ("(a)\tthat", "(a)", "that"),
        ("1\tto go", "1", "to go"),
        ("3 bis\tto go", "3 bis", "to go"),
        ("OP3\tto go", "", "OP3 to go"),
        ("aa)\tthat", "aa)", "that"),
        ("ii)\tthat", "ii)", "that"),
        ("1.2.3\tthat", "1.2.3", "that"),
        ("–\tthat", "–", "that"),
        ("a) that", "a)", "that"),
        ("(iv) that", "(iv)", "that"),
        ("أ)\tأن", "أ)", "أن"),
        ("1 that", "", "1 that"),
        ("A Member", "", "A Member"),
        ("2014\tthat", "", "2014 that"),
        ("considering\tthat", "", "considering that"),
        ("words (a) that", "", "words (a) that"),
    ],
)
def test_typed_labels_are_told_from_words(typed: str, label: str, words: str) -> None:
    """A label ends at a tab, or has its parenthesis; what could begin a sentence is left in it."""
    assert rows(read(w.p(w.run(typed)))) == [(label, words)]


def test_a_typed_label_may_be_revised_with_its_paragraph_or_by_hand() -> None:
    """Inserted and deleted with the paragraph, or renumbered: a label is never part of an amendment's words."""
    shown = read(
        w.p(w.ins(XAA, w.run("b)\tnew words")), mark=w.ins_mark(XAA)),
        w.p(w.dele(XAB, w.run("c)\told words")), mark=w.del_mark(XAB)),
        w.p(w.dele(XAA, w.run("d")), w.ins(XAA, w.run("c")), w.run(")\tsame words")),
    )
    assert rows(shown) == [("b)", "new words"), ("c)", "old words"), ("d)", "same words")]
    assert not shown.paragraphs[2].stretches[0].revisions


# --- words


def test_italics_by_hand_by_style_and_of_the_whole_paragraph() -> None:
    """`em` says the italics of words; those of a paragraph's style are said of the paragraph."""
    verb, item = read_document(CASES["italics"]).paragraphs
    assert (verb.italic, verb.stretches[0].em, verb.style) == (True, False, "Call")
    assert [(one.text, one.em) for one in item.stretches] == [("that ", False), ("all of ", True), ("us", False)]


def test_nested_marks_stand_from_the_outermost_to_the_innermost() -> None:
    """A deletion inside an insertion is `(inserted, deleted)`, each with its author and time."""
    shown = read_document(CASES["deletion_in_insertion"]).paragraphs[0]
    marks = next(one.revisions for one in shown.stretches if one.text == "of the ")
    assert [(one.kind, one.author) for one in marks] == [(RevisionKind.INSERTED, XAA), (RevisionKind.DELETED, XAB)]
    assert marks[0].at == datetime(2026, 1, 23, 17, 4, tzinfo=UTC)


def test_the_two_places_of_a_move_have_one_name() -> None:
    """Ranges say which moved words belong together."""
    shown = read_document(CASES["words_moved"])
    marks = [mark for row in shown.paragraphs for one in row.stretches for mark in one.revisions]
    assert [(one.kind, one.move) for one in marks] == [
        (RevisionKind.MOVED_FROM, "m1"),
        (RevisionKind.MOVED_TO, "m1"),
    ]


def test_places_that_a_file_does_not_tie_are_tied_by_their_words() -> None:
    """LibreOffice names the two places of a move differently; words that came from nowhere stay as they are."""
    shown = read_document((FILES / "around_moved.docx").read_bytes())
    marks = [mark for row in shown.paragraphs for one in row.stretches for mark in one.revisions]
    assert [(one.kind, one.move) for one in marks] == [
        (RevisionKind.MOVED_FROM, "same words 1"),
        (RevisionKind.MOVED_TO, "same words 1"),
    ]
    alone = read(w.p(f"{w.said('moveTo', XAA)}>{w.run('new')}</w:moveTo>", w.run(" x")))
    assert alone.paragraphs[0].stretches[0].revisions[0].move == ""


def test_a_whole_paragraph_carries_its_own_mark() -> None:
    """Typed from the end of the one before: the mark is put on the paragraph that is new."""
    one, new, newer, two = read_document(CASES["three_inserted_from_the_end_of_one"]).paragraphs
    assert (one.mark, two.mark) == ((), ())
    assert [mark.kind for row in (new, newer) for mark in row.mark] == [RevisionKind.INSERTED] * 2


def test_rows_of_a_table_are_inserted_and_deleted_with_all_they_hold() -> None:
    """Pandoc does not know revised rows; Word takes them away whole."""
    shown = read(
        w.p(w.run("before")),
        w.table(
            w.row(w.p(w.run("a")), w.p(w.run("b"))),
            w.row(w.p(w.ins(XAA, w.run("c"))), w.p(w.run("d")), tracked=w.ins_mark(XAA)),
            w.row(w.p(w.run("e")), w.p(w.run("f")), tracked=w.del_mark(XAB)),
        ),
        w.p(w.run("behind")),
    )
    assert list(accepted(shown.paragraphs)) == ["before", "a", "b", "c", "d", "behind"]
    assert list(rejected(shown.paragraphs)) == ["before", "a", "b", "e", "f", "behind"]
    assert shown.authors == (XAA, XAB)
    assert [one.place for one in shown.paragraphs][3:5] == ["table 1, row 2, cell 1", "table 1, row 2, cell 2"]
    assert len(shown.paragraphs[3].stretches[0].revisions) == 1, "the words' own mark is not said twice"


def test_words_do_not_flow_out_of_a_cell_or_into_a_table() -> None:
    """The mark of the last paragraph before a table, of a cell, of the text: Word keeps it where words remain."""
    shown = read(
        w.p(w.run("before"), mark=w.del_mark(XAA)),
        w.table(w.row(w.p(w.run("a"), mark=w.del_mark(XAA)), w.p(w.run("b")))),
        w.p(w.run("end"), mark=w.ins_mark(XAA)),
    )
    assert list(accepted(shown.paragraphs)) == ["before", "a", "b", "end"]
    assert list(rejected(shown.paragraphs)) == ["before", "a", "b", "end"]


def test_text_boxes_follow_the_paragraph_they_hang_on() -> None:
    """Each box once, though files write it in an old and a new form; its words have a place and a remark."""
    inner = f"<w:txbxContent>{w.p(w.run('boxed'))}</w:txbxContent>"
    drawing = f"<w:drawing><wp:anchor><wps:wsp><wps:txbx>{inner}</wps:txbx></wps:wsp></wp:anchor></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict>"
    both = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    shown = read(w.p(w.run("host"), w.ins(XAA, both), w.run(" tail")), w.p(w.run("next")))
    assert [(one.text, one.place) for one in shown.paragraphs] == [
        ("host tail", ""),
        ("boxed", "text box 1"),
        ("next", ""),
    ]
    assert shown.paragraphs[1].stretches[0].revisions[0].author == XAA
    assert "text box 1" in messages(shown, RemarkKind.SIMPLIFIED)


def test_notes_are_tied_to_their_marks() -> None:
    """The number stands where the note was called; it names the place of the note's paragraphs."""
    shown = read_document(CASES["footnotes"])
    calls = [(one.text, one.noteref) for one in shown.paragraphs[0].stretches if one.noteref]
    assert calls == [("1", "footnote 1"), ("2", "footnote 2")]
    assert [(one.place, one.text) for one in shown.footnotes] == [
        ("footnote 1", "plain"),
        ("footnote 2", "with changes"),
    ]
    assert list(rejected(shown.footnotes)) == ["plain"], "a note called in inserted words goes with them"


def test_a_note_may_have_a_mark_of_its_own_and_base_words_their_reading() -> None:
    """`*` in place of the number; of words with their reading above (ruby), the words."""
    shown = read(
        w.p(w.run("one"), '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'),
        w.p(f"<w:r><w:ruby><w:rt>{w.run('ru')}</w:rt><w:rubyBase>{w.run('宽带')}</w:rubyBase></w:ruby></w:r>"),
        footnotes=f'<w:footnote w:id="2">{w.p(w.run("starred"))}</w:footnote>',
    )
    assert [(one.text, one.noteref) for one in shown.paragraphs[0].stretches] == [("one", ""), ("*", "footnote 1")]
    assert shown.paragraphs[1].text == "宽带"


def test_a_copied_paragraph_is_another_one() -> None:
    """The first place of a bookmark has the identity."""
    marked = '<w:bookmarkStart w:id="1" w:name="ub_p_abcd"/><w:bookmarkEnd w:id="1"/>'
    shown = read(w.p(marked, w.run("one")), w.p(marked, w.run("one")), w.p(w.run("two")))
    assert [one.identity for one in shown.paragraphs] == ["p-abcd", "", ""]


def test_simple_fields_show_their_result_and_tabs_are_blanks() -> None:
    """Pandoc drops simple fields; Word shows them."""
    shown = read(w.p(w.run("page "), f'<w:fldSimple w:instr="PAGE">{w.run("7")}</w:fldSimple>', w.run("\tof 9")))
    assert rows(shown) == [("", "page 7 of 9")]


# --- comments


def test_comments_have_ranges_answers_and_an_end() -> None:
    """Who answers whom, what is settled, and the words each one is on; a point is put on the words before it."""
    shown = read(
        w.p(w.commented(1, w.run("universal"), w.ins(XAA, w.run(" access"))), w.run(" for all")),
        w.p(w.run("point"), '<w:r><w:commentReference w:id="3"/></w:r>', w.run(" behind")),
        comments=w.comment(1, XAB, "Agreed language?", "00000A01")
        + w.comment(2, XAC, "نعم", "00000A02")
        + w.comment(3, XAB, "Here"),
        extended='<w15:commentEx w15:paraId="00000A01" w15:done="1"/>'
        '<w15:commentEx w15:paraId="00000A02" w15:paraIdParent="00000A01" w15:done="1"/>',
    )
    assert [(one.id, one.author, one.text, one.parent, one.resolved) for one in shown.comments] == [
        ("1", XAB, "Agreed language?", "", True),
        ("2", XAC, "نعم", "1", True),
        ("3", XAB, "Here", "", False),
    ]
    assert [(one.text, one.comments) for row in shown.paragraphs for one in row.stretches] == [
        ("universal", ("1",)),
        (" access", ("1",)),
        (" for all", ()),
        ("point", ("3",)),
        (" behind", ()),
    ]


# --- what is remarked on


def test_what_is_left_out_or_simplified_is_said() -> None:
    """Pictures, equations, heads and feet, sections, formatting by whom, hidden words, tables."""
    shown = read(
        w.p(w.run("picture"), '<w:r><w:drawing><wp:inline><wp:docPr descr="A map"/></wp:inline></w:drawing></w:r>'),
        w.p(w.run("sum "), "<m:oMath><m:r><m:t>y</m:t></m:r></m:oMath>"),
        w.p(w.run("hidden", "<w:vanish/>"), properties="<w:sectPr/>"),
        w.p(w.run("bold", f"<w:b/>{w.said('rPrChange', XAB)}><w:rPr/></w:rPrChange>")),
        w.table(w.row(w.p(w.run("cell")))),
        header=w.p(w.run("Document CL-26/9")),
        footer=w.p(w.run("page")),
    )
    left_out = messages(shown, RemarkKind.LEFT_OUT)
    for words in ("picture or drawing was left out. A map", "equation", "Headers were left out. Document CL-26/9"):
        assert words in left_out
    simplified = messages(shown, RemarkKind.SIMPLIFIED)
    for words in ("sections", f"formatting alone by {XAB}", "Word hides are shown. hidden", "cell by cell"):
        assert words in simplified
    assert [one.text for one in shown.paragraphs] == ["picture", "sum ", "hidden", "bold", "cell"]


# --- identity, and the way through JSON


@pytest.mark.parametrize("name", ["p-abcdefghijklmnop", "par-1", "p1", "a" * 37, "p-2-3"])
def test_bookmarks_carry_ids_there_and_back(name: str) -> None:
    """At most 40 letters, digits and `_`: what Word and LibreOffice keep."""
    bookmark = bookmark_of(name)
    assert len(bookmark) <= 40
    assert bookmark.replace("_", "a").isalnum()
    assert paragraph_of(bookmark) == name


@pytest.mark.parametrize("bookmark", ["_GoBack", "ub_", "ub_P_1", "ub_p-1", "x_ub_p_1", "ub_" + "a" * 60])
def test_other_bookmarks_are_no_ids(bookmark: str) -> None:
    """What we did not write says nothing."""
    assert paragraph_of(bookmark) == ""


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_document_survives_json(name: str) -> None:
    """What the reading process says is what the server gets."""
    shown = read_document(CASES[name])
    assert document_of(document_json(shown)) == shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2),
        ("title", 7),
        ("paragraphs", [{"stretches": [["x", [5], False, "", []]], "mark": []}]),
        ("paragraphs", [{"stretches": [["x", [-1], False, "", []]], "mark": []}]),
        ("paragraphs", [{"stretches": [["x", [True], False, "", []]], "mark": []}]),
        ("paragraphs", [{"stretches": [["x"]], "mark": []}]),
        ("paragraphs", [[]]),
        ("paragraphs", 5),
        ("revisions", [["eaten", "A", "", ""]]),
        ("revisions", [["inserted", "A", "yesterday", ""]]),
        ("comments", [["1", "A", "x", "", "", 1]]),
        ("source_seq", -3),
    ],
)
def test_what_does_not_fit_is_no_document(key: str, value: object) -> None:
    """What came from the process that read a hostile file is believed no more than the file."""
    told = document_json(read_document(CASES["insertion_and_deletion"]))
    with pytest.raises(ValueError, match="not a text read from Word"):
        document_of({**told, key: value})


def test_levels_and_marks_are_values() -> None:
    """Two readings of a file are equal."""
    assert read_document(CASES["exported"]) == read_document(CASES["exported"])
    assert isinstance(read_document(CASES["exported"]).paragraphs[0], IncomingParagraph)
