"""What is done with draft Opinions: presenting one, putting it on the table, merging, splitting - each a line, or two,
of the ledger in the same transaction.

Closing the Opinions that were merged, for writing, is the room's (`opinions.commands.CloseOpinion`): it comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from opinions.document_numbers import MAX_SPELLING
from opinions.model import DelegationCode, Kind, Opinion, Paragraph, ParagraphId, Run
from opinions.notation import read
from opinions.process_checks import opinion_presented
from opinions.process_rules import ProcessRules
from opinions.record import Document
from server.contributions.values import is_plain
from server.errors import ServerError
from server.ids import new_id
from server.people_store import Member, find_delegation
from server.presenting.kept_ids import giving, kept_ids
from server.presenting.late import keep_as_contribution
from server.presenting.ledger import STAGES, Draft, Event, State, Step, all_drafts, append
from server.process_store import MAX_TITLE, found_opinion
from server.tables import process

MAX_WORDS = 100_000
"""Characters of an outline or a possible text: as an import may have for one Opinion."""
MAX_NOTE = 2_000
MAX_PRESENTED = 200
"""Draft Opinions presented in one process: the forum of 2013 had seven, and contributions proposed some thirty."""
SAME_SENDING = timedelta(minutes=2)
"""The same presented again within this time by the same person is presented once."""
MAX_STAGES = 50
"""Times that one draft is presented anew."""


class PresentingRefused(ServerError):
    """Raised when a draft cannot be presented, tabled, merged or split; says why, and in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownDraft(ServerError):
    """Raised when the ledger has no draft of this id."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What is presented: at which stage, by whom, in which document. `draft` names one that was presented before."""

    stage: Step
    title: str
    words: str
    delegations: tuple[DelegationCode, ...]
    document: str = ""
    contribution: str = ""
    note: str = ""
    draft: str = ""


def _alone(connection: Connection) -> None:
    """Have what others do to drafts wait until this transaction ends; one database here has one writer anyway."""
    connection.execute(select(process.c.id).with_for_update())


def find_draft(connection: Connection, draft_id: str) -> Draft:
    """A draft of the ledger. Raises `UnknownDraft`."""
    found = next((one for one in all_drafts(connection) if one.id == draft_id), None)
    if found is None:
        raise UnknownDraft("There is no such draft Opinion on the ledger.")
    return found


def present(connection: Connection, rules: ProcessRules, given: Presented, member: Member, at: datetime) -> Draft:
    """Present a draft Opinion, or a further stage of one. A new one that comes late is kept as a contribution,
    and on the ledger as not eligible (RU2).

    Raises `PresentingRefused`, `UnknownDraft`, and `ProcessRefused` where the register cannot take a late one.
    """
    title, words = " ".join(given.title.split()), given.words.replace("\r\n", "\n").strip()
    before = find_draft(connection, given.draft) if given.draft else None
    _check(connection, rules, given, title, words)
    if before is None and len(all_drafts(connection)) >= MAX_PRESENTED:
        raise PresentingRefused("", f"The ledger holds {MAX_PRESENTED} drafts. Ask the secretariat.")
    if before is not None:
        if before.state is not State.PRESENTED:
            raise PresentingRefused("", "This one is on the table, or was merged: propose amendments there instead.")
        if len(before.events) >= MAX_STAGES:
            raise PresentingRefused("", f"A draft is presented at most {MAX_STAGES} times.")
    again = _sent_already(connection, given, title, words, member, at)
    if again is not None:
        return again
    due = rules.opinions_due
    late, paper = opinion_presented(rules, at) is not None, given.contribution
    if late and before is None and not paper:
        paper = keep_as_contribution(
            connection, title=title, words=words, delegations=given.delegations, due=due, member=member, at=at
        )
    event = Event(
        step=given.stage,
        draft=before.id if before else new_id("o"),
        title=title,
        at=at,
        words=words,
        delegations=given.delegations,
        document=" ".join(given.document.split()),
        contribution=paper,
        due_at=due,
        late=late,
        member=member.id,
        name=member.name,
        note=given.note.strip(),
    )
    append(connection, event)
    return find_draft(connection, event.draft)


