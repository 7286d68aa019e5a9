"""A draft Opinion that comes after its window: kept as a contribution, whole, with the evidence, on the register and on
the ledger at once (S1, Resolution 2 resolves 10).
"""

from datetime import datetime

from sqlalchemy import Connection

from opinions.model import DelegationCode
from server import files_store
from server.contributions import store
from server.contributions.attachments import TEXT
from server.contributions.values import ContributionRefused, Particulars
from server.people_store import Member
from server.process_store import ProcessRefused

FILE_NAME = "draft-opinion.txt"


def keep_as_contribution(
    connection: Connection,
    *,
    title: str,
    words: str,
    delegations: tuple[DelegationCode, ...],
    due: datetime | None,
    member: Member,
    at: datetime,
) -> str:
    """Put the words of a late draft on the register of contributions, as a file of their own; the id. It waits for its
    number as every contribution does, and is late by the same deadline.

    Raises `ProcessRefused` where the register cannot take it.
    """
    about = Particulars(
        title[: store.MAX_TITLE],
        delegations,
        summary="A draft Opinion that came after the period in which it could be presented.",
    )
    try:
        made = store.enter(connection, about, member, at, due_at=due)
    except ContributionRefused as error:
        raise ProcessRefused("", str(error)) from None
    whole = f"{title}\n\n{words}\n" if words.strip() else f"{title}\n"
    kept = files_store.keep(connection, FILE_NAME, TEXT, whole.encode(), at, member.id)
    store.attach(connection, made.id, kept.id)
    return made.id
