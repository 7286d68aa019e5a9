"""Word files made for tests of what is handed in: small, with whatever is to be said of pages and parts."""

import io
import zipfile
from collections.abc import Mapping

from docx import Document


def word_file(*paragraphs: str, pages: int | None = None, extra: Mapping[str, bytes] | None = None) -> bytes:
    """The bytes of a DOCX file with these paragraphs, that says it has so many pages, with further parts."""
    file = Document()
    for words in paragraphs:
        file.add_paragraph(words)
    plain = io.BytesIO()
    file.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            if part.filename != "docProps/app.xml":
                target.writestr(part.filename, source.read(part))
        if pages is not None:
            target.writestr("docProps/app.xml", f"<Properties><Pages>{pages}</Pages></Properties>")
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return made.getvalue()
