"""Marks as they stand in a shared document, and what the gate asks of them, remembered per set of marks.

A document holds few different sets of marks and the gate looks at them at every keystroke, so each set is read once
and kept.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from opinions.model import NO_MARKS, AmendmentId, Mark, MarkKind, Marks

_KEPT = 20_000
"""Sets of marks remembered; beyond, all are forgotten at once, so that nobody fills memory by minting ids."""

_by_keys: dict[tuple[str, ...], Marks] = {}
_facts: dict[Marks, "Facts"] = {}


class Facts(NamedTuple):
    """What a set of marks says. `ids` are all amendment ids in it, `proposals` those of its deletion and bracket
    marks.
    """

    insertion: AmendmentId | None
    insertions: tuple[AmendmentId, ...]
    proposals: tuple[Mark, ...]
    ids: frozenset[AmendmentId]


def known_marks(formatting: Mapping[str, object] | None) -> Marks | None:
    """The marks of a piece of shared text when they were read before; else None."""
    return _by_keys.get(tuple(formatting)) if formatting else NO_MARKS


def marks_of(formatting: Mapping[str, object] | None) -> Marks:
    """The marks of a piece of shared text; `ValueError` when a key names no mark (D4)."""
    if not formatting:
        return NO_MARKS
    keys = tuple(formatting)
    known = _by_keys.get(keys)
    if known is None:
        if len(_by_keys) >= _KEPT:
            _by_keys.clear()
        marks = frozenset(Mark.from_key(key) for key in keys)
        known = _by_keys[keys] = _by_keys.setdefault(tuple(sorted(keys)), marks)
    return known


def facts(marks: Marks) -> Facts:
    """What a set of marks says."""
    known = _facts.get(marks)
    if known is None:
        if len(_facts) >= _KEPT:
            _facts.clear()
        known = _facts[marks] = _read(marks)
    return known


def _read(marks: Iterable[Mark]) -> Facts:
    ordered = sorted(marks)
    insertions = tuple(AmendmentId(mark.id) for mark in ordered if mark.kind is MarkKind.INSERTION)
    return Facts(
        insertions[0] if insertions else None,
        insertions,
        tuple(mark for mark in ordered if mark.kind in (MarkKind.DELETION, MarkKind.BRACKET)),
        frozenset(AmendmentId(mark.id) for mark in ordered if mark.kind not in (MarkKind.EM, MarkKind.NOTEREF)),
    )
