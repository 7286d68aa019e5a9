"""What a seed is about: how many people, how bad the lines, which misfortunes at all.

Each seed has only some of the misfortunes: a fault that happens all the time hides what a rarer one would show.
"""

from dataclasses import dataclass
from random import Random

from opinions.model import DelegationCode, Kind
from opinions.record import Document, OpinionRecord
from opinions.roles import Actor, Role
from tests.support.builders import document, paragraph

CODES = tuple(DelegationCode(code) for code in ("XAA", "XAB", "XAC", "XAD"))
MISFORTUNES = (
    *("cut", "stall", "crash", "restart", "reopen", "revoke", "clock", "slow disk", "failing disk", "lost answer"),
    *("landing", "small buffers"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A seed's world. `seconds` are virtual; so many `deeds` fall into them."""

    seed: int
    actors: tuple[Actor, ...]
    intruders: tuple[Actor, ...]
    text: Document
    misfortunes: frozenset[str]
    slow: float
    seconds: float
    deeds: int
    befalls: int
    live: bool
    structure: bool
    gavels: bool

    @property
    def delegations(self) -> frozenset[DelegationCode]:
        """The parties."""
        return frozenset(actor.delegation for actor in (*self.actors, *self.intruders) if actor.delegation)


def plan(seed: int, random: Random) -> Plan:
    """The world of a seed; the first thing drawn from it."""
    codes = CODES[: random.randint(1, 4)]
    people = max(random.randint(3, 12) if random.random() < 0.3 else random.randint(3, 6), len(codes) + 2)
    actors = [Actor("m-chair", "R. Chair", Role.CHAIR), Actor("m-sec", "S. Clerk", Role.SECRETARIAT)]
    for number in range(people - 2):
        code = codes[number % len(codes)]
        role = random.choice((Role.EXPERT, Role.EXPERT, Role.FOCAL_POINT))
        actors.append(Actor(f"m-{code.lower()}-{number}", f"E. {code} {number}", role, code))
    intruders: list[Actor] = []
    if random.random() < 0.4:
        code = random.choice(codes)
        intruders.append(Actor(f"m-{code.lower()}-x", f"X. {code}", Role.EXPERT, code))
    chosen = frozenset(one for one in MISFORTUNES if random.random() < 0.45)
    live = random.random() < 0.5
    return Plan(
        seed=seed,
        actors=tuple(actors),
        intruders=tuple(intruders),
        text=_text(random, live_drafting=live and random.random() < 0.3),
        misfortunes=chosen,
        slow=random.choice((0.02, 0.1, 0.5, 3.0)),
        seconds=random.choice((15.0, 40.0, 90.0)),
        deeds=random.randint(25, 70),
        befalls=random.randint(0, 8),
        live=live,
        structure=random.random() < 0.6,
        gavels=random.random() < 0.8,
    )


def _text(random: Random, *, live_drafting: bool) -> Document:
    pieces = (
        ("par-title", "Broadband for all", Kind.TITLE),
        ("par-forum", "The Forum,", Kind.CHAPEAU),
        ("par-item1", "that access depends on income, on skills and on \U0001f600 courage,", Kind.PREAMBULAR_ITEM),
        ("par-item2", "that the divide persists in many countries,", Kind.PREAMBULAR_ITEM),
        ("par-verb1", "is of the view", Kind.OPERATIVE_VERB),
        ("par-item3", "to consider targets that can be reached,", Kind.OPERATIVE_ITEM),
        ("par-item4", "to invite the Member States to report.", Kind.OPERATIVE_ITEM),
    )
    kept = pieces[: random.randint(2, len(pieces))]
    paragraphs = [paragraph(name, words, kind=kind) for name, words, kind in kept]
    return document(*paragraphs, opinion=OpinionRecord(live_drafting=live_drafting))
