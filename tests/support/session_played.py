"""A sitting played by commands as pages send them: proposals, positions, a call, outcomes, a compromise, a package.

What it leaves on the record touches every part of a report; `HOLDER` is a party that nothing names but as a holder.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from opinions.record import Document
from opinions.roles import DelegationKind, Region, Role
from server.ids import new_id
from server.people_store import add_member, save_delegation
from server.session_store import start_session
from tests.support.stock import ITEM, OPINION, WORDS
from tests.support.visitors import House

HOLDER, HOLDER_NAME = "QZX", "Quezaria"
MEETING = "Third meeting"
STATEMENT = "Our capital has not seen these words."
OBJECTION = "Prices are not for this forum."
UNTIL = "2027-03-05T09:00:00+00:00"
ITEMS = tuple(f"p-item-{number:05}" for number in range(2, 8))


@dataclass
class Played:
    """The amendments by the letter they are called here, and what lies on the table."""

    house: House
    opinion: str = OPINION
    ids: dict[str, str] = field(default_factory=dict)

    def command(self, who: str, party: str = "", **fields: Any) -> None:
        """One command; the test fails with the server's words where it is refused."""
        given = {**fields, "key": new_id("k"), "party": party}
        answer = self.house.ask(who, "POST", f"/api/opinions/{self.opinion}/commands", json=given)
        assert answer.status_code == 200, (fields, answer.text)

    def propose(self, letter: str, party: str, paragraph: str, was: str, text: str, **fields: Any) -> None:
        """An amendment of words in a paragraph of the stock; `was == text`: square brackets round them."""
        words = WORDS if paragraph == ITEM else f"that item {int(paragraph[-1])} stands,"
        start = words.index(was)
        self.ids[letter] = new_id("a")
        one = {
            "amendment": self.ids[letter],
            "delegation": party,
            "kind": "bracket" if was == text else "MOD",
            "paragraph": paragraph,
            "replacements": [{"start": start, "end": start + len(was), "was": was, "text": text}],
            **fields,
        }
        who = "m-holder" if party == HOLDER else f"m-{party.lower()}-1"
        self.command(who, party, act="enter_proposals", proposals=[one])

    def rule(self, letter: str, ruling: str, **fields: Any) -> None:
        """The chair's ruling on revision 1."""
        self.command("m-chair", act="record_outcome", amendment=self.ids[letter], revision=1, ruling=ruling, **fields)

    def say(self, who: str, letter: str, attitude: str, note: str = "") -> None:
        """A delegation's position on revision 1."""
        party = who.split("-")[1].upper()
        fields = {"amendment": self.ids[letter], "revision": 1, "attitude": attitude, "note": note}
        self.command(who, party, act="take_position", **fields)

    def document(self) -> Document:
        """The document as it stands."""
        assert self.house.client.portal is not None
        return self.house.client.portal.call(self.house.services.hub.document, self.opinion)


def with_holder(house: House) -> None:
    """A delegation that is named nowhere but beside what it holds, with one expert, `m-holder`."""

    def add(connection: Connection) -> str:
        save_delegation(connection, HOLDER, HOLDER_NAME, DelegationKind.MEMBER_STATE, Region.NONE, new=True)
        add_member(connection, "Hana Expert", Role.EXPERT, HOLDER, member_id="m-holder", email="hana@example.org")
        return start_session(connection, "m-holder", datetime.now(UTC), timedelta(days=1))

    people = house.stock.people
    assert isinstance(people, dict)
    sample = house.stock["m-xaa-1"]
    people["m-holder"] = type(sample)("m-holder", Role.EXPERT, HOLDER, house.write(add))


def played(house: House) -> Played:
    """Play it. `with_holder` was called before."""
    one = Played(house)
    one.command("m-chair", act="open_sitting", name=MEETING, level="ieg")
    one.command("m-sec", act="mark_present", delegations=["XAA", "XBB", "XCC"])
    one.propose("many", "XAA", ITEM, "some", "many", reason="More than some.")
    one.propose("all", "XBB", ITEM, "some", "all")
    one.propose("held", HOLDER, ITEMS[0], "item", "item", reason="We wait for our capital.")
    one.propose("held too", HOLDER, ITEMS[1], "stands", "is kept")
    one.propose("price", "XDD", ITEMS[2], "stands", "has its price")
    one.propose("call", "XCC", ITEMS[3], "stands", "remains")
    one.propose("aside", "XBB", ITEMS[4], "stands", "may stand")
    one.propose("gone", "XDD", ITEMS[5], "stands", "goes")
    one.say("m-xcc-1", "many", "support")
    one.say("m-xdd-1", "many", "reserve", STATEMENT)
    one.say("m-xaa-1", "held", "oppose", "It was agreed before.")
    one.say("m-xaa-1", "price", "formal_objection", OBJECTION)
    item = {"amendment": one.ids["call"], "revision": 1}
    one.command("m-chair", act="open_call", call="c-reported-1", items=[item], seconds=60, note="Before lunch.")
    one.command("m-xbb-1", "XBB", act="answer_call", call="c-reported-1", answer="object", note="The word is ours.")
    one.command("m-xaa-1", "XAA", act="answer_call", call="c-reported-1", answer="need_time")
    one.command("m-chair", act="decide_call", call="c-reported-1", ruling="agreed_ad_referendum", note="So decided.")
    one.rule("price", "not_retained")
    one.rule("aside", "set_aside", asked_by=["XAA"], until=UNTIL)
    one.command("m-xdd-1", "XDD", act="withdraw", amendment=one.ids["gone"])
    open_call = {"amendment": one.ids["held too"], "revision": 1}
    one.command("m-chair", act="open_call", call="c-reported-2", items=[open_call], seconds=600)
    one.ids["middle"] = new_id("a")
    return one
