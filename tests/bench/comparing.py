"""How long two versions take to compare: `python -m tests.bench.comparing [--rounds N]`.

Texts of thirty pages (15,000 words in 230 paragraphs) after the edits that are usual and after the worst there are, in
processor time of one core; beside them the same texts compared by the standard library's `difflib`, paragraphs and then
words of each changed stretch, the usual way without ids. The goals are 0.2 s and 1.5 s (opinions/SPEC.md, CM8).
"""

import argparse
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from opinions.comparing.compare import Text, compare_texts
from opinions.model import Kind, ParagraphId
from opinions.record import ParagraphState
from opinions.redline import tokens
from opinions.views import Segment, ViewParagraph

WORDS, PARAGRAPHS = 15_000, 230
Row = tuple[str, str]
"""A paragraph's id and its words."""


@dataclass(frozen=True, slots=True)
class Case:
    """Two texts, and whether such an edit is a usual one."""

    before: list[Row]
    after: list[Row]
    usual: bool = False


def text(rows: list[Row]) -> Text:
    """A text of these paragraphs, labelled as items are."""
    shown = (
        ViewParagraph(ParagraphId(name), Kind.OPERATIVE_ITEM, 0, str(n), ParagraphState.BASE, (Segment(words),))
        for n, (name, words) in enumerate(rows, 1)
    )
    return Text(tuple(shown), {})


def sentences(drawn: random.Random, paragraphs: int = PARAGRAPHS, words: int = WORDS) -> list[Row]:
    """Paragraphs of words as often as words are in texts: few of them very often."""
    known = ["".join(drawn.choices("abcdefghijklmnopqrst", k=drawn.randint(2, 10))) for _ in range(2_500)]
    weights = [1 / (place + 3) for place in range(len(known))]
    share = words // paragraphs

    def paragraph(number: int) -> Row:
        chosen = drawn.choices(known, weights, k=share)
        marked = [word + (drawn.choice((",", ",", ";")) if drawn.random() < 0.1 else "") for word in chosen]
        return f"p-{number:04}", " ".join(marked) + ";"

    return [paragraph(number) for number in range(paragraphs)]


def edited(drawn: random.Random, rows: list[Row], paragraphs: float, words: float) -> list[Row]:
    """So large a share of the paragraphs with so large a share of their words replaced, taken out or added."""

    def one(row: Row) -> Row:
        if drawn.random() >= paragraphs:
            return row
        told: list[str] = []
        for word in row[1].split(" "):
            if drawn.random() >= words:
                told.append(word)
            elif (way := drawn.random()) < 0.5:
                told.append(f"x{drawn.randint(0, 400)}")
            elif way < 0.75:
                told += [word, f"y{drawn.randint(0, 400)}"]
        return row[0], " ".join(told)

    return [one(row) for row in rows]


def renamed(rows: list[Row]) -> list[Row]:
    """The same paragraphs under ids of which the other text knows none."""
    return [(f"q-{name[2:]}", words) for name, words in rows]


def shuffled(drawn: random.Random, rows: list[Row]) -> list[Row]:
    """The same paragraphs in another order."""
    return drawn.sample(rows, len(rows))


