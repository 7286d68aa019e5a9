"""What a room tells of the phases of its process: that one opens, closes, or will close soon; and to who comes in, what
closes within the hour, or was just extended.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opinions.phases import Span, Told, Turn, next_telling, rights, told_between
from opinions.roles import Act

OF_ROOM = frozenset(
    {
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
"""Rights that are used in a room; of phases that open other ones its people hear on their pages."""
CLOSE_BY = timedelta(hours=1)
JUST_NOW = timedelta(minutes=5)
"""For how long after an extension whoever comes (back) into the room is told of it."""


@dataclass(slots=True)
class PhaseClock:
    """The rights that the phases say, worked out once for each stretch of time in which they are the same: every typed
    update asks.
    """

    spans: tuple[Span, ...]
    _from: datetime | None = None
    _until: datetime | None = None
    _shut: frozenset[Act] = frozenset()

    def shut(self, now: datetime) -> frozenset[Act]:
        """The rights that are shut at a moment."""
        if not self.spans:
            return frozenset()
        if self._from is None or now < self._from or (self._until is not None and now >= self._until):
            self._from, self._until = now, next_telling(self.spans, now)
            self._shut = frozenset(rights(self.spans, now).shut)
        return self._shut


@dataclass(slots=True)
class PhaseNotices:
    """The tellings of one room, each once: those whose time has come since it was last asked."""

    spans: tuple[Span, ...]
    asked_at: datetime | None = field(default=None)

    def __post_init__(self) -> None:
        self.spans = tuple(span for span in self.spans if span.phase.rights & OF_ROOM)

    def due(self, now: datetime) -> tuple[str, ...]:
        """What everybody in the room is told now. The first time nothing: what was before nobody here waited for."""
        before, self.asked_at = self.asked_at, now
        if not self.spans or before is None:
            return ()
        return tuple(spoken(one) for one in told_between(self.spans, before, now))

    def next_at(self) -> datetime | None:
        """When there is something to tell next, as far as is known."""
        return None if self.asked_at is None or not self.spans else next_telling(self.spans, self.asked_at)

    def for_newcomer(self, now: datetime) -> tuple[str, ...]:
        """What somebody is told who comes in now."""
        found = []
        for span in self.spans:
            if span.closes_at is None or not span.is_open(now):
                continue
            if span.extended_at is not None and now - JUST_NOW <= span.extended_at <= now:
                found.append(f"“{span.phase.name}” was extended: it closes on {span.closes_said}.")
            elif span.closes_at - now <= CLOSE_BY:
                found.append(f"“{span.phase.name}” closes on {span.closes_said}.")
        return tuple(found)


def spoken(told: Told) -> str:
    """A telling as the room reads it."""
    name = f"“{told.span.phase.name}”"
    if told.turn is Turn.OPENS:
        return f"{name} is open now."
    if told.turn is Turn.CLOSES:
        return f"{name} has closed. What you drafted is kept."
    minutes = int(told.ahead.total_seconds() // 60)
    ahead = f"{minutes} minutes" if minutes < 60 else "1 hour" if minutes == 60 else f"{minutes // 60} hours"
    return f"{name} closes in {ahead}: {told.span.closes_said}."
