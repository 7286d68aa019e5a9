"""Consultation on a published draft: rounds with their dates, comments with their states, and what became of each.

A comment never changes a text and gives nobody a right to: it is read, published, answered (S1, Resolution 2 instructs
Council 3). Software closes a round by its dates alone and marks what comes late; nothing is counted as a decision.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from opinions.errors import ConsultationRefused

MAX_COMMENT = 5_000
"""Characters of a comment or of a proposed wording: a page and a half; longer views come as a file. A cell of a
spreadsheet holds 32,767."""
MAX_ROUND_NAME = 120
MAX_INTRODUCTION = 4_000
MAX_REASON = 1_000
"""Characters of a reason or of the place where a comment was taken up."""
MAX_TEXTS = 20
"""Draft Opinions in one round; WTPF-21 had five."""
MAX_MEMBER_COMMENTS = 200
"""Comments of one member in one round: one per paragraph of a long draft."""
MAX_PUBLIC_COMMENTS = 50
"""Comments of one e-mail address in one round."""
MAX_FILES = 3
MAX_FILE_BYTES = 3 * 1024 * 1024
"""Bytes of one file; three of them fit a request (`server.security.MAX_BODY`)."""
ALARM_PER_HOUR = 200
"""Public comments of a round within an hour above which they are flagged: the secretariat looks, nothing is lost."""
MANY_LINKS = 4
"""Addresses in a comment from which it is flagged. A flag sets nothing aside."""
MAX_LANGUAGE = 60

CONSENT = (
    "I agree that my comment, its language, my organization and my country or region are published with this "
    "consultation, and my name if I choose so above. My e-mail address is used to confirm this comment and to answer "
    "me; it is never published. I can have my name, my address and my comment taken out at any time by the link that "
    "I am sent."
)
"""What somebody without an account agrees to; kept with the comment as it was worded."""


class Audience(StrEnum):
    """Who may comment."""

    MEMBERS = "members"
    PUBLIC = "public"


class Showing(StrEnum):
    """When the public sees comments: together when the secretariat publishes the round, or as they come."""

    TOGETHER = "together"
    AS_THEY_COME = "as_they_come"


class Phase(StrEnum):
    """Where a round is by the clock."""

    AHEAD = "ahead"
    OPEN = "open"
    CLOSED = "closed"


class Source(StrEnum):
    """How a comment came: from somebody signed in, or by the public form."""

    MEMBER = "member"
    PUBLIC = "public"


class State(StrEnum):
    """Where a comment stands. Nothing is shown before it is `shown`; `erased` is withdrawn at the author's request
    without anything that says who the author was.
    """

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    SHOWN = "shown"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Disposition(StrEnum):
    """What became of a comment."""

    NONE = ""
    ACCEPTED = "accepted"
    PARTLY = "partly"
    NOTED = "noted"
    NOT_ACCEPTED = "not_accepted"
    OUT_OF_SCOPE = "out_of_scope"
    MERGED = "merged"


_NEED_A_REASON = frozenset({Disposition.PARTLY, Disposition.NOT_ACCEPTED, Disposition.OUT_OF_SCOPE})
_NEED_A_PLACE = frozenset({Disposition.ACCEPTED, Disposition.PARTLY})


@dataclass(frozen=True, slots=True)
class Dates:
    """When comments are taken: from `opens_at` up to, and not including, `closes_at`; aware times."""

    opens_at: datetime
    closes_at: datetime

    def phase(self, now: datetime) -> Phase:
        """Where the round is now."""
        if now < self.opens_at:
            return Phase.AHEAD
        return Phase.OPEN if now < self.closes_at else Phase.CLOSED


@dataclass(frozen=True, slots=True)
class RoundForm:
    """A round as the secretariat describes it. `texts` are Opinions, each with the number of one of its versions."""

    name: str
    introduction: str
    languages: str
    audience: Audience
    showing: Showing
    dates: Dates
    texts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The disposition of one comment. `place`: the amendment or contribution it was taken up in; `merged` the number of
    the comment that it was merged with.
    """

    disposition: Disposition = Disposition.NONE
    place: str = ""
    reason: str = ""
    merged: int | None = None


def checked_round(form: RoundForm) -> RoundForm:
    """The form with blanks tidied. Raises `ConsultationRefused` naming the field."""
    name = " ".join(form.name.split())
    if not name or len(name) > MAX_ROUND_NAME or not name.isprintable():
        raise ConsultationRefused("name", f"Give the round a name of at most {MAX_ROUND_NAME} characters.")
    introduction = plain(form.introduction)
    if len(introduction) > MAX_INTRODUCTION:
        raise ConsultationRefused("introduction", f"An introduction has at most {MAX_INTRODUCTION} characters.")
    languages = line(form.languages)
    if len(languages) > MAX_LANGUAGE * 4:
        raise ConsultationRefused("languages", "Name the languages in fewer words.")
    if not form.texts:
        raise ConsultationRefused("texts", "Choose at least one version of a draft Opinion.")
    if len(form.texts) > MAX_TEXTS or len({opinion for opinion, _ in form.texts}) != len(form.texts):
        raise ConsultationRefused("texts", f"Choose one version of each draft Opinion, {MAX_TEXTS} of them at most.")
    return replace(form, name=name, introduction=introduction, languages=languages, dates=checked_dates(form.dates))


