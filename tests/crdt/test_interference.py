"""Whatever is typed, the words of others stay theirs (I1, I2, I3): honest and dishonest typing, alone and in races.

Every session is checked from outside, by `opinions.rules`, not by the gate's own judgement.
"""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt import effect, gate
from crdt.errors import UpdateRefused
from crdt.gate import Accepted
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark, SetParagraph
from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    DelegationCode,
    Kind,
    Mark,
    MarkKind,
    Opinion,
    Paragraph,
    Run,
    joined,
)
from opinions.record import Document
from opinions.rules import without
from tests.crdt.desk import Client, Desk, own, place, sound, trace
from tests.crdt.edits import edits_of
from tests.support.strategies import DELEGATIONS, documents

LETTERS = "ab é€\U0001f600"


def desk_of(document: Document) -> Desk:
    """A desk with a generated document on it."""
    amendments = document.record.amendments.values()
    owners: dict[str, DelegationCode] = {entry.id: entry.delegation for entry in amendments}
    return Desk(document.text, owners, [entry.id for entry in amendments if not entry.open or entry.pinned])


# -- what is held against every accepted update


def fair(before: Opinion, after: Opinion, mine: frozenset[AmendmentId]) -> None:
    """I1 and I2, seen from outside: what is not the sender's is as it was, and no mark of others has spread."""
    assert without(mine, before) == without(mine, after), "[I1] what remains without the sender's proposals changed"
    had, has = spread(before), spread(after)
    for mark, count in has.items():
        if mark.kind is not MarkKind.EM and mark.kind is not MarkKind.NOTEREF and mark.id not in mine:
            assert count <= had[mark], f"[I2] {mark.key} is on more characters than before"
    for paragraph in after:
        assert not paragraph.added or paragraph.added in mine or before.find(paragraph.id), (
            "[I2] added in another's name"
        )


def spread(text: Opinion) -> Counter[Mark]:
    """On how many characters each mark stands."""
    found: Counter[Mark] = Counter()
    for paragraph in text:
        for run in paragraph.runs:
            for mark in run.marks:
                found[mark] += len(run.text)
    return found


def checked(desk: Desk, client: Client, update: bytes) -> Accepted:
    """Sends an update and holds what it did against the rules; a refusal must leave no trace."""
    before, mine = desk.text, desk.own_ids(client.party)
    held = trace(desk.gate)
    try:
        accepted = desk.check(client, update)
    except UpdateRefused:
        assert trace(desk.gate) == held, "a refused update left a trace"
        raise
    fair(before, desk.text, mine | accepted.new_ids)
    told: dict[str, Paragraph] = {paragraph.id: paragraph for paragraph in before}
    for was, now in accepted.touched:
        assert was is None or told[was.id] == was
        assert now is None or desk.text.find(now.id) == now
        told.pop(was.id if was else "", None)
        if now:
            told[now.id] = now
    assert told == {p.id: p for p in desk.text}, "the gate did not tell every paragraph that changed"
    return accepted


# -- honest typing


