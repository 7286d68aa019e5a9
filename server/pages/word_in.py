"""A Word file on its way into a draft Opinion: handed in, looked at side by side with the text, entered whole or not.

Nothing is entered before somebody has looked at just what would be: the text having changed meanwhile, one looks again.
What was chosen is kept on the server, so that nothing is lost by that, by a mistake or by going home.
"""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.model import DelegationCode
from opinions.overlay import SILENT
from opinions.reading_proposals import What
from opinions.roles import Act, Delegation, Role
from server import audit_store, files_store
from server.audit_store import AuditEvent
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.threads import store as threads
from server.visit import Visit
from server.word_in import bringing as store
from server.word_in.bringing import Bringing, BringingRefused, UnknownBringing
from server.word_in.choices import AS, BASE, MAX_FIELDS, NOBODY, OUT, Choices, from_form, from_json, to_json
from server.word_in.entering import counts, enter
from server.word_in.looking import Look, look, read_file, read_to_compare
from server.word_in.preview_rows import blocks, party_options, summary
from server.word_in.refusals import MAX_FILE, WordRefused

FILE_BYTES = MAX_FILE + 64 * 1024
"""Bytes of the form that hands a file in."""
CHOICE_BYTES = 1024 * 1024
"""Bytes of the form of a look: twelve thousand fields of 80 bytes."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = (
    ("contribution", "A contribution: what a delegation, or several, propose"),
    ("consolidated", "The consolidated next draft: each difference is judged by the secretariat"),
)


async def word_in(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/word-in`: what was brought in, and the form that brings in more."""
    return await _listed(visit, {}, {})


