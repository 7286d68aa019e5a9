"""A whole process in one JSON file, and back: nothing forgotten, nothing private gone along, nothing forged in."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Connection, insert, select, update

from crdt.history import History
from opinions.process_plan import Plan, to_json
from opinions.process_rules import ProcessRules
from opinions.provenance import Source, provenance_of
from opinions.record import Amendment, OnTable, OpinionRecord, ParagraphRecord, Removed, Stance
from opinions.roles import DelegationKind, Role
from server import serving
from server.audit_store import AuditEvent, note
from server.audit_store import Kind as AuditKind
from server.database import Database
from server.files_store import keep
from server.freezes.rotation import rotate
from server.log_store import load_entries
from server.people_store import add_member, all_members
from server.process_store import load_process, save_process
from server.session_store import start_session
from server.settings import Settings
from server.signing import SigningKey, load_key
from server.tables import entries, metadata, opinions, versions
from server.taking_part.archive import (
    IMPERSONAL,
    OF_PERSONS,
    PERSONAL,
    SECRET,
    TOLD,
    WITHHELD,
    carried,
    write_archive,
)
from server.taking_part.archive_reading import ArchiveRefused, BroughtIn, read_archive
from server.taking_part.archive_schema import archive_schema
from server.taking_part.namelessness import PERSONS
from server.verification.building import version_file
from server.verification.sources import Source as Given
from server.verification.sources import verify_sources
from server.verify import verify
from tests.freezes.cutting import cut_form
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.placements import ask
from tests.support.proofs import STRANGER
from tests.support.stock import ITEM, OPINION, Person, stocked

NOW = datetime(2026, 1, 21, 9, tzinfo=UTC)
DRAFT = "a word that nobody submitted"
PRIVATE, ADDRESS = "Ann Brook of Nowhere", "ann.brook@example.org"
"""Somebody who is in no other list: named by papers, comments, nominations."""
KEY = SigningKey(STRANGER.id, STRANGER.public, STRANGER.private)
SECRET_HASH = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was worked in, and its files."""

    settings: Settings
    with_people: bytes
    without: bytes


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Process:
    """Somebody types live, somebody drafts, a version is frozen."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("archive") / "data")
    stock = stocked(settings)

    async def sit(port: int) -> None:
        async with Drafter(port, stock["m-sec"]) as clerk:
            await clerk.command({"act": "open_live_drafting", "on": True})
            async with Drafter(port, stock["m-xaa-1"]) as expert:
                await expert.saved(await expert.type(ITEM, 0, "live words "))
            await clerk.command({"act": "freeze", "label": "First draft", "ruled_by": "Rosa Chair"})
            await clerk.command({"act": "open_live_drafting", "on": False})
        async with Drafter(port, stock["m-xbb-1"], workspace=True) as quiet:
            await quiet.saved(await quiet.type(ITEM, 0, DRAFT))

    with live_server(settings.data_dir) as server:
        asyncio.run(sit(server.port))
        form = cut_form(ruled_by="Rosa Chair", label="Volume")
        assert ask(server, stock["m-sec"], "POST", "/freeze", form=form)[0] == 303
        server.stop()
    rotate(settings, NOW)
    with Database(settings) as database:
        key = load_key(settings.signing_key_file)
        database.run(lambda connection: _papers(connection, key))
        return Process(settings, database.run(_written(True)), database.run(_written(False)))


def _papers(connection: Connection, key: SigningKey) -> None:
    """At least one row in every table that is carried, as the capabilities leave them."""
    rules = ProcessRules(views_kinds=frozenset({DelegationKind.ACADEMIA}), contribution_pages=4)
    save_process(connection, replace(load_process(connection), rules=rules))
    paper = keep(connection, "paper.txt", "text/plain", b"\x00\xffwords", NOW, "m-xaa-1").id
    picture = keep(connection, "annex.txt", "text/plain", b"of a comment", NOW).id
    word = keep(connection, "draft.docx", "application/zip", b"PK of Ann Brook", NOW, "m-sec").id
    unseen = keep(connection, "unseen.docx", "application/zip", DRAFT.encode(), NOW, "m-sec").id
    later = NOW + timedelta(days=1)

    def put(table: str, **values: Any) -> None:
        connection.execute(insert(metadata.tables[table]).values(**values))

    number = {"number": "IEG-WTPF-26-4/5", "number_key": "ieg-wtpf-26-4/5", "status": "registered"}
    handed = {"handed_in_by": "m-xaa-1", "handed_in_name": PRIVATE, "received_at": NOW}
    put("contributions", id="c-1", title="Proposals", dated=NOW.date(), **number, **handed)
    put("contribution_sources", contribution="c-1", delegation="XAA", position=0)
    put("contribution_opinions", contribution="c-1", opinion=OPINION)
    put("contribution_files", contribution="c-1", file=paper, position=0)
    item = {"contribution": "c-1", "position": 0, "opinion": OPINION, "delegation": "XAA", "kind": "view"}
    put("contribution_items", id="i-1", status="noted", changed_at=NOW, changed_by=PRIVATE, **item)
    put("eligibility_events", at=NOW, kind="text", draft=OPINION, title="x", member="m-sec", name=PRIVATE)
    about = {"name": "First round", "audience": "public", "showing": "together", "created_by": "m-sec"}
    put("consultation_rounds", id="r-1", number=1, opens_at=NOW, closes_at=later, created_at=NOW, **about)
    put("round_texts", round="r-1", opinion=OPINION, version=1, position=0)
    dates = {"opened_before": NOW, "opened_after": NOW, "closed_before": NOW, "closed_after": later}
    put("round_changes", round="r-1", at=NOW, member="m-sec", name=PRIVATE, reason="Late paper", **dates)
    said = {"round": "r-1", "opinion": OPINION, "source": "public", "made_at": NOW, "changed_at": NOW}
    known = {"name": PRIVATE, "email": ADDRESS, "token_hash": SECRET_HASH}
    put("comments", id="k-1", number=1, state="shown", body="Say who pays.", **said, **known)
    known["token_hash"] = SECRET_HASH[::-1]
    put("comments", id="k-2", number=None, state="unconfirmed", body="Nobody confirmed this.", **said, **known)
    for comment in ("k-1", "k-2"):
        put("comment_history", comment=comment, at=NOW, member="m-sec", name=PRIVATE, act="shown")
    put("comment_files", comment="k-1", file=picture)
    put("comment_files", comment="k-2", file=unseen)
    way = {"opinion": OPINION, "kind": "contribution", "by_member": "m-sec", "by_name": PRIVATE, "at": NOW}
    put("brought_in", id="w-1", file=word, state="entered", reading=json.dumps([PRIVATE]), **way)
    put("brought_in", id="w-2", file=unseen, state="looked_at", reading=json.dumps([DRAFT]), **way)
    thread = {"opinion": OPINION, "author": PRIVATE, "brought_in": "w-1", "entered_at": NOW}
    # Read in the order of their ids, the answer comes first.
    put("threads", id="t-2", parent=None, text="Why?", **thread)
    put("threads", id="t-1", parent="t-2", text="So.", **thread)
    link = {"token_hash": SECRET_HASH, "recipient": ADDRESS, "created_at": NOW, "expires_at": later}
    put("nomination_links", id="l-1", delegation="XAA", **link)
    who = {"name": PRIVATE, "email": ADDRESS, "nominator": PRIVATE, "nominator_email": ADDRESS}
    put("nominations", id="n-1", delegation="XAA", role="expert", link="l-1", made_at=NOW, **who)
    nominated = {"entity": "Ruritania", "nominated_by": PRIVATE}
    connection.execute(update(metadata.tables["roster"]).values(**nominated))
    put("parts", id="q-1", member="m-xaa-1", opinion=OPINION, role="observer", begins_at=NOW, ends_at=later)
    put("marks", opinion=OPINION, seq=1, content="{}")
    put("looks", member="m-xaa-1", opinion=OPINION, purpose="page", seq=1, at=NOW)
    put("wishes", member="m-xaa-1", pace="daily", zone="Europe/Zurich")
    audited = AuditEvent(AuditKind.EXPORT, NOW, "m-sec", PRIVATE, "process", "taken")
    note(connection, audited)
    checked = {"opinion": OPINION, "number": 1, "member": "m-xaa-1", "fingerprint": "x", "matches": False, "at": NOW}
    put("version_checks", **checked)
    put("speaking_groups", code="G77", name="Group of 77", name_key="group of 77")
    put("speaking_group_members", code="G77", delegation="XAA")
    put("voices", delegation="XAA", member="m-xaa-1", named_by="m-sec", named_at=NOW)
    changed = {"milestone": "ieg-1", "decided_on": NOW.date(), "fields": "{}", "recorded_at": NOW}
    put("timetable_changes", member="m-sec", name=PRIVATE, **changed)
    filed = {"file": "a.yaml", "content": "a: b", "plan": json.dumps(to_json(Plan())), "loaded_at": NOW}
    put("timetable_files", member="m-sec", name=PRIVATE, **filed)
    put("phase_extensions", phase="window", closes_at=later, at=NOW, member="m-sec", name=PRIVATE)
    warned = {"rule": "report-weeks", "force": "soft", "subject": "report", "message": "Late."}
    put("rule_warnings", at=NOW, member="m-sec", name=PRIVATE, **warned)
    saved = {"at": NOW, "member": "m-sec", "name": PRIVATE}
    put("sg_sections", section="s-1", state=1, heading="Background", level=1, paragraphs='[["sp-1","One."]]', **saved)
    put("sg_revisions", number=1, sections='[["s-1",1]]', digest="0" * 64, act="Section added", **saved)
    remark = {"member": "m-xaa-1", "name": PRIVATE, "made_at": NOW, "answered_by": PRIVATE}
    put("sg_put_out", revision=1, **saved)
    put("sg_comments", id="r-1", number=1, revision=1, section="s-1", party="XAA", body="Say more.", **remark)
    put("sg_comment_history", comment="r-1", act="made", **saved)
    put("volumes", number=1, label="First draft", report=1, made_at=NOW, member="m-sec", name=PRIVATE)
    put("volume_annexes", volume=1, opinion=OPINION, position=1, version=1)
    frozen = connection.execute(select(versions).where(versions.c.opinion == OPINION, versions.c.number == 1)).one()
    annexed = {"opinion": OPINION, "version": 1, "record_hash": frozen.record_hash, "fingerprint": frozen.fingerprint}
    facts = {"annexed": [annexed], "fingerprint": "0" * 64, "key": key.id, "number": 1, "previous": "", "by": PRIVATE}
    record = json.dumps(facts)
    signed: dict[str, Any] = {
        "record": record,
        "record_hash": hashlib.sha256(record.encode()).hexdigest(),
        "key": key.id,
    }
    signed["signature"] = key.sign(record.encode())
    put("published_volumes", number=1, position=1, published_at=NOW, fingerprint="0" * 64, **signed)
    put("public_versions", opinion=OPINION, number=1, at=NOW, by="m-sec")
    put("document_numbers_given", number_key="R/1", number="R/1", kind="volume", subject="1", title="x", **saved)
    forum = {"opinion": "op-space", "origin": OPINION, "version": 1, "fingerprint": "0" * 64}
    put("forum_texts", **forum, opened_at=NOW, member="m-sec", name=PRIVATE)
    put("version_attributions", opinion=OPINION, number=1, attribution="none", set_by="m-sec", set_at=NOW)


def _written(with_people: bool) -> Callable[[Connection], bytes]:
    def write(connection: Connection) -> bytes:
        file = io.BytesIO()
        write_archive(connection, file, NOW, with_people=with_people)
        return file.getvalue()

    return write


def brought(content: bytes, place: Path, before: Callable[[Connection], object] | None = None) -> BroughtIn:
    settings = Settings(data_dir=place)
    serving.prepare(settings)
    with Database(settings) as database:
        if before is not None:
            database.run(before)
        own = load_key(settings.signing_key_file)
        return database.run(lambda connection: read_archive(connection, content, "operator", NOW, own))


def test_every_table_is_carried_or_said_to_stay() -> None:
    lists = (set(WITHHELD), set(OF_PERSONS), set(PERSONAL), set(IMPERSONAL))
    assert sum(map(len, lists)) == len(set().union(*lists)), "a table is in one list"
    assert set().union(*lists) == set(metadata.tables), "whoever adds a table says here what becomes of it"
    assert set(TOLD) <= lists[2] | lists[3]
    for table in carried(with_people=False):
        for column in table.columns:
            named = column.name in NAMES or column.name.endswith("_by") or column.name.endswith("_name")
            known = (table.name, column.name) in OF_THINGS or column.name in PERSONAL.get(table.name, ())
            assert known or not named, f"{table.name}.{column.name} may name a person"
            # What it refers to is there too, or it is blanked.
            for key in column.foreign_keys:
                there = key.column.table in carried(with_people=False) or table.name in TOLD
                assert there or column.name in PERSONAL[table.name], f"{table.name}.{column.name}"
    for table in carried(with_people=True):
        for column in table.columns:
            for key in column.foreign_keys:
                assert key.column.table.name not in WITHHELD or column.name in SECRET[table.name]
    for name, columns in PERSONAL.items():
        assert set(columns) <= set(metadata.tables[name].c.keys())


NAMES = {"name", "author", "email", "member", "nominator", "recipient", "address", "typist"}
"""Columns that hold a person, as they are called."""
OF_THINGS = {("process", "name"), ("delegations", "name"), ("consultation_rounds", "name"), ("files", "name")} | {
    ("speaking_groups", "name"),
}


def test_a_process_has_something_in_every_table_that_is_carried(worked_in: Process) -> None:
    tables = json.loads(worked_in.with_people)["tables"]
    assert [name for name, rows in tables.items() if not rows] == []


def test_every_field_of_the_record_that_names_a_person_is_taken_out() -> None:
    """Whoever adds one says so in `PERSONS`."""
    values = within(Amendment | ParagraphRecord | OpinionRecord | OnTable)
    named = {"author", "typist", "speaker", "confirmed", "by"}
    of_parties = {(Stance, "by"), (Removed, "by")}
    for kind in values:
        for name, of in get_type_hints(kind).items():
            names_a_person = of is str and (name in named or name.endswith("_by"))
            known = name in PERSONS.get(kind, ()) or (kind, name) in of_parties
            assert known or not names_a_person, f"{kind.__name__}.{name} may name a person"


def within(kind: Any) -> set[type]:
    """A dataclass of the record with all that it holds."""
    if get_args(kind):
        return {one for part in get_args(kind) for one in within(part)}
    if not is_dataclass(kind):
        return set()
    return {cast(type, kind)} | {one for of in get_type_hints(kind).values() for one in within(of)}


def test_no_secret_and_no_draft_goes_along(worked_in: Process) -> None:
    for content in (worked_in.with_people, worked_in.without):
        archive = json.loads(content)
        assert not set(archive["tables"]) & set(WITHHELD)
        documents = archive["tables"].get("documents", [])
        assert all(row["delegation"] is None for row in documents)
    assert DRAFT.encode() not in _bytes_of(worked_in.with_people)
    for content in (worked_in.with_people, worked_in.without):
        told = _bytes_of(content)
        assert b"Nobody confirmed this." not in told
        assert b"Say who pays." in told
        assert SECRET_HASH not in told
    assert DRAFT.encode() not in _bytes_of(worked_in.without)


def _bytes_of(content: bytes) -> bytes:
    """The file with every base64 value taken apart, so that nothing hides in one."""
    found = [content]

    def look(value: Any) -> None:
        if isinstance(value, str):
            try:
                found.append(base64.b64decode(value, validate=True))
            except ValueError:
                return
        elif isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                look(one)

    look(json.loads(content))
    return b"\n".join(found)


def test_without_people_no_name_of_a_person_is_left(worked_in: Process) -> None:
    told = _bytes_of(worked_in.without)
    with Database(worked_in.settings) as database:
        names = [one.name for one in database.run(all_members)]
    assert len(names) > 8
    for name in (*names, "m-xaa-1", "m-sec", PRIVATE, ADDRESS):
        assert name.encode() not in told, name
    assert b"live words" in told
    assert names[0].encode() in _bytes_of(worked_in.with_people)


def test_both_files_are_as_their_schema_says(worked_in: Process) -> None:
    schema = archive_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for content in (worked_in.with_people, worked_in.without):
        assert [error.message for error in validator.iter_errors(json.loads(content))] == []
    wrong = json.loads(worked_in.with_people)
    wrong["tables"]["opinions"][0]["colour"] = "red"
    assert list(validator.iter_errors(wrong))


def test_with_people_it_comes_back_entry_by_entry(worked_in: Process, tmp_path: Path) -> None:
    done = brought(worked_in.with_people, tmp_path / "data")
    assert (done.opinions, done.versions_told) == (2, 0)
    assert done.people > 8
    with Database(worked_in.settings) as ours, Database(Settings(data_dir=tmp_path / "data")) as theirs:
        mine = ours.run(_log_and_versions)
        assert all(mine)
        assert mine == theirs.run(_log_and_versions)
        assert theirs.run(load_process) == ours.run(load_process)
        assert ours.run(_history) == theirs.run(_history)
        assert all(not one.findings for one in theirs.run(lambda connection: list(verify(connection))))
        again = json.loads(theirs.run(_written(True)))["tables"]
    ours_told = json.loads(worked_in.with_people)["tables"]
    assert again.pop("audit_events")[: len(ours_told["audit_events"])] == ours_told.pop("audit_events")
    assert [key for key in ours_told.pop("keys") if key not in again["keys"]] == []
    # [V7] What goes on here is signed by another key: that is on record.
    assert [json.loads(one["record"])["kind"] for one in again.pop("key_rotations")] == ["rotation", "brought"]
    del ours_told["key_rotations"]
    for name, rows in ours_told.items():
        assert again[name] == rows, name


def _history(connection: Connection) -> tuple[Any, ...]:
    """[PV2] The steps of an Opinion, and where its words come from."""
    history = History(OPINION)
    history.take(load_entries(connection, OPINION))
    traced = provenance_of(history.document, ITEM, history.ground)
    assert {one.source for one in traced} == {Source.PROPOSED, Source.BASE}
    return history.steps, traced


def _log_and_versions(connection: Connection) -> tuple[list[Any], list[Any]]:
    log = select(entries).where(entries.c.document == OPINION).order_by(entries.c.seq)
    frozen = select(versions).order_by(versions.c.opinion, versions.c.number)
    return list(connection.execute(log)), list(connection.execute(frozen))


def test_people_go_on_working_where_it_was_brought_in(worked_in: Process, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    brought(worked_in.with_people, settings.data_dir)

    with Database(settings) as database:
        token = database.run(
            lambda connection: start_session(connection, "m-sec", datetime.now(UTC), timedelta(hours=1))
        )

    async def sit(port: int) -> None:
        async with Drafter(port, Person("m-sec", Role.SECRETARIAT, None, token)) as clerk:
            await clerk.command({"act": "freeze", "label": "Second draft", "ruled_by": "Rosa Chair"})

    with live_server(settings.data_dir) as server:
        asyncio.run(sit(server.port))
        server.stop()
    with Database(settings) as database:
        frozen = database.run(lambda connection: list(connection.scalars(select(versions.c.label))))
        assert sorted(frozen) == ["First draft", "Second draft", "Volume", "Volume"]
        verdicts = database.run(lambda connection: list(verify(connection)))
        assert [one for one in verdicts if one.findings] == []
        # [V7] The other server's key vouches for nothing here: that is on record, and told with its date.
        own = load_key(settings.signing_key_file).id
        (told,) = [line for one in verdicts for line in one.told]
        assert told.startswith(f"On {NOW:%d %B %Y} the process was brought here")
        assert own in told
        file = database.run(lambda connection: version_file(connection, OPINION, 3, names=True))
        first = database.run(lambda connection: version_file(connection, OPINION, 2, names=True))
    there = load_key(worked_in.settings.signing_key_file).id
    for pin, differs in ((own, set()), (there, {"keys"})):
        (report,) = verify_sources([Given("3.json", {"3.json": file})], [pin])
        assert {one.where for one in report.findings} == differs
        assert any("brought to another server" in line for line in report.skipped) == (pin != own)
    # What was signed before does not wait for the new key.
    begun = json.loads(first)["version"]["key"]
    assert verify_sources([Given("2.json", {"2.json": first})], [begun])[0].findings == []


def test_without_people_the_texts_come_back(worked_in: Process, tmp_path: Path) -> None:
    done = brought(worked_in.without, tmp_path / "data")
    assert (done.opinions, done.people, done.versions_told, done.comments_told) == (2, 0, 3, 1)
    with Database(Settings(data_dir=tmp_path / "data")) as theirs:
        again = json.loads(theirs.run(_written(False)))
    ours = json.loads(worked_in.without)
    for name in set(ours["tables"]) - set(TOLD) - {"files"}:
        assert again["tables"][name] == ours["tables"][name], name
    for mine, back in zip(ours["texts"], again["texts"], strict=True):
        assert (mine["opinion"], mine["paragraphs"], mine["record"]) == (
            back["opinion"],
            back["paragraphs"],
            back["record"],
        )


def test_who_set_the_server_up_stays_and_is_known_again(worked_in: Process, tmp_path: Path) -> None:
    archive = json.loads(worked_in.with_people)
    ada = next(row for row in archive["tables"]["members"] if row["id"] == "m-admin")
    ada["email"] = "ada@example.org"
    archive["tables"]["roster"].append({**archive["tables"]["roster"].pop(), "member": "m-admin"})

    def here(connection: Connection) -> None:
        add_member(connection, "Ada Set Up", Role.ADMINISTRATOR, email="ada@example.org", member_id="m-first")
        connection.execute(insert(metadata.tables["roster"]).values(member="m-first", came_at=NOW))

    brought(json.dumps(archive).encode(), tmp_path / "data", here)
    with Database(Settings(data_dir=tmp_path / "data")) as theirs:
        members = theirs.run(all_members)
    assert [one.id for one in members if one.email == "ada@example.org"] == ["m-first"]
    assert "m-sec" in {one.id for one in members}


def test_a_process_is_brought_in_once(worked_in: Process, tmp_path: Path) -> None:
    brought(worked_in.with_people, tmp_path / "data")
    with pytest.raises(ArchiveRefused, match="already"):
        brought(worked_in.with_people, tmp_path / "data")


Spoil = Callable[[dict[str, Any]], object]


def _entry(archive: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = archive["tables"]["entries"][1]
    return found


SPOILT: dict[str, tuple[Spoil, str]] = {
    "another format": (lambda a: a.update(format="x"), "not a process"),
    "a later version": (lambda a: a.update(version=2), "version 2"),
    "another step": (lambda a: a.update(schema="0001"), "step '0001'"),
    "an unknown table": (lambda a: a["tables"].update(secrets=[]), "'secrets'"),
    "a withheld table": (lambda a: a["tables"].update(sessions=[]), "'sessions'"),
    "an unknown field": (lambda a: _entry(a).update(colour=1), "'colour'"),
    "a missing field": (lambda a: _entry(a).pop("at"), "'at'"),
    "a forged name": (lambda a: _entry(a).update(name="Somebody Else"), "does not agree"),
    "a forged time": (lambda a: _entry(a).update(at="2020-01-01T00:00:00+00:00"), "does not agree"),
    "a time without zone": (lambda a: _entry(a).update(at="2020-01-01T00:00:00"), "at does not fit"),
    "no base64": (lambda a: _entry(a).update(payload="%%%"), "payload does not fit"),
    "a number as text": (lambda a: _entry(a).update(seq="2"), "seq does not fit"),
    "an entry left out": (lambda a: a["tables"]["entries"].pop(1), "does not agree"),
    "a version reworded": (lambda a: a["tables"]["versions"][0].update(text="{}"), "does not agree"),
    "rules that are none": (lambda a: a["tables"]["process"][0].update(rules='{"colour": 1}'), "rules"),
    "two processes": (lambda a: a["tables"]["process"].append(a["tables"]["process"][0]), "process"),
    "a role that is none": (lambda a: a["tables"]["members"][0].update(role="king"), "members"),
    "people unsaid": (lambda a: a.pop("people"), "people"),
    "a day that is none": (lambda a: a["tables"]["contributions"][0].update(dated="2026-02-30"), "dated does not fit"),
    "rows that are none": (lambda a: a["tables"].update(members=[1]), "'members'"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A server that holds no process: one for all that is refused, for of that nothing is kept."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("empty") / "data")
    serving.prepare(settings)
    with Database(settings) as database:
        yield database


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_file_is_refused_and_nothing_of_it_is_kept(worked_in: Process, empty: Database, kind: str) -> None:
    spoil, words = SPOILT[kind]
    archive = json.loads(worked_in.with_people)
    spoil(archive)
    with pytest.raises(ArchiveRefused, match=words):
        empty.run(lambda connection: read_archive(connection, json.dumps(archive).encode(), "operator", NOW, KEY))
    assert empty.run(lambda connection: connection.scalars(select(opinions.c.id)).all()) == []
    assert empty.run(all_members) == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b'"x"', b"\xff"])
def test_what_is_no_process_is_refused(empty: Database, content: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        empty.run(lambda connection: read_archive(connection, content, "operator", NOW, KEY))
