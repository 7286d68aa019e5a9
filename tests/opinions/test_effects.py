"""What rulings take along, and what reopening brings back where the text moved on (A5, D5, T4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from opinions import model
from opinions.errors import (
    OpinionError,
    WrongStatus,
)
from opinions.model import AMENDMENT_MARKS, AmendmentId, MarkKind, Opinion, ParagraphId, joined
from opinions.record import (
    OPEN_STATUSES,
    Amendment,
    AmendmentKind,
    Document,
    Removed,
    Ruling,
    Status,
)
from opinions.rules import without
from opinions.words import held, places
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.rulings import of, reopened, ruled
from tests.support.strategies import documents


def with_change() -> Document:
    return document(
        paragraph("par-1", "that ", ins("a-1", "all "), struck("a-1", "some "), "Members ", struck("a-1", "may")),
        amendments=[amendment("a-1", "XAA")],
    )


# --- nested and competing (A5) ---------------------------------------------------------------------------------------


def test_a5_nested_words_go_with_their_host_and_come_back_with_it() -> None:
    given_ = document(
        paragraph("par-1", "the ", ins("a-1", "very ", ins("a-2", "really "), "green "), ins("a-3", "new "), "deal"),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1), amendment("a-3", "XAC", created=2)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "the ", ins("a-3", "new "), "deal"),))
    assert (of(after, "a-2").status, of(after, "a-3").status) == (Status.SUPERSEDED, Status.SUBMITTED)
    with pytest.raises(WrongStatus, match="went with #1: reopen that one"):
        reopened(after, "a-2")
    back = reopened(after, "a-1")
    assert back.text == given_.text
    assert of(back, "a-2").status is Status.SUBMITTED


def test_a5_what_was_there_before_is_not_nested() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "green "), "new "), "deal"),
        amendments=[amendment("a-1", "XAA", created=5), amendment("a-2", "XAB", created=1)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", ins("a-2", "green "), "deal"),))
    assert reopened(after, "a-1").text == given_.text


def test_a5_an_amendment_with_words_elsewhere_loses_only_the_nested_ones() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green "), "deal ", ins("a-2", "now")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1, pinned=True)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "deal ", ins("a-2", "now")),))
    assert of(after, "a-2").open
    assert of(after, "a-2").pinned
    assert of(after, "a-2").removed[0].runs == ins("a-2", "really ")
    assert reopened(after, "a-1").text == given_.text


def test_a5_host_agreed_leaves_nested_amendments_open() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green ")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion(
        (paragraph("par-1", agreed("a-1", "very "), ins("a-2", "really "), agreed("a-1", "green ")),)
    )
    assert of(after, "a-2").status is Status.SUBMITTED


def test_a5_nested_words_are_not_agreed_before_their_host() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green ")),
        item("par-2", "two ", ins("a-3", "more"), added="a-4"),
        paragraph("par-3", "three"),
        amendments=[
            amendment("a-1", "XAA"),
            amendment("a-2", "XAB", created=1),
            amendment("a-3", "XAB", created=1),
            addition("a-4", "XAA"),
        ],
    )
    for nested, host in (("a-2", "#1"), ("a-3", "#4")):
        with pytest.raises(WrongStatus, match=f"inside {host}"):
            ruled(given_, nested, Ruling.AGREED)
        assert not of(ruled(given_, nested, Ruling.NOT_RETAINED), nested).open
        first = ruled(given_, "a-1" if nested == "a-2" else "a-4", Ruling.AGREED)
        assert of(ruled(first, nested, Ruling.AGREED), nested).status is Status.AGREED


def test_competing_strikes_of_words_now_gone_are_superseded() -> None:
    given_ = document(
        paragraph(
            "par-1", struck("a-1", "one ", struck("a-2", "two ")), struck("a-3", struck("a-1", "three "), "four")
        ),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB"), amendment("a-3", "XAC")],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", struck("a-3", "four")),))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert of(after, "a-3").open
    assert [entry.runs[0].text for entry in of(after, "a-3").removed] == ["three "]
    assert reopened(after, "a-1").text == given_.text


# --- reopening where the text moved on -------------------------------------------------------------------------------


def test_d5_reopened_words_find_their_place_again_in_a_text_that_moved() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    moved = replace(once, text=Opinion((paragraph("par-1", "Noting also that ", agreed("a-1", "all "), "Members "),)))
    after = reopened(moved, "a-1")
    assert after.text == Opinion(
        (
            paragraph(
                "par-1",
                "Noting also that ",
                ins("a-1", "all "),
                struck("a-1", "some "),
                "Members ",
                struck("a-1", "may"),
            ),
        )
    )


def test_d5_reopened_words_come_back_at_the_nearest_place_and_the_decision_says_so() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    rewritten = replace(once, text=Opinion((paragraph("par-1", "quite another text"),)))
    after = reopened(rewritten, "a-1")
    assert "some " in after.text.paragraphs[0].text
    assert "nearest place" in of(after, "a-1").decisions[-1].note


def test_strikes_on_words_that_changed_are_not_put_on_others() -> None:
    once = ruled(with_change(), "a-1", Ruling.NOT_RETAINED)
    rewritten = replace(once, text=Opinion((paragraph("par-1", "that many Members may"),)))
    after = reopened(rewritten, "a-1")
    assert after.text == Opinion(
        (paragraph("par-1", "that ", ins("a-1", "all "), "many Members ", struck("a-1", "may")),)
    )
    assert "not marked again" in of(after, "a-1").decisions[-1].note


def test_d5_a_vanished_paragraph_is_named_with_what_to_do() -> None:
    given_ = document(
        paragraph("par-1", struck("a-1", "one"), " two"),
        amendments=[amendment("a-1"), removal("a-2", "XAB", paragraph="par-1")],
    )
    gone = ruled(ruled(given_, "a-1", Ruling.AGREED), "a-2", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="#2 took it out"):
        reopened(gone, "a-1")
    assert reopened(reopened(gone, "a-2"), "a-1").text == given_.text
    lost = replace(gone, record=replace(gone.record, amendments={AmendmentId("a-1"): of(gone, "a-1")}))
    with pytest.raises(WrongStatus, match="Put a paragraph in its place"):
        reopened(lost, "a-1")


def test_words_that_went_by_another_decision_send_one_there() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    strike = replace(once, text=Opinion((paragraph("par-1", "one ", struck("a-2", agreed("a-1", "two"))),)))
    gone = ruled(strike, "a-2", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="decision on #2"):
        reopened(gone, "a-1")
    nowhere = replace(gone, record=replace(gone.record, amendments={AmendmentId("a-1"): of(gone, "a-1")}))
    with pytest.raises(WrongStatus, match="Propose them anew"):
        reopened(nowhere, "a-1")


def test_d5_words_of_a_proposal_refused_meanwhile_do_not_come_back_as_agreed_text() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two ", "three")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    strike = replace(
        once, text=Opinion((paragraph("par-1", "one ", struck("a-2", agreed("a-1", "two ")), agreed("a-1", "three")),))
    )
    gone = ruled(strike, "a-2", Ruling.AGREED)
    pending = reopened(gone, "a-1")
    assert reopened(pending, "a-2").text == Opinion(
        (paragraph("par-1", "one ", ins("a-1", struck("a-2", "two "), "three")),)
    )
    refused = ruled(pending, "a-1", Ruling.NOT_RETAINED)
    with pytest.raises(WrongStatus, match="Nothing of #2 can be put back"):
        reopened(refused, "a-2")


def test_pending_words_refused_meanwhile_stay_out_and_on_record() -> None:
    given_ = document(
        paragraph("par-1", "one ", bracketed("a-1", "two ", ins("a-2", "x"), struck("a-3", "three")), ins("a-2", " y")),
        amendments=[bracket("a-1"), amendment("a-2", "XAB"), amendment("a-3", "XAC")],
    )
    once = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    refused = ruled(once, "a-2", Ruling.NOT_RETAINED)
    back = reopened(refused, "a-1")
    assert back.text == Opinion((paragraph("par-1", "one ", bracketed("a-1", "two ", struck("a-3", "three"))),))
    assert [entry.runs for entry in of(back, "a-1").removed] == [bracketed("a-1", ins("a-2", "x"))]
    assert of(back, "a-3").status is Status.SUBMITTED


def test_strikes_decided_meanwhile_do_not_come_back() -> None:
    given_ = document(
        paragraph("par-1", "one ", bracketed("a-1", struck("a-3", "three")), struck("a-3", " y")),
        amendments=[bracket("a-1"), amendment("a-3", "XAC")],
    )
    decided = ruled(ruled(given_, "a-1", Ruling.NOT_RETAINED), "a-3", Ruling.NOT_RETAINED)
    assert reopened(decided, "a-1").text == Opinion((paragraph("par-1", "one ", bracketed("a-1", "three"), " y"),))


def test_words_lost_to_another_decision_come_back_with_that_one_alone() -> None:
    given_ = document(
        paragraph("par-1", "one ", struck("a-2", struck("a-1", "two "), "three ")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    both = ruled(ruled(given_, "a-1", Ruling.AGREED), "a-2", Ruling.NOT_RETAINED)
    second = reopened(both, "a-2")
    assert second.text == Opinion((paragraph("par-1", "one ", struck("a-2", "three ")),))
    assert [entry.by for entry in of(second, "a-2").removed] == ["a-1"]
    assert reopened(second, "a-1").text == given_.text


def test_paragraphs_that_stood_behind_each_other_still_come_back() -> None:
    first, second = paragraph("par-1", "one"), paragraph("par-2", "two")
    circle = document(
        paragraph("par-3", "three"),
        amendments=[
            removal(
                "a-1",
                paragraph="par-1",
                status=Status.AGREED,
                removed=(Removed(first.id, whole=first, after=second.id),),
            ),
            removal(
                "a-2",
                paragraph="par-2",
                status=Status.AGREED,
                removed=(Removed(second.id, whole=second, after=first.id),),
            ),
        ],
    )
    assert [p.id for p in reopened(circle, "a-1").text] == ["par-3", "par-1"]


def test_a_paragraph_comes_back_behind_the_nearest_one_left() -> None:
    given_ = document(
        paragraph("par-1", "one"),
        paragraph("par-2", "two"),
        paragraph("par-3", "three"),
        paragraph("par-4", "four"),
        amendments=[removal("a-2", paragraph="par-2"), removal("a-3", paragraph="par-3")],
    )
    gone = ruled(ruled(given_, "a-3", Ruling.AGREED), "a-2", Ruling.AGREED)
    assert [p.id for p in reopened(gone, "a-3").text] == ["par-1", "par-3", "par-4"]
    lost = replace(gone, text=Opinion((paragraph("par-4", "four"),)))
    last = reopened(lost, "a-2")
    assert [p.id for p in last.text] == ["par-4", "par-2"]
    assert "at the end" in of(last, "a-2").decisions[-1].note
    assert [p.id for p in reopened(replace(gone, text=Opinion()), "a-2").text] == ["par-2"]


def test_pending_is_not_reopened() -> None:
    with pytest.raises(WrongStatus, match="pending already"):
        reopened(with_change(), "a-1")


def test_superseded_without_a_trace_is_proposed_anew() -> None:
    given_ = document(paragraph("par-1", "x"), amendments=[amendment("a-1", status=Status.SUPERSEDED)])
    with pytest.raises(WrongStatus, match="anew"):
        reopened(given_, "a-1")


def test_t4_a_bracket_put_back_never_crosses_a_younger_one() -> None:
    given_ = document(
        paragraph("par-1", "a ", bracketed("a-1", "b ", "c"), " d"),
        amendments=[bracket("a-1"), bracket("a-2", "XAB", created=1)],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    crossing = replace(once, text=Opinion((paragraph("par-1", "a b ", bracketed("a-2", "c d")),)))
    after = reopened(crossing, "a-1")
    assert after.text == Opinion(
        (paragraph("par-1", "a ", bracketed("a-1", bracketed("a-2", "b c")), bracketed("a-2", " d")),)
    )


# --- properties ------------------------------------------------------------------------------------------------------

RULINGS = (Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.NOT_RETAINED, Ruling.SET_ASIDE)


@st.composite
def rulings(draw: st.DrawFn) -> tuple[Document, AmendmentId, Ruling]:
    """A document and a ruling that may be recorded in it."""
    given_ = draw(documents(drafts=False, most_proposals=7))
    entries = given_.record.amendments.values()
    stands = [e.id for e in entries if e.open and (e.kind is AmendmentKind.SUP or places(given_.text, e.id))]
    moot = [e for e in entries if e.kind is AmendmentKind.SUP and e.status is Status.SUPERSEDED]
    assume(stands and not moot)
    name, ruling = draw(st.sampled_from(stands)), draw(st.sampled_from(RULINGS))
    try:
        ruled(given_, name, ruling)
    except OpinionError:
        assume(False)
    return given_, name, ruling


def characters(text: Opinion) -> Counter[str]:
    return Counter("".join(p.text for p in text))


def kept_characters(entry: Amendment) -> Counter[str]:
    runs = [run for kept in entry.removed for run in (kept.whole.runs if kept.whole else kept.runs)]
    return Counter("".join(run.text for run in runs))


def sound(given_: Document) -> None:
    """The rules of the text that every command leaves standing (T1, T2), and no marks of what is decided."""
    names = [p.id for p in given_.text]
    assert len(names) == len(set(names))
    for p in given_.text:
        assert p.runs == joined(p.runs)
        assert p.added is None or of(given_, p.added).open
        for run in p.runs:
            kinds = Counter(mark.kind for mark in run.marks)
            assert kinds[MarkKind.INSERTION] + kinds[MarkKind.ORIGIN] <= 1
            for mark in run.marks:
                if mark.kind in AMENDMENT_MARKS:
                    assert of(given_, mark.id).open, mark


@given(rulings())
def test_d5_reopened_is_as_before(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    entry = of(given_, name)
    after = ruled(given_, name, ruling)
    sound(after)
    back = reopened(after, name)
    assert back.text == given_.text
    assert of(back, name).removed == entry.removed
    opened = {e.id for e in given_.record.amendments.values() if e.open}
    assert {e.id for e in back.record.amendments.values() if e.open} == opened


@given(rulings())
def test_d5_every_character_a_ruling_takes_out_is_on_record(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    gone = characters(given_.text) - characters(after.text)
    assert not gone - kept_characters(of(after, name))


@given(rulings())
def test_i8_clean_text_changes_by_agreement_alone(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    dropped = of(given_, name).kind is AmendmentKind.BRACKET and ruling is Ruling.NOT_RETAINED
    if ruling in (Ruling.NOT_RETAINED, Ruling.SET_ASIDE) and not dropped:
        assert if_all_failed(after) == if_all_failed(given_)


def if_all_failed(given_: Document) -> Sequence[str]:
    ids = frozenset(e.id for e in given_.record.amendments.values() if e.status in OPEN_STATUSES)
    return [p.text for p in without(ids, given_.text) if p.added is None]


@given(rulings())
def test_a_ruling_changes_nothing_but_what_is_under_or_nested_in_the_amendment(
    case: tuple[Document, AmendmentId, Ruling],
) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    nested = {n for n, e in given_.record.amendments.items() if n != name and of(after, n).removed != e.removed}
    dropped = of(given_, name).kind is AmendmentKind.BRACKET and ruling is Ruling.NOT_RETAINED
    area = held(given_, name) if dropped else {}
    taken = {Ruling.NOT_RETAINED: {(MarkKind.INSERTION, n) for n in {name, *nested}}}.get(
        ruling, {(MarkKind.DELETION, name)} if ruling is not Ruling.SET_ASIDE else set()
    )
    gone = {p.id for p in given_.text} - {p.id for p in after.text}
    assert elsewhere(after.text, name, taken, {}, gone) == elsewhere(given_.text, name, taken, area, gone)


def elsewhere(
    text: Opinion,
    name: str,
    taken: set[tuple[MarkKind, AmendmentId]],
    area: Mapping[ParagraphId, tuple[int, int]],
    gone: set[ParagraphId],
) -> list[object]:
    """All characters but those taken or in the area, with the marks that are not the amendment's."""
    rows: list[object] = []
    for p in text:
        if p.id in gone:
            continue
        start, end = area.get(p.id, (0, 0))
        cells = [
            (character, {mark for mark in marks if mark.id != name})
            for at, (character, marks) in enumerate(model.characters(p.runs))
            if not start <= at < end and not any((mark.kind, mark.id) in taken for mark in marks)
        ]
        rows.append((p.id, p.kind, p.level, None if p.added == name else p.added, cells))
    return rows


@given(documents(drafts=False, most_proposals=7), st.data())
def test_no_row_of_rulings_and_reopenings_loses_a_character_or_leaves_a_mark_of_what_is_decided(
    given_: Document, data: st.DataObject
) -> None:
    names = sorted(given_.record.amendments)
    assume(names)
    before = characters(given_.text)
    now, done = given_, 0
    for _ in range(8):
        name = data.draw(st.sampled_from(names))
        deed = data.draw(st.sampled_from((*RULINGS, Ruling.REOPENED)))
        try:
            now = reopened(now, name) if deed is Ruling.REOPENED else ruled(now, name, deed)
        except OpinionError:
            continue
        done += 1
        sound(now)
        on_record = Counter[str]()
        for entry in now.record.amendments.values():
            on_record += kept_characters(entry)
        assert not before - characters(now.text) - on_record
    event(f"{done} carried out")
