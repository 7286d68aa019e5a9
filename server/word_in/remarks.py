"""The lines of the fidelity report that the reading itself has to make; the same line once, with its first places."""

from opinions.incoming import Remark, RemarkKind

MAX_PLACES = 5
"""Places cited for one remark; more are counted."""
MAX_KINDS = 200
"""Different remarks kept; a file with more is odd in ways that no list helps to see."""


class Remarks:
    """Collects remarks."""

    def __init__(self) -> None:
        self._places: dict[tuple[RemarkKind, str], list[str]] = {}
        self._formatters: dict[str, int] = {}

    def left_out(self, message: str, where: str = "") -> None:
        """Something that is not in what was read."""
        self._add(RemarkKind.LEFT_OUT, message, where)

    def simplified(self, message: str, where: str = "") -> None:
        """Something that is there, in a simpler form."""
        self._add(RemarkKind.SIMPLIFIED, message, where)

    def formatting(self, author: str) -> None:
        """A revision of formatting alone."""
        name = author.strip()[:255] or "an unnamed author"
        if name in self._formatters or len(self._formatters) < MAX_KINDS:
            self._formatters[name] = self._formatters.get(name, 0) + 1

    def all(self) -> tuple[Remark, ...]:
        """The remarks, in the order in which they were first made."""
        found = [
            Remark(kind, message if len(places) < 2 else f"{message} ({len(places)} times)", _cited(places))
            for (kind, message), places in self._places.items()
        ]
        for name, times in self._formatters.items():
            words = f"Changes of formatting alone by {name} were taken as made ({times})."
            found.append(Remark(RemarkKind.SIMPLIFIED, words))
        return tuple(found)

    def _add(self, kind: RemarkKind, message: str, where: str) -> None:
        key = kind, message
        if key in self._places or len(self._places) < MAX_KINDS:
            self._places.setdefault(key, []).append(where)


def _cited(places: list[str]) -> str:
    named = list(dict.fromkeys(place for place in places if place))
    return "; ".join(named[:MAX_PLACES]) + ("; …" if len(named) > MAX_PLACES else "")
