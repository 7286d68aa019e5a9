"""Who checked a version (V2), who is told of a fingerprint that differs, and the letter that every freeze is (V8)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, update

from opinions.roles import Role
from server.freezes import letters as writing
from server.freezes.cuts import load_cuts
from server.people_store import add_member
from server.process_store import load_process, save_process
from server.settings import Settings
from server.tables import jobs, members
from server.tables.post import letters
from server.work import Tools
from tests.freezes.cutting import cut_form, newest
from tests.support.stock import OPINION, SECOND
from tests.support.visitors import House, house

VERSION = f"/opinions/{OPINION}/versions/1"
WRONG = "0" * 64


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a cut, a mail server that nobody asks, and people with addresses."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("checks") / "data")
    with house(replace(settings, smtp_url="smtp://127.0.0.1:9", mail_from="unbracket@example.org")) as opened:

        def people(connection: Connection) -> None:
            for member in ("m-chair", "m-sec", "m-admin", "m-xbb-1"):
                given = {"email": f"{member}@example.org"}
                connection.execute(update(members).where(members.c.id == member).values(given))
            for code in ("XAA", "XBB"):
                known = {"member_id": f"m-{code.lower()}-focal", "email": f"focal-{code.lower()}@example.org"}
                add_member(connection, f"Focal {code}", Role.FOCAL_POINT, code, **known)

        opened.write(people)
        assert opened.post("m-chair", "/freeze", cut_form()).status_code == 303
        yield opened


def posted(running: House, kind: str) -> list[tuple[str, str, str]]:
    """Recipient, subject and body of the letters of a kind."""

    def look(connection: Connection) -> list[tuple[str, str, str]]:
        chosen = select(letters.c.recipient, letters.c.subject, letters.c.body).where(letters.c.kind == kind)
        return [
            (row.recipient, row.subject, row.body) for row in connection.execute(chosen.order_by(letters.c.recipient))
        ]

    return running.write(look)


def check(running: House, who: str, fingerprint: str, opinion: str = OPINION) -> bool:
    """Whether the server says that a browser's fingerprint matches."""
    answer = running.ask(who, "POST", f"/opinions/{opinion}/versions/1/checks", json={"fingerprint": fingerprint})
    assert answer.status_code == 200
    return bool(answer.json()["matches"])


def test_v2_the_page_says_whose_browsers_agreed_and_which_is_missing(running: House) -> None:
    """[V2] The chair's and one other; names of persons are for those who take part."""
    true = running.write(newest)[OPINION].fingerprint
    assert "the chair&#39;s and one other are missing" in running.get("m-chair", VERSION).text
    assert check(running, "m-xaa-1", true)
    assert "The chair&#39;s is missing" in running.get("m-chair", VERSION).text
    assert check(running, "m-chair", true)
    page = running.get("m-xbb-1", VERSION).text
    assert "Checked in the chair&#39;s browser and in one other." in page
    assert "Expert Arcadia 1" in page
    assert "XAA" in page
    assert 'data-check="/opinions/' in page
    seen = running.get("m-obs", VERSION).text
    assert "Checked in the chair&#39;s browser and in one other." in seen
    assert "Expert Arcadia 1" not in seen


def test_v2_a_mismatch_undoes_nothing_and_is_told_once(running: House) -> None:
    """[V2] The version is marked; administrator, secretariat and chair get one letter, whatever comes after."""
    assert posted(running, "notice") == []
    assert not check(running, "m-xbb-1", WRONG)
    assert not check(running, "m-xbb-2", WRONG)
    told = posted(running, "notice")
    assert [recipient for recipient, _, _ in told] == [f"{who}@example.org" for who in ("m-admin", "m-chair", "m-sec")]
    assert "0000 0000 0000 0000" in told[0][2]
    assert f"/opinions/{OPINION}/versions/1" in told[0][2]
    page = running.get("m-chair", VERSION).text
    assert "2 browsers computed another fingerprint" in page
    assert "Expert Borduria 1" in page
    assert "A browser found another fingerprint" in running.get("m-obs", f"/opinions/{OPINION}/versions").text
    assert running.get("m-chair", "/freeze").status_code == 200, "the meeting goes on"
    (cut,) = running.write(load_cuts)
    assert "A browser found another fingerprint" in running.get("m-sec", f"/freeze/{cut.id}").text


def test_v8_every_focal_point_gets_one_letter_of_a_cut_with_all_fingerprints(running: House) -> None:
    """[V8] Also when the job is begun twice."""
    (cut,) = running.write(load_cuts)
    tools = Tools(running.services.settings, running.services.database, lambda job: None)
    assert running.client.portal is not None
    for _ in range(2):
        running.client.portal.call(writing.of_cut, tools, cut.id)
    told = posted(running, "frozen")
    assert [recipient for recipient, _, _ in told] == ["focal-xaa@example.org", "focal-xbb@example.org"]
    assert told[0][1] == "Process of the tests: Second draft was frozen"
    for version in running.write(newest).values():
        assert " ".join(version.fingerprint[at : at + 4] for at in range(0, 16, 4)) in told[0][2]


def test_v8_a_demonstration_writes_to_nobody(running: House) -> None:
    """[V8] The freeze of one Opinion has a letter of its own, but there."""
    running.write(lambda connection: save_process(connection, replace(load_process(connection), demo=True)))
    command = {"act": "freeze", "label": "Alone", "key": "key-alone-00001"}
    assert running.ask("m-chair", "POST", f"/api/opinions/{SECOND}/commands", json=command).status_code == 200
    tools = Tools(running.services.settings, running.services.database, lambda job: None)
    assert running.client.portal is not None
    running.client.portal.call(writing.of_version, tools, SECOND, 2)
    assert len(posted(running, "frozen")) == 2
    running.write(lambda connection: save_process(connection, replace(load_process(connection), demo=False)))
    running.write(lambda connection: connection.execute(update(jobs).values(done_at=None)))
    running.client.portal.call(writing.of_version, tools, SECOND, 2)
    assert [subject for _, subject, _ in posted(running, "frozen") if "Alone was frozen" in subject]


def test_v2_a_freeze_recorded_for_the_chair_still_wants_the_chairs_browser(running: House) -> None:
    """[V2] The secretariat's browser is the other one, though it carried the freeze out."""
    cuts = running.write(load_cuts)
    assert running.post("m-sec", "/freeze", cut_form(len(cuts), ruled_by="Rosa Chair")).status_code == 303
    version = running.write(newest)[OPINION]
    address = f"/opinions/{OPINION}/versions/{version.number}"
    for who, told in (
        ("m-sec", "Checked in one browser. The chair's is missing."),
        ("m-chair", "Checked in the chair's browser and in one other."),
    ):
        answer = running.ask(who, "POST", f"{address}/checks", json={"fingerprint": version.fingerprint})
        assert (answer.status_code, answer.json()["told"]) == (200, told)
