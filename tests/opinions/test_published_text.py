"""The texts of a version as they are published (crdt/SPEC.md, V4)."""

import hashlib
import json

from opinions.model import ParagraphId
from opinions.published_text import attribution_text, digests, published_texts
from opinions.record import Document, ParagraphState
from opinions.version_kinds import VersionKind, suggested_label
from tests.support.builders import amendment, document, ins, paragraph

P1 = ParagraphId("par-0001")


def _with_a_proposal() -> Document:
    return document(
        paragraph(P1, "that access ", ins("a-1", "always "), "matters"), amendments=[amendment("a-1", "XAA")]
    )


def test_v4_forms_carry_the_words_with_and_without_names() -> None:
    """[V4] `clean` is left out while anything is open."""
    texts = published_texts(_with_a_proposal())
    assert sorted(texts) == ["canonical", "marked", "marked-unnamed", "rolling", "rolling-unnamed"]
    assert texts["rolling"] == "that access [XAA: always ]matters\n"
    assert texts["rolling-unnamed"] == "that access [always ]matters\n"
    assert texts["marked"] == "that access {+always + XAA}matters\n"
    assert texts["marked-unnamed"] == "that access {+always +}matters\n"
    assert digests(texts)["rolling"] == hashlib.sha256(texts["rolling"].encode()).hexdigest()


def test_v4_the_clean_text_is_there_once_all_is_agreed() -> None:
    """[V4, I8] A paragraph that nobody considered keeps it away as well."""
    plain = document(paragraph(P1, "that access matters"))
    assert "clean" not in published_texts(plain)
    agreed = document(paragraph(P1, "that access matters"), states={P1: ParagraphState.AGREED})
    assert published_texts(agreed)["clean"] == "that access matters\n"


def test_v4_attribution_tells_delegations_and_never_persons() -> None:
    """[V4] Whose proposals stand in it, by amendment."""
    told = json.loads(attribution_text(_with_a_proposal()))
    assert told["format"] == 1
    (entry,) = told["amendments"]
    assert sorted(entry) == ["amendment", "delegation", "number", "sponsors", "stances"]


def test_v5_labels_are_suggested_by_kind() -> None:
    """[V5] At the close of a meeting by the meeting's name; else the draft's own."""
    assert suggested_label(VersionKind.MEETING, "Fourth draft", "IEG-4") == "Text at close of IEG-4"
    assert suggested_label(VersionKind.MEETING, "Fourth draft", " ") == "Fourth draft"
    assert suggested_label(VersionKind.DRAFT, "Fourth draft", "IEG-4") == "Fourth draft"
