"""The sitting and its running record, and the call for objections before it, as values for the page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from opinions.calls import open_calls, reservations
from opinions.model import ParagraphId
from opinions.queue import Table
from opinions.record import Attitude, Call, Decision, Document
from opinions.roles import Delegation, DelegationKind
from opinions.statuses import Answer, CallState
from server.console.floor import REOPENABLE, REOPENABLE_PARAGRAPHS, Competitor, Ruled, competing, ruled
from server.console.rows import digest_of
from server.console.words import ANSWERS, LEVELS
from server.post.news_words import does

RECORD_LINES = 12
"""Outcomes of the running record that the page shows; the whole of it is in the history."""
_LEADING = {Answer.OBJECT: 0, Answer.NEED_TIME: 1, Answer.NO_OBJECTION: 2}


@dataclass(frozen=True, slots=True)
class Answered:
    """What one delegation answered."""

    delegation: str
    says: str
    note: str
    objects: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One amendment that the call puts."""

    key: str
    called: str
    cited: str
    does: str
    revision: int
    changed: bool


@dataclass(frozen=True, slots=True)
class CallBar:
    """An open call. `until`: where its timer, which is guidance, comes to nought; None without one. `silent` are those
    marked as present that have not answered; `changed`: other words stand than those called.
    """

    id: str
    items: tuple[Item, ...]
    opened_at: datetime
    until: datetime | None
    note: str
    answers: tuple[Answered, ...]
    silent: tuple[str, ...]
    attended: bool
    reservations: tuple[tuple[str, str], ...]
    changed: bool
    others: tuple[Competitor, ...]
    over: str = ""
    """Why it is void."""
    another: tuple[tuple[str, str], ...] = ()
    """The other calls that are open, each by the key of its first row and what it puts."""
    again: str = ""
    """What asks again (JSON of the items as they stand), where the call is void: other words stand than were put."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A delegation on the attendance list; `by` is who marked it, empty while nobody did."""

    code: str
    name: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SittingNow:
    """The meeting under way."""

    name: str
    level: str
    opened_at: datetime
    attendance: tuple[Marked, ...]

    @property
    def present(self) -> tuple[Marked, ...]:
        """Those marked."""
        return tuple(one for one in self.attendance if one.by)


@dataclass(frozen=True, slots=True)
class Line:
    """One outcome of the running record; `reopens` is the amendment or paragraph that can be reopened from there."""

    at: datetime
    called: str
    cited: str
    key: str
    ruled: Ruled
    reopens: str = ""


def call_bar(document: Document, found: Table, cited: Mapping[ParagraphId, str], on: str = "") -> CallBar | None:
    """The open call that puts the row `on`, else the newest one, or the last one where its text changed and nothing was
    done about it; None while nothing is put.
    """
    standing = open_calls(document)
    here = (one for one in standing if any(on == f"amendment:{item.amendment}" for item in one.items))
    call = next(here, None) or (standing[-1] if standing else _void(document))
    if call is None:
        return None
    items = tuple(_items(document, call, cited))
    sitting = document.record.opinion.sitting
    present = [one.delegation for one in sitting.present] if sitting is not None else []
    answered = {one.delegation for one in call.answers}
    proposing = {one.delegation for item in call.items if (one := document.amendment(item.amendment)) is not None}
    if len(proposing) == 1:
        # Nobody is asked whether it objects to what it proposes itself.
        answered |= proposing
    put = {item.amendment for item in call.items}
    others: dict[str, Competitor] = {}
    put_now = []
    for item in call.items:
        amendment = document.amendment(item.amendment)
        if amendment is not None:
            others.update((one.id, one) for one in competing(document, found, amendment) if one.id not in put)
            put_now.append(amendment)
    reserving = [
        (str(one.delegation), one.note) for one in reservations(document, put_now) if one.attitude is Attitude.RESERVE
    ]
    answers = sorted(call.answers, key=lambda one: (_LEADING[one.answer], one.delegation))
    return CallBar(
        call.id,
        items,
        call.opened_at,
        call.opened_at + timedelta(seconds=call.seconds) if call.seconds else None,
        call.note,
        tuple(Answered(one.delegation, ANSWERS[one.answer], one.note, one.answer is Answer.OBJECT) for one in answers),
        tuple(str(code) for code in sorted(present) if code not in answered),
        bool(present),
        tuple(dict.fromkeys(reserving)),
        call.state is CallState.VOID or any(item.changed for item in items),
        tuple(others.values()),
        call.closed_note,
        tuple(_named(document, one) for one in standing if one is not call),
        _again(document, call) if call.state is CallState.VOID else "",
    )


