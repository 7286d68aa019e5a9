"""One incoming paragraph laid over the paragraph it is: what each author puts in and strikes, at which character.

The words the author had before him (every insertion of the file rejected) are first found in our paragraph, in
whichever form it was given out: with or without its square brackets, with pending words in, accepted or spelled out
with their holders. Insertions then have a place, and deletions their characters. What is in the text already, under
the same delegation or settled, is told as there and is not proposed again; what nobody marked is told apart by hunk.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from opinions.brackets import BRACKET_LETTERS, OPENING_LETTERS
from opinions.given_forms import Atom, Ours, form_for, forms, plain
from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph, Remark, RemarkKind
from opinions.matching import ALIKE, bag
from opinions.model import AmendmentId, DelegationCode, MarkKind, Marks, Paragraph, characters
from opinions.record import Document
from opinions.redline import Change as Fate
from opinions.redline import likeness, redline

SILENT = ""
"""The author of changes that nobody marked."""


class ChangeKind(StrEnum):
    """What a change does: words put in or struck, square brackets put round words."""

    WORDS = "words"
    BRACKET = "bracket"


@dataclass(eq=False, slots=True)
class Change:
    """What one author changes in one paragraph; of what nobody marked, one hunk. `lost` are words it strikes that our
    text does not have (any more).
    """

    author: str
    kind: ChangeKind = ChangeKind.WORDS
    lost: str = ""


@dataclass(eq=False, slots=True)
class Cell:
    """A character of ours (`offset` in the paragraph) or one that `put` brings (offset -1), with who strikes it."""

    char: str
    offset: int = -1
    marks: Marks = frozenset()
    put: Change | None = None
    struck: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """Square brackets round the cells from `first` to `last`."""

    change: Change
    first: Cell
    last: Cell


@dataclass(slots=True)
class Overlay:
    """The paragraph as a row of cells, ours and new ones. `removers` propose that all of it goes; `there` are the
    amendments that the file shows and the text has already, by author; `remarks` what could not be taken over.
    """

    line: list[Cell] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    removers: list[str] = field(default_factory=list)
    there: list[tuple[str, AmendmentId]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def laid_over(ours: Ours, incoming: IncomingParagraph, parties: Mapping[str, DelegationCode]) -> Overlay:
    """The incoming paragraph over ours. `parties` says for which delegation each author of the file speaks."""
    if not incoming.mark and not any(stretch.revisions for stretch in incoming.stretches):
        text = plain(incoming.text)
        if any(plain("".join([char for char, _ in form])) == text for form in forms(ours)):
            return Overlay()  # as it was given out: nothing is proposed
    return _Laying(ours, incoming, parties).result()


def laid_out(paragraph: Paragraph, incoming: IncomingParagraph, parties: Mapping[str, DelegationCode]) -> Overlay:
    """An incoming paragraph that is none of ours: all its characters are new (`paragraph` holds none)."""
    return _Laying(Ours(Document(), paragraph, paragraph), incoming, parties, fresh=True).result()


# --- the incoming characters --------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)  # one for each character: not frozen, for that takes thrice the time
class _Letter:
    """A character of the file: who put it (None: it was there), and who strikes it."""

    char: str
    by: str | None
    strikers: tuple[str, ...]


def _letters(incoming: IncomingParagraph) -> Iterator[_Letter]:
    marking = _striking_the_mark(incoming)
    for stretch in incoming.stretches:
        by = next((one.author for one in stretch.revisions if one.kind in ARRIVING), None)
        strikers = tuple(dict.fromkeys(one.author for one in stretch.revisions if one.kind in LEAVING))
        if by is not None and by in strikers:
            if by not in marking:
                continue  # put in and taken out again by the same hand: nothing is proposed
            strikers = tuple(name for name in strikers if name != by)  # it goes with its paragraph
        for char in stretch.text:
            yield _Letter(char, by, strikers)


def _striking_the_mark(incoming: IncomingParagraph) -> frozenset[str]:
    return frozenset(one.author for one in incoming.mark if one.kind in LEAVING)


# --- laying one over the other -------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class _Step:
    """One step through both: a character of the file, one of the form as given out, or both."""

    letter: _Letter | None
    atom: Atom | None


class _Unmoved:
    """The places of a paragraph that stands as it was given out."""

    def get(self, offset: int, _: int) -> int:
        """The same place."""
        return offset


class _Laying:
    def __init__(
        self, ours: Ours, incoming: IncomingParagraph, parties: Mapping[str, DelegationCode], *, fresh: bool = False
    ) -> None:
        self._ours = ours
        self._incoming = incoming
        self._parties = parties
        self._fresh = fresh
        self._out = Overlay()
        self._by_author: dict[str, Change] = {}
        self._hunk: Change | None = None
        self._cells = [Cell(char, at, marks) for at, (char, marks) in enumerate(characters(ours.living.runs))]
        self._next = 0
        self._waiting: list[tuple[_Letter, Change | None]] = []
        self._glyphs: set[int] = set()
        self._glyphs_gone = 0

    def result(self) -> Overlay:
        letters = list(_letters(self._incoming))
        base = [letter for letter in letters if letter.by is None]
        form = form_for(self._ours, plain("".join(letter.char for letter in base)))
        self._out.removers = self._removers(base)
        carried = self._carried()
        for step in _woven(letters, _aligned(base, form)):
            self._take(step, carried)
        self._settle(self._cells[self._next :])
        self._brackets()
        self._in_order()
        if self._glyphs_gone:
            self._remark(
                RemarkKind.LEFT_OUT,
                "Square brackets of the text are struck or missing in the file. They stay: the chair lifts brackets.",
            )
        self._out.changes = [one for one in self._out.changes if self._does_something(one)]
        return self._out

    def _removers(self, base: Sequence[_Letter]) -> list[str]:
        """Who proposes that the paragraph goes: strikes its mark where every word goes, or all words that stood there,
        and puts nothing in their place.
        """
        marking = _striking_the_mark(self._incoming)
        words = [stretch for stretch in self._incoming.stretches if stretch.text.strip()]
        if marking and words and all(any(one.kind in LEAVING for one in stretch.revisions) for stretch in words):
            return sorted(marking)
        whole = [letter for letter in base if not letter.char.isspace()]
        put = set(self._putting())
        strikers = dict.fromkeys(name for letter in whole for name in letter.strikers)
        return [
            name
            for name in strikers
            if name not in put and not self._strikes_already(name) and all(name in one.strikers for one in whole)
        ]

    def _strikes_already(self, author: str) -> bool:
        """Whether words here are struck under this author's delegation: a MOD that takes all of them, not a SUP."""
        delegation = self._parties.get(author)
        for run in self._ours.living.runs:
            for amendment in run.ids(MarkKind.DELETION):
                found = self._ours.document.amendment(amendment)
                if found is not None and delegation in (None, found.delegation):
                    return True
        return False

    def _putting(self) -> Iterator[str]:
        for letter in _letters(self._incoming):
            if letter.by is not None and not letter.char.isspace():
                yield letter.by

    def _carried(self) -> "Mapping[int, int] | _Unmoved":
        """Where the characters of the paragraph as given out are now."""
        given, living = self._ours.given.text, self._ours.living.text
        if given == living:
            return _Unmoved()
        places: dict[int, int] = {}
        old = new = 0
        for piece in redline(given, living):
            if piece.change is Fate.KEPT:
                places.update((old + n, new + n) for n in range(len(piece.text)))
            old += len(piece.text) * (piece.change is not Fate.INSERTED)
            new += len(piece.text) * (piece.change is not Fate.DELETED)
        return places

    def _take(self, step: _Step, carried: "Mapping[int, int] | _Unmoved") -> None:
        letter, atom = step.letter, step.atom
        if letter is not None and letter.by is not None:
            self._waiting.append((letter, self._change(letter.by)))
            return
        if atom is None:
            assert letter is not None
            self._unknown(letter)
            return
        place = carried.get(atom[1], -1) if atom[1] >= 0 else -1
        strikers = self._strikers(letter) if letter is not None else (self._silent(),)
        if place < self._next:
            self._without_place(atom, strikers)
            return
        if place > self._next or self._waiting:
            self._settle(self._cells[self._next : place])
        cell = self._cells[place]
        self._out.line.append(cell)
        self._next = place + 1
        if letter is not None and not letter.strikers and not letter.char.isspace():
            self._hunk = None
        for change in strikers:
            self._strike(cell, change)

    def _strikers(self, letter: _Letter) -> tuple[Change, ...]:
        if not letter.strikers:
            return ()
        return tuple(self._change(name) for name in letter.strikers if name not in self._out.removers)

    def _without_place(self, atom: Atom, strikers: Iterable[Change]) -> None:
        for change in strikers:
            if atom[1] < 0:
                self._glyphs_gone += atom[0] in BRACKET_LETTERS
            else:
                change.lost += atom[0]

    def _unknown(self, letter: _Letter) -> None:
        """A character that stood before the author, and does not in the form as given out."""
        if letter.strikers and not self._fresh:
            for change in self._strikers(letter):
                change.lost += letter.char
            return
        self._waiting.append((letter, self._silent()))

    def _strike(self, cell: Cell, change: Change) -> None:
        delegation = self._parties.get(change.author)
        for mark in sorted(cell.marks):
            if mark.kind is not MarkKind.DELETION:
                continue
            found = self._ours.document.amendment(mark.id)
            same = found is not None and (found.delegation == delegation or delegation is None)
            if found is not None and same and change.author != SILENT:
                self._is_there(change.author, found.id)
                return
        if change not in cell.struck:
            cell.struck.append(change)

    # --- between two characters of ours

    def _settle(self, skipped: Sequence[Cell]) -> None:
        """What the file puts between two characters, beside what the text has there that the file's base had not."""
        waiting, self._waiting = self._waiting, []
        self._drawn: set[int] = set()
        partner = self._partners(skipped, waiting)
        at = 0
        for number, (letter, change) in enumerate(waiting):
            place = partner.get(number)
            if number in self._drawn:
                continue
            if place is not None:
                self._out.line.extend(skipped[at : place + 1])
                at = max(at, place + 1)
                cell = skipped[place]
            elif letter.by in self._out.removers:
                continue
            else:
                assert change is not None
                cell = Cell(letter.char, put=change)
                if letter.char in BRACKET_LETTERS:
                    self._glyphs.add(id(cell))
                self._out.line.append(cell)
            for striker in self._strikers(letter):
                self._strike(cell, striker)
        self._out.line.extend(skipped[at:])

    def _partners(self, skipped: Sequence[Cell], waiting: Sequence[tuple[_Letter, Change | None]]) -> dict[int, int]:
        """Which of the waiting characters are there already: by number, those of ours."""
        result: dict[int, int] = {}
        if not skipped:
            return result
        for author in dict.fromkeys(letter.by for letter, _ in waiting if letter.by is not None):
            theirs = [n for n, (letter, _) in enumerate(waiting) if letter.by == author]
            words = [n for n in theirs if waiting[n][0].char not in BRACKET_LETTERS]
            chars = [waiting[n][0].char for n in words]
            standing = list(self._standing(skipped, author))
            found = _found_there(words, chars, standing, [cell.char for cell in skipped])
            if found is None:
                result.update(self._reworded(skipped, author, words, chars, standing))
                continue
            amendments, pairs = found
            result.update(pairs)
            for amendment in amendments:
                self._is_there(author, amendment)
            if self._ours.borders:  # brackets drawn round words that were put in: the text has them as marks
                self._drawn.update(n for n in theirs if n not in words)
        return result

    def _reworded(
        self,
        skipped: Sequence[Cell],
        author: str,
        theirs: Sequence[int],
        chars: Sequence[str],
        standing: Sequence["_Standing"],
    ) -> dict[int, int]:
        """The author's characters beside pending ones of the same delegation that they reword; what is not among them
        is struck, and so the amendment comes to its next revision.
        """
        put = plain("".join(chars))
        for amendments, places in standing:
            ours = plain("".join(skipped[place].char for place in places))
            if not amendments or author not in self._parties or likeness(bag(put), bag(ours)) < ALIKE:
                continue
            pairs: dict[int, int] = {}
            i = j = 0
            for piece in redline(ours, put):
                for _ in piece.text:
                    if piece.change is Fate.KEPT:
                        pairs[theirs[i]] = places[j]
                    elif piece.change is Fate.DELETED:
                        skipped[places[j]].struck.append(self._change(author))
                    i += piece.change is not Fate.DELETED
                    j += piece.change is not Fate.INSERTED
            return pairs
        return {}

    def _standing(self, skipped: Sequence[Cell], author: str) -> Iterator["_Standing"]:
        """What stands there under each amendment that may be this author's, what is settled, and all of the former
        together.
        """
        delegation = self._parties.get(author)
        by_amendment: dict[AmendmentId | None, list[int]] = {}
        for place, cell in enumerate(skipped):
            mark = next((one for one in cell.marks if one.kind is MarkKind.INSERTION), None)
            by_amendment.setdefault(AmendmentId(mark.id) if mark else None, []).append(place)
        theirs: list[AmendmentId] = []
        for amendment, places in by_amendment.items():
            found = self._ours.document.amendment(amendment) if amendment else None
            if amendment is None:
                yield (), places
            elif delegation is None or (found is not None and found.delegation == delegation):
                theirs.append(amendment)
                yield (amendment,), places
        if len(theirs) > 1:
            yield tuple(theirs), sorted(place for one in theirs for place in by_amendment[one])

    def _is_there(self, author: str, amendment: AmendmentId) -> None:
        if (author, amendment) not in self._out.there:
            self._out.there.append((author, amendment))

    # --- square brackets typed as letters

    def _brackets(self) -> None:
        """Pairs of bracket letters that one hand puts in are brackets round what stands between; others go."""
        line = self._out.line
        open_by: dict[str, list[int]] = {}
        pairs: list[tuple[int, int]] = []
        alone = 0
        for place, cell in enumerate(line):
            if id(cell) not in self._glyphs or cell.put is None:
                continue
            stack = open_by.setdefault(cell.put.author, [])
            if cell.char in OPENING_LETTERS:
                stack.append(place)
            elif stack:
                pairs.append((stack.pop(), place))
            else:
                alone += 1
        alone += sum(map(len, open_by.values())) + max(len(pairs) - MAX_BRACKETS, 0)
        for opening, closing in pairs[:MAX_BRACKETS]:
            between = [cell for cell in line[opening + 1 : closing] if id(cell) not in self._glyphs]
            put = line[opening].put
            if put is None or not between or all(cell.put is put for cell in between):
                continue  # pending words are drawn in brackets anyway
            change = Change(put.author, ChangeKind.BRACKET)
            self._out.changes.append(change)
            self._out.spans.append(Span(change, between[0], between[-1]))
        self._out.line = [cell for cell in line if id(cell) not in self._glyphs]
        if alone:
            self._remark(
                RemarkKind.LEFT_OUT,
                f"Square brackets without partner in this paragraph, {alone} of them, are left out. Put brackets round "
                "the words once they are in the text.",
            )

    def _in_order(self) -> None:
        """Of a replacement, the struck words first and the new ones behind them, whichever the file had first."""
        line = self._out.line
        at = 0
        while at < len(line):
            change = line[at].put
            if change is None:
                at += 1
                continue
            end = at
            while end < len(line) and line[end].put is change:
                end += 1
            last = end
            while last < len(line) and line[last].put is None and change in line[last].struck:
                last += 1
            if last > end and not (last < len(line) and line[last].put is change):
                line[at:last] = [*line[end:last], *line[at:end]]
            at = last
        return

    # --- whose change

    def _change(self, author: str) -> Change:
        if author not in self._by_author:
            self._by_author[author] = Change(author)
            self._out.changes.append(self._by_author[author])
        return self._by_author[author]

    def _silent(self) -> Change:
        if self._hunk is None:
            self._hunk = Change(SILENT)
            self._out.changes.append(self._hunk)
        return self._hunk

    def _does_something(self, change: Change) -> bool:
        if change.kind is ChangeKind.BRACKET or change.lost.strip():
            return True
        touched = [cell.char for cell in self._out.line if cell.put is change or change in cell.struck]
        if change.author == SILENT and not "".join(touched).strip():
            for cell in list(self._out.line):
                if change in cell.struck:
                    cell.struck.remove(change)
            self._out.line = [cell for cell in self._out.line if cell.put is not change]
            return False
        return bool(touched)

    def _remark(self, kind: RemarkKind, message: str) -> None:
        where = self._incoming.text.strip()
        self._out.remarks.append(Remark(kind, message, where[:80]))


