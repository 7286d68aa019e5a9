"""Signing in at a provider: a whole login against a real one, and every answer that must let nobody in."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from httpx2 import Response
from sqlalchemy import select, update

from opinions.roles import Role
from server.app import create_app
from server.errors import SettingsError
from server.identity import attempts, oidc
from server.session_store import suspend_member
from server.settings import Settings, read_settings
from server.tables import members, sessions
from server.tables.identity import ceremonies, identities
from tests.support.ceremonies import as_at_first, needing, noted
from tests.support.provider import OF_THE_PROVIDER, Account, provider
from tests.support.visitors import COOKIE, HOST, House, house

pytestmark = pytest.mark.filterwarnings(OF_THE_PROVIDER)
ME, ADDRESS = "m-xaa-1", "expert.one@arcadia.example"
ACCOUNTS = (
    Account("sub-1", ADDRESS, True),
    Account("sub-2", ADDRESS, True),
    Account("sub-3", ADDRESS, False),
    Account("sub-4", "stranger@elsewhere.example", True),
    Account("sub-5", "", True),
    Account("sub-6", ADDRESS.upper(), True),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(ACCOUNTS) as address:
        yield address


@pytest.fixture(scope="module")
def one(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("house")
    (directory / "secret").write_text("a secret between the two\n")
    settings = Settings(
        data_dir=directory / "data",
        oidc_issuer=issuer,
        oidc_client_id="unbracket",
        oidc_client_secret_file=directory / "secret",
        oidc_name="Arcadia Login",
    )
    with house(settings) as started:
        yield started


@pytest.fixture
def running(one: House) -> House:
    as_at_first(one)
    one.write(lambda c: c.execute(update(members).where(members.c.id == ME).values(email=ADDRESS)))
    return one


@dataclass(frozen=True, slots=True)
class Begun:
    """A login under way in one browser: the provider's page, and the browser's cookie."""

    page: str
    cookie: str


def begun(running: House, who: str | None = None) -> Begun:
    answer = running.get(who, "/oidc")
    assert answer.status_code == 303, answer.text
    found = re.search(r"((?:unbracket|__)[\w-]*-oidc=[^;]+)", answer.headers["set-cookie"])
    assert found
    return Begun(answer.headers["location"], found[1])


def consented(page: str, subject: str) -> str:
    """Our callback's address with what the provider sends back, once somebody has signed in there."""
    answer = httpx2.post(page, data={"sub": subject})
    assert answer.status_code in {302, 303}, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def called_back(running: House, path: str, cookie: str = "") -> Response:
    return running.get(None, path, headers={"cookie": cookie} if cookie else {})


def logged_in(running: House, subject: str) -> Response:
    """What the callback answers at the end of a whole login."""
    started = begun(running)
    return called_back(running, consented(started.page, subject), started.cookie)


def token_of(answer: Response) -> str:
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found, answer.headers
    return found[1]


def lets_nobody_in(answer: Response, status: int) -> bool:
    return answer.status_code == status and f"{COOKIE}=" not in answer.headers.get("set-cookie", "")


# --- the whole login


def test_the_button_leads_to_the_provider_with_everything_that_protects_the_way_back(running: House) -> None:
    assert '<a class="button primary" href="/oidc">Sign in with Arcadia Login</a>' in running.get(None, "/sign-in").text
    page = urlsplit(begun(running).page)
    asked = parse_qs(page.query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://{HOST}/oidc/callback"]
    assert set(asked["scope"][0].split()) == {"openid", "email"}
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(begun(running).page).query)
    assert not {asked[name][0] for name in ("state", "nonce", "code_challenge")} & {
        again[name][0] for name in ("state", "nonce", "code_challenge")
    }


def test_a_person_of_the_roster_signs_in_and_is_known_from_then_on_by_the_account(running: House) -> None:
    entered = logged_in(running, "sub-1")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    token = token_of(entered)
    assert "By your organization" in running.get(ME, "/account", token=token).text
    row = running.write(lambda c: c.execute(select(sessions).where(sessions.c.way == "provider")).one())
    assert (row.member, row.proved_at) == (ME, None)
    running.write(lambda c: c.execute(update(members).where(members.c.id == ME).values(email="new@arcadia.example")))
    assert logged_in(running, "sub-1").status_code == 303, "known by the account, whatever the address is now"
    assert ("sign_in", ME, "by Arcadia Login") in noted(running)


