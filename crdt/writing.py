"""Typed updates: from the gate's verdict to a log entry (crdt/SPEC.md, G and L).

One function, `accept`, shows the order: whose text may this peer change, does the gate take the update, what must
the record say of it, one entry.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from crdt.gate import Accepted, Sender
from crdt.log import Entry, EntryKind
from crdt.presence import Peer
from crdt.protocol import UpdateMessage
from crdt.stream import Stream
from opinions.edits import RecordEdit
from opinions.model import AmendmentId, DelegationCode
from opinions.record import OPEN_STATUSES, Amendment, AmendmentKind, Status
from opinions.settling import settle, unremarkable

_EDITABLE_IN_OPINION = OPEN_STATUSES - {Status.DRAFT}


class Those:
    """The amendments of a record of which something holds. Each is looked up when somebody asks: every new amendment
    makes a new record, and a hall of delegations types meanwhile.
    """

    __slots__ = ("_amendments", "_holds")

    def __init__(self, amendments: Mapping[AmendmentId, Amendment], holds: Callable[[Amendment], bool]) -> None:
        self._amendments = amendments
        self._holds = holds

    def __contains__(self, amendment_id: object) -> bool:
        amendment = self._amendments.get(cast(AmendmentId, amendment_id))
        return amendment is not None and self._holds(amendment)


def may_be_typed_in(amendment: Amendment, party: DelegationCode, *, workspace: bool) -> bool:
    """Whether `party` may type in an amendment: its drafts in a workspace; in the opinion its open amendments that
    nobody has pinned (G8). A SUP has no words: what is typed under its id is mended to an amendment of its own (G11).
    """
    if amendment.delegation != party or amendment.kind is AmendmentKind.SUP:
        return False
    if workspace:
        return amendment.status is Status.DRAFT
    return amendment.status in _EDITABLE_IN_OPINION and not amendment.pinned


class Writing:
    """Takes typed updates into streams. Remembers who a party's last sender was as long as the record stands."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._known: dict[tuple[str, str], tuple[Mapping[AmendmentId, Amendment], Sender]] = {}

    def accept(
        self, stream: Stream, peer: Peer, message: UpdateMessage, party: DelegationCode, blank: Entry
    ) -> Sequence[bytes]:
        """The committed form of an update: its bytes, mends and record changes; empty when all of it was known.

        Raises `UpdateRefused`; the stream is then as before.
        """
        accepted = stream.gate.check(message.update, self._sender(stream, peer.client, party))
        if accepted.known:
            return ()
        updates = accepted.updates
        if record := self._settled(stream, accepted, party, blank):
            updates = (*updates, stream.gate.write(record))
        return stream.log(EntryKind.UPDATE, updates, blank, (peer.client, message.n)).updates

    def _settled(self, stream: Stream, accepted: Accepted, party: DelegationCode, blank: Entry) -> Sequence[RecordEdit]:
        workspace = stream.delegation is not None
        if unremarkable(accepted, stream.gate.record, party, workspace=workspace, typist=blank.typist):
            return ()
        return settle(
            accepted,
            stream.gate.view(),
            party=party,
            author=blank.name,
            typist=blank.typist,
            at=blank.at,
            workspace=workspace,
        )

    def _sender(self, stream: Stream, client: int, party: DelegationCode) -> Sender:
        amendments = stream.gate.record.amendments
        held = self._known.get((stream.document, party))
        if held is not None and held[0] is amendments and held[1].client == client:
            return held[1]
        workspace = stream.delegation is not None

        def editable(amendment: Amendment) -> bool:
            return may_be_typed_in(amendment, party, workspace=workspace)

        sender = Sender(
            client=client,
            party=party,
            editable=Those(amendments, editable),
            own_closed=Those(amendments, lambda one: one.delegation == party and not editable(one)),
            foreign=Those(amendments, lambda one: one.delegation != party),
            new_id=self._mint,
        )
        self._known[(stream.document, party)] = (amendments, sender)
        return sender

    def _mint(self) -> AmendmentId:
        return AmendmentId(self._new_id("a"))