async def hand_in(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/word-in`: reads the file, keeps it, and leads on to the look."""
    async with visit.request.form(max_files=1, max_fields=20) as posted:
        fields = {name: value for name, value in posted.multi_items() if isinstance(value, str)}
        file = posted.get("file")
        name = file.filename if isinstance(file, UploadFile) and file.filename else ""
        content = await file.read(MAX_FILE + 1) if isinstance(file, UploadFile) else b""
    if not name or not content:
        return await _listed(visit, fields, {"file": "Choose the Word file (.docx) to bring in."})
    secretariat = visit.actor.role is Role.SECRETARIAT
    kind = "consolidated" if secretariat and fields.get("kind") == "consolidated" else "contribution"
    delegation = fields.get("delegation", "") if secretariat else str(visit.actor.delegation or "")
    known = {str(one.code) for one in await visit.read(all_delegations)}
    if delegation and delegation not in known:
        return await _listed(visit, fields, {"delegation": "Choose a delegation of the list."})
    opinion, member = visit.opinion.id, visit.member
    try:
        document = await read_to_compare(content)
    except WordRefused as error:
        refusal = str(error)
        await visit.write(lambda connection: _note_refusal(connection, visit, name, refusal))
        return await _listed(visit, fields, {"file": refusal})

    def begin(connection: Connection) -> str:
        kept = files_store.keep(connection, name, DOCX, content, visit.now, member.id)
        begun = store.start(
            connection,
            opinion,
            kept.id,
            fields.get("source", ""),
            by=member.id,
            by_name=member.name,
            at=visit.now,
            delegation=delegation,
            kind=kind,
        )
        store.keep_reading(connection, begun, document)
        return begun

    try:
        begun = await visit.write(begin)
    except BringingRefused as error:
        return await _listed(visit, fields, {error.field: str(error)})
    return done(f"/opinions/{opinion}/word-in/{begun}")


async def preview(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/word-in/{bringing}`: the look, or, once it is entered, what came of it."""
    found = await _found(visit)
    if found.state == "entered":
        return await _result(visit, found)
    return await _looked_at(visit, found, from_json(found.choices))


async def decide(visit: Visit) -> Response:
    """`POST` to the same: keeps what was chosen and looks again, enters, or discards."""
    found = await _found(visit)
    if found.state != "looked_at":
        return done(found.address)
    async with visit.request.form(max_files=0, max_fields=MAX_FIELDS) as posted:
        pairs = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
    fields = dict(pairs)
    if fields.get("step") == "discard":
        await visit.write(lambda connection: store.discard(connection, found.id))
        return done(f"/opinions/{found.opinion}/word-in", "word-in-discarded")
    try:
        incoming = await read_file(visit, found)
    except WordRefused as error:
        return await _unreadable(visit, found, str(error))
    choices = from_form(pairs, incoming.authors)
    try:
        await visit.write(lambda connection: store.keep_choices(connection, found.id, to_json(choices)))
    except BringingRefused as error:
        return await _looked_at(visit, found, choices, {"": str(error)})
    if fields.get("step") != "enter":
        return done(found.address)
    seen = await look(visit, found, choices)
    problems = _problems(seen, fields.get("seen", ""))
    if problems:
        return await _looked_at(visit, found, choices, problems, seen)
    refused = await enter(visit, seen)
    if refused is not None:
        return await _looked_at(visit, found, choices, {"": f"Nothing was entered. {refused.message}"})
    return done(found.address, "word-in-entered")


async def file(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/word-in/{bringing}/file`: the file as it was handed in."""
    found = await _found(visit)
    kept, content = await visit.read(lambda connection: files_store.load(connection, found.file))
    name = "".join(one if one.isascii() and (one.isalnum() or one in "-._ ") else "_" for one in kept.name)
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(content, media_type=DOCX, headers=headers)


def _problems(seen: Look, digest: str) -> dict[str, str]:
    """What stands in the way of entering, by the field that mends it."""
    problems: dict[str, str] = {}
    names = list(seen.incoming.authors)
    for author in seen.nameless:
        problems[f"author-{names.index(author)}"] = f"Say for which delegation {author} speaks, or leave it out."
    if seen.bringing.kind == "consolidated" and not seen.choices.rest and _undecided(seen):
        problems["rest"] = "Say what becomes of the changes that nobody marked."
    if not problems and seen.refusal:
        problems[""] = f"Nothing was entered. {seen.refusal}"
    if not problems and digest != seen.digest:
        problems[""] = (
            "The text, or what you chose, has changed since this page was made. Look at it once more, then enter it: "
            "nothing was entered yet, and nothing you chose is lost."
        )
    return problems


def _undecided(seen: Look) -> bool:
    return any(
        one.author == SILENT and one.what is not What.REMOVED and one.key not in seen.choices.differences
        for one in seen.understanding.differences
    )


async def _found(visit: Visit) -> Bringing:
    """The file of the path, if the visitor may know of it: who brought it in, the secretariat, and, once it is
    entered, everybody who reads the Opinion.
    """
    opinion, wanted = visit.opinion.id, visit.request.path_params["bringing"]
    try:
        found = await visit.read(lambda connection: store.find(connection, opinion, wanted))
    except UnknownBringing:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if not _may_see(visit, found):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _may_see(visit: Visit, found: Bringing) -> bool:
    if found.state == "discarded":
        return False
    mine = found.by_member == visit.member.id or visit.actor.role is Role.SECRETARIAT
    return found.state == "entered" or (mine and visit.may(Act.PROPOSALS_ENTER))


async def _listed(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    opinion = visit.opinion.id

    def known(connection: Connection) -> tuple[tuple[Bringing, ...], tuple[Delegation, ...], int]:
        return (
            store.register(connection, opinion),
            all_delegations(connection),
            threads.in_files(connection, opinion),
        )

    listed, delegations, count = await visit.read(known)
    rules = visit.process.rules
    return render(
        visit,
        "word_in_list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values={"source": "", "kind": "contribution", "delegation": "", **values},
        errors=errors,
        brought=[one for one in listed if _may_see(visit, one)],
        threads=count,
        delegations=[
            (str(one.code), f"{one.code}, {one.name}") for one in delegations if not rules.gives_views_only(one.kind)
        ],
        word_kinds=KINDS,
        secretariat=visit.actor.role is Role.SECRETARIAT,
    )


async def _looked_at(
    visit: Visit,
    found: Bringing,
    choices: Choices,
    errors: Mapping[str, str] | None = None,
    seen: Look | None = None,
) -> Response:
    try:
        seen = seen or await look(visit, found, choices)
    except WordRefused as error:
        return await _unreadable(visit, found, str(error))
    authors = [
        {
            "number": number,
            "name": author,
            "code": choices.authors.get(author, "") or str(seen.parties.get(author, "")),
            "counts": next((one for one in counts(seen) if one["author"] == author), None),
        }
        for number, author in enumerate(seen.incoming.authors)
    ]
    own = seen.judging.own
    shown = blocks(seen)
    return render(
        visit,
        "word_in_preview.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        found=found,
        seen=seen,
        errors=errors or {},
        authors=authors,
        parties=[*party_options(seen), (NOBODY, "Nobody: leave it out")],
        own=own,
        blocks=shown,
        places=max((row.change for block in shown for row in block.rows), default=0),
        summary=summary(seen),
        remarks=[*seen.understanding.remarks, *seen.suspicions],
        rest_options=_rest_options(seen, own),
        digest=seen.digest,
    )


def _rest_options(seen: Look, own: DelegationCode | None) -> list[tuple[str, str]]:
    if own is not None:
        return [(f"{AS}{own}", f"Amendments of {own}"), (OUT, "Left out")]
    codes = dict.fromkeys((*seen.parties.values(), *seen.choices.also, seen.bringing.delegation, "SEC"))
    return [
        ("", "Choose"),
        (BASE, "Base text"),
        *((f"{AS}{code}", f"Amendments of {code}") for code in codes if code),
        (OUT, "Left out"),
    ]


async def _unreadable(visit: Visit, found: Bringing, message: str) -> Response:
    return render(
        visit, "word_in_unreadable.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, found=found, message=message
    )


async def _result(visit: Visit, found: Bringing) -> Response:
    return render(visit, "word_in_result.html", found=found, report=found.report)


def _note_refusal(connection: Connection, visit: Visit, name: str, message: str) -> None:
    event = AuditEvent(
        audit_store.Kind.REFUSED, visit.now, visit.member.id, visit.member.name, visit.opinion.id, f"{name}: {message}"
    )
    audit_store.note(connection, event)
