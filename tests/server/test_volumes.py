"""Volumes of the report: put together, cut, published once and for good, put right by another."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Executable, Table, delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from opinions import commands
from opinions.roles import Actor, Role
from opinions.timetable import Change, MilestoneKind, Standing, When
from opinions.volumes import MAX_VOLUMES, read_volume_record, record_hash, volume_fingerprint
from server.ids import new_id
from server.log_store import load_versions
from server.people_store import add_member
from server.settings import Settings
from server.sg_report import store as report_store
from server.sg_report.store import By
from server.signing import load_key
from server.tables import jobs, metadata
from server.tables.post import letters
from server.tables.volumes import document_numbers_given, published_volumes, sg_revisions, sg_sections, volumes
from server.timetable import append_changes, timetable_of
from server.volumes import publishing
from server.volumes.contents import VolumeContents, VolumeState, load_contents
from server.volumes.publishing import VolumeRefused, Wanted
from tests.support.stock import OPINION
from tests.support.visitors import House, house

SECRETARY = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
_numbers = count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("volumes") / "data")) as started:
        started.write(lambda c: report_store.add_section(c, "Background", 1, "One.\n\nTwo.", "", by(), new_id))
        yield started


def by(at: datetime | None = None) -> By:
    return By("m-sec", "Sam Clerk", at or datetime.now(UTC))


def frozen(running: House, label: str = "Draft") -> int:
    """A new version of the stocked Opinion: its number."""
    assert running.client.portal is not None
    command = commands.to_json(commands.Freeze(label=label, ruled_by="Rosa Chair"))
    answer = running.client.portal.call(running.services.hub.command, OPINION, SECRETARY, 1, "", new_id("k"), command)
    assert not answer.code, answer.message
    return len(running.write(lambda connection: load_versions(connection, OPINION)))


def begun(running: House, label: str = "Third draft", **fields: Any) -> int:
    answer = running.post("m-sec", "/volumes/new", {"label": label, **fields})
    assert answer.status_code == 303, answer.text
    return int(re.sub(r".*/volumes/(\d+).*", r"\1", answer.headers["location"]))


def contents(running: House, number: int) -> VolumeContents:
    return running.write(lambda connection: load_contents(connection, number))


def spelling() -> str:
    return f"S24-WTPF26PREP-R-{next(_numbers):04}"


def ready(running: House, **fields: Any) -> int:
    """A volume that waits for nothing."""
    number = begun(running, **fields)
    form = {"report": "1", f"annex:{OPINION}": str(frozen(running))}
    assert running.post("m-sec", f"/volumes/{number}", {"label": "Third draft", **fields, **form}).status_code == 303
    assert running.post("m-sec", f"/volumes/{number}/number", {"document": spelling()}).status_code == 303
    return number


def published(running: House, number: int, who: str = "m-sec") -> Any:
    return running.post(who, f"/volumes/{number}/publish", {"seen": contents(running, number).fingerprint})


def test_vo4_a_volume_is_prepared_cut_and_published(running: House) -> None:
    """[VO4, VO6]"""
    number = begun(running, "Second draft")
    assert contents(running, number).state is VolumeState.PREPARED
    page = running.get("m-sec", f"/volumes/{number}").text
    assert "is not frozen" in page
    assert "It has no document number" in page
    refused = published(running, number)
    assert refused.status_code == 422
    version = frozen(running)
    form = {"label": "Second draft", "report": "1", f"annex:{OPINION}": str(version)}
    assert running.post("m-sec", f"/volumes/{number}", form).status_code == 303
    assert contents(running, number).state is VolumeState.CUT
    # The freeze itself is no work on the text after its version.
    assert "was worked on after" not in running.get("m-sec", f"/volumes/{number}").text
    spelt = spelling()
    assert running.post("m-sec", f"/volumes/{number}/number", {"document": spelt}).status_code == 303
    assert running.get("m-obs", f"/volumes/{number}").status_code == 404
    assert published(running, number).status_code == 303
    assert "Published" in running.get("m-obs", f"/volumes/{number}").text
    assert spelt in running.get("m-obs", "/volumes").text
    assert spelt in running.get("m-obs", "/documents").text


def test_vo1_the_record_is_signed_and_says_what_is_in_it(running: House) -> None:
    """[VO1, VO2, VO3]"""
    number = ready(running, label="Third draft")
    assert published(running, number).status_code == 303
    told = running.get("m-obs", f"/volumes/{number}/record.json").json()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["public_key"]))
    key.verify(bytes.fromhex(told["signature"]), told["record"].encode())
    facts = read_volume_record(told["record"])
    found = contents(running, number)
    assert record_hash(told["record"]) == told["record_hash"] == found.record_hash
    assert facts.report_digest == found.report_digest
    assert facts.annexed == found.annexed
    assert facts.fingerprint == volume_fingerprint(facts.report_digest, facts.annexed) == found.fingerprint
    assert facts.warnings == found.warnings
    # The next one names it.
    other = ready(running, label="Fourth draft")
    assert published(running, other).status_code == 303
    assert contents(running, other).previous == found.record_hash
    with pytest.raises(ValueError, match="spelled"):
        read_volume_record(told["record"].replace("Third", "Fourth") + " ")


def test_vo5_a_published_volume_never_changes(running: House) -> None:
    """[VO5]"""
    number = ready(running)
    assert published(running, number).status_code == 303
    before = contents(running, number)
    acts: tuple[tuple[str, dict[str, str]], ...] = (
        ("", {"label": "Other"}),
        ("/number", {"document": spelling()}),
        ("/drop", {}),
        ("/publish", {}),
    )
    for path, form in acts:
        assert running.post("m-sec", f"/volumes/{number}{path}", form).status_code == 422
    with pytest.raises(VolumeRefused):
        running.write(lambda c: publishing.take_versions(c, number, {OPINION: 1}, by()))
    # Not even what is kept beside the record changes what it says.
    running.write(lambda c: c.execute(update(volumes).where(volumes.c.number == number).values(label="Forged")))
    running.write(lambda c: c.execute(metadata.tables["volume_annexes"].delete().where(
        metadata.tables["volume_annexes"].c.volume == number)))  # fmt: skip
    running.write(lambda c: report_store.add_section(c, "Later", 1, "More.", "", by(), new_id))
    after = contents(running, number)
    assert (after.label, after.sections, after.annexed, after.fingerprint) == (
        before.label, before.sections, before.annexed, before.fingerprint,
    )  # fmt: skip


TABLES = (published_volumes, sg_sections, sg_revisions, document_numbers_given)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_vo5_rows_are_only_ever_added(running: House, table: Table) -> None:
    """[VO5, SR1, DN1] No statement changes, deletes or replaces one."""
    if table is published_volumes:
        assert published(running, ready(running)).status_code == 303

    row = running.write(lambda connection: connection.execute(select(table)).mappings().first())
    assert row is not None
    name = "at" if "at" in row else "published_at"
    changed: tuple[Executable, ...] = (
        update(table).values({name: datetime.now(UTC)}),
        delete(table),
        insert(table).prefix_with("OR REPLACE").values(dict(row)),
    )
    for statement in changed:
        # By the guard of the connection, or by the trigger.
        with pytest.raises(DatabaseError, match=r"append-only|not authorized"):
            running.write(partial(Connection.execute, statement=statement))
    assert running.write(lambda connection: connection.execute(select(table)).mappings().first()) == row


def test_vo7_of_two_who_publish_at_once_exactly_one_does(running: House) -> None:
    """[VO7]"""
    number = ready(running)
    key = load_key(running.services.settings.signing_key_file)
    seen = contents(running, number).fingerprint

    async def race() -> list[object]:
        def publish(name: str) -> Any:
            who = By("m-sec", name, datetime.now(UTC))
            return lambda connection: publishing.publish(connection, number, seen, key, who)

        acts = (running.services.database.write(publish(f"Clerk {each}")) for each in range(8))
        return list(await asyncio.gather(*acts, return_exceptions=True))

    assert running.client.portal is not None
    found = running.client.portal.call(race)
    assert sum(isinstance(one, VolumeContents) for one in found) == 1
    assert sum(isinstance(one, VolumeRefused) for one in found) == 7
    assert running.write(lambda c: len(c.execute(select(published_volumes).where(
        published_volumes.c.number == number)).all())) == 1  # fmt: skip


def test_vo6_whoever_publishes_has_seen_what_is_in_it(running: House) -> None:
    """[VO6]"""
    number = ready(running)
    seen = contents(running, number).fingerprint
    version = frozen(running)
    running.write(lambda c: publishing.take_versions(c, number, {OPINION: version}, by()))
    running.write(lambda c: report_store.add_section(c, "New", 1, "Words.", "", by(), new_id))
    last = running.write(report_store.latest)
    running.post("m-sec", f"/volumes/{number}", {"label": "X", "report": str(last), f"annex:{OPINION}": str(version)})
    answer = running.post("m-sec", f"/volumes/{number}/publish", {"seen": seen})
    assert answer.status_code == 422
    assert "has changed since you opened this page" in answer.text


def test_vo5_a_volume_is_put_right_by_another(running: House) -> None:
    """[VO5, DN3]"""
    number = ready(running, label="Fourth draft")
    corrects = {"label": "Fourth draft", "corrects": str(number)}
    # Nothing to put right before it is published, and no reason is none.
    assert running.post("m-sec", "/volumes/new", {**corrects, "reason": "Page 3"}).status_code == 422
    assert published(running, number).status_code == 303
    assert running.post("m-sec", "/volumes/new", corrects).status_code == 422
    other = begun(running, "Fourth draft", corrects=str(number), reason="Section 2 was left out")
    spelt = contents(running, number).document
    assert f"{spelt}(Rev.1)" in running.get("m-sec", f"/volumes/{other}").text
    assert running.post("m-sec", f"/volumes/{other}/number", {"document": f"{spelt}(Rev.1)"}).status_code == 303
    assert published(running, other).status_code == 303
    assert contents(running, number).corrected_by == (other,)
    assert "Put right by" in running.get("m-obs", f"/volumes/{number}").text
    assert f"Superseded by <bdi>{spelt}(Rev.1)</bdi>" in running.get("m-obs", "/documents").text


def test_vo4_a_number_stays_used_when_a_volume_is_given_up(running: House) -> None:
    """[VO4, DN1]"""
    number, spelt = begun(running), spelling()
    assert running.post("m-sec", f"/volumes/{number}/number", {"document": spelt}).status_code == 303
    assert running.post("m-sec", f"/volumes/{number}/drop").status_code == 303
    assert contents(running, number).state is VolumeState.DROPPED
    other = begun(running)
    for again in (spelt, spelt.lower(), spelt.replace("-R-", "/R/"), f" {spelt} ", f"{spelt}-E"):
        answer = running.post("m-sec", f"/volumes/{other}/number", {"document": again})
        assert answer.status_code == 422, again
        assert "A number is not given twice" in answer.text
    assert "Given up" in running.get("m-sec", "/documents").text


def test_focal_points_are_told_with_the_fingerprint(running: House) -> None:
    running.write(lambda c: add_member(c, "Fiona Point", Role.FOCAL_POINT, "XAA", "fiona.point@example.org"))
    number = ready(running, label="A draft to be told of")
    assert published(running, number).status_code == 303
    found = contents(running, number)
    sent = running.write(lambda c: c.execute(select(letters).where(letters.c.subject.contains("to be told of"))).all())
    assert sent
    assert all(found.short_fingerprint in one.body and f"/volumes/{number}" in one.body for one in sent)
    assert running.write(lambda c: c.execute(select(jobs).where(jobs.c.id == f"event:volume.published:{number}")).all())


def test_sr6_while_the_forum_is_held_the_report_is_not_revised(running: House) -> None:
    """[SR6, VO6]"""
    number = ready(running)
    today = datetime.now(UTC).date()
    when = When(today - timedelta(days=1), today + timedelta(days=1))

    def held(name: str, forum: When) -> None:
        fields = {"kind": MilestoneKind.FORUM, "name": "Forum", "when": forum}
        change = Change(name, today - timedelta(days=9), fields, recorded_at=datetime.now(UTC))
        running.write(lambda c: append_changes(c, [change]))

    held("forum", when)
    try:
        assert published(running, number).status_code == 422
        assert "not revised" in running.get("m-sec", f"/volumes/{number}").text
        assert running.post("m-sec", "/volumes/new", {"label": "X"}).status_code == 422
        section = {"heading": "Late words", "level": "1", "body": "x"}
        answer = running.post("m-sec", "/sg-report/sections/new", section)
        assert answer.status_code == 422
        assert "Late words" in answer.text
        assert "not revised" in running.get("m-xaa-1", "/sg-report").text
    finally:
        # It is put off by three years.
        later = When(today + timedelta(days=1000), today + timedelta(days=1001))
        change = Change("forum", today - timedelta(days=8), {"when": later}, "moved", recorded_at=datetime.now(UTC))
        running.write(lambda c: append_changes(c, [change]))
    answer = published(running, number)
    assert answer.status_code == 303, answer.text


def test_vo6_six_weeks_not_kept_is_told_and_recorded(running: House) -> None:
    """[VO6]"""
    today = datetime.now(UTC).date()
    soon = When(today + timedelta(days=20), today + timedelta(days=21))
    fields = {"kind": MilestoneKind.FORUM, "name": "Forum", "when": soon}
    change = Change("forum-soon", today - timedelta(days=2), fields, recorded_at=datetime.now(UTC))
    # The last forum of a timetable is the forum: that of another test is not held.
    gone = [Change("forum", today, {"standing": Standing.CANCELLED}, "dropped", recorded_at=datetime.now(UTC))]
    there = running.write(timetable_of)
    running.write(lambda connection: append_changes(connection, [change, *(gone if "forum" in there else [])]))
    number = ready(running, label="Final report", final="on")
    assert "weeks before" in running.get("m-sec", f"/volumes/{number}").text
    assert published(running, number).status_code == 303
    assert any("weeks before" in one for one in read_volume_record(contents(running, number).record).warnings)
    # What puts it right is the final report again, whatever the timetable has next; [VO5].
    assert 'name="final" checked' in running.get("m-sec", f"/volumes/new?corrects={number}").text


def test_what_does_not_fit_is_refused_and_changes_nothing(running: House) -> None:
    number = begun(running)
    before = contents(running, number)
    page = f"/volumes/{number}"
    wrong: tuple[dict[str, str], ...] = (
        {"label": ""},
        {"label": "x" * 201},
        {"label": "x\u202e"},
        {"label": "x", "milestone": "no-such"},
        {"label": "x", "report": "9999"},
        {"label": "x", "report": "many"},
        {"label": "x", "annex:o-nowhere": "0"},
        {"label": "x", f"annex:{OPINION}": "9999"},
        {"label": "x", f"annex:{OPINION}": "first"},
        {"step": "cut", "cut": "no-such"},
    )
    for form in wrong:
        assert running.post("m-sec", page, form).status_code == 422, form
    for document in ("", "x" * 65, "S24\u202e"):
        assert running.post("m-sec", f"{page}/number", {"document": document}).status_code == 422
    assert contents(running, number) == before
    assert running.get("m-sec", "/volumes/4711").status_code == 404
    assert running.get("m-sec", f"{page}/record.json").status_code == 404
    assert running.post("m-sec", "/volumes/4711/publish").status_code == 404


def test_there_are_no_more_volumes_than_a_process_has(running: House) -> None:
    def fill(connection: Connection) -> None:
        row = {"label": "x", "made_at": datetime.now(UTC), "number": MAX_VOLUMES}
        connection.execute(insert(volumes).values(row))
        with pytest.raises(VolumeRefused, match="the most"):
            publishing.prepare(connection, Wanted("One more"), by())
        connection.execute(delete(volumes).where(volumes.c.number == MAX_VOLUMES))

    running.write(fill)


def test_the_record_says_the_bytes_of_one_spelling(running: House) -> None:
    """[VO1]"""
    number = ready(running, label="Büro «Ω» 中")
    assert published(running, number).status_code == 303
    record = contents(running, number).record
    assert json.dumps(json.loads(record), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == record


def test_volumes_and_documents_are_read_as_json(running: House) -> None:
    number = ready(running, label="For programs")
    assert number not in [one["number"] for one in running.get("m-obs", "/api/volumes").json()["volumes"]]
    assert published(running, number).status_code == 303
    found = contents(running, number)
    told = running.get("m-obs", "/api/volumes").json()["volumes"]
    one = next(each for each in told if each["number"] == number)
    assert (one["document"], one["fingerprint"], one["state"]) == (found.document, found.fingerprint, "published")
    assert one["annexed"] == [{"opinion": OPINION, "version": found.annexed[0].version, "position": 1}]
    documents = running.get("m-obs", "/api/documents").json()["documents"]
    assert found.document in [each["number"] for each in documents]
