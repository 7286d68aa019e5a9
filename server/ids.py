"""Ids that are drawn at random: of paragraphs, amendments and Opinions, and of the processes that serve them."""

import base64
import secrets


def new_id(kind: str) -> str:
    """A fresh id of a kind (`a` amendment, `p` paragraph, `o` Opinion) with 80 random bits (crdt/SPEC.md, D3)."""
    return f"{kind}-" + base64.b32encode(secrets.token_bytes(10)).decode().lower()
