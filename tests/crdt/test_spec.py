"""The specification names what the code knows: commands, refusals, the record's fields, the header's (crdt/SPEC.md)."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crdt.log import Entry, EntryKind, header
from opinions.closing import (
    Adoption,
    AdoptionOutcome,
    AdoptionQuestion,
    ForumOrigin,
    LeftCitation,
    NewCitation,
    NewLabel,
    Renumbering,
    RenumberingMark,
)
from opinions.commands import COMMANDS
from opinions.errors import ConsultationRefused, OpinionError, SectionRefused
from opinions.model import Kind, Paragraph
from opinions.on_table import CalledItem, Link, Option, Presence
from opinions.record import (
    Alternatives,
    Amendment,
    AmendmentKind,
    Attitude,
    Call,
    Decision,
    Floor,
    OpinionRecord,
    Package,
    ParagraphRecord,
    ParagraphState,
    Removed,
    Ruling,
    Sitting,
    Spelling,
    Stance,
    Status,
)
from opinions.spoken import CallAnswer
from opinions.statuses import Answer, CallState, Choice, Level
from server.identity import proof

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "crdt" / "SPEC.md").read_text(encoding="utf-8")
_LITERAL = re.compile(r"(?:UpdateRefused|CommandRefused)\(\s*\"([a-z-]+)\"|__init__\(\"([a-z-]+)\", message\)")


def section(letter: str) -> str:
    """The text of a section, such as `C`."""
    return re.split(r"^## ", SPEC.split(f"({letter})\n", 1)[1], maxsplit=1, flags=re.M)[0]


def row(of: str, first: str) -> str:
    """The fields' cell of the table row that begins with a cell."""
    (found,) = [line for line in of.splitlines() if line.startswith(f"| {first} |")]
    return found.split("|")[2]


def named(cell: str) -> set[str]:
    """The names set as code in a cell, those that stand in parentheses left out."""
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)|= `\w+`", "", cell)))


def codes() -> set[str]:
    """Every code that the sources can refuse with."""
    refusals: tuple[type[OpinionError], ...] = (OpinionError, *OpinionError.__subclasses__())
    # The forms of a consultation and of the report, and comments, never pass through a room.
    ours = {kind.code for kind in refusals if kind.__module__ == OpinionError.__module__}
    ours -= {ConsultationRefused.code, SectionRefused.code}
    # Said before the room is asked, in its words.
    ours.add(proof.CODE)
    for file in sorted((ROOT / "crdt").glob("*.py")):
        ours |= {one or other for one, other in _LITERAL.findall(file.read_text(encoding="utf-8"))}
    return ours


@pytest.mark.parametrize("act", sorted(COMMANDS))
def test_c1_every_command_has_a_row_with_its_fields(act: str) -> None:
    """[C1] Those with a default are shown with one."""
    cell = row(section("C"), f"`{act}`")
    fields = dataclasses.fields(COMMANDS[act])
    assert named(cell) == {field.name for field in fields}
    for field in fields:
        after = cell.split(f"`{field.name}`", 1)[1].split(",")[0]
        assert ("=" in after) == (field.default is not dataclasses.MISSING), field.name


def test_c1_no_row_names_a_command_that_is_not_there() -> None:
    """[C1]"""
    rows = re.findall(r"^\| `(\w+)` \|", section("C"), re.M)
    assert sorted(rows) == sorted(COMMANDS)


def test_w6_every_refusal_is_in_the_table_and_nothing_else() -> None:
    """[W6]"""
    first = [line.split("|")[1] for line in section("R").splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([a-z-]+)`", " ".join(first))) == codes()


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("`amendment:<id>`", Amendment),
        ("`paragraph:<id>`", ParagraphRecord),
        ("`opinion`", OpinionRecord),
        ("stance", Stance),
        ("spelling", Spelling),
        ("removed", Removed),
        ("decision", Decision),
        ("a paragraph", Paragraph),
        ("`call:<id>`", Call),
        ("`alternatives:<id>`", Alternatives),
        ("`package:<id>`", Package),
        ("`renumbering:<id>`", Renumbering),
        ("renumbering mark", RenumberingMark),
        ("new label", NewLabel),
        ("new citation", NewCitation),
        ("left citation", LeftCitation),
        ("forum origin", ForumOrigin),
        ("adoption question", AdoptionQuestion),
        ("adoption", Adoption),
        ("sitting", Sitting),
        ("presence", Presence),
        ("floor", Floor),
        ("called item", CalledItem),
        ("call answer", CallAnswer),
        ("option", Option),
        ("link", Link),
    ],
)
def test_d5_every_field_of_the_record_is_in_its_row(first: str, kind: type) -> None:
    """[D5]"""
    cell = row(section("J"), first)
    fields = dataclasses.fields(kind)
    assert named(cell) == {field.name for field in fields}
    for field in fields:
        after = re.sub(r"^ \([^)]*\)", "", cell.split(f"`{field.name}`", 1)[1]).split(",")[0]
        assert bool(re.search(r"[=?]", after)) == (field.default is not dataclasses.MISSING), field.name


def test_every_value_of_an_enumeration_is_named() -> None:
    ours = (
        AdoptionOutcome,
        Kind,
        AmendmentKind,
        Answer,
        Attitude,
        CallState,
        Choice,
        Level,
        ParagraphState,
        Ruling,
        Status,
        EntryKind,
    )
    for kind in ours:
        assert {f"`{value}`" for value in kind} <= set(re.findall(r"`\w*`", SPEC)), kind


def test_l2_the_header_has_the_fields_of_the_table() -> None:
    """[L2]"""
    made = json.loads(header("o", Entry(1, EntryKind.UPDATE, datetime(2026, 1, 1, tzinfo=UTC), ())))
    first = [line.split("|")[1] for line in section("L").splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(first))) == set(made)


def test_the_vectors_are_named() -> None:
    for name in ("frames", "log", "canonical"):
        assert f"tests/vectors/{name}.json" in SPEC
        assert (ROOT / "tests" / "vectors" / f"{name}.json").exists()
