"""Comments as rows: the same on pages and in every export, with no more of their authors than the reader may see."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.consultation import Disposition, Source, State
from opinions.record import CHAIR, SECRETARIAT
from opinions.roles import Delegation
from server.consultation.comments import Comment
from server.consultation.rounds import Round
from server.consultation.texts import Draft
from server.wording import moment

DISPOSITIONS: Mapping[Disposition, str] = {
    Disposition.NONE: "Not answered yet",
    Disposition.ACCEPTED: "Accepted",
    Disposition.PARTLY: "Accepted in part",
    Disposition.NOTED: "Noted",
    Disposition.NOT_ACCEPTED: "Not accepted",
    Disposition.OUT_OF_SCOPE: "Out of scope",
    Disposition.MERGED: "Merged",
}
STATES: Mapping[State, str] = {
    State.UNCONFIRMED: "Not confirmed",
    State.WAITING: "Waits to be looked at",
    State.SHOWN: "Shown",
    State.SET_ASIDE: "Set aside",
    State.WITHDRAWN: "Withdrawn",
    State.ERASED: "Withdrawn at the author's request",
}
WITHHELD = "Name withheld"
UNNAMED = "A delegation"
WITHDRAWN = "Withdrawn at the author's request."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader may see of authors: the public delegations and consented names; the group its own people's names,
    too; the secretariat everything.
    """

    parties: Mapping[str, Delegation]
    group: bool = False
    everything: bool = False
    named: bool = True
    """Whether delegations are named (`server.attribution.names_of_commenters`)."""

    def author(self, comment: Comment) -> str:
        """Who made a comment, as this reader may know it."""
        if comment.state is State.ERASED:
            return ""
        if comment.source is Source.PUBLIC:
            return comment.name if self.everything or comment.name_published else WITHHELD
        party = self.party(comment) if self.named else UNNAMED
        if not (self.group or self.everything):
            return party
        return f"{comment.name}, {party}" if party else comment.name

    def party(self, comment: Comment) -> str:
        """The delegation, or the part, for which a member commented."""
        if comment.party in {CHAIR, SECRETARIAT}:
            return "Chair" if comment.party == CHAIR else "Secretariat"
        found = self.parties.get(comment.party)
        return found.name if found else comment.party

    def behind(self, comment: Comment) -> str:
        """Organization and country of somebody of the public."""
        return ", ".join(part for part in (comment.organization, comment.country) if part)

    def may_see(self, comment: Comment) -> bool:
        """Whether the comment is for this reader's eyes."""
        if self.everything:
            return comment.state is not State.UNCONFIRMED
        return comment.state in {State.SHOWN, State.ERASED}

    def words(self, comment: Comment) -> tuple[str, str]:
        """Comment and proposed wording, or what stands instead."""
        if comment.state is State.ERASED and not self.everything:
            return WITHDRAWN, ""
        if comment.state is State.ERASED:
            return (f"{WITHDRAWN}\n{comment.body}".strip(), comment.proposed)
        return comment.body, comment.proposed


def answer_line(comment: Comment) -> str:
    """The disposition in words: "Accepted (#38): as proposed"."""
    given = comment.answer
    name = DISPOSITIONS[given.disposition]
    if given.merged is not None:
        name = f"{name} with C-{given.merged}"
    place = f" ({given.place})" if given.place else ""
    reason = f": {given.reason}" if given.reason else ""
    return f"{name}{place}{reason}"


HEADINGS = (
    "Number",
    "Draft",
    "Version",
    "Paragraph",
    "From",
    "Organization, country",
    "Received",
    "Late",
    "Language",
    "Comment",
    "Proposed wording",
    "Files",
    "Disposition",
)
"""The columns of a spreadsheet of comments, in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One comment with its place and its cells, which answer to `HEADINGS`."""

    opinion: str
    paragraph: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What was said of one paragraph (or of a whole text): how it is cited, its words, the lines."""

    cited: str
    words: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All comments of a round that a reader may see, text by text and paragraph by paragraph."""

    process: str
    round: str
    status: str
    made_at: datetime
    texts: tuple[tuple[str, tuple[Part, ...]], ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, in the order of the texts."""
        return tuple(line for _, parts in self.texts for part in parts for line in part.lines)


def make_sheet(
    process: str,
    zone: ZoneInfo,
    found: Round,
    drafts: Mapping[str, Draft],
    comments: Sequence[Comment],
    reading: Reading,
    now: datetime,
) -> Sheet:
    """The sheet of a round for a reader."""
    texts = []
    for text in found.texts:
        draft = drafts[text.opinion]
        order = ["", *(str(one.id) for one in draft.document.text)]
        ours = [one for one in comments if one.opinion == text.opinion and reading.may_see(one)]
        parts = []
        for paragraph in [*order, *sorted({one.paragraph for one in ours} - set(order))]:
            here = [one for one in ours if one.paragraph == paragraph]
            if here:
                cited = draft.citation(paragraph)
                lines = tuple(
                    Line(text.opinion, paragraph, _cells(one, text.name, text.label, cited, reading, zone))
                    for one in here
                )
                parts.append(Part(cited, draft.words(paragraph), lines))
        texts.append((f"{text.name}, {text.label}", tuple(parts)))
    dates = found.dates
    status = f"Comments from {moment(dates.opens_at, zone)} to {moment(dates.closes_at, zone)}"
    return Sheet(process, found.name, status, now, tuple(texts))


def _cells(comment: Comment, draft: str, version: str, cited: str, reading: Reading, zone: ZoneInfo) -> tuple[str, ...]:
    body, proposed = reading.words(comment)
    state = f"{STATES[comment.state]}. " if comment.state not in {State.SHOWN, State.ERASED} else ""
    return (
        comment.cited,
        draft,
        version,
        cited,
        reading.author(comment),
        reading.behind(comment),
        moment(comment.made_at, zone),
        "late" if comment.late else "",
        comment.language,
        body,
        proposed,
        ", ".join(one.name for one in comment.files),
        state + answer_line(comment),
    )


def runs_right_to_left(text: str) -> bool:
    """Whether a text begins, by its first letter with a direction, from the right."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


_TAGS = {
    name: tag
    for tag, names in {
        "ar": "arabic العربية عربي",
        "de": "german deutsch",
        "en": "english",
        "es": "spanish español espanol",
        "fr": "french français francais",
        "hi": "hindi हिन्दी",
        "it": "italian italiano",
        "ja": "japanese 日本語",
        "ko": "korean 한국어",
        "pt": "portuguese português portugues",
        "ru": "russian русский",
        "sw": "swahili kiswahili",
        "tr": "turkish türkçe",
        "ur": "urdu اردو",
        "zh": "chinese 中文 汉语 漢語",
    }.items()
    for name in names.split()
}


def language_tag(language: str) -> str:
    """The BCP 47 tag of a language as its author named it, in English or in its own words; "und" where we do not know.

    A screen reader takes its voice from it; what was typed is always shown.
    """
    return _TAGS.get(language.casefold().split(" ")[0].strip(",.;"), "und")
