"""[VF5] Two verifiers that share no line say the same of every vector; what was checked and what differs is told."""

import base64
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.static import unbracket_verify as alone
from server.verification.proof import Proof, spelled
from server.verification.sources import Source, verify_sources
from tests.support.proofs import FIRST, SECOND, STRANGER, key, mirrored, proofs, rotation, sealed, with_a_mark, withheld

VECTORS = Path(__file__).parent.parent / "vectors" / "verification.json"
STANDALONE = Path(alone.__file__)
Files = Mapping[str, bytes]


def ours(files: Files, pins: Sequence[str] = (), *, together: bool = False, complete: bool = False) -> set[str]:
    """Where `unbracket verify` finds something to differ."""
    reports = verify_sources(_sources(files, together), pins, complete=complete)
    return {finding.where for report in reports for finding in report.findings}


def theirs(files: Files, pins: Sequence[str] = (), *, together: bool = False, complete: bool = False) -> set[str]:
    """Where the stand-alone verifier does."""
    given = [(one.name, dict(one.files), one.bundle) for one in _sources(files, together)]
    return {where for _, _, _, bad in alone.check(given, list(pins), complete) for where, _ in bad}


def _sources(files: Files, together: bool) -> list[Source]:
    return [Source("mirror", files, True)] if together else [Source(name, {name: data}) for name, data in files.items()]


def edited(proof: Proof, **changes: Any) -> bytes:
    """A version file with fields of its JSON replaced, spelled as it must be."""
    return spelled({**json.loads(proof.to_bytes()), **changes})


