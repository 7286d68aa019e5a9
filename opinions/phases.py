"""Phases of a process: which rights are open between which instants, as data.

A right that no phase of the process names stands as the permission table says. One that is named holds while a phase
that names it is open, by the server's clock and in the zone of its milestone. What is begun before a deadline and sent
after it is never lost: where the phase is `After.LATE` it is taken and marked late, where it is `After.CLOSED` it
stays with its author.

Zones come as `tzinfo` from whoever has the database of them: nothing here reads a file or a clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType

from opinions.roles import Act
from opinions.timetable import Milestone, Standing

MAX_PHASES = 60
"""Phases of one process; WTPF-26 needs a dozen."""
MAX_EXTENSIONS = 100
"""Extensions of one phase."""
NAMEABLE = frozenset(
    {
        Act.PEOPLE_NOMINATE,
        Act.OPINION_PRESENT,
        Act.CONTRIBUTION_SUBMIT,
        Act.COMMENT_MAKE,
        Act.SG_REPORT_COMMENT,
        Act.AMENDMENT_SUBMIT,
        Act.AMENDMENT_COSPONSOR,
        Act.PROPOSALS_ENTER,
        Act.GROUP_BRING_BACK,
        Act.LIVE_WRITE,
        Act.POSITION_TAKE,
        Act.CALL_PUT,
        Act.CALL_ANSWER,
        Act.ADOPTION_RECORD,
    }
)
"""The rights that a phase can open and close. Reading, drafting for oneself and the secretariat's own work are never
among them: no date takes a person's words away, and none locks out who would have to amend the date.
"""
TOLD_BEFORE = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
"""How long before a phase closes those in the room are told."""

Zones = Callable[[str], tzinfo]
"""The zone of an IANA name."""


class After(StrEnum):
    """What becomes of what is sent after a phase has closed."""

    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a phase begins or ends: at the begin or the end of a milestone (its id), `end` saying which."""

    milestone: str
    end: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase as the process file has it: `opens` None is from the beginning, `closes` None for good.

    `rights` are what it opens, by the names of the permission table.
    """

    id: str
    name: str
    rights: frozenset[Act]
    opens: Edge | None = None
    closes: Edge | None = None
    after: After = After.CLOSED
    source: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A phase by the clock: aware instants, from `opens_at` up to, and not including, `closes_at`; None is no end.

    `extended_from` is what `closes_at` was before the chair extended it, at `extended_at`. `zone` is the IANA name of
    the zone in which its end was set; `opens_said` and `closes_said` are its instants as people are told them.
    """

    phase: Phase
    opens_at: datetime | None
    closes_at: datetime | None
    extended_from: datetime | None = None
    extended_at: datetime | None = None
    extended_by: str = ""
    zone: str = ""
    opens_said: str = ""
    closes_said: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether its rights are open now."""
        return (self.opens_at is None or self.opens_at <= now) and (self.closes_at is None or now < self.closes_at)

    @property
    def is_empty(self) -> bool:
        """Whether it closes before it opens: such a phase never is."""
        return self.opens_at is not None and self.closes_at is not None and self.opens_at >= self.closes_at


@dataclass(frozen=True, slots=True)
class Extension:
    """The chair's (or the secretariat's) act that a phase ends later."""

    phase: str
    closes_at: datetime
    was: datetime | None
    reason: str
    member: str
    name: str
    at: datetime


def instant(day: date, at: time | None, zone: tzinfo, *, closing: bool) -> datetime:
    """The instant, in UTC, of a local time of a day; with None the begin of the day, or for a closing its end, which
    is the begin of the next.

    A local time that does not exist, for the clocks were put forward over it, is moved forward by what they were (02:30
    becomes 03:30): who came when the clock on the wall showed a later time has come later, and nobody loses an hour
    that was there. One that occurs twice is the earlier one for an opening and the later one for a closing: whoever
    reads the notice either way finds the door open.
    """
    if at is None:
        day, at = (day + timedelta(days=1) if closing else day), time()
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=zone)
    again = local.replace(fold=1)
    before, after = local.utcoffset(), again.utcoffset()
    assert before is not None
    assert after is not None
    # Clocks put back: the first reading of the time has the larger offset. Put forward: the offset before the jump,
    # taken off a time that is not there, is the time moved on by the jump.
    chosen = again if closing and before > after else local
    return chosen.astimezone(UTC)


def edge_instant(edge: Edge, timetable: Mapping[str, Milestone], zones: Zones, *, closing: bool) -> datetime | None:
    """The instant of an edge; None where the milestone is not there, was cancelled, or names no day: no right is shut
    by a date that nobody set.
    """
    milestone = timetable.get(edge.milestone)
    if milestone is None or milestone.standing is Standing.CANCELLED or not milestone.best.exact:
        return None
    when = milestone.best
    # The end of a milestone is the end of its last day also where something opens with it.
    if edge.end:
        return instant(when.last, when.closes, zones(milestone.zone), closing=closing or when.closes is None)
    if when.opens is None:
        return instant(when.first, time(), zones(milestone.zone), closing=closing)
    return instant(when.first, when.opens, zones(milestone.zone), closing=closing)


def spans(
    phases: Iterable[Phase],
    timetable: Mapping[str, Milestone],
    zones: Zones,
    extensions: Iterable[Extension] = (),
) -> tuple[Span, ...]:
    """The phases by the clock, in the order of their closing. Of several extensions of a phase the last one holds, as
    long as it is later than what the timetable says by now.
    """
    last = {one.phase: one for one in extensions}
    found = [_span(phase, timetable, zones, last.get(phase.id)) for phase in phases]
    ever = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda one: (one.closes_at or ever, one.phase.id)))


def _span(phase: Phase, timetable: Mapping[str, Milestone], zones: Zones, extension: Extension | None) -> Span:
    opens = None if phase.opens is None else edge_instant(phase.opens, timetable, zones, closing=False)
    closes = None if phase.closes is None else edge_instant(phase.closes, timetable, zones, closing=True)
    milestone = None if phase.closes is None else timetable.get(phase.closes.milestone)
    zone = "" if milestone is None else milestone.zone
    extended = extension is not None and closes is not None and extension.closes_at > closes
    closes_at = extension.closes_at if extension is not None and extended else closes
    begin = None if phase.opens is None else timetable.get(phase.opens.milestone)
    return Span(
        phase,
        opens,
        closes_at,
        closes if extended else None,
        extension.at if extension is not None and extended else None,
        extension.name if extension is not None and extended else "",
        zone,
        "" if opens is None or begin is None else said(opens, zones(begin.zone), begin.zone),
        "" if closes_at is None else said(closes_at, zones(zone), zone, closing=True),
    )


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def said(at: datetime, zone: tzinfo, name: str, *, closing: bool = False) -> str:
    """An instant as people are told it, in its zone and in UTC: "16 Jun 2025, 24:00 Geneva (22:00 UTC)". What closes at
    midnight closes at 24:00 of the day that ends: that is the day people were told.
    """
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    hour = f"{local:%H:%M}"
    if closing and hour == "00:00":
        local, hour = local - timedelta(days=1), "24:00"
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    where = "Geneva" if name == "Europe/Zurich" else name.rsplit("/", 1)[-1].replace("_", " ")
    other = "" if utc.date() == local.date() else f"{utc.day} {_MONTHS[utc.month - 1]}, "
    return f"{day}, {hour} {where} ({other}{utc:%H:%M} UTC)"


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a right is shut now: the phase that closed last with it, and the next one that opens it; both may be."""

    closed: Span | None = None
    opens: Span | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What the phases say of the rights they name, at one moment. `shut`: not now, and why. `late`: taken, and marked
    as later than the end of that phase. `until`: open, until then; None for good.
    """

    shut: Mapping[Act, Shut] = field(default_factory=lambda: MappingProxyType({}))
    late: Mapping[Act, Span] = field(default_factory=lambda: MappingProxyType({}))
    until: Mapping[Act, datetime | None] = field(default_factory=lambda: MappingProxyType({}))

    def why_shut(self, act: Act) -> str:
        """What somebody is told whom a phase keeps from something now: which one, since when, and what to do."""
        shut = self.shut.get(act)
        if shut is None:
            return ""
        told = []
        if shut.closed is not None:
            told.append(f"“{shut.closed.phase.name}” closed on {shut.closed.closes_said}.")
        if shut.opens is not None:
            told.append(f"“{shut.opens.phase.name}” opens on {shut.opens.opens_said}.")
        told = told or ["No phase of the process has this open now."]
        return " ".join((*told, "Ask the chair or the secretariat to extend the phase."))

    def deadline_missed(self, act: Act) -> datetime | None:
        """Since when what is done now is late; None for what is in time, or bound by no phase."""
        span = self.late.get(act)
        return None if span is None else span.closes_at


NO_PHASES = Rights()


def rights(spans: Sequence[Span], now: datetime) -> Rights:
    """Which rights are open, late or shut now: a right is open exactly in the union of the spans of the phases that
    name it (PH2).
    """
    if not spans:
        return NO_PHASES
    shut: dict[Act, Shut] = {}
    late: dict[Act, Span] = {}
    until: dict[Act, datetime | None] = {}
    for act in frozenset[Act]().union(*(span.phase.rights for span in spans)):
        naming = [span for span in spans if act in span.phase.rights]
        if any(span.is_open(now) for span in naming):
            until[act] = _until(naming, now)
            continue
        real = [span for span in naming if not span.is_empty]
        over = [(span.closes_at, span) for span in real if span.closes_at is not None and span.closes_at <= now]
        to_come = [(span.opens_at, span) for span in real if span.opens_at is not None and span.opens_at > now]
        # Of two that close at one instant the one that takes what is late: no deadline loses a word.
        closed = max(over, key=lambda one: (one[0], one[1].phase.after is After.LATE))[1] if over else None
        if closed is not None and closed.phase.after is After.LATE:
            late[act] = closed
        else:
            shut[act] = Shut(closed, min(to_come, key=lambda one: one[0])[1] if to_come else None)
    return Rights(shut, late, until)


def _until(naming: Sequence[Span], now: datetime) -> datetime | None:
    """When a right that is open now first closes, phases that follow each other without a gap taken together."""
    at = now
    while following := [span for span in naming if span.is_open(at)]:
        if any(span.closes_at is None for span in following):
            return None
        at = max(span.closes_at for span in following if span.closes_at is not None)
    return at


class Turn(StrEnum):
    """What happens to a phase at an instant that is told."""

    OPENS = "opens"
    CLOSES_SOON = "closes_soon"
    CLOSES = "closes"


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be told of a phase at an instant; `ahead` is how long before its end that is."""

    at: datetime
    turn: Turn
    span: Span
    ahead: timedelta = timedelta()


