"""The pages of groups and of one's delegation: who speaks, what was typed for it, what its groups said."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from opinions.roles import Role
from server.people_store import change_member
from server.roster.groups import all_groups
from server.settings import Settings
from tests.server.test_news import propose
from tests.support.stock import ITEM, OPINION, WORDS
from tests.support.visitors import House, house

MINE = "/my-delegation"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """XBB has proposed something; G77 speaks for XAA, XBB and XCC."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("mine") / "data")) as running:
        propose(running, "m-xbb-1", "XBB", OPINION, "a-of-borduria", "some", "all", WORDS.index("some"))
        given = {"code": "g77", "name": "Group of 77", "members": "XAA, xbb XCC"}
        assert running.post("m-sec", "/groups/new", given).headers["location"] == "/groups?done=added"
        yield running


def said(pages: House, who: str, key: str, **fields: Any) -> Any:
    """What a command is answered."""
    return pages.ask(who, "POST", f"/api/opinions/{OPINION}/commands", json={"key": key, **fields})


def took(pages: House, who: str, key: str, attitude: str, **fields: Any) -> None:
    """A position on the proposal of XBB, which must be taken."""
    given = {"act": "take_position", "amendment": "a-of-borduria", "revision": 1, "attitude": attitude, **fields}
    answer = said(pages, who, key, **given)
    assert answer.status_code == 200, answer.text


def forms(html: str, tail: str) -> list[dict[str, str]]:
    """The forms that lead to an address, by their hidden fields and the value of their button."""
    found = re.findall(rf'<form method="post" action="[^"]*{tail}">(.*?)</form>', html, flags=re.DOTALL)
    fields = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in found]
    return [{name: unescape(value) for name, value in one.items()} for one in fields]


def test_groups_are_entered_by_the_secretariat(pages: House) -> None:
    listed = pages.get("m-sec", "/groups").text
    assert "3 members: XAA, XBB, XCC" in listed
    wrong = pages.post("m-sec", "/groups/new", {"code": "XAA", "name": "Arcadians", "members": "XQQ"})
    assert wrong.status_code == 422
    assert 'href="#field-code"' in wrong.text
    assert "Arcadians" in wrong.text, "what was typed comes back"
    changed = {"name": "League", "members": "XDD"}
    assert pages.post("m-sec", "/groups/new", {"code": "LAS", **changed}).status_code == 303
    assert pages.post("m-sec", "/groups/LAS", {**changed, "members": "XCC\nXDD"}).status_code == 303
    assert [one.members for one in pages.write(all_groups) if one.code == "LAS"] == [("XCC", "XDD")]
    assert pages.post("m-sec", "/groups/LAS/removal").status_code == 303
    assert pages.get("m-sec", "/groups/LAS").status_code == 404
    audit = pages.get("m-sec", "/audit").text
    assert "Group added: Group of 77: XAA, XBB, XCC" in audit
    assert "Group taken off the list: League" in audit


def test_a_page_with_nothing_said_says_so(pages: House) -> None:
    html = pages.get("m-xdd-1", MINE).text
    assert "Nothing has been said yet" in html
    assert "Expert Dorland 1" in html
    assert pages.get("m-obs", MINE).status_code == 403
    assert pages.get("m-sec", MINE).status_code == 403


