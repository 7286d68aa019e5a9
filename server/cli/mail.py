"""`unbracket mail`: whether letters leave the house."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

import typer

from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.errors import SettingsError
from server.ids import new_id
from server.names import clean_email
from server.post.carrier import Carrier, message_of, sender_of
from server.settings import public_address

app = typer.Typer(name="mail", help="Letters by e-mail.", no_args_is_help=True)


@app.callback()
def mail() -> None:
    """Letters by e-mail."""


@app.command("test")
def send_test(
    address: Annotated[str, typer.Argument(help="Where to send it: an address of yours.")],
    data_dir: DataDir = None,
) -> None:
    """Send one letter with the settings in force, now, and say what the mail server answered.

    Example: UNBRACKET_SMTP_URL=smtp://user@mail.example.org unbracket mail test ana@example.org
    """
    chosen = settings_of(data_dir)
    carrier = Carrier(chosen)
    if not carrier.configured:
        raise SettingsError("No mail server is set. Set UNBRACKET_SMTP_URL; `unbracket settings` says how it is spelt.")
    recipient = clean_email(address)
    if recipient is None:
        raise SettingsError("Say where to send it: an address of yours.")
    body = f"Letters of {public_address(chosen)} arrive. Nothing is to be done.\n"
    message = message_of(chosen, new_id("l-test"), recipient, "Unbracket: letters arrive", body)
    message["Date"] = format_datetime(datetime.now(UTC))
    asyncio.run(carrier.hand_over(message))
    print(f"The mail server has taken a letter from {sender_of(chosen)} to {recipient}.")
