"""Calls for objections as a phone shows them: what is put, who answered what, and the form of one's own answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from opinions.calls import open_calls
from opinions.on_table import Call
from opinions.record import Document
from opinions.statuses import Answer
from server.phone.facts import Card, card

ANSWERS: Mapping[Answer, str] = {
    Answer.OBJECT: "Object",
    Answer.NEED_TIME: "Need time",
    Answer.NO_OBJECTION: "No objection",
}
"""In the order of the buttons and of the list of answers."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call that is open. `own` is the answer of the reader's delegation; `keys` make each button's form one
    answer, however often it is sent.
    """

    id: str
    note: str
    cards: tuple[Card, ...]
    answers: tuple[tuple[str, tuple[str, ...]], ...]
    own: str
    keys: Mapping[str, str]


def called(document: Document, party: str | None) -> tuple[Called, ...]:
    """The open calls, the newest first, for who answers for `party` (None: nobody)."""
    newest = sorted(open_calls(document), key=lambda one: one.opened_at, reverse=True)
    return tuple(_called(document, one, party) for one in newest)


def answer_of(document: Document, call: str, party: str) -> str:
    """What a delegation has answered to a call; empty: nothing."""
    found = document.record.call(call)
    answers = found.answers if found is not None else ()
    return next((one.answer.value for one in answers if one.delegation == party), "")


def answer_key(call: Call, party: str, answer: str) -> str:
    """The key of an answer's form: another one once anybody of the delegation has answered since."""
    given = [one.at.isoformat() for one in call.answers if one.delegation == party]
    parts = (call.id, party, answer, *given)
    return "ans-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _called(document: Document, call: Call, party: str | None) -> Called:
    items = (document.amendment(one.amendment) for one in call.items)
    answers = []
    for answer, words in ANSWERS.items():
        given = [one for one in call.answers if one.answer is answer]
        if given:
            answers.append((words, tuple(f"{one.delegation}{f': {one.note}' if one.note else ''}" for one in given)))
    return Called(
        call.id,
        call.note,
        tuple(card(document, one, None) for one in items if one is not None),
        tuple(answers),
        answer_of(document, call.id, party) if party else "",
        {one.value: answer_key(call, party or "", one.value) for one in Answer},
    )
