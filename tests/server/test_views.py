"""[P5, P6] Who gives views only: nobody is entered to draft for them, and rooms are told which they are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from opinions.process_rules import ProcessRules
from opinions.roles import DelegationKind, Region, Role
from server.database import Database
from server.opinion_store import load_for_room
from server.people_store import PeopleRefused, add_member, change_member, save_delegation
from server.process_store import ProcessRefused, load_process, save_process
from server.roster.giving import give_part
from server.roster.views import drafting, giving_views
from server.settings import Settings
from tests.support.services import BOTH
from tests.support.stock import OPINION, stocked
from tests.support.visitors import House, opened

DATABASES = BOTH
NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)
ACADEMIA, STATE, SECTOR = DelegationKind.ACADEMIA, DelegationKind.MEMBER_STATE, DelegationKind.SECTOR_MEMBER
KIND_OF = {"XUU": "University of Umbra", "XBB": "Borduria", "XAA": "Arcadia"}


@pytest.fixture
def record(settings: Settings) -> Iterator[Database]:
    """The stocked record: XUU is academia with one who gives views, XAA and XBB are States with two experts each."""
    stocked(settings)
    with Database(settings) as database:
        yield database


def becomes(record: Database, code: str, kind: DelegationKind) -> None:
    """Gives a delegation another kind."""
    record.run(lambda c: save_delegation(c, code, KIND_OF[code], kind, Region.NONE, new=False))


def with_kinds(*kinds: DelegationKind) -> ProcessRules:
    """The rules by which these kinds give views."""
    return ProcessRules(views_kinds=frozenset(kinds))


def test_p5_rooms_are_told_who_gives_views(record: Database) -> None:
    """[P5] As the rules and the kinds are when the room opens."""
    assert record.run(lambda c: load_for_room(c, OPINION)).views == {"XUU"}
    becomes(record, "XUU", SECTOR)
    assert record.run(lambda c: load_for_room(c, OPINION)).views == set()
    record.run(lambda c: save_process(c, replace(load_process(c), rules=with_kinds(SECTOR))))
    stored = record.run(lambda c: load_for_room(c, OPINION))
    assert stored.views == {"XUU"}
    assert stored.views < stored.delegations


@pytest.mark.parametrize("role", [Role.EXPERT, Role.FOCAL_POINT])
def test_p6_nobody_is_entered_to_draft_for_it(record: Database, role: Role) -> None:
    """[P6] Neither anew, nor by another role, nor by another delegation."""
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: add_member(c, "Una Umbra", role, "XUU"))
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: change_member(c, "m-views", "Vera Views", role, "XUU"))
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: change_member(c, "m-xaa-1", "Expert Arcadia 1", role, "XUU"))
    with pytest.raises(PeopleRefused):
        record.run(lambda c: give_part(c, "m-views", OPINION, role, NOW))
    record.run(lambda c: change_member(c, "m-views", "Vera Views", Role.OBSERVER, "XUU"))


def test_p6_a_part_in_one_opinion_goes_before_the_delegation_does(record: Database) -> None:
    """[P6] An observer of a State who drafts in one Opinion does not come along with the part."""
    record.run(lambda c: change_member(c, "m-xaa-2", "Expert Arcadia 2", Role.OBSERVER, "XAA"))
    record.run(lambda c: give_part(c, "m-xaa-2", OPINION, Role.EXPERT, NOW, begins_at=NOW + timedelta(days=9)))
    assert "Expert Arcadia 2" in record.run(lambda c: drafting(c, ["XAA"]))
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: change_member(c, "m-xaa-2", "Expert Arcadia 2", Role.OBSERVER, "XUU"))


def test_p6_a_delegation_does_not_become_one_while_somebody_drafts_for_it(record: Database) -> None:
    """[P6] Refused with the names, by kind and by rules; with the people entered otherwise it goes through."""
    names = "Expert Borduria 1, Expert Borduria 2"
    with pytest.raises(PeopleRefused, match=names):
        becomes(record, "XBB", ACADEMIA)
    with pytest.raises(ProcessRefused, match=f"{names}, Expert Cascadia 1") as refusal:
        record.run(lambda c: save_process(c, replace(load_process(c), rules=with_kinds(STATE))))
    assert refusal.value.field == "views_kinds"
    for number in (1, 2):
        record.run(
            partial(
                change_member,
                member_id=f"m-xbb-{number}",
                name=f"Expert Borduria {number}",
                role=Role.CONTRIBUTOR,
                delegation="XBB",
            )
        )
    becomes(record, "XBB", ACADEMIA)
    assert record.run(giving_views) == {"XUU", "XBB"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app on the stocked record."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("house") / "data", port=8123)
    with opened(settings, stocked(settings)) as running:
        yield running


def test_p5_a_changed_kind_holds_in_a_room_that_was_open(house: House) -> None:
    """[P5] The secretariat acts for XUU while it is a Sector Member, and not when it has become academia again."""
    proposal = {"delegation": "XUU", "kind": "SUP", "paragraph": "p-item-00002"}

    def entered(number: int) -> tuple[int, str]:
        fields = {"act": "enter_proposals", "proposals": [{**proposal, "amendment": f"a-views-{number}"}]}
        answer = house.post("m-sec", f"/api/opinions/{OPINION}/commands", json={"key": f"key-{number:06}", **fields})
        return answer.status_code, answer.json().get("code", "")

    def becomes(kind: str) -> int:
        form = {"code": "XUU", "name": "University of Umbra", "kind": kind, "region": ""}
        return house.post("m-sec", "/delegations/XUU", form).status_code

    assert entered(1) == (403, "not-allowed")
    assert becomes("sector_member") == 303
    assert entered(2) == (200, "")
    assert becomes("academia") == 303
    assert entered(3) == (403, "not-allowed")
    refused = house.post("m-sec", "/delegations/XBB", {"name": "Borduria", "kind": "academia", "region": ""})
    assert refused.status_code == 422
    assert "Expert Borduria 1" in refused.text


def test_p5_its_people_have_no_way_into_the_room(house: House) -> None:
    """[P5, P1] Neither the channel over HTTP nor a command; the pages of the drafts are another matter."""
    assert house.post("m-views", f"/frames/opinions/{OPINION}").status_code == 403
    fields = {"key": "key-000009", "act": "cosponsor", "amendment": "a-views-2", "revision": 1}
    assert house.post("m-views", f"/api/opinions/{OPINION}/commands", json=fields).status_code == 403
