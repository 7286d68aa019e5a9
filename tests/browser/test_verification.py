"""[VF9, VF10] The public page of a version and the page that checks files, in a real browser without an account."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from server.settings import Settings
from tests.browser.desk import PATIENCE_MS
from tests.support.live_server import LiveServer, live_server
from tests.support.proofs import FIRST, STRANGER, mirrored, proofs
from tests.support.sitting import two_sittings
from tests.support.stock import OPINION

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("UNBRACKET_TEST_SHOTS", "")
"""A folder for pictures of the pages, if somebody wants to look at them."""
PAGE = f"/public/opinions/{OPINION}/versions/1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two versions, of which the first is public."""
    stock = two_sittings(Settings(data_dir=tmp_path_factory.mktemp("verify") / "data"))
    with live_server(stock.settings.data_dir) as running:
        cookie = f"unbracket-{running.port}={stock['m-sec'].token}"
        headers = {"cookie": cookie, "origin": running.url}
        answer = httpx2.post(f"{running.url}/opinions/{OPINION}/versions/1/public", headers=headers)
        assert answer.status_code == 303, answer.text
        yield running


def looked_at(page: Page, name: str) -> None:
    """Nothing for axe to find, nothing wider than the page."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document)).violations.map(one => one.id + ' ' + one.nodes[0].html)"
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_vf9_a_stranger_checks_a_version_file_in_the_browser(
    server: LiveServer, browser: Browser, tmp_path: Path, width: int
) -> None:
    """Downloaded from the public page, chosen on the other one, checked there; a changed file is told, to the word."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=server.url)
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/public")
    looked_at(page, f"public-list-{width}")
    page.goto(PAGE)
    looked_at(page, f"public-version-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Version file").click()
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    download.value.save_as(good)
    bad.write_bytes(good.read_bytes().replace(b"some of those", b"none of those"))
    page.goto("/verify")
    field = page.locator("#field-files")
    field.set_input_files(good)
    expect(page.get_by_text("All agrees.")).to_be_visible(timeout=PATIENCE_MS)
    looked_at(page, f"verify-good-{width}")
    field.set_input_files(bad)
    expect(page.get_by_text("Something differs")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("none of those").first).to_be_visible()
    looked_at(page, f"verify-bad-{width}")
    assert set(sent) == {"GET"}, "nothing is uploaded"
    context.close()


def test_vf9_a_bundle_and_a_key_that_is_known(server: LiveServer, browser: Browser, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in mirrored(proofs()).items():
            archive.writestr(name, data)
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/verify")
    page.locator("#field-files").set_input_files(tmp_path / "bundle.zip")
    expect(page.get_by_text("All agrees.")).to_have_count(4, timeout=PATIENCE_MS)
    key = page.locator("#field-key")
    key.fill(FIRST.id)
    key.blur()
    named = page.get_by_text("It is signed by the key that you named, or by one that took over from it.")
    expect(named).to_have_count(3, timeout=PATIENCE_MS)
    key.fill(STRANGER.id)
    key.blur()
    # The three versions, and the list of the bundle: no file here vouches for its key any more.
    expect(page.get_by_text("Something differs")).to_have_count(4, timeout=PATIENCE_MS)
    context.close()
