"""Comments and notes as JSON, for the editor's panel."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from opinions.roles import Act
from server.api.reading import Reading, Writing
from server.threads import store
from server.threads.desk import Begun, Placed, begin, placed
from server.threads.formatting import formatted, plain
from server.threads.values import Sight
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.threads import (
        Kept,
        NewThread,
        NewWords,
        Nothing,
        Settling,
        ShownRemark,
        ShownThread,
        ThreadList,
    )


async def thread_list(visit: Visit) -> "ThreadList":
    """What the visitor may see. The mark is made of that alone: another delegation's notes never change it."""
    from server.api.web_shapes.threads import ThreadList

    sight = Sight.of(visit.actor)
    rows, left_out = await placed(visit)
    shown = [_shown(row, sight, visit) for row in rows]
    content = "\n".join(one.model_dump_json() for one in shown)
    mark = hashlib.sha256(f"{left_out}\n{content}".encode()).hexdigest()[:32]
    same = visit.request.query_params.get("mark", "") == mark
    return ThreadList(
        mark=mark, same=same, notes_of=str(sight.notes_of or ""), left_out=left_out, threads=[] if same else shown
    )


async def begin_thread(visit: Visit, given: "NewThread") -> "Kept":
    """A new thread."""
    from server.api.web_shapes.threads import Kept

    said = Begun(
        given.text,
        given.audience,
        given.paragraph,
        given.words,
        given.offset,
        given.left,
        given.right,
        given.amendment,
    )
    made = await begin(visit, said)
    return Kept(id=made, thread=made)


async def answer(visit: Visit, given: "NewWords") -> "Kept":
    """An answer."""
    return await _changed(visit, lambda c, o, s, r: store.answer(c, o, s, r, given.text, visit.now))


async def settle(visit: Visit, given: "Settling") -> "Kept":
    """Resolved, or open again."""
    return await _changed(visit, lambda c, o, s, r: store.settle(c, o, s, r, visit.now, resolved=given.resolved))


async def reword(visit: Visit, given: "NewWords") -> "Kept":
    """Other words of one's own."""
    return await _changed(visit, lambda c, o, s, r: store.reword(c, o, s, r, given.text, visit.now))


async def take_out(visit: Visit, given: "Nothing") -> "Kept":
    """One's own remark goes."""
    return await _changed(visit, lambda c, o, s, r: store.take_out(c, o, s, r, visit.now))


async def _changed(visit: Visit, act: Callable[[Connection, str, Sight, str], str | None]) -> "Kept":
    from server.api.web_shapes.threads import Kept

    remark, opinion, sight = visit.request.path_params["remark"], visit.opinion.id, Sight.of(visit.actor)

    def change(connection: Connection) -> tuple[str, str]:
        made = act(connection, opinion, sight, remark) or remark
        return made, store.find(connection, opinion, sight, remark).first.id

    made, thread = await visit.write(change)
    return Kept(id=made, thread=thread)


def _shown(row: Placed, sight: Sight, visit: Visit) -> "ShownThread":
    from server.api.web_shapes.threads import ShownThread

    thread, spot = row.thread, row.spot
    return ShownThread(
        id=thread.first.id,
        audience=thread.audience,
        hold=spot.hold,
        paragraph=spot.paragraph or "",
        on=thread.anchor.paragraph,
        cited=row.cited,
        words=thread.anchor.words,
        left=thread.anchor.left if thread.anchor.words else "",
        right=thread.anchor.right if thread.anchor.words else "",
        offset=thread.anchor.offset,
        start=spot.start,
        end=spot.end,
        amendment=thread.amendment or "",
        resolved=thread.resolved,
        settled_at=thread.settled_at,
        settled_by=thread.settled_by,
        settled_for=thread.settled_for,
        remarks=[_remark(row, number, sight, visit) for number in range(len(thread.remarks))],
    )


def _remark(row: Placed, number: int, sight: Sight, visit: Visit) -> "ShownRemark":
    from server.api.web_shapes.threads import ShownRemark

    remark = row.thread.remarks[number]
    own = store.is_own(remark, sight)
    return ShownRemark(
        id=remark.id,
        delegation=remark.delegation,
        author=remark.author,
        html=str(formatted(remark.text) if remark.member else plain(remark.text)),
        text=remark.text if own else "",
        source=remark.source,
        at=remark.written_at or remark.entered_at,
        changed=remark.edited_at is not None,
        taken_out=remark.taken_out_at is not None,
        own=own,
        may_change=store.may_reword(row.thread, remark, sight, visit.now),
    )


_ONE = "/opinions/{opinion}/threads/{remark}"
READINGS = (
    Reading(
        "/opinions/{opinion}/threads",
        Act.THREAD_READ,
        "Comments on a text, and the notes of one's own delegation",
        thread_list,
        "threads.ThreadList",
        query=(("mark", "the mark of the last answer: where nothing changed, no threads come"),),
    ),
    Writing(
        "/opinions/{opinion}/threads",
        Act.THREAD_WRITE,
        "Begin a thread",
        begin_thread,
        "threads.NewThread",
        "threads.Kept",
    ),
    Writing(f"{_ONE}/answers", Act.THREAD_WRITE, "Answer in a thread", answer, "threads.NewWords", "threads.Kept"),
    Writing(
        f"{_ONE}/resolution", Act.THREAD_WRITE, "Resolve a thread, or open it again", settle, "threads.Settling",
        "threads.Kept",
    ),
    Writing(f"{_ONE}/words", Act.THREAD_WRITE, "Change one's own remark", reword, "threads.NewWords", "threads.Kept"),
    Writing(
        f"{_ONE}/taking-out", Act.THREAD_WRITE, "Take out one's own remark", take_out, "threads.Nothing",
        "threads.Kept",
    ),
)  # fmt: skip
