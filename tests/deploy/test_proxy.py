"""The proxy of the deployed profile as it is deployed: Caddy itself before real servers, over TLS."""

import asyncio
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import pytest

from server.database import Database
from server.invitations import Wanted, invite
from server.security import MAX_BODY, SIGN_IN_ATTEMPTS
from server.settings import Settings
from tests.support.caddy import CADDY, CADDYFILE, Proxy, made
from tests.support.cluster import Cluster, cluster
from tests.support.crowd import crowd
from tests.support.disk import Disk, Fault
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.patient import Patience
from tests.support.postgres_server import Databases
from tests.support.readers import following
from tests.support.services import redis_server
from tests.support.stock import CHAPEAU, OPINION, Stock, stocked
from tests.support.waiting import until, within

BACK_SECONDS = 3.0
"""From the end of the server until somebody has the text again, 95 of 100 times."""
NO_TOKEN = "A" * 43
WITHOUT_SOCKETS = (1, 3, 5, 7)
"""Of eight people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(slots=True)
class Front:
    """A proxy and the one server behind it."""

    proxy: Proxy
    server: LiveServer
    stock: Stock
    disk: Disk
    invitation: str
    """The token of a link for Expert Arcadia 1."""

    def restart(self) -> None:
        """The server again, after it was killed; its disk does not fail any more."""
        former = self.server
        self.server = LiveServer(former.data_dir, environ=self.proxy.settings)
        self.server.port = former.port
        self.server.start()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """What somebody is answered who comes from this address of the machine."""
        connection = self.proxy.connection(source)
        try:
            given = {"Origin": self.proxy.origin, **(headers or {})}
            # A server that refuses a body may hang up before it has come.
            with suppress(OSError):
                connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One server on SQLite, whose disk may fail, behind the proxy."""
    data_dir = tmp_path_factory.mktemp("front") / "data"
    stock = stocked(Settings(data_dir=data_dir))
    with Database(stock.settings) as database:
        now, hour = datetime.now(UTC), timedelta(hours=1)
        _, token = database.run(lambda connection: invite(connection, Wanted("Expert Arcadia 1"), now, hour))
    with made() as proxy, Disk(data_dir) as disk:
        server = LiveServer(data_dir, environ=proxy.settings, under=disk.environment)
        front = Front(proxy, server, stock, disk, token)
        proxy.servers = (front.server.port,)
        try:
            front.server.start()
            proxy.start()
            yield front
        finally:
            front.server.kill()


def caddy(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(CADDY), *arguments]
    return subprocess.run(command, env=dict(environ), capture_output=True, text=True, timeout=60, check=False)


# --- the file


def test_caddy_finds_nothing_to_format() -> None:
    told = caddy("fmt", "--diff", str(CADDYFILE), environ={})
    assert told.returncode == 0, told.stdout


def test_caddy_reads_its_configuration_with_each_kind_of_certificate(front: Front, tmp_path: Path) -> None:
    """Nothing is fetched for it: that would begin with the first start."""
    own = front.proxy.directory / "data" / "caddy" / "certificates" / "local" / "localhost"
    for certificate in ({}, {"CERTIFICATE": "internal"}, {"CERTIFICATE": f"{own}/localhost.crt {own}/localhost.key"}):
        environ = {"HOME": str(tmp_path), "SITE": "draft.example.org", "SERVERS": "server-1:8000 server-2:8000"}
        arguments = ("validate", "--config", str(CADDYFILE), "--adapter", "caddyfile")
        told = caddy(*arguments, environ={**environ, **certificate})
        assert told.returncode == 0, told.stderr


def test_no_log_of_the_proxy_keeps_a_token_or_a_cookie(front: Front) -> None:
    """Tokens of mailed links stand in their paths, a provider's code in what it sends the browser back with."""
    told = caddy("adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile", environ=front.proxy.environ)
    configured = json.loads(told.stdout)
    fields = configured["logging"]["logs"]["default"]["encoder"]["fields"]
    assert fields["request>headers"] == {"filter": "delete"}
    for secret in (
        f"/sign-in/{NO_TOKEN}",
        f"/sign-in?code={NO_TOKEN}",
        f"/nominate/{NO_TOKEN}",
        f"/comment-confirmation/{NO_TOKEN}/withdrawal",
        f"/letters/stop/m-1/{NO_TOKEN}",
        f"/oidc/callback?code={NO_TOKEN}&state=x",
    ):
        assert NO_TOKEN not in re.sub(fields["request>uri"]["regexp"], fields["request>uri"]["value"], secret), secret
    assert not any("logs" in server for server in configured["apps"]["http"]["servers"].values()), "no access log"


# --- one server


