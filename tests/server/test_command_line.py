"""The command line as an operator meets it: a process, its exit code, and what it prints."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from server.settings import Settings
from tests.support.live_server import live_server
from tests.support.stock import OPINION, SECOND, stocked

ROOT = Path(__file__).parents[2]


def unbracket(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        capture_output=True, text=True, timeout=100, cwd=ROOT, env={**kept, **environ},
    )  # fmt: skip


def test_settings_are_listed_with_value_default_and_meaning() -> None:
    done = unbracket("settings", "--port", "9000", UNBRACKET_HOST="::1", UNBRACKET_TEST_PROFILE="ci")
    assert done.returncode == 0
    assert "UNBRACKET_PORT=9000  (default: 8000)" in done.stdout
    assert "UNBRACKET_HOST=::1  (default: 127.0.0.1)" in done.stdout
    assert done.stdout.count("UNBRACKET_") >= 17


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (("serve",), {"UNBRACKET_DATADIR": "x"}, "Did you mean UNBRACKET_DATA_DIR?"),
        (("serve",), {"UNBRACKET_PORT": "web"}, "UNBRACKET_PORT"),
        (("serve",), {"UNBRACKET_DATABASE_URL": "mysql://u:hush@db/x"}, "is not served"),
        (("demo", "--host", "0.0.0.0"), {}, "--open-to-network"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str], told: str
) -> None:
    done = unbracket(*arguments, "--data-dir", str(tmp_path / "data"), **environ)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr


def test_init_prints_a_link_once(tmp_path: Path) -> None:
    again = ("init", "--administrator", "Ana Lund", "--data-dir", str(tmp_path / "data"))
    first, second = unbracket(*again), unbracket(*again)
    assert first.returncode == 0, first.stderr
    assert "http://127.0.0.1:8000/sign-in/" in first.stdout
    assert (second.returncode, "has people already" in second.stderr) == (1, True)
    demo = unbracket("demo", "--data-dir", str(tmp_path / "data"))
    assert (demo.returncode, "real process" in demo.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [("serve", "--port", "0"), ("invite", "Ana Lund"), ("import", "{file}", "--yes")])
def test_a_mistyped_directory_is_told_and_not_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "draft.txt").write_text("DRAFT OPINION 1: TESTS\n\nThe Forum,\n", encoding="utf-8")
    given = [one.replace("{file}", str(tmp_path / "draft.txt")) for one in arguments]
    data = tmp_path / "dtaa"
    done = unbracket(*given, "--data-dir", str(data))
    assert done.returncode == 3
    assert f"There is no process in {data}. Set one up with `unbracket init`, or check --data-dir." in done.stderr
    assert not data.exists()


def test_verify_log_answers_with_its_exit_code(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert unbracket("verify-log", "--data-dir", str(data)).returncode == 3
    stocked(Settings(data_dir=data))
    with live_server(data):
        beside = unbracket("verify-log", "--data-dir", str(data))
    assert (beside.returncode, beside.stderr) == (0, "")
    assert f"{OPINION}: 1 entries, all agree" in beside.stdout
    connection = sqlite3.connect(data / "unbracket.db")
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute(f"UPDATE entries SET party = 'XAA' WHERE document = '{SECOND}'")
    connection.commit()
    connection.close()
    after = unbracket("verify-log", "--data-dir", str(data))
    assert after.returncode == 4
    assert f"{SECOND}: DIFFERS. Document {SECOND}: entry 1 does not match its hash." in after.stdout
    assert "entries_no_update" in after.stdout
    assert f"{OPINION}: 1 entries, all agree" in after.stdout


def test_a_port_or_directory_in_use_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    stocked(Settings(data_dir=data))
    assert unbracket("migrate", "--data-dir", str(tmp_path / "other")).returncode == 0
    with live_server(data) as server:
        same = unbracket("serve", "--data-dir", str(data), "--port", "0")
        assert (same.returncode, "Another process is using" in same.stderr) == (3, True)
        taken = unbracket("serve", "--data-dir", str(tmp_path / "other"), "--port", str(server.port))
        assert (taken.returncode, "Cannot listen on" in taken.stderr) == (2, True)


def test_the_signing_key_is_made_beside_the_database_or_where_the_setting_says(tmp_path: Path) -> None:
    key = tmp_path / "keys" / "unbracket.key"
    key.parent.mkdir()
    done = unbracket("migrate", "--data-dir", str(tmp_path / "data"), UNBRACKET_SECRET_FILE=str(key))
    assert done.returncode == 0, done.stderr
    assert key.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "data" / "signing.key").exists()


def test_the_socket_of_a_dead_server_is_not_held(tmp_path: Path) -> None:
    data = tmp_path / "data"
    stocked(Settings(data_dir=data))
    with live_server(data) as server:
        server.kill()
        server.start()
        with socket.create_connection(("127.0.0.1", server.port), timeout=5):
            pass