@dataclass(frozen=True, slots=True)
class Heading:
    """With what a draft goes on the table: its title, what the room calls it, its theme, its text as written."""

    title: str
    number: str = ""
    theme: str = ""
    text: str = ""


def _sent_already(
    connection: Connection, given: Presented, title: str, words: str, member: Member, at: datetime
) -> Draft | None:
    """The draft whose newest stage somebody presented in the same words a moment ago: a button pressed twice."""
    for draft in all_drafts(connection):
        last = draft.events[-1]
        same = (last.step, last.title, last.words, last.member) == (given.stage, title, words, member.id)
        if same and at - last.at < SAME_SENDING and given.draft in ("", draft.id):
            return draft
    return None


def put_on_table(connection: Connection, draft_id: str, heading: Heading, *, member: Member, at: datetime) -> Draft:
    """Put a presented draft on the table as a draft Opinion, under the id it has.

    Raises `PresentingRefused` for one that was not presented in the preparatory period (S1, resolves 10), or that is
    no longer only presented; `ProcessRefused` when its heading does not fit.
    """
    _alone(connection)
    draft = find_draft(connection, draft_id)
    if draft.state is not State.PRESENTED:
        raise PresentingRefused("", "This draft is on the table already, or was merged.")
    _require_eligible(draft)
    _found(connection, draft.id, heading, member, at, draft.document)
    append(connection, _By(member, at, "").event(Step.TABLED, draft.id, " ".join(heading.title.split()), ()))
    return find_draft(connection, draft_id)


def merge(
    connection: Connection,
    draft_ids: Sequence[str],
    heading: Heading,
    *,
    note: str,
    member: Member,
    at: datetime,
    texts: Sequence[Document] = (),
) -> Draft:
    """Make one draft of two. It is on the table when one of the two is; the two stay readable under their ids.
    `texts` are those of the two that are on the table: what is kept of them keeps its paragraph ids.

    Raises `PresentingRefused`, `ProcessRefused`, `UnknownDraft`.
    """
    if len(set(draft_ids)) != 2:
        raise PresentingRefused("drafts", "Choose two different drafts.")
    _alone(connection)
    parts = [find_draft(connection, one) for one in draft_ids]
    reason = _reason(note)
    for one in parts:
        if one.state is State.MERGED:
            raise PresentingRefused("drafts", f"“{one.title}” was merged already.")
        _require_eligible(one)
    merged = new_id("o")
    sources = tuple(one.id for one in parts)
    parties = tuple(dict.fromkeys(code for one in parts for code in one.delegations))
    documents = ", ".join(dict.fromkeys(one.document for one in parts if one.document))
    title = " ".join(heading.title.split())
    if any(one.state is State.ON_THE_TABLE for one in parts):
        _found(connection, merged, heading, member, at, documents, texts)
    else:
        _check_words(title, heading.text)
    by = _By(member, at, reason)
    append(connection, by.event(Step.MERGED, merged, title, sources, heading.text, parties, documents))
    for one in parts:
        append(connection, by.event(Step.MERGED_INTO, one.id, one.title, (merged,)))
    return find_draft(connection, merged)


def split(
    connection: Connection,
    draft_id: str,
    heading: Heading,
    *,
    note: str,
    member: Member,
    at: datetime,
    texts: Sequence[Document] = (),
) -> Draft:
    """Make a second draft of a part of one, which goes on under its id. Returns the new one. `texts`: that of the
    first, where it is on the table; what the second has of it keeps its paragraph ids.

    Raises `PresentingRefused`, `ProcessRefused`, `UnknownDraft`.
    """
    _alone(connection)
    draft = find_draft(connection, draft_id)
    reason = _reason(note)
    if draft.state is State.MERGED:
        raise PresentingRefused("", f"“{draft.title}” was merged: split what it was merged into.")
    _require_eligible(draft)
    last = draft.events[-1]
    if (last.step, last.note, last.member) == (Step.SPLIT, reason, member.id) and at - last.at < SAME_SENDING:
        made = find_draft(connection, last.related[0])
        if made.title == " ".join(heading.title.split()):
            return made
    second, title = new_id("o"), " ".join(heading.title.split())
    if draft.state is State.ON_THE_TABLE:
        _found(connection, second, heading, member, at, draft.document, texts)
    else:
        _check_words(title, heading.text)
    by = _By(member, at, reason)
    append(connection, by.event(Step.SPLIT, draft.id, draft.title, (second,)))
    append(
        connection,
        by.event(Step.SPLIT_FROM, second, title, (draft.id,), heading.text, draft.delegations, draft.document),
    )
    return find_draft(connection, second)


