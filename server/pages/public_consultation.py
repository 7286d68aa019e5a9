"""Consultation for everybody: rounds, their drafts, a form that asks for no account, and the comments once published.

Nobody is given a cookie here, and no page needs a script.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.consultation import CONSENT, MAX_COMMENT, MAX_FILE_BYTES, MAX_FILES, Phase, State, plain
from opinions.errors import ConsultationRefused
from opinions.views import View, withheld
from server.attribution import names_for_public
from server.consultation import comments as store
from server.consultation import public, rounds
from server.consultation.attachments import ACCEPTED, Upload, read_uploads
from server.consultation.comments import Attached, Comment, Written
from server.consultation.public import Author
from server.consultation.rounds import Round, RoundText
from server.consultation.sheet import Reading
from server.consultation.stamps import Stamped, read_stamp, stamp, stamp_key
from server.consultation.texts import Draft, load_draft
from server.export.sheet import view_of
from server.html_view import paragraph_html, regions_of
from server.pages.comment_files import downloaded, exported, held_file
from server.pages.comments import Place, Said, places, require_paragraph
from server.pages.consultation import looked_up, wordings
from server.pages.problems import Problem, problem_page
from server.pages.rendering import render
from server.people_store import all_delegations
from server.post.letters import Letter, LetterKind, LetterRefused, post
from server.security import RateLimit
from server.settings import public_address
from server.visit import Visit
from server.wording import moment

TRAP = "website"
"""A field that no person sees: whoever fills it in reads no page."""
BUSY = Problem(
    "too-many",
    "Too much at once from your network",
    ("Many requests came from your network's address. Wait a few minutes, then try again.",),
    (("To the consultations", "/consultations"),),
)


def too_many(visit: Visit, limit: RateLimit) -> bool:
    """Whether the visitor's network has asked as often as it may for now."""
    return not limit.admits(visit.address, time.monotonic())


async def busy(visit: Visit, limit: RateLimit) -> Response:
    """What it is told then."""
    headers = {"retry-after": str(limit.wait_seconds(visit.address, time.monotonic()))}
    return await problem_page(visit.request, HTTPStatus.TOO_MANY_REQUESTS, BUSY, headers)


# --- reading


async def public_rounds(visit: Visit) -> Response:
    """`GET /consultations`: the rounds that are open to the public, and those whose comments are published."""
    limit = visit.services.public_limits.reading
    if too_many(visit, limit):
        return await busy(visit, limit)
    found = [one for one in await visit.read(rounds.all_rounds) if _is_for_all(one)]
    phases = {one.id: one.phase(visit.now).value for one in found}
    return render(visit, "public_rounds.html", rounds=found, phases=phases)


def _is_for_all(found: Round) -> bool:
    return found.is_public or found.published_at is not None


def _public_round(visit: Visit, connection: Connection) -> Round:
    found = rounds.load_round(connection, visit.request.path_params["round"])
    if not _is_for_all(found):
        raise rounds.UnknownRound("Not for the public.")
    return found


def _reading(visit: Visit, connection: Connection) -> Reading:
    """What the public may see, whoever is signed in: the page looks the same to all."""
    parties = {str(one.code): one for one in all_delegations(connection)}
    return Reading(parties, named=names_for_public(visit).delegations)


async def public_round(visit: Visit) -> Response:
    """`GET /consultations/{round}`: what it is about, its drafts, and the comments once they are published."""
    limit = visit.services.public_limits.reading
    if too_many(visit, limit):
        return await busy(visit, limit)

    def look(connection: Connection) -> tuple[Round, dict[str, list[Place]], Reading, int]:
        found, reading = _public_round(visit, connection), _reading(visit, connection)
        listed: dict[str, list[Place]] = {}
        comments: tuple[Comment, ...] = ()
        if found.shows_comments:
            comments = store.comments_of_round(connection, found.id, (State.SHOWN, State.ERASED, State.SET_ASIDE))
        for text in found.texts:
            draft = load_draft(connection, text.opinion, text.version)
            ours = [one for one in comments if one.opinion == text.opinion and reading.may_see(one)]
            listed[text.opinion] = [one for one in _places(visit, found, draft, ours) if one.said]
        return found, listed, reading, sum(one.state is State.SET_ASIDE for one in comments)

    found, listed, reading, aside = await looked_up(visit, look)
    return render(
        visit,
        "public_round.html",
        round=found,
        phase=found.phase(visit.now).value,
        listed=listed,
        total=sum(len(place.said) for one in listed.values() for place in one),
        aside=aside,
        reading=reading,
        **wordings(),
    )


def _places(visit: Visit, found: Round, draft: Draft, comments: list[Comment]) -> list[Place]:
    """The paragraphs of a draft as the public reads it, with the comments on each."""
    rows = view_of(draft.document, _view(visit), names_for_public(visit, draft.attribution).naming)
    on_page = {str(row.id) for row in rows}
    at = {one.id: one.paragraph if one.paragraph in on_page else "" for one in comments}
    said = [Said(one, found, draft.citation(one.paragraph) if at[one.id] != one.paragraph else "") for one in comments]
    return places(rows, {}, draft.cited, said, at)


