"""The text is set in our own serif and the tool in our own sans, whatever fonts the machine has."""

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

SERVER = Path(__file__).resolve().parents[2] / "server"
MANIFEST = SERVER / "static" / "build" / "manifest.json"

# Letters of both subsets: a delegate's name may well have one that plain Latin lacks.
PAGE = """<!doctype html><link rel="stylesheet" href="/static/build/{style}">
<p style="font-family: 'Noto Serif'">recognizing [shall] \N{LATIN SMALL LETTER S WITH CEDILLA}</p>
<em style="font-family: 'Noto Serif'">considering \N{LATIN SMALL LETTER G WITH BREVE}</em>
<b style="font-family: 'Noto Serif'">OPINION \N{LATIN CAPITAL LETTER I WITH DOT ABOVE}</b>
<span style="font-family: 'Noto Sans'">Submit \N{LATIN SMALL LETTER L WITH STROKE}</span>
<strong style="font: 600 14px 'Noto Sans'">Agreed \N{LATIN SMALL LETTER O WITH DOUBLE ACUTE}</strong>
"""
SHOWN = {"p": "Noto Serif", "em": "Noto Serif", "b": "Noto Serif", "span": "Noto Sans", "strong": "Noto Sans"}


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves the folder without a line of log per request."""

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    """Where the built bundle is served, as the product serves it."""
    handler = functools.partial(QuietHandler, directory=str(SERVER))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_text_and_the_tool_are_set_in_fonts_of_the_bundle(browser: Browser, address: str) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{address}/static/build/manifest.json")
        page.set_content(PAGE.format(style=fonts_style_sheet()))
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        devtools = page.context.new_cdp_session(page)
        devtools.send("DOM.enable")
        devtools.send("CSS.enable")
        root = devtools.send("DOM.getDocument")["root"]["nodeId"]
        for selector, family in SHOWN.items():
            node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
            fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            assert fonts, selector
            for font in fonts:
                assert font["isCustomFont"], f"{selector} is shown in the machine's {font['familyName']}"
                assert font["familyName"].startswith(family), f"{selector} is shown in {font['familyName']}"
    finally:
        page.close()


def fonts_style_sheet() -> str:
    """The hashed file that the manifest gives for the style sheet of the fonts."""
    manifest: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text())
    for chunk in manifest.values():
        for name in (chunk["file"], *chunk.get("css", [])):
            if name.endswith(".css") and "@font-face" in (MANIFEST.parent / name).read_text():
                return str(name)
    raise AssertionError(f"no style sheet with fonts in {MANIFEST}; build the bundle: make bundle")
