"""Judged differences made into what one command enters (`opinions.proposals.Entered`): changes of base text first, then
each delegation's amendments, one MOD for all it wants in a paragraph.

Offsets are those of the text before the command, so words that the same command puts into a paragraph of ours cannot be
struck by it: such a strike waits (`Made.waiting`), and is found by comparing again once they are in the text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.overlay import Cell, Change
from opinions.proposals import BaseChange, BaseChangeKind, Entered, Proposal, Replacement
from opinions.reading_proposals import Difference, Laid, Understanding, What
from opinions.record import AmendmentKind


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is made of a difference: base text, an amendment of `delegation`, or nothing (neither)."""

    base: bool = False
    delegation: DelegationCode | None = None


REFUSED = Judgement()
AS_BASE = Judgement(base=True)


@dataclass(slots=True)
class Made:
    """What is to be entered, which differences each amendment stands for, and those that must wait for others."""

    entered: Entered
    stands_for: dict[AmendmentId, list[Difference]] = field(default_factory=dict)
    waiting: list[Difference] = field(default_factory=list)
    idle: list[Difference] = field(default_factory=list)
    """Judged to go in, but hanging on a paragraph that is not entered."""


def made(
    understanding: Understanding,
    judged: Mapping[str, Judgement],
    *,
    mint: Callable[[str], str],
    source: str = "",
) -> Made:
    """What to enter. `judged` by the key of a difference; one without judgement is not entered. `mint` makes an id of
    a key, for the same key the same.
    """
    work = _Making(judged, mint)
    for laid in understanding.laid:
        work.base_of(laid)
    work.row_over()
    for laid in understanding.laid:
        work.proposals_of(laid)
    work.result.entered = Entered(tuple(work.proposals), tuple(work.base), source)
    return work.result


class _Making:
    def __init__(self, judged: Mapping[str, Judgement], mint: Callable[[str], str]) -> None:
        self.base: list[BaseChange] = []
        self.proposals: list[Proposal] = []
        self.result = Made(Entered())
        self._judged = judged
        self._mint = mint
        self._after: ParagraphId | None = None
        self._put: set[ParagraphId] = set()
        """New paragraphs that the command puts in."""

    def row_over(self) -> None:
        """Begin at the top again."""
        self._after = None

    def _judgement(self, one: Difference) -> Judgement:
        return self._judged.get(one.key, REFUSED)

    # -- base text

    def base_of(self, laid: Laid) -> None:
        row = laid.row
        wanted = [one for one in row.differences if self._judgement(one).base]
        words = [laid.changes[one.key] for one in wanted if one.what is What.WORDS]
        for one in wanted:
            if one.what is What.ADDED:
                text = _text_of(laid.overlay.line, [laid.owner, *words])
                self.base.append(
                    BaseChange(
                        BaseChangeKind.INSERT,
                        row.paragraph,
                        after=self._after,
                        paragraph_kind=laid.kind,
                        level=laid.level,
                        text=text,
                    )
                )
                self._put.add(row.paragraph)
            elif one.what is What.REMOVED:
                self.base.append(BaseChange(BaseChangeKind.REMOVE, row.paragraph))
        if row.ours and words:
            found = tuple(_replacements(laid.overlay.line, [one for one in words if one is not None]))
            if found:
                self.base.append(BaseChange(BaseChangeKind.WORDS, row.paragraph, found))
        self._pass(laid)

    def _pass(self, laid: Laid) -> None:
        """What comes next stands behind this row, unless the row stands elsewhere in our text."""
        if (laid.row.ours and not laid.row.match.moved) or laid.row.paragraph in self._put:
            self._after = laid.row.paragraph

    # -- amendments

    def proposals_of(self, laid: Laid) -> None:
        row = laid.row
        by_party: dict[DelegationCode, list[Difference]] = {}
        for one in row.differences:
            party = self._judgement(one).delegation
            if party is not None:
                by_party.setdefault(party, []).append(one)
        adder = next((party for party, all_of in by_party.items() for one in all_of if one.what is What.ADDED), None)
        if adder is not None:
            self._add(laid, adder, by_party)
        for party, differences in by_party.items():
            if not row.ours and row.paragraph not in self._put:
                self.result.idle += [one for one in differences if one.what is not What.ADDED]
                continue
            self._mod(laid, party, [one for one in differences if one.what is What.WORDS], adder)
            for one in differences:
                if one.what is What.REMOVED:
                    self._propose([one], Proposal(self._id(one), party, AmendmentKind.SUP, row.paragraph), one.note)
                elif one.what is What.BRACKET:
                    self._bracket(laid, party, one)
        self._pass(laid)

    def _add(self, laid: Laid, party: DelegationCode, by_party: Mapping[DelegationCode, Sequence[Difference]]) -> None:
        row = laid.row
        theirs = by_party[party]
        one = next(each for each in theirs if each.what is What.ADDED)
        text = _text_of(laid.overlay.line, [laid.owner, *(laid.changes[each.key] for each in theirs)])
        proposal = Proposal(
            self._id(one),
            party,
            AmendmentKind.ADD,
            row.paragraph,
            after=self._after,
            paragraph_kind=laid.kind,
            level=laid.level,
            text=text,
        )
        self._put.add(row.paragraph)
        self._propose([each for each in theirs if each.what in (What.ADDED, What.WORDS)], proposal, one.note)

    def _mod(
        self, laid: Laid, party: DelegationCode, differences: Sequence[Difference], adder: DelegationCode | None
    ) -> None:
        if not differences or party == adder:
            return
        changes = [change for one in differences if (change := laid.changes[one.key]) is not None]
        line = laid.overlay.line
        if not laid.row.ours:
            standing = _standing(line, [laid.owner, *self._changes_of(laid, adder)])
        else:
            standing = None
            self.result.waiting += [
                one for one in differences if _strikes_new(line, laid.changes[one.key], self._entering(laid))
            ]
        found = tuple(_replacements(line, changes, standing))
        if found:
            self._propose(
                differences, Proposal(self._id(differences[0]), party, AmendmentKind.MOD, laid.row.paragraph, found), ""
            )

    def _changes_of(self, laid: Laid, party: DelegationCode | None) -> Iterator[Change | None]:
        for one in laid.row.differences:
            judgement = self._judgement(one)
            if judgement.delegation == party if party is not None else judgement.base:
                yield laid.changes[one.key]

    def _entering(self, laid: Laid) -> set[int]:
        """The changes of a row that are entered, by their identity."""
        return {id(laid.changes[one.key]) for one in laid.row.differences if self._judgement(one) != REFUSED}

    def _bracket(self, laid: Laid, party: DelegationCode, one: Difference) -> None:
        change = laid.changes[one.key]
        span = next(span for span in laid.overlay.spans if span.change is change)
        line = laid.overlay.line
        within = [cell.offset for cell in line[line.index(span.first) : line.index(span.last) + 1] if cell.offset >= 0]
        if not within:
            self.result.waiting.append(one)
            return
        start, end = min(within), max(within) + 1
        was = "".join(cell.char for cell in sorted(line, key=lambda cell: cell.offset) if start <= cell.offset < end)
        words = (Replacement(start, end, was, was),)
        self._propose([one], Proposal(self._id(one), party, AmendmentKind.BRACKET, laid.row.paragraph, words), "")

    def _propose(self, differences: Sequence[Difference], proposal: Proposal, reason: str) -> None:
        if reason:
            proposal = replace(proposal, reason=reason)
        self.proposals.append(proposal)
        self.result.stands_for[proposal.amendment] = list(differences)

    def _id(self, one: Difference) -> AmendmentId:
        return AmendmentId(self._mint(f"amendment {one.key}"))


