"""The end of a draft over HTTP: renumbering marked and carried out, the drafting check, forum texts (L3, DC13, FT)."""

import csv
import html
import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from opinions.model import Kind
from opinions.record import Document
from opinions.roles import Role
from server.forum.store import forum_texts
from server.presenting import ledger
from server.process_store import found_opinion
from server.roster.giving import give_part
from server.settings import Settings
from tests.support.builders import chapeau, document, item, paragraph, title, verb
from tests.support.visitors import House, house

CHAIR, CLERK, EXPERT, OTHER, OBSERVER = "m-chair", "m-sec", "m-xaa-1", "m-xbb-1", "m-obs"
READY, LATE, DRAFT = "op-ready", "op-late", "op-draft"
_keys = itertools.count(1)


def opinion(*more: Any) -> Document:
    rows = (
        title("p-title", "DRAFT OPINION 7: RENUMBERED"),
        chapeau("p-chapeau", "The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),"),
        verb("p-noting", "noting"),
        item("p-item-a", "that it is so;"),
        item("p-item-b", "that it is otherwise,"),
        verb("p-resolves", "resolves", operative=True),
        item("p-item-1", "to do as in noting b) above;", operative=True),
        item("p-item-2", "to do more;", operative=True),
        item("p-item-3", "to go on as resolves 1 bis above says, and resolves 9.", operative=True),
        *more,
    )
    labels = {"p-item-a": "a)", "p-item-b": "a bis)", "p-item-1": "1", "p-item-2": "1 bis", "p-item-3": "2"}
    return document(*rows, labels=labels)