class Typist:
    """Does what the editor lets a delegation do, at random."""

    def __init__(self, desk: Desk, client: Client, chance: random.Random) -> None:
        self.desk, self.client, self.chance = desk, client, chance
        self.outbox: list[bytes] = []
        self.inbox: list[bytes] = []
        self.fresh = 0

    def ids(self) -> list[AmendmentId]:
        """Its amendments as its own document shows them, and a new one."""
        self.fresh += 1
        return [*sorted(self.desk.own_ids(self.client.party)), AmendmentId(f"a-{self.client.client}-{self.fresh}")]

    def types(self) -> None:
        """Makes an update, for the outbox."""
        edits = list(self.edits())
        update = self.client.types(*edits) if edits else b""
        if update:
            self.outbox.append(update)

    def edits(self) -> Iterator[Edit]:
        """One thing that may be done."""
        chance, text = self.chance, self.client.opinion()
        mine = self.ids()
        name = chance.choice(mine)
        act = chance.choice(
            ("type", "type", "type", "take back", "strike", "lift", "bracket", "italics", "add", "remove")
        )
        if act == "add" or not text.paragraphs:
            number = chance.randrange(10**6)
            words = Run("".join(chance.choices(LETTERS, k=3)), own(mine[-1]))
            new = Paragraph(place(f"p-new-{number}"), Kind.PARAGRAPH, 0, (words,), mine[-1])
            after = chance.choice([None, *(p.id for p in text)])
            yield AddParagraph(after, new)
            return
        paragraph = chance.choice(text.paragraphs)
        length = len(paragraph.text)
        low = chance.randint(0, length)
        high = min(length, low + chance.randint(1, 5))
        match act:
            case "type":
                yield InsertText(paragraph.id, low, "".join(chance.choices(LETTERS, k=chance.randint(1, 4))), own(name))
            case "strike" | "bracket" | "lift" if low < high:
                kind = MarkKind.BRACKET if act == "bracket" else MarkKind.DELETION
                yield SetMark(paragraph.id, low, high, Mark(kind, name), act != "lift")
            case "take back" | "italics":
                at = 0
                for run in paragraph.runs:
                    end = at + len(run.text)
                    if run.insertion in mine[:-1]:
                        cut = chance.randint(at, end)
                        if act == "italics":
                            yield SetMark(paragraph.id, at, cut, Mark(MarkKind.EM), chance.random() < 0.7)
                        else:
                            yield DeleteText(paragraph.id, at, cut)
                        return
                    at = end
            case "remove":
                for one in text:
                    if one.added in mine[:-1] and all(run.insertion in mine for run in one.runs):
                        yield RemoveParagraph(one.id)
                        return

    def hears(self) -> None:
        """Takes in what others did."""
        for update in self.inbox:
            self.client.apply((update,))
        self.inbox.clear()

    def starts_over(self) -> None:
        """After a refusal: a new document under a new client id."""
        self.desk.clients.remove(self.client)
        self.client = self.desk.client(self.client.party)
        self.outbox.clear()
        self.inbox.clear()


@given(documents(), st.integers(0, 2**32))
def test_honest_typing_one_after_the_other_is_taken_as_it_is(document: Document, seed: int) -> None:
    """[I1, I2] Where nobody is in anybody's way nothing is refused and nothing needs mending."""
    chance, desk = random.Random(seed), desk_of(document)
    typists = [Typist(desk, desk.client(party), chance) for party in (*DELEGATIONS, DELEGATIONS[0])]
    for _ in range(12):
        typist = chance.choice(typists)
        typist.types()
        for update in typist.outbox:
            accepted = checked(desk, typist.client, update)
            assert accepted.updates == (update,), "honest sequential typing was mended"
            for other in typists:
                if other is not typist:
                    other.client.apply((update,))
        typist.outbox.clear()
    for typist in typists:
        assert typist.client.opinion() == desk.text
    sound(desk.gate)


@given(documents(), st.integers(0, 2**32))
def test_honest_typing_at_once_changes_nothing_of_others(document: Document, seed: int) -> None:
    """[I1, I2, I3] Updates cross on the way: marks may be mended; a paragraph with words of others does not go."""
    chance, desk = random.Random(seed), desk_of(document)
    typists = [Typist(desk, desk.client(party), chance) for party in (*DELEGATIONS, DELEGATIONS[0])]
    for _ in range(40):
        typist = chance.choice(typists)
        match chance.choice(("type", "type", "send", "hear", "commit")):
            case "type":
                typist.types()
            case "hear":
                typist.hears()
            case "commit":
                desk.gate.commit()
            case _:
                deliver(desk, typists, typist, {"structure", "orphaned"})
    settle(desk, typists, {"structure", "orphaned"})


