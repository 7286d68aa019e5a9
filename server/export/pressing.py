"""The process that sets PDF files and ends: `python -m server.export.pressing`.

A JSON array of [data, seconds] comes on standard input; each file goes to standard output behind its length (4 bytes,
big-endian).
"""

import json
import os
import resource
import struct
import sys

from server.export.setting import set_pdf

MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes of address space; 76 pages take 0.2 GB, the faces are mapped beside that (measured)."""
CPU_SECONDS = 60


def main() -> int:
    """Sets what it is given."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        given = resource.getrlimit(kind)[1]
        limit = most if given == resource.RLIM_INFINITY else min(most, given)
        resource.setrlimit(kind, (limit, limit))
    os.nice(10)
    for data, at in json.load(sys.stdin.buffer):
        made = set_pdf(data, at)
        sys.stdout.buffer.write(struct.pack(">L", len(made)) + made)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
