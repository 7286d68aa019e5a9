"""What the page of alternatives, packages and compromise texts shows, as plain values."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from opinions.acting import called
from opinions.alternatives import name_of, open_alternatives
from opinions.compromise import Word, compromises, holders
from opinions.model import ParagraphId
from opinions.moves import spoken as spoken_state
from opinions.numbering import citations
from opinions.on_table import Alternatives, Link, Package
from opinions.option_readings import OptionReading, Passage, narrowed, option_readings
from opinions.packages import (
    AMENDMENT,
    Follows,
    PackageState,
    Standing,
    follows,
    follows_all,
    open_packages,
    package_state,
    spoken,
)
from opinions.picking import outcomes, wanted
from opinions.record import CHAIR, SECRETARIAT, Amendment, AmendmentKind, Document, Ruling, Stance, Status
from opinions.stances import said, unconfirmed
from opinions.statuses import Choice
from opinions.words import proposals
from server.console.words import in_order
from server.wording import ATTITUDES

SETS = 10
"""Sets of alternatives on one page: each option is tried on the text to show how it would read."""
ROWS = 150
"""Amendments offered in one form: those of the paragraphs asked for; more are no choice."""
DECIDED = 20
"""Decided sets and texts that stay in sight, the newest first."""
OF_THE_CHAIR = "Chair"
WORDS: Mapping[Word, str] = {
    Word.ACCEPTS: "accepts",
    Word.DECLINES: "declines",
    Word.OTHERWISE: "has said otherwise",
    Word.SILENT: "has not said",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One amendment of an option or among those a compromise replaces."""

    id: str
    number: str
    kind: AmendmentKind
    parties: tuple[str, ...]
    revision: int
    state: str
    open: bool
    positions: tuple[tuple[str, tuple[str, ...]], ...]
    reason: str
    cited: str


@dataclass(frozen=True, slots=True)
class Told:
    """What follows, in sentences; `warnings` are contradictions and cycles."""

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionLook:
    """An option with its words in place, who stands for it, what follows, and what a pick sends."""

    label: str
    members: tuple[Member, ...]
    passages: tuple[tuple[str, Passage], ...]
    refused: str
    told: Told
    command: str
    as_it_stands: bool
    no_text: bool