def _view(visit: Visit) -> View:
    return View.ROLLING if visit.process.observers_see_submitted else View.CLEAN


async def public_text(visit: Visit) -> Response:
    """`GET /consultations/{round}/texts/{opinion}`: one draft, with a way to comment on each paragraph."""
    limit = visit.services.public_limits.reading
    if too_many(visit, limit):
        return await busy(visit, limit)

    def look(connection: Connection) -> tuple[Round, RoundText, list[Place]]:
        found = _public_round(visit, connection)
        text = found.text(visit.request.path_params["opinion"])
        if text is None:
            raise rounds.UnknownRound("Not in this round.")
        draft = load_draft(connection, text.opinion, text.version)
        return found, text, _places(visit, found, draft, [])

    found, text, shown = await looked_up(visit, look)
    takes = found.is_public and found.phase(visit.now) is Phase.OPEN
    return render(
        visit, "public_text.html", round=found, text=text, places=shown, takes=takes, phase=found.phase(visit.now).value
    )


async def public_export(visit: Visit) -> Response:
    """`GET /consultations/{round}/export?format=docx|xlsx|csv`: the published comments."""
    limit = visit.services.public_limits.reading
    return await busy(visit, limit) if too_many(visit, limit) else await exported(visit, None)


async def public_file(visit: Visit) -> Response:
    """`GET /consultations/{round}/files/{comment}/{file}`: a file of a published comment."""
    limit = visit.services.public_limits.reading
    if too_many(visit, limit):
        return await busy(visit, limit)
    params = visit.request.path_params

    def look(connection: Connection) -> tuple[Attached, bytes]:
        found = _public_round(visit, connection)
        comment = store.load_comment(connection, params["comment"])
        if not found.shows_comments or comment.round != found.id or comment.state is not State.SHOWN:
            raise store.UnknownComment("Not published.")
        return held_file(connection, comment, params["file"])

    return downloaded(*await looked_up(visit, look))


# --- commenting


@dataclass(frozen=True, slots=True)
class _Form:
    """What the form for a comment shows."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    status: HTTPStatus = HTTPStatus.OK


async def comment_form(visit: Visit) -> Response:
    """`GET /consultations/{round}/comment?opinion=&paragraph=`."""
    limit = visit.services.public_limits.reading
    if too_many(visit, limit):
        return await busy(visit, limit)
    asked = visit.request.query_params
    return await _form_page(visit, _Form({name: asked.get(name, "") for name in ("opinion", "paragraph")}, {}))


async def send_comment(visit: Visit) -> Response:
    """`POST /consultations/{round}/comment`: kept unseen until its address is confirmed. A refusal keeps every word."""
    limit = visit.services.public_limits.posting
    if too_many(visit, limit):
        return await busy(visit, limit)
    async with visit.request.form(max_files=MAX_FILES + 1, max_fields=30, max_part_size=256 * 1024) as posted:
        fields = {name: value for name, value in posted.multi_items() if isinstance(value, str)}
        wrong = public.faults(*_read(fields))
        if wrong:
            return await _form_page(visit, _Form(fields, wrong, HTTPStatus.UNPROCESSABLE_ENTITY))
        try:
            found, uploads = await _judged(visit, fields, posted)
            address = await _take(visit, found, fields, uploads)
        except ConsultationRefused as error:
            return await _form_page(visit, _Form(fields, {error.field: error.message}, HTTPStatus.UNPROCESSABLE_ENTITY))
        except _Late as error:
            refused = _Form(fields, {"": error.message}, HTTPStatus.TOO_MANY_REQUESTS)
            return await _form_page(visit, refused)
    return render(visit, "public_sent.html", round=found, email=address, opinion=fields.get("opinion", ""))


class _Late(Exception):
    """Raised when this address has sent as much as it may for now."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


