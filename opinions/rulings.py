"""The chair's rulings, carried out: what each does to the text, and what goes on record.

`DECISIONS` is the decision table of opinions/SPEC.md (D1): a row per kind of amendment, a column per ruling. A
ruling covers the revision it names and no other (A3); all that it takes out is kept and comes back when it is reopened.
Several rulings of one act are carried out together or not at all, in an order in which each finds its words (D9).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from opinions.acting import called, require_amendment
from opinions.announcing import Said as Said
from opinions.announcing import known_parties as known_parties
from opinions.announcing import said as said
from opinions.announcing import said_with as said_with
from opinions.considering import states_after
from opinions.edits import Edit, PutAmendment, SetMark, TextEdit, applied
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
    typed_brackets,
)
from opinions.errors import InvalidCommand, RevisionChanged, WrongStatus
from opinions.merging import left_as_they_are, require_one_option, sets_merged
from opinions.model import AmendmentId, Mark, MarkKind
from opinions.moves import require_move
from opinions.record import Amendment, AmendmentKind, Attitude, Decision, Document, Ruling, Status
from opinions.ruled_words import Standing, around, stands_as, words_lines
from opinions.table_commands import RulingOn
from opinions.words import bystanders, hosted, marked_with, standing

MAX_DECISIONS = 100
"""Rulings on one amendment or paragraph: reopened fifty times. Each keeps the exact words, all in one entry."""


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
"""Agreed ad referendum does what agreed does, merged what withdrawn does, near agreement what set aside does. A bracket
withdrawn is lifted: its words were there before it.
"""

AGREEING = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.AGREED_IN_INFORMALS, Ruling.WORDING_AGREED})
"""Rulings that say the meeting has no objection, in whole or in part."""
_TAKING_IN = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM})
_LEAVING_OUT = frozenset({Ruling.NOT_RETAINED, Ruling.MERGED})


def require_revision(amendment: Amendment, revision: int) -> None:
    """Raises `RevisionChanged` when another revision stands than the one that was meant (A3)."""
    if amendment.revision != revision:
        raise RevisionChanged(
            f"{called(amendment)} stands at revision {amendment.revision}, not {revision}. Look at it again."
        )


def require_words(document: Document, amendment: Amendment, words: str) -> None:
    """Raises `RevisionChanged` when other words stand than those of this digest; an empty one fits all (A3)."""
    if not stands_as(document, amendment, words):
        raise RevisionChanged(f"The words of {called(amendment)} changed since your screen showed them. Look again.")


def objectors(amendment: Amendment) -> tuple[str, ...]:
    """Who objects formally to an amendment at the revision that stands, by the positions on record."""
    return tuple(
        stance.delegation
        for stance in amendment.stances
        if stance.attitude is Attitude.FORMAL_OBJECTION and stance.revision in (0, amendment.revision)
    )


def require_resolved(parties: Sequence[str], note: str) -> None:
    """Raises `InvalidCommand` when something is agreed over an objection without a word on it (D10)."""
    if parties and not note.strip():
        raise InvalidCommand(
            f"There is an objection of {', '.join(dict.fromkeys(parties))}. Say in the note how it was resolved, or "
            "that the chair so ruled."
        )


# --- rulings of one act


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One ruling with the decision that goes on record of it."""

    amendment: AmendmentId
    ruling: Ruling
    decision: Decision


def rule(rulings: Sequence[RulingOn], announced: Said, document: Document) -> tuple[Edit, ...]:
    """The edits of all rulings of one act, the first one's record first; all of them or none (D9).

    When a compromise is agreed, the open amendments for which it stands are merged into it, unless the act itself says
    something else of them. Raises `RevisionChanged` when other words stand than those ruled on, `WrongStatus` and
    `NotAllowed` for what is no move (D8), `InvalidCommand` for rulings that do not fit together.
    """
    stands = standing(document.text)
    verdicts = _verdicts(rulings, announced, document, stands)
    edits, now = _carried_out(verdicts, document, stands)
    written = [edit.amendment.id for edit in edits if isinstance(edit, PutAmendment)]
    touched = dict.fromkeys([*(one.amendment for one in verdicts), *written])
    puts = [PutAmendment(now.record.amendments[name]) for name in touched]
    decided = [(document.record.amendments[one.amendment], one.decision) for one in verdicts]
    texts = [edit for edit in edits if not isinstance(edit, PutAmendment)]
    return (*texts, *puts, *states_after(document, now, decided), *sets_merged(document, now))


