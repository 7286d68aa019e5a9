"""What a console shows is in its address: which row, which part of the queue, on whose instruction it records.

So a page loaded again, a page without scripts and the fragments that a script asks for are one and the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from opinions.queue import Filter

MAX_FIND = 60
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What one console shows. `on`: the row looked at (`amendment:<id>`, `paragraph:<id>`); empty: what the chair has
    taken up. `by`: who rules, where the secretariat records it. `apart`: rows are looked at without taking them up.
    """

    base: str
    on: str = ""
    show: Filter = Filter.ALL
    find: str = ""
    page: int = 1
    by: str = ""
    apart: bool = False

    def address(self, **changes: Any) -> str:
        """The address of this console with something changed."""
        look = replace(self, **changes)
        given = {
            "on": look.on,
            "show": "" if look.show is Filter.ALL else look.show.value,
            "find": look.find,
            "page": str(look.page) if look.page > 1 else "",
            "by": look.by,
            "apart": "1" if look.apart else "",
        }
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{look.base}?{query}" if query else look.base


def look_of(base: str, query: Mapping[str, str]) -> Look:
    """The look that an address asks for; what makes no sense in it is left out."""
    try:
        show = Filter(query.get("show", ""))
    except ValueError:
        show = Filter.ALL
    page = query.get("page", "")
    return Look(
        base,
        query.get("on", "")[:MAX_NAME],
        show,
        query.get("find", "").strip()[:MAX_FIND],
        max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
        query.get("by", "")[:MAX_NAME],
        query.get("apart", "") == "1",
    )
