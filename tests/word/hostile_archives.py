"""Hostile files whose trick is in the ZIP archive around the parts."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from tests.word import writing as w

GOOD = w.parts(w.p(w.run("good words")))
_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"


def good() -> bytes:
    """A file that is read."""
    return w.zipped(GOOD)


def named(*names: str) -> bytes:
    """A good file with entries of these names behind its parts, each as often as named."""
    written = io.BytesIO(good())
    with zipfile.ZipFile(written, "a") as archive:
        for name in names:
            info = zipfile.ZipInfo("x", (2026, 1, 1, 0, 0, 0))
            info.filename = name
            archive.writestr(info, b"<x/>")
    return written.getvalue()


def changed(where: bytes, offset: int, form: str, value: int, *, last: bool = True) -> bytes:
    """A good file with one number of a record changed: of the last with this signature, or of the first."""
    content = bytearray(good())
    at = content.rfind(where) if last else content.find(where)
    struct.pack_into("<" + form, content, at + offset, value)
    return bytes(content)


def bomb(size: int) -> bytes:
    """A good file with a part of zeros, packed a thousand times smaller."""
    return w.zipped({**GOOD, "word/media/image1.bmp": bytes(size)})


def xml_bomb(size: int) -> bytes:
    """The same in the text itself."""
    return w.zipped({**GOOD, "word/document.xml": GOOD["word/document.xml"] + b" " * size})


def overlapping() -> bytes:
    """Two entries of the directory that are one and the same part: how a bomb of one layer is made."""
    content = good()
    directory = content.find(_CENTRAL)
    end = content.rfind(_END)
    first = content[directory : content.find(_CENTRAL, directory + 4)]
    rows = content[directory:end] + first.replace(b"[Content_Types].xml", b"[Content_Typeq].xml")
    count = len(GOOD) + 1
    return content[:directory] + rows + struct.pack("<4s4H2LH", _END, 0, 0, count, count, len(rows), directory, 0)


def quoted() -> bytes:
    """One entry that says it is longer, and so holds the next one too."""
    content = bytearray(good())
    first = content.find(_CENTRAL)
    packed = struct.unpack_from("<L", content, first + 20)[0]
    struct.pack_into("<L", content, first + 20, packed + 200)
    struct.pack_into("<L", content, 18, packed + 200)
    return bytes(content)


def many_entries(count: int) -> bytes:
    """More entries than any document has."""
    return w.zipped({**GOOD, **{f"word/media/{n}.png": b"" for n in range(count)}}, zipfile.ZIP_STORED)


def renamed_inside() -> bytes:
    """The directory names a part that calls itself otherwise: two programs see two documents."""
    content = good()
    at = content.find(b"word/document.xml")
    return content[:at] + b"word/DOCUMENT.xml" + content[at + 17 :]


def packed_as(method: int) -> bytes:
    """A good file packed in a way that Word does not use."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in GOOD.items():
            archive.writestr(name, content)
    return written.getvalue()


def lying_size() -> bytes:
    """A part of 20 MB of which both records say that it has 900 bytes."""
    content = bytearray(w.zipped({**GOOD, "word/document.xml": GOOD["word/document.xml"] + b" " * 20_000_000}))
    for signature, offset in ((_LOCAL, 22), (_CENTRAL, 24)):
        at = content.find(b"word/document.xml", content.find(signature))
        at = content.rfind(signature, 0, at)
        struct.pack_into("<L", content, at + offset, 900)
    return bytes(content)


def spoiled() -> bytes:
    """A good file with some bytes of the text's packed form changed."""
    content = bytearray(good())
    at = content.find(b"word/document.xml") + 60
    content[at : at + 12] = bytes(12)
    return bytes(content)


Made = Callable[[int], bytes]

ARCHIVES: Mapping[str, tuple[Made, str]] = {
    "cut_before_the_end": (lambda _: good()[:-30], "damaged"),
    "cut_in_the_middle": (lambda _: good()[: len(good()) // 2], "damaged"),
    "only_a_beginning": (lambda _: _LOCAL, "damaged"),
    "only_an_end": (lambda _: _LOCAL + struct.pack("<4s4H2LH", _END, 0, 0, 0, 0, 0, 4, 0), "no Word document"),
    "something_before": (lambda _: b"PK\x03\x04#!/bin/sh\n" + good(), "damaged"),
    "something_behind": (lambda _: good() + b"<script>", "damaged"),
    "several_disks": (lambda _: changed(_END, 4, "H", 3), "one part of an archive"),
    "more_entries_promised": (lambda _: changed(_END, 10, "H", 99), "one part of an archive"),
    "directory_elsewhere": (lambda _: changed(_END, 16, "L", 7), "damaged"),
    "zip64": (lambda _: changed(_END, 16, "L", 0xFFFFFFFF), "damaged"),
    "same_name_twice": (lambda _: named("a.xml", "b.xml").replace(b"b.xml", b"a.xml"), "two parts"),
    "same_name_in_capitals": (lambda _: named("word/Document.xml"), "two parts"),
    "absolute_name": (lambda _: named("/etc/cron.d/x"), "leads out"),
    "name_with_dots": (lambda _: named("../../x.xml"), "leads out"),
    "name_with_dots_inside": (lambda _: named("word/../../x.xml"), "leads out"),
    "name_with_backslash": (lambda _: named("xxx.xml").replace(b"xxx.xml", b"..\\.xml"), "leads out"),
    "name_of_a_drive": (lambda _: named("C:/x.xml"), "leads out"),
    "name_without_end": (lambda _: named("x" * 2_000), "leads out"),
    "other_name_inside": (lambda _: renamed_inside(), "different things"),
    "overlapping": (lambda _: overlapping(), "damaged"),
    "quoted": (lambda _: quoted(), "overlap"),
    "part_outside": (lambda _: changed(_CENTRAL, 42, "L", 0x7FFFFFFF), "damaged"),
    "password_on_a_part": (lambda _: changed(_CENTRAL, 8, "H", 1), "password"),
    "packed_with_bzip2": (lambda _: packed_as(zipfile.ZIP_BZIP2), "does not use"),
    "packed_with_lzma": (lambda _: packed_as(zipfile.ZIP_LZMA), "does not use"),
    "wrong_sum": (lambda _: changed(_CENTRAL, 16, "L", 1, last=False), "cannot be unpacked"),
    "spoiled": (lambda _: spoiled(), "cannot be unpacked"),
    "lying_size": (lambda _: lying_size(), ""),
    "bomb_of_30_mb": (lambda _: bomb(30_000_000), "packed"),
    "bomb_of_60_mb": (lambda _: bomb(60_000_000), "unpacks"),
    "bomb_in_the_text": (lambda _: xml_bomb(40_000_000), "unpacks"),
    "bomb_just_below": (lambda _: xml_bomb(15_000_000), "packed"),
    "many_entries": (lambda _: many_entries(2_100), "parts"),
    "very_many_entries": (lambda _: many_entries(20_000), "parts"),
    "larger_than_10_mb": (lambda _: w.zipped({**GOOD, "a.bin": bytes(11_000_000)}, zipfile.ZIP_STORED), "MB"),
}
"""The trick by its name: what makes the file, and words of the refusal."""
