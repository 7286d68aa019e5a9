"""Versions that have a setting of their own of who sees whose proposals."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from opinions.visibility import Attribution
from server.tables.reports import version_attributions


def setting_of_version(connection: Connection, opinion: str, number: int) -> Attribution | None:
    """The setting of a version of its own; None: that of the process holds."""
    return settings_of_versions(connection, opinion).get(number)


def settings_of_versions(connection: Connection, opinion: str) -> Mapping[int, Attribution]:
    """The settings of an Opinion's versions that have one of their own, by number."""
    table = version_attributions
    rows = connection.execute(select(table.c.number, table.c.attribution).where(table.c.opinion == opinion))
    return {row.number: Attribution(row.attribution) for row in rows}


def set_version(
    connection: Connection, opinion: str, number: int, wanted: Attribution | None, by: str, at: datetime
) -> None:
    """Give a version a setting of its own, or (None) that of the process again."""
    table = version_attributions
    connection.execute(delete(table).where(table.c.opinion == opinion, table.c.number == number))
    if wanted is not None:
        row = {"opinion": opinion, "number": number, "attribution": wanted.value, "set_by": by, "set_at": at}
        connection.execute(insert(table).values(row))
