"""Calls for objections: the chair puts amendments at a pinned revision, delegations answer, the chair rules (D10).

Nothing follows from a timer, from silence, or from who is connected (I9). What was put keeps its exact words, so that
what was decided can be read whatever became of the text.
"""

from collections.abc import Sequence
from dataclasses import replace

from opinions.acting import Context, called, require_amendment, ruling, spoken
from opinions.edits import Change, Edit, PutAmendment, PutOnTable, applied
from opinions.errors import InvalidCommand, NotAllowed, UnknownAmendment, WrongStatus
from opinions.model import is_id
from opinions.moves import spoken as in_words
from opinions.on_table import MAX_CALLED, Call, CalledItem
from opinions.one_act import require_one_act
from opinions.record import Amendment, Decision, Document
from opinions.ruled_words import Standing, around, digest, words_lines
from opinions.rulings import (
    AGREEING,
    Said,
    objectors,
    require_resolved,
    require_revision,
    require_words,
    rule,
    said_with,
)
from opinions.spoken import CallAnswer, Stance
from opinions.statuses import Answer, Attitude, CallState, Ruling
from opinions.table_commands import AnswerCall, Called, DecideCall, ExtendCall, OpenCall, RulingOn, WithdrawCall
from opinions.words import places, standing

MAX_CALLS = 5_000
"""Calls of one Opinion: ten times the amendments of the longest one measured."""
MAX_OPEN_CALLS = 20
"""Calls open at once: between meetings several lie before the delegations, and each is looked at with every command."""
MAX_SECONDS = 30 * 24 * 60 * 60
"""The longest time shown: a silence procedure between meetings runs for days, none for more than a month."""
MAX_CALLED_WORDS = 200_000
"""Characters that one call puts: its words go into one entry of the record."""
MAX_EARLIER = 20
"""Former answers of one delegation to one call: who changes more often speaks to the chair."""

_RESERVING = frozenset({Attitude.RESERVE, Attitude.FORMAL_OBJECTION})
_CHANGED = "The text changed: ask again."


def open_call(command: OpenCall, document: Document, context: Context) -> Change:
    """Puts amendments before the meeting, each pinned at the revision that stands, with its exact words.

    Raises `RevisionChanged` when other words stand, `WrongStatus` for what is decided or before the meeting already.
    """
    opened_by, recorded_by = ruling(command.ruled_by, context)
    table = document.record.table
    if not is_id(command.call) or document.record.call(command.call) is not None:
        raise InvalidCommand(f"{command.call!r} is no fresh id of a call: 4 to 40 small letters, digits and hyphens.")
    if not 0 < len(command.items) <= MAX_CALLED:
        raise InvalidCommand(f"A call puts 1 to {MAX_CALLED} amendments, not {len(command.items)}.")
    if len({item.amendment for item in command.items}) < len(command.items):
        raise InvalidCommand("An amendment is named twice in this call.")
    _require_seconds(command.seconds)
    if sum(isinstance(one, Call) for one in table.values()) >= MAX_CALLS:
        raise WrongStatus(f"{MAX_CALLS} calls for objections are on record, as many as an Opinion holds.")
    if len(open_calls(document)) >= MAX_OPEN_CALLS:
        raise WrongStatus(f"{MAX_OPEN_CALLS} calls are open. Decide or withdraw one first.")
    stands = standing(document.text)
    put = [_put(item, document, stands) for item in command.items]
    items = tuple(item for _, item in put)
    if sum(len(item.words) for item in items) > MAX_CALLED_WORDS:
        raise InvalidCommand(f"One call puts at most {MAX_CALLED_WORDS} characters. Put these in several calls.")
    call = Call(command.call, items, context.at, opened_by, recorded_by, command.note, command.seconds)
    pinned = (PutAmendment(replace(one, pinned=True, reacted=one.revision)) for one, _ in put)
    return Change((*pinned, PutOnTable(call)))


def extend_call(command: ExtendCall, document: Document, context: Context) -> Change:
    """Shows more time, from what is left or, where the time has passed, from now; nothing follows from it."""
    call = _require_open(document, command.call)
    shown = max(call.seconds, int((context.at - call.opened_at).total_seconds()) if call.seconds else 0)
    _require_seconds(shown + command.seconds)
    return Change((PutOnTable(replace(call, seconds=shown + command.seconds)),))


