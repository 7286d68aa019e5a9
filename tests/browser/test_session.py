"""A whole session by keyboard: four delegations, a facilitator and the chair take an Opinion from twelve open brackets
to clean text. Report and list agree with what happened.
"""

import re

from playwright.sync_api import Page, expect

from opinions.brackets import open_brackets
from opinions.clean import obstacles
from opinions.model import ParagraphId
from opinions.record import Amendment, AmendmentKind, Call, ParagraphState, Status
from opinions.statuses import CallState
from tests.browser.desk import PATIENCE_MS, Desk
from tests.browser.stage import Draft, House, Stage
from tests.browser.test_day import words_in
from tests.browser.test_keyboard import FOCUSED, tab_to
from tests.support.waiting import wait_until

TEXT = """DRAFT OPINION {number}: {title}

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

recognizing

a) that digital skills [and literacy] are part of access;

b) that teachers need time [and money] to learn;

c) that schools [in [remote and] rural areas] wait for connections,

invites Member States

1 to include skills in their plans, which [shall] [should] be public;

2 to report [every year] on progress.
"""
PERSONAS = ("alvania", "bressay", "dunmara", "estavia")
MEETING = "IEG-4, second session"
OWN_CARD = r"Submit|X\w\w.+Draft"
TAKEN_UP = """
key => document.querySelector("[data-floor][data-taken=yes]")?.dataset.floor === key
  && document.activeElement?.dataset.key === key
"""
STEPS = 60
"""Rows of the queue that a person goes through before giving up."""


def test_from_twelve_brackets_to_clean_by_keyboard(house: House, stage: Stage) -> None:
    """What the chair announces, and nothing else, lifts a bracket; each delegation answers from its own place."""
    draft = house.draft(TEXT, title="SKILLS AND SCHOOLS")
    make_facilitator(house, draft)
    alvania, bressay, dunmara, estavia = (stage.desk(one, draft) for one in PERSONAS)
    replacing(dunmara, "to include skills", "plans", "strategies")
    replacing(estavia, "to include skills", "plans", "programmes")
    inserting(alvania, "that digital skills", "skills", " and tools")
    assert len(open_brackets(draft.document())) == 12
    ids: dict[str, str] = brackets_of(draft)
    ids.update((one.delegation, one.id) for one in amendments(draft) if one.delegation != "SEC")

    chair = at_the_console(stage, house, draft, "chair")
    opening(chair)
    for desk in (alvania, bressay, dunmara, estavia):
        attending(desk)

    put(chair, "and literacy")
    answer(bressay, "No objection")
    answer(dunmara, "No objection")
    chair.keyboard.press("y")
    gone(chair, f"amendment:{ids['and literacy']}")
    stands(draft, ids["and literacy"], Status.AGREED)

    put(chair, "and money")
    answer(estavia, "Object", why="Money is for the Council.")
    expect(chair.locator(".call-answers")).to_contain_text("Money is for the Council.")
    chair.keyboard.press("w")
    expect(chair.locator(".call-bar.none")).to_be_visible()
    ruling(chair, "and money", "r")
    stands(draft, ids["and money"], Status.NOT_RETAINED)
    ruling(chair, "remote and", "r", but="rural")
    stands(draft, ids["remote and"], Status.NOT_RETAINED)
    ruling(chair, "rural areas", "a")
    stands(draft, ids["in remote and rural areas"], Status.AGREED)

    withdrawing(alvania, "XAL")
    stands(draft, ids["XAL"], Status.WITHDRAWN)
    compromising(stage, house, draft)
    agreeing_to_it(dunmara, estavia)
    compromise = next(one for one in amendments(draft) if one.replaces)
    wait_until(lambda: said_by(draft, compromise.id) == {"XDU", "XES"}, "both holders to have said")
    ruling(chair, "for schools", "a")
    stands(draft, compromise.id, Status.AGREED)
    for party in ("XDU", "XES"):
        assert stands(draft, ids[party], Status.MERGED).into == compromise.id

    ruling(chair, "“shall”", "a", others=True)
    stands(draft, ids["shall"], Status.AGREED)
    stands(draft, ids["should"], Status.NOT_RETAINED)
    ruling(chair, "every year", "d")
    stands(draft, ids["every year"], Status.AGREED_AD_REFERENDUM)
    assert not open_brackets(draft.document())

    considering(chair, draft)
    assert obstacles(draft.document()) == ()
    clean(house, draft)
    agree_with_it(house, draft)


def make_facilitator(house: House, draft: Draft) -> None:
    with house.caller("secretariat") as secretariat:
        given = secretariat.post("/people/facilitator/parts", data={"opinion": draft.id, "part": "facilitator"})
        assert given.status_code == 303, given.text


