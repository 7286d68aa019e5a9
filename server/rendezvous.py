"""Which of several places an Opinion belongs to, so that all who know the places agree and few Opinions move when one
comes or goes (highest random weight).
"""

import hashlib
from collections.abc import Iterable


def preferred(opinion: str, places: Iterable[str]) -> str | None:
    """The place of an Opinion among these; None of none."""
    return max(places, key=lambda place: hashlib.sha256(f"{place}\n{opinion}".encode()).digest(), default=None)
