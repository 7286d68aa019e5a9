"""Square brackets in words that come ready made: a balanced pair means a bracket, and a bracket is a mark, never two
letters (opinions/SPEC.md, D7). Twin of `web/src/editor/pasted_brackets.ts`.
"""

from dataclasses import dataclass

from opinions.brackets import BRACKET_LETTERS, CLOSING_LETTERS, OPENING_LETTERS


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
    standing: list[int] = []
    for at, letter in enumerate(line):
        if letter in OPENING_LETTERS:
            standing.append(at)
        elif letter in CLOSING_LETTERS and standing:
            opened = standing.pop()
            if any(one not in BRACKET_LETTERS and not one.isspace() for one in line[opened:at]):
                partner[opened] = at
    closing = set(partner.values())
    left = [at for at in range(len(line)) if at not in partner and at not in closing]
    text = "".join(line[at] for at in left)
    place = {at: number for number, at in enumerate(left)}

    def stretch(opened: int) -> tuple[int, int]:
        inside = [at for at in range(opened, partner[opened]) if at in place and not line[at].isspace()]
        return place[inside[0]], place[inside[-1]] + 1

    return PastedWords(text, tuple(stretch(opened) for opened in sorted(partner)))
