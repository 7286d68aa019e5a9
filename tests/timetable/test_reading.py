"""Process files [TT1]: the three that come with the program read, and whatever is wrong is told with its line."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.timetable.reading import read_process_file
from server.timetable.yaml_tree import MAX_BYTES, MAX_DEPTH, MAX_FAULTS, MAX_NODES, MAX_WORDS, Fault, ProcessFileRefused
from tests.timetable.files import NAMES, content, process

SMALL = """\
format: unbracket-process-1
process: T-1
name: A process
zone: Europe/Zurich
sources:
  - {id: S1, title: A letter}
milestones:
  - id: one
    kind: meeting
    name: First meeting
    planned: {from: 2026-06-09, to: 2026-06-11}
    decided_on: 2026-01-01
    authority: CL-26/1
    source: S1, page 1
    changes:
      - decided_on: 2026-02-01
        authority: CL-26/2
        source: S1, page 2
        reason: Moved.
        when: {on: 2026-06-12}
phases:
  - id: drafting
    name: Drafting
    closes: {milestone: one, at: end}
    rights: [amendment.submit]
    source: S1
rules:
  opinions_due: one
"""


@pytest.mark.parametrize("name", NAMES)
def test_tt1_the_files_of_the_three_processes_read(name: str) -> None:
    found = process(name)
    assert found.plan.label == name.upper()
    assert found.plan.phases
    assert len(found.lines) == len(found.changes)


@pytest.mark.parametrize("name", NAMES)
def test_tt1_every_date_has_a_day_of_decision_an_authority_and_a_source(name: str) -> None:
    found = process(name)
    cited = {one.id for one in found.plan.sources}
    for change in found.changes:
        assert change.authority, change
        assert change.source.split()[0].rstrip(",;") in cited, change
        assert change.filed


def test_tt1_a_small_file_reads() -> None:
    found = read_process_file(SMALL.encode(), "small.yaml")
    assert [one.milestone for one in found.changes] == ["one", "one"]
    assert found.lines == (8, 16)
    assert found.plan.rules == {"opinions_due": "one"}


@pytest.mark.parametrize(
    ("was", "put", "line", "told"),
    [
        ("    kind: meeting", "    kind: meting", 9, "Write meeting."),
        ("    kind: meeting", "    kin: meeting", 9, "There is no such field here. Write kind"),
        ("    kind: meeting\n", "", 8, "kind: This is missing."),
        ("2026-06-09", "2026-13-09", 11, "no day of the calendar. Write it as 2026-06-09."),
        ("2026-06-09", "9 June 2026", 11, "no day of the calendar"),
        ("2026-06-09", "0026-06-09", 11, "The year 26 is outside 1990 to 2100"),
        ("to: 2026-06-11", "to: 2026-06-01", 11, "before the first"),
        ("{on: 2026-06-12}", "{on: 2026-06-12, from: 2026-06-12}", 20, "not both"),
        ("{on: 2026-06-12}", "{from: 2026-06-12}", 20, "A day is missing"),
        ("{on: 2026-06-12}", "2026-06-12", 20, "write a group of fields"),
        ("{on: 2026-06-12}", '{on: 2026-06-12, opens: "9:30"}', 20, "no time of the day. Write it as 09:30."),
        ("{on: 2026-06-12}", '{on: 2026-06-12, opens: "11:00", closes: "10:00"}', 20, "closes before it opens"),
        ("{on: 2026-06-12}", "{on_days: [{on: 2026-06-12}]}", 20, "at least two days"),
        ("{on: 2026-06-12}", "{on_days: [{on: 2026-06-12}, {on: 2026-06-11}]}", 20, "out of order"),
        ("zone: Europe/Zurich", "zone: Europe/Geneva", 4, "is no time zone"),
        ("zone: Europe/Zurich", "zone: [Europe/Zurich]", 4, "write words"),
        ("    decided_on: 2026-01-01\n", "", 8, "Write `decided_on: 2024-07-09`, or"),
        ("      - decided_on: 2026-02-01", "      - decided_on: 2025-12-31", 16, "what stands above it (2026-01-01)"),
        ("    authority: CL-26/1\n", "", 8, "Write the document's number as it is spelt"),
        ("    source: S1, page 1", "    source: S9, page 1", 14, "begins with no source of this file"),
        ("        reason: Moved.\n", "", 16, "Write in a sentence why"),
        ("        when: {on: 2026-06-12}\n", "", 16, "This changes nothing"),
        ("milestone: one, at: end", "milestone: two, at: end", 24, "no milestone 'two' in this file. Write one"),
        ("milestone: one, at: end", "milestone: one, at: noon", 24, "Write begin or end."),
        ("[amendment.submit]", "[amendment.submitt]", 25, "Write amendment.submit."),
        ("    source: S1\n", "", 22, "source: This is missing."),
        ("opinions_due: one", "opinions_due: two", 28, "There is no milestone 'two'"),
        ("opinions_due: one", "contribution_pages: three", 28, "does not fit"),
        ("opinions_due: one", "pages: 3", 28, "have no field 'pages'"),
        ("name: A process", "name: A process\nname: Another", 4, "a second time (first in line 3)"),
        ("process: T-1", "process: *T", 2, "Anchors and aliases"),
        ("process: T-1", "process: &a T", 2, "Anchors and aliases"),
        ("process: T-1", "process: !!python/name:os.system T", 2, "Tags (!) are not read"),
        ("process: T-1", "process: \tT: x: y", 2, "This is no YAML"),
        ("process: T-1", 'process: "\\UFFFFFFFF"', 2, "This is no YAML"),
        ("process: T-1", 'process: "\\uD800"', 2, "not printable"),
        ("process: T-1", "process: T\x07", 2, "cannot stand in YAML"),
        ("format: unbracket-process-1", "format: unbracket-process-9", 1, "Write unbracket-process-1."),
        ("milestones:", "milestone:", 7, "There is no such field here. Write milestones"),
        ("    name: First meeting", f"    name: {'x' * 201}", 10, "200 is the most"),
    ],
)  # fmt: skip
def test_tt1_a_mistake_is_told_with_file_line_field_and_remedy(was: str, put: str, line: int, told: str) -> None:
    text = SMALL.replace(was, put, 1)
    assert text != SMALL
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(text.encode(), "small.yaml")
    assert any(f"small.yaml, line {line}: " in each and told in each for each in str(refused.value).split("\n")), str(
        refused.value
    )


def test_tt1_a_mistake_in_a_milestone_is_told_once() -> None:
    """What names that milestone is right, and nobody is sent to look for one that is there."""
    text = SMALL.replace("    kind: meeting", "    kind: meting", 1)
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(text.encode(), "small.yaml")
    assert str(refused.value).count("\n") == 0, str(refused.value)


def test_tt1_nothing_is_on_record_as_held_before_it_ended() -> None:
    text = SMALL.replace("        when: {on: 2026-06-12}", "        held: {on: 2026-06-12}")
    with pytest.raises(ProcessFileRefused, match=r"line 20: .*, held: It cannot be on record on 2026-02-01 what was"):
        read_process_file(text.encode(), "small.yaml")


def test_tt1_an_id_stands_once() -> None:
    milestones, rest = SMALL.split("milestones:\n")[1].split("phases:\n")
    text = SMALL.replace(f"{milestones}phases:", f"{milestones}{milestones}phases:")
    with pytest.raises(ProcessFileRefused, match=r"line 21: milestones, id: 'one' stands in this list already"):
        read_process_file(text.encode(), "small.yaml")
    text = SMALL.replace(rest, rest.split("rules:")[0] + rest)
    with pytest.raises(ProcessFileRefused, match=r"phases, id: 'drafting' stands in this list already"):
        read_process_file(text.encode(), "small.yaml")


def test_tt1_a_phase_does_not_close_before_it_opens() -> None:
    text = SMALL.replace("    closes: {m", "    opens: {milestone: one, at: end}\n    closes: {m").replace(
        ", at: end}\n    r", "}\n    r"
    )
    with pytest.raises(ProcessFileRefused, match="would close") as refused:
        read_process_file(text.encode(), "small.yaml")
    assert refused.value.faults[0].line == 25


@pytest.mark.parametrize(
    ("given_content", "line", "told"),
    [
        (b"x" * (MAX_BYTES + 1), 1, "KiB"),
        (b"a: b\nc: \xff\n", 2, "not UTF-8"),
        (b"", 1, "empty"),
        (b"# nothing\n", 1, "empty"),
        (b"- a\n- b\n", 1, "write a group of fields"),
        (b"a: b\n---\nc: d\n", 2, "one document"),
        (b"a: " + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), 1, "deep"),
        (b"[" * 50_000, 1, "deep"),
        (b"a: [" + b"1," * (MAX_NODES + 1) + b"]", 1, "values"),
        (b"a: " + b"x" * (MAX_WORDS + 1), 1, "characters"),
        (b"? [a]\n: b\n", 1, "name of a field is one word"),
        (b"%YAML 9.9\n---\na: b\n", 1, "no YAML"),
    ],
)
def test_tt1_a_file_has_bounds(given_content: bytes, line: int, told: str) -> None:
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(given_content, "bad.yaml")
    assert (refused.value.faults[0].line, told in str(refused.value)) == (line, True), str(refused.value)


def test_tt1_mistakes_are_told_together_up_to_a_bound() -> None:
    text = SMALL.replace("meeting\n", "meting\n").replace("one, at: end", "two, at: end").replace("T-1", "&x T")
    text = text.replace("&x T", "T")
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(text.encode(), "small.yaml")
    assert len(refused.value.faults) >= 2
    many = SMALL + "".join(f"unknown_{place}: x\n" for place in range(100))
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(many.encode(), "small.yaml")
    assert len(refused.value.faults) == MAX_FAULTS


SIGNS = ["", " ", "-", ":", "{", "}", "[", "]", '"', "'", "|", ">", "&a", "*a", "!", "%", "@", "`", "\\", "#", "?"]
WORDS = [
    "\t",
    "\n",
    "\x00",
    "é",
    "null",
    "0000-00-00",
    "2026-02-30",
    "9" * 20,
    "- ",
    "on: ",
    '"\\x00"',
    "{on: 2026-02-02}",
]
PIECES = st.sampled_from([*SIGNS, *WORDS]) | st.text(max_size=6)


@settings(max_examples=120)
@given(st.integers(0, 2**32), st.lists(PIECES, min_size=1, max_size=4), st.booleans())
def test_tt1_any_change_of_a_file_reads_or_is_refused_with_its_line(seed: int, pieces: list[str], small: bool) -> None:
    chosen = random.Random(seed)
    lines = (SMALL if small else content("wtpf-21").decode()).split("\n")
    for piece in pieces:
        place = chosen.randrange(len(lines))
        way = chosen.randrange(5)
        if way == 0:
            del lines[place]
        elif way == 1:
            lines.insert(place, lines[chosen.randrange(len(lines))])
        elif way == 2:
            at = chosen.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:at] + piece + lines[place][at:]
        elif way == 3:
            at = chosen.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:at] + piece + lines[place][at + 1 + chosen.randrange(5) :]
        else:
            lines[place] = lines[place].partition(":")[0] + ": " + piece
        lines = lines or [""]
    changed = "\n".join(lines).encode("utf-8", "surrogatepass")
    for fault in faults_of(changed):
        assert 1 <= fault.line <= changed.count(b"\n") + 2
        assert fault.message


def faults_of(changed: bytes) -> tuple[Fault, ...]:
    """What is wrong with a file; nothing where it reads."""
    try:
        found = read_process_file(changed, "x.yaml")
    except ProcessFileRefused as refused:
        return refused.faults
    assert all(change.authority and change.source for change in found.changes)
    return ()


@given(st.binary(max_size=200))
@settings(max_examples=80)
def test_tt1_any_bytes_read_or_are_refused_with_a_line(given_content: bytes) -> None:
    with pytest.raises(ProcessFileRefused) as refused:
        read_process_file(given_content, "x.yaml")
    assert all(one.line >= 1 for one in refused.value.faults)
