"""The faces that PDF files are set in, and which characters they have: text beyond them is told by its code numbers.

`make bundle` brings them (Noto, under the SIL Open Font License, whose text lies beside them); faces of the machine are
never used, so that a file is the same wherever it is made.
"""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unicodedata import normalize

from server.errors import PdfUnavailable, ServerError

FACES = Path(__file__).parent / "fonts"
FAMILIES = ("Noto Serif", "Noto Naskh Arabic", "Noto Sans SC")
"""In this order: the first that has a character shows it."""
_SERIF = ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")
_FILES = (
    *(f"NotoSerif_{style}.ttf" for style in _SERIF),
    "NotoNaskhArabic_400Regular.ttf",
    "NotoNaskhArabic_700Bold.ttf",
    "NotoSansSC_400Regular.ttf",
)
_INVISIBLE = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFE00, 0xFE0F), (0x00AD, 0x00AD))
"""Characters that show nothing themselves, whatever a face has of them."""


def missing() -> tuple[str, ...]:
    """The faces that were not brought: with any of them missing there are no PDF files."""
    return tuple(name for name in _FILES if not (FACES / name).is_file())


def faces() -> list[Path]:
    """The folder of the faces. Raises `PdfUnavailable` when they were not brought."""
    if missing():
        raise PdfUnavailable(
            "PDF files cannot be made here yet: their fonts are missing. Take another format meanwhile, and tell the "
            "operator, who brings them with `make bundle`."
        )
    return [FACES]


def printable(text: str) -> str:
    """The text with what no face has told by its code number, `<U+20BB7>`; line ends and tabs are blanks.

    Letters are composed with their accents (NFC): apart, they are two to who copies them out of a file.
    """
    shown = characters()
    return "".join(
        one if ord(one) in shown else " " if one.isspace() else f"<U+{ord(one):04X}>" if one.isprintable() else ""
        for one in normalize("NFC", text)
    )


@cache
def characters() -> frozenset[int]:
    """Every character that the faces show, in each style that is used."""
    faces()
    serif, *others = (
        ([frozenset(_mapped(FACES / name)) for name in _FILES[: len(_SERIF)]]),
        *(frozenset(_mapped(FACES / name)) for name in _FILES[len(_SERIF) :]),
    )
    shown = frozenset.intersection(*serif).union(*others)
    return shown | {one for first, last in _INVISIBLE for one in range(first, last + 1)}


def _mapped(path: Path) -> Iterator[int]:
    """The characters of a face, from its `cmap` (OpenType 1.9: formats 4 and 12)."""
    data = path.read_bytes()
    start = _table(data, b"cmap")
    for number in range(struct.unpack_from(">H", data, start + 2)[0]):
        platform, _, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * number)
        at = start + offset
        form = struct.unpack_from(">H", data, at)[0]
        if platform not in (0, 3):
            continue
        if form == 4:
            yield from _segments(data, at)
        elif form == 12:
            for group in range(struct.unpack_from(">L", data, at + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", data, at + 16 + 12 * group)
                yield from range(first, last + 1)


def _table(data: bytes, name: bytes) -> int:
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        if tag == name:
            return int(offset)
    raise ServerError("A font of PDF files has no table of characters. Run `make clean bundle`.")


def _segments(data: bytes, at: int) -> Iterator[int]:
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", data, at + 16 + 4 * count)
    places = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", data, places)
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for one in range(first, last + 1):
            if one == 0xFFFF:
                continue
            if not offsets[number]:
                glyph = (one + deltas[number]) & 0xFFFF
            else:
                where = places + 2 * number + offsets[number] + 2 * (one - first)
                glyph = struct.unpack_from(">H", data, where)[0]
            if glyph:
                yield one
