"""A document whose record names only those whom its reader is shown (`opinions.visibility`); the others are empty."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from opinions.closing import Adoption, AdoptionQuestion, Renumbering, RenumberingMark
from opinions.on_table import OnTable, Sitting
from opinions.record import CHAIR, SECRETARIAT, Alternatives, Amendment, Call, Decision, Document, Package, Stance
from opinions.spoken import CallAnswer
from opinions.visibility import WHOLE, NamesShown

T = TypeVar("T")

_OFFICES = frozenset({CHAIR, SECRETARIAT})
"""Parties that hold nothing: they are named always."""


def with_names(document: Document, names: NamesShown) -> Document:
    """The document with the names taken out of its record that are not shown: codes become empty, people too."""
    if names == WHOLE:
        return document
    record = document.record
    hide = _Hiding(names)
    return Document(
        document.text,
        replace(
            record,
            amendments={key: hide.amendment(one) for key, one in record.amendments.items()},
            paragraphs={
                key: replace(
                    one,
                    stances=hide.stances(one.stances),
                    earlier=hide.stances(one.earlier),
                    decisions=hide.decisions(one.decisions),
                )
                for key, one in record.paragraphs.items()
            },
            table={key: hide.lying(one) for key, one in record.table.items()},
            opinion=replace(
                record.opinion,
                sitting=hide.sitting(record.opinion.sitting),
                renumbering=hide.mark(record.opinion.renumbering),
                question=hide.question(record.opinion.question),
                adoption=hide.adoption(record.opinion.adoption),
            ),
        ),
    )


def told_with(value: T, names: NamesShown) -> T:
    """News, a brief, or whatever else is told of a document and holds values of its record, with the names taken out
    of these alike.
    """
    if names == WHOLE:
        return value
    hide = _Hiding(names)

    def shown(one: Any) -> Any:
        match one:
            case Amendment():
                return hide.amendment(one)
            case Stance():
                return hide.stances((one,))[0]
            case Decision():
                return hide.decision(one)
            case CallAnswer():
                return hide.answers((one,))[0]
            case Call() | Alternatives() | Package():
                return hide.lying(one)
            case tuple():
                return tuple(map(shown, one))
        if is_dataclass(one) and not isinstance(one, type):
            return replace(one, **{each.name: shown(getattr(one, each.name)) for each in fields(one)})
        return one

    told: T = shown(value)
    return told


@dataclass(frozen=True, slots=True)
class _Hiding:
    names: NamesShown

    def code(self, code: str) -> str:
        return code if self.names.delegations or code in _OFFICES else ""

    def person(self, name: str) -> str:
        return name if self.names.persons else ""

    def sitting(self, one: Sitting | None) -> Sitting | None:
        if one is None:
            return None
        there = one.present if self.names.delegations else ()
        return replace(one, present=tuple(replace(each, by=self.person(each.by)) for each in there))

    def adoption(self, one: Adoption | None) -> Adoption | None:
        if one is None:
            return None
        return replace(
            one,
            ruled_by=self.person(one.ruled_by),
            recorded_by=self.person(one.recorded_by),
            objections=self.stances(one.objections),
            reservations=self.stances(one.reservations),
        )

    def mark(self, one: RenumberingMark | None) -> RenumberingMark | None:
        return None if one is None else replace(one, by=self.person(one.by))

    def question(self, one: AdoptionQuestion | None) -> AdoptionQuestion | None:
        if one is None:
            return None
        return replace(one, asked_by=self.person(one.asked_by), recorded_by=self.person(one.recorded_by))

    def amendment(self, one: Amendment) -> Amendment:
        return replace(
            one,
            delegation=type(one.delegation)(self.code(one.delegation)),
            sponsors=self.names.codes(one.sponsors),
            author=self.person(one.author),
            typist=self.person(one.typist),
            confirmed=self.person(one.confirmed),
            # How a source signed a bracket names its holders too.
            spelling=one.spelling if self.names.delegations else None,
            stances=self.stances(one.stances),
            earlier=self.stances(one.earlier),
            decisions=self.decisions(one.decisions),
        )

    def stances(self, stances: Iterable[Stance]) -> tuple[Stance, ...]:
        return tuple(
            replace(
                one,
                delegation=self.code(one.delegation),
                by=self.code(one.by),
                members=self.names.codes(one.members),
                speaker=self.person(one.speaker),
                typist=self.person(one.typist),
                confirmed=self.person(one.confirmed),
            )
            for one in stances
        )

    def decisions(self, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
        return tuple(self.decision(one) for one in decisions)

    def decision(self, one: Decision) -> Decision:
        return replace(
            one,
            ruled_by=self.person(one.ruled_by),
            recorded_by=self.person(one.recorded_by),
            asked_by=self.names.codes(one.asked_by),
        )

    def answers(self, answers: Iterable[CallAnswer]) -> tuple[CallAnswer, ...]:
        return tuple(
            replace(
                one,
                delegation=type(one.delegation)(self.code(one.delegation)),
                speaker=self.person(one.speaker),
                typist=self.person(one.typist),
            )
            for one in answers
        )

    def lying(self, one: OnTable) -> OnTable:
        if isinstance(one, Call):
            return replace(
                one,
                opened_by=self.person(one.opened_by),
                recorded_by=self.person(one.recorded_by),
                answers=self.answers(one.answers),
                earlier=self.answers(one.earlier),
                present=self.names.codes(one.present),
                reservations=self.stances(one.reservations),
                decision=self.decision(one.decision) if one.decision else None,
            )
        if isinstance(one, Alternatives):
            return replace(one, put_by=self.person(one.put_by), decisions=self.decisions(one.decisions))
        if isinstance(one, Renumbering):
            return replace(one, by=self.person(one.by))
        return replace(one, put_by=self.person(one.put_by))
