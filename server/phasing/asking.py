"""What the phases say to one request: whether its act is open now, and whether it is late."""

from datetime import datetime

from sqlalchemy import Connection

from opinions.errors import PhaseShut
from opinions.phases import NAMEABLE, rights
from opinions.roles import Act, Role
from server.phasing.store import spans_of

ENTERED_FOR_OTHERS = frozenset({Act.CONTRIBUTION_SUBMIT, Act.PEOPLE_NOMINATE, Act.PROPOSALS_ENTER})
"""What the secretariat enters of what others sent it: it says itself when that came."""


def deadline_missed(connection: Connection, act: Act, role: Role, now: datetime) -> datetime | None:
    """The deadline that this act has missed, where what comes late is taken and marked; None for what is in time.

    A draft Opinion that is presented after its window is never refused: it is kept, marked, and handed in as a
    contribution (RU2). Raises `PhaseShut` for what no phase has open now.
    """
    if act not in NAMEABLE or (role in {Role.SECRETARIAT, Role.ADMINISTRATOR} and act in ENTERED_FOR_OTHERS):
        return None
    here = rights(spans_of(connection), now)
    shut = here.shut.get(act)
    if shut is None:
        return here.deadline_missed(act)
    if act is Act.OPINION_PRESENT and shut.closed is not None:
        return shut.closed.closes_at
    raise PhaseShut(here.why_shut(act))
