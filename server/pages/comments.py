"""Comments, signed in: a text with what was said of each paragraph, one's own comments, and what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.consultation import Phase, Source, State, may_change
from opinions.errors import ConsultationRefused
from opinions.landing import Landing, Way
from opinions.model import ParagraphId
from opinions.record import CHAIR, SECRETARIAT, Document
from opinions.roles import FOLLOWERS, Act, Role
from opinions.views import View, ViewParagraph, named, withheld
from opinions.visibility import Attribution
from server.attribution import names_in_room
from server.consultation import comments as store
from server.consultation import judging, rounds
from server.consultation.attachments import ACCEPTED, Upload, attach, read_uploads
from server.consultation.comments import Comment, Happened, Written
from server.consultation.rounds import Round, RoundText
from server.consultation.sheet import Reading
from server.consultation.texts import Draft, carried, cited, load_draft
from server.contributions.anchors import all_splits
from server.export.sheet import view_of
from server.html_view import Regions, paragraph_html, regions_of
from server.live_feed import Presentation
from server.pages.consultation import looked_up, reading_of, wordings
from server.pages.live import closed_to_observers, presentation_for
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.presenting.lineage import lineage
from server.visit import Visit

FORM_BYTES = 11 * 1024 * 1024
"""Bytes of a comment's form with its files (`opinions.consultation.MAX_FILES`)."""
AT_ONE_PLACE = 60
"""Comments that a page shows at one paragraph: ten pages of reading."""
ON_PAGE = (State.WAITING, State.SHOWN, State.SET_ASIDE, State.WITHDRAWN, State.ERASED)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment at a paragraph. `cited` is what the paragraph was called in its version, where that is worth saying."""

    comment: Comment
    round: Round
    cited: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A paragraph with its comments; `id` is empty for the whole text."""

    id: str
    html: Markup
    cited: str
    said: tuple[Said, ...]
    more: int = 0
    """Comments beyond those that a page shows at one paragraph; the files hold them all."""


def presentation_of(visit: Visit, version: Attribution | None = None) -> Presentation:
    """How a version is shown to this reader, by its own setting of names; nobody signed in: as to observers."""
    process = visit.process
    full = visit.visitor is not None and visit.actor.role not in FOLLOWERS
    view = View.ROLLING if full or process.observers_see_submitted else View.CLEAN
    return Presentation(view, names_in_room(visit, version).delegations)


def places(rows: Iterable[ViewParagraph], regions: Regions, names: Mapping[ParagraphId, str], said: Sequence[Said],
           at: Mapping[str, str]) -> list[Place]:  # fmt: skip
    """The paragraphs of a view, each with what is said of it. `at`: the paragraph at which each comment stands."""
    by_place: dict[str, list[Said]] = {}
    for one in said:
        by_place.setdefault(at[one.comment.id], []).append(one)

    def place(paragraph: str, html: Markup, called: str) -> Place:
        here = by_place.get(paragraph, [])
        return Place(paragraph, html, called, tuple(here[:AT_ONE_PLACE]), max(0, len(here) - AT_ONE_PLACE))

    whole = place("", Markup(""), "The whole text")
    return [whole, *(place(str(row.id), paragraph_html(row, regions), names.get(row.id, row.label)) for row in rows)]


# --- a text of a round with its comments


async def text_with_comments(visit: Visit) -> Response:
    """`GET /consultation/{round}/opinions/{opinion}`: the version under consultation, comments at their paragraphs."""

    def look(connection: Connection) -> tuple[Round, RoundText, Draft, tuple[Comment, ...], Reading, Regions]:
        found, text = round_text(visit, connection)
        draft = load_draft(connection, text.opinion, text.version)
        comments = store.comments_of_round(connection, found.id, ON_PAGE, opinion=text.opinion)
        regions = regions_of(all_delegations(connection))
        return found, text, draft, comments, reading_of(visit, connection), regions

    found, text, draft, comments, reading, regions = await looked_up(visit, look)
    seen = [one for one in comments if reading.may_see(one)]
    shown = presentation_of(visit, draft.attribution)
    rows = view_of(draft.document, shown.view, named if shown.names else withheld)
    on_page = {str(row.id) for row in rows}
    at = {one.id: one.paragraph if one.paragraph in on_page else "" for one in seen}
    said = [Said(one, found, draft.citation(one.paragraph) if at[one.id] != one.paragraph else "") for one in seen]
    return render(
        visit,
        "round_text.html",
        round=found,
        text=text,
        places=places(rows, regions, draft.cited, said, at),
        reading=reading,
        count=len(seen),
        may_comment=visit.may(Act.COMMENT_MAKE) and found.phase(visit.now) is not Phase.AHEAD,
        phase=found.phase(visit.now).value,
        **wordings(),
    )


