"""Keeping a workspace's view true to the Opinion: marks that are not the drafts' own are what the Opinion's text says.

Formatting in a Yjs text is a pair of markers around characters. Where a draft stands inside words that the Opinion
marks or
unmarks later, the markers that the draft's typing left can outlive the Opinion's change; the server then sets them
right.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from opinions.edits import SetMark
from opinions.model import AMENDMENT_MARKS, NO_MARKS, AmendmentId, MarkKind, Marks, Paragraph, Run

_OVER_ALL = frozenset({MarkKind.DELETION, MarkKind.BRACKET})
"""What a draft may put over the Opinion's own words."""
_OF_AN_AMENDMENT = AMENDMENT_MARKS | {MarkKind.ORIGIN}


def aligned(drafts: Collection[AmendmentId], view: Paragraph, opinion: Paragraph) -> tuple[SetMark, ...]:
    """The edits after which the view's paragraph, without these drafts, carries the marks of the Opinion's paragraph,
    and the drafts' own words none of the Opinion's.

    Raises `ValueError` when the characters themselves differ: then it is not a view of this text.
    """
    runs: Sequence[Run] = view.runs
    theirs = _of_the_opinion(drafts, runs, opinion.text)
    if opinion.text != "".join(run.text for run, one in zip(runs, theirs, strict=True) if one):
        runs = _parted(drafts, runs, opinion.text)
        theirs = _of_the_opinion(drafts, runs, opinion.text)
    told = tuple(_told(drafts, runs, theirs))
    sound = all(mine != one and not (mine and _astray(drafts, run)) for run, one, mine in told)
    if sound and _without(drafts, view.runs) == tuple(_pieces(opinion.runs)):
        return ()
    edits: list[SetMark] = []
    wanted = _Cursor(opinion.runs)
    offset = 0
    for run, one, _ in told:
        start, offset = offset, offset + len(run.text)
        if not one:
            edits.extend(_set(view, start, offset, _astray(drafts, run), NO_MARKS))
            continue
        own = frozenset(m for m in run.marks if m.kind in _OVER_ALL and m.id in drafts)
        for length, marks in wanted.take(run.text):
            edits.extend(_set(view, start, start + length, run.marks - own, marks))
            start += length
    wanted.end()
    return tuple(edits)


def _told(
    drafts: Collection[AmendmentId], runs: Iterable[Run], theirs: Iterable[bool]
) -> Iterator[tuple[Run, bool, bool]]:
    """Each run, whether it is the Opinion's, and whether a draft's mark says that it is the draft's."""
    return ((run, one, run.proposed_by(drafts)) for run, one in zip(runs, theirs, strict=True))


def _parted(drafts: Collection[AmendmentId], runs: Sequence[Run], text: str) -> Sequence[Run]:
    """The runs, one of them in pieces: words of the Opinion are part of what a draft marks as inserted.

    Words that continue an amendment at its end bring no mark of their own; where a draft stands at that place they land
    behind its marker, and read as one with its words.
    """
    rest = "".join(run.text for run in runs if not run.proposed_by(drafts))
    before = 0
    for number, run in enumerate(runs):
        if not run.proposed_by(drafts):
            before += len(run.text)
            continue
        words = text[before : len(text) - (len(rest) - before)]
        at = len(run.text) - len(words) if run.text.endswith(words) else run.text.find(words)
        if words and at >= 0 and text == rest[:before] + words + rest[before:]:
            cuts = (run.text[:at], words, run.text[at + len(words) :])
            return (*runs[:number], *(Run(cut, run.marks) for cut in cuts if cut), *runs[number + 1 :])
    return runs


def _of_the_opinion(drafts: Collection[AmendmentId], runs: Sequence[Run], text: str) -> list[bool]:
    """Which runs are the Opinion's: so chosen that they spell its text.

    As a rule what a draft marks as inserted is the draft's. But words that come into the Opinion at the place where a
    draft stands may land between the draft's markers: they carry its mark then, beside their own.
    """
    chosen: list[bool] = []
    tried: list[tuple[int, list[bool]]] = []
    hopeless: set[tuple[int, int]] = set()
    at = 0
    while len(chosen) < len(runs) or at != len(text):
        here = (len(chosen), at)
        options: list[bool] = []
        if len(chosen) < len(runs) and here not in hopeless:
            run = runs[len(chosen)]
            fits = text.startswith(run.text, at)
            if not run.proposed_by(drafts):
                options = [True] if fits else []
            elif not fits:
                options = [False]
            else:
                options = [False, True] if _astray(drafts, run) else [True, False]
        while not options:
            hopeless.add(here)
            if not tried:
                return [not run.proposed_by(drafts) for run in runs]
            at, options = tried.pop()
            chosen.pop()
            here = (len(chosen), at)
        choice = options.pop()
        tried.append((at, options))
        at += len(runs[len(chosen)].text) if choice else 0
        chosen.append(choice)
    return chosen


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
