"""The process that reads one Word file and ends: `python -m server.word_in.reading_process`.

The file comes on standard input, one JSON object goes to standard output: `{"document": ...}` or `{"refused": "..."}`.
Before the first byte is read the process has given up what it does not need (R32): memory beyond 256 MiB, processor
time beyond 10 s, files to write, and - by an audit hook, from which there is no way back - sockets, other programs and
the opening of files. Nothing in the reading wants any of these; the hook is for what nobody foresaw.
"""

import json
import resource
import sys
from typing import Any, NoReturn

from opinions.incoming_json import document_json
from server.word_in.reader import read_document
from server.word_in.refusals import MAX_FILE, WordRefused

MEMORY = 256 * 1024 * 1024
"""Bytes of address space. The interpreter with its libraries takes 26 MiB, a file at every limit 135 (measured)."""
CPU_SECONDS = 10
DESCRIPTORS = 16
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "ctypes.")
_REFUSED_WHOLE = frozenset({"open", "os.listdir", "os.remove", "os.rename", "os.mkdir", "import", "shutil.copyfile"})


class _Forbidden(BaseException):
    """Raised where the reading tries what it has given up; no handler on the way takes it for a broken file."""


def main() -> int:
    """Reads, answers, ends."""
    confine()
    content = sys.stdin.buffer.read(MAX_FILE + 1)
    give_up()
    answer: dict[str, Any]
    try:
        answer = {"document": document_json(read_document(content))}
    except WordRefused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        return 3
    except RecursionError:
        answer = {"refused": "The file has more inside each other than can be read. Copy its text into a new document."}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
    sys.stdout.flush()
    return 0


def confine() -> None:
    """The limits that the system keeps; one that is lower already stays."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        given = resource.getrlimit(kind)[1]
        limit = most if given == resource.RLIM_INFINITY else min(most, given)
        resource.setrlimit(kind, (limit, limit))


def give_up() -> None:
    """The limits that the interpreter keeps; codecs are loaded before, for after this nothing is."""
    for codec in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp437", "ascii", "latin-1"):
        "a".encode(codec)

    def hook(event: str, _: tuple[object, ...]) -> None:
        if event in _REFUSED_WHOLE or event.startswith(_REFUSED):
            _refuse(event)

    sys.addaudithook(hook)


def _refuse(event: str) -> NoReturn:
    raise _Forbidden(f"the reading of a Word file tried {event}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    sys.exit(main())
