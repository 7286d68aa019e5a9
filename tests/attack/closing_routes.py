"""Drafting check, renumbering, forum texts: what wrong persons and wrong forms get."""

from tests.attack.trying import CLERK, EXPERT, FORBIDDEN, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

AT = f"/opinions/{OPINION}"
_NOT_NUMBERS = ("", "-1", "9" * 400, "1e3", "%00", "'--", "\u0661")


def _posts(address: str, *wrong: Try) -> tuple[Try, ...]:
    return (get(NOBODY, address, *SIGN_IN), get(OBSERVER, address, *FORBIDDEN), *wrong)


CLOSING_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /opinions/{opinion}/drafting-check": (
        get(NOBODY, f"{AT}/drafting-check", *SIGN_IN),
        get(OBSERVER, f"{AT}/drafting-check", *FORBIDDEN),
        get(EXPERT, "/opinions/op-none/drafting-check", *UNFOUND),
        *(get(EXPERT, f"{AT}/drafting-check?rule={one}", 200) for one in ("%00", "'--", "a" * 3_000)),
    ),
    "POST /opinions/{opinion}/drafting-check": _posts(
        f"{AT}/drafting-check",
        *(
            get(EXPERT, f"{AT}/drafting-check", 422, key="k-1", paragraph="p-1", start=one, end="2", was="a", words="b")
            for one in _NOT_NUMBERS
        ),
        get(EXPERT, f"{AT}/drafting-check", 422, paragraph="p-1", start="1", end="2"),
        get(EXPERT, f"{AT}/drafting-check", 403, 409, 422, key="k-2", paragraph="p-none", start="0", end="1", was="x"),
    ),
    "GET /opinions/{opinion}/renumbering": (
        get(NOBODY, f"{AT}/renumbering", *SIGN_IN),
        get(OBSERVER, f"{AT}/renumbering", *FORBIDDEN),
        get(EXPERT, "/opinions/op-none/renumbering", *UNFOUND),
    ),
    "GET /opinions/{opinion}/renumbering.csv": (
        get(NOBODY, f"{AT}/renumbering.csv", *SIGN_IN),
        get(OBSERVER, f"{AT}/renumbering.csv", *FORBIDDEN),
    ),
    "POST /opinions/{opinion}/renumbering": _posts(
        f"{AT}/renumbering",
        get(EXPERT, f"{AT}/renumbering", *FORBIDDEN, key="k-3"),
        get(CLERK, f"{AT}/renumbering", 422),
        get(CLERK, f"{AT}/renumbering", 422, key="k-4", note="n" * 3_000),
    ),
    "GET /forum": (get(NOBODY, "/forum", *SIGN_IN), get(EXPERT, "/forum?done=%00", 200)),
    "GET /opinions/{opinion}/forum": (
        get(NOBODY, f"{AT}/forum", *SIGN_IN),
        get(EXPERT, f"{AT}/forum", *UNFOUND),
        get(EXPERT, "/opinions/op-none/forum", *UNFOUND),
    ),
    "POST /opinions/{opinion}/forum": _posts(
        f"{AT}/forum",
        get(EXPERT, f"{AT}/forum", *FORBIDDEN, version="1"),
        *(get(CLERK, f"{AT}/forum", 422, version=one) for one in (*_NOT_NUMBERS, "77")),
    ),
    "POST /opinions/{opinion}/forum/question": _posts(
        f"{AT}/forum/question",
        get(EXPERT, f"{AT}/forum/question", *FORBIDDEN),
        get(CLERK, f"{AT}/forum/question", *UNFOUND, key="k-5", ruled_by="R. Chair"),
    ),
    "POST /opinions/{opinion}/forum/adoption": _posts(
        f"{AT}/forum/adoption",
        get(EXPERT, f"{AT}/forum/adoption", *FORBIDDEN),
        *(get(CLERK, f"{AT}/forum/adoption", *UNFOUND, key="k-6", outcome=one) for one in ("", "adopted", "x")),
    ),
    "GET /api/opinions/{opinion}/drafting-check": (
        get(NOBODY, f"/api{AT}/drafting-check", 401, *SIGN_IN),
        get(OBSERVER, f"/api{AT}/drafting-check", *FORBIDDEN),
    ),
    "GET /api/opinions/{opinion}/renumbering": (
        get(NOBODY, f"/api{AT}/renumbering", 401, *SIGN_IN),
        get(OBSERVER, f"/api{AT}/renumbering", *FORBIDDEN),
    ),
    "GET /api/forum": (get(NOBODY, "/api/forum", 401, *SIGN_IN),),
}
