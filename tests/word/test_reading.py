"""What is read in a DOCX, held against pandoc: 18 files that LibreOffice wrote, 28 written by hand, random ones.

Pandoc differs by design, so none of the compared files holds: revised rows of a table (pandoc does not know them),
the deleted mark of a paragraph before a table (pandoc lets its words flow into the first cell; Word keeps the mark),
text boxes (pandoc drops the paragraph they hang on), simple fields (dropped), equations (read as formulas), and the
authors of changes of formatting (not told). For each of these `test_features.py` says what we do.
"""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.incoming import IncomingDocument, accepted, rejected
from server.word_in.reader import read_document, read_words
from server.word_in.whole_paragraphs import marks_in_place
from tests.word import writing as w
from tests.word.cases import CASES
from tests.word.oracle import authors, ours, texts
from tests.word.sources import AROUND, EDITED, FLAT

FILES = Path(__file__).parent / "files"
BY_OFFICE = sorted((*FLAT, *AROUND, *EDITED))


def content(name: str) -> bytes:
    return CASES[name] if name in CASES else (FILES / f"{name}.docx").read_bytes()


def test_more_than_thirty_files_and_half_of_them_by_libreoffice() -> None:
    """The corpus is whole: each source has its file, and no file is without its source."""
    assert {one.stem for one in FILES.glob("*.docx")} == set(BY_OFFICE)
    assert len(BY_OFFICE) >= 15
    assert len(BY_OFFICE) + len(CASES) >= 40


@pytest.mark.parametrize("name", [*BY_OFFICE, *CASES])
def test_accepted_rejected_and_authors_are_those_of_pandoc(name: str) -> None:
    """Whoever takes all changes, or undoes all, has the same text by both readers; both name the same authors."""
    given_file = content(name)
    words = read_words(given_file)
    compare(words, given_file)
    if name != "formatting_changed":
        assert set(words.authors) == authors(given_file)


@pytest.mark.parametrize("name", [*BY_OFFICE, *CASES])
def test_labels_and_marks_in_place_change_no_text(name: str) -> None:
    """Labels taken out and marks put right: with the labels back before the words, it is the text as spelled."""
    raw, read = read_words(content(name)), read_document(content(name))
    for spelled, one in zip(raw.paragraphs, read.paragraphs, strict=True):
        assert unspaced(spelled.text) == unspaced(one.text if one.counted else one.label + one.text)
    for resolve in (accepted, rejected):
        if not any(one.label and not one.counted for one in read.paragraphs):
            assert unspaced("".join(resolve(read.paragraphs))) == unspaced("".join(resolve(raw.paragraphs)))


def compare(words: IncomingDocument, given_file: bytes) -> None:
    """The same paragraphs. Pandoc puts a blank where it joins two; Word, and we, do not."""
    for changes in ("accept", "reject"):
        mine, theirs = ours(words, changes), texts(given_file, changes)
        assert list(map(unspaced, mine)) == list(map(unspaced, theirs))
        if not any(one.mark for one in words.paragraphs):
            assert mine == theirs


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- random documents

AUTHORS = st.sampled_from(("XAA", "XAB & <Co>", "وفد"))
WORDS = st.text(st.sampled_from("abc XYZ.,;[]()&<>\"'àß中文الж😀\u00a0\u2013"), min_size=1, max_size=8)
PLAIN = WORDS.map(w.run)


@st.composite
def pieces(draw: st.DrawFn, depth: int = 0) -> str:
    """A run, or a revision around some: an insertion may hold deletions."""
    kind = draw(st.sampled_from(("run", "run", "ins", "del", "mixed", "link")))
    match kind:
        case "ins":
            return w.ins(draw(AUTHORS), *draw(st.lists(PLAIN, min_size=1, max_size=2)))
        case "del":
            return w.dele(draw(AUTHORS), *draw(st.lists(PLAIN, min_size=1, max_size=2)))
        case "mixed":
            deleted = w.dele(draw(AUTHORS), draw(PLAIN))
            return w.ins(draw(AUTHORS), draw(PLAIN), deleted, *draw(st.lists(PLAIN, max_size=1)))
        case "link" if depth == 0:
            return f'<w:hyperlink w:anchor="x">{draw(pieces(depth=1))}</w:hyperlink>'
        case _:
            return draw(PLAIN)


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    """A paragraph; its mark may be inserted or deleted."""
    mark = draw(st.sampled_from(("", "", "", "ins", "del")))
    marks = {"": "", "ins": w.ins_mark(draw(AUTHORS)), "del": w.del_mark(draw(AUTHORS))}
    return w.p(*draw(st.lists(pieces(), max_size=5)), mark=marks[mark])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A document: paragraphs, the last of them with a plain mark, and a table at the end."""
    body = draw(st.lists(paragraphs(), min_size=1, max_size=12))
    cells = [w.p(*draw(st.lists(pieces(), max_size=2))) for _ in range(draw(st.sampled_from((0, 2, 4))))]
    rows = [w.row(cells[at], cells[at + 1]) for at in range(0, len(cells), 2)]
    return w.docx(*body, w.p(w.run("the last")), *((w.table(*rows), w.p()) if rows else ()))


@given(files())
@settings(max_examples=20)
def test_random_documents_are_the_same_to_pandoc(made: bytes) -> None:
    """Nested marks, joined and split paragraphs, scripts of all kinds: no difference but white space."""
    compare(read_words(made), made)


@given(files())
@settings(max_examples=40)
def test_marks_put_in_place_change_no_resolution(made: bytes) -> None:
    """Marks moved onto whole paragraphs: accepted and rejected texts stay as they were."""
    raw = read_words(made).paragraphs
    placed = marks_in_place(raw)
    for resolve in (accepted, rejected):
        assert [one for one in resolve(placed) if one] == [one for one in resolve(raw) if one]