def test_p7_the_focal_point_names_the_voice(pages: House) -> None:
    """[P7] Others of the delegation are refused by name, wherever they speak; what they draft is theirs still."""
    pages.write(lambda c: change_member(c, "m-xcc-1", "Expert Cascadia 1", Role.FOCAL_POINT, "XCC"))
    try:
        assert 'action="/delegations/XCC/voice"' in pages.get("m-xcc-1", MINE).text
        assert 'action="/delegations/XCC/voice"' not in pages.get("m-xcc-2", MINE).text
        support = {"act": "take_position", "amendment": "a-of-borduria", "revision": 1, "attitude": "support"}
        refused = said(pages, "m-xcc-2", "k-not-the-voice", **support)
        assert refused.json()["code"] == "not-allowed"
        assert "Expert Cascadia 1 speaks for XCC" in refused.json()["message"]
        form = pages.post("m-xcc-2", f"/opinions/{OPINION}/read/positions", {"attitude": "support"})
        assert form.status_code == 409
        assert "Expert Cascadia 1 speaks for XCC" in form.text
        named = pages.post("m-xcc-1", "/delegations/XCC/voice", {"member": "m-xcc-2"})
        assert named.headers["location"] == f"{MINE}?done=voice"
        took(pages, "m-xcc-2", "k-now-the-voice", "can_accept")
        assert "<bdi>Expert Cascadia 2</bdi> speaks for XCC here" in pages.get("m-xcc-1", MINE).text
        odd = pages.post("m-xcc-1", "/delegations/XCC/voice", {"member": "m-xdd-1"})
        assert odd.status_code == 422
        assert 'href="#field-member"' in odd.text
        assert pages.post("m-xcc-1", "/delegations/XDD/voice", {"member": "m-xdd-1"}).status_code == 403
        back = pages.post("m-sec", "/delegations/XCC/voice", {"member": ""})
        assert back.headers["location"] == "/delegations/XCC?done=voice"
        assert "<b><bdi>Expert Cascadia 1</bdi></b>" in pages.get("m-sec", "/delegations/XCC").text
    finally:
        pages.write(lambda c: change_member(c, "m-xcc-1", "Expert Cascadia 1", Role.EXPERT, "XCC"))


def test_a11_what_was_typed_is_confirmed_or_corrected(pages: House) -> None:
    """[A11] It counts at once, is shown until it is confirmed, and a position taken anew takes its place."""
    took(pages, "m-sec", "k-typed-first", "oppose", party="XDD")
    html = pages.get("m-xdd-1", MINE).text
    assert "1 thing typed for you" in html
    assert "typed by <bdi>Sam Clerk</bdi>" in html
    (form,) = forms(html, "/typed")
    for _ in range(2):
        done = pages.post("m-xdd-1", f"/opinions/{OPINION}/typed", form)
        assert done.headers["location"] == f"{MINE}?done=confirmed"
    html = pages.get("m-xdd-1", MINE).text
    assert "typed for you" not in html
    assert "typed by Sam Clerk, confirmed by Expert Dorland 1" in html
    late = pages.post("m-xdd-1", f"/opinions/{OPINION}/typed", {**form, "key": "k-another"})
    assert late.status_code == 409
    assert "Nothing typed for XDD" in late.text
    took(pages, "m-sec", "k-typed-second", "flexible", party="XDD")
    took(pages, "m-xdd-2", "k-corrected", "support")
    html = pages.get("m-xdd-1", MINE).text
    assert "typed for you" not in html
    assert "XDD supports at revision 1" in html
    assert "Before: 2 positions" in html


def test_a8_a_member_is_shown_with_its_group_once_it_has_said_so(pages: House) -> None:
    took(pages, "m-xaa-1", "k-for-the-group", "reserve", note="the timetable", group="G77")
    row = {"group": "G77", "amendment": "a-of-borduria"}
    html = pages.get("m-xcc-1", MINE).text
    assert "G77 reserves its position at revision 1: “the timetable”, said by XAA" in html
    assert "XCC is not shown with it" in html
    (form,) = forms(html, "/group-positions")
    assert {name: form[name] for name in row} == row
    joined = pages.post("m-xcc-1", f"/opinions/{OPINION}/group-positions", form)
    assert joined.headers["location"] == f"{MINE}?done=position"
    html = pages.get("m-xcc-1", MINE).text
    assert "XCC is shown with it" in html
    on_phone = pages.get("m-xdd-1", f"/opinions/{OPINION}/read/{ITEM}").text
    assert "G77 (with XAA, XCC) reserves its position: “the timetable”" in on_phone
    for on, shown in (("no", "G77 (with XAA)"), ("yes", "G77 (with XAA, XCC)"), ("no", "G77 (with XAA)")):
        (form,) = forms(pages.get("m-xcc-1", MINE).text, "/group-positions")
        assert form["on"] == on
        assert pages.post("m-xcc-1", f"/opinions/{OPINION}/group-positions", form).status_code == 303
        assert shown in pages.get("m-xdd-1", f"/opinions/{OPINION}/read/{ITEM}").text
    assert "/group-positions" not in pages.get("m-xbb-1", MINE).text, "its own amendment"
    assert "/group-positions" not in pages.get("m-xdd-1", MINE).text, "no member"


