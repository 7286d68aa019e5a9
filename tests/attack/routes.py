"""Every route of the server's table with what a wrong person, a wrong id or a pair that does not belong together gets.

Written by hand and not from the program's own permissions. A route that is not here fails `test_http.py`.
"""

from tests.attack.alternatives_routes import ALTERNATIVES_ROUTES
from tests.attack.by_capability import BY_CAPABILITY
from tests.attack.console_routes import CONSOLE_ROUTES
from tests.attack.consultation_routes import CONSULTATION_ROUTES
from tests.attack.of_opinions import IDS, of_opinion
from tests.attack.program_routes import PROGRAM_ROUTES
from tests.attack.trying import (
    ADMIN,
    CLERK,
    EXPERT,
    FORBIDDEN,
    HIDDEN,
    MISSING,
    NOBODY,
    OBSERVER,
    OTHER,
    SIGN_IN,
    UNFOUND,
    Try,
    get,
)
from tests.support.stock import OPINION, SECOND

NOWHERE = "op-none"


_MEMBERS = ("m-none", "m-sec'--", "m-xbb-1%00", "%F0%9F%98%80")


def _person(tail: str, **form: str) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"/people/{OTHER}{tail}", *SIGN_IN, **form),
        *(get(who, f"/people/{OTHER}{tail}", *HIDDEN, **form) for who in (EXPERT, "m-xbb-2", "m-chair", OBSERVER)),
        *(get(who, f"/people/{ADMIN}{tail}", 404, **form) for who in (EXPERT, "m-chair")),
        *(get(CLERK, f"/people/{one}{tail}", *UNFOUND, 303, 405, **form) for one in _MEMBERS),
    )


def _filled_tail(tail: str) -> str:
    return tail.replace("{file}", "f-none").replace("{item}", "i-none")