async def test_a_delegate_signs_in_over_tls_and_types_over_a_socket(front: Front) -> None:
    signed_in = await asyncio.to_thread(front.ask, "POST", f"/sign-in/{front.invitation}")
    assert signed_in.status == 303
    name, _, rest = signed_in.headers["Set-Cookie"].partition("=")
    assert name == "__Host-unbracket"
    assert "Secure" in rest
    ana = replace(front.stock["m-xaa-1"], token=rest.split(";")[0])
    async with (
        Drafter(front.proxy.address, ana, workspace=True) as author,
        Drafter(front.proxy.address, front.stock["m-xaa-2"], workspace=True) as colleague,
    ):
        await author.saved(await author.type(CHAPEAU, 3, " of all"))
        await colleague.until(lambda: " of all" in colleague.text(CHAPEAU), "the words at a colleague's")


async def test_the_live_page_hears_of_a_change_while_its_stream_is_open(front: Front) -> None:
    """Nothing on the way holds back what comes bit by bit, whoever says he takes it compressed."""
    async with following(front.proxy.address, front.stock["m-obs"]) as reader:
        assert reader.status == 200
        await reader.until(lambda: reader.events, "the stream to begin")
        async with Drafter(front.proxy.address, front.stock["m-sec"]) as clerk:
            await clerk.saved(await clerk.type(CHAPEAU, 3, " streamed"))
            await reader.until(lambda: "streamed" in reader.paragraph(CHAPEAU), "the words in the stream")


def test_what_is_for_those_inside_alone_is_refused(front: Front) -> None:
    for path in ("/metrics", "/readyz", "/healthz", "/healthz?x=1", "/%72eadyz"):
        assert front.ask("GET", path).status == 404, path
    assert front.server.answers()


