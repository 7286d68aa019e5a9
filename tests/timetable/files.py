"""The process files that come with the program, as tests ask for them."""

from datetime import date
from functools import cache
from pathlib import Path

from opinions.timetable import Milestone, When, standing
from server.timetable.reading import ProcessFile, read_process_file

PROCESSES = Path(__file__).parent.parent.parent / "server" / "processes"
NAMES = ("wtpf-26", "wtpf-21", "wtdc-21")


@cache
def content(name: str) -> bytes:
    """What a file holds."""
    return (PROCESSES / f"{name}.yaml").read_bytes()


@cache
def process(name: str) -> ProcessFile:
    """A file as it is read."""
    return read_process_file(content(name), f"{name}.yaml")


def milestone(name: str, key: str, on: str) -> Milestone:
    """A milestone of a file as it stood on a day."""
    return standing(process(name).changes, date.fromisoformat(on))[key]


def days(first: str, last: str = "") -> When:
    """Days without times."""
    return When(date.fromisoformat(first), date.fromisoformat(last or first))
