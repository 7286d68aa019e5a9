"""The chair's console: a whole session by forms, who sees which buttons, what is refused, and parts that changed."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from opinions.calls import open_calls
from opinions.model import ParagraphId
from opinions.queue import table
from opinions.record import Amendment, Document, ParagraphState, Ruling, Status
from opinions.roles import Role
from server.console.floor import Around, floor
from server.console.forms import Unfit, command_of
from server.console.look import look_of
from server.console.rows import WINDOW, window
from server.console.sittings import call_bar, running_record
from server.consultation.texts import cited
from server.roster.giving import give_part
from server.settings import Settings
from tests.bench.full_table import AMENDMENTS, full_table
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

CONSOLE = f"/opinions/{OPINION}/console"
CHAIR, CLERK = "m-chair", "m-sec"
FACILITATOR = "m-xdd-1"
ITEMS = tuple(f"p-item-{n:05}" for n in range(1, 8))
NOW = datetime.now(UTC)
_numbers = count(1)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("console") / "data")) as running:
        running.write(lambda connection: give_part(connection, FACILITATOR, OPINION, Role.FACILITATOR, NOW))
        yield running


class Forms(HTMLParser):
    """The forms of a page with their fields as a browser would send them, and their buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.buttons: dict[str, list[tuple[str, str]]] = {}
        self._open: dict[str, str] | None = None
        self._buttons: list[tuple[str, str]] = []
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open, self._buttons = {}, []
        elif self._open is not None and tag == "input" and given.get("name"):
            if given.get("type") != "radio" or "checked" in given:
                self._open[given["name"]] = given.get("value", "")
        elif self._open is not None and tag == "button":
            self._buttons.append((given.get("name", ""), given.get("value", "")))

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open is not None:
            name = self._open.get("form", "")
            self.forms[name], self.buttons[name] = self._open, self._buttons
            self._open = None


def page(visited: House, who: str, query: str = "") -> str:
    answer = visited.get(who, f"{CONSOLE}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def forms(visited: House, who: str, query: str = "") -> Forms:
    return Forms(page(visited, who, query))


def command(visited: House, who: str, party: str = "", /, **fields: Any) -> None:
    """A command as a script would send it."""
    given = {**fields, "key": f"k-{next(_numbers)}", "party": party}
    answer = visited.ask(who, "POST", f"/api/opinions/{OPINION}/commands", json=given)
    assert answer.status_code == 200, answer.text


def proposed(visited: House, party: str, place: str, was: str, text: str) -> str:
    """A fresh amendment of a delegation that replaces words of one of the items."""
    name = f"a-console-{next(_numbers):04}"
    start = words_of(visited, place).index(was)
    change = {"start": start, "end": start + len(was), "was": was, "text": text}
    one = {"amendment": name, "delegation": party, "kind": "MOD", "paragraph": place, "replacements": [change]}
    command(visited, f"m-{party.lower()}-2", party, act="enter_proposals", proposals=[one])
    return name


def document_of(visited: House) -> Document:
    assert visited.client.portal is not None
    return visited.client.portal.call(visited.services.hub.document, OPINION)


def words_of(visited: House, place: str) -> str:
    found = document_of(visited).text.find(place)
    assert found is not None
    return found.text


def amendment_of(visited: House, name: str) -> Amendment:
    found = document_of(visited).amendment(name)
    assert found is not None
    return found


def on(name: str) -> str:
    return f"?on=amendment:{name}"


def sent(visited: House, who: str, fields: Mapping[str, str], **more: str) -> Any:
    return visited.post(who, f"{CONSOLE}/commands", {**fields, **more})


def test_cn1_a_chair_records_an_outcome_by_a_form_and_comes_to_the_next_row(visited: House) -> None:
    first = proposed(visited, "XBB", ITEMS[0], "some of those", "many of those")
    following = proposed(visited, "XCC", ITEMS[1], "stands", "falls")
    html = page(visited, CHAIR, on(first))
    assert "Would read if agreed" in html
    assert "<del>some of those</del><ins>many of those</ins>" in html
    form = Forms(html).forms[f"outcome-{first}"]
    answer = sent(visited, CHAIR, form, ruling="agreed", note="As read out")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"?on=amendment%3A{following}")
    decided = amendment_of(visited, first)
    assert decided.status is Status.AGREED
    last = decided.decisions[-1]
    assert (last.ruling, last.note, last.ruled_by, last.recorded_by) == (
        Ruling.AGREED,
        "As read out",
        "Rosa Chair",
        "Rosa Chair",
    )
    html = page(visited, CHAIR)
    assert re.search(rf"#{decided.number}</bdi></a>.*?agreed", html, re.S)
    again = sent(visited, CHAIR, Forms(html).forms["reopen-last"])
    assert again.status_code == 303
    assert amendment_of(visited, first).status is Status.REOPENED
    command(visited, CHAIR, act="record_outcome", amendment=first, revision=1, ruling="not_retained")
    command(visited, CHAIR, act="record_outcome", amendment=following, revision=1, ruling="not_retained")


