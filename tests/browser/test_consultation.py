"""Consultation in real browsers: the public's form on a phone without scripts, in Arabic and in English, its letter,
moderation, publication.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from server.settings import Settings
from tests.browser.test_server_pages import complaints, heard, visitor
from tests.support.live_server import LiveServer
from tests.support.mail_server import Mail, mail_server
from tests.support.stock import ITEM, OPINION, WORDS, Stock, stocked

ARABIC = "من يدفع ثمن النطاق العريض في المناطق الريفية؟\n\nنقترح ذكر الصندوق."
ARABIC_WORDING = "أن النطاق العريض يصل إلى الجميع [دون استثناء]،"
ENGLISH = "Say who reaches them, and by when."
PHONE = 390
TRIES = 300


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("consultation") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock, mail: Mail) -> Iterator[LiveServer]:
    environ = {"UNBRACKET_SMTP_URL": mail.url, "UNBRACKET_MAIL_FROM": "Secretariat <secretariat@example.org>"}
    running = LiveServer(stock.settings.data_dir, environ=environ)
    running.start()
    try:
        yield running
    finally:
        running.kill()


def someone(browser: Browser, server: LiveServer, *, script: bool) -> BrowserContext:
    """Somebody without an account, with a phone."""
    return browser.new_context(
        viewport={"width": PHONE, "height": 844}, base_url=server.url, java_script_enabled=script
    )


def freeze(chair: Page) -> None:
    """The first Opinion's first version."""
    chair.goto("/")
    command = {"act": "freeze", "label": "First draft", "milestone": "", "seen_seq": 10**6, "key": "k-freeze"}
    status = chair.evaluate(
        "([path, body]) => fetch(path, {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify(body)}).then(r => r.status)",
        [f"/api/opinions/{OPINION}/commands", command],
    )
    assert status == 200


