"""Whether the chair saw the text that is frozen: what commands changed since the entry that the screen showed
(crdt/SPEC.md, V9).

Typing is not counted. It comes many times a second while drafting is live, the screen says who still types, and a
freeze that every keystroke put off would never be made; commands come at the pace of people.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crdt.errors import CommandRefused
from crdt.log import Entry

KEPT = 64
"""Changes that are remembered: a screen is some seconds behind, and nobody decides more in those."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """A command that changed the text, or how a paragraph of it stands."""

    seq: int
    member: str
    who: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What changed the text after entry `since`: all of it is in `changes`, of what was before nothing is known."""

    since: int
    changes: tuple[TextChange, ...] = ()

    def and_then(self, entry: Entry) -> "Seen":
        """With one change more."""
        who = f"{entry.name} ({entry.party})" if entry.name and entry.party else entry.name or entry.party
        changes = (*self.changes, TextChange(entry.seq, entry.member, who or "the secretariat"))
        if len(changes) <= KEPT:
            return replace(self, changes=changes)
        return Seen(changes[-KEPT - 1].seq, changes[-KEPT:])

    def require(self, seen_seq: int, member: str, commands: Iterable[int]) -> None:
        """Raises `CommandRefused` where somebody else's command changed the text after `seen_seq` (0: not said).
        `commands` are the entries of all commands, by which it is told what was before `since`.
        """
        if not seen_seq:
            return
        later = [one.who for one in self.changes if one.seq > seen_seq and one.member != member]
        if later:
            names = ", ".join(dict.fromkeys(later))
            times = "once" if len(later) == 1 else f"{len(later)} times"
            raise CommandRefused(
                "revision-changed",
                f"Since the text on your screen it was changed {times}, by {names}. Nothing is frozen yet: look at the "
                "text, then freeze it.",
            )
        if seen_seq < self.since and any(seen_seq < seq <= self.since for seq in commands):
            raise CommandRefused(
                "revision-changed", "The text is newer than that on your screen. Look at it, then freeze it."
            )
