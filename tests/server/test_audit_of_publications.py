"""[R23, VF11, VF12] What is published, changed so that nothing beside it tells: by somebody with the key of the server,
or in a table that no version names. And what the mirror hands on: no name of a delegation beside proposals, ever.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crdt.protocol import compact
from opinions.visibility import Attribution
from server.database import Database
from server.ids import new_id
from server.process_store import load_process, save_process
from server.settings import Settings
from server.sg_report import store as report_store
from server.signing import load_key
from server.verification.mirror import mirror_files
from server.verify import verify
from tests.server.test_volumes import begun, by, contents, frozen, published
from tests.support.sitting import after_two_sittings, two_sittings
from tests.support.stock import OPINION
from tests.support.visitors import PORT, House, house, opened

Raw = sqlite3.Connection
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, frozen one after the other."""
    return after_two_sittings(tmp_path_factory.mktemp("audit") / "data")


@pytest.fixture(scope="module")
def annexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume that annexes a version, published."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("annexed") / "data")
    with house(settings) as running:
        running.write(lambda c: report_store.add_section(c, "Background", 1, "One.", "", by(), new_id))
        number = begun(running)
        form = {"label": "Third draft", "report": "1", f"annex:{OPINION}": str(frozen(running))}
        assert running.post("m-sec", f"/volumes/{number}", form).status_code == 303
        numbered = {"document": "S24-WTPF26PREP-R-0003"}
        assert running.post("m-sec", f"/volumes/{number}/number", numbered).status_code == 303
        assert published(running, number).status_code == 303
        assert contents(running, number).annexes
    return settings.data_dir


def found(data_dir: Path, changed: Callable[[Raw], None], place: Path) -> list[str]:
    """What an audit says of a copy of a data directory that was changed with its guards away for a while."""
    shutil.copytree(data_dir, place, ignore=shutil.ignore_patterns("*.sock"))
    with closing(sqlite3.connect(place / "unbracket.db")) as raw, raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        changed(raw)
        for _, made in guards:
            raw.execute(made)
    with Database.reading(Settings(data_dir=place)) as connection:
        return [finding for verdict in verify(connection) for finding in verdict.findings]


def signed_anew(data_dir: Path, change: Callable[[Facts], None]) -> Callable[[Raw], None]:
    """The newest version's record, changed and signed with the server's own key, so that hash and signature hold."""
    key = load_key(Settings(data_dir=data_dir).signing_key_file)

    def do(raw: Raw) -> None:
        rowid, record = raw.execute("SELECT rowid, record FROM versions ORDER BY number DESC LIMIT 1").fetchone()
        facts = json.loads(record)
        change(facts)
        written = compact(facts)
        values = (written, sha256(written.encode()).hexdigest(), key.sign(written.encode()), facts["label"], rowid)
        raw.execute("UPDATE versions SET record = ?, record_hash = ?, signature = ?, label = ? WHERE rowid = ?", values)

    return do


SIGNED: dict[str, tuple[Callable[[Facts], object], str]] = {
    "the text of a form": (lambda facts: facts["texts"].update(rolling="0" * 64), "in the form “rolling”"),
    "a form more": (lambda facts: facts["texts"].update(clean="0" * 64), "in the form “clean”"),
    "a form less": (lambda facts: facts["texts"].pop("marked-unnamed"), "in the form “marked-unnamed”"),
    "whose proposals stand in it": (lambda facts: facts.update(attribution="0" * 64), "whose proposals stand in it"),
    "another log": (lambda facts: facts.update(document="o-another"), "names another log"),
    "another key": (lambda facts: facts.update(key="0" * 16), "names another log, or another key"),
    "a format to come": (lambda facts: facts.update(format=3), "of format 3"),
    "the version before it": (lambda facts: facts.update(previous="0" * 64), "stored beside its record"),
    "a cut": (lambda facts: facts.update(cut="cut-nowhere"), "cut-nowhere"),
}


def test_p8_what_nobody_changed_agrees(drafted: Path, annexed: Path, tmp_path: Path) -> None:
    for place in (drafted, annexed):
        assert found(place, lambda raw: None, tmp_path / place.parent.name) == []
        assert found(place, signed_anew(place, lambda facts: None), tmp_path / f"{place.parent.name}-same") == []


@pytest.mark.parametrize("what", SIGNED)
def test_p8_a_record_that_the_server_s_own_key_signed_anew_is_held_against_the_log(
    drafted: Path, tmp_path: Path, what: str
) -> None:
    change, told = SIGNED[what]

    def changed(facts: Facts) -> None:
        change(facts)

    findings = found(drafted, signed_anew(drafted, changed), tmp_path / "data")
    assert any(told in finding for finding in findings), findings


def test_p8_a_version_signed_anew_is_not_the_one_its_volume_was_published_with(annexed: Path, tmp_path: Path) -> None:
    """Its label in record and column: nothing of the version itself differs."""
    findings = found(annexed, signed_anew(annexed, lambda facts: facts.update(label="Last draft")), tmp_path / "data")
    assert any("is not the one it was published with" in finding for finding in findings), findings


ROWS = {
    "a file of a volume": (
        "INSERT INTO volume_exports (number, form, content, sha256, made_at) "
        "SELECT number, 'mine.txt', x'00', zeroblob(32), published_at FROM published_volumes",
        "mine.txt",
    ),
    "a file of a version": (
        "INSERT INTO version_exports (opinion, number, form, content, sha256, made_at) "
        "SELECT opinion, number, 'mine.txt', x'00', zeroblob(32), frozen_at FROM versions",
        "mine.txt",
    ),
    "a public version that is not there": (
        "INSERT INTO public_versions (opinion, number, at, by) SELECT opinion, 99, frozen_at, 'x' FROM versions",
        "is public, and not there",
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_r23_every_table_of_what_is_published_is_audited(annexed: Path, tmp_path: Path, what: str) -> None:
    statement, told = ROWS[what]

    def changed(raw: Raw) -> None:
        assert raw.execute(statement).rowcount > 0

    findings = found(annexed, changed, tmp_path / "data")
    assert any(told in finding for finding in findings), findings


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    stock = two_sittings(Settings(data_dir=tmp_path_factory.mktemp("mirrored") / "data", port=PORT))
    with opened(stock.settings, stock) as started:
        assert started.post("m-sec", f"/opinions/{OPINION}/versions/1/public").status_code == 303
        yield started


@pytest.mark.parametrize("setting", [Attribution.ALL, Attribution.NONE])
def test_vf11_the_mirror_hands_on_no_names_and_no_log(open_house: House, setting: Attribution) -> None:
    """Whatever the setting is today: what a mirror has once handed on nobody takes back."""
    open_house.write(lambda c: save_process(c, replace(load_process(c), attribution=setting)))
    key = load_key(open_house.services.settings.signing_key_file)
    files = open_house.write(partial(mirror_files, key=key))
    assert any(name.startswith("texts/") for name in files)
    shown = json.loads(open_house.get("m-xaa-1", f"/public/opinions/{OPINION}/versions/1/version.json").content)
    assert "XBB" in shown["texts"]["rolling"]["text"], "there is a name to withhold"
    for name, data in files.items():
        assert b"XBB" not in data, name
        if name.startswith(("opinions/", "keys/")):
            file = json.loads(data)
            assert file["chain"] is None, name
            assert set(file["texts"].values()) == {None}, name