def test_pages_and_scripts_come_compressed_and_strictly_over_tls(front: Front) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", front.proxy.plain_port, timeout=20)
    plain.request("GET", "/sign-in?x=1", headers={"Host": "localhost"})
    told = plain.getresponse()
    plain.close()
    assert told.status == 308
    assert told.headers["Location"].endswith("/sign-in?x=1")
    assert told.headers["Location"].startswith("https://localhost")
    page = front.ask("GET", "/sign-in", headers={"Accept-Encoding": "gzip"})
    script = front.ask("GET", "/static/build/manifest.json", headers={"Accept-Encoding": "gzip, zstd"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert script.headers["Content-Encoding"] == "zstd"
    for answer in (page, script, front.ask("GET", "/metrics")):
        assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
        assert not {"Server", "Via", "Alt-Svc"} & set(answer.headers)


def test_everybody_is_counted_by_the_address_they_come_from_whatever_they_say(front: Front) -> None:
    """The rate limit of sign-ins sees the client's own address: not the proxy's, and not the one that is claimed."""
    claims = [
        {},
        {"X-Forwarded-For": "127.0.0.3"},
        {"X-Forwarded-For": "203.0.113.7, 127.0.0.1"},
        {"x-forwarded-for": "203.0.113.8", "X-Real-IP": "203.0.113.8", "Forwarded": "for=203.0.113.8"},
    ]
    told = [
        front.ask("POST", f"/sign-in/{NO_TOKEN}", headers=claims[number % len(claims)], source="127.0.0.2").status
        for number in range(SIGN_IN_ATTEMPTS + len(claims))
    ]
    assert told == [410] * SIGN_IN_ATTEMPTS + [429] * len(claims)
    assert front.ask("POST", f"/sign-in/{NO_TOKEN}", source="127.0.0.3").status == 410


def test_a_body_that_is_too_large_is_refused_and_shuts_nobody_out(front: Front) -> None:
    declared = front.ask("POST", f"/sign-in/{NO_TOKEN}", bytes(MAX_BODY + 1))
    assert declared.status == 413
    chunks = (bytes(2**20) for _ in repeat(None, 2 * MAX_BODY // 2**20))
    with suppress(OSError, http.client.HTTPException):
        assert front.ask("POST", "/opinions/new", chunks, {"Transfer-Encoding": "chunked"}).status >= 400
    assert front.ask("GET", "/sign-in").status == 200, "others are served meanwhile"


async def test_a_server_that_cannot_write_is_still_shown(front: Front) -> None:
    """It is not ready then, and nobody else is: people see what there is, read-only, and not an error of the proxy."""
    async with Drafter(front.proxy.address, front.stock["m-xaa-1"], workspace=True) as author:
        with front.disk.failing(Fault.FULL):
            n = await author.type(CHAPEAU, 3, " late")
            noticed = '"status code out of tolerances","status_code":503'
            await until(lambda: noticed in front.proxy.output(), "the proxy to hear that the server cannot write")
            known = {"Cookie": front.proxy.address.headers(front.stock["m-obs"])["Cookie"]}
            page = await asyncio.to_thread(front.ask, "GET", f"/opinions/{OPINION}/live", None, known)
            assert page.status == 200
            assert b"Broadband for all" in page.body
        await author.saved(n)


async def test_who_drafts_is_not_disturbed_when_the_configuration_is_loaded_anew(front: Front) -> None:
    async with Drafter(front.proxy.address, front.stock["m-xaa-1"], workspace=True) as author:
        await author.saved(await author.type(CHAPEAU, 3, " before"))
        await asyncio.to_thread(front.proxy.reload)
        await author.saved(await author.type(CHAPEAU, 3, " after"))
        async with Drafter(front.proxy.address, front.stock["m-xaa-2"], workspace=True) as newcomer:
            assert " after before" in newcomer.text(CHAPEAU)


def test_a_page_waits_for_a_server_that_restarts(front: Front) -> None:
    front.server.kill()
    known = {"Cookie": f"__Host-unbracket={NO_TOKEN}"}
    lost = front.ask("POST", f"/sign-in/{NO_TOKEN}", None, known)
    assert lost.status == 502, "what may change something is not kept for later"
    assert b"Try again" in lost.body
    with ThreadPoolExecutor(1) as people:
        page = people.submit(front.ask, "GET", "/sign-in")
        front.restart()
        assert page.result().status == 200
    assert NO_TOKEN not in front.proxy.output()


async def test_the_proxy_itself_stops_in_time_and_people_come_back(front: Front) -> None:
    """With a socket, a poll and a stream open, none of which would end by themselves."""
    author = Drafter(front.proxy.address, front.stock["m-xaa-1"], workspace=True)
    polling = Drafter(front.proxy.address, front.stock["m-xaa-2"], workspace=True, over_http=True)
    async with following(front.proxy.address, front.stock["m-obs"]) as reader:
        await author.open()
        await author.hello()
        await polling.open()
        await polling.hello()
        await reader.until(lambda: reader.events, "the stream to begin")
        began = time.monotonic()
        await asyncio.to_thread(front.proxy.stop)
        assert time.monotonic() - began < 12
    await author.ended()
    await polling.drop()
    await asyncio.to_thread(front.proxy.start)
    async with Drafter(front.proxy.address, front.stock["m-xaa-1"], workspace=True, client=author.client) as back:
        await back.saved(await back.type(CHAPEAU, 3, " again"))


# --- two servers


@dataclass(frozen=True, slots=True)
class Hall:
    """Two nodes on PostgreSQL and Redis behind the proxy."""

    proxy: Proxy
    nodes: Cluster


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Hall]:
    with made() as proxy, redis_server() as signals:
        environ = {**proxy.settings, "UNBRACKET_REDIS_URL": signals.url, "UNBRACKET_ROOM_WORKERS": "0"}
        with cluster(tmp_path_factory.mktemp("hall"), databases.fresh(), 2, environ) as nodes:
            proxy.servers = [node.port for node in nodes.nodes]
            proxy.start()
            yield Hall(proxy, nodes)


async def test_w12_both_kinds_of_a_channels_requests_reach_the_server_that_has_it(hall: Hall) -> None:
    """Each of eight people needs one channel, and nobody a second one; both servers have some."""
    names = [name for name in hall.nodes.stock.people if name.startswith("m-x")]
    people = [Drafter(hall.proxy.address, hall.nodes.stock[name], workspace=True, over_http=True) for name in names]
    before = len(hall.nodes.told("channel open"))
    for one in people:
        await one.open()
        await one.hello()
    for word in (" first", " second", " third"):
        for one in people:
            await one.saved(await one.type(CHAPEAU, 3, word))
    assert all(one.closed is None for one in people)
    for one in people:
        await one.leave()
    opened = hall.nodes.told("channel open")
    assert len(opened) == before + len(people)
    print(f"channels by server: {[sum(line.startswith(f'{n}:') for line in opened) for n in (0, 1)]}", file=sys.stderr)


async def test_a_server_that_leaves_costs_nobody_a_word_and_nobody_waits_long(hall: Hall) -> None:
    """Eight people at one address, half of them where sockets are blocked, find the other server through it: when one
    is told to stop, and when one is killed.
    """
    patience = Patience(word=0.1, again=(0.25,))
    async with crowd(hall.nodes.stock, [hall.proxy.address], patience=patience, over_http=WITHOUT_SOCKETS) as people:
        for end in (LiveServer.stop, LiveServer.kill):
            leaving = hall.nodes.nodes[hall.nodes.owner(OPINION)]
            await people.more(20)
            await asyncio.to_thread(end, leaving)
            await people.more(20)
            await asyncio.to_thread(leaving.start)
            await people.more(20)
    assert people.failures == []
    away = sorted(seconds for one in people.people for seconds in one.away)
    assert away, "somebody was there"
    assert away[int(0.95 * (len(away) - 1))] < within(BACK_SECONDS)
    print(f"{len(away)} times somebody was away, at most {away[-1]:.2f} s", file=sys.stderr)
