"""An invitation that is for somebody else, or names the wrong delegation: whoever has the link tells the secretariat.

It takes no sign-in and changes nothing: the link stays as it is until the secretariat makes another.
"""

from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.audit_store import AuditEvent, Kind, note
from server.identity.attempts import Try
from server.pages.people import managed
from server.pages.rendering import done
from server.pages.sign_in import gone
from server.roster.arrivals import MAX_REPORT, note_report_settled, note_reported
from server.session_store import invited
from server.visit import Visit

FORM_BYTES = 8_192
"""The form is one line of text; in a script of four bytes a letter, encoded for a form, it takes 3.6 KB."""


async def report(visit: Visit) -> Response:
    """`POST /sign-in/{token}/report`: noted once, until the secretariat has looked at it or made a new link."""
    token = visit.request.path_params["token"]
    visit.services.attempts.require(Try.LINK, visit.address)
    words = told((await visit.form()).get("what", ""))

    def tell(connection: Connection) -> bool:
        member = invited(connection, token, visit.now)
        if member is None:
            return False
        visit.services.attempts.count(Try.REPORT, visit.address)
        if note_reported(connection, member.id, visit.now, words):
            detail = f"{member.name}: {words}" if words else member.name
            kind, address = Kind.INVITATION_WRONG, visit.address
            note(connection, AuditEvent(kind, visit.now, subject=member.id, detail=detail, address=address))
        return True

    if not await visit.write(tell):
        raise gone(visit)
    return done(visit.request.url.path.removesuffix("/report"), "told")


async def settle(visit: Visit) -> Response:
    """`POST /people/{member}/report`: the secretariat has looked at what was reported."""
    member = await managed(visit)

    def settled(connection: Connection) -> bool:
        found = note_report_settled(connection, member.id)
        if found:
            note(connection, visit.event(Kind.PERSON_CHANGED, member.id, f"{member.name}: report looked at"))
        return found

    if not await visit.write(settled):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return done(f"/people/{member.id}", "report-settled")


def told(text: str) -> str:
    """What somebody wrote, as one line of at most `MAX_REPORT` characters that can be shown."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line[:MAX_REPORT].rstrip()
