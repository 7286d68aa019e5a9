"""Rounds of consultation for tests: frozen versions, a round on them, comments of members and of the public."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response
from sqlalchemy import select, update

from opinions.roles import Actor, Role
from server.consultation.stamps import stamp, stamp_key
from server.ids import new_id
from server.tables.consultation import comments, consultation_rounds
from server.tables.post import letters
from tests.support.stock import ITEM, OPINION
from tests.support.visitors import House

HOUR = timedelta(hours=1)
FRESH = {
    "opinion": OPINION,
    "paragraph": ITEM,
    "language": "English",
    "body": "Say who pays for it.",
    "name": "Maria Example",
    "email": "maria@example.org",
    "organization": "Example Society",
    "country": "Utopia",
    "name_published": "yes",
    "consent": "yes",
}
"""A comment of the public, as its form is filled in."""


def command(running: House, who: str, opinion: str = OPINION, **fields: Any) -> None:
    """Carry a command out as somebody of the house."""
    actor = Actor(who, who, Role.CHAIR if who == "m-chair" else running.stock[who].role)
    assert running.client.portal is not None
    answer = running.client.portal.call(running.services.hub.command, opinion, actor, None, "", new_id("k-"), fields)
    assert not answer.code, answer.message


def frozen(running: House, opinion: str = OPINION, label: str = "First draft") -> None:
    """Freeze an Opinion as it stands."""
    command(running, "m-chair", opinion, act="freeze", label=label, milestone="", seen_seq=10**6)


def local(time: datetime) -> str:
    """A time as a form has it: of Geneva, to the minute."""
    from zoneinfo import ZoneInfo

    return f"{time.astimezone(ZoneInfo('Europe/Zurich')):%Y-%m-%dT%H:%M}"


def put_up(running: House, **given: Any) -> str:
    """A round that is open, on the first Opinion's first version; its id."""
    now = datetime.now(UTC)
    form = {
        "name": "Open consultation",
        "introduction": "What do you think?\n\nTell us.",
        "languages": "Any language",
        "audience": "public",
        "showing": "together",
        "opens": local(now - HOUR),
        "closes": local(now + 24 * HOUR),
        "text": [f"{OPINION}/1"],
        **given,
    }
    answer = running.post("m-sec", "/consultation/new", form)
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/consultation/(r-[a-z2-7]+)\?done=round-open", answer.headers["location"])
    assert found
    return found[1]


def shift(running: House, round_id: str, opens: timedelta, closes: timedelta) -> None:
    """Set a round's dates, counted from now, past the page that asks for a reason."""
    now = datetime.now(UTC)
    values = {"opens_at": now + opens, "closes_at": now + closes}
    running.write(
        lambda c: c.execute(update(consultation_rounds).where(consultation_rounds.c.id == round_id).values(values))
    )


def old_stamp(running: House, round_id: str, age: timedelta = timedelta(seconds=30)) -> str:
    """The stamp of a form handed out a while ago."""
    return stamp(stamp_key(running.services.settings.signing_key_file), round_id, datetime.now(UTC) - age)


def send(running: House, round_id: str, files: Any = None, **given: str) -> Response:
    """What somebody without an account is answered who sends the form."""
    form = {**FRESH, "stamp": old_stamp(running, round_id), **given}
    return running.post(None, f"/consultations/{round_id}/comment", form, files=files or [("files", ("", b""))])


def link(running: House, email: str = FRESH["email"]) -> str:
    """The path of the link in the newest letter to an address."""
    body = running.write(
        lambda c: c.scalar(
            select(letters.c.body).where(letters.c.recipient == email).order_by(letters.c.created_at.desc()).limit(1)
        )
    )
    found = re.search(r"http://[^/\s]+(/comment-confirmation/[\w-]+)", body or "")
    assert found, "no letter, or no link in it"
    return found[1]


def confirmed(running: House, round_id: str, **given: str) -> str:
    """A comment of the public that waits for the secretariat; its id."""
    sent = send(running, round_id, **given)
    assert sent.status_code == 200, sent.text
    path = link(running, given.get("email", FRESH["email"]))
    assert running.post(None, path).status_code == 303
    return newest(running)


def newest(running: House) -> str:
    """The id of the comment made last."""
    found = running.write(lambda c: c.scalar(select(comments.c.id).order_by(comments.c.made_at.desc()).limit(1)))
    assert found
    return str(found)


def said(
    running: House, who: str, round_id: str, body: str = "I have a view.", opinion: str = OPINION, **given: str
) -> str:
    """A member's comment; its id."""
    form = {"paragraph": ITEM, "language": "English", "body": body, "proposed": "", **given}
    answer = running.post(
        who, f"/consultation/{round_id}/opinions/{opinion}/comment", form, files=[("files", ("", b""))]
    )
    assert answer.status_code == 303, answer.text
    return newest(running)
