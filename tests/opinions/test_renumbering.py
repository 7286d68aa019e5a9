"""Renumbering once: plain labels, citations that follow, and what is left to be looked at (L3)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.closing import Renumbering
from opinions.closing_commands import MarkRenumbering, Renumber
from opinions.commands import Freeze
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed
from opinions.model import Mark, MarkKind, Paragraph, ParagraphId
from opinions.procedure import Outcome, carry_out
from opinions.provenance import Source, provenance_of
from opinions.record import Document, Status
from opinions.references import Map, Problem, references
from opinions.renumbering import plan, renumbered_document
from opinions.renumbering_act import renumberings
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    chapeau,
    document,
    ins,
    item,
    paragraph,
    struck,
    sub_item,
    title,
    verb,
)


def draft(*last: object, **more: str) -> Document:
    """An Opinion in which `b)` of the preamble was `a bis)`, and `2` of the operative part `1 bis`."""
    rows = (
        title("t-1000", "OPINION 2"),
        chapeau("t-2000", "The Forum,"),
        verb("v-1000", "considering"),
        item("c-1000", "x;"),
        item("c-2000", "x;"),
        item("c-3000", "x,"),
        verb("v-2000", "resolves", operative=True),
        item("o-1000", "x;", operative=True),
        item("o-2000", "x;", operative=True),
        item("o-3000", "x:", operative=True),
        sub_item("o-3100", "x;"),
        sub_item("o-3200", "x;"),
        paragraph("p-last", *last),  # type: ignore[arg-type]
    )
    labels = {"c-1000": "a)", "c-2000": "a bis)", "c-3000": "b)", "o-1000": "1", "o-2000": "1 bis", "o-3000": "2"}
    named = {mark.id for row in rows for run in row.runs for mark in run.marks if mark.id and mark.id != "p-note"}
    return document(
        *rows,
        amendments=[
            amendment(one, "XAA", status=Status.AGREED if "agreed" in one else Status.SUBMITTED)
            for one in sorted(named)
        ],
        labels={**labels, "o-3100": "a)", "o-3200": "b)", **more},
    )


def words(of: Document, paragraph_id: str = "p-last") -> str:
    found = of.text.find(paragraph_id)
    assert found is not None
    return found.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("as in considering b) above,", "as in considering c) above,"),
        ("considering a), a bis) and b)", "considering a), b) and c)"),
        ("considering (a bis) and (b)", "considering (b) and (c)"),
        ("considering a) to b) above", "considering a) to c) above"),
        ("resolves 1bis and 2 a) above", "resolves 2 and 3 a) above"),
        ("resolves 1 to 2", "resolves 1 to 3"),
        ("paragraph 2 above; paragraphs 1 and 1 bis above", "paragraph 3 above; paragraphs 1 and 2 above"),
        ("resolves 1 above", "resolves 1 above"),
        ("resolves 2 of Resolution 2 (Rev. Bucharest, 2022)", "resolves 2 of Resolution 2 (Rev. Bucharest, 2022)"),
        ("invites 2 experts, who resolves 2 disputes", "invites 2 experts, who resolves 2 disputes"),
        ("resolves 7 above and considering z)", "resolves 7 above and considering z)"),
    ],
)
def test_l3_citations_follow_their_paragraphs(before: str, after: str) -> None:
    assert words(renumbered_document(draft(before))) == after


def test_l3_the_plan_names_every_label_every_citation_and_what_is_broken() -> None:
    wanted = plan(draft("considering b) and resolves 9; considering a bis) above, Decision 641, resolves 1"))
    assert [(one.paragraph, one.old, one.new) for one in wanted.labels] == [
        ("c-2000", "a bis)", "b)"),
        ("c-3000", "b)", "c)"),
        ("o-2000", "1 bis", "2"),
        ("o-3000", "2", "3"),
    ]
    assert [(one.reference.words, one.words) for one in wanted.follow] == [
        ("considering b)", "considering c)"),
        ("considering a bis) above", "considering b) above"),
    ]
    assert [(one.words, one.problem) for one in wanted.broken] == [("resolves 9", Problem.MISSING)]
    assert [one.words for one in wanted.others] == ["resolves 1"]


def test_l3_a_citation_that_would_not_name_one_paragraph_any_more_is_left_and_told() -> None:
    """Paragraph 1 bis is the only one of its kind; afterwards there are two paragraphs 2."""
    given_ = draft("see paragraph 1 bis above")
    two = (*given_.text.paragraphs, verb("v-3000", "invites", operative=True))
    two += (item("i-1000", "x;", operative=True), item("i-2000", "see paragraph 1 bis above.", operative=True))
    before = replace(given_, text=replace(given_.text, paragraphs=(*two[:-1], two[-1])))
    ends = document(
        *two, labels={p.id: before.record.paragraph(p.id).label for p in two} | {"i-1000": "1", "i-2000": "2"}
    )
    wanted = plan(ends)
    assert [(one.paragraph, one.problem) for one in wanted.broken] == []
    moved = document(
        *(two[-3], two[-2], replace(two[-1], runs=()), *two[:-3]),
        labels={p.id: ends.record.paragraph(p.id).label for p in two},
    )
    assert [(one.words, one.problem) for one in plan(moved).broken] == [
        ("paragraph 1 bis above", Problem.AMBIGUOUS),
    ]
    assert words(renumbered_document(moved)) == "see paragraph 1 bis above"


def test_l3_an_item_that_loses_its_letter_leaves_its_citations_to_be_looked_at() -> None:
    alone = document(
        *(verb("v-1000", "noting"), item("c-1000", "x,"), verb("v-2000", "resolves", operative=True)),
        item("o-1000", "see noting b) above.", operative=True),
        labels={"c-1000": "b)"},
    )
    assert [one.problem for one in plan(alone).broken] == [Problem.WITHOUT_LABEL]


def test_l3_pending_words_stay_whose_they_are_and_settled_ones_become_an_editorial_correction() -> None:
    before = draft(
        *("see resolves 2, ", agreed("a-agreed", "considering b)"), ", ", ins("a-mine", "resolves 2 above")),
        *(", ", struck("a-other", "resolves 2"), "."),
    )
    change = frozen(before).before
    assert change is not None
    after = applied(before, change.edits)
    assert words(after) == "see resolves 3, considering c), resolves 3 above, resolves 3."
    origins = [
        (one.text, one.source, one.amendment.delegation if one.amendment else "")
        for one in provenance_of(after, "p-last")
    ]
    assert ("resolves 3 above", Source.PROPOSED, "XAA") in origins
    assert [text for text, source, of in origins if of == "SEC"] == ["3", "c", "3"]
    assert ("considering ", Source.AGREED, "XAA") in origins
    struck_now = [run.text for run in after.text.paragraphs[-1].runs if Mark(MarkKind.DELETION, "a-other") in run.marks]
    assert "".join(struck_now) == "resolves 3"
    correction = next(one for one in after.record.amendments.values() if one.delegation == "SEC")
    assert correction.status is Status.AGREED
    assert correction.number == before.record.opinion.next_number
    assert [[run.text for run in entry.runs] for entry in correction.removed] == [["2"], ["b"], ["2"]]


def marked(given_: Document, note: str = "") -> Document:
    done = carry_out(MarkRenumbering(note=note), given_, None, context(THE_SECRETARIAT))
    return applied(given_, done.main.edits)


def frozen(given_: Document) -> Outcome:
    return carry_out(Freeze("Fourth draft"), marked(given_), None, context(THE_CHAIR))


def after_freeze(given_: Document) -> Document:
    outcome = frozen(given_)
    return applied(applied(given_, outcome.before.edits if outcome.before else ()), outcome.main.edits)


def test_l3_only_the_freeze_that_the_secretariat_marked_renumbers_and_only_once() -> None:
    given_ = draft("see resolves 2.")
    assert carry_out(Freeze("Third draft"), given_, None, context(THE_CHAIR)).before is None
    with pytest.raises(NotAllowed, match="secretariat's to mark"):
        carry_out(Freeze("Third draft", renumber=True), given_, None, context(THE_CHAIR))
    with pytest.raises(NotAllowed):
        carry_out(MarkRenumbering(), given_, None, context(THE_CHAIR))
    with pytest.raises(InvalidCommand, match="comes with a freeze"):
        carry_out(Renumber(), given_, None, context(THE_SECRETARIAT))
    by_itself = Freeze("Third draft", renumber=True, ruled_by="A. Chair")
    assert carry_out(by_itself, given_, None, context(THE_SECRETARIAT)).before is not None
    done = after_freeze(given_)
    assert done.record.opinion.renumbering is None
    assert done.record.opinion.draft == given_.record.opinion.draft + 1
    assert carry_out(Freeze("Fifth draft"), done, None, context(THE_CHAIR)).before is None
    with pytest.raises(InvalidCommand, match="renumbered already"):
        marked(done)
    with pytest.raises(InvalidCommand, match="renumbered already"):
        carry_out(by_itself, done, None, context(THE_SECRETARIAT))
    assert [one.id for one in renumberings(after_freeze_again(done).record)] == ["1", "2"]


def after_freeze_again(done: Document) -> Document:
    again = marked(done, "Opinions 3 and 4 were merged.")
    outcome = carry_out(Freeze("Fifth draft"), again, None, context(THE_CHAIR))
    assert outcome.before is not None
    return applied(applied(again, outcome.before.edits), outcome.main.edits)


def test_l3_a_mark_may_be_taken_back() -> None:
    off = carry_out(MarkRenumbering(on=False), marked(draft("x")), None, context(THE_SECRETARIAT))
    assert applied(marked(draft("x")), off.main.edits).record.opinion.renumbering is None


def test_l3_the_concordance_is_on_record_with_what_followed_and_what_was_left() -> None:
    (kept,) = renumberings(after_freeze(draft("considering b) and resolves 9.")).record)
    assert isinstance(kept, Renumbering)
    assert [(one.old, one.new) for one in kept.labels] == [("a bis)", "b)"), ("b)", "c)"), ("1 bis", "2"), ("2", "3")]
    assert [(one.old, one.new) for one in kept.citations] == [("considering b)", "considering c)")]
    assert [(one.words, one.problem) for one in kept.left] == [("resolves 9", "missing")]


# --- for any text ---

SHORT = st.text("ab ", max_size=4)


@st.composite
def drafts(draw: st.DrawFn) -> Document:
    """Groups of items, some of them added since the labels were given, that cite one another in many forms."""
    rows: list[Paragraph] = []
    given_labels: dict[str, str] = {}
    cites: list[str] = []
    for group in range(draw(st.integers(1, 3))):
        operative = bool(group)
        name = draw(st.sampled_from(("resolves", "invites", "requests") if operative else ("considering", "noting")))
        rows.append(verb(f"v-{group}000", name, operative=operative))
        number, suffix = 0, 0
        for at in range(draw(st.integers(1, 5))):
            later = bool(at) and draw(st.booleans())
            number, suffix = (number, suffix + 1) if later else (number + 1, 0)
            stem = str(number) if operative else "abcdef"[number - 1]
            latin = ("", " bis", " ter", " quater", " quinquies")[suffix]
            label = f"{stem}{latin}" if operative else f"{stem}{latin})"
            given_labels[f"i-{group}{at}00"] = label
            rows.append(item(f"i-{group}{at}00", draw(SHORT), operative=operative))
            cites.append(f"{name} {label}")
    other = st.sampled_from(
        ("resolves 9 of Resolution 2,", "resolves 1 experts", "paragraph 1 above", "a) above", "b) to c)")
    )
    pieces = draw(st.lists(st.sampled_from(cites) | other, max_size=8))
    beside = draw(st.lists(st.sampled_from((" above, ", ", ", "; ", " and ", ". ")), min_size=8, max_size=8))
    said = [part for pair in zip(pieces, beside, strict=False) for part in pair]
    holders = ("", "a-one", "a-two")
    runs = [ins(holder, one) if (holder := draw(st.sampled_from(holders))) else one for one in said]
    rows.append(paragraph("p-last", *runs))
    return document(*rows, amendments=[amendment(one, "XAA") for one in holders[1:]], labels=given_labels)


@given(drafts())
def test_l3_what_a_citation_named_it_names_afterwards_or_is_told(before: Document) -> None:
    old = {one.id: before.record.paragraph(one.id).label for one in before.text}
    wanted, after = plan(before), renumbered_document(before)
    new = {one.id: after.record.paragraph(one.id).label for one in after.text}
    told = {(one.paragraph, one.words) for one in wanted.broken}
    good = [
        one for one in references(before.text, old) if one.problem is None and (one.paragraph, one.words) not in told
    ]
    again = [one for one in references(after.text, new) if one.problem is None]
    named = [tuple(label.target for label in one.labels) for one in again]
    for one in good:
        targets = tuple(label.target for label in one.labels)
        assert targets in named
        named.remove(targets)


@given(drafts())
def test_l3_nothing_but_labels_of_citations_changes_and_no_mark(before: Document) -> None:
    after = renumbered_document(before)
    wanted = plan(before)
    assert [one.id for one in after.text] == [one.id for one in before.text]
    changed = {one.reference.paragraph for one in wanted.follow}
    for one in before.text:
        there = after.text.find(one.id)
        assert there is not None
        if one.id not in changed:
            assert there == one
        assert [run.marks for run in there.runs] == [run.marks for run in one.runs]
        strip = str.maketrans("", "", "0123456789 abcdefinqrstu()")
        assert there.text.translate(strip) == one.text.translate(strip)


@given(drafts())
def test_l3_a_second_renumbering_changes_nothing(before: Document) -> None:
    after = renumbered_document(before)
    assert plan(after).empty
    assert renumbered_document(after) == after


@given(drafts())
def test_l3_the_act_does_what_the_preview_shows(before: Document) -> None:
    change = frozen(before).before
    assert change is not None
    done = applied(marked(before), change.edits)
    shown = renumbered_document(before)
    assert [one.text for one in done.text] == [one.text for one in shown.text]
    assert {one.id: done.record.paragraph(one.id).label for one in done.text} == {
        one.id: shown.record.paragraph(one.id).label for one in shown.text
    }
    kinds = {MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET}
    for one, other in zip(done.text, shown.text, strict=True):
        assert pending_marks(one, kinds) == pending_marks(other, kinds)


def pending_marks(of: Paragraph, kinds: set[MarkKind]) -> list[frozenset[Mark]]:
    return [frozenset(mark for mark in run.marks if mark.kind in kinds) for run in of.runs for _ in run.text]


def test_l3_only_proposed_paragraphs_do_not_count_and_are_not_cited() -> None:
    rows = [verb("v-1000", "resolves", operative=True), item("o-1000", "x;", operative=True)]
    rows.append(item("o-2000", "x;", operative=True, added="a-new"))
    rows += [item("o-3000", "x;", operative=True), paragraph("p-last", "resolves 1 bis and resolves 2.")]
    labels = {"o-1000": "1", "o-2000": "1 bis", "o-3000": "2"}
    wanted = plan(document(*rows, amendments=[addition("a-new")], labels=labels))
    assert wanted.labels == ()
    assert wanted.follow == ()
    assert [(one.words, one.problem) for one in wanted.broken] == [("resolves 1 bis", Problem.PROPOSED)]


def test_l3_a_table_reads_a_first_item_without_label_as_the_first() -> None:
    rows = (verb("v-1000", "noting"), item("c-1000", "x;"), item("c-2000", "x,"), paragraph("p-last", "noting a)"))
    before = document(*rows, labels={"c-2000": "a bis)"})
    table = Map(before.text, {ParagraphId("c-2000"): "a bis)"})
    assert [place.path for place in table.places] == [("a",), ("abis",)]
    assert words(renumbered_document(before)) == "noting a)"
