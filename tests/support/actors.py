"""Who acts in a test: people in their roles, and the context of a command."""

from collections.abc import Callable
from itertools import count

from opinions.acting import Context
from opinions.model import DelegationCode
from opinions.record import CHAIR, SECRETARIAT
from opinions.roles import Actor, Role, Stage
from tests.support.builders import at

THE_CHAIR = Actor("m-chair", "R. Chair", Role.CHAIR)
THE_SECRETARIAT = Actor("m-sec", "S. Clerk", Role.SECRETARIAT)
AN_OBSERVER = Actor("m-obs", "O. Watcher", Role.OBSERVER)


def expert(delegation: str = "XAA") -> Actor:
    """An expert of a delegation."""
    return Actor(f"m-{delegation.lower()}", f"E. {delegation}", Role.EXPERT, DelegationCode(delegation))


def context(actor: Actor, *, party: str = "", minutes: float = 90, stage: Stage | None = None) -> Context:
    """A command's context. Without `party` everybody acts for his or her own: delegation, chair or secretariat."""
    own = actor.delegation or (CHAIR if actor.role is Role.CHAIR else SECRETARIAT)
    return Context(actor, DelegationCode(party) if party else own, at(minutes), fresh_ids(), stage or Stage())


def fresh_ids() -> Callable[[str], str]:
    """Ids in a row: `a-fresh-1`, `a-fresh-2`."""
    numbers = count(1)
    return lambda prefix: f"{prefix}-fresh-{next(numbers)}"
