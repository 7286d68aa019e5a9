"""Commands as JSON: every one comes back as it was, whatever does not fit is refused by name."""

import json
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, cast, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.commands import (
    COMMANDS,
    MAX_REASON,
    MAX_TEXT,
    Command,
    MoveParagraph,
    RecordOutcome,
    Submit,
    from_json,
    to_json,
)
from opinions.errors import InvalidCommand
from opinions.model import AmendmentId, ParagraphId
from opinions.record import Ruling

names = st.text(st.characters(codec="utf-8"), max_size=200)


def values(name: str, wanted: Any) -> st.SearchStrategy[Any]:
    if get_origin(wanted) is tuple:
        return st.lists(values(name, get_args(wanted)[0]), max_size=3).map(tuple)
    if is_dataclass(wanted):
        return st.builds(cast(type, wanted), **{field.name: values(field.name, field.type) for field in fields(wanted)})
    if wanted is bool:
        return st.booleans()
    if wanted is int:
        return st.integers(0, 2**31 - 1)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return st.sampled_from(wanted)
    return st.none() | names if name == "after" else names


def of_kind(kind: type[Command]) -> st.SearchStrategy[Command]:
    return st.builds(kind, **{field.name: values(field.name, field.type) for field in fields(kind)})


commands = st.sampled_from(list(COMMANDS.values())).flatmap(of_kind)


@given(commands)
def test_w7_a_command_comes_back_as_it_was(command: Command) -> None:
    assert from_json(json.loads(json.dumps(to_json(command)))) == command


def test_w7_every_command_is_known_by_its_act() -> None:
    assert len(COMMANDS) == len(get_args(Command))
    assert all(COMMANDS[kind.act] is kind for kind in get_args(Command))


def test_w7_defaults_may_be_left_out() -> None:
    assert from_json({"act": "submit", "amendment": "a-01"}) == Submit(AmendmentId("a-01"))
    assert from_json({"act": "move_paragraph", "paragraph": "p-01"}) == MoveParagraph(ParagraphId("p-01"), None)
    assert from_json({"act": "record_outcome", "amendment": "a-01", "revision": 2, "ruling": "agreed"}) == (
        RecordOutcome(AmendmentId("a-01"), 2, Ruling.AGREED)
    )


SUBMIT = {"act": "submit", "amendment": "a-01"}
OUTCOME = {"act": "record_outcome", "amendment": "a-01", "revision": 1, "ruling": "agreed"}
CORRECT = {"act": "correct_text", "paragraph": "p-01", "start": 0, "end": 1, "was": "a", "text": "b"}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "a JSON object with the field 'act'"),
        ([], "a JSON object with the field 'act'"),
        ({}, "a JSON object with the field 'act'"),
        ({"act": 7}, "a JSON object with the field 'act'"),
        ({"act": "vote"}, "no command 'vote'"),
        ({"act": "submit"}, "submit: the field 'amendment' is missing"),
        ({**SUBMIT, "delegation": "XAA"}, "submit: unknown field 'delegation'"),
        ({**SUBMIT, "amendment": None}, "submit: the field 'amendment' does not fit"),
        ({**SUBMIT, "amendment": 7}, "submit: the field 'amendment' does not fit"),
        ({**SUBMIT, "amendment": "a" * 201}, "submit: the field 'amendment' does not fit"),
        ({**SUBMIT, "reason": "a" * (MAX_REASON + 1)}, "submit: the field 'reason' does not fit"),
        ({**CORRECT, "text": "a" * (MAX_TEXT + 1)}, "correct_text: the field 'text' does not fit"),
        ({**CORRECT, "start": -1}, "correct_text: the field 'start' does not fit"),
        ({**CORRECT, "start": True}, "correct_text: the field 'start' does not fit"),
        ({**CORRECT, "start": 1.0}, "correct_text: the field 'start' does not fit"),
        ({**CORRECT, "end": 2**31}, "correct_text: the field 'end' does not fit"),
        ({**OUTCOME, "ruling": "voted"}, "record_outcome: ruling must be one of agreed, "),
        ({**OUTCOME, "ruling": []}, "record_outcome: ruling must be one of agreed, "),
        ({"act": "open_live_drafting", "on": 1}, "open_live_drafting: the field 'on' does not fit"),
        ({"act": "move_paragraph", "paragraph": "p-01", "after": 1}, "move_paragraph: the field 'after' does not fit"),
    ],
)
def test_w7_what_does_not_fit_is_refused_by_name(value: object, why: str) -> None:
    with pytest.raises(InvalidCommand) as refusal:
        from_json(value)
    assert why in refusal.value.message
    assert refusal.value.code == "invalid-command"


