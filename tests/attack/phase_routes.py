"""Phases: who may not extend them, phases that are not there, and ends that do not fit."""

from tests.attack.trying import ADMIN, CLERK, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get

PHASE_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /phases": (get(NOBODY, "/phases", *SIGN_IN),),
    "GET /api/phases": (get(NOBODY, "/api/phases", 401),),
    "POST /phases/{phase}/extend": (
        get(NOBODY, "/phases/window/extend", *SIGN_IN, by="day"),
        *(get(who, "/phases/window/extend", 403, by="day", was="") for who in (EXPERT, OBSERVER, ADMIN, "m-views")),
        *(get(CLERK, f"/phases/{one}/extend", *UNFOUND, by="day") for one in ("none", "%00", "x'--", "a" * 500)),
    ),
}
