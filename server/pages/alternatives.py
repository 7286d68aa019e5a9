"""Alternatives, packages and compromise texts of one Opinion on one page: options side by side, to tie, pick, keep or
untie; what follows from links; what holders say. Every act is a plain form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import RedirectResponse, Response

from opinions.alternatives import find_alternatives, shortened
from opinions.on_table import Package
from opinions.record import Document
from opinions.roles import Act, Role
from opinions.ruled_words import words_lines
from server.alternatives.forms import LINKS, Unfit, keep, package, pick, tie
from server.alternatives.look import OF_THE_CHAIR, ROWS, SETS, Seeing
from server.assets import assets_of
from server.attribution import names_in_room
from server.commanding import command, is_key
from server.html_view import region_class
from server.ids import new_id
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.roster.groups import Group, all_groups
from server.visit import Visit

STYLES = "src/styles/alternatives.css"
MOST_WORDS = 160
"""Characters of an amendment's words in a row."""
SPARE = 3
"""Rows for links that an empty form has."""
_PARTS = {"-": "gone", "+": "new", "[": "same"}
FORM_BYTES = 128 * 1024
"""Bytes of a form: a label for each of three hundred amendments, or every outcome of a pick with its digest."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form that was not carried out: which form, its fields, and why, by field."""

    form: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


