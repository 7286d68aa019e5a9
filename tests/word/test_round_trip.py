"""A text goes out with revision marks, is edited in LibreOffice by delegations, and comes back: whose is what.

One start of LibreOffice edits, another two take many files to OpenDocument and back; what they make is shared.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings

from opinions.incoming import (
    ARRIVING,
    LEAVING,
    IncomingDocument,
    IncomingParagraph,
    RevisionKind,
    Stretch,
    accepted,
    rejected,
)
from opinions.model import DelegationCode, Kind
from opinions.record import Document
from opinions.roles import Delegation, DelegationKind, Region
from opinions.views import SegmentKind, View, ViewParagraph
from server.export.sheet import Origin, make_sheet, view_of
from server.export.word import to_docx
from server.word_in.reader import read_document, read_words
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.support.office import (
    Comment,
    Delete,
    DeleteParagraph,
    Insert,
    NewParagraph,
    Replace,
    Sitting,
    converted,
    edited,
)
from tests.support.strategies import documents
from tests.word.cases import CASES
from tests.word.oracle import authors, ours, plain, texts

ORIGIN = Origin("WTPF-26", "o-abc", "Draft Opinion 1", "Draft", datetime(2026, 1, 23, 17, 4, tzinfo=UTC), "UTC", seq=42)
NAMES = {"XAA": "Delegation of Ruritania", "XAB": "Grand Fenwick & Freedonia", "XAC": "وفد بلاد السند"}
PARTIES = {
    code: Delegation(DelegationCode(code), name, DelegationKind.MEMBER_STATE, Region.EUROPE)
    for code, name in NAMES.items()
}
TEXT = document(
    paragraph("p-aaaaaaaaaaaaaaaa", "Draft Opinion 1: Digital divides", kind=Kind.TITLE),
    paragraph("p-bbbbbbbbbbbbbbbb", "considering", kind=Kind.PREAMBULAR_VERB),
    paragraph("p-cccccccccccccccc", "that ", ins("a-1", "all "), struck("a-2", "some "), "of the Members agree;"),
    paragraph("p-dddddddddddddddd", "that the words of 所有人 and الجميع are heard;"),
    paragraph("p-eeeeeeeeeeeeeeee", ins("a-3", "that a new paragraph is proposed;"), added="a-3"),
    paragraph("p-ffffffffffffffff", "that this paragraph goes,"),
    paragraph("p-gggggggggggggggg", "invites Member States", kind=Kind.OPERATIVE_VERB),
    paragraph("p-hhhhhhhhhhhhhhhh", "to go on with it in good time."),
    amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB"), amendment("a-3", "XAC")],
)


def exported(text: Document, view: View = View.MARKED) -> bytes:
    return to_docx(make_sheet(ORIGIN, text, view, PARTIES, mark_not_agreed=True))


@pytest.fixture(scope="module")
def back() -> IncomingDocument:
    """The text as it comes back from three delegations."""
    return read_document(
        edited(
            exported(TEXT),
            Sitting(
                "Ms A of Syldavia",
                (Replace("agree", "concur"), NewParagraph("are heard", "that Syldavia adds this;"), Delete("all ")),
            ),
            Sitting("Mr B of Borduria", (Insert("good", " and proper"), DeleteParagraph("this paragraph goes"))),
            Sitting(NAMES["XAA"], (Comment("Member States", "Only Members?"), Delete("adds "))),
        )
    )


def found(one: IncomingDocument, identity: str) -> IncomingParagraph:
    (row,) = [row for row in one.paragraphs if row.identity == identity]
    return row


def by(one: IncomingParagraph, author: str) -> list[tuple[str, str]]:
    return [
        (stretch.text, " in ".join(str(mark.kind) for mark in reversed(stretch.revisions)))
        for stretch in one.stretches
        if any(mark.author == author for mark in stretch.revisions)
    ]


def test_every_paragraph_comes_back_as_itself(back: IncomingDocument) -> None:
    """Identity survives LibreOffice: all the ids, in order, and the new paragraph has none."""
    assert (back.source_opinion, back.source_seq, back.title) == ("o-abc", 42, "Draft Opinion 1")
    identities = [row.identity for row in back.paragraphs]
    assert [one for one in identities if one] == [one.id for one in TEXT.text]
    assert [row.text for row in back.paragraphs if not row.identity] == ["that Syldavia adds this;"]


def test_old_and_new_authors_are_told_apart(back: IncomingDocument) -> None:
    """What was pending keeps its delegation; each edit has the name of who made it, nested where it was nested."""
    members = found(back, "p-cccccccccccccccc")
    assert by(members, NAMES["XAA"]) == [("all ", "deleted in inserted")]
    assert by(members, NAMES["XAB"]) == [("some ", "deleted")]
    assert by(members, "Ms A of Syldavia") == [
        ("all ", "deleted in inserted"),
        ("agree", "deleted"),
        ("concur", "inserted"),
    ]
    assert by(found(back, "p-hhhhhhhhhhhhhhhh"), "Mr B of Borduria") == [(" and proper", "inserted")]
    assert set(back.authors) == {*NAMES.values(), "Ms A of Syldavia", "Mr B of Borduria"}


def test_whole_paragraphs_come_and_go_with_their_marks(back: IncomingDocument) -> None:
    """A paragraph typed behind another, one deleted, and one that was proposed before."""
    (new,) = [row for row in back.paragraphs if not row.identity]
    assert [(one.kind, one.author) for one in new.mark] == [(RevisionKind.INSERTED, "Ms A of Syldavia")]
    gone = found(back, "p-ffffffffffffffff")
    assert [(one.kind, one.author) for one in gone.mark] == [(RevisionKind.DELETED, "Mr B of Borduria")]
    proposed = found(back, "p-eeeeeeeeeeeeeeee")
    assert [(one.kind, one.author) for one in proposed.mark] == [(RevisionKind.INSERTED, NAMES["XAC"])]


def test_comments_come_back_on_their_words(back: IncomingDocument) -> None:
    """The comment's author and words, and what it is on."""
    (comment,) = back.comments
    assert (comment.author, comment.text) == (NAMES["XAA"], "Only Members?")
    on = [one.text for row in back.paragraphs for one in row.stretches if comment.id in one.comments]
    assert on == ["Member States"]


