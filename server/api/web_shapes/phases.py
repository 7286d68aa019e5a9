"""Phases, their extensions, the rules of the process and the warnings on record, as values."""

from datetime import datetime

from opinions.phases import After
from opinions.process_checks import Force, RuleId
from opinions.roles import Act
from server.api.shapes import Shape


class PhaseExtension(Shape):
    """One extension: until when, what the end was, who gave it, when and why."""

    closes_at: datetime
    was: datetime | None
    at: datetime
    name: str
    reason: str


class PhaseNow(Shape):
    """A phase by the clock: times in UTC, null for no edge; `closes` as people are told it. `open`: now."""

    id: str
    name: str
    rights: list[Act]
    after: After
    opens_at: datetime | None
    closes_at: datetime | None
    extended_from: datetime | None
    closes: str
    zone: str
    open: bool
    source: str
    extensions: list[PhaseExtension]


class RuleStated(Shape):
    """A rule that the software acts on: `hard` refuses, `soft` warns."""

    id: RuleId
    words: str
    force: Force
    source: str


class WarningRecorded(Shape):
    """A warning of a soft rule: about what, to whom, when."""

    at: datetime
    rule: str
    called: str
    message: str
    source: str
    name: str


class PhaseList(Shape):
    """The phases in the order of their closing. `open`, `late` and `shut` are the rights that they name, now; one in
    none of them stands as the role allows. `warnings` are empty for all but the secretariat.
    """

    server_time: datetime
    phases: list[PhaseNow]
    open: list[Act]
    late: list[Act]
    shut: list[Act]
    rules: list[RuleStated]
    warnings: list[WarningRecorded]
