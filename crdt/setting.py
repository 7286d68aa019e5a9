"""What a room is told of the world, and whose words a person may write there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crdt.versions import UNSEALED, Seal, Sign
from opinions.drafting_groups import GroupSeat, is_group
from opinions.model import DelegationCode
from opinions.phases import Span
from opinions.record import CHAIR, SECRETARIAT
from opinions.roles import Act, Actor, Stage, may


@dataclass(frozen=True, slots=True)
class Setting:
    """What a room is told of the world: the Opinion's id, the parties and which of them give views only, how to make
    ids and signatures (`seal` names key and build), past versions. `objecting` may object formally (None: all),
    `groups` may speak, each for its members; `spans` are the phases of the process by the clock.
    """

    opinion: str
    delegations: frozenset[DelegationCode]
    new_id: Callable[[str], str]
    sign: Sign
    versions: int = 0
    previous: str = ""
    origin: str = ""
    views: frozenset[DelegationCode] = frozenset()
    objecting: frozenset[DelegationCode] | None = None
    groups: Mapping[str, frozenset[DelegationCode]] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    seal: Seal = UNSEALED

    @property
    def proposing(self) -> frozenset[DelegationCode]:
        """The delegations whose amendments may stand in the text."""
        return self.delegations - self.views

    def parties(self, actor: Actor, workspace: DelegationCode | None = None) -> list[str]:
        """For whom a person may write: in the opinion and in the delegation's own drafts, or in a group's workspace."""
        if workspace is not None and is_group(workspace):
            seat = actor.seat_in(workspace)
            return [seat.party] if seat and (seat.party == CHAIR or seat.party in self.proposing) else []
        if may(actor, Act.TYPE_ON_BEHALF):
            return [SECRETARIAT, *sorted(self.proposing)]
        own = actor.delegation
        return [own] if own and own not in self.views else []


def drafting_in(actor: Actor, seat: GroupSeat | None, stage: Stage) -> DelegationCode | None:
    """The workspace that a person may write in now: the group's, or else his or her delegation's; None for none."""
    if seat is not None:
        return seat.code if may(actor, Act.GROUP_DRAFT, stage) else None
    return actor.delegation if may(actor, Act.WORKSPACE_WRITE, stage) else None


def writing_act(workspace: DelegationCode | None) -> Act:
    """The act of the permission table that typing there is."""
    if workspace is None:
        return Act.LIVE_WRITE
    return Act.GROUP_DRAFT if is_group(workspace) else Act.WORKSPACE_WRITE
