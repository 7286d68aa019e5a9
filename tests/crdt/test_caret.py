"""Typing on is known by its first bytes; what is then said of it is what the decoder and the preflight say."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from crdt.caret import Caret
from crdt.decoder import Id, decode_update
from crdt.errors import UpdateRefused
from crdt.gate import Accepted, Gate, Sender
from crdt.preflight import Checked, preflight
from opinions.edits import InsertText, RemoveParagraph
from opinions.model import AmendmentId, Kind, Paragraph, Run
from tests.crdt import bytes as raw
from tests.crdt.desk import XAA, XAB, Client, Desk, own, place, trace
from tests.support.builders import paragraph

P1, P2 = place("par-1"), place("par-2")
OWN = "insertion:a-mine"


def spelled(checked: Checked) -> dict[str, Any]:
    """All that a check has found out, as values."""
    values = {name: getattr(checked, name) for name in Checked.__slots__}
    values["runs"] = [(run.clock, run.end, run.kind, run.place, run.key) for run in checked.runs]
    return values


class Careful(Gate):
    """A gate that looks at every update both ways."""

    quick = 0

    @override
    def _read(self, update: bytes, client: int) -> Checked:
        caret = self._carets.get(client)
        found = caret.goes_on(update, self._index) if caret is not None else None
        checked = preflight(decode_update(update), client, self._index, caret.tail if caret else None)
        if found is not None:
            self.quick += 1
            assert spelled(found) == spelled(checked)
        return checked


class Twins:
    """Two gates on one text, one of which always goes the long way, and a client of XAA that types by bytes."""

    def __init__(self) -> None:
        runs = (Run("We "), Run("gladly", own("a-mine")), Run(" agree"), Run(" not", own("a-theirs")))
        text = (
            Paragraph(P1, Kind.PARAGRAPH, 0, runs),
            Paragraph(P2, Kind.PARAGRAPH, 0, (Run("more", own("a-all")),), AmendmentId("a-all")),
            paragraph("par-3", "end"),
        )
        self.desk = Desk(text, {"a-mine": XAA, "a-all": XAA, "a-theirs": XAB})
        self.careful = Careful(1, "record", (self.desk.gate.state(),))
        self.me, self.other = self.desk.client(XAA), self.desk.client(XAB)

    @property
    def clock(self) -> int:
        return self.desk.gate.clock(self.me.client)

    def tail(self) -> tuple[Id, Id | None]:
        """The item behind which the client types on: its last one, or a place in the text that it begins with."""
        caret = self.desk.gate._carets.get(self.me.client)
        return caret.tail if caret else ((self.me.client, max(self.clock - 1, 0)), None)

    def letters(self, words: str | bytes, *, right: bool = True) -> bytes:
        """The update that types on."""
        before, after = self.tail()
        one = raw.struct(raw.string(words), origin=before, right=after if right else None)
        return raw.typed(self.me.client, self.clock, one)

    def send(self, client: Client, update: bytes) -> str:
        """The word of both gates, which is the same: a code, or empty when the update is taken."""
        said: list[Accepted | str] = []
        for gate in (self.desk.gate, self.careful):
            try:
                said.append(gate.check(update, self.sender(client)))
            except UpdateRefused as refusal:
                said.append(refusal.code)
        assert said[0] == said[1]
        assert trace(self.desk.gate) == trace(self.careful)
        if isinstance(said[0], str):
            return said[0]
        self.desk.gate.commit()
        self.careful.commit()
        return ""

    def sender(self, client: Client) -> Sender:
        minted = iter(range(100))
        mine = frozenset(one for one, party in self.desk.owners.items() if party == client.party)
        return Sender(
            client=client.client,
            party=client.party,
            editable=mine,
            own_closed=frozenset(),
            foreign=frozenset(self.desk.owners) - mine,
            new_id=lambda: AmendmentId(f"a-minted-{next(minted)}"),
        )

    def does(self, client: Client, *edits: InsertText) -> str:
        """A client's own document makes the update, from what the gate has."""
        fresh = Client(client.client, client.party, self.desk.gate.state())
        return self.send(client, fresh.types(*edits))


