"""What a person wants to be told by e-mail, and when: by his or her own clock, never in the quiet hours.

Times are worked out on the wall of the person's zone, so that 18:00 stays 18:00 when clocks change. An hour that the
clocks skip is the first one after; of one that comes twice the first counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Row, insert, select, update

from server.errors import ServerError
from server.tables.post import wishes


class Pace(StrEnum):
    """How often: never, each day with news, or each day on which the meeting decided something."""

    OFF = "off"
    DAILY = "daily"
    MEETING = "meeting"


class Tells(StrEnum):
    """What the letter is: what is new, or the brief of the person's delegation, in which the news are."""

    NEWS = "news"
    BRIEF = "brief"


class WishRefused(ServerError):
    """Raised for a wish that does not fit; says what to choose instead, and in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wishes:
    """Hours are those of the person's clock in `zone`; quiet is from `quiet_from` up to `quiet_until`, over midnight
    where need be, and never where both are alike. `opinions` empty: every one.
    """

    pace: Pace = Pace.OFF
    opinions: tuple[str, ...] = ()
    hour: int = 18
    quiet_from: int = 22
    quiet_until: int = 7
    zone: str = "Europe/Zurich"
    tells: Tells = Tells.NEWS

    def wants(self, opinion: str) -> bool:
        """Whether the person wants to be told of an Opinion."""
        return not self.opinions or opinion in self.opinions

    def is_quiet(self, at: datetime) -> bool:
        """Whether a moment lies in the quiet hours."""
        hour = at.astimezone(ZoneInfo(self.zone)).hour
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    def next_after(self, after: datetime) -> datetime | None:
        """When the next digest is due, in UTC; None for never. Once for each day of the person's calendar."""
        if self.pace is Pace.OFF:
            return None
        zone = ZoneInfo(self.zone)
        today = after.astimezone(zone).date()
        # A zone may skip a whole day (Samoa, 2011), and quiet hours may put a digest off by one.
        days = (today + timedelta(days=number) for number in range(-2, 4))
        return min(at for day in days if (at := self._loud(datetime.combine(day, time(self.hour)), zone)) > after)

    def first_loud(self, at: datetime) -> datetime:
        """This moment, or the end of the quiet hours that it lies in, in UTC."""
        zone = ZoneInfo(self.zone)
        return self._loud(at.astimezone(zone).replace(tzinfo=None), zone) if self.is_quiet(at) else at.astimezone(UTC)

    def _loud(self, wall: datetime, zone: ZoneInfo) -> datetime:
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if not self.is_quiet(at):
            return at
        # The clocks may skip the very hour at which the quiet ends: then it is that of the next day.
        ends = (
            datetime.combine(at.astimezone(zone).date() + timedelta(days=days), time(self.quiet_until), zone)
            for days in range(3)
        )
        loud = (end.astimezone(UTC) for end in ends)
        return next((end for end in loud if end > at and not self.is_quiet(end)), at)


def checked(wanted: Wishes) -> Wishes:
    """The wishes, if they fit. Raises `WishRefused`."""
    for field in ("hour", "quiet_from", "quiet_until"):
        if not 0 <= getattr(wanted, field) <= 23:
            raise WishRefused(field, "Choose a full hour of the day.")
    try:
        ZoneInfo(wanted.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WishRefused(
            "zone", "This is no place that the time zone database knows. Write it as Africa/Nairobi."
        ) from None
    return wanted


def load_wishes(connection: Connection, member: str, zone: str) -> Wishes:
    """What a person has chosen; nothing yet: no digest, in the zone of the meeting."""
    row = connection.execute(select(wishes).where(wishes.c.member == member)).one_or_none()
    return Wishes(zone=zone) if row is None else _wishes(row)


def wishes_of(connection: Connection, member: str) -> Wishes | None:
    """What a person has chosen; None where he or she never chose anything."""
    row = connection.execute(select(wishes).where(wishes.c.member == member)).one_or_none()
    return None if row is None else _wishes(row)


def save_wishes(connection: Connection, member: str, wanted: Wishes, now: datetime) -> None:
    """Keep what a person has chosen. Raises `WishRefused`."""
    checked(wanted)
    values = {
        "pace": wanted.pace.value,
        "opinions": json.dumps(wanted.opinions),
        "hour": wanted.hour,
        "quiet_from": wanted.quiet_from,
        "quiet_until": wanted.quiet_until,
        "zone": wanted.zone,
        "next_at": wanted.next_after(now),
        "tells": wanted.tells.value,
    }
    if not connection.execute(update(wishes).where(wishes.c.member == member).values(values)).rowcount:
        connection.execute(insert(wishes).values(member=member, **values))


def stop_letters(connection: Connection, member: str) -> None:
    """No more digests, whatever was chosen."""
    connection.execute(update(wishes).where(wishes.c.member == member).values(pace=Pace.OFF.value, next_at=None))


def due_wishes(connection: Connection, now: datetime) -> Sequence[tuple[str, Wishes]]:
    """Whose digest is due, with what they want, those that wait longest first."""
    rows = connection.execute(select(wishes).where(wishes.c.next_at <= now).order_by(wishes.c.next_at))
    return [(row.member, _wishes(row)) for row in rows]


def put_off(connection: Connection, member: str, until: datetime | None) -> None:
    """When the next digest of a person is due."""
    connection.execute(update(wishes).where(wishes.c.member == member).values(next_at=until))


def _wishes(row: Row[tuple[object, ...]]) -> Wishes:
    chosen = row._mapping
    return Wishes(
        Pace(chosen[wishes.c.pace]),
        tuple(json.loads(chosen[wishes.c.opinions])),
        chosen[wishes.c.hour],
        chosen[wishes.c.quiet_from],
        chosen[wishes.c.quiet_until],
        chosen[wishes.c.zone],
        Tells(chosen[wishes.c.tells]),
    )
