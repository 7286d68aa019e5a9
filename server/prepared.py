"""Statements of the hot path: built by SQLAlchemy once for each kind of database, and run as text from then on.

A keystroke's commit is three statements. Compiling, even from its cache, and dressing their values cost five times what
the database does with them.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Executable, Row, String, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]


class Prepared:
    """A statement with named parameters. It may be used with connections to several databases, from several threads."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def all(self, connection: Connection, values: Values) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows found, their columns as the driver gives them."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.text, compiled.parameters(values)).all()

    def each(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run it with each of the rows, of which there is at least one; how many rows of the database it met in all."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.text, [compiled.parameters(values) for values in rows]).rowcount

    def _for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled


class PreparedAmong:
    """A statement about those rows whose key is one of several. It is prepared for lists of a few lengths; shorter ones
    are filled up with a key that is in them.
    """

    def __init__(self, statement: Callable[[Sequence[BindParameter[Any]]], Executable]) -> None:
        self._statement = statement
        self._of_length: dict[int, Prepared] = {}

    def all(self, connection: Connection, keys: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows found for keys, of which there is at least one."""
        length = 4
        while length < len(keys):
            length *= 4
        prepared = self._of_length.get(length)
        if prepared is None:
            names = [bindparam(f"key_{number}", type_=String()) for number in range(length)]
            prepared = self._of_length[length] = Prepared(self._statement(names))
        filled = (*keys, *[keys[0]] * (length - len(keys)))
        return prepared.all(connection, {f"key_{number}": key for number, key in enumerate(filled)})


class _Compiled:
    """The statement in one dialect: its text, its parameters in their order, and what dresses their values."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=_positional(dialect))  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        names = compiled.positiontup
        assert names is not None
        assert len(names) > 1, "one parameter alone would not come as a tuple"
        self.text = str(compiled)
        self._values = itemgetter(*names)
        self._dressed: list[tuple[int, Callable[[Any], Any]]] = []
        for place, name in enumerate(names):
            kind = compiled.binds[name].type
            dress = kind.dialect_impl(dialect).bind_processor(dialect)
            if dress is not None:
                self._dressed.append((place, dress))

    def parameters(self, values: Values) -> tuple[Any, ...]:
        chosen: tuple[Any, ...] = self._values(values)
        if not self._dressed:
            return chosen
        dressed = list(chosen)
        for place, dress in self._dressed:
            dressed[place] = dress(dressed[place])
        return tuple(dressed)


def _positional(dialect: Dialect) -> Dialect:
    return dialect if dialect.positional else type(dialect)(paramstyle="format")  # type: ignore[call-arg]
