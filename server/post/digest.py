"""The digest: one letter for a person, of what is new in the Opinions that he or she follows since the last one.

Composed by a timed job at the person's own hour, only when there is something; of each Opinion no more than the person
may read, never a draft.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from crdt.errors import LogBroken
from crdt.reading import ReadCopy
from opinions.brief import brief
from opinions.names_withheld import told_with, with_names
from opinions.news import NewsItem, NewsKind
from opinions.roles import Act, Actor, Delegation, Stage, may
from opinions.visibility import NamesShown, Outlet, audience_of, names_shown
from server import log_store
from server.consultation.rounds import all_rounds
from server.opinion_store import OpinionRow, list_opinions
from server.people_store import Member, actor_for, all_delegations, appointed_in, find_member
from server.post.letters import Letter, LetterKind, post
from server.post.looks import DIGEST, Living, frozen_of, look_of, looked, told_since
from server.post.news_words import HEADINGS, line
from server.post.wishes import Pace, Tells, Wishes, due_wishes, load_wishes, put_off
from server.process_store import Process, load_process
from server.reports.briefing import Briefer, Item, Told, deadlines, plain_text
from server.settings import public_address
from server.signing import SigningKey, load_key
from server.tables.post import wishes as wishes_table
from server.wording import counted, day, moment, place

if TYPE_CHECKING:
    from server.work import Tools

MAX_LINES = 40
"""Lines of one Opinion in a letter; the rest are counted, and the page has them all."""
DECIDES = frozenset({NewsKind.OUTCOME, NewsKind.FROZEN})
"""News by which a day is one of the meeting."""
_PURPOSE = b"unbracket: no more digests for "

_log = logging.getLogger("unbracket.post")


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is new in one Opinion. `pages`: where the person can read it; `brief`: where the letter is one."""

    row: OpinionRow
    living: Living
    items: tuple[NewsItem, ...]
    pages: tuple[str, ...]
    brief: Told | None = None


async def digests(ctx: dict[Any, Any]) -> None:
    """Compose the digests that are due: timed, every minute; nearly always there are none."""
    await compose_due(ctx["tools"], datetime.now(UTC))


async def compose_due(tools: "Tools", now: datetime) -> None:
    """Compose those that are due at this moment."""
    due = await tools.database.read(partial(due_wishes, now=now))
    if not due:
        return
    key = await asyncio.to_thread(load_key, tools.settings.signing_key_file)
    address = public_address(tools.settings)
    texts: dict[str, Living] = {}
    rows = {one.id: one for one in await tools.database.read(list_opinions)}
    for member, wanted in due:
        for opinion in rows:
            if opinion in texts or not wanted.wants(opinion):
                continue
            try:
                texts[opinion] = await living_of(tools, opinion)
            except (LogBroken, KeyError) as error:
                # One text that does not replay keeps nobody from the news of the others.
                _log.error("no news of a text", extra={"opinion": opinion}, exc_info=error)
        composed = partial(compose, texts=texts, rows=tuple(rows.values()), key=key, address=address, now=now)
        job = await tools.database.write(partial(composed, member_id=member))
        if job is not None:
            tools.begin(job)


async def living_of(tools: "Tools", opinion: str) -> Living:
    """An Opinion as its log says, read apart from rooms: where jobs are done there may be none."""

    def stored(connection: Connection) -> Any:
        return log_store.load_log(connection, opinion), frozen_of(connection, opinion)

    log, versions = await tools.database.read(stored)
    return await asyncio.to_thread(lambda: Living(opinion, log.seq, ReadCopy(log).document, versions))


