"""The texts of a version as they are published (crdt/SPEC.md, V4)."""

import hashlib
import json
from dataclasses import replace
from types import MappingProxyType

from opinions.model import DelegationCode, ParagraphId
from opinions.published_text import attribution_digest, attribution_text, digests, published_texts
from opinions.record import Document, ParagraphState
from opinions.spoken import Stance
from opinions.statuses import Attitude, Status
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


def test_v4_attribution_tells_who_supports_and_what_was_said() -> None:
    """[V4] Sponsors, stances on amendments and on paragraphs: each of them makes another digest; a draft makes none."""
    said = Stance("XBB", Attitude.RESERVE, "Until the capital answers.", 1, speaker="Bea Expert")
    plain = _with_a_proposal()

    def with_amendment(**fields: object) -> Document:
        changed = replace(plain.record.amendments["a-1"], **fields)  # type: ignore[arg-type,index]
        return replace(plain, record=replace(plain.record, amendments=MappingProxyType({changed.id: changed})))

    supported = with_amendment(sponsors=(DelegationCode("XBB"),))
    reserved = with_amendment(stances=(said,))
    objected = document(paragraph(P1, "that access matters"), states={P1: ParagraphState.BASE})
    record = replace(objected.record.paragraph(P1), stances=(replace(said, revision=0),))
    spoken = replace(objected, record=replace(objected.record, paragraphs=MappingProxyType({P1: record})))
    digests_of = [attribution_digest(one) for one in (plain, supported, reserved, objected, spoken)]
    assert len(set(digests_of)) == len(digests_of)
    assert json.loads(attribution_text(supported))["amendments"][0]["sponsors"] == ["XBB"]
    told = {"attitude": "reserve", "by": "", "delegation": "XBB", "members": [], "note": said.note}
    assert json.loads(attribution_text(reserved))["amendments"][0]["stances"] == [told | {"revision": 1}]
    assert json.loads(attribution_text(spoken))["paragraphs"] == [
        {"paragraph": P1, "stances": [told | {"revision": 0}]}
    ]
    assert json.loads(attribution_text(with_amendment(status=Status.DRAFT)))["amendments"] == []


def test_v5_labels_are_suggested_by_kind() -> None:
    """[V5] At the close of a meeting by the meeting's name; else the draft's own."""
    assert suggested_label(VersionKind.MEETING, "Fourth draft", "IEG-4") == "Text at close of IEG-4"
    assert suggested_label(VersionKind.MEETING, "Fourth draft", " ") == "Fourth draft"
    assert suggested_label(VersionKind.DRAFT, "Fourth draft", "IEG-4") == "Fourth draft"
