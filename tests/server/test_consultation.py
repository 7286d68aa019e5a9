"""Rounds and members' comments: opened, moved, closed by the clock, answered, carried to the living text."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from opinions.consultation import MAX_MEMBER_COMMENTS, Disposition, State
from server.consultation.comments import comments_of_round, history_of, load_comment
from server.consultation.rounds import load_round
from server.routes import TABLE
from server.settings import Settings
from server.tables.identity import audit_events
from tests.server.test_permissions import address, socket_refusal
from tests.support.consulting import HOUR, command, frozen, local, put_up, said, shift
from tests.support.stock import CHAPEAU, ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import ORIGIN, House, house

SIXTH = "p-item-00006"
SEVENTH = "p-item-00007"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        frozen(started)
        yield started


@pytest.fixture
def round_id(running: House) -> str:
    return put_up(running)


def told(running: House) -> list[str]:
    return running.write(lambda c: list(c.scalars(select(audit_events.c.detail).order_by(audit_events.c.id))))


def base(round_id: str) -> str:
    return f"/consultation/{round_id}/opinions/{OPINION}"


# --- rounds


def test_cn1_a_round_is_put_up_on_versions_and_never_on_the_living_draft(running: House) -> None:
    """[CN1]"""
    now = datetime.now(UTC)
    form = {"name": "R", "audience": "members", "showing": "together", "opens": local(now), "closes": local(now + HOUR)}
    for texts in ([], [f"{SECOND}/1"], [f"{OPINION}/99"], [OPINION], ["x/1"], [f"{OPINION}/1/1"]):
        page = running.post("m-sec", "/consultation/new", {**form, "text": texts})
        assert page.status_code == 422, texts
        assert "Nothing was saved yet" in page.text
    for wrong in ({"opens": "soon"}, {"closes": local(now - HOUR)}, {"name": ""}, {"audience": "all"}):
        refused = running.post("m-sec", "/consultation/new", {**form, "text": [f"{OPINION}/1"], **wrong})
        assert refused.status_code == 422, wrong
    assert running.get("m-sec", "/consultation/new").text.count('name="text"') == 1, "one version is all there is"


def test_cn1_dates_are_those_of_the_meeting_s_zone_and_change_with_their_history(running: House) -> None:
    """[CN1]"""
    round_id = put_up(running, opens="2025-03-31T09:00", closes="2025-06-16T18:00")
    found = running.write(lambda c: load_round(c, round_id))
    assert found.dates.closes_at == datetime(2025, 6, 16, 16, tzinfo=UTC)
    path = f"/consultation/{round_id}/dates"
    form = {"opens": "2025-03-31T09:00", "closes": "2025-06-20T18:00", "reason": ""}
    assert "Give the reason" in running.post("m-sec", path, form).text
    assert running.post("m-sec", path, {**form, "reason": "Asked for by XBB"}).status_code == 303
    page = running.get("m-xaa-1", f"/consultation/{round_id}").text
    assert "20 Jun 2025, 18:00 Geneva" in page
    assert "Asked for by XBB" in page
    assert "16 Jun 2025, 18:00 Geneva" in page, "what it was stays to be read"
    assert any("Asked for by XBB" in one for one in told(running))


def test_cn1_a_round_closes_by_the_clock_or_before(running: House, round_id: str) -> None:
    """[CN1] No job closes it: the same round, a later moment."""
    now = datetime.now(UTC)
    found = running.write(lambda c: load_round(c, round_id))
    assert [found.phase(now + n * HOUR).value for n in (-2, 0, 25)] == ["ahead", "open", "closed"]
    path = f"/consultation/{round_id}/dates"
    form = {"opens": local(now), "closes": local(now + HOUR), "reason": "Enough", "step": "close"}
    assert running.post("m-sec", path, form).status_code == 303
    assert "Closed" in running.get("m-xaa-1", f"/consultation/{round_id}").text


def test_there_is_nothing_where_no_round_is(running: House) -> None:
    for path in ("/consultation/r-none", "/consultation/r-none/export", "/comments/c-none", base("r-none")):
        assert running.get("m-xaa-1", path).status_code == 404
    for path in ("dates", "moderation", "publication"):
        assert running.post("m-sec", f"/consultation/r-none/{path}").status_code == 404


# --- comments


def test_cn3_a_comment_stands_at_its_paragraph_with_its_number_and_its_delegation(
    running: House, round_id: str
) -> None:
    """[CN3]"""
    said(running, "m-views", round_id, "Say who pays.\n\nAnd when.", proposed="that all who pay say so,")
    said(running, "m-xbb-1", round_id, "On all of it.", paragraph="")
    page = running.get("m-xaa-1", base(round_id)).text
    assert "C-1" in page
    assert "Vera Views, University of Umbra" in page
    assert page.index(WORDS) < page.index("Say who pays.") < page.index("that item 2 stands")
    assert "And when." in page
    assert page.index("On all of it.") < page.index("The Forum,"), "what is said of the whole comes first"
    observed = running.get("m-obs", base(round_id)).text
    assert "University of Umbra" in observed
    assert "Vera Views" not in observed, "names of persons are never shown to observers"


def test_cn3_a_comment_is_on_a_paragraph_of_that_version(running: House, round_id: str) -> None:
    """[CN3]"""
    form = {"language": "English", "body": "x"}
    path = f"{base(round_id)}/comment"
    assert running.post("m-views", path, {**form, "paragraph": "p-none"}).status_code in {404, 422}
    assert running.get("m-views", f"{path}?paragraph=p-none").status_code == 404
    other = f"/consultation/{round_id}/opinions/{SECOND}/comment"
    assert running.post("m-views", other, form).status_code == 404
    assert running.post("m-views", path, {**form, "body": " "}).status_code == 422
    assert running.post("m-views", path, {**form, "body": "x" * 5_001}).status_code == 422
    kept = running.post("m-views", path, {**form, "language": "", "body": "Do not lose me"})
    assert kept.status_code == 422
    assert "Do not lose me" in kept.text


def test_cn2_its_author_alone_edits_and_withdraws_until_the_round_closes(running: House, round_id: str) -> None:
    """[CN2]"""
    comment = said(running, "m-views", round_id, "First words")
    for who in ("m-xaa-1", "m-sec", "m-chair"):
        assert running.post(who, f"/comments/{comment}/edit", {"body": "Mine now", "language": "x"}).status_code == 404
        assert running.post(who, f"/comments/{comment}/withdrawal").status_code == 404
    edited = {"body": "Better words", "language": "English", "proposed": ""}
    assert running.post("m-views", f"/comments/{comment}/edit", edited).status_code == 303
    assert "Better words" in running.get("m-xaa-1", base(round_id)).text
    shift(running, round_id, -2 * HOUR, -HOUR)
    late = running.post("m-views", f"/comments/{comment}/edit", {**edited, "body": "Too late"})
    assert late.status_code == 422
    assert running.post("m-views", f"/comments/{comment}/withdrawal").status_code == 409
    shift(running, round_id, -2 * HOUR, HOUR)
    assert running.post("m-views", f"/comments/{comment}/withdrawal").status_code == 303
    assert "Better words" not in running.get("m-xaa-1", base(round_id)).text
    acts = [one.act for one in running.write(lambda c: history_of(c, comment))]
    assert acts == ["made", "edited", "withdrawn"]


def test_cn2_a_member_s_late_comment_is_taken_and_marked(running: House, round_id: str) -> None:
    """[CN2]"""
    shift(running, round_id, HOUR, 2 * HOUR)
    early = running.post("m-views", f"{base(round_id)}/comment", {"body": "Early", "language": "English"})
    assert early.status_code == 422
    shift(running, round_id, -2 * HOUR, -HOUR)
    comment = said(running, "m-views", round_id, "I was on the road")
    assert running.write(lambda c: load_comment(c, comment)).late
    assert ">Late<" in running.get("m-xaa-1", base(round_id)).text


def test_a_member_s_comments_in_a_round_are_limited(
    running: House, round_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_MEMBER_COMMENTS == 200
    monkeypatch.setattr("server.consultation.comments.MAX_MEMBER_COMMENTS", 2)
    for words in ("One.", "Another."):
        said(running, "m-xcc-1", round_id, words)
    refused = running.post("m-xcc-1", f"{base(round_id)}/comment", {"body": "One more", "language": "English"})
    assert refused.status_code == 422
    assert "the most" in refused.text


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        ("2026-03-28T09:00", "2026-03-29T02:30", ""),
        ("2026-10-25T02:30", "2026-10-25T02:30", "2026-10-25T00:30:00+00:00 2026-10-25T01:30:00+00:00"),
        ("2026-03-29T01:59", "2026-03-29T03:00", "2026-03-29T00:59:00+00:00 2026-03-29T01:00:00+00:00"),
        ("2026-10-25T03:00", "2026-10-25T02:59", ""),
    ],
)
def test_a_round_s_hours_are_those_of_the_night_in_which_clocks_are_put(
    running: House, opens: str, closes: str, told: str
) -> None:
    """A time that the night does not have is refused; one that it has twice opens a round early and closes it late."""
    frozen(running)
    form = {"name": "Night", "audience": "members", "showing": "together", "languages": "", "introduction": ""}
    answer = running.post(
        "m-sec", "/consultation/new", {**form, "opens": opens, "closes": closes, "text": [f"{OPINION}/1"]}
    )
    assert answer.status_code == (303 if told else 422)
    if not told:
        assert 'href="#field-closes"' in answer.text
        return
    round_id = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    dates = running.write(lambda connection: load_round(connection, round_id)).dates
    assert f"{dates.opens_at.isoformat()} {dates.closes_at.isoformat()}" == told
    # Looked at and sent back as they are, they are the same dates.
    page = running.get("m-sec", f"/consultation/{round_id}/dates").text
    assert f'value="{opens}"' in page
    same = running.post("m-sec", f"/consultation/{round_id}/dates", {"opens": opens, "closes": closes, "reason": "x"})
    assert "dates of the round already" in same.text


def test_cn3_the_chair_comments_as_the_chair_and_for_no_delegation(running: House, round_id: str) -> None:
    """[CN3]"""
    said(running, "m-chair", round_id, "From the chair")
    said(running, "m-sec", round_id, "From the office")
    page = running.get("m-xaa-1", base(round_id)).text
    assert "Rosa Chair, Chair" in page
    assert "Sam Clerk, Secretariat" in page


def test_a_page_shows_so_many_comments_and_says_where_the_others_are(
    running: House, round_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pages.comments.AT_ONE_PLACE", 2)
    monkeypatch.setattr("server.pages.answers.ROWS_AT_ONCE", 2)
    for number in range(5):
        said(running, "m-xbb-1", round_id, f"View number {number}")
    page = running.get("m-xaa-1", base(round_id)).text
    assert "View number 1" in page
    assert "View number 2" not in page
    assert "3 more comments" in page
    answers = [running.get("m-chair", f"{base(round_id)}/answers?page={number}").text for number in (1, 2, 3, 9, "x")]
    assert [text.count('name="comment"') for text in answers] == [2, 2, 1, 1, 2]
    assert "Page 2 of 3" in answers[1]
    last = re.search(r'name="comment" value="([^"]+)"', answers[2])
    assert last
    first = running.get("m-chair", f"{base(round_id)}/answers?comment={last[1]}").text
    assert re.search(rf'value="{last[1]}" checked', first), "what was chosen is there, on whatever page it stands"


def test_files_of_a_member_are_downloads_and_of_the_kinds_that_are_taken(running: House, round_id: str) -> None:
    form = {"paragraph": "", "language": "English", "body": "See the file"}
    path = f"{base(round_id)}/comment"
    html = running.ask("m-views", "POST", path, data=form, files=[("files", ("a.pdf", b"<html>\x01"))])
    assert html.status_code == 422
    four = [("files", (f"{n}.txt", b"words")) for n in range(4)]
    assert "At most 3 files" in running.ask("m-views", "POST", path, data=form, files=four).text
    files = [("files", ('we"ird\\..\\na\nme.exe', b"%PDF-1.7 x"))]
    assert running.ask("m-views", "POST", path, data=form, files=files).status_code == 303
    found = running.write(lambda c: comments_of_round(c, round_id, tuple(State)))[-1]
    address = f"/comments/{found.id}/files/{found.files[0].id}"
    given = running.get("m-obs", address)
    assert given.status_code == 200
    assert given.content == b"%PDF-1.7 x"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["content-disposition"].endswith('.pdf"')
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in given.headers["content-security-policy"]
    assert running.get(None, address).status_code == 303
    assert running.get("m-obs", f"/comments/{found.id}/files/f-none").status_code == 404


# --- what became of them


def test_cn5_the_chair_says_what_became_of_several_and_the_text_is_as_it_was(running: House, round_id: str) -> None:
    """[CN5]"""
    before = running.get("m-xaa-1", f"/opinions/{OPINION}/views/rolling").text
    first, second = (said(running, "m-views", round_id, f"View {n}") for n in (1, 2))
    path = f"{base(round_id)}/answers"
    form = {"comment": [first, second], "disposition": "accepted", "place": "", "reason": "", "merged": ""}
    assert "Say where" in running.post("m-chair", path, form).text
    assert running.post("m-chair", path, {**form, "place": "#3"}).status_code == 303
    again = {**form, "comment": [second], "disposition": "merged", "merged": "C-1"}
    assert running.post("m-sec", path, again).status_code == 303
    assert running.post("m-sec", path, {**again, "comment": [first], "merged": "C-2"}).status_code == 422
    kept = running.write(lambda c: [load_comment(c, one).answer for one in (first, second)])
    assert [(one.disposition, one.place, one.merged) for one in kept] == [
        (Disposition.ACCEPTED, "#3", None),
        (Disposition.MERGED, "", 1),
    ]
    history = [one.detail for one in running.write(lambda c: history_of(c, second)) if one.act == "answered"]
    assert history == ["accepted: #3", "merged with C-1"]
    page = running.get("m-views", base(round_id)).text
    assert "Merged with C-1" in page
    assert running.get("m-xaa-1", f"/opinions/{OPINION}/views/rolling").text == before
    assert any(one == "C-1, C-2: accepted: #3" for one in told(running))
    counts = running.get("m-xaa-1", f"/consultation/{round_id}").text
    assert "<dt>Accepted</dt><dd>1</dd>" in counts
    assert "<dt>Merged</dt><dd>1</dd>" in counts
    for nobody in ([], ["c-none"]):
        assert running.post("m-sec", path, {**form, "comment": nobody, "place": "#3"}).status_code == 422


# --- the living text


def test_cn4_comments_are_carried_to_where_their_paragraphs_are_now(running: House, round_id: str) -> None:
    """[CN4] Moved, joined to another, gone: each is found, or listed under its old label."""
    for paragraph, words in ((ITEM, "On the first"), (SEVENTH, "On the seventh"), (SIXTH, "On the sixth")):
        said(running, "m-views", round_id, words, paragraph=paragraph)
    said(running, "m-views", round_id, "On the chapeau", paragraph=CHAPEAU)
    command(running, "m-sec", act="move_paragraph", paragraph=ITEM, after=SEVENTH)
    command(running, "m-sec", act="join_paragraph", paragraph="p-item-00005")
    command(
        running, "m-sec", act="correct_text", paragraph=CHAPEAU, start=0, end=10, was="The Forum,", text="The WTPF,"
    )
    page = running.get("m-views", f"/opinions/{OPINION}/comments").text
    assert page.index("On the seventh") < page.index(WORDS) < page.index("On the first"), "it went with its paragraph"
    assert page.index("The WTPF,") < page.index("On the chapeau") < page.index("that item 2 stands")
    assert page.index("that item 5 stands,that item 6 stands,") < page.index("On the sixth") < page.index("On the sev")
    assert "found by its words" in page
    assert "C-1" in running.get("m-obs", f"/opinions/{OPINION}/comments").text
    assert running.get("m-admin", f"/opinions/{OPINION}/comments").status_code == 403


def test_cn4_a_paragraph_that_is_gone_keeps_its_comments_under_its_old_label(running: House, round_id: str) -> None:
    """[CN4]"""
    said(running, "m-xbb-1", round_id, "On the second", paragraph="p-item-00002")
    words = "that item 2 stands,"
    cut: dict[str, Any] = {"paragraph": "p-item-00002", "start": 0, "end": len(words), "was": words, "text": "Noted."}
    command(running, "m-sec", act="correct_text", **cut)
    assert "no longer in the text" not in running.get("m-xaa-1", f"/opinions/{OPINION}/comments").text, "the id stays"
    command(running, "m-sec", act="retype_paragraph", paragraph=CHAPEAU, kind="preambular_item", level=0)
    command(running, "m-sec", act="join_paragraph", paragraph=CHAPEAU)
    page = running.get("m-xaa-1", f"/opinions/{OPINION}/comments").text
    assert "the paragraph is no longer in the text" in page
    assert page.index("No longer in the text") < page.index("On the second")


def test_the_living_text_with_comments_is_closed_with_the_sitting(running: House) -> None:
    path = f"/opinions/{OPINION}/comments"
    command(running, "m-chair", act="admit_observers", on=False)
    asked = [running.get(who, path).status_code for who in ("m-views", "m-obs", "m-xaa-1")]
    command(running, "m-chair", act="admit_observers", on=True)
    assert asked == [403, 403, 200]
    assert running.get("m-views", path).status_code == 200


# --- who gives views


def test_who_gives_views_finds_what_there_is_to_do(running: House, round_id: str) -> None:
    said(running, "m-views", round_id, "My only view")
    home = running.get("m-views", "/").text
    assert f"/consultation/{round_id}" in home
    assert "Give views" in home
    assert f"/opinions/{OPINION}/versions" in home
    assert "My only view" in running.get("m-views", "/consultation").text
    assert "Give views" not in running.get("m-xaa-1", "/").text


def test_no_route_takes_a_word_of_who_gives_views_into_a_text(running: House, round_id: str) -> None:
    """Every address asked as somebody who gives views, with words in every field that any of them reads: no log of an
    Opinion grows, and none of its texts changes.
    """
    poison = "POISONED"
    names = "text body title words name reason place proposed label paragraph opinion act key command party".split()
    filled = dict.fromkeys(names, poison)
    logs = running.write(
        lambda c: [tuple(row) for row in c.exec_driver_sql("SELECT id, seq, head_hash FROM documents")]
    )
    for entry in TABLE:
        if entry.path.endswith("/events") or entry.path == "/sign-out" or "session" in entry.path:
            continue
        path = address(entry.path).replace("r-none", round_id)
        running.ask("m-views", entry.method, path, data=filled if entry.method != "GET" else None)
        if entry.method != "GET":
            body = {"act": "insert_paragraph", "paragraph": "p-x", "after": ITEM, "kind": "paragraph", "key": "k-x"}
            running.ask("m-views", entry.method, path, json={**filled, **body, "text": poison})
    assert socket_refusal(running.client, running.stock["m-views"].token, ORIGIN) == 4403
    after = running.write(
        lambda c: [tuple(row) for row in c.exec_driver_sql("SELECT id, seq, head_hash FROM documents")]
    )
    assert after == logs
    for opinion in (OPINION, SECOND):
        assert poison not in running.get("m-sec", f"/opinions/{opinion}/views/rolling").text


def test_a_withdrawn_or_unseen_comment_is_for_nobody_else(running: House, round_id: str) -> None:
    comment = said(running, "m-views", round_id)
    running.post("m-views", f"/comments/{comment}/withdrawal")
    assert running.get("m-xaa-1", f"/comments/{comment}").status_code == 404
    assert running.get("m-views", f"/comments/{comment}").status_code == 200
    assert "Withdrawn" in running.get("m-sec", f"/comments/{comment}").text
