"""Drafting check, renumbering and forum texts as JSON."""

from datetime import datetime

from opinions.closing import Renumbering, RenumberingMark
from opinions.drafting_rules.values import Rule
from opinions.references import Problem
from server.api.shapes import Shape


class DraftingRemark(Shape):
    """One remark on the characters from `start` up to `end` of a paragraph, which read `was`; `words` would mend it."""

    rule: Rule
    paragraph: str
    cited: str
    start: int
    end: int
    was: str
    words: str | None
    message: str


class DraftingCheck(Shape):
    """The remarks in reading order."""

    remarks: list[DraftingRemark]


class LabelAfter(Shape):
    """A paragraph's label now, and after a renumbering."""

    paragraph: str
    old: str
    new: str


class CitationAfter(Shape):
    """A citation's words now, and after a renumbering."""

    paragraph: str
    old: str
    new: str


class CitationLeft(Shape):
    """A citation that would be left as it is, and why."""

    paragraph: str
    words: str
    problem: Problem | None


class RenumberingToCome(Shape):
    """`marked`: the next freeze renumbers. `left` are to be looked at, `others` cite other texts; `done` were done."""

    marked: RenumberingMark | None
    labels: list[LabelAfter]
    citations: list[CitationAfter]
    left: list[CitationLeft]
    others: list[CitationLeft]
    done: list[Renumbering]


class ForumState(Shape):
    """An Opinion and its forum text. `state`: empty, `open`, `asked`, `adopted`, `not_adopted`; `refused` says why it
    gets none.
    """

    opinion: str
    eligible: bool
    refused: str
    forum_text: str | None
    version: int | None
    fingerprint: str | None
    opened_at: datetime | None
    state: str


class ForumList(Shape):
    """Every Opinion of the preparatory period."""

    opinions: list[ForumState]
