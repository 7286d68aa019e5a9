"""An authenticator in software: makes a key pair, keeps its count, answers as a browser does for it (WebAuthn level 3).

Written from the specification, with `cryptography` alone, so that it agrees with the server's library by both being
right. Attestation is "none", which is all that the server asks for.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
"""Flags of the authenticator data: person present, person verified, may be backed up, is backed up, has a key."""


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one key. `counts`: whether its counter rises, as a security key's does."""

    origin: str
    counts: bool = True
    flags: int = UP | UV
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(24))
    count: int = 0
    user: bytes = b""
    rp: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """The answer to `navigator.credentials.create()`; `changed` are fields of the client data to be wrong."""
        self.user, self.rp = unb64(options["user"]["id"]), options["rp"]["id"]
        client = self._client("webauthn.create", options["challenge"], changed)
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21" + _bytes(x) + b"\x22" + _bytes(y)
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cose
        data = self._data(AT) + attested
        attestation = (
            b"\xa3" + _text("fmt") + _text("none") + _text("attStmt") + b"\xa0" + _text("authData") + _bytes(data)
        )
        response = {"clientDataJSON": b64(client), "attestationObject": b64(attestation), "transports": ["internal"]}
        return self._answer(response)

    def get(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """The answer to `navigator.credentials.get()`."""
        self.rp = options["rpId"]
        client = self._client("webauthn.get", options["challenge"], changed)
        self.count += self.counts
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(self.user),
            }
        )

    def _client(self, kind: str, challenge: str, changed: dict[str, Any]) -> bytes:
        fields = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **changed}
        return json.dumps(fields, separators=(",", ":")).encode()

    def _data(self, more: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        id = b64(self.credential)
        return {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _bytes(value: bytes) -> bytes:
    length = len(value)
    head = (
        bytes([0x40 + length])
        if length < 24
        else bytes([0x58, length])
        if length < 256
        else b"\x59" + length.to_bytes(2, "big")
    )
    return head + value


def _text(value: str) -> bytes:
    return bytes([0x60 + len(value)]) + value.encode()