PROPOSAL = {"amendment": "a-01", "delegation": "XAA", "kind": "MOD", "paragraph": "p-01"}
REPLACEMENT = {"start": 0, "end": 1, "was": "a", "text": "b"}
CHANGE = {"kind": "words", "paragraph": "p-01"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"proposals": {}}, "the field 'proposals' does not fit"),
        ({"proposals": [PROPOSAL, 7]}, "the field 'proposals[1]' does not fit"),
        ({"proposals": [{**PROPOSAL, "vote": 1}]}, "unknown field 'proposals[0].vote'"),
        ({"proposals": [{"amendment": "a-01"}]}, "the field 'proposals[0].delegation' is missing"),
        ({"proposals": [{**PROPOSAL, "kind": "mod"}]}, "proposals[0].kind must be one of ADD, "),
        ({"proposals": [{**PROPOSAL, "level": "1"}]}, "the field 'proposals[0].level' does not fit"),
        ({"proposals": [{**PROPOSAL, "text": "a" * (MAX_TEXT + 1)}]}, "the field 'proposals[0].text' does not fit"),
        ({"proposals": [{**PROPOSAL, "sponsors": "XAB"}]}, "the field 'proposals[0].sponsors' does not fit"),
        ({"proposals": [{**PROPOSAL, "sponsors": [None]}]}, "the field 'proposals[0].sponsors[0]' does not fit"),
        ({"proposals": [{**PROPOSAL, "sponsors": ["X"] * 65}]}, "the field 'proposals[0].sponsors' does not fit"),
        (
            {"proposals": [PROPOSAL, {**PROPOSAL, "replacements": [{**REPLACEMENT, "was": 7}]}]},
            "the field 'proposals[1].replacements[0].was' does not fit",
        ),
        ({"base": [CHANGE, {**CHANGE, "kind": "move"}]}, "base[1].kind must be one of words, "),
        ({"base": [{**CHANGE, "reason": "x"}]}, "unknown field 'base[0].reason'"),
        ({"proposals": [PROPOSAL] * 501}, "the field 'proposals' does not fit"),
        ({"proposals": [PROPOSAL] * 300, "base": [CHANGE] * 201}, "501 proposals and changes of base text"),
        (
            {"base": [{**CHANGE, "replacements": [REPLACEMENT] * 1001}] * 2},
            "2002 replacements, and one command may hold 2000",
        ),
        (
            {"proposals": [{**PROPOSAL, "text": "a" * 20_000}] * 11},
            "220000 characters, and one command may hold 200000",
        ),
    ],
)
def test_c5_what_does_not_fit_in_a_list_is_named_by_its_path(fields: dict[str, object], why: str) -> None:
    """[C5] Every limit has its own refusal."""
    with pytest.raises(InvalidCommand) as refusal:
        from_json({"act": "enter_proposals", **fields})
    assert why in refusal.value.message


def test_w7_texts_up_to_the_limit_pass() -> None:
    longest = {**CORRECT, "text": "a" * MAX_TEXT, "was": "b" * MAX_TEXT, "note": "c" * MAX_REASON}
    assert from_json(longest) == from_json(json.loads(json.dumps(longest)))


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | names, lambda v: st.lists(v) | st.dictionaries(names, v))
)
def test_w7_arbitrary_json_is_read_or_refused(value: object) -> None:
    for given_ in (value, {"act": "freeze", "label": value}, {**OUTCOME, "ruling": value}):
        try:
            command = from_json(given_)
        except InvalidCommand:
            continue
        assert from_json(to_json(command)) == command
