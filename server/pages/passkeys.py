"""Passkeys: one's own list, signing in with one, and confirming that it is oneself before a grave act.

The pages are plain; the ceremony itself is the browser's and needs its script (web/src/passkeys.ts), which asks for
options, hands them to the device, and posts the answer. What was posted before a proof was asked for is kept in the
page that asks, as the form it was, and posted again.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from opinions.roles import Role
from server import auth
from server.audit_store import AuditEvent, Kind, note
from server.doors import SIGNED_OUT
from server.identity import ceremonies, passkeys, proof
from server.identity.attempts import Try
from server.identity.passkeys import PasskeyRefused, RelyingParty, passkeys_of
from server.identity.provider_store import forget_identities
from server.pages.problems import Problem, problem_page
from server.pages.rendering import done, render
from server.pages.sign_in import end_present_session
from server.people_store import Member, require_member
from server.post.letters import Letter, LetterKind, post
from server.security import SAFE_METHODS, BodyTooLarge
from server.session_store import Way, note_proof, revoke_sessions, start_session
from server.visit import Visit
from server.wording import moment

SCRIPT = "src/passkeys.ts"
NOT_HERE = "In the demonstration anyone can take any role, so there are no passkeys."


def relying_party(visit: Visit) -> RelyingParty:
    """Whom this server's passkeys are made for: the first public origin's host, else the one that was asked."""
    known = visit.services.settings.origins
    url = visit.request.url
    asked = f"{'https' if visit.secure else url.scheme}://{url.netloc}"
    host = urlsplit(known[0]).hostname if known else url.hostname
    mine = [one for one in known if (name := urlsplit(one).hostname) and host and f".{name}".endswith(f".{host}")]
    return RelyingParty(host or "", tuple(mine) or (asked,), "Unbracket")


# --- one's own


async def own_passkeys(visit: Visit) -> Response:
    """`GET /account/passkeys`."""
    return await _own_page(visit)


async def registration_options(visit: Visit) -> Response:
    """`POST /account/passkeys/options`: what `navigator.credentials.create()` is given."""
    if visit.process.demo:
        return _refusal(NOT_HERE)
    visit.require_proof()
    visit.services.attempts.count(Try.CHALLENGE, visit.address)
    party, member = relying_party(visit), visit.member

    def begin(connection: Connection) -> str:
        own = require_member(connection, member.id)
        challenge = ceremonies.begin(connection, ceremonies.Kind.REGISTER, _holder(visit), visit.now)
        return passkeys.registration(connection, party, own, challenge)

    try:
        return _json_text(await visit.write(begin))
    except PasskeyRefused as error:
        return _refusal(str(error))


async def register(visit: Visit) -> Response:
    """`POST /account/passkeys`: `{"answer", "name"}`; the session has proved itself with it."""
    visit.require_proof()
    given = await _object(visit)
    answer, name = _answer(given), given.get("name")
    party = relying_party(visit)
    called = name if isinstance(name, str) and name.strip() else auth.agent_of(visit.request)
    try:
        challenge = await _taken(visit, ceremonies.Kind.REGISTER, _holder(visit), answer)

        def keep(connection: Connection) -> str:
            own = require_member(connection, visit.member.id)
            kept = passkeys.register(connection, party, own, answer, challenge, called, visit.now)
            note_proof(connection, visit.token, visit.now)
            note(connection, visit.event(Kind.PASSKEY_ADDED, own.id, kept.name))
            return _tell_owner(visit, connection, own, kept.name)

        job = await visit.write(keep)
    except PasskeyRefused as error:
        return _refusal(str(error))
    if job:
        visit.services.begin(job)
    return JSONResponse({"to": "/account/passkeys?done=passkey-added"})


async def change_passkey(visit: Visit) -> Response:
    """`POST /account/passkeys/{passkey}`: another `name`, or `remove`; the latter is a grave act."""
    form = await visit.form()
    chosen, member = visit.request.path_params["passkey"], visit.member.id
    if "remove" not in form:
        try:
            renamed = await visit.write(lambda c: passkeys.rename(c, member, chosen, form.get("name", "")))
        except PasskeyRefused as error:
            return await _own_page(visit, {chosen: str(error)})
        return done("/account/passkeys", "saved") if renamed else done("/account/passkeys")
    visit.require_proof()
    roles = await visit.read(lambda connection: proof.roles_of(connection, member, visit.now))
    needs_one = bool(visit.process.rules.passkey_roles & roles)

    def remove(connection: Connection) -> bool:
        names = {one.id: one.name for one in passkeys_of(connection, member)}
        removed = passkeys.remove(connection, member, chosen, needs_one=needs_one)
        if removed:
            note(connection, visit.event(Kind.PASSKEY_REMOVED, member, names[chosen]))
        return removed

    try:
        removed = await visit.write(remove)
    except PasskeyRefused as error:
        return await _own_page(visit, {chosen: str(error)})
    return done("/account/passkeys", "passkey-removed" if removed else "")


async def forget_passkeys(visit: Visit) -> Response:
    """`POST /people/{member}/passkeys`: somebody has lost them all. Every sign-in of his or hers ends, too."""
    member_id = visit.request.path_params["member"]
    member = await visit.read(lambda connection: require_member(connection, member_id))
    if member.role is Role.ADMINISTRATOR and visit.member.role is not Role.ADMINISTRATOR:
        raise HTTPException(HTTPStatus.FORBIDDEN)

    def forget(connection: Connection) -> None:
        count = passkeys.forget_all(connection, member_id)
        elsewhere = forget_identities(connection, member_id)
        revoke_sessions(connection, member_id, visit.now)
        detail = f"all {count}, {elsewhere} other sign-ins, by {visit.member.name}"
        note(connection, visit.event(Kind.PASSKEY_REMOVED, member_id, detail))

    await visit.write(forget)
    visit.services.doors.shut(member_id, SIGNED_OUT)
    return done(f"/people/{member_id}", "passkeys-forgotten")


async def _own_page(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    mine = await visit.read(lambda connection: passkeys_of(connection, visit.member.id))
    return render(
        visit,
        "passkeys.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        entry=SCRIPT,
        passkeys=mine,
        most=passkeys.MOST,
        suggested=auth.agent_of(visit.request),
        errors=errors or {},
    )


# --- confirming


async def confirm(visit: Visit) -> Response:
    """`GET /confirm?next=`: confirm that it is you, or register a first passkey if your role needs one."""
    onwards = proof.own_path(visit.request.query_params.get("next", "/"))
    caller = visit.standing.caller
    assert caller is not None
    if not caller.session.has_passkey and not visit.standing.withheld:
        return RedirectResponse(onwards, HTTPStatus.SEE_OTHER)
    return await _confirm_page(visit, onwards=onwards)


async def proof_options(visit: Visit) -> Response:
    """`POST /confirm/options`: what `navigator.credentials.get()` is given."""
    visit.services.attempts.require(Try.PASSKEY, visit.address, visit.member.id)
    visit.services.attempts.count(Try.CHALLENGE, visit.address)
    party, member = relying_party(visit), visit.member.id

    def begin(connection: Connection) -> str:
        challenge = ceremonies.begin(connection, ceremonies.Kind.PROVE, _holder(visit), visit.now)
        return passkeys.request(connection, party, member, challenge)

    return _json_text(await visit.write(begin))


async def prove(visit: Visit) -> Response:
    """`POST /confirm`: `{"answer"}`; the session's proof is renewed."""
    visit.services.attempts.require(Try.PASSKEY, visit.address, visit.member.id)
    answer = _answer(await _object(visit))
    party, member = relying_party(visit), visit.member.id
    try:
        challenge = await _taken(visit, ceremonies.Kind.PROVE, _holder(visit), answer)

        def renew(connection: Connection) -> None:
            who, used = passkeys.prove(connection, party, answer, challenge, visit.now)
            if who.id != member:
                raise PasskeyRefused("This passkey is somebody else's. Choose yours.", who, "another's passkey")
            note_proof(connection, visit.token, visit.now)
            note(connection, visit.event(Kind.PROOF_RENEWED, member, used.name))

        await visit.write(renew)
    except PasskeyRefused as error:
        return _failed(visit, error, visit.member)
    return JSONResponse({"to": ""})


