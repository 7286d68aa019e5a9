"""Many files read in one process that has given up what the server's reading processes give up: `python -m` this one.

Each file comes on standard input behind its length (eight bytes), each answer goes out as a line of JSON: `refused` or
`read`, and `cpu`, the seconds of a processor that it took. The limits are those of `server.word_in.reading_process`,
and hold for all the files together. What tries to leave ends the process.
"""

import json
import struct
import sys
import time

from server.word_in.reader import read_document
from server.word_in.reading_process import confine, give_up
from server.word_in.refusals import WordRefused


def main() -> None:
    """Reads to the end."""
    confine()
    give_up()
    while length := sys.stdin.buffer.read(8):
        content = sys.stdin.buffer.read(*struct.unpack("<Q", length))
        began = time.process_time()
        told: dict[str, object] = {}
        try:
            told["read"] = "".join(one.text for one in read_document(content).paragraphs)[:80]
        except WordRefused as refused:
            told["refused"] = str(refused)
        told["cpu"] = time.process_time() - began
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
