"""A DOCX file as untrusted bytes: opened part by part within limits, or refused with what was found.

Nothing is fetched, nothing written, no entity resolved: a part is XML without a document type, checked by a first pass
(expat, no tree) before a tree is made of it. What could make Word run or fetch something - macros, embedded objects,
links to other files - is refused by name, so that nobody takes the file for clean because it was read here.
Formats: ECMA-376 Part 2 (packages), PKWARE APPNOTE 6.3 (ZIP).
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from lxml import etree

from server.word_in.refusals import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_DIRECTORY,
    MAX_ENTRIES,
    MAX_FILE,
    MAX_NODES,
    MAX_PART,
    MAX_RATIO,
    MAX_UNPACKED,
    RATIO_FROM,
    WordRefused,
)

DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_BROKEN = "The file is damaged: {}. Open it in Word, save it again as .docx and hand that in."
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|wordprocessingml|drawingml)/")
_STRICT_NAMES = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
    b"officeDocument/math": b"officeDocument/2006/math",
    b"drawingml/main": b"drawingml/2006/main",
}
_OTHER_KINDS = (
    (b"{\\rtf", "It is an RTF file."),
    (b"%PDF", "It is a PDF file, from which revision marks and comments cannot be read."),
    (b"<", "It is a web page or an XML file."),
)
_LINKED = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relationship:
    """What a part refers to: `kind` is the last word of its type, `target` a part or, if external, an address."""

    kind: str
    target: str
    external: bool = False


@dataclass
class Package:
    """The parts of a DOCX that has passed the gate. `notes` are the harmless oddities found, as sentences."""

    archive: zipfile.ZipFile
    names: frozenset[str]
    types: Mapping[str, str]
    document: str
    notes: list[str] = field(default_factory=list)
    _nodes: int = 0
    _related: dict[str, Mapping[str, Relationship]] = field(default_factory=dict)

    def related(self, part: str) -> Mapping[str, Relationship]:
        """The relationships of a part by their ids; of the whole file for `""`."""
        folder, name = posixpath.split(part)
        return self._related.get(posixpath.join(folder, "_rels", f"{name}.rels"), {})

    def judge_relationships(self) -> None:
        """Reads the relationships of every part; refuses those that would fetch or run something."""
        for rels in sorted(name for name in self.names if name.endswith(".rels")):
            folder = posixpath.dirname(posixpath.dirname(rels))
            found: dict[str, Relationship] = {}
            for one in self.parse(rels).iter("{*}Relationship"):
                relationship = _relationship(folder, one)
                self._judge(relationship)
                found[one.get("Id", "")] = relationship
            self._related[rels] = found

    def first(self, relationships: Mapping[str, Relationship], kind: str) -> etree._Element | None:
        """The root of the first part of a kind (`styles`, `comments`); None when there is none."""
        for one in relationships.values():
            if one.kind == kind and not one.external and one.target in self.names:
                return self.parse(one.target)
        return None

    def parse(self, part: str) -> etree._Element:
        """The tree of an XML part, within the limits of all the parts together."""
        content = _well_formed_text(part, self._read(part))
        self._nodes = _counted(part, content, self._nodes)
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            return etree.fromstring(_transitional(content), parser)
        except etree.XMLSyntaxError as problem:
            raise WordRefused(_BROKEN.format(f"its part {part} is not well-formed XML")) from problem

    def _read(self, part: str) -> bytes:
        try:
            with self.archive.open(part) as stream:
                content = stream.read(MAX_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
            raise WordRefused(_BROKEN.format(f"its part {part} cannot be unpacked")) from problem
        if len(content) > MAX_PART:
            raise WordRefused(
                f"The part {part} unpacks to more than {MAX_PART >> 20} MB. Shorten the document and save it again."
            )
        return content

    def _judge(self, one: Relationship) -> None:
        if one.kind in ("oleObject", "control", "activeXControlBinary"):
            raise WordRefused(
                "The file holds an object of another program (OLE or ActiveX). Delete it in Word, or put a picture in "
                "its place, and hand the file in again."
            )
        if one.kind in ("aFChunk", "subDocument"):
            raise WordRefused(
                "The file pulls another document into its text (altChunk or sub-document). Open it in Word, save it "
                "as a new .docx and hand that in."
            )
        if one.kind in ("vbaProject", "wordVbaData", "keyMapCustomizations", "attachedToolbars"):
            raise _macros()
        if not one.external or one.kind == "hyperlink":
            return
        if one.kind == "attachedTemplate" and _on_own_disk(one.target):
            self.notes.append("The template that the file names was not looked at.")
            return
        what = "a template" if one.kind == "attachedTemplate" else "a picture or another part of its text"
        raise WordRefused(
            f"The file takes {what} from another place ({one.target[:120]!r}). Nothing is fetched here: break the link "
            "in Word (File, Info, Edit Links to Files; for a template: Developer, Document Template) and hand the file "
            "in again."
        )


def opened(content: bytes) -> Package:
    """The package of these bytes. Raises `WordRefused`."""
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
        raise WordRefused(_BROKEN.format("it is no whole ZIP archive")) from problem
    _check_entries(content, archive.infolist())
    names = frozenset(archive.namelist())
    _check_names(names)
    package = Package(archive, names, {}, "")
    package.types = _types(package)
    package.judge_relationships()
    package.document = _main(package)
    return package


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
        raise WordRefused(_BROKEN.format("the end is missing"))
    _, disk, first_disk, here, entries, size, offset, comment = _END.unpack_from(content, at)
    if disk or first_disk or here != entries:
        raise WordRefused(_BROKEN.format("it is one part of an archive of several"))
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        raise WordRefused(
            f"The file holds {entries} parts or more; {MAX_ENTRIES} is the most. Copy its text into a new document and "
            "hand that in."
        )
    if offset + size != at or at + _END.size + comment != len(content):
        raise WordRefused(_BROKEN.format("something else stands before, between or behind its parts"))


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
            raise WordRefused(_BROKEN.format(f"it holds two parts with the name {name[:80]!r}"))
        seen.add(name.lower())
        _check_name(name)
        if entry.flag_bits & 0x1:
            raise WordRefused("The file is protected by a password. Take the password off in Word and save it again.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WordRefused(_BROKEN.format("its parts are packed in a way that Word does not use"))
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
        raise WordRefused(_BROKEN.format("its parts overlap"))


def _place(content: bytes, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """From where to where an entry lies in the file; its own header must say what the directory says."""
    start = entry.header_offset
    if start < 0 or start + _LOCAL.size > len(content):
        raise WordRefused(_BROKEN.format("a part lies outside it"))
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
        raise WordRefused(_BROKEN.format("a part and the list of its parts say different things"))
    end = start + _LOCAL.size + name_size + extra_size + entry.compress_size
    if end > len(content):
        raise WordRefused(_BROKEN.format("a part lies outside it"))
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
        raise WordRefused(_BROKEN.format(f"a part has the name {name[:80]!r}, which leads out of the file"))


def _check_names(names: frozenset[str]) -> None:
    lower = {name.lower() for name in names}
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lower):
        raise _macros()
    if any(name.startswith("word/activex/") or "/activex" in name for name in lower):
        raise WordRefused("The file holds an ActiveX control. Delete it in Word and hand the file in again.")
    if any(name.startswith("word/embeddings/") and not name.endswith(_OFFICE_PARTS) for name in lower):
        raise WordRefused(
            "The file holds an object of another program (word/embeddings). Delete it in Word, or put a picture in its "
            "place, and hand the file in again."
        )
    if "[content_types].xml" not in lower:
        if "mimetype" in lower:
            raise WordRefused("The file is an OpenDocument text. Save it as .docx and hand that in.")
        raise WordRefused("The file is an archive, but no Word document. Save the document as .docx in Word.")


_OFFICE_PARTS = (".xlsx",)
"""The sheet of figures behind a chart: never opened here."""


def _macros() -> WordRefused:
    return WordRefused(
        "The file holds macros. Save it as .docx without macros (Word document, not .docm) and hand it in."
    )


def _types(package: Package) -> Mapping[str, str]:
    """The content type of each part that has one of its own; of the others by extension."""
    root = package.parse("[Content_Types].xml")
    endings = {one.get("Extension", "").lower(): one.get("ContentType", "") for one in root.iter("{*}Default")}
    own = {one.get("PartName", "").lstrip("/"): one.get("ContentType", "") for one in root.iter("{*}Override")}
    for kind in (*endings.values(), *own.values()):
        lower = kind.lower()
        if "macroenabled" in lower or "vbaproject" in lower:
            raise _macros()
        if "activex" in lower or "oleobject" in lower:
            raise WordRefused(
                "The file holds an object of another program (OLE or ActiveX). Delete it in Word and hand the file in "
                "again."
            )
    return {name: own.get(name) or endings.get(name.rpartition(".")[2].lower(), "") for name in package.names}


def _main(package: Package) -> str:
    """The name of the main part."""
    mains = [one.target for one in package.related("").values() if one.kind == "officeDocument" and not one.external]
    if len(mains) != 1 or mains[0] not in package.names:
        raise WordRefused("The file does not say which of its parts is the text. Save the document as .docx in Word.")
    kind = package.types.get(mains[0], "")
    if kind == DOCUMENT:
        return mains[0]
    if kind == TEMPLATE:
        raise WordRefused("The file is a Word template. Save it as a Word document (.docx) and hand that in.")
    for part, words in (("spreadsheetml", "a spreadsheet"), ("presentationml", "a presentation")):
        if part in kind:
            raise WordRefused(f"The file is {words}, not a Word document. Copy the text into a .docx and hand that in.")
    raise WordRefused("The file is not a Word document (.docx) by what it says of itself. Save it as .docx in Word.")


def _relationship(folder: str, one: etree._Element) -> Relationship:
    kind = one.get("Type", "").rpartition("/")[2]
    target = one.get("Target", "")
    if one.get("TargetMode", "").lower() == "external":
        return Relationship(kind, target, external=True)
    if _LINKED.match(target) or target.startswith(("//", "\\")):
        return Relationship(kind, target, external=True)
    path = unquote(target)
    return Relationship(
        kind, posixpath.normpath(path.lstrip("/") if path.startswith("/") else f"{folder}/{path}").lstrip("/")
    )


def _on_own_disk(address: str) -> bool:
    """Whether an address names a file of the writer's own computer: every template of an office does."""
    plain = unquote(address)
    if re.match(r"[A-Za-z]:[\\/]", plain):
        return True
    if "/" not in plain and "\\" not in plain and ":" not in plain:
        return True
    split = urlsplit(plain)
    return split.scheme.lower() == "file" and not split.netloc and bool(re.match(r"/+[A-Za-z]:[\\/]", split.path))


