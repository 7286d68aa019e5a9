# ruff: noqa: RUF001
"""The anatomy of an ITU Opinion in plain text (guide: domain 2.5): what begins a line, and what a line is.

Recognized are titles, the chapeau, verbs on a line of their own, items with their labels, headings, bullets and
footnotes, in the spelling of ITU drafts, of Markdown and of other UN texts. Whatever is not recognized stays a plain
paragraph; nothing is dropped or renumbered.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from opinions.model import Kind

_LATIN_ORDINALS = r"bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|nonies|decies"
_SUFFIX = rf"(?:[ .]?(?:{_LATIN_ORDINALS}))?(?:[ ]?[Aa]lt)?"
_LABEL = re.compile(
    rf"""
    (?: (?P<enclosed> \(? (?:\d{{1,3}}|(?P<letter>[a-z])(?P=letter)?|[ivxl]{{1,6}}) {_SUFFIX} \) )
      | (?P<stopped> (?:\d{{1,3}}(?:\.\d{{1,3}})*|[a-z]|[ivxl]{{1,6}}|§\ ?\d{{1,3}}) {_SUFFIX} ) [.:]
      | (?P<bis> (?:(?:OP|PP)\.?)?\d{{1,3}}(?:\.\d{{1,3}})* (?:[ .]?(?:{_LATIN_ORDINALS})(?:[ ]?[Aa]lt)?|[ ]?[Aa]lt) )
      | (?P<op> (?:OP|PP)\.?\d{{1,3}} ) [.:]?
      | (?P<decimal> \d{{1,3}}(?:\.\d{{1,3}})+ ) (?=[ \t\u00a0]+[A-Z\[*"“])
      | (?P<bare> \d{{1,3}} ) (?=\t|[ \u00a0]{{2}})
    ) [.:]? (?P<gap> [ \t\u00a0]+ ) (?=\S)
    """,
    re.VERBOSE,
)
_BARE = re.compile(r"(?P<bare>\d{1,2})(?P<gap>[ \t\u00a0]+)(?=\S)")
"""`1 to study ...`: a label under an operative verb or behind a bullet; elsewhere a number may begin a sentence."""
_SET_APART = re.compile(r"(?P<star>\*{1,2}|_{1,2})(?P<inner>[^\s*_][^*_\n]{0,15}?)(?P=star)(?P<gap>[ \t\u00a0]+)(?=\S)")
"""`*a)* words`: a label in the italics or bold of Markdown."""
_HEADING = re.compile(r"(?P<hashes>#{1,6})[ \t]+(?=\S)")
_BULLET = re.compile(r"(?P<bullet>[-–—*+•·▪◦])[ \t\u00a0]+(?=\S)")
_NOTE = re.compile(r"\[\^(?P<note>[^\s\[\]]{1,20})\]:[ \t]*(?=\S)|\[(?P<number>\d{1,3})\]:?[ \t]+(?=\S)")

_PREAMBULAR_VERBS = """
acknowledging|affirming|alarmed|appreciating|aware|bearing in mind|cognizant|commending|concerned|conscious|considering
convinced|desiring|emphasizing|emphasising|expressing|guided by|having adopted|having considered|having examined
having regard|highlighting|in view of|mindful|noting|observing|reaffirming|realizing|recalling|recognizing|recognising
reiterating|stressing|taking into account|taking into consideration|taking note|underlining|underscoring|welcoming
"""
_OPERATIVE_VERBS = """
agrees|appeals|calls on|calls upon|decides|declares|encourages|endorses|instructs|invites|is of the opinion
is of the view|recommends|reiterates|requests|resolves|strongly encourages|strongly recommends|urges
"""
_MORE = (
    r"also|further|again|that|of|and|in particular"
    r"|with (?:\w+ )?(?:appreciation|approval|concern|interest|satisfaction|regret)"
)


def _either(verbs: str) -> str:
    return "|".join(verb for line in verbs.split("\n") for verb in line.split("|") if verb)


_PREAMBULAR = re.compile(
    rf"(?:(?:further|also|deeply|fully|strongly) )?(?:{_either(_PREAMBULAR_VERBS)})"
    rf"(?:(?:,| and)? (?:{_MORE}|{_either(_PREAMBULAR_VERBS)})){{0,4}}"
    r"|(?:进一步)?(?:考虑到|认识到|忆及|注意到|意识到|铭记|强调|顾及|确信|重申|欢迎)",
    re.IGNORECASE,
)
_OPERATIVE = re.compile(
    rf"(?:(?:further|also) )?(?:{_either(_OPERATIVE_VERBS)})(?: (?P<whom>[^.;]{{1,90}}))?"
    r"|(?:进一步)?(?:做出决议|做出决定|决定|认为|要求|(?:责成|请|邀请|敦促|鼓励|建议)[^。；，]{0,30})",
)
_TITLE = re.compile(
    r"(?:\W*(?:preliminary |possible )?draft )?(?:new )?(?:opinion|resolution|decision|recommendation) [\dA-Z][\w.\-–]*"
    r"(?:\s*\(.{1,60}\))?(?:\s*[:：–—-]\s*\S.*)?"
    r"|(?:第?\s*\d+\s*号?)?(?:意见|决议|决定)(?:草案)?\s*\d*(?:[:：].*)?",
    re.IGNORECASE,
)
_CHAPEAU = re.compile(
    r"The\b.{0,160}\b(?:Forum|Conference|Assembly|Council|Union)\b.{0,80},|.{0,80}(?:论坛|大会|理事会|全会)(?:[（(].{1,60}[）)])?[,，]"
)
_TAGGED = re.compile(r"\[(?:agreed|pending|closed)[^\[\]\n]{0,50}\]\W*$", re.IGNORECASE)
_ROMAN_HEADING = re.compile(r"(?:[IVXL]{1,6}|[A-Z])\.[ \t\u00a0]+\S.{0,90}")
_NAMED_HEADING = re.compile(
    r"(?:Annex|Appendix|Part|Chapter|Section)(?: (?:[IVXL]+|\d+|[A-Z]))?(?:\W.{0,90})?|(?:附件|附录)\s*[A-Z\d]{0,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands on a line before its words: from `start` to `end`; the label in it from `label` to `label_end`."""

    start: int
    end: int
    label: int = 0
    label_end: int = 0
    bullet: bool = False
    heading: int = 0
    note: bool = False


def lead_at(text: str, place: int, end: int, *, operative: bool) -> Lead | None:
    """The heading mark, bullet, label or footnote mark at a place, up to `end`; None when there is none."""
    if heading := _HEADING.match(text, place, end):
        return Lead(place, heading.end(), heading=len(heading["hashes"]))
    if note := _NOTE.match(text, place, end):
        group = "note" if note["note"] else "number"
        return Lead(place, note.end(), note.start(group), note.end(group), note=True)
    bullet = _BULLET.match(text, place, end)
    if apart := _set_apart(text, bullet.end() if bullet else place, end):
        return replace(apart, start=place)
    label = _LABEL.match(text, bullet.end() if bullet else place, end)
    if label is None and (operative or bullet):
        label = _BARE.match(text, bullet.end() if bullet else place, end)
    if label is not None:
        start, stop = _label_in(label)
        return Lead(place, label.end(), start, stop)
    if bullet is not None:
        return Lead(place, bullet.end(), bullet.start("bullet"), bullet.end("bullet"), bullet=True)
    return None


def _set_apart(text: str, place: int, end: int) -> Lead | None:
    found = _SET_APART.match(text, place, end)
    if found is None:
        return None
    label = _LABEL.match(f"{found['inner']}  A")
    if label is None or label.end() != len(found["inner"]) + 2:
        return None
    start, stop = _label_in(label)
    inner = found.start("inner")
    return Lead(place, found.end(), inner + start, inner + stop)


def _label_in(found: re.Match[str]) -> tuple[int, int]:
    """Where the label itself stands, without the point behind it."""
    return next(found.span(name) for name in found.groupdict() if name not in ("gap", "letter") and found[name])


def verb(line: str) -> Kind | None:
    """Whether a line is a preambular or operative verb and nothing else (`considering`, `invites Member States`)."""
    words = line.strip()
    starred = len(words) > 2 and words[0] == words[-1] and words[0] in "*_"
    words = words.strip("*_").rstrip(":：,，").strip()
    if not words or len(words) > 110:
        return None
    if _PREAMBULAR.fullmatch(words):
        return Kind.PREAMBULAR_VERB
    match = _OPERATIVE.fullmatch(words)
    if match is None or (match["whom"] and (len(words.split()) > 14 or (words[0].isupper() and not starred))):
        return None
    return Kind.OPERATIVE_VERB


def begins_unit(line: str) -> bool:
    """Whether a line, blanks at its ends aside, begins a paragraph even in wrapped prose."""
    words = line.lstrip("[［【")
    if words.startswith(("**", "|", "---")) or line.startswith("[^"):
        return True
    return lead_at(words, 0, len(words), operative=False) is not None or verb(words) is not None


def ends_unit(line: str) -> bool:
    """Whether a line ends a paragraph even in wrapped prose: a heading, a verb, a title, a status tag."""
    words = line.lstrip("[［【")
    return bool(
        _HEADING.match(words) or verb(words) or (len(words) < 200 and _TITLE.fullmatch(words)) or _TAGGED.search(line)
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """What is seen of one paragraph: its words without brackets and attributions, and what stood before them."""

    words: str
    label: str = ""
    indent: int = 0
    bullet: bool = False
    heading: int = 0
    note: bool = False


def kinds(facts: Iterable[Fact]) -> Iterator[tuple[Kind, int]]:
    """The kind and level of each paragraph, in order (levels: opinions/SPEC.md, L1)."""
    anatomy = _Anatomy()
    for fact in facts:
        found = anatomy.place(fact)
        anatomy.before = (found[0], fact)
        yield found


class _Anatomy:
    """Where in the Opinion the reading stands."""

    def __init__(self) -> None:
        self.before: tuple[Kind, Fact] = (Kind.PARAGRAPH, Fact(""))
        self.count = 0
        self.section: Kind | None = None
        self.numbered = False
        self.letter = ""
        self.indent = self.letter_indent = 0

    def place(self, fact: Fact) -> tuple[Kind, int]:
        self.count += 1
        words = fact.words.strip()
        if fact.note:
            return Kind.FOOTNOTE, 0
        if not fact.label and (kind := verb(words)):
            self.section, self.numbered, self.letter = kind, False, ""
            return kind, 0
        if not fact.label and self._is_title(words, fact):
            return Kind.TITLE, 0
        if fact.heading or (not fact.label and _is_heading(words)):
            self.section, self.numbered, self.letter = None, False, ""
            return Kind.HEADING, max(fact.heading - 1, 0)
        if not fact.label and self.section is None and len(words) < 240 and _CHAPEAU.fullmatch(words):
            return Kind.CHAPEAU, 0
        if fact.label:
            return self._item(fact)
        return self._unlabelled()

    def _is_title(self, words: str, fact: Fact) -> bool:
        if self.count > 10 or self.section is not None or len(words) > 240:
            return False
        if _TITLE.fullmatch(words) or (fact.heading == 1 and self.count <= 3):
            return True
        kind, before = self.before
        goes_on = kind is Kind.TITLE and not fact.heading and not re.search("[:：]", before.words)
        return (
            goes_on and bool(_TITLE.fullmatch(before.words.strip())) and not words.endswith((",", ".", ";", "，", "。"))
        )

    def _item(self, fact: Fact) -> tuple[Kind, int]:
        label = fact.label.strip("()")
        roman = bool(re.match(r"[ivxl]+\b", label)) and not self._next_letter(label)
        if self.section is None:
            return self._item_of_other_text(fact, roman)
        item = Kind.PREAMBULAR_ITEM if self.section is Kind.PREAMBULAR_VERB else Kind.OPERATIVE_ITEM
        if label[0].isdigit():
            self.numbered, self.letter, self.indent = True, "", fact.indent
            return item, 0
        if fact.bullet or roman:
            under_letter = bool(self.letter) and self.numbered and fact.indent > self.letter_indent
            return Kind.SUB_ITEM, 2 if roman or under_letter else 1
        self.letter, self.letter_indent = label, fact.indent
        return (Kind.SUB_ITEM, 1) if self.numbered else (item, 0)

    def _next_letter(self, label: str) -> bool:
        """Whether `i)` is the letter after `h)` (or `v)` after `u)`), not a Roman one."""
        return len(label) == 1 and bool(self.letter) and ord(self.letter[0]) + 1 == ord(label)

    def _item_of_other_text(self, fact: Fact, roman: bool) -> tuple[Kind, int]:
        label = fact.label.strip("()")
        if label[0].isdigit() and not fact.label.startswith("("):
            if fact.indent < self.indent + 2 or not self.numbered:
                self.indent = min(fact.indent, self.indent) if self.numbered else fact.indent
                self.numbered, self.letter = True, ""
                return Kind.PARAGRAPH, 0
            return Kind.SUB_ITEM, 1 if fact.indent < self.indent + 6 else 2
        if not fact.bullet and not roman:
            self.letter = label
        return Kind.SUB_ITEM, 2 if roman else 1

    def _unlabelled(self) -> tuple[Kind, int]:
        """A single item has no label; so have its neighbours in texts of other houses, where each ends in `,` or
        `;`."""
        kind, before = self.before
        item = Kind.PREAMBULAR_ITEM if self.section is Kind.PREAMBULAR_VERB else Kind.OPERATIVE_ITEM
        if self.section is not None and kind is self.section:
            return item, 0
        if (
            kind is item
            and self.section is not None
            and not before.label
            and before.words.rstrip().endswith((";", ","))
        ):
            return item, 0
        return Kind.PARAGRAPH, 0


def _is_heading(words: str) -> bool:
    if len(words) > 100 or words.endswith((".", ";", ",", ":")):
        return False
    return bool(_ROMAN_HEADING.fullmatch(words) or _NAMED_HEADING.fullmatch(words))
