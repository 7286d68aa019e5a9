"""What `unbracket verify` is given: version files, bundles (zip) and folders of a mirror, read and checked."""

import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from server.errors import ServerError
from server.verification import shapes
from server.verification.findings import Report
from server.verification.proof import FORMAT, spelled
from server.verification.verifier import Pool, parsed, signed, take_texts, verify_version

MANIFEST, SEAL = "manifest.json", "manifest.sig"
MAX_FILE = 128 * 1024 * 1024
"""Bytes of one file: ten times the largest version file."""
MAX_FILES = 20_000
"""Files of one folder or bundle: a process with a hundred Opinions and fifty versions of each has 15,000."""
MAX_WHOLE = 1024 * 1024 * 1024


class Unreadable(ServerError):
    """Raised for a file that is not there or cannot be read; what is read and is no version file differs instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """One argument: a name, and its files by their names inside; `bundle` when those belong together."""

    name: str
    files: Mapping[str, bytes]
    bundle: bool = False


def read_source(path: Path) -> Source:
    """Read a version file, a bundle, or a folder. Raises `Unreadable`."""
    try:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.is_file())
            _bounded(path, len(found), sum(one.stat().st_size for one in found))
            return Source(str(path), {one.relative_to(path).as_posix(): one.read_bytes() for one in found}, True)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                inside = [one for one in archive.infolist() if not one.is_dir()]
                _bounded(path, len(inside), sum(one.file_size for one in inside))
                if len({one.filename for one in inside}) < len(inside):
                    # Who unpacks it may be shown the one that was not checked.
                    raise Unreadable(f"{path} holds two files of one name.")
                return Source(str(path), {one.filename: archive.read(one) for one in inside}, True)
        _bounded(path, 1, path.stat().st_size, MAX_FILE)
        return Source(str(path), {path.name: path.read_bytes()})
    except (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise Unreadable(f"{path} cannot be read ({error}).") from None


def _bounded(path: Path, count: int, size: int, most: int = MAX_WHOLE) -> None:
    if count > MAX_FILES or size > most:
        raise Unreadable(f"{path} holds {count} files of {size} bytes: more than anything this program publishes.")


def verify_sources(sources: Sequence[Source], pins: Iterable[str] = (), *, complete: bool = False) -> list[Report]:
    """Check everything given, each thing also against the others. `pins`: ids or public keys, in hexadecimal, that the
    reader has from elsewhere; `complete`: whatever is left out of a file counts as a difference.
    """
    pool = Pool(pins=frozenset(pins), complete=complete)
    for source in sources:
        for name, data in source.files.items():
            if name.startswith("texts/"):
                pool.texts[sha256(data).hexdigest()] = data.decode("utf-8", "replace")
            else:
                take_texts(data, pool)
    reports = []
    for source in sources:
        for name, data in source.files.items():
            if not source.bundle or (name.endswith(".json") and _is_version(data)):
                reports.append(
                    verify_version(source.name if not source.bundle else f"{source.name}: {name}", data, pool)
                )
    # Last, for the keys that signed the manifest stand in the version files.
    return reports + [_verify_manifest(source, pool) for source in sources if source.bundle]


def _is_version(data: bytes) -> bool:
    return data.startswith(b'{"chain":') or FORMAT.encode() in data[-4096:]


def _verify_manifest(source: Source, pool: Pool) -> Report:
    report = Report(f"{source.name}: {MANIFEST}")
    data, seal = source.files.get(MANIFEST), source.files.get(SEAL)
    if data is None or seal is None:
        report.differs(MANIFEST, f"It holds no {MANIFEST} with its {SEAL}.")
        return report
    try:
        told = _manifest(parsed(data))
    except shapes.Malformed as error:
        report.differs(MANIFEST, str(error))
        return report
    if spelled(told) != data and spelled(told)[:-1] != data:
        report.differs(MANIFEST, "Its bytes are not in the one spelling of a manifest.")
    public = pool.keys.get(told["key"]) or _pinned(told["key"], pool)
    if public is None:
        report.differs(MANIFEST, f"The key {told['key']} that signed it is vouched for by no version file here.")
    elif not _sealed(public, seal, data):
        report.differs(SEAL, f"The signature is not one by the key {told['key']} over {MANIFEST}.")
    else:
        report.checked.append(f"{MANIFEST}: signed by the key {told['key']}.")
    files: dict[str, str] = told["files"]
    for name in sorted(files.keys() - source.files.keys()):
        report.differs(name, "It is listed and not there.")
    for name in sorted(source.files.keys() - files.keys() - {MANIFEST, SEAL}):
        report.differs(name, "It is there and not listed.")
    same = 0
    for name in sorted(files.keys() & source.files.keys()):
        found = sha256(source.files[name]).hexdigest()
        if found != files[name]:
            report.differs(name, f"Its digest is {found}; listed is {files[name]}.")
        else:
            same += 1
    report.checked.append(f"{same} of {len(files)} files are as the manifest lists them.")
    return report


def _manifest(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("files"), dict) or not isinstance(value.get("key"), str):
        raise shapes.Malformed("It is not a manifest: it names no files, or no key.")
    if not all(isinstance(one, str) for one in value["files"].values()):
        raise shapes.Malformed("It lists files without a digest.")
    return value


def _pinned(key: str, pool: Pool) -> bytes | None:
    """The public key that the reader named in full, if it is the one of this id."""
    for pin in pool.pins:
        if len(pin) == 64 and sha256(bytes.fromhex(pin)).hexdigest()[:16] == key:
            return bytes.fromhex(pin)
    return None


def _sealed(public: bytes, seal: bytes, data: bytes) -> bool:
    digits = seal.strip()
    if len(digits) != 128 or digits.lower() != digits:
        return False
    try:
        return signed(public, bytes.fromhex(digits.decode("ascii")), data)
    except ValueError:
        return False
