"""The page of alternatives, packages and compromise texts: what each reader sees, and what its forms do."""

import html
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from opinions.edits import PutAmendment, applied
from opinions.record import Attitude, Document, Stance, Status
from opinions.statuses import Choice
from server.alternatives.look import Seeing
from server.settings import Settings
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

PAGE, PACKAGES, COMPROMISE = (f"/opinions/{OPINION}/{name}" for name in ("alternatives", "packages", "compromise"))
CHAIR, CLERK, EXPERT, OTHER, OBSERVER = "m-chair", "m-sec", "m-xaa-1", "m-xbb-1", "m-obs"
_keys = itertools.count(1)


def told(home: House, who: str, act: str, party: str = "", **fields: object) -> None:
    body = {"act": act, "key": f"key-of-test-{next(_keys):04}", "party": party, **fields}
    answer = home.ask(who, "POST", f"/api/opinions/{OPINION}/commands", json=body)
    assert answer.status_code == 200, answer.text


def proposed(
    home: House, name: str, was: str, text: str, party: str, paragraph: str = ITEM, words: str = WORDS
) -> None:
    told(
        home,
        f"m-{party.lower()}-1",
        "enter_proposals",
        party,
        proposals=[
            {
                "amendment": name,
                "delegation": party,
                "kind": "MOD",
                "paragraph": paragraph,
                "replacements": [
                    {"start": words.index(was), "end": words.index(was) + len(was), "was": was, "text": text}
                ],
            }
        ],
    )


def item(number: int) -> tuple[str, str]:
    return f"p-item-{number:05}", f"that item {number} stands,"


def document(home: House) -> Document:
    assert home.client.portal is not None
    return home.client.portal.call(home.services.hub.document, OPINION)


def key() -> str:
    return f"form-{next(_keys):05}"


