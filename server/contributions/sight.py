"""What of the register a reader may see: the group all of it, observers what the process shows them.

Who gives views sees whole what his or her own delegation handed in, and of the rest what observers see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from opinions.model import DelegationCode
from opinions.roles import FOLLOWERS
from server.contributions.values import Contribution, Item, Status
from server.opinion_store import OpinionRow
from server.people_store import Member
from server.process_store import Process


@dataclass(frozen=True, slots=True)
class Sight:
    """One reader's view of the register. `closed` are the Opinions whose sitting is closed to this reader now."""

    member: str
    delegation: DelegationCode | None
    manages: bool
    proposals: bool
    names: bool
    closed: frozenset[str] = frozenset()

    def is_own(self, one: Contribution) -> bool:
        """Whether the reader's delegation is among its sources, or the reader handed it in."""
        return one.handed_in_by == self.member or self.delegation in one.about.sources

    def shows(self, one: Contribution) -> bool:
        """Whether the reader may know of it: of one without a number only the secretariat and its own delegation."""
        return self.manages or self.is_own(one) or one.status is Status.REGISTERED

    def whole(self, one: Contribution) -> bool:
        """Whether the reader may open its files: they say what is proposed, and by whom."""
        return self.is_own(one) or (self.proposals and self.names)

    def names_of(self, one: Contribution) -> tuple[DelegationCode, ...]:
        """Its sources as this reader may see them; none when they are withheld."""
        return one.about.sources if self.names or self.is_own(one) else ()

    def items(self, one: Contribution, items: Sequence[Item]) -> tuple[Item, ...]:
        """What it proposes and views, as far as this reader may see it."""
        if self.is_own(one):
            return tuple(items)
        return tuple(item for item in items if self.proposals and item.anchor.opinion not in self.closed)


def sight_of(member: Member, process: Process, opinions: Sequence[OpinionRow], *, manages: bool, names: bool) -> Sight:
    """What a member may see; `manages`: whether he or she may register, now; `names`: whether holders are named."""
    follows = member.role in FOLLOWERS
    return Sight(
        member.id,
        member.delegation,
        manages,
        not follows or process.observers_see_submitted,
        names,
        frozenset(one.id for one in opinions if follows and not one.observers_admitted),
    )
