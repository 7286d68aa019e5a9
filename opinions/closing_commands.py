"""Commands at the end of a draft: the renumbering that comes with a freeze, and what the forum did with a text.

As those of `opinions.commands`, which reads and writes them all (crdt/SPEC.md, C1).
"""

from dataclasses import dataclass
from typing import ClassVar

from opinions.closing import AdoptionOutcome


@dataclass(frozen=True, slots=True)
class MarkRenumbering:
    """The next freeze renumbers (`on`), or does not. From the second renumbering on `note` says why."""

    act: ClassVar[str] = "mark_renumbering"
    on: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Renumber:
    """The renumbering as it stands in the log, right before the freeze with which it comes; nobody sends it alone."""

    act: ClassVar[str] = "renumber"
    note: str = ""


@dataclass(frozen=True, slots=True)
class PutAdoption:
    """The chair asks whether there is any objection to adopting the forum text; `words` as in `RecordAdoption`."""

    act: ClassVar[str] = "put_adoption"
    words: str = ""
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class RecordAdoption:
    """What the chair declares of a forum text; it ends all writing in it. `words` is the fingerprint that the screen
    showed, compared unless empty; `ruled_by` names the chair when the secretariat records it.
    """

    act: ClassVar[str] = "record_adoption"
    outcome: AdoptionOutcome
    words: str = ""
    note: str = ""
    ruled_by: str = ""


ClosingCommand = MarkRenumbering | Renumber | PutAdoption | RecordAdoption