def test_the_text_taken_and_undone(back: IncomingDocument) -> None:
    """Accepted and rejected, the text is what the delegations saw."""
    taken = [plain(one) for one in accepted(back.paragraphs)]
    assert "that of the Members concur;" in taken
    assert "that Syldavia this;" in taken
    assert "that this paragraph goes," not in taken
    assert [plain(one) for one in rejected(back.paragraphs)] == [
        plain(one) for one in rejected(read_document(exported(TEXT)).paragraphs)
    ]


def test_libreoffice_and_back_is_the_same_text(tmp_path: Path) -> None:
    """Files written by hand and by us, to OpenDocument and back: the same to pandoc and to us, the same authors."""
    names = ("exported", "deletion_in_insertion", "paragraph_inserted", "table_with_changes", "footnotes", "arabic")
    given_files = [tmp_path / f"{name}.docx" for name in names]
    for name, one in zip(names, given_files, strict=True):
        one.write_bytes(CASES[name])
    there = tmp_path / "there"
    made = converted(converted(given_files, "odt", tmp_path), "docx", there)
    for name, one in zip(names, made, strict=True):
        before, after = read_words(CASES[name]), read_words(one.read_bytes())
        for changes in ("accept", "reject"):
            assert ours(after, changes) == texts(one.read_bytes(), changes), name
            assert ours(after, changes) == ours(before, changes), name
        assert set(after.authors) == authors(one.read_bytes()) == set(before.authors), name


# --- our own exports, at random


@given(documents())
@settings(max_examples=8)
def test_what_we_export_we_read(text: Document) -> None:
    """Each paragraph of the marked view comes back by its id, with its label, its words and whose they are."""
    shown = read_document(exported(text))
    view = view_of(text, View.MARKED)
    assert [one.identity for one in shown.paragraphs] == [row.id for row in view]
    assert (shown.source_opinion, shown.source_seq) == ("o-abc", 42)
    for one, row in zip(shown.paragraphs, view, strict=True):
        assert one.label == row.label
        assert words(one) == words_of(row)


def words(one: IncomingParagraph) -> list[tuple[str, bool, bool]]:
    """Its characters, and whether each arrives and leaves."""
    return [(character, *_way(stretch)) for stretch in one.stretches for character in stretch.text]


def _way(stretch: Stretch) -> tuple[bool, bool]:
    kinds = {mark.kind for mark in stretch.revisions}
    return bool(kinds & ARRIVING), bool(kinds & LEAVING)


def words_of(row: ViewParagraph) -> list[tuple[str, bool, bool]]:
    """The same of the view."""
    told: list[tuple[str, bool, bool]] = []
    for one in row.segments:
        if one.kind in (SegmentKind.ATTRIBUTION, SegmentKind.NOTE):
            continue
        comes = one.kind is SegmentKind.INSERTED or one.inserted_by is not None or row.added is not None
        goes = one.kind is SegmentKind.DELETED or bool(row.removal)
        told.extend((character, comes, goes) for character in one.text)
    return told


@pytest.mark.parametrize("view", [View.CLEAN, View.ROLLING])
def test_other_exports_carry_no_ids(view: View) -> None:
    """Only the text with revision marks is meant to come back: the agreed text says nothing but itself."""
    shown = read_document(exported(TEXT, view))
    assert not any(one.identity for one in shown.paragraphs)
    assert (shown.source_opinion, shown.authors) == ("", ())