@given(documents(), st.integers(0, 2**32))
def test_honest_typing_while_the_server_decides(document: Document, seed: int) -> None:
    """Paragraphs go, insertions are agreed while words for them are on the way: refused words leave no trace."""
    chance, desk = random.Random(seed), desk_of(document)
    typists = [Typist(desk, desk.client(party), chance) for party in DELEGATIONS]
    codes = {"structure", "destroyed", "orphaned"}
    for _ in range(40):
        typist = chance.choice(typists)
        match chance.choice(("type", "type", "send", "hear", "decide")):
            case "type":
                typist.types()
            case "hear":
                typist.hears()
            case "decide":
                for update in decide(desk, chance):
                    for each in typists:
                        each.inbox.append(update)
            case _:
                deliver(desk, typists, typist, codes)
    settle(desk, typists, codes)


def decide(desk: Desk, chance: random.Random) -> list[bytes]:
    """The server takes a paragraph out, moves one, or agrees an amendment."""
    text = desk.text
    if not text.paragraphs:
        return []
    paragraph = chance.choice(text.paragraphs)
    match chance.choice(("remove", "move", "agree", "agree")):
        case "remove":
            edits: list[Edit] = [RemoveParagraph(paragraph.id)]
        case "move":
            after = chance.choice([None, *(p.id for p in text if p is not paragraph)])
            edits = [RemoveParagraph(paragraph.id), AddParagraph(after, paragraph)]
        case _:
            name = next((run.insertion for run in paragraph.runs if run.insertion), None)
            if name is None:
                return []
            desk.closed.add(name)
            edits = []
            for one in text:
                edits += agreed(one, name)
    update = desk.gate.write(edits)
    return [update] if update else []


def agreed(paragraph: Paragraph, name: AmendmentId) -> Iterator[Edit]:
    """An insertion becomes agreed text of that origin."""
    at = 0
    for run in paragraph.runs:
        end = at + len(run.text)
        if run.insertion == name:
            yield SetMark(paragraph.id, at, end, Mark(MarkKind.INSERTION, name), False)
            yield SetMark(paragraph.id, at, end, Mark(MarkKind.ORIGIN, name), True)
        at = end
    if paragraph.added == name:
        yield SetParagraph(paragraph.id, paragraph.kind, paragraph.level, None)


def deliver(desk: Desk, typists: list[Typist], typist: Typist, allowed: set[str]) -> None:
    """The gate takes the first update of an outbox, or the typist starts over."""
    if not typist.outbox:
        return
    update = typist.outbox.pop(0)
    try:
        accepted = checked(desk, typist.client, update)
    except UpdateRefused as refusal:
        if refusal.code not in allowed:
            raise
        typist.starts_over()
        return
    for other in typists:
        other.inbox.extend(accepted.updates[1:] if other is typist else accepted.updates)


def settle(desk: Desk, typists: list[Typist], allowed: set[str]) -> None:
    """Everything on the way arrives; then all show the same."""
    for typist in typists:
        while typist.outbox:
            deliver(desk, typists, typist, allowed)
    sound(desk.gate)
    for typist in typists:
        typist.hears()
        assert typist.client.opinion() == desk.text


# -- dishonest typing


@st.composite
def assaults(draw: st.DrawFn) -> tuple[Document, DelegationCode, list[Edit]]:
    """A document, a delegation, and edits that keep to no rule."""
    document = draw(documents(most_paragraphs=3, most_proposals=5))
    ids = [*document.record.amendments, "a-fresh1", "a-fresh2"]
    edits = draw(edits_of(document, most=4, ids=ids))
    return document, draw(st.sampled_from(DELEGATIONS)), [e for e in edits if not isinstance(e, _RECORD)]


_RECORD = tuple(
    kind for kind in Edit.__args__ if kind.__name__ in ("PutAmendment", "DropAmendment", "PutParagraph", "PutOpinion")
)


