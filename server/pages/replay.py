"""The replay: one paragraph or the whole Opinion step by step, by decision and by meeting, as the log has it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.brackets import extents
from opinions.model import Opinion, ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from opinions.redline import Change, redline
from opinions.steps import Step, StepKind
from opinions.views import View, ViewParagraph, named
from server.assets import assets_of
from server.export.sheet import VIEW_NAMES, view_of
from server.history.reading import Told
from server.history.words import meeting_of, step_by, step_line
from server.html_view import Regions, paragraph_html, regions_of
from server.pages.brackets import STYLES
from server.pages.rendering import render
from server.people_store import all_delegations
from server.visit import Visit

SCRIPT = "src/replay.ts"
BESIDE = 20
"""Steps listed on either side of the one that is shown."""
SHOWN = 200
"""Paragraphs of a text shown at once: those that changed and what stands near them come first."""
AROUND = 1
"""Paragraphs shown on either side of one that changed."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where the replay can go from a step: seqs, None where there is nothing."""

    step_before: int | None
    step_after: int | None
    decision_before: int | None
    decision_after: int | None
    meeting_before: int | None
    meeting_after: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A step in the list. `meeting` is the name of a meeting that begins with it, else empty."""

    step: Step
    told: str
    by: str
    meeting: str


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph as it was after the step; `changed` by it; `gone` with it; `skipped` unchanged ones stand before."""

    html: Markup
    changed: bool
    gone: bool = False
    skipped: int = 0


