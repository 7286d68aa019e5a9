"""The chair's rulings as commands: on an amendment, on several at once, on a paragraph; reopening; the editorial mark.

What a ruling does is in `opinions.rulings`, what may follow what in `opinions.moves`, paragraphs in
`opinions.considering`.
"""

from dataclasses import replace

from opinions.acting import Context, called, require_amendment, require_paragraph
from opinions.brackets import uncrossed
from opinions.calls import outcome_of_call
from opinions.commands import ConsiderParagraph, RecordOutcome, Reopen
from opinions.considering import pending_in as pending_in
from opinions.considering import requests_to_reopen as requests_to_reopen
from opinions.considering import standing_in_the_way, states_after
from opinions.edits import Change, Edit, PutAmendment, PutParagraph, applied
from opinions.effects import Effect, Return
from opinions.errors import InvalidCommand, WrongStatus
from opinions.merging import brought_back, require_not_merged
from opinions.moves import NEAR_AGREEMENT, require_move, require_state
from opinions.one_act import require_one_act
from opinions.record import Amendment, Decision, Document, ParagraphRecord, ParagraphState, Ruling, Status
from opinions.ruled_words import digest as digest
from opinions.ruled_words import paragraph_lines
from opinions.ruled_words import words_digest as words_digest
from opinions.ruled_words import words_lines as words_lines
from opinions.rulings import (
    AGREEING,
    Said,
    last_of,
    require_resolved,
    require_room,
    rule,
    said,
    said_with,
    with_bystanders,
)
from opinions.rulings import DECISIONS as DECISIONS
from opinions.rulings import require_revision as require_revision
from opinions.statuses import Attitude
from opinions.table_commands import MarkEditorial, RecordOutcomes, RulingOn

_UNCHANGED = frozenset({Status.SET_ASIDE}) | NEAR_AGREEMENT
"""Ruled on, and the text as it was: there is nothing to bring back."""


def record_outcome(command: RecordOutcome, document: Document, context: Context) -> Change:
    """Records the chair's ruling on one amendment at one revision, with those on `others`, and carries them out.

    Where it alone was put to the meeting by a call for objections, this is the outcome of that call. Raises
    `RevisionChanged` when other words stand than those ruled on, `WrongStatus` when this is no move from where it
    stands or it stands inside a proposal still open, `InvalidCommand` when nobody is named who ruled.
    """
    require_amendment(document, command.amendment)
    if command.ruling is Ruling.MERGED:
        raise InvalidCommand("It is merged into another amendment: name it among the 'others' of that one's ruling.")
    rulings = (RulingOn(command.amendment, command.revision, command.ruling, command.words), *command.others)
    announced = said_with(command, [one.ruling for one in rulings], document, context)
    edits = rule(rulings, announced, document)
    require_one_act(document, rulings, command.others)
    return Change((*edits, *outcome_of_call(rulings[0], edits, announced, document)))


def record_outcomes(command: RecordOutcomes, document: Document, context: Context) -> Change:
    """Records rulings on many editorial amendments at once, all of them or none.

    Raises `WrongStatus` naming those that are not marked editorial: each of them is ruled on by itself.
    """
    if not command.outcomes:
        raise InvalidCommand("Name at least one amendment.")
    others = [one for each in command.outcomes if not (one := require_amendment(document, each.amendment)).editorial]
    if others:
        listed = ", ".join(called(one) for one in others)
        raise WrongStatus(f"Not marked editorial: {listed}. Many at once are decided only where no sense changes.")
    announced = said(document, context, ruled_by=command.ruled_by, note=command.note)
    return Change(rule(command.outcomes, announced, document))


def mark_editorial(command: MarkEditorial, document: Document, context: Context) -> Change:
    """Marks an amendment as editorial, (MOD), or takes that back; its next revision is not marked any more."""
    amendment = require_amendment(document, command.amendment)
    if not amendment.open:
        raise WrongStatus(f"{called(amendment)} is decided; the mark says what may be decided with others.")
    if amendment.editorial is command.on:
        raise WrongStatus(f"{called(amendment)} is {'' if command.on else 'not '}marked editorial already.")
    return Change((PutAmendment(replace(amendment, editorial=command.on)),))


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
    return Change(with_bystanders(document, effect, withdrawn))


