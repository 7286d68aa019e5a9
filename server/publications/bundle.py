"""The bundle: every file of a version or a volume in one zip, with a list of their digests, signed (PB5).

`manifest.json` is canonical JSON, `manifest.sig` the Ed25519 signature over its bytes in 128 digits; both verifiers
read them. Names are in order and times are those of the freeze or the publishing: the same files are the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from hashlib import sha256

from crdt.protocol import compact
from server.publications.sources import Source
from server.publications.store import BUNDLE
from server.signing import SigningKey

FORMAT = 1
"""The number of the manifest's format."""
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


def bundle_form(*, unnamed: bool = False) -> str:
    """By what name it is kept."""
    return f"unnamed.{BUNDLE}" if unnamed else BUNDLE


def bundle(source: Source, files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """The zip of these files, by their names inside it."""
    manifest = manifest_of(source, files, key)
    whole = {**files, MANIFEST: manifest, SIGNATURE: key.sign(manifest).hex().encode()}
    at = source.sealed.at.timetuple()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(name, (at.tm_year, at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, whole[name], zipfile.ZIP_DEFLATED)
    return written.getvalue()


def manifest_of(source: Source, files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """The list of the files, as it is signed."""
    of = {"opinion": source.sealed.name} if source.subject.opinion else {"volume": source.sealed.name}
    return compact(
        {
            "format": FORMAT,
            **of,
            "number": source.subject.number,
            "files": {name: sha256(content).hexdigest() for name, content in files.items()},
            "record_hash": source.sealed.record_hash,
            "made_at": source.sealed.at.isoformat(),
            "build": _build(source.sealed.record),
            "key": key.id,
        }
    ).encode()


def _build(record: str) -> str:
    """The build that made the record; empty for one of the first format, which does not say."""
    try:
        told = json.loads(record)
    except ValueError:
        return ""
    return str(told.get("build", "")) if isinstance(told, dict) else ""
