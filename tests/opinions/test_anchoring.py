"""Anchors on words of a living text: what they hold on to while others type around, inside and over them."""

from hypothesis import given
from hypothesis import strategies as st

from opinions.anchoring import CONTEXT, MAX_PLACES, OPENING, Anchor, Hold, anchor_on, spots
from opinions.model import Opinion, Paragraph, ParagraphId
from tests.support.builders import Piece, ins, item, struck

HOME, OTHER = "p-1", "p-2"


def on(words: str, *pieces: Piece, near: int = 0) -> Anchor:
    anchor = anchor_on(item(HOME, *pieces), words, near)
    assert anchor is not None
    return anchor


def held(anchor: Anchor, *paragraphs: Paragraph) -> tuple[Hold, str | None, str]:
    (spot,) = spots([anchor], Opinion(paragraphs))
    text = next((one.text for one in paragraphs if one.id == spot.paragraph), "")
    return spot.hold, spot.paragraph, text[spot.start : spot.end]


def test_th2_an_anchor_follows_its_words_when_others_type_before_them() -> None:
    anchor = on("developing countries", "that many developing countries wait,")
    now = item(HOME, ins("a-1", "noting "), "that very many developing countries wait,")
    assert held(anchor, now) == (Hold.WORDS, HOME, "developing countries")


def test_th2_of_two_places_it_keeps_the_one_with_its_own_neighbours() -> None:
    anchor = on("the States", "that the States agree and the States pay,", near=20)
    assert anchor.offset == 26
    now = item(HOME, "noting fully that the States agree and the States pay,")
    (spot,) = spots([anchor], Opinion((now,)))
    assert now.text[spot.start - 4 : spot.start] == "and "


def test_th2_words_with_pending_ones_among_them_are_the_words_still() -> None:
    anchor = on("developing countries", "in developing countries,")
    among = item(HOME, "in developing ", ins("a-1", "and small "), "countries,")
    assert held(anchor, among) == (Hold.WORDS, HOME, "developing and small countries")
    replaced = item(HOME, "in ", struck("a-1", "poor "), "developing countries,")
    assert held(anchor, replaced)[0] is Hold.WORDS


def test_th2_words_of_which_the_ends_remain_are_told_as_changed() -> None:
    anchor = on("affordable access for all people everywhere", "to affordable access for all people everywhere,")
    assert held(anchor, item(HOME, "to affordable access for each person, with people everywhere,")) == (
        Hold.CHANGED,
        HOME,
        "affordable access for each person, with people everywhere",
    )


def test_th3_when_its_words_go_it_stays_at_its_paragraph() -> None:
    anchor = on("shortly", "to be done shortly,")
    assert held(anchor, item(HOME, "to be done in time,")) == (Hold.PARAGRAPH, HOME, "")
    assert held(anchor, item(HOME, ""), item(OTHER, "shortly after")) == (Hold.PARAGRAPH, HOME, "")


def test_th4_after_a_split_and_a_join_it_follows_its_words() -> None:
    anchor = on("the cost of terminals", "that spectrum is scarce, and that the cost of terminals falls,")
    first, second = item(HOME, "that spectrum is scarce,"), item(OTHER, "and that the cost of terminals falls,")
    assert held(anchor, first, second) == (Hold.WORDS, OTHER, "the cost of terminals")
    joined = item("p-0", "that fees rise, that spectrum is scarce, and that the cost of terminals falls,")
    assert held(anchor, joined) == (Hold.WORDS, "p-0", "the cost of terminals")


def test_th4_short_words_are_followed_only_where_their_neighbours_went_along() -> None:
    anchor = on("fees", "that taxes are low, and that fees are lower,")
    assert held(anchor, item(HOME, "that taxes are low,"), item(OTHER, "fees matter,"))[:2] == (Hold.PARAGRAPH, HOME)
    moved = item(OTHER, "and that fees are lower,")
    assert held(anchor, item(HOME, "that taxes are low,"), moved) == (Hold.WORDS, OTHER, "fees")


def test_th4_a_paragraph_that_is_gone_is_gone_and_one_that_was_joined_is_found() -> None:
    whole = anchor_on(item(HOME, "that the gender divide persists in many places,"))
    assert whole is not None
    assert held(whole, item(OTHER, "that satellites are launched,")) == (Hold.GONE, None, "")
    joined = item(OTHER, "that satellites are launched, that the gender divide persists in many places,")
    assert held(whole, joined) == (Hold.PARAGRAPH, OTHER, "")
    assert held(Anchor(ParagraphId("")), joined) == (Hold.WHOLE, None, "")


def test_words_that_do_not_stand_there_have_no_anchor() -> None:
    assert anchor_on(item(HOME, "that all agree,"), "disagree") is None


@given(st.text("ab ", max_size=60), st.integers(0, 60), st.integers(1, 20), st.text("xy", max_size=10), st.data())
def test_th2_words_that_stand_once_are_found_wherever_others_type(
    text: str, start: int, length: int, typed: str, data: st.DataObject
) -> None:
    words = text[start : start + length]
    if not words or text.find(words) != text.rfind(words):
        return
    anchor = on(words, text, near=start)
    assert (anchor.offset, anchor.left[-CONTEXT:]) == (text.index(words), text[max(start - CONTEXT, 0) : start])
    at = data.draw(st.integers(0, len(text)))
    now = item(HOME, text[:at], *([ins("a-1", typed)] if typed else []), text[at:])
    hold, paragraph, found = held(anchor, now)
    assert (hold, paragraph) == (Hold.WORDS, HOME)
    assert found.replace(typed, "") == words if typed else found == words


@given(st.text("ab", max_size=8), st.text("ab ", max_size=400), st.text("abc ", max_size=60))
def test_an_anchor_is_always_somewhere_and_inside_of_its_paragraph(words: str, then: str, now: str) -> None:
    anchor = Anchor(ParagraphId(HOME), words, 3, then[:CONTEXT], then[:OPENING])
    (spot,) = spots([anchor], Opinion((item(HOME, now), item(OTHER, then))))
    assert spot.paragraph in (HOME, OTHER)
    assert 0 <= spot.start <= spot.end <= len(then if spot.paragraph == OTHER else now)


def test_the_same_words_many_times_cost_no_more_than_the_limit() -> None:
    anchor = Anchor(ParagraphId(HOME), "a", 99_999, "", "")
    (spot,) = spots([anchor], Opinion((item(HOME, "a" * 100_000),)))
    assert spot.start < MAX_PLACES
