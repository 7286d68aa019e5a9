"""What is new since one last looked: against a mark of how an Opinion stood, and on its page and the dashboard."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from opinions.errors import InvalidCommand
from opinions.model import AmendmentId
from opinions.news import Frozen, NewsKind, mark_from_json, mark_of, mark_to_json, news
from opinions.on_table import Call, CalledItem
from opinions.record import Attitude, Decision, Document, Record, Ruling, Stance, Status
from opinions.statuses import CallState
from server.post.looks import SAME_LOOK, forget_marks
from server.post.news_words import line
from server.settings import Settings
from server.tables.post import looks, marks
from tests.support.builders import amendment, at, document, ins, item, struck
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.strategies import documents
from tests.support.visitors import House, house

FIRST = "p-item-00002"


def stood() -> Document:
    """Two paragraphs, an amendment on the first."""
    return document(
        item(ITEM, "that ", struck("a-1", "all"), ins("a-1", "many"), " agree,"),
        item(FIRST, "that others wait,"),
        amendments=[amendment("a-1", "XAA")],
        labels={ITEM: "a)", FIRST: "b)"},
    )


def with_amendment(before: Document, name: str, **changes: Any) -> Document:
    """The document with an amendment's record changed."""
    entries = dict(before.record.amendments)
    entries[AmendmentId(name)] = replace(entries[AmendmentId(name)], **changes)
    return Document(before.text, Record(entries, before.record.paragraphs, before.record.opinion))


def called(before: Document, name: str, state: CallState = CallState.OPEN) -> Document:
    """The document with a call for objections to its amendment, beside those that it has."""
    call = Call(name, (CalledItem(AmendmentId("a-1"), 1),), at(3), "Rosa Chair", state=state)
    return Document(before.text, replace(before.record, table={**before.record.table, f"call:{name}": call}))


def kinds(before: Document, after: Document, *versions: Frozen) -> list[NewsKind]:
    """The kinds of news between two documents."""
    return [one.kind for one in news(mark_of(before, 0), after, versions)]


def test_nothing_is_new_when_nothing_happened() -> None:
    assert kinds(stood(), stood()) == []


def test_each_thing_that_happens_is_told_once_and_by_its_name() -> None:
    before = stood()
    decision = Decision(Ruling.AGREED, 1, at(5), "Rosa Chair", "Rosa Chair", "as read out")
    stance = Stance("XBB", Attitude.RESERVE, "revision 1")
    told = {
        NewsKind.REVISED: with_amendment(before, "a-1", revision=2),
        NewsKind.WITHDRAWN: with_amendment(before, "a-1", status=Status.WITHDRAWN),
        NewsKind.OUTCOME: with_amendment(before, "a-1", status=Status.SET_ASIDE, decisions=(decision,)),
        NewsKind.POSITION: with_amendment(before, "a-1", stances=(stance,)),
        NewsKind.CALLED: called(before, "c-first"),
    }
    for kind, after in told.items():
        (one,) = news(mark_of(before, 0), after, ())
        assert one.kind is kind
        assert one.cited.endswith("a)")
        assert kinds(after, after) == []
    lines = {kind: line(news(mark_of(before, 0), after, ())[0], after) for kind, after in told.items()}
    assert lines == {
        NewsKind.REVISED: "XAA #1, revision 2: replace “all” by “many”",
        NewsKind.WITHDRAWN: "XAA #1 was withdrawn",
        NewsKind.OUTCOME: "XAA #1: Agreed (as read out)",
        NewsKind.POSITION: "XBB reserves its position on XAA #1",
        NewsKind.CALLED: "XAA #1: replace “all” by “many”",
    }
    assert kinds(document(), before)[-2:] == [NewsKind.ADDED, NewsKind.ADDED]
    assert kinds(before, before, Frozen(1, "First draft", at(9))) == [NewsKind.FROZEN]


def test_a_call_is_news_while_it_lies_open() -> None:
    before = called(stood(), "c-first")
    assert kinds(before, called(before, "c-other")) == [NewsKind.CALLED]
    assert kinds(stood(), called(stood(), "c-first", CallState.WITHDRAWN)) == []
    kept_no_calls = mark_from_json('{"versions":0,"paragraphs":{},"amendments":{}}')
    assert NewsKind.CALLED not in {one.kind for one in news(kept_no_calls, before, ())}


