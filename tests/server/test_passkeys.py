"""Passkeys: made and used by a software authenticator through the server's own pages, and everything that must fail."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select, update

from opinions.roles import Role
from server import invitations
from server.audit_store import Kind
from server.identity import attempts, ceremonies, passkeys
from server.identity.ceremonies import TooManyBegun
from server.session_store import suspend_member
from server.settings import Settings
from server.tables import sessions
from server.tables.identity import ceremonies as begun
from server.tables.identity import passkeys as kept
from tests.support.authenticator import UP, UV, Authenticator
from tests.support.ceremonies import as_at_first, confirmed, needing, noted, post_json, proved_at, registered, signed_in
from tests.support.visitors import COOKIE, ORIGIN, House, house

ME, OTHER = "m-xaa-1", "m-xbb-1"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


@pytest.fixture
def running(one: House) -> House:
    """The one house, as it was at first."""
    as_at_first(one)
    return one


def cookie_of(answer: Response) -> str:
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found
    return found[1]


def test_a_passkey_is_registered_used_renamed_and_removed(running: House) -> None:
    assert "Register your first" in running.get(ME, "/account/passkeys").text
    device = registered(running, ME, name="  Red   telephone ")
    page = running.get(ME, "/account/passkeys").text
    assert "Red telephone" in page
    entered = signed_in(running, device)
    assert entered.json() == {"to": "/"}
    token = cookie_of(entered)
    assert "Expert Arcadia 1" in running.get(ME, "/account", token=token).text
    (id,) = running.write(lambda c: c.scalars(select(kept.c.id)).all())
    assert running.post(ME, f"/account/passkeys/{id}", {"name": "Blue one"}, token=token).status_code == 303
    assert "Blue one" in running.get(ME, "/account/passkeys").text
    assert running.post(ME, f"/account/passkeys/{id}", {"remove": "yes"}, token=token).status_code == 303
    assert signed_in(running, device).status_code == 409
    kinds = [kind for kind, who, _ in noted(running) if who == ME]
    assert kinds == [Kind.PASSKEY_ADDED, Kind.SIGN_IN, Kind.PASSKEY_REMOVED]
    assert (Kind.SIGN_IN, ME, "with the passkey Red telephone") in noted(running)


def test_signing_in_begins_a_session_of_its_own_that_is_proved(running: House) -> None:
    """No fixation: the cookie that the browser had is worth nothing afterwards."""
    device = registered(running, ME)
    options = post_json(running, OTHER, "/passkey/options", {}).json()
    entered = post_json(running, OTHER, "/passkey", {"answer": device.get(options)})
    assert cookie_of(entered) not in {running.stock[ME].token, running.stock[OTHER].token}
    assert running.get(OTHER, "/").status_code == 303, "whoever sat there before is signed out"
    row = running.write(lambda c: c.execute(select(sessions).where(sessions.c.way == "passkey")).one())
    assert (row.member, row.proved_at is not None) == (ME, True)


def test_an_answer_is_good_once(running: House) -> None:
    device = registered(running, ME)
    options = post_json(running, None, "/passkey/options", {}).json()
    answer = {"answer": device.get(options)}
    assert post_json(running, None, "/passkey", answer).status_code == 200
    again = post_json(running, None, "/passkey", answer)
    assert (again.status_code, "set-cookie" in again.headers) == (409, False)


def test_a_challenge_is_of_its_kind_its_session_and_its_minutes(running: House) -> None:
    device = registered(running, ME)
    for_signing_in = post_json(running, None, "/passkey/options", {}).json()
    assert post_json(running, ME, "/confirm", {"answer": device.get(for_signing_in)}).status_code == 409
    for_proof = post_json(running, ME, "/confirm/options", {}).json()
    assert post_json(running, None, "/passkey", {"answer": device.get(for_proof)}).status_code == 409
    assert post_json(running, OTHER, "/confirm", {"answer": device.get(for_proof)}).status_code == 409
    late = post_json(running, ME, "/confirm/options", {}).json()
    past = datetime.now(UTC) - timedelta(seconds=1)
    running.write(lambda c: c.execute(update(begun).values(expires_at=past)))
    assert post_json(running, ME, "/confirm", {"answer": device.get(late)}).status_code == 409


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
        {"challenge": ""},
    ],
    ids=str,
)
def test_an_answer_of_another_page_kind_or_challenge_signs_nobody_in(running: House, changed: dict[str, Any]) -> None:
    refused = signed_in(running, registered(running, ME), **changed)
    assert (refused.status_code, "set-cookie" in refused.headers) == (409, False)


def test_the_person_must_have_been_verified_and_present(running: House) -> None:
    device = registered(running, ME)
    for flags in (UP, UV, 0):
        device.flags = flags
        assert signed_in(running, device).status_code == 409, flags
    device.flags = UP | UV
    assert signed_in(running, device).status_code == 200
    careless = Authenticator(ORIGIN, flags=UP)
    options = post_json(running, OTHER, "/account/passkeys/options", {}).json()
    answer = {"answer": careless.create(options), "name": "x"}
    assert post_json(running, OTHER, "/account/passkeys", answer).status_code == 409


def test_a_counter_that_does_not_rise_is_a_copy_of_the_key(running: House) -> None:
    device = registered(running, ME)
    assert signed_in(running, device).status_code == 200
    device.count -= 1
    assert signed_in(running, device).status_code == 409
    device.count += 5
    assert signed_in(running, device).status_code == 200
    quiet = Authenticator(ORIGIN, counts=False)
    options = post_json(running, OTHER, "/account/passkeys/options", {}).json()
    post_json(running, OTHER, "/account/passkeys", {"answer": quiet.create(options), "name": "no count"})
    assert [signed_in(running, quiet).status_code for _ in range(3)] == [200, 200, 200]
    assert any("sign count" in detail for kind, _, detail in noted(running) if kind == Kind.SIGN_IN_REFUSED)


def test_another_key_another_s_name_and_a_forged_signature_sign_nobody_in(running: House) -> None:
    device, theirs = registered(running, ME), registered(running, OTHER)
    assert signed_in(running, Authenticator(ORIGIN)).status_code == 409
    device.user, theirs.user = theirs.user, device.user
    assert signed_in(running, device).status_code == 409, "the key of one, the name of the other"
    forged = Authenticator(ORIGIN, credential=device.credential, user=theirs.user, count=50)
    assert signed_in(running, forged).status_code == 409


def test_a_suspended_person_signs_in_by_no_passkey(running: House) -> None:
    device = registered(running, ME)
    running.write(lambda c: suspend_member(c, ME, True, datetime.now(UTC)))
    refused = signed_in(running, device)
    assert (refused.status_code, refused.json()["message"]) == (409, passkeys.NOT_FITTING)


def test_a_passkey_is_registered_once_and_ten_are_enough(running: House) -> None:
    device = registered(running, ME)
    options = post_json(running, ME, "/account/passkeys/options", {}).json()
    assert [one["id"] for one in options["excludeCredentials"]] == [device.get({"rpId": "x", "challenge": ""})["id"]]
    twice = post_json(running, ME, "/account/passkeys", {"answer": device.create(options), "name": "again"})
    assert (twice.status_code, twice.json()["message"]) == (409, "This passkey is registered already.")
    for _ in range(passkeys.MOST - 1):
        registered(running, ME)
    full = post_json(running, ME, "/account/passkeys/options", {})
    assert (full.status_code, "Remove one" in full.json()["message"]) == (409, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"answer": 1}', b'{"answer": {"response": {}}}',
     b'{"answer": {"response": {"clientDataJSON": 7}}}',
     json.dumps({"answer": {"rawId": "é", "response": {"clientDataJSON": "e30"}}}).encode(), b"{" * 3000, b"\xff"],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_no_fault(running: House, body: bytes) -> None:
    headers = {"accept": "application/json", "content-type": "application/json"}
    for who, path in ((None, "/passkey"), (ME, "/confirm"), (ME, "/account/passkeys")):
        assert running.ask(who, "POST", path, content=body, headers=headers).status_code in {400, 409}, path


def test_attempts_are_bounded_by_address_and_by_account(running: House) -> None:
    device = registered(running, ME)
    for _ in range(attempts.RATES[attempts.Try.PASSKEY].most):
        assert signed_in(running, device, origin="http://evil.example").status_code == 409
    stopped = post_json(running, None, "/passkey/options", {})
    assert (stopped.status_code, int(stopped.headers["retry-after"]) > 0) == (429, True)
    assert stopped.json()["code"] == "too-many"
    assert post_json(running, ME, "/confirm/options", {}).status_code == 429


def test_challenges_under_way_are_bounded(running: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceremonies, "MOST", 3)
    assert [post_json(running, None, "/passkey/options", {}).status_code for _ in range(4)] == [200, 200, 200, 503]
    assert running.write(lambda c: c.scalar(select(func.count()).select_from(begun))) == 3
    with pytest.raises(TooManyBegun):
        running.write(lambda c: ceremonies.begin(c, ceremonies.Kind.SIGN_IN, "", datetime.now(UTC)))
    assert post_json(running, ME, "/confirm/options", {}).status_code == 200, "who is signed in goes on"
    later = datetime.now(UTC) + ceremonies.LIFETIME
    running.write(lambda c: ceremonies.begin(c, ceremonies.Kind.SIGN_IN, "", later))


def test_the_secretariat_removes_lost_passkeys_and_every_sign_in_ends(running: House) -> None:
    device = registered(running, ME)
    assert running.post("m-xbb-1", f"/people/{ME}/passkeys").status_code == 404
    assert running.post("m-sec", "/people/m-admin/passkeys").status_code == 403
    assert (
        running.post("m-sec", f"/people/{ME}/passkeys").headers["location"] == f"/people/{ME}?done=passkeys-forgotten"
    )
    assert running.get(ME, "/").status_code == 303
    assert signed_in(running, device).status_code == 409


def test_the_operator_forgets_what_an_administrator_has_lost(running: House) -> None:
    """Nobody else can: only an administrator touches an administrator, and one may be all there is."""
    device = registered(running, "m-admin")
    request = {"name": "Ada Keeper", "forget": True}
    settings = running.services.settings
    told = running.write(lambda c: invitations.asked(c, request, settings, datetime.now(UTC)))
    assert running.get("m-admin", "/").status_code == 303
    assert signed_in(running, device).status_code == 409
    assert running.post(None, f"/sign-in/{told['token']}").status_code == 303
    assert any(kind == Kind.PASSKEY_REMOVED and "by the operator" in detail for kind, _, detail in noted(running))


def test_the_last_passkey_of_a_role_that_needs_one_stays(running: House) -> None:
    registered(running, ME)
    needing(running, Role.EXPERT)
    (id,) = running.write(lambda c: c.scalars(select(kept.c.id)).all())
    refused = running.post(ME, f"/account/passkeys/{id}", {"remove": "yes"})
    assert (refused.status_code, "your only one" in refused.text) == (422, True)
    registered(running, ME)
    assert running.post(ME, f"/account/passkeys/{id}", {"remove": "yes"}).status_code == 303


def test_adding_and_removing_need_a_proof_of_the_last_minutes(running: House) -> None:
    """Else whoever finds an open browser makes himself a key of his own."""
    device = registered(running, ME)
    (id,) = running.write(lambda c: c.scalars(select(kept.c.id)).all())
    proved_at(running, ME, datetime.now(UTC) - timedelta(minutes=10))
    asked = post_json(running, ME, "/account/passkeys/options", {})
    assert (asked.status_code, asked.json()["code"]) == (403, "proof-needed")
    assert "Confirm that it is you" in running.post(ME, f"/account/passkeys/{id}", {"remove": "yes"}).text
    assert confirmed(running, ME, device).status_code == 200
    assert post_json(running, ME, "/account/passkeys/options", {}).status_code == 200
