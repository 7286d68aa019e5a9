"""The door of the chair's table: which act each of its commands is, and what carries it out."""

from typing import assert_never

from opinions import alternatives, calls, compromise, decisions, packages, picking, positions, sittings
from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.roles import Act
from opinions.table_commands import (
    AnswerCall,
    ClosePackage,
    CloseSitting,
    ConfirmTyped,
    DecideCall,
    ExtendCall,
    JoinPosition,
    KeepAlternatives,
    MarkEditorial,
    MarkPresent,
    OpenCall,
    OpenSitting,
    PickOption,
    ProposeCompromise,
    PutAlternatives,
    PutPackage,
    RecordOutcomes,
    TableCommand,
    TakePosition,
    TakeUp,
    WithdrawCall,
)


def act_of(command: TableCommand) -> Act:
    """The act of the permission table that a command is."""
    match command:
        case TakePosition() | JoinPosition():
            return Act.POSITION_TAKE
        case ConfirmTyped():
            return Act.TYPED_CONFIRM
        case MarkEditorial():
            return Act.EDITORIAL_MARK
        case OpenSitting() | CloseSitting():
            return Act.SITTING_MANAGE
        case MarkPresent():
            return Act.PRESENCE_MARK
        case TakeUp():
            return Act.FLOOR_TAKE_UP
        case OpenCall() | ExtendCall() | WithdrawCall():
            return Act.CALL_PUT
        case AnswerCall():
            return Act.CALL_ANSWER
        case DecideCall() | RecordOutcomes() | PickOption() | KeepAlternatives():
            return Act.OUTCOME_RECORD
        case PutAlternatives() | PutPackage() | ClosePackage():
            return Act.ALTERNATIVES_PUT
        case ProposeCompromise():
            return Act.COMPROMISE_PROPOSE
        case _:
            assert_never(command)


def carry_out(command: TableCommand, document: Document, context: Context) -> Change:
    """What a command leads to; whether the person may was asked before."""
    match command:
        case TakePosition():
            return positions.take_position(command, document, context)
        case JoinPosition():
            return positions.join_position(command, document, context)
        case ConfirmTyped():
            return positions.confirm_typed(command, document, context)
        case MarkEditorial():
            return decisions.mark_editorial(command, document, context)
        case OpenSitting():
            return sittings.open_sitting(command, document, context)
        case CloseSitting():
            return sittings.close_sitting(document)
        case MarkPresent():
            return sittings.mark_present(command, document, context)
        case TakeUp():
            return sittings.take_up(command, document, context)
        case OpenCall():
            return calls.open_call(command, document, context)
        case ExtendCall():
            return calls.extend_call(command, document, context)
        case AnswerCall():
            return calls.answer_call(command, document, context)
        case WithdrawCall():
            return calls.withdraw_call(command, document, context)
        case DecideCall():
            return calls.decide_call(command, document, context)
        case RecordOutcomes():
            return decisions.record_outcomes(command, document, context)
        case PutAlternatives():
            return alternatives.put_alternatives(command, document, context)
        case PickOption():
            return picking.pick_option(command, document, context)
        case KeepAlternatives():
            return alternatives.keep_alternatives(command, document, context)
        case PutPackage():
            return packages.put_package(command, document, context)
        case ClosePackage():
            return packages.close_package(command, document, context)
        case ProposeCompromise():
            return compromise.propose_compromise(command, document, context)
        case _:
            assert_never(command)
