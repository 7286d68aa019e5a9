"""`unbracket init` and `unbracket invite`: links from the command line, also while the server runs."""

import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2
import pytest

from server.control import MAX_PATH, NoServer, ask_server, control_path
from server.database import Database
from server.errors import ServerError
from server.invitations import Wanted, invite
from server.people_store import PeopleRefused
from server.settings import Settings
from tests.support.live_server import live_server
from tests.support.services import BOTH
from tests.support.stock import stocked

DATABASES = BOTH
LINK = re.compile(r"http://\S+(/sign-in/\S{43,})")


def unbracket(*arguments: str, data_dir: Path, database_url: str = "") -> subprocess.CompletedProcess[str]:
    """The command line as an operator calls it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments, "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env=environ | ({"UNBRACKET_DATABASE_URL": database_url} if database_url else {}),
    )


def link_in(finished: subprocess.CompletedProcess[str]) -> str:
    """The path of the link that a command printed."""
    assert finished.returncode == 0, finished.stderr
    found = LINK.search(finished.stdout)
    assert found, finished.stdout
    return found[1]


def test_from_an_empty_directory_to_the_first_person_inside(settings: Settings) -> None:
    data_dir, url = settings.data_dir, settings.database_url
    operator = partial(unbracket, data_dir=data_dir, database_url=url)
    administrator = link_in(operator("init", "--administrator", "Ada Keeper"))
    again = operator("init", "--administrator", "Eve Keeper")
    assert again.returncode == 1
    assert "has people already" in again.stderr
    environ = {"UNBRACKET_DATABASE_URL": url} if url else {}
    with (
        live_server(data_dir, environ=environ) as server,
        httpx2.Client(base_url=server.url, follow_redirects=True) as browser,
    ):
        headers = {"origin": server.url}
        assert "Ada Keeper" in browser.post(administrator, headers=headers).text
        form = {"code": "xaa", "name": "Arcadia", "kind": "member_state", "region": "afr"}
        assert "Arcadia" in browser.post("/delegations/new", data=form, headers=headers).text
        invited = operator("invite", "Amara Okoye", "--role", "expert", "--delegation", "xaa")
        link = link_in(invited)
        if not url:
            assert server.url in invited.stdout, "the running server knows its own port"
        with httpx2.Client(base_url=server.url, follow_redirects=True) as other:
            assert "Welcome, " in other.get(link).text
            assert "Expert, XAA" in other.post(link, headers=headers).text
    assert "All 0 logs agree" in operator("verify-log").stdout
    assert link_in(operator("invite", "Amara Okoye")), "also without a server"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted("Nobody Known"), "say as what"),
        (Wanted("Nobody Known", "king"), "There is no role"),
        (Wanted("Nobody Known", "expert"), "choose one"),
        (Wanted("Sam Clerk", "administrator"), "is here as secretariat"),
    ],
)
def test_whom_a_link_cannot_be_made_for(settings: Settings, wanted: Wanted, message: str) -> None:
    with Database(stocked(settings).settings) as database, pytest.raises(PeopleRefused, match=message):
        database.run(lambda c: invite(c, wanted, datetime.now(UTC), timedelta(hours=1)))


def test_a_new_link_for_somebody_who_is_here_needs_the_name_alone(tmp_path: Path) -> None:
    data_dir = stocked(Settings(data_dir=tmp_path / "data")).settings.data_dir
    assert link_in(unbracket("invite", "expert borduria 1", data_dir=data_dir))
    refused = unbracket("invite", "Nobody Known", data_dir=data_dir)
    assert refused.returncode == 1
    assert "say as what" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_control_socket_is_its_owner_s_and_goes_with_the_server(tmp_path: Path) -> None:
    data_dir = stocked(Settings(data_dir=tmp_path / "data")).settings.data_dir
    with live_server(data_dir) as server:
        assert stat.S_IMODE(control_path(data_dir).stat().st_mode) == 0o600
        with pytest.raises(ServerError, match="does not know"):
            ask_server(data_dir, {"act": "anything"})
        with pytest.raises(ServerError, match="say as what"):
            ask_server(data_dir, {"act": "invite", "name": ["not", "text"]})
        assert server.stop() == 0
    assert not control_path(data_dir).exists()
    with pytest.raises(NoServer):
        ask_server(data_dir, {"act": "invite", "name": "Sam Clerk"})


def test_a_server_that_was_killed_leaves_no_socket_in_the_way(tmp_path: Path) -> None:
    data_dir = stocked(Settings(data_dir=tmp_path / "data")).settings.data_dir
    with live_server(data_dir) as server:
        server.kill()
        assert control_path(data_dir).exists()
        server.start()
        assert ask_server(data_dir, {"act": "invite", "name": "Sam Clerk"})["name"] == "Sam Clerk"


def test_a_path_too_long_for_a_socket_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    data_dir = stocked(Settings(data_dir=tmp_path / ("d" * MAX_PATH))).settings.data_dir
    with live_server(data_dir) as server:
        assert server.answers()
        refused = unbracket("invite", "Sam Clerk", data_dir=data_dir)
        assert refused.returncode == 1
        assert "Stop it" in refused.stderr