def fits(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the phone."""
    assert complaints(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def put_up(page: Page) -> str:
    """The secretariat's way to a new round; the path of its public page."""
    page.goto("/consultation/new")
    page.get_by_label("Name", exact=True).fill("Open consultation on the first draft")
    page.get_by_label("Members and the public").check()
    page.get_by_label("Opens").fill("2025-03-31T09:00")
    page.get_by_label("Closes").fill("2099-06-16T18:00")
    page.get_by_label("Introduction").fill("Who is left out?\n\nTell us in any language.")
    assert complaints(page) == []
    page.get_by_role("button", name="Put the round up").click()
    assert "The round is put up" in page.inner_text("main")
    return page.url.partition("?")[0].replace(f"/{'consultation'}/", "/consultations/")


def send(context: BrowserContext, public: str, **words: str) -> Page:
    """From the round's page to the letter, as somebody does who reads and writes on a phone."""
    page = context.new_page()
    page.goto(public)
    page.get_by_role("link", name=re.compile("Read and comment")).click()
    at = page.locator(f".at:has(#{ITEM})")
    at.get_by_role("link", name=re.compile("Comment")).click()
    assert WORDS in page.inner_text("blockquote")
    for label, text in words.items():
        page.locator(f"[name={label}]").fill(text)
    page.locator("#consent").check()
    for _ in range(TRIES):
        page.get_by_role("button", name="Send my comment").click()
        if "One more step" in page.inner_text("h1"):
            return page
        # Nobody reads and writes so quickly; the form comes back with every word until a person could have.
        assert "That was very quick" in page.inner_text(".problems")
        assert page.locator("[name=body]").input_value() == words["body"].replace("\r", "")
    raise AssertionError(page.inner_text("main"))


def confirm(page: Page, mail: Mail, address: str) -> None:
    """Open the link of the letter that came by SMTP, and press the button."""
    letter = mail.wait_for(address)[-1]
    assert letter.subject == "Confirm your comment: Open consultation on the first draft"
    found = re.search(r"http://\S+/comment-confirmation/\S+", letter.body)
    assert found
    page.goto(found[0])
    page.get_by_role("button", name="Yes, I sent this").click()
    assert "Your comment is confirmed" in page.inner_text("main")


def test_the_public_comments_on_a_phone_without_scripts_and_the_secretariat_publishes(
    browser: Browser, server: LiveServer, stock: Stock, mail: Mail
) -> None:
    chairing, office = (visitor(browser, server, stock, one) for one in ("m-chair", "m-sec"))
    freeze(chairing.new_page())
    clerk = office.new_page()
    said = heard(clerk)
    public = put_up(clerk)
    plain = someone(browser, server, script=False)
    author = {"name": "ليلى مثال", "email": "layla@example.org", "country": "الأردن"}
    sent = send(plain, public, language="العربية", body=ARABIC, proposed=ARABIC_WORDING, **author)
    confirm(sent, mail, "layla@example.org")
    sent = send(plain, public, language="English", body=ENGLISH, name="Ed Example", email="ed@example.org")
    confirm(sent, mail, "ed@example.org")
    assert plain.cookies() == [], "nobody is given a cookie"
    # The secretariat looks, publishes one, sets the other aside.
    inside = public.replace("/consultations/", "/consultation/")
    clerk.goto(f"{inside}/moderation")
    assert "ليلى مثال" in clerk.inner_text("main")
    assert complaints(clerk) == []
    clerk.get_by_role("checkbox", name=re.compile("C-1")).check()
    clerk.get_by_role("button", name="Admit to publication").click()
    clerk.get_by_role("checkbox", name=re.compile("C-2")).check()
    clerk.get_by_role("button", name="Set aside").click()
    assert "Give the reason" in clerk.inner_text(".problems")
    assert complaints(clerk) == []
    clerk.get_by_label(re.compile("Reason for setting aside")).fill("Says nothing on this paragraph")
    clerk.get_by_role("button", name="Set aside").click()
    clerk.goto(inside)
    clerk.get_by_role("button", name="Publish the comments").click()
    # Everybody reads: from the right, at the paragraph.
    phone = someone(browser, server, script=True)
    page = phone.new_page()
    page.goto(public)
    words = page.get_by_text("من يدفع ثمن النطاق العريض")
    assert words.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert words.bounding_box()["y"] > page.get_by_text(WORDS).bounding_box()["y"]  # type: ignore[index]
    assert ENGLISH not in page.inner_text("main")
    assert "Name withheld" in page.inner_text("main")
    for context in (chairing, office, plain, phone):
        context.close()
    assert said == []


def test_every_page_of_a_consultation_is_accessible_and_fits_a_phone(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    """After the round above: pages of the public, of those who give views, of the secretariat."""
    office, views = (visitor(browser, server, stock, one, PHONE) for one in ("m-sec", "m-views"))
    clerk, member = office.new_page(), views.new_page()
    clerk.goto("/consultation")
    inside = clerk.get_by_role("link", name="Open consultation on the first draft").first.get_attribute("href")
    assert inside
    text, public = f"{inside}/opinions/{OPINION}", inside.replace("/consultation/", "/consultations/")
    member.goto("/")
    assert "Give views" in member.inner_text("main")
    fits(member)
    member.goto(f"{text}/comment?paragraph={ITEM}")
    member.locator("#field-body").fill("A view of the university.")
    member.locator("#field-language").fill("Esperanto")
    fits(member)
    member.get_by_role("button", name="Comment", exact=True).click()
    assert "Your comment stands at its paragraph" in member.inner_text("main")
    for path in ("/consultation", inside, text, f"/opinions/{OPINION}/comments"):
        member.goto(path)
        fits(member)
    for path in (f"{inside}/dates", f"{inside}/moderation", f"{text}/answers", "/consultation/new", "/"):
        clerk.goto(path)
        fits(clerk)
    clerk.goto(text)
    clerk.get_by_role("link", name="C-1").click()
    fits(clerk)
    phone = someone(browser, server, script=True)
    page = phone.new_page()
    for path in ("/consultations", public, f"{public}/texts/{OPINION}", f"{public}/comment?opinion={OPINION}"):
        page.goto(path)
        fits(page)
    page.get_by_role("button", name="Send my comment").click()
    assert page.url.endswith(f"opinion={OPINION}"), "the browser itself asks for what is missing"
    for context in (office, views, phone):
        context.close()