@given(assaults())
def test_dishonest_typing_changes_nothing_of_others(case: tuple[Document, DelegationCode, list[Edit]]) -> None:
    """[I1, I2] Taken or refused, mended or not: what is others' stays, and nothing new is in their name."""
    document, party, edits = case
    assail(desk_of(document), party, edits)


def assail(desk: Desk, party: DelegationCode, edits: list[Edit]) -> bool:
    """Has a delegation send edits that keep to no rule; says whether they were taken."""
    client = desk.client(party)
    update = client.types(*edits)
    if not update:
        return False
    try:
        accepted = checked(desk, client, update)
    except UpdateRefused:
        return False
    for paragraph in desk.text:
        assert paragraph.runs == joined(paragraph.runs)
    for heard in accepted.updates[1:]:
        client.apply((heard,))
    assert client.opinion() == desk.text
    sound(desk.gate)
    return True


# -- the tests notice when the gate does not do its work


ASSAULTS: list[list[Edit]] = [
    [DeleteText(place("par-1"), 0, 3)],
    [DeleteText(place("par-1"), 8, 9), InsertText(place("par-1"), 0, "x", own("a-mine"))],
    [InsertText(place("par-1"), 3, "x", own("a-theirs"))],
    [SetMark(place("par-1"), 0, 3, Mark(MarkKind.DELETION, "a-theirs"), True)],
    [RemoveParagraph(place("par-1"))],
]


def small_desk() -> Desk:
    """One paragraph: agreed words, another's, one's own."""
    words = (Run("agreed "), Run("theirs ", own("a-theirs")), Run("mine", own("a-mine")))
    text = Opinion((Paragraph(place("par-1"), Kind.PARAGRAPH, 0, words),))
    return Desk(text, {"a-mine": DELEGATIONS[0], "a-theirs": DELEGATIONS[1]})


def plant(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Puts a fault into the gate."""
    if fault == "I1 is skipped":
        monkeypatch.setattr(gate, "interferes", lambda *_: False)
        monkeypatch.setattr(gate, "destroys", lambda *_: False)
        monkeypatch.setattr(effect, "_went", lambda *_: None)
        monkeypatch.setattr(effect._Runs, "take", _take_unseen)
    else:
        monkeypatch.setattr(effect.Rights, "own", lambda *_: True)


def _take_unseen(self: effect._Runs, count: int) -> Iterator[tuple[int, frozenset[Mark]]]:
    """Deleted characters, all of them as if they were nobody's to miss."""
    self.at += count
    while count:
        length = min(count, self._left or self._next())
        self._left -= length
        count -= length
    return iter(())


@pytest.mark.parametrize("fault", ["I1 is skipped", "nobody asks whose mark it is"])
def test_planted_faults_are_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The properties above fail when the gate skips I1, or does not ask whose mark it is."""
    plant(monkeypatch, fault)
    noticed = 0
    for edits in ASSAULTS:
        try:
            assail(small_desk(), DELEGATIONS[0], edits)
        except AssertionError as error:
            assert "[I1]" in str(error) or "[I2]" in str(error)  # noqa: PT017
            noticed += 1
    assert noticed >= 2, f"nobody noticed: {fault}"


def test_i1_holds_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """[G12] The equation is asked last: it refuses what every rule before it would have let through."""
    monkeypatch.setattr(gate, "destroys", lambda *_: False)
    monkeypatch.setattr(gate, "judge", lambda *_: effect.Verdict([], 1))
    for edits in ASSAULTS:
        desk = small_desk()
        assert desk.refused(desk.client(DELEGATIONS[0]), *edits) == "interference"


def test_marks_of_proposals_are_the_ones_that_somebody_owns() -> None:
    """What `fair` holds on to is what the model calls marks of pending proposals, and origin."""
    assert {MarkKind.EM, MarkKind.NOTEREF, MarkKind.ORIGIN} | AMENDMENT_MARKS == set(MarkKind)
