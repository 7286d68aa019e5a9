"""A letter to every focal point: of a freeze, of a published volume, of a revision of the report that is put out."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from opinions.roles import Role
from server.people_store import Member, all_members
from server.post.letters import MAX_SUBJECT, Letter, LetterKind, LetterRefused, post


def post_to_focal_points(
    connection: Connection, kind: LetterKind, subject: str, body: Callable[[Member], str], at: datetime
) -> list[str]:
    """Have it sent to each that has an address and is not suspended: the ids of the jobs, to begin after the commit. An
    address that no letter can go to keeps the letter from nobody else.
    """
    jobs = []
    for member in all_members(connection):
        if member.role is Role.FOCAL_POINT and member.email and not member.suspended:
            with suppress(LetterRefused):
                letter = Letter(kind, member.email, subject[:MAX_SUBJECT], body(member), member.id)
                jobs.append(post(connection, letter, at))
    return jobs
