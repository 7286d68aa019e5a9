"""Other programs: keys, the API and its description, webhooks to somebody else's real server."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import Connection, func, select
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from opinions.consultation import Audience, Dates, RoundForm, Showing
from opinions.roles import Actor, Role
from opinions.visibility import Attribution
from server.api.operations import Operation, shape
from server.consultation.rounds import open_round
from server.identity.attempts import TooManyAttempts, Try
from server.people_store import all_members
from server.process_store import load_process, save_process
from server.routing.taking_part import OPERATIONS
from server.settings import Settings
from server.tables import jobs, versions
from server.tables.identity import audit_events
from server.taking_part.delivery import NotDelivered, deliver
from server.taking_part.programs import MAX_PROGRAMS, ProgramRefused, Scope, admit_program, end_program
from server.taking_part.webhooks import EventKind, add_webhook, last_deliveries, stop_webhook
from server.work import Tools
from tests.support.consulting import put_up
from tests.support.listener import Listener, listening
from tests.support.stock import OPINION
from tests.support.visitors import House, house
from tests.support.waiting import wait_until

ROSTER = "/api/v1/roster"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    chosen = Settings(data_dir=tmp_path_factory.mktemp("programs") / "data", webhook_hosts=("127.0.0.1",))
    with house(chosen) as started:
        yield started


def key_for(running: House, *scopes: Scope, days: int = 1) -> str:
    now = datetime.now(UTC)
    made = running.write(
        lambda connection: admit_program(connection, "Registry, run by the desk", frozenset(scopes), days, "m-sec", now)
    )
    return made[1]


def call(running: House, method: str, path: str, key: str = "", **given: Any) -> Response:
    """As a program calls: no cookie, no origin of ours."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    running.client.cookies.clear()
    return running.client.request(method, path, headers=headers | given.pop("headers", {}), **given)


# --- keys


def test_a_key_opens_what_it_was_given_for_and_nothing_else(running: House) -> None:
    key = key_for(running, Scope.ROSTER_READ)
    assert call(running, "GET", ROSTER, key).status_code == 200
    refused = call(running, "GET", "/api/v1/opinions", key)
    assert refused.status_code == 403
    assert refused.json()["code"] == "scope"
    assert call(running, "POST", ROSTER, key, json={"people": []}).status_code == 403


def test_without_a_key_in_force_nothing_is_told(running: House) -> None:
    ended = key_for(running, Scope.ROSTER_READ)
    program = running.write(lambda connection: admitted(connection, ended))
    for key in ("", "ub_unknown", "ub_" + "x" * 500, ended):
        assert call(running, "GET", ROSTER, key).status_code == (200 if key == ended else 401)
    running.write(lambda connection: end_program(connection, program, datetime.now(UTC)))
    answer = call(running, "GET", ROSTER, ended)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Expert" not in answer.text


def admitted(connection: Connection, key: str) -> str:
    from server.taking_part.programs import program_of

    found = program_of(connection, key, datetime.now(UTC))
    assert found is not None
    return found.id


def test_a_key_ends_with_its_time(running: House) -> None:
    from server.taking_part.programs import program_of

    key = key_for(running, Scope.ROSTER_READ, days=1)
    later = datetime.now(UTC) + timedelta(days=1, seconds=1)
    assert running.write(lambda connection: program_of(connection, key, later)) is None


def test_a_session_cookie_does_not_stand_for_a_key(running: House) -> None:
    assert running.get("m-sec", ROSTER).status_code == 401


def test_keys_in_force_are_bounded(running: House) -> None:
    now = datetime.now(UTC) + timedelta(days=400)

    def fill(connection: Connection) -> None:
        for number in range(MAX_PROGRAMS + 1):
            admit_program(connection, f"Program {number}", frozenset({Scope.ROSTER_READ}), 1, "m-sec", now)

    with pytest.raises(ProgramRefused, match="End one"):
        running.write(fill)


# --- the roster by API


