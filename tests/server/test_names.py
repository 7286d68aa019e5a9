"""Names that a reader could take for another's are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.names import NameRefused, clean_code, clean_email, clean_name, name_key


@pytest.mark.parametrize(
    "name",
    [
        "France",
        "Côte d'Ivoire",
        "مصر",
        "中华人民共和国",
        "Российская Федерация",
        "Ελλάδα",
        "日本のかな",
        "Åland",
        "ITU-T (bureau)",
    ],
)
def test_names_in_the_scripts_of_the_union_are_taken_as_they_are(name: str) -> None:
    assert clean_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["Fr\u0430nce", "\u039aenya", "\u03a1eru", "Xa\u03bfa"])
def test_a_word_of_two_scripts_that_look_alike_is_refused(name: str) -> None:
    with pytest.raises(NameRefused, match="one script"):
        clean_name(name)


@pytest.mark.parametrize(
    "name", ["", "   ", "123", "...", "a\u202eb", "a\u200bb", "a\nb", "a\0b", "a\ufeffb", "x" * 121]
)
def test_invisible_characters_and_empty_names_are_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        clean_name(name)


@pytest.mark.parametrize("name", ["<b>France</b>", "Jo <jo@example.org>", "a < b", "France>"])
def test_pointed_brackets_are_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(NameRefused, match="cannot hold < or >"):
        clean_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FRANCE", "france"),
        ("\uff26\uff52\uff41\uff4e\uff43\uff45", "France"),
        ("\u0441\u043e\u0441\u043e", "coco"),
        ("Straße", "STRASSE"),
        ("Co\u0302te", "C\u00f4te"),
        ("two  blanks", "two blanks"),
    ],
)
def test_names_that_look_alike_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_different_names_have_different_keys() -> None:
    names = ["France", "Francis", "Kenya", "Россия", "Ελλάδα", "مصر", "中国"]
    assert len({name_key(name) for name in names}) == len(names)


@given(st.text(max_size=40))
def test_what_is_taken_is_stable_and_holds_nothing_invisible(text: str) -> None:
    try:
        name = clean_name(text)
    except NameRefused:
        return
    assert clean_name(name) == name
    assert all(character.isprintable() or character in "\u200c\u200d" for character in name)


def test_codes_and_addresses() -> None:
    assert clean_code(" xaa ") == "XAA"
    assert clean_email(" Jo@Example.org ") == "jo@example.org"
    assert clean_email("") is None
    for code in ["X", "1AB", "X-A", "\u0425AA", "ABCDEFGHI", ""]:
        with pytest.raises(NameRefused):
            clean_code(code)
    for address in ["jo", "jo@", "jo@x", "jo@x.org\nBcc: a@b.c", "<jo@x.org>"]:
        with pytest.raises(NameRefused):
            clean_email(address)
