"""`python -m tests.word.make`: make the committed files of `tests/word/files` again, by LibreOffice.

Each file is what LibreOffice wrote, byte for byte; another release writes other bytes, and the tests must pass with
these too.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.office import converted, edited
from tests.word.sources import AROUND, EDITED, FLAT

FILES = Path(__file__).parent / "files"


def main() -> int:
    """Writes every file."""
    FILES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        sources = []
        for name, text in FLAT.items():
            sources.append(place / f"{name}.fodt")
            sources[-1].write_text(text())
        made = converted(sources, "docx", FILES)
        given = []
        for name, content in AROUND.items():
            given.append(place / f"{name}.docx")
            given[-1].write_bytes(content)
        made += converted(converted(given, "odt", place), "docx", FILES)
    for name, (content, sittings) in EDITED.items():
        made.append(FILES / f"{name}.docx")
        made[-1].write_bytes(edited(content, *sittings))
    for one in made:
        print(f"{one.stat().st_size:7} {one.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
