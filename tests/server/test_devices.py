"""One's own other device by a short code; a computer that others use; the rules of the process as a form."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from opinions.roles import DelegationKind, Region, Role
from server.database import Database
from server.identity.attempts import RATES, Try
from server.people_store import add_member, save_delegation
from server.process_store import load_process
from server.session_store import (
    CODE_LENGTH,
    CODE_LETTERS,
    DEVICE_LIFETIME,
    SHARED_LIFETIME,
    as_typed,
    find_session,
    invited,
    issue_device_code,
    issue_invitation,
    pending_invitations,
    use_invitation,
)
from server.settings import Settings
from server.tables import invitations
from server.tables.identity import audit_events
from tests.support.stock import OPINION
from tests.support.visitors import COOKIE, House, house

NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def amara(database: Database) -> Database:
    database.run(lambda c: save_delegation(c, "XAA", "Arcadia", DelegationKind.MEMBER_STATE, Region.NONE, new=True))
    database.run(lambda c: add_member(c, "Amara Okoye", Role.EXPERT, "XAA", member_id="amara"))
    return database


def test_a_code_is_good_once_for_minutes_and_leaves_the_invitation_as_it_is(amara: Database) -> None:
    invitation = amara.run(lambda c: issue_invitation(c, "amara", None, NOW, MONTH))
    first = amara.run(lambda c: issue_device_code(c, "amara", NOW))
    code = amara.run(lambda c: issue_device_code(c, "amara", NOW))
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_LETTERS)
    assert not amara.run(lambda c: invited(c, first, NOW)), "a newer code ends it"
    assert not amara.run(lambda c: invited(c, code, NOW + DEVICE_LIFETIME))
    assert amara.run(lambda c: invited(c, invitation, NOW)), "the link that was sent is still good"
    assert amara.run(lambda c: pending_invitations(c, NOW))["amara"] == NOW + MONTH
    used = amara.run(lambda c: use_invitation(c, as_typed(f" {code[:5].lower()}-{code[5:]} "), NOW, MONTH, "Phone"))
    assert used is not None
    assert used[0].id == "amara"
    assert not amara.run(lambda c: use_invitation(c, code, NOW, MONTH, "Phone"))


# --- on the pages


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


def cookie_of(header: str) -> str:
    found = re.search(rf"{COOKIE}=([^;]+)", header)
    assert found
    return found[1]


def test_from_the_account_page_to_the_other_device(running: House) -> None:
    page = running.post("m-xaa-1", "/account/device").text
    found = re.search(r'id="device-code">([^<]+)<', page)
    assert found
    typed = running.get(None, "/sign-in", params={"code": found[1].lower()})
    assert typed.status_code == 303
    address = typed.headers["location"]
    assert "Expert Arcadia 1" in running.get(None, address).text
    entered = running.post(None, address)
    assert entered.status_code == 303
    assert "Max-Age" in entered.headers["set-cookie"]
    assert running.get(None, address).status_code == 410
    assert running.get("m-xaa-1", "/").status_code == 200, "the first device stays signed in"


def test_signing_out_everywhere_ends_the_code_too(running: House) -> None:
    """Whoever sat at one of these places may have made it."""
    ends = ({"session": "everywhere"}, {"session": "others"})
    for who, end in zip(("m-xdd-1", "m-xdd-2"), ends, strict=True):
        other = cookie_of(running.post(None, issued(running, who)).headers["set-cookie"])
        found = re.search(r'id="device-code">([^<]+)<', running.post(who, "/account/device", token=other).text)
        assert found
        assert running.get(None, f"/sign-in/{as_typed(found[1])}").status_code == 200
        running.post(who, "/account/sessions", end)
        assert running.get(None, f"/sign-in/{as_typed(found[1])}").status_code == 410


def test_codes_are_made_a_bounded_number_of_times_and_leave_nothing(running: House) -> None:
    most = RATES[Try.DEVICE].most
    answers = [running.post("m-obs", "/account/device").status_code for _ in range(most + 1)]
    assert answers == [200] * most + [429]
    kept = select(func.count()).select_from(invitations).where(invitations.c.member == "m-obs", invitations.c.device)
    assert running.write(lambda c: c.scalar(kept)) == 1


def test_a_shared_computer_keeps_the_sign_in_for_hours_and_not_beyond_the_browser(running: House) -> None:
    link = issued(running, "m-xbb-1")
    entered = running.post(None, link, {"shared": "yes"})
    cookie = entered.headers["set-cookie"]
    assert "Max-Age" not in cookie
    assert "expires" not in cookie.casefold()
    token = cookie_of(cookie)
    session = running.write(lambda c: find_session(c, token, datetime.now(UTC)))
    assert session is not None
    assert session[0].shared
    assert session[0].expires_at - session[0].created_at == SHARED_LIFETIME
    assert '"shared": true' in running.get(None, f"/opinions/{OPINION}", token=token).text
    assert running.get(None, f"/opinions/{OPINION}/read", token=token).headers["cache-control"] == "no-store"
    left = running.post(None, "/sign-out", token=token)
    assert left.headers["clear-site-data"] == '"cache", "storage"'


def test_a_computer_can_be_called_shared_however_one_signed_in(running: House) -> None:
    token = cookie_of(running.post(None, issued(running, "m-xcc-1")).headers["set-cookie"])
    answer = running.post(None, "/account/shared", token=token)
    assert "Max-Age" not in answer.headers["set-cookie"]
    assert cookie_of(answer.headers["set-cookie"]) == token
    page = running.get(None, "/account", token=token).text
    assert "shared computer" in page
    assert "Others use this computer" not in page
    left = running.post("m-xaa-1", "/sign-out")
    assert "clear-site-data" not in left.headers, "one's own browser keeps what is not sent yet"


def issued(running: House, member: str) -> str:
    token = running.write(lambda c: issue_invitation(c, member, None, datetime.now(UTC), MONTH))
    return f"/sign-in/{token}"


# --- the rules


FORM = {
    "name": "Process of the tests",
    "meeting_zone": "America/Nassau",
    "observers_see": "submitted",
    "attribution": "all",
    "rules": "yes",
    "views_kinds": ["academia", "associate"],
    "passkey_roles": [],
    "nominations_due": "2026-06-09T18:00",
    "contributions_due": "",
    "opinions_due": "",
    "contribution_pages": "5",
    "invitation_reminder_days": "3",
}


def test_rules_are_saved_in_the_meeting_zone_and_noted(running: House) -> None:
    assert running.post("m-sec", "/settings", FORM).status_code == 303
    rules = running.write(load_process).rules
    assert rules.nominations_due == datetime(2026, 6, 9, 22, 0, tzinfo=UTC)
    assert rules.views_kinds == {DelegationKind.ACADEMIA, DelegationKind.ASSOCIATE}
    assert (rules.contribution_pages, rules.invitation_reminder_days) == (5, 3)
    page = running.get("m-sec", "/settings").text
    assert 'value="2026-06-09T18:00"' in page
    chosen = select(audit_events.c.detail).where(audit_events.c.kind == "rules_changed")
    (noted,) = running.write(lambda c: c.execute(chosen).scalars().all())
    assert "meeting_zone: Europe/Zurich becomes America/Nassau" in noted
    assert "contribution_pages" in noted


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"contribution_pages": "none"}, "whole number from 1"),
        ({"invitation_reminder_days": "400"}, "whole number from 0"),
        ({"nominations_due": "tomorrow"}, "Give a date"),
        ({"nominations_due": "2026-06-09T18:00+02:00"}, "Give a date"),
        ({"views_kinds": ["dragons"]}, "that the page offers"),
        ({"views_kinds": ["member_state"]}, "draft for delegations"),
    ],
)
def test_rules_that_do_not_fit_are_refused_whole(running: House, changed: dict[str, object], said: str) -> None:
    before = running.write(load_process)
    answer = running.post("m-sec", "/settings", {**FORM, "name": "Another", **changed})
    assert answer.status_code == 422
    assert said in answer.text
    assert running.write(load_process) == before
