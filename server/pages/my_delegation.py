"""My delegation: who speaks for it, what was typed for it, what its groups said, and the positions it has taken.

Everybody of the delegation reads it; what is said in its name is the voice's (opinions/SPEC.md, P7, A8, A11).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.errors import InvalidCommand
from opinions.model import DelegationCode
from opinions.on_table import Call
from opinions.record import Document, Stance
from opinions.roles import Act, Role, may
from opinions.spoken import CallAnswer
from opinions.spoken_for import Subject, Taken, Typed, answers_typed_for, positions_of, to_join, typed_for
from opinions.stances import said
from server.audit_store import Kind, note
from server.commanding import command
from server.doors import CHANGED
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.people_store import appointed_in, find_delegation
from server.phone.calls import ANSWERS
from server.post.news_words import called, does
from server.roster.groups import Group, all_groups
from server.roster.voices import VoiceRefused, Voices, name_voice, voices_in
from server.visit import Visit
from server.wording import ATTITUDES, counted, moment

MAX_AT_ONCE = 100
"""Confirmations that one press of *Confirm all* enters: a long contribution's amendments; press again for more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One subject as a row tells it: what it is, where, what it does; the address where it is looked at."""

    about: str
    does: str
    address: str
    amendment: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class TypedRow:
    """Something that was typed for the delegation: what, by whom, and the key of its form."""

    line: Line
    told: tuple[str, ...]
    typist: str
    key: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group's position that the delegation can join, or leave (`joined`)."""

    line: Line
    group: str
    told: str
    joined: bool
    key: str


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position of the delegation. `outdated` names the revision at which it was taken, where another one stands."""

    line: Line
    told: str
    note: str
    outdated: int
    who: str
    former: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What concerns the delegation in one Opinion; `speaks`: the visitor is its voice there."""

    opinion: OpinionRow
    speaks: bool
    voice: str
    typed: tuple[TypedRow, ...]
    answers: tuple[str, ...]
    groups: tuple[GroupRow, ...]
    positions: tuple[PositionRow, ...]

    @property
    def all_typed(self) -> str:
        """The key of the form that confirms all that was typed."""
        return _all_of(self.typed)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.typed or self.answers or self.groups or self.positions)


async def my_delegation(visit: Visit) -> Response:
    """`GET /my-delegation`."""
    return await _page(visit)


