"""The anatomy of an Opinion (domain 2.5): chapeau, verbs, how items end, and that a single one has no letter."""

import re
from collections.abc import Iterator

from opinions.drafting_rules.language import Language
from opinions.drafting_rules.values import Finding, Line, Lines, Rule
from opinions.model import Kind, Opinion, ParagraphId
from opinions.numbering import ITEMS, STARTS, VERBS, lists
from opinions.verbs import OPERATIVE, PREAMBULAR, known

_COMMA = {Language.CHINESE: "，", Language.ARABIC: "،"}  # noqa: RUF001 - the commas of these scripts
_SEMICOLON = {Language.CHINESE: "；", Language.ARABIC: "؛"}  # noqa: RUF001
_STOP = {Language.CHINESE: "。"}
_ENDS = ".,;:，。；：،؛"  # noqa: RUF001
_BESIDE = ')”"’]）'  # noqa: RUF001
"""What may stand behind the last sign."""


def anatomy(lines: Lines, text: Opinion, language: Language) -> Iterator[Finding]:
    """The remarks on the parts of an Opinion; none where the text has no verbs, and so is no Opinion."""
    if not any(line.kind in VERBS for line in lines):
        return
    yield from _chapeau(lines, language)
    yield from _verbs(lines, language)
    yield from _endings(lines, language)
    yield from _single(lines, text)


def _chapeau(lines: Lines, language: Language) -> Iterator[Finding]:
    comma = _COMMA.get(language, ",")
    for line in lines:
        if line.kind is Kind.CHAPEAU and line.text.strip() and line.ends_settled():
            yield from _end(line, comma, {comma}, Rule.CHAPEAU, "The chapeau ends with a comma.")


def _verbs(lines: Lines, language: Language) -> Iterator[Finding]:
    seen: dict[str, Line] = {}
    for line in lines:
        words = line.text.strip()
        if line.kind not in VERBS or not words:
            continue
        start = line.text.index(words[0])
        bare = words.rstrip(f" {_ENDS}")
        if bare != words:
            end = start + len(words)
            yield line.finding(
                Rule.VERB, start + len(bare), end, "A verb on a line of its own has no sign behind it.", ""
            )
        if language is Language.ENGLISH:
            if bare[:1].isupper() and known(bare, OPERATIVE | PREAMBULAR):
                message = "A verb begins with a small letter."
                yield line.finding(Rule.VERB, start, start + 1, message, bare[0].lower())
            yield from _known(line, bare, start)
        if not line.italic:
            yield line.finding(Rule.VERB, start, start + len(words), "A verb stands in italics.")
        plain = " ".join(bare.casefold().split())
        if plain in seen:
            yield line.finding(
                Rule.VERB,
                start,
                start + len(bare),
                f"“{bare}” stands twice: join the two groups, or write “{bare} further” or “{bare} also”.",
                f"{bare} further" if line.kind is Kind.PREAMBULAR_VERB and " " not in bare else None,
            )
        seen.setdefault(plain, line)


def _known(line: Line, bare: str, start: int) -> Iterator[Finding]:
    mine, other = (PREAMBULAR, OPERATIVE) if line.kind is Kind.PREAMBULAR_VERB else (OPERATIVE, PREAMBULAR)
    if known(bare, mine):
        return
    where = "preamble" if line.kind is Kind.PREAMBULAR_VERB else "operative part"
    end = start + len(bare)
    if known(bare, other):
        yield line.finding(Rule.VERB, start, end, f"“{bare}” is not a verb of the {where}.")
    else:
        yield line.finding(Rule.VERB, start, end, f"“{bare}” is not among the usual verbs of the {where}.")


def _endings(lines: Lines, language: Language) -> Iterator[Finding]:
    """Items end with a semicolon, the last of a group with a comma, the last of the whole text with a full stop."""
    comma, semicolon = _COMMA.get(language, ","), _SEMICOLON.get(language, ";")
    stop = _STOP.get(language, ".")
    body = [line for line in lines if line.text.strip() and line.kind not in (Kind.FOOTNOTE, Kind.TITLE)]
    operative = [number for number, line in enumerate(body) if line.kind is Kind.OPERATIVE_VERB]
    if not operative:
        return
    for number, line in enumerate(body):
        if line.kind not in ITEMS and line.kind is not Kind.SUB_ITEM:
            continue
        if not line.ends_settled():
            continue
        then = body[number + 1] if number + 1 < len(body) else None
        if then is None:
            if number > operative[0]:
                yield from _end(line, stop, {stop}, Rule.ENDING, "The last item of the text ends with a full stop.")
        elif then.kind is Kind.SUB_ITEM and (line.kind in ITEMS or then.paragraph.level > line.paragraph.level):
            yield from _end(line, ":", {":", "：", comma, semicolon}, Rule.ENDING, "")  # noqa: RUF001
        elif then.kind in STARTS and number > operative[0]:
            # Of operative groups the last item is found with either; never with a full stop.
            message = "The last item of a group ends with a comma; the text ends with a full stop."
            yield from _end(line, comma, {comma, semicolon}, Rule.ENDING, message)
        elif then.kind in STARTS:
            yield from _end(line, comma, {comma}, Rule.ENDING, "The last item of a group ends with a comma.")
        elif then.kind in ITEMS or then.kind is Kind.SUB_ITEM:
            yield from _end(line, semicolon, {semicolon}, Rule.ENDING, "An item ends with a semicolon.")


def _end(line: Line, wanted: str, good: set[str], rule: Rule, message: str) -> Iterator[Finding]:
    words = line.text.rstrip()
    joined = re.search(r"[;,]\s+(?:and|or|et|ou|y|o|и|или)\Z", words)
    if joined:
        return
    end = len(words)
    while end and words[end - 1] in _BESIDE:
        end -= 1
    last = words[end - 1 : end]
    if last in good or words[-1:] in good:
        return
    message = message or "An item before its sub-items ends with a colon."
    if last and last in _ENDS:
        yield line.finding(rule, end - 1, end, message, wanted)
    else:
        yield line.finding(rule, len(words), len(words), message, wanted)


def _single(lines: Lines, text: Opinion) -> Iterator[Finding]:
    by_id: dict[ParagraphId, Line] = {line.id: line for line in lines}
    for members in lists(text):
        standing = [one for one in members if one.added is None]
        line = by_id.get(members[0].id)
        if len(members) == 1 == len(standing) and line is not None and line.label and line.kind is not Kind.FOOTNOTE:
            yield line.finding(
                Rule.SINGLE_ITEM,
                0,
                0,
                f"A single item has no letter or number; here it is “{line.label}”. A renumbering takes it away.",
            )