async def proof_needed(request: Request, error: Exception) -> Response:
    """What a grave act is answered that waits for a proof: the page that asks for it, with the form that was posted."""
    visit = request.state.visit
    assert isinstance(visit, Visit)
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", "text/html, */*"):
        return JSONResponse({"code": proof.CODE, "message": str(error)}, HTTPStatus.FORBIDDEN)
    if request.method in SAFE_METHODS:
        return RedirectResponse(f"/confirm?next={quote(_address(request))}", HTTPStatus.SEE_OTHER)
    try:
        async with visit.request.form(max_files=20, max_fields=200) as posted:
            kept = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
            files = any(not isinstance(value, str) and value.filename for _, value in posted.multi_items())
    except (BodyTooLarge, HTTPException):
        return await problem_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return await _confirm_page(visit, action=_address(request), kept=kept, files=files, status=HTTPStatus.FORBIDDEN)


async def role_withheld(request: Request, error: Exception) -> Response:
    """What somebody is answered whose role needs a passkey that this session has not brought: led to it first."""
    scripted = request.url.path.startswith(("/api/", "/frames/"))
    if scripted or "text/html" not in request.headers.get("accept", "text/html, */*"):
        return JSONResponse({"code": proof.WITHHELD_CODE, "message": str(error)}, HTTPStatus.FORBIDDEN)
    if request.method in SAFE_METHODS:
        return RedirectResponse(f"/confirm?next={quote(_address(request))}", HTTPStatus.SEE_OTHER)
    told = Problem(
        proof.WITHHELD_CODE,
        "Your role needs a passkey",
        (proof.WITHHELD, "What you were about to do was not done."),
        (("Confirm that it is you", "/confirm"),),
    )
    return await problem_page(request, HTTPStatus.FORBIDDEN, told)


