"""Which revisions of the report everybody reads: those put out for comment, and those of published volumes (SR7).

What the secretariat is still writing is read by it, and by who is in the chair of a draft Opinion. Plain functions of a
`Connection`, each part of somebody's transaction.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from opinions.errors import SectionRefused
from server.sg_report.store import By, ReportRevision, UnknownRevision, latest, load_report
from server.tables.volumes import published_volumes, sg_put_out, sg_revisions, volumes


@dataclass(frozen=True, slots=True)
class Readable:
    """What one reader may have of the report: the revisions that are `out`, and every one where `drafts` is true.
    `latest` is the newest revision of all.
    """

    out: frozenset[int]
    drafts: bool
    latest: int

    @property
    def newest(self) -> int:
        """The newest revision for this reader; 0 for none."""
        return self.latest if self.drafts else max(self.out, default=0)

    def has(self, revision: int) -> bool:
        """Whether this reader may read a revision."""
        return self.drafts or revision in self.out


def readable(connection: Connection, *, drafts: bool) -> Readable:
    """What may be read of the report: with `drafts` by who writes it, else by everybody."""
    published = select(volumes.c.report).join(published_volumes, published_volumes.c.number == volumes.c.number)
    out = {*connection.scalars(select(sg_put_out.c.revision)), *connection.scalars(published)} - {None}
    return Readable(frozenset(out), drafts, latest(connection))


def report_for(connection: Connection, may_read: Readable, revision: int | None = None) -> ReportRevision | None:
    """The report as a reader has it, at a revision or the newest; None while there is none. Raises `UnknownRevision`,
    also for one that is not for this reader.
    """
    if revision is None:
        return load_report(connection, may_read.newest) if may_read.newest else None
    if not may_read.has(revision):
        raise UnknownRevision("The report has no such revision.")
    return load_report(connection, revision)


def put_out(connection: Connection, revision: int, by: By) -> None:
    """Have everybody read a revision, for good. Raises `UnknownRevision`, and `SectionRefused` where it is out."""
    if connection.scalar(select(sg_revisions.c.number).where(sg_revisions.c.number == revision)) is None:
        raise UnknownRevision("The report has no such revision.")
    if connection.scalar(select(sg_put_out.c.revision).where(sg_put_out.c.revision == revision)) is not None:
        raise SectionRefused("", f"Revision {revision} is put out already.")
    connection.execute(insert(sg_put_out).values(revision=revision, at=by.at, member=by.member, name=by.name))
