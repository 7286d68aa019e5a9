"""The scenarios: who is in the room, how fast they type, which servers are measured, and what of it is written down.

Servers take turns within a scenario, round by round, so that a busy hour of the machine meets them all.
"""

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from crdt.document import Replica, SharedDocument
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, PutOpinion
from opinions.model import Kind, Paragraph, ParagraphId, Run
from opinions.record import Document, OpinionRecord
from tests.bench import servers as known
from tests.bench.material import (
    FIRST_CLIENT,
    Stock,
    codes,
    keystrokes,
    short,
    state_of,
    stocked,
    thirty_pages,
    with_number,
)
from tests.bench.plans import Connection
from tests.bench.runs import Load, run
from tests.bench.runs import Run as Measured
from tests.bench.servers import Contender

EDITS = 260_000
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often. `smoke`: ours and the relay alone, small."""

    rounds: int = 3
    seconds: float = 6.0
    smoke: bool = False


@dataclass(slots=True)
class Found:
    """What one scenario measured: by server and figure, one value for each round."""

    name: str
    about: str
    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, server: str, values: Mapping[str, float]) -> None:
        """One round of one server."""
        for name, value in values.items():
            self.figures.setdefault(server, {}).setdefault(name, []).append(value)

    def median(self, server: Contender, figure: str) -> float | None:
        """The median over the rounds; None when it was not measured."""
        values = self.figures.get(server.name, {}).get(figure)
        return statistics.median(values) if values else None


def of_stream(measured: Measured) -> dict[str, float]:
    """The figures of a run at one rate."""
    one = measured.stretches[-1]
    return {
        "CPU s per million": one.per_million,
        "delivered %": one.share * 100,
        "p50 ms": one.p50,
        "p99 ms": one.p99,
        "share of a core": one.core,
        "bytes per delivery": one.bytes / one.counted if one.counted else 0.0,
        "memory MB": measured.resident,
        "lag p99 ms": one.lag99,
    }


def of_ramp(measured: Measured) -> dict[str, float]:
    """The highest rate that was kept, and the most delivered per second of processor at any kept rate."""
    kept = [one for one in measured.stretches if one.share >= 0.97 and one.p99 <= 250]
    if not kept:
        return {"updates/s": 0.0, "deliveries per CPU s": 0.0}
    last = kept[-1]
    return {
        "updates/s": last.rate,
        "deliveries/s": last.counted / last.seconds,
        "deliveries per CPU s": max(1e6 / one.per_million for one in kept if one.counted),
        "share of a core": last.core,
    }


def of_joins(measured: Measured) -> dict[str, float]:
    """The figures of everybody coming at once."""
    joined = measured.joined
    return {
        "CPU s": joined.cpu,
        "all in after s": joined.seconds,
        "p99 ms": joined.p99,
        "MB sent": joined.bytes / 1e6,
        "memory MB": measured.resident,
        "refused": float(joined.closed),
    }


@contextmanager
def _stock(
    documents: Sequence[Document], leases: Sequence[tuple[int, int]], people: int, parties: int
) -> Iterator[Stock]:
    with tempfile.TemporaryDirectory(prefix="bench-stock-") as place:
        yield stocked(Path(place) / "data", documents, leases, people, parties)


def _rounds(
    found: Found,
    contenders: Sequence[Contender],
    load: Load,
    stock: Stock,
    options: Options,
    figures: Callable[[Measured], dict[str, float]],
    show: Show,
    answer: bytes = b"",
) -> Found:
    for number in range(options.rounds):
        for contender in contenders:
            asked = load if contender.checks else _without_sessions(load)
            data = stock.data_dir if contender.checks else None
            measured = run(contender, asked, stock=data, opinions=stock.opinions, answer=answer)
            values = figures(measured)
            found.note(contender.name, values)
            told = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            show(f"  {found.name} {number + 1}/{options.rounds} {contender.name}: {told}")
    return found


def _without_sessions(load: Load) -> Load:
    return replace(load, connections=[replace(one, token="") for one in load.connections])


def _room(
    found: Found,
    contenders: Sequence[Contender],
    options: Options,
    show: Show,
    people: tuple[int, int],
    per_writer: float,
    steps: Sequence[float] = (),
) -> Found:
    """Writers and readers in one draft of 30 pages."""
    writers, readers = people
    everybody = writers + readers
    document = thirty_pages()
    state = state_of(document)
    parties = codes(writers)
    seconds = options.seconds if not steps else 2.0
    total = sum(steps) * 3.5 if steps else per_writer * writers * (options.seconds + 3)
    each = int(total / writers) + 5
    with _stock([document], [(0, FIRST_CLIENT + n) for n in range(writers)], everybody, writers) as stock:
        connections = [
            Connection(
                0,
                stock.tokens[n],
                keystrokes(document, state, FIRST_CLIENT + n, parties[n], each) if n < writers else None,
                everybody,
                state if n == 0 else b"",
            )
            for n in range(everybody)
        ]
        load = Load(connections, per_writer * writers, seconds, 0.5 if steps else 1.5, steps)
        return _rounds(found, contenders, load, stock, options, of_ramp if steps else of_stream, show)


def typing(options: Options, show: Show) -> Found:
    """20 writers x 5/s, 200 readers."""
    found = Found("typing", "typing room: 20 writers x 5 updates a second, 200 readers, a draft of 30 pages")
    if options.smoke:
        return _room(found, (known.OURS, known.RELAY_50), options, show, (4, 20), 5)
    contenders = (
        known.OURS,
        known.RELAY,
        known.RELAY_50,
        known.HOCUSPOCUS,
        known.HOCUSPOCUS_SQLITE,
        known.HOCUSPOCUS_50,
        known.Y_WEBSOCKET,
        known.Y_WEBSOCKET_LEVEL,
        known.PYCRDT,
        known.PYCRDT_SQLITE,
    )
    return _room(found, contenders, options, show, (20, 200), 5)


def calm(options: Options, show: Show) -> Found:
    """The same room with so little typing that everything can go at once."""
    found = Found("calm", "the same room, 10 updates a second in all: idle enough to send at once")
    return _room(found, (known.OURS, known.RELAY), options, show, (20, 200), 0.5)


def plenary(options: Options, show: Show) -> Found:
    """50 writers x 5/s, 1,000 readers."""
    found = Found("plenary", "plenary: 50 writers x 5 updates a second, 1,000 readers, a draft of 30 pages")
    contenders = (known.OURS, known.RELAY_50, known.HOCUSPOCUS_50, known.HOCUSPOCUS)
    return _room(found, contenders, options, show, (50, 1000), 5)


def saturation(options: Options, show: Show) -> Found:
    """A ramp of rates until p99 passes 250 ms."""
    found = Found("saturation", "saturation: 50 writers, 200 readers, rates rising until p99 passes 250 ms")
    steps = [500.0 * 1.5**n for n in range(9)]
    contenders = (known.OURS, known.RELAY_50, known.HOCUSPOCUS, known.HOCUSPOCUS_50, known.Y_WEBSOCKET)
    return _room(found, contenders, options, show, (50, 200), steps[0] / 50, steps)


def documents(options: Options, show: Show) -> Found:
    """100 documents x 5 connections."""
    found = Found("documents", "100 documents x 5 connections: 2 writers x 5 updates a second and 3 readers in each")
    count, each, writers = 100, 5, 2
    parties = codes(writers)
    texts = [with_number(short(), n) for n in range(count)]
    leases = [(n // writers, FIRST_CLIENT + n) for n in range(count * writers)]
    # A stock gives its leases to the first people in order: writers first.
    with _stock(texts, leases, count * each, writers) as stock:
        connections: list[Connection] = []
        for number, text in enumerate(texts):
            state = state_of(text)
            for n in range(each):
                who = number * writers + n if n < writers else count * writers + number * (each - writers) + n - writers
                typed = None
                if n < writers:
                    amount = int(5 * (options.seconds + 3)) + 5
                    typed = keystrokes(text, state, FIRST_CLIENT + who, parties[who % writers], amount)
                brings = state if n == 0 else b""
                connections.append(Connection(number, stock.tokens[who], typed, each, brings))
        load = Load(connections, 5.0 * count * writers, options.seconds, at_once=24)
        # The relay knows no documents and would send everything to all: it has no place here.
        contenders = (known.OURS, known.HOCUSPOCUS, known.Y_WEBSOCKET)
        return _rounds(found, contenders, load, stock, options, of_stream, show)


def storm(options: Options, show: Show) -> Found:
    """1,000 clients sync a long document at once."""
    found = Found("storm", f"join storm: 1,000 clients come at once into a document of {EDITS:,} edits")
    people = 1000
    text, state = long_document()
    with _stock([text], [], people, 50) as stock:
        connections = [Connection(0, stock.tokens[n], brings=state if n == 0 else b"") for n in range(people)]
        load = Load(connections, at_once=people)
        contenders = (known.OURS, known.RELAY, known.HOCUSPOCUS, known.PYCRDT)
        return _rounds(found, contenders, load, stock, options, of_joins, show, b"\0\1" + _sized(state))


def _sized(state: bytes) -> bytes:
    from crdt.protocol import varbytes

    return varbytes(state)


@cache
def long_document() -> tuple[Document, bytes]:
    """A text made by `EDITS` letters, one in eight taken back again; and its state, the same for every server."""
    chance = random.Random(260)
    edits: list[Edit] = []
    made = number = 0
    after: ParagraphId | None = None
    words = "members recognize that connectivity should further strengthen cooperation among all of them "
    while made < EDITS:
        length = min(1200, EDITS - made)
        name = ParagraphId(f"p-long-{number:05d}")
        edits.append(AddParagraph(after, Paragraph(name, Kind.PREAMBULAR_ITEM, 0, (Run(words[:20]),))))
        size = 20
        for _ in range(length // 20):
            if chance.random() < 0.3 and size > 60:
                at = chance.randrange(size - 20)
                edits.append(DeleteText(name, at, at + 8))
                size -= 8
            else:
                at = chance.randrange(size)
                edits.append(InsertText(name, at, words[:20], frozenset()))
                size += 20
        made += length
        number += 1
        after = name
    edits.append(PutOpinion(OpinionRecord(live_drafting=True)))
    writer = SharedDocument(1)
    for start in range(0, len(edits), 500):
        writer.write(edits[start : start + 500])
    document = writer.view()
    return document, Replica(2, (state_of(document),)).state()


SCENARIOS: Mapping[str, Callable[[Options, Show], Found]] = {
    "typing": typing,
    "calm": calm,
    "plenary": plenary,
    "saturation": saturation,
    "documents": documents,
    "storm": storm,
}