def test_people_are_entered_all_or_none(running: House) -> None:
    key = key_for(running, Scope.ROSTER_WRITE, Scope.ROSTER_READ)
    before = call(running, "GET", ROSTER, key).json()["total"]
    people = [
        {"name": "Ines Rivera", "role": "expert", "delegation": "XBB", "email": "ines@example.org"},
        {"name": "Omar Nasser", "role": "expert", "delegation": "XQQ"},
    ]
    refused = call(running, "POST", ROSTER, key, json={"people": people})
    assert refused.status_code == 409
    assert "people[1] (Omar Nasser)" in refused.json()["message"]
    assert call(running, "GET", ROSTER, key).json()["total"] == before
    entered = call(running, "POST", ROSTER, key, json={"people": people[:1]})
    assert entered.status_code == 201
    assert entered.json()["people"][0]["entity"] == "Borduria"
    members = running.write(all_members)
    assert [one.role for one in members if one.name == "Ines Rivera"] == [Role.EXPERT]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "people"),
        ({"people": [{"name": "A"}]}, "people.0.role"),
        ({"people": [{"name": "A", "role": "chair"}]}, "people.0.role"),
        ({"people": [{"name": "A", "role": "expert", "colour": "red"}]}, "people.0.colour"),
    ],
)
def test_a_body_that_does_not_fit_is_told_place_by_place(running: House, body: dict[str, Any], place: str) -> None:
    answer = call(running, "POST", ROSTER, key_for(running, Scope.ROSTER_WRITE), json=body)
    assert answer.status_code == 422
    assert place in [one["at"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(("content", "status"), [(b"{", 400), (b"[" * 100_000, 400), (b'{"people": 1}', 422)])
def test_what_is_not_json_is_refused(running: House, content: bytes, status: int) -> None:
    key, headers = key_for(running, Scope.ROSTER_WRITE), {"content-type": "application/json"}
    assert call(running, "POST", ROSTER, key, content=content, headers=headers).status_code == status


def test_what_programs_do_is_in_the_audit(running: House) -> None:
    key = key_for(running, Scope.ROSTER_WRITE)
    call(running, "POST", ROSTER, key, json={"people": [{"name": "Noted Person", "role": "observer"}]})

    def look(connection: Connection) -> list[str]:
        return list(connection.scalars(select(audit_events.c.detail).where(audit_events.c.kind == "program")))

    assert "1 people entered" in running.write(look)


# --- contributions and comments by API


def test_a_contribution_is_registered_with_its_file_and_told(running: House, listener: Listener) -> None:
    secret = told(running, listener)
    key = key_for(running, Scope.CONTRIBUTIONS_WRITE, Scope.CONTRIBUTIONS_READ)
    body = {
        "title": "Proposals of Borduria",
        "sources": ["XBB"],
        "number": "IEG-WTPF-26-4/5",
        "opinions": [OPINION],
        "file_name": "borduria.txt",
        "file": base64.b64encode("Replace “some” by “all”.".encode()).decode(),
    }
    made = call(running, "POST", "/api/v1/contributions", key, json=body)
    assert made.status_code == 201, made.text
    assert made.json()["files"] == ["borduria.txt"]
    again_given = call(running, "POST", "/api/v1/contributions", key, json=body)
    assert (again_given.status_code, "number" in again_given.json()["message"]) == (409, True)
    listed = call(running, "GET", "/api/v1/contributions", key).json()
    assert (listed["total"], listed["contributions"][0]["number"]) == (1, "IEG-WTPF-26-4/5")
    taken = listener.next()
    event = Receiver(secret).verify(taken.body, dict(taken.headers))
    assert event["data"]["number"] == "IEG-WTPF-26-4/5"
    quiet(running)


def test_av3_a_program_is_given_no_sources_where_files_hold_no_names(running: House) -> None:
    """[AV3]"""
    key = key_for(running, Scope.CONTRIBUTIONS_WRITE, Scope.CONTRIBUTIONS_READ)
    call(running, "POST", "/api/v1/contributions", key, json={"title": "Named", "sources": ["XBB"]})
    assert '"XBB"' in call(running, "GET", "/api/v1/contributions", key).text
    before = running.write(load_process)
    running.write(lambda c: save_process(c, replace(before, attribution=Attribution.NONE)))
    try:
        assert '"XBB"' not in call(running, "GET", "/api/v1/contributions", key).text
    finally:
        running.write(lambda c: save_process(c, before))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sources": ["XQQ"]}, 409),
        ({"file": "%%%"}, 422),
        ({"file": "\x80é"}, 422),
        ({"file": base64.b64encode(b"PK").decode(), "file_name": "x.pdf"}, 409),
        ({"opinions": ["o-nowhere"]}, 409),
    ],
)
def test_a_contribution_that_does_not_fit_leaves_nothing(running: House, change: dict[str, Any], status: int) -> None:
    key = key_for(running, Scope.CONTRIBUTIONS_WRITE, Scope.CONTRIBUTIONS_READ)
    before = call(running, "GET", "/api/v1/contributions", key).json()["total"]
    answer = call(running, "POST", "/api/v1/contributions", key, json={"title": "x", "sources": ["XBB"], **change})
    assert answer.status_code == status, answer.text
    assert call(running, "GET", "/api/v1/contributions", key).json()["total"] == before