def cases() -> Mapping[str, Case]:
    """All edits, the usual ones first."""
    drawn = random.Random(61)
    base = sentences(drawn)
    other = [(name, words) for (name, _), (_, words) in zip(base, sentences(drawn), strict=True)]
    one_word = [*base[:100], (base[100][0], base[100][1].replace(" ", " relevant ", 1)), *base[101:]]
    forty = [*base[40:], *base[:40]]
    repeats = [(f"p-{n:04}", "a " * 65) for n in range(PARAGRAPHS)]
    more = [(f"p-{n:04}", "a " * (60 + n % 11) + "b a") for n in range(PARAGRAPHS)]
    woven = [(f"p-{n:04}", " ".join(drawn.choices("ab", k=65))) for n in range(PARAGRAPHS)]
    rewoven = [(f"p-{n:04}", " ".join(drawn.choices("ab", k=65))) for n in range(PARAGRAPHS)]
    long, long_other = sentences(drawn, 7), sentences(drawn, 7)
    sown = [[(f"p-{n}", " ".join(drawn.choices("ab", (40, 1), k=7_500))) for n in range(2)] for _ in range(2)]
    tiny = [(f"p-{n:05}", f"a b{n % 7}") for n in range(7_500)]
    chinese = [(name, "".join(drawn.choices("电信联盟成员国发展政策宽带网络安全", k=100))) for name, _ in base]
    return {
        "nothing changed": Case(base, base, usual=True),
        "one word": Case(base, one_word, usual=True),
        "30 % of paragraphs, 4 % of words": Case(base, edited(drawn, base, 0.3, 0.04), usual=True),
        "60 %, 10 %": Case(base, edited(drawn, base, 0.6, 0.1), usual=True),
        "40 paragraphs moved": Case(base, forty, usual=True),
        "one word in every paragraph": Case(base, [(n, w.replace(" ", " relevant ", 1)) for n, w in base]),
        "100 %, 35 %": Case(base, edited(drawn, base, 1.0, 0.35)),
        "every paragraph rewritten": Case(base, other),
        "all ids new": Case(base, renamed(base)),
        "all ids new, 60 %, 10 %": Case(base, renamed(edited(drawn, base, 0.6, 0.1))),
        "all ids new, rewritten": Case(base, renamed(other)),
        "all moved": Case(base, shuffled(drawn, base)),
        "all moved and changed, all ids new": Case(base, renamed(shuffled(drawn, edited(drawn, base, 1.0, 0.2)))),
        "a a a a": Case(repeats, more),
        "a a a a, all ids new": Case(repeats, renamed(more)),
        "a b b a": Case(woven, rewoven),
        "a b b a, all ids new": Case(woven, renamed(rewoven)),
        "two endless paragraphs of a, b sown anew": Case(sown[0], sown[1]),
        "seven paragraphs, rewritten": Case(long, long_other),
        "seven paragraphs, 35 % of words": Case(long, edited(drawn, long, 1.0, 0.35)),
        "7,500 paragraphs of two words": Case(tiny, shuffled(drawn, tiny)),
        "7,500 paragraphs of two words, ids new": Case(tiny, renamed(shuffled(drawn, tiny))),
        "Chinese, rewritten": Case(chinese, [(n, "".join(drawn.sample(w, len(w)))) for n, w in chinese]),
    }


def by_difflib(before: list[Row], after: list[Row]) -> int:
    """Paragraphs by the standard library, then the words of each stretch that changed; how many words that changes."""
    one, other = [words for _, words in before], [words for _, words in after]
    changed = 0
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        left, right = tokens("\n".join(one[a:b])), tokens("\n".join(other[c:d]))
        for kind, e, f, g, h in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            changed += max(f - e, h - g) if kind != "equal" else 0
    return changed


def seconds(work: Callable[[], object], rounds: int = 1) -> float:
    """Processor time of the quickest round."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--all", action="store_true", help="difflib after the worst edits too: minutes for each of some"
    )
    asked = parser.parse_args()
    print(f"{'edit':<42} {'ours':>7} {'goal':>5} {'changes':>8} {'words':>7} {'difflib':>9} {'words':>7}")
    for name, case in cases().items():
        before, after = text(case.before), text(case.after)
        taken = seconds(partial(compare_texts, before, after), asked.rounds)
        found = compare_texts(before, after)
        line = f"{name:<42} {taken:6.2f}s {0.2 if case.usual else 1.5:4.1f}s {len(found.changes):8,} {found.words:7,}"
        if case.usual or asked.all:
            peer = seconds(partial(by_difflib, case.before, case.after))
            line += f" {peer:8.2f}s {by_difflib(case.before, case.after) if peer < 3 else 0:7,}"
        print(line + (" coarse" if found.coarse else ""), flush=True)


if __name__ == "__main__":
    main()
