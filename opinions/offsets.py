"""Where the characters of a paragraph went while one command edits it: offsets of the text before, and of the text now.

What a command brings counts characters as they stood before it. Each edit moves those behind it; this keeps account, in
time that grows with the edits and not with the characters.
"""

from opinions.edits import DeleteText, InsertText


class Offsets:
    """The characters of one paragraph that stood before, and where they stand now.

    `text` is the text before. Those in a row are kept as one part: from, to, and where it begins now.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = [(0, len(text), 0)] if text else []
        self._length = len(text)

    def take(self, edit: InsertText | DeleteText) -> None:
        """Notes an edit of this paragraph."""
        if isinstance(edit, InsertText):
            self._inserted(edit.at, len(edit.text))
        else:
            self._deleted(edit.start, edit.end)

    def stretches(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Where the characters from `start` up to `end` stand now, in order; what came in between is left out."""
        found = []
        for low, high, at in self._parts:
            first, last = max(start, low), min(end, high)
            if first < last:
                found.append((at + first - low, at + last - low))
        return tuple(found)

    def gap(self, offset: int) -> int:
        """Where words put at `offset` go now: behind what the command put there before, ahead of the character that
        stood there.
        """
        for low, high, at in self._parts:
            if offset < high:
                return at + max(offset - low, 0)
        return self._length

    def _inserted(self, at: int, length: int) -> None:
        parts = []
        for low, high, place in self._parts:
            end = place + high - low
            if place >= at:
                parts.append((low, high, place + length))
            elif end <= at:
                parts.append((low, high, place))
            else:
                cut = low + at - place
                parts += [(low, cut, place), (cut, high, at + length)]
        self._parts = parts
        self._length += length

    def _deleted(self, start: int, end: int) -> None:
        parts = []
        for low, high, place in self._parts:
            stop = place + high - low
            if place < start:
                parts.append((low, low + min(stop, start) - place, place))
            if stop > end:
                first = max(place, end)
                parts.append((low + first - place, high, first - (end - start)))
        self._parts = parts
        self._length -= end - start
