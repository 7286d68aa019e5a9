"""Document numbers as ITU writes them: every spelling of domain.md 5, one form for each, and which revises which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.document_numbers import DocumentType, Parts, Suffix, document_number, next_number

REV, ADD, CORR = Suffix.REV, Suffix.ADD, Suffix.CORR
DT, INF, R = DocumentType.DT, DocumentType.INF, DocumentType.R
SEEN = {
    "CL-26/9": Parts("CL", 9, "26"),
    "CL-24/44": Parts("CL", 44, "24"),
    "CL-22/007": Parts("CL", 7, "22"),
    "DM-21/1010": Parts("DM", 1010, "21"),
    "C13/64(Rev.1)": Parts("C", 64, "13", suffixes=((REV, 1),)),
    "C16/INF/3(Rev.2)": Parts("C", 3, "16", type=INF, suffixes=((REV, 2),)),
    "TDAG-21/2/13(Rev.1)": Parts("TDAG", 13, "21", 2, suffixes=((REV, 1),)),
    "WTPF-13/16(Rev.1)-E": Parts("WTPF", 16, "13", suffixes=((REV, 1),), language="E"),
    "WTPF09/4-E": Parts("WTPF", 4, "09", language="E"),
    "WTP09/4": Parts("WTPF", 4, "09"),
    "WTPF-IEG/2/5rev1": Parts("WTPF-IEG", 5, session=2, suffixes=((REV, 1),)),
    "WTPF-IEG/3/40(Rev.1)": Parts("WTPF-IEG", 40, session=3, suffixes=((REV, 1),)),
    "WTDC-17/23(Add.17)-E": Parts("WTDC", 23, "17", suffixes=((ADD, 17),), language="E"),
    "TDAG-WG-Prep/DT/6-E": Parts("TDAG-WG-PREP", 6, type=DT, language="E"),
    "S24-WTPF26PREP-R-0003": Parts("S24-WTPF26PREP", 3, type=R),
    "IEG-WTPF-26-4/5": Parts("IEG-WTPF", 5, "26", 4),
    "C13/64(Corr.1)": Parts("C", 64, "13", suffixes=((CORR, 1),)),
    "C22/DL/7(Add.2)(Rev.1)-R": Parts("C", 7, "22", type=DocumentType.DL, suffixes=((ADD, 2), (REV, 1)), language="R"),
}


@pytest.mark.parametrize("spelling", SEEN)
def test_every_spelling_that_was_seen_is_understood_and_kept(spelling: str) -> None:
    number = document_number(f" {spelling} ")
    assert number.spelling == spelling
    assert number.parts == SEEN[spelling]
    assert document_number(SEEN[spelling].normal).parts == SEEN[spelling]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CL-22/007", "CL-22/7"),
        ("WTPF-IEG/2/5rev1", "WTPF-IEG/2/5(Rev.1)"),
        ("C13/64(Rev.1)", "c13/64 Rev. 1"),
        ("WTP09/4", "WTPF-09/4-E"),
        ("C13/64\uff08Rev.1\uff09", "Document C13/64(Rev.1)-C"),
        ("IEG-WTPF-26-4/5", "IEG-WTPF-26/4/5"),
        ("CL\u201126/9", "CL-2026/9"),
    ],
)
def test_two_spellings_of_one_document_are_equal(one: str, other: str) -> None:
    assert document_number(one).normal == document_number(other).normal


@pytest.mark.parametrize(
    "spelling", ["", "Nassau paper", "CL-26", "9", "CL-26/", "CL-26/x", "文稿 7", "C13/64(Rev.)", "a" * 80]
)
def test_what_is_not_understood_is_kept_and_told(spelling: str) -> None:
    number = document_number(spelling)
    assert not number.known
    assert number.spelling == spelling
    assert number.normal == " ".join(spelling.split()).casefold()


def test_which_revises_which() -> None:
    first, second, third = (document_number(one) for one in ("C13/64", "C13/64(Rev.1)-E", "C13/64rev2"))
    assert second.revises(first)
    assert third.revises(first)
    assert third.revises(second)
    assert not first.revises(second)
    assert not second.revises(document_number("C13/65"))
    addendum = document_number("C13/64(Add.2)")
    assert not addendum.revises(first)
    assert document_number("C13/64(Add.2)(Rev.1)").revises(addendum)
    assert not document_number("x").revises(document_number("x"))
    assert (first.revision, second.revision, third.revision) == (0, 1, 2)
    assert {one.base for one in (first, second, third, addendum)} == {first.normal}


def test_numbers_sort_as_people_count_them() -> None:
    wanted = ["C13/2", "C13/10", "C13/10(Rev.1)", "C13/INF/1", "C26/1", "WTPF09/4", "WTPF-IEG/2/5", "odd one"]
    assert sorted(reversed(wanted), key=lambda one: document_number(one).sort_key) == wanted


@pytest.mark.parametrize(
    ("like", "taken", "following"),
    [
        ("IEG-WTPF-26-4/5", ["IEG-WTPF-26-4/12", "IEG-WTPF-26-3/40"], "IEG-WTPF-26-4/13"),
        ("IEG-WTPF-26-4/5(Rev.1)-E", [], "IEG-WTPF-26-4/6"),
        ("CL-22/007", ["CL-22/8"], "CL-22/009"),
        ("S24-WTPF26PREP-C-0003", ["S24-WTPF26PREP-R-0009"], "S24-WTPF26PREP-C-0004"),
        ("Nassau paper", [], ""),
    ],
)
def test_the_next_number_of_a_row(like: str, taken: list[str], following: str) -> None:
    assert next_number(document_number(like), [document_number(one) for one in taken]) == following


numbers = st.builds(
    Parts,
    st.sampled_from(["C", "CL", "WTPF", "WTPF-IEG", "IEG-WTPF", "TDAG-WG-PREP", "DM", "R", "DT"]),
    st.integers(0, 999_999),
    st.sampled_from(["", "09", "13", "26", "98"]),
    st.integers(0, 99),
    st.sampled_from(DocumentType),
    st.lists(st.tuples(st.sampled_from(Suffix), st.integers(0, 999)), max_size=3).map(tuple),
    st.sampled_from(["", *"ACEFRS"]),
)


@given(numbers)
def test_what_is_written_is_read_back(parts: Parts) -> None:
    assert document_number(parts.normal).parts == parts


@given(st.text(max_size=80))
def test_any_text_is_kept_as_it_is_and_can_be_sorted(text: str) -> None:
    number = document_number(text)
    assert number.spelling == text.strip()
    assert sorted([number, document_number("C13/64")], key=lambda one: one.sort_key)
    if number.parts is not None:
        assert document_number(number.parts.normal).parts == number.parts
