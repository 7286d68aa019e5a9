"""What lies on the chair's table, as values: the sitting, what is taken up, calls, alternatives, packages; and, beside
them, the renumberings that were.

Calls, alternatives and packages stand in the record under keys of their own (`call:<id>`, `alternatives:<id>`,
`package:<id>`), beside the amendments that they speak of; a subject of a package is named by such a key too
(`amendment:<id>`, `paragraph:<id>`).
"""

from dataclasses import dataclass
from datetime import datetime

from opinions.closing import Renumbering
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.spoken import CallAnswer, Decision, Stance
from opinions.statuses import CallState, Choice, Level

MAX_CALLED = 40
"""Amendments that one call puts: what can be read out before one gavel; a compromise and all that it replaces fit."""
MAX_OPTIONS = 12
"""Options of one set of alternatives; the longest list of a real text had eight."""
MAX_PACKAGED = 100
"""Subjects, and links, of one package: a package deal of a whole chapter."""


@dataclass(frozen=True, slots=True)
class Presence:
    """That a delegation takes part in a sitting, and who marked it: the delegation itself or the secretariat, never a
    connection (I9).
    """

    delegation: DelegationCode
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """The meeting under way: what it is called, at which level it decides, and who is there as marked."""

    name: str
    level: Level
    opened_at: datetime
    present: tuple[Presence, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """What the chair has taken up: a paragraph, perhaps one amendment in it. The projector follows it."""

    paragraph: ParagraphId
    at: datetime
    amendment: AmendmentId | None = None


@dataclass(frozen=True, slots=True)
class CalledItem:
    """One amendment before the meeting, at the revision that is pinned, with its exact words and their digest."""

    amendment: AmendmentId
    revision: int
    words: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call for objections. `seconds` from `opened_at` is what the timer shows, as guidance; nothing follows from it.

    `answers` are the newest of each delegation, `earlier` those before. What was there when it was decided stays with
    it: `present` as marked, `reservations` on what was called, and the `decision`.
    """

    id: str
    items: tuple[CalledItem, ...]
    opened_at: datetime
    opened_by: str
    recorded_by: str = ""
    note: str = ""
    seconds: int = 0
    state: CallState = CallState.OPEN
    answers: tuple[CallAnswer, ...] = ()
    earlier: tuple[CallAnswer, ...] = ()
    closed_at: datetime | None = None
    closed_note: str = ""
    present: tuple[DelegationCode, ...] = ()
    reservations: tuple[Stance, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One of several ways to word a place: amendments that stand or fall together; `no_text`: none of all this."""

    label: str
    amendments: tuple[AmendmentId, ...] = ()
    no_text: bool = False


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Options of which at most one can stand (`[shall][should]`, Alt 1, Option B, bis, no text). `picked` is the label
    of the one that was.
    """

    id: str
    name: str
    options: tuple[Option, ...]
    put_at: datetime
    put_by: str
    state: Choice = Choice.OPEN
    picked: str = ""
    note: str = ""
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """If `when` is kept (or falls), `then` stays (or falls): what the chair is shown, and asked, when it is decided."""

    when: str
    then: str
    kept: bool = True
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """Subjects that are agreed together or linked to one another. Nothing follows by itself (I9)."""

    id: str
    name: str
    subjects: tuple[str, ...]
    put_at: datetime
    put_by: str
    links: tuple[Link, ...] = ()
    note: str = ""
    closed_at: datetime | None = None


OnTable = Call | Alternatives | Package | Renumbering
