"""How often the public ways in may be tried: by one address, and for one account.

Each server process counts for itself, so that several of them together admit as many times more. That is enough: what
is tried has 49 random bits or more and is good for minutes, or 256; the limits bound load and noise, they do not keep
guesses out. A count that the processes shared would rest on Redis, which a deployment may go without, and which would
have to be up for anybody to get in.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from server import metrics
from server.errors import ServerError
from server.security import SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW_SECONDS, RateLimit


class Try(StrEnum):
    """What is counted."""

    LINK = "link"
    """Links and codes that let nobody in, by address. Those that do are not counted: a hall shares one address."""
    PROVIDER_BEGUN = "provider_begun"
    """Sign-ins begun at another provider, by address: each leaves a row for minutes."""
    PROVIDER = "provider"
    """Answers of a provider that let nobody in, by address."""
    CHALLENGE = "challenge"
    """Passkey challenges given out, by address: each leaves a row for minutes."""
    PASSKEY = "passkey"
    """Passkeys that did not fit, by address and by account."""
    REPORT = "report"
    """Invitations reported as wrong, by address: each is a write, and may be a line of the audit."""
    KEY = "key"
    """Calls of programs with a key that opens nothing, by address: each is looked up."""
    SCREEN = "screen"
    """Links to a room's screen that open nothing, by address: each is looked up."""
    DEVICE = "device"
    """Codes made for another device, by account: each is a line of the audit."""
    ACCOUNT = "account"
    """Sign-ins that succeeded, by account: each leaves a session."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many times within so many seconds."""

    most: int
    window: float = SIGN_IN_WINDOW_SECONDS


RATES: Mapping[Try, Rate] = {
    Try.LINK: Rate(SIGN_IN_ATTEMPTS),
    # A hall of 300 that shares one address signs in within minutes when a sitting begins.
    Try.PROVIDER_BEGUN: Rate(600),
    Try.PROVIDER: Rate(SIGN_IN_ATTEMPTS),
    Try.CHALLENGE: Rate(600),
    Try.PASSKEY: Rate(SIGN_IN_ATTEMPTS),
    Try.REPORT: Rate(SIGN_IN_ATTEMPTS),
    # Programs behind one address, and one of them with a key that has ended, which tries for days.
    Try.KEY: Rate(60),
    # A row of screens whose links have ended, each looked at some times.
    Try.SCREEN: Rate(60),
    Try.DEVICE: Rate(10),
    Try.ACCOUNT: Rate(30),
}


class TooManyAttempts(ServerError):
    """Raised in place of one more attempt. `seconds`: until the next is admitted."""

    def __init__(self, tried: Try, seconds: int) -> None:
        super().__init__(f"Too many attempts. Wait {seconds} seconds, then try again.")
        self.tried = tried
        self.seconds = seconds


class Attempts:
    """The counts of one process; memory is bounded (`server.security.ADDRESSES_REMEMBERED` for each)."""

    def __init__(self, rates: Mapping[Try, Rate] = RATES, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = {tried: RateLimit(rate.most, rate.window) for tried, rate in rates.items()}
        self._clock = clock

    def require(self, tried: Try, *keys: str) -> None:
        """Raises `TooManyAttempts` when one of these addresses or accounts has used up its attempts; counts nothing."""
        now = self._clock()
        waits = [self._limits[tried].wait_seconds(network_of(key), now) for key in keys]
        if any(waits):
            metrics.SIGN_INS_REFUSED.inc()
            raise TooManyAttempts(tried, max(waits))

    def count(self, tried: Try, *keys: str) -> None:
        """One more attempt of each of these. Raises as `require`, and then counts nothing."""
        self.require(tried, *keys)
        for key in keys:
            self._limits[tried].admits(network_of(key), self._clock())


def network_of(address: str) -> str:
    """What an address is counted as: of IPv6 the network of 64 bits, for whoever has one address has all of them."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return address