def compose(
    connection: Connection,
    member_id: str,
    texts: dict[str, Living],
    rows: Sequence[OpinionRow],
    key: SigningKey,
    address: str,
    now: datetime,
) -> str | None:
    """Post a person's digest, if it is due and there is something; the id of the letter's job. The next one is set."""
    process = load_process(connection)
    due = connection.scalar(select(wishes_table.c.next_at).where(wishes_table.c.member == member_id))
    wanted = load_wishes(connection, member_id, process.meeting_zone)
    if due is None or due > now:
        return None
    if wanted.is_quiet(now):
        put_off(connection, member_id, wanted.first_loud(now))
        return None
    put_off(connection, member_id, wanted.next_after(now))
    member = find_member(connection, member_id)
    if member is None or member.suspended or not member.email:
        return None
    chapters = []
    for row in rows:
        if not wanted.wants(row.id) or row.id not in texts:
            continue
        living = texts[row.id]
        actor = actor_for(member, appointed_in(connection, row.id, now))
        # A letter leaves the room: it names whom a file may name.
        names = names_shown(process.attribution, audience_of(actor.role), Outlet.FILE)
        items = told_with(_items(connection, actor, row, living), names)
        if items:
            found = Chapter(row, living, items, _pages(actor, row, items))
            if wanted.tells is Tells.BRIEF:
                found = _briefed(connection, found, actor, process, names, now)
            chapters.append(found)
        elif look_of(connection, member_id, row.id, DIGEST) is None:
            # From here on: what was there before the first digest is no news.
            looked(connection, member_id, living, now, DIGEST)
    if wanted.pace is Pace.MEETING and not any(item.kind in DECIDES for one in chapters for item in one.items):
        return None
    if not chapters:
        return None
    for chapter in chapters:
        looked(connection, member_id, chapter.living, now, DIGEST)
    briefed = any(chapter.brief is not None for chapter in chapters)
    dates = deadlines(process.rules, all_rounds(connection), now, process.zone) if briefed else ()
    return post(connection, _letter(process, member, wanted, chapters, dates, key, address, now), now)


def _briefed(
    connection: Connection, chapter: Chapter, actor: Actor, process: Process, names: NamesShown, now: datetime
) -> Chapter:
    """The chapter as a brief of the person's delegation, where the person is of one."""
    if not may(actor, Act.BRIEF_READ, _stage(chapter.row)) or actor.delegation is None:
        return chapter
    look = look_of(connection, actor.member, chapter.row.id, DIGEST)
    since = look.at if look else now
    parties: dict[str, Delegation] = {one.code: one for one in all_delegations(connection)}
    found = told_with(brief(chapter.living.document, actor.delegation, since), names)
    said = moment(since, process.zone)
    document = with_names(chapter.living.document, names)
    told = Briefer(parties, process.zone).tell(chapter.row, document, found, chapter.items, said)
    return replace(chapter, brief=told, pages=(f"/opinions/{chapter.row.id}/brief",))


def _items(connection: Connection, actor: Actor, row: OpinionRow, living: Living) -> tuple[NewsItem, ...]:
    """What is new to a person: since the last digest, or since he or she looked, whichever came later."""
    stage = _stage(row)
    looks = [look for purpose in (DIGEST, "page") if (look := look_of(connection, actor.member, row.id, purpose))]
    latest = max(looks, key=lambda look: look.seq, default=None)
    if latest is None:
        return ()
    latest = replace(latest, said=max(look.said for look in looks), at=max(look.at for look in looks))
    items = told_since(connection, living, latest, actor.member).items
    if may(actor, Act.OPINION_READ, stage):
        return items
    # Who only follows the sitting is told of what anybody here may read afterwards: the versions, and the comments.
    open_to_all = tuple(item for item in items if item.version or (item.remarks and item.kind is not NewsKind.REPLIED))
    return open_to_all if may(actor, Act.VERSION_READ, stage) else ()


def _pages(actor: Actor, row: OpinionRow, items: Sequence[NewsItem]) -> tuple[str, ...]:
    """The pages of the news, by their paths; who only follows has them apart."""
    if may(actor, Act.OPINION_READ, _stage(row)):
        return (f"/opinions/{row.id}/new",)
    versions = (f"/opinions/{row.id}/versions",) if any(item.version for item in items) else ()
    return (*versions, "/consultation") if any(item.remarks for item in items) else versions


