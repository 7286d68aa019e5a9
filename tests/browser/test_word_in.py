"""A Word file brought in by hand in a real browser: handed in, looked at, entered; nothing for axe, room on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.settings import Settings
from tests.browser.test_server_pages import complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import OPINION, Stock, stocked
from tests.word.writing import comment, commented, dele, docx, ins, ins_mark, p, run

CONTRIBUTION = docx(
    p(run("Broadband for all")),
    p(run("The Forum,")),
    p(
        run("that "),
        ins("Arcadia", run("affordable ")),
        commented(1, run("broadband")),
        run(" reaches "),
        dele("J. Doe", run("some of ")),
        ins("J. Doe", run("nearly all ")),
        run("those who need it,"),
    ),
    *(p(run(f"that item {n} stands,")) for n in range(2, 8)),
    p(ins("Arcadia", run("that spectrum is shared in Dubai, 2014Buenos Aires, 2017,")), mark=ins_mark("Arcadia")),
    p(run("Geneva, 21 January 2026, a line that is in no text of ours")),
    comments=comment(1, "Borduria", "Costs are not clear to us."),
)
SHOTS = os.environ.get("UNBRACKET_SHOTS", "")
"""A folder for pictures of the pages, to be looked at."""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("word-in") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


def looked_at(page: Page, name: str) -> None:
    """Nothing for axe to find, no sideways scrolling at two widths; a picture where somebody wants it."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"word-in-{name}-{width}.png"), full_page=True)
        assert complaints(page) == [], f"{name} at {width}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_contribution_is_handed_in_looked_at_and_entered(browser: Browser, server: LiveServer, stock: Stock) -> None:
    context = visitor(browser, server, stock, "m-sec")
    page = context.new_page()
    said = heard(page)
    page.goto(f"/opinions/{OPINION}/word-in")
    looked_at(page, "list")
    file = {"name": "Arcadia.docx", "mimeType": "application/octet-stream", "buffer": CONTRIBUTION}
    page.get_by_label("Word file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Document number").fill("IEG-WTPF-26-4/12")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", name="IEG-WTPF-26-4/12")).to_be_visible()
    looked_at(page, "preview")
    page.get_by_role("button", name="Enter it").first.click()
    expect(page.get_by_role("alert")).to_contain_text("J. Doe")
    looked_at(page, "problem")
    page.get_by_label("J. Doe speaks for").select_option("XCC")
    page.get_by_role("button", name="Look again").first.click()
    page.get_by_role("button", name="Enter it").first.click()
    expect(page.get_by_text("Entered. What became of each change is below.")).to_be_visible()
    expect(page.get_by_text("#1", exact=True).first).to_be_visible()
    looked_at(page, "result")
    page.goto(f"/opinions/{OPINION}/threads")
    expect(page.get_by_text("Costs are not clear to us.")).to_be_visible()
    looked_at(page, "threads")
    page.goto(f"/opinions/{OPINION}/word-in")
    looked_at(page, "register")
    assert said == []
    context.close()
