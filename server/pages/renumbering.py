"""Renumbering at the next freeze: what it will do, shown before; the secretariat marks it, and what was done before."""

import asyncio
from http import HTTPStatus

from starlette.responses import Response

from opinions.closing_commands import MarkRenumbering
from opinions.commands import MAX_REASON, to_json
from opinions.numbering import citations
from opinions.record import Document
from opinions.references import Problem
from opinions.renumbering import plan, renumbered_document
from opinions.renumbering_act import renumberings
from opinions.roles import Act
from server.assets import assets_of
from server.commanding import command, is_key
from server.export.csv_table import csv_of
from server.ids import new_id
from server.pages.rendering import done, render
from server.visit import Visit
from server.wording import moment

STYLES = "src/styles/drafting.css"
WHY = {
    Problem.MISSING: "There is no such paragraph in this text",
    Problem.AMBIGUOUS: "There is more than one such paragraph, now or afterwards",
    Problem.PROPOSED: "That paragraph is only proposed",
    Problem.WITHOUT_LABEL: "That paragraph will be the only one of its list, and so has no label",
    Problem.UNCLEAR: "It may speak of another text, or is read in more than one way",
    Problem.ANOTHER_TEXT: "It cites another text",
}
"""Why a citation is left as it is."""
HEADINGS = ("Renumbering", "When", "What", "Paragraph", "Cited now", "Was", "Became")


async def show(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/renumbering`: the concordance as it would be, the citations that follow, those that
    somebody should look at, and the renumberings on record.
    """
    return await _page(visit)


async def mark(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/renumbering`: the next freeze renumbers, or does not."""
    form = await visit.form()
    if not is_key(form.get("key")):
        return await _page(visit, {"": "The form was not whole. Load the page again."})
    note = form.get("note", "").strip()
    if len(note) > MAX_REASON:
        return await _page(visit, {"note": f"A reason is at most {MAX_REASON} characters."}, note)
    on = form.get("do") != "take-back"
    answer = await command(visit, "", form["key"], to_json(MarkRenumbering(on, note)))
    if answer.code:
        return await _page(visit, {"note" if answer.code == "invalid-command" else "": answer.message}, note)
    return done(f"/opinions/{visit.opinion.id}/renumbering", "renumbering-marked" if on else "renumbering-unmarked")


async def concordance_csv(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/renumbering.csv`: every renumbering on record, line by line: labels, citations that
    followed, and those that were left.
    """
    document = await visit.services.hub.document(visit.opinion.id)
    cited = citations(document)
    lines: list[tuple[str, ...]] = []
    for one in renumberings(document.record):
        at = moment(one.at, visit.process.zone)
        for label in one.labels:
            lines.append((one.id, at, "label", label.paragraph, cited.get(label.paragraph, ""), label.old, label.new))
        for cite in one.citations:
            lines.append((one.id, at, "citation", cite.paragraph, cited.get(cite.paragraph, ""), cite.old, cite.new))
        for left in one.left:
            lines.append((one.id, at, "left", left.paragraph, cited.get(left.paragraph, ""), left.words, left.words))
    headers = {"content-disposition": 'attachment; filename="concordance.csv"'}
    return Response(csv_of(lines, HEADINGS), media_type="text/csv; charset=utf-8", headers=headers)


async def _page(visit: Visit, errors: dict[str, str] | None = None, note: str = "") -> Response:
    document = await visit.services.hub.document(visit.opinion.id)
    wanted, after = await asyncio.to_thread(_looked_at, document)
    return render(
        visit,
        "renumbering.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        own_styles=assets_of(STYLES).styles,
        plan=wanted,
        cited=citations(document),
        becomes=citations(after),
        why=WHY,
        marked=document.record.opinion.renumbering,
        earlier=tuple(reversed(renumberings(document.record))),
        marks=visit.may(Act.TEXT_CORRECT),
        note=note,
        errors=errors or {},
        key=lambda: new_id("k"),
    )


def _looked_at(document: Document) -> tuple[object, Document]:
    return plan(document), renumbered_document(document)
