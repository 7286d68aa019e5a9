"""The consultation of the demonstration: a round open to everybody on a frozen version, with invented comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from opinions.consultation import Answer, Audience, Dates, Disposition, RoundForm, Showing
from opinions.roles import Actor
from server.consultation import comments, judging, public, rounds
from server.consultation.texts import Draft, load_draft
from server.demo.play import ScriptError
from server.people_store import require_member

OPINION, VERSION = "opinion-1", 2
OPENED, OPEN_FOR = timedelta(days=12), timedelta(days=60)
INTRODUCTION = (
    "The text at the close of the fourth meeting is open to everybody. Say what you think of a paragraph, in your "
    "language, and propose other words if you have them. This round and its comments are invented."
)
ARABIC = "وجود الأجهزة وحده لا يكفي. نطلب أن تكون نقاط النفاذ مفتوحة في المساء أيضا."
FRENCH = "Les centres de santé sont souvent le seul lieu relié d'un village : il est juste de les nommer ici."


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on the paragraph that holds the words `at`: by a persona, or by an author of the public."""

    by: str | public.Author
    at: str
    language: str
    body: str
    proposed: str = ""
    shown: bool = True
    answer: Answer | None = None


COMMENTS = (
    Comment(
        "tarn",
        "digital skills should be",
        "English",
        "Adults learn where they work. Employers could be named beside schools.",
        "and should be offered to adults, with their employers, throughout life",
        answer=Answer(Disposition.NOTED, reason="For the discussion of the paragraph at the next meeting."),
    ),
    Comment(
        public.Author("Layla Sarhan", "layla@example.org", "Readers of Port Farquen", "Farquen", True, True),
        "public access points",
        "Arabic",
        ARABIC,
    ),
    Comment("dunmara", "public access points", "French", FRENCH),
    Comment(
        "estavia",
        "universal service funds",
        "English",
        "Who the new kinds of operators are should be said, or left to national law.",
    ),
    Comment(
        public.Author("Otto Grau", "otto@example.org", "", "Norholm", False, True),
        "collect data by sex",
        "English",
        "Small villages can be recognized in such data. Please say who may see it.",
        shown=False,
    ),
)
"""One of the public waits for the secretariat; the e-mail addresses are of a domain that nobody can have."""


def consult(connection: Connection, actors: Mapping[str, Actor], now: datetime) -> None:
    """Put the round up and have its comments made, published and answered, as the pages do it."""
    secretariat = actors["secretariat"]
    opened = (now - OPENED).replace(hour=8, minute=0, second=0, microsecond=0)
    form = RoundForm(
        "Open consultation on the second draft",
        INTRODUCTION,
        "any language",
        Audience.PUBLIC,
        Showing.AS_THEY_COME,
        Dates(opened, opened + OPEN_FOR),
        ((OPINION, VERSION),),
    )
    put_up = rounds.open_round(connection, form, secretariat, opened - timedelta(days=1))
    draft = load_draft(connection, OPINION, VERSION)
    for day, comment in enumerate(COMMENTS, start=1):
        _comment(connection, put_up.id, draft, comment, actors, opened + timedelta(days=day, hours=3))


def _comment(
    connection: Connection, round_id: str, draft: Draft, comment: Comment, actors: Mapping[str, Actor], at: datetime
) -> None:
    secretariat, later = actors["secretariat"], at + timedelta(hours=5)
    found = [paragraph.id for paragraph in draft.document.text if comment.at in paragraph.text]
    if len(found) != 1:
        raise ScriptError(f"{len(found)} paragraphs of the version hold {comment.at!r}")
    written = comments.Written(OPINION, found[0], comment.language, comment.body, comment.proposed)
    if isinstance(comment.by, public.Author):
        made, token = public.submit(connection, round_id, written, comment.by, (), at)
        public.confirm(connection, token, at + timedelta(minutes=10))
        if comment.shown:
            judging.judge(connection, round_id, [made.id], True, "", secretariat, later)
    else:
        actor = actors[comment.by]
        party = require_member(connection, actor.member).delegation or ""
        made = comments.make(connection, round_id, written, actor, party, at)
    if comment.answer is not None:
        judging.answer(connection, round_id, OPINION, [made.id], comment.answer, secretariat, later)
