"""Commands by HTTP: what a script posts as JSON and what a form says go the same way into an Opinion's queue."""

from collections.abc import Mapping
from typing import Any

from crdt.step import Answer
from server.identity import proof
from server.visit import Visit

MAX_KEY = 64


def is_key(key: object) -> bool:
    """Whether this can be the key by which a command is carried out once, however often it is sent."""
    return isinstance(key, str) and 0 < len(key) <= MAX_KEY and key.isprintable()


async def command(visit: Visit, party: str, key: str, fields: Mapping[str, Any]) -> Answer:
    """The answer to a command (its JSON object, crdt/SPEC.md C1) of the visitor, for a party (empty: for nobody).

    A grave one may need a proof first (`ProofNeeded`). Whether the person may is the room's to say; that it refused
    goes into the audit.
    """
    if fields.get("cut"):
        return Answer(0, code="invalid-command", message="The whole volume is frozen on its page, not from here.")
    if fields.get("act") in proof.GRAVE_COMMANDS:
        visit.require_proof()
    answer = await visit.services.hub.command(
        visit.opinion.id, visit.actor, visit.member.version, party, key, dict(fields)
    )
    if answer.code == "not-allowed":
        act = str(fields.get("act", ""))[:40]
        visit.services.refused(visit.standing, f"the command {act}", visit.opinion.id, visit.address)
    return answer
