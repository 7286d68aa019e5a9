"""Passkeys: a key pair that a person's device keeps and uses only after it has seen a finger, a face or a PIN.

Plain functions of a `Connection`. A ceremony is begun here, answered by the browser and ended here: the challenge is
good once, the origin and the relying party are ours, the person was verified, the counter has risen. Attestation is not
asked for: what make an authenticator is, is nobody's business.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from sqlalchemy import Connection, Row, delete, insert, select, update
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.errors import ServerError
from server.ids import new_id
from server.people_store import Member, find_member
from server.tables.identity import passkeys

MOST = 10
"""Passkeys of one person: a telephone, a computer, a key in the drawer, and what was forgotten."""
MAX_NAME = 60
MAX_KEY_BYTES = 4096
"""Bytes of a public key; RSA of 4096 bits has some 530."""
WAIT_MS = 120_000
"""How long the browser is told to wait for the person."""


class PasskeyRefused(ServerError):
    """Raised when a passkey, or what a browser says of one, is not taken; the message is for the person."""

    def __init__(self, message: str, member: Member | None = None, reason: str = "") -> None:
        super().__init__(message)
        self.member = member
        self.reason = reason or message


NOT_FITTING = "This passkey was not accepted. Try again; if it goes on, tell the secretariat."
TOO_LATE = "This took too long, or was done already. Try again."


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom a passkey is made for: the host name of the public origin, and the origins whose pages may ask for it."""

    id: str
    origins: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner knows it. `backed_up`: the owner's devices share it."""

    id: str
    member: str
    name: str
    created_at: datetime
    used_at: datetime | None
    backed_up: bool


def passkeys_of(connection: Connection, member: str) -> tuple[Passkey, ...]:
    """A person's passkeys, the oldest first."""
    rows = connection.execute(
        select(passkeys).where(passkeys.c.member == member).order_by(passkeys.c.created_at, passkeys.c.id)
    )
    return tuple(_passkey(row) for row in rows)


def challenge_of(answer: Mapping[str, Any]) -> bytes:
    """The challenge that a browser's answer says it is to. Raises `PasskeyRefused` for what is no answer."""
    try:
        return bytes(parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"])).challenge)
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise PasskeyRefused(NOT_FITTING, reason="unreadable answer") from None


# --- registering


def registration(connection: Connection, party: RelyingParty, member: Member, challenge: bytes) -> str:
    """The options for `navigator.credentials.create()`, as JSON. Raises `PasskeyRefused` when there are enough."""
    known = _descriptors(connection, member.id)
    if len(known) >= MOST:
        raise PasskeyRefused(f"You have {MOST} passkeys. Remove one that you no longer use first.")
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=party.name,
            user_id=member.id.encode(),
            user_name=member.email or member.name,
            user_display_name=member.name,
            challenge=challenge,
            timeout=WAIT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=known,
        )
    )


def register(
    connection: Connection,
    party: RelyingParty,
    member: Member,
    answer: Mapping[str, Any],
    challenge: bytes,
    name: str,
    now: datetime,
) -> Passkey:
    """Keep a passkey that was just made; its ceremony was taken before. Raises `PasskeyRefused`."""
    try:
        made = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(NOT_FITTING, member, f"not registered: {error}"[:300]) from None
    if len(made.credential_public_key) > MAX_KEY_BYTES:
        raise PasskeyRefused(NOT_FITTING, member, "not registered: the key is too long")
    taken = connection.scalar(select(passkeys.c.id).where(passkeys.c.credential == made.credential_id))
    if taken is not None:
        raise PasskeyRefused("This passkey is registered already.", member)
    if len(_descriptors(connection, member.id)) >= MOST:
        raise PasskeyRefused(f"You have {MOST} passkeys. Remove one that you no longer use first.", member)
    passkey = Passkey(
        new_id("pk"), member.id, clean(name), now, now, made.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    )
    connection.execute(
        insert(passkeys).values(
            id=passkey.id,
            member=member.id,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=passkey.name,
            transports=json.dumps(_transports(answer)),
            backed_up=passkey.backed_up,
            created_at=now,
            used_at=now,
        )
    )
    return passkey


