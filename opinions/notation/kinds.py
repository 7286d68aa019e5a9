# ruff: noqa: RUF001
"""What each bracket pair of a text is: not everything between square brackets is under negotiation (N4).

    negotiation   words that are not agreed
    status        `[Agreed ad ref]`, `[pending]`: what became of a paragraph, behind it or on a line below
    placeholder   `[TBD]`, `[X]`, `[ ]`, `[placeholder for ...]`: words still to come
    note          `[^1]`, `[13]`: footnote marks and the notes they name
    editorial     `[sic]`, `[bookmark: ...]`, `[原件已签]`, links of Markdown

Doubt falls to negotiation: a bracket too many is lifted by the secretariat, disputed words that pass for agreed are
not noticed. So a bare number is a footnote mark only where it is set like one, and `[agreed]` is a status only where
a sentence has ended.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from opinions.notation.scan import CLOSINGS, OPENINGS, Pair, Scan, direct_texts
from opinions.status_tags import is_status, is_surely_status


class PairKind(Enum):
    """What a bracket pair is; see the module."""

    NEGOTIATION = "negotiation"
    STATUS = "status"
    PLACEHOLDER = "placeholder"
    NOTE = "note"
    EDITORIAL = "editorial"


class TagPlace(Enum):
    """Where a status tag stands: behind its paragraph's words, or before them."""

    BEHIND = "behind"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kind of each pair, by its number in the scan; where the status tags that are no words stand; which footnote
    marks begin the line of their note."""

    of: list[PairKind]
    tags: dict[int, TagPlace] = field(default_factory=dict)
    notes: set[int] = field(default_factory=set)


_BLANKS = " \t\u00a0"
_SENTENCE_END = frozenset(".!?;:,。！？；：，…\"'”’»)）*")

_TO_COME = re.compile(
    r"(?:t\.?b\.?[acd]\.?|to be (?:added|agreed|completed|confirmed|decided|defined|determined|developed|inserted)"
    r"|(?:19|20)?x{1,4}|(?:19|20)\d?[xX]{1,3}|[yzYZ]|\.{2,}|…+|_+|\?+|•)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"[*_\s]*placeholders?(?![a-z])", re.IGNORECASE)
_EDITORIAL = re.compile(
    r"(?:sic|signed|original signed|原件已签|已签字?|签字|signature|toc"
    r"|emphasis (?:added|in (?:the )?original)|(?:end of )?page (?:break|\d+))[.!]?"
    r"|(?:bookmark|source|image|figure|footnote|annotation"
    r"|ed(?:itor(?:'s|’s|ial)?|\.)? note|translator(?:'s|’s) note|(?:note by the )?secretariat(?:(?:'s|’s)? note)?"
    r"|注|译注|编者按)\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
_TARGET = re.compile(
    r"\((?:#|[a-z][a-z0-9+.-]*://|mailto:|www\.|\.{0,2}/)[^\s()]*\)|\([^\s()]+\.(?:html?|md|pdf|docx?|png|jpe?g)\)"
)
_DEFINITION = re.compile(
    r"^[ \t]{0,3}\[(?P<name>[^\[\]\n^]{1,80})\]:[ \t]+(?:<?[a-z][a-z0-9+.-]*:|/|#|www\.)", re.MULTILINE
)
_LINED_NOTE = re.compile(r"^[ \t]*\[(?P<number>\d{1,3})\](?::[ \t]+\S|[ \t]+[A-Z\"“])", re.MULTILINE)
_NUMBER = re.compile(r"\d{1,3}")
_AFTER_NUMBER = re.compile(r"[.,;:)。，；：）]|[ \t\u00a0]*(?:[\r\n]|$)")


def tell_apart(text: str, scanned: Scan) -> Kinds:
    """What each pair of the text is."""
    telling = _Telling(text, scanned.pairs)
    for number in range(len(scanned.pairs) - 1, -1, -1):
        telling.of[number] = telling.kind(number)
    telling.links()
    telling.drop_lone_tags()
    return Kinds(telling.of, telling.tags, telling.notes)


class _Telling:
    """The work of `tell_apart`, from the last pair to the first: a tag asks what stands behind it."""

    def __init__(self, text: str, pairs: list[Pair]) -> None:
        self.text = text
        self.pairs = pairs
        self.of = [PairKind.NEGOTIATION] * len(pairs)
        self.tags: dict[int, TagPlace] = {}
        self.notes: set[int] = set()
        self.starts = {pair.start: number for number, pair in enumerate(pairs)}
        self.ends = {pair.end: number for number, pair in enumerate(pairs)}
        self.defined = {match["name"] for match in _DEFINITION.finditer(text)}
        self.noted = {
            match["number"]
            for match in _LINED_NOTE.finditer(text)
            if text.find(f"[{match['number']}]") < match.start("number") - 1
        }

    def kind(self, number: int) -> PairKind:
        pair = self.pairs[number]
        inside = self.text[pair.start + 1 : pair.start + 90 if pair.end - pair.start > 90 else pair.end]
        if _PLACEHOLDER.match(inside):
            return PairKind.PLACEHOLDER
        if pair.children:
            return PairKind.NEGOTIATION
        if not self.text[pair.start + 1 : pair.end].strip():
            return PairKind.PLACEHOLDER
        words = inside.strip().strip("*_").strip()
        number_alone = _NUMBER.fullmatch(inside)
        if (words.startswith("^") and not re.search(r"\s", words)) or (
            number_alone and self._is_note_mark(pair, inside)
        ):
            if not self._line_before(pair.start).strip(OPENINGS + _BLANKS) and (
                number_alone or self.text.startswith(":", pair.end + 1)
            ):
                self.notes.add(number)
            return PairKind.NOTE
        if number_alone:
            return PairKind.NEGOTIATION
        if _EDITORIAL.fullmatch(words):
            return PairKind.EDITORIAL
        if _TO_COME.fullmatch(words) and not self._in_word(pair):
            return PairKind.PLACEHOLDER
        return self._status(number, pair, words)

    def _in_word(self, pair: Pair) -> bool:
        before = self.text[pair.start - 1 : pair.start]
        return before.isalpha() or self.text[pair.end + 1 : pair.end + 2].isalpha()

    def _is_note_mark(self, pair: Pair, number: str) -> bool:
        """Whether a bare number is set as a footnote mark: a note of that number stands in the text, or it sticks to
        the word before it, or it follows or ends a sentence. A number beside another bracket is an alternative."""
        text = self.text
        before = text[max(0, pair.start - 3) : pair.start].rstrip(_BLANKS)
        after = text[pair.end + 1 : pair.end + 3].lstrip(_BLANKS)
        if (before[-1:] in CLOSINGS and before) or (after[:1] in OPENINGS and after):
            return False
        if number in self.noted:
            return True
        attached = pair.start > 0 and not text[pair.start - 1].isspace() and text[pair.start - 1] not in "(/-–—$€£"
        closed = bool(_AFTER_NUMBER.match(text, pair.end + 1))
        if attached:
            return not text[pair.end + 1 : pair.end + 2].isalnum() and text[pair.end + 1 : pair.end + 2] != "%"
        return closed and before[-1:] != "" and (before[-1:] in _SENTENCE_END or self._follows_a_noun(pair.start))

    def _follows_a_noun(self, start: int) -> bool:
        """Whether the word before is none that a disputed number goes with (`Article [9]`, `by [50],`)."""
        word = re.search(r"([^\W\d_]+)\W*$", self.text[max(0, start - 30) : start])
        return word is None or word.group(1).lower() not in _WITH_NUMBERS

    def _status(self, number: int, pair: Pair, words: str) -> PairKind:
        if len(words) > 60 or "{" in words or "#" in words or not is_status(words):
            return PairKind.NEGOTIATION
        safe = is_surely_status(words)
        if self._ends_line(pair.end + 1):
            before = self.text[max(0, pair.start - 40) : pair.start].rstrip()
            ended = not before or before[-1] in _SENTENCE_END or words[0].isupper() or self._follows_a_tag(pair.start)
            own_line = not self._line_before(pair.start).strip()
            if safe or ended or own_line:
                if before or pair.start > 40:
                    self.tags[number] = TagPlace.BEHIND
                return PairKind.STATUS
        elif safe and not self._line_before(pair.start).strip():
            self.tags[number] = TagPlace.BEFORE
        return PairKind.STATUS if safe else PairKind.NEGOTIATION

    def _follows_a_tag(self, place: int) -> bool:
        """Whether, blanks aside, a bracket with the words of a status ends here."""
        before = self.text[max(0, place - 10) : place]
        number = self.ends.get(place - 1 - (len(before) - len(before.rstrip())))
        if number is None or self.pairs[number].children:
            return False
        words = self.text[self.pairs[number].start + 1 : self.pairs[number].end]
        return len(words) <= 60 and is_status(words.strip())

    def _line_before(self, place: int) -> str:
        start = max(self.text.rfind("\n", max(0, place - 40), place), self.text.rfind("\r", max(0, place - 40), place))
        return self.text[max(start + 1, place - 40) : place]

    def _ends_line(self, place: int) -> bool:
        """Whether nothing but closing brackets of pairs and other tags follow on the line."""
        text = self.text
        while place < len(text):
            character = text[place]
            if character in "\r\n":
                return True
            if character in OPENINGS:
                return self.tags.get(self.starts.get(place, -1)) is TagPlace.BEHIND
            if not character.isspace() and place not in self.ends:
                return False
            place += 1
        return True

    def links(self) -> None:
        """Links of Markdown: `[words](target)`, `[words][name]` and `[name]` with a line `[name]: target`."""
        for number, pair in enumerate(self.pairs):
            if self.text.startswith("(", pair.end + 1) and _TARGET.match(self.text, pair.end + 1):
                self._editorial(number)
            elif self.defined and self.text[pair.start + 1 : min(pair.end, pair.start + 90)] in self.defined:
                self._editorial(number)
                if (before := self.ends.get(pair.start - 1)) is not None:
                    self._editorial(before)

    def _editorial(self, number: int) -> None:
        self.of[number] = PairKind.EDITORIAL
        self.tags.pop(number, None)

    def drop_lone_tags(self) -> None:
        """Tags that are all there is in another bracket stay there as words, else the bracket would hold none."""
        for number in {self.pairs[tag].parent for tag in self.tags} - {-1}:
            parent = self.pairs[number]
            texts = direct_texts(parent, self.pairs)
            if all(child in self.tags for child in parent.children) and not any(
                self.text[low:high].strip() for low, high in texts
            ):
                for child in parent.children:
                    del self.tags[child]


_WITH_NUMBERS = frozenset(
    """
    article articles annex chapter clause clauses decision figure item items opinion option paragraph paragraphs para
    paras part recommendation resolution section step table about above additional against all and another any
    approximately around as at below between by each every exceed for from further in is least less more most next of
    on one only or other over per reach than the these those to under until up within year
    """.split()
)
