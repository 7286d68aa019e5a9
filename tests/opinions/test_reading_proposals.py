"""What an incoming text means: each author's changes found at their characters, what is there told as there."""

import hashlib
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.commands import EnterProposals
from opinions.counter_proposals import with_counters
from opinions.entering import enter
from opinions.incoming import IncomingDocument, accepted
from opinions.judged_differences import AS_BASE, Judgement, Made, made
from opinions.model import DelegationCode, ParagraphId
from opinions.overlay import SILENT
from opinions.proposals import BaseChangeKind, Proposal
from opinions.reading_proposals import Difference, Understanding, What, understand
from opinions.record import AmendmentKind, Document
from tests.support.actors import THE_SECRETARIAT, context
from tests.support.builders import amendment, bracketed, chapeau, document, ins, item, paragraph, struck, title, verb
from tests.support.incoming import cut, file, put, unit

KEN, USA = DelegationCode("KEN"), DelegationCode("USA")
PARTIES = {"Kenya": KEN, "United States": USA}
WORDS = "that broadband reaches some of those who need it,"


def mint(key: str) -> str:
    return f"x-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def text() -> Document:
    return document(
        title("p-title", "Broadband for all"),
        chapeau("p-chapeau", "The Forum,"),
        verb("p-verb", "considering"),
        item("p-item1", WORDS),
        item("p-item2", "that spectrum is scarce and ought to be shared,"),
    )


UNTOUCHED = (unit("Broadband for all"), unit("The Forum,"), unit("considering"))
LAST = unit("that spectrum is scarce and ought to be shared,")


def read(incoming: IncomingDocument, ours: Document | None = None, **given: object) -> Understanding:
    return understand(ours or text(), incoming, parties=PARTIES, mint=mint, **given)  # type: ignore[arg-type]


def as_marked(one: Difference) -> Judgement:
    return Judgement(delegation=PARTIES[one.author]) if one.author else Judgement()


def entered(found: Understanding) -> Made:
    return made(found, {one.key: as_marked(one) for one in found.differences}, mint=mint)


def mods(result: Made) -> list[tuple[str, str, list[tuple[int, int, str, str]]]]:
    return [
        (one.delegation, one.paragraph, [(r.start, r.end, r.was, r.text) for r in one.replacements])
        for one in result.entered.proposals
        if one.kind is AmendmentKind.MOD
    ]


def single(found: Understanding) -> Proposal:
    (one,) = entered(found).entered.proposals
    return one


def test_a_file_that_changes_nothing_means_nothing() -> None:
    found = read(file(*UNTOUCHED, unit(WORDS), LAST))
    assert found.differences == ()
    assert [row.ours for row in found.rows] == [True] * 5


def test_a_replacement_is_one_amendment_of_its_delegation() -> None:
    changed = unit("that broadband reaches ", cut("Kenya", "some of "), put("Kenya", "all "), "those who need it,")
    result = entered(read(file(*UNTOUCHED, changed, LAST)))
    assert mods(result) == [("KEN", "p-item1", [(23, 31, "some of ", "all ")])]


def test_what_word_puts_before_the_struck_words_stands_behind_them() -> None:
    changed = unit("that broadband reaches ", put("Kenya", "all "), cut("Kenya", "some of "), "those who need it,")
    assert mods(entered(read(file(*UNTOUCHED, changed, LAST)))) == [("KEN", "p-item1", [(23, 31, "some of ", "all ")])]


def test_two_delegations_in_one_paragraph_are_two_amendments() -> None:
    changed = unit(
        "that ",
        put("Kenya", "affordable "),
        "broadband reaches ",
        cut("United States", "some of "),
        "those who need it,",
    )
    assert mods(entered(read(file(*UNTOUCHED, changed, LAST)))) == [
        ("KEN", "p-item1", [(5, 5, "", "affordable ")]),
        ("USA", "p-item1", [(23, 31, "some of ", "")]),
    ]


