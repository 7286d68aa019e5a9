"""The scenarios by name, in the order in which they are run and told: who is in the room, how fast they type, which
servers are measured, and what of it is written down. And how often and how long, so that all that was asked for takes
no longer than it may.
"""

from collections.abc import Iterable, Mapping

from tests.bench.measuring import Options, Scenario
from tests.bench.scenarios.costs import GATE, MEMORY
from tests.bench.scenarios.joins import COLD_OPEN, JOIN_STORM
from tests.bench.scenarios.kills import KILLS
from tests.bench.scenarios.rooms import CALM_ROOM, MANY_DOCUMENTS, PLENARY_ROOM, SATURATED_ROOM, TYPING_ROOM
from tests.bench.scenarios.two_nodes import TWO_NODES

MINUTES = 25.0
ROUNDS, SECONDS = (1, 9), (2.0, 12.0)
WISHED_ROUNDS, WISHED_SECONDS = 3, 4.0
"""Medians of fewer rounds say little, and of shorter runs too."""
RESERVE = 0.05
"""The part of the time that no plan uses up: machines are slower than one thinks."""

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        PLENARY_ROOM,
        TYPING_ROOM,
        CALM_ROOM,
        SATURATED_ROOM,
        MANY_DOCUMENTS,
        JOIN_STORM,
        COLD_OPEN,
        GATE,
        MEMORY,
        TWO_NODES,
        KILLS,
    )
}


def planned(scenarios: Iterable[Scenario], minutes: float) -> Options:
    """Rounds first, then seconds, then what is left for more of both. The least, when even that takes longer."""
    wanted = tuple(scenarios)

    def fits(rounds: int, seconds: float) -> bool:
        return cost(wanted, Options(rounds, seconds)) <= minutes * 60

    rounds = ROUNDS[0]
    while rounds < ROUNDS[1] and fits(rounds + 1, SECONDS[0] if rounds < WISHED_ROUNDS else 2 * WISHED_SECONDS):
        rounds += 1
    seconds = SECONDS[0]
    while seconds < SECONDS[1] and fits(rounds, seconds + 0.5):
        seconds += 0.5
    return Options(rounds, seconds)


def cost(scenarios: Iterable[Scenario], options: Options) -> float:
    """Seconds on a quiet machine with two cores."""
    return sum(one.cost(options) for one in scenarios)