ROUTES: dict[str, tuple[Try, ...]] = {
    **ALTERNATIVES_ROUTES,
    **CONSOLE_ROUTES,
    **BY_CAPABILITY,
    "GET /": (get(NOBODY, "/", *SIGN_IN),),
    "GET /icon.svg": (get(NOBODY, "/icon.svg?../../etc/passwd", 200),),
    "GET /offline.js": (get(NOBODY, "/offline.js", 200),),
    "GET /sign-in": (get(NOBODY, "/sign-in?next=https://evil.example", 200),),
    "GET /sign-in/{token}": tuple(
        get(NOBODY, f"/sign-in/{one}", 410, 404, 400) for one in ("guess", "a" * 500, "%00", "'--")
    ),
    "POST /sign-in/{token}": tuple(get(NOBODY, f"/sign-in/{one}", 410, 404, 400) for one in ("guess", "null", "%00")),
    "POST /sign-in/{token}/report": tuple(
        get(NOBODY, f"/sign-in/{one}/report", *UNFOUND, 410, what="x") for one in ("guess", "a" * 500, "%00", "'--")
    ),
    "POST /people/{member}/report": (*_person("/report"), get(CLERK, f"/people/{ADMIN}/report", 403)),
    "POST /sign-out": (get(NOBODY, "/sign-out", 200, 303),),
    "GET /demo": (get(NOBODY, "/demo", MISSING),),
    "POST /demo": (get(NOBODY, "/demo", MISSING, member="m-chair"), get(EXPERT, "/demo", MISSING, persona="m-chair")),
    "GET /account": (get(NOBODY, "/account", *SIGN_IN),),
    # A session that is somebody else's: answered like one that has ended, and it goes on (test_http.py looks).
    "POST /account/sessions": (
        get(NOBODY, "/account/sessions", *SIGN_IN, session="others"),
        *(get(EXPERT, "/account/sessions", 303, 400, session=one) for one in ("{session of m-xbb-1}", "'--", "none")),
    ),
    "GET /people": (
        *(get(who, "/people", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
        get(NOBODY, "/people", *SIGN_IN),
    ),
    "GET /people/new": tuple(get(who, "/people/new", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "POST /people/new": (
        *(
            get(who, "/people/new", *FORBIDDEN, name="Mallory", role="secretariat")
            for who in (EXPERT, "m-chair", OBSERVER)
        ),
        get(CLERK, "/people/new", 403, name="Mallory", role="administrator"),
        get(CLERK, "/people/new", 422, name="Mallory", role="root"),
        get(CLERK, "/people/new", 422, name="Mallory", role="chair"),
        get(CLERK, "/people/new", 422, name="Mallory", role="expert", delegation="XZZ"),
    ),
    "GET /people/{member}": _person(""),
    "POST /people/{member}": (
        *_person("", name="Mallory", role="secretariat"),
        get(CLERK, f"/people/{CLERK}", 403, name="Sam Clerk", role="administrator"),
        get(CLERK, f"/people/{ADMIN}", 403, name="Ada Keeper", role="observer"),
    ),
    "POST /people/{member}/invitation": (*_person("/invitation"), get(CLERK, f"/people/{ADMIN}/invitation", 403)),
    "POST /people/{member}/suspension": (
        *_person("/suspension", suspended="yes"),
        get(CLERK, f"/people/{ADMIN}/suspension", 403, suspended="yes"),
    ),
    "POST /people/{member}/sessions": (
        *_person("/sessions", session="x"),
        get(CLERK, f"/people/{ADMIN}/sessions", 403, session="x"),
        # A pair: the session is not of the person in the address.
        get(CLERK, "/people/m-xdd-1/sessions", 303, session="{session of m-xbb-1}"),
    ),
    "GET /delegations/new": tuple(get(who, "/delegations/new", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "POST /delegations/new": tuple(
        get(who, "/delegations/new", *FORBIDDEN, code="XEE", name="Evil") for who in (EXPERT, OBSERVER)
    ),
    "GET /delegations/{code}": (
        *(get(who, "/delegations/XBB", *HIDDEN) for who in (EXPERT, OTHER, OBSERVER)),
        *(get(CLERK, f"/delegations/{one}", *UNFOUND) for one in ("XZZ", "xbb'--", "%00", "X" * 99)),
    ),
    "POST /delegations/{code}": (
        *(get(who, "/delegations/XBB", *HIDDEN, name="Evil") for who in (EXPERT, OTHER, OBSERVER)),
        *(get(CLERK, f"/delegations/{one}", *UNFOUND, name="Evil") for one in ("XZZ", "%00")),
    ),
    "GET /groups": tuple(get(who, "/groups", *FORBIDDEN) for who in (EXPERT, OBSERVER)),
    "GET /groups/new": tuple(get(who, "/groups/new", *FORBIDDEN) for who in (EXPERT, OBSERVER)),
    "POST /groups/new": (
        *(get(who, "/groups/new", *FORBIDDEN, code="EVL", name="Evil", members="XAA") for who in (EXPERT, OBSERVER)),
        *(get(CLERK, "/groups/new", 422, code=one, name="Evil", members="XAA") for one in ("XAA", "SEC", "'--", "")),
        get(CLERK, "/groups/new", 422, code="EVL", name="Evil", members="XZZ, \x00, <b>"),
    ),
    "GET /groups/{code}": (
        *(get(who, "/groups/G77", *FORBIDDEN) for who in (EXPERT, OBSERVER)),
        *(get(CLERK, f"/groups/{one}", *UNFOUND) for one in ("XAA", "g77'--", "%00", "X" * 99)),
    ),
    "POST /groups/{code}": (
        *(get(who, "/groups/G77", *FORBIDDEN, name="Evil", members="XAA") for who in (EXPERT, OBSERVER)),
        *(get(CLERK, f"/groups/{one}", *UNFOUND, name="Evil", members="XAA") for one in ("XZZ", "%00")),
    ),
    "POST /groups/{code}/removal": (
        *(get(who, "/groups/G77/removal", *FORBIDDEN) for who in (EXPERT, OBSERVER)),
        get(CLERK, "/groups/XZZ/removal", *UNFOUND),
    ),
    "POST /delegations/{code}/voice": (
        *(get(who, "/delegations/XBB/voice", *FORBIDDEN, member=OTHER) for who in (EXPERT, OTHER, OBSERVER)),
        get(CLERK, "/delegations/XZZ/voice", *UNFOUND, member=OTHER),
        *(get(CLERK, "/delegations/XBB/voice", 409, member=one) for one in (EXPERT, CLERK, "'--", "\x00")),
    ),
    "GET /my-delegation": tuple(get(who, "/my-delegation", *FORBIDDEN) for who in (CLERK, OBSERVER, "m-views")),
    "POST /opinions/{opinion}/typed": (
        *of_opinion("POST", "/typed", observers=(403,), key="k-1", amendment="a-guess"),
        get(CLERK, f"/opinions/{OPINION}/typed", *FORBIDDEN, key="k-1", amendment="a-guess"),
        *(get(EXPERT, f"/opinions/{OPINION}/typed", 409, key="k-1", amendment=one) for one in ("a-guess", "", "\x00")),
        get(EXPERT, f"/opinions/{OPINION}/typed", 422, key="", amendment="a-guess"),
    ),
    "POST /opinions/{opinion}/group-positions": (
        *of_opinion("POST", "/group-positions", observers=(403,), key="k-1", group="G77", amendment="a-guess"),
        get(EXPERT, f"/opinions/{OPINION}/group-positions", 409, key="k-1", group="G77", amendment="a-guess"),
        get(EXPERT, f"/opinions/{OPINION}/group-positions", 422, key="k" * 99, group="G77", amendment="a-guess"),
    ),
    "GET /api/opinions/{opinion}/positions": (
        get(NOBODY, f"/api/opinions/{OPINION}/positions", 401),
        *(get(who, f"/api/opinions/{OPINION}/positions", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/api/opinions/{one}/positions", *UNFOUND) for one in IDS[:3]),
        *(get(EXPERT, f"/api/opinions/{OPINION}/positions?of={one}", 200) for one in ("'--", "%00", "XZZ")),
    ),
    "GET /account/passkeys": (get(NOBODY, "/account/passkeys", *SIGN_IN),),
    "POST /account/passkeys/options": (get(NOBODY, "/account/passkeys/options", *SIGN_IN),),
    "POST /account/passkeys": (
        get(NOBODY, "/account/passkeys", *SIGN_IN),
        get(EXPERT, "/account/passkeys", 415, answer="{}"),
    ),
    # A passkey that is somebody else's, or nobody's: answered like one that is gone.
    "POST /account/passkeys/{passkey}": (
        get(NOBODY, "/account/passkeys/pk-1", *SIGN_IN, remove="yes"),
        *(get(EXPERT, f"/account/passkeys/{one}", 303, 404, 400, remove="yes") for one in ("pk-1", "'--", "%00")),
        *(get(EXPERT, f"/account/passkeys/{one}", 303, 404, 400, name="Evil") for one in ("pk-1", "'--", "%00")),
    ),
    "GET /confirm": (
        get(NOBODY, "/confirm?next=https://evil.example", *SIGN_IN),
        get(EXPERT, "/confirm?next=//evil.example", 303),
    ),
    "POST /confirm/options": (get(NOBODY, "/confirm/options", *SIGN_IN),),
    "POST /confirm": (get(NOBODY, "/confirm", *SIGN_IN), get(EXPERT, "/confirm", 415, answer="{}")),
    "POST /passkey/options": (get(NOBODY, "/passkey/options", 200, member="m-chair"),),
    "POST /passkey": (get(NOBODY, "/passkey", 415, answer="{}", member="m-chair"),),
    # No provider is set.
    "GET /oidc": (get(NOBODY, "/oidc?next=https://evil.example", MISSING),),
    "GET /oidc/callback": (get(NOBODY, "/oidc/callback?code=x&state=x", MISSING),),
    "GET /audit": tuple(get(who, "/audit", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "GET /audit.csv": tuple(get(who, "/audit.csv", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "POST /people/{member}/passkeys": _person("/passkeys"),
    # Rosters, invitations, nominations: the secretariat's; a link nominates for its own delegation alone.
    **{
        f"{method} {path}": (
            *(get(who, path, *FORBIDDEN, **form) for who in (EXPERT, "m-chair", "m-views", OBSERVER)),
            get(NOBODY, path, *SIGN_IN, **form),
        )
        for method, path, form in (
            ("GET", "/roster", {}),
            ("POST", "/roster", {"roster": "Name,Entity\nMallory,XAA", "do": "enter"}),
            ("POST", "/invitations", {}),
            ("GET", "/balance", {}),
            ("GET", "/balance.csv", {}),
            ("GET", "/nominations", {}),
            ("POST", "/nominations/links", {"delegation": "XAA", "recipient": "evil@evil.example"}),
            ("GET", "/nominate", {}),
            ("POST", "/nominate", {"delegation": "XBB", "name-0": "Mallory", "email-0": "evil@evil.example"}),
        )
    },
    **{
        f"POST /nominations/{{nomination}}/{act}": (
            get(NOBODY, f"/nominations/n-none/{act}", *SIGN_IN),
            *(get(who, f"/nominations/n-none/{act}", *HIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
            *(get(CLERK, f"/nominations/{one}/{act}", *UNFOUND, 422) for one in ("n-none", "n-'--", "%00")),
        )
        for act in ("approval", "refusal")
    },
    **{
        f"{method} /nominate/{{token}}": tuple(
            get(NOBODY, f"/nominate/{one}", *UNFOUND, 410) for one in ("guess", "a" * 500, "%00", "n-'--")
        )
        for method in ("GET", "POST")
    },
    "POST /people/{member}/parts": (
        *_person("/parts", opinion=OPINION, part="expert"),
        get(CLERK, f"/people/{ADMIN}/parts", 403, opinion=OPINION, part="expert"),
        *(get(CLERK, f"/people/{OTHER}/parts", 422, opinion=one, part="expert") for one in ("op-none", "'--")),
        get(CLERK, f"/people/{OTHER}/parts", 422, opinion=OPINION, part="administrator"),
        get(CLERK, "/people/m-views/parts", 422, opinion=OPINION, part="expert"),
    ),
    "POST /people/{member}/parts/{part}/end": (
        *_person("/parts/r-none/end"),
        *(get(CLERK, f"/people/{OTHER}/parts/{one}/end", *UNFOUND, 422) for one in ("r-none", "r-'--", "%00")),
    ),
    "POST /account/device": (get(NOBODY, "/account/device", *SIGN_IN),),
    "POST /account/shared": (get(NOBODY, "/account/shared", *SIGN_IN),),
    "GET /settings": tuple(get(who, "/settings", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "POST /settings": tuple(get(who, "/settings", *FORBIDDEN, name="Evil") for who in (EXPERT, "m-chair", OBSERVER)),
    "GET /opinions/new": tuple(get(who, "/opinions/new", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER, ADMIN)),
    "POST /opinions/new": tuple(
        get(who, "/opinions/new", *FORBIDDEN, title="Evil") for who in (EXPERT, OBSERVER, ADMIN)
    ),
    "GET /opinions/{opinion}": of_opinion("GET", "", observers=(303,)),
    "GET /opinions/{opinion}/views/{view}": (
        *of_opinion("GET", "/views/clean", observers=(403,)),
        *(get(EXPERT, f"/opinions/{OPINION}/views/{one}", *UNFOUND) for one in ("nonsense", "%00", "CLEAN")),
    ),
    "GET /opinions/{opinion}/word-in": of_opinion("GET", "/word-in", observers=(403,)),
    "POST /opinions/{opinion}/word-in": (
        *of_opinion("POST", "/word-in", observers=(403,), source="12"),
        get("m-chair", f"/opinions/{OPINION}/word-in", 403, source="12"),
    ),
    **{
        f"{method} /opinions/{{opinion}}/word-in/{{bringing}}{tail}": (
            *of_opinion(method, f"/word-in/w-none{tail}", observers=(403,), step="enter"),
            *(get(CLERK, f"/opinions/{OPINION}/word-in/{one}{tail}", *UNFOUND) for one in ("w-none", "%00", "w'--")),
        )
        for method, tail in (("GET", ""), ("POST", ""), ("GET", "/file"))
    },
    "GET /opinions/{opinion}/groups": of_opinion("GET", "/groups", observers=(403,)),
    "GET /api/opinions/{opinion}/groups": (
        get(NOBODY, f"/api/opinions/{OPINION}/groups", *SIGN_IN),
        get(OBSERVER, f"/api/opinions/{OPINION}/groups", 403),
        *(get(EXPERT, f"/api/opinions/{one}/groups", *UNFOUND) for one in IDS[:3]),
    ),
    **{
        f"POST /api/opinions/{{opinion}}/groups{tail}": (
            get(NOBODY, f"/api/opinions/{OPINION}/groups{tail.replace('{group}', 'g-none')}", *SIGN_IN),
            get(OBSERVER, f"/api/opinions/{OPINION}/groups{tail.replace('{group}', 'g-none')}", 403),
            get(EXPERT, f"/api/opinions/{OPINION}/groups{tail.replace('{group}', 'g-none')}", 415, step="join"),
        )
        for tail in ("", "/{group}")
    },
    "POST /opinions/{opinion}/groups": (
        *of_opinion("POST", "/groups", observers=(403,), name="Evil", delegations="XBB"),
        get(EXPERT, f"/opinions/{OPINION}/groups", 422, name="", delegations="XBB"),
        get(EXPERT, f"/opinions/{OPINION}/groups", 422, name="x" * 500, delegations="XBB"),
        get(EXPERT, f"/opinions/{OPINION}/groups", 422, name="Evil", delegations="g-'--"),
        get(CLERK, f"/opinions/{OPINION}/groups", 422, name="Evil", delegations="XBB", facilitator="m-sec'--"),
        get(CLERK, f"/opinions/{OPINION}/groups", 422, name="Evil", delegations="XBB", facilitator="m-obs"),
    ),
    **{
        f"{method} /opinions/{{opinion}}/groups/{{group}}": (
            *of_opinion(method, "/groups/g-none", observers=(404,), step="join"),
            *(
                get(EXPERT, f"/opinions/{OPINION}/groups/{one}", *UNFOUND, step="join")
                for one in ("g-none", "%00", "g-'--", "G" * 300)
            ),
        )
        for method in ("GET", "POST")
    },
    "GET /opinions/{opinion}/threads": (
        *of_opinion("GET", "/threads", observers=(403,)),
        *(get(EXPERT, f"/opinions/{OPINION}/threads?show={one}", 200) for one in ("'--", "%00", "notes")),
    ),
    "GET /opinions/{opinion}/threads.csv": of_opinion("GET", "/threads.csv", observers=(403,)),
    "POST /opinions/{opinion}/threads": (
        *of_opinion("POST", "/threads", observers=(403,), text="x"),
        get(EXPERT, f"/opinions/{OPINION}/threads", 422, text="x", paragraph="p-none"),
        get("m-chair", f"/opinions/{OPINION}/threads", 422, text="x", audience="delegation"),
    ),
    "POST /opinions/{opinion}/threads/{remark}": (
        *of_opinion("POST", "/threads/t-none", observers=(403,), step="answer", text="x"),
        *(
            get(EXPERT, f"/opinions/{OPINION}/threads/{one}", *UNFOUND, step="take_out")
            for one in ("t-none", "%00", "t'--", "T" * 300)
        ),
    ),
    "GET /api/opinions/{opinion}/threads": (
        get(NOBODY, f"/api/opinions/{OPINION}/threads", 401),
        *(get(who, f"/api/opinions/{OPINION}/threads", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/api/opinions/{one}/threads", *UNFOUND) for one in IDS[:3]),
    ),
    **{
        f"POST /api/opinions/{{opinion}}/threads{tail}": (
            get(NOBODY, f"/api/opinions/{OPINION}/threads{tail.replace('{remark}', 't-none')}", 401),
            *(
                get(who, f"/api/opinions/{OPINION}/threads{tail.replace('{remark}', 't-none')}", 403)
                for who in (OBSERVER, ADMIN)
            ),
            get(EXPERT, f"/api/opinions/{OPINION}/threads{tail.replace('{remark}', 't-none')}", 415, text="x"),
        )
        for tail in ("", "/{remark}/answers", "/{remark}/resolution", "/{remark}/words", "/{remark}/taking-out")
    },
    "POST /opinions/{opinion}/versions/{number:int}/attribution": (
        get(EXPERT, f"/opinions/{OPINION}/versions/1/attribution", 403, attribution="none"),
        *(
            get("m-chair", f"/opinions/{OPINION}/versions/{number}/attribution", 404, 422, attribution=one)
            for number, one in ((99, "none"), (99, "everybody"), (0, "%00"), (10**12, ""))
        ),
        *of_opinion("POST", "/versions/1/attribution", observers=(403,), attribution="all"),
    ),
    "GET /opinions/{opinion}/report": (
        get(EXPERT, f"/opinions/{OPINION}/report", 403),
        *(
            get("m-chair", f"/opinions/{OPINION}/report?{one}", 200, 422)
            for one in ("scope=version:op-none:1", "scope=meeting:'--", "names=everybody", "number=%00", "scope=%F0%9F")
        ),
        *of_opinion("GET", "/report", observers=(403,)),
    ),
    "POST /opinions/{opinion}/report": (
        get(EXPERT, f"/opinions/{OPINION}/report", 403, format="docx"),
        *(
            get("m-chair", f"/opinions/{OPINION}/report", 200, 422, format=form, introduction=words, number=words[:9])
            for form, words in (("exe", "x"), ("html", "<script>"), ("docx", "\x00"), ("docx", "\ud7ff\uffff"))
        ),
        *of_opinion("POST", "/report", observers=(403,), format="docx"),
    ),
    "GET /report": (get(NOBODY, "/report", *SIGN_IN), *(get(who, "/report", 403) for who in (EXPERT, OBSERVER))),
    "POST /report": (
        get(NOBODY, "/report", *SIGN_IN, format="docx"),
        *(get(who, "/report", 403, format="docx") for who in (EXPERT, OBSERVER)),
    ),
    "GET /api/opinions/{opinion}/report": (
        get(EXPERT, f"/api/opinions/{OPINION}/report", 403),
        get(NOBODY, f"/api/opinions/{OPINION}/report", 401, *SIGN_IN),
        *(
            get("m-chair", f"/api/opinions/{OPINION}/report?{one}", 404)
            for one in ("scope=version:op-none:1", "names=x", "number=%00")
        ),
    ),
    "GET /brief": (
        get(NOBODY, "/brief", *SIGN_IN),
        get(OBSERVER, "/brief", 403),
        *(get(EXPERT, f"/brief?since={one}", 404) for one in ("1", "%00", "version:1", "VISIT")),
    ),
    "POST /brief/letter": (
        get(NOBODY, "/brief/letter", *SIGN_IN),
        get(OBSERVER, "/brief/letter", 403),
        get(EXPERT, "/brief/letter", 404, since="'--"),
    ),
    "GET /opinions/{opinion}/brief": (
        get(CLERK, f"/opinions/{OPINION}/brief", 403),
        *(get(EXPERT, f"/opinions/{OPINION}/brief?since={one}", 404) for one in ("99", "-1", "%00", "1" * 400)),
        *of_opinion("GET", "/brief", observers=(403,)),
    ),
    "POST /opinions/{opinion}/brief/letter": (
        get(CLERK, f"/opinions/{OPINION}/brief/letter", 403),
        get(EXPERT, f"/opinions/{OPINION}/brief/letter", 404, since="99"),
        *of_opinion("POST", "/brief/letter", observers=(403,)),
    ),
    "GET /api/opinions/{opinion}/brief": (
        get(CLERK, f"/api/opinions/{OPINION}/brief", 403),
        get(NOBODY, f"/api/opinions/{OPINION}/brief", 401, *SIGN_IN),
        *(get(EXPERT, f"/api/opinions/{OPINION}/brief?since={one}", 404) for one in ("99", "%00", "VISIT")),
    ),
    "GET /opinions/{opinion}/export": (
        *of_opinion("GET", "/export?format=txt", observers=(403,)),
        *(
            get(EXPERT, f"/opinions/{OPINION}/export?{one}", *UNFOUND)
            for one in (
                "format=exe",
                "version=99",
                "version=-1",
                "version=1%00",
                "view=secret",
                "version=9999999999999999999999",
            )
        ),
    ),
    "GET /opinions/{opinion}/chair": (
        get(EXPERT, f"/opinions/{OPINION}/chair", 403),
        *of_opinion("GET", "/chair", observers=(403,)),
    ),
    "POST /opinions/{opinion}/chair": (
        *(get(who, f"/opinions/{OPINION}/chair", 403, chair=EXPERT) for who in (EXPERT, "m-chair")),
        *of_opinion("POST", "/chair", observers=(403,), chair=EXPERT),
        get(CLERK, f"/opinions/{OPINION}/chair", 422, 404, 400, chair="m-none"),
    ),
    "POST /opinions/{opinion}/observers": (
        get(EXPERT, f"/opinions/{OPINION}/observers", 403, admit="no"),
        *of_opinion("POST", "/observers", observers=(403,), admit="no"),
    ),
    "GET /opinions/{opinion}/live": of_opinion("GET", "/live", observers=(200,)),
    "GET /opinions/{opinion}/projector": (
        get(NOBODY, f"/opinions/{OPINION}/projector", *SIGN_IN),
        get(ADMIN, f"/opinions/{OPINION}/projector", 403),
        *(get(EXPERT, f"/opinions/{one}/projector", *UNFOUND) for one in IDS[:3]),
    ),
    "GET /opinions/{opinion}/projector/events": (
        get(NOBODY, f"/opinions/{OPINION}/projector/events", *SIGN_IN),
        get(ADMIN, f"/opinions/{OPINION}/projector/events", 403),
        *(get(EXPERT, f"/opinions/{one}/projector/events", *UNFOUND) for one in IDS[:3]),
    ),
    "GET /opinions/{opinion}/projector/links": (
        *of_opinion("GET", "/projector/links", observers=(403,)),
        *(get(who, f"/opinions/{OPINION}/projector/links", 403) for who in (EXPERT, ADMIN)),
    ),
    "POST /opinions/{opinion}/projector/links": (
        *of_opinion("POST", "/projector/links", observers=(403,), name="x", days="1"),
        *(get(who, f"/opinions/{OPINION}/projector/links", 403, name="x", days="1") for who in (EXPERT, ADMIN)),
        *(get(CLERK, f"/opinions/{OPINION}/projector/links", 422, name="x", days=one) for one in ("-1", "٣", "9999")),
        get(CLERK, f"/opinions/{OPINION}/projector/links", 422, name="x", days="1", view="drafts"),
    ),
    "POST /opinions/{opinion}/projector/links/{link}": (
        *of_opinion("POST", "/projector/links/pl-none", observers=(403,), step="end"),
        get(EXPERT, f"/opinions/{OPINION}/projector/links/pl-none", 403, step="end"),
        *(
            get(CLERK, f"/opinions/{OPINION}/projector/links/{one}", *UNFOUND, step="end")
            for one in ("pl-none", "%00", "pl'--")
        ),
    ),
    **{
        f"GET /projector/{{token}}{tail}": tuple(
            get(NOBODY, f"/projector/{one}{tail}", 410, 404, 400) for one in ("guess", "a" * 500, "%00", "'--")
        )
        for tail in ("", "/events")
    },
    "GET /opinions/{opinion}/live/events": (
        get(NOBODY, f"/opinions/{OPINION}/live/events", *SIGN_IN),
        get(ADMIN, f"/opinions/{OPINION}/live/events", 403),
        *(get(EXPERT, f"/opinions/{one}/live/events", *UNFOUND) for one in IDS[:3]),
    ),
    "GET /opinions/{opinion}/versions": of_opinion("GET", "/versions", observers=(200,)),
    # Version 1 is the second Opinion's: of the first there is none.
    **{
        f"{method} /opinions/{{opinion}}/versions/{{number:int}}{tail}": (
            get(NOBODY, f"/opinions/{SECOND}/versions/1{tail}", *SIGN_IN),
            *(
                get(EXPERT, f"/opinions/{OPINION}/versions/{one}{tail}", *UNFOUND, 415)
                for one in ("1", "0", "99", "9" * 30)
            ),
        )
        for method, tail in (("GET", ""), ("POST", "/checks"), ("GET", "/canonical.txt"), ("GET", "/record.json"))
    },
    "GET /api/opinions/{opinion}/table": (
        get(NOBODY, f"/api/opinions/{OPINION}/table", 401),
        *(get(who, f"/api/opinions/{OPINION}/table", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/api/opinions/{one}/table", *UNFOUND) for one in IDS[:3]),
    ),
    "GET /api/opinions/{opinion}/bootstrap": (
        get(NOBODY, f"/api/opinions/{OPINION}/bootstrap", 401),
        *(get(who, f"/api/opinions/{OPINION}/bootstrap", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/api/opinions/{one}/bootstrap", *UNFOUND) for one in IDS[:3]),
    ),
    "POST /api/opinions/{opinion}/commands": (
        get(NOBODY, f"/api/opinions/{OPINION}/commands", 401),
        *(get(who, f"/api/opinions/{OPINION}/commands", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/api/opinions/{one}/commands", *UNFOUND) for one in IDS[:3]),
        get(EXPERT, f"/api/opinions/{OPINION}/commands", 415, act="freeze"),
    ),
    "POST /frames/opinions/{opinion}": (
        get(NOBODY, f"/frames/opinions/{OPINION}", 401, 303),
        *(get(who, f"/frames/opinions/{OPINION}", 403) for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, f"/frames/opinions/{one}", *UNFOUND) for one in IDS[:3]),
    ),
    **{
        f"{method} /frames/opinions/{{opinion}}/{{channel}}": (
            get(NOBODY, f"/frames/opinions/{OPINION}/{{channel of m-xbb-1}}", 401, 403, 404, 410),
            *(
                get(who, f"/frames/opinions/{place}/{{channel of m-xbb-1}}", 403, 404, 410)
                for who in (EXPERT, "m-xbb-2", OBSERVER)
                for place in (OPINION, SECOND)
            ),
            get(OTHER, f"/frames/opinions/{SECOND}/{{channel of m-xbb-1}}", 403, 404, 410),
            *(get(EXPERT, f"/frames/opinions/{OPINION}/{one}", 400, 404, 410) for one in ("guess", "%00", "a" * 500)),
        )
        for method in ("GET", "POST")
    },
    # Contributions and the ledger: nothing of anybody's is there; who may not register or table is told so first.
    **{
        f"GET {path}": (get(NOBODY, path, *SIGN_IN),)
        for path in ("/contributions", "/contributions.csv", "/ledger", "/ledger.csv")
    },
    **{
        f"{method} {path}": (
            get(NOBODY, path, *SIGN_IN),
            *(get(who, path, *FORBIDDEN, title="Evil", draft=OPINION, number="1") for who in refused),
        )
        for method, path, refused in (
            ("GET", "/contributions/new", (OBSERVER, ADMIN)),
            ("POST", "/contributions/new", (OBSERVER, ADMIN)),
            ("GET", "/ledger/present", (OBSERVER, ADMIN, "m-views")),
            ("POST", "/ledger/present", (OBSERVER, ADMIN, "m-views")),
            ("GET", "/ledger/merge", (EXPERT, "m-chair", OBSERVER, ADMIN)),
            ("POST", "/ledger/merge", (EXPERT, "m-chair", OBSERVER, ADMIN)),
        )
    },
    **{
        f"{method} /{noun}/{{{noun_id}}}{tail}": (
            get(NOBODY, f"/{noun}/x-none{_filled_tail(tail)}", *SIGN_IN),
            *(
                get(who, f"/{noun}/{one}{_filled_tail(tail)}", *UNFOUND, 403, title="Evil", status="noted")
                for who in (EXPERT, "m-views", OBSERVER, CLERK)
                for one in ("x-none", "x-'--", "%00")
            ),
        )
        for noun, noun_id, method, tail in (
            ("contributions", "contribution", "GET", ""),
            ("contributions", "contribution", "GET", "/cover"),
            ("contributions", "contribution", "POST", "/cover"),
            ("contributions", "contribution", "POST", "/number"),
            ("contributions", "contribution", "POST", "/return"),
            ("contributions", "contribution", "POST", "/files"),
            ("contributions", "contribution", "GET", "/files/{file}"),
            ("contributions", "contribution", "POST", "/word-in"),
            ("contributions", "contribution", "GET", "/proposals/new"),
            ("contributions", "contribution", "POST", "/proposals"),
            ("contributions", "contribution", "POST", "/proposals/{item}"),
            ("contributions", "contribution", "POST", "/entering"),
            ("ledger", "draft", "GET", ""),
            ("ledger", "draft", "GET", "/table"),
            ("ledger", "draft", "POST", "/table"),
            ("ledger", "draft", "POST", "/close"),
            ("ledger", "draft", "GET", "/split"),
            ("ledger", "draft", "POST", "/split"),
        )
    },
    **{
        f"GET /opinions/{{opinion}}/compilation{tail}": (
            *of_opinion("GET", f"/compilation{tail}", observers=(200,)),
            get(ADMIN, f"/opinions/{OPINION}/compilation{tail}", 403),
            *(
                get(EXPERT, f"/opinions/{OPINION}/compilation{tail}?version={one}", *UNFOUND)
                for one in ("9", "-1", "x")
            ),
        )
        for tail in ("", ".docx")
    },
    # Consultation: no round, no comment, no file is there; who may not manage is told so before that.
    "GET /opinions/{opinion}/new": of_opinion("GET", "/new", observers=(403,)),
    "GET /opinions/{opinion}/read": of_opinion("GET", "/read", observers=(303,)),
    "POST /opinions/{opinion}/read/positions": (
        *of_opinion("POST", "/read/positions", observers=(403,)),
        get("m-views", f"/opinions/{OPINION}/read/positions", *FORBIDDEN, amendment="a-guess", attitude="support"),
        get(EXPERT, f"/opinions/{OPINION}/read/positions", 422, attitude="agreed", revision="1"),
        get(EXPERT, f"/opinions/{OPINION}/read/positions", 409, attitude="support", revision="9", key="k-1"),
    ),
    "POST /opinions/{opinion}/read/calls": (
        *of_opinion("POST", "/read/calls", observers=(403,)),
        get("m-views", f"/opinions/{OPINION}/read/calls", *FORBIDDEN, call="c-guess", answer="object"),
        get(EXPERT, f"/opinions/{OPINION}/read/calls", 422, call="c-guess", answer="agreed"),
    ),
    "GET /opinions/{opinion}/read/{paragraph}": (
        *of_opinion("GET", "/read/p-item-00001", observers=(403,)),
        *(get(EXPERT, f"/opinions/{OPINION}/read/{one}", *UNFOUND, 405) for one in ("p-none", "%00", "'--")),
    ),
    "GET /opinions/{opinion}/read/{paragraph}/propose": (
        *of_opinion("GET", "/read/p-item-00001/propose", observers=(403,)),
        get("m-views", f"/opinions/{OPINION}/read/p-item-00001/propose", *FORBIDDEN),
        get("m-chair", f"/opinions/{OPINION}/read/p-item-00001/propose", *FORBIDDEN),
    ),
    "POST /opinions/{opinion}/read/{paragraph}/propose": (
        *of_opinion("POST", "/read/p-item-00001/propose", observers=(403,), step="submit", words="that", put="evil"),
        get("m-views", f"/opinions/{OPINION}/read/p-item-00001/propose", *FORBIDDEN, words="that", put="evil"),
        get(EXPERT, f"/opinions/{OPINION}/read/p-none/propose", *UNFOUND, words="that", put="evil"),
    ),
    "GET /account/letters": (get(NOBODY, "/account/letters", *SIGN_IN),),
    "POST /account/letters": (
        get(NOBODY, "/account/letters", *SIGN_IN, pace="daily"),
        get(EXPERT, "/account/letters", 422, pace="daily", hour="99999999999999999999", zone="../../etc/passwd"),
    ),
    "GET /letters": tuple(get(who, "/letters", *FORBIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
    "POST /letters/{letter}/again": (
        *(get(who, "/letters/l-none/again", *HIDDEN) for who in (EXPERT, "m-chair", OBSERVER)),
        *(get(CLERK, f"/letters/{one}/again", *UNFOUND, 405) for one in ("l-none", "%00", "'--")),
    ),
    "GET /letters/stop/{member}/{signature}": tuple(
        get(NOBODY, f"/letters/stop/{OTHER}/{one}", *UNFOUND) for one in ("guess", "%00", "A" * 86, "\u00e9")
    ),
    "POST /letters/stop/{member}/{signature}": tuple(
        get(NOBODY, f"/letters/stop/{OTHER}/{one}", *UNFOUND) for one in ("guess", "%00", "A" * 86, "\u00e9")
    ),
    **CONSULTATION_ROUTES,
    **PROGRAM_ROUTES,
}
"""By route, as the table names it."""
