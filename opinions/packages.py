"""Packages and linked options: what follows when one of them is decided. It is shown and asked, never done (I9).

A subject is named by its key, `amendment:<id>` or `paragraph:<id>`. It is *kept* when what it wants is text - an
amendment agreed, a paragraph that stays -, and it *falls* otherwise. Rules PK1-PK3 of opinions/SPEC.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opinions.acting import Context, called
from opinions.edits import Change, PutOnTable
from opinions.errors import InvalidCommand, WrongStatus
from opinions.model import is_id
from opinions.numbering import citation
from opinions.on_table import Link, Package
from opinions.record import Document, ParagraphState, Status
from opinions.table_commands import ClosePackage, PutPackage

AMENDMENT, PARAGRAPH = "amendment:", "paragraph:"

_KEPT = frozenset({Status.AGREED, Status.AGREED_AD_REFERENDUM})
_AGREED = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})


class Standing(StrEnum):
    """What has become of a subject."""

    OPEN = "open"
    AGREED = "agreed"
    FALLEN = "fallen"


@dataclass(frozen=True, slots=True)
class Following:
    """One thing that follows: `subject` stays or falls. `because` are the links that lead there, the first one first;
    `standing` is what has become of it already.
    """

    subject: str
    stays: bool
    because: tuple[Link, ...]
    package: str
    standing: Standing

    @property
    def done(self) -> bool:
        """Whether it is so already."""
        return self.standing is (Standing.AGREED if self.stays else Standing.FALLEN)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A subject that would have to stay and to fall: by links of both kinds, or against what was decided."""

    subject: str
    stays_by: tuple[Link, ...]
    falls_by: tuple[Link, ...]
    decided: Standing | None = None