def test_a_comment_of_a_delegation_is_entered_for_it_and_changes_no_text(running: House) -> None:
    freeze(running, "Round draft")
    now = datetime.now(UTC)

    def begin(connection: Connection) -> str:
        number = connection.scalar(select(func.max(versions.c.number)).where(versions.c.opinion == OPINION)) or 0
        form = RoundForm(
            name="Second round",
            introduction="",
            languages="any",
            audience=Audience.MEMBERS,
            showing=Showing.TOGETHER,
            dates=Dates(now - timedelta(hours=1), now + timedelta(days=1)),
            texts=((OPINION, number),),
        )
        return open_round(connection, form, Actor("m-sec", "Sam Clerk", Role.SECRETARIAT), now).id

    round_id = running.write(begin)
    key = key_for(running, Scope.COMMENTS_WRITE, Scope.COMMENTS_READ)
    assert [one["id"] for one in call(running, "GET", "/api/v1/rounds", key).json()["rounds"]] == [round_id]
    body = {"delegation": "XUU", "opinion": OPINION, "text": "We welcome this text."}
    address = f"/api/v1/rounds/{round_id}/comments"
    made = call(running, "POST", address, key, json=body)
    assert (made.status_code, made.json()["number"]) == (201, "C-1"), made.text
    assert call(running, "GET", address, key).json()["comments"][0]["delegation"] == "XUU"
    assert call(running, "POST", address, key, json={**body, "delegation": "XQQ"}).status_code == 409
    assert call(running, "GET", "/api/v1/rounds/r-none/comments", key).status_code == 404


# --- the description


def test_the_description_is_openapi_and_tells_every_operation(running: House) -> None:
    document = call(running, "GET", "/api/v1/openapi.json").json()
    validate(document)
    told = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert told == {(one.method, one.address) for one in OPERATIONS}


PEOPLE = {"people": [{"name": "Described Person", "role": "observer"}]}
PAPER = {"title": "Described", "sources": ["XBB"]}
COMMENT = {"delegation": "XUU", "opinion": OPINION, "text": "Described."}
BODIES: dict[str, dict[str, Any]] = {"NewPeople": PEOPLE, "NewContribution": PAPER, "NewComment": COMMENT}


@pytest.fixture(scope="module")
def fitting(running: House) -> "Fitting":
    """Checks answers against the description."""
    return Fitting(call(running, "GET", "/api/v1/openapi.json").json())


@pytest.fixture(scope="module")
def every(running: House) -> str:
    """A key that opens everything."""
    return key_for(running, *Scope)


