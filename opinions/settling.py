"""What typing puts on record: new amendments, those of which nothing is left, paragraphs that are open now.

The gate says what an update did; nearly every keystroke leads to nothing here. Nothing is written per keystroke.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from opinions.edits import DropAmendment, PutAmendment, PutOpinion, PutParagraph, RecordEdit, applied
from opinions.model import AmendmentId, DelegationCode, Paragraph
from opinions.numbering import added_label
from opinions.record import (
    Amendment,
    AmendmentKind,
    Document,
    ParagraphState,
    Record,
    Removed,
    Status,
)
from opinions.stances import corrected, typed_unconfirmed
from opinions.stances import typed as typed_for
from opinions.words import changing, kept, kind_of, marks_of, places, proposals, stretches


class Typed(Protocol):
    """What the gate says of an update it took.

    `touched` are paragraphs before and after (None: not there), `new_ids` the party's ids seen for the first time,
    `gone_ids` its own of which nothing stands any more, `successors` says under which new id words went that were
    typed under a pinned or decided one.
    """

    @property
    def touched(self) -> Sequence[tuple[Paragraph | None, Paragraph | None]]: ...
    @property
    def new_ids(self) -> Collection[AmendmentId]: ...
    @property
    def gone_ids(self) -> Collection[AmendmentId]: ...
    @property
    def successors(self) -> Mapping[AmendmentId, AmendmentId]: ...


def unremarkable(typed: Typed, record: Record, party: DelegationCode, *, workspace: bool, typist: str = "") -> bool:
    """Whether words only grew or shrank under marks that stay as they are, so that `settle` has nothing to write: told
    for nearly every keystroke, without the text. Where this says no, `settle` may still have nothing.
    """
    if typed.new_ids or typed.gone_ids or typed.successors:
        return False
    for before, after in typed.touched:
        if before is None or after is None or not _under_the_same_marks(before, after):
            return False
        entry = record.paragraphs.get(after.id)
        if not workspace and (entry is None or entry.state is ParagraphState.BASE):
            return False
        for name in proposals(after):
            amendment = record.amendments.get(name)
            if amendment is None or amendment.delegation != party:
                continue
            if amendment.kind is AmendmentKind.BRACKET or after.added == name:
                return False
            if not workspace and (amendment.reacted == amendment.revision or _to_confirm(amendment, typist)):
                return False
    return True


def _to_confirm(amendment: Amendment, typist: str) -> bool:
    """Whether words typed for the delegation now are the first that wait for it to confirm them."""
    return bool(typist) and not typed_unconfirmed(amendment)


def _under_the_same_marks(before: Paragraph, after: Paragraph) -> bool:
    if before.added != after.added or len(before.runs) != len(after.runs):
        return False
    pairs = zip(before.runs, after.runs, strict=True)
    return all([one is other or one.marks is other.marks for one, other in pairs])


def settle(
    typed: Typed,
    document: Document,
    *,
    party: DelegationCode,
    author: str,
    at: datetime,
    typist: str = "",
    workspace: bool,
) -> tuple[RecordEdit, ...]:
    """The record edits that an accepted update leads to; none for nearly every keystroke.

    `document` is the text after the update with the record before it: the view in a `workspace`, the Opinion in live
    drafting. New ids get a record: a draft in a workspace, submitted with a number in live drafting. A draft of which
    nothing stands is dropped, a submitted one withdrawn; others' strikes and brackets on its words are superseded.
    """
    record = document.record
    edits: list[RecordEdit] = []
    opinion = record.opinion
    for name in _in_order(typed):
        amendment = Amendment(
            id=name,
            kind=kind_of([after for _, after in typed.touched if after], name) or AmendmentKind.MOD,
            delegation=party,
            author=author,
            typist=typist,
            paragraph=next(after.id for _, after in typed.touched if after and name in proposals(after)),
            created_at=at,
            changed_at=at,
            revises=_succeeds(name, typed, record, party, workspace),
        )
        if not workspace:
            amendment = replace(amendment, status=Status.SUBMITTED, revision=1, number=opinion.next_number)
            opinion = replace(opinion, next_number=opinion.next_number + 1)
        edits.append(PutAmendment(amendment))
    if opinion is not record.opinion:
        edits.append(PutOpinion(opinion))
    edits += _changed(typed, record, party, author, typist, at, workspace)
    edits += _gone(typed, record, at, workspace)
    if not workspace:
        if any(before and (after is None or _lost(before, after)) for before, after in typed.touched):
            own = {name for name, entry in record.amendments.items() if entry.delegation == party}
            edits += emptied(typed.touched, document, own | set(typed.new_ids), at)
        edits += _opened(typed, document, party)
    return tuple(edits)


def _in_order(typed: Typed) -> Iterable[AmendmentId]:
    if not typed.new_ids:
        return ()
    found = [name for _, after in typed.touched if after for name in sorted(proposals(after) & set(typed.new_ids))]
    return dict.fromkeys(found)


def _lost(before: Paragraph, after: Paragraph) -> bool:
    return not proposals(before) <= proposals(after)


def _succeeds(
    name: AmendmentId, typed: Typed, record: Record, party: DelegationCode, workspace: bool
) -> AmendmentId | None:
    """The submitted amendment that a new one rewords: the closed one it was typed under, or in a workspace the open one
    of the same delegation that it touches.
    """
    typed_under = next((old for old, new in typed.successors.items() if new == name), None)
    if typed_under is not None or not workspace:
        return typed_under
    mine = {
        entry.id
        for entry in record.amendments.values()
        if entry.delegation == party and entry.open and entry.status is not Status.DRAFT
    }
    for _, after in typed.touched:
        if after is not None and name in proposals(after):
            found = after.added if after.added in mine else touching(after, name, mine)
            if found:
                return found
    return None


def touching(paragraph: Paragraph, name: AmendmentId, mine: Container[AmendmentId]) -> AmendmentId | None:
    """The first of `mine` on whose words or strikes those of a new amendment stand, or directly beside."""
    runs = paragraph.runs
    for number, run in enumerate(runs):
        if name in changing(run.marks):
            near = {one for beside in runs[max(number - 1, 0) : number + 2] for one in changing(beside.marks)}
            if found := [one for one in near if one in mine]:
                return min(found)
    return None


def _changed(
    typed: Typed, record: Record, party: DelegationCode, author: str, typist: str, at: datetime, workspace: bool
) -> Iterable[PutAmendment]:
    """Own amendments that became another kind (A1), that were reworded after somebody reacted to them (live), or that
    hold words typed for the delegation which it has not confirmed (A11).
    """
    seen = {name for _, after in typed.touched if after for name in proposals(after)}
    for name in sorted(seen):
        amendment = record.amendments.get(name)
        if amendment is None or amendment.delegation != party:
            continue
        kind = _grown(amendment, [after for _, after in typed.touched if after])
        changed = amendment if kind is amendment.kind else replace(amendment, kind=kind)
        # What is pinned is reworded by nobody: its author's words went to a successor (A4).
        next_revision = not workspace and not amendment.pinned and amendment.reacted == amendment.revision
        to_confirm = not workspace and _to_confirm(amendment, typist)
        if (next_revision or to_confirm) and _reworded(typed, name):
            if next_revision:
                changed = replace(changed, revision=amendment.revision + 1, status=Status.SUBMITTED, editorial=False)
            if to_confirm:
                changed = replace(changed, **typed_for(amendment, typist))
            elif next_revision and not typist:
                changed = replace(changed, **corrected(amendment, author, at))
        if changed is not amendment:
            yield PutAmendment(replace(changed, changed_at=at))


def _grown(amendment: Amendment, touched: Sequence[Paragraph]) -> AmendmentKind:
    """A bracket that rewords is a MOD, what adds a paragraph an ADD. Nothing shrinks: that needs the whole text."""
    if amendment.kind is AmendmentKind.BRACKET:
        return kind_of(touched, amendment.id) or amendment.kind
    adds = amendment.kind is AmendmentKind.MOD and any(paragraph.added == amendment.id for paragraph in touched)
    return AmendmentKind.ADD if adds else amendment.kind


def _reworded(typed: Typed, name: AmendmentId) -> bool:
    return any(_its(before, name) != _its(after, name) for before, after in typed.touched)


def _its(paragraph: Paragraph | None, name: AmendmentId) -> list[tuple[str, object]]:
    """Its words by their marks, in order; others' words among them divide nothing."""
    found: list[tuple[str, object]] = []
    for run in paragraph.runs if paragraph else ():
        marks = marks_of(run, name)
        if marks and found and found[-1][1] == marks:
            found[-1] = (found[-1][0] + run.text, marks)
        elif marks:
            found.append((run.text, marks))
    return found


