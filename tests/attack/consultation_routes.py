"""Consultation rounds, comments, and the public's pages: what wrong persons and wrong ids get."""

from tests.attack.of_opinions import IDS, of_opinion
from tests.attack.trying import ADMIN, CLERK, EXPERT, FORBIDDEN, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

ROUNDS = ("r-none", "r-'--", "%00", "R" * 300)

CONSULTATION_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /consultation": (get(NOBODY, "/consultation", *SIGN_IN),),
    **{
        f"{method} /consultation{tail}": (
            get(NOBODY, f"/consultation{tail.replace('{round}', 'r-none')}", *SIGN_IN),
            *(
                get(who, f"/consultation{tail.replace('{round}', 'r-none')}", *FORBIDDEN, publish="yes", act="show")
                for who in (EXPERT, "m-chair", "m-views", OBSERVER, ADMIN)
            ),
        )
        for method, tail in (
            ("GET", "/new"),
            ("POST", "/new"),
            ("GET", "/{round}/dates"),
            ("POST", "/{round}/dates"),
            ("POST", "/{round}/publication"),
            ("GET", "/{round}/moderation"),
            ("POST", "/{round}/moderation"),
        )
    },
    **{
        f"GET /consultation/{{round}}{tail}": (
            get(NOBODY, f"/consultation/r-none{tail}", *SIGN_IN),
            *(get(who, f"/consultation/{one}{tail}", *UNFOUND) for who in (EXPERT, OBSERVER) for one in ROUNDS),
        )
        for tail in ("", "/export")
    },
    **{
        f"{method} /consultation/{{round}}/opinions/{{opinion}}{tail}": (
            get(NOBODY, f"/consultation/r-none/opinions/{OPINION}{tail}", *SIGN_IN),
            get(OBSERVER, f"/consultation/r-none/opinions/{OPINION}{tail}", 403, 404),
            *(get(EXPERT, f"/consultation/r-none/opinions/{one}{tail}", *UNFOUND, 403, 303) for one in IDS),
            *(get(CLERK, f"/consultation/{one}/opinions/{OPINION}{tail}", *UNFOUND, 409, 422) for one in ROUNDS),
        )
        for method, tail in (
            ("GET", ""),
            ("GET", "/comment"),
            ("POST", "/comment"),
            ("GET", "/answers"),
            ("POST", "/answers"),
        )
    },
    "GET /opinions/{opinion}/comments": of_opinion("GET", "/comments", observers=(200,)),
    **{
        f"{method} /comments/{{comment}}{tail}": (
            get(NOBODY, f"/comments/c-none{tail.replace('{file}', 'f-none')}", *SIGN_IN),
            *(
                get(who, f"/comments/{one}{tail.replace('{file}', 'f-none')}", *UNFOUND, 403)
                for who in (EXPERT, "m-views", OBSERVER)
                for one in ("c-none", "c-'--", "%00")
            ),
        )
        for method, tail in (
            ("GET", ""),
            ("GET", "/edit"),
            ("POST", "/edit"),
            ("POST", "/withdrawal"),
            ("POST", "/erasure"),
            ("GET", "/files/{file}"),
        )
    },
    "GET /consultations": (get(NOBODY, "/consultations?../../etc/passwd", 200),),
    **{
        f"{method} /consultations/{{round}}{tail}": tuple(
            get(NOBODY, f"/consultations/{one}{filled}", *UNFOUND) for one in ROUNDS
        )
        for method, tail, filled in (
            ("GET", "", ""),
            ("GET", "/texts/{opinion}", f"/texts/{OPINION}"),
            ("GET", "/comment", f"/comment?opinion={OPINION}"),
            ("POST", "/comment", "/comment"),
            ("GET", "/export", "/export?format=csv"),
            ("GET", "/files/{comment}/{file}", "/files/c-none/f-none"),
        )
    },
    **{
        f"{method} /comment-confirmation/{{token}}{tail}": tuple(
            get(NOBODY, f"/comment-confirmation/{one}{tail}", 410, 404, 400) for one in ("guess", "a" * 500, "%00")
        )
        for method, tail in (("GET", ""), ("POST", ""), ("POST", "/withdrawal"))
    },
}
