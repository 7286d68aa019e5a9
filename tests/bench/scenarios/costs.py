"""What a keystroke costs the gate, in a draft of 30 pages with 500 amendments and in one ten times as large; and what a
connection and an open draft of 30 pages cost in memory, as the difference between few and many of them.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

from tests.bench import servers as known
from tests.bench.material import Stock
from tests.bench.measuring import Found, Options, Scenario, Show, noted
from tests.bench.plans import Connection
from tests.bench.runs import Load, Run, run
from tests.bench.servers import ROOT, Missing, on_core
from tests.bench.workshop import FEW, FEW_DRAFTS, Workshop

UPDATES = 300
TIMEOUT_SECONDS = 300
KIB, MB = 1024, 1e6


def _gate(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("gate", "gate: microseconds of a check, and how many times what the library takes to apply the bytes")
    found.remarks.append(
        "Medians of 300 updates in each round, in a process of its own with no server beside it; 30 pages are 456 "
        "paragraphs with 93,000 characters and 500 amendments. The whole table: `python -m tests.bench.gate_cost`."
    )
    for number in range(options.rounds):
        command = [sys.executable, "-m", "tests.bench.gate_cost", "--json", "--rounds", str(UPDATES)]
        if options.small:
            command.append("--small")
        printed = subprocess.check_output(command, cwd=ROOT, timeout=TIMEOUT_SECONDS, preexec_fn=on_core(0))
        for name, values in json.loads(printed).items():
            found.note(name, values)
            told = ", ".join(f"{what} {value:.4g}" for what, value in values.items())
            show(f"  gate {number + 1}/{options.rounds} {name}: {told}")
    return found


GATE = Scenario("gate", _gate, lambda asked: asked.rounds * 14)


def _memory(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("memory", "memory of the server: connections of people who only read, open drafts of 30 pages")
    found.remarks.append(
        f"Resident memory with so many more than {FEW} connections to a draft of one page, or than {FEW_DRAFTS} drafts "
        "of 30 pages with a reader each, less that of another run with these few, divided by the difference."
    )
    for number in range(options.rounds):
        turn = f"{number + 1}/{options.rounds}"
        few, many = (_readers(shop, count) for count in (FEW, FEW + shop.sizes.idle))
        each = (many.resident - few.resident) * MB / KIB / shop.sizes.idle
        noted(
            found, f"{shop.sizes.idle:,} connections", many, {"KiB each": each, "memory MB": many.resident}, turn, show
        )
        if options.small:
            continue
        few, many = (_drafts(shop, count) for count in (FEW_DRAFTS, FEW_DRAFTS + shop.sizes.open_documents))
        each = (many.resident - few.resident) / shop.sizes.open_documents
        name = f"{shop.sizes.open_documents} drafts"
        noted(found, name, many, {"MB each": each, "memory MB": many.resident}, turn, show)
    return found


def _readers(shop: Workshop, count: int) -> Run:
    connections = [Connection(0, token) for token in shop.hall.tokens[:count]]
    return _with(shop.hall, connections)


def _drafts(shop: Workshop, count: int) -> Run:
    connections = [Connection(n, token) for n, token in enumerate(shop.drafts.tokens[:count])]
    return _with(shop.drafts, connections)


def _with(stock: Stock, connections: Sequence[Connection]) -> Run:
    measured = run(known.OURS, Load(connections), kept=stock.data_dir.parent, opinions=stock.opinions)
    if measured.joined.joined != len(connections):
        raise Missing(f"Of {len(connections)} connections {measured.joined.joined} came in")
    return measured


MEMORY = Scenario("memory", _memory, lambda asked: 15 + asked.rounds * 20)
