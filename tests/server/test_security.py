"""What no request gets past, whoever sends it: foreign hosts, foreign origins, oversized bodies."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from server import security
from server.security import BodyTooLarge, Origins, RateLimit, Security, content_policy

OURS = "https://draft.example.org"
PRODUCTION = Origins(frozenset({OURS}))
LOCAL = Origins(frozenset({"http://127.0.0.1:8000", "http://localhost:8000"}))
DEMO = Origins(LOCAL.allowed, demo=True)


async def echo(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(f"{request.method} {len(await request.body())}")
    except BodyTooLarge:
        return PlainTextResponse("too large", 413)


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [
        Route("/page", echo, methods=["GET", "POST", "DELETE"]),
        Route("/healthz", echo),
        WebSocketRoute("/ws", greet),
    ]
    app = Security(Starlette(routes=routes), lambda: PRODUCTION)
    with TestClient(app, base_url=OURS) as started:
        yield started


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": OURS}, 403),
        ({"origin": OURS}, 200),
        ({"origin": "null"}, 403),
        ({"origin": "http://draft.example.org"}, 403),
        ({"origin": "https://draft.example.org:8443"}, 403),
        ({"origin": "https://draft.example.org.evil.example"}, 403),
        ({"origin": "https://evil-draft.example.org"}, 403),
        ({"origin": "https://sub.draft.example.org"}, 403),
        ({}, 403),
    ],
)
def test_unsafe_requests_come_from_our_own_pages_only(
    client: TestClient, method: str, headers: dict[str, str], status: int
) -> None:
    assert client.request(method, "/page", headers=headers).status_code == status


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://draft.example.org",
        "https://draft.example.org:444",
        "https://draft.example.org.evil",
        "https://a.draft.example.org",
    ],
)
def test_a_socket_of_a_foreign_page_is_refused_before_it_is_accepted(client: TestClient, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/ws", headers={"origin": origin} if origin else {}),
    ):
        pass
    assert refused.value.code == 4403


def test_a_socket_of_our_own_page_is_accepted(client: TestClient) -> None:
    with client.websocket_connect("/ws", headers={"origin": OURS, "host": "draft.example.org"}) as socket:
        assert socket.receive_text() == "hello"


def test_a_host_that_is_not_ours_is_misdirected_but_health_is_told(client: TestClient) -> None:
    assert client.get("/page", headers={"host": "rebound.example"}).status_code == 421
    assert client.get("/page", headers={"host": "draft.example.org:444"}).status_code == 421
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


def test_a_body_is_bounded_also_when_its_length_is_not_told(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "MAX_BODY", 1_000)
    headers = {"origin": OURS}
    assert client.post("/page", content=b"x" * 1_000, headers=headers).status_code == 200
    assert client.post("/page", content=b"x" * 1_001, headers=headers).status_code == 413
    chunks = (b"x" * 100 for _ in range(11))
    assert client.post("/page", content=chunks, headers=headers).status_code == 413


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for answer in (client.get("/page"), client.get("/nowhere"), client.post("/page")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "connect-src 'self' wss://draft.example.org;" in policy
        for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"):
            assert part in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_host_header_cannot_write_into_the_policy() -> None:
    assert "evil" not in content_policy("x; script-src evil", secure=True)


def test_in_the_demonstration_each_persona_has_an_origin_of_its_own() -> None:
    assert DEMO.serves("amara.localhost:8000", "http")
    assert DEMO.admits("http://amara.localhost:8000", "amara.localhost:8000")
    assert not DEMO.admits("http://amara.localhost:8000", "bruno.localhost:8000")
    assert not DEMO.admits("http://127.0.0.1:8000", "bruno.localhost:8000")
    assert not DEMO.admits("http://amara.localhost:9000", "amara.localhost:9000")
    for host in ("amara.localhost.evil:8000", ".localhost:8000", "a b.localhost:8000", "evil.example:8000"):
        assert not DEMO.serves(host, "http")
    assert not LOCAL.serves("amara.localhost:8000", "http")


def test_a_port_that_is_not_known_yet_stands_for_any() -> None:
    origins = Origins(frozenset({"http://127.0.0.1:0"}))
    assert origins.admits("http://127.0.0.1:43121", "127.0.0.1:43121")
    assert not origins.admits("http://127.0.0.1:43121", "127.0.0.1:43122")
    assert not origins.admits("http://evil.example:43121", "evil.example:43121")


def test_the_demonstration_beyond_loopback_still_wants_the_origin_of_the_host_asked() -> None:
    origins = Origins(LOCAL.allowed, demo=True, any_host=True)
    assert origins.admits("http://192.0.2.7:8000", "192.0.2.7:8000")
    assert not origins.admits("http://evil.example", "192.0.2.7:8000")
    assert not origins.admits("", "")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_other_origin_is_ever_admitted(origin: str, host: str) -> None:
    if PRODUCTION.admits(origin, host):
        assert origin == OURS


def test_the_rate_limit_trips_at_its_figure_and_recovers_after_its_window() -> None:
    limit = RateLimit(most=3, window=60.0)
    assert [limit.admits("a", now) for now in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]
    assert limit.wait_seconds("a", 3.0) == 57
    assert limit.admits("b", 3.0)
    assert not limit.admits("a", 59.9)
    assert limit.admits("a", 60.0)
    assert limit.wait_seconds("c", 0.0) == 0


def test_the_rate_limit_remembers_a_bounded_number_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "ADDRESSES_REMEMBERED", 5)
    limit = RateLimit(most=1)
    for number in range(50):
        limit.admits(str(number), 0.0)
    assert len(limit._times) == 5


@pytest.mark.parametrize("host", ["x:99999", "x:port", "[::1", ""])
def test_a_host_that_cannot_be_one_is_nobodys_even_where_any_host_is(host: str) -> None:
    origins = Origins(LOCAL.allowed, demo=True, any_host=True)
    assert not origins.knows(host)
    assert not origins.admits(f"http://{host}", host)
    assert origins.knows("draft.example.org:8443")
