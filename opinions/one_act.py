"""What may be ruled on in one act (opinions/SPEC.md, D9): what belongs together, and of two wordings of the same words
one.

Many amendments at once are decided only where no sense changes; whatever else is ruled on in an act is asked about with
the one that it competes with, is tied to, or follows from.
"""

from collections.abc import Collection, Iterable, Sequence

from opinions.acting import called
from opinions.errors import InvalidCommand
from opinions.model import AmendmentId, MarkKind
from opinions.packages import AMENDMENT, PARAGRAPH, open_packages
from opinions.record import Alternatives, Amendment, Document, Ruling
from opinions.table_commands import RulingOn
from opinions.words import proposals, standing

_TAKING_IN = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM})


def require_one_act(document: Document, rulings: Sequence[RulingOn], others: Sequence[RulingOn]) -> None:
    """Raises `InvalidCommand` where the rulings of an outcome, `others` among them, are not for one act: what another
    outcome is about, or two wordings of the same words agreed.
    """
    if len(rulings) < 2:
        return
    _require_belonging(document, [one.amendment for one in rulings if one not in others], others)
    _require_one_wording(document, [one.amendment for one in rulings if one.ruling in _TAKING_IN])


def _require_belonging(document: Document, first: Iterable[AmendmentId], others: Sequence[RulingOn]) -> None:
    """Raises `InvalidCommand` naming what has nothing to do with the amendments ruled on `first`: no paragraph, no
    alternatives, compromise or package in common with them or with one that has. What is editorial, or merged into
    another, says so itself.
    """
    found = [(one, document.amendment(one.amendment)) for one in others]
    waiting = [
        amendment
        for one, amendment in found
        if amendment is not None and not amendment.editorial and one.ruling is not Ruling.MERGED
    ]
    if not waiting:
        return
    stands = standing(document.text)
    tied = _ties(document)

    def keys(amendment: Amendment) -> set[str]:
        places = {f"{PARAGRAPH}{place}" for place in (*stands.get(amendment.id, ()), amendment.paragraph)}
        own = f"{AMENDMENT}{amendment.id}"
        named = {own, *places, *(f"{AMENDMENT}{name}" for name in amendment.replaces)}
        return named | {f"tie:{number}" for number, names in enumerate(tied) if names & named}

    reached = {key for name in first if (one := document.amendment(name)) is not None for key in keys(one)}
    while near := [one for one in waiting if keys(one) & reached]:
        reached.update(key for one in near for key in keys(one))
        waiting = [one for one in waiting if one not in near]
    if waiting:
        raise InvalidCommand(
            f"Nothing ties {', '.join(called(one) for one in waiting)} to what this outcome is about: only editorial "
            "amendments are decided many at once. Record each outcome by itself."
        )


def _require_one_wording(document: Document, agreed: Collection[AmendmentId]) -> None:
    """Raises `InvalidCommand` where two wordings would come side by side in the place of the same words: “shall should”
    is nobody's proposal. Who ties them as one option (AL2) says that they stand together.
    """
    for paragraph in document.text:
        if len(proposals(paragraph) & set(agreed)) < 2:
            continue
        inserting = {run.insertion for run in paragraph.runs} & set(agreed)
        for run in paragraph.runs:
            both = [name for name in agreed if name in inserting and name in run.ids(MarkKind.DELETION)]
            if run.insertion is None and len(both) > 1:
                named = " and ".join(called(document.record.amendments[name]) for name in both)
                raise InvalidCommand(
                    f"{named} word “{run.text.strip()[:60]}” anew: agreed in one act, both wordings would stand "
                    "side by side. Agree to one; the other can wait, or be ruled on after it."
                )


def _ties(document: Document) -> list[set[str]]:
    """The keys of what each package, set of alternatives and open compromise text ties together."""
    groups: dict[str, set[str]] = {}
    compromises: list[set[str]] = []
    for one in document.record.amendments.values():
        if one.open and one.replaces:
            compromises.append({f"{AMENDMENT}{name}" for name in (one.id, *one.replaces)})
        if one.group:
            groups.setdefault(one.group, set()).add(f"{AMENDMENT}{one.id}")
    sets = [
        {f"{AMENDMENT}{name}" for option in one.options for name in option.amendments}
        for one in document.record.table.values()
        if isinstance(one, Alternatives)
    ]
    return [*groups.values(), *compromises, *sets, *(set(package.subjects) for package in open_packages(document))]
