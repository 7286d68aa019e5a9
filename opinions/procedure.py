"""What may happen now, and the one door through which every command goes.

`carry_out` asks `roles.may`, then calls the function that carries the command out. A freeze is prepared here too: the
checks its dialog shows, and what it changes in the living text.
"""

from collections.abc import Sized
from dataclasses import dataclass, replace

from opinions import (
    adoption,
    amendments,
    bringing_back,
    calls,
    compromise,
    decisions,
    drafting_check,
    entering,
    renumbering_act,
    structure,
    table_procedure,
)
from opinions.acting import Context as Context
from opinions.acting import called, require_phase, ruling
from opinions.brackets import open_brackets
from opinions.clean import never_considered
from opinions.closing_commands import MarkRenumbering, PutAdoption, RecordAdoption, Renumber
from opinions.commands import (
    AdmitObservers,
    BringBack,
    CallForObjections,
    CloseOpinion,
    Command,
    ConsiderParagraph,
    CorrectText,
    Cosponsor,
    Discard,
    EnterProposals,
    Freeze,
    InsertParagraph,
    JoinParagraph,
    MoveParagraph,
    OpenLiveDrafting,
    ProposeRemoval,
    RecordOutcome,
    Reopen,
    RetypeParagraph,
    SplitParagraph,
    Submit,
    Withdraw,
)
from opinions.edits import Change, PutOpinion, applied
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.numbering import citations, concordance
from opinions.record import CHAIR, SECRETARIAT, Document, ParagraphState, Ruling, Status
from opinions.roles import Act, Actor, Role, may, who_may
from opinions.table_commands import AnswerCall, ConfirmTyped, JoinPosition, TakePosition


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command does in the Opinion and, for a delegation's own drafts, in its workspace. `entered` says what
    became of ready-made proposals, and `after` is the Opinion then, where a command brings much. `before` is the
    renumbering that comes with a freeze: logged right before it, so that the version is the renumbered text (L3).
    """

    main: Change
    workspace: Change | None = None
    entered: tuple[entering.EnteredAs, ...] = ()
    after: Document | None = None
    before: Change | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the freeze dialog: what was looked at, whether it stops the freeze, and what was found, in order.

    `code` is stable: `closed`, `open-brackets`, `pending-amendments`, `never-considered`, `numbering`, `drafting`.
    """

    code: str
    message: str
    found: tuple[str, ...] = ()
    blocks: bool = False

    @property
    def passed(self) -> bool:
        """Whether there is nothing to remark."""
        return not self.found and not self.blocks


_SPEAKING = (Withdraw, Cosponsor, ProposeRemoval, TakePosition, JoinPosition, ConfirmTyped, AnswerCall)
"""What is done in the name of one delegation."""
_PROPOSING = (Submit, Discard, *_SPEAKING, EnterProposals)
"""What a delegation does with amendments; not for those that give views only (P5)."""
_OF_DELEGATION = frozenset({Role.EXPERT, Role.FOCAL_POINT})
_CHAIRS_SIDE = frozenset({"", CHAIR, SECRETARIAT})
"""For whom the secretariat acts when it does something for no delegation."""


def act_of(command: Command) -> Act:
    """The act of the permission table that a command is."""
    match command:
        case Submit():
            return Act.AMENDMENT_SUBMIT
        case Discard():
            return Act.AMENDMENT_DISCARD
        case BringBack():
            return Act.GROUP_BRING_BACK
        case ProposeRemoval():
            return Act.WORKSPACE_WRITE
        case Withdraw():
            return Act.AMENDMENT_WITHDRAW
        case Cosponsor():
            return Act.AMENDMENT_COSPONSOR
        case (
            RecordOutcome(ruling=Ruling.AGREED_IN_INFORMALS)
            | ConsiderParagraph(state=ParagraphState.AGREED_IN_INFORMALS)
        ):
            return Act.INFORMALS_RECORD
        case CallForObjections() | RecordOutcome() | Reopen() | ConsiderParagraph():
            return Act.OUTCOME_RECORD
        case SplitParagraph() | JoinParagraph() | MoveParagraph() | InsertParagraph() | RetypeParagraph():
            return Act.STRUCTURE_CHANGE
        case CorrectText() | MarkRenumbering() | Renumber():
            return Act.TEXT_CORRECT
        case PutAdoption() | RecordAdoption():
            return Act.ADOPTION_RECORD
        case EnterProposals():
            return Act.PROPOSALS_ENTER
        case OpenLiveDrafting():
            return Act.LIVE_DRAFTING_OPEN
        case AdmitObservers():
            return Act.OBSERVERS_ADMIT
        case CloseOpinion() | Freeze():
            return Act.OPINION_FREEZE
        case _:
            return table_procedure.act_of(command)


