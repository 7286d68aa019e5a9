# ruff: noqa: RUF001
"""Attributions become holders and stances; their spelling is kept (opinions/SPEC.md, N5)."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from opinions.notation import counts, write, write_text
from opinions.record import SECRETARIAT, Amendment, Attitude, Document, Record
from opinions.rolling import rolling
from tests.opinions.test_notation_round_trip import reading_of

P, S, R, D = Attitude.PROPOSE, Attitude.SUPPORT, Attitude.RETAIN, Attitude.DELETE
N, X, F, A = Attitude.OPPOSE, Attitude.RESERVE, Attitude.FLEXIBLE, Attitude.AWAITING


def only(text: str) -> tuple[Amendment, str]:
    """The one bracket of a text, and the words of its paragraph."""
    document = reading_of(text).document
    (amendment,) = document.record.amendments.values()
    return amendment, document.text.paragraphs[0].text


@pytest.mark.parametrize(
    ("text", "words", "stances"),
    [
        ("[extreme - XAA; G77 delete]", "extreme", [("XAA", P), ("G77", D)]),
        ("[rapidly - EU, G77retain]", "rapidly", [("EU", R), ("G77", R)]),
        (
            "[, in line with practice. -G77; US,Canada, Japan, EU delete.]",
            ", in line with practice.",
            [("G77", P), ("US", D), ("Canada", D), ("Japan", D), ("EU", D)],
        ),
        ("[words - KEN: delete]", "words", [("KEN", D)]),
        (
            "[words – Republic of Korea and New Zealand support]",
            "words",
            [("Republic of Korea", S), ("New Zealand", S)],
        ),
        ("[words - CAN/NOR reserve their positions; EGY flexible]", "words", [("CAN", X), ("NOR", X), ("EGY", F)]),
        ("[words - APT & CEPT; RCC awaiting instructions]", "words", [("APT", P), ("CEPT", P), ("RCC", A)]),
        ("[skills [and access] - XAA]", "skills and access", [("XAA", P)]),
        ("[普遍的 - CHN；]", "普遍的 - CHN；", []),
        ("【普遍的 - CHN】", "普遍的", [("CHN", P)]),
    ],
)
def test_suffix(text: str, words: str, stances: list[tuple[str, Attitude]]) -> None:
    amendments = reading_of(text).document.record.amendments.values()
    assert reading_of(text).document.text.paragraphs[0].text == words
    assert [(s.delegation, s.attitude) for s in next(iter(amendments)).stances] == stances
    assert counts(text).attributed == bool(stances)


@pytest.mark.parametrize(
    ("text", "words", "stances"),
    [
        (
            "[CAN/NOR propose; EGY oppose: 6. That skills grow]",
            "That skills grow",
            [("CAN", P), ("NOR", P), ("EGY", N)],
        ),
        ("[CAN propose: include]", "include", [("CAN", P)]),
        ("[NOR will follow consensus: also mean]", "also mean", [("NOR", F)]),
        ("[USA, JPN: in all regions]", "in all regions", [("USA", P), ("JPN", P)]),
        ("[EU and Japan wish to delete: in all regions]", "in all regions", [("EU", D), ("Japan", D)]),
        ("[XAA:[all] regions]", "all regions", [("XAA", P)]),
    ],
)
def test_prefix_and_short(text: str, words: str, stances: list[tuple[str, Attitude]]) -> None:
    document = reading_of(text).document
    first = next(iter(document.record.amendments.values()))
    assert document.text.paragraphs[0].text == words
    assert [(s.delegation, s.attitude) for s in first.stances] == stances
    assert counts(text).attributed == 1


def test_a_note_is_kept_with_the_stance() -> None:
    amendment, _ = only("[KEN reserves its position; NOR will follow consensus: now]")
    assert [stance.note for stance in amendment.stances] == ["reserves its position", "will follow consensus"]


@pytest.mark.parametrize(
    "text",
    [
        "[well-being]",
        "[US - Japan]",
        "[cooperation US - Japan]",
        "[low - carbon]",
        "[12 [-18] months]",
        "[mitigation - NDC]",
        "[NOTE: to be reviewed]",
        "[ICT: a tool]",
        "[Option 1: no text]",
        "[OP3: as it stands]",
        "[Part - II]",
        "[at 10:30]",
        "[ - KEN: delete]",
        "[USA: ]",
        "[SHARED PROSPERITY - GROWTH]",
        "[one / other]",
        "[skills - or access - in general]",
    ],
)
def test_a_dash_or_a_colon_alone_is_no_attribution(text: str) -> None:
    """Whatever is not parties throughout is words: they stay in the text, the bracket is nobody's."""
    text = f"see {text} there"
    document = reading_of(text).document
    assert counts(text).attributed == 0
    assert not any(a.stances for a in document.record.amendments.values())
    assert document.text.paragraphs[0].text.replace("[", "").replace("]", "") == text.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    ("text", "delegation", "sponsors"),
    [
        ("[words]", SECRETARIAT, ()),
        ("[words - XAA; XAB delete]", "XAA", ()),
        ("[words - XAB delete; XAA, XAC retain]", "XAA", ("XAC",)),
        ("[words - XAA, XAB: delete]", "XAA", ("XAB",)),
        ("[words - XAA oppose; XAB flexible]", "XAA", ()),
        ("[XAA, XAB, XAA: words]", "XAA", ("XAB",)),
    ],
)
def test_the_holder_is_who_stands_for_the_words_else_who_wants_them_out(
    text: str, delegation: str, sponsors: tuple[str, ...]
) -> None:
    amendment, _ = only(text)
    assert (amendment.delegation, amendment.sponsors) == (delegation, sponsors)


