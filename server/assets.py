"""The web bundle: which hashed files a page needs, from Vite's manifest.

An entry is named by its source (`src/page.ts`); the manifest tells the script, its style sheets and what it
imports. The manifest is read once; a missing one is told with the line that builds it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from server.errors import ServerError

BUILD = Path(__file__).parent / "static" / "build"
ADDRESS = "/static/build/"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE = "private, max-age=31536000, immutable"


class BundleMissing(ServerError):
    """Raised when the web bundle was not built."""


@dataclass(frozen=True, slots=True)
class Assets:
    """What a page links: style sheets, scripts (modules), and modules to load early."""

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()


@cache
def assets_of(entry: str) -> Assets:
    """The files of an entry. Raises `BundleMissing` when the bundle lacks it."""
    manifest = _manifest()
    chunk = manifest.get(entry)
    if chunk is None:
        raise BundleMissing(f"The web bundle has no {entry}. Build it: make bundle")
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}
    waiting, seen = list(chunk.get("imports", [])), set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        imported = manifest[name]
        preloads[ADDRESS + imported["file"]] = None
        styles.update(dict.fromkeys(ADDRESS + style for style in imported.get("css", [])))
        waiting.extend(imported.get("imports", []))
    styles.update(dict.fromkeys(ADDRESS + style for style in chunk.get("css", [])))
    if chunk["file"].endswith(".css"):
        styles[ADDRESS + chunk["file"]] = None
        return Assets(tuple(styles))
    return Assets(tuple(styles), (ADDRESS + chunk["file"],), tuple(preloads))


@cache
def _manifest() -> dict[str, dict[str, Any]]:
    try:
        found = json.loads((BUILD / "manifest.json").read_text())
    except FileNotFoundError:
        raise BundleMissing("The web bundle was not built. Build it: make bundle") from None
    assert isinstance(found, dict)
    return found
