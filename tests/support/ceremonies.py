"""What a page's script does with a passkey, done by a test: options from the server, an answer by an authenticator."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from httpx2 import Response
from sqlalchemy import Connection, delete, select, update

from opinions.process_rules import RULES
from opinions.roles import Role
from server.identity.attempts import Attempts
from server.process_store import load_process, save_process
from server.tables import members, sessions
from server.tables.identity import audit_events, ceremonies, identities, passkeys
from tests.support.authenticator import Authenticator
from tests.support.visitors import ORIGIN, House


def post_json(running: House, who: str | None, path: str, body: dict[str, Any], token: str | None = None) -> Response:
    """What a person is answered to JSON posted by a page's script."""
    return running.ask(who, "POST", path, json=body, headers={"accept": "application/json"}, token=token)


def registered(running: House, who: str, token: str | None = None, name: str = "My device") -> Authenticator:
    """A passkey that somebody has just registered."""
    device = Authenticator(ORIGIN)
    options = post_json(running, who, "/account/passkeys/options", {}, token)
    assert options.status_code == 200, options.text
    kept = post_json(running, who, "/account/passkeys", {"answer": device.create(options.json()), "name": name}, token)
    assert kept.status_code == 200, kept.text
    return device


def confirmed(running: House, who: str, device: Authenticator, token: str | None = None, **changed: Any) -> Response:
    """What somebody is answered who confirms with a device."""
    options = post_json(running, who, "/confirm/options", {}, token)
    assert options.status_code == 200, options.text
    return post_json(running, who, "/confirm", {"answer": device.get(options.json(), **changed)}, token)


def signed_in(running: House, device: Authenticator, **changed: Any) -> Response:
    """What a browser that nobody is signed in at is answered when the device signs in."""
    options = post_json(running, None, "/passkey/options", {})
    assert options.status_code == 200, options.text
    return post_json(running, None, "/passkey", {"answer": device.get(options.json(), **changed)})


def as_at_first(running: House) -> None:
    """Everybody as stocked: signed in by a link, without passkeys, nobody suspended, no rule, nothing tried yet."""

    def reset(connection: Connection) -> None:
        for table in (passkeys, identities, ceremonies):
            connection.execute(delete(table))
        first = [sha256(person.token.encode()).digest() for person in running.stock.people.values()]
        connection.execute(delete(sessions).where(sessions.c.token_hash.not_in(first)))
        connection.execute(update(sessions).values(revoked_at=None, proved_at=None))
        connection.execute(update(members).values(suspended=False, email=None))
        save_process(connection, replace(load_process(connection), rules=RULES))

    running.write(reset)
    object.__setattr__(running.services, "attempts", Attempts())


def needing(running: House, *roles: Role) -> None:
    """The process says that these roles need a passkey."""
    rules = replace(RULES, passkey_roles=frozenset(roles))
    running.write(lambda c: save_process(c, replace(load_process(c), rules=rules)))


def proved_at(running: House, who: str, at: datetime | None) -> None:
    """Somebody's sessions were last proved then."""
    running.write(lambda c: c.execute(update(sessions).where(sessions.c.member == who).values(proved_at=at)))


def noted(running: House) -> list[tuple[str, str, str]]:
    """The audit: kind, who, detail; refusals that wait to be written are written first."""
    assert running.client.portal is not None
    running.client.portal.call(running.services.noting.flush)
    rows = running.write(lambda c: c.execute(select(audit_events).order_by(audit_events.c.id)).all())
    return [(row.kind, row.member, row.detail) for row in rows]
