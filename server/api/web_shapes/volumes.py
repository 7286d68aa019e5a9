"""The Secretary-General's report with its comments, volumes, and the register of document numbers, as values."""

from datetime import datetime

from server.api.shapes import Shape
from server.sg_report.comments import Disposition
from server.volumes.contents import VolumeState
from server.volumes.numbers import NumberKind


class ReportedParagraph(Shape):
    """One paragraph of a section, under the id at which comments stand."""

    id: str
    text: str


class ReportedSection(Shape):
    """One section; `number` is that of its heading ("2.1")."""

    id: str
    number: str
    heading: str
    level: int
    paragraphs: list[ReportedParagraph]


class ReportComment(Shape):
    """A comment on a section, or a paragraph of it (`paragraph`, else empty), with what became of it. A name that is
    withheld is empty.
    """

    id: str
    number: int
    revision: int
    section: str
    paragraph: str
    cited: str
    words: str
    party: str
    name: str
    body: str
    made_at: datetime
    late: bool
    withdrawn_at: datetime | None
    disposition: Disposition
    answer: str


class SecretaryGeneralsReport(Shape):
    """The report as it stands; `revision` 0 while nothing is written. `file` is the SHA-256 of the file that it is,
    where it was not read into sections.
    """

    revision: int
    digest: str
    file: str
    sections: list[ReportedSection]
    comments: list[ReportComment]


class AnnexedVersion(Shape):
    """An Opinion in a volume, as annex `position`; `version` is null until it is frozen for it."""

    opinion: str
    version: int | None
    position: int


class ReportVolume(Shape):
    """One volume. `fingerprint` is of its words; `record_hash` empty until it is published."""

    number: int
    label: str
    milestone: str
    final: bool
    document: str
    state: VolumeState
    revision: int
    annexed: list[AnnexedVersion]
    fingerprint: str
    record_hash: str
    published_at: datetime | None
    corrects: int
    corrected_by: list[int]
    warnings: list[str]


class ReportVolumes(Shape):
    """The volumes that the reader may see, the newest first."""

    volumes: list[ReportVolume]


class GivenNumber(Shape):
    """A document number, as spelt and as it is compared; `page` is where it leads, `superseded_by` a later revision."""

    number: str
    normal: str
    kind: NumberKind
    title: str
    given_at: datetime
    page: str
    superseded_by: str
    remark: str


class GivenNumbers(Shape):
    """Every number given out, by number."""

    documents: list[GivenNumber]
