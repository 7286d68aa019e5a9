"""`/api/v1/rounds`: consultation rounds and their comments, and entering what a delegation sent, for programs."""

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from opinions.consultation import Source, State
from opinions.errors import ConsultationRefused
from opinions.roles import Act, Actor, Role
from server.api.operations import MAX_LISTED, Call, CallRefused
from server.attribution import names_for_program
from server.consultation import comments as store
from server.consultation.rounds import UnknownRound, all_rounds, load_round
from server.people_store import find_delegation

if TYPE_CHECKING:
    from pydantic import BaseModel

    from server.api import shapes


async def rounds(call: Call) -> "BaseModel":
    """`GET`: every round with its texts."""
    from server.api.shapes import Round, RoundList, RoundText

    found = await call.visit.read(all_rounds)
    return RoundList(
        rounds=[
            Round(
                id=one.id,
                name=one.name,
                opens_at=one.dates.opens_at,
                closes_at=one.dates.closes_at,
                public=one.is_public,
                published=one.published_at is not None,
                texts=[RoundText(opinion=text.opinion, version=text.version) for text in one.texts],
            )
            for one in found
        ]
    )


async def comments(call: Call) -> "BaseModel":
    """`GET`: the comments of a round that are shown, by number; nothing that waits or was set aside."""
    from server.api.shapes import CommentList

    round_id = call.visit.request.path_params["round"]

    def look(connection: Connection) -> tuple[store.Comment, ...]:
        load_round(connection, round_id)
        return store.comments_of_round(connection, round_id, {State.SHOWN})

    try:
        found = await call.visit.read(look)
    except UnknownRound as error:
        raise CallRefused("round", str(error), HTTPStatus.NOT_FOUND) from None
    shown = found[call.offset : call.offset + MAX_LISTED]
    return CommentList(comments=[_told(call, one) for one in shown], total=len(found))


async def enter_comment(call: Call) -> "BaseModel":
    """`POST`: a delegation's comment; the program is named as who typed it. It changes nothing of any text."""
    wanted = cast("shapes.NewComment", call.body)
    round_id = call.visit.request.path_params["round"]
    written = store.Written(wanted.opinion, wanted.paragraph, wanted.language, wanted.text, wanted.proposed)
    actor = Actor(call.program.id, call.program.name, Role.CONTRIBUTOR)

    def enter(connection: Connection) -> store.Comment:
        if find_delegation(connection, wanted.delegation) is None:
            raise CallRefused("delegation", f"There is no delegation {wanted.delegation}.")
        late = call.missed(connection, Act.COMMENT_MAKE) is not None
        made = store.make(connection, round_id, written, actor, wanted.delegation, call.visit.now, late=late)
        call.note(connection, made.id, f"comment {made.cited} entered for {wanted.delegation}")
        return made

    try:
        return _told(call, await call.visit.write(enter))
    except UnknownRound as error:
        raise CallRefused("round", str(error), HTTPStatus.NOT_FOUND) from None
    except ConsultationRefused as error:
        raise CallRefused("comment", str(error)) from None


def _told(call: Call, one: store.Comment) -> "shapes.Comment":
    from server.api.shapes import Comment

    public = one.source is Source.PUBLIC
    return Comment(
        id=one.id,
        number=one.cited,
        opinion=one.opinion,
        paragraph=one.paragraph,
        source=one.source.value,
        delegation=one.party if names_for_program(call.visit).delegations else "",
        name=one.name if one.name_published and public else "",
        organization=one.organization,
        language=one.language,
        text=one.body,
        proposed=one.proposed,
        late=one.late,
        disposition=one.answer.disposition.value,
        made_at=one.made_at,
    )
