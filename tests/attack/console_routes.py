"""The chair's console: what wrong persons, wrong addresses and wrong forms get."""

from tests.attack.trying import ADMIN, CLERK, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

CONSOLE = f"/opinions/{OPINION}/console"
CHAIR = "m-chair"
_OPEN, _CLOSE = '{"act": "open_sitting"}', '{"act": "close_sitting"}'
_OPINIONS = ("op-none", "op-digital%00", "OP-DIGITAL")


def _opinion(tail: str, **form: str) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"{CONSOLE}{tail}", *SIGN_IN, **form),
        *(get(who, f"{CONSOLE}{tail}", 403, **form) for who in (EXPERT, OBSERVER, ADMIN, "m-views")),
        *(get(CHAIR, f"/opinions/{one}/console{tail}", *UNFOUND, 403, **form) for one in _OPINIONS),
    )


CONSOLE_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /opinions/{opinion}/console": (
        *_opinion(""),
        get(CHAIR, f"{CONSOLE}?on=%00'--&page=9999&show=none&find=%F0%9F%98%80&by={'x' * 900}", 200),
    ),
    "GET /opinions/{opinion}/console/parts": (
        *_opinion("/parts"),
        get(CHAIR, f"{CONSOLE}/parts?have={'0' * 1700}", 400),
        get(CHAIR, f"{CONSOLE}/parts?on=%00'--&page=9999&show=none&find=%F0%9F%98%80", 200),
    ),
    "GET /opinions/{opinion}/console/events": _opinion("/events"),
    "POST /opinions/{opinion}/console/commands": (
        *_opinion("/commands", command=_OPEN, key="k-guess", name="Guess"),
        get(CHAIR, f"{CONSOLE}/commands", 422, command='{"act": "freeze"}', key="k", label="X"),
        get(CHAIR, f"{CONSOLE}/commands", 422, command="[" * 9_000, key="k"),
        get(CHAIR, f"{CONSOLE}/commands", 422, command=_OPEN, key="k" * 65, name="X"),
        get(CHAIR, f"{CONSOLE}/commands", 422, command='{"act": "record_outcome"}', key="k", until="0000-99-99T99:99"),
        get(CLERK, f"{CONSOLE}/commands", 409, command='{"act": "reopen"}', key="k"),
        get(CHAIR, f"{CONSOLE}/commands", 409, 403, command=_CLOSE, key="k-none", back="//evil.example/?on=x"),
    ),
}
