"""Secrets that are handed out once (links, cookies, codes, keys): the database keeps what they hash to, never them."""

import hashlib


def token_hash(token: str) -> bytes:
    """What is kept of a token: its SHA-256. It has enough random bits that nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