def vectors() -> dict[str, dict[str, Any]]:
    """Every vector: files, how they are given, and where something differs (nowhere: all agree)."""
    first, second, third = proofs()
    file = json.loads(third.to_bytes())
    whole = mirrored((first, second, third))
    text = file["texts"]["clean"]["text"]
    altered = text.replace("all Members", "no Members")
    lost = {name: data for name, data in whole.items() if "version-2" not in name}
    named = next(name for name in whole if name.startswith("texts/"))
    other = replace(third, version=STRANGER.signed(third.version.record.replace("Draft 3", "Draft X")))
    previous, version, chain = file["previous"], file["version"], file["chain"]
    swapped = {**version, "signature": previous[1]["signature"]}
    clean = file["texts"]["clean"]
    handing = replace(
        first,
        version=STRANGER.signed(first.version.record),
        keys=[(STRANGER.id, STRANGER.public), (FIRST.id, FIRST.public)],
        rotations=[STRANGER.signed(rotation(FIRST, STRANGER))],
    ).to_bytes()
    under = {"opinions/o-vectors/version-1.json": handing}
    under |= sealed(under, STRANGER)
    earlier = third.version.record.replace('"seq":9,', '"seq":4,')
    backwards = replace(third, version=SECOND.signed(earlier), entries=None, volume=None)
    brought = replace(third, rotations=[SECOND.signed(rotation(kind="brought"))]).to_bytes()
    halves = ["file", *(f"texts.{name}" for name, text in with_a_mark().texts.items() if text is not None)]
    cases: list[tuple[str, Files, dict[str, Any], list[str]]] = [
        ("three versions", {f"{n}.json": one.to_bytes() for n, one in enumerate((first, second, third), 1)}, {}, []),
        ("names withheld", {"3.json": withheld(third).to_bytes()}, {}, []),
        ("names withheld, all wanted", {"3.json": withheld(third).to_bytes()}, {"complete": True}, ["file"]),
        ("the key that was named", {"3.json": third.to_bytes()}, {"pins": [FIRST.id]}, []),
        ("another key than was named", {"3.json": third.to_bytes()}, {"pins": [STRANGER.id]}, ["keys"]),
        ("not JSON", {"3.json": third.to_bytes()[:-9]}, {}, ["file"]),
        ("a blank more", {"3.json": third.to_bytes() + b"\n"}, {}, ["file"]),
        ("a field more", {"3.json": edited(third, title="Opinion")}, {}, ["file"]),
        ("a word of a text", {"3.json": edited(third, texts={**file["texts"], "clean": {**clean, "text": altered}})},
         {}, ["texts.clean"]),
        ("a word of a text, beside a right copy",
         {"2.json": third.to_bytes(), "3.json": edited(third, texts={**file["texts"], "clean": {**clean,
         "text": altered}})}, {}, ["texts.clean"]),
        ("a text taken out", {"3.json": edited(third, texts={"canonical": file["texts"]["canonical"]})}, {},
         ["texts.clean", "texts.marked", "texts.marked-unnamed", "texts.rolling", "texts.rolling-unnamed"]),
        ("a text more, named as what every object has", {"3.json": edited(third, texts={**file["texts"],
         "constructor": None, "__proto__": None})}, {}, ["texts.__proto__", "texts.constructor"]),
        ("a replacement character", {"1.json": with_a_mark().to_bytes()}, {}, []),
        ("half a character for a replacement character", {"1.json": with_a_mark().to_bytes().replace(
         "\ufffd".encode(), b"\\ud800")}, {}, halves),
        ("digits of a piece", {"3.json": edited(third, texts={**file["texts"], "clean": {**clean, "pieces": []}})}, {},
         ["texts.clean.pieces"]),
        ("a word of the record", {"3.json": edited(third, version={**version, "record": version["record"].replace(
            "Draft 3", "Draft 4")})}, {}, ["version.record_hash", "version.signature"]),
        ("another version's signature", {"3.json": edited(third, version=swapped)}, {}, ["version.signature"]),
        ("a version before left out", {"3.json": edited(third, previous=previous[:1])}, {},
         ["version.record", "chain"]),
        ("versions before in another order", {"3.json": edited(third, previous=previous[::-1])}, {},
         ["previous[0].record", "previous[1].record", "version.record", "chain"]),
        ("of an entry before that of the version before", {"3.json": backwards.to_bytes()}, {}, ["version.record"]),
        ("a link of the log", {"3.json": edited(third, chain={**chain, "links": [chain["links"][0][::-1],
         *chain["links"][1:]]})}, {}, ["chain.links[0]"]),
        ("the last entry cut off", {"3.json": edited(third, chain={**chain, "links": chain["links"][:-1]})}, {},
         ["chain"]),
        ("signed by a stranger", {"3.json": replace(other, keys=[*third.keys[:1], (STRANGER.id, STRANGER.public)],
         rotations=[], volume=None).to_bytes()}, {}, ["keys[1]", "version.key"]),
        ("a rotation by a stranger", {"3.json": replace(third, rotations=[STRANGER.signed(rotation())]).to_bytes()}, {},
         ["rotations[0].key", "rotations[0].record", "keys[1]"]),
        ("keys that vouch for each other", {"1.json": replace(first, version=STRANGER.signed(first.version.record),
         keys=[(one.id, one.public) for one in (FIRST, STRANGER, SECOND)], rotations=[STRANGER.signed(rotation(
         SECOND, STRANGER)), SECOND.signed(rotation(STRANGER, SECOND))], previous=[]).to_bytes()}, {},
         ["keys[0]", "keys[1]", "keys[2]", "rotations[0].record", "rotations[1].record"]),
        ("a stranger that hands over to the key that was named", {"1.json": handing}, {"pins": [FIRST.id]}, ["keys"]),
        ("a mirror sealed by a stranger that hands over to the key that was named", under, {"together": True,
         "pins": [FIRST.id]}, ["keys", "manifest.json"]),
        ("brought to another server", {"3.json": brought}, {}, []),
        ("brought to another server, all wanted", {"3.json": brought}, {"complete": True}, ["file"]),
        ("brought to another server, whose key was named", {"3.json": brought}, {"complete": True,
         "pins": [SECOND.id]}, []),
        ("brought to another server, the key before named", {"3.json": brought}, {"pins": [FIRST.id]}, ["keys"]),
        ("brought, signed by the key before", {"3.json": replace(third, rotations=[FIRST.signed(rotation(
            kind="brought"))]).to_bytes()}, {}, ["keys[1]", "rotations[0].record"]),
        ("a volume of other versions", {"3.json": replace(third, volume=SECOND.signed("{}")).to_bytes()}, {},
         ["volume.record"]),
        ("two records of one version", {"2.json": second.to_bytes(), "3.json": replace(
            second, version=FIRST.signed(second.version.record.replace("Draft 2", "Draft B"))).to_bytes()}, {},
         ["version.record"]),
        ("a mirror", whole, {"together": True}, []),
        ("a mirror without a file", lost, {"together": True}, ["opinions/o-vectors/version-2.json"]),
        ("a mirror with a file more", {**whole, "extra.txt": b""}, {"together": True}, ["extra.txt"]),
        ("a mirror with another text", {**whole, named: b"Other words\n"}, {"together": True}, [named]),
        ("a mirror under another seal", {**whole, "manifest.sig": FIRST.sign(b"x").hex().encode()}, {"together": True},
         ["manifest.sig"]),
        ("a mirror under its seal in capitals", {**whole, "manifest.sig": whole["manifest.sig"].upper()},
         {"together": True}, ["manifest.sig"]),
        ("a mirror without its list", {name: data for name, data in whole.items() if name != "manifest.json"},
         {"together": True}, ["manifest.json"]),
        ("a mirror sealed by a stranger", {**{name: data for name, data in whole.items() if "manifest" not in name},
         **sealed({name: data for name, data in whole.items() if "manifest" not in name}, key("stranger"))},
         {"together": True}, ["manifest.json"]),
    ]  # fmt: skip
    return {
        name: {
            "files": {inner: base64.b64encode(data).decode() for inner, data in files.items()},
            "together": bool(given.get("together")),
            "complete": bool(given.get("complete")),
            "pins": given.get("pins", []),
            "differs": sorted(differs),
        }
        for name, files, given, differs in cases
    }