def _aligned(base: Sequence[_Letter], form: Sequence[Atom]) -> Iterator[_Step]:
    """The characters that stood before the author beside those of the form as given out."""
    theirs, ours = "".join(letter.char for letter in base), "".join(char for char, _ in form)
    if plain(theirs) == plain(ours):
        yield from (_Step(letter, atom) for letter, atom in zip(base, form, strict=True))
        return
    i = j = 0
    for piece in redline(plain(ours), plain(theirs)):
        for _ in piece.text:
            match piece.change:
                case Fate.KEPT:
                    yield _Step(base[i], form[j])
                    i, j = i + 1, j + 1
                case Fate.DELETED:
                    yield _Step(None, form[j])
                    j += 1
                case Fate.INSERTED:
                    yield _Step(base[i], None)
                    i += 1


def _woven(letters: Sequence[_Letter], steps: Iterable[_Step]) -> Iterator[_Step]:
    """The steps with the inserted characters of the file at their places."""
    at = 0
    for step in steps:
        if step.letter is not None:
            while letters[at] is not step.letter:
                yield _Step(letters[at], None)
                at += 1
            at += 1
        yield step
    yield from (_Step(letter, None) for letter in letters[at:])


_Standing = tuple[tuple[AmendmentId, ...], list[int]]
"""Amendments (none: settled words), and where their characters are among those skipped."""


