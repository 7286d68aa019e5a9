"""The documents: bytes to messages, the gate, Yjs tree to `opinions` values and back, log values, the room.

Synchronous and deterministic: the time and every id come in as arguments. Nothing here opens a socket, a
file or a database, or runs an event loop; pycrdt is imported by `document` and `tree` alone. The rules are
numbered in `SPEC.md`.
"""
