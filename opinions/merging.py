"""What becomes of the amendments for which an agreed compromise stands, and how they come back (opinions/SPEC.md, CT3).

Carrying the merging itself out is `opinions.rulings`: each has a ruling of its own, `merged`, and names the compromise.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from opinions.acting import called
from opinions.edits import Edit, PutAmendment, PutOnTable, applied
from opinions.effects import TAKEN_IN, bring_back
from opinions.errors import WrongStatus
from opinions.model import AmendmentId
from opinions.moves import spoken
from opinions.on_table import Alternatives
from opinions.record import Amendment, Decision, Document, Status
from opinions.statuses import Choice

_UNDECIDED = frozenset({Choice.OPEN, Choice.KEPT})


def left_as_they_are(document: Document, compromise: Amendment) -> str:
    """What the decision on a compromise tells of those it named that are decided or withdrawn by now; empty: none."""
    others = (document.amendment(name) for name in compromise.replaces)
    gone = [f"{called(one)} ({spoken(one.status)})" for one in others if one is not None and not one.open]
    return f"Left as they are: {', '.join(gone)}." if gone else ""


def sets_merged(before: Document, after: Document) -> tuple[PutOnTable, ...]:
    """The alternatives that a compromise agreed between the two took the place of, all options of each."""
    puts = []
    for compromise in after.record.amendments.values():
        was = before.record.amendments.get(compromise.id)
        if compromise.replaces and compromise.status in TAKEN_IN and was is not None and was.status not in TAKEN_IN:
            for one in _within(after, compromise, _UNDECIDED):
                decision = replace(compromise.decisions[-1], revision=0, words="", digest="", into=compromise.id)
                puts.append(PutOnTable(replace(one, state=Choice.MERGED, decisions=(*one.decisions, decision))))
    return tuple(puts)


def require_one_option(document: Document, agreed: Collection[AmendmentId]) -> None:
    """Raises `WrongStatus` when amendments of two options of one set would be agreed, in one act or one after the other
    (AL6): of options that somebody tied at most one can stand.
    """
    for one in document.record.table.values():
        if not isinstance(one, Alternatives) or one.state not in _UNDECIDED:
            continue
        standing: dict[str, Amendment] = {}
        for option in one.options:
            for name in option.amendments:
                amendment = document.amendment(name)
                if amendment is not None and (name in agreed or amendment.status in TAKEN_IN):
                    standing.setdefault(option.label, amendment)
        if len(standing) > 1 and any(name in agreed for option in one.options for name in option.amendments):
            named = " and ".join(f"{called(each)} (“{label}”)" for label, each in standing.items())
            raise WrongStatus(
                f"{named} are options of “{one.name}”, of which only one can stand. Pick one, or untie them first."
            )


def require_not_merged(document: Document, amendment: Amendment) -> None:
    """Raises `WrongStatus` for one that stands merged into agreed text: it comes back with that one."""
    into = document.amendment(amendment.into or "")
    if amendment.status is Status.MERGED and into is not None and into.status in TAKEN_IN:
        raise WrongStatus(
            f"{called(amendment)} was merged into {called(into)}. Reopen {called(into)}: what it took the place of "
            "comes back with it."
        )


def brought_back(document: Document, compromise: Amendment, decision: Decision) -> tuple[Edit, ...]:
    """The edits that make pending again what was merged into a compromise. In `document` that one is reopened already.

    Raises `WrongStatus` naming what to reopen first where one of them cannot come back.
    """
    merged = [
        one for one in document.record.amendments.values() if one.into == compromise.id and one.status is Status.MERGED
    ]
    if not merged:
        return ()
    edits: list[Edit] = [PutAmendment(replace(one, status=Status.REOPENED, into=None)) for one in merged]
    now = applied(document, edits)
    # What stood inside another one is younger than that, and comes back after it.
    for name in (one.id for one in sorted(merged, key=lambda each: (each.created_at, each.id))):
        amendment = now.record.amendments[name]
        back = bring_back(now, amendment)
        note = " ".join((f"With {called(compromise)}.", *back.effect.notes))
        was = amendment.decisions[-1]
        said = replace(decision, revision=amendment.revision, note=note, words=was.words, digest=was.digest)
        reopened = replace(
            amendment,
            changed_at=decision.at,
            removed=back.effect.removed,
            decisions=(*amendment.decisions, said),
        )
        others = (replace(other, changed_at=decision.at) for other in back.others)
        step: tuple[Edit, ...] = (*back.effect.edits, *(PutAmendment(one) for one in (reopened, *others)))
        now = applied(now, step)
        edits += step
    sets = (replace(one, state=Choice.OPEN) for one in _within(now, compromise, frozenset({Choice.MERGED})))
    return (*edits, *(PutOnTable(one) for one in sets))


def _within(document: Document, compromise: Amendment, states: frozenset[Choice]) -> Iterator[Alternatives]:
    """The alternatives in one of these states all of whose options a compromise replaces."""
    for one in document.record.table.values():
        if isinstance(one, Alternatives) and one.state in states:
            names = {name for option in one.options for name in option.amendments}
            if names <= set(compromise.replaces):
                yield one
