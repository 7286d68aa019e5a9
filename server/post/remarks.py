"""New comments on an Opinion, and new answers to them, since somebody looked.

Told against the last line of their history that there was then. A comment is new when it is shown: a member's when it
is made, one of the public when it is admitted.
"""

from sqlalchemy import Connection, func, select

from opinions.consultation import State
from opinions.news import NewsItem, NewsKind, Remarks
from server.tables.consultation import comment_history, comments, consultation_rounds

_ACTS = {NewsKind.COMMENTED: ("made", "published"), NewsKind.ANSWERED: ("answered",)}
"""What happens to a comment (`server.consultation.comments.happened`) that is news, by its kind."""
_ALL = tuple(act for acts in _ACTS.values() for act in acts)


def last_said(connection: Connection, opinion: str) -> int:
    """The last line of the history of an Opinion's comments; 0 before there is any."""
    chosen = (
        select(func.max(comment_history.c.id))
        .join(comments, comments.c.id == comment_history.c.comment)
        .where(comments.c.opinion == opinion, comment_history.c.act.in_(_ALL))
    )
    return connection.scalar(chosen) or 0


def said_since(connection: Connection, opinion: str, last: int, member: str) -> tuple[NewsItem, ...]:
    """How many comments of each round became visible, and how many were answered, after that line; without what the
    member has said.
    """
    found = []
    for kind, acts in _ACTS.items():
        chosen = (
            select(consultation_rounds.c.id, consultation_rounds.c.name, func.count(comments.c.id.distinct()))
            .select_from(comment_history)
            .join(comments, comments.c.id == comment_history.c.comment)
            .join(consultation_rounds, consultation_rounds.c.id == comments.c.round)
            .where(
                comments.c.opinion == opinion,
                comments.c.state == State.SHOWN.value,
                comment_history.c.id > last,
                comment_history.c.act.in_(acts),
            )
            .group_by(consultation_rounds.c.id, consultation_rounds.c.name, consultation_rounds.c.number)
            .order_by(consultation_rounds.c.number)
        )
        if kind is NewsKind.COMMENTED:
            chosen = chosen.where(comments.c.member != member)
        found += [NewsItem(kind, remarks=Remarks(*row)) for row in connection.execute(chosen)]
    return tuple(found)
