"""A file entered: what was looked at, all or nothing, through the one command; then its comments and its report."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from crdt.step import Answer
from opinions.commands import EnterProposals, to_json
from opinions.incoming import IncomingDocument, Remark
from opinions.judged_differences import REFUSED
from opinions.model import ParagraphId
from opinions.overlay import SILENT
from opinions.proposals import Entered
from opinions.reading_proposals import Difference, Understanding, What, paragraphs_of
from opinions.roles import Role
from server import audit_store
from server.audit_store import AuditEvent
from server.threads import from_files
from server.threads.from_files import Place
from server.visit import Visit
from server.word_in import bringing as store
from server.word_in.looking import Look

MAX_TOLD = 2_000
"""Lines of each kind that a report keeps."""
_SHOWN = 400
"""Characters of words that a report keeps of a paragraph or difference."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was entered; why."""

    message: str


async def enter(visit: Visit, found: Look) -> Refused | None:
    """Enter what was looked at, in one command that is carried out whole or not at all; None when it is in."""
    entered: list[dict[str, Any]] = []
    seq, made = found.seq, found.made.entered
    if made.proposals or made.base or made.counters:
        answer = await _command(visit, found)
        if answer.code:
            return Refused(answer.message)
        seq = answer.seq
        entered = _of(answer)
    report = report_of(found, entered)
    names = {one["amendment"]: one["number"] for one in entered}

    def note(connection: Connection) -> None:
        if not store.entered(
            connection, found.bringing.id, by_name=visit.member.name, at=visit.now, seq=seq, report=report
        ):
            return
        from_files.keep(
            connection,
            found.bringing.opinion,
            found.incoming.comments,
            places(found.incoming, found.understanding, _put(found.made.entered)),
            found.parties,
            source=found.bringing.source,
            bringing=found.bringing.id,
            at=visit.now,
        )
        what = f"{found.bringing.file_name} {found.bringing.source}".strip()
        audit_store.note(
            connection,
            AuditEvent(
                audit_store.Kind.TEXT_BROUGHT_IN,
                visit.now,
                visit.member.id,
                visit.member.name,
                found.bringing.opinion,
                f"{what}: amendments {', '.join(f'#{n}' for n in sorted(set(names.values()))) or 'none'}",
            ),
        )

    await visit.write(note)
    return None


async def _command(visit: Visit, found: Look) -> Answer:
    bringing, made = found.bringing, found.made.entered
    command = EnterProposals(made.source, made.proposals, made.base, made.counters)
    party = "" if visit.actor.role is Role.SECRETARIAT else str(visit.actor.delegation or "")
    return await visit.services.hub.command(
        bringing.opinion, visit.actor, visit.member.version, party, f"{bringing.id}-{found.digest}", to_json(command)
    )


def _put(entered: Entered) -> frozenset[ParagraphId]:
    added = [one.paragraph for one in entered.proposals if one.text]
    return frozenset([*added, *(one.paragraph for one in entered.base if one.text)])


def _of(answer: Answer) -> list[dict[str, Any]]:
    listed = (answer.result or {}).get("entered", ())
    return [dict(one) for one in listed]


def places(
    incoming: IncomingDocument, understanding: Understanding, put: frozenset[ParagraphId] = frozenset()
) -> dict[str, Place]:
    """Where each comment of the file stands in our text: its paragraph, and the words that it is about. `put` are the
    new paragraphs that were entered.
    """
    units = paragraphs_of(incoming)
    found: dict[str, Place] = {}
    for row in understanding.rows:
        if row.match.incoming is None:
            continue
        place = row.paragraph if row.ours or row.paragraph in put else ParagraphId("")
        for stretch in units[row.match.incoming].stretches:
            for comment in stretch.comments:
                before = found.get(comment)
                if before is None:
                    found[comment] = Place(place, stretch.text)
                elif before.paragraph == place:
                    found[comment] = dataclasses.replace(before, words=before.words + stretch.text)
    return found


def report_of(found: Look, entered: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The fidelity report: what was understood by author, what was not or not wholly, and what came of it."""
    understanding = found.understanding
    numbers = {str(one["proposal"]): int(one["number"]) for one in entered}
    became: dict[str, int] = {}
    for amendment, differences in found.made.stands_for.items():
        for one in differences:
            if amendment in numbers:
                became.setdefault(one.key, numbers[amendment])
    return {
        "counts": counts(found),
        "remarks": [_remark(one) for one in (*understanding.remarks, *found.suspicions)][:MAX_TOLD],
        "unmatched": [
            {"side": "file" if row.incoming is not None else "text", "words": _words(row)}
            for row in understanding.rows
            if row.match.incoming is None or row.match.living is None
        ][:MAX_TOLD],
        "differences": [
            {
                "what": one.what.value,
                "author": one.author,
                "struck": one.struck[:_SHOWN],
                "put": one.put[:_SHOWN],
                "became": _became(found, one, became),
            }
            for one in understanding.differences
        ][:MAX_TOLD],
        "there": len({(one.author, one.amendment) for row in understanding.rows for one in row.there}),
        "numbers": sorted(set(numbers.values())),
    }


def _became(found: Look, one: Difference, became: Mapping[str, int]) -> str:
    if one.key in became:
        return f"#{became[one.key]}"
    if one in found.made.waiting:
        return "not found in the words that this file brings"
    judgement = found.judged.get(one.key, REFUSED)
    if judgement.base:
        return "base text"
    return "left out" if judgement == REFUSED else f"amendment of {judgement.delegation}"


def counts(found: Look) -> list[dict[str, Any]]:
    """What was understood of each author: insertions, deletions, paragraphs added and removed, comments."""
    rows: dict[str, dict[str, Any]] = {}

    def of(author: str) -> dict[str, Any]:
        empty = {"author": author, "insertions": 0, "deletions": 0, "added": 0, "removed": 0, "comments": 0, "there": 0}
        return rows.setdefault(author, {**empty, "delegation": found.parties.get(author, "")})

    for author in found.incoming.authors:
        of(author)
    for one in found.understanding.differences:
        if one.author == SILENT and one.what is What.REMOVED:
            continue
        row = of(one.author)
        row["added"] += one.what is What.ADDED
        row["removed"] += one.what is What.REMOVED
        row["insertions"] += one.what is What.WORDS and bool(one.put)
        row["deletions"] += one.what is What.WORDS and bool(one.struck)
    for there in {(one.author, one.amendment) for row in found.understanding.rows for one in row.there}:
        of(there[0])["there"] += 1
    for comment in found.incoming.comments:
        of(comment.author)["comments"] += 1
    return list(rows.values())


def _remark(one: Remark) -> dict[str, str]:
    return {"kind": one.kind.value, "message": one.message, "where": one.where[:_SHOWN]}


def _words(row: Any) -> str:
    if row.incoming is not None:
        return str(row.incoming.text)[:_SHOWN]
    return next((one.struck for one in row.differences), "")[:_SHOWN]
