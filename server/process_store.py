"""The process in the database: its settings, and putting a new draft Opinion on its table.

Plain functions of a `Connection`, each part of somebody's transaction.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, insert, select, update

from crdt.founding import founding_entry
from crdt.step import Append
from opinions.process_checks import opinion_presented
from opinions.process_rules import RULES, ProcessRules
from opinions.process_rules import from_json as rules_from_json
from opinions.process_rules import to_json as rules_to_json
from opinions.record import Document
from opinions.visibility import Attribution
from server import log_store
from server.errors import ServerError
from server.opinion_store import OpinionRow, create_opinion, list_opinions
from server.phasing.windows import with_dates
from server.presenting import ledger
from server.roster.views import drafting, of_kinds, rules_in_force
from server.tables import process

MAX_TITLE = 300
MAX_NUMBER = 16
DEFAULT_NAME = "Preparatory process"


class ProcessRefused(ServerError):
    """Raised when a setting or an Opinion's heading does not fit; says what to write instead, and in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class OpinionTooLate(ProcessRefused):
    """Raised for a new draft Opinion after the preparatory period: it can be kept as a contribution."""


@dataclass(frozen=True, slots=True)
class Process:
    """One preparation. What observers see: submitted amendments or only agreed text; and who sees whose they are."""

    name: str = DEFAULT_NAME
    meeting_zone: str = "Europe/Zurich"
    observers_see_submitted: bool = True
    attribution: Attribution = Attribution.ALL
    demo: bool = False
    rules: ProcessRules = RULES

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the meeting's times are told."""
        return ZoneInfo(self.meeting_zone)


def load_process(connection: Connection) -> Process:
    """The process; the defaults where nothing was set yet."""
    row = connection.execute(select(process)).one_or_none()
    if row is None:
        return Process()
    return Process(
        row.name,
        row.meeting_zone,
        row.observers_see_submitted,
        Attribution(row.attribution),
        row.demo,
        with_dates(connection, rules_from_json(json.loads(row.rules))),
    )


def save_process(connection: Connection, wanted: Process) -> Process:
    """Keep the process as given. Raises `ProcessRefused` for a name or zone that does not fit, and for rules by which a
    delegation gives views only while somebody drafts for it.
    """
    name = " ".join(wanted.name.split())
    if not name or len(name) > MAX_TITLE or not name.isprintable():
        raise ProcessRefused("name", f"Give the process a name of at most {MAX_TITLE} characters.")
    try:
        ZoneInfo(wanted.meeting_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ProcessRefused(
            "meeting_zone",
            "The meeting zone is not a place that the time zone database knows. Write it as Europe/Zurich.",
        ) from None
    views = wanted.rules.views_kinds - rules_in_force(connection).views_kinds
    names = drafting(connection, of_kinds(connection, views))
    if names:
        raise ProcessRefused(
            "views_kinds",
            f"These people draft for delegations that would give views only: {', '.join(names)}. Enter them as “Gives "
            "views” first.",
        )
    values = {
        "name": name,
        "meeting_zone": wanted.meeting_zone,
        "observers_see_submitted": wanted.observers_see_submitted,
        "attribution": wanted.attribution.value,
        "demo": wanted.demo,
        "rules": json.dumps(rules_to_json(wanted.rules), sort_keys=True),
    }
    if not connection.execute(update(process).values(values)).rowcount:
        connection.execute(insert(process).values(id=1, **values))
    return load_process(connection)


def found_opinion(
    connection: Connection,
    document: Document,
    *,
    title: str,
    number: str = "",
    theme: str = "",
    member: str,
    name: str,
    at: datetime,
    source: str = "",
    opinion_id: str | None = None,
    on_ledger: bool = True,
) -> OpinionRow:
    """Put a new draft Opinion on the table: its row, its document, entry 1 of its log with the whole text, and its
    line on the eligibility ledger (unless the caller writes that).

    Raises `ProcessRefused` when title or number do not fit, and for a new one after the preparatory period (S1,
    resolves 10); what was presented in it comes to the table through the ledger.
    """
    if on_ledger and opinion_presented(load_process(connection).rules, at) is not None:
        raise OpinionTooLate(
            "",
            "The date until which draft Opinions could be presented has passed. Put one on the table that is on the "
            "eligibility ledger in time, or take this one as a contribution.",
        )
    title, number, theme = (" ".join(text.split()) for text in (title, number, theme))
    if not title or len(title) > MAX_TITLE or not title.isprintable():
        raise ProcessRefused("title", f"Give the draft Opinion a title of at most {MAX_TITLE} characters.")
    if len(number) > MAX_NUMBER or (number and not re.fullmatch(r"[\w .\-]+", number)):
        raise ProcessRefused("number", f"A number is at most {MAX_NUMBER} letters and digits, such as 4 or 4 bis.")
    if len(theme) > MAX_TITLE or not (theme.isprintable() or not theme):
        raise ProcessRefused("theme", f"A theme is at most {MAX_TITLE} characters.")
    taken = [one for one in list_opinions(connection) if number and one.number.casefold() == number.casefold()]
    if taken:
        raise ProcessRefused("number", f"Number {number} is that of “{taken[0].title}”. Choose another one.")
    opinion_id = opinion_id or f"o-{secrets.token_hex(5)}"
    row = create_opinion(connection, opinion_id, title, at, number=number, theme=theme)
    entry = founding_entry(opinion_id, document, member=member, name=name, at=at, source=source)
    log_store.append(connection, opinion_id, (Append(opinion_id, 0, 1, (entry,)),), "", at)
    if on_ledger:
        founded = ledger.Event(ledger.Step.FOUNDED, opinion_id, title, at, member=member, name=name)
        ledger.append(connection, founded)
    return row
