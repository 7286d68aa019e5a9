"""What the people of the demonstration say to one another about the first text, and a note of one delegation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from opinions.anchoring import anchor_on
from opinions.numbering import citations
from opinions.record import Document
from opinions.roles import Actor
from server.demo.play import ScriptError
from server.threads import store
from server.threads.values import Audience, Sight


@dataclass(frozen=True, slots=True)
class Talk:
    """A comment on words of the text, answers to it (by whom, what), and who resolved it."""

    by: str
    words: str
    text: str
    answers: tuple[tuple[str, str], ...] = ()
    resolved_by: str = ""
    audience: Audience = Audience.ALL


TALKS = (
    Talk(
        "estavia",
        "where digital skills are taught late",
        "Is this about schools, or about **adults**, too? The study says both:\n\n- schools that begin late\n- adults "
        "who were never taught",
        (
            ("dunmara", "Both, and the second more than the first."),
            ("estavia", "Then we can live with it, if it says so."),
        ),
    ),
    Talk(
        "alvania",
        "the market does not go",
        "Could this read *where it would not go by itself*? “Does not” is true of today alone.",
        (("corvara", "Our bracket asks the same question."),),
        resolved_by="corvara",
    ),
    Talk(
        "dunmara",
        "the gender divide persists",
        "Keep *developing* behind “many” as long as we can; the other is our second best. The ministry agrees.",
        (("dunmara-2", "Noted. I ask again before the sitting."),),
        audience=Audience.DELEGATION,
    ),
)
AGO = timedelta(days=1)
PACE = timedelta(minutes=25)


def talk(connection: Connection, opinion: str, document: Document, actors: Mapping[str, Actor], now: datetime) -> None:
    """Have it all said on the text as it stands, yesterday."""
    at = now - AGO
    cited = citations(document)
    for one in TALKS:
        found = [paragraph for paragraph in document.text if one.words in paragraph.text]
        anchor = anchor_on(found[0], one.words) if found else None
        if anchor is None:
            raise ScriptError(f"no paragraph of the text holds {one.words!r}")
        author, place = Sight.of(actors[one.by]), cited[anchor.paragraph]
        thread = store.begin(connection, opinion, author, one.audience, one.text, at, anchor=anchor, cited=place)
        for who, text in one.answers:
            at += PACE
            store.answer(connection, opinion, Sight.of(actors[who]), thread, text, at)
        if one.resolved_by:
            store.settle(connection, opinion, Sight.of(actors[one.resolved_by]), thread, at + PACE, resolved=True)
        at += PACE
