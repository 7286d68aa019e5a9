"""What Word shows before numbered paragraphs, counted as Word counts (ECMA-376 Part 1, 17.9).

Lists that share an abstract definition share its counters; a `num` with a start of its own begins anew at its first
paragraph. A level begins anew after a paragraph of a higher level, unless `lvlRestart` says otherwise.
"""

import re
from dataclasses import dataclass, replace

from lxml import etree

from server.word_in.styles import Styles
from server.word_in.xml import W, child, number, switched, value

LEVELS = 9
_MOST = 30_000
_PLACE = re.compile(r"%([1-9])")
_BULLETS = {"o": "\u25e6", "\u00a7": "\u25aa", "-": "\u2013"}

_ALPHABETS = {
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
_CHINESE = frozenset(
    {
        *("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand"),
        *("ideographDigital", "japaneseCounting", "japaneseDigitalTenThousand"),
    }
)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how it counts and what it shows."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    plain: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    abstract: str
    levels: tuple[Level, ...]
    starts: tuple[tuple[int, int], ...] = ()


class Numbering:
    """Counts the numbered paragraphs of one file in reading order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        self.unknown: set[str] = set()
        """Formats that are not known here, and were counted as 1, 2, 3."""
        if root is not None:
            self._read(root)

    def label(self, properties: etree._Element | None, style: str) -> tuple[str, int] | None:
        """The label and level of the next paragraph; None when it has no numbering. Bullets are signs."""
        direct = child(properties, "numPr")
        own = value(child(direct, "numId"))
        by_style, style_level, said_by = self._styles.numbering(style)
        chosen = own or by_style
        found = self._lists.get(chosen)
        if found is None or chosen == "0":
            return None
        written = value(child(direct, "ilvl"))
        if written:
            level = number(written)
        elif own:
            level = 0
        else:
            linked = next(
                (at for at, one in enumerate(found.levels) if one.style and one.style in (style, said_by)), None
            )
            level = linked if linked is not None else number(style_level)
        level = min(max(level, 0), LEVELS - 1)
        return self._next(chosen, found, level), level

    def _next(self, name: str, found: _List, level: int) -> str:
        counts = self._counts.setdefault(found.abstract, [None] * LEVELS)
        if name not in self._begun:
            self._begun.add(name)
            for at, start in found.starts:
                counts[at] = start - 1
        for above in range(level):
            if counts[above] is None:
                counts[above] = found.levels[above].start
        was = counts[level]
        counts[level] = found.levels[level].start if was is None else min(was + 1, _MOST)
        for below in range(level + 1, LEVELS):
            restart = found.levels[below].restart
            if restart is None or level < restart:
                counts[below] = None
        return self._spelled(found, level, counts)

    def _spelled(self, found: _List, level: int, counts: list[int | None]) -> str:
        own = found.levels[level]
        if own.form == "bullet":
            return _bullet(own.text)
        if own.form == "none":
            return _PLACE.sub("", own.text).strip()

        def place(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            count = counts[at]
            form = "decimal" if own.plain else found.levels[at].form
            return self._counted(form, count if count is not None else found.levels[at].start)

        return _PLACE.sub(place, own.text).strip()[:60]

    def _counted(self, form: str, count: int) -> str:
        if form in _ALPHABETS and count > 0:
            letters = _ALPHABETS[form]
            return letters[(count - 1) % len(letters)] * min((count - 1) // len(letters) + 1, 10)
        if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
            return _roman(count) if form == "lowerRoman" else _roman(count).upper()
        if form == "decimalZero":
            return f"{count:02}"
        if form in _CHINESE and 0 < count < 100:
            return _chinese(count)
        if form == "ordinal":
            return f"{count}{_ordinal_ending(count)}"
        if form in ("none", "bullet"):
            return ""
        if form != "decimal":
            self.unknown.add(form)
        return str(count)

    def _read(self, root: etree._Element) -> None:
        abstracts = {value(one, "abstractNumId"): one for one in root.iterchildren(W + "abstractNum")}
        by_style = {
            value(child(one, "styleLink")): name
            for name, one in abstracts.items()
            if child(one, "styleLink") is not None
        }
        for num in root.iterchildren(W + "num"):
            name = value(child(num, "abstractNumId"))
            element = abstracts.get(name)
            link = value(child(element, "numStyleLink"))
            if link in by_style:
                name = by_style[link]
                element = abstracts[name]
            if element is None:
                continue
            levels = [Level()] * LEVELS
            for one in element.iterchildren(W + "lvl"):
                _set(levels, one)
            starts: list[tuple[int, int]] = []
            for override in num.iterchildren(W + "lvlOverride"):
                at = number(value(override, "ilvl"))
                for one in override.iterchildren(W + "lvl"):
                    _set(levels, one)
                start = child(override, "startOverride")
                if start is not None and 0 <= at < LEVELS:
                    starts.append((at, number(value(start), 1)))
                    levels[at] = replace(levels[at], start=number(value(start), 1))
            self._lists[value(num, "numId")] = _List(name, tuple(levels), tuple(starts))


def _set(levels: list[Level], element: etree._Element) -> None:
    at = number(value(element, "ilvl"), -1)
    if 0 <= at < LEVELS:
        restart = child(element, "lvlRestart")
        levels[at] = Level(
            min(number(value(child(element, "start")), 1), _MOST),
            value(child(element, "numFmt")) or "decimal",
            value(child(element, "lvlText"))[:60],
            number(value(restart)) if restart is not None else None,
            bool(switched(child(element, "isLgl"))),
            value(child(element, "pStyle")),
        )


def _bullet(text: str) -> str:
    sign = text.strip()[:1]
    if not sign:
        return ""
    code = ord(sign)
    if 0xF000 <= code <= 0xF0FF:
        sign = chr(code - 0xF000)
    return _BULLETS.get(sign, sign if sign in "\u2013\u2014•◦▪■□●○‣\u2043*" else "\u2022")


def _chinese(count: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(count, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def _roman(count: int) -> str:
    """As in `opinions.numbering`, which brings the whole record with it: half the start of the reading process."""
    values = (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")
    result = ""
    for value_of, digits in (*values, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        times, count = divmod(count, value_of)
        result += digits * times
    return result


def _ordinal_ending(count: int) -> str:
    if 10 < count % 100 < 14:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