def _gone(typed: Typed, record: Record, at: datetime, workspace: bool) -> Iterable[RecordEdit]:
    for name in sorted(typed.gone_ids):
        amendment = record.amendments.get(name)
        if amendment is None:
            continue
        if not workspace:
            yield PutAmendment(replace(amendment, status=Status.WITHDRAWN, changed_at=at))
        elif not amendment.removed:
            yield DropAmendment(name)


def _opened(typed: Typed, document: Document, party: DelegationCode) -> Iterable[PutParagraph]:
    """Base text in which the party now proposes something is open (D3); what it adds gets a label (L2)."""
    pairs = [
        (before, after)
        for before, after in typed.touched
        if after is not None
        and document.record.paragraph(after.id).state is ParagraphState.BASE
        and any(_is_of(document, typed, name, party) for name in proposals(after))
    ]
    return taken_up(pairs, document) if pairs else ()


def _is_of(document: Document, typed: Typed, name: AmendmentId, party: DelegationCode) -> bool:
    amendment = document.amendment(name)
    return name in typed.new_ids or (amendment is not None and amendment.delegation == party)


# --- common to typing and submitting


def taken_up(pairs: Iterable[tuple[Paragraph | None, Paragraph]], document: Document) -> tuple[PutParagraph, ...]:
    """The records of paragraphs that an amendment touches: base becomes open (D3), added ones get a label (L2)."""
    edits: list[PutParagraph] = []
    for before, after in pairs:
        record = document.record.paragraph(after.id)
        if before is None:
            # The label goes by those of its neighbours, which may be new as well.
            label = added_label(applied(document, edits), after.id)
            record = replace(record, label=label, state=ParagraphState.OPEN)
        elif record.state is ParagraphState.BASE:
            record = replace(record, state=ParagraphState.OPEN)
        else:
            continue
        edits.append(PutParagraph(record))
    return tuple(edits)


def emptied(
    pairs: Iterable[tuple[Paragraph | None, Paragraph | None]],
    document: Document,
    own: Collection[AmendmentId],
    at: datetime,
) -> tuple[PutAmendment, ...]:
    """Others of which nothing is left because the words they struck or bracketed were taken back by their proposer."""
    lost: dict[AmendmentId, list[Removed]] = {}
    for before, after in pairs:
        if before is None:
            continue
        for name in sorted(proposals(before) - (proposals(after) if after else frozenset()) - set(own)):
            its = {number for number, run in enumerate(before.runs) if marks_of(run, name)}
            by = next((run.insertion for run in before.runs if marks_of(run, name) and run.insertion in own), None)
            shares = kept(before, stretches(before, its))
            lost.setdefault(name, []).extend(replace(share, by=by) for share in shares)
    return tuple(
        PutAmendment(
            replace(
                other,
                status=Status.SUPERSEDED,
                into=shares[0].by if shares else None,
                pinned=False,
                removed=(*other.removed, *shares),
                changed_at=at,
            )
        )
        for name, shares in lost.items()
        if (other := document.amendment(name)) and other.open and not places(document.text, name)
    )
