"""The signing key: made once, for its owner's eyes only, and never replaced in silence."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from server import signing
from server.database import Database
from server.errors import SettingsError
from server.key_store import register_key
from server.tables import keys


def test_a_key_is_made_once_with_mode_0600_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    key = signing.load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = signing.load_key(path)
    assert (again.id, again.public) == (key.id, key.public)
    Ed25519PublicKey.from_public_bytes(key.public).verify(again.sign(b"record"), b"record")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    signing.load_key(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        signing.load_key(path)


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff" * 64]
)
def test_a_file_that_is_no_key_is_neither_used_nor_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="not an unencrypted Ed25519 key"):
        signing.load_key(path)
    assert path.read_bytes() == content


def test_a_key_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="UNBRACKET_SECRET_FILE"):
        signing.load_key(tmp_path / "none" / "signing.key")


def test_the_public_half_is_kept_once(tmp_path: Path, database: Database) -> None:
    key = signing.load_key(tmp_path / "signing.key")
    for _ in range(2):
        database.run(lambda c: register_key(c, key, datetime.now(UTC)))
    assert database.run(lambda c: c.execute(select(keys.c.id, keys.c.public_key)).all()) == [(key.id, key.public)]