def caret_to(desk: Desk, words: str, after: str) -> ParagraphId:
    """The caret behind words, by keys alone."""
    keyboard = desk.page.keyboard
    place = next(ParagraphId(id) for id, text in desk.texts() if words in text)
    desk.text_box.focus()
    keyboard.press("Control+Home")
    for _ in range(40):
        at = desk.caret()
        if at is not None and at[0] == place:
            break
        keyboard.press("ArrowDown")
    keyboard.press("Home")
    text = desk.text(place)
    wanted = text.index(after) + len(after)
    for _ in range(10):
        at = desk.caret()
        assert at is not None
        if at == (place, wanted):
            return place
        assert at[0] == place
        for _ in range(abs(wanted - at[1])):
            keyboard.press("ArrowRight" if at[1] < wanted else "ArrowLeft")
    raise AssertionError(f"the caret does not come to {after!r}: {desk.caret()}")


def replacing(desk: Desk, paragraph: str, words: str, by: str) -> None:
    caret_to(desk, paragraph, words)
    for _ in words:
        desk.page.keyboard.press("Shift+ArrowLeft")
    desk.page.keyboard.type(by)
    submitting(desk)


def inserting(desk: Desk, paragraph: str, after: str, words: str) -> None:
    caret_to(desk, paragraph, after)
    desk.page.keyboard.type(words)
    submitting(desk)


def submitting(desk: Desk) -> None:
    desk.saved()
    desk.page.keyboard.press("F2")
    # Where others propose something for the same words, theirs may be the card that F2 leads to.
    for _ in range(4):
        _, _, words = desk.page.evaluate(FOCUSED)
        closed = desk.page.evaluate("document.activeElement.getAttribute('aria-expanded') === 'false'")
        if re.fullmatch(r"X\w\w.+Draft", words) and closed:
            desk.page.keyboard.press("Enter")
        tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and bool(re.fullmatch(OWN_CARD, words)))
        if desk.page.evaluate(FOCUSED)[2] == "Submit":
            break
    desk.page.keyboard.press("Enter")
    desk.told("submitted. Everybody sees it now.")


def opening(chair: Page) -> None:
    tab_to(chair, lambda tag, role, words: words == "Open a sitting")
    chair.keyboard.press("Enter")
    chair.keyboard.press("Tab")
    chair.keyboard.type(MEETING)
    chair.keyboard.press("Enter")
    expect(chair.locator(".sitting-now")).to_contain_text(MEETING)


def attending(desk: Desk) -> None:
    line = desk.page.get_by_role("region", name="Attendance")
    expect(line).to_contain_text(MEETING)
    tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and words == "We take part")
    desk.page.keyboard.press("Enter")
    expect(line).to_be_hidden()


def pick(chair: Page, words: str, *, but: str = "") -> str:
    """Take the row up that holds these words (and not those of `but`): J until there, Enter."""
    queue = chair.locator("#queue a[data-key]")
    queue.first.focus()
    for _ in range(STEPS):
        row = chair.evaluate("document.activeElement.closest('tr')?.textContent ?? ''")
        if words in row and not (but and but in row):
            chair.keyboard.press("Enter")
            key = chair.evaluate("document.activeElement.dataset.key ?? ''")
            chair.wait_for_function(TAKEN_UP, arg=key, timeout=PATIENCE_MS)
            return str(key)
        chair.keyboard.press("j")
    raise AssertionError(f"no row holds {words!r}: {queue.all_text_contents()}")


def amendments(draft: Draft) -> tuple[Amendment, ...]:
    return tuple(draft.document().record.amendments.values())


def said_by(draft: Draft, amendment: str) -> set[str]:
    return {one.delegation for one in draft.amendment(amendment).stances}


def brackets_of(draft: Draft) -> dict[str, str]:
    """The brackets that the text came with, by their words."""
    return {words_in(draft, one): one.id for one in amendments(draft) if one.kind is AmendmentKind.BRACKET}


def stands(draft: Draft, amendment: str, status: Status) -> Amendment:
    return draft.books.until_status(draft.id, amendment, status)


def at_the_console(stage: Stage, house: House, draft: Draft, persona: str) -> Page:
    page = stage.context().new_page()
    page.goto(f"{house.origin(persona)}/opinions/{draft.id}/console")
    page.wait_for_selector("main[data-console][data-ready]")
    return page


def gone(chair: Page, row: str) -> None:
    """What was decided has left the queue, and the hand is on the next row."""
    chair.wait_for_selector(f'[data-row="{row}"]', state="detached", timeout=PATIENCE_MS)
    chair.wait_for_function("() => document.activeElement.closest('#queue') !== null")


def put(chair: Page, words: str) -> None:
    """Call for objections to the row that holds these words."""
    pick(chair, words)
    chair.keyboard.press("o")
    expect(chair.locator(".call-items a").first).to_be_visible(timeout=PATIENCE_MS)
    chair.wait_for_function("() => document.activeElement.closest('#queue') !== null")


def answer(desk: Desk, words: str, *, why: str = "") -> None:
    """A delegation's answer, by keys from wherever it is."""
    bar = desk.page.get_by_role("region", name="Call for objections")
    expect(bar).to_be_visible()
    tab_to(desk.page, lambda tag, role, said: tag == "BUTTON" and said == words)
    desk.page.keyboard.press("Enter")
    if why:
        desk.page.wait_for_function("() => document.activeElement.tagName === 'TEXTAREA'")
        desk.page.keyboard.type(why)
        tab_to(desk.page, lambda tag, role, said: tag == "BUTTON" and said == words)
        desk.page.keyboard.press("Enter")
    expect(bar.locator(".call-answers")).to_contain_text(words)


