"""The pages for a phone and a poor line: whole without scripts, small, one amendment however often a form is sent."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.finding import agreed_words, bracketed, find_words, replacements
from opinions.model import Kind, Paragraph
from opinions.positions import POSITIONS
from opinions.proposal_words import PartKind, edits_of, preview
from opinions.record import AmendmentKind, Status
from server.assets import assets_of
from server.pages.reading import PHONE_STYLES
from server.phone.facts import card
from server.phone.positions import LABELS
from server.phone.wording_form import MAX_WORDS, Asked, Change, Unclear, understood
from server.settings import Settings
from tests.server.test_news import command
from tests.support.builders import amendment, document, ins, item, paragraph, struck
from tests.support.builders import bracketed as bracketed_words
from tests.support.consulting import frozen, put_up
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

READ = f"/opinions/{OPINION}/read"
FORM = f"{READ}/{ITEM}/propose"
OTHER = "p-item-00002"

# --- finding words


def test_words_are_found_in_the_agreed_text_whatever_others_propose_in_between() -> None:
    pieces = ("that ", ins("a-1", "not "), struck("a-2", "all"), " people", ins("a-3", " and cats"), " agree,")
    paragraph = item("p-1", *pieces)
    assert agreed_words(paragraph) == "that all people agree,"
    (place,) = find_words(paragraph, "that all")
    assert (place.start, place.end, place.before, place.after) == (0, 8, "", " people agree,")
    found = replacements(paragraph, place.start, place.end, "which many")
    assert [(one.was, one.text) for one in found] == [("that ", "which many"), ("all", "")]
    assert [paragraph.text[one.start : one.end] for one in found] == [one.was for one in found]


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("the \u2018Forum\u2019s\u2019 end is near", "  the 'Forum's'  end ", ["the \u2018Forum\u2019s\u2019 end"]),
        ("The end of the\u00a0end", "THE", ["The", "the"]),
        ("The end of the\u00a0end", "The", ["The"]),
        ("The end of the\u00a0end", "the e", ["the\u00a0e"]),
        ("b aaa", "aa", ["aa", "aa"]),
        ("The  end of\u00a0 the", "end of the", ["end of\u00a0 the"]),
        ("\u0627\u0644\u0646\u0635 \U0001f600 here", "\U0001f600 here", ["\U0001f600 here"]),
        ("The end", "none", []),
        ("The end", "   ", []),
    ],
)
def test_words_are_found_as_people_type_them(text: str, typed: str, found: list[str]) -> None:
    assert [one.words for one in find_words(item("p-1", text), typed)] == found


@given(st.text("ab ", max_size=12), st.integers(0, 12), st.integers(0, 12), st.text("xy", max_size=3))
def test_what_is_replaced_is_what_was_named_and_nothing_else(text: str, start: int, end: int, put: str) -> None:
    paragraph = item("p-1", *(ins("a-1", letter) if letter == "b" else letter for letter in text))
    agreed = agreed_words(paragraph)
    if not start <= end <= len(agreed):
        with pytest.raises(ValueError, match="no words"):
            replacements(paragraph, start, end, put)
        return
    whole = paragraph.text
    for one in reversed(replacements(paragraph, start, end, put)):
        assert whole[one.start : one.end] == one.was
        whole = whole[: one.start] + one.text + whole[one.end :]
    assert whole.replace("b", "") == agreed[:start] + put + agreed[end:]
    assert whole.count("b") == text.count("b"), "others' pending words are left alone"
    if start < end:
        (held,) = bracketed(paragraph, start, end)
        assert held.was == held.text == paragraph.text[held.start : held.end]


def typed(paragraph: Paragraph, change: Change, words: str, put: str = "") -> str:
    """How a paragraph would read."""
    parts = understood(paragraph, Asked(change, words, put)).parts
    return "".join(part.text for part in parts if part.kind is not PartKind.GONE)


def test_new_words_are_parted_from_their_neighbours_and_a_deletion_leaves_one_blank() -> None:
    paragraph = item("p-1", "that all people agree, and go")
    assert typed(paragraph, Change.ADD, "all", "young") == "that all young people agree, and go"
    assert typed(paragraph, Change.ADD, "agree", ", too") == "that all people agree, too, and go"
    assert typed(paragraph, Change.DELETE, "all") == "that people agree, and go"
    assert typed(paragraph, Change.DELETE, "that") == "all people agree, and go"
    assert typed(paragraph, Change.DELETE, "that all people agree, and go") == ""
    assert typed(paragraph, Change.DELETE, "agree") == "that all people, and go"
    assert typed(paragraph, Change.DELETE, "and go") == "that all people agree,"
    assert typed(paragraph, Change.REPLACE, "all people", "everybody") == "that everybody agree, and go"
    assert typed(paragraph, Change.BRACKET, "all people") == "that [all people] agree, and go"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(Change.REPLACE, "", "x"), "words"),
        (Asked(Change.REPLACE, "nowhere", "x"), "words"),
        (Asked(Change.REPLACE, "that", " "), "put"),
        (Asked(Change.REPLACE, "that", "that"), "put"),
        (Asked(Change.REPLACE, "a", "b"), "place"),
        (Asked(Change.REPLACE, "o", "b"), "words"),
        (Asked(Change.REPLACE, "that", "x" * (MAX_WORDS + 1)), "put"),
        (Asked(Change.REPLACE, "that", "x", "r" * 2_001), "reason"),
    ],
)
def test_what_is_no_proposal_yet_says_at_which_field(asked: Asked, field: str) -> None:
    with pytest.raises(Unclear) as caught:
        understood(item("p-1", "that all people agree" + " so" * 60), asked)
    assert caught.value.field == field


def test_an_amendment_in_words() -> None:
    pieces = (struck("a-1", "all"), ins("a-1", "many"), ins("a-2", "x"), " agree", ins("a-1", " now"))
    paragraph = item("p-1", "that ", *pieces)
    one = amendment("a-1")
    assert [(edit.struck, edit.put) for edit in edits_of(paragraph, one)] == [("all", "many"), ("", " now")]
    assert [(part.text, part.kind.value) for part in preview(paragraph, one)] == [
        ("that ", "same"),
        ("all", "gone"),
        ("many", "new"),
        (" agree", "same"),
        (" now", "new"),
    ]
    held = item("p-1", "that ", bracketed_words("a-1", "all ", ins("a-2", "x"), "agree"), " now")
    shown = preview(held, amendment("a-1", kind=AmendmentKind.BRACKET))
    assert [part.text for part in shown] == ["that ", "[", "all agree", "]", " now"]
    assert [part.text for part in shown if part.kind is PartKind.NEW] == ["[", "]"]
    gone = amendment("a-9", kind=AmendmentKind.SUP, paragraph="p-1", status=Status.SUBMITTED)
    assert [part.kind for part in preview(paragraph, gone)] == [PartKind.GONE]


def test_a_paragraph_is_cited_without_marks_of_italics() -> None:
    verb = paragraph("p-verb", "recognizing", kind=Kind.PREAMBULAR_VERB)
    one = amendment("a-1", paragraph="p-1", status=Status.SUBMITTED)
    text = document(verb, item("p-1", "that ", ins("a-1", "all "), "people agree,"), amendments=[one])
    assert card(text, one, None).cited == "recognizing"


# --- pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app on stocked data."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("phone") / "data")) as running:
        yield running


def fields(html: str) -> dict[str, str]:
    """The hidden fields and texts of the page's one form."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    found.update(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)</textarea>', html))
    return {name: unescape(value) for name, value in found.items()}