def clean(name: str) -> str:
    """A passkey's name as it is kept. Raises `PasskeyRefused` for one that does not fit."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise PasskeyRefused(f"Give the passkey a name of at most {MAX_NAME} characters.")
    return name


def rename(connection: Connection, member: str, passkey: str, name: str) -> bool:
    """Call a person's passkey something else; whether there is such a one. Raises `PasskeyRefused`."""
    mine = (passkeys.c.id == passkey, passkeys.c.member == member)
    return bool(connection.execute(update(passkeys).where(*mine).values(name=clean(name))).rowcount)


def remove(connection: Connection, member: str, passkey: str, *, needs_one: bool) -> bool:
    """Forget a person's passkey; whether there was such a one. Raises `PasskeyRefused` for the last of somebody whose
    role needs one.
    """
    mine = {one.id for one in passkeys_of(connection, member)}
    if passkey not in mine:
        return False
    if needs_one and len(mine) == 1:
        raise PasskeyRefused("Your role needs a passkey, and this is your only one. Register another first.")
    connection.execute(delete(passkeys).where(passkeys.c.id == passkey))
    return True


def forget_all(connection: Connection, member: str) -> int:
    """Forget all passkeys of a person who has lost them; how many there were."""
    return connection.execute(delete(passkeys).where(passkeys.c.member == member)).rowcount


# --- proving


def request(connection: Connection, party: RelyingParty, member: str, challenge: bytes) -> str:
    """The options for `navigator.credentials.get()`, as JSON. `member` empty: whoever it is, by a passkey that says
    so itself.
    """
    known = _descriptors(connection, member) if member else []
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            timeout=WAIT_MS,
            allow_credentials=known,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def prove(
    connection: Connection, party: RelyingParty, answer: Mapping[str, Any], challenge: bytes, now: datetime
) -> tuple[Member, Passkey]:
    """Who has just used a passkey, and which; its ceremony was taken before. Raises `PasskeyRefused`, for a suspended
    person too.
    """
    try:
        credential = base64url_to_bytes(answer["rawId"])
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise PasskeyRefused(NOT_FITTING, reason="unreadable answer") from None
    row = connection.execute(select(passkeys).where(passkeys.c.credential == credential)).one_or_none()
    member = None if row is None else find_member(connection, row.member)
    if row is None or member is None:
        raise PasskeyRefused("This passkey is not known here. It may have been removed.", reason="unknown passkey")
    if member.suspended:
        raise PasskeyRefused(NOT_FITTING, member, "suspended")
    try:
        proved = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
        handle = answer["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != member.id.encode():
            raise PasskeyRefused(NOT_FITTING, member, "the passkey names somebody else")
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        # A counter that does not rise is a copy of the key, or an answer given again.
        raise PasskeyRefused(NOT_FITTING, member, f"not accepted: {error}"[:300]) from None
    same = (passkeys.c.id == row.id, passkeys.c.sign_count == row.sign_count)
    used = {"sign_count": proved.new_sign_count, "used_at": now, "backed_up": proved.credential_backed_up}
    if not connection.execute(update(passkeys).where(*same).values(used)).rowcount:
        raise PasskeyRefused(TOO_LATE, member, "used twice at once")
    return member, _passkey(row)


def _transports(answer: Mapping[str, Any]) -> list[str]:
    given = answer.get("response", {}).get("transports", [])
    known = {one.value for one in AuthenticatorTransport}
    return sorted(known.intersection(one for one in given if isinstance(one, str))) if isinstance(given, list) else []


def _descriptors(connection: Connection, member: str) -> list[PublicKeyCredentialDescriptor]:
    rows = connection.execute(select(passkeys.c.credential, passkeys.c.transports).where(passkeys.c.member == member))
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(row.credential), transports=[AuthenticatorTransport(one) for one in json.loads(row.transports)]
        )
        for row in rows
    ]


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(row.id, row.member, row.name, row.created_at, row.used_at, row.backed_up)
