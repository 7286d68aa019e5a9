"""The key that signs versions: an Ed25519 private key in a file of its own, made at the first start."""

import hashlib
import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crdt.versions import Seal
from server.errors import SettingsError


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, its public half (32 bytes), and the id under which the database knows that."""

    id: str
    public: bytes
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature."""
        return self.private.sign(message)


def seal_of(key: SigningKey) -> Seal:
    """What a record says of the key that signs it, and of the build of this program."""
    return Seal(key.id, metadata.version("unbracket"))


def load_key(path: Path) -> SigningKey:
    """The key of a file, made with mode 0600 if there is none. Raises `SettingsError` for a file that is no key, or
    open.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        raise SettingsError(
            f"The signing key {path} cannot be made ({error.strerror}). Check UNBRACKET_SECRET_FILE."
        ) from None
    private = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        os.fsync(file.fileno())
    return _signing_key(private)


def _read_key(path: Path) -> SigningKey:
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"The signing key {path} can be read by others. Do `chmod 600 {path}`.")
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise SettingsError(
            f"{path} is not an unencrypted Ed25519 key in PEM. Restore it from the backup of keys; a new one "
            "cannot stand in for it, for versions signed before name the old one."
        )
    return _signing_key(private)


def _signing_key(private: Ed25519PrivateKey) -> SigningKey:
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return SigningKey(hashlib.sha256(public).hexdigest()[:16], public, private)