def test_addresses_are_the_same_in_any_case(running: House) -> None:
    assert logged_in(running, "sub-6").status_code == 303


def test_a_session_begun_before_is_worth_nothing_afterwards(running: House) -> None:
    """No fixation: whoever put a cookie of his own into the browser is not signed in as its person."""
    fixed = running.stock["m-xbb-1"].token
    started = begun(running, "m-xbb-1")
    path = consented(started.page, "sub-1")
    entered = running.get(None, path, headers={"cookie": f"{COOKIE}={fixed}; {started.cookie}"})
    assert token_of(entered) != fixed
    assert running.get("m-xbb-1", "/").headers.get("location") == "/sign-in"


def test_a_role_that_needs_a_passkey_is_led_to_it(running: House) -> None:
    needing(running, Role.EXPERT)
    entered = logged_in(running, "sub-1")
    assert entered.headers["location"] == "/confirm"
    assert running.get(ME, "/opinions/new", token=token_of(entered)).headers["location"].startswith("/confirm")


# --- who is let in by nobody's word


@pytest.mark.parametrize("subject", ["sub-3", "sub-4", "sub-5"], ids=["unverified", "unknown", "no address"])
def test_who_is_not_on_the_roster_is_told_so_and_nothing_more(running: House, subject: str) -> None:
    refused = logged_in(running, subject)
    assert lets_nobody_in(refused, 403)
    assert "This address is not on the roster" in refused.text
    assert "Ask the secretariat" in refused.text
    assert running.write(lambda c: c.execute(select(identities)).all()) == []
    assert any(kind == "sign_in_refused" and "Arcadia Login" in detail for kind, _, detail in noted(running))


def test_a_suspended_person_is_told_the_same_known_before_or_not(running: House) -> None:
    for before in (False, True):
        if before:
            running.write(lambda c: suspend_member(c, ME, False, datetime.now(UTC)))
            assert logged_in(running, "sub-1").status_code == 303
        running.write(lambda c: suspend_member(c, ME, True, datetime.now(UTC)))
        refused = logged_in(running, "sub-1")
        assert lets_nobody_in(refused, 403)
        assert "This address is not on the roster" in refused.text


def test_an_address_given_to_somebody_else_at_the_provider_takes_nobody_over(running: House) -> None:
    assert logged_in(running, "sub-1").status_code == 303
    assert lets_nobody_in(logged_in(running, "sub-2"), 403)
    running.post("m-sec", f"/people/{ME}/passkeys")
    assert logged_in(running, "sub-2").status_code == 303, "once the secretariat has forgotten the account"


# --- answers that were not asked for here


def test_an_address_that_was_wrong_takes_its_account_with_it(running: House) -> None:
    """Who was bound by a mistaken address stays out once the address is right, and the right person is bound anew."""
    assert logged_in(running, "sub-2").status_code == 303
    form = {"name": "Expert Arcadia 1", "role": "expert", "delegation": "XAA"}
    assert running.post("m-sec", f"/people/{ME}", {**form, "email": "stranger@elsewhere.example"}).status_code == 303
    assert lets_nobody_in(logged_in(running, "sub-2"), 403)
    assert logged_in(running, "sub-4").status_code == 303
    assert running.post("m-sec", f"/people/{ME}", {**form, "email": ADDRESS}).status_code == 303
    assert lets_nobody_in(logged_in(running, "sub-4"), 403)
    assert logged_in(running, "sub-1").status_code == 303