def test_vf5_the_vectors_are_what_is_written() -> None:
    """The file that the browser's tests read; `python -m tests.server.test_verifiers` writes it anew."""
    assert json.loads(VECTORS.read_text()) == vectors()


@pytest.mark.parametrize("name", sorted(vectors()))
def test_vf5_both_verifiers_say_the_same_of_every_vector(name: str) -> None:
    case = vectors()[name]
    files = {inner: base64.b64decode(data) for inner, data in case["files"].items()}
    given = {"together": case["together"], "complete": case["complete"]}
    assert sorted(ours(files, case["pins"], **given)) == case["differs"]
    assert sorted(theirs(files, case["pins"], **given)) == case["differs"]


def test_vf6_the_place_of_a_changed_word_is_told(tmp_path: Path) -> None:
    third = proofs()[2]
    file = json.loads(third.to_bytes())
    clean = file["texts"]["clean"]
    wrong = clean["text"].replace("all Members", "no Members")
    data = edited(third, texts={**file["texts"], "clean": {**clean, "text": wrong}})
    at = wrong.index("no Members") + 1
    (report,) = verify_sources([Source("3.json", {"3.json": data})])
    assert "no Members" in report.findings[0].what
    both = verify_sources([Source("right.json", {"a": third.to_bytes()}), Source("3.json", {"b": data})])
    assert f"from character {at} " in both[1].findings[0].what
    given: list[tuple[str, dict[str, bytes], bool]] = [
        ("right", {"a": third.to_bytes()}, False),
        ("b", {"b": data}, False),
    ]
    assert f"character {at} " in alone.check(given, [], False)[1][3][0][1]


