"""The list of square brackets: what is open where, by whom and since when, with its course over time; and as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from opinions.bracket_list import ListedBracket, Order, Tie, Wanted, chosen, listed
from opinions.brackets import BracketKind, holders
from opinions.burn_down import clean_since
from opinions.clean import obstacles
from opinions.record import Document, Status
from opinions.statuses import Ruling
from server.assets import assets_of
from server.attribution import names_in_file
from server.export.csv_table import csv_of
from server.history.charts import burn_down
from server.history.reading import Told
from server.html_view import regions_of
from server.pages.rendering import render
from server.people_store import all_delegations
from server.visit import Visit
from server.wording import AMENDMENT_STATUSES, BRACKET_KINDS, day, draft_name

STYLES = "src/styles/history.css"
ROWS = 200
"""Rows on one page: what a screen reader and a phone still go through; the CSV has them all."""
MAX_TEXT = 200
"""Characters of the words sought."""
MAX_DAYS = 3_650
TIES: Mapping[Tie, str] = {
    Tie.HOLDS: "holds",
    Tie.INSIDE: "inside",
    Tie.SAME_WORDS: "same words",
    Tie.ALTERNATIVE: "alternative",
    Tie.PACKAGE: "package",
    Tie.REPLACES: "stands for",
    Tie.REPLACED_BY: "compromise",
}
ORDERS: Mapping[Order, str] = {
    Order.PLACE: "As they stand in the text",
    Order.AGE: "Oldest first",
    Order.HOLDER: "By holder",
    Order.KIND: "By kind",
    Order.STATE: "By state",
}
HEADINGS = (
    "Number",
    "Paragraph",
    "Words",
    "Kind",
    "Holders",
    "State",
    "State in full",
    "Reason",
    "Source",
    "Open since",
    "Since version",
    "Linked",
    "Address",
)
_ASKED = ("paragraph", "holder", "kind", "state", "days", "q", "sort", "backwards")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one Opinion that were asked for, of how many, and its history where it was at hand."""

    document: Document
    rows: Sequence[ListedBracket]
    everything: Sequence[ListedBracket]
    wanted: Wanted
    told: Told | None


