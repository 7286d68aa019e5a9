"""The canonical text (K): one spelling, nothing private in it, and the vectors the browser reads too."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.canonical import canonical_text, fingerprint, short_fingerprint
from opinions.model import Opinion, Run
from opinions.record import OPEN_STATUSES, Attitude, Document, ParagraphState, Stance, Status
from opinions.record_json import Entry, runs_to_json, write_entry
from opinions.rules import without
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    at,
    bracket,
    bracketed,
    document,
    em,
    ins,
    item,
    noteref,
    paragraph,
    removal,
    struck,
    title,
    verb,
)
from tests.support.strategies import documents

VECTORS = Path(__file__).parent.parent / "vectors" / "canonical.json"

NEGOTIATED = document(
    title("p-01", "Opinion 1: ", bracketed("a-03", "Bridging")),
    verb("p-02", "recognizing"),
    item("p-03", "that ", ins("a-01", "all "), struck("a-02", struck("a-01", "some ")), agreed("a-04", "Members")),
    item("p-04", "and report", noteref("p-05", "1"), added="a-05"),
    item("p-05"),
    amendments=[
        amendment("a-02", "XAB", reason="“some” is\nenough", source="IEG-WTPF-26-4/12"),
        amendment("a-01", "XAA", sponsors=("XAC",), status=Status.SET_ASIDE, pinned=True, revision=3),
        bracket("a-03", "SEC", stances=(Stance("G77", Attitude.DELETE, "for now"),), group="g-1"),
        amendment("a-04", "XAA", status=Status.AGREED),
        addition("a-05", "XAC", typist="clerk"),
        removal("a-06", "XAB", paragraph="p-05"),
    ],
    labels={"p-03": "a)", "p-04": "a bis)"},
    states={"p-03": ParagraphState.OPEN, "p-01": ParagraphState.AGREED_AD_REFERENDUM},
)
CASES = {
    "empty": document(),
    "one paragraph": document(paragraph("p-01", "The Forum,")),
    "negotiated": NEGOTIATED,
    "scripts and escapes": document(
        paragraph(
            "p-01", 'quote " backslash \\ slash / delete \x7f', em(" é e\u0301 "), "السلام 電信聯盟 𠮷\u2028\u200d"
        )
    ),
    "control characters": document(paragraph("p-01", "\x00\x08\t\n\x0b\x0c\r\x1f")),
    "with drafts": document(
        item("p-01", "that ", ins("a-01", "all "), struck("a-02", "some "), bracketed("a-03", "Members")),
        item("p-02", "more", added="a-04"),
        amendments=[
            amendment("a-01", status=Status.DRAFT),
            amendment("a-02", status=Status.DRAFT),
            bracket("a-03", "XAB"),
            addition("a-04", status=Status.DRAFT),
        ],
    ),
}


def shared(whole: Document) -> dict[str, Any]:
    """The document as the browser holds it: paragraphs with runs, and the record's entries as JSON texts."""
    entries: list[Entry] = [*whole.record.amendments.values(), *whole.record.paragraphs.values()]
    record = [*entries, whole.record.opinion]
    return {
        "paragraphs": [
            {"id": p.id, "kind": p.kind, "level": p.level, "added": p.added, "runs": runs_to_json(p.runs)}
            for p in whole.text
        ],
        "record": dict(write_entry(value) for value in record),
    }


def vectors() -> Iterator[dict[str, Any]]:
    for name, whole in CASES.items():
        text = canonical_text(whole)
        full = fingerprint(text)
        yield {
            "name": name,
            "document": shared(whole),
            "canonical": text,
            "fingerprint": full,
            "short": short_fingerprint(full),
        }


def test_the_vectors_hold() -> None:
    """`python -m tests.opinions.test_canonical` writes them anew: only when the format's number changes."""
    assert json.loads(VECTORS.read_text("utf-8")) == list(vectors())


