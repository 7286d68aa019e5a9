"""Proving who one is: other providers, passkeys, renewed proof, the audit."""

from opinions.roles import Act
from server.pages import audit, oidc, passkeys
from server.routing.entry import Entry
from server.visit import PUBLIC

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/oidc", PUBLIC, oidc.begin),
    Entry("GET", oidc.CALLBACK, PUBLIC, oidc.callback),
    Entry("POST", "/passkey/options", PUBLIC, passkeys.sign_in_options),
    Entry("POST", "/passkey", PUBLIC, passkeys.sign_in),
    Entry("GET", "/confirm", Act.PROCESS_READ, passkeys.confirm),
    Entry("POST", "/confirm/options", Act.PROCESS_READ, passkeys.proof_options),
    Entry("POST", "/confirm", Act.PROCESS_READ, passkeys.prove),
    Entry("GET", "/account/passkeys", Act.PROCESS_READ, passkeys.own_passkeys),
    Entry("POST", "/account/passkeys/options", Act.PROCESS_READ, passkeys.registration_options),
    Entry("POST", "/account/passkeys", Act.PROCESS_READ, passkeys.register),
    Entry("POST", "/account/passkeys/{passkey}", Act.PROCESS_READ, passkeys.change_passkey, hidden=True),
    Entry("GET", "/audit", Act.AUDIT_READ, audit.audit_page),
    Entry("GET", "/audit.csv", Act.AUDIT_READ, audit.audit_file),
    Entry("POST", "/people/{member}/passkeys", Act.PEOPLE_MANAGE, passkeys.forget_passkeys, hidden=True),
)
