"""Generated views: a text with the drafts of one delegation laid over it."""

from dataclasses import replace

from hypothesis import assume
from hypothesis import strategies as st

from opinions.record import Document, Status
from tests.support.strategies import documents


@st.composite
def views(draw: st.DrawFn) -> Document:
    """A document where some amendments of one delegation are drafts; none adds a paragraph with others' words."""
    given_ = draw(documents(drafts=False, decided=False))
    mixed = {
        p.added for p in given_.text if p.added and {m.id for run in p.runs for m in run.marks if m.id} != {p.added}
    }
    fit = {
        entry.delegation: [
            other.id for other in given_.record.amendments.values() if other.delegation == entry.delegation
        ]
        for entry in given_.record.amendments.values()
        if entry.open and entry.id not in mixed
    }
    assume(fit)
    ids = [name for name in fit[draw(st.sampled_from(sorted(fit)))] if name not in mixed]
    drafts = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    record = dict(given_.record.amendments)
    record |= {name: replace(record[name], status=Status.DRAFT, number=0, revision=0) for name in drafts}
    return replace(given_, record=replace(given_.record, amendments=record))
