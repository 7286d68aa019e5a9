"""Delegations, people, links and sessions: what the store promises."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from opinions.model import DelegationCode
from opinions.process_rules import RULES
from opinions.record import Document
from opinions.roles import Actor, DelegationKind, Region, Role
from server.database import Database
from server.names import NameRefused
from server.people_store import (
    Member,
    PeopleRefused,
    UnknownMember,
    actor_for,
    add_member,
    all_delegations,
    appoint,
    appointed_in,
    change_member,
    find_member,
    require_member,
    save_delegation,
)
from server.process_store import found_opinion
from server.session_store import (
    find_session,
    forget_ended,
    invited,
    issue_invitation,
    pending_invitations,
    revoke_session,
    revoke_sessions,
    sessions_of,
    start_session,
    suspend_member,
    use_invitation,
)
from server.tables import invitations, sessions
from tests.support.services import BOTH

DATABASES = BOTH
NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
STATE = DelegationKind.MEMBER_STATE


@pytest.fixture
def people(database: Database) -> Database:
    """Two delegations, an expert each, one secretary, one administrator."""
    run = database.run
    run(lambda c: save_delegation(c, "XAA", "Arcadia", STATE, Region.AFRICA, new=True))
    run(lambda c: save_delegation(c, "XBB", "Borduria", STATE, Region.EUROPE, new=True))
    run(lambda c: add_member(c, "Amara Okoye", Role.EXPERT, "XAA", "amara@example.org", "amara"))
    run(lambda c: add_member(c, "Boris Lang", Role.FOCAL_POINT, "XBB", member_id="boris"))
    run(lambda c: add_member(c, "Sam Clerk", Role.SECRETARIAT, member_id="sam"))
    run(lambda c: add_member(c, "Ada Keeper", Role.ADMINISTRATOR, member_id="ada"))
    return database


@pytest.mark.parametrize("name", ["Arcadia", "ARCADIA", "Arc\u0430di\u0430".replace("\u0430", "a"), "\uff21rcadia"])
def test_a_delegation_whose_name_looks_like_another_is_refused(people: Database, name: str) -> None:
    with pytest.raises(PeopleRefused, match="Arcadia"):
        people.run(lambda c: save_delegation(c, "XCC", name, STATE, Region.NONE, new=True))
    assert [one.code for one in people.run(all_delegations)] == ["XAA", "XBB"]


def test_the_chair_s_code_and_a_taken_one_are_no_delegation_s(people: Database) -> None:
    with pytest.raises(NameRefused, match="chair"):
        people.run(lambda c: save_delegation(c, "chr", "Charlonia", STATE, Region.NONE, new=True))
    with pytest.raises(PeopleRefused, match="Arcadia"):
        people.run(lambda c: save_delegation(c, "xaa", "Arcania", STATE, Region.NONE, new=True))


def test_a_delegation_may_change_all_but_its_code(people: Database) -> None:
    saved = people.run(
        lambda c: save_delegation(c, "XAA", "New Arcadia", DelegationKind.SECTOR_MEMBER, Region.NONE, new=False)
    )
    assert (saved.code, saved.name, saved.kind) == ("XAA", "New Arcadia", DelegationKind.SECTOR_MEMBER)
    with pytest.raises(UnknownMember):
        people.run(lambda c: save_delegation(c, "XZZ", "Nowhere", STATE, Region.NONE, new=False))


def test_p2_a_role_never_follows_from_a_kind(people: Database) -> None:
    """[P2] Some kinds give views (P6): then it is refused, and the person stays what he or she is."""
    for kind in set(DelegationKind) - RULES.views_kinds:
        people.run(partial(save_delegation, code="XAA", name="Arcadia", kind=kind, region=Region.AFRICA, new=False))
        member = people.run(lambda c: require_member(c, "amara"))
        assert actor_for(member) == Actor("amara", "Amara Okoye", Role.EXPERT, DelegationCode("XAA"))


@pytest.mark.parametrize(
    ("name", "role", "delegation", "email", "message"),
    [
        ("Amara Okoye", Role.EXPERT, "XAA", "", "initial"),
        ("AMARA  OKOYE", Role.OBSERVER, "XAA", "", "initial"),
        ("Somebody", Role.EXPERT, None, "", "choose one"),
        ("Somebody", Role.EXPERT, "XQQ", "", "no delegation XQQ"),
        ("Somebody", Role.CHAIR, None, "", "appointed"),
        ("Somebody", Role.OBSERVER, None, "AMARA@example.org", "belongs to Amara"),
    ],
)
def test_people_who_cannot_be_added(
    people: Database, name: str, role: Role, delegation: str | None, email: str, message: str
) -> None:
    with pytest.raises(PeopleRefused, match=message):
        people.run(lambda c: add_member(c, name, role, delegation, email))


def test_two_delegations_may_send_people_of_one_name(people: Database) -> None:
    assert people.run(lambda c: add_member(c, "Amara Okoye", Role.EXPERT, "XBB")).id != "amara"


def test_only_what_changes_the_standing_of_a_person_raises_the_version(people: Database) -> None:
    member, changed = people.run(lambda c: change_member(c, "amara", "Amara Okoye", Role.EXPERT, "XAA", "new@x.org"))
    assert (member.version, changed, member.email) == (1, False, "new@x.org")
    member, changed = people.run(lambda c: change_member(c, "amara", "Amara Okoye", Role.OBSERVER, "XAA"))
    assert (member.version, changed) == (2, True)
    assert actor_for(member).delegation is None, "an observer acts for nobody"


def test_the_last_administrator_stays(people: Database) -> None:
    with pytest.raises(PeopleRefused, match="only administrator"):
        people.run(lambda c: suspend_member(c, "ada", True, NOW))
    with pytest.raises(PeopleRefused, match="only administrator"):
        people.run(lambda c: change_member(c, "ada", "Ada Keeper", Role.OBSERVER, None))
    people.run(lambda c: add_member(c, "Second", Role.ADMINISTRATOR))
    assert people.run(lambda c: suspend_member(c, "ada", True, NOW)).suspended


def test_who_is_in_the_chair_acts_for_no_delegation(people: Database) -> None:
    table = partial(found_opinion, document=Document(), title="One", member="sam", name="Sam", at=NOW)
    people.run(partial(table, opinion_id="o-1"))
    assert people.run(lambda c: appoint(c, "o-1", "amara", frozenset({"boris"}))) == {"amara", "boris"}
    appointed = people.run(lambda c: appointed_in(c, "o-1", NOW))
    amara, boris = (people.run(partial(require_member, member_id=one)) for one in ("amara", "boris"))
    assert actor_for(amara, appointed) == Actor("amara", "Amara Okoye", Role.CHAIR, None)
    assert actor_for(boris, appointed).role is Role.ACTING_CHAIR
    assert actor_for(amara).delegation == "XAA", "outside of this Opinion nothing changed"
    assert (amara.version, boris.version) == (2, 2)
    assert people.run(lambda c: appoint(c, "o-1", "amara", frozenset())) == {"boris"}
    with pytest.raises(PeopleRefused, match="both"):
        people.run(lambda c: appoint(c, "o-1", "amara", frozenset({"amara"})))
    with pytest.raises(UnknownMember):
        people.run(lambda c: appoint(c, "o-1", "nobody", frozenset()))


# --- links


def test_a_link_works_once_and_looking_at_it_uses_nothing_up(people: Database) -> None:
    token = people.run(lambda c: issue_invitation(c, "amara", "sam", NOW, 3 * DAY))
    for _ in range(5):
        found = people.run(lambda c: invited(c, token, NOW))
        assert found is not None
        assert found.id == "amara"
    used = people.run(lambda c: use_invitation(c, token, NOW, 30 * DAY, "Firefox on Windows"))
    assert used is not None
    assert used[0].id == "amara"
    assert people.run(lambda c: use_invitation(c, token, NOW, 30 * DAY, "")) is None
    assert people.run(lambda c: invited(c, token, NOW)) is None


def test_a_link_ends_with_its_time_with_a_newer_one_and_with_a_suspension(people: Database) -> None:
    old = people.run(lambda c: issue_invitation(c, "amara", None, NOW, 3 * DAY))
    assert people.run(lambda c: invited(c, old, NOW + 3 * DAY - timedelta(seconds=1))) is not None
    assert people.run(lambda c: invited(c, old, NOW + 3 * DAY)) is None
    new = people.run(lambda c: issue_invitation(c, "amara", None, NOW, 3 * DAY))
    assert people.run(lambda c: invited(c, old, NOW)) is None
    assert people.run(lambda c: pending_invitations(c, NOW)) == {"amara": NOW + 3 * DAY}
    people.run(lambda c: suspend_member(c, "amara", True, NOW))
    assert people.run(lambda c: invited(c, new, NOW)) is None
    with pytest.raises(PeopleRefused, match="suspended"):
        people.run(lambda c: issue_invitation(c, "amara", None, NOW, DAY))
    people.run(lambda c: suspend_member(c, "amara", False, NOW))
    assert people.run(lambda c: invited(c, new, NOW)) is None, "a link that ended does not come back"


def test_no_secret_is_in_the_database(people: Database, settings: object) -> None:
    token = people.run(lambda c: issue_invitation(c, "amara", None, NOW, DAY))
    cookie = people.run(lambda c: start_session(c, "amara", NOW, DAY))
    assert len(token) >= 43
    assert token != cookie
    stored = people.run(lambda c: [*c.execute(select(invitations)), *c.execute(select(sessions))])
    assert token not in repr(stored)
    assert cookie not in repr(stored)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 100_000, "' OR 1=1 --"])
def test_a_made_up_token_lets_nobody_in(people: Database, token: str) -> None:
    assert people.run(lambda c: invited(c, token, NOW)) is None
    assert people.run(lambda c: find_session(c, token, NOW)) is None


# --- sessions


def test_a_session_ends_with_its_time_its_revocation_and_a_suspension(people: Database) -> None:
    def start() -> str:
        return people.run(lambda c: start_session(c, "amara", NOW, 30 * DAY, "Chrome on Linux"))

    def holder(token: str, at: datetime = NOW) -> Member | None:
        found = people.run(lambda c: find_session(c, token, at))
        return None if found is None else found[1]

    first, second, third = start(), start(), start()
    assert holder(first) == people.run(lambda c: find_member(c, "amara"))
    assert holder(first, NOW + 30 * DAY) is None
    listed = people.run(lambda c: sessions_of(c, "amara", NOW))
    assert len({one.id for one in listed}) == 3
    found = people.run(lambda c: find_session(c, second, NOW))
    assert found is not None
    assert not people.run(lambda c: revoke_session(c, "boris", found[0].id, NOW)), "only one's own"
    assert people.run(lambda c: revoke_session(c, "amara", found[0].id, NOW))
    assert holder(second) is None
    assert holder(first) is not None
    people.run(lambda c: revoke_sessions(c, "amara", NOW))
    assert holder(first) is None
    assert holder(third) is None
    fourth = start()
    people.run(lambda c: suspend_member(c, "amara", True, NOW))
    assert holder(fourth) is None


def test_the_last_use_is_kept_to_the_hour(people: Database) -> None:
    token = people.run(lambda c: start_session(c, "amara", NOW, 30 * DAY))
    for minutes, seen in ((30, 0), (61, 0), (90, 61)):
        found = people.run(partial(find_session, token=token, now=NOW + timedelta(minutes=minutes)))
        assert found is not None
        assert found[0].seen_at == NOW + timedelta(minutes=seen)


def test_ended_sessions_are_forgotten(people: Database) -> None:
    people.run(lambda c: start_session(c, "amara", NOW, DAY))
    people.run(lambda c: issue_invitation(c, "amara", None, NOW, DAY))
    kept = people.run(lambda c: start_session(c, "amara", NOW, 30 * DAY))
    people.run(lambda c: forget_ended(c, NOW + 2 * DAY))
    assert people.run(lambda c: len(c.execute(select(sessions)).all())) == 1
    assert people.run(lambda c: len(c.execute(select(invitations)).all())) == 0
    assert people.run(lambda c: find_session(c, kept, NOW)) is not None
