"""What every route of an Opinion does with wrong persons and wrong ids."""

from tests.attack.trying import EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

IDS = (
    "op-none",
    "op-digital%00",
    "op-digital'--",
    "OP-DIGITAL",
    "..%2f..%2fetc%2fpasswd",
    "op-digital%0d%0aX-Forged: 1",
)
"""Ids that no Opinion has."""


def of_opinion(method: str, tail: str, *, observers: tuple[int, ...], **form: str) -> tuple[Try, ...]:
    """What every route of an Opinion does with nobody, with observers and with Opinions that are not there."""
    base = "/opinions/"
    return (
        get(NOBODY, f"{base}{OPINION}{tail}", *SIGN_IN, **form),
        get(OBSERVER, f"{base}{OPINION}{tail}", *observers, **form),
        *(get(EXPERT, f"{base}{one}{tail}", *UNFOUND, 403, 303, **form) for one in IDS),
    )