async def _judged(visit: Visit, fields: Mapping[str, str], posted: FormData) -> tuple[Round, tuple[Upload, ...]]:
    """The round and the files of a form that a person has filled in, as far as can be told without a third party."""
    found = await looked_up(visit, lambda connection: _public_round(visit, connection))
    if fields.get(TRAP):
        raise ConsultationRefused(TRAP, "Leave this field empty: it is not meant for people.")
    match read_stamp(_key(visit), found.id, fields.get("stamp", ""), visit.now):
        case Stamped.TOO_SOON:
            raise ConsultationRefused("", "That was very quick. Look over your comment once more, then send it.")
        case Stamped.TOO_OLD | Stamped.FORGED:
            raise ConsultationRefused("", "This form was open for too long. Nothing is lost: send it again.")
        case Stamped.GOOD:
            pass
    limit = visit.services.public_limits.sending
    if too_many(visit, limit):
        minutes = max(1, limit.wait_seconds(visit.address, time.monotonic()) // 60)
        raise _Late(f"Many comments came from your network. Nothing is lost: send this one in {minutes} minutes.")
    return found, await read_uploads(posted)


def _read(fields: Mapping[str, str]) -> tuple[Written, Author]:
    """What a form says, and of whom."""
    written = Written(
        fields.get("opinion", ""),
        fields.get("paragraph", ""),
        fields.get("language", ""),
        fields.get("body", ""),
        fields.get("proposed", ""),
    )
    author = Author(
        fields.get("name", ""),
        fields.get("email", ""),
        fields.get("organization", ""),
        fields.get("country", ""),
        fields.get("name_published") == "yes",
        fields.get("consent") == "yes",
    )

    return written, author


async def _take(visit: Visit, found: Round, fields: Mapping[str, str], uploads: tuple[Upload, ...]) -> str:
    """Keep the comment and have the letter sent: the address it goes to."""
    written, author = _read(fields)

    def take(connection: Connection) -> tuple[Comment, str | None]:
        text = found.text(written.opinion)
        if text is None:
            raise ConsultationRefused("opinion", "Choose the draft that you comment on.")
        draft = load_draft(connection, text.opinion, text.version)
        require_paragraph(draft, written.paragraph)
        comment, token = public.submit(connection, found.id, written, author, uploads, visit.now)
        if not token:
            return comment, None
        letter = _letter(visit, found, comment, f"{text.name}, {draft.citation(comment.paragraph)}", token)
        try:
            return comment, post(connection, letter, visit.now)
        except LetterRefused as error:
            raise ConsultationRefused("email", str(error)) from None

    comment, job = await visit.write(take)
    if job is not None:
        visit.services.begin(job)
    return comment.email


def _letter(visit: Visit, found: Round, comment: Comment, about: str, token: str) -> Letter:
    link = f"{public_address(visit.services.settings)}/comment-confirmation/{token}"
    until = moment(visit.now + public.CONFIRM_WITHIN, visit.process.zone)
    body = (
        f"Somebody, most likely you, has sent a comment to “{found.name}” ({visit.process.name}) with this e-mail "
        f"address.\n\nAbout: {about}\n\nOpen this link to confirm it:\n\n{link}\n\n"
        f"It can be confirmed until {until}; after that it is deleted. With the same link you can take your comment "
        "and your name out again later, so keep this letter.\n\nIf you sent no comment, do nothing: it is deleted, and "
        "nobody has seen it.\n"
    )
    return Letter(LetterKind.CONFIRMATION, comment.email, f"Confirm your comment: {found.name}", body)


async def _form_page(visit: Visit, form: _Form) -> Response:
    def look(connection: Connection) -> tuple[Round, Draft | None]:
        found = _public_round(visit, connection)
        text = found.text(form.values.get("opinion", "")) or (found.texts[0] if len(found.texts) == 1 else None)
        return found, None if text is None else load_draft(connection, text.opinion, text.version)

    found, draft = await looked_up(visit, look)
    if not found.is_public or found.phase(visit.now) is not Phase.OPEN:
        # It may have closed while somebody was writing: the words are given back.
        written = [words for name in ("body", "proposed") if (words := plain(form.values.get(name, "")))]
        status = HTTPStatus.CONFLICT if written else HTTPStatus.OK
        phase = found.phase(visit.now).value
        return render(visit, "public_closed.html", status=status, round=found, phase=phase, written=written)
    paragraph = form.values.get("paragraph", "") if draft is not None else ""
    if draft is not None and paragraph and draft.document.text.find(paragraph) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    given = {
        "opinion": "" if draft is None else draft.version.opinion,
        "name": "",
        "email": "",
        "organization": "",
        "country": "",
        "language": "",
        "body": "",
        "proposed": "",
        "name_published": "",
        "consent": "",
        TRAP: "",
        **{name: value for name, value in form.values.items() if value},
        "paragraph": paragraph,
    }
    rows = () if draft is None else view_of(draft.document, _view(visit), withheld)
    return render(
        visit,
        "public_comment.html",
        status=form.status,
        round=found,
        values=given,
        texts=[("", "Choose"), *((one.opinion, f"{one.name}: {one.title}") for one in found.texts)],
        errors=form.errors,
        cited="" if draft is None else draft.citation(paragraph),
        quoted=[paragraph_html(row, regions_of(())) for row in rows if row.id == paragraph],
        # The first time it was handed out counts: whoever is told to look again has looked.
        stamp=_stamp(visit, found, form.values.get("stamp", "")),
        consent=CONSENT,
        accepted=ACCEPTED,
        max_comment=MAX_COMMENT,
        max_files=MAX_FILES,
        max_mib=MAX_FILE_BYTES // 2**20,
        trap=TRAP,
    )


def _key(visit: Visit) -> bytes:
    return stamp_key(visit.services.settings.signing_key_file)


def _stamp(visit: Visit, found: Round, given: str) -> str:
    """The stamp that came back, where it is one of ours and not too old; else a new one."""
    key = _key(visit)
    fresh = read_stamp(key, found.id, given, visit.now) in {Stamped.GOOD, Stamped.TOO_SOON}
    return given if fresh else stamp(key, found.id, visit.now)
