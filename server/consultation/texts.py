"""The text of a round as comments speak of it: the paragraphs of one version, and where each is in the living text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.landing import Landing, landings
from opinions.model import ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from server import log_store
from server.errors import ServerError

DOCUMENTS_KEPT = 16
"""Versions read and kept for who comes next: they never change."""


class UnknownVersion(ServerError):
    """Raised when an Opinion has no version of this number."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version with its document, and how the room cites its paragraphs, without marks of italics."""

    version: Version
    document: Document
    cited: Mapping[ParagraphId, str]

    def citation(self, paragraph: str) -> str:
        """How a paragraph is cited; "The whole text" for the empty id."""
        return self.cited.get(ParagraphId(paragraph), paragraph) if paragraph else "The whole text"

    def words(self, paragraph: str) -> str:
        """The words of a paragraph as the version has them; empty for one that it does not have."""
        found = self.document.text.find(paragraph)
        return "" if found is None else found.text


def load_draft(connection: Connection, opinion: str, number: int) -> Draft:
    """A version, read. Raises `UnknownVersion`."""
    for version in log_store.load_versions(connection, opinion):
        if version.number == number:
            document = _document(version.state)
            return Draft(version, document, cited(document))
    raise UnknownVersion("There is no such version.")


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _document(state: bytes) -> Document:
    return SharedDocument(OPINION_CLIENT, [state]).view()


def cited(document: Document) -> Mapping[ParagraphId, str]:
    """How the room cites the paragraphs of a text, without marks of italics."""
    return {paragraph: told.replace("*", "") for paragraph, told in citations(document).items()}


def carried(draft: Draft, wanted: Iterable[str], living: Document) -> Mapping[ParagraphId, Landing]:
    """Where paragraphs of a version are in the living text."""
    before, now = ({one.id: one.text for one in text} for text in (draft.document.text, living.text))
    return landings(before, (ParagraphId(one) for one in wanted if one), now)