@dataclass(frozen=True, slots=True)
class _By:
    """Who does something, when, and why."""

    member: Member
    at: datetime
    note: str

    def event(
        self,
        step: Step,
        draft: str,
        title: str,
        related: tuple[str, ...],
        words: str = "",
        delegations: tuple[DelegationCode, ...] = (),
        document: str = "",
    ) -> Event:
        return Event(
            step,
            draft,
            title,
            self.at,
            words,
            delegations,
            document,
            related=related,
            member=self.member.id,
            name=self.member.name,
            note=self.note,
        )


def _found(
    connection: Connection,
    draft_id: str,
    heading: Heading,
    member: Member,
    at: datetime,
    source: str,
    texts: Sequence[Document] = (),
) -> None:
    _check_words(" ".join(heading.title.split()), heading.text)
    written = heading.text.strip()
    document = _written(written, texts, at) if written else titled(heading.title)
    found_opinion(
        connection,
        document,
        title=heading.title,
        number=heading.number,
        theme=heading.theme,
        member=member.id,
        name=member.name,
        at=at,
        source=source[:MAX_SPELLING],
        opinion_id=draft_id,
        on_ledger=False,
    )


def _written(text: str, sources: Sequence[Document], at: datetime) -> Document:
    """A text as it was written, with the paragraph ids of what it was made of."""

    def minted() -> str:
        return new_id("p")

    document = read(text, at=at, new_id=minted).document
    if not sources:
        return document
    kept = kept_ids([paragraph.text for paragraph in document.text], sources, minted)
    return read(text, at=at, new_id=giving(kept, minted)).document


def titled(title: str) -> Document:
    """A text that has nothing but its title."""
    runs = (Run(title),) if title else ()
    return Document(Opinion((Paragraph(ParagraphId(new_id("p")), Kind.TITLE, runs=runs),)))


def _check(connection: Connection, rules: ProcessRules, given: Presented, title: str, words: str) -> None:
    if given.stage not in STAGES:
        raise PresentingRefused("stage", "Present an outline, a possible text, or a title.")
    _check_words(title, words)
    if given.stage is not Step.TITLE and not words:
        raise PresentingRefused("words", "Give the words: an outline in some lines, or the possible text.")
    parties = [find_delegation(connection, code) for code in given.delegations]
    if not parties or None in parties:
        raise PresentingRefused("delegations", "Say which delegation presents it: one or several.")
    for party in parties:
        if party is not None and rules.gives_views_only(party.kind):
            raise PresentingRefused("delegations", f"{party.name} gives views, and presents no draft Opinions.")
    if len(given.document.strip()) > MAX_SPELLING or not given.document.isprintable():
        raise PresentingRefused("document", f"A document's number is at most {MAX_SPELLING} characters.")
    if len(given.note) > MAX_NOTE or not is_plain(given.note):
        raise PresentingRefused("note", f"A note is at most {MAX_NOTE} characters.")


def _check_words(title: str, words: str) -> None:
    if not title or len(title) > MAX_TITLE or not title.isprintable():
        raise PresentingRefused("title", f"Give it a title of at most {MAX_TITLE} characters.")
    if len(words) > MAX_WORDS or not is_plain(words):
        raise PresentingRefused("words", f"A text is at most {MAX_WORDS} characters, without control characters.")


def _reason(note: str) -> str:
    words = note.strip()
    if not words or len(words) > MAX_NOTE or not is_plain(words):
        raise PresentingRefused("note", f"Say why, in at most {MAX_NOTE} characters: the ledger keeps it.")
    return words


def _require_eligible(draft: Draft) -> None:
    if not draft.eligible:
        raise PresentingRefused(
            "",
            f"“{draft.title}” was not presented in the preparatory period: it is kept as a contribution, and is not "
            "considered as an Opinion for adoption.",
        )