def test_slash_alternatives_are_brackets_of_one_group_between_one_pair() -> None:
    text = "with [changing old - EU, G77retain / promoting new - US] patterns"
    reading = reading_of(text)
    first, second = reading.document.record.amendments.values()
    assert reading.document.text.paragraphs[0].text == "with changing oldpromoting new patterns"
    assert (first.delegation, first.sponsors, second.delegation) == ("EU", ("G77",), "US")
    assert first.group == second.group == first.id
    assert reading.counts.pairs == reading.counts.attributed == 1
    assert write(reading) == text


def test_a_slash_between_unsigned_words_or_between_parties_parts_nothing() -> None:
    amendment, words = only("[contribution / commitment]")
    assert (words, amendment.stances) == ("contribution / commitment", ())
    amendment, words = only("[commitment - CAN / NOR]")
    assert (words, [s.delegation for s in amendment.stances]) == ("commitment", ["CAN", "NOR"])


SPELLINGS = (
    "We commit[, in line with practice. -G77; US,Canada, Japan, EU delete.] to skills",
    "[CAN/NOR propose; EGY oppose: 6. That skills grow]",
    "[USA,JPN:  in all regions] and [rapidly- XAA]",
    "[changing old - EU, G77retain / promoting new - US]［x - CHN］",
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_n5_the_spelling_is_written_back_until_the_bracket_is_edited(text: str) -> None:
    """[N5] It stands on record, not in the reading alone: the living document writes it too."""
    document = reading_of(text).document
    assert write_text(rolling(document), document.record).rstrip("\n") == text


def test_n5_an_edited_bracket_is_written_in_our_notation() -> None:
    """[N5]"""
    document = reading_of("We commit[, in practice. -G77; US,Canada, Japan, EU delete.] to skills").document
    amendments = {key: replace(each, spelling=None) for key, each in document.record.amendments.items()}
    edited = Document(document.text, Record(MappingProxyType(amendments), document.record.paragraphs))
    assert write_text(rolling(edited), edited.record) == "We commit[, in practice. - G77] to skills\n"


def test_an_alternative_that_lost_its_neighbour_gets_a_bracket_of_its_own() -> None:
    document = reading_of("with [old - EU / new - US] patterns").document
    first, second = document.record.amendments
    left = Record(MappingProxyType({second: document.record.amendments[second]}), document.record.paragraphs)
    assert write_text(rolling(Document(document.text, left)), left) == "with old[new - US] patterns\n"
    left = Record(MappingProxyType({first: document.record.amendments[first]}), document.record.paragraphs)
    assert write_text(rolling(Document(document.text, left)), left) == "with [old - EU]new patterns\n"
