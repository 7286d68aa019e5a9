"""A role that needs a passkey, and grave acts that need a fresh proof: on pages, for scripts, over the socket and HTTP
frames; kept forms; what a session is until then.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import WebSocketTestSession

from crdt import parcels, protocol
from crdt.protocol import Reader, ServerFrame
from opinions.process_rules import RULES
from opinions.roles import Role
from server.identity import proof
from server.identity.gate import Gate, _grave
from server.identity.proof import PROOF_LIFETIME, own_path
from server.people_store import require_member
from server.session_store import Session, issue_invitation
from server.settings import Settings
from tests.server.test_permissions import socket_refusal
from tests.support.ceremonies import as_at_first, confirmed, needing, noted, post_json, proved_at, registered, signed_in
from tests.support.stock import OPINION, SECOND
from tests.support.visitors import COOKIE, HOST, ORIGIN, House, house

CHAIR, CLERK, EXPERT = "m-chair", "m-sec", "m-xaa-1"
FREEZE: dict[str, Any] = {
    "act": "freeze", "label": "Second draft", "milestone": "", "note": "", "seen_seq": 1, "renumber": False
}  # fmt: skip
HELLO = protocol.hello(schema=protocol.SCHEMA, workspace=False, generation=0, client=None, state_vector=b"\0")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


@pytest.fixture
def running(one: House) -> House:
    """The one house, as it was at first."""
    as_at_first(one)
    return one


def long_ago(running: House, who: str) -> None:
    """Somebody's last proof has run out."""
    proved_at(running, who, datetime.now(UTC) - PROOF_LIFETIME)


def token_of(answer: Any) -> str:
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found
    return found[1]


def by_link(running: House, who: str) -> Any:
    """What somebody is answered who signs in with a fresh link."""
    lifetime = timedelta(hours=1)
    token = running.write(lambda c: issue_invitation(c, who, None, datetime.now(UTC), lifetime))
    return running.post(None, f"/sign-in/{token}")


def frames_until(socket: WebSocketTestSession, n: int) -> tuple[int, str]:
    """What a command numbered n is answered: the kind of frame, and the code of a refusal."""
    for _ in range(50):
        reader = Reader(socket.receive_bytes())
        kind = reader.varuint()
        if kind in {ServerFrame.REFUSED, ServerFrame.DONE} and reader.varuint() == n:
            if kind == ServerFrame.DONE:
                return kind, ""
            return kind, re.findall(r'"code":"([^"]*)"', reader.varstring())[0]
    raise AssertionError("no answer in 50 frames")


# --- nobody is asked who has no passkey and whose role needs none


def test_without_passkeys_and_rules_nothing_is_asked(running: House) -> None:
    assert running.post(CLERK, "/settings", {"name": "Named anew", "meeting_zone": "Europe/Zurich"}).status_code == 303
    assert running.get(CHAIR, "/confirm?next=/account").headers["location"] == "/account"


# --- a role that needs a passkey


@pytest.mark.parametrize("who", [CHAIR, CLERK])
def test_a_role_that_needs_a_passkey_is_led_to_register_one_and_reads_until_then(running: House, who: str) -> None:
    needing(running, Role.CHAIR, Role.SECRETARIAT)
    entered = by_link(running, who)
    assert entered.headers["location"] == "/confirm"
    token = token_of(entered)
    assert "Register a passkey first" in running.get(who, "/confirm", token=token).text
    editor = running.get(who, f"/opinions/{OPINION}", token=token)
    assert editor.headers["location"] in {f"/confirm?next=/opinions/{OPINION}", f"/opinions/{OPINION}/live"}
    assert "Confirm that it is you" in running.get(who, f"/opinions/{OPINION}/live", token=token).text
    assert running.get(who, f"/opinions/{OPINION}/versions", token=token).status_code == 200
    registered(running, who, token)
    assert running.get(who, f"/opinions/{OPINION}", token=token).status_code == 200
    assert "you read as an observer" not in running.get(who, "/", token=token).text


