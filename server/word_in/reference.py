"""The text that a file was made on: the one our export showed, a version chosen, or the one it agrees with most."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.incoming import IncomingDocument, rejected
from opinions.record import Document
from server import log_store
from server.tables import IS_OPINION, documents, entries

LIVING = "living"
"""The choice of the text as it stands."""
EXPORTED = "exported"
"""The choice of the text that our own export showed."""
MAX_REPLAYED = 5_000
"""Entries that are replayed to find the text of an export again: some 0.5 s; older exports are compared with the
version before them."""
_TRIED = 6
"""Versions that a file of unknown origin is compared with, the newest ones."""


def choices(versions: tuple[Version, ...], incoming: IncomingDocument, opinion: str, seq: int) -> list[tuple[str, str]]:
    """What can be chosen, with its words: the text as it is, our own export, each version."""
    exported = incoming.source_opinion == opinion and 0 < incoming.source_seq <= seq
    return [
        *([(EXPORTED, f"the export it was made from (entry {incoming.source_seq})")] if exported else []),
        (LIVING, "the text as it stands now"),
        *((f"version-{one.number}", f"version {one.number}, {one.label}") for one in reversed(versions)),
    ]


def reference(
    connection: Connection, opinion: str, incoming: IncomingDocument, document: Document, seq: int, wanted: str
) -> tuple[str, Document | None]:
    """The choice, and the text that the file was made on; None where that is the living one. With nothing wanted, what
    the file itself tells, or else the version whose paragraphs it has most of.
    """
    versions = log_store.load_versions(connection, opinion)
    possible = {value for value, _ in choices(versions, incoming, opinion, seq)}
    if wanted not in possible:
        wanted = EXPORTED if EXPORTED in possible else _likeliest(versions, incoming, document)
    if wanted == LIVING or (wanted == EXPORTED and incoming.source_seq == seq):
        return wanted, None
    if wanted == EXPORTED:
        return wanted, _at(connection, opinion, versions, incoming.source_seq)
    number = int(wanted.removeprefix("version-"))
    return wanted, _text(next(one for one in versions if one.number == number))


def _likeliest(versions: tuple[Version, ...], incoming: IncomingDocument, document: Document) -> str:
    ours = {" ".join(text.split()) for text in rejected(incoming.paragraphs) if text.strip()}
    best, shared = LIVING, _shared(document, ours)
    for version in versions[-_TRIED:][::-1]:
        count = _shared(_text(version), ours)
        if count > shared:
            best, shared = f"version-{version.number}", count
    return best


def _shared(document: Document, texts: set[str]) -> int:
    return sum(" ".join(text.split()) in texts for text in _base(document))


def _base(document: Document) -> Iterator[str]:
    for paragraph in document.text:
        yield "".join(run.text for run in paragraph.runs if run.insertion is None)


def _text(version: Version) -> Document:
    return SharedDocument(OPINION_CLIENT, [version.state]).view()


def _at(connection: Connection, opinion: str, versions: tuple[Version, ...], seq: int) -> Document | None:
    """The text as it was at an entry of its log; that of the version before it where the way from there is long."""
    before = [one for one in versions if one.seq <= seq]
    start = before[-1].seq if before else 0
    states = [before[-1].state] if before else []
    main = select(documents.c.id).where(documents.c.opinion == opinion, IS_OPINION)
    log = connection.scalar(main)
    between = select(func.count()).where(entries.c.document == log, entries.c.seq > start, entries.c.seq <= seq)
    if log is None or (connection.scalar(between) or 0) > MAX_REPLAYED:
        return _text(before[-1]) if before else None
    updates = [
        update
        for entry in log_store.load_entries(connection, log, after=start, limit=seq - start)
        if entry.seq <= seq
        for update in entry.updates
    ]
    return SharedDocument(OPINION_CLIENT, [*states, *updates]).view()
