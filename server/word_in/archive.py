"""The ZIP archive of a DOCX file as untrusted bytes: whole, plain, and what it says of itself (PKWARE APPNOTE 6.3).

The archive is judged by its own records before anything is unpacked, and its records against each other: two programs
must not see two documents in it.
"""

import io
import struct
import zipfile
import zlib
from itertools import pairwise

from server.word_in.refusals import (
    BROKEN,
    MAX_DIRECTORY,
    MAX_ENTRIES,
    MAX_FILE,
    MAX_PART,
    MAX_RATIO,
    MAX_UNPACKED,
    RATIO_FROM,
    WordRefused,
)

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_OTHER_KINDS = (
    (b"{\\rtf", "It is an RTF file."),
    (b"%PDF", "It is a PDF file, from which revision marks and comments cannot be read."),
    (b"<", "It is a web page or an XML file."),
)


def opened_archive(content: bytes) -> zipfile.ZipFile:
    """The archive in these bytes, nothing of it unpacked. Raises `WordRefused`."""
    if len(content) > MAX_FILE:
        raise WordRefused(
            f"The file has {len(content) / 1e6:.0f} MB; {MAX_FILE >> 20} MB is the most. Compress its pictures in Word "
            "and save it again."
        )
    _is_zip(content)
    _check_end(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, struct.error) as problem:
        raise WordRefused(BROKEN.format("it is no whole ZIP archive")) from problem
    _check_entries(content, archive.infolist())
    return archive


def unpacked(archive: zipfile.ZipFile, part: str) -> bytes:
    """The bytes of a part, at most `MAX_PART`. Raises `WordRefused`."""
    try:
        with archive.open(part) as stream:
            content = stream.read(MAX_PART + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
        raise WordRefused(BROKEN.format(f"its part {part} cannot be unpacked")) from problem
    if len(content) > MAX_PART:
        raise WordRefused(
            f"The part {part} unpacks to more than {MAX_PART >> 20} MB. Shorten the document and save it again."
        )
    return content


def _is_zip(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise WordRefused("The file is protected by a password. Take the password off in Word and save it again.")
        raise WordRefused("The file is in the old .doc format. Save it as .docx in Word and hand that in.")
    if content.startswith(b"PK\x03\x04"):
        return
    if not content:
        raise WordRefused("The file is empty. Choose the .docx file once more.")
    found = next(
        (words for start, words in _OTHER_KINDS if content.lstrip().startswith(start)), "It is something else."
    )
    raise WordRefused(f"The file is not a Word document (.docx). {found} Save it as .docx in Word and hand that in.")


def _check_end(content: bytes) -> None:
    """The end record of the archive: one disk, a bounded directory that stands right before it."""
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - _END.size - 0xFFFF))
    if at < 0 or at + _END.size > len(content):
        raise WordRefused(BROKEN.format("the end is missing"))
    _, disk, first_disk, here, entries, size, offset, comment = _END.unpack_from(content, at)
    if disk or first_disk or here != entries:
        raise WordRefused(BROKEN.format("it is one part of an archive of several"))
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        raise WordRefused(
            f"The file holds {entries} parts or more; {MAX_ENTRIES} is the most. Copy its text into a new document and "
            "hand that in."
        )
    if offset + size != at or at + _END.size + comment != len(content):
        raise WordRefused(BROKEN.format("something else stands before, between or behind its parts"))


def _check_entries(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Sizes, names and places of the entries, as the directory and the entries themselves tell them."""
    if len(entries) > MAX_ENTRIES:
        raise WordRefused(f"The file holds {len(entries)} parts; {MAX_ENTRIES} is the most.")
    total = 0
    seen: set[str] = set()
    taken: list[tuple[int, int]] = []
    for entry in entries:
        name = entry.orig_filename
        if name.lower() in seen:
            raise WordRefused(BROKEN.format(f"it holds two parts with the name {name[:80]!r}"))
        seen.add(name.lower())
        _check_name(name)
        if entry.flag_bits & 0x1:
            raise WordRefused("The file is protected by a password. Take the password off in Word and save it again.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WordRefused(BROKEN.format("its parts are packed in a way that Word does not use"))
        total += entry.file_size
        if total > MAX_UNPACKED or (entry.file_size > MAX_PART and name.endswith((".xml", ".rels"))):
            raise WordRefused(
                f"The file unpacks to more than {MAX_UNPACKED >> 20} MB, or one part to more than {MAX_PART >> 20} MB. "
                "Shorten the document, or compress its pictures, and save it again."
            )
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise WordRefused(
                f"The part {name[:80]} is packed more than {MAX_RATIO} times smaller than it is: this is how files are "
                "made that choke a program. Copy the text into a new document and hand that in."
            )
        taken.append(_place(content, entry))
    taken.sort()
    if any(following[0] < before[1] for before, following in pairwise(taken)):
        raise WordRefused(BROKEN.format("its parts overlap"))


def _place(content: bytes, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """From where to where an entry lies in the file; its own header must say what the directory says."""
    start = entry.header_offset
    if start < 0 or start + _LOCAL.size > len(content):
        raise WordRefused(BROKEN.format("a part lies outside it"))
    head = _LOCAL.unpack_from(content, start)
    signature, flags, method, packed, unpacked, name_size, extra_size = (
        *(head[0], head[2], head[3]),
        *(head[7], head[8], head[9], head[10]),
    )
    name = content[start + _LOCAL.size : start + _LOCAL.size + name_size]
    spelled = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace")
    told_later = bool(flags & 0x8)
    if (
        signature != b"PK\x03\x04"
        or method != entry.compress_type
        or name != spelled
        or (not told_later and (packed, unpacked) != (entry.compress_size, entry.file_size))
    ):
        raise WordRefused(BROKEN.format("a part and the list of its parts say different things"))
    end = start + _LOCAL.size + name_size + extra_size + entry.compress_size
    if end > len(content):
        raise WordRefused(BROKEN.format("a part lies outside it"))
    return start, end


def _check_name(name: str) -> None:
    if (
        not name
        or len(name) > 300
        or name.startswith("/")
        or "\\" in name
        or ":" in name
        or "\0" in name
        or ".." in name.split("/")
    ):
        raise WordRefused(BROKEN.format(f"a part has the name {name[:80]!r}, which leads out of the file"))