def _verdicts(
    rulings: Sequence[RulingOn], announced: Said, document: Document, stands: Standing
) -> tuple[_Verdict, ...]:
    names = [one.amendment for one in rulings]
    if len(set(names)) < len(names):
        raise InvalidCommand("An amendment is named twice: one act rules once on each.")
    agreed = [one.amendment for one in rulings if one.ruling in _TAKING_IN]
    require_one_option(document, agreed)
    verdicts = []
    for one in (*rulings, *_merging(rulings, document)):
        amendment = require_amendment(document, one.amendment)
        if one.ruling is Ruling.REOPENED:
            raise InvalidCommand("Reopening is a command of its own: send 'reopen'.")
        into = _into(amendment, agreed, document) if one.ruling is Ruling.MERGED else None
        here = around(document, amendment, stands)
        decision = announced.decision(one.ruling, amendment.revision, words_lines(here, amendment.id), into)
        if one.ruling in _TAKING_IN and amendment.open:
            note = " ".join((decision.note, left_as_they_are(document, amendment))).strip()
            decision = replace(decision, note=note)
        require_move(called(amendment), amendment.status, one.ruling, announced.role, last_of(amendment), decision)
        require_revision(amendment, one.revision)
        require_words(here, amendment, one.words)
        if one.ruling in AGREEING:
            require_resolved(objectors(amendment), announced.note)
        require_room(amendment.decisions)
        verdicts.append(_Verdict(amendment.id, one.ruling, decision))
    return tuple(verdicts)


def last_of(amendment: Amendment) -> Decision | None:
    """The decision by which an amendment is in the state it is in: it says whom it is pending, until when, where."""
    fits = (one for one in reversed(amendment.decisions) if one.ruling.value == amendment.status.value)
    return next(fits, None)


def require_room(decisions: Sequence[Decision]) -> None:
    """Raises `WrongStatus` when the record of rulings on one thing is full."""
    if len(decisions) >= MAX_DECISIONS:
        raise WrongStatus(f"{MAX_DECISIONS} rulings on this are on record, as many as it holds. Propose it anew.")


def _merging(rulings: Sequence[RulingOn], document: Document) -> tuple[RulingOn, ...]:
    """What becomes of the amendments for which an agreed compromise stands, where nobody says otherwise."""
    named = {one.amendment for one in rulings}
    merged: dict[AmendmentId, RulingOn] = {}
    for one in rulings:
        compromise = document.amendment(one.amendment)
        if one.ruling not in _TAKING_IN or compromise is None:
            continue
        for name in compromise.replaces:
            other = document.amendment(name)
            if other and other.open and other.status is not Status.DRAFT and name not in named:
                merged[name] = RulingOn(name, other.revision, Ruling.MERGED)
    return tuple(merged.values())


def _into(amendment: Amendment, agreed: Sequence[AmendmentId], document: Document) -> AmendmentId:
    standing = [name for name in agreed if (one := document.amendment(name)) and amendment.id in one.replaces]
    into = next(iter(standing or agreed), None)
    if into is None:
        raise InvalidCommand(f"{called(amendment)} is merged into what is agreed in the same act: say what that is.")
    return into


def _carried_out(verdicts: Sequence[_Verdict], document: Document, stands: Standing) -> tuple[list[Edit], Document]:
    """The edits of all verdicts, and the document then. What would go with another one's words goes before it."""
    edits: list[Edit] = []
    if len(verdicts) > 1:
        edits += _kept_apart(verdicts, document)
    now = applied(document, edits) if edits else document
    waiting = sorted(verdicts, key=lambda one: _turn(one, document))
    while waiting:
        refused: WrongStatus | None = None
        for one in waiting:
            try:
                step, after = _step(one, now, stands)
            except WrongStatus as error:
                refused = refused or error
                continue
            lost = next((other for other in verdicts if other is not one and _went(other, after)), None)
            if lost is None:
                break
            refused = refused or _goes_along(lost, one, document)
        else:
            assert refused is not None
            raise refused
        waiting.remove(one)
        edits += step
        now = after
    return edits, now