def tellings(spans: Iterable[Span]) -> tuple[Told, ...]:
    """Everything that is told of the phases, in the order of time: each opening, each closing, and 24 hours, 1 hour and
    10 minutes before it, as far as the phase was open by then.
    """
    found: list[Told] = []
    for span in spans:
        if span.is_empty:
            continue
        if span.opens_at is not None:
            found.append(Told(span.opens_at, Turn.OPENS, span))
        if span.closes_at is None:
            continue
        found.append(Told(span.closes_at, Turn.CLOSES, span))
        for ahead in TOLD_BEFORE:
            at = span.closes_at - ahead
            if span.opens_at is None or span.opens_at < at:
                found.append(Told(at, Turn.CLOSES_SOON, span, ahead))
    return tuple(sorted(found, key=lambda one: (one.at, one.span.phase.id, one.turn)))


def told_between(spans: Iterable[Span], after: datetime, until: datetime) -> tuple[Told, ...]:
    """What is to be told of the time after one moment and up to another, and still holds: of a phase that closed
    meanwhile not that it would close soon.
    """
    due = [one for one in tellings(spans) if after < one.at <= until]
    last = {one.span.phase.id: one for one in due}
    return tuple(one for one in due if last[one.span.phase.id] is one)


def next_telling(spans: Iterable[Span], after: datetime) -> datetime | None:
    """When something is told next, or a right opens or closes; None when nothing is to come."""
    return min((one.at for one in tellings(spans) if one.at > after), default=None)
