"""Positions: what each delegation and group says of each amendment and paragraph, and said before."""

from opinions.spoken import Stance
from opinions.statuses import Status
from server.api.shapes import Shape


class SubjectPositions(Shape):
    """What was said of one amendment, or (`amendment` null) of a paragraph. That `proposer` and `sponsors` propose it
    is no position they take. `stances` stand, each at the revision it was taken at; `earlier` stood before, the oldest
    first.
    """

    amendment: str | None
    number: int
    revision: int
    status: Status | None
    paragraph: str
    cited: str
    proposer: str
    sponsors: list[str]
    typist: str
    confirmed: str
    stances: list[Stance]
    earlier: list[Stance]


class SpeakingGroup(Shape):
    """A group that may speak in the process, and its members."""

    code: str
    name: str
    members: list[str]


class Positions(Shape):
    """All positions of one Opinion, in reading order. `voice` are those who speak for the asker's delegation here."""

    seq: int
    delegation: str
    speaks: bool
    voice: list[str]
    groups: list[SpeakingGroup]
    subjects: list[SubjectPositions]
