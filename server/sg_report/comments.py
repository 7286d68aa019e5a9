"""Comments of members on the report: made, withdrawn, answered. None is refused for being late, none is deleted.

Plain functions of a `Connection`, each part of somebody's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from opinions.errors import SectionRefused
from opinions.roles import Actor
from opinions.sg_report import numbered
from server.errors import ServerError
from server.ids import new_id
from server.sg_report.store import load_report
from server.tables.volumes import sg_comment_history, sg_comments

MAX_COMMENT = 10_000
"""Characters of a comment: three pages, the length recommended for a contribution."""
MAX_ANSWER = 4_000
MAX_OF_ONE = 500
"""Comments of one person: eight on each of sixty sections."""
MAX_COMMENTS = 20_000
"""Comments on the report in all."""
SAME_SENDING = timedelta(minutes=2)
"""The same words again within this time are one comment: a button pressed twice."""


class UnknownRemark(ServerError):
    """Raised when no comment, or none that the caller may touch, has this id."""


class Disposition(StrEnum):
    """What the secretariat did with a comment."""

    OPEN = ""
    TAKEN_UP = "taken_up"
    IN_PART = "taken_up_in_part"
    NOTED = "noted"
    NOT_TAKEN_UP = "not_taken_up"


DISPOSITIONS: Mapping[Disposition, str] = {
    Disposition.OPEN: "Not answered yet",
    Disposition.TAKEN_UP: "Taken up",
    Disposition.IN_PART: "Taken up in part",
    Disposition.NOTED: "Noted",
    Disposition.NOT_TAKEN_UP: "Not taken up",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a section, or on a paragraph of it; `cited` and `words` are what these were at that revision."""

    id: str
    number: int
    revision: int
    section: str
    paragraph: str
    cited: str
    words: str
    member: str
    name: str
    party: str
    body: str
    made_at: datetime
    late: bool
    withdrawn_at: datetime | None
    disposition: Disposition
    answer: str
    answered_at: datetime | None
    answered_by: str

    @property
    def known_as(self) -> str:
        """What it is called: "R-12"."""
        return f"R-{self.number}"

    def is_of(self, actor: Actor) -> bool:
        """Whether it is this person's own, or of the delegation that he or she acts for."""
        return self.member == actor.member or bool(self.party and self.party == actor.delegation)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a comment."""

    at: datetime
    name: str
    act: str
    detail: str


def all_remarks(connection: Connection) -> tuple[Remark, ...]:
    """Every comment, by number."""
    return tuple(_remark(row) for row in connection.execute(select(sg_comments).order_by(sg_comments.c.number)))


def load_remark(connection: Connection, key: str) -> Remark:
    """One comment. Raises `UnknownRemark`."""
    row = connection.execute(select(sg_comments).where(sg_comments.c.id == key)).one_or_none()
    if row is None:
        raise UnknownRemark("There is no such comment here.")
    return _remark(row)


def history_of(connection: Connection, key: str) -> tuple[Happened, ...]:
    """What happened to a comment, the oldest first."""
    chosen = select(sg_comment_history).where(sg_comment_history.c.comment == key).order_by(sg_comment_history.c.id)
    return tuple(Happened(row.at, row.name, row.act, row.detail) for row in connection.execute(chosen))


def make(
    connection: Connection, section: str, paragraph: str, body: str, actor: Actor, now: datetime, *, late: bool, on: int
) -> Remark:
    """A comment on the report as it was at revision `on`, which its reader has (0: none). Raises `SectionRefused`."""
    words = _checked(body, MAX_COMMENT, "body", "Write your comment")
    report = load_report(connection, on) if on else None
    found = report.find(section) if report else None
    if report is None or found is None:
        raise SectionRefused("section", "This section is no longer in the report. Comment on another one.")
    words_on = found.section.find(paragraph) if paragraph else None
    if paragraph and words_on is None:
        raise SectionRefused("paragraph", "This paragraph was reworded or taken out. Look at the section again.")
    again = select(sg_comments).where(
        sg_comments.c.member == actor.member,
        sg_comments.c.section == section,
        sg_comments.c.paragraph == paragraph,
        sg_comments.c.body == words,
        sg_comments.c.made_at > now - SAME_SENDING,
        sg_comments.c.withdrawn_at.is_(None),
    )
    if (row := connection.execute(again).first()) is not None:
        return _remark(row)
    own = connection.scalar(select(func.count()).where(sg_comments.c.member == actor.member)) or 0
    last = connection.scalar(select(func.max(sg_comments.c.number))) or 0
    if own >= MAX_OF_ONE or last >= MAX_COMMENTS:
        raise SectionRefused("", f"You have made {own} comments on the report, and no more fit.")
    sections = report.sections
    number = numbered(sections)[sections.index(found.section)]
    place = "" if words_on is None else f", paragraph {found.section.paragraphs.index(words_on) + 1}"
    key = new_id("r")
    connection.execute(
        insert(sg_comments).values(
            id=key,
            number=last + 1,
            revision=report.revision.number,
            section=section,
            paragraph=paragraph,
            cited=f"{number} {found.section.heading}{place}",
            words=words_on.text if words_on else "",
            member=actor.member,
            name=actor.name,
            party=actor.delegation or "",
            body=words,
            made_at=now,
            late=late,
        )
    )
    _happened(connection, key, "made", now, actor, "late" if late else "")
    return load_remark(connection, key)


def withdraw(connection: Connection, key: str, actor: Actor, now: datetime) -> Remark:
    """Withdraw a comment of one's own delegation; it stays on the list as withdrawn. Raises `UnknownRemark`,
    `SectionRefused`.
    """
    remark = load_remark(connection, key)
    if not remark.is_of(actor):
        raise UnknownRemark("There is no such comment of yours.")
    if remark.withdrawn_at is not None:
        raise SectionRefused("", f"{remark.known_as} is withdrawn already.")
    connection.execute(update(sg_comments).where(sg_comments.c.id == key).values(withdrawn_at=now))
    _happened(connection, key, "withdrawn", now, actor)
    return load_remark(connection, key)


def answer(connection: Connection, key: str, disposition: str, words: str, actor: Actor, now: datetime) -> Remark:
    """The secretariat's answer, in place of the one before, which its history keeps. Raises `UnknownRemark`,
    `SectionRefused`.
    """
    load_remark(connection, key)
    try:
        chosen = Disposition(disposition)
    except ValueError:
        raise SectionRefused("disposition", "Choose what became of the comment.") from None
    if chosen is Disposition.OPEN:
        raise SectionRefused("disposition", "Choose what became of the comment.")
    said = _checked(words, MAX_ANSWER, "answer", "Write the answer", required=False)
    values = {"disposition": chosen.value, "answer": said, "answered_at": now, "answered_by": actor.name}
    connection.execute(update(sg_comments).where(sg_comments.c.id == key).values(values))
    _happened(connection, key, "answered", now, actor, f"{DISPOSITIONS[chosen]}. {said}".strip())
    return load_remark(connection, key)


def _checked(text: str, most: int, field: str, what: str, *, required: bool = True) -> str:
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    plain = all(each.isprintable() or each in "\n\t" for each in words)
    if (required and not words) or len(words) > most or not plain:
        raise SectionRefused(field, f"{what} in at most {most} characters that can be read.")
    return words


def _happened(connection: Connection, key: str, act: str, at: datetime, actor: Actor, detail: str = "") -> None:
    row = {"comment": key, "at": at, "member": actor.member, "name": actor.name, "act": act, "detail": detail}
    connection.execute(insert(sg_comment_history).values(row))


def _remark(row: Row[Any]) -> Remark:
    return Remark(
        row.id,
        row.number,
        row.revision,
        row.section,
        row.paragraph,
        row.cited,
        row.words,
        row.member,
        row.name,
        row.party,
        row.body,
        row.made_at,
        row.late,
        row.withdrawn_at,
        Disposition(row.disposition),
        row.answer,
        row.answered_at,
        row.answered_by,
    )
