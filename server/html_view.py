"""A view of a text as HTML: the one way from segments to a page, so that live page, version and export agree.

Every paragraph is one element whose id is the paragraph's: links, updates and tests find it by that. All text
is escaped here; nothing else makes HTML of words that somebody typed. The look is `web/src/styles/text.css`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from markupsafe import Markup

from opinions.model import Kind
from opinions.record import CHAIR, SECRETARIAT, ParagraphState
from opinions.roles import Delegation, Region
from opinions.views import Segment, SegmentKind, ViewParagraph

LONG_LABEL = 5
"""Characters from which a label (`3 quater`) no longer fits the hanging indent."""

Regions = Mapping[str, str]
"""The colour group of each code: a region of ITU, `sec` for parties that are no Member States, `chr`."""


def regions_of(delegations: Iterable[Delegation]) -> dict[str, str]:
    """The colour groups of the parties of a process (guide: ux 6.2)."""
    groups: dict[str, str] = {party.code: str(party.region or "sec") for party in delegations}
    return {**groups, CHAIR: "chr", SECRETARIAT: "chr"}


def paragraphs_html(
    paragraphs: Iterable[ViewParagraph], regions: Regions | None = None, top: int = 2, *, marks: bool = False
) -> Markup:
    """The paragraphs as HTML elements, one after the other; the title is a heading of level `top`.

    `marks` is for the view *Revision marks*: it prints the holder's code at each closing bracket and strikes a
    paragraph that is proposed to go. In the others the text itself says so, or nobody does.
    """
    rows = (paragraph_html(paragraph, regions, top, marks=marks) for paragraph in paragraphs)
    return Markup("\n").join(rows)


def paragraph_html(
    paragraph: ViewParagraph, regions: Regions | None = None, top: int = 2, *, marks: bool = False
) -> Markup:
    """One paragraph as one HTML element with its id, label, text and, in `data-state`, where it stands."""
    tag = {Kind.TITLE: f"h{top}", Kind.HEADING: f"h{top + 1}"}.get(paragraph.kind, "p")
    return Markup('<{tag} id="{id}" class="{classes}" data-state="{state}">{label}{text}</{tag}>').format(
        tag=tag,
        id=paragraph.id,
        classes=" ".join(_classes(paragraph, marks)),
        state=paragraph.state.value,
        label=_label(paragraph),
        text=segments_html(paragraph.segments, regions, marks=marks),
    )


def segments_html(segments: Iterable[Segment], regions: Regions | None = None, *, marks: bool = False) -> Markup:
    """The segments as inline HTML; after the last of neighbouring changes of one party stands its code."""
    signed = {SegmentKind.INSERTED, SegmentKind.DELETED} | ({SegmentKind.CLOSE} if marks else set())
    return Markup("").join(_stretches(segments, regions or {}, signed))


def _stretches(segments: Iterable[Segment], regions: Regions, signed: set[SegmentKind]) -> Iterator[Markup]:
    for (kind, parties), stretch in groupby(segments, key=lambda segment: (segment.kind, segment.parties)):
        yield from (_segment(segment, regions) for segment in stretch)
        if kind in signed and parties:
            yield Markup('<sup class="{classes}">{codes}</sup>').format(
                classes=_party_classes("party", parties, regions), codes=" ".join(parties)
            )


def _segment(segment: Segment, regions: Regions) -> Markup:
    text = Markup("<em>{}</em>").format(segment.text) if segment.em else Markup("{}").format(segment.text)
    if segment.noteref is not None:
        text = Markup('<a class="noteref" href="#{note}">{text}</a>').format(note=segment.noteref, text=text)
    match segment.kind:
        case SegmentKind.TEXT:
            return text
        case SegmentKind.OPEN | SegmentKind.CLOSE:
            return _span("bracket", segment, text, regions)
        case SegmentKind.ATTRIBUTION:
            return _span("attribution", segment, text, regions)
        case SegmentKind.NOTE:
            return _span("remark", segment, text, regions)
        case SegmentKind.INSERTED:
            return Markup('<ins class="{}">{}</ins>').format(_party_classes("", segment.parties, regions), text)
        case SegmentKind.DELETED:
            inner = Markup("<ins>{}</ins>").format(text) if segment.inserted_by else text
            return Markup('<del class="{}">{}</del>').format(_party_classes("", segment.parties, regions), inner)


def _span(name: str, segment: Segment, text: Markup, regions: Regions) -> Markup:
    classes = _party_classes(name, segment.parties if name == "attribution" else (), regions)
    return Markup('<span class="{}">{}</span>').format(classes, text)


def _party_classes(first: str, parties: tuple[str, ...], regions: Regions) -> str:
    region = regions.get(parties[0], "sec") if parties else ""
    return " ".join(name for name in (first, f"region-{region}" if region else "") if name)


def _classes(paragraph: ViewParagraph, marks: bool) -> Iterator[str]:
    yield f"kind-{paragraph.kind.value}"
    if paragraph.level > 0:
        yield f"level-{paragraph.level}"
    if paragraph.label:
        yield "labelled"
    if paragraph.added is not None:
        yield "added"
    if paragraph.removal and marks:
        yield "removal"
    if paragraph.state is ParagraphState.BASE:
        yield "never-considered"


def _label(paragraph: ViewParagraph) -> Markup:
    if not paragraph.label:
        return Markup("")
    long = " long" if len(paragraph.label) >= LONG_LABEL else ""
    return Markup('<span class="label{}">{}</span> ').format(long, paragraph.label)


def region_class(delegation: Delegation) -> str:
    """The style class that gives an element a delegation's colour."""
    if delegation.code in {CHAIR, SECRETARIAT}:
        return "region-chr"
    return f"region-{delegation.region.value if delegation.region is not Region.NONE else 'sec'}"
