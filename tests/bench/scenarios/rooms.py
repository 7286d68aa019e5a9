"""People in one draft of 30 pages, and in many drafts of a page: typing room, calm room, plenary, saturation."""

from collections.abc import Sequence

from tests.bench import servers as known
from tests.bench.material import FIRST_CLIENT, codes, keystrokes, state_of
from tests.bench.measuring import Found, Options, Scenario, Show, of_ramp, of_stream, rounds
from tests.bench.plans import Connection
from tests.bench.runs import Load
from tests.bench.servers import Contender
from tests.bench.workshop import Workshop

WARM = 1.5
STEPS = tuple(250 * 1.8**n for n in range(8))
"""Updates a second in all."""
STEP_WARM, STEP_SECONDS, STEP_DRAIN = 0.4, 2.0, 1.0
SMALL_STEPS = (50.0, 100.0)

TYPING = (
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
CALM = (known.OURS, known.RELAY)
PLENARY = (known.OURS, known.RELAY_50, known.HOCUSPOCUS_50, known.HOCUSPOCUS)
SATURATION = (known.OURS, known.RELAY_50, known.HOCUSPOCUS, known.HOCUSPOCUS_50)
# The relay knows no documents and would send everything to all: it has no place among them.
DOCUMENTS = (known.OURS, known.HOCUSPOCUS, known.Y_WEBSOCKET)


def people_in(shop: Workshop, people: tuple[int, int], updates: float) -> list[Connection]:
    """Writers, who have so many updates each, and readers of the one draft."""
    writers, readers = people
    room = shop.room
    return [
        Connection(
            0,
            room.stock.tokens[n],
            room.typed(n, int(updates) + 5) if n < writers else None,
            writers + readers,
            room.state if n == 0 else b"",
        )
        for n in range(writers + readers)
    ]


def _room(
    found: Found,
    contenders: Sequence[Contender],
    shop: Workshop,
    options: Options,
    show: Show,
    people: tuple[int, int],
    per_writer: float,
) -> Found:
    connections = people_in(shop, people, per_writer * (options.seconds + WARM + 1))
    load = Load(connections, per_writer * people[0], options.seconds, WARM)
    stock = shop.room.stock
    stores = {known.OURS: stock.data_dir.parent}
    return rounds(found, contenders, load, options, of_stream, show, stores=stores, opinions=stock.opinions)


def _typing(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("typing", "typing room: 20 writers x 5 updates a second, 200 readers, a draft of 30 pages")
    contenders = CALM if options.small else TYPING
    return _room(found, contenders, shop, options, show, shop.sizes.typing, 5)


def _calm(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("calm", "the same room, 10 updates a second in all: idle enough to send at once")
    return _room(found, CALM, shop, options, show, shop.sizes.typing, 0.5)


def _plenary(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("plenary", "plenary: 50 writers x 5 updates a second, 1,000 readers, a draft of 30 pages")
    return _room(found, PLENARY, shop, options, show, shop.sizes.plenary, 5)


def _saturation(shop: Workshop, options: Options, show: Show) -> Found:
    steps = SMALL_STEPS if options.small else STEPS
    found = Found(
        "saturation",
        f"saturation: 50 writers, 200 readers, {len(steps)} rates from {steps[0]:g} to {steps[-1]:,.0f} updates a "
        "second, until p99 passes 250 ms; figures of the last rate that was kept",
    )
    people = shop.sizes.saturation
    connections = people_in(shop, people, sum(steps) * (STEP_SECONDS + STEP_WARM) * 1.1 / people[0])
    load = Load(connections, 1.0, STEP_SECONDS, STEP_WARM, steps)
    stock = shop.room.stock
    stores = {known.OURS: stock.data_dir.parent}
    found = rounds(found, SATURATION, load, options, of_ramp, show, stores=stores, opinions=stock.opinions)
    topped = [name for name in found.figures if (found.median(name, "updates/s") or 0) >= steps[-1]]
    if topped:
        found.remarks.append(f"Kept the highest rate, so their limit lies above it: {', '.join(topped)}.")
    return found


def _documents(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("documents", "100 documents x 5 connections: 2 writers x 5 updates a second and 3 readers in each")
    writers, readers = 2, 3
    parties = codes(writers)
    texts, stock = shop.pages
    count = len(texts)
    amount = int(5 * (options.seconds + WARM + 1)) + 5
    connections: list[Connection] = []
    for number, text in enumerate(texts):
        state = state_of(text)
        for n in range(writers):
            who = number * writers + n
            typed = keystrokes(text, state, FIRST_CLIENT + who, parties[n], amount)
            connections.append(Connection(number, stock.tokens[who], typed, writers + readers, b"" if n else state))
        for n in range(readers):
            token = stock.tokens[count * writers + number * readers + n]
            connections.append(Connection(number, token, None, writers + readers))
    load = Load(connections, 5.0 * count * writers, options.seconds, WARM, at_once=24)
    stores = {known.OURS: stock.data_dir.parent}
    return rounds(found, DOCUMENTS, load, options, of_stream, show, stores=stores, opinions=stock.opinions)


TYPING_ROOM = Scenario("typing", _typing, lambda asked: 5 + asked.rounds * len(TYPING) * (asked.seconds + 3.5))
CALM_ROOM = Scenario("calm", _calm, lambda asked: asked.rounds * len(CALM) * (asked.seconds + 4))
PLENARY_ROOM = Scenario("plenary", _plenary, lambda asked: 25 + asked.rounds * len(PLENARY) * (asked.seconds + 6))
SATURATED_ROOM = Scenario(
    "saturation",
    _saturation,
    lambda asked: 5 + asked.rounds * len(SATURATION) * (4 + len(STEPS) * (STEP_WARM + STEP_SECONDS + 0.2)),
)
MANY_DOCUMENTS = Scenario(
    "documents", _documents, lambda asked: 5 + asked.rounds * len(DOCUMENTS) * (asked.seconds + 5)
)
