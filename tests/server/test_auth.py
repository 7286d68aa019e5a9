"""Getting in and staying out: links, cookies, the demonstration's persons."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import Response

from opinions.roles import Role
from server import auth, security
from server.database import Database
from server.people_store import add_member
from server.process_store import Process, save_process
from server.session_store import issue_invitation
from server.settings import Settings
from tests.support.stock import OPINION, stocked
from tests.support.visitors import COOKIE, HOST, House, house, opened

DAY = timedelta(days=1)


@pytest.fixture
def running(settings: Settings) -> Iterator[House]:
    with house(settings) as started:
        yield started


def link_for(running: House, member: str) -> str:
    """The path of a fresh link, as the secretariat gets it shown."""
    page = running.post("m-sec" if member != "m-admin" else "m-admin", f"/people/{member}/invitation").text
    found = re.search(r"<code id=\"link\">http://[^/<]+(/sign-in/[^<]+)</code>", page)
    assert found, page
    return found[1]


def cookie_of(answer: Response) -> str:
    """The session token that an answer sets."""
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found
    return found[1]


def test_a_link_is_looked_at_freely_and_used_once(running: House) -> None:
    """Mail scanners open links: a GET uses nothing up."""
    path = link_for(running, "m-xbb-1")
    for _ in range(5):
        page = running.get(None, path)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert "Expert Borduria 1" in page.text
        assert "XBB" in page.text
    entered = running.post(None, path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    token = cookie_of(entered)
    assert "Expert Borduria 1" in running.get("m-xbb-1", "/", token=token).text
    assert running.post(None, path).status_code == 410
    assert running.get(None, path).status_code == 410


def test_a_new_link_ends_the_one_before(running: House) -> None:
    old, new = link_for(running, "m-xbb-1"), link_for(running, "m-xbb-1")
    assert running.post(None, old).status_code == 410
    assert running.post(None, new).status_code == 303


def test_used_unknown_and_expired_links_are_told_alike(running: House) -> None:
    """Nothing tells a stranger which links, or people, exist."""
    used = link_for(running, "m-xbb-1")
    running.post(None, used)
    replaced, expired = link_for(running, "m-xbb-2"), _expired(running)
    link_for(running, "m-xbb-2")
    answers = [
        running.get(None, path) for path in (used, replaced, expired, "/sign-in/unknown", "/sign-in/" + "x" * 3000)
    ]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1


def _expired(running: House) -> str:
    past = datetime.now(UTC) - 4 * DAY
    return f"/sign-in/{running.write(lambda c: issue_invitation(c, 'm-xcc-1', None, past, 3 * DAY))}"


def test_the_cookie_is_opaque_out_of_reach_of_scripts_and_of_other_sites(running: House) -> None:
    header = running.post(None, link_for(running, "m-xbb-1")).headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/" in header
    assert "Domain" not in header
    assert "Secure" not in header, "this house is reached by http"
    assert f"Max-Age={30 * 24 * 3600}" in header
    assert len(header.split("=", 1)[1].split(";")[0]) >= 43


def test_by_https_the_cookie_is_secure_and_pinned_to_the_host(settings: Settings) -> None:
    settings = replace(settings, origins=("https://draft.example.org",))
    with house(settings) as running:
        token = running.write(lambda c: issue_invitation(c, "m-xbb-1", None, datetime.now(UTC), DAY))
        header = running.post(
            None, f"/sign-in/{token}", host="draft.example.org", headers={"origin": "https://draft.example.org"}
        ).headers["set-cookie"]
        assert header.startswith("__Host-unbracket=")
        assert "Secure" in header
        assert running.get(None, "/sign-in", host="127.0.0.1:8123").status_code == 421


def test_signing_in_begins_a_session_of_its_own_and_ends_the_one_before(running: House) -> None:
    """Nobody can have fixed the session beforehand."""
    before = running.stock["m-xaa-1"].token
    entered = running.post("m-xaa-1", link_for(running, "m-xbb-1"))
    assert cookie_of(entered) != before
    assert running.get("m-xaa-1", "/").headers["location"] == "/sign-in"


def test_signing_out_ends_the_session_on_the_server(running: House) -> None:
    left = running.post("m-xaa-1", "/sign-out")
    assert left.status_code == 200
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert running.get("m-xaa-1", "/").status_code == 303, "a kept cookie is of no use"
    assert running.post(None, "/sign-out").status_code == 200


@pytest.mark.parametrize("cookie", ["", "x", "deleted", "m-xaa-1", "é", "a" * 5000])
def test_a_made_up_cookie_is_nobody(running: House, cookie: str) -> None:
    headers = {b"host": HOST.encode(), b"accept": b"text/html", b"cookie": f"{COOKIE}={cookie}".encode()}
    assert str(running.client.get("/", headers=headers).url).endswith("/sign-in")


def test_the_cookie_of_another_port_is_another_s(running: House) -> None:
    token = running.stock["m-xaa-1"].token
    answer = running.get(None, "/", headers={"cookie": f"unbracket-9999={token}"})
    assert answer.status_code == 303


def test_links_are_tried_a_bounded_number_of_times(running: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path = link_for(running, "m-xbb-1")
    for _ in range(security.SIGN_IN_ATTEMPTS):
        assert running.get(None, "/sign-in/unknown").status_code == 410
    stopped = running.get(None, path)
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0
    assert "Wait five minutes" in stopped.text
    assert running.post(None, path).status_code == 429
    assert running.get("m-xaa-1", "/").status_code == 200, "who is in stays in"


def test_one_s_own_other_sessions_can_be_ended(running: House) -> None:
    other = cookie_of(running.post(None, link_for(running, "m-xbb-1")))
    assert "Sign out everywhere else" in running.get("m-xbb-1", "/account").text
    running.post("m-xbb-1", "/account/sessions", {"session": "others"})
    assert running.get("m-xbb-1", "/", token=other).status_code == 303
    assert running.get("m-xbb-1", "/").status_code == 200


def test_nobody_ends_another_s_session(running: House) -> None:
    page = running.get("m-sec", "/people/m-xbb-1").text
    found = re.search(r'name="session" value="([0-9a-f]{16})"', page)
    assert found
    running.post("m-xaa-1", "/account/sessions", {"session": found[1]})
    assert running.get("m-xbb-1", "/").status_code == 200
    running.post("m-sec", "/people/m-xbb-1/sessions", {"session": found[1]})
    assert running.get("m-xbb-1", "/").status_code == 303


def test_suspending_shuts_out_at_once_and_letting_in_needs_a_new_link(running: House) -> None:
    running.post("m-sec", "/people/m-xbb-1/suspension", {"suspended": "yes"})
    assert running.get("m-xbb-1", "/").status_code == 303
    running.post("m-sec", "/people/m-xbb-1/suspension", {"suspended": "no"})
    assert running.get("m-xbb-1", "/").status_code == 303
    token = cookie_of(running.post(None, link_for(running, "m-xbb-1")))
    assert running.get("m-xbb-1", "/", token=token).status_code == 200


def test_a_changed_role_holds_with_the_next_page(running: House) -> None:
    assert running.get("m-xbb-1", f"/opinions/{OPINION}").status_code == 200
    running.post("m-sec", "/people/m-xbb-1", {"name": "Expert Borduria 1", "role": "observer", "delegation": "XBB"})
    answer = running.get("m-xbb-1", f"/opinions/{OPINION}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/opinions/{OPINION}/live")
    assert running.get("m-xbb-1", f"/opinions/{OPINION}/live").status_code == 200


# --- the demonstration


@pytest.fixture
def demo(settings: Settings) -> Iterator[House]:
    settings = replace(settings, port=8123)
    stock = stocked(settings)
    with Database(settings) as database:
        database.run(lambda c: save_process(c, Process("The demonstration", demo=True)))
        database.run(lambda c: add_member(c, "Left Already", Role.OBSERVER, member_id="m-gone"))
        database.run(lambda c: c.exec_driver_sql("UPDATE members SET suspended = 1 WHERE id = 'm-gone'"))
    with opened(settings, stock, demo=True) as started:
        yield started


def test_a_host_name_of_its_own_makes_its_visitor_that_person(demo: House) -> None:
    page = demo.get(None, "/", host="m-xbb-1.localhost:8123")
    assert page.status_code == 200
    assert "You are Expert Borduria 1" in page.text
    token = cookie_of(page)
    again = demo.get("m-xbb-1", "/", token=token, host="m-xbb-1.localhost:8123")
    assert "set-cookie" not in again.headers, "the session goes on"
    other = demo.get("m-xbb-1", "/", token=token, host="m-chair.localhost:8123")
    assert "You are Rosa Chair" in other.text


def test_a_refused_person_of_the_demonstration_is_still_somebody(demo: House) -> None:
    page = demo.get(None, "/settings", host="m-obs.localhost:8123")
    assert page.status_code == 403
    assert "You are Olu Watcher" in page.text
    assert cookie_of(page)


@pytest.mark.parametrize("host", ["nobody.localhost:8123", "m-gone.localhost:8123", "localhost:8123", HOST])
def test_no_other_host_name_signs_anybody_in(demo: House, host: str) -> None:
    page = demo.get(None, "/", host=host)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")


def test_looking_at_the_choice_makes_nobody_anybody(demo: House) -> None:
    page = demo.get(None, "/demo", host="m-xbb-1.localhost:8123")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert "anyone who" in page.text
    for name in ("Expert Arcadia 1", "Rosa Chair", "Olu Watcher", "Ada Keeper"):
        assert name in page.text
    assert "Left Already" not in page.text
    assert f'href="http://m-obs.localhost:8123/opinions/{OPINION}/live"' in page.text


def test_where_host_names_do_not_reach_a_person_is_taken_by_a_button(demo: House) -> None:
    entered = demo.post(None, "/demo", {"persona": "m-obs"})
    assert entered.status_code == 303
    assert "You are Olu Watcher" in demo.get(None, "/", token=cookie_of(entered)).text
    assert demo.post(None, "/demo", {"persona": "m-gone"}).status_code == 404
    assert demo.post(None, "/demo", {"persona": "nobody"}).status_code == 404
    assert demo.post(None, "/demo", {"persona": "m-obs"}, host="m-chair.localhost:8123").status_code == 404


def test_one_person_s_page_cannot_act_as_another(demo: House) -> None:
    forged = {"origin": "http://m-obs.localhost:8123"}
    assert demo.post(None, "/sign-out", host="m-chair.localhost:8123", headers=forged).status_code == 403


def test_every_page_of_the_demonstration_says_what_it_is(demo: House) -> None:
    for path in ("/", "/demo", "/people", "/nowhere", f"/opinions/{OPINION}", f"/opinions/{OPINION}/live"):
        page = demo.get(None, path, host="m-sec.localhost:8123")
        assert "Demonstration: parties and texts are invented" in page.text, path


def test_outside_of_the_demonstration_there_is_no_such_way_in(running: House) -> None:
    assert running.get(None, "/demo").status_code == 404
    assert running.post(None, "/demo", {"persona": "m-admin"}).status_code == 404
    assert running.get(None, "/", host="m-admin.localhost:8123").status_code == 421
    assert auth.persona_of("m-admin.localhost:8123") == "m-admin"
