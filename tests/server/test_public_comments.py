"""Comments of the public: sent by a form, confirmed by a letter's link, judged, published, taken out."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from types import MappingProxyType

import pytest
from httpx2 import Response
from sqlalchemy import func, select, update

from opinions.consultation import CONSENT, State
from server.consultation import public
from server.consultation.attachments import checked
from server.consultation.comments import comments_of_round, history_of, load_comment
from server.consultation.limits import PublicLimits
from server.consultation.stamps import LONGEST, Stamped, read_stamp, stamp
from server.errors import ServerError
from server.routes import TABLE
from server.routing.consultation import LINK
from server.security import RateLimit
from server.settings import Settings
from server.tables.consultation import comment_files, comments
from server.tables.identity import audit_events
from server.tables.papers import files
from server.tables.post import letters
from server.visit import PUBLIC
from server.work import Tools, forget
from tests.support.consulting import (
    FRESH,
    HOUR,
    confirmed,
    frozen,
    link,
    newest,
    old_stamp,
    put_up,
    said,
    send,
    shift,
)
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

ARABIC = "من يدفع ثمن ذلك؟\n\nوأين المناطق الريفية؟"
PDF = b"%PDF-1.7 words"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        frozen(started)
        yield started


@pytest.fixture
def round_id(running: House) -> str:
    """A round of the test's own; whatever limits others used up are fresh."""
    object.__setattr__(running.services, "public_limits", PublicLimits())
    running.write(lambda c: c.execute(update(comments).values(email="", made_at=datetime.now(UTC) - 2 * HOUR)))
    return put_up(running)


def words_of(page: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def count(running: House, round_id: str) -> int:
    chosen = select(func.count()).where(comments.c.round == round_id)
    return running.write(lambda c: c.scalar(chosen)) or 0


# --- the way of one comment


def test_cn6_nobody_sees_a_comment_before_its_address_is_confirmed_and_it_was_looked_at(
    running: House, round_id: str
) -> None:
    """[CN6]"""
    sent = send(running, round_id, language="العربية", body=ARABIC)
    assert sent.status_code == 200
    assert "maria@example.org" in sent.text
    everywhere = (
        ("m-sec", f"/consultation/{round_id}/moderation"),
        ("m-sec", f"/consultation/{round_id}/opinions/{OPINION}"),
        ("m-xaa-1", f"/opinions/{OPINION}/comments"),
        (None, f"/consultations/{round_id}"),
    )
    for who, path in everywhere:
        assert "من يدفع" not in running.get(who, path).text, path
    path = link(running)
    looked = running.get(None, path)
    assert "من يدفع" in looked.text, "its author sees what is confirmed"
    assert running.get(None, path).status_code == 200, "looking confirms nothing: mail scanners open links"
    comment = newest(running)
    assert running.write(lambda c: load_comment(c, comment)).number is None
    assert running.post(None, path).status_code == 303
    assert running.post(None, path).status_code == 303, "confirming twice is confirming once"
    assert running.write(lambda c: load_comment(c, comment)).cited == "C-1"
    assert "من يدفع" in running.get("m-sec", f"/consultation/{round_id}/moderation").text
    for who, path in everywhere[2:]:
        assert "من يدفع" not in running.get(who, path).text, path
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment], "act": "show"})
    assert '<p dir="auto">من يدفع ثمن ذلك؟</p>' in running.get("m-xaa-1", f"/opinions/{OPINION}/comments").text
    assert "من يدفع" not in running.get(None, f"/consultations/{round_id}").text, "the round is not published yet"
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    page = running.get(None, f"/consultations/{round_id}")
    assert page.text.index(WORDS) < page.text.index("من يدفع")
    assert "Maria Example" in page.text
    assert "maria@example.org" not in page.text
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "no"})
    assert "من يدفع" not in running.get(None, f"/consultations/{round_id}").text
    noted = running.write(lambda c: list(c.scalars(select(audit_events.c.detail))))
    assert {"Comments published", "Comments taken back from the public"} <= set(noted)


def test_cn6_a_round_can_show_comments_as_they_come(running: House, round_id: str) -> None:
    """[CN6]"""
    round_id = put_up(running, showing="as_they_come")
    comment = confirmed(running, round_id)
    assert "Say who pays" not in running.get(None, f"/consultations/{round_id}").text
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment], "act": "show"})
    assert "Say who pays" in running.get(None, f"/consultations/{round_id}").text