async def change_voice(visit: Visit) -> Response:
    """`POST /delegations/{code}/voice`: by its focal point, or the secretariat. Sockets of those whose voice changed
    are closed, and open again with what they may do now.
    """
    code = DelegationCode(visit.request.path_params["code"])
    focal = visit.actor.role is Role.FOCAL_POINT
    if focal and visit.actor.delegation != code:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    if await visit.read(lambda connection: find_delegation(connection, code)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    member = (await visit.form()).get("member", "")

    def name(connection: Connection) -> frozenset[str]:
        changed = name_voice(connection, code, member or None, visit.member.id, visit.now)
        holders = ", ".join(one.name for one in voices_in(connection, code).holders()) or "nobody"
        note(connection, visit.event(Kind.ROLE_CHANGED, code, f"Speaks for {code}: {holders}"))
        return changed

    try:
        changed = await visit.write(name)
    except VoiceRefused as error:
        if focal:
            return await _page(visit, {"member": str(error)})
        raise InvalidCommand(str(error)) from None
    for one in changed:
        visit.services.doors.shut(one, CHANGED)
    return done("/my-delegation" if focal else f"/delegations/{code}", "voice")


async def confirm(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/typed`: the delegation confirms what was typed for it on one subject; or (`all`) on all
    that its page showed, and nothing that came since.
    """
    form = await visit.form()
    if form.get("all") == "yes":
        return await _confirm_all(visit, form.get("key", ""))
    fields = {"amendment": form.get("amendment", "")[:64], "paragraph": form.get("paragraph", "")[:64]}
    return await _said(visit, form.get("key", ""), {"act": "confirm_typed", **fields}, "confirmed")


async def _confirm_all(visit: Visit, shown: str) -> Response:
    document = await visit.services.hub.document(visit.opinion.id)
    code = visit.actor.delegation or ""
    rows = [_typed(visit.opinion, document, one) for one in typed_for(document, code)]
    if shown != _all_of(rows):
        return await _page(visit, {"": "Something else was typed for you meanwhile. Look again."}, HTTPStatus.CONFLICT)
    for row in rows[:MAX_AT_ONCE]:
        fields = {"act": "confirm_typed", "amendment": row.line.amendment, "paragraph": row.line.paragraph}
        answer = await command(visit, code, row.key, fields)
        if answer.code:
            return await _page(visit, {"": f"{row.line.about.replace('*', '')}: {answer.message}"}, HTTPStatus.CONFLICT)
    return done("/my-delegation", "confirmed")


async def join(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/group-positions`: the delegation is shown with its group's position, or no longer."""
    form = await visit.form()
    fields = {name: form.get(name, "")[:64] for name in ("group", "amendment", "paragraph")}
    on = form.get("on") == "yes"
    return await _said(visit, form.get("key", ""), {"act": "join_position", "on": on, **fields}, "position")


async def _said(visit: Visit, key: str, fields: dict[str, object], notice: str) -> Response:
    if not 0 < len(key) <= 64 or not key.isprintable():
        return await _page(visit, {"": "The form was not whole. Load the page again."})
    answer = await command(visit, visit.actor.delegation or "", key, fields)
    if answer.code:
        return await _page(visit, {"": answer.message}, HTTPStatus.CONFLICT)
    return done("/my-delegation", notice)


async def _page(
    visit: Visit, errors: dict[str, str] | None = None, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    code = visit.member.delegation
    if code is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)

    def look(connection: Connection) -> tuple[Voices, tuple[Group, ...], list[tuple[OpinionRow, bool, str]]]:
        opinions = []
        voices = voices_in(connection, code)
        for row in list_opinions(connection):
            actor = visit.actor_in(appointed := appointed_in(connection, row.id, visit.now))
            if may(actor, Act.OPINION_READ):
                speaks = actor.delegation == code and may(actor, Act.POSITION_TAKE)
                voice = " or ".join(one.name for one in voices.holders(appointed))
                opinions.append((row, speaks and not row.closed, voice))
        return voices, all_groups(connection), opinions

    voices, groups, opinions = await visit.read(look)
    chapters = []
    for row, speaks, voice in opinions:
        document = await visit.services.hub.document(row.id)
        chapters.append(_chapter(visit, row, document, code, groups, speaks, voice))
    delegation = await visit.read(lambda connection: find_delegation(connection, code))
    return render(
        visit,
        "my_delegation.html",
        status=status if errors else HTTPStatus.OK,
        delegation=delegation,
        voices=voices,
        holders=voices.holders(),
        names_voice=visit.may(Act.VOICE_NAME),
        choices=voice_choices(voices),
        groups=[one for one in groups if code in one.members],
        chapters=[one for one in chapters if not one.empty],
        waiting=sum(len(one.typed) for one in chapters),
        errors=errors or {},
    )


def voice_choices(voices: Voices) -> list[tuple[str, str]]:
    """Who can be named the voice of a delegation, for a list to choose from."""
    speakers = [one for one in voices.people if one.role in (Role.EXPERT, Role.FOCAL_POINT)]
    return [("", "Nobody in particular: the focal point"), *((one.id, one.name) for one in speakers)]


def _chapter(
    visit: Visit,
    row: OpinionRow,
    document: Document,
    code: DelegationCode,
    groups: Sequence[Group],
    speaks: bool,
    voice: str,
) -> Chapter:
    members = {one.code: frozenset(one.members) for one in groups}
    positions = positions_of(document, code)
    joined = [(one.subject, one.stance, True) for one in positions if one.stance.delegation != code]
    asked = [(subject, stance, False) for subject, stance in to_join(document, code, members)]
    return Chapter(
        row,
        speaks,
        voice,
        tuple(_typed(row, document, one) for one in typed_for(document, code)),
        tuple(_answered(call, one) for call, one in answers_typed_for(document, code)),
        tuple(_grouped(row, document, code, *one) for one in (*asked, *joined)),
        tuple(_position(visit, row, document, one) for one in positions),
    )


def _line(row: OpinionRow, document: Document, subject: Subject) -> Line:
    one = subject.amendment
    where = subject.cited or "a paragraph that is gone"
    address = f"/opinions/{row.id}/read"
    if document.text.find(subject.paragraph) is not None:
        address += f"/{subject.paragraph}"
    if one is None:
        return Line(where, "", address, "", subject.paragraph)
    what = does(one, document.text.find(subject.paragraph)) if one.open else ""
    return Line(f"{called(one)} on {where}", what, address, one.id, "")


def _typed(row: OpinionRow, document: Document, one: Typed) -> TypedRow:
    whole = (f"The amendment at revision {one.subject.revision}",) if one.whole else ()
    told = (*whole, *(_told(each) for each in one.stances))
    line = _line(row, document, one.subject)
    times = [each.at.isoformat() for each in one.stances if each.at is not None]
    changed = one.subject.amendment.changed_at.isoformat() if one.subject.amendment is not None else ""
    return TypedRow(line, told, one.typist, _key("typed", line, changed, *times))


def _answered(call: Call, one: CallAnswer) -> str:
    reason = f", “{one.note}”" if one.note else ""
    put = counted(len(call.items), "amendment")
    return f"Call for objections to {put}: {ANSWERS[one.answer].lower()}{reason}, typed by {one.typist}"


def _grouped(
    row: OpinionRow, document: Document, code: DelegationCode, subject: Subject, stance: Stance, joined: bool
) -> GroupRow:
    line = _line(row, document, subject)
    told = f"{_told(stance)}, said by {stance.by}" if stance.by else _told(stance)
    # Each joining and leaving adds to one of the two: the same form is never taken for one of before.
    changes = f"{len(stance.members)} {len(subject.earlier)}"
    return GroupRow(line, stance.delegation, told, joined, _key("group", line, code, stance.delegation, changes))


def _position(visit: Visit, row: OpinionRow, document: Document, taken: Taken) -> PositionRow:
    stance = taken.stance
    at, words = said(stance)
    return PositionRow(
        _line(row, document, taken.subject),
        _told(stance, words=False),
        words,
        at if taken.subject.outdated(stance) else 0,
        _who(visit, stance),
        tuple(f"{_told(one)} ({_who(visit, one)})" if _who(visit, one) else _told(one) for one in taken.former),
    )


def _told(stance: Stance, *, words: bool = True) -> str:
    at, note = said(stance)
    revision = f" at revision {at}" if at else ""
    quoted = f": “{note}”" if words and note else ""
    return f"{stance.delegation} {ATTITUDES[stance.attitude]}{revision}{quoted}"


def _who(visit: Visit, stance: Stance) -> str:
    names = [stance.speaker] if stance.speaker else []
    if stance.typist:
        confirmed = f", confirmed by {stance.confirmed}" if stance.confirmed else ", not confirmed yet"
        names.append(f"typed by {stance.typist}{confirmed}")
    if stance.at is not None:
        names.append(moment(stance.at, visit.process.zone))
    return ", ".join(names)


def _all_of(rows: Sequence[TypedRow]) -> str:
    """The key of the form that confirms all of these."""
    return f"all-{hashlib.sha256(' '.join(row.key for row in rows).encode()).hexdigest()[:40]}"


def _key(what: str, line: Line, *parts: str) -> str:
    """The key of a form: the same however often the page is loaded, until something of what it speaks of changes."""
    text = "\n".join((what, line.amendment, line.paragraph, *parts))
    return f"{what}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