def _found_there(
    theirs: Sequence[int], chars: Sequence[str], standing: Sequence[_Standing], skipped: Sequence[str]
) -> tuple[tuple[AmendmentId, ...], dict[int, int]] | None:
    """Which of what stands there the author's characters are: just the same words before those that go on."""
    for exactly in (True, False):
        for amendments, places in standing if exactly else reversed(standing):
            pairs = _paired(theirs, chars, places, skipped, exactly=exactly)
            if pairs:
                return amendments, pairs
    return None


def _paired(
    theirs: Sequence[int], chars: Sequence[str], places: Sequence[int], skipped: Sequence[str], *, exactly: bool
) -> dict[int, int]:
    """The author's characters beside those that stand there, if they are the same words, blanks at the ends aside, or,
    unless `exactly`, begin with them.
    """
    ours = plain("".join(skipped[place] for place in places))
    put = plain("".join(chars))
    lead, ours_lead = len(put) - len(put.lstrip()), len(ours) - len(ours.lstrip())
    core, ours_core = put.strip(), ours.strip()
    same = core == ours_core and bool(core)
    if not same and not (not exactly and core.startswith(ours_core) and len(ours_core) >= _SHORTEST_BEGINNING):
        return {}
    pairs = {theirs[lead + n]: places[ours_lead + n] for n in range(len(ours_core))}
    if same:  # blanks around them are there as well, or are nobody's proposal
        shift, last = ours_lead - lead, len(places) - 1
        pairs = {number: places[min(max(at + shift, 0), last)] for at, number in enumerate(theirs)}
    return pairs


MAX_BRACKETS = 200
"""Pairs of bracket letters put into one paragraph that are looked at; a real one has at most ten."""
_SHORTEST_BEGINNING = 4
"""Characters of the shortest pending words that longer ones of the same delegation are taken to continue."""