def test_until_then_nothing_of_the_role_can_be_done_by_any_way(running: House) -> None:
    needing(running, Role.CHAIR, Role.SECRETARIAT)
    for path in ("/people", "/settings", "/opinions/new", f"/opinions/{OPINION}/chair"):
        led = running.get(CLERK, path)
        assert (led.status_code, led.headers["location"]) == (303, f"/confirm?next={path}")
        assert running.post(CLERK, path, {"name": "x", "role": "observer"}).status_code in {403, 405}, path
    for who in (CHAIR, CLERK):
        told = post_json(running, who, f"/api/opinions/{OPINION}/commands", {**FREEZE, "key": "k-freeze-1"})
        assert (told.status_code, told.json()["code"]) == (403, "passkey-needed")
        assert socket_refusal(running.client, running.stock[who].token, ORIGIN) == 4403
        assert post_json(running, who, f"/frames/opinions/{OPINION}", {}).status_code == 403
        assert running.post(who, f"/opinions/{OPINION}/observers", {"admit": "no"}).status_code == 403
        assert running.get(who, f"/opinions/{OPINION}/views/rolling").status_code == 303


def test_a_chair_is_no_expert_instead_and_goes_on_elsewhere(running: House) -> None:
    """m-chair is an expert of XAA by role and in the chair of both Opinions: withheld is the chair, not the rest."""
    needing(running, Role.CHAIR)
    assert socket_refusal(running.client, running.stock[CHAIR].token, ORIGIN) == 4403
    assert running.get(EXPERT, f"/opinions/{OPINION}").status_code == 200
    assert running.post("m-admin", f"/opinions/{SECOND}/chair", {"chair": "m-xbb-1"}).status_code == 303
    try:
        assert running.get(CHAIR, f"/opinions/{SECOND}").status_code == 200
        assert running.get(CHAIR, f"/opinions/{OPINION}/views/rolling").status_code == 303
    finally:
        running.post("m-admin", f"/opinions/{SECOND}/chair", {"chair": CHAIR})


def test_the_first_page_offers_nothing_of_a_role_that_is_withheld(running: House) -> None:
    assert "You are in the chair" in running.get(CHAIR, "/").text
    needing(running, Role.CHAIR)
    page = running.get(CHAIR, "/").text
    assert "you read as an observer" in page
    assert "You are in the chair" not in page
    assert f'action="/opinions/{OPINION}/observers"' not in page


def test_a_passkey_is_asked_for_at_each_new_sign_in_of_such_a_role(running: House) -> None:
    device = registered(running, CLERK)
    needing(running, Role.SECRETARIAT)
    assert running.get(CLERK, "/people").status_code == 200, "this session has brought it"
    token = token_of(by_link(running, CLERK))
    assert running.get(CLERK, "/people", token=token).headers["location"] == "/confirm?next=/people"
    page = running.get(CLERK, "/confirm?next=/people", token=token).text
    assert 'data-passkey-next="/people"' in page
    assert confirmed(running, CLERK, device, token).status_code == 200
    assert running.get(CLERK, "/people", token=token).status_code == 200
    by_passkey = token_of(signed_in(running, device))
    assert running.get(CLERK, "/people", token=by_passkey).status_code == 200


def test_a_thief_of_a_link_makes_no_second_key(running: House) -> None:
    registered(running, CLERK)
    needing(running, Role.SECRETARIAT)
    token = token_of(by_link(running, CLERK))
    refused = post_json(running, CLERK, "/account/passkeys/options", {}, token)
    assert (refused.status_code, refused.json()["code"]) == (403, "proof-needed")


@given(st.sets(st.sampled_from(Role)), st.sampled_from(Role), st.booleans())
def test_what_is_withheld_is_what_the_rule_names_and_nothing_once_proved(
    named: set[Role], role: Role, proved: bool
) -> None:
    rules = type(RULES)(passkey_roles=frozenset(named))
    session = Session("s", "m", NOW, NOW, proved_at=NOW if proved else None)
    missing = proof.withheld(rules, {role}, session)
    assert missing == (frozenset() if proved else {role} & named)


# --- a fresh proof for grave acts


