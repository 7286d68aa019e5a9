"""Courses of figures drawn as inline SVG: the burn-down of square brackets, and the small line of the dashboard.

No drawing is all there is: each has a text alternative, and the burn-down a table of its numbers. Coordinates follow
from the figures alone, so that the same history is the same picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from markupsafe import Markup

from opinions.burn_down import trend
from opinions.steps import Step, StepKind
from server.wording import day, moment

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 26, 28
SMALL = (120, 28)
"""Width and height of the small line."""
_POINTS = 240
"""Points drawn at most: of several within three pixels the highest is kept, so that no peak is lost."""
_PAUSE = 8
"""How many times as long as the usual time between two steps a pause is drawn at most."""
_LABELS = 8
"""Versions named on the drawing at most, the newest; all are in the table."""
_LEAST_APART = 150
"""Pixels between two names."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table of numbers: what happened then, with the counts after it."""

    at: str
    what: str
    seq: int
    brackets: int
    pending: int
    agreed: int
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with what it says in words, and its numbers."""

    svg: Markup
    told: str
    figures: tuple[Figure, ...]


def burn_down(steps: Sequence[Step], zone: ZoneInfo) -> Drawing | None:
    """The course of open brackets over time, versions and meetings marked on it; None where there is no history."""
    if not steps:
        return None
    values = [step.counts.brackets for step in steps]
    told = f"Open square brackets: {trend(values)}."
    most = max(*values, 1)
    xs = _places([step.at for step in steps])
    height = HEIGHT - TOP - BOTTOM

    def y(value: int) -> float:
        return TOP + height * (1 - value / most)

    parts: list[Markup] = []
    for value in _scale(most):
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(LEFT, WIDTH - RIGHT, y=_n(y(value)))
        )
        parts.append(Markup('<text class="scale" x="{}" y="{}">{}</text>').format(LEFT - 6, _n(y(value) + 4), value))
    for start, end, name in _meetings(steps, xs):
        band = Markup('<rect class="meeting" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')
        parts.append(band.format(_n(start), TOP, _n(max(end - start, 3)), height, name))
    parts += _versions(steps, xs, height)
    points = list(_thinned(xs, [y(value) for value in values]))
    line = _stairs(points)
    floor = _n(TOP + height)
    area = f"M{_n(points[0][0])} {floor}L{line[1:]}L{_n(points[-1][0])} {floor}Z"
    parts.append(Markup('<path class="area" d="{}"/><path class="line" d="{}"/>').format(area, line))
    last = points[-1]
    parts.append(Markup('<circle class="now" cx="{}" cy="{}" r="3.5"/>').format(_n(last[0]), _n(last[1])))
    ends = Markup('<text class="ends" x="{}" y="{y}">{}</text><text class="ends last" x="{}" y="{y}">{}</text>')
    parts.append(ends.format(LEFT, day(steps[0].at, zone), WIDTH - RIGHT, day(steps[-1].at, zone), y=HEIGHT - 8))
    svg = Markup('<svg class="burn-down" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, told, Markup("").join(parts)
    )
    return Drawing(svg, told, tuple(_figures(steps, zone)))


def small_line(steps: Sequence[Step]) -> tuple[Markup, str]:
    """The course in a line of a table, and in words: `14 to 19, rising`."""
    values = [step.counts.brackets for step in steps]
    told = trend(values)
    if len(values) < 2:
        return Markup(""), told
    width, height = SMALL
    most = max(*values, 1)
    xs = _places([step.at for step in steps], 2, width - 4)
    points = list(_thinned(xs, [3 + (height - 6) * (1 - value / most) for value in values]))
    svg = Markup(
        '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}"><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(width, height, f"Open brackets: {told}", _stairs(points), _n(points[-1][0]), _n(points[-1][1]))
    return svg, told


def _places(times: Sequence[datetime], start: float = LEFT, end: float = WIDTH - RIGHT) -> list[float]:
    """Where each moment stands: by time, but that the weeks between meetings are drawn as short as `_PAUSE` says, or
    all that happened would stand on a few lines. A clock that was set back takes no room.
    """
    gaps = [max((b - a).total_seconds(), 0.0) for a, b in pairwise(times)]
    passing = sorted(gap for gap in gaps if gap > 0)
    if not passing:
        count = max(len(times) - 1, 1)
        return [start + (end - start) * number / count for number in range(len(times))]
    longest = _PAUSE * passing[len(passing) // 2]
    taken = [0.0, *accumulate(min(gap, longest) for gap in gaps)]
    return [start + (end - start) * one / taken[-1] for one in taken]


def _thinned(xs: Sequence[float], ys: Sequence[float]) -> Iterator[tuple[float, float]]:
    """At most `_POINTS` points: in each column the first, the highest and the last."""
    width = max((xs[-1] - xs[0]) / (_POINTS / 3), 0.001)
    column: list[tuple[float, float]] = []
    number = 0
    for point in zip(xs, ys, strict=True):
        here = int((point[0] - xs[0]) / width)
        if column and here != number:
            yield from _telling(column)
            column = []
        number = here
        column.append(point)
    yield from _telling(column)


def _telling(column: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    highest = min(range(len(column)), key=lambda number: column[number][1])
    yield from (column[number] for number in sorted({0, highest, len(column) - 1}))


def _stairs(points: Sequence[tuple[float, float]]) -> str:
    """A count stays what it was until the next step: a line of stairs."""
    path = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for x, y in points[1:]:
        path.append(f"H{_n(x)}V{_n(y)}")
    return "".join(path)


def _versions(steps: Sequence[Step], xs: Sequence[float], height: float) -> Iterator[Markup]:
    frozen = [(x, step) for x, step in zip(xs, steps, strict=True) if step.kind is StepKind.FROZEN]
    free = float(WIDTH)
    named: set[int] = set()
    for x, step in reversed(frozen):
        if free - x >= _LEAST_APART and len(named) < _LABELS:
            named.add(step.seq)
            free = x
    for x, step in frozen:
        line = Markup('<line class="version" x1="{x}" x2="{x}" y1="{}" y2="{}"><title>{}</title></line>')
        yield line.format(TOP - 6, _n(TOP + height), step.label, x=_n(x))
        if step.seq in named:
            anchor = "end" if x > WIDTH - 90 else "start" if x < LEFT + 60 else "middle"
            text = Markup('<text class="name" x="{}" y="{}" text-anchor="{}">{}</text>')
            yield text.format(_n(x), TOP - 11, anchor, _short(step.label))


def _meetings(steps: Sequence[Step], xs: Sequence[float]) -> Iterator[tuple[float, float, str]]:
    start: tuple[float, str, datetime | None] | None = None
    for x, step in zip(xs, steps, strict=True):
        if start is not None and (step.sitting, step.sitting_since) != start[1:]:
            yield start[0], x, start[1]
            start = None
        if step.sitting and start is None:
            start = (x, step.sitting, step.sitting_since)
    if start is not None:
        yield start[0], xs[-1], start[1]


def _figures(steps: Sequence[Step], zone: ZoneInfo) -> Iterator[Figure]:
    """The first step, each version, the end of each meeting and the last step."""
    for number, step in enumerate(steps):
        following = steps[number + 1] if number + 1 < len(steps) else None
        what = ""
        if step.kind is StepKind.FROZEN:
            what = step.label
        elif step.sitting and following is not None and following.sitting_since != step.sitting_since:
            what = f"End of {step.sitting}"
        elif number == 0:
            what = "Put on the table"
        elif following is None:
            what = "Now"
        if what:
            counts = step.counts
            yield Figure(
                moment(step.at, zone),
                what,
                step.seq,
                counts.brackets,
                counts.pending,
                counts.agreed,
                counts.paragraphs,
            )


def _scale(most: int) -> Iterable[int]:
    """Three lines: nothing, the half, the most."""
    return dict.fromkeys((0, most // 2, most))


def _short(label: str) -> str:
    return label if len(label) <= 26 else f"{label[:25]}\u2026"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