def _stage(row: OpinionRow) -> Stage:
    return Stage(closed=row.closed, observers_admitted=row.observers_admitted)


def _letter(
    process: Process,
    member: Member,
    wanted: Wishes,
    chapters: Sequence[Chapter],
    dates: Sequence[Item],
    key: SigningKey,
    address: str,
    now: datetime,
) -> Letter:
    stop = f"{address}{stop_path(member.id, key)}"
    count = sum(item.count for chapter in chapters for item in chapter.items)
    subject = f"{process.name}: {counted(count, 'thing is', 'things are')} new"
    return Letter(
        LetterKind.DIGEST,
        member.email or "",
        " ".join(subject.split())[:300],
        "\n".join(_body(process, member, wanted, chapters, dates, address, stop, now)),
        member.id,
        stop,
    )


def _body(
    process: Process,
    member: Member,
    wanted: Wishes,
    chapters: Sequence[Chapter],
    dates: Sequence[Item],
    address: str,
    stop: str,
    now: datetime,
) -> Sequence[str]:
    lines = [f"Dear {member.name},", "", f"As of {both(now, process.zone, ZoneInfo(wanted.zone))}, this is new."]
    lines += ["", "Dates", *(f"- {one.told}" for one in dates)] if dates else []
    for chapter in chapters:
        if chapter.brief is not None:
            lines += ["", "", *plain_text(chapter.brief, MAX_LINES)]
            lines += ["", *(f"{address}{page}" for page in chapter.pages)]
            continue
        lines += ["", "", chapter.row.name, "=" * min(len(chapter.row.name), 72)]
        shown = chapter.items[:MAX_LINES]
        for kind, items in groupby(shown, key=lambda item: item.kind):
            lines += ["", HEADINGS[kind]]
            for item in items:
                cited = item.cited.replace("*", "")
                where = f"{cited}: " if cited else ""
                lines.append(f"- {where}{_told(item, chapter, process, wanted)}")
        if len(chapter.items) > len(shown):
            lines += ["", f"and {len(chapter.items) - len(shown)} more"]
        lines += ["", *(f"{address}{page}" for page in chapter.pages)]
    lines += ["", "", "-- ", f"You chose to be told so. Change that: {address}/account/letters", f"Stop it: {stop}", ""]
    return lines


def _told(item: NewsItem, chapter: Chapter, process: Process, wanted: Wishes) -> str:
    told = line(item, chapter.living.document)
    at = item.decision.at if item.decision else item.version.at if item.version else None
    return told if at is None else f"{told}, {both(at, process.zone, ZoneInfo(wanted.zone))}"


def both(at: datetime, meeting: ZoneInfo, own: ZoneInfo) -> str:
    """A moment in the meeting's zone, and on the reader's clock where that shows another time: "5 Feb 2026, 14:29
    Geneva (16:29 your time)".
    """
    there, here = at.astimezone(meeting), at.astimezone(own)
    told = f"{day(at, meeting)}, {there:%H:%M} {place(meeting)}"
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return told
    date = f"{day(at, own)}, " if there.date() != here.date() else ""
    return f"{told} ({date}{here:%H:%M} your time)"


def stop_path(member: str, key: SigningKey) -> str:
    """The address at which somebody stops digests without signing in; the signature is of the server's own key."""
    signature = base64.urlsafe_b64encode(key.sign(_PURPOSE + member.encode())).decode().rstrip("=")
    return f"/letters/stop/{member}/{signature}"


def may_stop(member: str, signature: str, key: SigningKey) -> bool:
    """Whether this is the address that the member was sent."""
    try:
        given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        Ed25519PublicKey.from_public_bytes(key.public).verify(given, _PURPOSE + member.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
