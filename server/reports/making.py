"""Reports made for a visitor: of one draft Opinion or of all that he or she may report on, with the names that the
switch allows in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from crdt.versions import Version
from opinions.document_numbers import document_number
from opinions.record import Document
from opinions.report import EVERYTHING, Extent, Report, Scope, meetings, report
from opinions.roles import Act, Delegation, Stage, may
from opinions.visibility import Attribution, Audience, Outlet, names_shown
from server import log_store
from server.attribution import asked_for, setting_of_file
from server.errors import ServerError
from server.opinion_store import OpinionRow, list_opinions
from server.people_store import all_appointments, all_delegations
from server.reports.adopting import adopting
from server.reports.book import Book, Chapter, Cover
from server.reports.telling import Teller
from server.visit import Visit
from server.volumes.numbers import NumberKind, given_to_others
from server.wording import draft_name, moment

MAX_INTRODUCTION = 20_000
"""Characters of an introduction: some eight pages, as the longest reports of a chair have."""
MAX_HEAD = 300
"""Characters of a document number, or of a meeting's place and dates."""


class ReportRefused(ServerError):
    """Raised for a report that cannot be made as asked; says in which field, and what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants: of what (`whole`, `meeting:NAME`, `version:OPINION:NUMBER`), under which setting of names,
    and the words of the cover.
    """

    scope: str = "whole"
    names: str = ""
    number: str = ""
    meeting: str = ""
    introduction: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """One draft Opinion with its document as it stands at `seq`."""

    row: OpinionRow
    document: Document
    seq: int


@dataclass(frozen=True, slots=True)
class Around:
    """What the database knows: the parties, the versions by Opinion, and the numbers (their normal forms) that other
    documents than reports of a chair have.
    """

    parties: Mapping[str, Delegation]
    versions: Mapping[str, tuple[Version, ...]]
    taken: frozenset[str] = frozenset()


def asked_of(fields: Mapping[str, str]) -> Asked:
    """What a form, or an address, asks for. Raises `ReportRefused` for words that are too long."""
    introduction = fields.get("introduction", "").replace("\r\n", "\n").strip()
    if len(introduction) > MAX_INTRODUCTION:
        raise ReportRefused("introduction", f"An introduction has at most {MAX_INTRODUCTION:,} characters here.")
    heads = {name: " ".join(fields.get(name, "").split()) for name in ("number", "meeting")}
    for name, words in heads.items():
        if len(words) > MAX_HEAD or not words.isprintable():
            raise ReportRefused(name, f"Write one line of at most {MAX_HEAD} characters.")
    if any(ord(one) < 32 and one not in "\n\t" for one in introduction):
        raise ReportRefused("introduction", "The introduction holds invisible characters. Type it, do not paste it.")
    return Asked(fields.get("scope", "") or "whole", fields.get("names", ""), **heads, introduction=introduction)


async def materials(visit: Visit) -> tuple[Material, ...]:
    """The Opinions on which a visitor may report, in their order."""

    def look(connection: Connection) -> list[OpinionRow]:
        appointed = all_appointments(connection, visit.now)
        return [
            row
            for row in list_opinions(connection)
            if may(visit.actor_in(appointed.get(row.id, {})), Act.REPORT_MAKE, Stage(closed=row.closed))
        ]

    return tuple([await material(visit, row) for row in await visit.read(look)])


async def material(visit: Visit, row: OpinionRow) -> Material:
    """One Opinion as it stands."""
    room = await visit.services.hub.room(row.id)
    return Material(row, room.document, room.seq)


async def surroundings(visit: Visit, found: tuple[Material, ...]) -> Around:
    """What the database knows around these."""

    def look(connection: Connection) -> Around:
        parties: dict[str, Delegation] = {one.code: one for one in all_delegations(connection)}
        versions = {one.row.id: log_store.load_versions(connection, one.row.id) for one in found}
        return Around(parties, versions, given_to_others(connection, NumberKind.CHAIRS_REPORT))

    return await visit.read(look)


def scope_of(asked: Asked, found: tuple[Material, ...], around: Around) -> tuple[Scope, str]:
    """The scope that is asked for, and how the cover says it. Raises `ReportRefused` for one that there is not."""
    kind, _, rest = asked.scope.partition(":")
    if kind == "whole" and not rest:
        return EVERYTHING, "All that is on record"
    if kind == "meeting" and any(rest in meetings(one.document) for one in found):
        return Scope(Extent.MEETING, meeting=rest), f"The meeting “{rest}”"
    if kind == "version":
        opinion, _, number = rest.rpartition(":")
        for version in around.versions.get(opinion, ()):
            if str(version.number) == number:
                return Scope(Extent.SINCE, since=version.frozen_at), f"What came after “{version.label}”"
    raise ReportRefused("scope", "Choose of what the report is made among those that the page offers.")


def scopes(found: tuple[Material, ...], around: Around) -> list[tuple[str, str]]:
    """The scopes there are, for a list to choose from."""
    offered = [("whole", "All that is on record")]
    for name in dict.fromkeys(name for one in found for name in meetings(one.document)):
        offered.append((f"meeting:{name}", f"One meeting: {name}"))
    for one in found:
        of = f" of {one.row.name}" if len(found) > 1 else ""
        for version in reversed(around.versions[one.row.id]):
            offered.append((f"version:{one.row.id}:{version.number}", f"Since “{version.label}”{of}"))
    return offered


def setting_of(visit: Visit, asked: Asked) -> Attribution:
    """Under which setting of names a report is made. Raises `ReportRefused`."""
    try:
        return setting_of_file(visit, asked_for(asked.names))
    except ValueError:
        raise ReportRefused("names", "Choose whose names the report holds.") from None


def made(one: Material, scope: Scope, setting: Attribution) -> Report:
    """The report of one Opinion as values."""
    # Whoever may make it holds the table there, also where the page is of all Opinions.
    return report(one.document, scope, names_shown(setting, Audience.TABLE, Outlet.FILE))


def book(visit: Visit, asked: Asked, found: tuple[Material, ...], around: Around) -> Book:
    """The whole report as it is given out. Raises `ReportRefused`."""
    scope, told = scope_of(asked, found, around)
    setting = setting_of(visit, asked)
    if asked.number and document_number(asked.number).normal in around.taken:
        raise ReportRefused("number", f"{asked.number} is another document. Take one that was given to this report.")
    process, teller = visit.process, Teller(around.parties, visit.process.zone)
    cover = Cover(process.name, visit.now, process.zone, told, setting, asked.number, asked.meeting, asked.introduction)
    chapter = partial(_chapter, visit, scope=scope, setting=setting, teller=teller)
    return Book(cover, tuple(chapter(one) for one in found))


def _chapter(visit: Visit, one: Material, scope: Scope, setting: Attribution, teller: Teller) -> Chapter:
    draft = draft_name(one.document.record.opinion.draft)
    as_of = f"{draft}, as of {moment(visit.now, visit.process.zone)} (entry {one.seq} of its log)"
    # What became of a forum text goes before what was said on the way to it.
    declared = adopting(one.document, names_shown(setting, Audience.TABLE, Outlet.FILE), teller)
    lines = (*declared, *teller.tell(made(one, scope, setting)))
    return Chapter(one.row.id, one.row.name, one.row.title, as_of, lines)
