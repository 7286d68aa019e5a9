"""Calls for objections on a phone: asked at the top of the page, answered without script, once however often sent."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from server.ids import new_id
from server.settings import Settings
from tests.support.stock import ITEM, OPINION, WORDS
from tests.support.visitors import House, house

READ = f"/opinions/{OPINION}/read"
AMENDMENT = "a-phonecall"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("calls") / "data")) as one:
        start = WORDS.index(" ")
        change = {"start": 0, "end": start, "was": WORDS[:start], "text": "where"}
        proposal = {"amendment": AMENDMENT, "delegation": "XAA", "kind": "MOD", "paragraph": ITEM}
        command(one, "m-xaa-1", "XAA", act="enter_proposals", proposals=[{**proposal, "replacements": [change]}])
        yield one


def command(running: House, who: str, party: str, **fields: Any) -> Any:
    answer = running.post(who, f"/api/opinions/{OPINION}/commands", json={**fields, "key": new_id("k"), "party": party})
    assert answer.status_code == 200, answer.text
    return answer.json()


def open_call(running: House) -> str:
    call = new_id("c")
    amendment = next(one for one in table(running)["amendments"] if one["delegation"] == "XAA" and one["number"])
    item = {"amendment": amendment["id"], "revision": amendment["revision"]}
    command(running, "m-chair", "", act="open_call", call=call, items=[item], note="Before lunch, please.")
    return call


def table(running: House) -> dict[str, Any]:
    found: dict[str, Any] = running.get("m-sec", f"/api/opinions/{OPINION}/table").json()
    return found


def answers(running: House, call: str) -> dict[str, tuple[str, str]]:
    (found,) = [one for one in table(running)["calls"] if one["id"] == call]
    return {one["delegation"]: (one["answer"], one["note"]) for one in found["answers"]}


def form(page: str, answer: str, note: str = "") -> dict[str, str]:
    """The form of the call on a page as a browser sends it when a button is pressed."""
    inside = page[page.index('class="call"') :].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside))
    return {**hidden, "note": note, "answer": answer}


def test_a_call_stands_above_the_text_and_is_answered_once(running: House) -> None:
    assert 'class="call"' not in running.get("m-xbb-1", READ).text
    call = open_call(running)
    page = running.get("m-xbb-1", READ).text
    assert page.index('class="call"') < page.index("Now on the floor")
    assert "Before lunch, please." in page
    assert "Nobody has answered yet. Silence is no answer." in page
    needing = form(page, "need_time")
    assert running.post("m-xbb-1", f"{READ}/calls", needing).status_code == 303
    assert answers(running, call) == {"XBB": ("need_time", "")}
    assert running.post("m-xbb-1", f"{READ}/calls", form(page, "object")).status_code == 409, "an objection says why"
    objecting = form(running.get("m-xbb-1", READ).text, "object", "The word is ours.")
    assert running.post("m-xbb-1", f"{READ}/calls", objecting).status_code == 303
    assert answers(running, call) == {"XBB": ("object", "The word is ours.")}
    stale = running.post("m-xbb-1", f"{READ}/calls", needing)
    assert stale.status_code == 409, "a form of before is not taken for a new answer"
    assert answers(running, call) == {"XBB": ("object", "The word is ours.")}
    shown = running.get("m-xcc-1", READ).text
    assert "XBB: The word is ours." in shown
    command(running, "m-chair", "", act="withdraw_call", call=call)
    assert 'class="call"' not in running.get("m-xbb-1", READ).text
    assert running.post("m-xcc-1", f"{READ}/calls", form(shown, "no_objection")).status_code == 409


def test_who_answers_for_nobody_sees_the_call_and_no_buttons(running: House) -> None:
    call = open_call(running)
    page = running.get("m-chair", READ).text
    assert 'class="call"' in page
    assert 'name="answer"' not in page
    for body in ({"call": call}, {"call": call, "answer": "yes"}, {"call": call, "answer": "object"}):
        assert running.post("m-xbb-1", f"{READ}/calls", body).status_code == 422
    command(running, "m-chair", "", act="withdraw_call", call=call)
