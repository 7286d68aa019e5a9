"""What concerns one delegation of all that was said: its positions, those of its groups, what was typed for it."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from opinions.model import DelegationCode, ParagraphId
from opinions.numbering import citations
from opinions.record import Amendment, Call, Document, Stance, Status
from opinions.spoken import CallAnswer
from opinions.stances import said, typed_unconfirmed, unconfirmed
from opinions.statuses import CallState


@dataclass(frozen=True, slots=True)
class Subject:
    """What something was said of: an amendment, or (None) a paragraph. `cited` is as the room cites the paragraph."""

    paragraph: ParagraphId
    cited: str
    amendment: Amendment | None = None
    stances: tuple[Stance, ...] = ()
    earlier: tuple[Stance, ...] = ()

    @property
    def revision(self) -> int:
        """The revision that stands; 0 of a paragraph."""
        return self.amendment.revision if self.amendment is not None else 0

    def outdated(self, stance: Stance) -> bool:
        """Whether a position was taken at an earlier revision than the one that stands."""
        at = said(stance)[0]
        return bool(at) and at < self.revision


@dataclass(frozen=True, slots=True)
class Taken:
    """A delegation's position: its own, or that of a group with which it is shown. `former` are those it had before,
    the newest first.
    """

    subject: Subject
    stance: Stance
    former: tuple[Stance, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What the secretariat typed for a delegation on one subject and waits to be confirmed: the amendment itself
    (`whole`), positions, of the delegation or of a group it spoke for.
    """

    subject: Subject
    whole: bool
    stances: tuple[Stance, ...] = ()

    @property
    def typist(self) -> str:
        """Who typed it."""
        if self.whole and self.subject.amendment is not None:
            return self.subject.amendment.typist
        return self.stances[-1].typist


def subjects(document: Document) -> Iterator[Subject]:
    """All that positions can be on record of, in reading order: each paragraph, then the amendments in it by number."""
    cited = citations(document)
    record = document.record
    by_paragraph: dict[ParagraphId, list[Amendment]] = {}
    for one in record.amendments.values():
        if one.status is not Status.DRAFT:
            by_paragraph.setdefault(one.paragraph, []).append(one)
    # A paragraph that is gone keeps what was said of it, and of the amendments that were in it.
    places = dict.fromkeys([*(one.id for one in document.text), *record.paragraphs, *by_paragraph])
    for place in places:
        where = cited.get(place, "")
        on_record = record.paragraph(place)
        yield Subject(place, where, None, on_record.stances, on_record.earlier)
        for one in sorted(by_paragraph.get(place, ()), key=lambda one: one.number):
            yield Subject(place, where, one, one.stances, one.earlier)


def positions_of(document: Document, party: str) -> tuple[Taken, ...]:
    """The positions of a delegation as they stand, with those before, in reading order."""
    found = []
    for subject in subjects(document):
        former = tuple(one for one in reversed(subject.earlier) if one.delegation == party)
        stance = next((one for one in subject.stances if party == one.delegation or party in one.members), None)
        if stance is not None:
            found.append(Taken(subject, stance, former))
    return tuple(found)


def typed_for(document: Document, party: str) -> tuple[Typed, ...]:
    """What was typed for a delegation and waits to be confirmed, in reading order."""
    found = []
    for subject in subjects(document):
        one = subject.amendment
        stands = one is not None and one.delegation == party and one.status is not Status.WITHDRAWN
        whole = stands and one is not None and typed_unconfirmed(one)
        stances = tuple(each for each in subject.stances if party in (each.delegation, each.by) and unconfirmed(each))
        if whole or stances:
            found.append(Typed(subject, whole, stances))
    return tuple(found)


def answers_typed_for(document: Document, party: str) -> tuple[tuple[Call, CallAnswer], ...]:
    """The answers to calls under way that were typed for a delegation: it corrects them by answering itself."""
    calls = (one for one in document.record.table.values() if isinstance(one, Call) and one.state is CallState.OPEN)
    return tuple((call, one) for call in calls for one in call.answers if one.delegation == party and one.typist)


def to_join(
    document: Document, party: DelegationCode, groups: Mapping[str, AbstractSet[DelegationCode]]
) -> tuple[tuple[Subject, Stance], ...]:
    """The positions of its groups on what is pending with which a delegation is not shown, in reading order. Its own
    amendments are left out, and positions taken at an earlier revision, which nobody can join.
    """
    found = []
    for subject in subjects(document):
        one = subject.amendment
        if one is not None and (not one.open or one.delegation == party):
            continue
        for stance in subject.stances:
            ours = party in groups.get(stance.delegation, ())
            if ours and party not in stance.members and not subject.outdated(stance):
                found.append((subject, stance))
    return tuple(found)