class Fitting:
    """The description, and the statuses that were seen of each operation."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def check(self, operation: Operation, answer: Response) -> int:
        """The status; that it and its body are as described."""
        responses = self.document["paths"][operation.address][operation.method.lower()]["responses"]
        assert str(answer.status_code) in responses, (operation.address, answer.status_code, answer.text)
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        whole = {"$ref": schema["$ref"], "components": self.document["components"]}
        errors = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(
            answer.json()
        )
        assert [error.message for error in errors] == [], answer.text
        return answer.status_code


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_operation_answers_as_it_is_described(running: House, fitting: Fitting, operation: Operation) -> None:
    freeze(running, f"Draft for {operation.method} {operation.path}")
    path = operation.address.replace("{round}", put_up(running))
    key, other = key_for(running, operation.scope), key_for(running, *(set(Scope) - {operation.scope}))

    def ask(key: str, **given: Any) -> int:
        return fitting.check(operation, call(running, operation.method, path, key, **given))

    right = {"json": BODIES[operation.takes]} if operation.takes else {}
    assert ask(key, **right) == operation.status
    assert ask("", **right) == 401
    assert ask("ub_wrong", **right) == 401
    assert ask(other, **right) == 403
    if operation.takes:
        json_type = {"content-type": "application/json"}
        assert ask(key, content=b"{", headers=json_type) == 400
        assert ask(key, content=b"{}", headers={"content-type": "text/plain"}) == 415
        wrong: list[Any] = [{}, [], 1, {**BODIES[operation.takes], "colour": "red"}]
        for body in wrong:
            assert ask(key, json=body) == 422
    elif operation.gives not in {"OpinionList", "RoundList"}:
        assert ask(key, params={"offset": "1000"}) == 200
        assert ask(key, params={"offset": "-1"}) == 422
    if "{round}" in operation.path:
        path = operation.address.replace("{round}", "r-none")
        assert ask(key, **right) == 404


TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(["", " ", "\0", "XBB", "expert", "=1+1", "\u202e", "\n"])
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda one: st.lists(one, max_size=3), max_leaves=4
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_body_holds_the_answer_is_as_described(
    running: House, fitting: Fitting, every: str, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from([one for one in OPERATIONS if one.takes]))
    fields = shape(operation.takes).model_json_schema()["properties"]
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(fields)), VALUE, max_size=2))
    if operation.takes == "NewPeople" and not changed:
        person = data.draw(st.dictionaries(st.sampled_from(["name", "delegation", "email", "role"]), VALUE, max_size=2))
        changed = {"people": [{"name": "A", "role": "observer", **person}]}
    path = operation.address.replace("{round}", "r-none")
    content = json.dumps({**BODIES[operation.takes], **changed}).encode()
    headers = {"content-type": "application/json"}
    answer = call(running, operation.method, path, every, content=content, headers=headers)
    fitting.check(operation, answer)


def test_a_program_that_runs_wild_is_told_to_wait_and_no_other_with_it(running: House, fitting: Fitting) -> None:
    wild, calm = key_for(running, Scope.OPINIONS_READ), key_for(running, Scope.OPINIONS_READ)
    operation = next(one for one in OPERATIONS if one.path == "/opinions")
    limits = running.services.public_limits
    program = running.write(lambda connection: admitted(connection, wild))
    while limits.calls.admits(program, time.monotonic()):
        pass
    running.services.attempts._limits[Try.KEY]._times.clear()
    answer = call(running, "GET", operation.address, wild)
    assert fitting.check(operation, answer) == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert call(running, "GET", operation.address, calm).status_code == 200


def test_keys_cannot_be_tried_without_end(running: House, fitting: Fitting) -> None:
    operation = next(one for one in OPERATIONS if one.path == "/roster")
    attempts = running.services.attempts
    with suppress(TooManyAttempts):
        for _ in range(10_000):
            attempts.count(Try.KEY, "testclient")
    answer = call(running, "GET", ROSTER, "ub_guess")
    assert fitting.check(operation, answer) == 429
    assert int(answer.headers["retry-after"]) >= 1
    attempts._limits[Try.KEY]._times.clear()


# --- webhooks


@pytest.fixture
def listener(running: House) -> Iterator[Listener]:
    with listening() as started:
        yield started
    quiet(running)


def told(running: House, listener: Listener, *events: EventKind) -> str:
    """A webhook to the listener, of all events or some: its secret."""
    now, address, wanted = datetime.now(UTC), f"{listener.address}/hook", events or tuple(EventKind)
    return running.write(lambda connection: add_webhook(connection, address, wanted, "m-sec", now)).secret


def freeze(running: House, label: str) -> None:
    command = {"act": "freeze", "label": label, "key": f"k-{label}", "ruled_by": "Rosa Chair"}
    answer = running.ask(
        "m-sec",
        "POST",
        f"/api/opinions/{OPINION}/commands",
        content=json.dumps(command),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200, answer.text


def quiet(running: House) -> None:
    """Stops every webhook, so that the next test is alone."""
    from server.taking_part.webhooks import all_webhooks

    def stop(connection: Connection) -> None:
        for hook in all_webhooks(connection):
            stop_webhook(connection, hook.id, datetime.now(UTC))

    running.write(stop)


def test_a_freeze_is_told_signed_as_the_specification_has_it(running: House, listener: Listener) -> None:
    secret = told(running, listener)
    freeze(running, "First draft")
    # Freezes before it may still be on their way.
    taken = next(one for one in (listener.next() for _ in range(20)) if b"First draft" in one.body)
    body = Receiver(secret).verify(taken.body, dict(taken.headers))
    assert body["event"] == "version.frozen"
    assert body["data"]["opinion"] == OPINION
    assert len(body["data"]["fingerprint"]) == 64
    with pytest.raises(WebhookVerificationError):
        Receiver(secret).verify(taken.body.replace(b"First", b"Other"), dict(taken.headers))
    quiet(running)


def test_the_comments_of_a_round_published_are_told(running: House, listener: Listener) -> None:
    freeze(running, "Draft of the public round")
    round_id = put_up(running, name="Told to programs")
    secret = told(running, listener, EventKind.ROUND_PUBLISHED)
    answer = running.post("m-sec", f"/consultation/{round_id}/publication", {"publish": "yes"})
    assert answer.status_code == 303, answer.text
    taken = listener.next()
    event = Receiver(secret).verify(taken.body, dict(taken.headers))
    assert (event["event"], event["data"]["round"]) == ("consultation.published", round_id)
    assert "." not in taken.headers["webhook-id"], "the specification parts what is signed by full stops"
    quiet(running)


def test_a_contribution_that_gets_its_number_by_hand_is_told(running: House, listener: Listener) -> None:
    secret = told(running, listener, EventKind.CONTRIBUTION_REGISTERED)
    form = {"title": "By hand", "language": "English", "pages": "1"}
    file = {"file": ("paper.txt", b"As it is.", "text/plain")}
    made = running.ask("m-xaa-1", "POST", "/contributions/new", data=form, files=file)
    assert made.status_code == 303, made.text
    path = made.headers["location"].split("?")[0]
    assert running.post("m-sec", f"{path}/number", {"number": "IEG-WTPF-26-4/77"}).status_code == 303
    taken = listener.next()
    event = Receiver(secret).verify(taken.body, dict(taken.headers))
    assert (event["event"], event["data"]["number"]) == ("contribution.registered", "IEG-WTPF-26-4/77")
    quiet(running)


def test_keys_secrets_and_where_an_address_leads_are_in_no_log_and_no_audit(
    running: House, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    form = {"name": "Unheard", "days": "1", "scope": ["opinions.read"]}
    key = shown(running.post("m-admin", "/programs", form))
    listener.status = 500
    hook = {"address": f"{listener.address}/leads/only-we-know", "event": "version.frozen"}
    secret = shown(running.post("m-admin", "/programs/webhooks", hook))
    assert call(running, "GET", "/api/v1/opinions", key).status_code == 200
    freeze(running, "Untold draft")
    listener.next()
    wait_until(lambda: running.write(last_deliveries)[0].outcome == "answered 500", "the failed try on record")

    def look(connection: Connection) -> list[str]:
        audited = [" ".join(map(str, row)) for row in connection.execute(select(audit_events))]
        return [*audited, *connection.scalars(select(jobs.c.last_error))]

    heard = "\n".join([*running.write(look), caplog.text, *(str(vars(one)) for one in caplog.records)])
    assert "webhook to 127.0.0.1" in heard
    assert "answered 500" in heard
    for told_once in (key, secret, "only-we-know"):
        assert told_once not in heard
    assert secret not in running.get("m-admin", "/programs").text
    quiet(running)


def shown(answer: Response) -> str:
    """The secret that a page shows once."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.text.partition('<code class="secret">')[2].partition("</code>")[0]


