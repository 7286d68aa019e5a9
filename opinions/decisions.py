"""The chair's rulings: what each does to the text, and what goes on record.

`DECISIONS` is the decision table of opinions/SPEC.md (D1): a row per kind of amendment, a column per ruling. A
ruling covers the revision it names and no other (A3); all that it takes out is kept and comes back when it is reopened.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from opinions.acting import Context, called, require_amendment, require_paragraph, ruling
from opinions.brackets import open_brackets, uncrossed
from opinions.commands import ConsiderParagraph, RecordOutcome, Reopen
from opinions.edits import Change, Edit, PutAmendment, PutParagraph, applied
from opinions.effects import (
    TAKEN_IN,
    Effect,
    EffectOf,
    Return,
    bring_back,
    drop_bracketed,
    leave_out,
    lift_bracket,
    nothing,
    suppress,
    take_in,
)
from opinions.errors import InvalidCommand, RevisionChanged, WrongStatus
from opinions.model import MarkKind, Paragraph, ParagraphId
from opinions.record import (
    Amendment,
    AmendmentKind,
    Decision,
    Document,
    ParagraphState,
    Ruling,
    Status,
)
from opinions.rules import remaining
from opinions.table_commands import MarkEditorial, RecordOutcomes
from opinions.words import bystanders, hosted, marked_with, places, proposals, words


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the decision table: what each ruling does to an amendment of this kind."""

    agreed: EffectOf
    not_retained: EffectOf
    withdrawn: EffectOf
    set_aside: EffectOf
    reopened: Callable[[Document, Amendment], Return]


DECISIONS: Mapping[AmendmentKind, Row] = {
    AmendmentKind.ADD: Row(take_in, leave_out, leave_out, nothing, bring_back),
    AmendmentKind.MOD: Row(take_in, leave_out, leave_out, nothing, bring_back),
    AmendmentKind.SUP: Row(suppress, nothing, nothing, nothing, bring_back),
    AmendmentKind.BRACKET: Row(lift_bracket, drop_bracketed, lift_bracket, nothing, bring_back),
}
"""Agreed ad referendum does what agreed does. A bracket withdrawn is lifted: its words were there before it."""

_STATUSES = {
    Ruling.AGREED: Status.AGREED,
    Ruling.AGREED_AD_REFERENDUM: Status.AGREED_AD_REFERENDUM,
    Ruling.NOT_RETAINED: Status.NOT_RETAINED,
    Ruling.SET_ASIDE: Status.SET_ASIDE,
}
_AGREEMENTS = {
    Ruling.AGREED: ParagraphState.AGREED,
    Ruling.AGREED_AD_REFERENDUM: ParagraphState.AGREED_AD_REFERENDUM,
}
_SPOKEN = {
    Status.DRAFT: "a draft",
    Status.SUBMITTED: "pending",
    Status.AGREED: "agreed",
    Status.AGREED_AD_REFERENDUM: "agreed ad referendum",
    Status.SET_ASIDE: "set aside",
    Status.NOT_RETAINED: "not retained",
    Status.WITHDRAWN: "withdrawn",
    Status.SUPERSEDED: "superseded",
}


def words_lines(document: Document, amendment_id: str) -> list[str]:
    """The exact words of an amendment as they stand: for each paragraph that bears it, in reading order, `# ` and the
    paragraph's id, then, each only when there are such characters, `+` and those that it inserts, `-` and those it
    strikes, `[` and those it brackets. A SUP has its paragraph's line and `-` with the text.
    """
    lines: list[str] = []
    amendment = document.amendment(amendment_id)
    for paragraph in document.text:
        if amendment is not None and amendment.kind is AmendmentKind.SUP and paragraph.id == amendment.paragraph:
            lines += [f"# {paragraph.id}", f"-{paragraph.text}"]
        elif amendment_id in proposals(paragraph):
            lines.append(f"# {paragraph.id}")
            for sign, kind in (("+", MarkKind.INSERTION), ("-", MarkKind.DELETION), ("[", MarkKind.BRACKET)):
                of_kind = "".join(words(part.runs) for part in marked_with(paragraph, kind, amendment_id))
                lines += [sign + of_kind] if of_kind else []
    return lines


def words_digest(document: Document, amendment_id: str) -> str:
    """Those words in 16 hexadecimal digits: what a screen saw, compared at the ruling (crdt/SPEC.md, C3)."""
    return digest(words_lines(document, amendment_id))


