"""Every command of `unbracket` with its name. Each is a function of this folder, one file per noun."""

import typer

from server.cli.copies import backup, restore
from server.cli.invite import invite_person
from server.cli.keys import app as keys
from server.cli.logs import verify_log
from server.cli.mail import app as mail
from server.cli.process import export_process, import_process, load_process_file, process_schema
from server.cli.running import demo, init, migrate, serve, settings, work
from server.cli.texts import brackets, export, import_text
from server.cli.verifying import mirror, verify_files

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
app.command("verify")(verify_files)
app.command("mirror")(mirror)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("settings")(settings)
app.add_typer(mail)
app.add_typer(keys)
app.command("process-export")(export_process)
app.command("process-import")(import_process)
app.command("process-schema")(process_schema)
app.command("process-load")(load_process_file)
