"""A process file, written by hand from documents, as values: its plan, and the history of its timetable.

What a file holds is described in `server/processes/SCHEMA.md`. It reads, or it is refused with every mistake's line,
field and remedy (`ProcessFileRefused`); no other error comes of any content.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date

from opinions import process_rules
from opinions.errors import InvalidCommand
from opinions.phases import MAX_PHASES, After, Edge, Phase
from opinions.process_plan import DraftedText, Invitation, Line, Plan, Source
from opinions.roles import Act, DelegationKind
from opinions.timetable import (
    MAX_CHANGES,
    MAX_MILESTONES,
    MAX_NAME,
    MAX_REASON,
    Change,
    Milestone,
    MilestoneKind,
    Standing,
    When,
    standing,
)
from server.timetable.fields import Faults, Section, TooManyFaults, near, plain
from server.timetable.yaml_tree import ProcessFileRefused, tree_of

FORMAT = "unbracket-process-1"
MAX_AUTHORITY = 200
"""Characters of an authority: several documents, each with its number as spelt."""
MAX_SOURCES = 40
MAX_LINES = 100
"""Lines of an agenda or of a drafted text; that of WTDC-21 has 21."""
MAX_CHANGES_OF_ONE = 60
"""Changes of one milestone in a file."""


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """What a file says. `changes` are in the order of their days, those of one milestone in the order written."""

    plan: Plan
    changes: tuple[Change, ...]
    lines: tuple[int, ...] = ()
    """Of each change, the line where it begins."""

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """Where the milestones stand with all that the file says."""
        return tuple(standing(self.changes).values())


def read_process_file(content: bytes, file: str) -> ProcessFile:
    """The process of a file; `file` is what messages call it. Raises `ProcessFileRefused`."""
    tree = tree_of(content, file)
    faults = Faults()
    try:
        found = _process(Section(tree, "", faults))
    except TooManyFaults:
        found = None
    if faults.found or found is None:
        raise ProcessFileRefused(file, tuple(sorted(faults.found, key=lambda one: one.line)))
    return found


def _process(top: Section) -> ProcessFile:
    if top.node.fields is None:
        return ProcessFile(Plan(), ())
    given = top.text("format", 40, required=True, hint=f"Write {FORMAT}.")
    if given and given != FORMAT:
        top.tell("format", f"{given!r} is not read here. Write {FORMAT}.")
    label = top.text("process", 40, required=True, hint="Write what the event is called, such as WTPF-26.")
    name = top.text("name", 300, required=True)
    zone = top.zone("zone", required=True)
    sources = tuple(_source(one) for one in top.sections("sources", MAX_SOURCES))
    _once(top, "sources")
    cited = frozenset(one.id for one in sources)
    changes, lines = _milestones(top, zone, cited)
    known = standing(changes)
    ids = known.keys() | _ids_of(top)
    plan = Plan(
        label,
        name,
        zone,
        top.text("drafts", 40) or "Opinion",
        sources,
        _phases(top, known, ids, cited),
        _rules(top, ids),
        tuple(_line(one, cited) for one in top.sections("agenda", MAX_LINES)),
        tuple(_line(one, cited) for one in top.sections("themes", MAX_LINES)),
        tuple(_text(one, cited) for one in top.sections("texts", MAX_LINES)),
        tuple(_invitation(one, cited) for one in top.sections("invited", MAX_LINES)),
    )
    _once(top, "texts")
    top.done()
    return ProcessFile(plan, changes, lines)


def _once(top: Section, name: str) -> None:
    """Tell every id that stands a second time, at its own line."""
    nodes = top.node.fields.get(name) if top.node.fields else None
    seen: set[str] = set()
    for one in (nodes.items or []) if nodes else []:
        node = (one.fields or {}).get("id")
        words = node.words if node else None
        if node is not None and words in seen:
            top.faults.tell(node.line, f"{name}, id", f"{words!r} stands in this list already. Choose another id.")
        if words:
            seen.add(words)


def _ids_of(top: Section) -> frozenset[str]:
    """The ids of all milestones that stand in the file: one with a mistake in it is there, and is told once."""
    nodes = (top.node.fields or {}).get("milestones")
    found = [(one.fields or {}).get("id") for one in (nodes.items or [])] if nodes else []
    return frozenset(one.words for one in found if one and one.words)


def _cited(one: Section, cited: frozenset[str]) -> str:
    """`S1, Annex 2`: its first word is a source of the file."""
    found = one.text("source", 200, required=True, hint="Write where it is read, such as S1, Annex 2.")
    if found and found.split()[0].rstrip(",;:") not in cited:
        known = ", ".join(sorted(cited)) or "none is there"
        one.tell("source", f"{found!r} begins with no source of this file. Begin with one of its `sources` ({known}).")
    return found


def _source(one: Section) -> Source:
    found = Source(
        one.text("id", 16, required=True, hint="Write a short name such as S1."),
        one.text("title", 300, required=True),
        one.text("number", 64),
        one.day("dated"),
    )
    one.done()
    return found


def _line(one: Section, cited: frozenset[str]) -> Line:
    found = Line(one.text("label", 20), one.text("words", 1_000, required=True), _cited(one, cited))
    one.done()
    return found


def _text(one: Section, cited: frozenset[str]) -> DraftedText:
    lines = one.items("lines", MAX_LINES)
    for node in lines:
        if not (node.words or "").strip():
            one.faults.tell(node.line, f"{one.path}, lines", "Here stands no line of a text. Write words.")
    found = DraftedText(
        one.id(),
        one.text("number", 16),
        one.text("title", 300, required=True),
        _cited(one, cited),
        tuple(" ".join((node.words or "").split()) for node in lines),
    )
    one.done()
    return found


def _invitation(one: Section, cited: frozenset[str]) -> Invitation:
    found = Invitation(
        one.text("to", 300, required=True),
        one.choices("kinds", DelegationKind),
        one.text("words", 500),
        one.text("authority", MAX_AUTHORITY, required=True),
        _cited(one, cited),
    )
    one.done()
    return found


def _rules(top: Section, ids: Set[str]) -> dict[str, object]:
    """The rules as `opinions.process_rules` reads them, each told at its own line."""
    rules = top.section("rules")
    found: dict[str, object] = {}
    if rules is None:
        return found
    for name, node in (rules.node.fields or {}).items():
        rules.node_of(name)
        value = plain(node)
        try:
            following = process_rules.from_json({name: value}).windows
        except (InvalidCommand, TypeError) as error:
            rules.tell(name, str(error))
            continue
        if not set(following.values()) <= ids:
            rules.tell(name, f"There is no milestone {value!r} in this file. Write {near(str(value), sorted(ids))}.")
            continue
        found[name] = value
    return found


# --- milestones


def _milestones(top: Section, zone: str, cited: frozenset[str]) -> tuple[tuple[Change, ...], tuple[int, ...]]:
    """The changes of all milestones in the order of their days, and the line of each."""
    if not top.has("milestones"):
        top.tell("milestones", "A process has milestones. Add the list.")
    _once(top, "milestones")
    found: list[tuple[Change, int]] = []
    for one in top.sections("milestones", MAX_MILESTONES):
        found.extend(_milestone(one, zone, cited))
    if len(found) > MAX_CHANGES:
        top.tell("milestones", f"Their histories have {len(found)} lines; {MAX_CHANGES} is the most.")
    found.sort(key=lambda each: each[0].decided_on)
    return tuple(change for change, _ in found), tuple(line for _, line in found)


def _milestone(one: Section, zone: str, cited: frozenset[str]) -> list[tuple[Change, int]]:
    key = one.id()
    kind = one.choice("kind", MilestoneKind)
    name = one.text("name", MAX_NAME, required=True)
    fields: dict[str, object] = {"kind": kind, "name": name, "zone": zone, **_told(one), **_dates(one, "planned")}
    if not one.has("planned"):
        one.tell("planned", "This is missing. Write when it was first planned, as `planned: {on: 2026-06-09}`.")
    decided = _decided(one, cited)
    later = [(section, _change(section, key, cited)) for section in one.sections("changes", MAX_CHANGES_OF_ONE)]
    one.done()
    if not key or kind is None or decided is None or "when" not in fields:
        return []
    changes = [(replace(decided, milestone=key, fields=fields), one.node.line)]
    for section, change in later:
        if change is None:
            continue
        last = changes[-1][0].decided_on
        if change.decided_on < last:
            section.tell(
                "decided_by" if change.at_latest else "decided_on",
                f"This was decided before what stands above it ({last}). Write them in their order.",
            )
        else:
            changes.append((change, section.node.line))
    return changes


def _change(one: Section, key: str, cited: frozenset[str]) -> Change | None:
    fields: dict[str, object] = {**_told(one), **_dates(one, "when"), **_dates(one, "held")}
    cancelled = one.truth("cancelled")
    if one.has("cancelled"):
        fields["standing"] = Standing.CANCELLED if cancelled else Standing.PLANNED
    name = one.text("name", MAX_NAME)
    if name:
        fields["name"] = name
    reason = one.text("reason", MAX_REASON, required=True, hint="Write in a sentence why, or what was seen.")
    decided = _decided(one, cited)
    one.done()
    if "when" in fields and "held" in fields:
        one.tell("held", "Write what was decided and what was held as two changes, each with its day.")
    if not fields:
        one.faults.tell(
            one.node.line, one.path, "This changes nothing. Write `when`, `held`, `place` or another field."
        )
    if decided is None:
        return None
    held = fields.get("held")
    if isinstance(held, When) and held.last > decided.decided_on:
        one.tell(
            "held", f"It cannot be on record on {decided.decided_on} what was held until {held.last}. Mend one day."
        )
    return replace(decided, milestone=key, fields=fields, reason=reason)


def _told(one: Section) -> dict[str, object]:
    """What a milestone and a change may both say."""
    fields: dict[str, object] = {}
    for name, most in (("place", MAX_NAME), ("volume", MAX_NAME), ("note", MAX_REASON)):
        words = one.text(name, most)
        if words:
            fields[name] = words
    zone = one.zone("zone")
    if zone:
        fields["zone"] = zone
    for name in ("virtual", "informal", "unplanned"):
        if one.has(name):
            fields[name] = one.truth(name)
        else:
            one.node_of(name)
    return fields


def _dates(one: Section, name: str) -> dict[str, object]:
    """`planned` and `when` set the dates, `held` what was: then it is held. A split sets its parts, else there are
    none.
    """
    found = one.days(name)
    if found is None:
        return {}
    whole, parts = found
    if name != "held":
        return {"when": whole, "sittings": parts}
    if not whole.exact:
        one.tell(name, "What was held has days. Take out `words`, or leave it as planned.")
    return {"held": whole, "sittings": parts, "standing": Standing.HELD}


def _decided(one: Section, cited: frozenset[str]) -> Change | None:
    """Day, authority and source, of a milestone or a change."""
    on, by = one.day("decided_on"), one.day("decided_by")
    authority = one.text(
        "authority", MAX_AUTHORITY, required=True, hint="Write the document's number as it is spelt, such as CL-26/9."
    )
    source = _cited(one, cited)
    if one.has("decided_on") == one.has("decided_by"):
        one.tell(
            "decided_on",
            "Write `decided_on: 2024-07-09`, or, where that day is not on record, `decided_by` with the last day by "
            "which it had been decided.",
        )
        return None
    day: date | None = on or by
    return (
        None if day is None else Change("", day, authority=authority, source=source, at_latest=on is None, filed=True)
    )


# --- phases


def _phases(top: Section, known: Mapping[str, Milestone], ids: Set[str], cited: frozenset[str]) -> tuple[Phase, ...]:
    _once(top, "phases")
    return tuple(_phase(one, known, ids, cited) for one in top.sections("phases", MAX_PHASES))


def _phase(one: Section, known: Mapping[str, Milestone], ids: Set[str], cited: frozenset[str]) -> Phase:
    opens, closes = _edge(one, "opens", ids), _edge(one, "closes", ids)
    found = Phase(
        one.id(),
        one.text("name", MAX_NAME, required=True),
        one.choices("rights", Act),
        opens,
        closes,
        one.choice("after", After, After.CLOSED) or After.CLOSED,
        _cited(one, cited),
    )
    one.done()
    if opens and closes and opens.milestone in known and closes.milestone in known:
        begins, ends = _day(known[opens.milestone].when, opens), _day(known[closes.milestone].when, closes)
        if begins > ends or (begins == ends and opens.end and not closes.end):
            one.tell("closes", f"This phase would close ({ends}) before it opens ({begins}). Exchange the milestones.")
    return found


def _edge(one: Section, name: str, ids: Set[str]) -> Edge | None:
    inner = one.section(name)
    if inner is None:
        return None
    key = inner.text("milestone", 64, required=True, hint="Write the id of a milestone.")
    at = inner.text("at", 10) or "begin"
    inner.done()
    if at not in ("begin", "end"):
        inner.tell("at", f"{at!r} is neither. Write begin or end.")
    if key and key not in ids:
        inner.tell("milestone", f"There is no milestone {key!r} in this file. Write {near(key, sorted(ids))}.")
    return Edge(key, at == "end")


def _day(when: When, edge: Edge) -> date:
    return when.last if edge.end else when.first
