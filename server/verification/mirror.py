"""The static mirror: every public record, text, key and rotation as files that any web server can hand on (VF11).

Names and bytes follow from the record alone, so that mirrors made anywhere are the same. Files are only added; of one
that is there with other bytes the mirror says so and changes nothing. What stands for the newest version and the key in
force is replaced, and last `manifest.json` with its signature, which list the files.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, select

from crdt.protocol import compact
from server.errors import ServerError
from server.settings import Settings
from server.signing import SigningKey, load_key
from server.tables import keys
from server.tables.volumes import published_volumes
from server.verification.building import proof_of, texts_of
from server.verification.proof import OPEN_FORMS, Signed, spelled
from server.verification.public import all_public
from server.verification.sources import MANIFEST, SEAL

FORMAT = "unbracket-mirror/1"


class MirrorDiffers(ServerError):
    """Raised when a mirror holds a file with other bytes than the record gives."""


def mirror_files(connection: Connection, key: SigningKey) -> Mapping[str, bytes]:
    """Every file of the mirror by its name, the manifest signed with a key. Records and keys stand in version files
    without texts; texts that name no delegation are files of their own, named by their digests.
    """
    files: dict[str, bytes] = {}
    public = all_public(connection)
    for one in public:
        opinion, version = one.opinion.id, one.version
        bare = proof_of(connection, opinion, version.number, names=False, whole=False)
        files[f"opinions/{opinion}/version-{version.number}.json"] = bare.to_bytes()
        made = texts_of(version)
        for form in sorted(OPEN_FORMS & version.texts.keys()):
            data = made[form].encode()
            if sha256(data).hexdigest() == version.texts[form]:
                files[f"texts/{version.texts[form]}.txt"] = data
    for row in connection.execute(select(published_volumes).order_by(published_volumes.c.position)):
        signed = Signed(row.record, bytes(row.signature), row.key)
        half = connection.scalar(select(keys.c.public_key).where(keys.c.id == row.key)) or b""
        files[f"volumes/volume-{row.number}.json"] = spelled({**signed.to_json(), "public_key": bytes(half).hex()})
    if public:
        # The key in force signs the list below: how it came into force stands here, under one name for every key, so
        # that a mirror that is brought up to date keeps nothing that its list does not name.
        last = public[-1]
        whole = proof_of(connection, last.opinion.id, last.version.number, names=False)
        bare = replace(whole, texts=dict.fromkeys(whole.texts), entries=None, volume=None)
        files["keys/in-force.json"] = bare.to_bytes()
    listed = {name: sha256(data).hexdigest() for name, data in files.items()}
    manifest = compact({"files": listed, "format": FORMAT, "key": key.id}).encode() + b"\n"
    return {**files, MANIFEST: manifest, SEAL: key.sign(manifest).hex().encode() + b"\n"}


def write_mirror(files: Mapping[str, bytes], directory: Path) -> int:
    """Bring a folder up to date; how many files were added. Raises `MirrorDiffers`, and nothing is changed then."""
    fixed = {name: data for name, data in files.items() if not moves(name)}
    odd = sorted(
        name for name, data in fixed.items() if (directory / name).exists() and (directory / name).read_bytes() != data
    )
    if odd:
        raise MirrorDiffers(
            f"{directory / odd[0]} has other bytes than the record gives ({len(odd)} such files). A mirror is only "
            "added to: check it with `unbracket verify`, and begin a new one beside it."
        )
    added = [name for name in fixed if not (directory / name).exists()]
    for name in (*added, *(name for name in files if name not in fixed)):
        _put(directory / name, files[name])
    return len(added)


def moves(name: str) -> bool:
    """Whether a file of this name is replaced as the mirror grows: the list, and what stands for the newest version."""
    return name in (MANIFEST, SEAL) or name.startswith("keys/")


def _put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


Read = Callable[[Callable[[Connection], Mapping[str, bytes]]], Awaitable[Mapping[str, bytes]]]


class Mirrored:
    """The mirror as a server hands it on: made anew at most once in so many seconds, however often it is asked for."""

    SECONDS = 30.0
    """A version that was just made public is in the mirror within these."""

    def __init__(self) -> None:
        self._files: Mapping[str, bytes] = {}
        self._until = 0.0
        self._making = asyncio.Lock()

    async def files(self, read: Read, settings: Settings) -> Mapping[str, bytes]:
        """Every file of it."""
        async with self._making:
            if time.monotonic() >= self._until:
                key = await asyncio.to_thread(load_key, settings.signing_key_file)
                self._files = await read(lambda connection: mirror_files(connection, key))
                self._until = time.monotonic() + self.SECONDS
            return self._files
