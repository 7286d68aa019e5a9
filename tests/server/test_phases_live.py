"""A deadline over real sockets, in a room of a process of its own (opinions/SPEC.md, PH4-PH6): what is submitted at the
boundary is taken or refused by the server's clock alone, everybody is told, and the chair's click opens it again.
"""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from sqlalchemy import Connection

from crdt.log import Entry
from opinions.roles import Act
from server import log_store
from server.database import Database
from server.people_store import require_member
from server.phasing.store import extend, spans_of
from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.phasing import phase, planned
from tests.support.stock import ITEM, OPINION, Stock, stocked

MOST = 2_000
"""Submissions tried around the boundary, at the most."""


def notices(drafter: Drafter) -> list[str]:
    return [one["reason"] for one in drafter.client.notices if one["kind"] == "phase"]


async def submitted(drafter: Drafter) -> str:
    """Draft a word and submit it at once: the refusal's code, or nothing."""
    amendment = f"a-{secrets.token_hex(8)}"
    await drafter.saved(await drafter.type(ITEM, 0, "x", amendment))
    frame = drafter.client.command({"act": "submit", "amendment": amendment}, "XAA", secrets.token_hex(8))
    n = max(drafter.client.sent)
    await drafter.line.send(frame)
    await drafter.until(
        lambda: n in drafter.client.results or any(one.n == n for one in drafter.client.refusals), "an answer"
    )
    return next((one.code for one in drafter.client.refusals if one.n == n), "")


def extended(server: LiveServer, stock: Stock, was: datetime) -> int:
    """What the chair's click is answered."""
    cookie = f"unbracket-{server.port}={stock['m-chair'].token}"
    with httpx2.Client(base_url=server.url, headers={"origin": server.url, "cookie": cookie}) as browser:
        return browser.post("/phases/third/extend", data={"by": "hour", "was": was.isoformat()}).status_code


def opened_before(stock: Stock) -> tuple[LiveServer, datetime]:
    """A server with a room process, and the end of the phase, which is still to come when it runs."""
    for seconds in (8, 24, 72):
        closes_at = datetime.now(UTC) + timedelta(seconds=seconds)

        def closing(connection: Connection, closes_at: datetime = closes_at) -> None:
            clerk = require_member(connection, "m-sec")
            extend(connection, "third", closes_at, "", clerk, closes_at - timedelta(minutes=30))

        with Database(stock.settings) as database:
            database.run(closing)
        server = LiveServer(stock.settings.data_dir, environ={"UNBRACKET_ROOM_WORKERS": "1"})
        server.start()
        if datetime.now(UTC) < closes_at - timedelta(seconds=2):
            return server, closes_at
        server.kill()
    raise AssertionError("the machine is too busy to start a server within a minute")


async def test_ph4_at_the_boundary_the_servers_clock_decides_and_an_extension_opens_at_once(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    third = phase("third", Act.AMENDMENT_SUBMIT, name="Amendments to the third draft")
    with Database(stock.settings) as database:
        database.run(lambda c: planned(c, {"third": datetime.now(UTC) - timedelta(hours=1)}, third))
    server, closes_at = opened_before(stock)
    try:
        refused_at, code = None, ""
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True) as author:
            async with Drafter(server.port, stock["m-chair"]) as chair:
                for _ in range(MOST):
                    before = datetime.now(UTC)
                    code = await submitted(author)
                    if code:
                        refused_at = datetime.now(UTC)
                        break
                    assert before < closes_at, "what was sent after the end was taken"
                assert code == "phase-shut"
                assert refused_at is not None
                assert refused_at >= closes_at, "what was sent in time was refused"
                await chair.until(lambda: any("has closed" in one for one in notices(chair)), "the closing is told")
                assert await asyncio.to_thread(extended, server, stock, closes_at) == 303
                # The room of the other process begins anew with the new end; browsers come back by themselves.
                assert await author.ended() == 1012
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True) as again:
            assert await submitted(again) == ""
            assert any("was extended" in one for one in notices(again))
    finally:
        server.kill()
    accepted = entries_of(stock)
    in_time = [one.at for one in accepted if one.at < closes_at]
    later = [one.at for one in accepted if one.at >= closes_at]
    assert len(in_time) >= 2, "some came in time"
    assert later == [accepted[-1].at], "and after the end only what came in the extension"


def entries_of(stock: Stock) -> list[Entry]:
    """The submissions in the Opinion's log, in its order."""
    with Database(stock.settings) as database:
        (span,) = database.run(spans_of)
        assert span.extended_from is not None
        entries = database.run(lambda c: tuple(log_store.load_entries(c, OPINION)))
        return [one for one in entries if '"act":"submit"' in one.command]
