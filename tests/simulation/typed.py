"""Every word that was ever typed in a simulation, and what became of it as far as its author decided that (I7).

A word is a token that occurs nowhere else, so that it is found again in any text, record, frame or tray.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from opinions.model import Paragraph
from opinions.record import Document

TOKEN = re.compile(r"q[0-9a-f]+z")
DECORATIONS = ("", "", "", " ", ", as appropriate,", "ä", "中文 ", "\U0001f600", "é ", " [x] ", "العربية ", "(a/b) ")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(slots=True)
class Word:
    """One token: who typed it, for whom, under which amendment and in which paragraph, as last known."""

    token: str
    author: str
    party: str
    amendment: str
    paragraph: str
    given_up: str = ""
    """Why nobody misses it: its own delegation took it back, or somebody wrote into its middle."""


@dataclass
class Typed:
    """The register of words and of minted ids."""

    random: Random
    words: dict[str, Word] = field(default_factory=dict)
    removed: set[tuple[str, str]] = field(default_factory=set)
    """Paragraphs that a delegation removes: what its own members still type in them goes with them."""
    discarded: set[str] = field(default_factory=set)
    """Amendments that their own delegation throws away, or takes back."""

    def word(self, author: str, party: str, amendment: str, paragraph: str) -> str:
        """A fresh token, on record."""
        token = f"q{len(self.words) + 16:x}z"
        gone = "removed" if (paragraph, party) in self.removed or amendment in self.discarded else ""
        self.words[token] = Word(token, author, party, amendment, paragraph, gone)
        return token

    def decorated(self, token: str) -> str:
        """The token with letters of all kinds around it."""
        return self.random.choice(DECORATIONS) + token + self.random.choice(DECORATIONS)

    def mint(self, kind: str) -> str:
        """An id as browsers mint them."""
        return minted(self.random, kind)

    def outside(self, text: str, at: int) -> int:
        """The place, moved out of the middle of a word; rarely it stays there, and that word is then in pieces."""
        for found in TOKEN.finditer(text):
            if found.start() < at < found.end():
                if self.random.random() < 0.9:
                    return found.end()
                self.give_up(found.group(), "written into")
        return at

    def take_back(self, text: str, start: int, end: int) -> None:
        """Somebody who may takes these characters out."""
        for found in TOKEN.finditer(text):
            if found.start() < end and found.end() > start:
                self.give_up(found.group(), "taken back")

    def mark(self, text: str, start: int, end: int, struck_by: str) -> None:
        """Somebody strikes or brackets these characters: a word marked in part may be parted by the gavel; a word that
        its own delegation strikes goes at the next submit.
        """
        for found in TOKEN.finditer(text):
            if found.start() < end and found.end() > start:
                word = self.words.get(found.group())
                whole = start <= found.start() and found.end() <= end
                if word is not None and (not whole or word.party == struck_by):
                    word.given_up = "marked"

    def give_up(self, token: str, why: str) -> None:
        """Nobody misses this word any more."""
        if token in self.words:
            self.words[token].given_up = why

    def discard(self, amendment: str) -> None:
        """An amendment is thrown away by its own delegation, with all that is typed in it."""
        self.discarded.add(amendment)
        for word in self.words.values():
            if word.amendment == amendment:
                word.given_up = "discarded"

    def placed(self, tokens: Collection[str], view: Document) -> None:
        """Words were taken up: perhaps under another amendment of their delegation than they were typed under."""
        for paragraph in view.text:
            for run in paragraph.runs:
                for token in TOKEN.findall(run.text) if run.insertion else ():
                    if token in tokens and token in self.words:
                        self.words[token].amendment = str(run.insertion)
                        if run.insertion in self.discarded:
                            self.words[token].given_up = "discarded"

    def remove(self, paragraph: Paragraph, party: str) -> None:
        """A delegation removes words of its own in a paragraph, with what its members type in it meanwhile."""
        self.removed.add((paragraph.id, party))
        for word in self.words.values():
            if word.party == party and (word.paragraph == paragraph.id or word.token in paragraph.text):
                word.given_up = "removed"


def minted(random: Random, kind: str) -> str:
    """An id as browsers and servers make them (80 bits in base 32), but none with letters in it that read as a word."""
    while True:
        letters = "".join(random.choices(_LETTERS, k=16))
        if not TOKEN.search(letters):
            return f"{kind}-{letters}"


def kept(view: Document) -> str:
    """All words in a text and in its record, one stretch a line. What others put between the words of an amendment does
    not part them, and neither does the split of a paragraph.
    """
    parts = [paragraph.text for paragraph in view.text]
    of_one: dict[str, str] = {}
    for paragraph in view.text:
        for run in paragraph.runs:
            if run.insertion:
                of_one[run.insertion] = of_one.get(run.insertion, "") + run.text
    parts += of_one.values()
    for amendment in view.record.amendments.values():
        for removed in amendment.removed:
            parts.append("".join(run.text for run in removed.runs))
            if removed.whole is not None:
                parts.append(removed.whole.text)
    return "\n".join(parts)
