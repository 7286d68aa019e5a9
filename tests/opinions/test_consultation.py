"""Rounds by the clock, comments within their limits, dispositions that say enough, and paragraphs found again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.consultation import (
    ALARM_PER_HOUR,
    MAX_COMMENT,
    MAX_TEXTS,
    Answer,
    Audience,
    Dates,
    Disposition,
    Phase,
    RoundForm,
    Showing,
    Source,
    State,
    admits,
    changed_dates,
    checked_answer,
    checked_language,
    checked_round,
    checked_words,
    flags,
    may_change,
    numbered,
    plain,
)
from opinions.errors import ConsultationRefused
from opinions.landing import Landing, Way, landings
from opinions.model import ParagraphId

NOON = datetime(2025, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DATES = Dates(NOON, NOON + 7 * DAY)
FORM = RoundForm(" Third  draft ", "Say.", "Any", Audience.PUBLIC, Showing.TOGETHER, DATES, (("o-1", 3),))


# --- rounds


@given(st.integers(-(10**7), 10**7))
def test_cn1_a_round_is_ahead_open_or_closed_by_its_dates_alone(seconds: int) -> None:
    """[CN1]"""
    now = NOON + timedelta(seconds=seconds)
    phase = DATES.phase(now)
    assert (phase is Phase.AHEAD) == (now < DATES.opens_at)
    assert (phase is Phase.CLOSED) == (now >= DATES.closes_at)


def test_cn2_the_public_form_closes_and_members_come_late() -> None:
    """[CN2]"""
    for audience in Audience:
        assert not any(admits(audience, source, Phase.AHEAD) for source in Source)
        assert admits(audience, Source.MEMBER, Phase.OPEN)
        assert admits(audience, Source.MEMBER, Phase.CLOSED)
        assert not admits(audience, Source.PUBLIC, Phase.CLOSED)
    assert admits(Audience.PUBLIC, Source.PUBLIC, Phase.OPEN)
    assert not admits(Audience.MEMBERS, Source.PUBLIC, Phase.OPEN)


def test_cn2_a_comment_is_changed_until_the_round_closes() -> None:
    """[CN2]"""
    allowed = {(state, phase) for state in State for phase in Phase if may_change(state, phase)}
    assert allowed == {(State.SHOWN, Phase.OPEN)}


def test_cn1_a_round_names_its_versions_and_has_its_dates_the_right_way_round() -> None:
    """[CN1]"""
    assert checked_round(FORM).name == "Third draft"
    wrong: dict[str, RoundForm] = {
        "name": replace(FORM, name=" "),
        "introduction": replace(FORM, introduction="x" * 5_000),
        "languages": replace(FORM, languages="x" * 500),
        "closes": replace(FORM, dates=Dates(NOON, NOON)),
    }
    for field, form in wrong.items():
        with pytest.raises(ConsultationRefused) as refused:
            checked_round(form)
        assert refused.value.field == field
    for texts in ((), (("o-1", 1), ("o-1", 2)), tuple((f"o-{n}", 1) for n in range(MAX_TEXTS + 1))):
        with pytest.raises(ConsultationRefused, match="Choose"):
            checked_round(replace(FORM, texts=texts))


def test_cn1_dates_change_with_a_reason() -> None:
    """[CN1]"""
    later = Dates(NOON, NOON + 9 * DAY)
    assert changed_dates(DATES, later, " asked  for ") == "asked for"
    for after, reason in ((later, " "), (DATES, "why not"), (Dates(NOON, NOON - DAY), "earlier"), (later, "x" * 2000)):
        with pytest.raises(ConsultationRefused):
            changed_dates(DATES, after, reason)


# --- words


@given(st.text())
def test_a_text_stays_as_typed_but_for_what_no_page_can_hold(text: str) -> None:
    kept = plain(text)
    assert plain(kept) == kept
    assert "\r" not in kept
    assert "\x00" not in kept
    assert kept.encode().decode() == kept


def test_words_of_any_script_are_not_normalized() -> None:
    decomposed = "e\u0301 نص 中文 \u200c"
    assert plain(f"{decomposed}x\x07\r\ny") == f"{decomposed}x\ny"


def test_a_comment_has_words_and_no_more_than_fit() -> None:
    assert checked_words("", "other words") == ("", "other words")
    assert checked_words("x" * MAX_COMMENT, "")
    for body, proposed, field in ((" \n", "", "body"), ("x" * (MAX_COMMENT + 1), "", "body"),
                                  ("x", "y" * (MAX_COMMENT + 1), "proposed")):  # fmt: skip
        with pytest.raises(ConsultationRefused) as refused:
            checked_words(body, proposed)
        assert refused.value.field == field
    assert checked_language(" العربية ") == "العربية"
    for language in ("", " ", "x" * 61):
        with pytest.raises(ConsultationRefused):
            checked_language(language)


def test_flags_draw_attention_and_refuse_nothing() -> None:
    assert flags("See https://example.org for more.", "", 0) == ()
    assert "many links" in flags("http://a http://b", "www.c http://d", 0)
    assert "invisible directional characters" in flags("a\u202eb", "", 0)
    assert flags("a", "", ALARM_PER_HOUR) == ("came with very many others",)


# --- dispositions


@pytest.mark.parametrize(
    ("given_answer", "field"),
    [
        (Answer(Disposition.ACCEPTED), "place"),
        (Answer(Disposition.PARTLY, "#3"), "reason"),
        (Answer(Disposition.NOT_ACCEPTED), "reason"),
        (Answer(Disposition.OUT_OF_SCOPE, "#3"), "reason"),
        (Answer(Disposition.MERGED), "merged"),
        (Answer(Disposition.MERGED, merged=99), "merged"),
        (Answer(Disposition.MERGED, merged=1), "merged"),
        (Answer(Disposition.MERGED, merged=2), "merged"),
        (Answer(Disposition.NOTED, reason="x" * 2_000), "reason"),
    ],
)
def test_cn5_a_disposition_says_where_and_why(given_answer: Answer, field: str) -> None:
    """[CN5] C-2 is merged with C-1 already, so C-1 cannot be merged with C-2."""
    with pytest.raises(ConsultationRefused) as refused:
        checked_answer(1, given_answer, {1: None, 2: 1, 3: None})
    assert refused.value.field == field


def test_cn5_what_a_disposition_does_not_need_is_not_kept() -> None:
    """[CN5]"""
    merged: dict[int, int | None] = {1: None, 2: 3, 3: None}
    assert checked_answer(1, Answer(Disposition.NOTED, "#3", "seen", 2), merged) == Answer(
        Disposition.NOTED, "", "seen"
    )
    assert checked_answer(1, Answer(Disposition.ACCEPTED, " #3 "), merged) == Answer(Disposition.ACCEPTED, "#3")
    assert checked_answer(1, Answer(Disposition.MERGED, "#3", "", 2), merged).merged == 2
    assert checked_answer(1, Answer(), merged) == Answer()


@given(st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8)), st.integers(1, 8), st.integers(1, 8))
def test_cn5_mergers_never_run_in_a_circle(merged: dict[int, int | None], number: int, into: int) -> None:
    """[CN5] Whatever was recorded before, asking ends."""
    try:
        checked_answer(number, Answer(Disposition.MERGED, merged=into), merged)
    except ConsultationRefused:
        return
    seen, follows = {number}, into
    for _ in range(len(merged) + 1):
        assert follows not in seen
        seen.add(follows)
        onward = merged.get(follows)
        if onward is None:
            return
        follows = onward
    raise AssertionError("it runs in a circle")


def test_numbers_are_read_as_people_write_them() -> None:
    assert [numbered(text) for text in ("C-12", " c12", "12", "C - 3", "x", "", "C-", "1e3", "٣")] == [
        12, 12, 12, 3, None, None, None, None, None,
    ]  # fmt: skip


# --- paragraphs found again


def ids(**texts: str) -> dict[ParagraphId, str]:
    return {ParagraphId(name): text for name, text in texts.items()}


def test_cn4_a_paragraph_is_found_by_its_id_whatever_became_of_its_words() -> None:
    """[CN4]"""
    a = ParagraphId("a")
    assert landings(ids(a="one thing"), [a], ids(b="one thing", a="quite another")) == {a: Landing(a, Way.SAME)}


def test_cn4_a_joined_paragraph_is_found_by_its_words_and_a_lost_one_is_gone() -> None:
    """[CN4]"""
    old = ids(a="that rural areas wait for a fast service", b="that public funds are scarce everywhere", c="noting")
    now = ids(x="that rural areas wait for a fast service and that public funds are scarce", z="something else here")
    found = landings(old, old, now)
    assert found[ParagraphId("a")] == Landing(ParagraphId("x"), Way.BY_WORDS)
    assert found[ParagraphId("b")].paragraph == "x"
    assert found[ParagraphId("c")] == Landing(None, Way.GONE)


def test_cn4_chinese_is_compared_without_blanks() -> None:
    """[CN4]"""
    old = ids(a="各成员国应当支持人人可负担的宽带接入服务")
    now = ids(x="考虑到各成员国应当支持可负担的宽带接入服务", y="各部门成员的经验")
    assert landings(old, old, now)[ParagraphId("a")].paragraph == "x"


@given(
    st.dictionaries(st.sampled_from("abcd").map(ParagraphId), st.text(max_size=40)),
    st.dictionaries(st.sampled_from("cdef").map(ParagraphId), st.text(max_size=40)),
)
def test_cn4_every_paragraph_asked_for_lands_in_the_text_or_is_gone(
    old: dict[ParagraphId, str], now: dict[ParagraphId, str]
) -> None:
    """[CN4]"""
    found = landings(old, old, now)
    assert set(found) == set(old)
    for paragraph, landing in found.items():
        assert (landing.paragraph is None) == (landing.way is Way.GONE)
        assert landing.paragraph is None or landing.paragraph in now
        assert paragraph not in now or landing == Landing(paragraph, Way.SAME)


def test_cn4_a_neighbour_that_always_read_so_is_not_taken_for_a_lost_paragraph() -> None:
    """[CN4] What reads alike and was there before has gained nothing."""
    old = ids(a="that item 2 stands well", b="that item 3 stands well")
    assert landings(old, old, ids(b="that item 3 stands well"))[ParagraphId("a")] == Landing(None, Way.GONE)
