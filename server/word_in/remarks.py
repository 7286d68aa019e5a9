"""The lines of the fidelity report that the reading itself has to make; the same line once, with its first places."""

from collections.abc import Iterable

from opinions.incoming import Remark, RemarkKind

MAX_PLACES = 5
"""Places cited for one remark; more are counted."""
MAX_KINDS = 200
"""Different remarks kept; a file with more is odd in ways that no list helps to see."""


class Remarks:
    """Collects remarks."""

    def __init__(self) -> None:
        self._places: dict[tuple[RemarkKind, str], dict[str, None]] = {}
        self._times: dict[tuple[RemarkKind, str], int] = {}
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
        found: list[Remark] = []
        for (kind, message), places in self._places.items():
            times = self._times[kind, message]
            found.append(Remark(kind, f"{message} ({times} times)" if times > 1 else message, _cited(places)))
        for name, number in self._formatters.items():
            words = f"Changes of formatting alone by {name} were taken as made ({number})."
            found.append(Remark(RemarkKind.SIMPLIFIED, words))
        return tuple(found)

    def _add(self, kind: RemarkKind, message: str, where: str) -> None:
        key = kind, message
        if key not in self._places and len(self._places) >= MAX_KINDS:
            return
        self._times[key] = self._times.get(key, 0) + 1
        places = self._places.setdefault(key, {})
        if where and len(places) <= MAX_PLACES:
            places[where] = None


def _cited(places: Iterable[str]) -> str:
    named = list(places)
    return "; ".join(named[:MAX_PLACES]) + ("; …" if len(named) > MAX_PLACES else "")
