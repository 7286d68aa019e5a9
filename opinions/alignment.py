"""Keeping a workspace's view true to the Opinion: marks that are not the drafts' own are what the Opinion's text says.

Formatting in a Yjs text is a pair of markers around characters. Where a draft stands inside words that the Opinion
marks or
unmarks later, the markers that the draft's typing left can outlive the Opinion's change; the server then sets them
right.
"""

from collections.abc import Collection, Iterable, Iterator

from opinions.edits import SetMark
from opinions.model import AMENDMENT_MARKS, NO_MARKS, AmendmentId, MarkKind, Marks, Paragraph, Run

_OF_AN_AMENDMENT = AMENDMENT_MARKS | {MarkKind.ORIGIN}


def aligned(drafts: Collection[AmendmentId], view: Paragraph, opinion: Paragraph) -> tuple[SetMark, ...]:
    """The edits after which the view's paragraph, without these drafts, carries the marks of the Opinion's paragraph,
    and the drafts' own words none of the Opinion's.

    Raises `ValueError` when the characters themselves differ: then it is not a view of this text.
    """
    astray = any(_astray(drafts, run) for run in view.runs if run.proposed_by(drafts))
    if not astray and _without(drafts, view.runs) == tuple(_pieces(opinion.runs)):
        return ()
    edits: list[SetMark] = []
    wanted = _Cursor(opinion.runs)
    offset = 0
    for run in view.runs:
        own = frozenset(mark for mark in run.marks if mark.kind in AMENDMENT_MARKS and mark.id in drafts)
        start, offset = offset, offset + len(run.text)
        if run.proposed_by(drafts):
            edits.extend(_set(view, start, offset, _astray(drafts, run), NO_MARKS))
            continue
        for length, marks in wanted.take(run.text):
            edits.extend(_set(view, start, start + length, run.marks - own, marks))
            start += length
    wanted.end()
    return tuple(edits)


def _astray(drafts: Collection[AmendmentId], run: Run) -> Marks:
    """Marks on a draft's own words that are no draft's: those of an amendment of the Opinion around them, or origin."""
    return frozenset(m for m in run.marks if m.kind in _OF_AN_AMENDMENT and m.id not in drafts)


def _set(paragraph: Paragraph, start: int, end: int, has: Marks, wanted: Marks) -> Iterator[SetMark]:
    for mark in sorted(has - wanted):
        yield SetMark(paragraph.id, start, end, mark, False)
    for mark in sorted(wanted - has):
        yield SetMark(paragraph.id, start, end, mark, True)


def _without(drafts: Collection[AmendmentId], runs: Iterable[Run]) -> tuple[tuple[str, Marks], ...]:
    kept = (
        Run(run.text, frozenset(m for m in run.marks if m.kind not in AMENDMENT_MARKS or m.id not in drafts))
        for run in runs
        if not run.proposed_by(drafts)
    )
    return tuple(_pieces(kept))


def _pieces(runs: Iterable[Run]) -> Iterator[tuple[str, Marks]]:
    """The runs with neighbours of equal marks as one."""
    text, marks = "", NO_MARKS
    for run in runs:
        if text and run.marks != marks:
            yield text, marks
            text = ""
        text, marks = text + run.text, run.marks
    if text:
        yield text, marks


class _Cursor:
    """Walks along the Opinion's characters, giving the marks of each stretch."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = iter(runs)
        self._text, self._marks = "", NO_MARKS

    def take(self, text: str) -> Iterator[tuple[int, Marks]]:
        while text:
            if not self._text:
                run = next(self._runs, None)
                if run is None:
                    raise ValueError("the view has more characters than the text it is a view of")
                self._text, self._marks = run.text, run.marks
            length = min(len(text), len(self._text))
            if self._text[:length] != text[:length]:
                raise ValueError(f"the view reads {text[:length]!r} where the text reads {self._text[:length]!r}")
            self._text, text = self._text[length:], text[length:]
            yield length, self._marks

    def end(self) -> None:
        if self._text or next(self._runs, None) is not None:
            raise ValueError("the view lacks characters of the text it is a view of")