def reopen(command: Reopen, document: Document, context: Context) -> Change:
    """Makes a decided amendment pending again; what its decision took out comes back under it.

    Where the text around has changed the words come back at the best place and the decision's note says so. Raises
    `WrongStatus` when it is pending anyway, or cannot come back, naming what to do first.
    """
    amendment = require_amendment(document, command.amendment)
    announced = said(document, context, ruled_by=command.ruled_by, note=command.note, asked_by=command.asked_by)
    if amendment.status is Status.SUPERSEDED:
        raise WrongStatus(f"{called(amendment)} was superseded. {_with_whom(document, amendment)}")
    require_move(called(amendment), amendment.status, Ruling.REOPENED, announced.role, last_of(amendment))
    require_not_merged(document, amendment)
    require_room(amendment.decisions)
    back = Return(Effect(removed=amendment.removed))
    if amendment.status not in _UNCHANGED:
        back = DECISIONS[amendment.kind].reopened(document, amendment)
    bare = replace(
        amendment, status=Status.REOPENED, changed_at=context.at, removed=back.effect.removed, into=None, pinned=False
    )
    others = tuple(replace(other, changed_at=context.at) for other in back.others)
    put: tuple[Edit, ...] = (*back.effect.edits, *(PutAmendment(one) for one in (bare, *others)))
    after = applied(document, put)
    note = " ".join((command.note, *back.effect.notes)).strip()
    lines = words_lines(after, amendment.id)
    decision = replace(announced.decision(Ruling.REOPENED, amendment.revision, lines), note=note)
    reopened = replace(bare, decisions=(*amendment.decisions, decision))
    edits: tuple[Edit, ...] = (*back.effect.edits, *(PutAmendment(one) for one in (reopened, *others)))
    if amendment.replaces:
        edits = (*edits, *brought_back(after, amendment, decision))
        after = applied(document, edits)
    return Change((*edits, *uncrossed(after), *states_after(document, after, ((amendment, decision),))))


def consider_paragraph(command: ConsiderParagraph, document: Document, context: Context) -> Change:
    """Records the chair's ruling on a paragraph as it stands.

    Raises `WrongStatus` when this is no move from its state (D8) or, for agreement, while anything in it is open (all
    listed).
    """
    paragraph = require_paragraph(document, command.paragraph)
    record = document.record.paragraph(paragraph.id)
    if command.state is ParagraphState.BASE:
        raise InvalidCommand("A paragraph once considered cannot become base text again; leave it open instead.")
    announced = _ruling_on(command.state, record)
    words = said_with(command, (announced,), document, context)
    decision = words.decision(announced, 0, paragraph_lines(document, paragraph))
    require_state(record.state, command.state, words.role, _last_of(record), decision)
    in_the_way = standing_in_the_way(document, paragraph.id, command.state)
    if in_the_way:
        listed = ", ".join(called(amendment) for amendment in in_the_way)
        raise WrongStatus(f"Still open in this paragraph: {listed}. Record their outcome first.")
    _require_no_objection(command.state, record, words)
    require_room(record.decisions)
    return Change((PutParagraph(replace(record, state=command.state, decisions=(*record.decisions, decision))),))


def _ruling_on(state: ParagraphState, record: ParagraphRecord) -> Ruling:
    """Base text that is left open was looked at and set aside; other text that is open again was reopened."""
    if state is ParagraphState.OPEN:
        return Ruling.SET_ASIDE if record.state is ParagraphState.BASE else Ruling.REOPENED
    return Ruling(state.value)


def _last_of(record: ParagraphRecord) -> Decision | None:
    return next((one for one in reversed(record.decisions) if one.ruling.value == record.state.value), None)


def _require_no_objection(state: ParagraphState, record: ParagraphRecord, words: Said) -> None:
    if state.value in AGREEING:
        objecting = [one.delegation for one in record.stances if one.attitude is Attitude.FORMAL_OBJECTION]
        require_resolved(objecting, words.note)


def _with_whom(document: Document, amendment: Amendment) -> str:
    by = next((host for entry in amendment.removed if (host := document.amendment(entry.by or ""))), None)
    return f"It went with {called(by)}: reopen that one." if by else "Propose its words anew."
