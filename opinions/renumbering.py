"""Renumbering, once: labels made plain (`3 bis` becomes `4`), and the text's own citations with them (L3).

What is pending keeps its author: the label in its words is written anew, and nothing else of them. In settled words the
change is an editorial correction of the secretariat (D6). What a citation means is never guessed: one that does not
name one standing paragraph, before and after, stays as it is and is listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from opinions.edits import DeleteText, Edit, InsertText, applied
from opinions.model import MarkKind, Marks, Opinion, Paragraph, ParagraphId, cut
from opinions.numbering import Renumbered, concordance, labels, renumbered
from opinions.record import Document
from opinions.references import Map, Problem, Reference, references, resolved


@dataclass(frozen=True, slots=True)
class Followed:
    """A citation that the renumbering rewrites: its words before and after."""

    reference: Reference
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a renumbering would do: the concordance in reading order, the citations that follow, those that are left
    as they are and somebody should look at, and those of other texts.
    """

    labels: tuple[Renumbered, ...] = ()
    follow: tuple[Followed, ...] = ()
    broken: tuple[Reference, ...] = ()
    others: tuple[Reference, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.labels and not self.follow


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Characters of a paragraph that become others: from `start` up to `end` of its whole text, which read `was`."""

    paragraph: ParagraphId
    start: int
    end: int
    was: str
    text: str


def plan(document: Document) -> Plan:
    """What a renumbering of this document would do; nothing is changed.

    A citation that would name another paragraph afterwards, or no single one, is among the broken ones.
    """
    text = document.text
    old = {one.id: document.record.paragraph(one.id).label for one in text}
    new = {**old, **labels(text)}
    found = references(text, old)
    follow, broken = _sorted_out(found, new)
    while True:  # each time round, citations are taken out of `follow`
        # What one citation reads depends on its own paragraph alone, but two may share a label.
        after, table = rewritten(text, follow, new), Map(text, new)
        changes = _rewrites(follow, new)
        wrong = {
            one
            for one in follow
            if resolved(_moved(one, changes), after, table) != tuple(label.target for label in one.labels)
        }
        if not wrong:
            break
        shared = {(label.start, label.end, one.paragraph) for one in wrong for label in one.labels}
        wrong |= {
            one for one in follow if any((label.start, label.end, one.paragraph) in shared for label in one.labels)
        }
        broken += [replace(one, problem=Problem.AMBIGUOUS) for one in wrong]
        follow = [one for one in follow if one not in wrong]
    at = {one.id: number for number, one in enumerate(text)}
    changed = {rewrite_key(one) for one in _rewrites(follow, new)}
    return Plan(
        concordance(document),
        tuple(
            Followed(one, _new_words(one, new))
            for one in follow
            if any((one.paragraph, label.start) in changed for label in one.labels)
        ),
        tuple(sorted(broken, key=lambda one: (at[one.paragraph], one.start))),
        tuple(one for one in found if one.problem is Problem.ANOTHER_TEXT),
    )


def rewrite_key(one: Rewrite) -> tuple[ParagraphId, int]:
    """What tells two rewrites apart."""
    return one.paragraph, one.start


def rewrites(document: Document, wanted: Plan) -> tuple[Rewrite, ...]:
    """The characters that a plan changes, each once, in reading order."""
    new = labels(document.text)
    return _rewrites([one.reference for one in wanted.follow], new)


def rewritten(text: Opinion, follow: Sequence[Reference], new: Mapping[ParagraphId, str]) -> Opinion:
    """The text with these citations under the new labels, marks as they were."""
    document = Document(text)
    return applied(document, plain_edits(text, _rewrites(follow, new))).text


def plain_edits(text: Opinion, changes: Sequence[Rewrite]) -> tuple[Edit, ...]:
    """The edits of rewrites that leave every mark where it was, last first, so that offsets hold."""
    edits: list[Edit] = []
    for one in sorted(changes, key=lambda one: (one.paragraph, -one.start)):
        paragraph = text.find(one.paragraph)
        if paragraph is not None:
            edits.append(InsertText(one.paragraph, one.end, one.text, marks_of(paragraph, one)))
            edits.append(DeleteText(one.paragraph, one.start, one.end))
    return tuple(edits)


def marks_of(paragraph: Paragraph, change: Rewrite) -> Marks:
    """The marks that all of the characters carry; italics where only part of a label has them are lost."""
    return frozenset.intersection(*(run.marks for run in cut(paragraph.runs, change.start, change.end)))


def pending(paragraph: Paragraph, change: Rewrite) -> bool:
    """Whether the characters are a pending amendment's."""
    return paragraph.added is not None or any(mark.kind is MarkKind.INSERTION for mark in marks_of(paragraph, change))


def _sorted_out(found: Sequence[Reference], new: Mapping[ParagraphId, str]) -> tuple[list[Reference], list[Reference]]:
    follow: list[Reference] = []
    broken: list[Reference] = []
    spoilt: set[tuple[ParagraphId, int, int]] = set()
    for one in found:
        problem = one.problem
        if problem is None and any(label.target is not None and not new.get(label.target) for label in one.labels):
            problem = Problem.WITHOUT_LABEL
        if problem is None:
            follow.append(one)
        elif problem.broken:
            broken.append(replace(one, problem=problem))
        if problem is not None:
            spoilt |= {(one.paragraph, label.start, label.end) for label in one.labels}
    unclear = [one for one in follow if any((one.paragraph, label.start, label.end) in spoilt for label in one.labels)]
    broken += [replace(one, problem=Problem.UNCLEAR) for one in unclear]
    return [one for one in follow if one not in unclear], broken


def _rewrites(follow: Sequence[Reference], new: Mapping[ParagraphId, str]) -> tuple[Rewrite, ...]:
    found: dict[tuple[ParagraphId, int], Rewrite] = {}
    for one in follow:
        for label in one.labels:
            text = _label_words(label.words, new[label.target]) if label.target is not None else label.words
            if text != label.words:
                found[one.paragraph, label.start] = Rewrite(one.paragraph, label.start, label.end, label.words, text)
    return tuple(found.values())


def _label_words(words: str, label: str) -> str:
    """A label as it is written without its brackets; as it was where it says the same (`3bis`)."""
    core = label.removesuffix(")")
    return words if "".join(words.split()).casefold() == "".join(core.split()).casefold() else core


def _new_words(one: Reference, new: Mapping[ParagraphId, str]) -> str:
    """The words of a citation after the change, label by label from the end."""
    words = one.words
    for label in reversed(one.labels):
        if label.target is not None:
            text = _label_words(label.words, new[label.target])
            words = words[: label.within] + text + words[label.within + len(label.words) :]
    return words


def _moved(one: Reference, changes: Sequence[Rewrite]) -> Reference:
    """The citation where it stands once all are rewritten."""
    grown = sum(
        len(change.text) - len(change.was)
        for change in changes
        if change.paragraph == one.paragraph and change.end <= one.start
    )
    return replace(one, start=one.start + grown)


def renumbered_document(document: Document) -> Document:
    """The document with new labels and citations, marks as they were: what the preview shows and properties ask of."""
    wanted = plan(document)
    edits: tuple[Edit, ...] = (*plain_edits(document.text, rewrites(document, wanted)), *renumbered(document))
    return applied(document, edits)


def problems(wanted: Plan) -> Iterator[tuple[ParagraphId, str, Problem]]:
    """The citations that are left to be looked at: where, their words, why."""
    for one in wanted.broken:
        if one.problem is not None:
            yield one.paragraph, one.words, one.problem
