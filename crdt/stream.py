"""One document in a room: its gate, its log's head, its leases; and the workspace, a document that builds on another.

A stream takes entries in memory as fast as the gate accepts them (they are "ahead"), hands them over for one
append, and goes live
with `commit` when they are in the database. Nothing here is told to anybody before that.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from typing_extensions import override

from crdt.errors import LogBroken
from crdt.gate import Gate
from crdt.log import SNAPSHOT_EVERY, Entry, EntryKind, Lease, Snapshot, StoredLog, placed
from crdt.step import Append
from opinions.alignment import aligned
from opinions.carry import drafts_of, follow
from opinions.edits import SetMark, Shift
from opinions.model import DelegationCode, Opinion

OPINION_CLIENT = 1
WORKSPACE_CLIENT = 2
"""The ids under which the server writes (D6)."""
FIRST_LEASE = 1000


class Stream:
    """One document: live state, the entries accepted since, and who may write under which client id."""

    def __init__(self, stored: StoredLog, gate: Gate, delegation: DelegationCode | None = None) -> None:
        self.document = stored.document
        self.delegation = delegation
        self.generation = stored.generation
        self.epoch = stored.epoch
        self.seq = stored.seq
        self.head = stored.head
        self.gate = gate
        self.awaits_words = False
        """Whether somebody is about to type: the gate gets ready for it meanwhile."""
        self.leases = {lease.client: lease for lease in stored.leases}
        self.results = dict(stored.results)
        self._logged_seq = stored.seq
        self._logged_head = stored.head
        self._logged_epoch = stored.epoch
        self._snapshot_seq = stored.snapshot.seq if stored.snapshot else 0
        self._entries: list[Entry] = []
        self._new_leases: list[Lease] = []
        self._lent: dict[int, Lease] = {}
        self._founding = False

    @classmethod
    def opinion(cls, stored: StoredLog) -> "Stream":
        """The opinion's document from its stored log."""
        return cls(stored, Gate(OPINION_CLIENT, "record", stored_updates(stored)))

    @property
    def record_root(self) -> str:
        """The root map the server writes amendments of this document into (D5)."""
        return "record" if self.delegation is None else "drafts"

    def expect_words(self) -> None:
        """Somebody may be about to type: there is something to `prepare`."""
        self.awaits_words = not self.gate.ready

    def prepare(self, update: bytes = b"", client: int = 0) -> bool:
        """A part, some milliseconds long, of what the first update needs, or this one of a client; True when there is
        more of it.
        """
        try:
            self.gate.prepare(update, client)
        except LogBroken:
            # Whoever types meets it again, and it is told where that is told (G18); readers need none of this.
            self.awaits_words = False
            return False
        self.awaits_words = not self.gate.ready
        return self.gate.awaits(update, client)

    def log(
        self, kind: EntryKind, updates: Sequence[bytes], entry: Entry, message: tuple[int, int] | None = None
    ) -> Entry:
        """Chains an entry (given with its actor, time and command) behind the last one and keeps it for the append.

        `message`: the client id and number of the UPDATE it comes from.
        """
        logged = placed(
            self.document,
            entry,
            kind,
            self.seq + 1,
            tuple([update for update in updates if update]),
            self.head,
            generation=self.generation,
            epoch=self.epoch,
            message=message,
        )
        self.seq, self.head = logged.seq, logged.hash
        self._entries.append(logged)
        if logged.key:
            self.results[logged.key] = (logged.seq, logged.result)
        if logged.n and (held := self.leases.get(logged.client)) is not None:
            self._lent.setdefault(held.client, held)
            self.leases[logged.client] = Lease(held.client, held.member, logged.n)
        return logged

    def lease(
        self, member: str, wanted: int | None, taken: Callable[[int], bool], fresh_client: Callable[[], int]
    ) -> Lease:
        """The lease asked for when it is this member's and free, else one of a fresh client id (W2)."""
        held = self.leases.get(wanted) if wanted is not None else None
        if held is not None and held.member == member and not taken(held.client):
            return held
        fresh = Lease(fresh_client(), member)
        self.leases[fresh.client] = fresh
        self._new_leases.append(fresh)
        return fresh

    def take_append(self) -> Append | None:
        """What the log must take for all that was accepted since; None when there is nothing. `saved` follows."""
        if not self._entries and not self._new_leases:
            return None
        return Append(
            self.document,
            self._logged_seq,
            self._logged_epoch,
            tuple(self._entries),
            tuple(self._new_leases),
            self.delegation,
            self._founding,
        )

    def saved(self) -> None:
        """The log has taken what `take_append` gave."""
        if self._entries or self._new_leases:
            self._founding = False
        self._logged_seq, self._logged_head, self._logged_epoch = self.seq, self.head, self.epoch
        self._entries, self._new_leases, self._lent = [], [], {}
        self.gate.commit()

    def reset(self) -> None:
        """Forgets what was accepted since `saved`; the document is read anew from the live one.

        For when something failed half-way, or could not be saved: nothing of the copy, its mirror or its index is
        trusted then.
        """
        for entry in self._entries:
            self.results.pop(entry.key, None)
        self.leases.update(self._lent)
        for lease in self._new_leases:
            del self.leases[lease.client]
        self.seq, self.head, self.epoch = self._logged_seq, self._logged_head, self._logged_epoch
        self._entries, self._new_leases, self._lent = [], [], {}
        self.gate = self._read_anew()

    def _read_anew(self) -> Gate:
        return self.gate.reread(0)

    def snapshot_due(self, *, now: bool) -> Snapshot | None:
        """The snapshot the log should keep: after `SNAPSHOT_EVERY` entries, or whenever something is new and `now`."""
        behind = self.seq - self._snapshot_seq
        if behind < (1 if now else SNAPSHOT_EVERY):
            return None
        self._snapshot_seq = self.seq
        return Snapshot(self.seq, self.gate.state())


