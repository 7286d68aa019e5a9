"""One request of the table of routes (`tests.attack.routes`): who asks for what, and what is the right answer."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Try:
    """One request: who asks for which address, and the statuses that are right."""

    who: str | None
    path: str
    statuses: frozenset[int]
    form: dict[str, str] = field(default_factory=dict)


def get(who: str | None, path: str, *statuses: int, **form: str) -> Try:
    """One request."""
    return Try(who, path, frozenset(statuses), form)


EXPERT, OTHER, OBSERVER, ADMIN, CLERK, NOBODY = "m-xaa-1", "m-xbb-1", "m-obs", "m-admin", "m-sec", None
SIGN_IN = {303, 401}
MISSING, HIDDEN, FORBIDDEN = 404, {404}, {403}
UNFOUND = (404, 400)