def proposed(pages: House, who: str, form: str, **values: str) -> str:
    """Fill the form in, look, submit: where it leads."""
    empty = fields(pages.get(who, f"{form}?change={values.pop('change', 'replace')}").text)
    looked = pages.post(who, form, {**empty, **values, "step": "look"})
    assert looked.status_code == 200, looked.text
    submitted = pages.post(who, form, {**fields(looked.text), "step": "submit"})
    assert submitted.status_code == 303, submitted.text
    return str(submitted.headers["location"])


def pending(pages: House, opinion: str = OPINION) -> list[tuple[str, str]]:
    """The amendments before the meeting: whose, and what they do."""
    html = pages.get("m-sec", f"/opinions/{opinion}/read").text
    return sorted(set(re.findall(r"<li><bdi>(X\w\w) #\d+: ([^<]*)</bdi></li>", unescape(html))))


def test_replace_by_is_looked_at_changed_submitted_and_sent_twice_is_one(pages: House) -> None:
    empty = fields(pages.get("m-xaa-1", f"{FORM}?change=replace").text)
    mistaken = {"words": "nowhere", "put": "<b>x</b>", "reason": "why", "step": "look"}
    wrong = pages.post("m-xaa-1", FORM, {**empty, **mistaken})
    assert wrong.status_code == 422
    assert 'href="#field-words"' in wrong.text
    kept = fields(wrong.text)
    assert (kept["words"], kept["put"], kept["reason"]) == ("nowhere", "<b>x</b>", "why")
    assert kept["key"] == empty["key"]

    right = {**kept, "words": "those who need it", "put": "all", "step": "look"}
    looked = pages.post("m-xaa-1", FORM, right)
    assert "<del>those who need it</del><ins>all</ins>" in looked.text
    assert pending(pages) == [], "looking proposes nothing"
    changed = pages.post("m-xaa-1", FORM, {**fields(looked.text), "step": "change"})
    assert fields(changed.text)["put"] == "all"
    ready = {**fields(looked.text), "step": "submit"}
    answers = [pages.post("m-xaa-1", FORM, ready) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {f"{READ}/{ITEM}?done=proposed"}
    assert pending(pages) == [("XAA", "replace “those who need it” by “all”")]
    page = pages.get("m-xbb-1", f"{READ}/{ITEM}").text
    assert "<del>those who need it</del><ins>all</ins>" in page
    assert "why" in page


def test_add_delete_and_square_brackets(pages: House) -> None:
    form = f"/opinions/{SECOND}/read/{ITEM}/propose"
    proposed(pages, "m-xbb-1", form, change="add", words="broadband", put="access")
    proposed(pages, "m-xcc-1", form, change="delete", words="some of")
    proposed(pages, "m-xdd-1", form, change="bracket", words="those who need it")
    assert pending(pages, SECOND) == [
        ("XBB", "add “access”"),
        ("XCC", "delete “some of”"),
        ("XDD", "put “those who need it” in square brackets"),
    ]


def test_of_several_places_one_is_chosen(pages: House) -> None:
    form = f"{READ}/{ITEM}/propose"
    empty = fields(pages.get("m-xbb-1", form).text)
    asked = {**empty, "words": "e", "put": "E", "step": "look"}
    several = pages.post("m-xbb-1", form, asked)
    assert several.status_code == 422
    count = WORDS.count("e")
    assert several.text.count('name="place"') == count
    looked = pages.post("m-xbb-1", form, {**asked, "place": str(count)})
    assert re.search(r"ne<del>e</del><ins>E</ins>d it,|n<del>e</del>|<del>e</del><ins>E</ins>d it", looked.text)


def test_a_position_is_taken_once_and_can_be_changed(pages: House) -> None:
    form = f"/opinions/{OPINION}/read/{OTHER}/propose"
    proposed(pages, "m-xaa-1", form, words="stands", put="is kept")
    address = f"{READ}/{OTHER}"

    def forms() -> dict[str, dict[str, str]]:
        html = pages.get("m-xcc-1", address).text
        found = re.findall(r'<form method="post" action="[^"]*/positions">(.*?)</form>', html, flags=re.DOTALL)
        on_amendments = [one for one in (fields(form) for form in found) if one["amendment"]]
        return {one.get("attitude", "said"): one for one in on_amendments}

    offered = forms()
    assert set(offered) == {"support", "can_accept", "awaiting_instructions", "said"}
    for _ in range(2):
        answer = pages.post("m-xcc-1", f"{READ}/positions", offered["support"])
        assert answer.headers["location"] == f"{address}?done=position"
    assert "XCC supports" in pages.get("m-xaa-1", address).text
    assert set(forms()) == {"can_accept", "awaiting_instructions", "said"}
    silent = pages.post("m-xcc-1", f"{READ}/positions", {**forms()["said"], "attitude": "reserve"})
    assert silent.status_code == 409
    assert "with its statement" in silent.text
    statement = {"attitude": "reserve", "note": "the <cost> of it"}
    wrong = pages.post("m-xcc-1", f"{READ}/positions", {**forms()["said"], **statement, "revision": "7"})
    assert wrong.status_code == 409
    assert "the &lt;cost&gt; of it</textarea>" in wrong.text, "what was typed comes back"
    for _ in range(2):
        answer = pages.post("m-xcc-1", f"{READ}/positions", {**forms()["said"], **statement})
    told = pages.get("m-xaa-1", address).text
    assert "XCC reserves its position: “the &lt;cost&gt; of it”" in told
    assert "XCC supports" not in told
    mine = told[told.index("<article") : told.index("</article>")]
    assert "/positions" not in mine, "none on one's own amendment"
    stale = pages.post("m-xcc-1", f"{READ}/positions", {**offered["support"], "revision": "7", "key": "another"})
    assert stale.status_code == 409
    assert 'role="alert"' in stale.text
    assert pages.post("m-xcc-1", f"{READ}/positions", {**offered["support"], "attitude": "propose"}).status_code == 422


def test_a_position_on_a_paragraph_is_taken_from_its_page(pages: House) -> None:
    """[A7] Of the paragraph as it stands, beside the amendments in it."""
    address = f"{READ}/p-item-00004"

    def form() -> dict[str, str]:
        html = pages.get("m-xcc-1", address).text
        found = [fields(one) for one in re.findall(r'positions">(.*?)</form>', html, flags=re.DOTALL)]
        return next(one for one in found if not one["amendment"] and "attitude" not in one)

    before = form()
    said = {"attitude": "formal_objection", "note": "not as it stands"}
    assert pages.post("m-xcc-1", f"{READ}/positions", {**before, **said}).status_code == 303
    assert "XCC objects formally: “not as it stands”" in pages.get("m-xaa-1", address).text
    assert pages.post("m-xcc-1", f"{READ}/positions", {**form(), "attitude": "flexible"}).status_code == 303
    stale = pages.post("m-xcc-1", f"{READ}/positions", {**before, **said})
    assert stale.status_code == 409
    assert "another position was taken since" in stale.text


def test_what_is_on_the_floor_and_what_was_ruled_today(pages: House) -> None:
    form = f"/opinions/{OPINION}/read/p-item-00003/propose"
    proposed(pages, "m-xdd-1", form, words="stands", put="remains")
    html = pages.get("m-sec", f"{READ}/p-item-00003").text
    name = re.search(r'id="head-p-item-00003-(a-\w+)"', html)
    assert name is not None
    assert "Nothing has been put to the room" in pages.get("m-xaa-1", READ).text
    command(pages, "m-chair", OPINION, "k-call", act="call_for_objections", amendment=name[1], revision=1)
    floor = pages.get("m-xaa-1", READ).text.partition("The text")[0]
    assert "Call for objections" in floor
    assert "<del>stands</del><ins>remains</ins>" in floor
    assert "Need time" in floor
    outcome = {"amendment": name[1], "revision": 1, "ruling": "agreed"}
    command(pages, "m-chair", OPINION, "k-gavel", act="record_outcome", **outcome)
    page = pages.get("m-xaa-1", READ).text
    assert "Outcomes since this morning: 1" in page
    assert re.search(r"XDD #\d+: Agreed", page)


def test_the_secretariat_types_for_the_delegation_that_has_the_floor(pages: House) -> None:
    form = f"/opinions/{OPINION}/read/p-item-00004/propose"
    assert 'name="party"' in pages.get("m-sec", form).text
    proposed(pages, "m-sec", form, words="stands", put="persists", party="XBB")
    assert ("XBB", "replace “stands” by “persists”") in pending(pages)
    assert pages.get("m-chair", form).status_code == 403
    assert pages.get("m-views", form).status_code == 403
    assert pages.post("m-views", form, {}).status_code == 403


def test_loading_the_page_again_costs_little_until_something_changes(pages: House) -> None:
    gzipped = {"accept-encoding": "gzip"}
    first = pages.get("m-xaa-2", READ, headers=gzipped)
    assert first.headers["content-encoding"] == "gzip"
    tag = first.headers["etag"]
    again = pages.get("m-xaa-2", READ, headers={**gzipped, "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    # A proxy that compresses anew marks the tag so.
    assert pages.get("m-xaa-2", READ, headers={"if-none-match": tag.replace('W/"', '"')}).status_code == 304
    proposed(pages, "m-xaa-2", f"{READ}/p-item-00005/propose", words="stands", put="is there")
    after = pages.get("m-xaa-2", READ, headers={**gzipped, "if-none-match": tag})
    assert (after.status_code, after.headers["etag"] != tag) == (200, True)
    assert pages.get("m-xaa-2", READ, headers={"accept-encoding": "identity"}).headers.get("content-encoding") is None


def test_no_script_one_small_style_sheet_and_no_font_of_ours(pages: House) -> None:
    for path in (READ, f"{READ}/{ITEM}", FORM):
        html = pages.get("m-xaa-1", path).text
        assert "<script" not in html
        assert html.count("stylesheet") == 1
        assert 'name="viewport"' in html
    (sheet,) = assets_of(PHONE_STYLES).styles
    content = (Path("server/static/build") / sheet.removeprefix("/static/build/")).read_bytes()
    assert b"@font-face" not in content
    sent = pages.get(None, sheet, headers={"accept-encoding": "gzip"})
    assert sent.headers["content-encoding"] == "gzip"
    assert sent.content == content
    assert int(sent.headers["content-length"]) <= 4_000
    assert "content-encoding" not in pages.get(None, sheet, headers={"accept-encoding": "identity"}).headers


def test_who_only_follows_is_led_to_the_live_page_and_what_is_not_there_is_not_found(pages: House) -> None:
    for who in ("m-obs", "m-views"):
        assert pages.get(who, READ).headers["location"] == f"/opinions/{OPINION}/live"
        assert pages.get(who, f"{READ}/{ITEM}").status_code == 403
    assert pages.get("m-xaa-1", f"{READ}/p-nowhere").status_code == 404
    assert pages.get("m-xaa-1", f"{READ}?view=marked").status_code == 404
    assert "that broadband" in pages.get("m-xaa-1", f"{READ}?view=clean").text


def test_attitudes_of_the_form_are_positions() -> None:
    assert set(LABELS) == set(POSITIONS)


def test_commands_refuse_what_does_not_fit_by_their_own_words(pages: House) -> None:
    form = f"/opinions/{OPINION}/read/p-item-00006/propose"
    empty: dict[str, Any] = fields(pages.get("m-sec", form).text)
    looked = {**empty, "words": "stands", "put": "x", "step": "submit", "party": "XUU"}
    refused = pages.post("m-sec", form, looked)
    assert refused.status_code == 422
    assert "XUU" in refused.text
    assert 'role="alert"' in refused.text


def test_other_words_in_a_form_that_was_submitted_are_not_lost(pages: House) -> None:
    form = f"{READ}/p-item-00007/propose"
    empty = fields(pages.get("m-xbb-2", form).text)
    first = {**empty, "words": "stands", "put": "is here", "step": "submit"}
    assert pages.post("m-xbb-2", form, first).status_code == 303
    other = {**first, "put": "remains here"}
    told = pages.post("m-xbb-2", form, other)
    assert told.status_code == 422
    assert "submitted before, with other words" in told.text
    again = fields(told.text)
    assert again["put"] == "remains here"
    assert again["key"] != empty["key"]
    assert pages.post("m-xbb-2", form, {**again, "step": "submit"}).status_code == 303
    assert ("XBB", "replace “stands” by “is here”") not in pending(pages)


def test_a_position_sent_again_after_another_one_changes_nothing_and_says_so(pages: House) -> None:
    second = f"/opinions/{SECOND}/read"
    proposed(pages, "m-xaa-1", f"{second}/{OTHER}/propose", words="stands", put="is kept")

    def forms() -> list[dict[str, str]]:
        html = pages.get("m-xdd-1", f"{second}/{OTHER}").text
        found = [fields(one) for one in re.findall(r'positions">(.*?)</form>', html, flags=re.DOTALL)]
        return [one for one in found if "attitude" in one and one["amendment"]]

    support = next(one for one in forms() if one["attitude"] == "support")
    for attitude in ("support", "can_accept", "support", "can_accept"):
        chosen = next(one for one in forms() if one["attitude"] == attitude)
        assert pages.post("m-xdd-1", f"{second}/positions", chosen).status_code == 303
    stale = pages.post("m-xdd-1", f"{second}/positions", support)
    assert stale.status_code == 409
    assert "another position was taken since" in stale.text
    assert "XDD can accept" in stale.text
    odd = pages.post("m-xdd-1", f"{second}/positions", {**support, "revision": "\u00b2"})
    assert odd.status_code == 422


def test_the_chair_is_offered_no_proposal(pages: House) -> None:
    assert "ropose" not in pages.get("m-chair", READ).text.partition("The text")[2]
    assert "Propose, comment" in pages.get("m-xaa-1", READ).text


def test_a_comment_goes_to_the_round_that_is_open(pages: House) -> None:
    assert "Comment on" not in pages.get("m-xaa-1", f"{READ}/{ITEM}").text
    frozen(pages)
    address = f"/consultation/{put_up(pages)}/opinions/{OPINION}/comment?paragraph={ITEM}"
    assert f'href="{address}">Comment on this paragraph' in pages.get("m-xaa-1", f"{READ}/{ITEM}").text
    assert pages.get("m-xaa-1", address).status_code == 200
