"""Two versions compared on a page: what it says, to whom, and by whose decision (opinions/SPEC.md, CM)."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdfium2 import PdfDocument  # type: ignore[import-untyped]
from sqlalchemy import insert

from opinions.visibility import Attribution
from server.process_store import load_process, save_process
from server.settings import Settings
from server.tables.forum import forum_texts
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

COMPARE = f"/opinions/{OPINION}/compare"
_keys = itertools.count(1)


def told(home: House, who: str, act: str, party: str = "", **fields: object) -> None:
    """Somebody gives a command."""
    body = {"act": act, "key": f"key-of-test-{next(_keys):04}", "party": party, **fields}
    answer = home.ask(who, "POST", f"/api/opinions/{OPINION}/commands", json=body)
    assert answer.status_code == 200, answer.text


def proposed(home: House, name: str, was: str, text: str, party: str = "XAA") -> None:
    """An expert enters other words."""
    row = {"start": WORDS.index(was), "end": WORDS.index(was) + len(was), "was": was, "text": text}
    fields = {"amendment": name, "delegation": party, "kind": "MOD", "paragraph": ITEM, "replacements": [row]}
    told(home, f"m-{party.lower()}-1", "enter_proposals", party, proposals=[fields])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three versions: two amendments proposed before the first, one agreed before the second, nothing since; then a
    correction in the living text.
    """
    with house(Settings(data_dir=tmp_path_factory.mktemp("compare") / "data", port=0)) as opened:
        proposed(opened, "a-reaches", "reaches", "serves")
        proposed(opened, "a-broadband", "broadband", "connectivity", "XBB")
        told(opened, "m-chair", "freeze", label="First version")
        told(opened, "m-chair", "record_outcome", amendment="a-reaches", revision=1, ruling="agreed")
        told(opened, "m-chair", "freeze", label="Second version")
        told(opened, "m-chair", "freeze", label="Third version")
        yield opened


def test_a_word_and_the_decision_by_which_it_came(home: House) -> None:
    """[CM7] The ruling, linked to where the words come from."""
    page = home.get("m-xcc-1", f"{COMPARE}?from=1&to=2&view=clean")
    assert page.status_code == 200
    assert "1 word changed in" in page.text
    assert '<del class="went" id="c-1">reaches</del><ins class="came">serves</ins>' in page.text
    assert "Agreed: XAA #1" in page.text
    assert f"/paragraphs/{ITEM}/provenance?version=2&amp;at=" in page.text
    assert "From the older text to the newer one" in page.text


def test_the_text_with_square_brackets_is_what_is_compared_first(home: House) -> None:
    page = home.get("m-xcc-1", f"{COMPARE}?from=1&to=2").text
    assert "Agreed: XAA #1" in page
    assert '<span class="bracket">[</span>' in page
    assert "#2" not in page.split('<nav class="changes"')[1]


def test_cm4_the_other_way_round_the_page_says_so(home: House) -> None:
    page = home.get("m-xcc-1", f"{COMPARE}?from=2&to=1&view=clean").text
    assert "From the newer text back to the older one" in page
    assert '<del class="went" id="c-1">serves</del><ins class="came">reaches</ins>' in page
    assert "Agreed: XAA #1" in page


def test_cm1_without_a_difference_the_page_gives_the_fingerprint(home: House) -> None:
    page = home.get("m-xcc-1", f"{COMPARE}?from=2&to=3").text
    assert "No difference" in page
    assert "Both have the fingerprint" in page


def test_the_newest_texts_are_what_is_compared_without_being_asked(home: House) -> None:
    """A member gets the living text beside the newest version, who only follows the two newest versions."""
    assert "as it stands" in home.get("m-xcc-1", COMPARE).text
    page = home.get("m-obs", COMPARE).text
    assert "Second version" in page
    assert "as it stands" not in page


@pytest.mark.parametrize("show", ["side", "inline", "substance", "odd"])
def test_every_way_to_show_it_has_the_words(home: House, show: str) -> None:
    page = home.get("m-xcc-1", f"{COMPARE}?from=1&to=2&view=clean&show={show}").text
    assert '<ins class="came">serves</ins>' in page
    assert 'id="c-1"' in page


def test_who_only_follows_reads_frozen_versions_alone_and_hears_of_what_was_agreed(home: House) -> None:
    """Observers: no living text, no view with pending words unless the process shows them, no persons."""
    assert home.get("m-obs", f"{COMPARE}?from=1&to=draft").status_code == 404
    assert home.get("m-obs", f"{COMPARE}?from=1&to=2&view=marked").status_code == 404
    page = home.get("m-obs", f"{COMPARE}?from=1&to=2&view=clean").text
    assert "Agreed" in page
    assert "Expert Arcadia" not in page
    assert "XAA #1" not in page


def test_names_are_withheld_as_the_process_says(home: House) -> None:
    def set_names(setting: Attribution) -> None:
        home.write(lambda c: save_process(c, replace(load_process(c), attribution=setting)))

    before = home.write(load_process).attribution
    set_names(Attribution.NONE)
    try:
        page = home.get("m-obs", f"{COMPARE}?from=1&to=2&view=clean").text
        assert "XAA" not in page
        assert "Agreed" in page
    finally:
        set_names(before)


