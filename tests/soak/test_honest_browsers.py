"""A fixed slice of the campaign, and faults that it must find: a browser that writes by itself, a check left out."""

import time
from collections.abc import Iterator

import pytest

from crdt import protocol
from crdt.decoder import Kind
from tests.crdt import bytes as raw
from tests.crdt.bytes import struct, typed
from tests.crdt.odd import Odd
from tests.soak.honest_browsers import Sitters, Tally, sit
from tests.support.watched_pages import Pages


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """One Node process for all tests here."""
    with Pages() as running:
        yield running


def test_who_only_looks_on_writes_nothing_and_all_show_the_same(pages: Pages) -> None:
    tally = Tally()
    sit(pages, 12, 1, tally, time.monotonic() + 60, updates=30)
    assert tally.failures == []
    assert tally.accepted == 30
    assert len(tally.counts) > 7, "few kinds of odd updates are accepted: the campaign tries little"


def odd_in(sitters: Sitters) -> Odd:
    """A modified client with what an attacker's page holds."""
    client = sitters.sitting.clients["attacker"]
    assert client.document is not None
    return Odd(client.document.state(), int(client.welcome["client"]), (), (), sitters.chance)


def let_through(sitters: Sitters, update: bytes) -> list[str]:
    """What is found when a server without a check sends this to everybody."""
    for page in sitters.watching.values():
        page.take(protocol.update(0, 99, (update,)))
    return sitters.looks_are_right()


def test_a_browser_that_tidies_by_itself_is_found(pages: Pages) -> None:
    """[D8] The page lets Yjs tidy formatting, as Yjs does unless told not to."""
    sitters = Sitters(pages, 1, 1, tidying=True)
    found: list[str] = []
    for _ in range(60):
        sitters.somebody_writes()
        found = sitters.looks_are_right()
        if found:
            break
    sitters.close()
    assert any("the page looking wrote" in one for one in found)


def test_a_mark_that_a_check_let_through_is_found(pages: Pages) -> None:
    """[D4] Our own page writes nothing even then; it shows less than the text holds, and that is seen."""
    sitters = Sitters(pages, 1, 1)
    odd = odd_in(sitters)
    gap = odd.gap()
    assert gap
    update = typed(odd.client, odd.clock, *odd.chain([(raw.formatting("bold"), 1), (raw.string("x"), 1)], *gap))
    found = let_through(sitters, update)
    sitters.close()
    assert any("editor and Yjs" in one and "bold" in one for one in found)
    assert not any("by itself" in one for one in found)


def test_a_paragraph_in_a_paragraph_that_a_check_let_through_is_found(pages: Pages) -> None:
    """[D2] y-prosemirror deletes the whole paragraph, for everybody."""
    sitters = Sitters(pages, 1, 1)
    odd = odd_in(sitters)
    (_, text) = next(pair for pair in odd.structs(Kind.TEXT) if pair[0] == 1)
    update = typed(odd.client, odd.clock, struct(raw.element(), origin=(1, text.clock)))
    found = let_through(sitters, update)
    sitters.close()
    assert any(one.startswith("y-prosemirror at looking wrote") for one in found)
