"""Compromise text: wording of the chair or a facilitator that stands for a set of competing amendments."""

from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.table_commands import ProposeCompromise


def propose_compromise(command: ProposeCompromise, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
