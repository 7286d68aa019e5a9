"""Calls for objections: the chair puts amendments at a pinned revision, delegations answer, the chair rules."""

from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.table_commands import AnswerCall, DecideCall, ExtendCall, OpenCall, WithdrawCall


def open_call(command: OpenCall, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def extend_call(command: ExtendCall, document: Document) -> Change:
    """To be written."""
    raise NotImplementedError


def answer_call(command: AnswerCall, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def withdraw_call(command: WithdrawCall, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def decide_call(command: DecideCall, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
