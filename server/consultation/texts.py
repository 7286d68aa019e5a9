"""The text of a round as comments speak of it: the paragraphs of one version, and where each is in the living text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.landing import Landing, Way, landings, spoken_of
from opinions.model import ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from opinions.visibility import Attribution
from server import log_store
from server.consultation.comments import Comment
from server.contributions.anchors import Split
from server.errors import ServerError
from server.version_attribution import setting_of_version

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
    attribution: Attribution | None = None
    """Who sees whose proposals in it, where that is set for this version."""

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
            return Draft(version, document, cited(document), setting_of_version(connection, opinion, number))
    raise UnknownVersion("There is no such version.")


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _document(state: bytes) -> Document:
    return SharedDocument(OPINION_CLIENT, [state]).view()


def cited(document: Document) -> Mapping[ParagraphId, str]:
    """How the room cites the paragraphs of a text, without marks of italics."""
    return {paragraph: told.replace("*", "") for paragraph, told in citations(document).items()}


def carried(
    draft: Draft, said: Iterable[Comment], living: Document, cuts: Sequence[Split] = ()
) -> Mapping[str, Landing]:
    """Where comments on a version are in the living text, by their ids. `cuts`: the splits since (and before), by which
    a comment goes to the part of its paragraph that it is about.
    """
    comments = tuple(said)
    before, now = ({one.id: one.text for one in text} for text in (draft.document.text, living.text))
    landed = landings(before, (ParagraphId(one.paragraph) for one in comments if one.paragraph), now)
    found = {}
    for one in comments:
        if not one.paragraph:
            found[one.id] = Landing(None, Way.SAME)
            continue
        parts = [part for part in _parts(draft.version, ParagraphId(one.paragraph), cuts) if part in now]
        chosen = parts[spoken_of([now[part] for part in parts], one.body, one.proposed)] if parts else None
        found[one.id] = landed[ParagraphId(one.paragraph)] if chosen is None else Landing(chosen, Way.SAME)
    return found


def _parts(version: Version, paragraph: ParagraphId, cuts: Sequence[Split]) -> list[ParagraphId]:
    """A paragraph of a version with what was split off from it since."""
    parts = [paragraph]
    for cut in cuts:
        if (cut.seq > version.seq or cut.opinion != version.opinion) and cut.paragraph in parts:
            parts.append(cut.second)
    return parts
