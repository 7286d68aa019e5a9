"""The version with which the forum begins: the one annexed to the published final report (FT1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from crdt.versions import Version
from opinions.timetable import MilestoneKind, Standing
from server.tables.volumes import published_volumes, volumes
from server.timetable import timetable_of
from server.volumes.contents import VolumeContents, load_contents


@dataclass(frozen=True, slots=True)
class Origin:
    """The version with which the forum text of an Opinion begins; None where `refused` says what is to be done first.

    `volume` is the final report that it is annexed to; None in a process without one, where it is the newest version.
    """

    version: Version | None
    refused: str = ""
    volume: VolumeContents | None = None


@dataclass(frozen=True, slots=True)
class FinalReport:
    """What the forum considers: the final report that was published last. `expected`: the process has one to publish,
    by its timetable or because volumes were begun.
    """

    volume: VolumeContents | None
    expected: bool

    def origin(self, opinion: str, versions: Sequence[Version]) -> Origin:
        """Where the forum text of an Opinion begins; `versions` are those of the Opinion."""
        if self.volume is not None:
            annexed = next((one.version for one in self.volume.annexes if one.opinion.id == opinion), None)
            if annexed is not None:
                return Origin(annexed, volume=self.volume)
            return Origin(
                None,
                f"It is not annexed to {self.volume.name}, the final report that the forum considers. Publish a volume "
                "that puts the report right and annexes it, before the first forum text is opened.",
                self.volume,
            )
        if self.expected:
            return Origin(
                None,
                "The final report is not published yet. The secretariat publishes it as a volume with the Opinions "
                "annexed: a forum text begins with the version annexed to it.",
            )
        if not versions:
            return Origin(None, "It has no version yet. The chair freezes one: the forum begins with frozen words.")
        return Origin(versions[-1])


def final_report(connection: Connection) -> FinalReport:
    """The final report of the process as it is published now; a volume that puts it right takes its place."""
    chosen = (
        select(volumes.c.number, volumes.c.final, volumes.c.corrects)
        .join(published_volumes, published_volumes.c.number == volumes.c.number)
        .order_by(published_volumes.c.position)
    )
    finals: list[int] = []
    for row in connection.execute(chosen):
        if row.final or row.corrects in finals:
            finals.append(row.number)
    if finals:
        return FinalReport(load_contents(connection, finals[-1]), expected=True)
    begun = connection.scalar(select(volumes.c.number).where(volumes.c.dropped_at.is_(None)).limit(1))
    planned = any(
        one.kind is MilestoneKind.FINAL_REPORT and one.standing is not Standing.CANCELLED
        for one in timetable_of(connection).values()
    )
    return FinalReport(None, expected=planned or begun is not None)
