"""Contributions in a real browser: from the register to a card in the editor and a line in the compilation."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.settings import Settings
from tests.browser.test_server_pages import complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, SECOND, Stock, stocked
from tests.support.word_files import word_file

NUMBER = "IEG-WTPF-26-4/5"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("contributions") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


@pytest.fixture
def people(browser: Browser, server: LiveServer, stock: Stock) -> Iterator[dict[str, BrowserContext]]:
    contexts = {who: visitor(browser, server, stock, who) for who in ("m-sec", "m-xaa-1", "m-xbb-1")}
    yield contexts
    for context in contexts.values():
        context.close()


def sound(page: Page, name: str) -> None:
    """The page has nothing for axe to find, and fits a phone."""
    page.set_viewport_size({"width": 390, "height": 900})
    assert complaints(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.set_viewport_size({"width": 1440, "height": 900})


def test_from_the_register_to_a_card_and_the_compilation(people: dict[str, BrowserContext]) -> None:
    expert, clerk, other = (people[who].new_page() for who in ("m-xaa-1", "m-sec", "m-xbb-1"))
    said = heard(expert) + heard(clerk)
    expert.goto("/contributions")
    sound(expert, "empty")
    expert.get_by_role("link", name="Hand in a contribution").click()
    expert.get_by_label("Title").fill("Broadband for those who are left out")
    expert.get_by_label("Document", exact=True).set_input_files(
        {"name": "Arcadia.docx", "mimeType": "application/octet-stream", "buffer": word_file("Words.", pages=5)}
    )
    expert.get_by_label("Broadband for all").check()
    sound(expert, "hand-in")
    expert.get_by_role("button", name="Hand in").click()
    expect(expert.get_by_role("status")).to_contain_text("It waits for its number")

    clerk.goto("/contributions?show=waiting")
    clerk.get_by_role("link", name="Broadband for those who are left out").click()
    clerk.get_by_role("textbox", name="Number").fill(NUMBER)
    sound(clerk, "to-register")
    clerk.get_by_role("button", name="Register").click()
    expect(clerk.get_by_text("5 pages: more than the 3 recommended")).to_be_visible()
    assert clerk.get_by_role("link", name="Arcadia.docx").is_visible()

    expert.reload()
    expert.get_by_role("link", name="Note a proposal or view").click()
    expert.get_by_role("combobox", name="Paragraph").select_option(ITEM)
    expert.get_by_label("What it says").select_option("Replace words")
    expert.get_by_label("Words that stand there").fill("no such words")
    expert.get_by_label("Words proposed").fill("everybody")
    expert.get_by_role("button", name="Note it").click()
    expect(expert.get_by_role("alert")).to_contain_text("These words do not stand in this paragraph")
    sound(expert, "wrong")
    expert.get_by_label("Words that stand there").fill("some of those who need it")
    expert.get_by_label("Reason").fill("Nobody is to be left out.")
    sound(expert, "proposal")
    expert.get_by_role("button", name="Note it").click()
    expect(expert.locator(".item del")).to_have_text("some of those who need it")
    expert.get_by_role("link", name="Note a proposal or view").click()
    expert.get_by_role("combobox", name="Paragraph").select_option("p-item-00003")
    expert.get_by_label("What it says").select_option("Add a paragraph")
    expert.get_by_label("Words proposed").fill("that prices fall,")
    expert.get_by_role("button", name="Note it").click()

    other.goto(f"/opinions/{OPINION}")
    other.locator(".ProseMirror").wait_for()
    clerk.reload()
    sound(clerk, "noted")
    clerk.get_by_text("From its Word file").click()
    clerk.get_by_role("button", name="Read it").click()
    clerk.wait_for_url("**/word-in/w-*")
    expect(clerk.locator("h1")).to_contain_text(NUMBER)
    clerk.goto(expert.url.split("?")[0])
    expect(clerk.get_by_text("read, not entered yet")).to_be_visible()
    clerk.get_by_role("button", name="Look at the chosen ones as amendments").click()
    expect(clerk.get_by_text("Nothing was entered yet")).to_be_visible()
    sound(clerk, "look")
    clerk.get_by_role("button", name="Enter them into the text").click()
    expect(clerk.get_by_role("status")).to_contain_text("Entered into the text")
    expect(clerk.get_by_text("#1: Submitted")).to_be_visible()
    sound(clerk, "entered")

    expect(other.locator(".ProseMirror ins").first).to_contain_text("everybody")
    card = other.locator("[class*=card]", has_text="everybody").first
    expect(card).to_be_visible()

    clerk.goto(f"/opinions/{OPINION}/compilation")
    expect(clerk.locator(".said")).to_have_count(2)
    sound(clerk, "compilation")
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="Word file").click()
    assert download.value.suggested_filename == "compilation-1.docx"
    clerk.goto("/contributions")
    sound(clerk, "register")
    assert said == []


def test_a_draft_opinion_is_presented_tabled_and_merged(people: dict[str, BrowserContext]) -> None:
    expert, clerk = people["m-xaa-1"].new_page(), people["m-sec"].new_page()
    expert.goto("/ledger")
    expert.get_by_role("link", name="Present a draft Opinion").click()
    expert.get_by_label("Title").fill("Space connectivity")
    expert.get_by_label("Words").fill("OPINION 4: SPACE\n\nconsidering\n\na) that [all] skies are one,")
    expert.get_by_label("In document").fill(NUMBER)
    sound(expert, "present")
    expert.get_by_role("button", name="Present it").click()
    expect(expert.get_by_role("status")).to_contain_text("It is on the ledger")
    sound(expert, "presented")
    clerk.goto(expert.url)
    clerk.get_by_role("link", name="Put on the table").click()
    sound(clerk, "table")
    clerk.get_by_role("button", name="Put on the table").click()
    expect(clerk.get_by_role("link", name="Open the text")).to_be_visible()
    clerk.goto("/ledger/merge")
    clerk.get_by_label("This one", exact=True).select_option(SECOND)
    clerk.get_by_label("With this one").select_option(label="Space connectivity")
    sound(clerk, "choose")
    clerk.get_by_role("button", name="Look at the text").click()
    clerk.get_by_label("Why").fill("The same theme.")
    sound(clerk, "merge")
    clerk.get_by_role("button", name="Merge two draft Opinions").click()
    expect(clerk.get_by_text("Because: The same theme.")).to_be_visible()
    clerk.goto("/ledger")
    sound(clerk, "ledger")
    clerk.goto(f"/ledger/{SECOND}")
    sound(clerk, "merged")
    clerk.goto("/")
    expect(clerk.locator(f"#opinion-{SECOND}").get_by_text("Closed", exact=True)).to_be_visible()
    sound(clerk, "dashboard")
