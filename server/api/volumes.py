"""The Secretary-General's report, volumes and document numbers as JSON."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from opinions.roles import Act
from opinions.sg_report import numbered
from server.api.reading import Reading
from server.attribution import names_in_file
from server.pages.documents import rows
from server.pages.sg_report import readable_by, shown_to
from server.pages.volumes import shows
from server.sg_report.comments import Remark, all_remarks
from server.sg_report.readable import report_for
from server.sg_report.store import ReportRevision
from server.visit import Visit
from server.volumes.contents import VolumeContents, all_contents

if TYPE_CHECKING:
    from server.api.web_shapes.volumes import GivenNumbers, ReportVolume, ReportVolumes, SecretaryGeneralsReport


async def sg_report(visit: Visit) -> "SecretaryGeneralsReport":
    """The report as it stands for the reader, with the comments on it."""
    from server.api.web_shapes.volumes import (
        ReportComment,
        ReportedParagraph,
        ReportedSection,
        SecretaryGeneralsReport,
    )

    def look(connection: Connection) -> tuple[ReportRevision | None, tuple[Remark, ...]]:
        may_read = readable_by(visit, connection)
        return report_for(connection, may_read), shown_to(visit, may_read, all_remarks(connection))

    report, remarks = await visit.read(look)
    names, actor = names_in_file(visit).delegations, visit.actor
    sections = report.sections if report else ()

    def named(one: Remark) -> bool:
        return names or not one.party or one.is_of(actor)

    return SecretaryGeneralsReport(
        revision=report.revision.number if report else 0,
        digest=report.revision.digest if report else "",
        file=report.file_digest if report else "",
        sections=[
            ReportedSection(
                id=one.id,
                number=number,
                heading=one.heading,
                level=one.level,
                paragraphs=[ReportedParagraph(id=each.id, text=each.text) for each in one.paragraphs],
            )
            for number, one in zip(numbered(sections), sections, strict=True)
        ],
        comments=[
            ReportComment(
                id=one.id,
                number=one.number,
                revision=one.revision,
                section=one.section,
                paragraph=one.paragraph,
                cited=one.cited,
                words=one.words,
                party=one.party if named(one) else "",
                name=one.name if named(one) else "",
                body=one.body,
                made_at=one.made_at,
                late=one.late,
                withdrawn_at=one.withdrawn_at,
                disposition=one.disposition,
                answer=one.answer,
            )
            for one in remarks
        ],
    )


async def volume_list(visit: Visit) -> "ReportVolumes":
    """The volumes that the visitor may see."""
    from server.api.web_shapes.volumes import ReportVolumes

    found = await visit.read(all_contents)
    return ReportVolumes(volumes=[_volume(one) for one in found if shows(visit, one)])


def _volume(one: VolumeContents) -> "ReportVolume":
    from server.api.web_shapes.volumes import AnnexedVersion, ReportVolume

    return ReportVolume(
        number=one.number,
        label=one.label,
        milestone=one.milestone,
        final=one.final,
        document=one.document,
        state=one.state,
        revision=one.report.revision.number if one.report else 0,
        annexed=[
            AnnexedVersion(
                opinion=each.opinion.id, version=each.version.number if each.version else None, position=each.position
            )
            for each in one.annexes
        ],
        fingerprint=one.fingerprint,
        record_hash=one.record_hash,
        published_at=one.published_at,
        corrects=one.corrects,
        corrected_by=list(one.corrected_by),
        warnings=list(one.warnings),
    )


async def document_list(visit: Visit) -> "GivenNumbers":
    """Every document number given out, as far as the visitor may know of its document."""
    from server.api.web_shapes.volumes import GivenNumber, GivenNumbers

    found = await visit.read(lambda connection: rows(connection, visit))
    return GivenNumbers(
        documents=[
            GivenNumber(
                number=one.given.number.spelling,
                normal=one.given.number.normal,
                kind=one.given.kind,
                title=one.title,
                given_at=one.given.at,
                page=one.address,
                superseded_by=one.later.number.spelling if one.later else "",
                remark=one.standing,
            )
            for one in found
        ]
    )


READINGS = (
    Reading(
        "/sg-report",
        Act.PROCESS_READ,
        "The report of the Secretary-General with the comments on it",
        sg_report,
        "volumes.SecretaryGeneralsReport",
    ),
    Reading("/volumes", Act.PROCESS_READ, "The volumes of the report", volume_list, "volumes.ReportVolumes"),
    Reading("/documents", Act.PROCESS_READ, "Every document number given out", document_list, "volumes.GivenNumbers"),
)
