"""What the editor's page works out by itself (`web/src/panels`): the open brackets, the digest of the words seen.

Both sides read `tests/vectors/screen.json`, so that the count on the screen is the count of every view (B1), and an
outcome is recorded on the words that the screen showed (A3).
"""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from opinions.amendments import struck_digest
from opinions.brackets import open_brackets
from opinions.carry import drafts_of
from opinions.decisions import words_digest
from opinions.model import AmendmentId, Kind, Mark, Opinion, Paragraph, ParagraphId, Run
from opinions.record import Amendment, Document, OpinionRecord, ParagraphRecord, Record
from opinions.record_json import read_entry

VECTORS = Path(__file__).parent.parent / "vectors" / "screen.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))


def read(data: dict[str, Any]) -> Document:
    """The document of a case."""
    entries = [read_entry(key, text) for key, text in data["record"].items()]
    record = Record(
        MappingProxyType({one.id: one for one in entries if isinstance(one, Amendment)}),
        MappingProxyType({one.id: one for one in entries if isinstance(one, ParagraphRecord)}),
        next((one for one in entries if isinstance(one, OpinionRecord)), OpinionRecord()),
    )
    return Document(Opinion(tuple(_paragraph(one) for one in data["paragraphs"])), record)


def _paragraph(data: dict[str, Any]) -> Paragraph:
    runs = tuple(Run(text, frozenset(Mark.from_key(key) for key in marks)) for text, marks in data["runs"])
    added = AmendmentId(data["added"]) if data["added"] else None
    return Paragraph(ParagraphId(data["id"]), Kind(data["kind"]), data["level"], runs, added)


def brackets_of(document: Document) -> list[dict[str, str]]:
    """The list as the screen has it: whose, of what kind, in which paragraph it begins."""
    return [
        {"amendment": one.id, "kind": one.kind.value, "paragraph": one.paragraphs[0]} for one in open_brackets(document)
    ]


def digests_of(document: Document) -> dict[str, str]:
    """The digest of every amendment's words."""
    return {str(amendment): words_digest(document, amendment) for amendment in sorted(document.record.amendments)}


def struck_in(document: Document) -> dict[str, str]:
    """The digest of what each draft strikes."""
    return {str(draft): struck_digest(document, draft) for draft in sorted(drafts_of(document))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_b1_the_list_of_brackets_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    assert brackets_of(read(case["document"])) == case["brackets"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a3_the_digest_of_the_words_seen_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    assert digests_of(read(case["document"])) == case["digests"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_c4_the_digest_of_the_words_struck_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    assert struck_in(read(case["document"])) == case["struck"]


def test_the_vectors_hold_every_kind_of_bracket() -> None:
    kinds = {one["kind"] for case in CASES for one in case["brackets"]}
    assert kinds >= {"bracket", "insertion", "deletion", "paragraph"}
