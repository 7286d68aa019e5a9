"""Several people on the same words at once (acceptance scenarios 1 to 4), in live drafting."""

from opinions.record import AmendmentKind, Ruling, Status
from opinions.rules import without
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, FUNDS, NEED, Draft, Stage

ALVANIA, BRESSAY = "XAL", "XBR"


def test_two_insertions_at_one_place_stay_two_proposals(stage: Stage, draft: Draft) -> None:
    """Scenario 1: both see the same text within a second; two proposals, two codes; both carets stay put."""
    _, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(ACCESS)
    for desk in (alvania, bressay):
        desk.put_caret(place, "to support ")

    alvania.type("all ")
    bressay.type("interested ")

    for desk in (alvania, bressay):
        desk.sees(place, "all ")
        desk.sees(place, "interested ")
        desk.saved()
    text = alvania.text(place)
    assert text == bressay.text(place)
    assert sorted(text.replace("to support ", "").replace("affordable access for all;", "").split()) == [
        "all",
        "interested",
    ]
    for desk in (alvania, bressay):
        (all_,) = desk.run(place, "all ").insertion
        (interested,) = desk.run(place, "interested ").insertion
        assert all_ != interested
        assert {ALVANIA, BRESSAY} <= set(codes(desk, place))
        assert draft.amendment(all_).delegation == ALVANIA
        assert draft.amendment(interested).delegation == BRESSAY
    assert alvania.caret() == (place, text.index("all ") + len("all "))
    assert bressay.caret() == (place, text.index("interested ") + len("interested "))
    logged = {(one.member, one.party) for one in draft.log() if one.kind == "update"}
    assert logged == {("alvania", ALVANIA), ("bressay", BRESSAY)}


def test_a_bracket_and_a_strike_made_without_a_line_meet(stage: Stage, draft: Draft) -> None:
    """Scenario 2: brackets balanced, strike inside them, two records, one bracket more."""
    chair, alvania, bressay = stage.live(draft, "alvania", "bressay", own_lines=frozenset({"bressay"}))
    place = draft.paragraph(FUNDS)
    bressay.unplug()
    bressay.strike(place, "States")
    bracket = alvania.bracket(place, "Member States")
    alvania.saved()
    bressay.plug_in()

    bressay.saved()
    bressay.until("([id, one]) => stage.runs(id).some((run) => run.bracket.includes(one))", [place, bracket])
    alvania.until("([id]) => stage.runs(id).some((run) => run.deletion.length > 0)", [place])
    for desk in (chair, alvania, bressay):
        desk.until("([id]) => stage.runs(id).some((run) => run.deletion.length > 0)", [place])
        states = desk.run(place, "States")
        assert states.bracket == (bracket,)
        (strike,) = states.deletion
        assert desk.run(place, "Member ").bracket == (bracket,)
        assert desk.shown(place).count("[") == desk.shown(place).count("]") == 1
        assert "Member States" in desk.text(place)
        assert order_of_cards(desk) == [bracket, strike]
    kinds = {one.kind: one for one in draft.document().record.amendments.values()}
    assert set(kinds) == {AmendmentKind.BRACKET, AmendmentKind.MOD}
    assert kinds[AmendmentKind.BRACKET].delegation == ALVANIA
    assert kinds[AmendmentKind.MOD].delegation == BRESSAY
    # The bracket and the words struck inside it: two entries in the list of open brackets, the bracket once.
    assert chair.page.locator(".open-count").inner_text() == "2 open brackets"