def wanting() -> Document:
    return document(
        title("p-title", "DRAFT OPINION 8: DRAFTED"),
        chapeau("p-chapeau", "The Forum."),
        verb("p-noting", "noting"),
        item("p-item-a", "that it is  so; "),
        paragraph("p-odd", "as in Res. 2 (Rev. Bucharest, 2022)", kind=Kind.PARAGRAPH),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    def put(connection: Connection) -> None:
        now = datetime.now(UTC)
        by: dict[str, Any] = {"member": CLERK, "name": "Sam Clerk", "at": now, "source": "test"}
        plain = document(
            *opinion().text.paragraphs[:-1],
            labels={"p-item-a": "a)", "p-item-b": "b)", "p-item-1": "1", "p-item-2": "2"},
        )
        found_opinion(connection, plain, title="Ready", number="7", opinion_id=READY, **by)
        found_opinion(connection, wanting(), title="Wanting", opinion_id="op-wanting", **by)
        found_opinion(connection, opinion(), title="Drafted", opinion_id=DRAFT, **by)
        found_opinion(connection, opinion(), title="Late", opinion_id=LATE, on_ledger=False, **by)
        due = now - timedelta(days=1)
        came = ledger.Event(ledger.Step.TEXT, LATE, "Late", now, document="WTPF-26/7", due_at=due, late=True)
        ledger.append(connection, came)

    with house(Settings(data_dir=tmp_path_factory.mktemp("forum") / "data", port=0)) as opened:
        opened.write(put)
        yield opened


def key() -> str:
    return f"key-of-forum-{next(_keys):04}"


def told(home: House, who: str, act: str, at: str, party: str = "", **fields: object) -> dict[str, Any]:
    answer = home.ask(
        who, "POST", f"/api/opinions/{at}/commands", json={"act": act, "key": key(), "party": party, **fields}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(home: House, at: str) -> Document:
    assert home.client.portal is not None
    return home.client.portal.call(home.services.hub.document, at)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_l3_the_page_shows_what_the_marked_freeze_then_does(home: House) -> None:
    address = f"/opinions/{DRAFT}/renumbering"
    page = words(home.get(EXPERT, address).text)
    assert "The next freeze does not renumber" in page
    # b) is no label of this text: the second one is “a bis)”
    assert "noting b) above There is no such paragraph in this text" in page
    assert "resolves 1 bis above resolves 2 above" in page
    assert home.post(EXPERT, address, {"key": key()}).status_code == 403
    assert home.post(CLERK, address, {"key": key()}).status_code == 303
    assert "The next freeze renumbers" in words(home.get(OTHER, address).text)
    told(home, CLERK, "freeze", DRAFT, label="First draft", ruled_by="R. Chair")
    now = read(home, DRAFT)
    assert [
        now.record.paragraph(one.id).label for one in now.text if one.id in ("p-item-b", "p-item-2", "p-item-3")
    ] == [
        "b)",
        "2",
        "3",
    ]
    assert now.text.paragraphs[-1].text == "to go on as resolves 2 above says, and resolves 9."
    page = words(home.get(EXPERT, address).text)
    assert "Renumbered already" in page
    assert "left as it was" in page
    again = home.post(CLERK, address, {"key": key()})
    assert again.status_code == 422
    assert "renumbered already" in words(again.text)
    assert home.post(CLERK, address, {"key": key(), "note": "Two were merged."}).status_code == 303
    assert home.post(CLERK, address, {"key": key(), "do": "take-back"}).status_code == 303
    lines = home.get(EXPERT, f"{address}.csv").text.splitlines()
    assert [line[2] for line in csv.reader(lines[1:])] == ["label"] * 3 + ["citation"] + ["left"] * 2
    whole = home.get(EXPERT, f"/api/opinions/{DRAFT}/renumbering").json()
    assert (whole["marked"], whole["labels"]) == (None, [])
    assert [one["new"] for one in whole["done"][0]["labels"]] == ["b)", "2", "3"]


def test_dc13_one_click_corrects_for_the_secretariat_and_proposes_for_a_delegation(home: House) -> None:
    at = "op-wanting"
    remarks = home.get(EXPERT, f"/api/opinions/{at}/drafting-check").json()["remarks"]
    found = {one["rule"]: one for one in remarks if one["words"] is not None}
    assert {"chapeau", "spacing", "resolution"} <= set(found)
    page = home.get(EXPERT, f"/opinions/{at}/drafting-check?rule=spacing").text
    assert "Two blanks stand side by side." in page
    assert "written in full" not in page
    assert home.get(OBSERVER, f"/opinions/{at}/drafting-check").status_code == 403

    def click(who: str, one: dict[str, Any]) -> int:
        form = {name: str(one[name]) for name in ("paragraph", "start", "end", "was", "words")}
        return home.post(who, f"/opinions/{at}/drafting-check", {"key": key(), **form}).status_code

    assert click(CLERK, found["chapeau"]) == 303
    assert read(home, at).text.paragraphs[1].text == "The Forum,"
    assert click(CLERK, found["chapeau"]) == 409  # other words stand there by now
    assert click(EXPERT, found["resolution"]) == 303
    amendments = read(home, at).record.amendments.values()
    assert [(one.delegation, one.reason, one.open) for one in amendments if one.delegation != "SEC"] == [
        ("XAA", "Drafting check.", True)
    ]


def test_ft2_only_what_was_presented_in_time_gets_a_forum_text(home: House) -> None:
    told(home, CLERK, "freeze", LATE, label="Final", ruled_by="R. Chair")
    page = words(home.get(OBSERVER, "/forum").text)
    assert "first presented" in page
    assert "WTPF-26/7" in page
    assert "Stands as a contribution" in page
    refused = home.post(CLERK, f"/opinions/{LATE}/forum", {"version": "1"})
    assert refused.status_code == 422
    assert "stands as a contribution" in words(refused.text)
    assert home.post(CLERK, f"/opinions/{READY}/forum", {"version": "1"}).status_code == 422  # no version yet
    assert home.write(forum_texts) == ()


def test_ft1_to_ft4_a_forum_text_from_its_opening_to_its_adoption(home: House) -> None:
    told(home, CLERK, "freeze", READY, label="Final", ruled_by="R. Chair")
    assert home.post(EXPERT, f"/opinions/{READY}/forum", {"version": "1"}).status_code == 403
    assert home.post(CLERK, f"/opinions/{READY}/forum", {"version": "1"}).status_code == 303
    (there,) = home.write(forum_texts)
    at, page_of = there.opinion, f"/opinions/{there.opinion}/forum"
    assert read(home, READY).record.opinion.closed
    assert [one.id for one in read(home, at).text] == [one.id for one in read(home, READY).text]
    assert home.post(CLERK, f"/opinions/{READY}/forum", {"version": "1"}).status_code in (403, 422)
    assert "What was only proposed stays in the annexed version" in words(home.get(EXPERT, "/forum").text)
    assert ", 1 forum text under consideration" in words(home.get(EXPERT, "/").text)
    assert "Nothing has been changed since it was opened" in words(home.get(EXPERT, page_of).text)
    with pytest.raises(DBAPIError, match=r"append-only|not authorized"):
        home.write(lambda connection: connection.execute(text("UPDATE forum_texts SET version = 2")))

    # Who waits for a ruling reads that nobody can make one yet, and the secretariat how that is mended.
    assert "Nobody is in the chair of this text yet" in words(home.get(EXPERT, page_of).text)
    assert f'href="/opinions/{at}/chair"' not in home.get(EXPERT, page_of).text
    assert f'href="/opinions/{at}/chair"' in home.get(CLERK, page_of).text

    # A chair of this text alone, for the forum: the part holds here and nowhere else.
    now = datetime.now(UTC)
    home.write(lambda c: give_part(c, OTHER, at, Role.CHAIR, now, label="Forum", begins_at=now - timedelta(hours=1)))
    assert home.post(OTHER, f"{page_of}/question", {"key": key()}).status_code == 303
    assert home.get(OTHER, f"/opinions/{DRAFT}/console").status_code == 403

    first = read(home, at).text.paragraphs[3]
    told(home, EXPERT, "take_position", at, "XAA", amendment="", revision=0, attitude="formal_objection",
         note="It binds us.", paragraph=first.id)  # fmt: skip
    assert "XAA objects formally" in words(home.get(OTHER, page_of).text)
    told(home, EXPERT, "enter_proposals", at, "XAA", proposals=[{
        "amendment": "a-changed", "delegation": "XAA", "kind": "MOD", "paragraph": first.id,
        "replacements": [{"start": 8, "end": 10, "was": "is", "text": "was"}]}])  # fmt: skip
    assert adopted(home, OTHER, page_of, at) == 409
    told(home, OTHER, "record_outcome", at, amendment="a-changed", revision=1, ruling="agreed")
    told(home, EXPERT, "take_position", at, "XAA", amendment="", revision=0, attitude="reserve",
         note="As said.", paragraph=first.id)  # fmt: skip
    page = words(home.get(EXPERT, page_of).text)
    assert "Changed since it was opened: 1 paragraph" in page
    assert "Asked for objections on other words than now stand" in page
    assert "Nobody is in the chair" not in page
    assert adopted(home, OTHER, page_of, at) == 409  # no version of these words yet
    form = {"key": key(), "outcome": "adopted", "words": "0" * 64, "note": "By acclamation."}
    assert ">By acclamation.</textarea>" in home.post(OTHER, f"{page_of}/adoption", form).text
    told(home, OTHER, "freeze", at, label="Text for adoption")
    assert adopted(home, OTHER, page_of, at) == 409  # not asked on these words
    assert home.post(OTHER, f"{page_of}/question", {"key": key()}).status_code == 303
    assert adopted(home, OTHER, page_of, at) == 303
    page = words(home.get(EXPERT, page_of).text)
    assert "Adopted by consensus as declared by" in page
    assert "Reservations XAA : As said." in page
    assert read(home, at).record.opinion.closed
    states = {one["opinion"]: one["state"] for one in home.get(OBSERVER, "/api/forum").json()["opinions"]}
    assert (states[READY], states[LATE]) == ("adopted", "")
    assert at not in states
    assert "Adopted by consensus" in words(home.get(OBSERVER, "/forum").text)
    assert "under consideration" not in words(home.get(EXPERT, "/").text)
    report = words(home.get(OTHER, f"/opinions/{at}/report").text)
    assert "At the forum Adopted by consensus as declared by" in report
    assert "Reservation of" in report


def adopted(home: House, who: str, page_of: str, at: str) -> int:
    page = home.get(who, page_of).text
    found = re.search(r'name="words" value="(\w{64})"', page)
    assert found is not None
    form = {"key": key(), "outcome": "adopted", "words": found[1]}
    return home.post(who, f"{page_of}/adoption", form).status_code


def test_ft_the_pages_have_their_empty_states(home: House) -> None:
    assert home.get(EXPERT, f"/opinions/{DRAFT}/forum").status_code == 404
    assert json.loads(home.get(EXPERT, f"/api/opinions/{DRAFT}/drafting-check").text)["remarks"] is not None
    assert "Every label is plain already" in words(home.get(EXPERT, f"/opinions/{DRAFT}/renumbering").text)