def _text_of(line: Iterable[Cell], changes: Sequence[Change | None]) -> str:
    """The words of a new paragraph that these changes bring together."""
    return "".join(cell.char for cell in _standing(line, changes)).strip()


def _standing(line: Iterable[Cell], changes: Sequence[Change | None]) -> list[Cell]:
    row = [
        cell
        for cell in line
        if cell.put is not None and cell.put in changes and not any(change in changes for change in cell.struck)
    ]
    while row and row[0].char.isspace():
        row.pop(0)
    while row and row[-1].char.isspace():
        row.pop()
    return row


def _strikes_new(line: Iterable[Cell], change: Change | None, entering: set[int]) -> bool:
    """Whether it strikes words that another difference of the same file brings."""
    return any(
        cell.put is not None and cell.put is not change and change in cell.struck and id(cell.put) in entering
        for cell in line
    )


def _replacements(
    line: Sequence[Cell], changes: Sequence[Change], standing: Sequence[Cell] | None = None
) -> Iterator[Replacement]:
    """What these changes make of the paragraph, by offsets in its text as it stands; `standing` are the characters of
    a paragraph that the same command puts in.
    """
    places = {id(cell): number for number, cell in enumerate(standing)} if standing is not None else None
    at = start = 0
    was: list[str] = []
    put: list[str] = []
    for cell in line:
        place = cell.offset if places is None else places.get(id(cell), -1)
        struck = any(change in changes for change in cell.struck)
        if place < 0:
            if cell.put in changes and not struck:
                put.append(cell.char)
            continue
        if struck and not put and (not was or place == at):
            start = place if not was else start
            was.append(cell.char)
            at = place + 1
            continue
        if was or put:
            yield from _replacement(start if was else at, at, "".join(was), "".join(put))
            was, put = [], []
        at = place
        if struck:
            start, was = place, [cell.char]
        at = place + 1
    if was or put:
        yield from _replacement(start if was else at, at, "".join(was), "".join(put))


def _replacement(start: int, end: int, was: str, text: str) -> Iterator[Replacement]:
    """The replacement; words that come back just as they were are not struck for it."""
    if was and text == was:
        return
    if was and text.startswith(was):
        yield Replacement(end, end, "", text[len(was) :])
    elif was and text.endswith(was):
        yield Replacement(start, start, "", text[: -len(was)])
    else:
        yield Replacement(start, end, was, text)
