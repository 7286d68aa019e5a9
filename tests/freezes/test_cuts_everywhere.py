"""A cut wherever the rooms are, while people type; and a server that is killed in the midst of one (V6)."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from websockets.exceptions import ConnectionClosed

from server.database import Database
from server.freezes import cuts
from server.freezes.cuts import load_cuts
from server.freezes.held import Held
from server.settings import Settings
from server.tables.freezes import cut_claims
from tests.freezes.cutting import broken_cuts, cut_form, newest
from tests.support.cluster import cluster
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.placements import PLACEMENTS, ask, deployment
from tests.support.postgres_server import Databases
from tests.support.stock import CHAPEAU, OPINION, SECOND, stocked
from tests.support.waiting import until

TYPED = 30


def looked(settings: Settings, fn: Callable[[Connection], object]) -> object:
    """The value of a function of a record, also while a server has it."""
    with Database.reading(settings) as connection:
        return fn(connection)


@pytest.mark.parametrize("placement", PLACEMENTS)
async def test_v6_a_cut_wherever_the_rooms_are(placement: str, tmp_path: Path, databases: Databases) -> None:
    """[V6, I5] Two people type in both Opinions meanwhile, by both nodes: each acknowledged word is in the log, before
    the cut or after it; whoever is connected where the cut is made hears of it.
    """
    with deployment(placement, tmp_path, databases) as place:
        clerk = place.stock["m-sec"]
        async with (
            Drafter(place.away.port, clerk) as first,
            Drafter(place.away.port, clerk, SECOND) as second,
            Drafter(place.home.port, place.stock["m-chair"]) as chair,
        ):
            typed: dict[str, dict[int, str]] = {OPINION: {}, SECOND: {}}

            async def type_on(drafter: Drafter, opinion: str) -> None:
                for number in range(TYPED):
                    try:
                        n = await drafter.type(CHAPEAU, 10, f" word{number}.")
                        typed[opinion][n] = f" word{number}."
                        await drafter.saved(n)
                    except (AssertionError, ConnectionClosed):
                        # Handed over to the node that cuts: the browser comes again, and sends again.
                        await drafter.open()
                        await drafter.hello()

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(type_on(first, OPINION))
                tasks.create_task(type_on(second, SECOND))
                form = cut_form(ruled_by="Rosa Chair")
                cutting = tasks.create_task(asyncio.to_thread(ask, place.away, clerk, "POST", "/freeze", form=form))
            status, page = cutting.result()
            assert status == 303, page
            if placement in {"here", "worker"}:
                await chair.until(lambda: any(b'"frozen"' in frame for frame in chair.frames), "the notice")
                assert chair.closed is None, "nobody was sent away"
        settings = place.stock.settings
        made = looked(settings, newest)
        assert isinstance(made, dict)
        assert sorted(made) == [OPINION, SECOND]
        assert looked(settings, broken_cuts) == []
        for drafter, opinion in ((first, OPINION), (second, SECOND)):
            told = drafter.client.acknowledged
            assert set(typed[opinion]) & set(told), "words were acknowledged"
            text = made[opinion].text
            for n, word in typed[opinion].items():
                if n in told:
                    assert (word in text) == (told[n] <= made[opinion].seq), f"{word} of entry {told[n]}"


class _Paused:
    """Plants a pause: the process stops for a while when all parts of its cut are there, and none is committed."""

    @staticmethod
    def before_commit() -> None:
        joined = Held.join

        def join(self: Held, *part: object) -> "asyncio.Future[None]":
            try:
                return joined(self, *part)  # type: ignore[arg-type]
            finally:
                if self.is_complete:
                    os.kill(os.getpid(), signal.SIGSTOP)

        Held.join = join  # type: ignore[method-assign, assignment]


async def test_v6_a_node_that_pauses_past_its_lease_writes_no_half_cut(tmp_path: Path, databases: Databases) -> None:
    """[V6, N] Another node takes over one Opinion of the two, and there somebody types; the paused node comes back with
    both parts in its hands, and not one of them is written.
    """
    with cluster(tmp_path, databases.fresh(), 1, {"UNBRACKET_ROOM_WORKERS": "0"}, _Paused.before_commit) as nodes:
        clerk, paused = nodes.stock["m-sec"], nodes.nodes[0]
        cutting = asyncio.create_task(
            asyncio.to_thread(ask, paused, clerk, "POST", "/freeze", form=cut_form(ruled_by="Rosa Chair"))
        )
        await until(lambda: _stopped(paused.pid) or cutting.done(), "the node to pause")
        nodes.plant = None
        other = await asyncio.to_thread(nodes.add)
        async with Drafter(other.port, clerk) as drafter:
            seq = await drafter.saved(await drafter.type(CHAPEAU, 10, " meanwhile."))
        assert looked(nodes.stock.settings, load_cuts) == ()
        paused.send(signal.SIGCONT)
        (answer,) = await asyncio.gather(cutting, return_exceptions=True)
        # On a crowded machine the pause may have been longer than a page is waited for.
        assert isinstance(answer, TimeoutError) or (isinstance(answer, tuple) and answer[0] == 409), answer
        await until(lambda: looked(nodes.stock.settings, _claims) == 0, "the cut to be given up")
        assert looked(nodes.stock.settings, load_cuts) == ()
        assert looked(nodes.stock.settings, newest) == {}
        assert looked(nodes.stock.settings, broken_cuts) == []
        status, page = await asyncio.to_thread(
            ask, other, clerk, "POST", "/freeze", form=cut_form(ruled_by="Rosa Chair")
        )
        assert status == 303, page
        made = looked(nodes.stock.settings, newest)
        assert isinstance(made, dict)
        assert sorted(made) == [OPINION, SECOND]
        assert made[OPINION].seq >= seq
        assert " meanwhile." in made[OPINION].text
        assert looked(nodes.stock.settings, broken_cuts) == []


def _claims(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(cut_claims)) or 0


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class _Killed:
    """Plants for `LiveServer`: the process kills itself as the power does, at a place in the cut."""

    @staticmethod
    def before_commit() -> None:
        kept = Held.keep

        def keep(self: Held, connection: Connection) -> None:
            kept(self, connection)
            os.kill(os.getpid(), signal.SIGKILL)

        Held.keep = keep  # type: ignore[method-assign]

    @staticmethod
    def after_commit() -> None:
        settled = Held.settle

        def settle(self: Held, whole: "asyncio.Future[None]") -> None:
            os.kill(os.getpid(), signal.SIGKILL)
            settled(self, whole)

        Held.settle = settle  # type: ignore[method-assign]

    @staticmethod
    def after_the_first_part() -> None:
        joined = Held.join

        def join(self: Held, *part: object) -> "asyncio.Future[None]":
            try:
                return joined(self, *part)  # type: ignore[arg-type]
            finally:
                os.kill(os.getpid(), signal.SIGKILL)

        Held.join = join  # type: ignore[method-assign, assignment]


KILLS = {
    "after the first part": (_Killed.after_the_first_part, 0),
    "before the commit": (_Killed.before_commit, 0),
    "after the commit": (_Killed.after_commit, 1),
}


@pytest.mark.parametrize(
    ("moment", "kind"), [*((moment, "sqlite") for moment in KILLS), ("before the commit", "postgresql")]
)
async def test_v6_a_server_killed_in_the_midst_leaves_all_or_none(
    moment: str, kind: str, tmp_path: Path, databases: Databases
) -> None:
    """[V6] Then it starts again, nothing of a half cut is there, and the next cut is made."""
    plant, there = KILLS[moment]
    url = databases.fresh() if kind == "postgresql" else ""
    stock = stocked(Settings(data_dir=tmp_path / "data", database_url=url))
    environ = {"UNBRACKET_DATABASE_URL": url, "UNBRACKET_LEASE_SECONDS": "1"} if url else {}
    server = LiveServer(stock.settings.data_dir, environ=environ, plant=plant)
    server.start()
    try:
        async with Drafter(server.port, stock["m-sec"]) as clerk:
            await clerk.saved(await clerk.type(CHAPEAU, 10, " typed"))
            with pytest.raises(OSError, match=r".*"):
                await asyncio.to_thread(ask, server, stock["m-chair"], "POST", "/freeze", form=cut_form())
        server.kill()
        made = looked(stock.settings, load_cuts)
        assert isinstance(made, tuple)
        assert len(made) == there
        assert looked(stock.settings, broken_cuts) == []
        server.plant = _claims_end_at_once
        server.start()
        form = cut_form(there, label="Third draft")
        status, page = await asyncio.to_thread(ask, server, stock["m-chair"], "POST", "/freeze", form=form)
        assert status == 303, page
        assert looked(stock.settings, broken_cuts) == []
    finally:
        server.kill()


def _claims_end_at_once() -> None:
    """A minute is long for a test: the claim of the dead server counts no more."""
    claimed = cuts.claim

    def claim(connection: Connection, cut_id: str, name: str, seconds: float) -> str:
        connection.exec_driver_sql("DELETE FROM cut_claims")
        return claimed(connection, cut_id, name, seconds)

    cuts.claim = claim
