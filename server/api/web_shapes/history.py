"""The list of square brackets, where words come from, and the steps of an Opinion's history, as JSON.

Offsets count code points. Amendments are named by id; `Table` (`/table`) has them whole.
"""

from datetime import datetime

from opinions.bracket_list import Tie
from opinions.brackets import BracketKind
from opinions.burn_down import Counts
from opinions.provenance import Source
from opinions.spoken import Decision, Stance
from opinions.statuses import Status
from opinions.steps import Outcome, StepKind
from server.api.shapes import Shape


class BracketLink(Shape):
    """An amendment that a bracket is linked with; `name` is that of a package or of alternatives."""

    amendment: str
    number: int
    tie: Tie
    name: str


class BracketRow(Shape):
    """One entry of the list of open brackets. `anchor` names its row on the page; `linked` counts all links."""

    anchor: str
    amendment: str
    number: int
    revision: int
    kind: BracketKind
    paragraph: str
    cited: str
    paragraphs: int
    words: str
    holders: list[str]
    reason: str
    source: str
    state: Status
    on_floor: bool
    called: bool
    ruling: Decision | None
    since: datetime
    since_version: str
    links: list[BracketLink]
    linked: int


class BracketRows(Shape):
    """The rows that were asked for, of how many; `clean_since` names the version or draft since which nothing is open
    and all was considered (empty: it is not so).
    """

    total: int
    rows: list[BracketRow]
    clean_since: str


class TracedAmendment(Shape):
    """The amendment that words are of: who proposed it for whom, what was said of it, what was ruled."""

    id: str
    number: int
    revision: int
    delegation: str
    sponsors: list[str]
    author: str
    typist: str
    created_at: datetime
    status: Status
    reason: str
    source: str
    stances: list[Stance]
    earlier: list[Stance]
    decisions: list[Decision]


class TracedFounding(Shape):
    """The act that put base text on the table."""

    seq: int
    at: datetime
    act: str
    name: str
    source: str


class TracedStretch(Shape):
    """A stretch of one provenance. `decision` made it text; `compromised` are the amendments it stands for."""

    start: int
    end: int
    text: str
    of: Source
    amendment: str | None
    founding: TracedFounding | None
    decision: Decision | None
    struck: list[str]
    brackets: list[str]
    compromised: list[str]


class TracedGone(Shape):
    """Words no longer in the text: whose they were (None: base text), and with which amendment they went."""

    paragraph: str
    text: str
    amendment: str | None
    by: str
    whole: bool
    decision: Decision | None


class TracedParagraph(Shape):
    """Where the words of a paragraph come from, of the living text or of a version (`version`, 0 for the living)."""

    paragraph: str
    cited: str
    version: int
    stretches: list[TracedStretch]
    amendments: list[TracedAmendment]
    gone: list[TracedGone]


class HistoryStep(Shape):
    """A step of the history: entries `first` to `seq` of the log, what they were, and what was open after them."""

    seq: int
    first: int
    at: datetime
    kind: StepKind
    act: str
    told: str
    by: str
    meeting: str
    version: str
    paragraphs: list[str]
    outcomes: list[Outcome]
    counts: Counts


class HistorySteps(Shape):
    """The steps after an entry, at most 500; `seq` is the last entry that was read, `last` whether no step follows."""

    seq: int
    last: bool
    steps: list[HistoryStep]