def test_cn2_the_secretariat_records_what_the_chair_ruled_and_both_are_on_record(visited: House) -> None:
    name = proposed(visited, "XBB", ITEMS[1], "item", "point")
    html = page(visited, CLERK, on(name))
    assert "Recorded on the instruction of <b><bdi>Rosa Chair</bdi></b>" in html
    assert sent(visited, CLERK, Forms(html).forms[f"outcome-{name}"], ruling="not_retained").status_code == 303
    last = amendment_of(visited, name).decisions[-1]
    assert (last.ruled_by, last.recorded_by) == ("Rosa Chair", "Sam Clerk")
    assert "Rosa Chair, recorded by Sam Clerk" in page(visited, CHAIR, on(name))


def test_cn2_a_facilitator_has_fewer_buttons_and_others_no_console(visited: House) -> None:
    name = proposed(visited, "XBB", ITEMS[1], "item", "part")
    seen = forms(visited, FACILITATOR, on(name))
    assert seen.buttons[f"outcome-{name}"] == [("ruling", "agreed_in_informals")]
    assert not {"call", "bulk", "open-sitting", f"aside-{name}", "editorial"} & seen.forms.keys()
    assert "take-up" not in seen.forms
    assert "apart=1" in page(visited, FACILITATOR, on(name))
    command(visited, CHAIR, act="open_sitting", name="Informals", level="informal")
    assert "take-up" in forms(visited, FACILITATOR, on(name)).forms
    command(visited, CHAIR, act="close_sitting")
    chair = forms(visited, CHAIR, on(name))
    assert {"call", "open-sitting", f"aside-{name}", f"awaits-{name}", "editorial"} <= chair.forms.keys()
    assert [value for _, value in chair.buttons[f"outcome-{name}"]] == [
        "agreed",
        "agreed_ad_referendum",
        "not_retained",
        "set_aside",
        "agreed_in_informals",
        "wording_agreed",
    ]
    for who in ("m-xaa-1", "m-obs", "m-views", "m-admin"):
        assert visited.get(who, CONSOLE).status_code == 403
    assert visited.get(CHAIR, f"/opinions/{SECOND}/console").status_code == 200
    refused = sent(visited, FACILITATOR, chair.forms[f"outcome-{name}"], ruling="agreed")
    assert refused.status_code == 403
    assert amendment_of(visited, name).status is Status.SUBMITTED
    assert sent(visited, FACILITATOR, seen.forms[f"outcome-{name}"], ruling="agreed_in_informals").status_code == 303
    assert amendment_of(visited, name).status is Status.AGREED_IN_INFORMALS
    command(visited, CHAIR, act="record_outcome", amendment=name, revision=1, ruling="not_retained")


def test_cn3_accepting_one_of_a_conflict_asks_what_becomes_of_the_others_in_the_same_act(visited: House) -> None:
    kept = proposed(visited, "XAA", ITEMS[2], "item", "article")
    falls = proposed(visited, "XBB", ITEMS[2], "item", "clause")
    stays = proposed(visited, "XCC", ITEMS[2], "item", "entry")
    html = page(visited, CHAIR, on(kept))
    assert "Conflict “item”" in html
    form = Forms(html).forms[f"outcome-{kept}"]
    choices = re.findall(rf"name=\"others:{falls}\" value=\"([^\"]+)\"", html)
    seq = visited_seq(visited)
    answer = sent(visited, CHAIR, form, **{"ruling": "agreed", f"others:{falls}": unescape(choices[-1])})
    assert answer.status_code == 303, answer.text
    assert visited_seq(visited) == seq + 1
    states = [amendment_of(visited, name).status for name in (kept, falls, stays)]
    assert states == [Status.AGREED, Status.NOT_RETAINED, Status.SUBMITTED]
    command(visited, CHAIR, act="record_outcome", amendment=stays, revision=1, ruling="not_retained")


