"""Packages and linked options: what follows when one of them is decided. It is shown and asked, never done."""

from opinions.acting import Context
from opinions.edits import Change
from opinions.record import Document
from opinions.table_commands import ClosePackage, PutPackage


def put_package(command: PutPackage, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError


def close_package(command: ClosePackage, document: Document, context: Context) -> Change:
    """To be written."""
    raise NotImplementedError
