"""Signing in at another provider: OpenID Connect, authorization code with PKCE (S256), state and nonce.

Authlib makes the requests and checks the identity token; what is its caller's is here: the provider's own description
is fetched with bounds and held against the settings, one set of signing algorithms is admitted, and every failure
becomes one of two errors that a page can tell.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import StarletteOAuth2App  # type: ignore[import-untyped]
from typing_extensions import override

from server.errors import ServerError, SettingsError
from server.settings import LOOPBACK_HOSTS, Settings

TIMEOUT_SECONDS = 8.0
"""Longest that one answer of the provider is waited for: a person is waiting, too."""
MAX_ANSWER = 256 * 1024
"""Bytes of any answer of a provider: descriptions have some 5 KiB, the keys of the largest providers some 10."""
FRESH_SECONDS = 3600.0
"""How long a description and keys are used before they are fetched again; a key that is not known fetches at once."""
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures of identity tokens that are believed: those made with a private key that is the provider's alone."""
LEEWAY_SECONDS = 120
"""How far the provider's clock may be from ours."""
MAX_CLAIM = 255
_USED = ("issuer", "jwks", "id_token_signing_alg_values_supported", "userinfo_endpoint")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderFailed(ServerError):
    """Raised when the provider cannot be reached, takes too long, or answers what no provider should."""


class AnswerRefused(ServerError):
    """Raised when what came back proves nothing: a code that was used, a token that is not for us or not fresh."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and what its end needs."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, by the provider's word."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


class _Bounded(httpx2.AsyncBaseTransport):
    """The network, with answers of at most `MAX_ANSWER` bytes and no redirections followed (httpx2 follows none)."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport()

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        stream = answer.stream
        assert isinstance(stream, httpx2.AsyncByteStream)
        answer.stream = _BoundedStream(stream)
        return answer

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for part in self._inner:
            seen += len(part)
            if seen > MAX_ANSWER:
                raise ProviderFailed("The answer is too long.")
            yield part

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


class _Client(AsyncOAuth2Client):  # type: ignore[misc]
    """One exchange with the provider."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, transport=_Bounded(), timeout=TIMEOUT_SECONDS, **named)


class _App(StarletteOAuth2App):  # type: ignore[misc]
    client_cls = _Client


class Provider:
    """The provider of the settings. Belongs to one event loop; holds nothing open."""

    def __init__(self, settings: Settings) -> None:
        """Raises `SettingsError` when the file of the client's secret cannot be read."""
        self.issuer = settings.oidc_issuer
        self.name = settings.oidc_name
        self._id = settings.oidc_client_id
        self._scopes = settings.oidc_scopes
        self._secret = secret_of(settings)
        self._app: Any = None
        self._fetched_at = 0.0
        self._fetching = asyncio.Lock()

    async def begin(self, redirect: str) -> Begun:
        """Begin a sign-in that ends at our address `redirect`. Raises `ProviderFailed`."""
        app = await self._known()
        made = await app.create_authorization_url(redirect)
        return Begun(made["url"], made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, redirect: str, code: str, state: str, nonce: str, verifier: str) -> Claims:
        """Who has signed in. Raises `ProviderFailed` and `AnswerRefused`."""
        app = await self._known()
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                token = await app.fetch_access_token(redirect, code=code, state=state, code_verifier=verifier)
                options = {"iss": {"essential": True, "value": self.issuer}, "sub": {"essential": True}}
                if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
                    raise AnswerRefused("The provider sent no identity token.")
                told = await _read(app, token, nonce, options)
                if nonce != told.get("nonce"):
                    raise AnswerRefused("The identity token is not of this sign-in.")
                if "email" not in told and "userinfo_endpoint" in app.server_metadata:
                    told = _joined(told, dict(await app.userinfo(token=token)))
        except AuthlibBaseError as error:
            # A code that is not good is the browser's doing; everything else is between the provider and us.
            kind = AnswerRefused if error.error == "invalid_grant" else ProviderFailed
            raise kind(f"{type(error).__name__}: {error}"[:300]) from None
        except (httpx2.HTTPError, TimeoutError) as error:
            raise ProviderFailed(f"{type(error).__name__}") from None
        except (ValueError, TypeError, KeyError, RuntimeError) as error:
            raise ProviderFailed(f"an answer that cannot be read: {type(error).__name__}") from None
        return _claims(self.issuer, told)

    async def _known(self) -> Any:
        """Authlib's client, with a description of the provider that is fresh enough."""
        async with self._fetching:
            if self._app is None or time.monotonic() - self._fetched_at > FRESH_SECONDS:
                self._app = self._client(await self._description())
                self._fetched_at = time.monotonic()
        return self._app

    async def _description(self) -> dict[str, Any]:
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with (
                asyncio.timeout(2 * TIMEOUT_SECONDS),
                httpx2.AsyncClient(transport=_Bounded(), timeout=TIMEOUT_SECONDS) as client,
            ):
                described = await _object(client, address)
                _require_own(described, self.issuer)
                described["jwks"] = await _object(client, described["jwks_uri"])
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}"[:300]) from None
        given = described.get("id_token_signing_alg_values_supported")
        admitted = sorted(ALGORITHMS.intersection(one for one in given if isinstance(one, str))) if given else ["RS256"]
        if not admitted:
            raise ProviderFailed("The provider signs in no way that is believed here.")
        described["id_token_signing_alg_values_supported"] = admitted
        return described

    def _client(self, described: Mapping[str, Any]) -> Any:
        # Of a description only what is known: all that is handed on reaches the client's own parameters.
        known = {name: described[name] for name in (*_USED, *_ENDPOINTS) if name in described}
        methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return _App(
            None,
            name="provider",
            client_id=self._id,
            client_secret=self._secret or None,
            client_kwargs={
                "scope": self._scopes,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method if self._secret else "none",
            },
            **known,
        )