def _well_formed_text(part: str, content: bytes) -> bytes:
    """The part as UTF-8, which is what it must be: UTF-16 is told by its first bytes."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
            text = re.sub(r"^<\?xml[^>]*\?>", "", text, count=1)
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise WordRefused(_BROKEN.format(f"its part {part} holds bytes that are no letters (UTF-8)")) from problem
    declared = re.match(r"\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise WordRefused(_BROKEN.format(f"its part {part} is written in {declared[1][:40]!r}"))
    return text.encode()


def _counted(part: str, content: bytes, nodes: int) -> int:
    """The nodes so far and those of this part, counted without a tree; refuses what no tree must be made of."""
    depth = 0

    def start(_: str, attributes: list[str]) -> None:
        nonlocal nodes, depth
        depth += 1
        nodes += 1 + len(attributes) // 2
        if depth > MAX_DEPTH:
            raise WordRefused(f"The part {part} has more than {MAX_DEPTH} elements inside each other. {_COPY}")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise WordRefused(f"The part {part} has an element with more than {MAX_ATTRIBUTES} attributes. {_COPY}")
        if nodes > MAX_NODES:
            raise WordRefused(f"The file has more than {MAX_NODES} elements and attributes. {_COPY}")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise WordRefused(f"The part {part} declares a document type, which no Word document does. {_COPY}")

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise WordRefused(_BROKEN.format(f"its part {part} is not well-formed XML")) from problem
    return nodes


_COPY = "Copy the text into a new document in Word and hand that in."


def _transitional(content: bytes) -> bytes:
    """Strict Open XML with the names of the usual kind, which mean the same here."""
    if not _STRICT.search(content):
        return content
    for strict, usual in _STRICT_NAMES.items():
        content = content.replace(
            b"http://purl.oclc.org/ooxml/" + strict, b"http://schemas.openxmlformats.org/" + usual
        )
    return content


def parts_of_kind(relationships: Mapping[str, Relationship], kind: str) -> Iterator[str]:
    """The names of the parts of a kind (`header`, `footer`)."""
    return (one.target for one in relationships.values() if one.kind == kind and not one.external)
