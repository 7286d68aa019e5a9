"""The lines that say on every file of a comparison which two texts it is of."""

from zoneinfo import ZoneInfo

from opinions.canonical import short_fingerprint
from server.comparing.made import Made
from server.comparing.texts import Side, fingerprint_of
from server.export.sheet import VIEW_NAMES
from server.wording import moment


def title_of(made: Made) -> str:
    """The title of a file."""
    return f"{made.after.opinion.name}: {_called(made.before, made)} compared with {_called(made.after, made)}"


def head_of(made: Made) -> str:
    """The line at the head of a page."""
    arrow = "\N{RIGHTWARDS ARROW}"
    return f"{made.after.opinion.name} - {_called(made.before, made)} {arrow} {_called(made.after, made)}"


def direction_of(made: Made) -> str:
    """Whether the comparison follows time."""
    return "From the newer text back to the older one" if made.backwards else "From the older text to the newer one"


def stamp_of(made: Made, zone: ZoneInfo) -> str:
    """Which texts, of which view, in which direction, with their fingerprints."""
    before, after = (side_stamp(side, zone) for side in (made.before, made.after))
    return f"{VIEW_NAMES[made.view]}. {direction_of(made)}: {before}; {after}"


def side_stamp(side: Side, zone: ZoneInfo) -> str:
    """One text: a frozen version, or the living one as of a moment, with its fingerprint."""
    mark = short_fingerprint(fingerprint_of(side))
    if side.number:
        return f"version {side.number}, frozen {moment(side.at, zone)}, Fingerprint {mark}"
    return f"living draft as of {moment(side.at, zone)} (entry {side.seq}), Fingerprint {mark}"


def _called(side: Side, made: Made) -> str:
    return side.label if made.one_log else f"{side.opinion.name}, {side.label}"
