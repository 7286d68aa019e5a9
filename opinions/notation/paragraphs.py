"""A text cut into paragraphs: the words of each with the brackets around them, and the layout between.

The reading goes line by line and keeps everything: a character is a word, part of a cut, or layout. Layout between
two paragraphs becomes the template of the second (`opinions.notation.layout`).
"""

from dataclasses import dataclass, field

from opinions.model import Kind
from opinions.notation.analysis import Analysis
from opinions.notation.cuts import Act, Cut, within
from opinions.notation.kinds import PairKind, TagPlace
from opinions.notation.layout import CLOSING, LABEL, OPENING, STARRED, STATUS, TAG, template
from opinions.notation.lines import Line
from opinions.notation.structure import Lead, lead_at, verb


@dataclass(slots=True)
class Draft:
    """A paragraph being read. A run is its text, the numbers of the brackets around it and the footnote it names."""

    layout: str
    runs: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)
    length: int = 0
    label: str = ""
    tag: str = ""
    indent: int = 0
    bullet: bool = False
    heading: int = 0
    note: bool = False
    breaks: list[tuple[int, str]] = field(default_factory=list)


class Paragraphs:
    """The paragraphs of a text.

    `drafts` in order; `first_of` the number of the paragraph where each bracketing begins; `tail` the layout behind
    the last word; `misplaced` where status tags stand that stayed words.
    """

    def __init__(self, analysis: Analysis, found: list[Cut]) -> None:
        self.text = analysis.text
        self.drafts: list[Draft] = []
        self.first_of: dict[int, int] = {}
        self.misplaced: list[int] = []
        self._cuts = found
        self._brackets: list[int] = []
        self._around: tuple[int, ...] = ()
        self._unplaced: list[int] = []
        self._note = ""
        self._seam: list[str] = []
        self._front_tag = ""
        self._tagged = False
        self._loose = ""
        self._operative = False
        tagged = set(analysis.kinds.tags)
        self.misplaced += [
            pair.start
            for number, pair in enumerate(analysis.scan.pairs)
            if analysis.kinds.of[number] is PairKind.STATUS and number not in tagged
        ]
        for line in analysis.lines.lines:
            self._line(line)
        self._seam.append(self._loose)
        self.tail = template([token for token in self._seam if token])

    def _line(self, line: Line) -> None:
        last = line.next == len(self.text)
        cuts = self._cuts[within(self._cuts, line.start, line.next + 1 if last else line.next)]
        cuts, gaps = self._settled(cuts, line)
        first = next((place for start, end in gaps if (place := _first_word(self.text, start, end)) >= 0), -1)
        joins = line.joined and first >= 0 and bool(self.drafts) and not self._tagged
        joins = joins and not any(cut.place is TagPlace.BEFORE for cut in cuts)
        if not joins:
            self._seam.append(self._loose)
            self._loose = ""
        if first < 0:
            self._layout(line.start, line.end, cuts)
            self._loose = self.text[line.end : line.next]
            return
        self._tagged = False
        if joins:
            at = self._join(line)
        else:
            leading = [cut for cut in cuts if cut.end <= first and cut.start <= first and not self._inside(cut, first)]
            self._layout(line.start, first, leading)
            cuts = cuts[len(leading) :]
            at = self._begin(line, first, cuts)
        self._words(at, line, cuts)

    @staticmethod
    def _inside(cut: Cut, first: int) -> bool:
        """Whether a cut without characters belongs to the words that begin here."""
        return cut.start == cut.end == first

    def _settled(self, cuts: list[Cut], line: Line) -> tuple[list[Cut], list[tuple[int, int]]]:
        """The cuts of a line without the tags that are not at an end of its words, and the stretches between cuts."""
        for turn in range(3):
            gaps = _gaps(cuts, line)
            words = [(s, e) for s, e in gaps if self.text[s:e].strip()]
            first = words[0][0] if words else line.end
            last = words[-1][1] if words else line.start
            wrong = {
                cut.start
                for cut in cuts
                if cut.act is Act.TAG
                and (
                    (cut.place is TagPlace.BEHIND and (cut.start < last or not (self.drafts or words)))
                    or (cut.place is TagPlace.BEFORE and (cut.start > first or not words))
                    or turn == 2
                )
            }
            if not wrong:
                break
            self.misplaced += wrong
            cuts = [cut for cut in cuts if cut.act is not Act.TAG or cut.start not in wrong]
        return cuts, _gaps(cuts, line)

    def _layout(self, start: int, end: int, cuts: list[Cut]) -> None:
        """A stretch without words: blanks, glyphs, tags."""
        at = start
        for cut in cuts:
            self._seam.append(self.text[at : cut.start])
            self._cut(cut)
            at = max(at, cut.end)
        self._seam.append(self.text[at:end])

    def _begin(self, line: Line, first: int, cuts: list[Cut]) -> int:
        """Begin a paragraph with the first word of a line; where its words begin, behind label or heading mark."""
        lead = self._lead(line, first, cuts)
        raw = self.text[line.start : line.end]
        blanks = raw[: len(raw) - len(raw.lstrip())].replace("\t", "    ")
        draft = Draft("", indent=len(blanks))
        at = first
        if lead is not None:
            at = lead.end
            draft.label = self.text[lead.label : lead.label_end]
            draft.bullet, draft.heading, draft.note = lead.bullet, lead.heading, lead.note
            label = [LABEL] if draft.label else []
            before, behind = self.text[lead.start : lead.label], self.text[lead.label_end : lead.end]
            self._seam += [before, *label, behind] if label else [self.text[lead.start : lead.end]]
        elif not cuts and (star := _starred(self.text[first : line.end].rstrip())):
            self._seam.append(star)
            at = first + 1
        draft.layout = template([token for token in self._seam if token])
        draft.tag, self._front_tag = self._front_tag, ""
        self._seam = []
        self.drafts.append(draft)
        found = verb(self.text[at : line.end])
        if found is not None or draft.heading:
            self._operative = found is Kind.OPERATIVE_VERB
        return at

    def _lead(self, line: Line, first: int, cuts: list[Cut]) -> Lead | None:
        if cuts and cuts[0].start == first:
            return None
        lead = lead_at(self.text, first, line.end, operative=self._operative)
        if lead is None or (cuts and cuts[0].start < lead.end):
            return None
        at = lead.end
        for cut in cuts:
            if self.text[at : cut.start].strip():
                break
            if cut.act not in (Act.OPEN, Act.NOTE_ON):
                return None
            at = max(at, cut.end)
        return lead if self.text[at : line.end].strip() else None

    def _words(self, at: int, line: Line, cuts: list[Cut]) -> None:
        """The words of a line from here on; the blanks at its end stay loose until the next line is seen."""
        star = _star_of(self.drafts[-1].layout)
        for cut in cuts:
            gap = self.text[at : cut.start]
            if cut.act is Act.TAG:
                words = gap.rstrip()
                self._emit(words)
                self._seam.append(gap[len(words) :])
            elif self._tagged:
                self._seam.append(gap)
            else:
                self._emit(gap)
            self._cut(cut)
            at = max(at, cut.end)
        rest = self.text[at : line.end]
        words = "" if self._tagged else rest.rstrip()
        self._loose = rest[len(words) :] + self.text[line.end : line.next]
        self._emit(words.removesuffix(star) if star and not cuts else words)

    def _join(self, line: Line) -> int:
        """A line of wrapped prose: its break becomes a blank of the paragraph. Where its words begin."""
        at = line.start
        cuts = self._cuts[within(self._cuts, line.start, line.next)]
        limit = cuts[0].start if cuts else line.end
        while at < limit and self.text[at].isspace():
            at += 1
        draft = self.drafts[-1]
        draft.breaks.append((draft.length, self._loose + self.text[line.start : at]))
        self._loose = ""
        self._emit(" ")
        return at

    def _emit(self, words: str) -> None:
        if not words:
            return
        self._seam = []
        draft = self.drafts[-1]
        draft.runs.append((words, self._around, self._note))
        draft.length += len(words)
        for which in self._unplaced:
            self.first_of[which] = len(self.drafts) - 1
        self._unplaced = []

    def _cut(self, cut: Cut) -> None:
        match cut.act:
            case Act.OPEN:
                self._brackets.append(cut.which)
                self._unplaced.append(cut.which)
                if cut.end > cut.start:
                    self._seam.append(OPENING)
            case Act.CLOSE:
                self._brackets.remove(cut.which)
                if cut.end > cut.start:
                    self._seam.append(CLOSING)
            case Act.NOTE_ON:
                self._note = cut.name
            case Act.NOTE_OFF:
                self._note = ""
            case Act.TAG:
                self._tag(cut)
        self._around = tuple(self._brackets)

    def _tag(self, cut: Cut) -> None:
        words = self.text[cut.start : cut.end]
        if cut.place is TagPlace.BEFORE:
            self._front_tag = words
            self._seam.append(STATUS)
            return
        blanks = []
        while self._seam and self._seam[-1] not in _NAMES:
            blanks.append(self._seam.pop())
        self.drafts[-1].tag += "".join(reversed(blanks)) + words
        self._seam.append(TAG)
        self._tagged = True


_NAMES = frozenset({OPENING, CLOSING, LABEL, TAG, STATUS, *STARRED.values()})


def _gaps(cuts: list[Cut], line: Line) -> list[tuple[int, int]]:
    result = []
    at = line.start
    for cut in cuts:
        result.append((at, cut.start))
        at = max(at, cut.end)
    return [*result, (at, line.end)]


def _first_word(text: str, start: int, end: int) -> int:
    stretch = text[start:end]
    words = stretch.lstrip()
    return start + len(stretch) - len(words) if words else -1


def _starred(words: str) -> str:
    """The name of the marks around a verb on a line of its own, when it is set in italics of Markdown."""
    if len(words) > 2 and words[0] == words[-1] and words[0] in STARRED and verb(words[1:-1]) is not None:
        return STARRED[words[0]]
    return ""


def _star_of(layout: str) -> str:
    return next((glyph for glyph, name in STARRED.items() if layout.endswith(name)), "")
