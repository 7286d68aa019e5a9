"""The two kinds of a version (crdt/SPEC.md, V5)."""

from enum import StrEnum


class VersionKind(StrEnum):
    """What a version is: the text as it stood when a meeting closed, or a draft that is given out."""

    MEETING = "meeting"
    DRAFT = "draft"


def suggested_label(kind: VersionKind, draft: str, milestone: str) -> str:
    """What a version of this kind is usually called: `Text at close of IEG-4`, else the draft's own name."""
    named = milestone.strip()
    return f"Text at close of {named}" if kind is VersionKind.MEETING and named else draft
