"""A DOCX file as untrusted bytes: a package of parts (ECMA-376 Part 2), or refused with what was found.

Nothing is fetched, nothing written, no entity resolved. What could make Word run or fetch something - macros, embedded
objects, links to other files - is refused by name, so that nobody takes the file for clean because it was read here.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lxml import etree

from server.word_in.archive import opened_archive, unpacked
from server.word_in.refusals import WordRefused
from server.word_in.xml_parts import parsed

DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"

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
        root, self._nodes = parsed(part, unpacked(self.archive, part), self._nodes)
        return root

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
        if one.kind in ("vbaProject", "wordVbaData"):
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
    archive = opened_archive(content)
    names = frozenset(archive.namelist())
    _check_names(names)
    package = Package(archive, names, {}, "")
    package.types = _types(package)
    package.judge_relationships()
    package.document = _main(package)
    return package


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


def parts_of_kind(relationships: Mapping[str, Relationship], kind: str) -> Iterator[str]:
    """The names of the parts of a kind (`header`, `footer`)."""
    return (one.target for one in relationships.values() if one.kind == kind and not one.external)
