"""The shapes of the API's bodies, for checking and for its description. Imported only where one is used."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=300)]
Code = Annotated[str, Field(max_length=16)]


class Shape(BaseModel):
    """Unknown fields are refused: a mistyped one must not be lost without a word."""

    model_config = ConfigDict(extra="forbid")


class Misfit(Shape):
    """One place of a body that does not fit."""

    at: str
    message: str


class Problem(Shape):
    """An error: a stable code, and words that say what was wrong and what to do."""

    code: str
    message: str
    errors: list[Misfit] | None = None


class Version(Shape):
    """A frozen version of a draft Opinion."""

    number: int
    label: str
    milestone: str
    frozen_at: datetime
    fingerprint: Annotated[str, Field(description="SHA-256 of the canonical text, 64 hexadecimal digits.")]


class Opinion(Shape):
    """A draft Opinion. Its id stays; its number and title are negotiable."""

    id: str
    number: str
    title: str
    theme: str
    closed: bool
    created_at: datetime
    versions: list[Version]


class OpinionList(Shape):
    """Draft Opinions, in their order."""

    opinions: list[Opinion]


class Person(Shape):
    """Somebody on the roster."""

    id: str
    name: str
    role: str
    delegation: str | None
    entity: Annotated[str | None, Field(description="The delegation's name.")]
    email: str | None
    suspended: bool


class RosterList(Shape):
    """People, by name; `total` counts all of them."""

    people: list[Person]
    total: int


class NewPerson(Shape):
    """Somebody to be entered. The delegation must be there; nobody is invited by this."""

    name: Short
    role: Literal["expert", "focal_point", "contributor", "observer", "secretariat"]
    delegation: Code | None = None
    email: Short = ""


class NewPeople(Shape):
    """People to be entered: all of them, or none if one does not fit."""

    people: Annotated[list[NewPerson], Field(min_length=1, max_length=500)]


class Contribution(Shape):
    """A contribution of the register. `number` is spelt as it was given, and empty while it waits for one."""

    id: str
    number: str
    title: str
    sources: Annotated[list[str], Field(description="Codes of delegations.")]
    opinions: list[str]
    meeting: str
    language: str
    dated: date | None
    pages: int | None
    received_at: datetime
    status: str
    remarks: list[str]
    supersedes: str
    superseded_by: str
    files: list[str]


class ContributionList(Shape):
    """Contributions, by number; `total` counts all of them."""

    contributions: list[Contribution]
    total: int


class NewContribution(Shape):
    """A contribution to be put on the register; without a number it waits for one."""

    title: Short
    sources: Annotated[list[Code], Field(min_length=1, max_length=60, description="Codes of delegations.")]
    number: Short = ""
    opinions: Annotated[list[str], Field(max_length=50, description="Ids of draft Opinions.")] = []
    meeting: Short = ""
    language: Annotated[str, Field(max_length=40, description="In English: French, Arabic.")] = "English"
    dated: date | None = None
    pages: Annotated[int | None, Field(ge=1, le=2_000)] = None
    summary: Annotated[str, Field(max_length=4_000)] = ""
    file_name: Short = ""
    file: Annotated[str, Field(max_length=11_200_000, description="The file in base64, at most 8 MiB.")] = ""


class RoundText(Shape):
    """A draft Opinion of a round, at its version."""

    opinion: str
    version: int


class Round(Shape):
    """A consultation round."""

    id: str
    name: str
    opens_at: datetime
    closes_at: datetime
    public: bool
    published: bool
    texts: list[RoundText]


class RoundList(Shape):
    """Consultation rounds, the newest first."""

    rounds: list[Round]


class Comment(Shape):
    """A comment that is shown. Addresses of e-mail are never told; a name of the public as its author consented."""

    id: str
    number: str
    opinion: str
    paragraph: Annotated[str, Field(description="Empty: on the whole text.")]
    source: str
    delegation: str
    name: str
    organization: str
    language: str
    text: str
    proposed: str
    late: bool
    disposition: str
    made_at: datetime


class CommentList(Shape):
    """Comments of a round, by number; `total` counts all of them."""

    comments: list[Comment]
    total: int


class NewComment(Shape):
    """A comment that a delegation sent by other means, on the text of a round."""

    delegation: Code
    opinion: Short
    paragraph: Short = ""
    language: Short = "English"
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    proposed: Annotated[str, Field(max_length=20_000)] = ""
