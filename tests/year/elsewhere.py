"""The process of the year in another server: written out by the page, brought in by the command line."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server.cli.process import export_process, import_process
from server.database import Database
from server.pages.process_file import UPLOAD_BYTES
from server.settings import Settings
from server.verify import verify
from tests.support.visitors import House

Tables = dict[str, list[dict[str, Any]]]
TOO_LARGE_FOR_THE_PAGE = UPLOAD_BYTES + 1


@dataclass(slots=True)
class Elsewhere:
    """A file, and what the server that it was brought into writes out in its turn."""

    content: str
    sent: Tables
    there: Tables
    texts_sent: list[tuple[Any, ...]] = field(default_factory=list)
    texts_there: list[tuple[Any, ...]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def elsewhere(running: House, place: Path, *, with_people: bool) -> Elsewhere:
    """Take the process of a house to an empty server. The file is made larger than the page takes."""
    place.mkdir()
    answer = running.post("m-admin", "/process/export", {"people": "with" if with_people else "without"})
    assert answer.status_code == 200, answer.text
    sent = json.loads(answer.content)
    file, back = place / "process.json", place / "again.json"
    file.write_bytes(answer.content + b" " * TOO_LARGE_FOR_THE_PAGE)
    import_process(file, place / "data")
    export_process(back, people=with_people, data_dir=place / "data")
    there = json.loads(back.read_bytes())
    with Database(Settings(data_dir=place / "data")) as database:
        findings = database.run(_findings)
    return Elsewhere(answer.text, sent["tables"], there["tables"], _texts(sent), _texts(there), findings)


def _texts(archive: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Each text with its record; of paragraphs that are in the text no more only what was decided is kept."""
    found = []
    for one in archive.get("texts", []):
        here = {f"paragraph:{paragraph['id']}" for paragraph in one["paragraphs"]}
        record = {key: told for key, told in one["record"].items() if key in here or not key.startswith("paragraph:")}
        found.append((one["opinion"], one["paragraphs"], record))
    return found


def _findings(connection: Connection) -> list[str]:
    return [finding for one in verify(connection) for finding in one.findings]