def sitting_now(document: Document, delegations: Iterable[Delegation]) -> SittingNow | None:
    """The sitting with its attendance list: everybody who may be marked, in the order of the codes."""
    sitting = document.record.opinion.sitting
    if sitting is None:
        return None
    marks = {one.delegation: one for one in sitting.present}
    parties = (one for one in delegations if one.kind is not DelegationKind.SECRETARIAT)
    attendance = (
        Marked(one.code, one.name, marks[one.code].by, marks[one.code].at)
        if one.code in marks
        else Marked(one.code, one.name, "", None)
        for one in sorted(parties, key=lambda one: one.code)
    )
    return SittingNow(sitting.name, LEVELS[sitting.level], sitting.opened_at, tuple(attendance))


def running_record(document: Document, cited: Mapping[ParagraphId, str]) -> tuple[Line, ...]:
    """The newest outcomes, the newest first. Of each subject the last one can be reopened."""
    found: list[tuple[datetime, str, str, ParagraphId, Decision, str]] = []
    for one in document.record.amendments.values():
        for decision in one.decisions:
            last = decision is one.decisions[-1] and one.status in REOPENABLE
            called, key = f"#{one.number}", f"amendment:{one.id}"
            found.append((decision.at, called, key, one.paragraph, decision, key if last else ""))
    told = {entry[0] for entry in found}
    for record in document.record.paragraphs.values():
        for decision in record.decisions:
            # What a ruling on an amendment did to the paragraph is told with the amendment.
            if decision.at not in told:
                key = f"paragraph:{record.id}"
                last = decision is record.decisions[-1] and record.state in REOPENABLE_PARAGRAPHS
                found.append((decision.at, "the paragraph", key, record.id, decision, key if last else ""))
    found.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(
        Line(at, called, cited.get(paragraph, ""), key, ruled(decision), reopens)
        for at, called, key, paragraph, decision, reopens in found[:RECORD_LINES]
    )


def _void(document: Document) -> Call | None:
    """The newest call of all, if its text changed and what it put is pending still."""
    calls = (one for one in document.record.table.values() if isinstance(one, Call))
    last = max(calls, key=lambda one: one.opened_at, default=None)
    if last is None or last.state is not CallState.VOID:
        return None
    put = [document.amendment(item.amendment) for item in last.items]
    ruled_since = any(one and one.decisions and one.decisions[-1].at > last.opened_at for one in put)
    return last if not ruled_since and any(one and one.open for one in put) else None


def _named(document: Document, call: Call) -> tuple[str, str]:
    put = [one for item in call.items if (one := document.amendment(item.amendment)) is not None]
    return f"amendment:{call.items[0].amendment}", ", ".join(f"{one.delegation} #{one.number}" for one in put)


def _again(document: Document, call: Call) -> str:
    put = (document.amendment(item.amendment) for item in call.items)
    return json.dumps(
        [
            {"amendment": one.id, "revision": one.revision, "words": digest_of(document, one)}
            for one in put
            if one is not None and one.open
        ]
    )


def _items(document: Document, call: Call, cited: Mapping[ParagraphId, str]) -> Iterable[Item]:
    for item in call.items:
        amendment = document.amendment(item.amendment)
        if amendment is None:
            continue
        changed = not amendment.open or amendment.revision != item.revision
        if item.digest and not changed:
            changed = digest_of(document, amendment) != item.digest
        what = does(amendment, document.text.find(amendment.paragraph))
        called = f"{amendment.delegation} #{amendment.number}"
        place = cited.get(amendment.paragraph, "")
        yield Item(f"amendment:{amendment.id}", called, place, what, item.revision, changed)
