"""The letter to all focal points that something was frozen, with its fingerprints: one for each freeze, one for a cut.

Nobody can have it not sent: a delegation that holds the fingerprint of its own day can show later that a text was
exchanged, and that works only if all hold it. There are a few in a year. A demonstration writes to nobody, nor does a
server without a mail server, which would keep the letters until one is set.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from opinions.canonical import short_fingerprint
from server import log_store, outbox
from server.freezes.cuts import load_cut
from server.opinion_store import list_opinions
from server.outbox import Job
from server.post.focal_points import post_to_focal_points
from server.post.letters import LetterKind
from server.process_store import Process, load_process
from server.settings import public_address
from server.tables import jobs, versions
from server.wording import moment

if TYPE_CHECKING:
    from server.work import Tools

Told = tuple[str, Sequence[str]]
"""Subject, and the lines of the letter."""
ADVICE = (
    "Keep this letter. Whoever shows you this version later, on paper or in a file, shows the same fingerprint on "
    "every page; if it is another one, it is another text. The page of the version says how to check it without this "
    "server."
)


async def of_version(tools: "Tools", opinion: str, number: int) -> None:
    """The work of `outbox.FROZEN_LETTER`."""
    job = outbox.frozen_letter(opinion, number)
    await _write(tools, job, partial(_version, opinion=opinion, number=number, address=public_address(tools.settings)))


async def of_cut(tools: "Tools", cut: str) -> None:
    """The work of `outbox.CUT_LETTER`."""
    await _write(tools, outbox.cut_letter(cut), partial(_cut, cut_id=cut, address=public_address(tools.settings)))


async def _write(tools: "Tools", job: Job, tell: Callable[..., Told | None]) -> None:
    now = datetime.now(UTC)
    if not tools.carrier.configured:
        return

    def put(connection: Connection) -> list[str]:
        process = load_process(connection)
        if process.demo or connection.scalar(select(jobs.c.done_at).where(jobs.c.id == job.id)) is not None:
            return []
        told = tell(connection, process)
        if told is None:
            return []
        subject, lines = told
        body = "\n".join([*lines, "", ADVICE, "", "This letter goes to every focal point at each freeze."])
        posted = post_to_focal_points(connection, LetterKind.FROZEN, subject, lambda _: body + "\n", now)
        # With the letters, so that a second try writes none.
        outbox.done(connection, job.id, now)
        return posted

    for posted in await tools.database.write(put):
        tools.begin(posted)


def _version(connection: Connection, process: Process, opinion: str, number: int, address: str) -> Told | None:
    frozen = [one for one in log_store.load_versions(connection, opinion) if one.number == number]
    if not frozen:
        return None
    version, name = frozen[0], _names(connection).get(opinion, opinion)
    lines = [
        f"{name} was frozen as “{version.label}”{_at(version.milestone)}, {_when(process, version.frozen_at)}, by "
        f"{version.frozen_by}.",
        "",
        f"Version {number}, fingerprint {short_fingerprint(version.fingerprint)}",
        f"{address}/opinions/{opinion}/versions/{number}",
    ]
    return f"{name}: {version.label} was frozen", lines


def _cut(connection: Connection, process: Process, cut_id: str, address: str) -> Told | None:
    cut = load_cut(connection, cut_id)
    if cut is None:
        return None
    names = _names(connection)
    chosen = select(versions.c.opinion, versions.c.number, versions.c.fingerprint)
    prints = {(row.opinion, row.number): row.fingerprint for row in connection.execute(chosen)}
    lines = [
        f"All draft Opinions were frozen together as “{cut.label}”{_at(cut.milestone)}, {_when(process, cut.at)}, by "
        f"{cut.frozen_by}.",
        "",
        *(
            f"{names.get(one.opinion, one.opinion)}, version {one.number}: fingerprint "
            f"{short_fingerprint(prints[(one.opinion, one.number)])}"
            for one in cut.versions
        ),
        "",
        f"{address}/freeze/{cut.id}",
    ]
    return f"{process.name}: {cut.label} was frozen", lines


def _names(connection: Connection) -> dict[str, str]:
    return {one.id: one.name for one in list_opinions(connection)}


def _at(milestone: str) -> str:
    return f" at {milestone}" if milestone else ""


def _when(process: Process, at: datetime) -> str:
    return moment(at, ZoneInfo(process.meeting_zone))