@dataclass(frozen=True, slots=True)
class SetLook:
    """One set of alternatives. `tied`: by somebody; else brackets that stand side by side in the text."""

    id: str
    name: str
    tied: bool
    kept: bool
    note: str
    places: tuple[tuple[str, str], ...]
    options: tuple[OptionLook, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """A holder of what a compromise replaces, and what it says."""

    party: str
    of: tuple[str, ...]
    word: Word
    says: str
    note: str


@dataclass(frozen=True, slots=True)
class CompromiseLook:
    """A compromise text. `own`: as whom the reader's delegation is asked, for itself and for groups that it is in."""

    member: Member
    paragraph: str
    replaces: tuple[Member, ...]
    holders: tuple[Holding, ...]
    put: tuple[tuple[str, str], ...]
    author: str
    own: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class PackageLook:
    """An open package: its links in sentences, what became of its parts, and where links do not agree."""

    id: str
    name: str
    note: str
    links: tuple[str, ...]
    agreed: tuple[str, ...]
    open: tuple[str, ...]
    fallen: tuple[str, ...]
    waiting: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """All that the page shows of one Opinion."""

    sets: tuple[SetLook, ...]
    sets_in_all: int
    compromises: tuple[CompromiseLook, ...]
    packages: tuple[PackageLook, ...]
    decided: tuple[tuple[str, str], ...]


class Seeing:
    """Makes the looks of one document for one reader. `names` says which parties the reader is shown; `asked` are the
    reader's delegation and the groups that it may speak for.
    """

    def __init__(
        self,
        document: Document,
        now: datetime,
        *,
        names: Callable[[Iterable[str]], Sequence[str]],
        asked: Collection[str] = (),
    ) -> None:
        self.document = document
        self.cited = {name: text.replace("*", "") for name, text in citations(document).items()}
        self._now = now
        self._names = names
        self._asked = asked
        self._stands: dict[str, list[ParagraphId]] = {}
        for paragraph in document.text:
            for name in proposals(paragraph):
                self._stands.setdefault(name, []).append(paragraph.id)

    def places(self, amendment: Amendment) -> Sequence[ParagraphId]:
        """The paragraphs in which an amendment stands, in reading order; that of its record where nothing does."""
        return self._stands.get(amendment.id) or (amendment.paragraph,)

    def looks(self, page: int = 1) -> Looks:
        """The page's values; `page` counts pages of sets from 1."""
        every = open_alternatives(self.document)
        shown = every[(page - 1) * SETS : page * SETS]
        texts = [one for one in compromises(self.document) if one.open]
        return Looks(
            tuple(self.set_look(one) for one in shown),
            len(every),
            tuple(self.compromise_look(one) for one in reversed(texts)),
            tuple(self.package_look(one) for one in open_packages(self.document)),
            self._decided(),
        )

    def member(self, amendment: Amendment) -> Member:
        """One amendment in a row of others."""
        positions: dict[str, list[str]] = {}
        for stance in in_order(amendment.stances):
            who = self._names([stance.delegation])
            if who and stance.delegation not in (amendment.delegation, *amendment.sponsors):
                told = spoken_with(stance, amendment.revision)
                positions.setdefault(ATTITUDES[stance.attitude], []).append(f"{who[0]}{told}")
        wanting = (amendment.delegation, *amendment.sponsors)
        stands = self.places(amendment)
        return Member(
            amendment.id,
            called(amendment),
            amendment.kind,
            self.parties(wanting),
            amendment.revision,
            spoken_state(amendment.status),
            amendment.open,
            tuple((words, tuple(parties)) for words, parties in positions.items()),
            amendment.reason,
            self.cited.get(stands[0], ""),
        )

    def parties(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes as pages print them: the chair's side as such, and nobody for brackets that nobody signed."""
        found = [OF_THE_CHAIR if code == CHAIR else code for code in codes if code != SECRETARIAT]
        shown = set(self._names([code for code in found if code != OF_THE_CHAIR]))
        return tuple(code for code in found if code == OF_THE_CHAIR or code in shown)

    # -- alternatives

    def set_look(self, found: Alternatives) -> SetLook:
        """A set with its options side by side."""
        narrow = narrowed(self.document, found)
        readings = option_readings(narrow, found, self._now)
        names = [paragraph.id for paragraph in narrow.text]
        return SetLook(
            found.id,
            name_of(narrow, found),
            self.document.record.alternatives(found.id) is not None,
            found.state is Choice.KEPT,
            found.note,
            tuple((str(name), self.cited.get(name, "")) for name in dict.fromkeys(names)),
            tuple(self._option(narrow, found, reading) for reading in readings),
        )

    def _option(self, narrow: Document, found: Alternatives, reading: OptionReading) -> OptionLook:
        option = reading.option
        members = tuple(
            self.member(one) for name in option.amendments if (one := self.document.amendment(name)) is not None
        )
        rulings = wanted(found, option).items()
        told = follows_all(self.document, ((f"{AMENDMENT}{name}", one is Ruling.AGREED) for name, one in rulings))
        sent = [asdict(one) for one in outcomes(narrow, found, option)]
        command = {"act": "pick_option", "alternatives": found.id, "option": option.label, "outcomes": sent}
        return OptionLook(
            option.label,
            members,
            tuple((self.cited.get(passage.paragraph, ""), passage) for passage in reading.passages),
            reading.refused,
            self.told(told),
            json.dumps(command),
            not option.amendments and not option.no_text,
            option.no_text,
        )

    def _decided(self) -> tuple[tuple[str, str], ...]:
        rows = [
            one
            for one in self.document.record.table.values()
            if isinstance(one, Alternatives) and one.state in (Choice.PICKED, Choice.MERGED)
        ]
        rows.sort(key=lambda one: one.decisions[-1].at, reverse=True)
        became = {Choice.MERGED: "merged into one text"}
        return tuple((one.name, became.get(one.state, f"“{one.picked}” picked")) for one in rows[:DECIDED])

    # -- what follows

    def told(self, found: Follows) -> Told:
        """What follows from a ruling, in sentences."""
        lines = [
            f"{self.subject(one.subject)} {_does(one.stays)}{', as it does already' if one.done else ''}"
            for one in found.things
        ]
        return Told(tuple(lines), self._warnings(found))

    def subject(self, key: str) -> str:
        """How a subject is called here."""
        return spoken(self.document, key).replace("*", "")

    def link(self, link: Link) -> str:
        """A link as a sentence."""
        kept = "is kept" if link.kept else "falls"
        return f"If {self.subject(link.when)} {kept}, {self.subject(link.then)} {_does(link.stays)}"

    def _warnings(self, found: Follows) -> tuple[str, ...]:
        lines = []
        for one in found.contradictions:
            name = self.subject(one.subject)
            if one.decided is None:
                lines.append(f"{name} would have to stay and to fall: the links contradict one another")
            else:
                was = "agreed" if one.decided is Standing.AGREED else "gone"
                lines.append(f"{name} {_does(bool(one.stays_by))}, and is {was} already")
        for way in found.cycles:
            lines.append(f"The links lead back to {self.subject(way[-1].then)}")
        return tuple(dict.fromkeys(lines))

    def package_look(self, package: Package) -> PackageLook:
        """A package with what has become of its parts."""
        state: PackageState = package_state(self.document, package.id)
        warnings = [
            line
            for when, kept in dict.fromkeys((one.when, one.kept) for one in package.links)
            for line in self._warnings(follows(self.document, when, kept))
        ]

        def named(keys: Iterable[str]) -> tuple[str, ...]:
            return tuple(self.subject(key) for key in keys)

        return PackageLook(
            package.id,
            package.name,
            package.note,
            tuple(self.link(one) for one in package.links),
            named(state.agreed),
            named(state.open),
            named(state.fallen),
            named(state.waiting),
            tuple(dict.fromkeys(warnings)),
        )

    # -- compromise

    def compromise_look(self, compromise: Amendment) -> CompromiseLook:
        """A compromise text with what its holders say."""
        found = tuple(
            Holding(
                one.delegation,
                tuple(called(other) for name in one.of if (other := self.document.amendment(name)) is not None),
                one.word,
                ATTITUDES[one.stance.attitude]
                if one.stance is not None and one.word is Word.OTHERWISE
                else WORDS[one.word],
                one.stance.note if one.stance is not None and one.word is not Word.SILENT else "",
            )
            for one in holders(self.document, compromise)
        )
        replaced = (self.document.amendment(name) for name in compromise.replaces)
        stands = self.places(compromise)
        return CompromiseLook(
            self.member(compromise),
            str(stands[0]),
            tuple(self.member(one) for one in replaced if one is not None),
            found,
            _put(self.document, compromise),
            compromise.author,
            tuple(one for one in found if one.party in self._asked),
        )

    def choices(self, paragraph: str = "") -> tuple[Amendment, ...]:
        """The open amendments that a form offers, by number: of one paragraph, or of all."""
        found = [
            one
            for one in self.document.record.amendments.values()
            if one.open and one.status is not Status.DRAFT and (not paragraph or paragraph in self.places(one))
        ]
        return tuple(sorted(found, key=lambda one: one.number))


def spoken_with(stance: Stance, revision: int) -> str:
    """What goes with a code in a line of positions: the members that are shown with a group, the revision at which it
    was said where another one stands, and that it waits to be confirmed.
    """
    at = said(stance)[0]
    parts = [f"with {', '.join(stance.members)}"] if stance.members else []
    parts += [f"of revision {at}"] if at and at != revision else []
    parts += ["not confirmed yet"] if unconfirmed(stance) else []
    return f" ({'; '.join(parts)})" if parts else ""


def _does(stays: bool) -> str:
    return "stays" if stays else "falls"


def _put(document: Document, compromise: Amendment) -> tuple[tuple[str, str], ...]:
    """The paragraph as it would read with the compromise, in parts: `same`, `gone`, `new`."""
    parts: list[tuple[str, str]] = []
    paragraph = document.text.find(compromise.paragraph)
    if paragraph is None:
        return ()
    for run in paragraph.runs:
        if run.insertion == compromise.id or (paragraph.added == compromise.id and run.insertion is None):
            kind = "new"
        elif run.insertion is not None:
            continue
        else:
            struck = any(mark.kind == "deletion" and mark.id == compromise.id for mark in run.marks)
            kind = "gone" if struck or compromise.kind is AmendmentKind.SUP else "same"
        if parts and parts[-1][0] == kind:
            parts[-1] = (kind, parts[-1][1] + run.text)
        else:
            parts.append((kind, run.text))
    return tuple(parts)
