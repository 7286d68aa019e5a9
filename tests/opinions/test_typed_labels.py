"""[IN9] Labels typed before the words of a paragraph whose label stands apart in our text."""

import hashlib

import pytest

from opinions.incoming import IncomingDocument
from opinions.model import DelegationCode
from opinions.reading_proposals import Understanding, What, understand
from opinions.record import Document
from opinions.typed_labels import label_key
from tests.support.builders import document, item, title
from tests.support.incoming import cut, file, put, unit

WORDS = "to continue the work on broadband for all,"
SECOND = "to report to the next conference on spectrum,"


def mint(key: str) -> str:
    return f"x-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def text(first: str = "1", words: str = WORDS) -> Document:
    return document(
        title("p-title", "Broadband"),
        item("p-1", words, operative=True),
        item("p-2", SECOND, operative=True),
        labels={"p-1": first, "p-2": "2 bis"},
    )


def read(incoming: IncomingDocument, ours: Document) -> Understanding:
    return understand(ours, incoming, parties={"Kenya": DelegationCode("KEN")}, mint=mint)


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        *((one, "1") for one in ("1 ", "1. ", "1) ", "(1) ", "1.\u00a0", "1.")),
        *((one, "a)") for one in ("a) ", "(a) ", "a. ", "A) ")),
        *((one, "2 bis") for one in ("2.bis ", "2 bis ", "2bis ", "2.bis. ", "2 bis) ", "2. bis ")),
        ("b bis) ", "b bis)"),
    ],
)
def test_in9_a_typed_label_that_is_ours_is_no_words(typed: str, ours: str) -> None:
    words = WORDS.capitalize() if typed == "1." else WORDS
    written = [unit(typed + words), unit(put("Kenya", typed), words)]
    for one in written[:1] if typed.strip() == "1" else written:  # a bare number that somebody puts in may be meant
        found = read(file(unit("Broadband"), one, unit(SECOND)), text(ours, words))
        assert found.differences == ()
        assert found.remarks == ()


def test_in9_a_typed_label_that_differs_is_told_and_no_words() -> None:
    for pieces in (("3. " + WORDS,), (cut("Kenya", "1."), put("Kenya", "3."), " " + WORDS)):
        found = read(file(unit("Broadband"), unit(*pieces), unit(SECOND)), text())
        assert found.differences == ()
        (remark,) = found.remarks
        assert "numbers this paragraph “3.”; here it is “1”" in remark.message


def test_in9_words_behind_a_typed_label_are_changed_at_their_place() -> None:
    changed = unit("1. to continue the work on ", put("Kenya", "affordable "), "broadband for all,")
    (one,) = read(file(unit("Broadband"), changed, unit(SECOND)), text()).differences
    assert (one.what, one.struck, one.put) == (What.WORDS, "", "affordable ")


def test_in9_a_new_paragraph_is_told_apart_from_its_label() -> None:
    new = unit(put("Kenya", "1.bis to invite all members to contribute,"), marked="Kenya")
    found = read(file(unit("Broadband"), unit("1. " + WORDS), new, unit("2.bis " + SECOND)), text())
    (one,) = found.differences
    assert (one.what, one.put) == (What.ADDED, "to invite all members to contribute,")
    assert [row.incoming.label for row in found.rows if row.incoming and not row.ours] == ["1.bis"]


def test_in9_what_our_words_have_themselves_is_left_in_them() -> None:
    """A paragraph whose number is among its words, and words that only begin like a label."""
    for words in ("1. " + WORDS, "5 billion people have no access to broadband,", "a forum of all its members,"):
        found = read(file(unit("Broadband"), unit(words), unit(SECOND)), text("a)", words))
        assert (found.differences, found.remarks) == ((), ())


def test_in9_a_label_before_words_that_begin_with_a_number() -> None:
    for words in ("1.5 degrees is the limit,", "2 of the members agree on the limit,"):
        found = read(file(unit("Broadband"), unit("1. " + words), unit(SECOND)), text("1", words))
        assert (found.differences, found.remarks) == ((), ())


def test_in9_a_number_among_the_words_is_words() -> None:
    changed = unit(put("Kenya", "1 "), WORDS)
    (one,) = read(file(unit("Broadband"), changed, unit(SECOND)), text()).differences
    assert one.put == "1 "


def test_in9_spellings_of_a_label() -> None:
    assert {label_key(one) for one in ("2.bis", "2 bis", "2bis.", "(2 bis)", "OP2 bis")} == {"2.bis"}
    assert label_key("1.2") != label_key("12")
    assert label_key("\u2013") == ""