def carry_out(command: Command, document: Document, view: Document | None, context: Context) -> Outcome:
    """What a command leads to. `view` is the delegation's view of `document` where the person stands in a workspace.

    A call for objections whose text changes with it is void by the same act (D10). Raises `NotAllowed` when this person
    may not do this, now, for this party; else what the command itself raises.
    """
    _require_allowed(command, document, view, context)
    outcome = _outcome(command, document, view, context)
    void = calls.voided(document, outcome.main.edits, context, outcome.after)
    return replace(outcome, main=replace(outcome.main, edits=(*outcome.main.edits, *void))) if void else outcome


def _outcome(command: Command, document: Document, view: Document | None, context: Context) -> Outcome:
    match command:
        case Submit() if context.seat is not None:
            return _both(bringing_back.submit(command, document, _workspace(view), context, context.seat))
        case Submit():
            return _both(amendments.submit(command, document, _workspace(view), context))
        case BringBack():
            return _both(bringing_back.bring_back(command, document, _workspace(view), context))
        case Discard():
            return Outcome(Change(), amendments.discard(command, _workspace(view), context))
        case ProposeRemoval():
            return _both(amendments.propose_removal(command, document, view, context))
        case Withdraw() if _by_chairs_side(command, document, context):
            return Outcome(compromise.take_back(command, document, context))
        case Withdraw():
            return Outcome(amendments.withdraw(command, document, context))
        case Cosponsor():
            return Outcome(amendments.cosponsor(command, document, context))
        case CallForObjections():
            return Outcome(amendments.call_for_objections(command, document, context))
        case RecordOutcome():
            return Outcome(decisions.record_outcome(command, document, context))
        case Reopen():
            return Outcome(decisions.reopen(command, document, context))
        case ConsiderParagraph():
            return Outcome(decisions.consider_paragraph(command, document, context))
        case SplitParagraph():
            return Outcome(structure.split(command, document))
        case JoinParagraph():
            return Outcome(structure.join(command, document))
        case MoveParagraph():
            return Outcome(structure.move(command, document))
        case InsertParagraph():
            return Outcome(structure.insert(command, document))
        case RetypeParagraph():
            return Outcome(structure.retype(command, document))
        case CorrectText():
            return Outcome(structure.correct_text(command, document, context))
        case EnterProposals():
            done = entering.enter(command, document, context)
            return Outcome(done.change, entered=done.entered, after=done.document)
        case OpenLiveDrafting():
            opened = replace(document.record.opinion, live_drafting=command.on)
            return Outcome(Change((PutOpinion(opened),)))
        case AdmitObservers():
            admitted = replace(document.record.opinion, observers_admitted=command.on)
            return Outcome(Change((PutOpinion(admitted),)))
        case CloseOpinion():
            if document.record.opinion.forum is not None:
                raise WrongStatus("A forum text ends adopted or not adopted: record what the chair declared of it.")
            closed = replace(document.record.opinion, closed=True, live_drafting=False)
            return Outcome(Change((PutOpinion(closed),)))
        case Freeze():
            ruling(command.ruled_by, context)
            first = renumbering_act.before_freeze(command, document, context)
            frozen = applied(document, first.edits) if first else document
            return Outcome(after_freeze(command, frozen), before=first)
        case MarkRenumbering():
            return Outcome(renumbering_act.mark(command, document, context))
        case Renumber():
            raise InvalidCommand("A renumbering comes with a freeze. Mark it, and the next freeze renumbers.")
        case PutAdoption():
            return Outcome(adoption.put(command, document, context))
        case RecordAdoption():
            return Outcome(adoption.record(command, document, context))
        case _:
            return Outcome(table_procedure.carry_out(command, document, context))


def freeze_checks(document: Document) -> tuple[Check, ...]:
    """What the freeze dialog shows of the text, in the order of the dialog.

    Only a closed Opinion stops a freeze: open brackets and pending amendments are frozen as the text that they are, and
    the next draft opens with them.
    """
    record = document.record
    cited = citations(document)
    closed = record.opinion.closed
    brackets = [f"{entry.kind}: {entry.words}" for entry in open_brackets(document)]
    pending = sorted(
        (entry for entry in record.amendments.values() if entry.open and entry.status is not Status.DRAFT),
        key=lambda entry: entry.number,
    )
    base = [cited[paragraph.id] for paragraph in never_considered(document)]
    remarks = [f"{cited[one.paragraph]}: {one.message}" for one in drafting_check.check(document)]
    labels = [f"{cited[line.paragraph]}: {line.old or '-'} becomes {line.new or '-'}" for line in concordance(document)]
    return (
        Check("closed", "The Opinion is closed." if closed else "The Opinion is open.", blocks=closed),
        Check("open-brackets", _count(brackets, "bracket", "open"), tuple(brackets)),
        Check("pending-amendments", _count(pending, "amendment", "pending"), tuple(called(entry) for entry in pending)),
        Check("never-considered", _count(base, "paragraph", "never considered"), tuple(base)),
        Check("numbering", _numbering(document, labels), tuple(labels)),
        Check("drafting", _count(remarks, "remark", "of the drafting check"), tuple(remarks)),
    )


