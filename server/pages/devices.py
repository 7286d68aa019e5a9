"""One's own other device, by a code that is good for minutes; and a computer that others use, too."""

from sqlalchemy import Connection
from starlette.responses import Response

from server import auth
from server.audit_store import Kind, note
from server.doors import CHANGED
from server.identity.attempts import Try
from server.pages.inviting import address_of
from server.pages.rendering import done, render
from server.session_store import DEVICE_LIFETIME, SHARED_LIFETIME, issue_device_code, make_shared
from server.visit import Visit


async def make_code(visit: Visit) -> Response:
    """`POST /account/device`: the code, shown once; an earlier one ends."""
    visit.services.attempts.count(Try.DEVICE, visit.member.id)

    def issue(connection: Connection) -> str:
        note(connection, visit.event(Kind.INVITED, visit.member.id, "A code for another device of one's own"))
        return issue_device_code(connection, visit.member.id, visit.now)

    code = await visit.write(issue)
    half = len(code) // 2
    return render(
        visit,
        "device.html",
        code=f"{code[:half]}-{code[half:]}",
        link=f"{address_of(visit)}/sign-in/{code}",
        page=f"{address_of(visit)}/sign-in",
        until=visit.now + DEVICE_LIFETIME,
    )


async def share_computer(visit: Visit) -> Response:
    """`POST /account/shared`: this session ends with the browser, and its pages keep nothing from now on."""
    token = auth.token_of(visit.request, visit.secure)

    def share(connection: Connection) -> None:
        make_shared(connection, token, visit.now)
        note(connection, visit.event(Kind.SIGN_IN, visit.member.id, "At a computer that others use, from now on"))

    await visit.write(share)
    visit.services.doors.shut(visit.member.id, CHANGED)
    response = done("/account", "shared")
    auth.set_cookie(response, visit.request, token, SHARED_LIFETIME, visit.secure, shared=True)
    return response