async def show(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/alternatives?page=&tie=&paragraph=&set=&package=`: `tie` opens the form for tying the
    amendments of `paragraph` (empty: of all), `set` or `package` that for changing one.
    """
    return await page(visit)


async def put_alternatives(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/alternatives`: amendments are tied as options."""
    form = await visit.form()
    return await _carried(visit, "tie", form, lambda _: tie(form, new_id), "tied")


async def pick_option(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/alternatives/pick`: the chair picks an option."""
    form = await visit.form()
    return await _carried(visit, f"pick-{form.get('form', '')}", form, lambda _: pick(form), "picked")


async def keep_alternatives(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/alternatives/keep`: all options stay for now, or are untied."""
    form = await visit.form()
    word = "untied" if form.get("do") == "untie" else "kept"
    return await _carried(visit, f"keep-{form.get('alternatives', '')}", form, lambda _: keep(form), word)


async def put_package(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/packages`: subjects are tied into a package."""
    form = await visit.form()
    return await _carried(visit, "package", form, lambda document: package(form, document, new_id), "packed")


async def close_package(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/packages/close`: a package is no more; what it held stays as it is."""
    form = await visit.form()
    closing = {"act": "close_package", "package": form.get("package", "")[:64], "note": form.get("note", "")[:2_000]}
    return await _carried(visit, f"close-{closing['package']}", form, lambda _: closing, "package-closed")


async def _carried(visit: Visit, name: str, form: Mapping[str, str], made: Any, word: str) -> Response:
    document = await visit.services.hub.document(visit.opinion.id)
    try:
        if not is_key(form.get("key")):
            raise Unfit("", "The form was not whole. Load the page again.")
        asked: dict[str, Any] = made(document)
    except Unfit as unfit:
        return await page(visit, Typed(name, form, {unfit.field: str(unfit)}), HTTPStatus.UNPROCESSABLE_ENTITY)
    answer = await command(visit, "", form["key"], asked)
    if answer.code:
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        return await page(visit, Typed(name, form, {"": answer.message}), status)
    return done(f"/opinions/{visit.opinion.id}/alternatives", word)


async def page(visit: Visit, typed: Typed | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The page, with what was typed into a form that was refused."""
    document = await visit.services.hub.document(visit.opinion.id)
    seeing = seeing_of(visit, document, await visit.read(all_groups))
    query = visit.request.query_params
    given = query.get("page", "")
    number = max(int(given), 1) if given.isascii() and given.isdigit() and len(given) < 5 else 1
    looks = seeing.looks(number)
    if not looks.sets and looks.sets_in_all:
        return RedirectResponse(f"/opinions/{visit.opinion.id}/alternatives", HTTPStatus.SEE_OTHER)
    typed = typed or Typed()
    ties = visit.may(Act.ALTERNATIVES_PUT)
    tying = ties and (typed.form == "tie" or "tie" in query or "set" in query)
    changed = document.record.package(query.get("package", "")) if ties else None
    return render(
        visit,
        "alternatives.html",
        status=status,
        own_styles=assets_of(STYLES).styles,
        looks=looks,
        page=number,
        pages=max(-(-looks.sets_in_all // SETS), 1),
        typed=typed,
        errors=typed.errors,
        ties=ties,
        rules=visit.may(Act.OUTCOME_RECORD),
        drafts=visit.may(Act.COMPROMISE_PROPOSE),
        withdraws_any=visit.actor.role is not Role.FACILITATOR,
        answers=visit.may(Act.POSITION_TAKE) and visit.actor.delegation is not None,
        names_chair=visit.actor.role is Role.SECRETARIAT,
        tying=_tying(visit, document, seeing, typed) if tying else None,
        packing=ties and (typed.form == "package" or "package" in query),
        package=changed,
        links=_links(seeing, typed, changed),
        also=typed.fields.get("also", "") if typed.form == "package" else _also(seeing, changed),
        subjects=_subjects(seeing) if ties else (),
        coloured=await colours(visit),
        key=lambda: new_id("k"),
    )


def seeing_of(visit: Visit, document: Document, groups: Iterable[Group] = ()) -> Seeing:
    """What this visitor is shown of the document; with the `groups` that speak, also what they are asked."""
    own = visit.actor.delegation
    asked = [own, *(one.code for one in groups if own in one.members)] if own is not None else []
    names = names_in_room(visit)
    return Seeing(document, visit.now, names=names.codes, asked=asked)


async def colours(visit: Visit) -> dict[str, str]:
    """The colour class of each delegation's code."""
    found: dict[str, str] = {party.code: region_class(party) for party in await visit.read(all_delegations)}
    return {**found, OF_THE_CHAIR: "region-chr"}


def _tying(visit: Visit, document: Document, seeing: Seeing, typed: Typed) -> dict[str, Any]:
    """The form for tying: the amendments offered, each with its label."""
    query = visit.request.query_params
    form = typed.fields if typed.form == "tie" else {}
    existing = find_alternatives(document, form.get("alternatives") or query.get("set", "")[:64])
    paragraph = "" if existing else query.get("paragraph", "")[:64]
    labels: dict[str, str] = {}
    labels |= {str(name): option.label for option in existing.options for name in option.amendments} if existing else {}
    labels |= {name.removeprefix("label-"): value for name, value in form.items() if name.startswith("label-")}
    chosen = [one for one in seeing.choices(paragraph) if not existing or one.id in labels]
    near = {place for one in chosen for place in (one.paragraph,)} if existing else set()
    if existing:
        chosen = [one for one in seeing.choices() if one.id in labels or one.paragraph in near]
    offered = existing.options if existing else ()
    return {
        "id": form.get("alternatives") or (existing.id if existing else ""),
        "name": form.get("name", existing.name if existing else ""),
        "note": form.get("note", existing.note if existing else ""),
        "rows": [(seeing.member(one), labels.get(one.id, ""), words_of(document, one.id)) for one in chosen[:ROWS]],
        "more": max(len(chosen) - ROWS, 0),
        "paragraph": paragraph,
        "places": _places(seeing),
        "no_text": bool(form.get("no_text")) or any(one.no_text and not one.amendments for one in offered),
        "as_it_stands": bool(form.get("as_it_stands"))
        or any(not one.no_text and not one.amendments for one in offered),
        "labels": ("Alt 1", "Alt 2", "Alt 3", "Option A", "Option B", "bis", "No text"),
    }


def _places(seeing: Seeing) -> dict[str, str]:
    """The paragraphs in which something is open, in reading order, as they are cited."""
    there = {place for one in seeing.choices() for place in (one.paragraph,)}
    return {str(one.id): seeing.cited.get(one.id, str(one.id)) for one in seeing.document.text if one.id in there}


def words_of(document: Document, amendment_id: str) -> tuple[tuple[str, str], ...]:
    """The words of an amendment in a row, in parts: those it strikes, inserts, brackets."""
    lines = [line for line in words_lines(document, amendment_id) if not line.startswith("# ")]
    parts = [(_PARTS[line[0]], shortened(line[1:].strip(), MOST_WORDS)) for line in lines]
    return tuple((kind, f"[{text}]" if kind == "same" else text) for kind, text in sorted(parts))


def _links(seeing: Seeing, typed: Typed, changed: Package | None) -> list[dict[str, str]]:
    """The rows of the package form: as typed, as on record, or empty."""
    form = typed.fields if typed.form == "package" else {}
    rows = []
    for number in range(LINKS):
        link = changed.links[number] if changed and number < len(changed.links) else None
        kept = "kept" if link is None or link.kept else "falls"
        stays = "stays" if link is not None and link.stays else "falls"
        rows.append(
            {
                "when": form.get(f"when-{number}", seeing.subject(link.when) if link else ""),
                "kept": form.get(f"kept-{number}", kept),
                "then": form.get(f"then-{number}", seeing.subject(link.then) if link else ""),
                "stays": form.get(f"stays-{number}", stays),
            }
        )
    used = max((number + 1 for number, row in enumerate(rows) if row["when"] or row["then"]), default=0)
    return rows[: max(used + 1, SPARE)]


def _also(seeing: Seeing, changed: Package | None) -> str:
    """The parts of a package that no link names, as its form lists them."""
    linked = {end for link in changed.links for end in (link.when, link.then)} if changed else set()
    return ", ".join(seeing.subject(one) for one in changed.subjects if one not in linked) if changed else ""


def _subjects(seeing: Seeing) -> list[tuple[str, str]]:
    """What a package can be made of, as a list of suggestions: open amendments, then paragraphs."""
    amendments = [(f"#{one.number}", ", ".join(seeing.parties((one.delegation,)))) for one in seeing.choices()]
    paragraphs = [(text, "") for text in seeing.cited.values()]
    return [*amendments[:ROWS], *paragraphs[:ROWS]]
