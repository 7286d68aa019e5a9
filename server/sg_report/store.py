"""The report in the database: sections as they were saved, and revisions that say which of them it has.

Plain functions of a `Connection`, each part of somebody's transaction. Rows are only ever added: a section that is
taken out stays in the revisions before, and whoever saves over words that he or she has not seen is told so (SR3).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from opinions.errors import SectionRefused
from opinions.sg_report import (
    MAX_SECTIONS,
    ReportParagraph,
    Section,
    checked_heading,
    checked_level,
    report_digest,
    rewritten,
    texts_of,
)
from server.errors import ServerError
from server.tables.papers import files
from server.tables.volumes import sg_revisions, sg_sections

MAX_REVISIONS = 5_000
"""Revisions of one report: five drafts of sixty sections, each saved fifteen times."""
MAX_ACT = 400


class UnknownRevision(ServerError):
    """Raised when the report has no such revision, or no such section."""


class SectionMoved(ServerError):
    """Raised when a section was saved by somebody else since it was read; `now` is how it stands."""

    def __init__(self, now: "SavedSection | None") -> None:
        super().__init__("Somebody else has saved this section since you opened it. Both are below; nothing is lost.")
        self.now = now


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and when."""

    member: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedSection:
    """A section in one of the states it was saved in."""

    section: Section
    state: int
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A line in the list of revisions. `file` is the id of the file it was read from, or that is the report."""

    number: int
    digest: str
    act: str
    at: datetime
    name: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class ReportRevision:
    """The report as it stood at a revision."""

    revision: Revision
    saved: tuple[SavedSection, ...]
    file_digest: str = ""
    """The SHA-256 of the file that is the report; empty where it was read into sections, or written here."""

    @property
    def computed_digest(self) -> str:
        """The SHA-256 of its canonical text, from what is kept: the revision's own, unless somebody meddled."""
        return report_digest(self.sections, self.file_digest)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections in order."""
        return tuple(one.section for one in self.saved)

    def find(self, section: str) -> SavedSection | None:
        """One of its sections, or None."""
        return next((one for one in self.saved if one.section.id == section), None)


# --- reading


def latest(connection: Connection) -> int:
    """The number of the newest revision; 0 while nothing was written."""
    return connection.scalar(select(func.max(sg_revisions.c.number))) or 0


def load_report(connection: Connection, number: int | None = None) -> ReportRevision | None:
    """The report at a revision, the newest unless said otherwise; None while there is none. Raises `UnknownRevision`
    for a number that no revision has.
    """
    wanted = latest(connection) if number is None else number
    if number is None and not wanted:
        return None
    row = connection.execute(select(sg_revisions).where(sg_revisions.c.number == wanted)).one_or_none()
    if row is None:
        raise UnknownRevision("The report has no such revision.")
    states = {name: state for name, state in json.loads(row.sections)}
    chosen = select(sg_sections).where(sg_sections.c.section.in_(list(states)))
    saved = {each.section: _saved(each) for each in connection.execute(chosen) if states[each.section] == each.state}
    sha = _file_digest(connection, row.file) if row.file and not states else ""
    return ReportRevision(_revision(row), tuple(saved[name] for name in states), sha)


def revisions(connection: Connection) -> tuple[Revision, ...]:
    """All revisions, the newest first."""
    chosen = select(sg_revisions).order_by(sg_revisions.c.number.desc())
    return tuple(_revision(row) for row in connection.execute(chosen))


def states_of(connection: Connection, section: str) -> tuple[SavedSection, ...]:
    """Every state a section was saved in, the newest first."""
    chosen = select(sg_sections).where(sg_sections.c.section == section).order_by(sg_sections.c.state.desc())
    return tuple(_saved(row) for row in connection.execute(chosen))


# --- writing


def add_section(
    connection: Connection, heading: str, level: int, body: str, after: str, by: By, new_id: Callable[[str], str]
) -> Section:
    """Put a new section behind another one; behind all where `after` is empty. Raises `SectionRefused`."""
    made = _made(new_id("s"), heading, level, body, (), new_id)
    order = _order(connection)
    if len(order) >= MAX_SECTIONS:
        raise SectionRefused("", f"The report has {MAX_SECTIONS} sections, which is the most.")
    names = [name for name, _ in order]
    place = names.index(after) + 1 if after in names else len(order)
    _save_section(connection, made, 1, by)
    _save_revision(connection, [*order[:place], (made.id, 1), *order[place:]], f"Section added: {made.heading}", by)
    return made


def write_section(
    connection: Connection,
    section: str,
    seen: int,
    heading: str,
    level: int,
    body: str,
    by: By,
    new_id: Callable[[str], str],
) -> SavedSection:
    """Save a section that was read in state `seen`. Raises `SectionMoved` when it is in another one by now,
    `SectionRefused` for words that do not fit, `UnknownRevision` when there is no such section.
    """
    standing = _standing(connection, section, seen)
    made = _made(section, heading, level, body, standing.section.paragraphs, new_id)
    if made == standing.section:
        return standing
    order = [(name, seen + 1 if name == section else state) for name, state in _order(connection)]
    _save_section(connection, made, seen + 1, by)
    _save_revision(connection, order, f"Section written: {made.heading}", by)
    return SavedSection(made, seen + 1, by.at, by.name)


def take_out(connection: Connection, section: str, seen: int, by: By) -> None:
    """Take a section out of the report; the revisions before keep it. Raises as `write_section` does."""
    standing = _standing(connection, section, seen)
    order = [one for one in _order(connection) if one[0] != section]
    _save_revision(connection, order, f"Section taken out: {standing.section.heading}", by)


def move(connection: Connection, section: str, up: bool, by: By) -> None:
    """Move a section by one place; at the end it stays where it is. Raises `UnknownRevision`."""
    order = _order(connection)
    names = [name for name, _ in order]
    if section not in names:
        raise UnknownRevision("There is no such section in the report.")
    place = names.index(section)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    heading = states_of(connection, section)[0].section.heading
    _save_revision(connection, order, f"Section moved: {heading}", by)


def replace_all(
    connection: Connection, sections: Sequence[tuple[str, int, str]], file: str, by: By, new_id: Callable[[str], str]
) -> int:
    """Take the sections of a file (heading, level, body of each) for the whole report, or the file itself where none
    were read: the number of the revision. The revisions before keep what was there. A section under the heading of one
    that was there stays that one, with its paragraphs. Raises `SectionRefused`.
    """
    if len(sections) > MAX_SECTIONS:
        raise SectionRefused("file", f"The file has {len(sections)} headings; the report has at most {MAX_SECTIONS}.")
    before = load_report(connection)
    known = {one.section.heading: one for one in reversed(before.saved)} if before else {}
    order: list[tuple[str, int]] = []
    for heading, level, body in sections:
        was = known.pop(" ".join(heading.split()), None)
        key = was.section.id if was else new_id("s")
        made = _made(key, heading, level, body, was.section.paragraphs if was else (), new_id)
        if was is not None and made == was.section:
            order.append((key, was.state))
            continue
        state = states_of(connection, key)[0].state + 1 if was else 1
        _save_section(connection, made, state, by)
        order.append((key, state))
    return _save_revision(connection, order, "Read from a file" if sections else "Handed in as a file", by, file)


def restore(connection: Connection, number: int, by: By) -> int:
    """Make the report again what it was at an earlier revision: the number of the new one. Raises `UnknownRevision`."""
    found = connection.execute(select(sg_revisions).where(sg_revisions.c.number == number)).one_or_none()
    if found is None:
        raise UnknownRevision("The report has no such revision.")
    order = [(name, state) for name, state in json.loads(found.sections)]
    # A section that was saved since is what it was then, under a state of its own: states only grow.
    newest = {name: states_of(connection, name)[0] for name, _ in order}
    for place, (name, state) in enumerate(order):
        if newest[name].state != state:
            was = next(one for one in states_of(connection, name) if one.state == state)
            _save_section(connection, was.section, newest[name].state + 1, by)
            order[place] = (name, newest[name].state + 1)
    return _save_revision(connection, order, f"As it was at revision {number}", by, found.file or "")


# --- parts


def _standing(connection: Connection, section: str, seen: int) -> SavedSection:
    found = load_report(connection)
    standing = found.find(section) if found else None
    if standing is None:
        if states_of(connection, section):
            raise SectionMoved(None)
        raise UnknownRevision("There is no such section in the report.")
    if standing.state != seen:
        raise SectionMoved(standing)
    return standing


def _made(
    key: str,
    heading: str,
    level: int,
    body: str,
    before: Sequence[ReportParagraph],
    new_id: Callable[[str], str],
) -> Section:
    paragraphs = rewritten(before, texts_of(body), lambda: new_id("sp"))
    return Section(key, checked_heading(heading), checked_level(level), paragraphs)


def _order(connection: Connection) -> list[tuple[str, int]]:
    number = latest(connection)
    told = connection.scalar(select(sg_revisions.c.sections).where(sg_revisions.c.number == number))
    return [(name, state) for name, state in json.loads(told or "[]")]


def _save_section(connection: Connection, section: Section, state: int, by: By) -> None:
    row = {
        "section": section.id,
        "state": state,
        "heading": section.heading,
        "level": section.level,
        "paragraphs": json.dumps([[one.id, one.text] for one in section.paragraphs], ensure_ascii=False),
        "at": by.at,
        "member": by.member,
        "name": by.name,
    }
    try:
        connection.execute(insert(sg_sections).values(row))
    except IntegrityError:
        raise SectionMoved(None) from None


def _save_revision(connection: Connection, order: Sequence[tuple[str, int]], act: str, by: By, file: str = "") -> int:
    number = latest(connection) + 1
    if number > MAX_REVISIONS:
        raise SectionRefused("", f"The report has been saved {MAX_REVISIONS} times, which is the most.")
    chosen = select(sg_sections).where(sg_sections.c.section.in_([name for name, _ in order]))
    states = dict(order)
    found = {row.section: _saved(row).section for row in connection.execute(chosen) if states[row.section] == row.state}
    row = {
        "number": number,
        "sections": json.dumps(list(order)),
        "digest": report_digest(
            (found[name] for name, _ in order), _file_digest(connection, file) if file and not order else ""
        ),
        "act": act[:MAX_ACT],
        "file": file or None,
        "at": by.at,
        "member": by.member,
        "name": by.name,
    }
    connection.execute(insert(sg_revisions).values(row))
    return number


def _file_digest(connection: Connection, file: str) -> str:
    found = connection.scalar(select(files.c.sha256).where(files.c.id == file))
    return "" if found is None else found.hex()


def _saved(row: Row[Any]) -> SavedSection:
    paragraphs = tuple(ReportParagraph(key, text) for key, text in json.loads(row.paragraphs))
    return SavedSection(Section(row.section, row.heading, row.level, paragraphs), row.state, row.at, row.name)


def _revision(row: Row[Any]) -> Revision:
    return Revision(row.number, row.digest, row.act, row.at, row.name, row.file or "")
