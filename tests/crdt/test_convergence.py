"""Everybody sees the same text, whatever the network and the server do (crdt/SPEC.md, L3, L4; T2, T3 of the style
guide).

Safety is looked at in every run and progress at its end: all that was acknowledged is in the logs once, replaying a
log gives the live
document, every client shows what the server holds, nothing stays unacknowledged, and a good edit still gets in.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crdt.document import SharedDocument, Touched
from crdt.gate import Gate
from crdt.log import check_chain
from opinions.carry import drafts_of, lifted
from opinions.edits import Edit, InsertText
from opinions.model import DelegationCode, Mark, MarkKind
from opinions.record import Document
from tests.crdt.yjs import Yjs, YjsClient
from tests.support.bad_network import BadNetwork
from tests.support.builders import document, paragraph

STEPS = 120
SEEN: Counter[str] = Counter()


def table() -> Document:
    return document(
        paragraph("par-0001", "that access depends on income and on skills"),
        paragraph("par-0002", "that the divide persists in many countries"),
        paragraph("par-0003", "to consider targets"),
    )


def check_safety(network: BadNetwork) -> None:
    for name, log in network.shelf.logs.items():
        check_chain(name, log)
        numbers = [(entry.client, entry.n) for entry in log if entry.n]
        assert len(numbers) == len(set(numbers)), "an update was logged twice"


def check_replay(network: BadNetwork) -> None:
    """[L4] Log = live = any snapshot and the tail behind it."""
    updates = [update for entry in network.shelf.logs["op1"] for update in entry.updates]
    live = network.room.document()
    assert Gate(1, "record", updates).view() == live
    for cut in range(1, len(updates), 1 + len(updates) // 5):
        state = Gate(1, "record", updates[:cut]).state()
        assert Gate(1, "record", (state, *updates[cut:])).view() == live


def check_agreement(network: BadNetwork) -> None:
    live = network.room.document()
    for name, client in network.clients.items():
        view = client.view()
        assert not client.sent, f"{name} waits for an acknowledgement"
        if name == "chair":
            assert view.text == live.text
        assert lifted(drafts_of(view), view.text) == live.text, f"{name} shows another text"
        for amendment in live.record.amendments.values():
            assert view.amendment(amendment.id) == amendment


def check_progress(network: BadNetwork) -> None:
    client = network.clients["XAA"]
    first = client.view().text.paragraphs[0]
    mine = frozenset({Mark(MarkKind.INSERTION, "a-at-the-end")})
    network.lines["XAA"].up.append(client.write([InsertText(first.id, 0, "still ", mine)], "XAA"))
    network.settle_down()
    assert not client.refusals
    assert client.view().text.paragraphs[0].text.startswith("still ")


def run(random: Random, make: Callable[[int, Sequence[bytes]], SharedDocument] = SharedDocument) -> BadNetwork:
    network = BadNetwork(table(), random, make)
    for _ in range(STEPS):
        before, entries = network.room.document(), len(network.shelf.logs["op1"])
        network.step()
        if len(network.shelf.logs["op1"]) == entries:
            assert network.room.document() == before, "something reached others without an entry"
    network.settle_down()
    check_safety(network)
    check_replay(network)
    check_agreement(network)
    check_progress(network)
    SEEN.update(network.kinds)
    return network


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_everybody_ends_with_the_same_text(random: Random) -> None:
    run(random)


@pytest.mark.parametrize("seed", range(12))
def test_seeded_sittings_over_bad_lines_converge(seed: int) -> None:
    run(Random(seed))


class Browser(SharedDocument):
    """A real Yjs document in Node that types and takes in; ours beside it reads the record, and must show the same
    text.
    """

    def __init__(self, yjs: Yjs, client: int, updates: Sequence[bytes]) -> None:
        self.yjs = YjsClient(yjs, client, DelegationCode("XAA"), b"\0\0")
        super().__init__(client, updates)
        self.yjs.apply(updates)

    def write(self, edits: Sequence[Edit], root: str = "record") -> tuple[bytes, Touched]:
        update = self.yjs.types(*edits)
        return update, super().apply([update] if update else [])

    def apply(self, updates: Sequence[bytes], entries: object = None) -> Touched:  # type: ignore[override]
        self.yjs.apply(updates)
        return super().apply(updates)

    def state_vector(self) -> bytes:
        return self.yjs.state_vector()


@pytest.mark.parametrize("seed", range(8))
def test_three_yjs_browsers_and_the_server_converge(seed: int) -> None:
    """The same over real Yjs 13: nothing is ever left pending in it, and its text is the server's at the end."""
    with Yjs() as yjs:
        network = run(Random(seed), lambda client, updates: Browser(yjs, client, updates))
        for name, client in network.clients.items():
            if isinstance(client.document, Browser):
                assert client.document.yjs.opinion() == client.view().text, name


def test_the_runs_did_what_they_are_for() -> None:
    """A simulation that generates nothing would pass. The seeds here are those of the test above."""
    kinds = SEEN or run(Random(1)).kinds
    for kind in ("InsertText", "SetMark", "DeleteText", "submit", "break", "crash", "resend"):
        assert kinds[kind], kind
    assert kinds["rule-agreed"] or kinds["rule-not_retained"]