def provider_of(settings: Settings) -> Provider | None:
    """The provider of the settings, if they name one. Raises `SettingsError` for half a setting."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise SettingsError("UNBRACKET_OIDC_ISSUER needs UNBRACKET_OIDC_CLIENT_ID: what this server is called there.")
    return Provider(settings)


def secret_of(settings: Settings) -> str:
    """The client's secret; empty for a public client. Raises `SettingsError` when its file cannot be read."""
    if settings.oidc_client_secret_file is None:
        return ""
    try:
        return settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The secret {settings.oidc_client_secret_file} cannot be read ({type(error).__name__}). "
            "Check UNBRACKET_OIDC_CLIENT_SECRET_FILE."
        ) from None


async def _read(app: Any, token: dict[str, Any], nonce: str, options: dict[str, Any]) -> dict[str, Any]:
    """What an identity token says, once its signature, issuer, audience, times and nonce have been checked."""
    try:
        return dict(await app.parse_id_token(token, nonce, claims_options=options, leeway=LEEWAY_SECONDS))
    except (httpx2.HTTPError, TimeoutError):
        raise
    except Exception as error:
        # The library has many errors for a token that does not hold, and no common one.
        raise AnswerRefused(f"{type(error).__name__}: {error}"[:300]) from None


async def _object(client: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _require_own(described: Mapping[str, Any], issuer: str) -> None:
    """Whether a description is that of the issuer asked for, and names addresses as safe as its own."""
    if described.get("issuer") != issuer:
        raise ProviderFailed(f"The provider calls itself {str(described.get('issuer'))[:100]!r}, not {issuer!r}.")
    optional = [name for name in ("userinfo_endpoint",) if name in described]
    for name in (*_ENDPOINTS, *optional):
        address = described.get(name)
        parts = urlsplit(address) if isinstance(address, str) else None
        if parts is None or not parts.hostname:
            raise ProviderFailed(f"The provider's description has no {name}.")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
            raise ProviderFailed(f"The provider's {name} is not reached by https.")


def _joined(told: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    if more.get("sub") != told.get("sub"):
        raise AnswerRefused("The provider tells of two different people.")
    return {**more, **told}


def _claims(issuer: str, told: Mapping[str, Any]) -> Claims:
    subject, email = told.get("sub"), told.get("email", "")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_CLAIM:
        raise AnswerRefused("The identity token names nobody.")
    # Some providers write the word instead of the value; nothing else counts as verified.
    verified = told.get("email_verified") in (True, "true")
    return Claims(issuer, subject, email[:MAX_CLAIM] if isinstance(email, str) else "", verified)
