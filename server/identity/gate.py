"""Grave commands on their way into a room: one that needs a proof waits until the database has been asked for it.

Rooms know people, not sessions, so this stands before them: in the place of each socket and channel whose person could
give such a command. Every other frame passes at once; frames behind a grave one keep their order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from crdt import protocol
from crdt.errors import ProtocolError
from server.errors import ServerError
from server.identity import proof
from server.peers import MAX_UNREAD_FRAMES, Bundle, Peer

Proved = Callable[[], Awaitable[bool]]
"""Whether a grave act needs no further proof of this person now."""
TRY_AGAIN = "This could not be saved now. Try again."

_log = logging.getLogger("unbracket.socket")
_tasks: set["asyncio.Task[None]"] = set()


class Gate:
    """Stands between a peer and its place. `submit` is called for every frame that comes, and never waits."""

    __slots__ = ("_held", "_peer", "_proved", "_submit")

    def __init__(self, submit: Callable[[bytes], None], peer: Peer, proved: Proved) -> None:
        self._submit = submit
        self._peer = peer
        self._proved = proved
        self._held: list[bytes] | None = None

    def submit(self, frame: bytes) -> None:
        """A frame came."""
        if self._held is not None:
            if len(self._held) >= MAX_UNREAD_FRAMES:
                self._peer.close(4429, "This page sends faster than it waits for answers.")
                return
            self._held.append(frame)
            return
        n = _grave(frame)
        if n is None:
            self._submit(frame)
            return
        self._held = []
        task = asyncio.get_running_loop().create_task(self._ask(frame, n))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    async def _ask(self, frame: bytes, n: int) -> None:
        code, message = proof.CODE, proof.MESSAGE
        try:
            proved = await self._proved()
        except ServerError:
            proved, code, message = False, "fault", TRY_AGAIN
        except Exception as error:
            _log.error("a proof could not be looked up", exc_info=error)
            proved, code, message = False, "fault", TRY_AGAIN
        if proved:
            self._submit(frame)
        else:
            self._peer.send(Bundle((protocol.refused(n, code, message),)))
        held, self._held = self._held or [], None
        # One of these may be grave again; then it holds up those behind it.
        for one in held:
            self.submit(one)


def _grave(frame: bytes) -> int | None:
    """The number of a frame that holds a grave command; None for every other, and for one that cannot be read."""
    if frame[:1] in _PLAIN:
        return None
    try:
        message = protocol.decode(frame)
    except ProtocolError:
        return None
    if isinstance(message, protocol.CommandMessage) and message.command.get("act") in proof.GRAVE_COMMANDS:
        return message.n
    return None


_PLAIN = frozenset(bytes((kind,)) for kind in protocol.ClientFrame if kind is not protocol.ClientFrame.COMMAND)
"""First bytes of the frames that hold no command; of a number spelt longer than it needs, nothing is known yet."""
