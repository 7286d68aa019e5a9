"""One line of the table of addresses (`server.routes`)."""

from dataclasses import dataclass

from server.frames_over_http import Seated
from server.visit import FORM_BYTES, Endpoint, Policy


@dataclass(frozen=True, slots=True)
class Entry:
    """One address: the method it answers, who may, and what answers."""

    method: str
    path: str
    policy: Policy
    endpoint: Endpoint
    hidden: bool = False
    max_body: int = FORM_BYTES
    seated: Seated | None = None
    """Answers instead to the session that has opened the channel of the path: it was judged then."""
