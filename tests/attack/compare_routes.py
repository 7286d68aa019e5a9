"""Comparing versions: what wrong persons and wrong addresses get."""

from collections.abc import Collection, Sequence

from tests.attack.trying import EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

ODD = (
    "'--",
    "%00",
    "%F0%9F%98%80",
    "9" * 400,
    "-1",
    "0",
    "op-none:1",
    "op-none:draft",
    "..%2F..%2Fetc:1",
    "a" * 3_000,
)
_ASKED = ("from", "to", "view")


def _tries(tail: str, nobody: Collection[int], start: str = "", odd: Sequence[str] = ODD[:2]) -> tuple[Try, ...]:
    address = f"{start}/opinions/{OPINION}/compare{tail}"
    return (
        get(NOBODY, address, *nobody),
        *(get(EXPERT, f"{start}/opinions/{one}/compare{tail}", *UNFOUND) for one in ("op-none", "op-digital%00")),
        *(get(EXPERT, f"{address}?from=draft&to=draft&{name}={value}", 404) for value in odd for name in _ASKED),
        *(get(OBSERVER, f"{address}?from={one}&to=draft", 404) for one in ("draft", "op-space:draft")),
    )


COMPARE_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /opinions/{opinion}/compare": _tries("", SIGN_IN, odd=ODD),
    **{f"GET /opinions/{{opinion}}/compare.{form}": _tries(f".{form}", SIGN_IN) for form in ("docx", "html", "pdf")},
    "GET /api/opinions/{opinion}/compare": _tries("", (401,), "/api"),
}
