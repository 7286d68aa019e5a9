"""Who somebody is to a request is asked of the visit alone: it knows what a session has not proved yet."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVER = Path(__file__).resolve().parents[2] / "server"
# Without a session there is nothing to withhold: the people store itself, letters, programs, the demonstration.
MAY_ASK = {
    "auth.py",
    "visit.py",
    "people_store.py",
    "post/digest.py",
    # Letters of deadlines: whose right it is, and nothing is given.
    "phasing/reminders.py",
    "demo/build.py",
    "api/comments.py",
    # Whether somebody else can be named facilitator.
    "drafting_groups/groups.py",
    "pages/drafting_groups.py",
}


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls of a file."""
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_nobody_makes_an_actor_beside_the_visit() -> None:
    """`actor_for(visit.member, appointed)` would give a role back that the session lacks a passkey for."""
    for path in SERVER.rglob("*.py"):
        name = path.relative_to(SERVER).as_posix()
        if name not in MAY_ASK:
            assert not [one.lineno for one in calls(path) if called(one) in {"actor_for", "Actor"}], name


def test_no_page_looks_its_own_visitor_up_anew() -> None:
    """The person of the database has every role; the one of the visit those that this session has."""
    allowed = {("pages/passkeys.py", "require_member")}  # A passkey's owner is called by the own name.
    for path in SERVER.rglob("*.py"):
        name = path.relative_to(SERVER).as_posix()
        for one in calls(path):
            if called(one) in {"find_member", "require_member"} and (name, called(one)) not in allowed:
                given = {ast.unparse(argument) for argument in one.args}
                assert not given & {"visit.member.id", "visitor.id", "visit.actor.member"}, f"{name}:{one.lineno}"
