"""Names: abbreviations and where they are explained, Resolutions written in full, numbers of Opinions."""

import re
from collections.abc import Iterator

from opinions.drafting_rules.language import Language
from opinions.drafting_rules.values import Finding, Line, Lines, Rule
from opinions.model import Kind

_DEFINED = re.compile(r"\(([A-Z][A-Za-z0-9/&-]{0,10}[A-Z0-9]s?)\)")
_SHORT = re.compile(r"\b(Res|Ress|Rés|Dec|Rec|Op)\.\s?(?=\d)")
_FULL = {"Res": "Resolution", "Ress": "Resolutions", "Rés": "Résolution", "Dec": "Decision", "Rec": "Recommendation"}
_RESOLUTION = re.compile(r"\bResolution (\d{1,4})(?![\d/])(?:-[A-Z])?")
_IN_FULL = re.compile(r"\s*\((?:Rev\.\s*)?[^()]*\b\d{4}\)|\s*(?:\(Rev\.\s*\d*\))")
_OF_A_BODY = re.compile(r"\s*,?\s*(?:\([^()]*\)\s*)?of the\b|\s*\(C\d|\s*\(WRC|\s*\(Rev\.")
_BODY_BEFORE = re.compile(r"(?:Council|Assembly|WTSA|WRC|WTDC|Conference|Committee|PP)(?:[-\s]\d+)?\s*\Z")
_OPINION = re.compile(r"\bOpinion (\d{1,2})\b(?!\s*(?:\(|of\b|,?\s*adopted))")


def names(lines: Lines, language: Language) -> Iterator[Finding]:
    """The remarks on names, in reading order for each matter."""
    body = tuple(line for line in lines if line.kind is not Kind.TITLE)
    yield from _abbreviations(body)
    if language is Language.ENGLISH:
        yield from _resolutions(body)
        yield from _opinions(body)


def _abbreviations(lines: Lines) -> Iterator[Finding]:
    defined: dict[str, list[tuple[int, re.Match[str], Line]]] = {}
    for number, line in enumerate(lines):
        for match in _DEFINED.finditer(line.text):
            if _explains(line.text[: match.start()], match[1]):
                defined.setdefault(match[1].removesuffix("s"), []).append((number, match, line))
    for short, places in defined.items():
        first_number, first, first_line = places[0]
        for _, match, line in places[1:]:
            message = f"“{short}” is explained a second time: write the abbreviation alone."
            yield line.finding(Rule.ABBREVIATION, *match.span(), message)
        used = [
            (number, match, line)
            for number, line in enumerate(lines)
            for match in re.finditer(rf"(?<![/\w-]){re.escape(short)}s?(?![\w/-])", line.text)
            if not any(at == number and one.start() <= match.start() < one.end() for at, one, _ in places)
        ]
        if not used:
            message = f"“{short}” is explained and never used."
            words = "" if first_line.text[first.start() - 1 : first.start()] == " " else None
            yield first_line.finding(Rule.ABBREVIATION, first.start() - (words == ""), first.end(), message, words)
        for number, match, line in used:
            if (number, match.start()) < (first_number, first.start()):
                message = f"“{short}” stands here before it is explained."
                yield line.finding(Rule.ABBREVIATION, *match.span(), message)
                break


def _explains(before: str, short: str) -> bool:
    """Whether the words before a bracket spell what stands in it, by their first letters in order."""
    wanted = [letter for letter in short.removesuffix("s") if letter.isupper()]
    parts = re.findall(r"[^\W\d_]+", before)[-(2 * len(wanted) + 3) :]
    initials = [part[0].upper() for part in parts] if len(wanted) > 1 else []
    at = len(initials)
    for letter in reversed(wanted):
        while at and initials[at - 1] != letter:
            at -= 1
        if not at:
            return False
        at -= 1
    return bool(wanted) and len(wanted) > 1


def _resolutions(lines: Lines) -> Iterator[Finding]:
    full: dict[str, str] = {}
    for line in lines:
        for match in _RESOLUTION.finditer(line.text):
            named = _IN_FULL.match(line.text, match.end())
            if named:
                full.setdefault(match[1], match.group() + named.group())
    seen: set[str] = set()
    for line in lines:
        for match in _SHORT.finditer(line.text):
            whole = _FULL.get(match[1])
            message = f"“{match.group().strip()}” is written in full: {whole or 'Opinion'}."
            yield line.finding(Rule.RESOLUTION, *match.span(), message, f"{whole or 'Opinion'} ")
        for match in _RESOLUTION.finditer(line.text):
            first = match[1] not in seen
            seen.add(match[1])
            whole = full.get(match[1])
            if not first or _IN_FULL.match(line.text, match.end()) or _OF_A_BODY.match(line.text, match.end()):
                continue
            if _BODY_BEFORE.search(line.text, 0, match.start()):
                continue
            message = (
                f"{match.group()} is named in full where it comes first, with place and year: (Rev. Bucharest, 2022)."
            )
            yield line.finding(Rule.RESOLUTION, *match.span(), message, whole)


def _opinions(lines: Lines) -> Iterator[Finding]:
    for line in lines:
        for match in _OPINION.finditer(line.text):
            if not re.search(r"\b(?:draft|WTPF(?:-\d+)?)\s*\Z", line.text[: match.start()], re.IGNORECASE):
                message = f"Say of which Forum {match.group()} is, with place and year: (Geneva, 2013)."
                yield line.finding(Rule.OPINION, *match.span(), message)