def test_what_the_text_has_already_is_not_entered_twice() -> None:
    ours = document(
        item("p-item1", "that ", ins("am-1", "affordable "), "broadband reaches ", struck("am-2", "some of "), "all,"),
        amendments=[amendment("am-1", "KEN", paragraph="p-item1"), amendment("am-2", "USA", paragraph="p-item1")],
    )
    whole = unit(
        *("that ", put("Kenya", "affordable "), "broadband reaches "),
        *(cut("United States", "some of "), put("Kenya", "nearly "), "all,"),
    )
    found = read(file(whole), ours)
    assert {(one.author, one.amendment) for row in found.rows for one in row.there} == {
        ("Kenya", "am-1"),
        ("United States", "am-2"),
    }
    assert mods(entered(found)) == [("KEN", "p-item1", [(42, 42, "", "nearly ")])]


def test_a_file_made_before_others_proposed_is_laid_under_their_words() -> None:
    ours = document(
        item("p-item1", "that ", ins("am-1", "affordable "), "broadband reaches ", struck("am-2", "some of "), "all,"),
        amendments=[amendment("am-1", "KEN", paragraph="p-item1"), amendment("am-2", "USA", paragraph="p-item1")],
    )
    changed = unit("that broadband ", put("United States", "slowly "), "reaches some of all,")
    assert mods(entered(read(file(changed), ours))) == [("USA", "p-item1", [(26, 26, "", "slowly ")])]


def test_square_brackets_of_the_export_are_no_words() -> None:
    ours = document(
        item("p-item1", "that ", bracketed("am-1", "all"), " Members act,"),
        amendments=[amendment("am-1", "KEN", paragraph="p-item1", kind=AmendmentKind.BRACKET)],
    )
    changed = unit("that [all] Members ", put("Kenya", "shall "), "act,")
    found = read(file(changed), ours)
    assert mods(entered(found)) == [("KEN", "p-item1", [(17, 17, "", "shall ")])]
    assert not found.remarks


def test_bracket_letters_put_round_words_are_a_bracket() -> None:
    changed = unit("that ", put("Kenya", "["), "broadband", put("Kenya", "]"), " reaches some of those who need it,")
    one = single(read(file(*UNTOUCHED, changed, LAST)))
    assert one.kind is AmendmentKind.BRACKET
    assert [(r.start, r.end, r.was, r.text) for r in one.replacements] == [(5, 14, "broadband", "broadband")]


def test_brackets_round_ones_own_new_words_are_left_to_the_screen() -> None:
    changed = unit("that ", put("Kenya", "[affordable] "), "broadband reaches some of those who need it,")
    assert mods(entered(read(file(*UNTOUCHED, changed, LAST)))) == [("KEN", "p-item1", [(5, 5, "", "affordable ")])]


def test_any_number_of_bracket_letters_is_read_in_bounded_time() -> None:
    changed = unit("that ", put("Kenya", "[" * 20_000), "broadband", put("Kenya", "]" * 20_000), WORDS[14:])
    begun = time.process_time()
    found = read(file(*UNTOUCHED, changed, LAST))
    assert time.process_time() - begun < 5
    assert len(found.differences) <= 200
    assert len(found.remarks) == 1


def test_a_new_paragraph_follows_the_one_before_it_and_others_may_change_it() -> None:
    new = unit(
        put("Kenya", "that "), put("United States", "some "), put("Kenya", "fibre lasts,", by=""), marked="Kenya"
    )
    result = entered(read(file(*UNTOUCHED, unit(WORDS), new, LAST)))
    add, mod = result.entered.proposals
    assert (add.kind, add.delegation, add.after, add.text) == (AmendmentKind.ADD, "KEN", "p-item1", "that fibre lasts,")
    assert add.paragraph_kind.value == "preambular_item"
    assert mods(result) == [("USA", add.paragraph, [(5, 5, "", "some ")])]
    assert mod.paragraph == add.paragraph


