"""The timetable: its pages, forms and calendar."""

from tests.attack.trying import ADMIN, CLERK, EXPERT, FORBIDDEN, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get

ODD = ("'--", "%00", "%F0%9F%98%80", "9" * 400, "%3Cscript%3E")
_OTHERS = (EXPERT, "m-chair", "m-views", OBSERVER, ADMIN)
_ONE = "/timetable/milestones/none"


def _form(path: str, *statuses: int, **form: str) -> tuple[Try, ...]:
    """For the secretariat alone."""
    return (
        get(NOBODY, path, *SIGN_IN, **form),
        *(get(who, path, *FORBIDDEN, **form) for who in _OTHERS),
        get(CLERK, path, *statuses, **form),
    )


TIMETABLE_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /timetable": (
        get(NOBODY, "/timetable", *SIGN_IN),
        *(get(OBSERVER, f"/timetable?on={one}", 422) for one in ODD),
        get(OBSERVER, "/timetable?on=9999-12-31", 200),
        get(OBSERVER, "/timetable?on=0001-01-01", 200),
    ),
    # Nothing was loaded, and nobody is asked to sign in.
    "GET /timetable.ics": (get(NOBODY, "/timetable.ics", 404), get(NOBODY, "/timetable.ics?on=x", 404)),
    "GET /timetable/new": _form("/timetable/new", 200),
    "POST /timetable/new": _form("/timetable/new", 422, name="x" * 5_000, first="2026-02-30", zone="/etc/passwd"),
    "GET /timetable/file": _form("/timetable/file", 200),
    "POST /timetable/file": _form("/timetable/file", 422, 400, shipped="../../etc/passwd", act="load"),
    "GET /timetable/milestones/{milestone}": (
        get(NOBODY, _ONE, *SIGN_IN),
        *(get(EXPERT, f"/timetable/milestones/{one}", *UNFOUND) for one in ODD),
    ),
    "GET /timetable/milestones/{milestone}/{act}": (
        *_form(f"{_ONE}/change", 404),
        *(get(CLERK, f"{_ONE}/{one}", *UNFOUND) for one in (*ODD, "add", "delete")),
    ),
    "POST /timetable/milestones/{milestone}/{act}": (
        *_form(f"{_ONE}/change", 404, seen="1"),
        *(get(CLERK, f"{_ONE}/{one}", *UNFOUND, seen="1") for one in (*ODD, "add", "delete")),
    ),
    "GET /api/timetable": (
        get(NOBODY, "/api/timetable", 401),
        *(get(OBSERVER, f"/api/timetable?on={one}", 200) for one in ODD),
    ),
}