def test_cn6_what_is_set_aside_stays_on_record_with_the_reason(running: House, round_id: str) -> None:
    """[CN6]"""
    comment = confirmed(running, round_id, body="Buy my watches")
    path = f"/consultation/{round_id}/moderation"
    assert "Give the reason" in running.post("m-sec", path, {"comment": [comment], "act": "set_aside"}).text
    assert running.post("m-sec", path, {"act": "show"}).status_code == 422
    assert (
        running.post("m-sec", path, {"comment": [comment], "act": "set_aside", "reason": "An advert"}).status_code
        == 303
    )
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    public_page = running.get(None, f"/consultations/{round_id}").text
    assert "Buy my watches" not in public_page
    assert "An advert" not in public_page
    assert running.get("m-xaa-1", f"/comments/{comment}").status_code == 404
    assert "An advert" in running.get("m-sec", f"/comments/{comment}").text
    assert "Buy my watches" in running.get("m-sec", path).text
    assert running.post("m-sec", path, {"comment": [comment], "act": "show"}).status_code == 303, "and can come back"


def test_cn7_what_was_agreed_to_is_kept_and_names_follow_it(running: House, round_id: str) -> None:
    """[CN7]"""
    refused = send(running, round_id, consent="")
    assert refused.status_code == 422
    assert "Without your agreement" in refused.text
    comment = confirmed(running, round_id, name_published="")
    kept = running.write(lambda c: load_comment(c, comment))
    assert kept.consent == CONSENT
    assert kept.consented_at is not None
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment], "act": "show"})
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    for who, path in ((None, f"/consultations/{round_id}"), ("m-xaa-1", f"/comments/{comment}")):
        page = running.get(who, path).text
        assert "Name withheld" in page
        assert "Maria Example" not in page
        assert "Example Society" in page
    assert "Maria Example" in running.get("m-sec", f"/comments/{comment}").text


def test_cn7_the_author_takes_a_comment_out_by_the_same_link(running: House, round_id: str) -> None:
    """[CN7] Nothing that says who it was is left in any table but the number and the place."""
    files_given = [("files", ("mine.pdf", PDF))]
    form = {**FRESH, "stamp": old_stamp(running, round_id), "email": "leaving@example.org"}
    running.ask(None, "POST", f"/consultations/{round_id}/comment", data=form, files=files_given)
    path = link(running, "leaving@example.org")
    running.post(None, path)
    comment = newest(running)
    running.write(lambda c: c.execute(update(letters).values(sent_at=datetime.now(UTC))))
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment], "act": "show"})
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    assert "It is taken out" in running.post(None, f"{path}/withdrawal").text
    page = words_of(running.get(None, f"/consultations/{round_id}"))
    assert "C-1 Withdrawn at the author's request." in page
    for gone in ("Maria Example", "Example Society", "Utopia", "Say who pays"):
        assert gone not in page
    assert running.get(None, path).status_code == 410
    left = running.write(lambda c: load_comment(c, comment))
    assert (left.state, left.number, left.paragraph) == (State.ERASED, 1, ITEM)
    assert not left.files
    tables = running.write(lambda c: list(c.scalars(select(letters.c.recipient))))
    assert "leaving@example.org" not in tables
    assert running.write(lambda c: c.scalar(select(func.count()).select_from(files).where(files.c.content == PDF))) == 0
    everything = running.write(
        lambda c: [str(tuple(row)) for table in ("comments", "comment_history", "audit_events", "letters")
                   for row in c.exec_driver_sql(f"SELECT * FROM {table}")]
    )  # fmt: skip
    assert not [row for row in everything if "leaving@example.org" in row]


def test_cn7_the_secretariat_takes_out_on_request_and_may_keep_the_words(running: House, round_id: str) -> None:
    """[CN7]"""
    comment = confirmed(running, round_id)
    member = said(running, "m-views", round_id)
    assert running.post("m-chair", f"/comments/{comment}/erasure").status_code == 403
    assert running.post("m-sec", f"/comments/{member}/erasure").status_code == 404
    assert running.post("m-sec", f"/comments/{comment}/erasure", {}).status_code == 303
    left = running.write(lambda c: load_comment(c, comment))
    assert (left.name, left.email, left.body) == ("", "", FRESH["body"])
    assert FRESH["body"] not in running.get("m-xaa-1", f"/comments/{comment}").text
    noted = running.write(lambda c: list(c.scalars(select(audit_events.c.detail))))
    assert "C-1 erased at its author's request" in noted
    assert "erased" in [one.act for one in running.write(lambda c: history_of(c, comment))]


