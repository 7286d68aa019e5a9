"""A revision of the report that is put out for comment is told to all focal points by letter."""

from datetime import datetime

from sqlalchemy import Connection

from server.post.focal_points import post_to_focal_points
from server.post.letters import LetterKind
from server.process_store import load_process
from server.settings import Settings, public_address


def announce_put_out(connection: Connection, revision: int, settings: Settings, now: datetime) -> list[str]:
    """Have the letters sent: the ids of the jobs, to begin after the commit. A demonstration writes to nobody."""
    process = load_process(connection)
    if process.demo:
        return []
    told = (
        f"The secretariat has put out revision {revision} of the Secretary-General's report for comment.\n\n"
        f"Read it: {public_address(settings)}/sg-report\n\n"
        "Comments go beside its sections and paragraphs; amendments go to the draft Opinions.\n"
    )
    subject = f"{process.name}: revision {revision} of the report is out for comment"
    return post_to_focal_points(connection, LetterKind.NOTICE, subject, lambda member: f"{member.name},\n\n{told}", now)