async def brackets(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/brackets?paragraph=&holder=&kind=&state=&days=&q=&sort=&backwards=&page=&bracket=`.

    `bracket` names a row: the page that has it is answered.
    """
    listing = await listing_of(visit)
    rows, wanted = listing.rows, listing.wanted
    pages = max(-(-len(rows) // ROWS), 1)
    number = _number(visit, "page", 1, pages) or 1
    named = visit.request.query_params.get("bracket", "")
    found = next((place for place, row in enumerate(rows) if row.key == named), None)
    if found is not None:
        number = found // ROWS + 1
    steps = listing.told.steps if listing.told else ()
    parties = await visit.read(all_delegations)
    since = clean_since(steps) if not obstacles_of(listing) else None
    return render(
        visit,
        "brackets.html",
        own_styles=assets_of(STYLES).styles,
        listing=listing,
        rows=rows[(number - 1) * ROWS : number * ROWS],
        first=(number - 1) * ROWS + 1,
        page=number,
        pages=pages,
        per_page=ROWS,
        named=named if found is not None else "",
        asked={**dict.fromkeys(_ASKED, ""), **asked(wanted)},
        filtered=bool(asked(wanted)),
        address=lambda **other: address(visit, wanted, **other),
        places=_places(listing.everything),
        parties=sorted({code for row in listing.everything for code in row.holders}),
        kinds_of_brackets=BRACKET_KINDS,
        statuses=AMENDMENT_STATUSES,
        statuses_there=[one for one in Status if any(row.status is one for row in listing.everything)],
        orders=ORDERS,
        ties=TIES,
        state_of=lambda row: state_of(row, visit, listing.document),
        chart=burn_down(steps, visit.process.zone),
        clean=not listing.everything,
        clean_since=since,
        clean_label=clean_label(since.label if since else "", listing.document),
        regions=regions_of(parties),
        draft=listing.document.record.opinion.draft,
    )


async def brackets_csv(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/brackets.csv`: the same rows, all of them."""
    listing = await listing_of(visit)
    names = names_in_file(visit)
    base = str(visit.request.base_url).rstrip("/")
    numbers = {one.id: one.number for one in listing.document.record.amendments.values()}
    rows = [
        (
            numbers[row.amendment.id],
            row.cited.replace("*", ""),
            row.words,
            BRACKET_KINDS[row.kind],
            " ".join(names.codes(row.holders)),
            AMENDMENT_STATUSES[row.status],
            state_of(row, visit, listing.document, codes=names.delegations),
            row.amendment.reason,
            row.amendment.source,
            day(row.since.at, visit.process.zone),
            row.since.version,
            _linked(row),
            f"{base}{row_address(visit, row)}",
        )
        for row in listing.rows
    ]
    name = f"brackets-{visit.opinion.id}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(csv_of(rows, HEADINGS), media_type="text/csv; charset=utf-8", headers=headers)


async def listing_of(visit: Visit) -> Listing:
    """What the address asks for. What it says that nobody understands is passed over."""
    document = await visit.services.hub.document(visit.opinion.id)
    told = await visit.services.histories.told(visit.services.database, visit.opinion.id)
    everything = listed(document, told.steps if told else (), holders)
    wanted = wanted_of(visit)
    return Listing(document, chosen(everything, wanted, visit.now), everything, wanted, told)


def obstacles_of(listing: Listing) -> bool:
    """Whether anything keeps the text from being clean. With an open bracket nothing else is looked at."""
    return bool(listing.everything or obstacles(listing.document))


def clean_label(version: str, document: Document) -> str:
    """Since what a clean text has been clean: the version that was frozen so, else the draft in hand."""
    return version or draft_name(document.record.opinion.draft)


def wanted_of(visit: Visit) -> Wanted:
    """The filter and the order that the address asks for."""
    query = visit.request.query_params
    return Wanted(
        paragraph=query.get("paragraph", "")[:64],
        holder=query.get("holder", "")[:16],
        kind=_choice(BracketKind, query.get("kind", "")),
        status=_choice(Status, query.get("state", "")),
        days=_number(visit, "days", 1, MAX_DAYS) or 0,
        text=query.get("q", "")[:MAX_TEXT],
        order=_choice(Order, query.get("sort", "")) or Order.PLACE,
        backwards=query.get("backwards") == "yes",
    )


def asked(wanted: Wanted) -> dict[str, str]:
    """The parameters that ask for this, those left out that say nothing."""
    given = {
        "paragraph": wanted.paragraph,
        "holder": wanted.holder,
        "kind": wanted.kind.value if wanted.kind else "",
        "state": wanted.status.value if wanted.status else "",
        "days": str(wanted.days or ""),
        "q": wanted.text,
        "sort": "" if wanted.order is Order.PLACE else wanted.order.value,
        "backwards": "yes" if wanted.backwards else "",
    }
    return {name: value for name, value in given.items() if value}


def address(visit: Visit, wanted: Wanted, tail: str = "", **other: str | int) -> str:
    """The list's address with its filter, and other parameters."""
    query = urlencode({**asked(wanted), **{name: str(value) for name, value in other.items() if value}})
    return f"/opinions/{visit.opinion.id}/brackets{tail}" + (f"?{query}" if query else "")


def row_address(visit: Visit, row: ListedBracket) -> str:
    """A row's own address: wherever it stands in the list, its page is answered."""
    return f"/opinions/{visit.opinion.id}/brackets?bracket={row.key}#{row.key}"


def state_of(row: ListedBracket, visit: Visit, document: Document, *, codes: bool = True) -> str:
    """What there is to say beside its state: late, set aside by whom and until when, pending whom, on the floor."""
    said: list[str] = ["late"] if row.amendment.late else []
    if row.on_floor:
        said.append("on the floor")
    if row.called:
        said.append("called for objections")
    ruling = row.ruling
    if ruling is not None and row.status.value == ruling.ruling.value:
        asked_by = " ".join(ruling.asked_by) if codes else ""
        match ruling.ruling:
            case Ruling.SET_ASIDE:
                said.append(f"asked by {asked_by}" if asked_by else "by the chair")
            case Ruling.PENDING_DELEGATION if asked_by:
                said.append(asked_by)
            case Ruling.PENDING_PACKAGE if package := document.record.package(ruling.package):
                said.append(package.name)
            case Ruling.REOPENED if asked_by:
                said.append(f"asked by {asked_by}")
        if ruling.until is not None:
            said.append(f"until {day(ruling.until, visit.process.zone)}")
    return ", ".join(said)


def _linked(row: ListedBracket) -> str:
    named = [f"#{one.number} ({TIES[one.tie]}{': ' if one.name else ''}{one.name})" for one in row.links]
    more = row.linked - len(row.links)
    return ", ".join([*named, *([f"and {more} more"] if more else [])])


def _places(rows: Sequence[ListedBracket]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(row.paragraph, row.cited.replace("*", ""))
    return found


def _choice(kind: type[Choice], value: str) -> Choice | None:
    return next((one for one in kind if one.value == value), None)


def _number(visit: Visit, name: str, least: int, most: int) -> int | None:
    given = visit.request.query_params.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) <= 6):
        return None
    return min(max(int(given), least), most)
