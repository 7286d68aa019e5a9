"""A report in words: one Opinion's `opinions.report.Report` as lines. It says what was recorded, no more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from opinions.record import Amendment, AmendmentKind, Decision, ParagraphState, Ruling, Stance
from opinions.report import Bracket, Chosen, Deal, Heading, Objections, Position, Proposal, Report, Reserved
from opinions.roles import Delegation
from opinions.spoken import CallAnswer
from opinions.stances import said, unconfirmed
from opinions.statuses import Answer, CallState, Choice
from opinions.wording_kept import Wording
from server.reports.lines import Line, Piece, Style, Weight, led, plain
from server.wording import (
    AMENDMENT_KINDS,
    AMENDMENT_STATUSES,
    ATTITUDES,
    LEVELS,
    PARAGRAPH_STATES,
    RULINGS,
    moment,
)

SOMEBODY = "A delegation"
"""Who proposed or said something, where names of delegations are withheld."""
NOTHING = "Nothing is on record of it."
STATES: Mapping[ParagraphState, str] = {**PARAGRAPH_STATES, ParagraphState.BASE: "Never considered"}
"""A report looks back: no "not yet" in it."""
CALLS: Mapping[CallState, str] = {
    CallState.OPEN: "Not decided",
    CallState.DECIDED: "Decided",
    CallState.WITHDRAWN: "Withdrawn by the chair",
    CallState.VOID: "Void: what was called does not stand any more",
}
CHOICES: Mapping[Choice, str] = {
    Choice.OPEN: "Open",
    Choice.PICKED: "Picked",
    Choice.MERGED: "Merged into one text",
    Choice.KEPT: "All kept",
    Choice.DROPPED: "Untied",
}
KINDS: Mapping[AmendmentKind, str] = {**AMENDMENT_KINDS, AmendmentKind.BRACKET: "square brackets"}
"""In a sentence, where the signs alone would seem to hold something."""
ANSWERS = ((Answer.OBJECT, "Objected"), (Answer.NEED_TIME, "Asked for time"), (Answer.NO_OBJECTION, "No objection"))
SECTIONS = (
    "Reservations and objections",
    "What stays open",
    "Requests to reopen",
    "Alternatives",
    "Packages",
    "Not retained",
    "Withdrawn",
    "Open square brackets",
)

RARE = frozenset({"Requests to reopen", "Alternatives", "Packages"})
"""Sections that a report has only where there is something to tell in them."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells reports. `parties` give delegations their names, `zone` is that of the meeting."""

    parties: Mapping[str, Delegation]
    zone: ZoneInfo

    def tell(self, report: Report) -> tuple[Line, ...]:
        """The lines of one Opinion's report, without its own heading."""
        return tuple((*self._paragraphs(report), *self._closing(report)))

    # --- paragraph by paragraph

    def _paragraphs(self, report: Report) -> Iterator[Line]:
        yield plain(Style.SECTION, "Paragraph by paragraph")
        if not report.headings:
            yield plain(Style.NOTE, NOTHING)
        for heading in report.headings:
            yield from self._heading(heading)

    def _heading(self, heading: Heading) -> Iterator[Line]:
        state = "stands in the text no more" if heading.gone else STATES[heading.state]
        cited = heading.cited or "A paragraph"
        yield Line(Style.PLACE, (Piece(cited, Weight.STRONG), Piece(f": {state}")), str(heading.paragraph))
        if heading.words:
            yield plain(Style.TEXT, heading.words)
        for one in heading.proposals:
            yield from self._proposal(one, heading)
        for position in heading.positions:
            yield self._position(position, "on the paragraph")
        for decision in heading.decisions:
            yield self._ruled(decision, "The paragraph")

    def _proposal(self, one: Proposal, heading: Heading) -> Iterator[Line]:
        amendment = one.amendment
        kind = "(MOD)" if amendment.editorial and amendment.kind is AmendmentKind.MOD else KINDS[amendment.kind]
        with_others = f", with {self.names(amendment.sponsors)}" if amendment.sponsors else ""
        if one.merged and amendment.replaces:
            kind = f"{kind}, compromise text for {_numbers(one.merged)}"
        late = ", submitted late" if amendment.late else ""
        rest = f", {self.name(amendment.delegation)}{with_others}: {kind}, revision {amendment.revision}{late}. "
        pieces = (Piece(_called(amendment), Weight.STRONG), Piece(rest), Piece(f"{_standing(one)}.", Weight.STRONG))
        yield Line(Style.PROPOSAL, pieces)
        yield from self._words(one.wording, heading)
        if amendment.reason:
            yield plain(Style.NOTE, f"Reason: {amendment.reason}")
        if amendment.source:
            yield plain(Style.NOTE, f"Source: {amendment.source}")
        for name, label in one.options:
            yield plain(Style.NOTE, f"Option “{label}” of the alternatives “{name}”.")
        for name in one.packages:
            yield plain(Style.NOTE, f"In the package “{name}”.")
        for position in one.positions:
            yield self._position(position, "")
        for call in one.calls:
            yield from self._call(call)
        for decision in one.decisions:
            yield self._ruled(decision, f"Revision {decision.revision}")

    def _words(self, wording: Sequence[Wording], heading: Heading) -> Iterator[Line]:
        for one in wording:
            pieces: list[Piece] = []
            if one.held:
                pieces.append(Piece(f"[{one.held}]"))
            if one.struck:
                pieces.append(Piece(one.struck, Weight.GONE))
            if one.put:
                pieces += [Piece(" "), Piece(one.put, Weight.NEW)] if pieces else [Piece(one.put, Weight.NEW)]
            if one.paragraph != heading.paragraph and pieces:
                pieces.append(Piece(" (in another paragraph)"))
            if pieces:
                yield Line(Style.WORDS, tuple(pieces))

    def _position(self, position: Position, on: str) -> Line:
        lead = "" if position.current else "Earlier: "
        return plain(Style.SAID, f"{lead}{self.stance(position.stance)}{f' {on}' if on else ''}.")

    def stance(self, stance: Stance) -> str:
        """A position as a sentence without its full stop."""
        who = self.name(stance.delegation)
        if stance.by:
            confirmed = f"; confirmed by {self.names(stance.members)}" if stance.members else ""
            who += f" (spoken for by {self.name(stance.by)}{confirmed})"
        revision, note = said(stance)
        about = [f"revision {revision}"] if revision else []
        about += [moment(stance.at, self.zone)] if stance.at else []
        about += [stance.speaker] if stance.speaker else []
        if stance.typist and stance.typist != stance.speaker:
            about.append("typed for it, not yet confirmed" if unconfirmed(stance) else "typed for it, confirmed")
        told = f"{who} {ATTITUDES[stance.attitude]}"
        told += f": “{note}”" if note else ""
        return f"{told} ({', '.join(about)})" if about else told

    def _call(self, objections: Objections) -> Iterator[Line]:
        call = objections.call
        put = ", ".join(f"#{number}, revision {revision}" for number, revision in objections.numbers)
        by = f" by {call.opened_by}" if call.opened_by else ""
        note = f" “{call.note}”" if call.note else ""
        yield led(Style.SAID, "Call for objections", f", {moment(call.opened_at, self.zone)}{by}: {put}.{note}")
        for kind, words in ANSWERS:
            given = objections.answered(kind)
            if given:
                yield plain(Style.SAID, f"{words}: {'; '.join(self._answer(one) for one in given)}.")
        if call.earlier:
            kinds = {kind: words.lower() for kind, words in ANSWERS}
            told = "; ".join(f"{self._answer(one)}, {kinds[one.answer]}" for one in call.earlier)
            yield plain(Style.SAID, f"Answered before: {told}.")
        if call.reservations:
            yield plain(Style.SAID, f"Reservations then: {'; '.join(map(self.stance, call.reservations))}.")
        if call.present:
            yield plain(Style.SAID, f"Marked as present: {self.names(call.present)}.")
        when = f", {moment(call.closed_at, self.zone)}" if call.closed_at else ""
        said = f" “{call.closed_note}”" if call.closed_note else ""
        yield plain(Style.SAID, f"{CALLS[call.state]}{when}.{said}")

    def _answer(self, one: CallAnswer) -> str:
        note = f" (“{one.note}”)" if one.note else ""
        return f"{self.name(one.delegation)}{note}"

    def _ruled(self, decision: Decision, what: str) -> Line:
        where = ", ".join(part for part in (LEVELS[decision.level] if decision.level else "", decision.meeting) if part)
        who = f", ruled by {decision.ruled_by}" if decision.ruled_by else ""
        if decision.recorded_by and decision.recorded_by != decision.ruled_by:
            who += f", recorded by {decision.recorded_by}"
        told = f". {what}, {moment(decision.at, self.zone)}{f', {where}' if where else ''}{who}."
        told += f" {self.circumstances(decision)}" if self.circumstances(decision) else ""
        told += f" “{decision.note}”" if decision.note else ""
        words = _exact(decision.words)
        told += f" Exact words: {words}." if words else ""
        told += f" Fingerprint {decision.digest}." if decision.digest else ""
        return led(Style.RULED, RULINGS[decision.ruling], told)

    def circumstances(self, decision: Decision) -> str:
        """Who asked for an outcome, for whom or what it is pending, until when."""
        told = []
        if decision.asked_by:
            pending = decision.ruling is Ruling.PENDING_DELEGATION
            told.append(f"{'Pending' if pending else 'At the request of'} {self.names(decision.asked_by)}.")
        if decision.until:
            told.append(f"Until {moment(decision.until, self.zone)}.")
        if decision.package:
            told.append(f"Depends on the package “{decision.package}”.")
        return " ".join(told)

    # --- what a reader looks for at the end

    def _closing(self, report: Report) -> Iterator[Line]:
        rows: tuple[Iterable[Line], ...] = (
            (self._reserved(one) for one in report.reservations),
            (self._pending(one) for one in report.open),
            (self._listed(one) for one in report.reopening),
            (line for one in report.alternatives for line in self._chosen(one)),
            (self._deal(one) for one in report.packages),
            (self._dissent(one) for one in report.not_retained),
            (self._listed(one) for one in report.withdrawn),
            (self._bracket(one) for one in report.brackets),
        )
        for name, lines in zip(SECTIONS, rows, strict=True):
            told = tuple(lines)
            if not told and name in RARE:
                continue
            yield plain(Style.SECTION, name)
            yield from told or (plain(Style.NOTE, "None."),)

    def _reserved(self, one: Reserved) -> Line:
        on = f"#{one.number}" if one.number else "the paragraph"
        return plain(Style.SAID, f"{_at(one.cited)}{self.stance(one.stance)}, on {on}.")

    def _pending(self, one: Proposal) -> Line:
        last = one.amendment.decisions[-1] if one.amendment.decisions else None
        why = self.circumstances(last) if last is not None else ""
        return plain(Style.SAID, f"{self._named(one)}: {_standing(one)}.{f' {why}' if why else ''}")

    def _listed(self, one: Proposal) -> Line:
        return plain(Style.SAID, f"{self._named(one)}: {_standing(one)}.")

    def _dissent(self, one: Proposal) -> Line:
        """What was not retained, with what its delegation and others said of it: disagreement stays on record."""
        said = "; ".join(self.stance(stance) for stance in one.amendment.stances)
        reason = f" Reason given: {one.amendment.reason}" if one.amendment.reason else ""
        return plain(Style.SAID, f"{self._named(one)}.{reason}{f' Positions: {said}.' if said else ''}")

    def _named(self, one: Proposal) -> str:
        return f"{_at(one.cited)}{_called(one.amendment)}, {self.name(one.amendment.delegation)}"

    def _chosen(self, one: Chosen) -> Iterator[Line]:
        choice = one.alternatives
        picked = f": “{choice.picked}”" if choice.picked else ""
        note = f" “{choice.note}”" if choice.note else ""
        yield led(Style.SAID, choice.name, f". {CHOICES[choice.state]}{picked}.{note}")
        for label, numbers, no_text in one.options:
            yield plain(Style.NOTE, f"{label}: {_numbers(numbers) or ('no text' if no_text else 'nothing yet')}")
        for decision in choice.decisions:
            yield self._ruled(decision, "The alternatives")

    def _deal(self, one: Deal) -> Line:
        package = one.package
        note = f" “{package.note}”" if package.note else ""
        closed = f" Closed {moment(package.closed_at, self.zone)}." if package.closed_at else ""
        return led(Style.SAID, package.name, f": {', '.join(one.subjects)}.{note}{closed}")

    def _bracket(self, one: Bracket) -> Line:
        holders = self.names(one.holders) if one.holders else SOMEBODY
        reason = f" Reason: {one.reason}" if one.reason else ""
        status = AMENDMENT_STATUSES[one.status]
        told = f" #{one.number}, {holders}, since {moment(one.since, self.zone)}, {status.lower()}.{reason}"
        return Line(Style.SAID, (Piece(_at(one.cited)), Piece(f"[{one.words}]", Weight.STRONG), Piece(told)))

    # --- names

    def name(self, code: str) -> str:
        """A party as the report calls it."""
        if code == "CHR":
            return "the Chair"
        if code == "SEC":
            return "the secretariat"
        found = self.parties.get(code)
        return found.name if found is not None else code or SOMEBODY

    def names(self, codes: Iterable[str]) -> str:
        """Several parties."""
        return ", ".join(self.name(code) for code in codes)


def _called(amendment: Amendment) -> str:
    return f"#{amendment.number}" if amendment.number else "An amendment of the source"


def _standing(one: Proposal) -> str:
    told = AMENDMENT_STATUSES[one.amendment.status]
    return f"{told} (#{one.into})" if one.into else told


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(f"#{number}" for number in numbers)


def _at(cited: str) -> str:
    return f"{cited}: " if cited else ""


def _exact(words: str) -> str:
    """The lines of `opinions.decisions.words_lines` on one line."""
    signs = {"+": "“{}” in", "-": "“{}” out", "[": "“[{}]”", "=": "“{}”"}
    lines = (line for line in words.split("\n") if line[:1] in signs)
    return "; ".join(signs[line[0]].format(line[1:]) for line in lines)
