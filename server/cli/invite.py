"""`unbracket invite`: a link to sign in with, also while the server runs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.control import NoServer, ask_server
from server.database import Database
from server.errors import DatabaseInUse
from server.invitations import Wanted, invite
from server.serving import require_process
from server.settings import public_address


def invite_person(
    name: Annotated[str, typer.Argument(help="The person's name, or e-mail address if he or she is here already.")],
    role: Annotated[
        str, typer.Option(help="expert, focal_point, secretariat, observer or administrator; needed for a new person.")
    ] = "",
    delegation: Annotated[str, typer.Option(help="Code of the delegation, for experts and focal points.")] = "",
    email: Annotated[str, typer.Option(help="E-mail address of a new person.")] = "",
    forget_sign_in: Annotated[
        bool, typer.Option(help="Forget passkeys and accounts elsewhere that were lost, and end every sign-in.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Print a link with which a person signs in, once. Any earlier link of the person ends.

    Examples: unbracket invite "Mira Lenz"; unbracket invite "Pavel Oran" --role expert --delegation XES
    """
    chosen = settings_of(data_dir)
    require_process(chosen)
    wanted = Wanted(name, role, delegation.upper(), email, forget_sign_in)
    lifetime = timedelta(hours=chosen.invitation_hours)
    try:
        # A running server knows where it is reached, and a database that is a file is its alone.
        answer = ask_server(chosen.data_dir, {"act": "invite", **wanted.to_json()})
        called, token, address = answer["name"], answer["token"], answer["address"]
    except NoServer as nobody:
        try:
            with Database(chosen) as database:
                member, token = database.run(lambda c: invite(c, wanted, datetime.now(UTC), lifetime))
        except DatabaseInUse:
            raise nobody from None
        called, address = member.name, public_address(chosen)
    print(f"{called} signs in with")
    print(f"  {address}/sign-in/{token}")
    print(f"The link works once, for {chosen.invitation_hours:g} hours. Earlier links of {called} no longer work.")
