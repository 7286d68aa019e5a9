"""The line that says which text a page shows: when it stood so, and the version's fingerprint."""

from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.canonical import short_fingerprint
from server.export.sheet import Sheet

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(at: datetime, zone: str) -> str:
    """A time in a process's meeting zone, month in letters, 24 hours: `5 Feb 2026, 14:29 Zurich`."""
    local = at.astimezone(ZoneInfo(zone))
    place = zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M} {place}"


def stamp(sheet: Sheet) -> str:
    """Which text this is: a frozen version with its Fingerprint, or the living draft as of a moment."""
    origin = sheet.origin
    when = moment(origin.as_of, origin.zone)
    if origin.version:
        return f"Version {origin.version}, frozen {when}. Fingerprint {short_fingerprint(origin.fingerprint)}"
    return f"Living draft as of {when} (entry {origin.seq}); not a frozen version"
