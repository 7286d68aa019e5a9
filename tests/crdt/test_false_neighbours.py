"""Updates that lie about their neighbours: what Yjs and yrs promise nobody, and the gate therefore refuses (G5).

Every item names what stood to its left and to its right where it was typed. Both libraries put items that were typed
at once into the same order everywhere, whatever arrives first, as long as those were neighbours in some state of the
document. A modified client can name others: the order would then depend on what arrived first, and a document read
anew would differ from the one that grew - a delegation's workspace above all, whose two logs arrive in different orders
in different places.
"""

import pytest

from crdt.decoder import Id, Kind, decode_update
from crdt.document import SharedDocument
from crdt.room import Room, Setting
from opinions import commands
from opinions.edits import AddParagraph
from opinions.model import Opinion
from tests.crdt import bytes as raw
from tests.crdt.bytes import struct, typed
from tests.crdt.desk import XAA
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import document, paragraph
from tests.support.rooms import PARTIES, Sitting

FIRST, SECOND = 1000, 1001


def letters_of(state: bytes) -> dict[str, Id]:
    """The items of the letters that the server wrote."""
    return {
        letter: (1, one.clock + at)
        for block in decode_update(state, trusted=True).blocks
        for one in block.structs
        if one.kind is Kind.STRING and block.client == 1
        for at, letter in enumerate(one.value)
    }


def test_the_library_orders_false_neighbours_by_arrival() -> None:
    """Before "b" with nothing to the left; behind "a" with nothing to the right: "b" and "a" are there all the same."""
    founder = SharedDocument(1)
    founder.write([AddParagraph(None, paragraph("par-1", "abcd"))])
    at = letters_of(founder.state())
    before = typed(FIRST, 0, struct(raw.string("X"), right=at["b"]))
    behind = typed(SECOND, 0, struct(raw.string("h"), origin=at["a"]))

    def text(*updates: bytes) -> str:
        grown = SharedDocument(9, (founder.state(),))
        for update in updates:
            grown.apply((update,))
        return grown.opinion().paragraphs[0].text

    assert text(before, behind) != text(behind, before)


@pytest.mark.parametrize("first", ["at home", "in the room"])
def test_a_workspace_reads_the_same_when_it_is_read_anew(first: str) -> None:
    """[G5, L4] Two of one delegation with modified clients, one in the workspace, one in live drafting."""
    sitting = Sitting(document(paragraph("par-1", "abcd")))
    sitting.join("chair", THE_CHAIR, workspace=False)
    sitting.ask("chair", commands.OpenLiveDrafting(True))
    sitting.join("at home", expert("XAA"))
    sitting.join("in the room", expert("XAA"), workspace=False)
    held = sitting.clients["at home"].document
    assert held is not None
    at = letters_of(held.state())
    wanted = {"at home": struct(raw.string("x"), right=at["b"]), "in the room": struct(raw.string("x"), origin=at["a"])}
    for name in sorted(wanted, key=lambda name: name != first):
        client = sitting.clients[name]
        sitting.send(name, client.update(typed(int(client.welcome["client"]), 0, wanted[name]), XAA))
    # "b" with nothing before it never was; "a" with nothing behind it is what somebody sees who has the "a" alone.
    assert [one.code for one in sitting.clients["at home"].refusals] == ["unknown-dependency"]
    assert sitting.clients["in the room"].refusals == []
    assert read_anew(sitting) == sitting.room.workspace(XAA).gate.live_view().text


def read_anew(sitting: Sitting) -> Opinion:
    """The workspace of a room opened from the stored logs."""
    setting = Setting("op1", PARTIES, lambda kind: f"{kind}-anew", lambda record: b"")
    room = Room(setting, sitting.shelf.stored("op1"), sitting.shelf.workspaces())
    return room.workspace(XAA).gate.live_view().text