def test_backspace_over_anothers_pending_word_strikes_it(stage: Stage, draft: Draft) -> None:
    """Scenario 3: the word stays and is struck as a counter-proposal; its author sees that; nothing is lost."""
    _, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(NEED)
    alvania.type_at(place, "that broadband", "xy")
    (own,) = alvania.run(place, "xy").insertion
    bressay.sees(place, "xy")
    bressay.put_caret(place, "that broadbandxy")

    bressay.page.keyboard.press("Backspace")
    bressay.page.keyboard.press("Backspace")

    for desk in (alvania, bressay):
        desk.until(
            "([id]) => stage.runs(id).some(({ text, deletion }) => text === 'xy' && deletion.length > 0)", [place]
        )
        word = desk.run(place, "xy")
        assert word.insertion == (own,)
        assert len(word.deletion) == 1
        assert desk.text(place) == NEED.replace("broadband", "broadbandxy")
    bressay.saved()
    (strike,) = bressay.run(place, "xy").deletion
    assert draft.amendment(own).status is Status.SUBMITTED
    assert draft.amendment(strike).delegation == BRESSAY
    card = alvania.card(own)
    assert "Others touch the same words" in card.inner_text()
    assert BRESSAY in card.inner_text()
    assert "xy" in next(one.text for one in draft.document().text if one.id == place)


def test_an_outcome_covers_the_words_before_the_meeting_and_no_later_ones(stage: Stage, draft: Draft) -> None:
    """Scenario 4: pinned by the call for objections; what the author types on is pending, and never in clean text."""
    chair, alvania = stage.live(draft, "alvania")
    place = draft.paragraph(NEED)
    alvania.type_at(place, "that ", "fast ")
    (amendment,) = alvania.run(place, "fast ").insertion
    chair.sees(place, "fast ")
    card = chair.card(amendment)
    card.get_by_role("button", name="Call for objections").click()
    chair.told("words pinned at revision")
    pinned = draft.amendment(amendment)
    assert pinned.pinned

    alvania.put_caret(place, "that fast ")
    alvania.type("and cheap ")
    chair.outcome(amendment, "Agreed")
    alvania.type("and safe ")

    for desk in (chair, alvania):
        desk.sees(place, "that fast and cheap and safe broadband")
        desk.until("([id]) => stage.runs(id).some((run) => run.origin.length > 0)", [place])
    alvania.saved()
    for desk in (chair, alvania):
        assert desk.run(place, "fast ").origin == (amendment,)
        assert desk.run(place, "fast ").insertion == ()
        for words in ("and cheap", "and safe"):
            (later,) = next(one for one in desk.runs(place) if words in one.text).insertion
            assert later != amendment
            assert draft.amendment(later).status is Status.SUBMITTED
            assert draft.amendment(later).delegation == ALVANIA
    decided = draft.amendment(amendment)
    assert decided.status is Status.AGREED
    assert [(one.ruling, one.revision) for one in decided.decisions] == [(Ruling.AGREED, pinned.revision)]
    assert NEED.replace("that ", "that fast ") in chair.view("Agreed text only")
    document = draft.document()
    clean = without(frozenset(one.id for one in document.record.amendments.values() if one.open), document.text)
    assert next(one.text for one in clean if one.id == place) == NEED.replace("that ", "that fast ")


def codes(desk: Desk, place: str) -> list[str]:
    """The delegations' codes printed in a paragraph."""
    found: list[str] = desk.page.locator(f'.live-text p[data-id="{place}"] sup.party').all_inner_texts()
    return found


def order_of_cards(desk: Desk) -> list[str]:
    """The amendments of the margin cards, from top to bottom."""
    cards = desk.page.locator("article.proposal-card")
    tops = cards.evaluate_all("all => all.map((one) => [one.getBoundingClientRect().top, one.id.replace('card-', '')])")
    return [id for _, id in sorted(tops)]


def test_the_browser_agrees_to_deflated_texts_and_shows_them(stage: Stage, draft: Draft) -> None:
    desk = stage.desk("corvara", draft)
    devtools = desk.page.context.new_cdp_session(desk.page)
    devtools.send("Network.enable")
    answers: list[dict[str, str]] = []
    devtools.on(
        "Network.webSocketHandshakeResponseReceived", lambda event: answers.append(event["response"]["headers"])
    )
    desk.page.reload()
    desk.ready()
    desk.sees(draft.paragraph(ACCESS), "affordable access for all")
    assert answers
    told = {name.lower(): value for name, value in answers[0].items()}
    assert told["sec-websocket-extensions"].startswith("permessage-deflate; server_no_context_takeover")
