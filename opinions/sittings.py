"""The sitting: the meeting under way, who takes part as marked, what the chair has taken up."""

from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.table_commands import MarkPresent, OpenSitting, TakeUp


def open_sitting(command: OpenSitting, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def close_sitting(document: Document) -> Change:
    """To be written."""
    raise NotImplementedError


def mark_present(command: MarkPresent, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def take_up(command: TakeUp, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
