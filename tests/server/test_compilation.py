"""The compilation: every proposal and view of every contribution at its paragraph, as a page and as a Word file."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from docx import Document as WordDocument
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions import commands
from opinions.acting import Context
from opinions.document_numbers import document_number
from opinions.edits import applied
from opinions.model import DelegationCode, Kind, ParagraphId
from opinions.procedure import carry_out
from opinions.record import Document
from opinions.roles import Actor, Role
from opinions.rolling import rolling
from opinions.views import named
from server.contributions.anchors import Split, places
from server.contributions.compilation import Material, compiled
from server.contributions.sight import Sight
from server.contributions.values import Anchor, Contribution, Item, ItemKind, Particulars, Status
from server.settings import Settings
from tests.server.test_contributions import entered, loaded, noted, registered
from tests.support.builders import document, paragraph
from tests.support.stock import ITEM, OPINION
from tests.support.visitors import House, house
from tests.support.word_files import word_file

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLERK = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
GROUP = Sight("m-xaa-1", DelegationCode("XAA"), False, True, True)
THEMES = ("gender", "skills", "cables", "towers", "satellites", "spectrum", "prices", "energy")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("compilation") / "data")) as started:
        yield started


def contribution(key: str, number: str) -> Contribution:
    about = Particulars(f"Title of {key}", (DelegationCode("XAA"),), opinions=("o-text",))
    return Contribution(key, Status.REGISTERED, about, AT, document_number(number))


def view(key: str, of: str, anchor: Anchor, position: int = 0) -> Item:
    return Item(key, of, position, DelegationCode("XAA"), ItemKind.VIEW, anchor, f"View {key}.")


def test_each_stands_at_its_paragraph_in_the_order_of_numbers_and_the_rest_at_the_end(running: House) -> None:
    text = document(paragraph("p-one", "first words", kind=Kind.PARAGRAPH), paragraph("p-two", "second words"))
    material = Material(
        "o-text",
        text,
        text,
        rolling(text, named),
        {},
        (
            contribution("c-2", "C13/2"),
            contribution("c-10", "C13/10"),
            replace(contribution("c-w", "C13/3"), status=Status.WAITING),
        ),
        (
            view("i-1", "c-10", Anchor("o-text", ParagraphId("p-two"), "two", "second words")),
            view("i-2", "c-2", Anchor("o-text", ParagraphId("p-two"), "two", "second words")),
            view("i-3", "c-2", Anchor("o-text", ParagraphId("p-gone"), "nine", "quite other matters of long ago")),
            view("i-4", "c-2", Anchor("o-text", None, "the whole text"), 2),
            view("i-5", "c-w", Anchor("o-text", ParagraphId("p-two"), "two", "second words")),
        ),
    )
    made = compiled(material, GROUP)
    assert [[said.item.id for said in row.said] for row in made.rows] == [[], ["i-2", "i-1"]]
    assert [said.item.id for said in made.rest] == ["i-3", "i-4"]
    assert [said.gone for said in made.rest] == [True, False]
    assert [one.spelling for one in made.contributions] == ["C13/2", "C13/10"]
    assert made.count == 4
    hidden = compiled(material, replace(GROUP, delegation=None, proposals=False))
    assert (hidden.count, len(hidden.contributions)) == (0, 2)


steps = st.lists(
    st.tuples(st.sampled_from(["split", "join", "move", "correct"]), st.integers(0, 7), st.integers(0, 7)), max_size=8
)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_anchors_find_their_words_after_any_structure_commands(moves: list[tuple[str, int, int]]) -> None:
    """Wherever the anchored words stand, there the anchor is; and nothing is ever without a place."""
    now = document(
        *(paragraph(f"p-{theme}", f"that {theme} matter to everybody, and so do {theme} plans,") for theme in THEMES)
    )
    anchors = [
        Anchor(
            "o",
            ParagraphId(f"p-{theme}"),
            theme,
            f"that {theme} matter to everybody, and so do {theme} plans,",
            0,
            0,
            f"{theme} plans",
        )
        for theme in THEMES
    ]
    cuts: list[Split] = []
    for seq, (act, place, other) in enumerate(moves, 1):
        now = _moved(now, act, place, other, seq, cuts)
    found = places(anchors, now, cuts)
    for anchor, there in zip(anchors, found, strict=True):
        holders = [one.id for one in now.text if anchor.was in one.text]
        assert there.paragraph is not None
        assert not holders or there.paragraph in holders
        standing = now.text.find(there.paragraph)
        assert standing is not None
        assert there.start is None or standing.text[there.start :].startswith(anchor.was)


def _moved(now: Document, act: str, place: int, other: int, seq: int, cuts: list[Split]) -> Document:
    paragraphs = now.text.paragraphs
    one = paragraphs[place % len(paragraphs)]
    fresh = ParagraphId(f"p-new-{seq}")
    command: commands.Command
    match act:
        case "split":
            at = one.text.find("and so do")
            if at <= 0:
                return now
            cuts.append(Split("o", seq, one.id, fresh))
            command = commands.SplitParagraph(one.id, at, fresh)
        case "join":
            if one is paragraphs[-1]:
                return now
            command = commands.JoinParagraph(one.id)
        case "move":
            after = paragraphs[other % len(paragraphs)].id
            if after == one.id or now.text.index(after) + 1 == now.text.index(one.id):
                return now
            command = commands.MoveParagraph(one.id, after)
        case _:
            command = commands.CorrectText(one.id, 0, 4, one.text[:4], f"{one.text[:4]}x")
    context = Context(CLERK, DelegationCode(""), AT + timedelta(minutes=seq), lambda kind: f"{kind}-new-{seq}")
    return applied(now, carry_out(command, now, None, context).main.edits)


def test_the_page_and_the_word_file_say_the_same(running: House) -> None:
    first = registered(running, "IEG-WTPF-26-4/31", title="Arcadia on reach", opinions=OPINION)
    second = registered(running, "IEG-WTPF-26-4/32", title="Umbra's views", who="m-views")
    words = noted(
        running, first, OPINION, paragraph=ITEM, kind="replace", was="some of those", words="all", reason="Nobody left."
    )
    bracket = noted(running, first, OPINION, paragraph="p-item-00002", kind="bracket", was="item 2")
    noted(running, second, OPINION, "m-views", paragraph=ITEM, kind="view", words="Rural areas first.")
    noted(running, second, OPINION, "m-views", kind="view", words="A good text.")
    assert entered(running, first, words).status_code == 303
    page = running.get("m-xbb-1", f"/opinions/{OPINION}/compilation")
    answer = running.get("m-obs", f"/opinions/{OPINION}/compilation.docx")
    assert answer.headers["content-disposition"] == 'attachment; filename="compilation-1.docx"'
    file = WordDocument(io.BytesIO(answer.content))
    said = "\n".join(one.text for one in file.paragraphs)
    cells = [cell.text for row in file.tables[0].rows for cell in row.cells]
    assert {"IEG-WTPF-26-4/31", "Arcadia", "Arcadia on reach", "University of Umbra"} <= set(cells)
    for told in ("#1: Submitted", "Noted", "Nobody left.", "Rural areas first.", "A good text.", "University of Umbra"):
        assert told in said, told
    for told in ("#1: Submitted", "Noted", "Nobody left.", "Rural areas first.", "A good text.", "XUU"):
        assert told in page.text, told
    struck = [run.text for one in file.paragraphs for run in one.runs if run.font.strike]
    assert struck == ["some of those"]
    assert f'id="said-{bracket.id}"' in page.text
    assert page.text.index("Rural areas first.") < page.text.index("A good text.")
    assert running.get("m-admin", f"/opinions/{OPINION}/compilation").status_code == 403
    assert running.get("m-xaa-1", f"/opinions/{OPINION}/compilation?version=9").status_code == 404


def test_what_entered_by_another_way_stands_there_too_by_its_source(running: House) -> None:
    """A Word file, or a form elsewhere, names the contribution as the source of its amendments."""
    registered(running, "IEG-WTPF-26-4/33", title="By another way")
    proposals: list[dict[str, object]] = [
        {
            "amendment": "a-way-words",
            "delegation": "XBB",
            "kind": "MOD",
            "paragraph": "p-item-00005",
            "replacements": [{"start": 5, "end": 11, "was": "item 5", "text": "item five"}],
        },
        {
            "amendment": "a-way-added",
            "delegation": "XBB",
            "kind": "ADD",
            "paragraph": "p-way-added",
            "text": "that more comes,",
        },
        {"amendment": "a-way-gone", "delegation": "XBB", "kind": "SUP", "paragraph": "p-item-00006"},
        {
            "amendment": "a-way-held",
            "delegation": "XBB",
            "kind": "bracket",
            "paragraph": "p-item-00007",
            "replacements": [{"start": 5, "end": 9, "was": "item", "text": "item"}],
        },
    ]
    sent = {
        "act": "enter_proposals",
        "source": "ieg-wtpf-26/4/033-E",
        "proposals": proposals,
        "key": "k-another-way-1",
    }
    answer = running.ask("m-sec", "POST", f"/api/opinions/{OPINION}/commands", json=sent)
    assert answer.status_code == 200, answer.text
    page = running.get("m-xaa-1", f"/opinions/{OPINION}/compilation").text
    for one in proposals:
        assert f'id="said-{one["amendment"]}"' in page
    assert "<del>item 5</del>" in page
    assert "<ins>item five</ins>" in page
    assert "<ins>that more comes,</ins>" in page


def test_a_word_file_is_brought_in_from_the_register(running: House) -> None:
    key = registered(running, file=("Arcadia.docx", word_file("that item 3 stands,"), "application/octet-stream"))
    (file,) = loaded(running, key).files
    page = f"/contributions/{key}"
    shown = running.get("m-sec", page).text
    assert "From its Word file" in shown
    assert 'name="word-file"' in shown
    assert running.post("m-sec", f"{page}/word-in", {"opinion": OPINION, "word-file": "f-none"}).status_code == 422
    assert running.post("m-sec", f"{page}/word-in", {"opinion": "o-none", "word-file": file.id}).status_code == 422
    assert running.post("m-xbb-1", f"{page}/word-in", {"opinion": OPINION, "word-file": file.id}).status_code == 403
    answer = running.post("m-xaa-1", f"{page}/word-in", {"opinion": OPINION, "word-file": file.id})
    assert answer.headers["location"].startswith(f"/opinions/{OPINION}/word-in/w-")
    assert "read, not entered yet" in running.get("m-sec", page).text
    assert "read, not entered yet" not in running.get("m-xbb-1", page).text


def test_it_can_be_made_of_a_version_and_for_one_meeting(running: House) -> None:
    key = registered(running, meeting="IEG-4", opinions=OPINION)
    noted(running, key, OPINION, paragraph="p-item-00003", kind="view", words="At the fourth meeting.")
    freeze = {"act": "freeze", "label": "Second draft", "ruled_by": "Rosa Chair", "key": "k-compilation-freeze"}
    seq = running.client.portal.call(running.services.hub.room, OPINION).seq  # type: ignore[union-attr]
    answer = running.ask("m-chair", "POST", f"/api/opinions/{OPINION}/commands", json={**freeze, "seen_seq": seq})
    assert answer.status_code == 200, answer.text
    one = running.get("m-xaa-1", f"/opinions/{OPINION}/compilation?version=1&meeting=IEG-4").text
    assert "Second draft" in one
    assert "At the fourth meeting." in one
    other = running.get("m-xaa-1", f"/opinions/{OPINION}/compilation?meeting=IEG-3").text
    assert "At the fourth meeting." not in other
    assert running.get("m-xaa-1", f"/opinions/{OPINION}/compilation.docx?version=1").status_code == 200
