"""The line that says which text a page shows: when it stood so, and the version's fingerprint."""

from zoneinfo import ZoneInfo

from opinions.canonical import short_fingerprint
from server.export.sheet import Sheet
from server.wording import moment


def stamp(sheet: Sheet) -> str:
    """Which text this is: a frozen version with its Fingerprint, or the living draft as of a moment."""
    origin = sheet.origin
    when = moment(origin.as_of, ZoneInfo(origin.zone))
    if origin.version:
        return f"Version {origin.version}, frozen {when}. Fingerprint {short_fingerprint(origin.fingerprint)}"
    return f"Living draft as of {when} (entry {origin.seq}); not a frozen version"
