"""Which characters may stand in a text (crdt/SPEC.md, G13)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.unicode import code_point, refused_character

REFUSED = {
    "control": [chr(n) for n in (0, 9, 10, 13, 0x1F, 0x7F, 0x80, 0x85, 0x9F)],
    "line and paragraph separators": ["\u2028", "\u2029"],
    "bidirectional overrides": [chr(n) for n in range(0x202A, 0x202F)],
    "tags": [chr(n) for n in (0xE0000, 0xE0041, 0xE007F)],
    "halves of pairs": ["\ud800", "\udfff"],
    "invisible": ["\u200b", "\u00ad", "\ufeff"],
    "an embedded object": ["\ufffc"],
}
ADMITTED = "\u2066\u2067\u2068\u2069\u200e\u200f\u200c\u200d\u00a0\u202f\u2010\u2019\U0001f600\u0627\u05d0\u4e2d"


@pytest.mark.parametrize("name", REFUSED)
def test_g13_what_cannot_be_seen_is_refused(name: str) -> None:
    for character in REFUSED[name]:
        assert refused_character(f"between {character} words") == character
        assert refused_character(f"e\u0301 {character}") == character


def test_g13_what_scripts_need_is_admitted() -> None:
    assert refused_character(ADMITTED) is None
    assert refused_character("") is None


@given(st.text())
def test_g13_letters_marks_numbers_and_signs_are_admitted(text: str) -> None:
    readable = "".join(c for c in text if unicodedata.category(c)[0] in "LMNPS" and c != "\ufffc")
    assert refused_character(readable) is None


@given(st.text())
def test_the_first_refused_character_is_named(text: str) -> None:
    found = refused_character(text)
    assert found == next((c for c in text if refused_character(c)), None)


def test_a_character_that_cannot_be_shown_is_named_by_its_number() -> None:
    assert code_point("\u202e") == "U+202E"
    assert code_point("\U000e0041") == "U+E0041"