def test_a_strike_inside_anothers_new_paragraph_counts_in_its_words() -> None:
    new = unit(put("Kenya", "that all "), put("Kenya", "fibre ", by="United States"), put("Kenya", "lasts,"))
    result = entered(read(file(*UNTOUCHED, unit(WORDS), new, LAST)))
    add, mod = result.entered.proposals
    assert add.text == "that all fibre lasts,"
    assert mods(result) == [("USA", mod.paragraph, [(9, 15, "fibre ", "")])]


def test_a_strike_inside_anothers_new_words_waits_for_them() -> None:
    changed = unit("that ", put("Kenya", "affordable, "), put("Kenya", "cheap ", by="United States"), WORDS[5:])
    found = read(file(*UNTOUCHED, changed, LAST))
    result = entered(found)
    assert mods(result) == [("KEN", "p-item1", [(5, 5, "", "affordable, cheap ")])]
    assert [one.author for one in result.waiting] == ["United States"]
    now = document(
        *text().text.paragraphs[:3],
        item("p-item1", "that ", ins("am-1", "affordable, cheap "), WORDS[5:]),
        text().text.paragraphs[4],
        amendments=[amendment("am-1", "KEN", paragraph="p-item1")],
    )
    again = entered(read(file(*UNTOUCHED, changed, LAST), now))
    assert mods(again) == [("USA", "p-item1", [(17, 23, "cheap ", "")])]
    assert not again.waiting


def test_a_paragraph_struck_whole_is_proposed_for_removal() -> None:
    one = single(read(file(*UNTOUCHED, unit(cut("Kenya", WORDS), gone="Kenya"), LAST)))
    assert (one.kind, one.paragraph, one.delegation) == (AmendmentKind.SUP, "p-item1", "KEN")


def test_a_removal_that_stands_already_is_there() -> None:
    ours = document(
        item("p-item1", WORDS), amendments=[amendment("am-1", "KEN", paragraph="p-item1", kind=AmendmentKind.SUP)]
    )
    found = read(file(unit(cut("Kenya", WORDS), gone="Kenya")), ours)
    assert found.differences == ()
    assert [one.amendment for row in found.rows for one in row.there] == ["am-1"]


def test_an_added_paragraph_that_stands_already_is_there() -> None:
    ours = document(
        item("p-item1", WORDS),
        item("p-item2", "that fibre lasts,", added="am-1"),
        amendments=[amendment("am-1", "KEN", paragraph="p-item2", kind=AmendmentKind.ADD)],
    )
    found = read(file(unit(WORDS), unit(put("Kenya", "that fibre lasts,"), marked="Kenya")), ours)
    assert found.differences == ()
    assert [one.amendment for row in found.rows for one in row.there] == ["am-1"]


def test_a_moved_paragraph_is_a_removal_and_an_addition_that_say_so() -> None:
    words = "that spectrum is scarce and ought to be shared,"
    moved = file(
        *UNTOUCHED,
        unit(put("Kenya", words, move="m1"), marked="Kenya"),
        unit(WORDS),
        unit(cut("Kenya", words, move="m1"), gone="Kenya"),
    )
    kinds = {one.kind: one for one in entered(read(moved)).entered.proposals}
    assert set(kinds) == {AmendmentKind.ADD, AmendmentKind.SUP}
    assert kinds[AmendmentKind.ADD].after == "p-verb"
    assert kinds[AmendmentKind.SUP].paragraph == "p-item2"
    assert all("Moved" in one.reason for one in kinds.values())


def test_what_nobody_marked_is_judged_place_by_place() -> None:
    changed = unit("that affordable broadband reaches all of those who need it,")
    found = read(file(*UNTOUCHED, changed, LAST))
    assert [(one.author, one.struck, one.put) for one in found.differences] == [
        (SILENT, "", "affordable "),
        (SILENT, "some", "all"),
    ]
    first, second = found.differences
    result = made(found, {first.key: AS_BASE, second.key: Judgement(delegation=USA)}, mint=mint)
    (base,) = result.entered.base
    assert base.kind is BaseChangeKind.WORDS
    assert [(r.start, r.end, r.was, r.text) for r in base.replacements] == [(5, 5, "", "affordable ")]
    assert mods(result) == [("USA", "p-item1", [(23, 27, "some", "all")])]


