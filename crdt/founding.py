"""The first entry of an Opinion's log: the text put on the table, as one import (crdt/SPEC.md, L1).

A document is never built again from text once it had readers: everything after this entry is updates.
"""

from datetime import datetime

from crdt.document import SharedDocument
from crdt.log import GENESIS, Entry, EntryKind, chained
from crdt.stream import OPINION_CLIENT
from opinions.edits import AddParagraph, Edit, PutAmendment, PutOpinion, PutParagraph
from opinions.record import Document


def founding_entry(document_id: str, document: Document, *, member: str, name: str, at: datetime, source: str) -> Entry:
    """Entry 1 of the log of `document_id`: the whole of `document`. `source` says where the text came from."""
    edits: list[Edit] = []
    after = None
    for paragraph in document.text:
        edits.append(AddParagraph(after, paragraph))
        after = paragraph.id
    record = document.record
    edits.extend(PutParagraph(record.paragraph(paragraph.id)) for paragraph in document.text)
    edits.extend(PutAmendment(amendment) for amendment in record.amendments.values())
    edits.append(PutOpinion(record.opinion))
    update, _ = SharedDocument(OPINION_CLIENT).write(edits)
    entry = Entry(1, EntryKind.IMPORT, at, (update,), member=member, name=name, party="SEC", command=source)
    return chained(document_id, entry, GENESIS)