@dataclass(frozen=True, slots=True)
class Follows:
    """All that follows from rulings, in the order in which it does. `cycles` are links that lead back to what is
    decided already on the way: they say nothing new, and are told.
    """

    things: tuple[Following, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    cycles: tuple[tuple[Link, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PackageState:
    """What of a package is agreed, open, fallen, and which of it waits for the package by the chair's ruling."""

    package: Package
    agreed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    fallen: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def put_package(command: PutPackage, document: Document, context: Context) -> Change:
    """Ties subjects into a package with links, or changes one (PK1).

    Raises `InvalidCommand` for what is no package, `WrongStatus` when it is closed.
    """
    if not is_id(command.package):
        raise InvalidCommand(f"{command.package!r} is no id: 4 to 40 small letters, digits and hyphens.")
    if not command.name.strip():
        raise InvalidCommand("Give the package a name, such as “financing and reporting”.")
    subjects = tuple(command.subjects)
    if len(set(subjects)) < max(2, len(subjects)):
        raise InvalidCommand("A package ties two subjects at least, each named once.")
    for subject in subjects:
        _require_known(document, subject)
    _require_links(command.links, subjects)
    before = document.record.package(command.package)
    if before is not None and before.closed_at is not None:
        raise WrongStatus(f"The package “{before.name}” is closed. Make a new one.")
    put = Package(
        id=command.package,
        name=command.name.strip(),
        subjects=subjects,
        put_at=before.put_at if before else context.at,
        put_by=before.put_by if before else context.actor.name,
        links=command.links,
        note=command.note,
    )
    return Change((PutOnTable(put),))


def close_package(command: ClosePackage, document: Document, context: Context) -> Change:
    """The package is no more; what it held stays as it is (PK1)."""
    package = require_package(document, command.package)
    return Change((PutOnTable(replace(package, closed_at=context.at, note=command.note or package.note)),))


def require_package(document: Document, package_id: str) -> Package:
    """A package that is not closed. Raises `InvalidCommand` for an unknown id, `WrongStatus` for a closed one."""
    package = document.record.package(package_id)
    if package is None:
        raise InvalidCommand(f"There is no package {package_id} here. Look at the list again.")
    if package.closed_at is not None:
        raise WrongStatus(f"The package “{package.name}” is closed already.")
    return package


def open_packages(document: Document) -> tuple[Package, ...]:
    """The packages on the table, the oldest first."""
    found = [one for one in document.record.table.values() if isinstance(one, Package) and one.closed_at is None]
    return tuple(sorted(found, key=lambda one: (one.put_at, one.id)))


def follows(document: Document, subject: str, kept: bool) -> Follows:
    """What follows when `subject` is kept, or falls, by the links of all open packages, transitively (PK2)."""
    return follows_all(document, ((subject, kept),))


def follows_all(document: Document, rulings: Iterable[tuple[str, bool]]) -> Follows:
    """What follows from several rulings of one act."""
    links: dict[tuple[str, bool], list[tuple[Link, str]]] = {}
    for package in open_packages(document):
        for link in package.links:
            links.setdefault((link.when, link.kept), []).append((link, package.id))
    if not links:
        return Follows()
    starts = dict(rulings)
    ways: dict[tuple[str, bool], tuple[tuple[Link, ...], str]] = {(one, kept): ((), "") for one, kept in starts.items()}
    waiting = list(ways)
    cycles: list[tuple[Link, ...]] = []
    for here in waiting:
        way = ways[here][0]
        for link, package_id in links.get(here, ()):
            then = (link.then, link.stays)
            if then in ways:
                if then[0] in (here[0], *(one.when for one in way)):
                    cycles.append((*way, link))
                continue
            ways[then] = ((*way, link), package_id)
            waiting.append(then)
    things = [
        Following(name, stays, way, package_id, standing(document, name))
        for (name, stays), (way, package_id) in ways.items()
        if name not in starts
    ]
    return Follows(tuple(things), tuple(_contradictions(document, ways, starts)), tuple(cycles))


def package_state(document: Document, package_id: str) -> PackageState:
    """What of a package is agreed, open and fallen (PK3). Raises `InvalidCommand` for an unknown id."""
    package = document.record.package(package_id)
    if package is None:
        raise InvalidCommand(f"There is no package {package_id} here. Look at the list again.")
    by: dict[Standing, list[str]] = {one: [] for one in Standing}
    for subject in package.subjects:
        by[standing(document, subject)].append(subject)
    return PackageState(
        package,
        tuple(by[Standing.AGREED]),
        tuple(by[Standing.OPEN]),
        tuple(by[Standing.FALLEN]),
        tuple(subject for subject in package.subjects if package_id == waits_for(document, subject)),
    )


def standing(document: Document, subject: str) -> Standing:
    """What has become of a subject: merged, superseded and withdrawn amendments have fallen, as those not retained."""
    if subject.startswith(AMENDMENT):
        amendment = document.amendment(subject.removeprefix(AMENDMENT))
        if amendment is None:
            return Standing.FALLEN
        if amendment.open:
            return Standing.OPEN
        return Standing.AGREED if amendment.status in _KEPT else Standing.FALLEN
    paragraph = document.text.find(subject.removeprefix(PARAGRAPH))
    if paragraph is None:
        return Standing.FALLEN
    return Standing.AGREED if document.record.paragraph(paragraph.id).state in _AGREED else Standing.OPEN


def waits_for(document: Document, subject: str) -> str:
    """The package for which a subject is pending by its newest ruling; empty for none."""
    if subject.startswith(AMENDMENT):
        amendment = document.amendment(subject.removeprefix(AMENDMENT))
        pending = amendment is not None and amendment.status is Status.PENDING_PACKAGE
        decisions = amendment.decisions if amendment else ()
    else:
        paragraph = document.text.find(subject.removeprefix(PARAGRAPH))
        record = document.record.paragraph(paragraph.id) if paragraph else None
        pending = record is not None and record.state is ParagraphState.PENDING_PACKAGE
        decisions = record.decisions if record else ()
    return decisions[-1].package if pending and decisions else ""


def spoken(document: Document, subject: str) -> str:
    """How the room calls a subject: `#38`, or the paragraph as it is cited."""
    if subject.startswith(AMENDMENT):
        amendment = document.amendment(subject.removeprefix(AMENDMENT))
        return called(amendment) if amendment else subject.removeprefix(AMENDMENT)
    paragraph = document.text.find(subject.removeprefix(PARAGRAPH))
    return citation(document, paragraph.id) if paragraph else "a paragraph that is no longer in the text"


def _contradictions(
    document: Document,
    ways: dict[tuple[str, bool], tuple[tuple[Link, ...], str]],
    starts: dict[str, bool],
) -> Iterator[Contradiction]:
    for name in dict.fromkeys(name for name, _ in ways):
        stays, falls = ways.get((name, True)), ways.get((name, False))
        if stays is not None and falls is not None:
            yield Contradiction(name, stays[0], falls[0])
            continue
        now = standing(document, name)
        if name in starts or now is Standing.OPEN or (now is Standing.AGREED) == (stays is not None):
            continue
        yield Contradiction(name, stays[0] if stays else (), falls[0] if falls else (), now)


def _require_known(document: Document, subject: str) -> None:
    if subject.startswith(AMENDMENT):
        amendment = document.amendment(subject.removeprefix(AMENDMENT))
        if amendment is None or amendment.status is Status.DRAFT:
            raise InvalidCommand(f"{subject}: there is no such amendment before the meeting.")
    elif subject.startswith(PARAGRAPH):
        if document.text.find(subject.removeprefix(PARAGRAPH)) is None:
            raise InvalidCommand(f"{subject}: there is no such paragraph in the text.")
    else:
        raise InvalidCommand(f"{subject!r} names no subject: amendment:<id> or paragraph:<id>.")


def _require_links(links: Sequence[Link], subjects: Sequence[str]) -> None:
    known = set(subjects)
    for link in links:
        if link.when not in known or link.then not in known:
            raise InvalidCommand("A link ties two subjects of its own package; add both to it.")
        if link.when == link.then:
            raise InvalidCommand("A link ties two different subjects.")
    if len(set(links)) < len(links):
        raise InvalidCommand("A link is given twice. Leave one out.")