@pytest.mark.parametrize(
    "query",
    ["from=9&to=1", "from=x&to=1", "from=0&to=1", "from=1&to=99999999", "from=op-none:1&to=1", "from=1&to=2&view=x"],
)
def test_a_text_that_is_not_there_is_not_found(home: House, query: str) -> None:
    assert home.get("m-xcc-1", f"{COMPARE}?{query}").status_code == 404


def test_texts_of_two_opinions_are_compared_and_nothing_is_claimed_of_why(home: House) -> None:
    """[CM7] No log leads from the one to the other."""
    page = home.get("m-xcc-1", f"{COMPARE}?from={SECOND}:draft&to=2&view=clean")
    assert page.status_code == 200
    assert home.get("m-obs", f"{COMPARE}?from={SECOND}:draft&to=2").status_code == 404


def test_an_opinion_without_versions_says_so_and_a_forum_text_is_compared_with_what_it_was_opened_from(
    home: House,
) -> None:
    assert "Nothing to compare yet" in home.get("m-xcc-1", f"/opinions/{SECOND}/compare").text
    assert "Nothing to compare yet" in home.get("m-obs", f"/opinions/{SECOND}/compare").text
    row = {"opinion": SECOND, "origin": OPINION, "version": 2, "opened_at": datetime.now(UTC), "member": "m-sec"}
    home.write(lambda c: c.execute(insert(forum_texts).values(**row, fingerprint="0" * 64, name="Sam Clerk")))
    page = home.get("m-xcc-1", f"/opinions/{SECOND}/compare").text
    assert f'value="{OPINION}:2"' in page
    assert "The text as it stands" in page
    assert "Second version</bdi> of" in page  # the one that it was opened from, though there is a newer one
    assert f'value="{SECOND}:draft"' not in home.get("m-xcc-1", COMPARE).text


def test_versions_lead_to_their_comparison(home: House) -> None:
    assert f"{COMPARE}?from=1&amp;to=2" in home.get("m-obs", f"/opinions/{OPINION}/versions").text
    assert f"{COMPARE}?from=2&amp;to=3" in home.get("m-obs", f"/opinions/{OPINION}/versions/3").text
    assert COMPARE in home.get("m-xcc-1", f"/opinions/{OPINION}").text


@pytest.mark.parametrize(
    ("form", "begins"), [("docx", b"PK"), ("html", b"<!doctype html>"), ("pdf", b"%PDF-")], ids=["docx", "html", "pdf"]
)
def test_cm9_a_file_is_the_same_bytes_for_the_same_two_versions(home: House, form: str, begins: bytes) -> None:
    """[CM9] Whoever asks, and whenever."""
    address = f"{COMPARE}.{form}?from=1&to=2&view=clean"
    first = home.get("m-xcc-1", address)
    assert first.status_code == 200
    assert first.content.startswith(begins)
    assert f"broadband-for-all-compared-1-2-clean.{form}" in first.headers["content-disposition"]
    assert home.get("m-xbb-1", address).content == first.content


def test_cm9_the_html_file_says_what_the_page_says_and_asks_for_nothing(home: House) -> None:
    text = home.get("m-xcc-1", f"{COMPARE}.html?from=1&to=2&view=clean").text
    assert '<del class="went" id="c-1">reaches</del><ins class="came">serves</ins>' in text
    assert "Agreed: XAA #1" in text
    assert "1 word changed in" in text
    assert "src=" not in text
    assert 'href="/' not in text


def test_cm9_the_pdf_is_tagged_and_says_the_same(home: House) -> None:
    content = home.get("m-xcc-1", f"{COMPARE}.pdf?from=1&to=2&view=clean").content
    with PdfDocument(content) as file:
        said = " ".join(page.get_textpage().get_text_range() for page in file)
    for words in ("serves", "reaches", "Agreed: XAA #1", "Second version", "Fingerprint"):
        assert words in " ".join(said.split())
    assert b"/MarkInfo" in content
    assert b"pdfuaid" in content


def test_as_json_it_is_what_the_page_shows(home: House) -> None:
    answer = home.ask("m-xcc-1", "GET", f"/api{COMPARE}?from=1&to=2&view=clean").json()
    assert (answer["before"]["version"], answer["after"]["version"], answer["backwards"]) == (1, 2, False)
    (change,) = answer["changes"]
    assert (change["kind"], change["deleted"], change["inserted"], change["words"]) == ("words", "reaches", "serves", 1)
    assert change["reasons"][0]["told"].startswith("Agreed: XAA #1")
    row = answer["rows"][change["row"]]
    kept = "".join(piece["text"] for piece in row["pieces"] if piece["change"] != "inserted")
    assert kept == WORDS
    assert home.ask("m-obs", "GET", f"/api{COMPARE}?from=1&to=draft").status_code == 404