class Workspace(Stream):
    """A delegation's own log on top of the opinion's; its document is the union of both (D1).

    It follows the opinion when it is next used or somebody looks on, and after commands that move or remove paragraphs
    at once, so that no draft loses its words unnoticed.
    """

    def __init__(self, stored: StoredLog, delegation: DelegationCode, opinion: Stream, *, new: bool) -> None:
        base = (opinion.gate.state(),)
        gate = Gate(WORKSPACE_CLIENT, "drafts", (*stored_updates(stored), *base))
        super().__init__(stored, gate, delegation)
        self._opinion = opinion
        self._founding = new
        self._unseen: list[bytes] = []
        self._shifts: list[Shift] = []
        self._aligned: Opinion | None = None

    @override
    def _read_anew(self) -> Gate:
        # The opinion is reset first: what it then holds is committed, and holds all that was heard of it.
        self._unseen, self._shifts, self._aligned = [self._opinion.gate.state()], [], None
        return self.gate.reread(0)

    def hear(self, updates: Sequence[bytes]) -> None:
        """Remembers updates of the opinion for the next `follow`."""
        self._unseen.extend(updates)

    def shift(self, shifts: Sequence[Shift]) -> None:
        """Remembers what moved for the next `follow`."""
        self._shifts.extend(shifts)

    def follow(self, shifts: Sequence[Shift], blank: Entry) -> tuple[bytes, ...]:
        """Takes up what the opinion did: drafts whose place moved or went follow their words or keep them in their
        record, and marks that are not the drafts' become the opinion's.

        Returns the workspace's own new updates (already kept for the append), none in the usual case. Whatever it
        raises, everything is as it was, and the next call takes up this one's share too.
        """
        self._shifts.extend(shifts)
        if not self._unseen and self._aligned is not None:
            self._shifts = []
            return ()
        accepted = self.gate.accepted
        try:
            updates = self._taken_up()
            logged = self.log(EntryKind.MEND, updates, blank).updates if updates else ()
        except BaseException:
            self._aligned = None
            self.gate = self.gate.reread(accepted)
            raise
        self._unseen, self._shifts, self._aligned = [], [], self.gate.view().text
        return logged

    def _taken_up(self) -> list[bytes]:
        before = self.gate.view()
        self.gate.absorb(self._unseen)
        drafts = drafts_of(before)
        replaced = follow(drafts, before, tuple(self._shifts), self.gate.view().text) if drafts else ()
        updates = [self.gate.write(replaced)] if replaced else []
        if marks := self._marks_to_set():
            updates.append(self.gate.write(marks))
        return updates

    def _marks_to_set(self) -> list[SetMark]:
        """What the opinion's marks lack in the paragraphs that changed since they were last the same."""
        view = self.gate.view()
        drafts = drafts_of(view)
        known = {id(paragraph) for paragraph in self._aligned} if self._aligned else frozenset()
        theirs = {paragraph.id: paragraph for paragraph in self._opinion.gate.view().text}
        edits: list[SetMark] = []
        for paragraph in view.text:
            if id(paragraph) not in known and paragraph.id in theirs:
                # A view whose characters differ is left as it is: Submit then refuses, and nothing is overwritten.
                with suppress(ValueError):
                    edits.extend(aligned(drafts, paragraph, theirs[paragraph.id]))
        return edits


def stored_updates(stored: StoredLog) -> tuple[bytes, ...]:
    """The updates a stored log's document is made of. Raises `LogBroken` when its entries end before its seq."""
    if stored.tail and stored.tail[-1].seq != stored.seq:
        raise LogBroken(f"Document {stored.document}: the log ends at {stored.tail[-1].seq}, not at {stored.seq}.")
    first = (stored.snapshot.state,) if stored.snapshot else ()
    return (*first, *(update for entry in stored.tail for update in entry.updates))