def test_words_that_are_only_proposed_leave_the_agreed_text_as_it_was() -> None:
    plain = document(item(ITEM, "that all agree,"), item(FIRST, "that others wait,"))
    assert kinds(plain, stood()) == [NewsKind.SUBMITTED]
    agreed = document(item(ITEM, "that many agree,"), item(FIRST, "that others wait,"))
    assert kinds(plain, agreed) == [NewsKind.WORDS]
    assert kinds(plain, document(item(ITEM, "that all agree,"))) == [NewsKind.REMOVED]


def test_a_draft_is_no_news() -> None:
    plain = document(item(ITEM, "that all agree,"))
    words = item(ITEM, "that ", ins("a-9", "almost "), "all agree,")
    draft = document(words, amendments=[amendment("a-9", "XAA", status=Status.DRAFT)])
    assert kinds(plain, draft) == []


@given(documents())
def test_a_mark_holds_what_the_news_need_and_no_words(drawn: Document) -> None:
    written = mark_to_json(mark_of(drawn, 3))
    assert mark_from_json(written) == mark_of(drawn, 3)
    assert news(mark_from_json(written), drawn, ()) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"versions":1,"paragraphs":[],"amendments":{}}', '{"amendments":1}'])
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(InvalidCommand):
        mark_from_json(text)


# --- pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app on stocked data."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("news") / "data")) as running:
        yield running


def command(pages: House, who: str, opinion: str, key: str, **fields: Any) -> dict[str, Any]:
    """A command by HTTP."""
    answer = pages.ask(who, "POST", f"/api/opinions/{opinion}/commands", json={"key": key, **fields})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def propose(pages: House, who: str, party: str, opinion: str, name: str, was: str, text: str, at: int = 0) -> None:
    """An amendment entered ready made."""
    proposal = {
        "amendment": name,
        "delegation": party,
        "kind": "MOD",
        "paragraph": ITEM,
        "replacements": [{"start": at, "end": at + len(was), "was": was, "text": text}],
    }
    command(pages, who, opinion, f"k-{name}", act="enter_proposals", proposals=[proposal], party=party)


def test_the_page_tells_since_the_last_look_and_the_dashboard_counts(pages: House) -> None:
    address = f"/opinions/{OPINION}/new"
    assert "first look" in pages.get("m-xaa-1", address).text
    assert "Nothing new" in pages.get("m-xaa-1", "/").text
    propose(pages, "m-xbb-1", "XBB", OPINION, "a-news-0001", "that", "which")
    assert "1 new" in pages.get("m-xaa-1", "/").text
    back = {"at": datetime.now(UTC) - SAME_LOOK - timedelta(minutes=1)}
    pages.write(lambda c: c.execute(update(looks).values(back)).rowcount)
    for _ in range(2):
        told = pages.get("m-xaa-1", address).text
        assert "XBB #1: replace “that” by “which”" in told, "also when it is loaded again"
    assert "Nothing new" in pages.get("m-xaa-1", "/").text
    pages.write(lambda c: c.execute(update(looks).values(back)).rowcount)
    told = pages.get("m-xaa-1", address).text
    assert "Nothing is new" in told
    assert "What was new before that" in told
    assert "replace “that” by “which”" in told


def test_what_comes_while_one_looks_is_seen_with_the_next_load(pages: House) -> None:
    address = f"/opinions/{SECOND}/new"
    pages.get("m-xbb-2", address)
    for number, (was, text) in enumerate((("broadband", "which"), ("that", "access")), 1):
        propose(pages, "m-xdd-1", "XDD", SECOND, f"a-look-{number:04}", was, text, WORDS.index(was))
        assert f"by “{text}”" in pages.get("m-xbb-2", address).text
        assert "new</b>" not in pages.get("m-xbb-2", "/").text
    assert "by “which”" in pages.get("m-xbb-2", address).text


def test_who_may_not_read_the_sitting_is_told_nothing(pages: House) -> None:
    for who in ("m-obs", "m-views", "m-admin"):
        assert pages.get(who, f"/opinions/{OPINION}/new").status_code == 403
        assert "new</b>" not in pages.get(who, "/").text


def test_marks_that_nobody_needs_are_dropped(pages: House) -> None:
    pages.get("m-xcc-1", f"/opinions/{SECOND}/new")
    pages.write(lambda c: c.execute(looks.delete()).rowcount)
    pages.write(forget_marks)
    assert pages.write(lambda c: c.execute(select(marks)).all()) == []


@given(st.integers(0, 3))
def test_versions_are_told_from_the_mark_on(frozen: int) -> None:
    versions = [Frozen(number, f"Draft {number}", at(number)) for number in range(1, 4)]
    told = news(mark_of(stood(), frozen), stood(), versions)
    assert [one.version.number for one in told if one.version] == list(range(frozen + 1, 4))