def test_an_address_that_fails_is_tried_again_and_no_other_is_kept_waiting(running: House, listener: Listener) -> None:
    listener.status = 500
    told(running, listener)
    freeze(running, "Second draft")
    listener.next()

    def failed() -> bool:
        return running.write(last_deliveries)[0].outcome == "answered 500"

    wait_until(failed, "the failed try on record")
    delivery = running.write(last_deliveries)[0]
    assert delivery.delivered_at is None
    listener.status = 204
    again(running, delivery.id)
    assert running.write(last_deliveries)[0].delivered_at is not None
    quiet(running)


def again(running: House, delivery: str) -> None:
    services = running.services
    assert running.client.portal is not None
    tools = Tools(services.settings, services.database, lambda job: None)
    running.client.portal.call(partial(deliver, tools, delivery))


def test_a_redirection_is_not_followed(running: House, listener: Listener) -> None:
    listener.status, listener.location = 302, f"{listener.address}/elsewhere"
    told(running, listener)
    freeze(running, "Third draft")
    assert listener.next().path == "/hook"
    wait_until(lambda: running.write(last_deliveries)[0].outcome == "answered 302", "the redirection on record")
    assert listener.taken.empty()


@pytest.mark.parametrize("host", ["127.0.0.2", "10.0.0.1", "169.254.169.254", "[::1]", "localhost", "0.0.0.0"])
def test_no_webhook_goes_into_a_private_network(running: House, host: str) -> None:
    now = datetime.now(UTC)

    def put(connection: Connection) -> str:
        from server.taking_part.webhooks import put_delivery

        hook = add_webhook(connection, f"http://{host}:9/x", [EventKind.VERSION_FROZEN], "m-sec", now)
        return put_delivery(connection, hook, EventKind.VERSION_FROZEN, "k", "{}", now)

    delivery = running.write(put)
    with pytest.raises(NotDelivered, match="private network"):
        again(running, delivery)
    quiet(running)


