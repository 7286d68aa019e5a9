"""What a process file says beside milestones: sources, phases, rules, agenda, themes, texts drafted, who is invited.

Values, and their JSON. The file itself, written by hand, is read by `server.timetable.reading`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from opinions.phases import After, Edge, Phase
from opinions.roles import Act, DelegationKind


@dataclass(frozen=True, slots=True)
class Source:
    """A document that the file cites: `S1`, what it is, its number as spelt and its day, where it has one."""

    id: str
    title: str
    number: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an agenda, a theme: as its source has it, `label` being its number."""

    label: str
    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class DraftedText:
    """A text that the process drafts. `id` never changes, whatever becomes of number and title; `lines` are the words
    where the sources have them.
    """

    id: str
    number: str
    title: str
    source: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who was invited to what, by which document: it differs from phase to phase (S1 to the experts' group, S0 to the
    forum)."""

    to: str
    kinds: frozenset[DelegationKind]
    words: str = ""
    authority: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A process as its file has it, milestones aside. `label` is the event's own ("WTDC-21", held in 2022) and not a
    year; `text_called` is what the process drafts ("Opinion", "Agenda"); `rules` are fields of `process_rules`.
    """

    label: str = ""
    name: str = ""
    zone: str = "Europe/Zurich"
    text_called: str = "Opinion"
    sources: tuple[Source, ...] = ()
    phases: tuple[Phase, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    agenda: tuple[Line, ...] = ()
    themes: tuple[Line, ...] = ()
    texts: tuple[DraftedText, ...] = ()
    invited: tuple[Invitation, ...] = ()


def to_json(plan: Plan) -> dict[str, Any]:
    """The JSON object of a plan."""
    return {
        "label": plan.label,
        "name": plan.name,
        "zone": plan.zone,
        "text_called": plan.text_called,
        "sources": [
            {
                "id": one.id,
                "title": one.title,
                "number": one.number,
                "dated": one.dated.isoformat() if one.dated else None,
            }
            for one in plan.sources
        ],
        "phases": [_phase_to_json(one) for one in plan.phases],
        "rules": dict(plan.rules),
        "agenda": [_line_to_json(one) for one in plan.agenda],
        "themes": [_line_to_json(one) for one in plan.themes],
        "texts": [
            {
                "id": one.id,
                "number": one.number,
                "title": one.title,
                "source": one.source,
                "lines": list(one.lines),
            }
            for one in plan.texts
        ],
        "invited": [
            {
                "to": one.to,
                "kinds": sorted(one.kinds),
                "words": one.words,
                "authority": one.authority,
                "source": one.source,
            }
            for one in plan.invited
        ],
    }


def from_json(value: Mapping[str, Any]) -> Plan:
    """The plan that `to_json` wrote."""
    return Plan(
        value["label"],
        value["name"],
        value["zone"],
        value["text_called"],
        tuple(
            Source(one["id"], one["title"], one["number"], date.fromisoformat(one["dated"]) if one["dated"] else None)
            for one in value["sources"]
        ),
        tuple(_phase_from_json(one) for one in value["phases"]),
        dict(value["rules"]),
        tuple(Line(**one) for one in value["agenda"]),
        tuple(Line(**one) for one in value["themes"]),
        tuple(DraftedText(**one | {"lines": tuple(one["lines"])}) for one in value["texts"]),
        tuple(
            Invitation(**one | {"kinds": frozenset(DelegationKind(kind) for kind in one["kinds"])})
            for one in value["invited"]
        ),
    )


def _line_to_json(one: Line) -> dict[str, Any]:
    return {"label": one.label, "words": one.words, "source": one.source}


def _phase_to_json(one: Phase) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "rights": sorted(one.rights),
        "opens": one.opens and {"milestone": one.opens.milestone, "end": one.opens.end},
        "closes": one.closes and {"milestone": one.closes.milestone, "end": one.closes.end},
        "after": str(one.after),
        "source": one.source,
    }


def _phase_from_json(one: Mapping[str, Any]) -> Phase:
    return Phase(
        one["id"],
        one["name"],
        frozenset(Act(right) for right in one["rights"]),
        one["opens"] and Edge(**one["opens"]),
        one["closes"] and Edge(**one["closes"]),
        After(one["after"]),
        one["source"],
    )
