"""Signing in at another provider: off to it, and back with what it says.

What the end needs is kept in a row of our own, good once and for minutes, and bound to the browser by a cookie of its
own: a callback that somebody else began, or that comes twice, finds nothing. Who is not on the roster learns that and
nothing more, and so does somebody suspended.
"""

import hashlib
import secrets
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from server import auth
from server.audit_store import AuditEvent, Kind, note
from server.identity import ceremonies, proof
from server.identity.attempts import Try
from server.identity.oidc import AnswerRefused, Claims, Provider, ProviderFailed
from server.identity.provider_store import member_of
from server.pages.problems import Problem, problem_page
from server.pages.rendering import done
from server.pages.sign_in import end_present_session
from server.people_store import Member
from server.session_store import Way, start_session
from server.settings import public_address
from server.visit import Visit

CALLBACK = "/oidc/callback"
SIGN_IN = ("How to sign in", "/sign-in")
AGAIN = ("Try again", "/oidc")
FOREIGN = Problem(
    "foreign-callback",
    "This sign-in was not begun here",
    (
        "It was begun in another browser, used already, or took longer than five minutes. Nothing was done.",
        "Begin it again from the sign-in page.",
    ),
    (SIGN_IN,),
)
NOT_ON_THE_ROSTER = Problem(
    "not-on-the-roster",
    "This address is not on the roster",
    (
        "You signed in there, but nobody is expected here with an address that is verified as yours there.",
        "Ask the secretariat which address they have of you, or for a link to sign in with.",
    ),
    (SIGN_IN,),
)


async def begin(visit: Visit) -> Response:
    """`GET /oidc`: off to the provider. A link and no form: a page's policy lets no form lead elsewhere."""
    provider = _provider(visit)
    visit.services.attempts.require(Try.PROVIDER, visit.address)
    visit.services.attempts.count(Try.PROVIDER_BEGUN, visit.address)
    redirect = _callback(visit)
    try:
        begun = await provider.begin(redirect)
    except ProviderFailed as error:
        return await _failed(visit, provider, error)
    browser = secrets.token_urlsafe(32)

    def keep(connection: Connection) -> bytes:
        payload = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier, "redirect": redirect}
        return ceremonies.begin(connection, ceremonies.Kind.PROVIDER, _digest(browser), visit.now, payload)

    secret = (await visit.write(keep)).hex()
    response = RedirectResponse(begun.address, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        _cookie(visit),
        f"{browser}.{secret}",
        max_age=int(ceremonies.LIFETIME.total_seconds()),
        path="/",
        secure=visit.secure,
        httponly=True,
        samesite="lax",
    )
    return response


async def callback(visit: Visit) -> Response:
    """`GET /oidc/callback`: what the provider's page sends the browser back with."""
    provider = _provider(visit)
    visit.services.attempts.require(Try.PROVIDER, visit.address)
    asked = visit.request.query_params
    begun = await _begun(visit, asked.get("state", ""))
    if begun is None or asked.get("iss", provider.issuer) != provider.issuer:
        return await _refused(visit, FOREIGN, HTTPStatus.BAD_REQUEST, "a callback that was not begun here, or was used")
    if "error" in asked or not asked.get("code"):
        return await _declined(visit, provider, asked.get("error", ""))
    try:
        claims = await provider.finish(
            begun["redirect"], asked["code"], begun["state"], begun["nonce"], begun["verifier"]
        )
    except ProviderFailed as error:
        return await _failed(visit, provider, error)
    except AnswerRefused as error:
        return await _refused(visit, FOREIGN, HTTPStatus.BAD_REQUEST, f"{provider.name}: {error}")
    lifetime, agent = visit.services.session_lifetime, auth.agent_of(visit.request)

    def enter(connection: Connection) -> tuple[Member, str, str] | str:
        member, reason = member_of(connection, claims, visit.now)
        if member is None:
            return reason
        visit.services.attempts.count(Try.ACCOUNT, member.id)
        note(connection, visit.event(Kind.SIGN_IN, member.id, f"by {provider.name}", member))
        token = start_session(
            connection, member.id, visit.now, lifetime, agent, way=Way.PROVIDER, address=visit.address
        )
        return member, token, proof.landing(connection, visit.process.rules, member, visit.now)

    entered = await visit.write(enter)
    if isinstance(entered, str):
        return await _unknown(visit, provider, claims, entered)
    await end_present_session(visit)
    response = done(entered[2])
    auth.set_cookie(response, visit.request, entered[1], lifetime, visit.secure)
    return _over(visit, response)


