"""Every state, ruling, attitude, answer and level has a word on every screen that says it, and the same one."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from opinions.compromise import Word
from opinions.record import OPEN_STATUSES
from opinions.statuses import (
    AmendmentKind,
    Answer,
    Attitude,
    CallState,
    Choice,
    Level,
    ParagraphState,
    Ruling,
    Status,
)
from server import wording
from server.alternatives import look
from server.console import words as console
from server.phone import calls, facts
from server.reports import briefing, telling

MAPS: tuple[tuple[str, type[StrEnum], Mapping[Any, str]], ...] = (
    ("kinds", AmendmentKind, wording.AMENDMENT_KINDS),
    ("kinds in a report", AmendmentKind, telling.KINDS),
    ("statuses", Status, wording.AMENDMENT_STATUSES),
    ("states", ParagraphState, wording.PARAGRAPH_STATES),
    ("states in a report", ParagraphState, telling.STATES),
    ("rulings", Ruling, wording.RULINGS),
    ("rulings within a sentence", Ruling, wording.RULED),
    ("attitudes", Attitude, wording.ATTITUDES),
    ("attitudes of several", Attitude, wording.ATTITUDES_TOGETHER),
    ("levels", Level, wording.LEVELS),
    ("levels to choose from", Level, console.LEVELS),
    ("answers at the console", Answer, console.ANSWERS),
    ("answers on a phone", Answer, calls.ANSWERS),
    ("answers in a report", Answer, dict(telling.ANSWERS)),
    ("answers in a brief", Answer, briefing.ANSWERS),
    ("calls in a report", CallState, telling.CALLS),
    ("choices in a report", Choice, telling.CHOICES),
    ("words on a compromise", Word, look.WORDS),
    ("words on a compromise in a brief", Word, briefing.WORDS),
)


@pytest.mark.parametrize(("members", "words"), [row[1:] for row in MAPS], ids=[row[0] for row in MAPS])
def test_every_member_has_a_word_of_its_own(members: type[StrEnum], words: Mapping[Any, str]) -> None:
    assert set(words) == set(members)
    assert all(words.values())
    assert len(set(words.values())) == len(words)


def test_a_state_is_called_as_the_ruling_that_led_to_it() -> None:
    for ruling, words in wording.RULINGS.items():
        assert wording.AMENDMENT_STATUSES[Status(ruling)] == words
    for state in set(ParagraphState) - {ParagraphState.BASE, ParagraphState.OPEN}:
        assert wording.PARAGRAPH_STATES[state] == wording.RULINGS[Ruling(state)]


def test_a_card_on_a_phone_has_a_word_for_all_that_is_pending() -> None:
    assert set(facts.STATUSES) == OPEN_STATUSES - {Status.DRAFT}


IN_THE_EDITOR = {
    "STATUS_WORDS": wording.AMENDMENT_STATUSES,
    "STATE_WORDS": wording.PARAGRAPH_STATES,
    "RULING_WORDS": wording.RULINGS,
    "ATTITUDE_WORDS": wording.ATTITUDES,
}


@pytest.mark.parametrize("name", IN_THE_EDITOR)
def test_the_editor_calls_them_the_same(name: str) -> None:
    terms = (Path(__file__).parents[2] / "web/src/terms.ts").read_text(encoding="utf-8")
    written = terms.partition(f"export const {name}:")[2].partition("};")[0]
    assert dict(re.findall(r'^  (\w+): "(.+)",$', written, re.MULTILINE)) == IN_THE_EDITOR[name]