def ruling(chair: Page, words: str, key: str, *, but: str = "", others: bool = False) -> None:
    """Take a row up and announce its outcome; with `others`, those that compete with it are not retained."""
    row = pick(chair, words, but=but)
    chair.keyboard.press(key)
    if others:
        chair.wait_for_function("() => document.activeElement.closest('.others') !== null")
        chair.keyboard.press("Enter")
    gone(chair, row)


def card(desk: Desk, code: str) -> None:
    """To the card of a party, opened."""
    tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and words.startswith(f"{code}#"))
    if desk.page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false":
        desk.page.keyboard.press("Enter")


def withdrawing(desk: Desk, code: str) -> None:
    card(desk, code)
    tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and words == "Withdraw")
    desk.page.keyboard.press("Enter")
    tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and words.startswith("Withdraw #"))
    desk.page.keyboard.press("Enter")


def compromising(stage: Stage, house: House, draft: Draft) -> None:
    """The facilitator words a compromise for what two delegations want: the form's boxes, its words, its button."""
    place = draft.paragraph("to include skills")
    page = stage.context().new_page()
    page.goto(f"{house.origin('facilitator')}/opinions/{draft.id}/compromise?paragraph={place}")
    for _ in range(page.locator("input[name=replaces]").count()):
        tab_to(page, lambda tag, role, words: page.evaluate("document.activeElement.name") == "replaces")
        signed = page.evaluate("document.activeElement.labels[0].textContent")
        if not re.search(r"XDU|XES", signed):
            page.keyboard.press("Space")
    tab_to(page, lambda tag, role, words: tag == "TEXTAREA")
    page.keyboard.press("Control+a")
    page.keyboard.type("to include skills in their plans for schools, which shall should be public;")
    tab_to(page, lambda tag, role, words: tag == "BUTTON" and words == "Put before the meeting")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_visible()


def agreeing_to_it(*desks: Desk) -> None:
    """Each holder takes a position on the compromise, on its card."""
    for desk in desks:
        shown = desk.page.locator(".proposal-card", has=desk.page.locator(".card-head .code", has_text="CHR"))
        expect(shown).to_be_visible(timeout=PATIENCE_MS)
        card(desk, "CHR")
        tab_to(desk.page, lambda tag, role, words: tag == "SELECT" and "Can accept" in words)
        desk.page.keyboard.type("Can a")
        tab_to(desk.page, lambda tag, role, words: tag == "BUTTON" and words == "Put it on record")
        desk.page.keyboard.press("Enter")
        expect(shown).to_contain_text("can accept")


def considering(chair: Page, draft: Draft) -> None:
    """Every paragraph as it stands, one after the other, by A."""
    tab_to(chair, lambda tag, role, words: words.startswith("Paragraphs as they stand"))
    chair.keyboard.press("Enter")
    open_ones = [one.id for one in draft.document().text if draft.document().record.paragraph(one.id).state != "agreed"]
    expect(chair.locator("#queue a[data-key]")).to_have_count(len(open_ones))
    chair.locator("#queue a[data-key]").first.focus()
    chair.keyboard.press("Enter")
    for name in open_ones:
        chair.wait_for_function(TAKEN_UP, arg=f"paragraph:{name}")
        chair.keyboard.press("a")
        agreed(draft, name)


def agreed(draft: Draft, name: ParagraphId) -> None:
    wait_until(lambda: draft.document().record.paragraph(name).state is ParagraphState.AGREED, "it to be agreed")


def clean(house: House, draft: Draft) -> None:
    with house.caller("secretariat") as secretariat:
        given = secretariat.get(f"/opinions/{draft.id}/export", params={"view": "clean", "format": "txt"})
    assert given.status_code == 200, given.text
    assert not set(given.text) & set("[]")


def agree_with_it(house: House, draft: Draft) -> None:
    """The chair's report, the list of square brackets and the record say what happened."""
    calls = [one for one in draft.document().record.table.values() if isinstance(one, Call)]
    assert {one.state for one in calls} == {CallState.DECIDED, CallState.WITHDRAWN}
    (put_and_decided,) = [one for one in calls if one.state is CallState.DECIDED]
    assert {one.delegation for one in put_and_decided.answers} == {"XBR", "XDU"}
    assert set(put_and_decided.present) == {"XAL", "XBR", "XDU", "XES"}
    with house.caller("chair") as chair:
        report = chair.get(f"/opinions/{draft.id}/report").text
        for one in amendments(draft):
            assert f"#{one.number}" in report, one
        for words in ("Money is for the Council.", MEETING, "plans for schools"):
            assert words in report, words
        listed = chair.get(f"/opinions/{draft.id}/brackets").text
        assert "nothing is open" in listed
        assert "Open square brackets: 7 to 0, at most 12, falling." in listed
