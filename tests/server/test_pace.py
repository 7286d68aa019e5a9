"""Rooms that are due begin their turns together (`server.pace`)."""

import asyncio

import pytest

from server.pace import MAX_TICK_SECONDS, TICK_SECONDS, Alarm, Pace
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_who_waits_meanwhile_begins_together_with_the_next() -> None:
    pace, loop = Pace(), asyncio.get_running_loop()
    begun: list[tuple[int, float]] = []

    async def turn(number: int) -> None:
        await pace.turn()
        begun.append((number, loop.time()))

    async with asyncio.timeout(PATIENCE):
        await turn(0)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(turn(1))
            await asyncio.sleep(0)
            tasks.create_task(turn(2))
    assert [number for number, _ in begun] == [0, 1, 2]
    assert begun[1][1] - begun[0][1] >= TICK_SECONDS * 0.9


async def test_an_idle_process_begins_in_the_next_round() -> None:
    pace, rounds = Pace(), 0

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await pace.turn()
    counting.cancel()
    assert rounds <= 3


async def test_none_begins_before_its_moment_and_none_waits_for_anothers() -> None:
    pace, loop = Pace(), asyncio.get_running_loop()
    start = loop.time()
    begun: dict[str, float] = {}

    async def turn(name: str, after: float) -> None:
        await pace.turn(start + after)
        begun[name] = loop.time() - start

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for name, after in (("late", 0.08), ("soon", 0.02), ("now", -1.0)):
            tasks.create_task(turn(name, after))
    assert list(begun) == ["now", "soon", "late"]
    assert begun["late"] >= 0.079


async def test_the_more_rooms_are_at_work_the_longer_they_gather() -> None:
    pace, loop = Pace(), asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.timeout(PATIENCE):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(100):
                tasks.create_task(pace.turn())
        await pace.turn()
    assert loop.time() - start >= MAX_TICK_SECONDS * 0.99


async def test_a_turn_that_nobody_waits_for_any_more_is_left_out() -> None:
    pace = Pace()
    gone = asyncio.create_task(pace.turn())
    await asyncio.sleep(0)
    gone.cancel()
    async with asyncio.timeout(PATIENCE):
        await pace.turn()
    assert gone.cancelled()


async def test_an_alarm_rings_once_at_the_moment_it_was_last_put_to() -> None:
    loop = asyncio.get_running_loop()
    rung: list[float] = []
    ringing = asyncio.Event()

    def ring() -> None:
        rung.append(loop.time())
        ringing.set()

    alarm, start = Alarm(ring), loop.time()
    for put_off in range(1, 6):
        alarm.set(start + put_off * 0.01)
    async with asyncio.timeout(PATIENCE):
        await ringing.wait()
    assert rung[0] >= start + 0.049
    alarm.set(start)
    alarm.clear()
    again = asyncio.Event()
    later = Alarm(again.set)
    later.set(loop.time() + 60)
    later.set(loop.time() + 0.01)
    async with asyncio.timeout(PATIENCE):
        await again.wait()
    assert len(rung) == 1
