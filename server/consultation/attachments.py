"""Files that come with comments: which kinds are taken, told by their content and never by their name.

They are kept as they came and given out as downloads only; nothing of ours opens them.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

from sqlalchemy import Connection, insert
from starlette.datastructures import FormData, UploadFile

from opinions.consultation import MAX_FILE_BYTES, MAX_FILES
from opinions.errors import ConsultationRefused
from server.files_store import keep
from server.tables.consultation import comment_files

_ENTRIES = 3_000
"""Parts of a packed file that are looked at; a document has some dozens."""
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
_ENDINGS = {"application/pdf": ".pdf", _WORD: ".docx", _OPEN_DOCUMENT: ".odt", "text/plain; charset=utf-8": ".txt"}
ACCEPTED = ",".join(_ENDINGS.values())
"""For the form's file field."""


class Upload(NamedTuple):
    """A file that was found to be of a kind that is taken; its name ends as its content says."""

    name: str
    media_type: str
    content: bytes


async def read_uploads(posted: FormData, field: str = "files") -> tuple[Upload, ...]:
    """The files of a posted form. Raises `ConsultationRefused` for too many, too large, or of another kind."""
    given = [one for one in posted.getlist(field) if isinstance(one, UploadFile) and one.filename]
    if len(given) > MAX_FILES:
        raise ConsultationRefused("files", f"At most {MAX_FILES} files fit a comment.")
    found = []
    for one in given:
        content = await one.read(MAX_FILE_BYTES + 1)
        found.append(checked(str(one.filename)[-200:], content))
    return tuple(found)


def checked(name: str, content: bytes) -> Upload:
    """The file, its kind told by its content. Raises `ConsultationRefused`."""
    shown = PurePath(name.replace("\\", "/")).name
    if len(content) > MAX_FILE_BYTES:
        raise ConsultationRefused("files", f"“{shown}” is larger than {MAX_FILE_BYTES // 2**20} MiB.")
    media_type = _kind(content)
    if media_type is None:
        raise ConsultationRefused(
            "files", f"“{shown}” is not a PDF, DOCX (without macros), ODT or plain text in UTF-8. Save it as one."
        )
    ending = _ENDINGS[media_type]
    return Upload(shown if shown.lower().endswith(ending) else f"{shown}{ending}", media_type, content)


def attach(connection: Connection, comment_id: str, uploads: Sequence[Upload], at: datetime, member: str = "") -> None:
    """Keep the files of a comment."""
    for one in uploads:
        kept = keep(connection, one.name, one.media_type, one.content, at, member)
        connection.execute(insert(comment_files).values(comment=comment_id, file=kept.id))


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return _packed_kind(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    plain = text and not any(one < " " and one not in "\t\n\r\f" for one in text) and "\x7f" not in text
    return "text/plain; charset=utf-8" if plain else None


def _packed_kind(content: bytes) -> str | None:
    """What a packed file says it is; only its list of parts and one short part are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
            if len(names) > _ENTRIES or any("vbaproject" in name.lower() for name in names):
                return None
            if "mimetype" in names:
                with parts.open("mimetype") as part:
                    is_text = part.read(100).decode("ascii", "replace").strip() == _OPEN_DOCUMENT
                scripts = any(name.startswith(("Basic/", "Scripts/")) for name in names)
                return _OPEN_DOCUMENT if is_text and not scripts else None
            return _WORD if {"[Content_Types].xml", "word/document.xml"} <= set(names) else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, KeyError):
        return None