def test_a_grave_form_waits_for_the_proof_and_is_kept(running: House) -> None:
    device = registered(running, CLERK)
    long_ago(running, CLERK)
    form = {"name": 'A <b>"name"</b>', "meeting_zone": "Europe/Zurich", "observers_see": "agreed"}
    asked = running.post(CLERK, "/settings", form)
    assert asked.status_code == 403
    assert "Confirm that it is you" in asked.text
    assert '<form method="post" action="/settings" data-passkey-kept>' in asked.text
    assert 'name="name" value="A &lt;b&gt;&#34;name&#34;&lt;/b&gt;"' in asked.text
    assert "A &lt;b&gt;" not in running.get(CLERK, "/settings").text, "nothing was done yet"
    assert confirmed(running, CLERK, device).status_code == 200
    assert running.post(CLERK, "/settings", form).status_code == 303
    assert "A &lt;b&gt;" in running.get(CLERK, "/settings").text
    running.post(CLERK, "/settings", {**form, "name": "Process of the tests"})


@pytest.mark.parametrize(
    "path",
    ["/people/new", f"/people/{EXPERT}", f"/people/{EXPERT}/suspension", f"/people/{EXPERT}/invitation",
     f"/opinions/{OPINION}/chair", "/delegations/new", f"/people/{EXPERT}/passkeys"],
)  # fmt: skip
def test_people_and_roles_are_changed_with_a_fresh_proof_alone(running: House, path: str) -> None:
    registered(running, CLERK)
    long_ago(running, CLERK)
    asked = running.post(CLERK, path, {"name": "x"})
    assert (asked.status_code, f'action="{path}"' in asked.text) == (403, True)
    scripted = running.ask(CLERK, "POST", path, data={"name": "x"}, headers={"accept": "application/json"})
    assert scripted.json()["code"] == "proof-needed"
    before = running.write(lambda c: require_member(c, EXPERT))
    assert not before.suspended
    proved_at(running, CLERK, datetime.now(UTC))
    assert running.post(CLERK, path, {"name": ""}).status_code in {200, 303, 422}
    running.post(CLERK, f"/people/{EXPERT}/suspension", {"suspended": "no"})
    running.post(CLERK, f"/opinions/{OPINION}/chair", {"chair": CHAIR})


def test_an_upload_keeps_its_words_and_says_that_the_file_is_to_be_chosen_again(running: House) -> None:
    registered(running, CLERK)
    long_ago(running, CLERK)
    files = {"file": ("people.csv", b"name\n", "text/csv")}
    asked = running.ask(CLERK, "POST", "/people/new", data={"name": "x"}, files=files)
    assert (asked.status_code, "has to be chosen again" in asked.text) == (403, True)


def test_a_form_that_is_too_much_is_told_so_and_is_no_fault(running: House) -> None:
    registered(running, CLERK)
    long_ago(running, CLERK)
    assert running.post(CLERK, "/people/new", {"name": "x" * 100_000}).status_code == 413
    many = {f"field{number}": "x" for number in range(300)}
    assert running.post(CLERK, "/people/new", many).status_code == 413


def test_reading_asks_for_nothing(running: House) -> None:
    registered(running, CLERK)
    long_ago(running, CLERK)
    for path in ("/people", "/people/new", "/settings", f"/opinions/{OPINION}"):
        assert running.get(CLERK, path).status_code == 200


def test_a_freeze_by_http_waits_for_the_proof(running: House) -> None:
    device = registered(running, CHAIR)
    long_ago(running, CHAIR)
    address = f"/api/opinions/{SECOND}/commands"
    asked = post_json(running, CHAIR, address, {**FREEZE, "key": "k-http-freeze"})
    assert (asked.status_code, asked.json()["code"]) == (403, "proof-needed")
    other = {"act": "open_live_drafting", "on": False, "key": "k-other-command"}
    assert post_json(running, CHAIR, address, other).status_code in {200, 409}, "no other command waits"
    assert confirmed(running, CHAIR, device).status_code == 200
    done = post_json(running, CHAIR, address, {**FREEZE, "key": "k-http-freeze"})
    assert done.status_code in {200, 409}, done.text
    assert done.json().get("code") != "proof-needed"


