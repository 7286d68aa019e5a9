"""Phases in words: what closes soon for a visitor, what rights are called, where a phase stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from opinions.phases import TOLD_BEFORE, Span
from opinions.roles import Act, Actor, Stage, may

RIGHTS: Mapping[Act, str] = {
    Act.PEOPLE_NOMINATE: "Nominate experts",
    Act.OPINION_PRESENT: "Present draft Opinions",
    Act.CONTRIBUTION_SUBMIT: "Hand in contributions",
    Act.COMMENT_MAKE: "Comment on the drafts",
    Act.SG_REPORT_COMMENT: "Comment on the report",
    Act.AMENDMENT_SUBMIT: "Submit amendments",
    Act.AMENDMENT_COSPONSOR: "Join amendments of others",
    Act.PROPOSALS_ENTER: "Enter ready-made amendments",
    Act.GROUP_BRING_BACK: "Bring back what a drafting group drafted",
    Act.LIVE_WRITE: "Draft together on the screen",
    Act.POSITION_TAKE: "Take positions",
    Act.CALL_PUT: "Put calls for objections",
    Act.CALL_ANSWER: "Answer calls for objections",
    Act.ADOPTION_RECORD: "Record adoption",
}
"""Every right that a phase can name, as a delegate calls it."""


def closing_soon(actor: Actor, spans: Sequence[Span], now: datetime) -> str:
    """The line on a page for what closes next for this person, within a day; empty for nothing."""
    soon = [
        (span.closes_at, span)
        for span in spans
        if span.closes_at is not None
        and now < span.closes_at <= now + TOLD_BEFORE[0]
        and span.is_open(now)
        and any(may(actor, act, Stage(live_drafting=True)) for act in span.phase.rights)
    ]
    if not soon:
        return ""
    closes_at, span = min(soon, key=lambda one: (one[0], one[1].phase.id))
    extended = " (extended)" if span.extended_from is not None else ""
    return f"“{span.phase.name}” closes in {left(closes_at, now)}{extended}: {span.closes_said}"


def left(until: datetime, now: datetime) -> str:
    """How long until then, in the largest unit that says it: "23 hours", "40 minutes"."""
    minutes = max(1, int((until - now).total_seconds() // 60))
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} days"
    if minutes >= 120:
        return f"{minutes // 60} hours"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def standing(span: Span, now: datetime) -> tuple[str, str]:
    """Where a phase stands, and the tone of its tag."""
    if span.is_empty:
        return "Never open", ""
    if span.is_open(now):
        return ("Open", "ok")
    if span.opens_at is not None and now < span.opens_at:
        return "To come", ""
    return "Closed", "frozen"


def ordered(spans: Sequence[Span], now: datetime) -> list[Span]:
    """As the page has them: open ones by when they close, those to come by when they open, closed ones last."""

    def place(span: Span) -> tuple[int, float, str]:
        end = span.closes_at.timestamp() if span.closes_at else float("inf")
        begin = span.opens_at.timestamp() if span.opens_at else float("-inf")
        if span.is_open(now) and not span.is_empty:
            return 0, end, span.phase.id
        if span.opens_at is not None and now < span.opens_at:
            return 1, begin, span.phase.id
        return 2, -end, span.phase.id

    return sorted(spans, key=place)