@pytest.mark.parametrize(
    "address", ["", "ftp://host/x", "https://", "https://user:word@host/", "https://h/#x", "javascript:alert(1)"]
)
def test_an_address_that_is_none_is_refused(running: House, address: str) -> None:
    answer = running.post("m-sec", "/programs/webhooks", {"address": address, "event": "version.frozen"})
    assert answer.status_code == 422


def test_jobs_of_events_are_put_with_the_freeze_itself(running: House) -> None:
    freeze(running, "Fourth draft")

    def look(connection: Connection) -> list[str]:
        return list(connection.scalars(select(jobs.c.id).where(jobs.c.id.like("event:version.frozen:%"))))

    assert f"event:version.frozen:{OPINION}:1" in running.write(look)


# --- the page


def test_a_key_is_shown_once(running: House) -> None:
    form = {"name": "Shown once", "days": "30", "scope": ["roster.read", "comments.read"]}
    answer = running.post("m-admin", "/programs", form)
    assert answer.status_code == 200
    key = answer.text.partition('<code class="secret">')[2].partition("</code>")[0]
    assert call(running, "GET", ROSTER, key).status_code == 200
    assert key not in running.get("m-admin", "/programs").text


@pytest.mark.parametrize("form", [{}, {"name": "x", "days": "0", "scope": "roster.read"}, {"name": "x", "days": "5"}])
def test_a_form_that_does_not_fit_says_where(running: House, form: dict[str, str]) -> None:
    answer = running.post("m-admin", "/programs", form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