def test_typists_quotes_and_blanks_are_no_differences() -> None:
    found = read(file(*UNTOUCHED, unit("that  broadband\u00a0reaches some of those who need it, "), LAST))
    assert found.differences == ()


def test_missing_and_new_paragraphs_are_shown_and_stay_unless_judged() -> None:
    found = read(file(*UNTOUCHED, unit("recalling nothing that stands here"), LAST))
    kinds = {one.what: one for one in found.differences}
    assert set(kinds) == {What.REMOVED, What.ADDED}
    assert kinds[What.REMOVED].paragraph == "p-item1"
    assert made(found, {}, mint=mint).entered.proposals == ()
    base = made(found, {one.key: AS_BASE for one in found.differences}, mint=mint).entered.base
    assert {one.kind for one in base} == {BaseChangeKind.REMOVE, BaseChangeKind.INSERT}


def test_words_struck_that_are_gone_since_are_told() -> None:
    ours = document(item("p-item1", "that broadband reaches all,"))
    given_out = document(item("p-item1", "that broadband reaches some of them,"))
    changed = unit("that broadband reaches ", cut("Kenya", "some of "), "them,")
    (one,) = read(file(changed), ours, reference=given_out).differences
    assert not one.fits
    assert "some of" in one.note


def test_a_version_carries_the_changes_to_where_the_words_are_now() -> None:
    given_out = document(item("p-item1", "that broadband reaches some,"), item("p-item2", "that it is so,"))
    ours = document(item("p-item2", "that it is so,"), item("p-item1", "that today broadband reaches some,"))
    changed = unit("that broadband reaches ", cut("Kenya", "some"), put("Kenya", "all"), ",")
    found = read(file(changed, unit("that it is so,")), ours, reference=given_out)
    assert mods(entered(found)) == [("KEN", "p-item1", [(29, 33, "some", "all")])]
    assert not [one for one in found.differences if one.author == SILENT]


def test_by_hand_a_paragraph_is_paired_or_left_alone() -> None:
    changed = unit("quite ", put("Kenya", "other "), "words")
    found = read(file(*UNTOUCHED, changed, LAST), by_hand={3: ParagraphId("p-item1")})
    assert [row.paragraph for row in found.rows if row.match.incoming == 3] == ["p-item1"]


def test_in6_italics_of_words_put_in_are_told_once_and_only_where_they_are_new() -> None:
    slanted = (replace(put("Kenya", "truly "), em=True), replace(put("Kenya", "really "), em=True))
    found = read(file(*UNTOUCHED, unit(slanted[0], WORDS, slanted[1]), LAST))
    told = [one for one in found.remarks if "italics" in one.message]
    assert [(one.where, "2 times" in one.message) for one in told] == [("truly", True)]
    there = document(
        *text().text.paragraphs[:3], item("p-item1", ins("a-1", "truly "), WORDS), amendments=[amendment("a-1", "KEN")]
    )
    again = read(file(*UNTOUCHED, unit(slanted[0], WORDS)), there)
    assert not [one for one in again.remarks if "italics" in one.message]