def test_a_callback_is_good_once_in_its_own_browser(running: House) -> None:
    started, other = begun(running), begun(running)
    path = consented(started.page, "sub-1")
    for cookie in ("", other.cookie, started.cookie[:-4] + "0000", started.cookie.partition("=")[0] + "=."):
        foreign = called_back(running, path, cookie)
        assert lets_nobody_in(foreign, 400), cookie
        assert "was not begun here" in foreign.text
    assert called_back(running, path, started.cookie).status_code == 303
    assert lets_nobody_in(called_back(running, path, started.cookie), 400)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: re.sub(r"state=[^&]+", "state=x", path),
        lambda path: re.sub(r"state=[^&]+&?", "", path),
        lambda path: path + "&iss=https%3A%2F%2Fevil.example",
    ],
    ids=["another state", "no state", "another issuer"],
)
def test_a_callback_that_was_changed_on_its_way_lets_nobody_in(running: House, change: Callable[[str], str]) -> None:
    started = begun(running)
    assert lets_nobody_in(called_back(running, change(consented(started.page, "sub-1")), started.cookie), 400)


@pytest.mark.parametrize("code", ["wrong", "é", "a" * 3000])
def test_a_code_that_the_provider_did_not_give_lets_nobody_in(running: House, code: str) -> None:
    started = begun(running)
    state = parse_qs(urlsplit(started.page).query)["state"][0]
    answer = running.get(
        None, "/oidc/callback", params={"code": code, "state": state}, headers={"cookie": started.cookie}
    )
    assert lets_nobody_in(answer, 400) or lets_nobody_in(answer, 502)


def test_a_login_takes_five_minutes_at_most(running: House) -> None:
    started = begun(running)
    path = consented(started.page, "sub-1")
    running.write(lambda c: c.execute(update(ceremonies).values(expires_at=datetime.now(UTC))))
    assert lets_nobody_in(called_back(running, path, started.cookie), 400)


def test_a_login_that_was_declined_there_says_so(running: House) -> None:
    started = begun(running)
    state = parse_qs(urlsplit(started.page).query)["state"][0]
    path = f"/oidc/callback?error=access_denied&state={state}"
    declined = called_back(running, path, started.cookie)
    assert lets_nobody_in(declined, 403)
    assert "You were not signed in by Arcadia Login" in declined.text


def test_attempts_are_bounded(running: House) -> None:
    for _ in range(attempts.RATES[attempts.Try.PROVIDER].most):
        assert called_back(running, "/oidc/callback?code=x&state=x").status_code == 400
    stopped = running.get(None, "/oidc")
    assert (stopped.status_code, int(stopped.headers["retry-after"]) > 0) == (429, True)
    assert "Wait five minutes" in stopped.text


# --- providers that do not answer, or not as they should


Answers = dict[str, Callable[[str], tuple[int, bytes]]]


@contextmanager
def bad_provider(answers: Answers) -> Iterator[str]:
    """A provider whose answers are these; `/.well-known/openid-configuration` is a right one unless among them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://127.0.0.1:{server.server_port}"
            found = answers.get(urlsplit(self.path).path)
            status, body = (404, b"") if found is None else found(base)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *given: Any) -> None:
            pass

    answers.setdefault("/.well-known/openid-configuration", described())
    answers.setdefault("/keys", lambda _: (200, b'{"keys": []}'))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def described(**changed: Any) -> Callable[[str], tuple[int, bytes]]:
    """A provider's description of itself, with something else in it."""

    def answer(base: str) -> tuple[int, bytes]:
        fields: dict[str, Any] = {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return 200, json.dumps({**fields, **changed}).encode()

    return answer


async def begins(issuer: str) -> oidc.Begun:
    settings = Settings(data_dir=Path("unused"), oidc_issuer=issuer, oidc_client_id="unbracket")
    return await oidc.Provider(settings).begin("http://here.example/oidc/callback")


@pytest.mark.parametrize(
    "answer",
    [
        lambda base: (500, b""),
        lambda base: (302, b""),
        lambda base: (200, b"<html>"),
        lambda base: (200, b"[]"),
        lambda base: (200, b"{" + b" " * oidc.MAX_ANSWER + b"}"),
        described(issuer="https://another.example"),
        described(token_endpoint=7),
        described(authorization_endpoint="http://evil.example/authorize"),
        described(jwks_uri="file:///etc/passwd"),
        described(userinfo_endpoint="http://10.0.0.1/"),
        described(id_token_signing_alg_values_supported=["none", "HS256"]),
    ],
    ids=["500", "redirection", "html", "list", "endless", "another issuer", "no token endpoint", "plain http",
         "file", "inner network", "weak signatures"],
)  # fmt: skip
async def test_a_description_that_is_not_right_begins_nothing(answer: Callable[[str], tuple[int, bytes]]) -> None:
    with bad_provider({"/.well-known/openid-configuration": answer}) as issuer:
        with pytest.raises(oidc.ProviderFailed):
            await begins(issuer)


async def test_a_description_reaches_nothing_but_the_addresses_it_may_name() -> None:
    """Else it could turn off the checking of certificates, or name another client."""
    with bad_provider(
        {"/.well-known/openid-configuration": described(verify=False, client_id="x", timeout=0)}
    ) as issuer:
        assert "client_id=unbracket" in (await begins(issuer)).address


async def test_a_provider_that_does_not_answer_is_waited_for_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "TIMEOUT_SECONDS", 0.2)
    release = threading.Event()

    def slow(base: str) -> tuple[int, bytes]:
        release.wait(20)
        return 200, b"{}"

    with bad_provider({"/.well-known/openid-configuration": slow}) as issuer:
        with pytest.raises(oidc.ProviderFailed):
            await begins(issuer)
        release.set()