def test_a8_the_editor_is_told_for_whom_a_delegation_may_speak_and_whether_it_may_object(pages: House) -> None:
    told = {
        who: pages.get(who, f"/api/opinions/{OPINION}/bootstrap").json() for who in ("m-xcc-1", "m-xdd-1", "m-chair")
    }
    assert {who: ("G77" in one["speaksFor"], one["objects"]) for who, one in told.items()} == {
        "m-xcc-1": (True, True),
        "m-xdd-1": (False, True),
        "m-chair": (False, False),
    }


def test_a11_all_that_was_typed_is_confirmed_at_once_as_it_was_shown(pages: House) -> None:
    """[A11] Nothing that came after the page is confirmed unseen."""
    for name, at in (("a-first-typed", "reaches"), ("a-second-typed", "broadband")):
        propose(pages, "m-sec", "XDD", OPINION, name, at, "x", WORDS.index(at))
    form = next(one for one in forms(pages.get("m-xdd-1", MINE).text, "/typed") if "all" in one)
    propose(pages, "m-sec", "XDD", OPINION, "a-third-typed", "that", "x", WORDS.index("that"))
    stale = pages.post("m-xdd-1", f"/opinions/{OPINION}/typed", form)
    assert stale.status_code == 409
    assert "Look again" in stale.text
    assert "3 things typed for you" in stale.text
    form = next(one for one in forms(stale.text, "/typed") if "all" in one)
    assert pages.post("m-xdd-1", f"/opinions/{OPINION}/typed", form).status_code == 303
    assert "typed for you" not in pages.get("m-xdd-1", MINE).text


def test_p8_who_may_object_is_set_on_the_settings_page(pages: House) -> None:
    """[P8] Open rooms learn it."""
    objection = {"act": "take_position", "amendment": "a-of-borduria", "revision": 1, "attitude": "formal_objection"}
    form = {"name": "Process", "meeting_zone": "Europe/Zurich", "observers_see": "agreed", "attribution": "all"}
    rules: dict[str, Any] = {**form, "rules": "yes", "contribution_pages": "3", "invitation_reminder_days": "7"}
    rules |= {"views_kinds": ["associate", "academia", "organization"]}
    assert pages.post("m-sec", "/settings", {**rules, "objecting_kinds": ["sector_member"]}).status_code == 303
    refused = said(pages, "m-xaa-1", "k-objection-1", **objection, note="no")
    assert "not one of those that object formally" in refused.json()["message"]
    assert pages.post("m-sec", "/settings", {**rules, "objecting_kinds": ["member_state"]}).status_code == 303
    assert said(pages, "m-xaa-1", "k-objection-2", **objection, note="no").status_code == 200
    odd = pages.post("m-sec", "/settings", {**rules, "objecting_kinds": ["dragons"]})
    assert 'href="#field-objecting_kinds"' in odd.text


def test_positions_are_read_as_json_with_their_history(pages: House) -> None:
    took(pages, "m-xdd-1", "k-json-1", "retain")
    took(pages, "m-xdd-1", "k-json-2", "can_accept", note="if a) stays")
    on_paragraph = {"act": "take_position", "amendment": "", "revision": 0, "attitude": "support", "paragraph": ITEM}
    assert said(pages, "m-xdd-1", "k-json-3", **on_paragraph).status_code == 200
    told = pages.get("m-xaa-1", f"/api/opinions/{OPINION}/positions?of=XDD").json()
    paragraph, amendment = told["subjects"]
    assert (paragraph["amendment"], paragraph["paragraph"], len(paragraph["stances"])) == (None, ITEM, 1)
    assert amendment["proposer"] == "XBB"
    (stands,) = amendment["stances"]
    assert (stands["attitude"], stands["note"], stands["revision"]) == ("can_accept", "if a) stays", 1)
    assert stands["speaker"] == "Expert Dorland 1"
    assert amendment["earlier"][-1]["attitude"] == "retain"
    assert (told["delegation"], told["speaks"]) == ("XAA", True)
    assert told["groups"] == [{"code": "G77", "name": "Group of 77", "members": ["XAA", "XBB", "XCC"]}]
    everything = pages.get("m-chair", f"/api/opinions/{OPINION}/positions").json()
    assert (everything["delegation"], everything["voice"]) == ("", [])
    assert len(everything["subjects"]) >= 2