WORDS = st.one_of(
    st.text(st.sampled_from("abc é\u4e00\U0001f600\u202e\n\u200d"), max_size=4),
    st.sampled_from(["x" * 126, "x" * 127, "x" * 128, "é" * 64, "x" * 21_000]),
)
DEEDS = st.one_of(
    st.tuples(st.just("letters"), WORDS, st.booleans()),
    st.tuples(st.just("letters"), st.text("abc", min_size=1, max_size=2), st.just(True)),
    st.tuples(st.just("bent"), st.text("abc", min_size=1, max_size=3), st.integers(0, 40), st.integers(0, 255)),
    st.tuples(st.just("cut"), st.text("abc", min_size=1, max_size=3), st.integers(1, 6)),
    st.tuples(st.just("again")),
    st.tuples(st.just("begin"), st.sampled_from([(P1, 5, "a-mine"), (P1, 3, "a-mine"), (P2, 4, "a-all"), (P1, 0, "")])),
    st.tuples(st.just("other"), st.integers(0, 6)),
    st.tuples(st.just("backspace"), st.integers(1, 3)),
    st.tuples(st.just("removed"), st.sampled_from([P1, P2])),
)


@given(st.lists(DEEDS, max_size=25))
@settings(deadline=None)
def test_g1_to_g6_typing_on_is_read_as_the_long_way_reads_it(deeds: list[tuple[Any, ...]]) -> None:
    """[G1 to G6, G13] Whatever comes: what is known by its first bytes is what the long way finds, and both gates say
    and keep the same.
    """
    twins = Twins()
    twins.does(twins.me, InsertText(P1, 5, "x", own("a-mine")))
    last = b""
    for what, *how in deeds:
        match what:
            case "letters":
                last = twins.letters(how[0], right=how[1])
                twins.send(twins.me, last)
            case "bent":
                update = bytearray(twins.letters(how[0]))
                update[how[1] % len(update)] = how[2]
                twins.send(twins.me, bytes(update))
            case "cut":
                twins.send(twins.me, twins.letters(how[0])[: -how[1]])
            case "again" if last:
                twins.send(twins.me, last)
            case "begin":
                where, at, name = how[0]
                standing = twins.desk.text.find(where)
                if standing is not None and len(standing.text) >= at:
                    twins.does(twins.me, InsertText(where, at, "y", own(name) if name else frozenset()))
            case "other":
                standing = twins.desk.text.find(P1)
                if standing is not None and len(standing.text) >= how[0]:
                    twins.does(twins.other, InsertText(P1, how[0], "z", own("a-theirs")))
            case "backspace" if twins.clock > how[0]:
                gone = raw.update(gone=raw.deletes((twins.me.client, twins.clock - how[0], how[0])))
                twins.send(twins.me, gone)
            case "removed" if twins.desk.text.find(how[0]) is not None:
                for gate in (twins.desk.gate, twins.careful):
                    gate.write([RemoveParagraph(how[0])])
                    gate.commit()


def test_nearly_all_typing_is_known_by_its_first_bytes() -> None:
    """[G4] The letters of a word after its first, also those with accents; not those of two units."""
    twins = Twins()
    assert twins.does(twins.me, InsertText(P1, 5, "x", own("a-mine"))) == ""
    for letter in "yz é":
        assert twins.send(twins.me, twins.letters(letter)) == ""
    assert twins.careful.quick == 4
    assert twins.send(twins.me, twins.letters("\U0001f600")) == ""
    assert twins.careful.quick == 4


@pytest.mark.parametrize("words", ["", "\n", "\u202e", b"\xff", b"\xed\xa0\x80"])
def test_g13_what_may_not_stand_in_a_text_goes_the_long_way(words: str | bytes) -> None:
    twins = Twins()
    twins.does(twins.me, InsertText(P1, 5, "x", own("a-mine")))
    caret = twins.desk.gate._carets[twins.me.client]
    assert isinstance(caret, Caret)
    assert caret.goes_on(twins.letters(words), twins.desk.gate._index) is None
    assert twins.send(twins.me, twins.letters(words)) in ("malformed", "unicode")
