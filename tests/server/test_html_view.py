"""What the screen shows is what the view says, whatever somebody typed."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.record import ParagraphState
from opinions.roles import Delegation, DelegationKind, Region
from opinions.views import Segment, SegmentKind, ViewParagraph
from server.html_view import paragraph_html, paragraphs_html, regions_of

XAA = Delegation(DelegationCode("XAA"), "Arcadia", DelegationKind.MEMBER_STATE, Region.AFRICA)
XAB = Delegation(DelegationCode("XAB"), "Borealis Telecom", DelegationKind.SECTOR_MEMBER)
REGIONS = regions_of([XAA, XAB])


class Reader(HTMLParser):
    """The text of a page without labels and party codes, and every tag seen."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self._skip: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        classes = dict(attrs).get("class") or ""
        self._skip.append(tag if tag == "sup" or classes.startswith("label") else "")

    @override
    def handle_endtag(self, tag: str) -> None:
        self._skip.pop()

    @override
    def handle_data(self, data: str) -> None:
        if not any(self._skip):
            self.text += data


def paragraph(*segments: Segment, kind: Kind = Kind.OPERATIVE_ITEM, label: str = "1") -> ViewParagraph:
    return ViewParagraph(ParagraphId("p-one"), kind, 0, label, ParagraphState.OPEN, segments)


segments = st.builds(
    Segment,
    st.text(min_size=1, max_size=20),
    st.sampled_from(SegmentKind),
    parties=st.sampled_from([(), ("XAA",), ("XAB", "XAA"), ('"><script>',)]),
    em=st.booleans(),
    inserted_by=st.none() | st.just(AmendmentId("a-other")),
)


@given(st.lists(segments, max_size=8))
def test_every_character_is_shown_and_none_becomes_markup(parts: list[Segment]) -> None:
    shown = paragraph(*parts, label="")
    reader = Reader()
    reader.feed(str(paragraph_html(shown, REGIONS)))
    assert reader.text == shown.text
    assert reader.tags <= {"p", "em", "span", "ins", "del", "sup"}


def test_the_code_of_a_party_follows_its_change_once() -> None:
    html = paragraph_html(
        paragraph(
            Segment("a "),
            Segment("new", SegmentKind.INSERTED, parties=("XAA",)),
            Segment("er", SegmentKind.INSERTED, parties=("XAA",), em=True),
            Segment("old", SegmentKind.DELETED, parties=("XAB",), inserted_by=AmendmentId("a-1")),
        ),
        REGIONS,
    )
    assert html.count("XAA") == 1
    assert '<ins class="region-afr">new</ins><ins class="region-afr"><em>er</em></ins>' in html
    assert '<sup class="party region-afr">XAA</sup>' in html
    assert '<del class="region-sec"><ins>old</ins></del><sup class="party region-sec">XAB</sup>' in html


def test_a_paragraph_is_found_by_its_id_and_carries_its_label() -> None:
    html = paragraph_html(paragraph(Segment("to promote")), REGIONS)
    assert html.startswith('<p id="p-one" class="kind-operative_item labelled" data-state="open">')
    assert '<span class="label">1</span> to promote' in html
    assert '<span class="label long">3 quater</span>' in paragraph_html(paragraph(label="3 quater"))


def test_titles_are_headings_of_the_level_asked_for() -> None:
    title = paragraph(Segment("DRAFT OPINION 1"), kind=Kind.TITLE, label="")
    heading = paragraph(Segment("Annex"), kind=Kind.HEADING, label="")
    html = paragraphs_html([title, heading], top=1)
    assert "<h1 " in html
    assert "<h2 " in html
