"""Commands on texts: count brackets, put a text on the table, write one out."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from crdt.gate import Gate
from crdt.stream import OPINION_CLIENT
from opinions.errors import NotClean
from opinions.model import Kind
from opinions.notation import counts, read
from opinions.record import Document
from opinions.roles import Delegation
from opinions.views import View
from opinions.visibility import Attribution, Audience, Outlet, names_shown
from server import log_store, serving
from server.cli.plain import settings_of
from server.cli.preview import preview, unmatched
from server.cli.running import DataDir
from server.database import Database
from server.errors import ServerError
from server.export.files import written
from server.export.sheet import BINARY, Format, Origin, make_sheet
from server.ids import new_id
from server.imports import read_source
from server.opinion_store import OpinionRow, list_opinions, load_for_room, load_opinion
from server.people_store import all_delegations
from server.process_store import found_opinion, load_process
from server.publications.sources import origin_of_version
from server.version_attribution import setting_of_version
from server.wording import draft_name

NOT_CLEAN = 5
"""Exit code of `export` when clean text was asked for and something is open."""

TextFile = Annotated[
    Path, typer.Argument(help="A TXT or HTML file, UTF-8.", exists=True, dir_okay=False, readable=True)
]


def brackets(file: TextFile, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Count what stands in square brackets in a text: negotiation brackets, and apart from them what only looks alike.

    Example: unbracket brackets draft.txt --json
    """
    text = read_source(file.name, file.read_bytes()).text
    found = counts(text).to_json()
    if as_json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<16} {value:>6}")
    for line in unmatched(read(text, at=datetime.now(UTC), new_id=lambda: new_id("p"))):
        print(line)


def import_text(
    file: TextFile,
    title: Annotated[str, typer.Option(help="Title; without it, the text's own title line.")] = "",
    number: Annotated[str, typer.Option(help="Number of the draft Opinion, such as 4.")] = "",
    theme: Annotated[str, typer.Option(help="Theme it belongs to.")] = "",
    look: Annotated[bool, typer.Option("--look", help="Only show what was understood; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Put a text on the table as a new draft Opinion. Shows what was understood first; writes all of it or nothing.

    Example: unbracket import draft.txt --number 6 --data-dir /srv/unbracket
    """
    source = read_source(file.name, file.read_bytes())
    now = datetime.now(UTC)
    reading = read(source.text, at=now, new_id=lambda: new_id("p"))
    if not reading.document.text.paragraphs:
        raise ServerError(f"{file} holds no text.")
    for line in preview(source, reading):
        print(line)
    if look:
        return
    chosen = settings_of(data_dir)
    serving.require_process(chosen)
    if not yes:
        typer.confirm("Put it on the table?", abort=True)
    serving.prepare(chosen)
    titles = [one.text for one in reading.document.text if one.kind is Kind.TITLE]
    own = (titles or [reading.document.text.paragraphs[0].text])[0]

    def found(connection: Connection) -> OpinionRow:
        return found_opinion(
            connection,
            reading.document,
            title=title or own,
            number=number,
            theme=theme,
            member="operator",
            name="Operator",
            at=now,
            source=file.name,
        )

    with Database(chosen) as database:
        row = database.run(found)
    called = row.name if number else f"“{row.title}”"
    print(f"{called} is on the table. (`unbracket export {row.id}` writes it out.)")


def export(
    opinion: Annotated[str, typer.Argument(help="Id or number of the Opinion; `unbracket export list` names them.")],
    view: Annotated[View, typer.Option(help="Which view.")] = View.ROLLING,
    form: Annotated[Format, typer.Option("--format", help="Which format.")] = Format.TXT,
    version: Annotated[int, typer.Option(help="Number of a version; without it, the living draft.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; without it, standard output.")] = None,
    mark_not_agreed: Annotated[
        bool, typer.Option("--mark-not-agreed", help="Write clean text although something is open, and say so in it.")
    ] = False,
    lines: Annotated[bool, typer.Option("--lines", help="Number the lines, in formats that have pages.")] = False,
    withhold_names: Annotated[bool, typer.Option("--withhold-names", help="Do not say whose proposal it is.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write a text out. Clean text with open brackets, or paragraphs never considered, is refused with their list
    (exit code 5).

    Example: unbracket export 1 --view clean --format docx --version 2 --out opinion-1.docx
    """
    chosen = settings_of(data_dir)
    with Database.reading(chosen) as connection:
        if opinion == "list":
            for row in list_opinions(connection):
                print(f"{row.id}\t{row.number}\t{row.title}")
            return
        origin, document = _text(connection, opinion, version)
        parties: dict[str, Delegation] = {one.code: one for one in all_delegations(connection)}
        own = setting_of_version(connection, origin.opinion_id or origin.opinion, origin.version)
        setting = own or load_process(connection).attribution
    # As a file made for the secretariat: whoever works at the command line has the record itself.
    shown = names_shown(Attribution.NONE if withhold_names else setting, Audience.TABLE, Outlet.FILE)
    try:
        sheet = make_sheet(origin, document, view, parties, naming=shown.naming, mark_not_agreed=mark_not_agreed)
    except NotClean as error:
        typer.echo(f"unbracket: {error.message}", err=True)
        raise typer.Exit(NOT_CLEAN) from None
    content = written(sheet, form, line_numbers=lines)
    if out is None:
        if form in BINARY and sys.stdout.isatty():
            raise ServerError("Such a file cannot be shown here. Name a file for it with --out.")
        typer.echo(content, nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise ServerError(f"{out} cannot be written ({error.strerror}). Name another file with --out.") from None
    print(f"{out}: {len(content)} bytes.")


def _text(connection: Connection, wanted: str, number: int) -> tuple[Origin, Document]:
    """The text of an Opinion by id or number: of a version, or as its log stands."""
    opinion_id = next((row.id for row in list_opinions(connection) if wanted in (row.id, row.number)), wanted)
    row, process = load_opinion(connection, opinion_id), load_process(connection)
    if number:
        version = next((one for one in log_store.load_versions(connection, opinion_id) if one.number == number), None)
        if version is None:
            raise ServerError(f"{row.name} has no version {number}.")
        origin = origin_of_version(process.name, process.meeting_zone, row, version)
        return origin, Gate(OPINION_CLIENT, "record", (version.state,)).view()
    log = load_for_room(connection, opinion_id).document
    first = (log.snapshot.state,) if log.snapshot else ()
    document = Gate(OPINION_CLIENT, "record", (*first, *(u for entry in log.tail for u in entry.updates))).view()
    label = draft_name(document.record.opinion.draft)
    now = datetime.now(UTC)
    return Origin(process.name, opinion_id, row.title, label, now, process.meeting_zone, seq=log.seq), document
