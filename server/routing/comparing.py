"""Comparing versions with each other and with the living draft."""

from opinions.roles import Act
from server.pages import compare
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    # Whoever only follows compares versions alone, in the views that they have of them: the page sees to it.
    Entry("GET", "/opinions/{opinion}/compare", Act.VERSION_COMPARE, compare.compare),
    Entry("GET", "/opinions/{opinion}/compare.docx", Act.VERSION_COMPARE, compare.compare_docx),
    Entry("GET", "/opinions/{opinion}/compare.html", Act.VERSION_COMPARE, compare.compare_html),
    Entry("GET", "/opinions/{opinion}/compare.pdf", Act.VERSION_COMPARE, compare.compare_pdf),
)
