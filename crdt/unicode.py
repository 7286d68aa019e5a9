"""Which characters may stand in a text (crdt/SPEC.md, G13).

Characters that are not seen, or that make other characters read differently from how they are stored, have no place
in a text that is agreed word by word: what two delegations see must be what both have agreed to.
"""

import re
from collections.abc import Mapping

_REFUSED = (
    "\x00-\x1f\x7f-\x9f"  # control characters; line breaks and tabs among them
    "\xad"  # soft hyphen
    "\u200b"  # zero width space
    "\u2028\u2029"  # line and paragraph separator
    "\u202a-\u202e"  # bidirectional embeddings and overrides
    "\ufeff"  # byte order mark
    "\ufffc"  # stands for an embedded object
    "\ud800-\udfff"  # halves of surrogate pairs
    "\U000e0000-\U000e007f"  # tag characters
)
_refused = re.compile(f"[{_REFUSED}]").search


def refused_character(text: str) -> str | None:
    """The first character of `text` that may not stand in a text, or None. Isolates, LRM, RLM, ZWJ and ZWNJ pass."""
    if text.isascii() and text.isprintable():
        return None
    found = _refused(text)
    return found.group() if found else None


def refused_in(fields: Mapping[str, object]) -> tuple[str, str] | None:
    """The first field of a command with a character that may not stand there, and that character (C1); a nested field
    by its path.

    Reasons and notes may have lines. `was` repeats what stands in the text and is compared with it.
    """
    for name, value in fields.items():
        if (found := _refused_in(name, name, value)) is not None:
            return found
    return None


def _refused_in(path: str, name: str, value: object) -> tuple[str, str] | None:
    if isinstance(value, Mapping):
        parts = ((f"{path}.{inner}", str(inner), part) for inner, part in value.items())
    elif isinstance(value, list | tuple):
        parts = ((f"{path}[{number}]", name, part) for number, part in enumerate(value))
    elif not isinstance(value, str) or name == "was":
        return None
    else:
        if name in ("reason", "note"):
            value = value.replace("\r", "").replace("\n", "").replace("\t", "")
        character = refused_character(value)
        return None if character is None else (path, character)
    return next((found for part in parts if (found := _refused_in(*part)) is not None), None)


def code_point(character: str) -> str:
    """How a message names a character that cannot be shown: `U+202E`."""
    return f"U+{ord(character):04X}"
