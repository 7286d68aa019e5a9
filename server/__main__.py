"""The command line: `unbracket serve`, `unbracket demo` and the operator's commands; `unbracket --help` lists them.

Each command is a function in `server/cli`, one file per noun. Exit codes: 0 done; 1 a failure the message explains; 2
wrong usage or settings; 3 the database cannot be used; `verify-log` says more in its help.
"""

import sys

import typer

from server.cli.copies import backup, restore
from server.cli.invite import invite_person
from server.cli.logs import verify_log
from server.cli.running import demo, init, migrate, serve, settings, work
from server.cli.texts import brackets, export, import_text
from server.errors import ServerError

app = typer.Typer(
    name="unbracket",
    help="Consensus-drafting editor for the draft Opinions of an intergovernmental forum.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve)
app.command("work")(work)
app.command("demo")(demo)
app.command("init")(init)
app.command("invite")(invite_person)
app.command("migrate")(migrate)
app.command("import")(import_text)
app.command("brackets")(brackets)
app.command("export")(export)
app.command("verify-log")(verify_log)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("settings")(settings)


def main() -> None:
    """Run one command; what goes wrong is printed in a sentence, never as a traceback."""
    try:
        app()
    except ServerError as error:
        print(f"unbracket: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