def test_in7_strikes_on_words_of_the_file_are_counters_and_what_was_left_out_stays_out() -> None:
    """Whoever strikes in another one's new words does so in the same command; a bracket left out is not found again."""
    nested = (put("Kenya", "most "), put("Kenya", "cheap ", by="United States"), put("Kenya", "good "))
    around = (put("United States", "["), "some", put("United States", "]"))
    incoming = file(*UNTOUCHED, unit(*nested, WORDS[:23], *around, WORDS[27:]), LAST)
    found = read(incoming)
    judged = {one.key: Judgement() if one.what is What.BRACKET else as_marked(one) for one in found.differences}
    whole = with_counters(
        made(found, judged, mint=mint),
        judged,
        text(),
        context(THE_SECRETARIAT),
        compare=lambda living: read(incoming, living),
        mint=mint,
    )
    assert [(one.delegation, one.kind) for one in whole.entered.proposals] == [("KEN", AmendmentKind.MOD)]
    (counter,) = whole.entered.counters
    assert (counter.delegation, [one.was for one in counter.replacements]) == ("USA", ["cheap "])
    assert whole.waiting == []
    command = EnterProposals("", whole.entered.proposals, (), whole.entered.counters)
    done = enter(command, text(), context(THE_SECRETARIAT)).document
    assert [(one.what, one.put) for one in read(incoming, done).differences] == [(What.BRACKET, "some")]


def test_own_pending_words_that_read_otherwise_are_reworded() -> None:
    ours = document(
        item("p-item1", "that ", ins("am-1", "fast and affordable "), "broadband reaches all,"),
        amendments=[amendment("am-1", "KEN", paragraph="p-item1")],
    )
    changed = unit("that ", put("Kenya", "fast and universal "), "broadband reaches all,")
    assert mods(entered(read(file(changed), ours))) == [("KEN", "p-item1", [(14, 24, "affordable", "universal")])]


WORDS_ALPHABET = st.lists(
    st.sampled_from(["noting", "the", "all", "[", "]", "数字", "shall", ","]), min_size=1, max_size=5
)
PIECES = st.lists(
    st.tuples(st.sampled_from(["plain", "put", "cut"]), st.sampled_from(["Kenya", "United States"]), WORDS_ALPHABET),
    min_size=1,
    max_size=6,
)


@given(st.lists(PIECES, min_size=1, max_size=4))
def test_what_is_entered_of_plain_paragraphs_makes_the_text_that_was_meant(
    rows: list[list[tuple[str, str, list[str]]]],
) -> None:
    ours, units = [], []
    for number, pieces in enumerate(rows):
        stretches, base = [], ""
        for what, who, words in pieces:
            words = [word for word in words if word not in "[]"] or ["and"]
            said = " ".join(words) + " "
            stretches.append(put(who, said) if what == "put" else cut(who, said) if what == "cut" else said)
            base += "" if what == "put" else said
        if base.strip():
            ours.append(paragraph(f"p-{number:04}", base))
            units.append(unit(*stretches, identity=f"p-{number:04}"))
    if not ours:
        return
    found = read(file(*units), document(*ours))
    result = entered(found)
    removed = {one.paragraph for one in result.entered.proposals if one.kind is AmendmentKind.SUP}
    for one, wanted in zip(ours, accepted(units), strict=True):
        now = list(one.text)
        for _, place, replacements in mods(result):
            if place == one.id:
                for start, end, was, _ in replacements:
                    assert "".join(one.text[start:end]) == was
                    for at in range(start, end):
                        now[at] = ""
        if one.id in removed:
            continue
        puts: dict[int, str] = {}
        for _, place, replacements in mods(result):
            if place == one.id:
                for _, end, _, text in replacements:
                    puts[end] = puts.get(end, "") + text
        made_text = "".join(puts.get(at, "") + char for at, char in enumerate(now)) + puts.get(len(now), "")
        assert sorted(made_text.split()) == sorted(wanted.split())


@pytest.mark.parametrize("rows", [1, 450])
def test_long_texts_are_understood_in_bounded_time(rows: int) -> None:
    ours = document(
        *(item(f"p-{n:04}", f"that item {n} stands and {n * 7} others with it as well,") for n in range(rows))
    )
    units = [
        unit(f"that item {n} ", put("Kenya", "always "), f"stands and {n * 7} others with it as well,")
        for n in range(rows)
    ]
    begun = time.process_time()
    result = entered(read(file(*units), ours))
    assert len(result.entered.proposals) == rows
    assert time.process_time() - begun < 3
