"""The chair's report and the brief for a capital, as values and as the words in which they are told."""

from datetime import datetime

from opinions.brackets import BracketKind
from opinions.spoken import CallAnswer, Decision, Stance
from opinions.statuses import AmendmentKind, CallState, Choice, ParagraphState, Status
from server.api.shapes import Shape


class ReportedWords(Shape):
    """What an amendment does to one paragraph."""

    paragraph: str
    struck: str
    put: str
    held: str


class ReportedCall(Shape):
    """A call for objections. `numbers`: each amendment put, with its revision."""

    id: str
    numbers: list[tuple[int, int]]
    opened_at: datetime
    opened_by: str
    state: CallState
    answers: list[CallAnswer]
    present: list[str]
    reservations: list[Stance]
    closed_at: datetime | None


class ReportedAmendment(Shape):
    """One amendment with all that was said and done of it. Names that are withheld are empty."""

    id: str
    number: int
    kind: AmendmentKind
    editorial: bool
    revision: int
    status: Status
    delegation: str
    sponsors: list[str]
    reason: str
    source: str
    cited: str
    words: list[ReportedWords]
    positions: list[Stance]
    earlier: list[Stance]
    calls: list[ReportedCall]
    decisions: list[Decision]
    merged: list[int]
    into: int
    packages: list[str]


class ReportedParagraph(Shape):
    """One paragraph of which something is told."""

    paragraph: str
    cited: str
    state: ParagraphState
    words: str
    gone: bool
    amendments: list[ReportedAmendment]
    positions: list[Stance]
    earlier: list[Stance]
    decisions: list[Decision]


class ReportedBracket(Shape):
    """One open square bracket."""

    paragraph: str
    cited: str
    kind: BracketKind
    words: str
    holders: list[str]
    since: datetime
    number: int
    status: Status
    reason: str


class ReportedReservation(Shape):
    """A reservation or objection as it stands; `number` 0: on a paragraph."""

    cited: str
    number: int
    stance: Stance


class ReportedOption(Shape):
    """One option by its label, with the numbers of its amendments; `no_text`: none of all this."""

    label: str
    amendments: list[int]
    no_text: bool


class ReportedAlternatives(Shape):
    """A set of alternatives and what became of it; `picked` is an option's label, or empty."""

    name: str
    state: Choice
    picked: str
    note: str
    options: list[ReportedOption]
    decisions: list[Decision]


class ReportedPackage(Shape):
    """A package with what is in it, as the room calls it; `closed_at` null while it is open."""

    name: str
    note: str
    subjects: list[str]
    closed_at: datetime | None


class ChairsReport(Shape):
    """The report of one draft Opinion at an entry of its log. `open` to `withdrawn` are numbers of amendments."""

    seq: int
    scope: str
    names: str
    paragraphs: list[ReportedParagraph]
    reservations: list[ReportedReservation]
    open: list[int]
    reopening: list[int]
    not_retained: list[int]
    withdrawn: list[int]
    alternatives: list[ReportedAlternatives]
    packages: list[ReportedPackage]
    brackets: list[ReportedBracket]


class BriefItem(Shape):
    """One thing; `cited` and `paragraph` are empty where it stands at no paragraph."""

    told: str
    cited: str
    paragraph: str


class BriefSection(Shape):
    """Things of one sort. `asks`: they wait for the delegation's own word. `more`: how many are not told."""

    key: str
    name: str
    items: list[BriefItem]
    asks: bool
    more: int


class DelegationBrief(Shape):
    """The brief of a delegation in one draft Opinion. `since` is empty where changes are told against nothing."""

    delegation: str
    opinion: str
    since: str
    asks: int
    sections: list[BriefSection]
    dates: list[BriefItem]