async def _begun(visit: Visit, state: str) -> dict[str, str] | None:
    """What this browser had begun, which is over with this; None when it is not this browser's, or not this state's."""
    browser, _, secret = visit.request.cookies.get(_cookie(visit), "").partition(".")
    try:
        key = bytes.fromhex(secret)
    except ValueError:
        return None
    taken = await visit.write(
        lambda connection: ceremonies.take(connection, ceremonies.Kind.PROVIDER, _digest(browser), key, visit.now)
    )
    if taken is None or not secrets.compare_digest(taken["state"].encode(), state.encode("utf-8", "surrogatepass")):
        return None
    return taken


async def _unknown(visit: Visit, provider: Provider, claims: Claims, reason: str) -> Response:
    detail = f"{provider.name}: {claims.email or claims.subject}: {reason}"
    return await _refused(visit, NOT_ON_THE_ROSTER, HTTPStatus.FORBIDDEN, detail)


async def _declined(visit: Visit, provider: Provider, error: str) -> Response:
    told = Problem(
        "not-signed-in-there",
        f"You were not signed in by {provider.name}",
        ("The sign-in there was declined or broken off. Nothing was done here.",),
        (AGAIN, SIGN_IN),
    )
    return await _refused(visit, told, HTTPStatus.FORBIDDEN, f"{provider.name}: {error[:100] or 'no code'}")


async def _failed(visit: Visit, provider: Provider, error: ProviderFailed) -> Response:
    told = Problem(
        "provider-failed",
        f"{provider.name} cannot be reached just now",
        (
            "It did not answer in time, or not as it should. Nothing was done, and nothing is wrong with your account.",
            "Try again in a minute, or sign in with a link or a passkey.",
        ),
        (AGAIN, SIGN_IN),
    )
    return await _refused(visit, told, HTTPStatus.BAD_GATEWAY, f"{provider.name}: {error}", counts=False)


async def _refused(visit: Visit, told: Problem, status: HTTPStatus, detail: str, *, counts: bool = True) -> Response:
    if counts:
        visit.services.attempts.count(Try.PROVIDER, visit.address)
    visit.services.noting.tell(AuditEvent(Kind.SIGN_IN_REFUSED, visit.now, detail=detail, address=visit.address))
    return _over(visit, await problem_page(visit.request, status, told))


def _over(visit: Visit, response: Response) -> Response:
    response.delete_cookie(_cookie(visit), path="/", secure=visit.secure, httponly=True, samesite="lax")
    return response


def _provider(visit: Visit) -> Provider:
    provider = visit.services.provider
    if provider is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return provider


def _callback(visit: Visit) -> str:
    """Our address that the provider leads back to: at the origin that was asked, which is one of ours."""
    settings, url = visit.services.settings, visit.request.url
    asked = f"{'https' if visit.secure else url.scheme}://{url.netloc}"
    return (asked if asked in visit.services.origins.allowed else public_address(settings)) + CALLBACK


def _cookie(visit: Visit) -> str:
    """`__Host-`: no neighbour under the same domain can put a sign-in of its own into somebody's browser."""
    return "__Host-unbracket-oidc" if visit.secure else f"{auth.cookie_name(visit.request, False)}-oidc"


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()
