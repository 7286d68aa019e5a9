"""As much of PromQL as our alert rules use, evaluated over what a server's /metrics said at some moments.

The rules are read by a real PromQL parser, so what passes here is PromQL; the arithmetic is ours, and small.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import promql_parser as promql
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = Mapping[Labels, float]


@dataclass(frozen=True, slots=True)
class Scrape:
    """What was scraped at a moment (seconds): samples by metric name and labels."""

    at: float
    samples: Mapping[tuple[str, Labels], float]


def scrape(at: float, text: str, **target: str) -> Scrape:
    """The samples of a /metrics answer, with the labels of its target as Prometheus would add them."""
    samples = {
        (sample.name, frozenset({**sample.labels, **target}.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Scrape(at, {**samples, ("up", frozenset(target.items())): 1.0})


def gone(at: float, **target: str) -> Scrape:
    """A scrape that found nobody."""
    return Scrape(at, {("up", frozenset(target.items())): 0.0})


def together(first: Scrape, *others: Scrape) -> Scrape:
    """What was scraped of several targets, as at the moment of the first."""
    return Scrape(first.at, {key: value for one in (first, *others) for key, value in one.samples.items()})


def fires(expression: str, scrapes: Iterable[Scrape]) -> bool:
    """Whether the rule's expression holds at the last of the scrapes."""
    return bool(_vector(promql.parse(expression), tuple(scrapes)))


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    ">=": operator.ge,
}


def _vector(node: object, scrapes: tuple[Scrape, ...]) -> Vector:
    if isinstance(node, promql.ParenExpr):
        return _vector(node.expr, scrapes)
    if isinstance(node, promql.VectorSelector):
        return {labels: value for labels, value in _selected(node, scrapes[-1])}
    if isinstance(node, promql.BinaryExpr):
        return _binary(node, scrapes)
    if isinstance(node, promql.AggregateExpr):
        assert str(node.op) == "sum", f"not read here: {node.op}"
        values = _vector(node.expr, scrapes).values()
        return {frozenset(): sum(values)} if values else {}
    assert isinstance(node, promql.Call), f"not read here: {node}"
    match node.func.name:
        case "rate" | "increase":
            return _increase(node.args[0], scrapes, per_second=node.func.name == "rate")
        case "abs":
            return {labels: abs(value) for labels, value in _vector(node.args[0], scrapes).items()}
        case "histogram_quantile":
            return _quantile(node.args[0].val, _vector(node.args[1], scrapes))
    raise AssertionError(f"not read here: {node.func.name}")


def _selected(node: promql.VectorSelector, one: Scrape) -> Iterable[tuple[Labels, float]]:
    wanted = {(matcher.name, matcher.value) for matcher in node.matchers.matchers}
    return ((labels, value) for (name, labels), value in one.samples.items() if name == node.name and wanted <= labels)


def _binary(node: promql.BinaryExpr, scrapes: tuple[Scrape, ...]) -> Vector:
    left = _vector(node.lhs, scrapes)
    sign = str(node.op)
    if sign == "or":
        return {**_vector(node.rhs, scrapes), **left}
    if sign == "/":
        right = _vector(node.rhs, scrapes)
        return {labels: value / right[labels] for labels, value in left.items() if right.get(labels)}
    assert isinstance(node.rhs, promql.NumberLiteral), "a comparison has a number on its right"
    limit = node.rhs.val
    return {labels: value for labels, value in left.items() if _COMPARE[sign](value, limit)}


def _increase(node: promql.MatrixSelector, scrapes: tuple[Scrape, ...], *, per_second: bool) -> Vector:
    last = scrapes[-1]
    since = last.at - node.range.total_seconds()
    within = [one for one in scrapes if one.at >= since]
    first = {labels: value for labels, value in _selected(node.vector_selector, within[0])}
    seconds = max(last.at - within[0].at, 1e-9) if per_second else 1.0
    # A series that was not there before counts from nothing, as it does for an operator who sees it appear.
    now = _selected(node.vector_selector, last)
    return {labels: (value - first.get(labels, 0.0)) / seconds for labels, value in now}


def _quantile(share: float, buckets: Vector) -> Vector:
    by_series: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in buckets.items():
        bound = next(float(bound) for name, bound in labels if name == "le")
        by_series.setdefault(frozenset(pair for pair in labels if pair[0] != "le"), []).append((bound, value))
    found = {labels: _within(share, sorted(rows)) for labels, rows in by_series.items()}
    return {labels: value for labels, value in found.items() if not math.isnan(value)}


def _within(share: float, rows: list[tuple[float, float]]) -> float:
    total = rows[-1][1]
    if not total:
        return math.nan
    below = lower = 0.0
    for bound, count in rows:
        if count >= share * total:
            if math.isinf(bound):
                return lower
            return lower + (bound - lower) * (share * total - below) / max(count - below, 1e-12)
        below, lower = count, bound
    return lower