def test_cn6_what_is_never_confirmed_is_deleted_with_everything_in_it(running: House, round_id: str) -> None:
    """[CN6]"""
    files_given = [("files", ("mine.txt", b"a file that nobody confirmed"))]
    form = {**FRESH, "stamp": old_stamp(running, round_id), "email": "never@example.org"}
    assert (
        running.ask(None, "POST", f"/consultations/{round_id}/comment", data=form, files=files_given).status_code == 200
    )
    path, comment = link(running, "never@example.org"), newest(running)
    late = datetime.now(UTC) - public.CONFIRM_WITHIN - HOUR
    running.write(lambda c: c.execute(update(comments).where(comments.c.id == comment).values(made_at=late)))
    assert running.get(None, path).status_code == 410
    assert running.post(None, path).status_code == 410
    tools = Tools(running.services.settings, running.services.database, lambda job_id: None)
    assert running.client.portal is not None
    running.client.portal.call(forget, {"tools": tools})
    assert not running.write(lambda c: c.execute(select(comments.c.id).where(comments.c.id == comment)).all())
    assert not running.write(lambda c: c.execute(select(comment_files).where(comment_files.c.comment == comment)).all())
    chosen = select(func.count()).select_from(files).where(files.c.content == b"a file that nobody confirmed")
    assert running.write(lambda c: c.scalar(chosen)) == 0


def test_cn6_a_comment_sent_in_time_counts_when_it_is_confirmed_later(running: House, round_id: str) -> None:
    """[CN6]"""
    send(running, round_id)
    shift(running, round_id, -2 * HOUR, -HOUR)
    assert running.post(None, link(running)).status_code == 303
    comment = running.write(lambda c: load_comment(c, newest_id(c)))
    assert comment.state is State.WAITING
    assert not comment.late


def newest_id(connection: object) -> str:
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    found = connection.scalar(select(comments.c.id).order_by(comments.c.made_at.desc()).limit(1))
    assert found
    return str(found)


# --- the form


def test_cn2_the_public_form_closes_with_the_round_and_is_not_there_for_members_rounds(
    running: House, round_id: str
) -> None:
    """[CN2]"""
    path = f"/consultations/{round_id}/comment?opinion={OPINION}"
    shift(running, round_id, -2 * HOUR, -HOUR)
    assert "takes no more comments" in running.get(None, path).text
    assert "takes no more comments" in send(running, round_id).text
    shift(running, round_id, HOUR, 2 * HOUR)
    assert "has not opened yet" in running.get(None, path).text
    assert count(running, round_id) == 0
    members = put_up(running, audience="members", name="For members")
    for tail in ("", f"/texts/{OPINION}", "/comment", "/export"):
        assert running.get(None, f"/consultations/{members}{tail}").status_code == 404
    assert send(running, members).status_code == 404
    assert "For members" not in running.get(None, "/consultations").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"body": " \n", "proposed": "", "country": "Keep me"}, "Write your comment"),
        ({"body": "x" * 5_001}, "5,001 characters"),
        ({"language": ""}, "Name the language"),
        ({"name": ""}, "Give a name"),
        ({"name": "x\u202ey"}, "invisible"),
        ({"email": "nonsense"}, "Give an e-mail address"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "Give an e-mail address"),
        ({"email": ""}, "Give an e-mail address"),
        ({"organization": "x" * 121}, "At most 120"),
        ({"consent": ""}, "Without your agreement"),
        ({"opinion": "o-none"}, "Choose the draft"),
        ({"website": "http://spam.example"}, "Leave this field empty"),
        ({"stamp": ""}, "open for too long"),
        ({"stamp": "1.0000"}, "open for too long"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_every_word(
    running: House, round_id: str, wrong: dict[str, str], told: str
) -> None:
    page = send(running, round_id, **{"proposed": "Keep me", **wrong})
    assert page.status_code == 422
    assert told in words_of(page)
    assert "Your comment was not sent yet" in page.text
    assert "Keep me" in page.text
    assert count(running, round_id) == 0


def test_a_form_that_comes_back_at_once_is_asked_for_again_and_then_taken(running: House, round_id: str) -> None:
    page = running.get(None, f"/consultations/{round_id}/comment?opinion={OPINION}")
    found = re.search(r'name="stamp" value="([^"]+)"', page.text)
    assert found
    quick = send(running, round_id, stamp=found[1])
    assert quick.status_code == 422
    assert "very quick" in quick.text
    assert found[1] in quick.text, "the first time counts: a second look is enough"


def test_stamps_are_of_one_round_and_of_one_day() -> None:
    key, now = b"k" * 32, datetime.now(UTC)
    given = stamp(key, "r-1", now)
    assert read_stamp(key, "r-1", given, now) is Stamped.TOO_SOON
    assert read_stamp(key, "r-1", given, now + timedelta(minutes=1)) is Stamped.GOOD
    assert read_stamp(key, "r-1", given, now + LONGEST + HOUR) is Stamped.TOO_OLD
    for other in (read_stamp(key, "r-2", given, now), read_stamp(b"x" * 32, "r-1", given, now)):
        assert other is Stamped.FORGED
    for wrong in ("", ".", "x.y", "\uff19.00", "9" * 30, f"{given}0"):
        assert read_stamp(key, "r-1", wrong, now) is Stamped.FORGED


def test_of_several_drafts_one_is_chosen(running: House, round_id: str) -> None:
    frozen(running, SECOND)
    both = put_up(running, text=[f"{OPINION}/1", f"{SECOND}/1"])
    assert f'<option value="{SECOND}"' in running.get(None, f"/consultations/{both}/comment").text
    assert "Choose the draft" in send(running, both, opinion="", paragraph="").text
    assert send(running, both, opinion=SECOND, paragraph="").status_code == 200
    assert running.get(None, f"/consultations/{both}/texts/{SECOND}").status_code == 200
    assert running.get(None, f"/consultations/{round_id}/texts/{SECOND}").status_code == 404


def test_many_that_wait_are_looked_at_page_by_page(
    running: House, round_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pages.consultation.LOOKED_AT_AT_ONCE", 2)
    for number in range(3):
        confirmed(running, round_id, email=f"m{number}@example.org")
    page = running.get("m-sec", f"/consultation/{round_id}/moderation").text
    assert page.count('name="comment"') == 2
    assert "1 more comment waits" in page


def test_nobody_is_given_a_cookie_and_no_page_needs_a_script(running: House, round_id: str) -> None:
    paths = ("/consultations", f"/consultations/{round_id}", f"/consultations/{round_id}/texts/{OPINION}",
             f"/consultations/{round_id}/comment?opinion={OPINION}&paragraph={ITEM}")  # fmt: skip
    answers = [running.get(None, path) for path in paths]
    answers.append(send(running, round_id))
    path = link(running)
    answers += [running.get(None, path), running.post(None, path), running.post(None, f"{path}/withdrawal")]
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_what_somebody_typed_is_never_markup(running: House, round_id: str) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    comment = confirmed(
        running, round_id, body=evil, proposed=evil, organization=evil, country=evil, language="<b>x</b>"
    )
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment], "act": "show"})
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    places = ((None, f"/consultations/{round_id}"), ("m-sec", f"/comments/{comment}"),
              ("m-sec", f"/consultation/{round_id}/moderation"), ("m-xaa-1", f"/opinions/{OPINION}/comments"),
              ("m-chair", f"/consultation/{round_id}/opinions/{OPINION}/answers"))  # fmt: skip
    for who, path in places:
        page = running.get(who, path)
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    assert evil in unescape(running.get(None, f"/consultations/{round_id}").text)