def visited_seq(visited: House) -> int:
    return int(visited.get(CHAIR, f"{CONSOLE}/parts").json()["seq"])


def test_cn4_other_words_than_the_screen_showed_are_refused_and_the_note_is_kept(visited: House) -> None:
    name = proposed(visited, "XBB", ITEMS[3], "item", "first")
    form = forms(visited, CHAIR, on(name)).forms[f"outcome-{name}"]
    seen = json.loads(unescape(form["command"]))
    stale = {**form, "command": json.dumps({**seen, "words": "0" * 16})}
    answer = sent(visited, CHAIR, stale, ruling="agreed", note="Words that took time")
    assert answer.status_code == 409
    assert "Nothing was recorded." in answer.text
    assert 'value="Words that took time"' in answer.text
    assert amendment_of(visited, name).decisions == ()
    assert sent(visited, CHAIR, {**form, "command": "[]"}).status_code == 422
    assert sent(visited, CHAIR, {**form, "key": ""}).status_code == 422
    assert sent(visited, CHAIR, {**form, "command": '{"act": "freeze"}'}).status_code == 422
    command(visited, CHAIR, act="record_outcome", amendment=name, revision=1, ruling="not_retained")


def test_cn5_a_sitting_with_attendance_and_a_call_from_the_question_to_the_decision(visited: House) -> None:
    name = proposed(visited, "XBB", ITEMS[4], "item", "matter")
    opening = forms(visited, CHAIR).forms["open-sitting"]
    assert sent(visited, CHAIR, opening, name="Third session", level="ieg").status_code == 303
    marking = forms(visited, CLERK).forms["attend"]
    ticked = [*marking.items(), ("delegations", "XAA"), ("delegations", "XCC")]
    assert ("delegations", "XUU") in ticked, "a university, which gives views, is on the list"
    body = urlencode([(field, unescape(value)) for field, value in ticked])
    encoded = {"content-type": "application/x-www-form-urlencoded"}
    assert visited.ask(CLERK, "POST", f"{CONSOLE}/commands", content=body, headers=encoded).status_code == 303
    html = page(visited, CHAIR, on(name))
    assert "Third session" in html
    assert "marked by <bdi>Sam Clerk</bdi>" in html
    assert sent(visited, CHAIR, Forms(html).forms["call"], seconds="30").status_code == 303
    call = next(iter(document_of(visited).record.table.values())).id
    command(visited, "m-xaa-1", "XAA", act="answer_call", call=call, answer="need_time", note="Waiting for the capital")
    html = page(visited, CHAIR)
    assert "needs time" in html
    assert "Silent:</span> XCC, XUU" in html
    assert "Waiting for the capital" in html
    assert sent(visited, CHAIR, Forms(html).forms["extend"]).status_code == 303
    assert sent(visited, CHAIR, Forms(html).forms[f"decide-{call}"], ruling="agreed").status_code == 303
    decided = amendment_of(visited, name)
    assert decided.status is Status.AGREED
    assert (decided.decisions[-1].call, decided.decisions[-1].meeting) == (call, "Third session")
    assert "No call for objections is open." in page(visited, CHAIR)
    assert sent(visited, CHAIR, forms(visited, CHAIR).forms["close-sitting"]).status_code == 303


def test_cn5_a_call_whose_text_changed_is_void_and_asks_again(visited: House) -> None:
    stays, goes = (
        proposed(visited, "XBB", ITEMS[5], "item", "topic"),
        proposed(visited, "XCC", ITEMS[5], "stands", "is"),
    )
    items = [{"amendment": name, "revision": 1} for name in (stays, goes)]
    command(visited, CHAIR, act="open_call", call="c-two-of-them", items=items)
    assert "decide-c-two-of-them" in page(visited, CHAIR)
    command(visited, "m-xcc-1", "XCC", act="withdraw", amendment=goes)
    html = page(visited, CHAIR)
    assert "is withdrawn: ask again about the rest." in html
    assert "decide-c-two-of-them" not in html
    assert sent(visited, CHAIR, Forms(html).forms["again"]).status_code == 303
    document = document_of(visited)
    asked = call_bar(document, table(document), cited(document))
    assert asked is not None
    assert [item.key for item in asked.items] == [f"amendment:{stays}"]
    assert not asked.changed
    assert sent(visited, CHAIR, forms(visited, CHAIR).forms["withdraw-call"]).status_code == 303
    assert amendment_of(visited, stays).status is Status.SUBMITTED
    command(visited, CHAIR, act="record_outcome", amendment=stays, revision=1, ruling="not_retained")


