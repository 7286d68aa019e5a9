"""How balanced the group is, by region and by kind of delegation: tables with bars, and as CSV. For the secretariat."""

from sqlalchemy import Connection
from starlette.responses import Response

from server.audit_store import Kind, note
from server.pages.rendering import render
from server.people_store import all_delegations, all_members
from server.roster.arrivals import arrivals
from server.roster.balance import Balance, balance, balance_csv
from server.visit import Visit


async def show_balance(visit: Visit) -> Response:
    """`GET /balance`."""
    found = await visit.read(_balance)
    return render(visit, "balance.html", balance=found)


async def balance_file(visit: Visit) -> Response:
    """`GET /balance.csv`: the same as CSV that no program takes for formulas."""

    def work(connection: Connection) -> Balance:
        note(connection, visit.event(Kind.EXPORT, "balance", "The group's balance as CSV"))
        return _balance(connection)

    found = await visit.write(work)
    headers = {"content-disposition": 'attachment; filename="balance.csv"'}
    return Response(balance_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


def _balance(connection: Connection) -> Balance:
    come = {member for member, one in arrivals(connection).items() if one.came_at is not None}
    return balance(all_delegations(connection), all_members(connection), come)
