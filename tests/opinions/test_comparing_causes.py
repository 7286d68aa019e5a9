"""By whose decision a change came: what the record says, what the steps say, and nothing else (CM7)."""

from dataclasses import replace

import pytest

from opinions.burn_down import Counts
from opinions.comparing.causes import Cause, CauseKind, causes, lineage
from opinions.comparing.compare import compare
from opinions.comparing.values import ChangeKind
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.record import SECRETARIAT, Amendment, Decision, Document, Removed, Ruling, Status
from opinions.steps import Step, StepKind
from opinions.views import View
from tests.support.builders import agreed, amendment, at, bracketed, document, ins, paragraph, runs, struck

NAME = ParagraphId("par-0001")
NO_COUNTS = Counts(0, 0, 0, 0, 0)


def ruled(one: Amendment, ruling: Ruling, status: Status, **fields: object) -> Amendment:
    said = Decision(ruling, 1, at(60), "Chair", "Chair", meeting="Third meeting")
    return replace(one, status=status, decisions=(*one.decisions, said), **fields)  # type: ignore[arg-type]


def step(seq: int, act: str, *names: str, **fields: object) -> Step:
    told = tuple(map(ParagraphId, names))
    return Step(seq, seq, at(seq), StepKind.CHANGED, act, "Sam", "SEC", NO_COUNTS, paragraphs=told, **fields)  # type: ignore[arg-type]


def found(
    before: Document, after: Document, view: View = View.CLEAN, *steps: Step
) -> list[tuple[ChangeKind, list[Cause]]]:
    comparison = compare(before, after, view, lineage=lineage(steps))
    told = causes(comparison, before, after, steps)
    return [(change.kind, list(told[change.number])) for change in comparison.changes]


def test_cm7_agreed_words_are_led_back_to_their_ruling_and_its_call() -> None:
    pending = amendment("am-1", "XAA")
    before = document(paragraph(NAME, "that ", ins("am-1", "all "), "act"), amendments=[pending])
    done = ruled(pending, Ruling.AGREED, Status.AGREED)
    after = document(paragraph(NAME, "that ", agreed("am-1", "all "), "act"), amendments=[done])
    (only,) = found(before, after)
    assert only == (ChangeKind.WORDS, [Cause(CauseKind.RULED, after.amendment("am-1"), done.decisions[-1])])


def test_cm7_struck_words_are_led_back_to_what_struck_them() -> None:
    """Marked already before, and proposed as well as agreed in between."""
    pending = amendment("am-1", "XAA")
    gone = Removed(NAME, 5, runs(struck("am-1", "all ")), "that ", "act")
    done = ruled(pending, Ruling.AGREED, Status.AGREED, removed=(gone,))
    after = document(paragraph(NAME, "that act"), amendments=[done])
    marked = document(paragraph(NAME, "that ", struck("am-1", "all "), "act"), amendments=[pending])
    untouched = document(paragraph(NAME, "that all act"))
    for before in (marked, untouched):
        (only,) = found(before, after)
        assert only == (ChangeKind.WORDS, [Cause(CauseKind.RULED, after.amendment("am-1"), done.decisions[-1])])


@pytest.mark.parametrize("view", [View.ROLLING, View.MARKED])
def test_cm7_what_is_proposed_or_withdrawn_is_no_decision(view: View) -> None:
    plain = document(paragraph(NAME, "that Members act"))
    pending = amendment("am-1", "XAA")
    proposed = document(paragraph(NAME, "that ", bracketed("am-1", "Members"), " act"), amendments=[pending])
    assert {one.kind for _, row in found(plain, proposed, view) for one in row} == {CauseKind.SUBMITTED}
    withdrawn = document(paragraph(NAME, "that Members act"), amendments=[replace(pending, status=Status.WITHDRAWN)])
    assert {one.kind for _, row in found(proposed, withdrawn, view) for one in row} == {CauseKind.WITHDRAWN}


def test_cm7_a_correction_is_called_what_it_is() -> None:
    before = document(paragraph(NAME, "that Members act"))
    made = replace(amendment("am-1", SECRETARIAT), delegation=DelegationCode(SECRETARIAT))
    done = ruled(made, Ruling.AGREED, Status.AGREED)
    after = document(paragraph(NAME, "that ", agreed("am-1", "the "), "Members act"), amendments=[done])
    ((_, (cause,)),) = found(before, after)
    assert cause.kind is CauseKind.EDITORIAL


def test_cm7_a_paragraph_that_went_is_led_back_to_the_removal() -> None:
    pending = replace(amendment("am-1", "XAA"), paragraph=NAME)
    kept = paragraph("par-0002", "that Members act")
    before = document(paragraph(NAME, "an old matter"), kept, amendments=[pending])
    whole = Removed(NAME, whole=before.text.paragraphs[0])
    done = ruled(pending, Ruling.AGREED, Status.AGREED, removed=(whole,))
    after = document(kept, amendments=[done])
    ((kind, (cause,)),) = found(before, after)
    assert (kind, cause.kind, cause.amendment) == (ChangeKind.REMOVED, CauseKind.RULED, after.amendment("am-1"))


def test_cm7_where_no_amendment_tells_the_act_is_told() -> None:
    """A move, a division, a renumbering: each by its own step, not by another of the same paragraph."""
    one, other = paragraph(NAME, "that Members act"), paragraph("par-0002", "and that they report each year")
    before, after = document(one, other), document(other, one)
    moved = step(3, "move_paragraph", NAME)
    assert found(before, after, View.CLEAN, step(2, "retype_paragraph", NAME), moved) == [
        (ChangeKind.MOVED, [Cause(CauseKind.STEP, step=moved)])
    ]
    parts = document(paragraph(NAME, "that Members"), paragraph("par-0003", "act"), other)
    parted = step(4, "split_paragraph", NAME, "par-0003", parents=((ParagraphId("par-0003"), NAME),))
    told = dict(found(before, parts, View.CLEAN, parted))
    assert told[ChangeKind.SPLIT] == [Cause(CauseKind.STEP, step=parted)]


def test_cm7_where_nothing_tells_nothing_is_claimed() -> None:
    """Also not an amendment on the same words that stands as it stood."""
    same = amendment("am-1", "XAA")
    before = document(paragraph(NAME, "that ", ins("am-1", "all "), "act"), amendments=[same])
    after = document(paragraph(NAME, "that ", ins("am-1", "all "), "Members act"), amendments=[same])
    assert found(before, after) == [(ChangeKind.WORDS, [])]
    assert AmendmentId("am-1") in after.record.amendments