def test_cn5_a_set_is_put_by_its_ticks_and_the_bar_follows_the_row(visited: House) -> None:
    """[CN5] Several calls may lie open; the bar shows the one that puts the row looked at, and names the others."""
    one, two, three = (proposed(visited, party, ITEMS[6], "item", "x" * 3) for party in ("XBB", "XCC", "XAA"))
    html = page(visited, CHAIR, on(one))
    ticks = {value["amendment"]: json.dumps(value) for value in map(json.loads, ticked_in(html))}
    asked = Forms(html)
    put = next(value for name, value in asked.buttons["bulk"] if name == "command" and "open_call" in value)
    fields = [*asked.forms["bulk"].items(), ("command", put), ("outcomes", ticks[one]), ("outcomes", ticks[two])]
    encoded = {"content-type": "application/x-www-form-urlencoded"}
    sending = visited.ask(CHAIR, "POST", f"{CONSOLE}/commands", content=urlencode(fields), headers=encoded)
    assert sending.status_code == 303, sending.text
    (pair,) = open_calls(document_of(visited))
    assert [item.amendment for item in pair.items] == [one, two]
    assert not {one, two} & {json.loads(value)["amendment"] for value in ticked_in(page(visited, CHAIR))}
    command(visited, CHAIR, act="open_call", call="c-the-third", items=[{"amendment": three, "revision": 1}])
    for row, shown, other in ((one, pair.id, "c-the-third"), (three, "c-the-third", pair.id)):
        html = page(visited, CHAIR, on(row))
        assert f"decide-{shown}" in html
        assert f"decide-{other}" not in html
        assert "Open too:" in html
    for row in (one, three):
        withdrawing = forms(visited, CHAIR, on(row)).forms["withdraw-call"]
        assert sent(visited, CHAIR, withdrawing).status_code == 303
    for name in (one, two, three):
        command(visited, CHAIR, act="record_outcome", amendment=name, revision=1, ruling="not_retained")


def ticked_in(html: str) -> list[str]:
    """What the ticks of the queue say."""
    return [unescape(value) for value in re.findall(r'name="outcomes" form="bulk-form" value="([^"]+)"', html)]


def test_cn6_only_editorial_ones_are_decided_together(visited: House) -> None:
    name = proposed(visited, "XBB", ITEMS[6], "item", "Item")
    html = page(visited, CHAIR, on(name))
    together = {"command": '{"act": "record_outcomes"}'}
    assert together["command"] not in [value for _, value in Forms(html).buttons["bulk"]]
    (tick,) = [value for value in ticked_in(html) if json.loads(value)["amendment"] == name]
    refused = sent(visited, CHAIR, Forms(html).forms["bulk"], **together, outcomes=tick)
    assert refused.status_code == 409
    assert "Not marked editorial" in refused.text
    assert sent(visited, CHAIR, Forms(html).forms["editorial"]).status_code == 303
    html = page(visited, CHAIR, "?show=editorial")
    (tick,) = ticked_in(html)
    assert together["command"] in [value for _, value in Forms(html).buttons["bulk"]]
    assert sent(visited, CHAIR, Forms(html).forms["bulk"], **together, outcomes=tick).status_code == 303
    assert amendment_of(visited, name).status is Status.AGREED


def test_cn7_paragraphs_as_they_stand_are_ruled_on_one_by_one(visited: House) -> None:
    html = page(visited, CHAIR, "?show=paragraphs")
    assert 'type="checkbox" id="tick' not in html
    first, second = re.findall(r'data-row="(paragraph:[^"]+)"', html)[:2]
    name = first.partition(":")[2]
    form = forms(visited, CHAIR, f"?show=paragraphs&on={first}").forms[f"outcome-{name}"]
    answer = sent(visited, CHAIR, form, state="agreed")
    assert answer.status_code == 303, answer.text
    assert unescape(answer.headers["location"]).endswith(f"on={second.replace(':', '%3A')}&show=paragraphs")
    assert document_of(visited).record.paragraph(ParagraphId(name)).state is ParagraphState.AGREED


