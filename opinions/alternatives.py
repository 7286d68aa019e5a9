"""Alternatives: options of which at most one can stand; pick one, keep all, untie them."""

from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.table_commands import KeepAlternatives, PickOption, PutAlternatives


def put_alternatives(command: PutAlternatives, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def pick_option(command: PickOption, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def keep_alternatives(command: KeepAlternatives, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
