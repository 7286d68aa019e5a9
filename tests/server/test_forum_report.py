"""Forum texts and the published final report: with which words the forum begins, and that the report stays fixed."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from opinions.record import Document
from server.forum.origin import final_report
from server.forum.store import forum_text_at, forum_texts
from server.ids import new_id
from server.process_store import found_opinion
from server.settings import Settings
from server.sg_report import store as report_store
from server.sg_report.store import By
from server.volumes.contents import load_contents
from tests.support.builders import chapeau, document, item, title, verb
from tests.support.visitors import House, house
from tests.support.word_files import word_file

CLERK, EXPERT = "m-sec", "m-xaa-1"
ANNEXED, LEFT_OUT, TROUBLED = "op-annexed", "op-left-out", "op-troubled"
_keys = itertools.count(1)


def opinion(number: int) -> Document:
    return document(
        title(f"p-title-{number}", f"DRAFT OPINION {number}: SOMETHING"),
        chapeau(f"p-chapeau-{number}", "The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),"),
        verb(f"p-noting-{number}", "noting"),
        item(f"p-item-{number}", "that it is  so." if number == 5 else "that it is so."),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    def put(connection: Connection) -> None:
        now = datetime.now(UTC)
        by: dict[str, Any] = {"member": CLERK, "name": "Sam Clerk", "at": now, "source": "test"}
        for number, name in ((4, ANNEXED), (5, LEFT_OUT), (6, TROUBLED)):
            found_opinion(connection, opinion(number), title=name, number=str(number), opinion_id=name, **by)
        clerk = By(CLERK, "Sam Clerk", now)
        report_store.add_section(connection, "Background", 1, "One.\n\nTwo.", "", clerk, new_id)

    with house(Settings(data_dir=tmp_path_factory.mktemp("forum-report") / "data", port=0)) as opened:
        opened.write(put)
        yield opened


def key() -> str:
    return f"key-of-report-{next(_keys):04}"


def told(home: House, act: str, at: str, **fields: object) -> Any:
    form = {"act": act, "key": key(), "party": "", "ruled_by": "R. Chair", **fields}
    return home.ask(CLERK, "POST", f"/api/opinions/{at}/commands", json=form)


def frozen(home: House, at: str) -> None:
    assert told(home, "freeze", at, label="Final").status_code == 200


def read(home: House, at: str) -> Document:
    assert home.client.portal is not None
    return home.client.portal.call(home.services.hub.document, at)


def open_forum(home: House, at: str, version: int = 1) -> Any:
    return home.post(CLERK, f"/opinions/{at}/forum", {"version": str(version)})


def begun(home: House, **fields: str) -> int:
    answer = home.post(CLERK, "/volumes/new", {"label": "Final report", "final": "on", **fields})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/volumes/")[1].split("?")[0])


def published(home: House, number: int) -> Any:
    seen = home.write(lambda connection: load_contents(connection, number)).fingerprint
    return home.post(CLERK, f"/volumes/{number}/publish", {"seen": seen})


def test_ft1_the_forum_begins_with_what_is_annexed_and_the_report_stays_fixed(home: House) -> None:
    """[FT1, RU2, SR6]"""
    for one in (ANNEXED, LEFT_OUT):
        frozen(home, one)
    number = begun(home)
    # A process that publishes volumes has no forum text before its final report is out.
    refused = open_forum(home, ANNEXED)
    assert refused.status_code == 422
    assert "The final report is not published yet" in refused.text
    form = {"label": "Final report", "final": "on", "report": "1", f"annex:{ANNEXED}": "1"}
    assert home.post(CLERK, f"/volumes/{number}", form).status_code == 303
    assert home.post(CLERK, f"/volumes/{number}/number", {"document": "S24-WTPF26PREP-R-0009"}).status_code == 303
    assert published(home, number).status_code == 303

    frozen(home, ANNEXED)  # a later version, which is not the one annexed
    newer = open_forum(home, ANNEXED, 2)
    assert newer.status_code == 422
    assert "It begins with version 1" in newer.text
    assert "It is not annexed to Final report (S24-WTPF26PREP-R-0009)" in open_forum(home, LEFT_OUT).text
    assert home.write(forum_texts) == ()
    assert not read(home, ANNEXED).record.opinion.closed
    page = home.get(CLERK, "/forum").text
    assert f'annexed to <a href="/volumes/{number}">' in page
    other = begun(home)
    assert open_forum(home, ANNEXED).status_code == 303
    there = home.write(lambda connection: forum_text_at(connection, ANNEXED))
    assert there is not None
    assert there.version == 1
    assert f'annexed to <a href="/volumes/{number}">' in home.get(EXPERT, f"/opinions/{there.opinion}/forum").text
    line = f'of <bdi>Draft Opinion 4</bdi>, opened from <a href="/opinions/{ANNEXED}/versions/1">version 1</a>'
    page = home.get(EXPERT, f"/opinions/{there.opinion}").text
    assert "<h1><bdi>Forum text of Draft Opinion 4</bdi></h1>" in page
    assert line in page
    assert f'its <a href="/opinions/{there.opinion}">forum text</a>' in home.get(EXPERT, f"/opinions/{ANNEXED}").text
    versions = f"/opinions/{ANNEXED}/versions"
    assert "The forum considers these words" in home.get(EXPERT, f"{versions}/1").text
    assert "The forum considers these words" not in home.get(EXPERT, f"{versions}/2").text
    assert f'href="/opinions/{LEFT_OUT}/drafting-check"' in home.get(CLERK, "/freeze").text

    fixed_by_every_route(home, other)
    section = home.write(report_store.load_report).sections[0].id  # type: ignore[union-attr]
    comment = {"section": section, "body": "Said at the forum."}
    assert home.post(EXPERT, "/sg-report/comments", comment).status_code == 303
    # It ends, and with it what it held.
    ended = {"key": key(), "outcome": "not_adopted", "note": "No consensus.", "ruled_by": "R. Chair"}
    assert home.post(CLERK, f"/opinions/{there.opinion}/forum/adoption", ended).status_code == 303
    assert home.post(CLERK, f"/volumes/{other}", form).status_code == 303


def test_ft1_a_volume_that_puts_the_final_report_right_takes_its_place(home: House) -> None:
    """[FT1, VO5] What was left out is annexed by it, and so has a forum text; also where it is put right once more."""
    last = home.write(final_report).volume
    assert last is not None
    for spelt in ("S24-WTPF26PREP-R-0009(Rev.1)", "S24-WTPF26PREP-R-0009(Rev.2)"):
        why = {"label": "Final report", "report": "1", "corrects": str(last.number), "reason": "One was left out."}
        answer = home.post(CLERK, "/volumes/new", why)
        assert answer.status_code == 303, answer.text
        volume = int(answer.headers["location"].split("/volumes/")[1].split("?")[0])
        form = {**why, f"annex:{ANNEXED}": "1", f"annex:{LEFT_OUT}": "1"}
        assert home.post(CLERK, f"/volumes/{volume}", form).status_code == 303
        assert home.post(CLERK, f"/volumes/{volume}/number", {"document": spelt}).status_code == 303
        assert published(home, volume).status_code == 303
        last = home.write(final_report).volume
        assert last is not None
        assert (last.number, last.document) == (volume, spelt)
    assert open_forum(home, LEFT_OUT).status_code == 303
    there = home.write(lambda connection: forum_text_at(connection, LEFT_OUT))
    assert there is not None
    assert there.version == 1
    ended = {"key": key(), "outcome": "not_adopted", "note": "No consensus.", "ruled_by": "R. Chair"}
    assert home.post(CLERK, f"/opinions/{there.opinion}/forum/adoption", ended).status_code == 303


def fixed_by_every_route(home: House, volume: int) -> None:
    before = home.write(report_store.latest)
    section = home.write(report_store.load_report).sections[0].id  # type: ignore[union-attr]
    words = {"heading": "Late", "level": "1", "body": "Late words.", "seen": "1"}
    posts: tuple[tuple[str, dict[str, str]], ...] = (
        ("/sg-report/sections/new", words),
        (f"/sg-report/sections/{section}", words),
        (f"/sg-report/sections/{section}", {"step": "take_out", "seen": "1"}),
        ("/sg-report/revisions/1", {}),
        ("/sg-report/revisions/1/put-out", {}),
        ("/volumes/new", {"label": "Another"}),
        (f"/volumes/{volume}", {"label": "Another", "report": "1"}),
    )
    for path, form in posts:
        answer = home.post(CLERK, path, form)
        assert answer.status_code in (409, 422), path
        assert "is not revised" in answer.text, path
    file = {"file": ("report.docx", word_file("<w:p><w:r><w:t>Late.</w:t></w:r></w:p>"))}
    upload = home.ask(CLERK, "POST", "/sg-report/upload", files=file)
    assert upload.status_code == 422
    assert "is not revised" in upload.text
    assert published(home, volume).status_code == 422
    assert home.write(report_store.latest) == before
    # Nor the preparatory Opinion: alone, or in a freeze of the whole volume.
    answer = told(home, "freeze", ANNEXED, label="Later")
    assert answer.status_code == 403
    assert "closed" in answer.text
    assert f'id="opinion-{ANNEXED}"' not in home.get(CLERK, "/freeze").text


def test_ft1_what_fails_while_a_forum_text_is_opened_is_told_and_can_be_done_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def put(connection: Connection) -> None:
        by: dict[str, Any] = {"member": CLERK, "name": "Sam Clerk", "at": datetime.now(UTC), "source": "test"}
        found_opinion(connection, opinion(6), title="T", number="6", opinion_id=TROUBLED, **by)

    data = tmp_path_factory.mktemp("forum-fails") / "data"

    def by_hand(sql: str) -> None:
        """Beside the server, whose own connections may not do this."""
        with closing(sqlite3.connect(data / "unbracket.db")) as connection:
            connection.execute(sql)
            connection.commit()

    broken = "CREATE TRIGGER broken BEFORE INSERT ON {} BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
    with house(Settings(data_dir=data, port=0)) as home:
        home.write(put)
        frozen(home, TROUBLED)
        assert "its newest: this process has no final report" in home.get(CLERK, "/forum").text
        # The Opinion cannot be closed: nothing is opened, and the page says so.
        by_hand(broken.format("entries"))
        assert open_forum(home, TROUBLED).status_code == 503
        assert home.write(forum_texts) == ()
        by_hand("DROP TRIGGER broken")
        # The text cannot be founded: the Opinion is closed by then, and no half of a forum text is there.
        by_hand(broken.format("forum_texts"))
        assert open_forum(home, TROUBLED).status_code >= 500
        by_hand("DROP TRIGGER broken")
        assert read(home, TROUBLED).record.opinion.closed
        assert home.write(forum_texts) == ()
        assert home.write(lambda c: c.scalar(text("SELECT count(*) FROM opinions WHERE number = '6 forum'"))) == 0
        assert open_forum(home, TROUBLED).status_code == 303
        assert len(home.write(forum_texts)) == 1
