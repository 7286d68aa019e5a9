"""Signs and blanks: placeholders, blanks and stray punctuation as brackets leave them, quotation marks, widths."""

import re
from collections.abc import Iterator

from opinions.drafting_rules.language import Language
from opinions.drafting_rules.values import Finding, Line, Lines, Rule

_PLACEHOLDER = re.compile(
    r"\{[^{}]*\}|\[(?:\s*|\.{2,}|…|[Xx]{1,4}|[Yy]{1,4}|TB[DCA]|tb[dca]|date|place|number|placeholder[^\]]*)\]|#{3,}|_{3,}"
    r"|\b(?:X{2,4}|Y{2,4}|TB[DC])\b(?!\s*(?:century|siècle))"
)
_ROMAN = re.compile(r"X{2,3}(?:[IVX]|\b)")
_SURELY_ROMAN = re.compile(r"\b(?!X{2,}\b)[IVX]+\b")
"""A number beside which XX is one, too; another XX is as much a place held ("from XX to XX")."""
_SPACE_BEFORE = re.compile(r"(?<=\S)[ \u00a0]+(?=[,.)\]](?!\d)(?!\.\.))")
_SPACE_BEFORE_HIGH = re.compile(r"(?<=\S)[ \u00a0]+(?=[;:!?])")
_SPACE_AFTER_OPENING = re.compile(r"(?<=[(“«\[])[ ]+(?=\S)")
_DOUBLED = re.compile(r"([,;:])\s*([,;:.])|(?<!\.)\.\.(?!\.)|\.[,;](?!\S)|\(\s*\)|“\s*”")
_WIDE = str.maketrans("，；：？！（）", ",;:?!()")  # noqa: RUF001 - full-width signs
_NARROW_IN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])[,;:?!](?!\d)|(?<=[\u3400-\u9fff])\((?=[^()]*[\u3400-\u9fff])")
_TO_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}  # noqa: RUF001
_CJK = re.compile("[\u3400-\u9fff]")
_ABBREVIATED = ("Rev.", "No.", "Nos.", "Add.", "Corr.", "etc.", "e.g.", "i.e.", "cf.", "vs.", "St.", "al.", "Art.")


def signs(lines: Lines, language: Language) -> Iterator[Finding]:
    """The remarks on signs and blanks, paragraph by paragraph."""
    curly = any("“" in line.text or "”" in line.text for line in lines)
    for line in lines:
        yield from _placeholders(line)
        yield from _blanks(line, language)
        yield from _doubled(line)
        yield from _widths(line, language)
        if curly:
            for match in re.finditer('"', line.text):
                after = line.text[match.start() - 1 : match.start()]
                opening = not after or after.isspace() or after in "(["
                message = "Straight and curly quotation marks stand in one text."
                yield line.finding(Rule.QUOTATION, match.start(), match.end(), message, "“" if opening else "”")


def _placeholders(line: Line) -> Iterator[Finding]:
    for match in _PLACEHOLDER.finditer(line.text):
        if _ROMAN.fullmatch(match.group()) and _SURELY_ROMAN.search(line.text):
            continue
        message = f"“{match.group()}” holds a place: words are to come here."
        yield line.finding(Rule.PLACEHOLDER, match.start(), match.end(), message)


def _blanks(line: Line, language: Language) -> Iterator[Finding]:
    text = line.text
    stripped = text.strip()
    if not stripped:
        return
    for match in re.finditer(r"[ \u00a0]{2,}", text):
        if line.settled(*match.span()) and 0 < match.start() and match.end() < len(text):
            yield line.finding(Rule.SPACING, *match.span(), "Two blanks stand side by side.", " ")
    if text != stripped:
        lead, tail = len(text) - len(text.lstrip()), len(text.rstrip())
        if lead and line.settled(0, lead):
            yield line.finding(Rule.SPACING, 0, lead, "A blank stands before the first word.", "")
        if tail < len(text) and line.settled(tail, len(text)) and line.ends_settled():
            yield line.finding(Rule.SPACING, tail, len(text), "A blank stands behind the last word.", "")
    patterns = [_SPACE_BEFORE, _SPACE_AFTER_OPENING]
    if language is not Language.FRENCH:
        patterns.append(_SPACE_BEFORE_HIGH)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if line.settled(match.start() - 1, match.end() + 1):
                yield line.finding(Rule.SPACING, *match.span(), "A blank too many stands beside this sign.", "")


def _doubled(line: Line) -> Iterator[Finding]:
    for match in _DOUBLED.finditer(line.text):
        if not line.settled(*match.span()):
            continue
        found = match.group()
        before = line.text[: match.start() + 1]
        if found[0] == "." and before.endswith(_ABBREVIATED):
            continue
        words = "" if found[0] in "(“" else found.rstrip()[-1] if match[1] else "." if found == ".." else found[-1]
        if found[0] in "(“" and line.text[match.start() - 1 : match.start()] == " ":
            yield line.finding(Rule.PUNCTUATION, match.start() - 1, match.end(), "Nothing stands between these.", "")
        else:
            yield line.finding(Rule.PUNCTUATION, *match.span(), f"“{found}”: one of these signs is too many.", words)


def _widths(line: Line, language: Language) -> Iterator[Finding]:
    if language is Language.CHINESE:
        for match in _NARROW_IN_CHINESE.finditer(line.text):
            message = "Chinese text has full-width punctuation."
            yield line.finding(Rule.WIDTH, *match.span(), message, _TO_WIDE[match.group()])
    elif not _CJK.search(line.text):
        for match in re.finditer("[，；：？！（）]", line.text):  # noqa: RUF001 - full-width signs
            message = "A full-width sign stands in text of another script."
            yield line.finding(Rule.WIDTH, *match.span(), message, match.group().translate(_WIDE))
