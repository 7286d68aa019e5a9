"""One sheet in one format: the one function that routes, the command line and jobs call."""

from typing import assert_never

from server.export.data import to_json
from server.export.page import to_html
from server.export.sheet import Format, Sheet
from server.export.text import to_text


def written(sheet: Sheet, form: Format) -> bytes:
    """The bytes of the file."""
    match form:
        case Format.TXT:
            return to_text(sheet).encode()
        case Format.HTML:
            return to_html(sheet).encode()
        case Format.DOCX:
            # Imported only here: its libraries take more memory than five hundred connections.
            from server.export.word import to_docx

            return to_docx(sheet)
        case Format.JSON:
            return to_json(sheet).encode()
        case _:
            assert_never(form)
