"""The one failure of this package, and the limits whose breach causes it.

Each limit is well above any paper of the forum (a 30-page draft with revision marks: 0.1 MB, 1 MB of XML, 40,000
elements) and below what the reading process, with its 256 MiB and 10 s, can bear.
"""

from server.errors import ServerError

MAX_FILE = 10 * 1024 * 1024
"""Bytes of a file as handed in. Pictures are most of a large one, and are not read."""
MAX_ENTRIES = 2_000
MAX_DIRECTORY = 1024 * 1024
"""Bytes of the ZIP directory: what is held before any entry is looked at."""
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PART = 16 * 1024 * 1024
"""Bytes of one XML part, unpacked."""
MAX_RATIO = 100
"""Unpacked to packed, for parts above `RATIO_FROM`; the XML of Word reaches 40."""
RATIO_FROM = 1024 * 1024
MAX_NODES = 500_000
"""Elements and attributes of all the XML parts that are read; libxml2 takes about 120 bytes for each."""
MAX_DEPTH = 120
"""Elements inside each other. A table within a table within a text box has some 40."""
MAX_ATTRIBUTES = 200
"""Attributes of one element; those of Word have up to 40 (the root's names of XML vocabularies)."""
MAX_PARAGRAPHS = 20_000
MAX_STRETCHES = 60_000
MAX_CHARACTERS = 1_000_000
"""Characters of the text with its notes; a draft Opinion has up to 170,000 (domain, 2.1)."""
MAX_COMMENTS = 5_000
MAX_OPEN_COMMENTS = 100
"""Comments on the same words: each stretch names those it is in, so many long ones would be a text of their own."""


class WordRefused(ServerError):
    """Raised for a file that is not read; the message names what was found and what to do. Nothing of it was taken."""


BROKEN = "The file is damaged: {}. Open it in Word, save it again as .docx and hand that in."
"""The sentence for a file that no program wrote so."""