def test_a_freeze_over_the_socket_waits_for_the_proof_and_keeps_its_place(running: House) -> None:
    device = registered(running, CHAIR)
    long_ago(running, CHAIR)
    running.client.cookies.clear()
    headers = {"host": HOST, "cookie": f"{COOKIE}={running.stock[CHAIR].token}", "origin": ORIGIN}
    with running.client.websocket_connect(f"/ws/opinions/{OPINION}", headers=headers) as socket:
        socket.send_bytes(HELLO)
        freeze = {**FREEZE, "seen_seq": 1}
        socket.send_bytes(protocol.client_command(1, "", "k-socket-1", freeze))
        socket.send_bytes(protocol.client_command(2, "", "k-socket-2", {"act": "nonsense"}))
        assert frames_until(socket, 1) == (ServerFrame.REFUSED, "proof-needed")
        kind, code = frames_until(socket, 2)
        assert (kind, code != "proof-needed") == (ServerFrame.REFUSED, True), "what came behind it was not lost"
        # The act is told however its number is spelt: a number may be longer than it needs.
        spelt = b"\x82\x00" + protocol.client_command(3, "", "k-socket-3", freeze)[1:]
        socket.send_bytes(spelt)
        assert frames_until(socket, 3) == (ServerFrame.REFUSED, "proof-needed")
        assert confirmed(running, CHAIR, device).status_code == 200
        socket.send_bytes(protocol.client_command(4, "", "k-socket-4", freeze))
        assert frames_until(socket, 4)[0] == ServerFrame.DONE
        # A frame of no kind: the server closes, and the test client need not cut it off.
        socket.send_bytes(b"\x7f")
        assert any(socket.receive()["type"] == "websocket.close" for _ in range(50))
    assert running.get(CHAIR, f"/opinions/{OPINION}/versions/1").status_code == 200


def test_a_freeze_over_http_frames_waits_for_the_proof(running: House) -> None:
    registered(running, CLERK)
    long_ago(running, CLERK)
    base = f"/frames/opinions/{SECOND}"
    channel = f"{base}/{post_json(running, CLERK, base, {}).json()['channel']}"
    frames = (HELLO, protocol.client_command(1, "", "k-channel-1", FREEZE))
    sent = running.ask(CLERK, "POST", channel, content=parcels.packed(1, frames))
    assert sent.status_code == 204
    seen, refused = 0, ""
    for _ in range(20):
        parcel = parcels.unpacked(running.get(CLERK, f"{channel}?after={seen}").content)
        seen += len(parcel.frames)
        refused += "".join(frame.decode("utf-8", "replace") for frame in parcel.frames if frame[0] == 4)
        if refused:
            break
    assert '"code":"proof-needed"' in refused


def test_proofs_are_noted(running: House) -> None:
    device = registered(running, CLERK, name="Key in the drawer")
    confirmed(running, CLERK, device)
    assert ("proof_renewed", CLERK, "Key in the drawer") in noted(running)
    somebody = registered(running, EXPERT)
    refused = confirmed(running, CLERK, somebody)
    assert (refused.status_code, "somebody else's" in refused.json()["message"]) == (409, True)


# --- small rules


@pytest.mark.parametrize(
    ("given_", "kept"),
    [("/people", "/people"), ("/opinions/o?view=clean", "/opinions/o?view=clean"), ("//evil.example", "/"),
     ("https://evil.example", "/"), ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"),
     ("/a\nb", "/"), ("/é", "/"), ("/" + "a" * 2000, "/")],
)  # fmt: skip
def test_one_is_led_on_to_our_own_pages_alone(running: House, given_: str, kept: str) -> None:
    assert own_path(given_) == kept
    led = running.ask(EXPERT, "GET", "/confirm", params={"next": given_})
    assert led.headers["location"] == kept


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=1)), st.booleans())
def test_a_proof_holds_for_ten_minutes(ago: timedelta, has_passkey: bool) -> None:
    session = Session("s", "m", NOW, NOW, proved_at=NOW - ago, has_passkey=has_passkey)
    assert proof.is_due(session, NOW) == (has_passkey and ago >= timedelta(minutes=10))


@given(st.binary(max_size=60))
def test_frames_that_are_no_freeze_pass_as_they_are(frame: bytes) -> None:
    passed: list[bytes] = []

    async def never() -> bool:
        raise AssertionError("nobody asks")

    if _grave(frame) is None:
        Gate(passed.append, None, never).submit(frame)  # type: ignore[arg-type]
        assert passed == [frame]
