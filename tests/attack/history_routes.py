"""The list of square brackets, where words come from, the replay: what wrong persons and wrong addresses get."""

from tests.attack.trying import ADMIN, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import ITEM, OPINION

ODD = ("'--", "%00", "%F0%9F%98%80", "9" * 400, "%3Cscript%3E")
_OPINIONS = ("op-none", "op-digital%00", "OP-DIGITAL")


def _odd(asked: tuple[str, ...], value: str) -> str:
    return "&".join(f"{name}={value}" for name in asked)


def _page(tail: str, *asked: str) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"/opinions/{OPINION}{tail}", *SIGN_IN),
        *(get(who, f"/opinions/{OPINION}{tail}", 403) for who in (OBSERVER, ADMIN, "m-views")),
        *(get(EXPERT, f"/opinions/{one}{tail}", *UNFOUND) for one in _OPINIONS),
        *(get(EXPERT, f"/opinions/{OPINION}{tail}?{_odd(asked, value)}", 200, 404) for value in ODD),
    )


def _reading(tail: str, *asked: str) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"/api/opinions/{OPINION}{tail}", 401),
        *(get(who, f"/api/opinions/{OPINION}{tail}", 403) for who in (OBSERVER, ADMIN, "m-views")),
        *(get(EXPERT, f"/api/opinions/{one}{tail}", *UNFOUND) for one in _OPINIONS),
        *(get(EXPERT, f"/api/opinions/{OPINION}{tail}?{_odd(asked, value)}", 200, 404) for value in ODD),
    )


_FILTERS = ("paragraph", "holder", "kind", "state", "days", "q", "sort")
_TRACED = f"/paragraphs/{ITEM}/provenance"

HISTORY_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /opinions/{opinion}/brackets": _page("/brackets", *_FILTERS, "page", "bracket"),
    "GET /opinions/{opinion}/brackets.csv": _page("/brackets.csv", *_FILTERS),
    "GET /opinions/{opinion}/paragraphs/{paragraph}/provenance": (
        *_page(_TRACED, "version", "at"),
        *(get(EXPERT, f"/opinions/{OPINION}/paragraphs/{one}/provenance", *UNFOUND) for one in ODD),
        get(OBSERVER, f"/opinions/{OPINION}{_TRACED}?version=99", 404),
    ),
    "GET /opinions/{opinion}/replay": _page("/replay", "paragraph", "at", "view", "whole"),
    "GET /api/opinions/{opinion}/brackets": _reading("/brackets", *_FILTERS),
    "GET /api/opinions/{opinion}/paragraphs/{paragraph}/provenance": _reading(_TRACED, "version"),
    "GET /api/opinions/{opinion}/history": _reading("/history", "paragraph", "after"),
}