def test_all_that_is_wrong_with_a_form_is_told_at_once(running: House, round_id: str) -> None:
    page = send(running, round_id, body="", name="", email="x", consent="", language="", organization="x" * 200)
    for field in ("body", "name", "email", "consent", "language", "organization"):
        assert f'href="#field-{field}"' in page.text, field
        assert f'id="field-{field}"' in page.text, field


# --- abuse


def test_an_address_sends_so_much_an_hour_and_loses_nothing(running: House, round_id: str) -> None:
    object.__setattr__(running.services, "public_limits", PublicLimits(sending=RateLimit(2, 3600.0)))
    for number in range(2):
        assert send(running, round_id, email=f"a{number}@example.org").status_code == 200
    third = send(running, round_id, body="My third view")
    assert third.status_code == 429
    assert "My third view" in third.text
    assert count(running, round_id) == 2


def test_every_public_page_has_a_limit(running: House, round_id: str) -> None:
    one = RateLimit(1, 3600.0)
    object.__setattr__(running.services, "public_limits", PublicLimits(one, one, one, one))
    assert running.get(None, "/consultations").status_code == 200
    values = {"{round}": round_id, "{opinion}": OPINION, "{token}": "x", "{comment}": "c", "{file}": "f"}
    ours = [entry for entry in TABLE if entry.policy is PUBLIC and entry.path.startswith(("/consultations", LINK))]
    assert len(ours) == 10
    for entry in ours:
        path = entry.path
        for name, value in values.items():
            path = path.replace(name, value)
        form = {**FRESH, "stamp": old_stamp(running, round_id)} if entry.method == "POST" else None
        assert running.ask(None, entry.method, path, data=form).status_code == 429, entry.path


