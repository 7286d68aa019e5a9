"""A real browser at the deployed profile's front door: HTTP/2 and TLS outside, a WebSocket of its own, one origin."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from server.settings import Settings
from tests.support.caddy import made
from tests.support.live_server import live_server
from tests.support.stock import OPINION, stocked

PROTOCOLS = "() => performance.getEntries().map((one) => one.nextHopProtocol).filter(Boolean)"


def test_the_editor_is_live_through_the_proxy_and_stays_so_when_that_is_reloaded(
    browser: Browser, tmp_path: Path
) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    with made() as proxy, live_server(stock.settings.data_dir, environ=proxy.settings) as server:
        proxy.servers = (server.port,)
        proxy.start()
        # Its authority is known to nobody here.
        context = browser.new_context(ignore_https_errors=True)
        try:
            cookie = {"name": proxy.address.cookie, "value": stock["m-xaa-1"].token, "url": proxy.origin}
            context.add_cookies([{**cookie, "secure": True}])  # type: ignore[typeddict-item]
            page = context.new_page()
            sockets: list[str] = []
            page.on("websocket", lambda socket: sockets.append(socket.url))
            page.goto(f"{proxy.origin}/opinions/{OPINION}")
            state = page.locator("#connection-state")
            expect(state).to_have_text(re.compile("Saved|Connected"))
            assert set(page.evaluate(PROTOCOLS)) == {"h2"}
            proxy.reload()
            expect(state).to_have_text(re.compile("Saved|Connected"))
            assert len(sockets) == 1, "one socket, and the reload of the proxy left it alone"
        finally:
            context.close()
