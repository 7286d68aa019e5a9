"""[VF4, VF5, VF10] A version that is published in a volume after the signing key was replaced: public by that, with the
rotation in its file, in the mirror, in the bundle; and what is found when something published is changed by hand.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from server.database import Database
from server.freezes.rotation import rotate
from server.ids import new_id
from server.publications.making import make_bundle
from server.publications.sources import load
from server.publications.store import Subject
from server.settings import Settings
from server.sg_report import store as report_store
from server.signing import load_key
from server.verification.mirror import mirror_files, write_mirror
from server.verification.sources import Source, read_source, verify_sources
from server.verify import verify
from tests.server.test_verifiers import theirs
from tests.server.test_volumes import by, frozen, published, ready
from tests.support.stock import OPINION, stocked
from tests.support.visitors import PORT, House, opened

PAGE = f"/public/opinions/{OPINION}/versions"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Version 1 under the first key; then another key, under which version 2 is frozen and published in a volume."""
    stock = stocked(Settings(data_dir=tmp_path_factory.mktemp("published") / "data", port=PORT))
    with opened(stock.settings, stock) as before:
        before.write(lambda c: report_store.add_section(c, "Background", 1, "One.\n\nTwo.", "", by(), new_id))
        assert frozen(before) == 1
    rotate(stock.settings, datetime.now(UTC))
    with opened(stock.settings, stock) as after:
        assert published(after, ready(after)).status_code == 303
        yield after


def all_agree(name: str, files: dict[str, bytes], *, together: bool = False, pins: tuple[str, ...] = ()) -> None:
    reports = verify_sources([Source(name, files, together)], pins)
    assert [finding for report in reports for finding in report.findings] == []
    assert theirs(files, pins, together=together) == set()


def test_vf10_a_published_volume_makes_its_versions_public(house: House) -> None:
    assert house.get(None, f"{PAGE}/1").status_code == 404
    page = house.get(None, f"{PAGE}/2")
    assert page.status_code == 200
    assert "Published in" in page.text
    assert "Third draft" in page.text


def test_vf5_the_new_key_is_introduced_by_the_old_one(house: House) -> None:
    """Who knows the old key from a letter verifies what the new one signed."""
    data = house.get("m-xaa-1", f"{PAGE}/2/version.json").content
    file = json.loads(data)
    old, new = (one["id"] for one in file["keys"])
    assert [one["key"] for one in file["rotations"]] == [old]
    assert (file["previous"][0]["key"], file["version"]["key"], file["volume"]["key"]) == (old, new, new)
    for pin in (old, new):
        all_agree("2.json", {"2.json": data}, pins=(pin,))
    assert theirs({"2.json": data}, complete=True) == set()


def test_vf11_the_mirror_is_sealed_with_the_key_in_force(house: House) -> None:
    key = load_key(house.services.settings.signing_key_file)
    files = house.write(partial(mirror_files, key=key))
    assert f"opinions/{OPINION}/version-2.json" in files
    assert f"opinions/{OPINION}/version-1.json" not in files
    assert any(name.startswith("volumes/") for name in files)
    all_agree("mirror", dict(files), together=True)


def test_vf11_a_mirror_goes_on_under_a_new_key(house: House, tmp_path: Path) -> None:
    """Brought up to date after a rotation, it is as its list says; who knows the first key still verifies it."""
    before, after = house.services.settings, Settings(data_dir=tmp_path / "data", port=PORT)
    after.data_dir.mkdir()
    shutil.copy(before.signing_key_file, after.signing_key_file)
    with closing(sqlite3.connect(f"file:{before.data_dir / 'unbracket.db'}?mode=ro", uri=True)) as live:
        with closing(sqlite3.connect(after.data_dir / "unbracket.db")) as raw:
            live.backup(raw)
    first = json.loads(house.get("m-xaa-1", f"{PAGE}/2/version.json").content)["keys"][0]["id"]
    for _ in range(3):
        with Database.reading(after) as connection:
            write_mirror(mirror_files(connection, load_key(after.signing_key_file)), tmp_path / "mirror")
        all_agree("mirror", dict(read_source(tmp_path / "mirror").files), together=True, pins=(first,))
        rotate(after, datetime.now(UTC))


NUL = f"x'{sha256(bytes(1)).hexdigest()}'"
CHANGED = {
    "nothing": "",
    "a volume's record": "UPDATE published_volumes SET record = replace(record, 'Third', 'Last')",
    "a volume's signature": "UPDATE published_volumes SET signature = zeroblob(64)",
    "a volume's fingerprint": "UPDATE published_volumes SET fingerprint = 'ff' || substr(fingerprint, 3)",
    "a rotation": "UPDATE key_rotations SET record = replace(record, 'rotation', 'rotations')",
    "the date of a key": "UPDATE keys SET retired_at = 'soon'",
    "a file and its digest": f"UPDATE version_exports SET content = x'00', sha256 = {NUL} WHERE form = 'rolling.txt'",
    "a bundle of another version": "UPDATE version_exports SET (content, sha256) = (SELECT content, sha256 FROM "
    "version_exports WHERE number = 1 AND form = 'bundle.zip') WHERE number = 2 AND form = 'bundle.zip'",
    "a published volume": "DELETE FROM published_volumes",
    "a file made once": "INSERT INTO version_exports (opinion, number, form, content, sha256, made_at) "
    "SELECT opinion, number, 'mine.txt', x'00', zeroblob(32), frozen_at FROM versions WHERE number = 1",
}


def test_vf12_the_audit_finds_what_was_published_changed(house: House, tmp_path: Path) -> None:
    """[R23]"""
    settings = house.services.settings
    source = settings.data_dir / "unbracket.db"
    assert house.client.portal is not None
    for subject in (Subject(1, OPINION), Subject(2, OPINION), Subject(1)):
        one = house.write(partial(load, subject=subject))
        house.client.portal.call(make_bundle, house.services.database, one, load_key(settings.signing_key_file))
    for number, (what, statement) in enumerate(CHANGED.items()):
        data_dir = tmp_path / str(number)
        data_dir.mkdir()
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live:
            with closing(sqlite3.connect(data_dir / "unbracket.db")) as raw:
                live.backup(raw)
                triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for name, _ in triggers:
                    raw.execute(f"DROP TRIGGER {name}")
                if number:
                    assert raw.execute(statement).rowcount > 0, what
                for _, made in triggers:
                    raw.execute(made)
                raw.commit()
        with Database.reading(Settings(data_dir=data_dir)) as connection:
            findings = [finding for verdict in verify(connection) for finding in verdict.findings]
        assert bool(findings) is bool(number), (what, findings)
