"""The names that this project writes into its own Word files, so that a file that comes back is known again.

A bookmark per paragraph carries the paragraph's id: `ub_p_abc...` for `p-abc...`. Word takes letters, digits and `_`,
at most 40 of them, and LibreOffice keeps them as they are. Ids are of `[a-z0-9-]` (crdt/SPEC.md, D3), so `-` alone
needs another letter.
"""

import re

OPINION_PROPERTY = "UnbracketOpinion"
"""Custom property: the id of the Opinion that was exported."""
SEQ_PROPERTY = "UnbracketSeq"
"""Custom property: the last entry of its log that the text shows."""

_PREFIX = "ub_"
_LONGEST = 40
_BOOKMARK = re.compile(rf"{_PREFIX}([a-z0-9][a-z0-9_]{{0,{_LONGEST - len(_PREFIX) - 1}}})")


def bookmark_of(paragraph_id: str) -> str:
    """The bookmark for a paragraph; empty for an id too long to be kept by Word (ids as drawn have 18 characters)."""
    name = _PREFIX + paragraph_id.replace("-", "_")
    return name if _BOOKMARK.fullmatch(name) else ""


def paragraph_of(bookmark: str) -> str:
    """The paragraph id in a bookmark's name; empty for a bookmark of another kind."""
    found = _BOOKMARK.fullmatch(bookmark)
    return found[1].replace("_", "-") if found else ""