@pytest.mark.parametrize(
    "answer",
    [
        lambda base: (500, b""),
        lambda base: (200, b"[]"),
        lambda base: (200, b'{"access_token": "x", "token_type": "bearer"}'),
        lambda base: (200, b'{"access_token": "x", "token_type": "bearer", "id_token": "a.b.c"}'),
        lambda base: (
            200,
            b'{"access_token": "x", "token_type": "bearer", "id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."}',
        ),
        lambda base: (400, b'{"error": "invalid_grant"}'),
    ],
    ids=["500", "list", "no identity token", "no token at all", "unsigned", "invalid grant"],
)
async def test_an_answer_that_proves_nothing_names_nobody(answer: Callable[[str], tuple[int, bytes]]) -> None:
    with bad_provider({"/token": answer}) as issuer:
        settings = Settings(data_dir=Path("unused"), oidc_issuer=issuer, oidc_client_id="unbracket")
        with pytest.raises((oidc.ProviderFailed, oidc.AnswerRefused)):
            await oidc.Provider(settings).finish("http://here.example/oidc/callback", "code", "s", "n", "v" * 43)


def test_a_provider_that_is_gone_is_told_and_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", oidc_issuer="http://127.0.0.1:9", oidc_client_id="unbracket")
    with house(settings) as running:
        failed = running.get(ME, "/oidc")
        assert lets_nobody_in(failed, 502)
        assert "cannot be reached just now" in failed.text
        assert running.get(ME, "/").status_code == 200, "who was signed in still is"


# --- settings


def test_without_a_provider_there_is_no_such_way(settings: Settings) -> None:
    with house(settings) as running:
        assert running.get(None, "/oidc").status_code == 404
        assert running.get(None, "/oidc/callback").status_code == 404
        assert "/oidc" not in running.get(None, "/sign-in").text


def test_half_a_setting_is_refused_at_the_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="UNBRACKET_OIDC_CLIENT_ID"):
        create_app(replace(settings, oidc_issuer="https://login.example"))
    missing = replace(
        settings, oidc_issuer="https://login.example", oidc_client_id="x", oidc_client_secret_file=tmp_path / "none"
    )
    with pytest.raises(SettingsError, match="UNBRACKET_OIDC_CLIENT_SECRET_FILE"):
        create_app(missing)
    for issuer in ("http://login.example", "login.example", "https://login.example/?x=1"):
        with pytest.raises(SettingsError, match="UNBRACKET_OIDC_ISSUER"):
            read_settings({"UNBRACKET_OIDC_ISSUER": issuer})
    with pytest.raises(SettingsError, match="UNBRACKET_OIDC_SCOPES"):
        read_settings({"UNBRACKET_OIDC_SCOPES": "email"})
