"""Proving who one is: other providers, passkeys, renewed proof, the audit."""

from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
