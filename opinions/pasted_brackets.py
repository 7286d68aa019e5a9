"""Square brackets in words that come ready made: a balanced pair means a bracket, and a bracket is a mark, never two
letters (opinions/SPEC.md, D7). Twin of `web/src/editor/pasted_brackets.ts`.
"""

from dataclasses import dataclass

from opinions.brackets import CLOSING_LETTERS, OPENING_LETTERS


@dataclass(frozen=True, slots=True)
class PastedWords:
    """Words without their balanced brackets, and the stretches that these held, in order of opening. Offsets are of
    the words left.
    """

    text: str
    brackets: tuple[tuple[int, int], ...] = ()


def pasted_words(line: str) -> PastedWords:
    """Matches by the nearest open one (N1). Letters without a partner stay, and so does a pair round no word. Blanks
    at its ends stand outside a bracket.
    """
    partner: dict[int, int] = {}
    standing: list[tuple[int, int]] = []
    solid = 0
    for at, letter in enumerate(line):
        if letter in OPENING_LETTERS:
            standing.append((at, solid))
        elif letter in CLOSING_LETTERS:
            if standing:
                opened, before = standing.pop()
                if solid > before:
                    partner[opened] = at
        elif not letter.isspace():
            solid += 1
    if not partner:
        return PastedWords(line)
    gone = {*partner, *partner.values()}
    text: list[str] = []
    first: dict[int, int] = {}
    waiting: list[int] = []
    behind = 0
    stretches: dict[int, tuple[int, int]] = {}
    openings = {at: opened for opened, at in partner.items()}
    for at, letter in enumerate(line):
        if at not in gone:
            if not letter.isspace():
                # Whatever has opened since the last letter begins at this one.
                first.update(dict.fromkeys(waiting, len(text)))
                waiting.clear()
                behind = len(text) + 1
            text.append(letter)
        elif at in partner:
            waiting.append(at)
        else:
            opened = openings[at]
            stretches[opened] = first[opened], behind
    return PastedWords("".join(text), tuple(stretches[opened] for opened in sorted(stretches)))
