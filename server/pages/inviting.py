"""Inviting and reminding many at once; where no mail server is set, the letters to copy. For the secretariat."""

from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from server.pages.rendering import done, render
from server.people_store import all_members
from server.post.invitations import House
from server.roster.inviting import Invited, Inviter, invite_all, remind_all
from server.visit import Visit


def address_of(visit: Visit) -> str:
    """Where the visitor found the pages, for links in letters."""
    return f"{'https' if visit.secure else visit.request.url.scheme}://{visit.request.url.netloc}"


def inviter_of(visit: Visit) -> Inviter:
    """The visitor as one who invites."""
    return Inviter(
        house_of(visit),
        address_of(visit),
        visit.now,
        visit.services.invitation_lifetime,
        mails_of(visit),
        visit.member.id,
    )


def house_of(visit: Visit) -> House:
    """What letters of this process rest on, signed by the visitor if somebody is signed in."""
    signed = {} if visit.visitor is None else {"signed": visit.visitor.name}
    return House(visit.process.name, visit.process.zone, **signed)


def mails_of(visit: Visit) -> bool:
    """Whether letters can be sent."""
    return bool(visit.services.settings.smtp_url)


def begin_all(visit: Visit, invited: list[Invited] | tuple[Invited, ...]) -> None:
    """Have their letters sent now; after the commit."""
    for one in invited:
        if one.job:
            visit.services.begin(one.job)


async def invite_people(visit: Visit) -> Response:
    """`POST /invitations`: invite all who were not yet, or (`who=waiting`) remind all who have not come."""
    reminding = (await visit.form()).get("who") == "waiting"
    inviter = inviter_of(visit)

    def work(connection: Connection) -> list[Invited]:
        if reminding:
            return remind_all(connection, inviter, timedelta(0))
        return invite_all(connection, list(all_members(connection)), inviter)

    invited = await visit.write(work)
    begin_all(visit, invited)
    if any(not one.job for one in invited):
        return letters_page(visit, invited)
    return done("/people", ("reminded" if reminding else "invited") if invited else "nobody-to-invite")


def letters_page(visit: Visit, invited: list[Invited] | tuple[Invited, ...]) -> Response:
    """The letters that nobody sends but the secretariat, each with its link: shown now and never again."""
    by_hand = [one for one in invited if not one.job]
    return render(
        visit,
        "letters_to_copy.html",
        letters=by_hand,
        posted=len(invited) - len(by_hand),
        mails=mails_of(visit),
    )
