"""One sheet, or one paper of several, in one format: what routes, the command line and jobs call."""

from typing import assert_never

from server.export.data import paper_json, to_json
from server.export.page import paper_html, to_html
from server.export.paper import Paper
from server.export.sheet import Format, Sheet
from server.export.text import paper_text, to_text


def paper_written(paper: Paper, form: Format, *, line_numbers: bool = False) -> bytes:
    """The bytes of the file of a paper of several texts."""
    match form:
        case Format.TXT:
            return paper_text(paper).encode()
        case Format.HTML:
            return paper_html(paper).encode()
        case Format.DOCX:
            from server.export.word_volume import paper_docx

            return paper_docx(paper, line_numbers=line_numbers)
        case Format.JSON:
            return paper_json(paper).encode()
        case Format.PDF:
            from server.export.pdf import paper_pdf

            return paper_pdf(paper, line_numbers=line_numbers)
        case Format.AKN:
            from server.export.akn import paper_akn

            return paper_akn(paper)
        case _:
            assert_never(form)


def written(sheet: Sheet, form: Format, *, line_numbers: bool = False) -> bytes:
    """The bytes of the file; lines are numbered in formats that have pages."""
    match form:
        case Format.TXT:
            return to_text(sheet).encode()
        case Format.HTML:
            return to_html(sheet).encode()
        case Format.DOCX:
            # Imported only here: its libraries take more memory than five hundred connections.
            from server.export.word import to_docx

            return to_docx(sheet, line_numbers=line_numbers)
        case Format.JSON:
            return to_json(sheet).encode()
        case Format.PDF:
            from server.export.pdf import to_pdf

            return to_pdf(sheet, line_numbers=line_numbers)
        case Format.AKN:
            from server.export.akn import to_akn

            return to_akn(sheet)
        case _:
            assert_never(form)