async def replay(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/replay?paragraph=&at=&view=&whole=`.

    `at` is the seq of an entry: the step that it belongs to is shown, or the last one before it.
    """
    told = await visit.services.histories.told(visit.services.database, visit.opinion.id)
    if told is None:
        return render(visit, "replay_waiting.html", status=HTTPStatus.OK, headers={"refresh": "5"})
    paragraph = visit.request.query_params.get("paragraph", "")[:64]
    steps = steps_of(told, paragraph) if paragraph else told.steps
    if not steps:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    place = place_of(steps, visit.request.query_params.get("at", ""))
    step = steps[place]
    before, after = await visit.services.histories.texts(
        visit.services.database, visit.opinion.id, step.first - 1, step.seq
    )
    view = _view(visit)
    regions = regions_of(await visit.read(all_delegations))
    whole = visit.request.query_params.get("whole") == "yes"
    only = _ids_then(told.steps, paragraph, step.seq) if paragraph else frozenset()
    concerned = frozenset({*step.paragraphs, *(one.paragraph for one in step.outcomes)})
    cited = citations(after)
    zone = visit.process.zone
    address = _Address(visit, paragraph, view, whole)
    return render(
        visit,
        "replay.html",
        entry=SCRIPT,
        own_styles=assets_of(STYLES).styles,
        step=step,
        place=place + 1,
        count=len(steps),
        told_line=step_line(step, cited),
        by=step_by(step),
        meeting=meeting_of(step, zone)[1],
        way=way_of(steps, place, zone),
        lines=lines_of(steps, place, cited, zone),
        shown=parts_of(before, after, view, regions, only, concerned, whole=whole),
        paragraph=paragraph,
        cited=cited.get(ParagraphId(paragraph), "a paragraph that is not in the text here") if paragraph else "",
        stands=not paragraph or after.text.find(paragraph) is not None,
        view=view,
        views=[(one, VIEW_NAMES[one]) for one in (View.ROLLING, View.MARKED, View.CLEAN)],
        whole=whole,
        address=address,
        newest=told.steps[-1].seq,
        behind=not told.whole,
    )


@dataclass(frozen=True, slots=True)
class _Address:
    visit: Visit
    paragraph: str
    view: View
    whole: bool

    def __call__(self, at: int | None = None, **other: str) -> str:
        """The replay's address at an entry, with what was chosen."""
        query = {
            "paragraph": self.paragraph,
            "at": str(at or ""),
            "view": "" if self.view is View.ROLLING else self.view.value,
            "whole": "yes" if self.whole else "",
            **other,
        }
        tail = urlencode({name: value for name, value in query.items() if value})
        return f"/opinions/{self.visit.opinion.id}/replay" + (f"?{tail}" if tail else "")


def steps_of(told: Told, paragraph: str) -> tuple[Step, ...]:
    """The steps that changed a paragraph, or the one that it was split off from before that, or those joined to it."""
    found: list[Step] = []
    wanted = {ParagraphId(paragraph)}
    for step in reversed(told.steps):
        wanted |= {gone for gone, into in step.joined if into in wanted}
        named_there = {one.paragraph for one in step.outcomes} | {one.paragraph for one in step.moved}
        touched = bool(wanted & {*step.paragraphs, *named_there})
        if touched or step.kind is StepKind.FROZEN:
            found.append(step)
        wanted |= {parent for new, parent in step.parents if new in wanted}
    first = next((number for number, step in enumerate(reversed(found)) if step.kind is not StepKind.FROZEN), None)
    return () if first is None else tuple(reversed(found))[first:]


def _ids_then(steps: Sequence[Step], paragraph: str, seq: int) -> frozenset[ParagraphId]:
    """What a paragraph was at a step: itself, the one it was split off from later, those joined to it later."""
    wanted = {ParagraphId(paragraph)}
    for step in reversed(steps):
        if step.seq < seq:
            break
        wanted |= {gone for gone, into in step.joined if into in wanted}
        if step.seq == seq:
            break
        wanted |= {parent for new, parent in step.parents if new in wanted}
    return frozenset(wanted)


def place_of(steps: Sequence[Step], asked: str) -> int:
    """The number of the step that an entry belongs to, or of the last one before it; the newest where none is named."""
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 12):
        return len(steps) - 1
    place = bisect_right([step.first for step in steps], int(asked)) - 1
    return max(place, 0)


def way_of(steps: Sequence[Step], place: int, zone: ZoneInfo) -> Way:
    """The ways on from a step. A meeting before is the beginning of its own, where the step is not that."""

    def seq(number: int | None) -> int | None:
        return None if number is None else steps[number].seq

    def decided(numbers: range) -> int | None:
        return next((number for number in numbers if steps[number].kind is StepKind.DECIDED), None)

    begins = [
        number
        for number, step in enumerate(steps)
        if number == 0 or meeting_of(step, zone)[0] != meeting_of(steps[number - 1], zone)[0]
    ]
    return Way(
        step_before=seq(place - 1 if place else None),
        step_after=seq(place + 1 if place + 1 < len(steps) else None),
        decision_before=seq(decided(range(place - 1, -1, -1))),
        decision_after=seq(decided(range(place + 1, len(steps)))),
        meeting_before=seq(next((number for number in reversed(begins) if number < place), None)),
        meeting_after=seq(next((number for number in begins if number > place), None)),
    )


def lines_of(steps: Sequence[Step], place: int, cited: Mapping[ParagraphId, str], zone: ZoneInfo) -> list[Line]:
    """The steps near one, the newest last."""
    lines = []
    first = max(place - BESIDE, 0)
    for number in range(first, min(place + BESIDE + 1, len(steps))):
        key, name = meeting_of(steps[number], zone)
        begins = number == first or meeting_of(steps[number - 1], zone)[0] != key
        lines.append(
            Line(steps[number], step_line(steps[number], cited), step_by(steps[number]), name if begins else "")
        )
    return lines


def parts_of(
    before: Document,
    after: Document,
    view: View,
    regions: Regions,
    only: frozenset[ParagraphId] = frozenset(),
    concerned: frozenset[ParagraphId] = frozenset(),
    *,
    whole: bool = False,
) -> list[Part]:
    """The text after a step: what it changed, marked, with what stands near; all of it where that is asked for."""
    if only:
        before, after = _alone(before, only), _alone(after, only)
    candidates = _differing(before, after) | concerned
    order = _order(before, after)
    near = {
        order[other]
        for number, name in enumerate(order)
        if name in candidates
        for other in range(max(number - AROUND, 0), min(number + AROUND + 1, len(order)))
    }
    drawn = frozenset(near if near and not whole and not only else order[:SHOWN] if len(order) > SHOWN else order)
    drawn |= candidates & frozenset(order)
    rows = _drawn(after, drawn, view)
    was = _drawn(before, drawn & candidates, view)
    parts: list[Part] = []
    skipped = 0
    for name in order:
        row, former = rows.get(name), was.get(name)
        if name not in drawn:
            skipped += 1
        elif row is not None or former is not None:
            reads = name in candidates and (row is None or former is None or row.text != former.text)
            html = compared_html(former, row) if reads or row is None else paragraph_html(row, regions, 3)
            parts.append(Part(html, reads or name in concerned, row is None, skipped))
            skipped = 0
    if skipped:
        parts.append(Part(Markup(""), False, skipped=skipped))
    return parts


def _drawn(document: Document, wanted: frozenset[ParagraphId], view: View) -> dict[ParagraphId, ViewParagraph]:
    """Some paragraphs of a view. Those where brackets that reach over them begin and end are looked at with them."""
    ids = [paragraph.id for paragraph in document.text]
    numbers = [number for number, name in enumerate(ids) if name in wanted]
    looked_at = set(wanted)
    for extent in extents(document):
        first, last = extent.start[0], extent.end[0]
        if first != last and bisect_left(numbers, first) < bisect_right(numbers, last):
            looked_at |= {ids[first], ids[last]}
    rows = view_of(_alone(document, frozenset(looked_at)), view, named)
    return {row.id: row for row in rows if row.id in wanted}


def _order(before: Document, after: Document) -> list[ParagraphId]:
    """The paragraphs of both, as they stand after the step; gone ones behind what they stood behind."""
    order = [paragraph.id for paragraph in after.text]
    stands = set(order)
    behind: ParagraphId | None = None
    for paragraph in before.text:
        if paragraph.id not in stands:
            order.insert(order.index(behind) + 1 if behind is not None else 0, paragraph.id)
        behind = paragraph.id
    return order


def compared_html(before: ViewParagraph | None, after: ViewParagraph | None) -> Markup:
    """A paragraph with what a step changed in it: words that came and went, as the view spells them."""
    row = after or before
    assert row is not None
    pieces = redline(before.text if before else "", after.text if after else "")
    marked = {
        Change.KEPT: Markup("{}"),
        Change.INSERTED: Markup('<ins class="came">{}</ins>'),
        Change.DELETED: Markup('<del class="went">{}</del>'),
    }
    text = Markup("").join(marked[piece.change].format(piece.text) for piece in pieces)
    bare = paragraph_html(replace(row, segments=()), None, 3)
    head, tail = str(bare).rsplit("</", 1)
    return Markup(head) + text + Markup(f"</{tail}")


def _differing(before: Document, after: Document) -> frozenset[ParagraphId]:
    """The paragraphs that may look different: others' marks and what is on record of them count too."""
    was = {paragraph.id: paragraph for paragraph in before.text}
    moved = {one.id for one in after.record.amendments.values() if before.record.amendments.get(one.id) is not one}
    found = set()
    for paragraph in after.text:
        marked = {mark.id for run in paragraph.runs for mark in run.marks}
        if was.get(paragraph.id) != paragraph or moved & marked or paragraph.added in moved:
            found.add(paragraph.id)
        elif before.record.paragraphs.get(paragraph.id) is not after.record.paragraphs.get(paragraph.id):
            found.add(paragraph.id)
    found |= {one.paragraph for one in after.record.amendments.values() if one.id in moved}
    return frozenset(found)


def _alone(document: Document, only: frozenset[ParagraphId]) -> Document:
    return Document(Opinion(tuple(one for one in document.text if one.id in only)), document.record)


def _view(visit: Visit) -> View:
    given = visit.request.query_params.get("view", "")
    return next((view for view in View if view.value == given), View.ROLLING)
