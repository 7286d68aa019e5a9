"""Typed updates: from the gate's verdict to a log entry (crdt/SPEC.md, G and L).

One function, `accept`, shows the order: whose text may this peer change, does the gate take the update, what must
the record say of it, one entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crdt.gate import Sender
from crdt.log import Entry, EntryKind
from crdt.presence import Peer
from crdt.protocol import UpdateMessage
from crdt.stream import Stream
from opinions.model import AmendmentId, DelegationCode
from opinions.record import Amendment, AmendmentKind, Status
from opinions.settling import settle

_EDITABLE_IN_OPINION = frozenset({Status.SUBMITTED, Status.SET_ASIDE})


@dataclass(frozen=True, slots=True)
class Rights:
    """The amendments as one party's typing sees them: its own it may type in, its own it may not, and everybody
    else's.
    """

    editable: frozenset[AmendmentId]
    own_closed: frozenset[AmendmentId]
    foreign: frozenset[AmendmentId]


def rights(amendments: Mapping[AmendmentId, Amendment], party: DelegationCode, *, workspace: bool) -> Rights:
    """What `party` may type in: its drafts in a workspace; in the opinion its open amendments that nobody has
    pinned (G8). A SUP has no words: what is typed under its id is mended to an amendment of its own (G11).
    """
    editable, own_closed, foreign = set(), set(), set()
    for amendment in amendments.values():
        if amendment.delegation != party:
            foreign.add(amendment.id)
        elif amendment.kind is AmendmentKind.SUP:
            own_closed.add(amendment.id)
        elif workspace and amendment.status is Status.DRAFT:
            editable.add(amendment.id)
        elif not workspace and amendment.status in _EDITABLE_IN_OPINION and not amendment.pinned:
            editable.add(amendment.id)
        else:
            own_closed.add(amendment.id)
    return Rights(frozenset(editable), frozenset(own_closed), frozenset(foreign))


class Writing:
    """Takes typed updates into streams. Remembers rights as long as the record they follow from stands."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._known: dict[tuple[str, str], tuple[Mapping[AmendmentId, Amendment], Rights]] = {}

    def accept(
        self, stream: Stream, peer: Peer, message: UpdateMessage, party: DelegationCode, blank: Entry
    ) -> Sequence[bytes]:
        """The committed form of an update: its bytes, mends and record changes; empty when all of it was known.

        Raises `UpdateRefused`; the stream is then as before.
        """
        mine = self._rights(stream, party)
        sender = Sender(
            client=peer.client,
            party=party,
            editable=mine.editable,
            own_closed=mine.own_closed,
            foreign=mine.foreign,
            new_id=lambda: AmendmentId(self._new_id("a")),
        )
        accepted = stream.gate.check(message.update, sender)
        if accepted.known:
            return ()
        record = settle(
            accepted,
            stream.gate.view(),
            party=party,
            author=blank.name,
            typist=blank.typist,
            at=blank.at,
            workspace=stream.delegation is not None,
        )
        settled = (stream.gate.write(record),) if record else ()
        message_of = (peer.client, message.n)
        return stream.log(EntryKind.UPDATE, (*accepted.updates, *settled), blank, message_of).updates

    def _rights(self, stream: Stream, party: DelegationCode) -> Rights:
        amendments = stream.gate.record.amendments
        held = self._known.get((stream.document, party))
        if held is not None and held[0] is amendments:
            return held[1]
        fresh = rights(amendments, party, workspace=stream.delegation is not None)
        self._known[(stream.document, party)] = (amendments, fresh)
        return fresh
