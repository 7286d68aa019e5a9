"""What is on the floor, as values for the page: how it reads now and would read, who says what, what was decided."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from markupsafe import Markup

from opinions.alternatives import name_of, open_alternatives
from opinions.brackets import extents
from opinions.compromise import Word, holders
from opinions.model import Opinion, Paragraph, ParagraphId
from opinions.moves import AMENDMENT_MOVES, PARAGRAPH_MOVES
from opinions.packages import follows, open_packages, spoken
from opinions.picking import outcomes
from opinions.proposal_words import Part, preview
from opinions.queue import Table, asks_to_reopen, competitors, confirmable, other_options
from opinions.record import (
    Amendment,
    AmendmentKind,
    Attitude,
    Decision,
    Document,
    ParagraphState,
    Ruling,
    Stance,
    Status,
)
from opinions.rolling import rolling
from opinions.stances import said
from opinions.statuses import Choice
from opinions.words import places
from server.alternatives.look import WORDS as SAID_OF_COMPROMISE
from server.console.rows import called_now, digest_of, ruling_on, state_of
from server.console.words import LEVELS, in_order
from server.html_view import Regions, paragraph_html
from server.post.news_words import does
from server.wording import AMENDMENT_KINDS, ATTITUDES, PARAGRAPH_STATES, RULED

REOPENABLE = AMENDMENT_MOVES[Ruling.REOPENED].before
REOPENABLE_PARAGRAPHS = PARAGRAPH_MOVES[ParagraphState.REOPENED].before
"""What the chair can reopen, by the table of moves."""


@dataclass(frozen=True, slots=True)
class Position:
    """What one delegation, or group, says; `old` where it said so of an earlier revision."""

    who: str
    says: str
    note: str
    objects: bool
    old: int = 0
    members: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """One outcome on record, in words."""

    at: datetime
    what: str
    who: str
    note: str
    where: str


@dataclass(frozen=True, slots=True)
class Competitor:
    """Another amendment whose fate is asked for; `falls` is what says that it is not retained (JSON). `option`: it is
    another option of the same alternatives, of which at most one can stand, so this is what the form proposes.
    """

    id: str
    called: str
    does: str
    falls: str
    option: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One paragraph: as it reads now, with its square brackets, and as it would if this one were agreed."""

    paragraph: str
    cited: str
    now: Markup
    agreed: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A delegation whose amendment a compromise text stands for, and what it says of the compromise."""

    delegation: str
    called: str
    says: str


@dataclass(frozen=True, slots=True)
class Choosing:
    """One set of alternatives that this amendment belongs to: its options, each with all that picking it decides."""

    id: str
    name: str
    options: tuple[tuple[str, str, str], ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class Floor:
    """The row looked at. `open`: it can be decided; `reopenable`: it can be reopened; `confirmable`:
    agreed, and to be agreed once more. `command` begins every ruling on
    it (JSON): the subject with revision and words as the screen shows them.
    """

    key: str
    id: str
    taken_up: bool
    number: str
    delegation: str
    sponsors: tuple[str, ...]
    kind: str
    does: str
    cited: str
    state: str
    tone: str
    revision: int
    is_bracket: bool
    is_paragraph: bool
    editorial: bool
    late: bool
    reopening: bool
    called: bool
    open: bool
    reopenable: bool
    confirmable: bool
    reason: str
    source: str
    readings: tuple[Reading, ...]
    positions: tuple[Position, ...]
    history: tuple[Ruled, ...]
    competitors: tuple[Competitor, ...]
    holders: tuple[Holder, ...]
    choosing: Choosing | None
    packages: tuple[tuple[str, str], ...]
    following: tuple[tuple[str, tuple[str, ...]], ...]
    paragraph: str
    command: str
    called_item: str = ""

    @property
    def objections(self) -> tuple[Position, ...]:
        """The formal objections among the positions."""
        return tuple(one for one in self.positions if one.objects)


@dataclass(frozen=True, slots=True)
class Around:
    """What the floor is worked out from."""

    document: Document
    found: Table
    cited: Mapping[ParagraphId, str]
    regions: Regions


def floor(around: Around, key: str) -> Floor | None:
    """The row of a key; None when there is no such amendment or paragraph (any more)."""
    kind, _, name = key.partition(":")
    document = around.document
    taken = document.record.opinion.floor
    if kind == "amendment":
        amendment = document.amendment(name)
        if amendment is None or amendment.status is Status.DRAFT:
            return None
        return _amendment_floor(around, amendment, taken is not None and taken.amendment == amendment.id)
    paragraph = document.text.find(name) if kind == "paragraph" else None
    if paragraph is None:
        return None
    up = taken is not None and taken.paragraph == paragraph.id and not taken.amendment
    return _paragraph_floor(around, paragraph, up)


def key_taken_up(document: Document) -> str:
    """The key of what the chair has taken up; empty for nothing."""
    taken = document.record.opinion.floor
    if taken is None:
        return ""
    return f"amendment:{taken.amendment}" if taken.amendment else f"paragraph:{taken.paragraph}"


def ruled(decision: Decision) -> Ruled:
    """An outcome in words: who ruled, who recorded it, where."""
    who = decision.ruled_by
    if decision.recorded_by != decision.ruled_by:
        who = f"{decision.ruled_by}, recorded by {decision.recorded_by}"
    what = RULED[decision.ruling]
    if decision.asked_by:
        of = "asked for by" if decision.ruling in {Ruling.REOPENED, Ruling.SET_ASIDE} else "of"
        what += f" ({of} {', '.join(decision.asked_by)})"
    where = ", ".join(part for part in (decision.meeting, LEVELS[decision.level] if decision.level else "") if part)
    return Ruled(decision.at, what, who, decision.note, where)


def _amendment_floor(around: Around, amendment: Amendment, taken_up: bool) -> Floor:
    document = around.document
    names = places(document.text, amendment.id) or (amendment.paragraph,)
    there = [one for one in (document.text.find(name) for name in names) if one is not None]
    state, tone = state_of(amendment)
    words = digest_of(document, amendment)
    subject = {"amendment": amendment.id, "revision": amendment.revision}
    return Floor(
        f"amendment:{amendment.id}",
        amendment.id,
        taken_up,
        f"#{amendment.number}",
        str(amendment.delegation),
        tuple(amendment.sponsors),
        AMENDMENT_KINDS[amendment.kind],
        does(amendment, there[0] if there else None),
        around.cited.get(names[0], ""),
        state,
        tone,
        amendment.revision,
        amendment.kind is AmendmentKind.BRACKET,
        False,
        amendment.editorial,
        amendment.late is not None,
        amendment.open and asks_to_reopen(amendment, document),
        amendment.id in called_now(document),
        amendment.open,
        amendment.status in REOPENABLE,
        amendment.status is Status.AGREED_AD_REFERENDUM or confirmable(document, amendment.decisions),
        amendment.reason,
        amendment.source if amendment.kind is not AmendmentKind.BRACKET else "",
        tuple(_reading(around, paragraph, amendment) for paragraph in there),
        tuple(_position(one, amendment.revision) for one in in_order(amendment.stances)),
        tuple(ruled(one) for one in reversed(amendment.decisions)),
        competing(document, around.found, amendment) if amendment.open else (),
        tuple(_holders(document, amendment)),
        _choosing(document, amendment) if amendment.open else None,
        _packages(document),
        _following(document, f"amendment:{amendment.id}") if amendment.open else (),
        amendment.paragraph,
        json.dumps({**subject, "words": words}),
        json.dumps({**subject, "words": words}),
    )


def _paragraph_floor(around: Around, paragraph: Paragraph, taken_up: bool) -> Floor:
    document = around.document
    record = document.record.paragraph(paragraph.id)
    bare = any(one.id == paragraph.id for one in around.found.bare)
    agreed = record.state in {ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM}
    return Floor(
        f"paragraph:{paragraph.id}",
        paragraph.id,
        taken_up,
        "",
        "",
        (),
        "¶",
        "as it stands" if bare else "Something is pending in it: record that first.",
        around.cited.get(paragraph.id, ""),
        PARAGRAPH_STATES[record.state],
        "ok" if agreed else "",
        0,
        False,
        True,
        False,
        False,
        False,
        False,
        bare and record.state is not ParagraphState.AGREED,
        record.state in REOPENABLE_PARAGRAPHS,
        record.state is ParagraphState.AGREED_AD_REFERENDUM or (bare and confirmable(document, record.decisions)),
        "",
        "",
        (Reading(paragraph.id, around.cited.get(paragraph.id, ""), _shown(around, paragraph)),),
        tuple(_position(one, 0) for one in in_order(record.stances)),
        tuple(ruled(one) for one in reversed(record.decisions)),
        (),
        (),
        None,
        _packages(document),
        _following(document, f"paragraph:{paragraph.id}") if bare else (),
        paragraph.id,
        json.dumps({"paragraph": paragraph.id}),
    )


def _reading(around: Around, paragraph: Paragraph, amendment: Amendment) -> Reading:
    agreed = preview(paragraph, amendment) if amendment.open else ()
    if amendment.kind is AmendmentKind.BRACKET:
        # Agreed, a bracket is lifted: the words stay and its signs go.
        agreed = tuple(one for one in agreed if one.text not in {"[", "]"})
    cited = around.cited.get(paragraph.id, "")
    now = Markup("") if paragraph.added == amendment.id else _shown(around, paragraph)
    return Reading(paragraph.id, cited, now, agreed)


def _shown(around: Around, paragraph: Paragraph) -> Markup:
    """One paragraph as the rolling text has it, worked out without the rest: only brackets reach over paragraphs."""
    document = around.document
    place = document.text.index(paragraph.id)
    reaching = [one for one in extents(document) if one.start[0] <= place <= one.end[0]]
    first = min((one.start[0] for one in reaching), default=place)
    last = max((one.end[0] for one in reaching), default=place)
    part = Document(Opinion(document.text.paragraphs[first : last + 1]), document.record)
    row = next((row for row in rolling(part) if row.id == paragraph.id), None)
    # Without its id: the address of a paragraph is that of the text's own page.
    return Markup("") if row is None else Markup(paragraph_html(row, around.regions).replace(f' id="{row.id}"', "", 1))


def _position(stance: Stance, revision: int) -> Position:
    at, note = said(stance)
    return Position(
        f"{stance.delegation} (by {stance.by})" if stance.by else stance.delegation,
        ATTITUDES[stance.attitude],
        note,
        stance.attitude is Attitude.FORMAL_OBJECTION,
        at if at != revision else 0,
        tuple(stance.members),
        stance.at,
    )


def competing(document: Document, found: Table, amendment: Amendment) -> tuple[Competitor, ...]:
    """The others whose fate is asked for when an amendment is decided."""
    options = other_options(amendment, found)
    return tuple(
        Competitor(
            other.id,
            f"{other.delegation} #{other.number}",
            does(other, document.text.find(other.paragraph)),
            ruling_on(document, other, Ruling.NOT_RETAINED),
            other.id in options,
        )
        for other in competitors(amendment, found)
    )


def _holders(document: Document, amendment: Amendment) -> list[Holder]:
    """Who holds what a compromise text stands for, and what each says of the revision that stands (CT2)."""
    found = []
    for one in holders(document, amendment):
        other = one.stance.attitude if one.stance is not None and one.word is Word.OTHERWISE else None
        numbers = [f"#{each.number}" for name in one.of if (each := document.amendment(name)) is not None]
        found.append(
            Holder(one.delegation, ", ".join(numbers), ATTITUDES[other] if other else SAID_OF_COMPROMISE[one.word])
        )
    return found


def _choosing(document: Document, amendment: Amendment) -> Choosing | None:
    for value in open_alternatives(document):
        if not any(amendment.id in option.amendments for option in value.options):
            continue
        options = []
        for option in value.options:
            ruled_on = [asdict(one) for one in outcomes(document, value, option)]
            numbers = [f"#{one.number}" for name in option.amendments if (one := document.amendment(name))]
            command = {"act": "pick_option", "alternatives": value.id, "option": option.label, "outcomes": ruled_on}
            options.append((option.label, ", ".join(numbers) or "no text", json.dumps(command)))
        return Choosing(value.id, name_of(document, value), tuple(options), value.state is Choice.KEPT)
    return None


def _packages(document: Document) -> tuple[tuple[str, str], ...]:
    return tuple((one.id, one.name) for one in open_packages(document))


def _following(document: Document, subject: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What follows from packages if it is agreed, and if it is not; shown and asked, never done (I9)."""
    found = []
    for kept, words in ((True, "If agreed"), (False, "If not retained")):
        told = follows(document, subject, kept)
        lines = [
            f"{spoken(document, one.subject).replace('*', '')} {'stays' if one.stays else 'falls'}"
            f"{', as it has already' if one.done else ''}"
            for one in told.things
        ]
        for against in told.contradictions:
            name = spoken(document, against.subject).replace("*", "")
            lines.append(f"{name} would have to stay and to fall: look at the links")
        if lines:
            found.append((words, tuple(lines)))
    return tuple(found)
