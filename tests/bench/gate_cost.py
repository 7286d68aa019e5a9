"""What the gate costs per update: `python -m tests.bench.gate_cost [--rounds N]`.

A draft Opinion of 30 pages (456 paragraphs, 93,000 characters, 500 amendments), and one ten times as large. Each
kind of update is made by a real Yjs document and timed alone: microseconds of `Gate.check`, median and 90th
percentile, and how many times the median of what the library takes to apply the same bytes to a bare document.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from crdt import gate as gate_limits
from crdt.document import Replica, SharedDocument
from crdt.errors import UpdateRefused
from crdt.gate import Gate, Sender
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, PutAmendment, SetMark
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Marks, Paragraph, ParagraphId, Run
from opinions.record import Amendment, AmendmentKind, Status

OWN, OTHER = DelegationCode("XAA"), DelegationCode("XAB")
CLIENT = 1000
WORDS = "Members recognizing that the common framework for connectivity should further strengthen cooperation ".split()
NOW = datetime(2026, 1, 21, tzinfo=UTC)


def mark(kind: MarkKind, number: int) -> Marks:
    """The mark of amendment `number`."""
    return frozenset({Mark(kind, f"a-{number:05d}")})


def site(number: int, paragraphs: int) -> tuple[ParagraphId, int]:
    """Where amendment `number` stands: its paragraph, every other one in turn, and where its 30 characters begin."""
    turn, place = divmod(number, paragraphs // 2)
    return ParagraphId(f"p-{2 * place:05d}"), 60 + 45 * turn


def draft(paragraphs: int, amendments: int) -> tuple[Edit, ...]:
    """The edits that found a draft: every other paragraph carries amendments, at most three; one in four is the
    sender's.
    """
    chance = random.Random(7)
    edits: list[Edit] = []
    after: ParagraphId | None = None
    for number in range(paragraphs):
        words = " ".join(chance.choices(WORDS, k=22))[:204]
        runs: list[Run] = []
        done = 0
        for amendment in range(number // 2, amendments if number % 2 == 0 else 0, paragraphs // 2):
            kind = chance.choice((MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET))
            kind = MarkKind.INSERTION if amendment % 4 == 0 else kind
            _, start = site(amendment, paragraphs)
            runs += (Run(words[done:start]), Run(words[start : start + 30], mark(kind, amendment)))
            done = start + 30
        runs.append(Run(words[done:]))
        paragraph = Paragraph(ParagraphId(f"p-{number:05d}"), Kind.PREAMBULAR_ITEM, 0, tuple(runs))
        edits.append(AddParagraph(after, paragraph))
        after = paragraph.id
    for number in range(amendments):
        party = OWN if number % 4 == 0 else OTHER
        name = AmendmentId(f"a-{number:05d}")
        place, _ = site(number, paragraphs)
        edits.append(
            PutAmendment(
                Amendment(name, AmendmentKind.MOD, party, "Expert", place, NOW, NOW, Status.SUBMITTED, 1, number + 1)
            )
        )
    return tuple(edits)


class Bench:
    """A gate, a bare document beside it, and a client whose updates both get."""

    def __init__(self, paragraphs: int, amendments: int) -> None:
        founder = SharedDocument(1)
        founder.write(draft(paragraphs, amendments))
        state = founder.state()
        self.state = state
        self.paragraphs, self.amendments = paragraphs, amendments
        self.gate = Gate(1, "record", (state,))
        self.bare = Replica(1, (state,))
        self.client = SharedDocument(CLIENT, (state,))
        own = frozenset(AmendmentId(f"a-{n:05d}") for n in range(0, amendments, 4))
        self.sender = Sender(
            client=CLIENT,
            party=OWN,
            editable=own | {AmendmentId("a-mine")},
            own_closed=frozenset(),
            foreign=frozenset(AmendmentId(f"a-{n:05d}") for n in range(amendments)) - own,
            new_id=lambda: AmendmentId("a-minted"),
        )
        self.chance = random.Random(11)

    def place(self) -> tuple[ParagraphId, int, int]:
        """A random place with its own insertion: paragraph, and where its 30 characters begin; the 20 before them
        are agreed.
        """
        number = self.chance.randrange(0, self.amendments, 4)
        return (*site(number, self.paragraphs), number)

    def typed(self, edits: list[Edit]) -> bytes:
        """The client's update that makes these edits."""
        update, _ = self.client.write(edits)
        return update

    def keystrokes(self) -> Iterator[bytes]:
        """Letters one after the other in one's own insertion."""
        paragraph, start, number = self.place()
        for offset in range(10_000):
            yield self.typed([InsertText(paragraph, start + 5 + offset % 400, "x", mark(MarkKind.INSERTION, number))])

    def anywhere(self) -> Iterator[bytes]:
        """Letters at random places of agreed text, each with its marks."""
        while True:
            paragraph = ParagraphId(f"p-{self.chance.randrange(self.paragraphs):05d}")
            at = self.chance.randrange(50)
            yield self.typed([InsertText(paragraph, at, "x", frozenset({Mark(MarkKind.INSERTION, "a-mine")}))])

    def pastes(self) -> Iterator[bytes]:
        """A thousand characters at a random place."""
        text = (" ".join(WORDS) * 12)[:1000]
        while True:
            paragraph = ParagraphId(f"p-{self.chance.randrange(self.paragraphs):05d}")
            at = self.chance.randrange(50)
            yield self.typed([InsertText(paragraph, at, text, frozenset({Mark(MarkKind.INSERTION, "a-mine")}))])

    def strikes(self) -> Iterator[bytes]:
        """Twenty characters struck."""
        while True:
            paragraph = ParagraphId(f"p-{self.chance.randrange(self.paragraphs):05d}")
            at = self.chance.randrange(30)
            on = self.chance.random() < 0.8
            update = self.typed([SetMark(paragraph, at, at + 20, Mark(MarkKind.DELETION, "a-mine"), on)])
            if update:
                yield update

    def backspaces(self) -> Iterator[bytes]:
        """One's own pending characters taken back, one by one."""
        left = {n: 29 for n in range(0, self.amendments, 4)}
        while left:
            number = self.chance.choice(list(left))
            paragraph, _ = site(number, self.paragraphs)
            end = next(
                at + len(run.text)
                for at, run in _runs(self.client.opinion().find(paragraph))
                if run.insertion == f"a-{number:05d}"
            )
            yield self.typed([DeleteText(paragraph, end - 1, end)])
            left[number] -= 1
            if not left[number]:
                del left[number]

    def new_paragraphs(self) -> Iterator[bytes]:
        """A paragraph added, with a first word."""
        for number in range(10_000):
            after = ParagraphId(f"p-{self.chance.randrange(self.paragraphs):05d}")
            name = AmendmentId("a-mine")
            runs = (Run("further", frozenset({Mark(MarkKind.INSERTION, name)})),)
            yield self.typed(
                [AddParagraph(after, Paragraph(ParagraphId(f"p-new-{number}"), Kind.PREAMBULAR_ITEM, 0, runs, name))]
            )


