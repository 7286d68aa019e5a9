"""Alternatives with their options as they would read, packages with what follows, compromise texts, as JSON.

Amendments are named by id; `Table` (`/table`) has them whole. A subject of a package is `amendment:<id>` or
`paragraph:<id>`.
"""

from opinions.compromise import Word
from opinions.on_table import Link
from opinions.packages import Standing
from opinions.spoken import Stance
from opinions.statuses import Ruling
from server.api.shapes import Shape


class OptionPassage(Shape):
    """A paragraph as an option leaves it: `words` stand between what all options share; `stands`: it is there."""

    paragraph: str
    before: str
    words: str
    after: str
    stands: bool


class OptionOutcome(Shape):
    """One ruling that picking the option is, as `pick_option` takes it."""

    amendment: str
    revision: int
    ruling: Ruling
    words: str


class FollowingSubject(Shape):
    """Something that follows by the packages' links: it stays or falls; `done`: it is so already."""

    subject: str
    stays: bool
    because: list[Link]
    package: str
    standing: Standing
    done: bool


class ContradictionOfLinks(Shape):
    """A subject that would have to stay and to fall, or was decided the other way (`decided`)."""

    subject: str
    stays_by: list[Link]
    falls_by: list[Link]
    decided: Standing | None


class FollowingAll(Shape):
    """All that follows; `cycles` are links that lead back."""

    things: list[FollowingSubject]
    contradictions: list[ContradictionOfLinks]
    cycles: list[list[Link]]


class OptionRow(Shape):
    """One option; `refused` says why it cannot be picked now."""

    label: str
    amendments: list[str]
    no_text: bool
    passages: list[OptionPassage]
    refused: str
    outcomes: list[OptionOutcome]
    follows: FollowingAll


class AlternativesRow(Shape):
    """A set of options that waits for a ruling. `tied`: by somebody; else brackets side by side in the text."""

    id: str
    name: str
    tied: bool
    kept: bool
    note: str
    options: list[OptionRow]


class CompromiseHolder(Shape):
    """Who holds what a compromise replaces, and what it says of the revision that stands."""

    delegation: str
    of: list[str]
    word: Word
    stance: Stance | None


class CompromiseRow(Shape):
    """A compromise text that is open."""

    amendment: str
    number: int
    revision: int
    replaces: list[str]
    holders: list[CompromiseHolder]


class PackageRow(Shape):
    """An open package: its links, and what of it is agreed, open, fallen, or waits for it."""

    id: str
    name: str
    note: str
    subjects: list[str]
    links: list[Link]
    agreed: list[str]
    open: list[str]
    fallen: list[str]
    waiting: list[str]


class AlternativesAndPackages(Shape):
    """All of it; `alternatives_in_all` counts the sets, of which `page` has some."""

    alternatives_in_all: int
    alternatives: list[AlternativesRow]
    compromises: list[CompromiseRow]
    packages: list[PackageRow]
