"""The table of names (server/SPEC.md, AV1): every setting, audience and outlet."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, product

import pytest

from opinions.model import DelegationCode, Opinion
from opinions.names_withheld import with_names
from opinions.on_table import Presence, Sitting
from opinions.record import Amendment, Document, Level, OpinionRecord, Record
from opinions.roles import Role
from opinions.visibility import (
    NOTHING,
    WHOLE,
    Attribution,
    Audience,
    NamesShown,
    Outlet,
    as_narrow,
    audience_of,
    names_shown,
    narrower,
)
from tests.support.builders import amendment

CODES = NamesShown(True, False)
INSIDE = (Audience.TABLE, Audience.GROUP)
FILES = {
    Attribution.ALL: (WHOLE, WHOLE, CODES, CODES),
    Attribution.DELEGATIONS: (CODES, CODES, NOTHING, NOTHING),
    Attribution.CHAIR_AND_SECRETARIAT: (CODES, NOTHING, NOTHING, NOTHING),
    Attribution.NONE: (NOTHING, NOTHING, NOTHING, NOTHING),
}


@pytest.mark.parametrize("setting", Attribution)
def test_av1_the_table(setting: Attribution) -> None:
    assert tuple(names_shown(setting, one, Outlet.FILE) for one in Audience) == FILES[setting]
    for audience in Audience:
        room = names_shown(setting, audience, Outlet.ROOM)
        assert room == (WHOLE if audience in INSIDE else names_shown(setting, audience, Outlet.FILE))


def test_av1_a_narrower_setting_never_shows_more() -> None:
    def shows(setting: Attribution, audience: Audience, outlet: Outlet) -> int:
        told = names_shown(setting, audience, outlet)
        return told.delegations + told.persons

    for wider, less in pairwise(Attribution):
        for audience, outlet in product(Audience, Outlet):
            assert shows(less, audience, outlet) <= shows(wider, audience, outlet)
    for one, other in product(Attribution, repeat=2):
        assert narrower(one, other) == narrower(other, one)
        assert narrower(one, other) in as_narrow(one)
        assert (other in as_narrow(one)) == (narrower(one, other) is other)


def test_av1_every_role_reads_as_somebody() -> None:
    assert {role: audience_of(role) for role in Role} == {
        Role.CHAIR: Audience.TABLE,
        Role.ACTING_CHAIR: Audience.TABLE,
        Role.SECRETARIAT: Audience.TABLE,
        Role.EXPERT: Audience.GROUP,
        Role.FOCAL_POINT: Audience.GROUP,
        Role.FACILITATOR: Audience.GROUP,
        Role.CONTRIBUTOR: Audience.OBSERVERS,
        Role.OBSERVER: Audience.OBSERVERS,
        Role.ADMINISTRATOR: Audience.OBSERVERS,
    }
    assert audience_of(None) is Audience.PUBLIC


def test_av1_the_naming_of_a_view_follows() -> None:
    one: Amendment = amendment("a-1", "XAA", sponsors=("XBB",))
    assert WHOLE.naming(one) == ("XAA", "XBB")
    assert NOTHING.naming(one) == ()
    assert CODES.codes(("XAA",)) == ("XAA",)
    assert NOTHING.codes(("XAA",)) == ()


def test_cr3_who_is_at_the_sitting_is_withheld_as_holders_are() -> None:
    """[CR3] In the record of a document as everywhere in it: the codes of those marked, and by whom they were."""
    there = Presence(DelegationCode("XAA"), datetime(2026, 2, 5, tzinfo=UTC), "A Person")
    sitting = Sitting("Third meeting", Level.IEG, datetime(2026, 2, 5, tzinfo=UTC), (there,))
    whole = Document(Opinion(), Record(opinion=OpinionRecord(sitting=sitting)))
    assert with_names(whole, WHOLE) == whole
    told = with_names(whole, CODES).record.opinion.sitting
    assert told == replace(sitting, present=(replace(there, by=""),))
    assert with_names(whole, NOTHING).record.opinion.sitting == replace(sitting, present=())