def form_of(page: str, action: str, holding: str = "") -> dict[str, str]:
    """The hidden fields of the first form with this action, whose text holds these words."""
    for found in re.findall(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL):
        if holding in html.unescape(found):
            fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
            return {name: html.unescape(value) for name, value in fields}
    raise AssertionError(f"no form for {action} with {holding}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("alternatives") / "data", port=0)) as opened:
        yield opened


def test_an_opinion_without_options_says_how_they_come(home: House) -> None:
    page = home.get(CHAIR, f"/opinions/{SECOND}/alternatives")
    assert page.status_code == 200
    assert "No options stand side by side" in page.text
    assert home.get(OBSERVER, PAGE).status_code == 403
    assert "Tie amendments" not in home.get(EXPERT, PAGE).text
    assert "Nothing is open" in home.get(CHAIR, f"/opinions/{SECOND}/compromise").text


def test_al2_the_chair_ties_amendments_and_everybody_sees_the_options_side_by_side(home: House) -> None:
    proposed(home, "a-serves", "reaches", "serves", "XAA")
    proposed(home, "a-helps", "reaches", "helps", "XBB")
    told(home, "m-xcc-1", "take_position", "XCC", amendment="a-serves", revision=1, attitude="oppose")
    page = home.get(CHAIR, f"{PAGE}?tie=yes&paragraph={ITEM}").text
    fields = form_of(page, PAGE)
    labels = {"label-a-serves": "Alt 1", "label-a-helps": "alt  2"}
    for wrong, said in (
        ({}, "Give amendments a label"),
        ({"label-a-serves": "A"}, "These are one option"),
        (labels, "Give the alternatives a name"),
    ):
        refused = home.post(CHAIR, PAGE, {**fields, **wrong})
        assert refused.status_code == 422
        assert said in refused.text
    again = home.post(CHAIR, PAGE, {**fields, **labels})
    assert 'value="alt  2"' in again.text
    made = home.post(CHAIR, PAGE, {**fields, **labels, "name": "the verb", "as_it_stands": "yes"})
    assert (made.status_code, made.headers["location"]) == (303, f"{PAGE}?done=tied")
    shown = home.get(EXPERT, PAGE).text
    assert "the verb" in shown
    for words in ("<mark>serves</mark>", "<mark>helps</mark>", "<mark>reaches</mark>", "opposes: <bdi>XCC</bdi>"):
        assert words in shown
    assert "Record this pick" not in shown
    assert "Change the options" not in shown
    assert "Record this pick" in home.get(CHAIR, PAGE).text


def test_al5_kept_and_untied_by_the_chair(home: House) -> None:
    fields = form_of(home.get(CHAIR, PAGE).text, f"{PAGE}/keep")
    assert home.post(CHAIR, f"{PAGE}/keep", {**fields, "do": "keep"}).headers["location"] == f"{PAGE}?done=kept"
    assert "kept for now" in home.get(EXPERT, PAGE).text
    named = form_of(home.get(CLERK, PAGE).text, f"{PAGE}/keep")
    refused = home.post(CLERK, f"{PAGE}/keep", {**named, "do": "untie"})
    assert refused.status_code == 409
    assert "Name the chair" in refused.text


def test_al3_a_pick_of_words_that_changed_is_refused_with_what_was_typed(home: House) -> None:
    page = home.get(CHAIR, PAGE).text
    fields = form_of(page, f"{PAGE}/pick") | {"note": "After lunch"}
    told(home, "m-xbb-1", "withdraw", "XBB", amendment="a-helps")
    refused = home.post(CHAIR, f"{PAGE}/pick", fields)
    assert refused.status_code == 409
    assert "Not pending any more: #2 (withdrawn)" in refused.text
    assert document(home).record.amendments["a-serves"].open  # type: ignore[index]
    proposed(home, "a-aids", "reaches", "aids", "XBB")
    (set_,) = re.findall(rf'href="{PAGE}\?set=([a-z0-9-]+)#tie"', refused.text)
    changing = home.get(CHAIR, f"{PAGE}?set={set_}").text
    assert "Change the options" in changing
    fields = form_of(changing, PAGE) | {"name": "the verb", "label-a-serves": "Alt 1", "label-a-aids": "Alt 2"}
    assert home.post(CHAIR, PAGE, fields).status_code == 303


def test_pk1_a_package_says_what_follows_and_the_pick_shows_it(home: House) -> None:
    place, words = item(2)
    proposed(home, "a-falls", "stands", "falls", "XCC", place, words)
    fields = {"key": key(), "name": "verbs", "when-0": "#1", "kept-0": "kept", "then-0": "#4", "stays-0": "falls"}
    for wrong, said in (({"then-0": "#99"}, "is no amendment or paragraph"), ({"then-0": ""}, "needs both its ends")):
        refused = home.post(CHAIR, PACKAGES, {**fields, **wrong})
        assert refused.status_code == 422
        assert said in refused.text
    made = home.post(CHAIR, PACKAGES, {**fields, "also": "the title, #3"})
    if made.status_code != 303:
        made = home.post(CHAIR, PACKAGES, {**fields, "also": f"{ITEM}, #3"})
    assert made.headers["location"] == f"{PAGE}?done=packed"
    shown = home.get(EXPERT, PAGE).text
    assert "If #1 is kept, #4 falls" in shown
    assert "Then, by the packages:" in shown
    assert "#4 falls" in shown
    (found,) = (one for one in document(home).record.table.values() if one.id.startswith("pack"))
    assert "Change the package" in home.get(CHAIR, f"{PAGE}?package={found.id}").text


def test_what_the_page_shows_is_read_as_json_too(home: House) -> None:
    answer = home.get(EXPERT, f"/api{PAGE}").json()
    assert answer["alternatives_in_all"] == 1
    (row,) = answer["alternatives"]
    assert (row["name"], [one["label"] for one in row["options"]]) == ("the verb", ["Alt 1", "Alt 2"])
    first = row["options"][0]
    assert first["passages"][0]["words"] == "serves"
    assert [one["ruling"] for one in first["outcomes"]] == ["agreed", "not_retained"]
    assert [(one["subject"], one["stays"]) for one in first["follows"]["things"]] == [("amendment:a-falls", False)]
    assert answer["packages"][0]["name"] == "verbs"
    assert answer["compromises"] == []
    assert home.get(OBSERVER, f"/api{PAGE}").status_code == 403


def test_al3_the_chair_picks_and_all_of_it_is_on_record(home: House) -> None:
    fields = form_of(home.get(CHAIR, PAGE).text, f"{PAGE}/pick") | {"note": "No objection."}
    assert json.loads(fields["command"])["option"] == "Alt 1"
    assert home.post(EXPERT, f"{PAGE}/pick", fields).status_code == 403
    made = home.post(CHAIR, f"{PAGE}/pick", fields)
    assert made.headers["location"] == f"{PAGE}?done=picked"
    now = document(home)
    (tied,) = (one for one in now.record.table.values() if one.id.startswith("alt"))
    assert getattr(tied, "state") is Choice.PICKED  # noqa: B009
    statuses = {one.id: one.status for one in now.record.amendments.values()}
    assert statuses["a-serves"] is Status.AGREED  # type: ignore[index]
    assert statuses["a-aids"] is Status.NOT_RETAINED  # type: ignore[index]
    assert statuses["a-falls"] is Status.SUBMITTED  # type: ignore[index]
    assert "that broadband serves some" in next(one.text for one in now.text if one.id == ITEM)
    assert "“Alt 1” picked" in home.get(EXPERT, PAGE).text
    assert home.post(CHAIR, f"{PAGE}/pick", fields | {"key": key()}).status_code == 409
    assert home.post(CHAIR, f"{PAGE}/pick", {"key": key(), "command": "{}"}).status_code == 422


def test_ct1_a_compromise_is_drafted_over_a_paragraph_and_its_holders_answer(home: House) -> None:
    place, words = item(3)
    proposed(home, "a-remains", "stands", "remains", "XAA", place, words)
    proposed(home, "a-holds", "stands", "holds", "XBB", place, words)
    assert home.get(EXPERT, COMPROMISE).status_code == 403
    assert "that item 3" in home.get(CHAIR, COMPROMISE).text
    page = home.get(CHAIR, f"{COMPROMISE}?paragraph={place}").text
    assert "that item 3 remains," in page
    fields = form_of(page, COMPROMISE)
    ticked = ["a-remains", "a-holds"]
    assert "Tick the amendments" in home.post(CHAIR, COMPROMISE, {**fields, "wording": "x"}).text
    same = home.post(CHAIR, COMPROMISE, {**fields, "wording": words, "replaces": ticked})
    assert (same.status_code, "Change the wording" in same.text) == (422, True)
    wording = {**fields, "wording": "that item 3 is maintained,", "reason": "Both", "replaces": ticked}
    look = home.post(CHAIR, COMPROMISE, {**wording, "do": "look"})
    assert "<ins>is maintained</ins>" in look.text
    assert 'value="a-remains" checked' in look.text
    assert home.post(CHAIR, COMPROMISE, wording).headers["location"] == f"{PAGE}?done=compromise"
    shown = home.get(OTHER, PAGE).text
    assert "Stands for #5, #6" in shown
    assert "We can accept" in shown
    assert "We can accept" not in home.get("m-xdd-1", PAGE).text
    assert "We can accept" not in home.get(CHAIR, PAGE).text
    answer = form_of(shown, f"{COMPROMISE}/answer")
    accepted = home.post(OTHER, f"{COMPROMISE}/answer", {**answer, "answer": "accept", "note": "For the sake of it"})
    assert accepted.headers["location"] == f"{PAGE}?done=position"
    declined = home.post(EXPERT, f"{COMPROMISE}/answer", {**answer, "key": key(), "answer": "decline"})
    assert declined.status_code == 303
    shown = home.get(CHAIR, PAGE).text
    assert "For the sake of it" in shown
    assert re.search(r'tag ok">accepts', shown)
    assert re.search(r'tag danger">declines', shown)
    stale = home.post(OTHER, f"{COMPROMISE}/answer", {**answer, "key": key(), "revision": "7", "answer": "accept"})
    assert stale.status_code == 409
    assert home.post(OTHER, f"{COMPROMISE}/answer", {**answer, "key": key(), "answer": "?"}).status_code == 422
    group = home.post(OTHER, f"{COMPROMISE}/answer", {**answer, "key": key(), "answer": "accept", "group": "RCC"})
    assert (group.status_code, "No group RCC speaks" in group.text) == (409, True)


def test_ct2_a_group_that_holds_something_is_asked_through_its_members(home: House) -> None:
    """A source signs for groups, and they answer as delegations do; others are not asked for them."""
    given = document(home)
    compromise = next(one for one in given.record.amendments.values() if one.replaces and one.open)
    replaced = given.record.amendments[compromise.replaces[0]]
    signed = replace(replaced, stances=(Stance("RCC", Attitude.RETAIN),))
    given = applied(given, [PutAmendment(signed)])
    asked = {}
    for who, own in (("XAA", ("XAA", "RCC")), ("XCC", ("XCC", "RCC")), ("XDD", ("XDD",))):
        seen = Seeing(given, compromise.created_at, names=tuple, asked=own).compromise_look(compromise)
        asked[who] = [one.party for one in seen.own]
    assert asked == {"XAA": ["XAA", "RCC"], "XCC": ["RCC"], "XDD": []}


def test_ct3_the_compromise_agreed_the_page_shows_it_no_more(home: House) -> None:
    compromise = next(one for one in document(home).record.amendments.values() if one.replaces)
    told(home, CHAIR, "record_outcome", amendment=compromise.id, revision=1, ruling="agreed", note="So decided.")
    now = document(home)
    assert now.record.amendments["a-remains"].status is Status.MERGED  # type: ignore[index]
    assert "that item 3 is maintained," in [one.text for one in now.text]
    assert "Stands for" not in home.get(EXPERT, PAGE).text


def test_ct1_of_a_paragraph_that_is_only_proposed_the_compromise_is_one_in_its_place(home: House) -> None:
    for name, party in (("a-add-a", "XAA"), ("a-add-b", "XBB")):
        proposal = {"amendment": name, "delegation": party, "kind": "ADD", "paragraph": f"p-{name}", "after": ITEM}
        proposal |= {"text": f"that {party} adds this,", "paragraph_kind": "preambular_item"}
        told(home, f"m-{party.lower()}-1", "enter_proposals", party, proposals=[proposal])
    page = home.get(CHAIR, f"{COMPROMISE}?paragraph=p-a-add-a").text
    assert "itself only proposed" in page
    fields = form_of(page, COMPROMISE) | {"wording": "that both add this,", "others": "#9"}
    refused = home.post(CHAIR, COMPROMISE, {**fields, "others": "#77", "replaces": "a-add-a"})
    assert "is no amendment here" in refused.text
    assert home.post(CHAIR, COMPROMISE, {**fields, "replaces": "a-add-a"}).status_code == 303
    compromise = next(one for one in document(home).record.amendments.values() if one.replaces and one.open)
    assert compromise.kind == "ADD"
    assert set(compromise.replaces) == {"a-add-a", "a-add-b"}


def test_pk1_a_package_is_closed_by_the_table_alone(home: House) -> None:
    fields = form_of(home.get(CHAIR, PAGE).text, f"{PACKAGES}/close")
    assert home.post(EXPERT, f"{PACKAGES}/close", fields).status_code == 403
    assert home.post(CHAIR, f"{PACKAGES}/close", fields).headers["location"] == f"{PAGE}?done=package-closed"
    assert "Waiting for this package" not in home.get(CHAIR, PAGE).text
    assert home.post(CHAIR, f"{PACKAGES}/close", {**fields, "key": key()}).status_code == 409


def test_ct1_a_compromise_is_drafted_anew_from_its_own_wording_and_taken_back(home: House) -> None:
    """What it replaces in other paragraphs is named still; withdrawn, all else stays as it was."""
    place, words = item(5)
    far, far_words = item(6)
    proposed(home, "a-lies", "stands", "lies", "XAA", place, words)
    proposed(home, "a-sits", "stands", "sits", "XBB", far, far_words)
    number = document(home).record.amendments["a-sits"].number  # type: ignore[index]
    fields = form_of(home.get(CHAIR, f"{COMPROMISE}?paragraph={place}").text, COMPROMISE)
    drafted = {**fields, "wording": "that item 5 rests,", "replaces": "a-lies", "others": f"#{number}"}
    assert home.post(CHAIR, COMPROMISE, drafted).status_code == 303
    (one,) = (
        one for one in document(home).record.amendments.values() if one.open and one.replaces == ("a-lies", "a-sits")
    )
    anew = next(link for link in re.findall(r'href="([^"]+)">Draft anew', home.get(CHAIR, PAGE).text) if one.id in link)
    form = home.get(CHAIR, html.unescape(anew)).text
    assert ">that item 5 rests,</textarea>" in form
    assert f'name="others" value="#{number}"' in form
    back = form_of(home.get(CHAIR, PAGE).text, f"{COMPROMISE}/withdraw", f"#{one.number}")
    assert f"{COMPROMISE}/withdraw" not in home.get(EXPERT, PAGE).text
    assert home.post(CHAIR, f"{COMPROMISE}/withdraw", back).headers["location"] == f"{PAGE}?done=compromise-withdrawn"
    now = document(home).record.amendments
    assert [now[name].status for name in (one.id, "a-lies", "a-sits")] == [  # type: ignore[index]
        Status.WITHDRAWN,
        Status.SUBMITTED,
        Status.SUBMITTED,
    ]
    again = home.post(CHAIR, f"{COMPROMISE}/withdraw", {**back, "key": key()})
    assert (again.status_code, "is withdrawn" in again.text) == (409, True)
