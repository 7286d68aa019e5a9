"""A document of 260,000 edits: a hall that comes into it at once, and the first who opens it after a start."""

import time
from pathlib import Path

from crdt.protocol import varbytes
from tests.bench import servers as known
from tests.bench.long_document import EDITS
from tests.bench.measuring import Found, Options, Scenario, Show, noted, of_joins, rounds, without_sessions
from tests.bench.plans import Connection
from tests.bench.runs import Load, Run, run
from tests.bench.servers import Missing, Running
from tests.bench.workshop import Workshop

STORM = (known.OURS, known.OURS_DEFLATED, known.RELAY, known.HOCUSPOCUS, known.PYCRDT)
COLD = (known.OURS, known.HOCUSPOCUS_SQLITE)
AFTER_SECONDS = 0.5
"""Work put off until the content was sent counts too, if it is done within so long."""
LEAST_SHARE = 0.1
"""Of the state's bytes; what is less, compressed or not, cannot be the content."""


def _storm(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("storm", f"join storm: 1,000 clients come at once into a document of {EDITS:,} edits")
    stock, state = shop.long_stock, shop.long.state
    found.remarks.append(
        "Browsers offer to take deflated messages, and the text is deflated once for all of them. Without the offer "
        "ours sends the bytes that everybody sends, and so it is measured against the others' processor time."
    )
    people = shop.sizes.storm
    connections = [Connection(0, stock.tokens[n], brings=state if n == 0 else b"") for n in range(people)]
    return rounds(
        found,
        STORM,
        Load(connections, at_once=people),
        options,
        of_joins,
        show,
        stores=dict.fromkeys((known.OURS, known.OURS_DEFLATED), stock.data_dir.parent),
        opinions=stock.opinions,
        answer=b"\0\1" + varbytes(state),
    )


def _cold(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found(
        "cold",
        f"cold open: a server has just started, and somebody opens a document of {EDITS:,} edits from the store",
    )
    found.remarks.append(
        "CPU from the first byte of the first connection until half a second after the content. Ours finds an entry of "
        "the log for every edit, and a snapshot with 250 entries behind it, as a server leaves it that is stopped "
        "between two snapshots; Hocuspocus the snapshot that it wrote itself."
    )
    load = Load([Connection(0, shop.long_stock.tokens[0])])
    stores = {known.OURS: shop.long_stock.data_dir.parent}
    contenders = options.of(COLD)
    if known.HOCUSPOCUS_SQLITE in contenders:
        stores[known.HOCUSPOCUS_SQLITE] = shop.long_hocuspocus
    for number in range(options.rounds):
        for contender in contenders:
            asked = load if contender.checks else without_sessions(load)
            kept = stores[contender]
            measured = run(contender, asked, kept=kept, opinions=shop.long_stock.opinions, after=_a_moment)
            if measured.joined.joined != 1 or measured.joined.bytes < LEAST_SHARE * len(shop.long.state):
                raise Missing(f"{contender.name} did not bring the document that its store was filled with")
            values = _of_opening(measured) | {"store MB": _size(kept)}
            noted(found, contender.name, measured, values, f"{number + 1}/{options.rounds}", show)
    return found


def _of_opening(measured: Run) -> dict[str, float]:
    return {
        "CPU s": measured.opening,
        "content after ms": measured.joined.seconds * 1000,
        "MB sent": measured.joined.bytes / 1e6,
        "memory MB": measured.resident,
    }


def _a_moment(server: Running) -> dict[str, float]:
    time.sleep(AFTER_SECONDS)
    return {}


def _size(kept: Path) -> float:
    return sum(path.stat().st_size for path in kept.rglob("*") if path.is_file()) / 1e6


JOIN_STORM = Scenario("storm", _storm, lambda asked: 30 + asked.rounds * 31)
COLD_OPEN = Scenario("cold", _cold, lambda asked: 8 + asked.rounds * 6)