def answer_call(command: AnswerCall, document: Document, context: Context) -> Change:
    """Records what a delegation answers, in place of its former answer, which is kept.

    Raises `NotAllowed` when one objects that may not object formally, `InvalidCommand` for an objection without reason.
    """
    call = _require_open(document, command.call)
    party, note = context.party, command.note.strip()
    if command.answer is Answer.OBJECT:
        _require_objecting(call, document, context)
        if not note:
            raise InvalidCommand("Say why you object: the chair and the others need the reason to find a way.")
    former = [one for one in call.answers if one.delegation == party]
    if any((one.answer, one.note) == (command.answer, note) for one in former):
        raise WrongStatus(f"This is the answer of {party} already.")
    if sum(one.delegation == party for one in call.earlier) >= MAX_EARLIER:
        raise WrongStatus(f"{party} has answered {MAX_EARLIER} times. Ask for the floor.")
    speaker, typist = spoken(context)
    answer = CallAnswer(party, command.answer, context.at, speaker, note, typist)
    answers = (*(one for one in call.answers if one.delegation != party), answer)
    return Change((PutOnTable(replace(call, answers=answers, earlier=(*call.earlier, *former))),))


def withdraw_call(command: WithdrawCall, document: Document, context: Context) -> Change:
    """Ends a call without a decision and releases what it pinned."""
    call = _require_open(document, command.call)
    ruling(command.ruled_by, context)
    closed = replace(call, state=CallState.WITHDRAWN, closed_at=context.at, closed_note=command.note)
    return Change((*_released(call, document), PutOnTable(closed)))


def decide_call(command: DecideCall, document: Document, context: Context) -> Change:
    """Carries out the chair's ruling on all that the call put, and on `others`, and records on the call what was there:
    attendance as marked, answers, reservations, decision.

    Raises `RevisionChanged` when other words stand than those put, `InvalidCommand` when something is agreed over an
    objection and the note says nothing of it, and what `rulings.rule` raises; then nothing changes.
    """
    call = _require_open(document, command.call)
    if command.ruling in (Ruling.REOPENED, Ruling.MERGED):
        raise InvalidCommand("A call ends with what becomes of what it put: agreed, set aside, not retained...")
    rulings = (
        *(RulingOn(item.amendment, item.revision, command.ruling, item.digest) for item in call.items),
        *command.others,
    )
    announced = said_with(command, [one.ruling for one in rulings], document, context, call.id)
    decided = _decided(call, command.ruling, announced, document)
    edits = rule(rulings, announced, document)
    require_one_act(document, rulings, command.others)
    return Change((*edits, PutOnTable(decided)))


def outcome_of_call(one: RulingOn, edits: Sequence[Edit], announced: Said, document: Document) -> tuple[Edit, ...]:
    """What a ruling on an amendment makes of the open call that put it alone: it is the outcome of that call. `edits`
    are those of the ruling.
    """
    call = call_of(document, one.amendment)
    if call is None or len(call.items) > 1 or _differs(call.items[0], document, standing(document.text)):
        return ()
    decided = _decided(call, one.ruling, announced, document)
    puts = [edit.amendment for edit in edits if isinstance(edit, PutAmendment) and edit.amendment.id == one.amendment]
    ruled_on = puts[-1]
    *before, last = ruled_on.decisions
    return (
        PutAmendment(replace(ruled_on, decisions=(*before, replace(last, call=call.id)))),
        PutOnTable(decided),
    )


def open_calls(document: Document) -> tuple[Call, ...]:
    """The calls that are open, oldest first."""
    found = (one for one in document.record.table.values() if isinstance(one, Call) and one.state is CallState.OPEN)
    return tuple(sorted(found, key=lambda call: (call.opened_at, call.id)))


def call_of(document: Document, amendment_id: str) -> Call | None:
    """The open call that puts an amendment, or None."""
    calls = open_calls(document)
    return next((call for call in calls if any(item.amendment == amendment_id for item in call.items)), None)


def voided(
    document: Document, edits: Sequence[Edit], context: Context, after: Document | None = None
) -> tuple[Edit, ...]:
    """What a command's edits make of open calls: one whose text is not any more what was put is void, and what else it
    put is released. `after` is the document with the edits, where it is at hand.
    """
    decided = {edit.value.id for edit in edits if isinstance(edit, PutOnTable) and isinstance(edit.value, Call)}
    calls = [call for call in open_calls(document) if call.id not in decided]
    if not calls or not any(_bears_on(edit, calls) for edit in edits):
        return ()
    then = after or applied(document, edits)
    stands = standing(then.text)
    result: list[Edit] = []
    for call in calls:
        if then.record.opinion.closed or any(_differs(item, then, stands) for item in call.items):
            void = replace(call, state=CallState.VOID, closed_at=context.at, closed_note=_why_void(call, then))
            result += [*_released(call, then), PutOnTable(void)]
    return tuple(result)


