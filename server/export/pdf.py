"""A paper as PDF: tagged for assistive technology (PDF/UA-1, ISO 14289-1), set by typst from data alone."""

from server.export.paper import Paper, paper_of
from server.export.pdf_data import data_of
from server.export.setting import set_pdf
from server.export.sheet import Sheet


def to_pdf(sheet: Sheet, *, line_numbers: bool = False) -> bytes:
    """The sheet as the bytes of a PDF file. In a server, ask `server.export.press` instead."""
    return paper_pdf(paper_of(sheet), line_numbers=line_numbers)


def paper_pdf(paper: Paper, *, line_numbers: bool = False) -> bytes:
    """The paper as the bytes of a PDF file."""
    return set_pdf(data_of(paper, line_numbers=line_numbers), int(paper.as_of.timestamp()))