def _turn(verdict: _Verdict, document: Document) -> tuple[int, float, str]:
    """First what is left out, the youngest first (it may stand in an older one); then what is agreed, hosts first;
    paragraphs go last.
    """
    amendment = document.record.amendments[verdict.amendment]
    since = amendment.created_at.timestamp()
    if verdict.ruling in _LEAVING_OUT:
        return 0, -since, amendment.id
    last = verdict.ruling in _TAKING_IN and amendment.kind is AmendmentKind.SUP
    return 2 if last else 1, since, amendment.id


def _step(verdict: _Verdict, now: Document, stands: Standing) -> tuple[tuple[Edit, ...], Document]:
    amendment = now.record.amendments[verdict.amendment]
    here = around(now, amendment, stands)
    status = Status(verdict.ruling.value)
    confirmed = amendment.status in TAKEN_IN
    if status in TAKEN_IN and not confirmed:
        _require_host_decided(here, amendment)
    effect = Effect() if confirmed else _effect(verdict.ruling, amendment.kind)(here, amendment)
    decided = replace(
        amendment,
        status=status,
        pinned=False,
        changed_at=verdict.decision.at,
        decisions=(*amendment.decisions, verdict.decision),
        removed=(*amendment.removed, *effect.removed),
        into=verdict.decision.into,
        # What is typed after a ruling that leaves it pending is the next revision, in live drafting too (A2).
        reacted=max(amendment.reacted, amendment.revision),
    )
    edits = with_bystanders(now, effect, decided)
    return edits, applied(now, edits)


def with_bystanders(document: Document, effect: Effect, decided: Amendment) -> tuple[Edit, ...]:
    """The edits of an effect with the record of what was decided, and of others whose words went with it (A5)."""
    others: tuple[Amendment, ...] = ()
    if effect.out:
        after = applied(document, effect.edits).text
        others = bystanders(document, after, effect.out, decided.id, decided.changed_at)
    return (*effect.edits, *(PutAmendment(one) for one in (decided, *others)))


def _effect(announced: Ruling, kind: AmendmentKind) -> EffectOf:
    row = DECISIONS[kind]
    if announced in _TAKING_IN:
        return row.agreed
    return {Ruling.NOT_RETAINED: row.not_retained, Ruling.MERGED: row.withdrawn}.get(announced, row.set_aside)


def _went(other: _Verdict, after: Document) -> bool:
    return after.record.amendments[other.amendment].status is Status.SUPERSEDED


def _goes_along(lost: _Verdict, one: _Verdict, document: Document) -> WrongStatus:
    inner, outer = (called(document.record.amendments[each.amendment]) for each in (lost, one))
    return WrongStatus(
        f"The words of {inner} go with {outer} and come back with it: rule on {outer} alone, or on {inner} first."
    )


def _kept_apart(verdicts: Sequence[_Verdict], document: Document) -> list[TextEdit]:
    """What is agreed among the words of something left out in the same act: its words stand on their own from now on,
    so that they do not go along (A5).
    """
    out = [
        document.record.amendments[one.amendment]
        for one in verdicts
        if one.ruling in _LEAVING_OUT and document.record.amendments[one.amendment].kind is not AmendmentKind.SUP
    ]
    agreed = {
        one.amendment
        for one in verdicts
        if one.ruling in _TAKING_IN and document.record.amendments[one.amendment].status not in TAKEN_IN
    }
    edits: list[TextEdit] = []
    for paragraph in document.text:
        inserters = {run.insertion for run in paragraph.runs}
        for host in out if agreed & inserters else ():
            if host.id not in inserters or paragraph.added == host.id:
                continue
            inside = {run.insertion for part in hosted(paragraph, host, document.record) for run in part.runs} & agreed
            for name in sorted(one for one in inside if one):
                agreed_on = document.record.amendments[name]
                if typed_brackets(document, agreed_on):
                    continue
                for stretch in marked_with(paragraph, MarkKind.INSERTION, name):
                    here = (stretch.paragraph, stretch.start, stretch.end)
                    edits.append(SetMark(*here, Mark(MarkKind.INSERTION, name), False))
                    edits.append(SetMark(*here, Mark(MarkKind.ORIGIN, name), True))
    return edits


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