def checked_dates(dates: Dates) -> Dates:
    """The dates. Raises `ConsultationRefused` when they are the wrong way round."""
    if dates.closes_at <= dates.opens_at:
        raise ConsultationRefused("closes", "A round closes after it opens. Correct one of the dates.")
    return dates


def changed_dates(before: Dates, after: Dates, reason: str) -> str:
    """The reason as kept, for dates that changed. Raises `ConsultationRefused` without one, or without a change."""
    checked_dates(after)
    told = line(reason)
    if before == after:
        raise ConsultationRefused("closes", "These are the dates of the round already. Change one of them.")
    if not told or len(told) > MAX_REASON:
        raise ConsultationRefused("reason", f"Give the reason for the change, in at most {MAX_REASON} characters.")
    return told


def admits(audience: Audience, source: Source, phase: Phase) -> bool:
    """Whether a comment is taken now. The public form closes with the round; members' late comments are taken and
    marked late.
    """
    if phase is Phase.AHEAD:
        return False
    if source is Source.PUBLIC:
        return audience is Audience.PUBLIC and phase is Phase.OPEN
    return True


def may_change(state: State, phase: Phase) -> bool:
    """Whether a member may still edit or withdraw his or her comment: until the round closes."""
    return phase is Phase.OPEN and state is State.SHOWN


def plain(text: str) -> str:
    """A text as it was typed, with one kind of line end and without what no page and no file can hold: control
    characters and noncharacters. Neither normalized nor corrected.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one == "\n" or _can_be_held(one)).strip()


def line(text: str) -> str:
    """A text as `plain`, on one line with single blanks."""
    return " ".join(plain(text).split())


def _can_be_held(character: str) -> bool:
    code = ord(character)
    if character == "\t":
        return True
    return unicodedata.category(character) not in {"Cc", "Cs"} and code & 0xFFFE != 0xFFFE


def checked_words(body: str, proposed: str) -> tuple[str, str]:
    """Comment and proposed wording as kept. Raises `ConsultationRefused`."""
    body, proposed = plain(body), plain(proposed)
    if not body and not proposed:
        raise ConsultationRefused("body", "Write your comment.")
    for name, text in (("body", body), ("proposed", proposed)):
        if len(text) > MAX_COMMENT:
            raise ConsultationRefused(
                name, f"This has {len(text):,} characters, {MAX_COMMENT:,} fit. Attach the rest as a file."
            )
    return body, proposed


def checked_language(language: str) -> str:
    """The name of a language as typed. Raises `ConsultationRefused`."""
    told = line(language)
    if not told or len(told) > MAX_LANGUAGE:
        raise ConsultationRefused("language", "Name the language you write in, in a few words.")
    return told


_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_DIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")


def flags(body: str, proposed: str, recent: int) -> tuple[str, ...]:
    """What the secretariat's attention is drawn to; it decides. `recent`: public comments of the round this hour."""
    text = f"{body}\n{proposed}"
    found = []
    if len(_LINK.findall(text)) >= MANY_LINKS:
        found.append("many links")
    if _DIRECTIONAL.search(text):
        found.append("invisible directional characters")
    if recent >= ALARM_PER_HOUR:
        found.append("came with very many others")
    return tuple(found)


def checked_answer(number: int, answer: Answer, merged: Mapping[int, int | None]) -> Answer:
    """The disposition of comment `number` as kept. `merged`: of every comment of the round the one it is merged with.

    Raises `ConsultationRefused` when a place or a reason is missing, or a merger leads nowhere or round in a circle.
    """
    place, reason = line(answer.place), line(answer.reason)
    if len(place) > MAX_REASON or len(reason) > MAX_REASON:
        raise ConsultationRefused("reason", f"At most {MAX_REASON} characters.")
    if answer.disposition in _NEED_A_PLACE and not place:
        raise ConsultationRefused("place", "Say where it was taken up: the number of an amendment or contribution.")
    if answer.disposition in _NEED_A_REASON and not reason:
        raise ConsultationRefused("reason", "Give the reason.")
    if answer.disposition is not Disposition.MERGED:
        kept = place if answer.disposition in _NEED_A_PLACE else ""
        return Answer(answer.disposition, kept, reason)
    into, seen = answer.merged, {number}
    if into is None or into not in merged:
        raise ConsultationRefused("merged", "Give the number of the comment it is merged with, as C-12.")
    follows: int | None = into
    while follows is not None:
        if follows in seen:
            raise ConsultationRefused("merged", f"C-{number} and C-{into} would be merged with each other.")
        seen.add(follows)
        follows = merged.get(follows)
    return Answer(answer.disposition, "", reason, into)


def numbered(text: str) -> int | None:
    """The number that somebody wrote as `C-12`, `c12` or `12`; None for anything else."""
    found = re.fullmatch(r"\s*(?:[Cc]\s*-?\s*)?([0-9]{1,6})\s*", text)
    return int(found[1]) if found else None