def after_freeze(command: Freeze, document: Document) -> Change:
    """What a freeze changes in the living text: the next draft begins.

    What was pending stays pending: the next draft opens with it.
    """
    opinion = document.record.opinion
    if not command.label.strip():
        raise InvalidCommand(f"Give the version a name, such as “{draft_name(opinion.draft)}”.")
    return Change((PutOpinion(replace(opinion, draft=opinion.draft + 1)),))


_UNITS = (
    *("", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh"),
    *("Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"),
)
_TENS = ("Twent", "Thirt", "Fort", "Fift", "Sixt", "Sevent", "Eight", "Ninet")


def draft_name(number: int) -> str:
    """What the room calls a draft: `First draft`, `Twenty-first draft`; from 1. Beyond a hundred in figures."""
    if number >= 100:
        return f"Draft {number}"
    if number < 20:
        return f"{_UNITS[number]} draft"
    tens, unit = divmod(number, 10)
    stem = _TENS[tens - 2]
    return f"{stem}y-{_UNITS[unit].lower()} draft" if unit else f"{stem}ieth draft"


def _by_chairs_side(command: Withdraw, document: Document, context: Context) -> bool:
    """Whether the chair's side takes back what is its own: those do so who may draft it (CT1)."""
    role = context.actor.role
    for_another = role in _OF_DELEGATION or (role is Role.SECRETARIAT and context.party not in _CHAIRS_SIDE)
    return not for_another and compromise.of_chairs_side(document, command.amendment)


def _require_allowed(command: Command, document: Document, view: Document | None, context: Context) -> None:
    actor, act = context.actor, act_of(command)
    if isinstance(command, Withdraw) and _by_chairs_side(command, document, context):
        if not may(actor, Act.COMPROMISE_PROPOSE, context.stage):
            raise NotAllowed(f"You may not do this now ({act.value}). {_why(act, context, False)}")
        return
    if isinstance(command, BringBack) or context.seat is not None:
        bringing_back.require_allowed(command, context)
        return
    live = isinstance(command, ProposeRemoval) and view is None
    if live:
        # Where the group drafts together there is no workspace: a removal is proposed as words are typed.
        act = Act.TYPE_ON_BEHALF if actor.role is Role.SECRETARIAT else Act.LIVE_WRITE
    of_delegation = actor.role in _OF_DELEGATION
    if not may(actor, act, context.stage):
        require_phase(act, context)
        raise NotAllowed(f"You may not do this now ({act.value}). {_why(act, context, of_delegation)}")
    if of_delegation and context.party != actor.delegation:
        raise NotAllowed(f"You act for {actor.delegation} and cannot do this for {context.party or 'nobody'}.")
    if isinstance(command, _SPEAKING) and not context.party:
        raise NotAllowed("Say for which delegation you do this (party).")
    if context.party and isinstance(command, _PROPOSING) and not context.may_propose(context.party):
        raise NotAllowed(f"{context.party} gives views: comments and contributions, never amendments or positions.")


def _why(act: Act, context: Context, of_delegation: bool) -> str:
    if context.stage.closed:
        return "The Opinion is closed."
    if of_delegation and context.actor.delegation is None:
        return "You are entered without a delegation: ask the secretariat to enter it."
    if may(replace(context.actor, voice=True), act, context.stage):
        return whose_voice(context.actor)
    if context.actor.role is Role.FACILITATOR and act is Act.OUTCOME_RECORD:
        return "A facilitator records what is agreed in informals; every other outcome is the chair's."
    whose = ", ".join(role.replace("_", " ") for role in who_may(act))
    return f"It is for: {whose}. Your role here is {context.actor.role.replace('_', ' ')}."


def whose_voice(actor: Actor) -> str:
    """Who speaks for the delegation of somebody who does not, and what to do to speak for it."""
    who = f"{actor.voice_name} speaks" if actor.voice_name else "Somebody else speaks"
    return (
        f"{who} for {actor.delegation} in the room. Ask for it to be said; or have your focal point name you, on the "
        "page “My delegation”."
    )


def _workspace(view: Document | None) -> Document:
    if view is None:
        raise NotAllowed("Drafts live in a delegation's workspace. Open it, then do this there.")
    return view


def _both(submission: amendments.Submission) -> Outcome:
    return Outcome(submission.main, submission.workspace if submission.workspace.edits else None)


def _numbering(document: Document, labels: Sized) -> str:
    marked = "; this freeze renumbers" if document.record.opinion.renumbering else ""
    return f"{_count(labels, 'label', 'out of order').removesuffix('.')}{marked}."


def _count(found: Sized, noun: str, what: str) -> str:
    number = len(found)
    return f"{number or 'No'} {noun}{'' if number == 1 else 's'} {what}."
