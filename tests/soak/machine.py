"""What a run ran on: as much as explains its figures, and nothing that tells whose machine it was."""

import os
import platform
import re
import sqlite3
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from tests.soak.campaign import Figure
from tests.soak.ledger import ROOT

_SOURCES = ("server", "crdt", "opinions", "web/src", "tests")


def machine() -> dict[str, Figure]:
    """Cores that may be used, memory in GiB, kernel."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    release = re.match(r"[\d.]*\d", platform.release())
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "kernel": f"{platform.system()} {release[0] if release else ''}".strip(),
    }


def versions() -> dict[str, str]:
    """Python and what the promises rest on; databases that a campaign starts itself are among its figures."""
    return {"python": platform.python_version(), "pycrdt": version("pycrdt"), "sqlite": sqlite3.sqlite_version}


def commit() -> str:
    """The commit in twelve digits, with `+` when sources differ from it; `unknown` outside a repository."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--", *_SOURCES) else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def without_paths(text: str) -> str:
    """A message without this machine's folders and name."""
    for folder in sorted({str(ROOT), str(Path.home()), tempfile.gettempdir()}, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(f"{folder}/", "").replace(folder, "")
    return text.replace(platform.node(), "this machine") if len(platform.node()) > 3 else text


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()
