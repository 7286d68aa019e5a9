"""[VF10, VF11] Public pages of versions: hidden until published, with no names that are withheld; the mirror."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from opinions.visibility import Attribution
from server.process_store import load_process, save_process
from server.settings import Settings
from server.signing import load_key
from server.static import unbracket_verify as alone
from server.verification.marks import keep_findings
from server.verification.mirror import MirrorDiffers, mirror_files, write_mirror
from server.verification.sources import Source, read_source, verify_sources
from tests.server.test_verifiers import theirs
from tests.support.sitting import two_sittings
from tests.support.stock import OPINION
from tests.support.visitors import PORT, House, opened

PAGE = f"/public/opinions/{OPINION}/versions"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house after two sittings, with two versions."""
    stock = two_sittings(Settings(data_dir=tmp_path_factory.mktemp("public") / "data", port=PORT))
    with opened(stock.settings, stock) as house:
        yield house


def named_as(house: House, setting: Attribution) -> None:
    house.write(lambda connection: save_process(connection, replace(load_process(connection), attribution=setting)))


def test_vf10_a_version_is_hidden_until_it_is_public(frozen: House) -> None:
    """Strangers are told nothing of it; members have the same page before; the secretariat makes it public, once."""
    assert frozen.get(None, f"{PAGE}/1").status_code == 404
    assert frozen.get(None, f"{PAGE}/1/version.json").status_code == 404
    before = frozen.get("m-xaa-1", f"{PAGE}/1")
    assert "Only those who take part" in before.text
    assert frozen.post("m-chair", f"/opinions/{OPINION}/versions/1/public").status_code == 403
    for _ in range(2):
        assert frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public").status_code == 303
    page = frozen.get(None, f"{PAGE}/1")
    assert page.status_code == 200
    assert "First draft" in page.text
    assert frozen.get(None, f"{PAGE}/2").status_code == 404
    assert "First draft" in frozen.get(None, "/public").text
    assert "Second draft" not in frozen.get(None, "/public").text


def test_vf10_names_that_are_withheld_are_in_nothing_public(frozen: House) -> None:
    """[AV] Texts without names are offered, the others by their digests alone, and the page says so."""
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public")
    named_as(frozen, Attribution.NONE)
    page = frozen.get(None, f"{PAGE}/1")
    assert "Who proposed what is not shown" in page.text
    for form in ("canonical", "rolling", "marked"):
        assert frozen.get(None, f"{PAGE}/1/texts/{form}").status_code == 404
    assert "XBB" not in frozen.get(None, f"{PAGE}/1/texts/rolling-unnamed").text
    data = frozen.get(None, f"{PAGE}/1/version.json").content
    file = json.loads(data)
    assert file["chain"] is None
    assert [name for name, held in file["texts"].items() if held is None] == ["canonical", "marked", "rolling"]
    assert b"XBB" not in data
    assert theirs({"1.json": data}) == set()
    # Who takes part sees names in the room, and verifies all.
    whole = json.loads(frozen.get("m-xaa-1", f"{PAGE}/1/version.json").content)
    assert whole["chain"]["links"]
    named_as(frozen, Attribution.ALL)
    shown = frozen.get(None, f"{PAGE}/1/version.json").content
    assert b"XBB" in shown
    assert theirs({"1.json": shown}) == set()


def test_vf11_a_mirror_is_only_added_to_and_both_verifiers_take_it(frozen: House, tmp_path: Path) -> None:
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public")
    key = load_key(frozen.services.settings.signing_key_file)
    files = frozen.write(partial(mirror_files, key=key))
    assert files == frozen.write(partial(mirror_files, key=key))
    assert write_mirror(files, tmp_path / "mirror") > 0
    assert write_mirror(files, tmp_path / "mirror") == 0
    source = read_source(tmp_path / "mirror")
    assert all(report.agrees for report in verify_sources([source]))
    assert theirs(source.files, together=True) == set()
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/2/public")
    more = frozen.write(partial(mirror_files, key=key))
    assert write_mirror(more, tmp_path / "mirror") > 0
    assert all(report.agrees for report in verify_sources([read_source(tmp_path / "mirror")]))
    first = tmp_path / "mirror" / "opinions" / OPINION / "version-1.json"
    first.write_bytes(first.read_bytes()[:-1])
    before = (tmp_path / "mirror" / "manifest.json").read_bytes()
    with pytest.raises(MirrorDiffers, match="other bytes"):
        write_mirror(more, tmp_path / "mirror")
    assert (tmp_path / "mirror" / "manifest.json").read_bytes() == before


def test_vf11_the_server_hands_the_mirror_on(frozen: House) -> None:
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public")
    frozen.services.mirrored._until = 0.0
    listed = frozen.get(None, "/mirror/manifest.json")
    files = {"manifest.json": listed.content, "manifest.sig": frozen.get(None, "/mirror/manifest.sig").content}
    for name in listed.json()["files"]:
        files[name] = frozen.get(None, f"/mirror/{name}").content
    assert all(report.agrees for report in verify_sources([Source("mirror", files, True)]))
    assert theirs(files, together=True) == set()


def test_vf9_the_stand_alone_verifier_is_downloaded_from_the_page(frozen: House) -> None:
    page = frozen.get(None, "/verify")
    assert page.status_code == 200
    assert "/verify/unbracket_verify.py" in page.text
    got = frozen.get(None, "/verify/unbracket_verify.py")
    assert got.text.startswith("#!/usr/bin/env python3")


def test_vf12_what_an_audit_found_stands_on_the_versions_page(frozen: House) -> None:
    """Of the version alone that it names; of all, where the log itself differs; and no more once an audit agrees."""
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public")
    told = "not what was signed"
    for finding, marked in (("Version 1: its text is not what the log gives.", True), ("Version 2: other.", False)):
        frozen.write(partial(keep_findings, found=[(OPINION, finding)], at=datetime.now(UTC)))
        assert (told in frozen.get(None, f"{PAGE}/1").text) is marked
        assert (told in frozen.get("m-xaa-1", f"/opinions/{OPINION}/versions/1").text) is marked
    frozen.write(partial(keep_findings, found=[(OPINION, "Entry 3 does not match its hash.")], at=datetime.now(UTC)))
    read = frozen.get("m-xaa-1", f"/api/opinions/{OPINION}/versions/1/verification").json()
    assert read["marked"]
    frozen.write(partial(keep_findings, found=[], at=datetime.now(UTC)))
    assert told not in frozen.get(None, f"{PAGE}/1").text


def test_vf11_the_operator_writes_a_mirror_beside_a_server(frozen: House, tmp_path: Path) -> None:
    """`unbracket mirror`, then `unbracket verify` and the stand-alone program on the folder."""
    frozen.post("m-sec", f"/opinions/{OPINION}/versions/1/public")
    place = str(tmp_path / "mirror")
    data_dir = str(frozen.services.settings.data_dir)
    done = None
    for arguments in (
        ("-m", "server", "mirror", place, "--data-dir", data_dir),
        ("-m", "server", "verify", place),
        (alone.__file__, place),
    ):
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert done is not None
    assert "agree." in done.stdout
