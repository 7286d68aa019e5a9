"""The drafting check: what an editor would mend in a draft Opinion before it is published (DC).

It warns and proposes, and changes nothing. It reads the words as they stand; what is still pending is nobody's slip
yet, and where a pending mark lies on words nothing is proposed for them.
"""

from collections import Counter
from collections.abc import Mapping

from opinions.brackets import BracketKind, open_brackets
from opinions.drafting_rules.anatomy import anatomy
from opinions.drafting_rules.language import Language, language_of
from opinions.drafting_rules.names import names
from opinions.drafting_rules.signs import signs
from opinions.drafting_rules.values import Finding, Rule, line_of
from opinions.numbering import VERBS
from opinions.record import Document
from opinions.references import Problem, references

MAX_FINDINGS = 2_000
"""Remarks on one text: a draft of 30 pages that nobody edited has some hundred."""
_SAID = {
    Problem.MISSING: "“{words}” names no paragraph of this text.",
    Problem.AMBIGUOUS: "“{words}” may be one of several paragraphs.",
    Problem.PROPOSED: "“{words}” names a paragraph that is only proposed.",
}


def check(document: Document) -> tuple[Finding, ...]:
    """The remarks on a text, in reading order; at most `MAX_FINDINGS`."""
    lines = tuple(
        line_of(paragraph, document.record.paragraph(paragraph.id).label)
        for paragraph in document.text
        if paragraph.added is None
    )
    language = language_of(" ".join(line.text for line in lines))
    found = [
        *anatomy(lines, document.text, language),
        *signs(lines, language),
        *names(lines, language),
        *_placeholders(document),
        *_citations(document),
    ]
    order = {paragraph.id: number for number, paragraph in enumerate(document.text)}
    once = {(one.rule, one.paragraph, one.start, one.end): one for one in reversed(found)}
    ordered = sorted(once.values(), key=lambda one: (order[one.paragraph], one.start, one.end, one.rule))
    return tuple(ordered[:MAX_FINDINGS])


def counts(findings: tuple[Finding, ...]) -> Mapping[Rule, int]:
    """How many remarks each rule makes; rules without one are left out."""
    return Counter(one.rule for one in findings)


def language(document: Document) -> Language:
    """The language that the check takes a text for."""
    return language_of(" ".join(paragraph.text for paragraph in document.text))


def _placeholders(document: Document) -> list[Finding]:
    """Placeholders that are brackets on record (N7); those typed as letters the signs find."""
    found: list[Finding] = []
    for entry in open_brackets(document):
        paragraph = document.text.find(entry.paragraphs[0])
        if entry.kind is not BracketKind.PLACEHOLDER or paragraph is None:
            continue
        at = max(paragraph.text.find(entry.words), 0)
        said = f"“{entry.words}” holds a place: words are to come here."
        end = at + len(entry.words) if paragraph.text.startswith(entry.words, at) else at
        found.append(Finding(Rule.PLACEHOLDER, paragraph.id, at, end, paragraph.text[at:end], said))
    return found


def _citations(document: Document) -> list[Finding]:
    """Citations of this text that lead nowhere (L3); of an Opinion alone, whose verbs say what a number is of."""
    if not any(one.kind in VERBS for one in document.text):
        return []
    labels = {one.id: document.record.paragraph(one.id).label for one in document.text}
    found: list[Finding] = []
    for one in references(document.text, labels):
        paragraph = document.text.find(one.paragraph)
        if one.problem in _SAID and paragraph is not None and paragraph.added is None:
            words = paragraph.text[one.start : one.end]
            said = _SAID[one.problem].format(words=one.words)
            found.append(Finding(Rule.CITATION, one.paragraph, one.start, one.end, words, said))
    return found
