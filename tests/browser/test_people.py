"""The people's pages in a real browser: from the roster as it was mailed to the person who signs in by the letter."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.settings import Settings
from tests.browser.desk import OPEN
from tests.browser.test_server_pages import WIDTHS, complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.mail_server import Mail, mail_server
from tests.support.stock import OPINION, Stock, stocked

ROSTER = """Experts nominated to the group
Name\tEntity/Organization\tNominating member\tE-mail address\tRole
Wanjiru Kamau\tMinistry of ICT\tArcadia\twanjiru@example.org\tExpert
Expert Borduria 1\tXBB\t\tnew@example.org\t
Lena Voss\tUniversity of Umbra\t\tlena@example.org\tExpert
Tariq Aziz\tFarland\t\ttariq@example.org\tFocal point
"""


KEPT_ANYWHERE = """
async () => [
  (await indexedDB.databases()).length,
  (await caches.keys()).length,
  (await navigator.serviceWorker.getRegistrations()).length,
]
"""


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("people") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock, mail: Mail) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir, environ={"UNBRACKET_SMTP_URL": mail.url}) as running:
        yield running


def looked_at(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find and nothing cut off, on a screen and on a phone; a picture of each for whoever looks."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert complaints(page) == [], f"{name} at {width}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
        page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def link_in(body: str) -> str:
    found = re.search(r"http://\S+", body)
    assert found
    return found[0]


def test_from_a_pasted_roster_to_the_person_who_signs_in_by_the_letter(
    browser: Browser, server: LiveServer, stock: Stock, mail: Mail, tmp_path: Path
) -> None:
    desk = visitor(browser, server, stock, "m-sec")
    page = desk.new_page()
    said = heard(page)
    page.goto("/people")
    looked_at(page, tmp_path, "people")
    page.get_by_role("link", name="Enter a roster").first.click()
    looked_at(page, tmp_path, "roster")
    page.get_by_label("Paste the rows").fill(ROSTER)
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is entered yet")
    expect(page.get_by_text("There is no delegation “Farland”")).to_be_visible()
    looked_at(page, tmp_path, "roster-preview")
    page.get_by_label("Add Farland").check()
    page.get_by_label("Code of Farland").fill("XFL")
    page.get_by_label("Region of Farland").select_option("Arab States")
    page.get_by_role("button", name="Look again").first.click()
    page.get_by_label("What to do with row 2").select_option(label="Same person: take the roster's")
    page.get_by_label("Invite those who are new").check()
    looked_at(page, tmp_path, "roster-ready")
    page.get_by_role("button", name=re.compile("^Enter 3 people$")).click()
    expect(page.get_by_role("status")).to_contain_text("invitations are on their way")
    (letter,) = mail.wait_for("wanjiru@example.org")
    assert letter.subject == "Process of the tests: your invitation"
    assert "You take part in Process of the tests as expert for XAA." in letter.body
    mail.wait_for("tariq@example.org")
    assert "as one who gives views for XUU" in mail.wait_for("lena@example.org")[0].body
    assert not mail.to("new@example.org"), "who is here already is not invited with those who are new"

    phone = visitor(browser, server, stock, "", width=390)
    invited = phone.new_page()
    invited.goto(link_in(letter.body))
    expect(invited.get_by_role("heading", level=1)).to_have_text("Welcome, Wanjiru Kamau")
    looked_at(invited, tmp_path, "invitation")
    invited.get_by_role("button", name="Sign in as Wanjiru Kamau").click()
    expect(invited.get_by_role("link", name="Wanjiru Kamau")).to_be_visible()

    page.goto("/people?show=come")
    expect(page.get_by_role("link", name="Wanjiru Kamau")).to_be_visible()
    looked_at(page, tmp_path, "people-come")
    page.goto("/balance")
    looked_at(page, tmp_path, "balance")
    page.goto("/settings")
    looked_at(page, tmp_path, "settings")
    page.goto("/people/m-xbb-1")
    page.get_by_text("Give another part").click()
    page.get_by_label("Part there").select_option("Acting chair")
    page.get_by_label("Phase").fill("IEG-3")
    looked_at(page, tmp_path, "person")
    page.get_by_role("button", name="Give this part").click()
    expect(page.get_by_role("table", name="Parts of Expert Borduria 1")).to_contain_text("Acting chair")
    looked_at(page, tmp_path, "person-with-part")
    assert said == []
    for context in (desk, phone):
        context.close()


def test_from_a_nomination_link_to_the_member(
    browser: Browser, server: LiveServer, stock: Stock, mail: Mail, tmp_path: Path
) -> None:
    desk, elsewhere = (visitor(browser, server, stock, member) for member in ("m-sec", ""))
    page, contact = desk.new_page(), elsewhere.new_page()
    page.goto("/nominations")
    page.get_by_label("Delegation", exact=True).select_option("XCC")
    page.get_by_label("E-mail of its contact point").fill("contact@example.org")
    page.get_by_role("button", name="Send the link").click()
    contact.goto(link_in(mail.wait_for("contact@example.org")[0].body))
    contact.get_by_label("Name", exact=True).fill("Noor Haddad")
    contact.get_by_label("E-mail", exact=True).fill("noor@example.org")
    looked_at(contact, tmp_path, "nominate")
    contact.get_by_role("button", name="Send the nominations").click()
    expect(contact.get_by_role("status")).to_contain_text("1 nomination received")
    assert "Noor Haddad" in mail.wait_for("contact@example.org", 2)[1].body
    page.goto("/nominations")
    looked_at(page, tmp_path, "nominations")
    page.get_by_role("button", name="Approve Noor Haddad").click()
    expect(page.get_by_role("status")).to_have_text("Approved and invited.")
    contact.goto(link_in(mail.wait_for("noor@example.org")[0].body))
    contact.get_by_role("button", name="Sign in as Noor Haddad").click()
    contact.goto("/account")
    looked_at(contact, tmp_path, "account")
    contact.get_by_role("button", name="Sign in on another device").click()
    looked_at(contact, tmp_path, "device")
    code = contact.locator("#device-code").inner_text()
    other = visitor(browser, server, stock, "", width=390)
    typing = other.new_page()
    typing.goto("/sign-in")
    typing.get_by_label("Code").fill(code.lower())
    looked_at(typing, tmp_path, "sign-in")
    typing.get_by_role("button", name="Continue").click()
    typing.get_by_label("Others use this computer too").check()
    typing.get_by_role("button", name="Sign in as Noor Haddad").click()
    typing.goto("/account")
    expect(typing.get_by_text("shared computer", exact=True)).to_be_visible()
    (cookie,) = other.cookies()
    assert cookie["expires"] == -1, "it ends with the browser"
    typing.goto(f"/opinions/{OPINION}")
    expect(typing.locator("#connection-state")).to_have_text(OPEN)
    assert typing.evaluate(KEPT_ANYWHERE) == [0, 0, 0], "neither text nor page stays on the computer"
    for context in (desk, elsewhere, other):
        context.close()


def test_from_a_letter_to_copy_to_the_report_that_it_is_wrong(
    browser: Browser, server: LiveServer, stock: Stock, tmp_path: Path
) -> None:
    """Somebody without an address gets a letter by hand; whoever it reaches says that it is not for him or her."""
    desk, stranger = visitor(browser, server, stock, "m-sec"), visitor(browser, server, stock, "", width=390)
    page, reader = desk.new_page(), stranger.new_page()
    page.goto("/roster")
    page.get_by_label("Paste the rows").fill("Name\tDelegation\tE-mail\tRole\nNils Holm\tXDD\t\tExpert\n")
    page.get_by_role("button", name="Look at the rows").click()
    page.get_by_role("button", name=re.compile("^Enter 1 person$")).click()
    page.goto("/people")
    page.get_by_role("button", name="not yet invited").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 letter to copy")
    looked_at(page, tmp_path, "letters-to-copy")
    reader.goto(link_in(page.get_by_label("Letter to Nils Holm").input_value()))
    reader.get_by_text("Not you, or not your delegation?").click()
    reader.get_by_label("What is wrong").fill("I am with Borduria")
    looked_at(reader, tmp_path, "not-mine")
    reader.get_by_role("button", name="Tell the secretariat").click()
    expect(reader.get_by_role("status")).to_have_text("The secretariat has been told.")
    looked_at(reader, tmp_path, "told")
    page.goto("/people")
    expect(page.locator("#reported")).to_contain_text("Nils Holm (XDD): “I am with Borduria”")
    looked_at(page, tmp_path, "people-reported")
    page.locator("#reported").get_by_role("link", name="Nils Holm").click()
    looked_at(page, tmp_path, "person-reported")
    page.get_by_role("button", name="Make a link to hand over").click()
    expect(page.get_by_role("heading", name="Send this to Nils Holm")).to_be_visible()
    expect(page.get_by_text("reported this invitation")).to_have_count(0)
    looked_at(page, tmp_path, "person-link")
    page.goto(f"/opinions/{OPINION}/chair")
    expect(page.get_by_role("heading", name="For a while")).to_be_visible()
    page.get_by_text(re.compile("^(Choose|Somebody else) ")).click()
    looked_at(page, tmp_path, "chair")
    for context in (desk, stranger):
        context.close()
