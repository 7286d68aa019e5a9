"""Dates and times in forms: typed and shown in the zone of the meeting, kept in UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo


def as_local(at: datetime | None, zone: ZoneInfo) -> str:
    """A time as a `datetime-local` field holds it; empty for none."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def from_local(text: str, zone: ZoneInfo) -> datetime | None:
    """The time that was typed; None for an empty field. Raises `ValueError` for what is no time of such a field."""
    text = text.strip()
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None or not 2000 <= at.year <= 2100:
        raise ValueError(text)
    return at.replace(tzinfo=zone)
