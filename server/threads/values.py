"""Threads as values: remarks, where they stand, who sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.anchoring import Anchor
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode
from opinions.roles import Act, Actor, may


class Audience(StrEnum):
    """Who sees a thread: all members of the group, or the author's delegation alone (then it is a note)."""

    ALL = "all"
    DELEGATION = "delegation"


class UnknownThread(OpinionError):
    """Raised when there is no such thread or remark, or none that this person may know of: the two are not told
    apart.
    """

    code = "unknown-thread"


class ThreadRefused(OpinionError):
    """Raised when a remark cannot be kept as it is. `field` is what mends it; nothing was changed."""

    code = "thread-refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks: the person, and the delegation whose notes he or she sees; None where there is none. Chair,
    secretariat, facilitators and administrators see no delegation's notes.
    """

    member: str
    name: str
    party: str
    notes_of: DelegationCode | None = None

    @classmethod
    def of(cls, actor: Actor) -> "Sight":
        """The sight of an actor in one Opinion."""
        notes_of = actor.delegation if may(actor, Act.NOTE_WRITE) else None
        return cls(actor.member, actor.name, str(actor.delegation or ""), notes_of)


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment, or an answer to one. `member` is empty for what came in a file (`source`); the text of one that was
    taken out is empty.
    """

    id: str
    delegation: str
    member: str
    author: str
    text: str
    source: str
    written_at: datetime | None
    entered_at: datetime
    edited_at: datetime | None
    taken_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark, what answers it in the order written, where it stands, and whether it is resolved: by whom, when."""

    first: Remark
    answers: tuple[Remark, ...]
    audience: Audience
    anchor: Anchor
    cited: str
    amendment: AmendmentId | None
    resolved: bool
    settled_at: datetime | None
    settled_by: str
    settled_for: str

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All that was said in it."""
        return self.first, *self.answers


@dataclass(frozen=True, slots=True)
class Threads:
    """The threads somebody may see, in the order begun; `left_out` older ones beyond the limit."""

    threads: tuple[Thread, ...]
    left_out: int = 0

    @property
    def by_id(self) -> Mapping[str, Thread]:
        """Each by the id of its first remark."""
        return {one.first.id: one for one in self.threads}