def _runs(paragraph: Paragraph | None) -> Iterator[tuple[int, Run]]:
    at = 0
    for run in paragraph.runs if paragraph else ():
        yield at, run
        at += len(run.text)


def measure(bench: Bench, updates: Iterator[bytes], rounds: int) -> tuple[list[float], list[float]]:
    """Microseconds of each check and of each bare apply. Every update is committed before the next is made."""
    checks: list[float] = []
    bare: list[float] = []
    for _, update in zip(range(rounds), updates, strict=False):
        bare.append(timed(lambda: bench.bare.apply((update,))))  # noqa: B023
        checks.append(timed(lambda: bench.gate.check(update, bench.sender)))  # noqa: B023
        bench.gate.commit()
    return checks, bare


def refusals(bench: Bench, rounds: int, *, rebuilt: bool) -> tuple[list[float], list[float]]:
    """Microseconds of refusing a deletion of agreed words, in a paragraph without and with (`rebuilt`) words of
    one's own.
    """
    checks: list[float] = []
    state = bench.gate.state()
    for number in range(rounds):
        client = SharedDocument(2000 + number, (state,))
        place = ParagraphId("p-00000" if rebuilt else "p-00001")
        update, _ = client.write([DeleteText(place, 3, 6)])
        sender = replace(bench.sender, client=2000 + number)
        checks.append(timed(lambda: refused(bench.gate, update, sender)))  # noqa: B023
    return checks, []