def test_vf7_both_programs_answer_on_the_command_line(tmp_path: Path) -> None:
    """0 all agrees, 4 something differs, 1 cannot be read; folders, bundles and files alike."""
    first, second, third = proofs()
    whole = mirrored((first, second, third))
    for name, data in whole.items():
        (tmp_path / "mirror" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mirror" / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        for name, data in whole.items():
            archive.writestr(name, data)
    (tmp_path / "3.json").write_bytes(third.to_bytes())
    (tmp_path / "bad.json").write_bytes(third.to_bytes().replace(b"Draft 3", b"Draft 4"))
    for program in ([sys.executable, str(STANDALONE)], [sys.executable, "-m", "server", "verify"]):
        good = _said(program, tmp_path, "mirror", "bundle.zip", "3.json", "--key", FIRST.id)
        assert (good.returncode, good.stderr) == (0, ""), good.stdout
        assert "All 9 agree." in good.stdout
        bad = _said(program, tmp_path, "bad.json")
        assert bad.returncode == 4
        assert "DIFFERS   version.signature" in bad.stdout
        assert _said(program, tmp_path, "none.json").returncode == 1


def test_vf7_what_cannot_be_read_is_said_and_a_file_cannot_speak_for_the_program(tmp_path: Path) -> None:
    """Archives that other programs unpack otherwise, or that are damaged; names that would move the cursor."""
    whole = mirrored(proofs())
    name = next(iter(whole))
    with zipfile.ZipFile(tmp_path / "good.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, data in whole.items():
            archive.writestr(inner, data)
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        for inner, data in whole.items():
            archive.writestr(inner, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(name, whole[name])
    good = (tmp_path / "good.zip").read_bytes()
    begins = good.index(name.encode()) + len(name)
    (tmp_path / "broken.zip").write_bytes(good[:begins] + b"\xff" * 30 + good[begins + 30 :])
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = good.index(mark) + flags
        good = good[:at] + bytes([good[at] | 1]) + good[at + 1 :]
    (tmp_path / "locked.zip").write_bytes(good)
    third = proofs()[2]
    loud = edited(third, texts={**json.loads(third.to_bytes())["texts"], "x\n\x1b[2JAll 1 agree.": None})
    (tmp_path / "loud.json").write_bytes(loud)
    for program in ([sys.executable, str(STANDALONE)], [sys.executable, "-m", "server", "verify"]):
        for file in ("twice.zip", "broken.zip", "locked.zip"):
            answer = _said(program, tmp_path, file)
            assert answer.returncode == 1, (file, answer.stdout)
            assert "Traceback" not in answer.stderr, answer.stderr
        answer = _said(program, tmp_path, "loud.json")
        assert answer.returncode == 4
        assert "\x1b" not in answer.stdout
        assert answer.stdout.count("\nAll") == 0
        grouped = " ".join([FIRST.id[:4].upper(), FIRST.id[4:]])
        assert _said(program, tmp_path, "good.zip", "--key", "x" * 64).returncode == 2
        (tmp_path / "3.json").write_bytes(third.to_bytes())
        assert _said(program, tmp_path, "3.json", "--key", grouped).returncode == 0


def _said(program: Sequence[str], place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = STANDALONE.parent.parent.parent
    return subprocess.run(
        [*program, *(str(place / one) if "." in one or one == "mirror" else one for one in arguments)],
        capture_output=True, text=True, timeout=60, cwd=root, check=False,
    )  # fmt: skip


def test_vf8_the_stand_alone_verifier_is_short_and_needs_no_line_of_ours() -> None:
    """[P9] At most 300 lines, standard library and one Ed25519 library."""
    source = STANDALONE.read_text()
    assert len(source.splitlines()) <= 300
    imported = {
        line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_p9_twenty_versions_are_verified_within_two_seconds() -> None:
    third = proofs()[2].to_bytes()
    for check in (ours, theirs):
        begun = time.process_time()
        assert check({f"{number}.json": third for number in range(20)}) == set()
        assert time.process_time() - begun < 2


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
