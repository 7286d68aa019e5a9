"""A real provider of OpenID Connect in a thread: its pages, codes, keys and signed tokens are its own."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

OF_THE_PROVIDER = "ignore:get_jwt_config:DeprecationWarning"
"""What a test's warnings must let pass: the provider uses a part of its own library that goes away in a later one."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whom the provider knows. `email` empty: it tells none."""

    subject: str
    email: str
    verified: bool


@contextmanager
def provider(accounts: Sequence[Account]) -> Iterator[str]:
    """Its issuer, while it runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]

    users = [
        User(sub=one.subject, claims={"email": one.email, "email_verified": one.verified} if one.email else {})
        for one in accounts
    ]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"