def test_cn7_what_the_group_agreed_is_confirmed_paragraph_by_paragraph_in_the_plenary(visited: House) -> None:
    """[CN7] [D8]"""
    row = f"paragraph:{ITEMS[6]}"
    for level in ("ieg", "plenary"):
        command(visited, CHAIR, act="open_sitting", name=f"Of {level}", level=level)
        html = page(visited, CHAIR, "?show=paragraphs")
        assert f'data-row="{row}"' in html
        if level == "ieg":
            command(visited, CHAIR, act="consider_paragraph", paragraph=ITEMS[6], state="agreed")
            assert f'data-row="{row}"' not in page(visited, CHAIR, "?show=paragraphs")
            assert f"confirm-{ITEMS[6]}" not in page(visited, CHAIR, f"?on={row}")
        else:
            confirming = forms(visited, CHAIR, f"?on={row}").forms[f"confirm-{ITEMS[6]}"]
            assert sent(visited, CHAIR, confirming, state="agreed").status_code == 303
            assert f'data-row="{row}"' not in page(visited, CHAIR, "?show=paragraphs")
        command(visited, CHAIR, act="close_sitting")
    decisions = document_of(visited).record.paragraph(ParagraphId(ITEMS[6])).decisions
    assert [str(one.level) for one in decisions][-2:] == ["ieg", "plenary"]


def test_cn8_a_script_is_sent_the_parts_that_changed_and_no_others(visited: House) -> None:
    html = page(visited, CHAIR)
    tags = "".join(re.findall(r'data-tag="([0-9a-f]{8})"', html))
    assert visited.get(CHAIR, f"{CONSOLE}/parts?have={tags}").json()["parts"] == {}
    name = proposed(visited, "XCC", ITEMS[4], "stands", "remains")
    fresh = visited.get(CHAIR, f"{CONSOLE}/parts?have={tags}").json()
    assert f"q-{ITEMS[4]}" in fresh["parts"]
    assert f"q-{ITEMS[4]}" in fresh["queue"]
    assert not {"sitting", "record", "call", "history"} & fresh["parts"].keys()
    assert visited.get(CHAIR, f"{CONSOLE}/parts?have={'0' * 1700}").status_code == 400
    command(visited, CHAIR, act="record_outcome", amendment=name, revision=1, ruling="not_retained")


def test_cn8_find_and_an_empty_queue_say_so(visited: House) -> None:
    assert "Nothing fits" in page(visited, CHAIR, "?find=zebra")
    html = visited.get(CHAIR, f"/opinions/{SECOND}/console").text
    assert "Nothing is before the meeting" in html
    assert "Nothing is taken up" in html
    assert WORDS in visited.get(CHAIR, f"/opinions/{SECOND}/console?show=paragraphs&on=paragraph:{ITEM}").text


def test_cn1_a_form_says_the_command_that_a_script_would_send() -> None:
    geneva = ZoneInfo("Europe/Zurich")
    fields = [
        ("command", '{"act": "record_outcome", "amendment": "a-1", "revision": 2}'),
        ("ruling", "agreed"),
        ("asked_by", "ken, BRA"),
        ("until", "2026-06-09T15:30"),
        ("others:a-2", ""),
        ("others:a-3", '{"amendment": "a-3"}'),
        ("note", "  "),
        ("key", "k"),
    ]
    assert command_of(fields, geneva) == {
        "act": "record_outcome",
        "amendment": "a-1",
        "revision": 2,
        "ruling": "agreed",
        "asked_by": ["KEN", "BRA"],
        "until": "2026-06-09T15:30:00+02:00",
        "others": [{"amendment": "a-3"}],
    }
    assert "others" not in command_of([*fields, ("ruling", "not_retained")], geneva)
    ticks = [("outcomes", '{"amendment": "a-1", "revision": 2, "ruling": "agreed"}')]
    assert command_of([("command", '{"act": "open_call"}'), *ticks], geneva) == {
        "act": "open_call",
        "items": [{"amendment": "a-1", "revision": 2}],
    }
    with pytest.raises(Unfit, match="day and the time"):
        command_of([*fields[:1], ("until", "tomorrow")], geneva)


def test_cn8_the_largest_table_is_quick_and_comes_in_windows_of_a_hundred() -> None:
    """[Scale] 500 amendments: a page of the queue and what is on the floor within 300 ms of processor time."""
    full = full_table()
    before = time.process_time()
    found, names = table(full), cited(full)
    shown = window(full, found, names, look_of("/console", {"page": "2"}), None)
    before_floor = floor(Around(full, found, names, {}), shown.keys[0])
    running_record(full, names)
    assert time.process_time() - before < 0.3
    assert before_floor is not None
    assert len(shown.keys) == WINDOW
    assert (shown.first, shown.last, shown.whole, shown.pages) == (101, 200, AMENDMENTS, 5)
    assert len(set(shown.keys)) == WINDOW
