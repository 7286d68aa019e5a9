"""Who may ask for what: every route and role, against a table written here by hand and not from the program's."""

from collections.abc import Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from opinions.roles import Act
from server.routes import OPEN_TO_ALL, SOCKET, TABLE
from server.routing.taking_part import OPERATIONS
from server.settings import Settings
from server.visit import PUBLIC
from tests.support.stock import OPINION
from tests.support.visitors import COOKIE, HOST, ORIGIN, House, house

EXPERT, VIEWS, CHAIR, SECRETARIAT, OBSERVER, ADMINISTRATOR, NOBODY = (
    "m-xaa-1",
    "m-views",
    "m-chair",
    "m-sec",
    "m-obs",
    "m-admin",
    None,
)
PEOPLE = (EXPERT, VIEWS, CHAIR, SECRETARIAT, OBSERVER, ADMINISTRATOR, NOBODY)

EVERYBODY = {EXPERT, VIEWS, CHAIR, SECRETARIAT, OBSERVER, ADMINISTRATOR}
GROUP = {EXPERT, CHAIR, SECRETARIAT}
MANAGERS = {SECRETARIAT, ADMINISTRATOR}
# Routes that name no Opinion know no chair: the chair of these tests is an expert there.
HAND_IN = {EXPERT, CHAIR, VIEWS, SECRETARIAT}