def digest(lines: Sequence[str]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of lines in UTF-8, joined with line feeds."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def record_outcome(command: RecordOutcome, document: Document, context: Context) -> Change:
    """Records the chair's ruling on one amendment at one revision and carries it out.

    Raises `RevisionChanged` when other words stand than those ruled on, `WrongStatus` when it is decided already or
    stands inside a proposal still open, `InvalidCommand` when nobody is named who ruled.
    """
    amendment = require_amendment(document, command.amendment)
    ruled_by, recorded_by = ruling(command.ruled_by, context)
    status = _STATUSES.get(command.ruling)
    if status is None:
        raise InvalidCommand("Reopening is a command of its own: send 'reopen'.")
    _require_undecided(amendment, status)
    require_revision(amendment, command.revision)
    if command.words and command.words != words_digest(document, amendment.id):
        raise RevisionChanged(f"The words of {called(amendment)} changed since your screen showed them. Look again.")
    confirmed = amendment.status in TAKEN_IN
    if status in TAKEN_IN and not confirmed:
        _require_host_decided(document, amendment)
    effect = Effect() if confirmed else _effect(command.ruling, amendment.kind)(document, amendment)
    decision = Decision(command.ruling, amendment.revision, context.at, ruled_by, recorded_by, command.note)
    decided = replace(
        amendment,
        status=status,
        pinned=False,
        changed_at=context.at,
        decisions=(*amendment.decisions, decision),
        removed=(*amendment.removed, *effect.removed),
    )
    edits = _with_bystanders(document, effect, decided)
    states = () if confirmed else _states(document, applied(document, edits), amendment, decision)
    return Change((*edits, *states))


def taken_back(document: Document, amendment: Amendment, context: Context) -> Change:
    """What withdrawing does when nobody takes the amendment over (A6): its words go into the record."""
    effect = DECISIONS[amendment.kind].withdrawn(document, amendment)
    withdrawn = replace(
        amendment,
        status=Status.WITHDRAWN,
        pinned=False,
        changed_at=context.at,
        removed=(*amendment.removed, *effect.removed),
    )
    return Change(_with_bystanders(document, effect, withdrawn))


def reopen(command: Reopen, document: Document, context: Context) -> Change:
    """Makes a decided amendment pending again; what its decision took out comes back under it.

    Where the text around has changed the words come back at the best place and the decision's note says so. Raises
    `WrongStatus` when it is pending anyway, or cannot come back, naming what to do first.
    """
    amendment = require_amendment(document, command.amendment)
    ruled_by, recorded_by = ruling(command.ruled_by, context)
    if amendment.status is Status.SUBMITTED:
        raise WrongStatus(f"{called(amendment)} is pending already; there is nothing to reopen.")
    if amendment.status is Status.SUPERSEDED:
        raise WrongStatus(f"{called(amendment)} was superseded. {_with_whom(document, amendment)}")
    back = Return(Effect(removed=amendment.removed))
    if amendment.status is not Status.SET_ASIDE:
        back = DECISIONS[amendment.kind].reopened(document, amendment)
    note = " ".join((command.note, *back.effect.notes)).strip()
    decision = Decision(Ruling.REOPENED, amendment.revision, context.at, ruled_by, recorded_by, note)
    reopened = replace(
        amendment,
        status=Status.SUBMITTED,
        changed_at=context.at,
        decisions=(*amendment.decisions, decision),
        removed=back.effect.removed,
    )
    others = tuple(replace(other, changed_at=context.at) for other in back.others)
    edits: tuple[Edit, ...] = (*back.effect.edits, *_put(reopened, *others))
    after = applied(document, edits)
    return Change((*edits, *uncrossed(after), *_states(document, after, amendment, decision)))


def consider_paragraph(command: ConsiderParagraph, document: Document, context: Context) -> Change:
    """Records the chair's ruling on a paragraph as it stands.

    Raises `WrongStatus` when it is in that state already or, for agreement, while anything in it is open (all listed).
    """
    paragraph = require_paragraph(document, command.paragraph)
    ruled_by, recorded_by = ruling(command.ruled_by, context)
    record = document.record.paragraph(paragraph.id)
    if command.state is ParagraphState.BASE:
        raise InvalidCommand("A paragraph once considered cannot become base text again; leave it open instead.")
    if command.state is record.state:
        raise WrongStatus(f"The paragraph is {record.state.replace('_', ' ')} already.")
    if command.state is not ParagraphState.OPEN:
        pending = pending_in(document, paragraph.id)
        if pending:
            listed = ", ".join(called(amendment) for amendment in pending)
            raise WrongStatus(f"Still open in this paragraph: {listed}. Record their outcome first.")
    left_open = Ruling.SET_ASIDE if record.state is ParagraphState.BASE else Ruling.REOPENED
    announced = next((agreement for agreement, state in _AGREEMENTS.items() if state is command.state), left_open)
    decision = Decision(announced, 0, context.at, ruled_by, recorded_by, command.note)
    return Change((PutParagraph(replace(record, state=command.state, decisions=(*record.decisions, decision))),))


def mark_editorial(command: MarkEditorial, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def record_outcomes(command: RecordOutcomes, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def pending_in(document: Document, paragraph_id: ParagraphId) -> tuple[Amendment, ...]:
    """What is open in a paragraph: amendments with marks in it, brackets that reach over it, proposals to remove it."""
    found = open_brackets(document, within=paragraph_id)
    ids = [entry.id for entry in found if paragraph_id in entry.paragraphs]
    return tuple(amendment for name in dict.fromkeys(ids) if (amendment := document.amendment(name)))


def require_revision(amendment: Amendment, revision: int) -> None:
    """Raises `RevisionChanged` when another revision stands than the one that was meant (A3)."""
    if amendment.revision != revision:
        raise RevisionChanged(
            f"{called(amendment)} stands at revision {amendment.revision}, not {revision}. Look at it again."
        )


def _require_undecided(amendment: Amendment, status: Status) -> None:
    if amendment.status is status:
        raise WrongStatus(f"{called(amendment)} is {_SPOKEN[status]} already.")
    confirmation = amendment.status is Status.AGREED_AD_REFERENDUM and status is Status.AGREED
    if not amendment.open and not confirmation:
        raise WrongStatus(
            f"{called(amendment)} is {_SPOKEN[amendment.status]}. Reopen it, then record the new outcome."
        )


def _require_host_decided(document: Document, amendment: Amendment) -> None:
    """Words inside an open proposal cannot be agreed text: what they stand in may still fail."""
    for paragraph in document.text:
        inserters = {run.insertion for run in paragraph.runs}
        if amendment.id not in inserters:
            continue
        for name in sorted(filter(None, inserters | {paragraph.added})):
            host = document.amendment(name)
            if host is None or host.id == amendment.id:
                continue
            inside = (run for stretch in hosted(paragraph, host, document.record) for run in stretch.runs)
            if paragraph.added == host.id or any(run.insertion == amendment.id for run in inside):
                raise WrongStatus(
                    f"{called(amendment)} stands inside {called(host)}, which is open. Record the outcome of "
                    f"{called(host)} first."
                )


def _effect(announced: Ruling, kind: AmendmentKind) -> EffectOf:
    row = DECISIONS[kind]
    by_ruling = {Ruling.NOT_RETAINED: row.not_retained, Ruling.SET_ASIDE: row.set_aside}
    return by_ruling.get(announced, row.agreed)


def _put(*amendments: Amendment) -> tuple[PutAmendment, ...]:
    return tuple(PutAmendment(amendment) for amendment in amendments)


def _with_whom(document: Document, amendment: Amendment) -> str:
    by = next((host for entry in amendment.removed if (host := document.amendment(entry.by or ""))), None)
    return f"It went with {called(by)}: reopen that one." if by else "Propose its words anew."


def _with_bystanders(document: Document, effect: Effect, decided: Amendment) -> tuple[Edit, ...]:
    after = applied(document, effect.edits).text
    others = bystanders(document, after, effect.out, decided.id, decided.changed_at)
    return (*effect.edits, *_put(decided, *others))


def _states(before: Document, after: Document, amendment: Amendment, decision: Decision) -> tuple[PutParagraph, ...]:
    """The paragraph records a ruling changes: base text becomes open, agreed text that it changed is open again (D3).

    A paragraph that it adds is agreed with it, unless something in it is still open.
    """
    edits = []
    ids = dict.fromkeys((*places(before.text, amendment.id), *places(after.text, amendment.id), amendment.paragraph))
    for paragraph_id in ids:
        there, stands = before.text.find(paragraph_id), after.text.find(paragraph_id)
        if stands is None:
            continue
        record = before.record.paragraph(paragraph_id)
        if there is not None and there.added == amendment.id and not proposals(stands):
            state = _AGREEMENTS.get(decision.ruling, record.state)
        elif record.state is ParagraphState.BASE or _clean(there, before) != _clean(stands, after):
            state = ParagraphState.OPEN
        else:
            state = record.state
        decisions = record.decisions
        if record.state in _AGREEMENTS.values() and state is ParagraphState.OPEN:
            note = f"With the ruling on {called(amendment)}."
            decisions = (*decisions, replace(decision, ruling=Ruling.REOPENED, revision=0, note=note))
        if state is not record.state:
            edits.append(PutParagraph(replace(record, state=state, decisions=decisions)))
    return tuple(edits)


def _clean(paragraph: Paragraph | None, document: Document) -> str:
    """What a paragraph would read if every open amendment failed (I8)."""
    pending = {amendment.id for amendment in document.record.amendments.values() if amendment.open}
    left = remaining(paragraph, pending) if paragraph else None
    return left.text if left else ""
