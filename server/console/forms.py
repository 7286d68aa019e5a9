"""The console's forms as commands: what a form says is one command's JSON, the same that a script would send.

A form carries what is fixed in its field `command` (JSON), and beside it the fields that a person fills in. The
page's script reads forms by the same rules (web/src/console_forms.ts).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from opinions.commands import ConsiderParagraph, RecordOutcome, Reopen
from opinions.record import Ruling
from opinions.table_commands import (
    CloseSitting,
    DecideCall,
    ExtendCall,
    KeepAlternatives,
    MarkEditorial,
    MarkPresent,
    OpenCall,
    OpenSitting,
    PickOption,
    RecordOutcomes,
    TakeUp,
    WithdrawCall,
)
from server.errors import ServerError

OFFERED = frozenset(
    kind.act
    for kind in (
        RecordOutcome,
        RecordOutcomes,
        Reopen,
        ConsiderParagraph,
        MarkEditorial,
        OpenSitting,
        CloseSitting,
        MarkPresent,
        TakeUp,
        OpenCall,
        ExtendCall,
        WithdrawCall,
        DecideCall,
        PickOption,
        KeepAlternatives,
    )
)
"""The commands that the console's forms carry."""
TEXTS = frozenset({"ruling", "state", "note", "ruled_by", "package", "name", "level"})
CODES = frozenset({"asked_by"})
MANY = frozenset({"delegations"})
VALUES = frozenset({"others", "outcomes"})
NUMBERS = frozenset({"seconds"})
AGREEING = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM})


class Unfit(ServerError):
    """Raised when a form says nothing that can be done; `field` is where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def command_of(fields: Iterable[tuple[str, str]], zone: ZoneInfo) -> dict[str, Any]:
    """The JSON object of a form's command. Fields left empty are left out; what follows a colon in a field's name only
    tells fields apart. `others` count where this one is agreed. Times are of the meeting's zone. Raises `Unfit`.
    """
    given = [(name.partition(":")[0], value.strip()) for name, value in fields]
    command = _object(next((value for name, value in given if name == "command"), ""), "command")
    if command.get("act") not in OFFERED:
        raise Unfit("", "This form does not fit the page any more. Load the page again.")
    for name, value in given:
        if not value:
            continue
        if name in TEXTS:
            command[name] = value
        elif name in CODES:
            command[name] = [code for code in value.replace(",", " ").upper().split() if code]
        elif name in MANY:
            command.setdefault(name, []).append(value)
        elif name in VALUES:
            command.setdefault(name, []).append(_object(value, name))
        elif name in NUMBERS:
            command[name] = int(value[:6]) if value.isascii() and value.isdigit() else 0
        elif name == "until":
            command[name] = _moment(value, zone)
    if command["act"] == OpenCall.act and "outcomes" in command:
        # The same ticks say what a call puts: no ruling is made on it yet.
        ticked = command.pop("outcomes")
        command["items"] = [{name: said for name, said in one.items() if name != "ruling"} for one in ticked]
    if command.get("ruling", Ruling.AGREED) not in AGREEING:
        # What becomes of the others is asked for the case that this one is agreed.
        command.pop("others", None)
    return command


def _object(value: str, field: str) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unfit(field, "The form was not whole. Load the page again.")
    return found


def _moment(value: str, zone: ZoneInfo) -> str:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone).isoformat()
    except ValueError:
        raise Unfit("until", "Give the day and the time, such as 2026-06-09 15:30.") from None
