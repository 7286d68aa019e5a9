"""Comments to all as a table for spreadsheets: a row for each remark, in the order of the text. Notes are in none."""

from collections.abc import Iterator
from dataclasses import replace

from starlette.responses import Response

from opinions.visibility import NamesShown
from server.attribution import names_in_file
from server.export.csv_table import csv_of
from server.threads import store
from server.threads.desk import Placed, in_text
from server.threads.limits import MAX_GIVEN_OUT
from server.threads.values import Remark, Sight
from server.visit import Visit
from server.wording import moment

HEADINGS = (
    "Thread",
    "Paragraph",
    "On the words",
    "Where they are",
    "Amendment",
    "State",
    "By",
    "Person",
    "When",
    "Source",
    "Comment",
    "Link",
)
TAKEN_OUT = "Taken out by its author."


async def threads_csv(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/threads.csv`: what is to all, whoever asks, and of names what a file may hold (TH10)."""
    opinion = visit.opinion.id
    # A file goes on to others: one's own delegation's notes are not in it either (TH5).
    sight = replace(Sight.of(visit.actor), notes_of=None)
    found = await visit.read(lambda connection: store.listed(connection, opinion, sight, MAX_GIVEN_OUT))
    document = await visit.services.hub.document(opinion)
    names = names_in_file(visit)
    numbers = {one.id: one.number for one in document.record.amendments.values()}
    rows: list[tuple[object, ...]] = []
    for number, row in enumerate(in_text(found.threads, document), 1):
        on = numbers.get(row.thread.amendment, 0) if row.thread.amendment else 0
        rows += _rows(visit, row, number, f"#{on}" if on else "", names)
    if found.left_out:
        rows.append((f"{found.left_out} older threads are left out.",))
    headers = {
        "content-disposition": f'attachment; filename="comments-{opinion}.csv"',
        "cache-control": "private, no-store",
    }
    return Response(csv_of(rows, HEADINGS), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit, row: Placed, number: int, amendment: str, names: NamesShown) -> Iterator[tuple[object, ...]]:
    thread = row.thread
    link = f"{str(visit.request.base_url).rstrip('/')}/opinions/{visit.opinion.id}/threads?show=all#{thread.first.id}"
    for remark in thread.remarks:
        yield (
            number,
            row.cited or ("" if row.gone else "The whole text"),
            thread.anchor.words,
            _where(row),
            amendment,
            _state(row, names) if remark is thread.first else "",
            remark.delegation if names.delegations else "",
            remark.author if names.persons else "",
            moment(remark.written_at or remark.entered_at, visit.process.zone),
            _source(remark, names),
            remark.text if remark.taken_out_at is None else TAKEN_OUT,
            link,
        )


def _where(row: Placed) -> str:
    if row.gone:
        return "Its paragraph is no longer in the text"
    return "These words are no longer in the text" if row.words_gone else ""


def _state(row: Placed, names: NamesShown) -> str:
    thread = row.thread
    if not thread.resolved:
        return "Open"
    whom = (thread.settled_by if names.persons else "", thread.settled_for if names.delegations else "")
    by = " of ".join(one for one in whom if one)
    return f"Resolved by {by}" if by else "Resolved"


def _source(remark: Remark, names: NamesShown) -> str:
    """The file that a remark came in; its name may be that of a delegation."""
    if not remark.source:
        return ""
    return remark.source if names.delegations else "A Word file"
