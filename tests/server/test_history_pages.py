"""The list of square brackets, where words come from, the replay: what each page says, and to whom."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.process_store import load_process, save_process
from server.settings import Settings
from tests.support.stock import ITEM, OPINION, WORDS
from tests.support.visitors import House, house

BRACKETS = f"/opinions/{OPINION}/brackets"
TRACED = f"/opinions/{OPINION}/paragraphs/{ITEM}/provenance"
REPLAY = f"/opinions/{OPINION}/replay"
CHAIR_NAME, EXPERT_NAME, CLERK = "Rosa Chair", "Expert Arcadia 1", "Sam Clerk"
_keys = itertools.count(1)


def told(home: House, who: str, act: str, party: str = "", **fields: object) -> None:
    """Somebody gives a command."""
    body = {"act": act, "key": f"key-of-test-{next(_keys):04}", "party": party, **fields}
    answer = home.ask(who, "POST", f"/api/opinions/{OPINION}/commands", json=body)
    assert answer.status_code == 200, answer.text


def proposed(home: House, name: str, was: str, text: str, party: str = "XAA", paragraph: str = ITEM) -> None:
    """An expert enters other words."""
    row = {"start": WORDS.index(was), "end": WORDS.index(was) + len(was), "was": was, "text": text}
    proposal = {
        "amendment": name,
        "delegation": party,
        "kind": "MOD",
        "paragraph": paragraph,
        "replacements": [row],
        "reason": f"because of {text}",
    }
    told(home, f"m-{party.lower()}-1", "enter_proposals", party, proposals=[proposal])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An Opinion with a history: two amendments, one agreed, one pending and set aside, a version between."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("history") / "data", port=0)) as opened:
        proposed(opened, "a-reaches", "reaches", "serves")
        proposed(opened, "a-broadband", "broadband", "connectivity", "XBB")
        told(opened, "m-chair", "freeze", label="First version")
        told(opened, "m-chair", "record_outcome", amendment="a-reaches", revision=1, ruling="agreed")
        told(opened, "m-chair", "record_outcome", amendment="a-broadband", revision=1, ruling="set_aside", note="later")
        told(opened, "m-chair", "freeze", label="Second version")
        yield opened


def test_pv5_a_version_tells_its_base_text_also_to_the_first_who_asks(home: House) -> None:
    """Before anybody looked at the history, no chapter of it is kept."""
    assert "put on the table" in home.get("m-obs", f"{TRACED}?version=1").text


def test_bl1_the_list_says_what_is_open_by_whom_why_and_since_when(home: House) -> None:
    page = home.get("m-xcc-1", BRACKETS)
    assert page.status_code == 200
    assert "2 of 2 shown" in page.text
    for said in (
        "connectivity",
        "because of connectivity",
        "XBB",
        "Set aside",
        "First version",
        'id="b-a-broadband-2"',
    ):
        assert said in page.text
    assert '<p lang="en" dir="auto" class="kind-insertion">connectivity</p>' in page.text
    assert "<svg" in page.text
    assert "Open square brackets: " in page.text
    assert "Second version" in page.text
    assert CLERK not in page.text


def test_bl2_a_link_keeps_filter_and_order(home: House) -> None:
    page = home.get("m-xcc-1", f"{BRACKETS}?kind=insertion&sort=age&q=connectivity")
    assert "1 of 2 shown" in page.text
    assert re.search(r'href="[^"]*brackets\.csv\?kind=insertion&amp;q=connectivity&amp;sort=age"', page.text)
    assert "0 of 2 shown" in home.get("m-xcc-1", f"{BRACKETS}?holder=XAA").text
    assert "No bracket fits" in home.get("m-xcc-1", f"{BRACKETS}?days=900").text
    strange = home.get("m-xcc-1", f"{BRACKETS}?kind=x&sort=y&days=-4&page=zz&state=%00")
    assert "2 of 2 shown" in strange.text


def test_bl3_the_list_as_csv_and_as_json_has_the_same_rows(home: House) -> None:
    answer = home.get("m-xcc-1", f"{BRACKETS}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["Words"], row["Holders"], row["State"]) for row in rows] == [
        ("broadband", "XBB", "Set aside"),
        ("connectivity", "XBB", "Set aside"),
    ]
    assert rows[0]["Address"].endswith("#b-a-broadband")
    told_ = home.get("m-xcc-1", f"/api{BRACKETS}?kind=insertion").json()
    assert (told_["total"], [row["words"] for row in told_["rows"]]) == (2, ["connectivity"])
    assert told_["rows"][0]["since_version"] == "First version"


def test_pv2_a_page_says_whose_each_word_is_and_how_it_became_text(home: House) -> None:
    page = home.get("m-xcc-1", f"{TRACED}?at={WORDS.index('reaches')}")
    assert page.status_code == 200
    for said in ("serves", "XAA", EXPERT_NAME, CHAIR_NAME, "Agreed, proposed", "Base text", "put on the table"):
        assert said in page.text
    assert "reaches" in page.text.split('id="gone"')[1]
    told_ = home.get("m-xcc-1", f"/api{TRACED}").json()
    assert "".join(one["text"] for one in told_["stretches"]).startswith("that broadband")
    agreed = next(one for one in told_["stretches"] if one["text"].startswith("serves"))
    assert (agreed["of"], agreed["amendment"], agreed["decision"]["ruled_by"]) == ("agreed", "a-reaches", CHAIR_NAME)
    assert [one["text"] for one in told_["gone"]] == ["reaches"]
    assert home.get("m-xcc-1", f"/opinions/{OPINION}/paragraphs/p-none-0000/provenance").status_code == 404


def test_pv5_of_a_version_it_says_what_stood_there(home: House) -> None:
    page = home.get("m-xcc-1", f"{TRACED}?version=1")
    assert "Proposed by" in page.text
    assert "Agreed, proposed" not in page.text
    assert home.get("m-xcc-1", f"{TRACED}?version=9").status_code == 404
    assert home.get("m-xcc-1", f"{TRACED}?version=x").status_code == 404


def test_pv6_observers_see_frozen_versions_alone_and_no_persons(home: House) -> None:
    assert home.get("m-obs", TRACED).status_code == 403
    assert home.get("m-obs", f"/api{TRACED}").status_code == 403
    page = home.get("m-obs", f"{TRACED}?version=2")
    assert page.status_code == 200
    assert "the chair" in page.text
    for hidden in (EXPERT_NAME, CHAIR_NAME, CLERK, "because of serves", "Words no longer"):
        assert hidden not in page.text.split("<main")[1]


def test_pv6_what_is_withheld_from_observers_is_withheld_here(home: House) -> None:
    process = home.write(load_process)
    home.write(lambda connection: save_process(connection, replace(process, observers_see_submitted=False)))
    try:
        page = home.get("m-obs", f"{TRACED}?version=2")
        assert "connectivity" not in page.text
        assert "serves" in page.text
    finally:
        home.write(lambda connection: save_process(connection, process))


@pytest.mark.parametrize(
    "path", [BRACKETS, f"{BRACKETS}.csv", REPLAY, f"/api{BRACKETS}", f"/api/opinions/{OPINION}/history"]
)
def test_hs4_only_members_read_the_history(home: House, path: str) -> None:
    assert [home.get(who, path).status_code for who in ("m-obs", "m-views", "m-admin")] == [403, 403, 403]
    assert home.get("m-xdd-2", path).status_code == 200


def test_hs3_the_replay_steps_by_step_decision_and_meeting(home: House) -> None:
    newest = home.get("m-xcc-1", REPLAY)
    assert "Version “Second version” frozen" in newest.text
    steps = home.get("m-xcc-1", f"/api/opinions/{OPINION}/history").json()["steps"]
    assert [step["kind"] for step in steps] == [
        "founded",
        "submitted",
        "submitted",
        "frozen",
        "decided",
        "decided",
        "frozen",
    ]
    assert [step["counts"]["brackets"] for step in steps] == [0, 2, 4, 4, 2, 2, 2]
    agreed = home.get("m-xcc-1", f"{REPLAY}?at={steps[4]['seq']}")
    assert "Agreed: XAA #1" in agreed.text
    assert f'href="{REPLAY}?at={steps[3]["seq"]}" rel="prev"' in agreed.text
    assert f'href="{REPLAY}?at={steps[5]["seq"]}" rel="next"' in agreed.text
    assert 'class="went"' in agreed.text
    assert "paragraphs unchanged" in agreed.text
    first = home.get("m-xcc-1", f"{REPLAY}?at=1")
    assert "Text put on the table" in first.text
    assert "serves" not in first.text.split("<main")[1].split("step-list")[0]
    assert home.get("m-xcc-1", f"{REPLAY}?at=999999999999").status_code == 200


def test_hs3_one_paragraph_has_its_own_steps(home: House) -> None:
    own = home.get("m-xcc-1", f"{REPLAY}?paragraph={ITEM}&at=2")
    assert "Submitted: XAA #1" in own.text
    other = home.get("m-xcc-1", f"{REPLAY}?paragraph=p-item-00004")
    assert "Step 3 of 3" in other.text
    assert home.get("m-xcc-1", f"{REPLAY}?paragraph=p-none-0000").status_code == 404


def test_bd2_the_dashboard_shows_the_course_to_members(home: House) -> None:
    page = home.get("m-xcc-1", "/")
    assert re.search(r'class="trend"[^>]*aria-label="Open brackets: 0 to 2, at most 4, falling"', page.text)
    assert "2 open brackets in all" in page.text
    assert 'class="trend"' not in home.get("m-obs", "/").text


def test_pv2_a_formal_objection_at_a_call_is_not_told_as_a_reservation(home: House) -> None:
    other = "p-item-00003"
    row = {"start": 5, "end": 9, "was": "item", "text": "point"}
    change = {"amendment": "a-point", "delegation": "XBB", "kind": "MOD", "paragraph": other, "replacements": [row]}
    told(home, "m-xbb-1", "enter_proposals", "XBB", proposals=[change])
    on = {"amendment": "a-point", "revision": 1}
    for who, attitude in (("xcc", "formal_objection"), ("xdd", "reserve")):
        told(home, f"m-{who}-1", "take_position", who.upper(), **on, attitude=attitude, note="Not so.")
    told(home, "m-chair", "open_call", call="c-point", items=[on])
    told(home, "m-chair", "decide_call", call="c-point", ruling="agreed", note="The objection was met.")
    page = home.get("m-xaa-1", f"/opinions/{OPINION}/paragraphs/{other}/provenance").text
    call = re.sub(r"<[^>]+>", "", page.split("Call for objections</dt>")[1].split("</dd>")[0])
    assert "XCC objects formally: Not so." in call
    assert "XDD reserves its position: Not so." in call
