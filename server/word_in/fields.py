"""Fields: what Word computes into the text (ECMA-376 Part 1, 17.16). Their result is text; their instruction is not.

Instructions that fetch from elsewhere or talk to another program are refused by name, computed or not.
"""

import re

from lxml import etree

from server.word_in.refusals import WordRefused
from server.word_in.xml import W, local, value

_FETCHING = re.compile(r"\s*(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|INCLUDE|DATABASE|RD)\b", re.IGNORECASE)
MAX_NESTED = 50


def judge(instruction: str) -> None:
    """Raises `WordRefused` for an instruction that fetches or runs something."""
    found = _FETCHING.match(instruction.replace("\u00a0", " ").replace('"', " "))
    if found:
        raise WordRefused(
            f"The file holds a field of the kind {found[1].upper()}, which takes text from another place or program. "
            "Turn it into plain text in Word (click it, Ctrl+Shift+F9) and hand the file in again."
        )


class Fields:
    """The fields that are open where the reading is; `silent` while in an instruction."""

    def __init__(self, story: etree._Element) -> None:
        begun = ended = 0
        for one in story.iter(W + "fldChar"):
            kind = value(one, "fldCharType")
            begun, ended = begun + (kind == "begin"), ended + (kind == "end")
        self.balanced = begun == ended
        self._open: list[tuple[list[str], bool]] = []

    @property
    def silent(self) -> bool:
        """Whether words that come now are of an instruction. A file with an open end hides nothing."""
        return self.balanced and any(instructing for _, instructing in self._open)

    def instruct(self, words: str) -> None:
        """Words of an instruction, which may come in pieces."""
        if self._open:
            self._open[-1][0].append(words)
        else:
            judge(words)

    def char(self, element: etree._Element) -> None:
        """A `w:fldChar`: the begin of a field, of its result, or its end."""
        assert local(element) == "fldChar"
        match value(element, "fldCharType"):
            case "begin":
                if len(self._open) >= MAX_NESTED:
                    raise WordRefused(f"The file has more than {MAX_NESTED} fields inside each other.")
                self._open.append(([], True))
            case "separate" if self._open:
                judge("".join(self._open[-1][0]))
                self._open[-1] = self._open[-1][0], False
            case "end" if self._open:
                judge("".join(self._open.pop()[0]))
            case _:
                pass
