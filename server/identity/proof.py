"""What a session may do before its person has proved with a passkey who he or she is, and for how long a proof holds.

Two questions, both answered from the session alone. A role that the process gives a passkey (`passkey_roles`) is
withheld from a session that never brought one: its person reads on as an observer does. And a grave act of anybody who
has a passkey needs a proof of the last minutes, whoever sits at the browser by now.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from opinions.closing_commands import RecordAdoption
from opinions.commands import CloseOpinion, Freeze
from opinions.process_rules import ProcessRules
from opinions.roles import Act, Role
from server.errors import ServerError
from server.people_store import Appointments, Member, all_appointments, require_member
from server.session_store import Session

PROOF_LIFETIME = timedelta(minutes=10)
"""How long a proof holds for grave acts: as long as a chair takes to look through the freeze dialog, not a coffee
break.
"""
GRAVE = frozenset(
    {Act.PEOPLE_MANAGE, Act.PROCESS_SETTINGS, Act.PROGRAMS_MANAGE, Act.PROCESS_IMPORT, Act.VOLUME_PUBLISH}
)
"""Acts whose changes hand out rights, or take the record elsewhere's word for its own."""
GRAVE_COMMANDS = frozenset({Freeze.act, CloseOpinion.act, RecordAdoption.act})
"""Commands that cannot be undone: a version is made for good, an Opinion is closed and a text adopted for good."""
MAX_PATH = 1_000
CODE = "proof-needed"
"""What scripts are told."""
MESSAGE = "Confirm with your passkey that it is you, then do it again. Nothing was done yet."

WITHHELD_CODE = "passkey-needed"
WITHHELD = "Your role needs a passkey, and this sign-in has not brought one yet. Confirm first that it is you."


class ProofNeeded(ServerError):
    """Raised when a grave act waits for its person's passkey; what was posted is kept on the page that asks for it."""


class RoleWithheld(ServerError):
    """Raised when the person's role needs a passkey that this session has not brought yet."""


def is_due(session: Session, now: datetime) -> bool:
    """Whether a grave act of this session needs a proof first. Nobody without a passkey is asked for one."""
    if not session.has_passkey:
        return False
    return session.proved_at is None or now - session.proved_at >= PROOF_LIFETIME


def withheld(rules: ProcessRules, roles: Collection[Role], session: Session) -> frozenset[Role]:
    """Those of a person's roles that this session does not have, for it has not brought a passkey."""
    return rules.passkey_roles.intersection(roles) if session.proved_at is None else frozenset()


def landing(connection: Connection, rules: ProcessRules, member: Member, now: datetime) -> str:
    """Where somebody is led who has just signed in without a passkey."""
    needed = rules.passkey_roles and rules.passkey_roles & roles_of(connection, member.id, now)
    return "/confirm" if needed else "/"


def roles_of(connection: Connection, member: str, now: datetime) -> frozenset[Role]:
    """All that a person is: in the process, and in any Opinion."""
    parts = all_appointments(connection, now).values()
    return frozenset(
        {require_member(connection, member).role, *(appointed[member] for appointed in parts if member in appointed)}
    )


def own_path(text: str) -> str:
    """The address of one of our own pages that somebody is to be led back to; the first page for anything else."""
    fits = text.startswith("/") and not text.startswith("//") and len(text) <= MAX_PATH
    return text if fits and text.isascii() and text.isprintable() and "\\" not in text else "/"


def as_seen(member: Member, missing: frozenset[Role]) -> Member:
    """The person as a session sees him or her that lacks these roles: an observer if the own one is among them."""
    return replace(member, role=Role.OBSERVER, delegation=None) if member.role in missing else member


def parts_seen(appointed: Appointments | None, member_id: str, missing: frozenset[Role]) -> Appointments | None:
    """The parts of an Opinion with the person's own withheld: who is in the chair there is no expert instead."""
    if appointed is None or appointed.get(member_id) not in missing:
        return appointed
    return {**appointed, member_id: Role.OBSERVER}
