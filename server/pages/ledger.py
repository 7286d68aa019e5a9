"""The eligibility ledger and what writes on it: presenting draft Opinions, tabling, merging, splitting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.commands import CloseOpinion, to_json
from opinions.document_numbers import document_number
from opinions.model import DelegationCode
from opinions.notation import write_text
from opinions.record import Document
from opinions.roles import FOLLOWERS
from opinions.rolling import rolling
from opinions.views import named
from opinions.visibility import NamesShown
from server.attribution import names_in_file
from server.audit_store import Kind as Audited
from server.contributions import store
from server.export.csv_table import csv_of
from server.ids import new_id
from server.pages.contributions import Surroundings, surroundings
from server.pages.rendering import done, render
from server.people_store import appointed_in
from server.presenting import acts
from server.presenting.acts import Heading, Presented, PresentingRefused, UnknownDraft
from server.presenting.ledger import STAGES, STEP_NAMES, Draft, State, Step, all_drafts
from server.process_store import ProcessRefused
from server.visit import Visit
from server.wording import moment

FORM_BYTES = 4 * acts.MAX_WORDS + 64 * 1024
"""Bytes of a form with a text: its characters in their longest encoding, and the other fields."""
STAGE_NAMES: Mapping[Step, str] = {Step.OUTLINE: "Outline", Step.TEXT: "Possible text", Step.TITLE: "Title only"}
STATE_NAMES: Mapping[State, str] = {
    State.PRESENTED: "Presented",
    State.ON_THE_TABLE: "On the table",
    State.MERGED: "Merged",
}
HEADINGS = (
    "Draft", "Title", "Entered", "At milestone", "In document", "Presented by",
    "Presented in the preparatory period", "State", "Made of", "Merged into", "History",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """The ledger with what its pages say around it. `papers` are registered contributions by number."""

    around: Surroundings
    drafts: tuple[Draft, ...]
    papers: Mapping[str, str]

    @property
    def by_id(self) -> Mapping[str, Draft]:
        """The drafts by id."""
        return {one.id: one for one in self.drafts}


def _look(visit: Visit, connection: Connection, names: NamesShown | None = None) -> _Found:
    around = surroundings(visit, connection, names)
    papers = {one.number.normal: one.id for one in store.all_contributions(connection) if one.number is not None}
    return _Found(around, all_drafts(connection), papers)


async def ledger(visit: Visit) -> Response:
    """`GET /ledger`."""
    found = await visit.read(lambda connection: _look(visit, connection))
    return _page(visit, found, "ledger.html")


async def ledger_csv(visit: Visit) -> Response:
    """`GET /ledger.csv`."""
    names = names_in_file(visit)
    found = await visit.read(lambda connection: _look(visit, connection, names))
    zone, titles = visit.process.zone, {one.id: one.title for one in found.drafts}

    def told(draft: Draft) -> tuple[str, ...]:
        return (
            draft.id,
            draft.title,
            moment(draft.entered_at, zone),
            draft.milestone,
            draft.document,
            ", ".join(draft.delegations) if found.around.sight.names else "withheld",
            "yes" if draft.eligible else "no: late",
            STATE_NAMES[draft.state],
            "; ".join(titles.get(one, one) for one in draft.origins),
            titles.get(draft.into, draft.into),
            "; ".join(
                f"{moment(event.at, zone)}: {STEP_NAMES[event.step]}" + (f" ({event.note})" if event.note else "")
                for event in draft.events
            ),
        )

    content = csv_of(map(told, found.drafts), HEADINGS)
    visit.services.noting.tell(visit.event(Audited.EXPORT, "ledger", "The eligibility ledger as CSV"))
    headers = {"content-disposition": 'attachment; filename="eligibility-ledger.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def draft(visit: Visit) -> Response:
    """`GET /ledger/{draft}`: one draft, with its whole history."""
    found = await visit.read(lambda connection: _look(visit, connection))
    return _page(visit, found, "ledger_draft.html", draft=_of_path(visit, found))


async def present_form(visit: Visit) -> Response:
    """`GET /ledger/present?draft=`: a new draft Opinion, or the next stage of one."""
    found = await visit.read(lambda connection: _look(visit, connection))
    before = found.by_id.get(visit.request.query_params.get("draft", ""))
    given = {"draft": before.id, "title": before.title, "stage": "text"} if before else {"stage": "outline"}
    own = (found.around.sight.delegation,) if found.around.sight.delegation else ()
    return _present_page(visit, found, given, before.delegations if before and not own else own, {})


async def present(visit: Visit) -> Response:
    """`POST /ledger/present`."""
    fields, chosen = await visit.form(), await visit.choices("delegations")
    found = await visit.read(lambda connection: _look(visit, connection))
    sight = found.around.sight
    codes = tuple(DelegationCode(code) for code in chosen) if sight.manages else ()
    if not sight.manages and sight.delegation:
        codes = (sight.delegation,)
    document = document_number(fields.get("document", ""))
    rules = replace(visit.process.rules, opinions_due=visit.missed) if visit.missed else visit.process.rules
    try:
        stage = Step(fields.get("stage", ""))
    except ValueError:
        return _present_page(visit, found, fields, codes, {"stage": "Choose what is presented."})
    given = Presented(
        stage,
        fields.get("title", ""),
        fields.get("words", ""),
        codes,
        document.spelling,
        found.papers.get(document.normal, ""),
        fields.get("note", ""),
        fields.get("draft", ""),
    )
    try:
        made = await visit.write(lambda connection: acts.present(connection, rules, given, visit.member, visit.now))
    except (PresentingRefused, ProcessRefused) as error:
        return _present_page(visit, found, fields, codes, {error.field: str(error)})
    except UnknownDraft:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return done(f"/ledger/{made.id}", "presented" if made.eligible else "kept-late")


async def table_form(visit: Visit) -> Response:
    """`GET /ledger/{draft}/table`."""
    found = await visit.read(lambda connection: _look(visit, connection))
    one = _of_path(visit, found)
    return _act_page(visit, found, "table", [one], {"title": one.title, "text": one.words}, {})


async def put_on_table(visit: Visit) -> Response:
    """`POST /ledger/{draft}/table`: as a draft Opinion, under the same id. Refused for one that came late."""
    fields = await visit.form()
    found = await visit.read(lambda connection: _look(visit, connection))
    one = _of_path(visit, found)
    try:
        await visit.write(
            lambda connection: acts.put_on_table(
                connection, one.id, _heading(fields), member=visit.member, at=visit.now
            )
        )
    except (PresentingRefused, ProcessRefused) as error:
        return _act_page(visit, found, "table", [one], fields, {error.field: str(error)})
    return done(f"/ledger/{one.id}", "founded")


async def merge_form(visit: Visit) -> Response:
    """`GET /ledger/merge?draft=&draft=`: two drafts, and the text they become."""
    found = await visit.read(lambda connection: _look(visit, connection))
    chosen = [found.by_id[key] for key in visit.request.query_params.getlist("draft")[:2] if key in found.by_id]
    if len({one.id for one in chosen}) != 2:
        return _page(visit, found, "ledger_merge.html", drafts_to_merge=_mergeable(found))
    texts = [await _text(visit, one) for one in chosen]
    given = {"title": chosen[0].title, "text": "\n\n".join(text.strip() for text in texts if text.strip())}
    return _act_page(visit, found, "merge", chosen, given, {})


async def merge(visit: Visit) -> Response:
    """`POST /ledger/merge`: the two are closed for writing, which is a grave act, and stay readable."""
    fields, chosen = await visit.form(), (await visit.choices("draft"))[:2]
    found = await visit.read(lambda connection: _look(visit, connection))
    parts = [found.by_id[key] for key in chosen if key in found.by_id]
    if len(parts) != 2:
        return _page(visit, found, "ledger_merge.html", drafts_to_merge=_mergeable(found))
    if any(one.state is State.ON_THE_TABLE for one in parts):
        visit.require_proof()
    note, heading, texts = fields.get("note", ""), _heading(fields), await _documents(visit, parts)
    try:
        made = await visit.write(
            lambda connection: acts.merge(
                connection, chosen, heading, note=note, member=visit.member, at=visit.now, texts=texts
            )
        )
    except (PresentingRefused, ProcessRefused) as error:
        return _act_page(visit, found, "merge", parts, fields, {error.field: str(error)})
    for one in parts:
        if one.state is State.ON_THE_TABLE:
            await close(visit, one.id, f"Merged into “{made.title}”. {note}"[: acts.MAX_NOTE])
    return done(f"/ledger/{made.id}", "merged")


async def split_form(visit: Visit) -> Response:
    """`GET /ledger/{draft}/split`."""
    found = await visit.read(lambda connection: _look(visit, connection))
    one = _of_path(visit, found)
    return _act_page(visit, found, "split", [one], {"text": await _text(visit, one)}, {})


async def split(visit: Visit) -> Response:
    """`POST /ledger/{draft}/split`: a second draft of a part; the first goes on under its id."""
    fields = await visit.form()
    found = await visit.read(lambda connection: _look(visit, connection))
    one = _of_path(visit, found)
    note, heading, texts = fields.get("note", ""), _heading(fields), await _documents(visit, [one])
    try:
        made = await visit.write(
            lambda connection: acts.split(
                connection, one.id, heading, note=note, member=visit.member, at=visit.now, texts=texts
            )
        )
    except (PresentingRefused, ProcessRefused) as error:
        return _act_page(visit, found, "split", [one], fields, {error.field: str(error)})
    return done(f"/ledger/{made.id}", "split")


async def close_merged(visit: Visit) -> Response:
    """`POST /ledger/{draft}/close`: close a merged Opinion for writing, where that failed when it was merged."""
    found = await visit.read(lambda connection: _look(visit, connection))
    one = _of_path(visit, found)
    if one.state is not State.MERGED:
        raise HTTPException(HTTPStatus.CONFLICT)
    visit.require_proof()
    await close(visit, one.id, "Merged.")
    return done(f"/ledger/{one.id}", "saved")


async def close(visit: Visit, opinion: str, note: str) -> None:
    """Close an Opinion that was merged, for writing; one that is closed stays so. What is refused is left to the
    draft's page, which offers to close it.
    """
    actor = visit.actor_in(await visit.read(lambda connection: appointed_in(connection, opinion, visit.now)))
    command = to_json(CloseOpinion(note))
    await visit.services.hub.command(opinion, actor, visit.member.version, "", new_id("k"), command)


def _page(visit: Visit, found: _Found, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:
    hidden = not found.around.sight.proposals or not found.around.sight.names
    values.setdefault("drafts", found.drafts)
    return render(
        visit,
        template,
        status=status,
        around=found.around,
        by_id=found.by_id,
        papers_by_number=found.papers,
        document_number=document_number,
        step_names=STEP_NAMES,
        state_names=STATE_NAMES,
        due=visit.process.rules.opinions_due,
        hides_words=visit.member.role in FOLLOWERS and hidden,
        **values,
    )


def _present_page(
    visit: Visit, found: _Found, given: Mapping[str, str], chosen: Sequence[str], errors: Mapping[str, str]
) -> Response:
    empty = dict.fromkeys(("draft", "title", "stage", "words", "document", "note"), "")
    parties = [one for one in found.around.delegations if not visit.process.rules.gives_views_only(one.kind)]
    return _page(
        visit,
        found,
        "ledger_present.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        before=found.by_id.get(given.get("draft", "")),
        parties=parties,
        chosen=set(chosen),
        stage_options=[(stage.value, STAGE_NAMES[stage]) for stage in STAGES],
        values={**empty, **given},
        errors=errors,
    )


def _act_page(
    visit: Visit,
    found: _Found,
    act: str,
    parts: Sequence[Draft],
    given: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    empty = dict.fromkeys(("title", "number", "theme", "text", "note"), "")
    return _page(
        visit,
        found,
        "ledger_act.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        act=act,
        parts_of=parts,
        tabled=act == "table" or any(one.state is State.ON_THE_TABLE for one in parts),
        values={**empty, **given},
        errors=errors,
    )


def _of_path(visit: Visit, found: _Found) -> Draft:
    one = found.by_id.get(visit.request.path_params["draft"])
    if one is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return one


def _mergeable(found: _Found) -> tuple[Draft, ...]:
    return tuple(one for one in found.drafts if one.eligible and one.state is not State.MERGED)


def _heading(fields: Mapping[str, str]) -> Heading:
    text = fields.get("text", "").replace("\r\n", "\n")
    return Heading(fields.get("title", ""), fields.get("number", ""), fields.get("theme", ""), text)


async def _documents(visit: Visit, parts: Sequence[Draft]) -> tuple[Document, ...]:
    """The living texts of those drafts that are on the table."""
    return tuple([await visit.services.hub.document(one.id) for one in parts if one.state is State.ON_THE_TABLE])


async def _text(visit: Visit, one: Draft) -> str:
    """A draft's text as it is written: on the table with its square brackets, else as it was presented."""
    if one.state is not State.ON_THE_TABLE:
        return one.words
    document = await visit.services.hub.document(one.id)
    return write_text(rolling(document, named), document.record)