def test_a_mailbox_is_not_filled_by_way_of_us(running: House, round_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert public.MAX_LETTERS == 20
    monkeypatch.setattr(public, "MAX_LETTERS", 2)
    for number in range(2):
        assert send(running, round_id, email="Victim@example.org", body=f"Letter {number}").status_code == 200
    assert "tomorrow" in send(running, round_id, email="victim@EXAMPLE.org").text
    assert send(running, round_id, email="other@example.org").status_code == 200
    monkeypatch.setattr(public, "MAX_LETTERS", 20)
    monkeypatch.setattr(public, "MAX_PUBLIC_COMMENTS", 2)
    assert "the most in one consultation" in send(running, round_id, email="victim@example.org").text
    monkeypatch.setattr(public, "MAX_UNCONFIRMED", 1)
    assert "again in an hour" in send(running, round_id, email="third@example.org").text


def test_very_many_comments_raise_an_alarm_and_none_is_lost(
    running: House, round_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opinions.consultation.ALARM_PER_HOUR", 1)
    for number in range(2):
        confirmed(running, round_id, email=f"b{number}@example.org", body="See http://a http://b http://c http://d")
    waiting = running.write(lambda c: comments_of_round(c, round_id, (State.WAITING,)))
    assert [len(one.flags) for one in waiting] == [1, 2]
    assert "Very many comments came within an hour" in running.get("m-sec", f"/consultation/{round_id}").text
    assert "many links" in running.get("m-sec", f"/consultation/{round_id}/moderation").text


def test_the_letter_holds_nothing_that_its_sender_wrote(running: House, round_id: str) -> None:
    """Else anybody could have us send a message to anybody."""
    send(running, round_id, name="Call Me Now", body="Buy this", organization="Spam Ltd", proposed="and that")
    body = running.write(lambda c: c.scalar(select(letters.c.body).order_by(letters.c.created_at.desc()).limit(1)))
    assert body is not None
    for word in ("Call Me", "Buy this", "Spam Ltd", "and that"):
        assert word not in body
    token = link(running).rsplit("/", 1)[1]
    assert token not in str(running.write(lambda c: c.exec_driver_sql("SELECT * FROM comments").all())), "hashed"


# --- files


def packed(*names: str, mimetype: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


GOOD = MappingProxyType(
    {
        "a.pdf": PDF,
        "a.docx": packed("[Content_Types].xml", "word/document.xml"),
        "a.odt": packed("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "a.txt": "نص\nplain".encode(),
    }
)


@pytest.mark.parametrize("name", GOOD)
def test_files_are_told_by_their_content(name: str) -> None:
    assert checked(f"dir\\{name}", GOOD[name]).name == name
    assert checked("x.exe", GOOD[name]).name == f"x.exe.{name.rpartition('.')[2]}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"\xff\xfeh\x00",
        b"words\x00",
        b"\x89PNG\r\n\x1a\n",
        b"<html>\x1b</html>",
        b"PK\x03\x04 broken",
        packed("a.txt"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        packed("content.xml", "Basic/script.xml", mimetype="application/vnd.oasis.opendocument.text"),
        packed("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        b"x" * (3 * 2**20 + 1),
    ],
    ids=range(12),
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(Exception, match=r"is not a PDF|is larger than") as refused:
        checked("a.pdf", content)
    assert not isinstance(refused.value, ServerError)


def test_a_file_is_for_the_secretariat_until_its_comment_is_published(running: House, round_id: str) -> None:
    form = {**FRESH, "stamp": old_stamp(running, round_id), "email": "files@example.org"}
    files_given = [("files", ("view.pdf", PDF))]
    running.ask(None, "POST", f"/consultations/{round_id}/comment", data=form, files=files_given)
    running.post(None, link(running, "files@example.org"))
    comment = running.write(lambda c: load_comment(c, newest_id(c)))
    inside = f"/comments/{comment.id}/files/{comment.files[0].id}"
    outside = f"/consultations/{round_id}/files/{comment.id}/{comment.files[0].id}"

    def asked() -> list[int]:
        return [running.get(who, path).status_code for who, path in
                (("m-sec", inside), ("m-xaa-1", inside), (None, outside))]  # fmt: skip

    assert asked() == [200, 404, 404]
    running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [comment.id], "act": "show"})
    assert asked() == [200, 200, 404]
    running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    assert asked() == [200, 200, 200]
    given = running.get(None, outside)
    assert given.headers["content-disposition"] == 'attachment; filename="view.pdf"'
    assert "sandbox" in given.headers["content-security-policy"]
    other = put_up(running)
    running.post("m-sec", f"/consultation/{other}/publication", {"publish": "yes"})
    assert running.get(None, outside.replace(round_id, other)).status_code == 404, "by way of another round"
