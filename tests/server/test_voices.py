"""One voice per delegation, and groups that speak for members: who, by whose word, and what open sockets learn."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from opinions.model import DelegationCode
from opinions.process_rules import ProcessRules
from opinions.record import Document
from opinions.roles import Act, DelegationKind, Region, Role, may
from server.database import Database
from server.opinion_store import load_for_room
from server.people_store import (
    PeopleRefused,
    actor_for,
    add_member,
    appoint,
    appointed_in,
    change_member,
    require_member,
    save_delegation,
)
from server.process_store import Process, found_opinion, save_process
from server.roster.giving import give_part
from server.roster.groups import MAX_GROUPS, GroupRefused, all_groups, remove_group, save_group, speaking
from server.roster.parts import turn
from server.roster.voices import VoiceRefused, name_voice, voices_in
from server.session_store import suspend_member
from tests.support.services import BOTH

DATABASES = BOTH
NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATE = DelegationKind.MEMBER_STATE
XAA = DelegationCode("XAA")


def fill(connection: Connection) -> None:
    """Two States with two experts each, an academic institution, one Opinion."""
    for code, name, kind in (
        ("XAA", "Arcadia", STATE),
        ("XBB", "Borduria", STATE),
        ("XUU", "University of Umbra", DelegationKind.ACADEMIA),
    ):
        save_delegation(connection, code, name, kind, Region.NONE, new=True)
    for member, name, code in (
        ("amara", "Amara Okoye", "XAA"),
        ("ada", "Ada Lind", "XAA"),
        ("boris", "Boris Lang", "XBB"),
        ("bea", "Bea Roth", "XBB"),
    ):
        add_member(connection, name, Role.EXPERT, code, member_id=member)
    add_member(connection, "Sam Clerk", Role.SECRETARIAT, member_id="sam")
    found_opinion(connection, Document(), title="One", member="sam", name="Sam", at=NOW, opinion_id="o-1")


@pytest.fixture
def record(database: Database) -> Database:
    database.run(fill)
    return database


def version(record: Database, member: str) -> int:
    return record.run(lambda c: require_member(c, member)).version


def speaks(record: Database, member: str, opinion: str | None = None, now: datetime = NOW) -> bool:
    """Whether the person may take positions there; the refusal otherwise names the voice."""

    def look(connection: Connection) -> bool:
        found = require_member(connection, member)
        appointed = appointed_in(connection, opinion, now) if opinion else None
        voices = voices_in(connection, found.delegation or "")
        actor = actor_for(found, appointed, voices)
        assert actor.voice is not bool(actor.voice_name)
        return may(actor, Act.POSITION_TAKE)

    return record.run(look)


def become(record: Database, member: str, role: Role) -> None:
    found = record.run(lambda c: require_member(c, member))
    record.run(lambda c: change_member(c, member, found.name, role, found.delegation))


def test_p7_with_no_focal_point_any_expert_speaks(record: Database) -> None:
    assert [speaks(record, one) for one in ("amara", "ada")] == [True, True]


def test_p7_the_focal_point_speaks_or_whom_it_names(record: Database) -> None:
    """[P7] Those who lose the voice by it, and those who gain it, have a new version."""
    before = [version(record, one) for one in ("amara", "ada", "boris")]
    become(record, "ada", Role.FOCAL_POINT)
    assert [speaks(record, one) for one in ("amara", "ada")] == [False, True]
    assert version(record, "amara") == before[0] + 1
    assert record.run(lambda c: name_voice(c, XAA, "amara", "ada", NOW)) == {"amara", "ada"}
    assert [speaks(record, one) for one in ("amara", "ada")] == [True, False]
    assert version(record, "amara") == before[0] + 2
    assert version(record, "boris") == before[2], "nobody else is disturbed"
    assert record.run(lambda c: name_voice(c, XAA, "amara", "ada", NOW)) == frozenset()
    assert record.run(lambda c: name_voice(c, XAA, None, "ada", NOW)) == {"amara", "ada"}
    assert [speaks(record, one) for one in ("amara", "ada")] == [False, True]


def test_p7_whoever_goes_takes_the_voice_along(record: Database) -> None:
    """[P7] A voice that is suspended, or acts for the delegation no more, is none; it comes back with the person."""
    record.run(lambda c: name_voice(c, XAA, "amara", "sam", NOW))
    assert not speaks(record, "ada")
    was = version(record, "ada")
    record.run(lambda c: suspend_member(c, "amara", True, NOW))
    assert (speaks(record, "ada"), version(record, "ada")) == (True, was + 1)
    record.run(lambda c: suspend_member(c, "amara", False, NOW))
    assert (speaks(record, "ada"), version(record, "ada")) == (False, was + 2)
    become(record, "amara", Role.OBSERVER)
    assert (speaks(record, "ada"), version(record, "ada")) == (True, was + 3)
    record.run(lambda c: add_member(c, "Abel Focal", Role.FOCAL_POINT, "XAA"))
    assert (speaks(record, "ada"), version(record, "ada")) == (False, was + 4)


@pytest.mark.parametrize("member", ["boris", "sam", "nobody"])
def test_p7_only_its_own_people_speak_for_a_delegation(record: Database, member: str) -> None:
    with pytest.raises(VoiceRefused, match="expert or focal point of XAA"):
        record.run(lambda c: name_voice(c, XAA, member, "sam", NOW))


def test_p7_a_delegation_whose_focal_point_chairs_is_not_without_a_voice(record: Database) -> None:
    """[P7] In that Opinion the others speak; elsewhere the focal point does."""
    become(record, "ada", Role.FOCAL_POINT)
    was = version(record, "amara")
    record.run(lambda c: appoint(c, "o-1", "ada", frozenset()))
    assert (speaks(record, "amara", "o-1"), speaks(record, "amara")) == (True, False)
    assert version(record, "amara") == was + 1


def test_p7_a_part_that_begins_moves_the_voice_and_the_version(record: Database) -> None:
    become(record, "ada", Role.FOCAL_POINT)
    give = partial(give_part, member_id="amara", opinion="o-1", role=Role.FOCAL_POINT, now=NOW, begins_at=NOW + HOUR)
    record.run(lambda c: give(c))
    was = version(record, "amara"), version(record, "ada")
    assert not speaks(record, "amara", "o-1")
    assert record.run(lambda c: turn(c, NOW + HOUR)) == {"amara"}
    assert speaks(record, "amara", "o-1", NOW + HOUR)
    assert speaks(record, "ada", "o-1", NOW + HOUR), "two focal points"
    record.run(lambda c: give_part(c, "ada", "o-1", Role.OBSERVER, NOW))
    assert (version(record, "amara"), version(record, "ada")) == (was[0] + 1, was[1] + 1)


# --- groups


def test_groups_are_entered_changed_and_taken_off_the_list(record: Database) -> None:
    saved = record.run(lambda c: save_group(c, "g77", "Group of 77", ["xbb", " XAA ", "XAA"], new=True))
    assert (saved.code, saved.members) == ("G77", ("XAA", "XBB"))
    assert record.run(speaking) == {"G77": {"XAA", "XBB"}}
    record.run(lambda c: save_group(c, "G77", "Group of 77 and China", ["XBB"], new=False))
    assert record.run(all_groups)[0].members == ("XBB",)
    assert record.run(lambda c: remove_group(c, "G77")) is not None
    assert record.run(lambda c: remove_group(c, "G77")) is None
    assert record.run(all_groups) == ()


@pytest.mark.parametrize(
    ("code", "name", "members", "new", "field"),
    [
        ("7", "Seven", ["XAA"], True, "code"),
        ("XAA", "Arcadians", ["XAA"], True, "code"),
        ("SEC", "The secretariat", ["XAA"], True, "code"),
        ("CHR", "The chair", ["XAA"], True, "code"),
        ("LAS", "Another", ["XAA"], True, "code"),
        ("G77", "LEAGUE OF ARAB STATES", ["XAA"], True, "name"),
        ("G77", " ", ["XAA"], True, "name"),
        ("G77", "Group of 77", ["XAA", "XQQ"], True, "members"),
        ("G77", "Group of 77", [], True, "members"),
        ("G77", "Group of 77", ["XAA"], False, ""),
    ],
)
def test_groups_that_do_not_fit(
    record: Database, code: str, name: str, members: list[str], new: bool, field: str
) -> None:
    record.run(lambda c: save_group(c, "LAS", "League of Arab States", ["XAA"], new=True))
    with pytest.raises(GroupRefused) as refusal:
        record.run(lambda c: save_group(c, code, name, members, new=new))
    assert refusal.value.field == field
    assert [one.code for one in record.run(all_groups)] == ["LAS"]


def test_a_process_has_so_many_groups_and_no_delegation_takes_their_code(record: Database) -> None:
    def many(connection: Connection) -> None:
        for number in range(MAX_GROUPS):
            save_group(connection, f"G{number}A", f"Group number {number}", ["XAA"], new=True)

    record.run(many)
    with pytest.raises(GroupRefused, match=str(MAX_GROUPS)):
        record.run(lambda c: save_group(c, "LAS", "League of Arab States", ["XAA"], new=True))
    with pytest.raises(PeopleRefused, match="Group number 1"):
        record.run(lambda c: save_delegation(c, "G1A", "Groupland", STATE, Region.NONE, new=True))


def test_p8_rooms_are_told_who_may_object_and_which_groups_speak(record: Database) -> None:
    record.run(lambda c: save_group(c, "G77", "Group of 77", ["XBB"], new=True))
    stored = record.run(lambda c: load_for_room(c, "o-1"))
    states = frozenset({XAA, DelegationCode("XBB")})
    assert stored.objecting == states
    assert stored.groups == {"G77": {"XBB"}}
    everybody = Process(rules=ProcessRules(objecting_kinds=frozenset(DelegationKind)))
    record.run(lambda c: save_process(c, everybody))
    assert record.run(lambda c: load_for_room(c, "o-1")).objecting == states, "not those that give views"