def test_k1_to_k6_a_small_document_in_full() -> None:
    whole = document(
        item("p-01", "that ", ins("a-01", "all "), em("Members")),
        item("p-02", "more", added="a-02"),
        amendments=[addition("a-02", "XAB"), amendment("a-01", "XAA", reason="why")],
        labels={"p-01": "a)"},
        states={"p-01": ParagraphState.OPEN},
    )
    assert canonical_text(whole) == (
        '{"amendments":['
        '{"delegation":"XAA","id":"a-01","kind":"MOD","number":2,"paragraph":"p-01",'
        '"reason":"why","revision":1,"status":"submitted"},'
        '{"delegation":"XAB","id":"a-02","kind":"ADD","number":1,"paragraph":"p-02","revision":1,"status":"submitted"}'
        '],"format":1,"paragraphs":['
        '{"id":"p-01","kind":"preambular_item","label":"a)","level":0,'
        '"runs":[["that ",[]],["all ",["insertion:a-01"]],["Members",["em"]]],"state":"open"},'
        '{"added":"a-02","id":"p-02","kind":"preambular_item","label":"","level":0,'
        '"runs":[["more",["insertion:a-02"]]],"state":"base"}'
        "]}"
    )


@given(documents())
def test_k2_it_is_json_in_the_one_spelling(whole: Document) -> None:
    text = canonical_text(whole)
    again = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert text == again


@given(documents())
def test_k3_drafts_leave_no_trace(whole: Document) -> None:
    drafts = {a.id for a in whole.record.amendments.values() if a.status is Status.DRAFT}
    public = {key: value for key, value in whole.record.amendments.items() if key not in drafts}
    without_drafts = Document(without(drafts, whole.text), replace(whole.record, amendments=public))
    assert canonical_text(whole) == canonical_text(without_drafts)
    assert not any(f'"{name}"' in canonical_text(whole) or f":{name}" in canonical_text(whole) for name in drafts)


@given(documents(), st.data())
def test_k5_how_the_runs_are_cut_does_not_matter(whole: Document, data: st.DataObject) -> None:
    cut = [
        replace(
            p, runs=tuple(Run(c, r.marks) for r in p.runs for c in (r.text if data.draw(st.booleans()) else [r.text]))
        )
        for p in whole.text
    ]
    assert canonical_text(replace(whole, text=Opinion(tuple(cut)))) == canonical_text(whole)


@given(documents())
def test_k6_the_order_of_the_record_and_private_fields_do_not_matter(whole: Document) -> None:
    turned = {
        key: replace(entry, author="someone", typist="clerk", created_at=at(9), changed_at=at(9), pinned=True)
        for key, entry in reversed(list(whole.record.amendments.items()))
    }
    assert canonical_text(replace(whole, record=replace(whole.record, amendments=turned))) == canonical_text(whole)


@given(documents(drafts=False), documents(drafts=False))
def test_k7_different_texts_have_different_fingerprints(one: Document, other: Document) -> None:
    same = canonical_text(one) == canonical_text(other)
    assert (fingerprint(canonical_text(one)) == fingerprint(canonical_text(other))) is same
    if one.text != other.text:
        assert not same


def test_k7_a_fingerprint_is_sha_256_of_utf_8() -> None:
    assert fingerprint("test") == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert fingerprint("é𠮷") == hashlib.sha256("é𠮷".encode()).hexdigest()
    assert short_fingerprint(fingerprint("test")) == "9f86 d081 884c 7d65"


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN_STATUSES | {Status.DRAFT}))
def test_k6_only_what_is_before_the_meeting_is_in_it(status: Status) -> None:
    whole = document(paragraph("p-01", "text"), amendments=[amendment("a-01", paragraph="p-01", status=status)])
    assert '"amendments":[]' in canonical_text(whole)


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(list(vectors()), ensure_ascii=False, indent=1) + "\n", "utf-8")
