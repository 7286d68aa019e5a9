"""What a draft Opinion was made of: those merged into it, and those that it was split off from, all the way back.

What was said of these goes on with it: comments and contributions noted on them are found in its text.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.presenting.ledger import Step
from server.tables.papers import eligibility_events as table


@dataclass(frozen=True, slots=True)
class Forebear:
    """A draft that another was made of. `whole`: it was merged into it, so all that was said of it belongs here now;
    of one that it was split off from only what is about the part that came along.
    """

    opinion: str
    whole: bool


def lineage(connection: Connection, opinion: str) -> tuple[Forebear, ...]:
    """The drafts that one was made of, the nearest first; empty for one that came by itself."""
    made = (Step.MERGED.value, Step.SPLIT_FROM.value)
    chosen = select(table.c.draft, table.c.kind, table.c.related).where(table.c.kind.in_(made)).order_by(table.c.id)
    of = {row.draft: (row.kind == Step.MERGED, row.related.split()) for row in connection.execute(chosen)}
    found: dict[str, bool] = {}
    ahead = [(opinion, True)]
    while ahead:
        here, whole = ahead.pop(0)
        merged, sources = of.get(here, (False, []))
        for one in sources:
            if one != opinion and (one not in found or (whole and merged and not found[one])):
                found[one] = whole and merged
                ahead.append((one, whole and merged))
    return tuple(Forebear(one, whole) for one, whole in found.items())


def successor(connection: Connection, opinion: str) -> str:
    """The draft in which this one goes on: that into which it was merged, and that one in turn; itself if in none."""
    chosen = select(table.c.draft, table.c.related).where(table.c.kind == Step.MERGED_INTO.value)
    into = {row.draft: row.related for row in connection.execute(chosen)}
    here, seen = opinion, {opinion}
    while (further := into.get(here)) and further not in seen:
        seen.add(further)
        here = further
    return here
