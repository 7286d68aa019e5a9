"""Which differences are of substance and which of form alone: a rule that looks at the signs and guesses nothing (CM6).

Of form are blanks, labels, the tags (MOD), (ADD), (SUP), (NOC), a paragraph divided or joined whose words stayed, and
the punctuation listed here, but none that stands before a digit, where it may be part of a number. All else is
substance, capitals too: "Member States" are not "member states". The rule speaks of how words are written; whether a
comma changes what a text demands is for its readers to say.
"""

import re
from enum import StrEnum
from itertools import pairwise

from opinions.redline import tokens


class Nature(StrEnum):
    """What of a text a change touches."""

    WORDS = "words"
    CAPITALS = "capitals"
    ORDER = "order"
    KIND = "kind"
    PUNCTUATION = "punctuation"
    BLANKS = "blanks"
    LABEL = "label"
    TAG = "tag"
    DIVISION = "division"


PUNCTUATION = frozenset(
    ".,;:!'\"`\u00b7\u2019\u2018\u201c\u201d\u00ab\u00bb-\u2010\u2011\u2012\u2013\u2014"
    "\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff0e\u300c\u300d\u060c\u061b\u06d4"
)
"""Commas, stops, colons, quotation marks, apostrophes and dashes of the six languages. Brackets, slashes, question
marks, signs of arithmetic and of currency are not among them: these say something.
"""
_TAG = re.compile(r"\((?:MOD|ADD|SUP|NOC)\)")
_TAGS = frozenset({"MOD", "ADD", "SUP", "NOC", ""})


def nature(deleted: str, inserted: str, left: str = "", right: str = "") -> Nature:
    """What a replacement touches; `left` and `right` are the words that stay around it."""
    if deleted.strip() in _TAGS and inserted.strip() in _TAGS and left.endswith("(") and right.startswith(")"):
        return Nature.TAG
    was, now = words_of(deleted), words_of(inserted)
    if was == now:
        return Nature.BLANKS
    if [word.casefold() for word in was] == [word.casefold() for word in now]:
        return Nature.CAPITALS
    if _plain(was) == _plain(now) and not (_of_a_number(deleted + right) or _of_a_number(inserted + right)):
        return Nature.PUNCTUATION
    if words_of(_TAG.sub(" ", deleted)) == words_of(_TAG.sub(" ", inserted)):
        return Nature.TAG
    return Nature.WORDS


def words_of(text: str) -> list[str]:
    """The words and signs of a text, blanks aside."""
    return [token for token in tokens(text) if not token.isspace()]


def counted_words(deleted: str, inserted: str) -> int:
    """How many words a replacement changes: of words put in for others the more. Signs and blanks are no words."""
    return max(word_count(deleted), word_count(inserted))


def word_count(text: str) -> int:
    """Words of a text; of scripts without blanks, characters."""
    return sum(any(letter.isalnum() for letter in token) for token in tokens(text))


def _plain(words: list[str]) -> list[str]:
    return [word for word in words if word not in PUNCTUATION]


def _of_a_number(text: str) -> bool:
    """Whether one of the listed signs stands directly before a digit."""
    return any(one in PUNCTUATION and other.isdigit() for one, other in pairwise(text))