ALLOWED: dict[str, set[str]] = {
    "GET /": EVERYBODY,
    "GET /account": EVERYBODY,
    "POST /account/sessions": EVERYBODY,
    "GET /account/passkeys": EVERYBODY,
    "POST /account/passkeys": EVERYBODY,
    "POST /account/passkeys/options": EVERYBODY,
    "POST /account/passkeys/{passkey}": EVERYBODY,
    "GET /confirm": EVERYBODY,
    "POST /confirm": EVERYBODY,
    "POST /confirm/options": EVERYBODY,
    "GET /audit": MANAGERS,
    "GET /audit.csv": MANAGERS,
    "POST /people/{member}/passkeys": MANAGERS,
    "GET /people": MANAGERS,
    "GET /people/new": MANAGERS,
    "POST /people/new": MANAGERS,
    "GET /people/{member}": MANAGERS,
    "POST /people/{member}": MANAGERS,
    "POST /people/{member}/invitation": MANAGERS,
    "POST /people/{member}/suspension": MANAGERS,
    "POST /people/{member}/sessions": MANAGERS,
    "POST /people/{member}/report": MANAGERS,
    "GET /delegations/new": MANAGERS,
    "POST /delegations/new": MANAGERS,
    "GET /delegations/{code}": MANAGERS,
    "POST /delegations/{code}": MANAGERS,
    "GET /opinions/{opinion}/new": GROUP,
    "GET /opinions/{opinion}/read": GROUP | {OBSERVER, VIEWS},
    "POST /opinions/{opinion}/read/positions": {EXPERT, SECRETARIAT},
    "POST /opinions/{opinion}/read/calls": {EXPERT, SECRETARIAT},
    "GET /opinions/{opinion}/read/{paragraph}": GROUP,
    "GET /opinions/{opinion}/read/{paragraph}/propose": {EXPERT, SECRETARIAT},
    "POST /opinions/{opinion}/read/{paragraph}/propose": {EXPERT, SECRETARIAT},
    "GET /account/letters": EVERYBODY,
    "POST /account/letters": EVERYBODY,
    "GET /letters": MANAGERS,
    "GET /roster": MANAGERS,
    "POST /roster": MANAGERS,
    "POST /invitations": MANAGERS,
    "POST /people/{member}/parts": MANAGERS,
    "POST /people/{member}/parts/{part}/end": MANAGERS,
    "GET /balance": MANAGERS,
    "GET /balance.csv": MANAGERS,
    "GET /nominations": MANAGERS,
    "POST /nominations/links": MANAGERS,
    "POST /nominations/{nomination}/approval": MANAGERS,
    "POST /nominations/{nomination}/refusal": MANAGERS,
    "GET /nominate": MANAGERS,
    "POST /nominate": MANAGERS,
    "POST /account/device": EVERYBODY,
    "POST /account/shared": EVERYBODY,
    "POST /letters/{letter}/again": MANAGERS,
    "GET /process": MANAGERS,
    "GET /process/schema.json": MANAGERS,
    "POST /process/export": MANAGERS,
    "POST /process/import": {ADMINISTRATOR},
    "GET /programs": MANAGERS,
    "POST /programs": MANAGERS,
    "POST /programs/webhooks": MANAGERS,
    "POST /programs/webhooks/{webhook}/stop": MANAGERS,
    "POST /programs/{program}/end": MANAGERS,
    "GET /settings": MANAGERS,
    "POST /settings": MANAGERS,
    "GET /api/sg-report": EVERYBODY,
    "GET /api/volumes": EVERYBODY,
    "GET /api/documents": EVERYBODY,
    "GET /sg-report": EVERYBODY,
    "GET /sg-report/revisions": EVERYBODY,
    "GET /sg-report/revisions/{revision:int}": EVERYBODY,
    "POST /sg-report/revisions/{revision:int}": {SECRETARIAT},
    "POST /sg-report/revisions/{revision:int}/put-out": {SECRETARIAT},
    "GET /sg-report/files/{file}": EVERYBODY,
    "GET /sg-report/comments.csv": EVERYBODY,
    "POST /sg-report/comments": HAND_IN,
    "POST /sg-report/comments/{comment}/withdraw": HAND_IN,
    "POST /sg-report/comments/{comment}/answer": {SECRETARIAT},
    "GET /sg-report/upload": {SECRETARIAT},
    "POST /sg-report/upload": {SECRETARIAT},
    "GET /sg-report/sections/new": {SECRETARIAT},
    "POST /sg-report/sections/new": {SECRETARIAT},
    "GET /sg-report/sections/{section}": {SECRETARIAT},
    "POST /sg-report/sections/{section}": {SECRETARIAT},
    "GET /volumes": EVERYBODY,
    "GET /volumes/new": {SECRETARIAT},
    "POST /volumes/new": {SECRETARIAT},
    "GET /volumes/{number:int}": EVERYBODY,
    "POST /volumes/{number:int}": {SECRETARIAT},
    "POST /volumes/{number:int}/number": {SECRETARIAT},
    "POST /volumes/{number:int}/drop": {SECRETARIAT},
    "POST /volumes/{number:int}/publish": {SECRETARIAT},
    "POST /opinions/{opinion}/versions/{number:int}/public": {SECRETARIAT},
    "GET /volumes/{number:int}/record.json": EVERYBODY,
    "GET /volumes/{number:int}/files": EVERYBODY,
    "GET /volumes/{number:int}/export": EVERYBODY,
    "GET /volumes/{number:int}/bundle.zip": EVERYBODY,
    "GET /api/volumes/{number:int}/files": EVERYBODY,
    "GET /opinions/{opinion}/versions/{number:int}/files": GROUP,
    "GET /opinions/{opinion}/versions/{number:int}/bundle.zip": GROUP,
    "GET /api/opinions/{opinion}/versions/{number:int}/files": GROUP,
    "GET /api/opinions/{opinion}/versions/{number:int}/verification": EVERYBODY,
    "GET /documents": EVERYBODY,
    "POST /documents": {SECRETARIAT},
    "GET /contributions": EVERYBODY,
    "GET /contributions.csv": EVERYBODY,
    "GET /contributions/new": HAND_IN,
    "POST /contributions/new": HAND_IN,
    "GET /contributions/{contribution}": EVERYBODY,
    "GET /contributions/{contribution}/cover": {SECRETARIAT},
    "POST /contributions/{contribution}/cover": {SECRETARIAT},
    "POST /contributions/{contribution}/number": {SECRETARIAT},
    "POST /contributions/{contribution}/return": {SECRETARIAT},
    "POST /contributions/{contribution}/files": HAND_IN,
    "GET /contributions/{contribution}/files/{file}": EVERYBODY,
    "GET /contributions/{contribution}/proposals/new": HAND_IN,
    "POST /contributions/{contribution}/proposals": HAND_IN,
    "POST /contributions/{contribution}/proposals/{item}": {SECRETARIAT},
    "POST /contributions/{contribution}/word-in": {EXPERT, CHAIR, SECRETARIAT},
    "POST /contributions/{contribution}/entering": {EXPERT, CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/compilation": GROUP | {OBSERVER, VIEWS},
    "GET /opinions/{opinion}/compilation.docx": GROUP | {OBSERVER, VIEWS},
    "GET /timetable": EVERYBODY,
    "GET /api/timetable": EVERYBODY,
    "GET /api/cuts": EVERYBODY,
    "GET /timetable/milestones/{milestone}": EVERYBODY,
    "GET /timetable/new": {SECRETARIAT},
    "POST /timetable/new": {SECRETARIAT},
    "GET /timetable/file": {SECRETARIAT},
    "POST /timetable/file": {SECRETARIAT},
    "GET /timetable/milestones/{milestone}/{act}": {SECRETARIAT},
    "POST /timetable/milestones/{milestone}/{act}": {SECRETARIAT},
    "GET /phases": EVERYBODY,
    "GET /api/phases": EVERYBODY,
    "POST /phases/{phase}/extend": {CHAIR, SECRETARIAT},
    "GET /ledger": EVERYBODY,
    "GET /ledger.csv": EVERYBODY,
    "GET /ledger/present": {EXPERT, CHAIR, SECRETARIAT},
    "POST /ledger/present": {EXPERT, CHAIR, SECRETARIAT},
    "GET /ledger/merge": {SECRETARIAT},
    "POST /ledger/merge": {SECRETARIAT},
    "GET /ledger/{draft}": EVERYBODY,
    "GET /ledger/{draft}/table": {SECRETARIAT},
    "POST /ledger/{draft}/table": {SECRETARIAT},
    "POST /ledger/{draft}/close": {SECRETARIAT},
    "GET /ledger/{draft}/split": {SECRETARIAT},
    "POST /ledger/{draft}/split": {SECRETARIAT},
    "GET /opinions/new": {SECRETARIAT},
    "POST /opinions/new": {SECRETARIAT},
    "GET /opinions/{opinion}": GROUP | {OBSERVER, VIEWS},
    "GET /opinions/{opinion}/views/{view}": GROUP,
    "GET /opinions/{opinion}/word-in": GROUP,
    "POST /opinions/{opinion}/word-in": {EXPERT, SECRETARIAT},
    "GET /opinions/{opinion}/word-in/{bringing}": GROUP,
    "POST /opinions/{opinion}/word-in/{bringing}": {EXPERT, SECRETARIAT},
    "GET /opinions/{opinion}/word-in/{bringing}/file": GROUP,
    "GET /opinions/{opinion}/threads": GROUP,
    "GET /opinions/{opinion}/threads.csv": GROUP,
    "POST /opinions/{opinion}/threads": GROUP,
    "GET /opinions/{opinion}/projector": GROUP | {OBSERVER, VIEWS},
    "GET /opinions/{opinion}/projector/links": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/projector/links": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/projector/links/{link}": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/threads/{remark}": GROUP,
    "GET /api/opinions/{opinion}/threads": GROUP,
    "POST /api/opinions/{opinion}/threads": GROUP,
    "POST /api/opinions/{opinion}/threads/{remark}/answers": GROUP,
    "POST /api/opinions/{opinion}/threads/{remark}/resolution": GROUP,
    "POST /api/opinions/{opinion}/threads/{remark}/words": GROUP,
    "POST /api/opinions/{opinion}/threads/{remark}/taking-out": GROUP,
    "GET /opinions/{opinion}/brackets": GROUP,
    "GET /opinions/{opinion}/brackets.csv": GROUP,
    # Of a version it is for everybody who reads versions (tests/server/test_history_pages.py).
    "GET /opinions/{opinion}/paragraphs/{paragraph}/provenance": GROUP,
    "GET /opinions/{opinion}/replay": GROUP,
    "GET /api/opinions/{opinion}/brackets": GROUP,
    "GET /api/opinions/{opinion}/paragraphs/{paragraph}/provenance": GROUP,
    "GET /api/opinions/{opinion}/history": GROUP,
    "GET /api/opinions/{opinion}/groups": GROUP,
    "POST /api/opinions/{opinion}/groups": GROUP,
    "POST /api/opinions/{opinion}/groups/{group}": GROUP,
    "GET /opinions/{opinion}/groups": GROUP,
    "POST /opinions/{opinion}/groups": GROUP,
    "GET /opinions/{opinion}/groups/{group}": GROUP,
    "POST /opinions/{opinion}/groups/{group}": GROUP,
    "GET /groups": MANAGERS,
    "GET /groups/new": MANAGERS,
    "POST /groups/new": MANAGERS,
    "GET /groups/{code}": MANAGERS,
    "POST /groups/{code}": MANAGERS,
    "POST /groups/{code}/removal": MANAGERS,
    # A focal point, too, for its own delegation (tests/server/test_my_delegation.py).
    "POST /delegations/{code}/voice": MANAGERS,
    "GET /my-delegation": {EXPERT, CHAIR},
    "POST /opinions/{opinion}/typed": {EXPERT},
    "POST /opinions/{opinion}/group-positions": {EXPERT, SECRETARIAT},
    "GET /api/opinions/{opinion}/positions": GROUP,
    "GET /opinions/{opinion}/chair": MANAGERS,
    "POST /opinions/{opinion}/chair": MANAGERS,
    "POST /opinions/{opinion}/observers": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/alternatives": GROUP,
    "POST /opinions/{opinion}/alternatives": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/alternatives/pick": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/alternatives/keep": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/packages": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/packages/close": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/compromise": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/compromise": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/compromise/answer": {EXPERT, SECRETARIAT},
    "POST /opinions/{opinion}/compromise/withdraw": {CHAIR, SECRETARIAT},
    "GET /api/opinions/{opinion}/alternatives": GROUP,
    "GET /opinions/{opinion}/console": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/console/parts": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/console/commands": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/live": GROUP | {OBSERVER, VIEWS},
    "GET /opinions/{opinion}/versions": EVERYBODY,
    "GET /opinions/{opinion}/compare": EVERYBODY,
    # Without two texts there is no file: tests/server/test_compare_page.py has who gets which.
    "GET /opinions/{opinion}/compare.docx": EVERYBODY,
    "GET /opinions/{opinion}/compare.html": EVERYBODY,
    "GET /opinions/{opinion}/compare.pdf": EVERYBODY,
    "GET /api/opinions/{opinion}/compare": EVERYBODY,
    "GET /opinions/{opinion}/drafting-check": GROUP,
    "POST /opinions/{opinion}/drafting-check": {EXPERT, SECRETARIAT},
    "GET /api/opinions/{opinion}/drafting-check": GROUP,
    "GET /opinions/{opinion}/renumbering": GROUP,
    "GET /opinions/{opinion}/renumbering.csv": GROUP,
    "POST /opinions/{opinion}/renumbering": {SECRETARIAT},
    "GET /api/opinions/{opinion}/renumbering": GROUP,
    "GET /forum": EVERYBODY,
    "GET /api/forum": EVERYBODY,
    "GET /opinions/{opinion}/forum": GROUP,
    "POST /opinions/{opinion}/forum": {SECRETARIAT},
    "POST /opinions/{opinion}/forum/question": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/forum/adoption": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/versions/{number:int}": EVERYBODY,
    "POST /opinions/{opinion}/versions/{number:int}/checks": GROUP,
    "GET /api/opinions/{opinion}/bootstrap": GROUP,
    "POST /api/opinions/{opinion}/commands": GROUP,
    "POST /frames/opinions/{opinion}": GROUP,
    "GET /frames/opinions/{opinion}/{channel}": GROUP,
    "POST /frames/opinions/{opinion}/{channel}": GROUP,
    "GET /opinions/{opinion}/export": GROUP,
    "POST /opinions/{opinion}/versions/{number:int}/attribution": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/report": {CHAIR, SECRETARIAT},
    "POST /opinions/{opinion}/report": {CHAIR, SECRETARIAT},
    "GET /api/opinions/{opinion}/report": {CHAIR, SECRETARIAT},
    "GET /report": {CHAIR, SECRETARIAT},
    "GET /freeze": {CHAIR, SECRETARIAT},
    "POST /freeze": {CHAIR, SECRETARIAT},
    "GET /freeze/{cut}": EVERYBODY,
    "POST /report": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/brief": {EXPERT},
    "POST /opinions/{opinion}/brief/letter": {EXPERT},
    "GET /api/opinions/{opinion}/brief": {EXPERT},
    # The chair of these tests is an expert where the route names no Opinion, and reads that none is left to brief of.
    "GET /brief": {EXPERT, CHAIR},
    "POST /brief/letter": {EXPERT, CHAIR},
    "GET /opinions/{opinion}/versions/{number:int}/canonical.txt": EVERYBODY,
    "GET /opinions/{opinion}/versions/{number:int}/record.json": EVERYBODY,
    "GET /consultation": EVERYBODY,
    "GET /consultation/new": {SECRETARIAT},
    "POST /consultation/new": {SECRETARIAT},
    "GET /consultation/{round}": EVERYBODY,
    "GET /consultation/{round}/dates": {SECRETARIAT},
    "POST /consultation/{round}/dates": {SECRETARIAT},
    "POST /consultation/{round}/publication": {SECRETARIAT},
    "GET /consultation/{round}/moderation": {SECRETARIAT},
    "POST /consultation/{round}/moderation": {SECRETARIAT},
    "GET /consultation/{round}/export": EVERYBODY,
    "GET /consultation/{round}/opinions/{opinion}": EVERYBODY,
    "GET /consultation/{round}/opinions/{opinion}/comment": GROUP | {VIEWS},
    "POST /consultation/{round}/opinions/{opinion}/comment": GROUP | {VIEWS},
    "GET /consultation/{round}/opinions/{opinion}/answers": {CHAIR, SECRETARIAT},
    "POST /consultation/{round}/opinions/{opinion}/answers": {CHAIR, SECRETARIAT},
    "GET /opinions/{opinion}/comments": GROUP | {OBSERVER, VIEWS},
    "GET /api/opinions/{opinion}/table": GROUP,
    "GET /comments/{comment}": EVERYBODY,
    "GET /comments/{comment}/edit": GROUP | {VIEWS},
    "POST /comments/{comment}/edit": GROUP | {VIEWS},
    "POST /comments/{comment}/withdrawal": GROUP | {VIEWS},
    "POST /comments/{comment}/erasure": {SECRETARIAT},
    "GET /comments/{comment}/files/{file}": EVERYBODY,
}
"""Who passes the guard of each route that asks for sign-in."""
FOR_ALL = {
    "GET /api/description.json",
    "GET /api/v1/openapi.json",
    "GET /icon.svg",
    "GET /offline.js",
    "GET /timetable.ics",
    "GET /letters/stop/{member}/{signature}",
    "POST /letters/stop/{member}/{signature}",
    "GET /sign-in",
    "GET /oidc",
    "GET /oidc/callback",
    "POST /passkey",
    "POST /passkey/options",
    "GET /nominate/{token}",
    "POST /nominate/{token}",
    "GET /projector/{token}",
    "GET /projector/{token}/events",
    "GET /sign-in/{token}",
    "POST /sign-in/{token}",
    "POST /sign-in/{token}/report",
    "POST /sign-out",
    "GET /demo",
    "POST /demo",
    "GET /consultations",
    "GET /consultations/{round}",
    "GET /consultations/{round}/texts/{opinion}",
    "GET /consultations/{round}/comment",
    "POST /consultations/{round}/comment",
    "GET /consultations/{round}/export",
    "GET /public",
    "GET /public/opinions/{opinion}/versions/{number:int}",
    "GET /public/opinions/{opinion}/versions/{number:int}/version.json",
    "GET /public/opinions/{opinion}/versions/{number:int}/texts/{form}",
    "GET /verify",
    "GET /verify/unbracket_verify.py",
    "GET /mirror/{name:path}",
    "GET /consultations/{round}/files/{comment}/{file}",
    "GET /comment-confirmation/{token}",
    "POST /comment-confirmation/{token}",
    "POST /comment-confirmation/{token}/withdrawal",
}
BY_KEY = {f"{one.method} {one.address}" for one in OPERATIONS}
"""Routes that ask for a program's key and look at no sign-in."""
STREAMS = {
    "GET /opinions/{opinion}/live/events",
    "GET /opinions/{opinion}/console/events",
    "GET /opinions/{opinion}/projector/events",
}
"""Asked by the tests of their pages: they do not end by themselves."""
UNKNOWN_TO_OTHERS = {
    "GET /opinions/{opinion}/groups/{group}",
    "POST /opinions/{opinion}/groups/{group}",
    "GET /people/{member}",
    "POST /people/{member}",
    "POST /people/{member}/invitation",
    "POST /people/{member}/suspension",
    "POST /people/{member}/sessions",
    "POST /people/{member}/passkeys",
    "POST /people/{member}/report",
    "POST /people/{member}/parts",
    "POST /people/{member}/parts/{part}/end",
    "POST /nominations/{nomination}/approval",
    "POST /nominations/{nomination}/refusal",
    "GET /delegations/{code}",
    "POST /delegations/{code}",
    "POST /letters/{letter}/again",
}
"""Routes that answer 404 where others answer 403: even that there is such a thing is not for everybody."""
HARMLESS = {
    "POST /people/{member}/suspension": {"suspended": "no"},
    "POST /opinions/{opinion}/chair": {"chair": "m-chair"},
    "POST /opinions/{opinion}/observers": {"admit": "yes"},
}
"""Forms that leave everything as it was, for the next question finds the same house."""
MISSING_HERE = {404, 410, 415, 422}
"""What a route that lets somebody in may answer when the thing is not there, or the form is empty."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


def address(path: str) -> str:
    values = {
        "{opinion}": OPINION,
        "{member}": "m-xbb-1",
        "{code}": "XBB",
        "{number:int}": "1",
        "{view}": "clean",
        "{contribution}": "c-none",
        "{file}": "f-none",
        "{item}": "i-none",
        "{draft}": "o-none",
        "{channel}": "p1-unknown",
        "{round}": "r-none",
        "{comment}": "c-none",
        "{passkey}": "pk-unknown",
        "{remark}": "t-none",
        "{part}": "r-unknown",
        "{nomination}": "n-unknown",
        "{program}": "g-unknown",
        "{webhook}": "w-unknown",
        "{phase}": "unknown",
        "{revision:int}": "1",
        "{section}": "s-none",
        "{cut}": "cut-unknown",
        "{form}": "clean",
        "{name:path}": "unknown",
    }
    for name, value in values.items():
        path = path.replace(name, value)
    return path


def test_every_route_of_the_app_has_an_entry_with_a_policy(running: House) -> None:
    named = {f"{entry.method} {entry.path}" for entry in TABLE}
    for route in running.app.routes:
        assert described(route) <= named | OPEN_TO_ALL | {SOCKET[0]}, f"{route} is in no table"
    assert all(isinstance(entry.policy, Act) or entry.policy is PUBLIC for entry in TABLE)
    assert isinstance(SOCKET[1], Act)


def described(route: BaseRoute) -> set[str]:
    match route:
        case Route():
            methods = (route.methods or set()) - {"HEAD"}
            return {route.path} if route.path in OPEN_TO_ALL else {f"{method} {route.path}" for method in methods}
        case WebSocketRoute() | Mount():
            return {route.path}
    raise AssertionError(f"a route of a kind that no table knows: {route}")


def test_the_hand_written_table_knows_every_route() -> None:
    """A new route fails here until somebody says who may."""
    entries = {f"{entry.method} {entry.path}" for entry in TABLE}
    assert entries == set(ALLOWED) | FOR_ALL | BY_KEY | STREAMS


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "nobody")
@pytest.mark.parametrize("route", sorted(ALLOWED))
def test_p1_the_matrix_of_routes_and_roles(running: House, route: str, who: str | None) -> None:
    """[P1]"""
    method, path = route.split(" ")
    answer = running.ask(who, method, address(path), data=HARMLESS.get(route, {}) if method == "POST" else None)
    if who is None:
        page = method == "GET" and not path.startswith(("/api/", "/frames/"))
        assert answer.status_code == (303 if page else 401)
        assert not page or answer.headers["location"] == "/sign-in"
    elif who in ALLOWED[route]:
        assert answer.status_code in {200, 201, 303, *MISSING_HERE}, answer.text
    else:
        assert answer.status_code == (404 if route in UNKNOWN_TO_OTHERS else 403)


def test_p1_an_observer_is_led_from_the_editor_s_link_to_the_live_page(running: House) -> None:
    """[P1]"""
    answer = running.get(OBSERVER, f"/opinions/{OPINION}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/opinions/{OPINION}/live")
    assert answer.text == ""
    assert running.get(OBSERVER, f"/opinions/{OPINION}/views/rolling").status_code == 403
    assert running.get(EXPERT, f"/opinions/{OPINION}").status_code == 200


@pytest.mark.parametrize("route", sorted(FOR_ALL))
def test_public_routes_answer_nobody(running: House, route: str) -> None:
    method, path = route.split(" ")
    answer = running.ask(None, method, address(path.replace("{token}", "unknown")))
    not_there = path == "/demo" or path.startswith(("/oidc", "/letters/stop")) or "{round}" in path
    not_there = not_there or path.startswith(("/public/opinions", "/mirror", "/timetable.ics"))
    # A passkey's answer is JSON, and this is a form.
    assert answer.status_code in {200, 410, 404 if not_there else 415 if path == "/passkey" else 200}


@pytest.mark.parametrize("route", sorted(BY_KEY))
def test_routes_by_key_look_at_no_sign_in(running: House, route: str) -> None:
    method, path = route.split(" ")
    assert all(running.ask(who, method, path).status_code == 401 for who in PEOPLE)


@pytest.mark.parametrize("route", [one for one in sorted(ALLOWED) if "{opinion}" in one])
def test_an_opinion_that_is_not_there_is_not_found_by_anybody(running: House, route: str) -> None:
    method, path = route.split(" ")
    for who in EVERYBODY:
        assert running.ask(who, method, address(path.replace("{opinion}", "o-nowhere"))).status_code == 404


def test_the_secretariat_cannot_make_or_touch_an_administrator(running: House) -> None:
    """Else it could make itself one."""
    form = {"name": "New Keeper", "role": "administrator"}
    assert running.post("m-sec", "/people/new", form).status_code == 403
    assert running.post("m-sec", "/people/m-sec", {**form, "name": "Sam Clerk"}).status_code == 403
    for act in ("", "/invitation", "/suspension", "/sessions"):
        assert running.post("m-sec", f"/people/m-admin{act}", {"name": "x", "role": "observer"}).status_code == 403
    assert running.get("m-admin", "/").status_code == 200


# --- the socket


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "nobody")
def test_the_socket_seats_the_group_alone(running: House, who: str | None) -> None:
    refused = socket_refusal(running.client, running.stock[who].token if who else "", ORIGIN)
    assert refused == (None if who in GROUP else 4401 if who is None else 4403)


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.example", f"{ORIGIN}.evil.example", "https://127.0.0.1:8123"]
)
def test_the_socket_of_a_foreign_page_is_refused_before_it_opens(running: House, origin: str) -> None:
    assert socket_refusal(running.client, running.stock["m-xaa-1"].token, origin) == 4403


def socket_refusal(client: TestClient, token: str, origin: str) -> int | None:
    """The code with which the socket was refused; None when it stays open."""
    headers = {"host": HOST, "cookie": f"{COOKIE}={token}", **({"origin": origin} if origin else {})}
    client.cookies.clear()
    try:
        with client.websocket_connect(f"/ws/opinions/{OPINION}", headers=headers) as socket:
            socket.send_bytes(b"\x04")
            message = socket.receive()
    except WebSocketDisconnect as refused:
        return refused.code
    # A frame before HELLO is a mistake in the protocol: whoever hears of that was seated.
    return None if message.get("code") == 4400 else int(message["code"])
