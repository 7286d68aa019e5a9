"""The report in a real browser: written, commented on, answered, put into a volume, published, read by an observer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.settings import Settings
from tests.browser.test_server_pages import complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import Stock, stocked

NUMBER = "S24-WTPF26PREP-R-0001"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("volumes") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


@pytest.fixture
def people(browser: Browser, server: LiveServer, stock: Stock) -> Iterator[dict[str, BrowserContext]]:
    contexts = {who: visitor(browser, server, stock, who) for who in ("m-sec", "m-xaa-1", "m-obs")}
    yield contexts
    for context in contexts.values():
        context.close()


def sound(page: Page, name: str) -> None:
    """The page has nothing for axe to find, and fits a phone."""
    page.set_viewport_size({"width": 390, "height": 900})
    assert complaints(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.set_viewport_size({"width": 1280, "height": 900})


def test_from_the_first_section_to_a_published_volume(people: dict[str, BrowserContext]) -> None:
    """[SR1, SR5, VO4]"""
    clerk, expert, observer = (people[who].new_page() for who in ("m-sec", "m-xaa-1", "m-obs"))
    said = heard(clerk) + heard(expert)
    clerk.goto("/sg-report")
    sound(clerk, "empty report")
    clerk.get_by_role("link", name="Add a section").click()
    clerk.get_by_label("Heading").fill("Digital divides")
    clerk.get_by_label("Text").fill("Coverage has grown.\n\nCost keeps many away.")
    sound(clerk, "section")
    clerk.get_by_role("button", name="Save").click()
    expect(clerk.get_by_role("status")).to_contain_text("Saved")
    clerk.get_by_label("Text").fill("Coverage has grown faster than use.\n\nCost keeps many away.")
    clerk.get_by_role("button", name="Save").click()
    expert.goto("/sg-report")
    expect(expert.get_by_text("Nothing is put out yet")).to_be_visible()
    clerk.get_by_role("link", name="Back to the report").click()
    sound(clerk, "a draft that is not put out")
    clerk.get_by_role("button", name="Put revision 2 out for comment").click()
    expect(clerk.get_by_role("status")).to_contain_text("Put out")

    expert.goto("/sg-report")
    expert.get_by_text("Comment on Digital divides").click()
    expert.get_by_label("On", exact=True).select_option(label="Paragraph 2: Cost keeps many away.")
    expert.get_by_label("Comment", exact=True).fill("And skills.")
    expert.get_by_role("button", name="Add the comment").click()
    expect(expert.get_by_role("status")).to_contain_text("stands at its section")
    expect(expert.locator(".remark")).to_contain_text("And skills.")
    sound(expert, "report with a comment")

    clerk.goto("/sg-report")
    clerk.get_by_text("Answer R-1").click()
    clerk.get_by_label("What became of it").select_option("taken_up")
    clerk.get_by_label("Answer").fill("A paragraph is added.")
    clerk.get_by_role("button", name="Record the answer").click()
    expect(clerk.locator(".remark .answer")).to_contain_text("A paragraph is added.")

    clerk.goto("/volumes")
    sound(clerk, "no volume")
    clerk.get_by_role("link", name="Begin a volume").click()
    expect(clerk.get_by_label("What it is")).to_have_value("First draft")
    sound(clerk, "new volume")
    clerk.get_by_role("button", name="Begin it").click()
    expect(clerk.get_by_text("is not frozen").first).to_be_visible()
    sound(clerk, "prepared volume")
    for box in clerk.get_by_role("group", name="Annexed Opinions").get_by_role("combobox").all():
        box.select_option(label="Not annexed")
    clerk.get_by_role("button", name="Save").click()
    clerk.get_by_label("Document number").fill(NUMBER)
    clerk.get_by_role("button", name="Give it this number").click()
    clerk.get_by_role("button", name="Publish").click()
    expect(clerk.get_by_role("status")).to_contain_text("never changes from now on")
    sound(clerk, "published volume")

    observer.goto("/documents")
    sound(observer, "documents")
    observer.get_by_role("link", name=NUMBER).click()
    expect(observer.get_by_role("heading", level=1)).to_have_text("First draft")
    assert said == []