def _bears_on(edit: Edit, calls: Sequence[Call]) -> bool:
    if isinstance(edit, PutAmendment):
        return any(item.amendment == edit.amendment.id for call in calls for item in call.items)
    return not isinstance(edit, PutOnTable)


def _why_void(call: Call, then: Document) -> str:
    if then.record.opinion.closed:
        return "The Opinion was closed."
    there = (then.amendment(item.amendment) for item in call.items)
    over = [f"{called(one)} is {in_words(one.status)}" for one in there if one and not one.open]
    if not over:
        return _CHANGED
    return f"{', '.join(over)}{': ask again about the rest' if len(over) < len(call.items) else ''}."


def _differs(item: CalledItem, document: Document, stands: Standing) -> bool:
    amendment = document.amendment(item.amendment)
    if amendment is None or not amendment.open or not amendment.pinned or amendment.revision != item.revision:
        return True
    return digest(words_lines(around(document, amendment, stands), amendment.id)) != item.digest


def _put(item: Called, document: Document, stands: Standing) -> tuple[Amendment, CalledItem]:
    amendment = require_amendment(document, item.amendment)
    if not amendment.open:
        raise WrongStatus(f"{called(amendment)} is decided already; reopen it to put it before the meeting again.")
    if amendment.pinned or call_of(document, amendment.id) is not None:
        raise WrongStatus(f"{called(amendment)} is before the meeting already. Decide or withdraw that call first.")
    require_revision(amendment, item.revision)
    here = around(document, amendment, stands)
    require_words(here, amendment, item.words)
    lines = words_lines(here, amendment.id)
    return amendment, CalledItem(amendment.id, amendment.revision, "\n".join(lines), digest(lines))


def _released(call: Call, document: Document) -> tuple[PutAmendment, ...]:
    there = (document.amendment(item.amendment) for item in call.items)
    return tuple(PutAmendment(replace(one, pinned=False)) for one in there if one and one.pinned)


def _require_open(document: Document, call_id: str) -> Call:
    call = document.record.call(call_id)
    if call is None:
        raise UnknownAmendment(call_id, "call for objections")
    if call.state is not CallState.OPEN:
        why = f" {call.closed_note}" if call.closed_note else ""
        raise WrongStatus(f"This call for objections is {call.state.value} already.{why} Look at what stands now.")
    return call


def _require_seconds(seconds: int) -> None:
    if seconds > MAX_SECONDS:
        raise InvalidCommand(f"The timer shows at most {MAX_SECONDS} seconds; it decides nothing.")


def _require_objecting(call: Call, document: Document, context: Context) -> None:
    party = context.party
    if not context.may_object(party):
        raise NotAllowed(
            f"{party} takes part without objecting formally here. It may oppose as its position, and the chair sees it."
        )
    proposers = {one.delegation for item in call.items if (one := document.amendment(item.amendment))}
    if proposers == {party}:
        raise NotAllowed(f"This is what {party} proposes itself. Withdraw it instead.")


def _decided(call: Call, announced_ruling: Ruling, announced: Said, document: Document) -> Call:
    """The call as it is kept: what was there when it was decided."""
    objecting = [answer.delegation for answer in call.answers if answer.answer is Answer.OBJECT]
    there = [one for item in call.items if (one := document.amendment(item.amendment))]
    if announced_ruling in AGREEING:
        require_resolved((*objecting, *(name for one in there for name in objectors(one))), announced.note)
    sitting = document.record.opinion.sitting
    return replace(
        call,
        state=CallState.DECIDED,
        closed_at=announced.at,
        present=tuple(one.delegation for one in sitting.present) if sitting else (),
        reservations=reservations(document, there),
        decision=_decision(call, announced_ruling, announced),
    )


def reservations(document: Document, amendments: Sequence[Amendment]) -> tuple[Stance, ...]:
    """The reservations and formal objections that stand on amendments and on the paragraphs that they are in, each
    delegation's once for each that it said.
    """
    names = dict.fromkeys(name for one in amendments for name in (places(document.text, one.id) or (one.paragraph,)))
    said = [one.stances for one in amendments] + [document.record.paragraph(name).stances for name in names]
    found = [stance for stances in said for stance in stances if stance.attitude in _RESERVING]
    return tuple(dict.fromkeys(found))


def _decision(call: Call, announced_ruling: Ruling, announced: Said) -> Decision:
    """The decision on all that was put: of one amendment with its words, of a set with the fingerprint of theirs."""
    if len(call.items) == 1:
        (item,) = call.items
        made = announced.decision(announced_ruling, item.revision, item.words.split("\n"))
    else:
        made = announced.decision(announced_ruling, 0, [item.digest for item in call.items])
        made = replace(made, words="")
    return replace(made, call=call.id)