def round_text(visit: Visit, connection: Connection) -> tuple[Round, RoundText]:
    """The round and the text of the path. Raises `UnknownRound`."""
    found = rounds.load_round(connection, visit.request.path_params["round"])
    text = found.text(visit.opinion.id)
    if text is None:
        raise rounds.UnknownRound("This draft is not in the round.")
    return found, text


# --- the living text with comments of every round


async def living_comments(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/comments`: the text as it stands in the room, with what was said of its versions."""
    presentation = presentation_for(visit)
    async with visit.services.hub.watching(visit.opinion.id) as room:
        document = room.document
    if visit.actor.role in FOLLOWERS and not document.record.opinion.observers_admitted:
        return await closed_to_observers(visit.request)

    def look(connection: Connection) -> tuple[list[Said], Mapping[str, Landing], Reading, Regions]:
        reading = reading_of(visit, connection)
        said, landed = _carried(connection, visit.opinion.id, document)
        return said, landed, reading, regions_of(all_delegations(connection))

    said, landed, reading, regions = await looked_up(visit, look)
    rows = view_of(document, presentation.view, named if presentation.names else withheld)
    on_page = {str(row.id) for row in rows}
    at = {key: str(one.paragraph or "") for key, one in landed.items()}
    gone = [one for one in said if one.comment.paragraph and at[one.comment.id] not in on_page - {""}]
    here = [one for one in said if one not in gone]
    return render(
        visit,
        "living_comments.html",
        places=places(rows, regions, cited(document), here, at),
        gone=gone,
        reading=reading,
        count=len(said),
        **wordings(),
    )


def _carried(connection: Connection, opinion: str, living: Document) -> tuple[list[Said], Mapping[str, Landing]]:
    """Every comment with where it stands in the living text, by its id; also those on what the Opinion was merged of,
    and of what it was split off from those about the part that came along.
    """
    whole = {opinion: True, **{one.opinion: one.whole for one in lineage(connection, opinion)}}
    comments = store.comments_on_opinions(connection, whole)
    cuts = all_splits(connection, opinion)
    names = cited(living)
    landed: dict[str, Landing] = {}
    said = []
    for round_id, of in dict.fromkeys((one.round, one.opinion) for one in comments):
        found = rounds.load_round(connection, round_id)
        text = found.text(of)
        assert text is not None
        draft = load_draft(connection, of, text.version)
        ours = [one for one in comments if (one.round, one.opinion) == (round_id, of)]
        for one, landing in zip(ours, carried(draft, ours, living, cuts).values(), strict=True):
            if landing.paragraph is None and not whole[of]:
                continue
            landed[one.id] = landing
            was = draft.citation(one.paragraph)
            told = was if landing.paragraph is not None and names.get(landing.paragraph) != was else ""
            if of != opinion:
                told = was = f"{was} of {text.name}"
            remark = {Way.BY_WORDS: "found by its words", Way.GONE: "gone"}.get(landing.way, "")
            said.append(Said(one, found, was if landing.way is Way.GONE else told, remark))
    return said, landed


# --- one's own comment


async def new_comment(visit: Visit) -> Response:
    """`GET /consultation/{round}/opinions/{opinion}/comment?paragraph=`."""
    paragraph = visit.request.query_params.get("paragraph", "")
    return await _comment_form(visit, {"paragraph": paragraph}, {})


async def make_comment(visit: Visit) -> Response:
    """`POST /consultation/{round}/opinions/{opinion}/comment`."""
    async with visit.request.form(max_files=4, max_fields=20, max_part_size=256 * 1024) as posted:
        fields = _fields(posted)
        try:
            uploads = await read_uploads(posted)
            round_id = await _make(visit, fields, uploads)
        except ConsultationRefused as error:
            return await _comment_form(visit, fields, {error.field: error.message})
    back = f"/consultation/{round_id}/opinions/{visit.opinion.id}"
    return done(back, "comment-made")


async def _make(visit: Visit, fields: Mapping[str, str], uploads: Sequence[Upload]) -> str:
    actor, party = visit.actor, party_of(visit)
    written = Written(
        visit.opinion.id,
        fields.get("paragraph", ""),
        fields.get("language", ""),
        fields.get("body", ""),
        fields.get("proposed", ""),
    )

    def make(connection: Connection) -> str:
        found, text = round_text(visit, connection)
        require_paragraph(load_draft(connection, text.opinion, text.version), written.paragraph)
        made = store.make(connection, found.id, written, actor, party, visit.now, late=visit.missed is not None)
        if not made.files:
            attach(connection, made.id, uploads, visit.now, actor.member)
        return found.id

    # Asked before the write, so that a round that is not there is a page of ours.
    await looked_up(visit, lambda connection: round_text(visit, connection))
    return await visit.write(make)


def require_paragraph(draft: Draft, paragraph: str) -> None:
    """Raises `ConsultationRefused` for a paragraph that the version does not have."""
    if paragraph and draft.document.text.find(paragraph) is None:
        raise ConsultationRefused("paragraph", "This paragraph is not in the draft. Choose it on the draft's page.")


def party_of(visit: Visit) -> str:
    """For whom the visitor comments: a delegation's code, the chair, the secretariat."""
    role = visit.actor.role
    if role in {Role.CHAIR, Role.ACTING_CHAIR}:
        return CHAIR
    return SECRETARIAT if role is Role.SECRETARIAT else visit.member.delegation or ""


def _fields(posted: FormData) -> dict[str, str]:
    return {name: value for name, value in posted.multi_items() if isinstance(value, str)}


async def _comment_form(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def look(connection: Connection) -> tuple[Round, RoundText, Draft]:
        found, text = round_text(visit, connection)
        return found, text, load_draft(connection, text.opinion, text.version)

    found, text, draft = await looked_up(visit, look)
    given = {"paragraph": "", "language": "English", "body": "", "proposed": "", **values}
    if not errors:
        try:
            require_paragraph(draft, given["paragraph"])
        except ConsultationRefused:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return render(
        visit,
        "comment_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        round=found,
        text=text,
        phase=found.phase(visit.now).value,
        cited=draft.citation(given["paragraph"]),
        quoted=_quoted(visit, draft, given["paragraph"]),
        values=given,
        errors=errors,
        accepted=ACCEPTED,
        address=f"/consultation/{found.id}/opinions/{text.opinion}/comment",
        back=f"/consultation/{found.id}/opinions/{text.opinion}",
        comment=None,
    )


def _quoted(visit: Visit, draft: Draft, paragraph: str) -> Markup:
    """A paragraph as the reader's view of its version has it."""
    shown = presentation_of(visit, draft.attribution)
    rows = view_of(draft.document, shown.view, named if shown.names else withheld)
    return Markup("").join(paragraph_html(row) for row in rows if row.id == paragraph)


async def comment_page(visit: Visit) -> Response:
    """`GET /comments/{comment}`: one comment with its files, its history and what one may do with it."""

    def look(connection: Connection) -> tuple[Comment, Round, Draft, tuple[Happened, ...], Reading]:
        comment = readable(visit, connection)
        found = rounds.load_round(connection, comment.round)
        text = found.text(comment.opinion)
        assert text is not None
        draft = load_draft(connection, comment.opinion, text.version)
        return comment, found, draft, store.history_of(connection, comment.id), reading_of(visit, connection)

    comment, found, draft, history, reading = await looked_up(visit, look)
    own = comment.member == visit.member.id
    return render(
        visit,
        "comment.html",
        comment=comment,
        round=found,
        text=found.text(comment.opinion),
        cited=draft.citation(comment.paragraph),
        quoted=_quoted(visit, draft, comment.paragraph),
        history=history if own or reading.everything else (),
        reading=reading,
        changeable=own and may_change(comment.state, found.phase(visit.now)),
        erasable=reading.everything and comment.source is Source.PUBLIC and comment.state is not State.ERASED,
        **wordings(),
    )


def readable(visit: Visit, connection: Connection) -> Comment:
    """The comment of the path, where this reader may see it. Raises `UnknownComment`."""
    comment = store.load_comment(connection, visit.request.path_params["comment"])
    if comment.member != visit.member.id and not reading_of(visit, connection).may_see(comment):
        raise store.UnknownComment("There is no such comment here.")
    return comment


async def edit_form(visit: Visit) -> Response:
    """`GET /comments/{comment}/edit`."""
    comment = await looked_up(visit, lambda connection: _own(visit, connection))
    values = {"language": comment.language, "body": comment.body, "proposed": comment.proposed}
    return await _edit_form(visit, comment, values, {})


async def edit_comment(visit: Visit) -> Response:
    """`POST /comments/{comment}/edit`: other words for one's own comment, until the round closes."""
    comment = await looked_up(visit, lambda connection: _own(visit, connection))
    form = await visit.form()
    written = Written(comment.opinion, comment.paragraph, *(form.get(one, "") for one in _EDITABLE))
    try:
        await visit.write(lambda connection: store.edit(connection, comment.id, written, visit.actor, visit.now))
    except ConsultationRefused as error:
        return await _edit_form(visit, comment, form, {error.field: error.message})
    return done(f"/comments/{comment.id}", "saved")


_EDITABLE = ("language", "body", "proposed")


def _own(visit: Visit, connection: Connection) -> Comment:
    comment = store.load_comment(connection, visit.request.path_params["comment"])
    if comment.source is not Source.MEMBER or comment.member != visit.member.id:
        raise store.UnknownComment("There is no such comment of yours.")
    return comment


async def _edit_form(visit: Visit, comment: Comment, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    def look(connection: Connection) -> tuple[Round, Draft]:
        found = rounds.load_round(connection, comment.round)
        text = found.text(comment.opinion)
        assert text is not None
        return found, load_draft(connection, comment.opinion, text.version)

    found, draft = await looked_up(visit, look)
    if not may_change(comment.state, found.phase(visit.now)) and not errors:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return render(
        visit,
        "comment_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        round=found,
        text=found.text(comment.opinion),
        phase=found.phase(visit.now).value,
        cited=draft.citation(comment.paragraph),
        quoted=_quoted(visit, draft, comment.paragraph),
        values={"paragraph": comment.paragraph, "language": "", "body": "", "proposed": "", **values},
        errors=errors,
        accepted="",
        address=f"/comments/{comment.id}/edit",
        back=f"/comments/{comment.id}",
        comment=comment,
    )


async def withdraw_comment(visit: Visit) -> Response:
    """`POST /comments/{comment}/withdrawal`: take one's own comment back, until the round closes."""
    comment = await looked_up(visit, lambda connection: _own(visit, connection))
    await visit.write(lambda connection: store.withdraw(connection, comment.id, visit.actor, visit.now))
    return done(f"/comments/{comment.id}", "comment-withdrawn")


async def erase_comment(visit: Visit) -> Response:
    """`POST /comments/{comment}/erasure`: take out who made it, at the author's request; `words=yes`: its words too."""
    words = (await visit.form()).get("words") == "yes"
    comment = await looked_up(visit, lambda connection: readable(visit, connection))
    if comment.source is not Source.PUBLIC:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await visit.write(lambda connection: judging.erase(connection, comment.id, words, visit.now, visit.actor))
    return done(f"/comments/{comment.id}", "comment-erased")