async def _confirm_page(
    visit: Visit,
    *,
    onwards: str = "",
    action: str = "",
    kept: list[tuple[str, str]] | None = None,
    files: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    caller = visit.standing.caller
    assert caller is not None
    return render(
        visit,
        "confirm.html",
        status=status,
        entry=SCRIPT,
        has_passkey=caller.session.has_passkey,
        missing=sorted(visit.standing.withheld),
        onwards=onwards,
        action=action,
        kept=kept or [],
        files=files,
        minutes=int(proof.PROOF_LIFETIME.total_seconds() // 60),
        suggested=auth.agent_of(visit.request),
    )


# --- signing in


async def sign_in_options(visit: Visit) -> Response:
    """`POST /passkey/options`: what `navigator.credentials.get()` is given; it says itself whose passkey it is."""
    visit.services.attempts.require(Try.PASSKEY, visit.address)
    visit.services.attempts.count(Try.CHALLENGE, visit.address)
    party = relying_party(visit)

    def begin(connection: Connection) -> str:
        challenge = ceremonies.begin(connection, ceremonies.Kind.SIGN_IN, "", visit.now)
        return passkeys.request(connection, party, "", challenge)

    return _json_text(await visit.write(begin))


async def sign_in(visit: Visit) -> Response:
    """`POST /passkey`: `{"answer"}`; a session begins under a new cookie, proved already."""
    visit.services.attempts.require(Try.PASSKEY, visit.address)
    answer = _answer(await _object(visit))
    party, lifetime = relying_party(visit), visit.services.session_lifetime
    try:
        challenge = await _taken(visit, ceremonies.Kind.SIGN_IN, "", answer)

        def begin(connection: Connection) -> str:
            member, used = passkeys.prove(connection, party, answer, challenge, visit.now)
            visit.services.attempts.count(Try.ACCOUNT, member.id)
            note(connection, visit.event(Kind.SIGN_IN, member.id, f"with the passkey {used.name}", member))
            agent = auth.agent_of(visit.request)
            return start_session(
                connection, member.id, visit.now, lifetime, agent, way=Way.PASSKEY, address=visit.address, proved=True
            )

        token = await visit.write(begin)
    except PasskeyRefused as error:
        return _failed(visit, error, error.member)
    await end_present_session(visit)
    response = JSONResponse({"to": "/"})
    auth.set_cookie(response, visit.request, token, lifetime, visit.secure)
    return response


# --- what these share


def _holder(visit: Visit) -> str:
    return f"{visit.member.id} {visit.session_id}"


async def _taken(visit: Visit, kind: ceremonies.Kind, holder: str, answer: Mapping[str, Any]) -> bytes:
    """The challenge that the answer is to, which is good no longer from now on. Raises `PasskeyRefused`."""
    challenge = passkeys.challenge_of(answer)
    taken = await visit.write(lambda connection: ceremonies.take(connection, kind, holder, challenge, visit.now))
    if taken is None:
        raise PasskeyRefused(passkeys.TOO_LATE, reason="the challenge is not known, or was used")
    return challenge


def _failed(visit: Visit, error: PasskeyRefused, member: Member | None) -> Response:
    """A passkey that did not fit: counted, noted, and told."""
    visit.services.attempts.count(Try.PASSKEY, visit.address, *([member.id] if member else []))
    who = ("", "") if member is None else (member.id, member.name)
    visit.services.noting.tell(
        AuditEvent(Kind.SIGN_IN_REFUSED, visit.now, *who, detail=f"passkey: {error.reason}", address=visit.address)
    )
    return _refusal(str(error))


def _refusal(message: str) -> JSONResponse:
    return JSONResponse({"code": "passkey-refused", "message": message}, HTTPStatus.CONFLICT)


def _tell_owner(visit: Visit, connection: Connection, member: Member, name: str) -> str:
    """A letter to whom a passkey was added, so that nobody's is added behind his or her back; the id of its job."""
    if not member.email:
        return ""
    body = (
        f"Dear {member.name},\n\nA passkey called “{name}” was added to your account in {visit.process.name} on "
        f"{moment(visit.now, visit.process.zone)}. If that was you, nothing is to be done.\n\n"
        "If it was not, tell the secretariat at once: they can end every sign-in of yours.\n"
    )
    letter = Letter(LetterKind.NOTICE, member.email, "A passkey was added to your account", body, member.id)
    return post(connection, letter, visit.now)


def _address(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def _json_text(text: str) -> Response:
    return Response(text, media_type="application/json")


def _answer(given: Mapping[str, Any]) -> dict[str, Any]:
    answer = given.get("answer")
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return answer


async def _object(visit: Visit) -> dict[str, Any]:
    if visit.request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        found = json.loads(await visit.request.body())
    except (ValueError, RecursionError):
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    if not isinstance(found, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return found
