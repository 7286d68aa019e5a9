"""The room processes of a running server, as its log tells of them."""

import re

from server.workers import worker_of
from tests.support.live_server import LiveServer
from tests.support.waiting import wait_until

_SERVES = re.compile(rb"room process serves  pid=(\d+) number=(\d+)")


def room_processes(server: LiveServer) -> dict[int, int]:
    """The newest process of each number."""
    return {int(number): int(pid) for pid, number in _SERVES.findall(server.output.read_bytes())}


def process_of(server: LiveServer, opinion: str, count: int) -> int:
    """The process that has an Opinion's room, of so many."""
    return room_processes(server)[worker_of(opinion, count)]


def wait_for_spare(server: LiveServer) -> None:
    """Wait until one more process is ready than serves: what makes a successor cost no start."""
    wait_until(lambda: _told(server, b"room process ready") > _told(server, b"room process serves"), "a spare")


def _told(server: LiveServer, event: bytes) -> int:
    return server.output.read_bytes().count(event)


def wait_for_successor(server: LiveServer, opinion: str, count: int, dead: int) -> int:
    """The process that has an Opinion's room now that another one is dead."""
    wait_until(lambda: process_of(server, opinion, count) != dead, "a successor of the room process")
    return process_of(server, opinion, count)