def refused(gate: Gate, update: bytes, sender: Sender) -> None:
    """Has the gate refuse an update."""
    try:
        gate.check(update, sender)
    except UpdateRefused:
        return
    raise AssertionError("the gate took a deletion of agreed words")


def timed(action: Callable[[], object]) -> float:
    """Microseconds of one call."""
    start = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - start) / 1000


def row(name: str, checks: list[float], bare: list[float]) -> str:
    """One line of the table."""
    median, tenth = statistics.median(checks), statistics.quantiles(checks, n=10)[-1]
    ratio = f"{median / statistics.median(bare):8.1f}" if bare else "       -"
    return f"{name:34}{median:12.1f}{tenth:12.1f}{ratio}"


def keystroke_figures(rounds: int, paragraphs: int, amendments: int) -> dict[str, dict[str, float]]:
    """By the draft's size and the place of the keystroke: microseconds of a check, the ratio to a bare apply, and for
    the large draft the ratio to the check in the small one.
    """
    found: dict[str, dict[str, float]] = {}
    places = ("a letter in a run", Bench.keystrokes), ("a letter at a random place", Bench.anywhere)
    for factor, size in ((1, "30 pages"), (10, "300 pages")):
        bench = Bench(paragraphs * factor, amendments * factor)
        gc.collect()
        gc.freeze()
        for name, updates in places:
            checks, bare = measure(bench, updates(bench), rounds)
            check, applied = statistics.median(checks), statistics.median(bare)
            values = {"us of a check": check, "us of a bare apply": applied, "ratio": check / applied}
            if factor > 1:
                values["against 30 pages"] = check / found[f"30 pages: {name}"]["us of a check"]
            found[f"{size}: {name}"] = values
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400, help="updates of each kind")
    parser.add_argument("--json", action="store_true", help="keystrokes alone, as JSON")
    parser.add_argument("--small", action="store_true", help="with --json: two pages and twenty")
    asked = parser.parse_args()
    rounds = asked.rounds
    # The larger document is beyond what a gate admits.
    gate_limits.MAX_CHARACTERS, gate_limits.MAX_AMENDMENTS = 2_000_000, 20_000
    if asked.json:
        print(json.dumps(keystroke_figures(rounds, *((30, 30) if asked.small else (456, 500)))))
        return
    for factor in (1, 10):
        paragraphs, amendments = 456 * factor, 500 * factor
        start = time.perf_counter()
        bench = Bench(paragraphs, amendments)
        made = time.perf_counter() - start
        start = time.perf_counter()
        Gate(1, "record", (bench.state,))
        loaded = time.perf_counter() - start
        characters = sum(len(p.text) for p in bench.gate.view().text)
        print(
            f"{paragraphs} paragraphs, {characters:,} characters, {amendments} amendments, {len(bench.state):,} bytes"
        )
        print(f"gate loaded in {loaded * 1000:.0f} ms (everything made in {made:.1f} s)")
        print(f"{'update':34}{'median us':>12}{'p90 us':>12}{'ratio':>8}")
        gc.collect()
        gc.freeze()  # what lives long is not looked at again: figures of the gate, not of the collector
        print(row("refused by its delete set", *refusals(bench, 20, rebuilt=False)))
        print(row("refused by its effect", *refusals(bench, 20, rebuilt=True)))
        for name, updates in (
            ("keystroke in a run", bench.keystrokes()),
            ("keystroke at a random place", bench.anywhere()),
            ("paste of 1,000 characters", bench.pastes()),
            ("strike of 20 characters", bench.strikes()),
            ("backspace of one's own", bench.backspaces()),
            ("new paragraph", bench.new_paragraphs()),
        ):
            print(row(name, *measure(bench, updates, rounds)))
        print()


if __name__ == "__main__":
    main()
