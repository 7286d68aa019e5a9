"""The freeze of the whole volume (crdt/SPEC.md, V6): its page, and who may; one Opinion that refuses; two at once."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from crdt.step import Answer
from opinions.version_kinds import VersionKind
from server.freezes.cuts import cut_of, load_cuts
from server.freezes.cutting import HOLD_SECONDS
from server.opinion_store import list_opinions
from server.people_store import appoint
from server.settings import Settings
from server.tables import opinions
from server.tables.freezes import cut_claims
from tests.freezes.cutting import broken_cuts, cut_form, epochs, newest
from tests.support.stock import OPINION, SECOND
from tests.support.visitors import House, house


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for the module; its tests stand in the order of a day."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("cuts") / "data")) as opened:
        yield opened


def test_the_page_is_for_who_is_in_a_chair_and_for_the_secretariat(running: House) -> None:
    page = running.get("m-chair", "/freeze").text
    assert "Broadband for all" in page
    assert "Space for all" in page
    assert "Frozen together before" not in page
    clerks = running.get("m-sec", "/freeze")
    assert clerks.status_code == 200
    assert re.search(r'name="ruled_by"[^>]*value="Rosa Chair"', clerks.text), "of one chair there is nothing to ask"
    for who in ("m-xaa-1", "m-views", "m-obs", "m-admin"):
        assert running.get(who, "/freeze").status_code == 403
        assert running.post(who, "/freeze", cut_form()).status_code == 403


def test_v6_what_cannot_be_frozen_is_refused_whole_with_the_reasons(running: House) -> None:
    """[V6] In the chair of one of two, somebody freezes neither; nor is a form without a name taken."""
    running.write(lambda connection: appoint(connection, SECOND, "m-xbb-1", frozenset()))
    answer = running.post("m-chair", "/freeze", cut_form())
    assert answer.status_code == 409
    assert "Nothing was frozen" in answer.text
    assert "you are not in the chair of it" in answer.text
    assert "Freeze 2 draft Opinions" not in running.get("m-chair", "/freeze").text
    running.write(lambda connection: appoint(connection, SECOND, "m-chair", frozenset()))
    answer = running.post("m-chair", "/freeze", cut_form(label=" "))
    assert answer.status_code == 422
    assert "#field-label" in answer.text
    assert running.post("m-sec", "/freeze", cut_form()).status_code == 422, "which chair ruled so is not said"
    assert running.post("m-chair", "/freeze", cut_form(key="no key")).status_code == 422
    assert running.write(newest) == {}


def test_v6_a_room_that_refuses_releases_the_others(running: House) -> None:
    """[V6] What is frozen is nothing; why is told; the rooms go on, and the next cut is made (below)."""
    cutting = running.services.cutting
    assert cutting is not None
    asked = cutting.ask

    async def refusing(opinion: str, *rest: Any) -> Answer:
        return Answer(0, code="refused", message="not now.") if opinion == SECOND else await asked(opinion, *rest)

    cutting.ask = refusing
    try:
        answer = running.post("m-chair", "/freeze", cut_form())
    finally:
        cutting.ask = asked
    assert answer.status_code == 409
    assert "not now." in answer.text
    assert answer.text.count('<li><a href="#opinion-') == 1, "of one Opinion alone"
    assert running.write(newest) == {}
    assert running.write(epochs) == {OPINION: 0, SECOND: 0}


def test_v6_rooms_that_wait_in_vain_are_released(running: House) -> None:
    """[V6] A room that does not come holds the others for a bounded time."""
    cutting = running.services.cutting
    assert cutting is not None
    asked = cutting.ask

    async def lost(opinion: str, *rest: Any) -> Answer:
        return await asyncio.Future() if opinion == SECOND else await asked(opinion, *rest)

    cutting.ask, cutting.hold_seconds = lost, 0.05
    try:
        answer = running.post("m-chair", "/freeze", cut_form())
    finally:
        cutting.ask, cutting.hold_seconds = asked, HOLD_SECONDS
    assert answer.status_code == 409
    assert "did not come together in time" in answer.text
    assert running.write(epochs) == {OPINION: 0, SECOND: 0}


def test_v6_all_become_versions_of_one_cut(running: House) -> None:
    """[V6] The same form sent twice freezes once; the page of the cut tells the fingerprints."""
    form = cut_form(label="Text at close of IEG-3", milestone="IEG-3", kind="meeting")
    first = running.post("m-chair", "/freeze", form)
    assert first.status_code == 303
    address = first.headers["location"].partition("?")[0]
    assert running.post("m-chair", "/freeze", form).headers["location"].startswith(address)
    (cut,) = running.write(load_cuts)
    assert (cut.number, cut.kind, cut.milestone) == (1, VersionKind.MEETING, "IEG-3")
    made = running.write(newest)
    assert sorted(made) == [OPINION, SECOND]
    assert {version.cut for version in made.values()} == {cut.id}
    assert running.write(lambda connection: cut_of(connection, OPINION, 1)) == cut
    assert running.write(broken_cuts) == []
    page = running.get("m-obs", address).text
    for version in made.values():
        assert " ".join(version.fingerprint[at : at + 4] for at in range(0, 16, 4)) in page
    assert running.get("m-chair", "/freeze/cut-nowhere").status_code == 404


def test_v6_who_looked_before_another_froze_is_told(running: House) -> None:
    """[V6] The page was loaded before the first cut: nothing is frozen a second time unseen."""
    answer = running.post("m-sec", "/freeze", cut_form(seen=0, ruled_by="Rosa Chair"))
    assert answer.status_code == 409
    assert "The volume was frozen meanwhile as “Text at close of IEG-3” (Rosa Chair)" in answer.text
    assert len(running.write(load_cuts)) == 1


def test_v6_a_cut_whose_claim_ran_out_looks_once_more_before_it_is_made(running: House) -> None:
    """[V6] Its server stood still on the way, and another cut was made: nothing that nobody saw is frozen behind it."""
    cutting = running.services.cutting
    assert cutting is not None
    own, seen, answers = cutting.gather, len(running.write(load_cuts)), list[int]()

    async def standing_still(opinions: Sequence[str]) -> None:
        cutting.gather = own
        await running.services.database.write(lambda connection: connection.execute(delete(cut_claims)).rowcount)
        form = cut_form(seen, ruled_by="Rosa Chair", label="Overtaking")
        answers.append((await asyncio.to_thread(running.post, "m-sec", "/freeze", form)).status_code)
        await own(opinions)

    before = running.write(epochs)
    cutting.gather = standing_still
    try:
        answer = running.post("m-chair", "/freeze", cut_form(seen, label="Overtaken"))
    finally:
        cutting.gather = own
    assert (answers, answer.status_code) == ([303], 409)
    assert [one.label for one in running.write(load_cuts)][seen:] == ["Overtaking"]
    assert running.write(epochs) == before
    assert {one.label for one in running.write(newest).values()} == {"Overtaking"}
    assert running.write(broken_cuts) == []


def test_v6_versions_stand_in_the_order_of_the_volume(running: House) -> None:
    """[V6] That of the table, which is none of ids."""

    def turned(connection: Connection) -> None:
        for name, place in ((OPINION, 98), (SECOND, 97)):
            connection.execute(update(opinions).where(opinions.c.id == name).values(position=place))

    before = running.write(lambda connection: [one.id for one in list_opinions(connection)])
    running.write(turned)
    assert running.write(lambda connection: [one.id for one in list_opinions(connection)]) == before[::-1]
    seen = len(running.write(load_cuts))
    assert running.post("m-chair", "/freeze", cut_form(seen)).status_code == 303
    cut = running.write(load_cuts)[-1]
    assert [one.opinion for one in cut.versions] == before[::-1]
    assert running.write(broken_cuts) == []


def test_v6_of_two_that_freeze_at_once_one_does(running: House) -> None:
    """[V6] The other is told; three times, with the loser trying again after a look."""
    first = len(running.write(load_cuts))
    for round_number in range(first, first + 3):
        forms = [("m-chair", cut_form(round_number)), ("m-sec", cut_form(round_number, ruled_by="Rosa Chair"))]
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda one: running.post(one[0], "/freeze", one[1]).status_code, forms))
        assert sorted(answers) == [303, 409]
        assert len(running.write(load_cuts)) == round_number + 1
    assert running.write(broken_cuts) == []


def test_v6_a_cut_is_named_by_the_server_alone(running: House) -> None:
    """[V6] A command that names one is refused: over HTTP here, over a socket by the room."""
    command = {"act": "freeze", "label": "Mine", "cut": "cut-mine", "key": "key-0000001"}
    answer = running.ask("m-chair", "POST", f"/api/opinions/{OPINION}/commands", json=command)
    assert answer.status_code in {400, 409, 422}
    assert answer.json()["code"] == "invalid-command"


def test_v5_the_secretariat_records_who_ruled(running: House) -> None:
    """[V5, V6] Frozen by the chair, recorded by the secretariat."""
    seen = len(running.write(load_cuts))
    answer = running.post("m-sec", "/freeze", cut_form(seen, ruled_by="Rosa Chair"))
    assert answer.status_code == 303
    cut = running.write(load_cuts)[-1]
    assert (cut.frozen_by, cut.recorded_by) == ("Rosa Chair", "Sam Clerk")
