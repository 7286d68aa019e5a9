"""The gate: every update is taken whole or refused whole, by its effect (crdt/SPEC.md, section G; I1, I2, I3).

A gate holds one Yjs document, `ahead`: what is in the database (*live*) and what was accepted since. Live itself is
kept as bytes, a state and the updates since, and made into a document only when a refusal or a failed append asks for
it. An update is read from its bytes, held against the index of what is known, and then applied to `ahead`; what it did
to the paragraphs is judged and mended there. A refusal brings `ahead`, mirror and index back to where they were.

The index of a long text takes some tenths of a second to make, and who only reads needs none: it is made when the first
update comes, or in parts before that (`prepare`). So is the order of a list in which many typed, when an update first
puts something in there.
"""

from collections.abc import Generator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from crdt.caret import Caret
from crdt.decoder import MAX_UPDATE, decode_update
from crdt.document import Change, Replica, SharedDocument, clocks_in
from crdt.effect import Rights, Sender, interferes, judge
from crdt.errors import DocumentError, LogBroken, UpdateRefused
from crdt.index import Index, Place, indexing
from crdt.mirror import Mirror, ids_in
from crdt.preflight import Checked, destroys, preflight
from opinions.edits import Edit
from opinions.model import AmendmentId, Paragraph
from opinions.record import Document, Record

__all__ = ["Accepted", "Gate", "Sender", "TouchedParagraph"]

STATE_EVERY = 500
"""Committed updates after which live is kept as one state again: a refusal applies at most so many anew."""
MAX_CHARACTERS = 500_000
"""Characters of a document: some 160 pages, ten times the longest Opinion."""
MAX_PARAGRAPHS = 10_000
MAX_AMENDMENTS = 5_000
"""Amendments that stand in a document at once."""


class TouchedParagraph(NamedTuple):
    """A paragraph before an update and after it, mends included. `before` None: it appeared; `after` None: it is
    gone.
    """

    before: Paragraph | None
    after: Paragraph | None


class Accepted(NamedTuple):
    """What the gate took. `updates` are the bytes to log, in order: the update as it came and, where marks were
    mended, the mend.

    `new_ids` are amendment ids of the sender that stand in the text and were in none of its sets; `gone_ids`
    editable ones of which no mark stands any more. `successors` tells under which new id words went that were typed
    under a closed amendment. `known`: all of it was here already; there is nothing to log and nothing to tell but
    an acknowledgement.
    """

    updates: tuple[bytes, ...] = ()
    touched: tuple[TouchedParagraph, ...] = ()
    new_ids: frozenset[AmendmentId] = frozenset()
    gone_ids: frozenset[AmendmentId] = frozenset()
    successors: Mapping[AmendmentId, AmendmentId] = MappingProxyType({})
    known: bool = False


_KNOWN = Accepted(known=True)


class Gate:
    """One document behind its gate. Not safe for use from several tasks at once: a room asks it one thing after the
    other.
    """

    def __init__(self, server_client: int, record_root: str, updates: Sequence[bytes] = ()) -> None:
        """`updates` are a stored state and what was logged since; raises `LogBroken` when they do not make a
        document.
        """
        self.record_root = record_root
        try:
            self._ahead = SharedDocument(server_client, updates)
            _all_there(updates, self._ahead.clocks())
        except BaseException as error:
            if not isinstance(error, DocumentError) and not _of_the_library(error):
                raise
            raise LogBroken(f"The stored document cannot be read: {error}") from error
        self._base = self._ahead.state()
        self._known: Index | None = None
        self._making: Generator[None, None, Index] | None = None
        self._meanwhile: list[bytes] = []
        self._clocks: dict[int, int] | None = None
        self._since: list[bytes] = []
        self._pending: list[bytes] = []
        self._carets: dict[int, Caret] = {}

    # -- typed updates

    def check(self, update: bytes, sender: Sender) -> Accepted:
        """Takes an update into the ahead document, mended where its marks are not as they must be.

        Raises `UpdateRefused` with a code of section G; everything is then as it was before.
        """
        checked = self._read(update, sender.client)
        if checked.known:
            return _KNOWN
        mirror = self._ahead.mirror
        if checked.deletes and destroys(checked, sender.editable, mirror, self._index):
            raise UpdateRefused("destroyed", "Words of others were deleted. Strike them out instead.")
        if checked.lost:
            raise _orphaned()
        for place in checked.attributed:
            standing = mirror.paragraph(place.paragraph_id)
            if standing is None or standing.added is None or standing.added not in sender.editable:
                raise UpdateRefused("structure", "Only the secretariat changes what a paragraph is.")
        rights = _rights(checked, sender, mirror)
        mark, characters = mirror.mark(), mirror.characters
        if checked.unsure:
            self._arrange(checked)
        try:
            changes = self._apply(update)
            verdict = judge(changes, rights)
            if checked.typed and not verdict.arrived:
                raise _orphaned()
            mend = self._mend(verdict.mends, changes, rights) if verdict.mends else b""
            touched = self._settled(changes)
            if not verdict.plain and any(interferes(before, after, rights.own) for before, after in touched):
                raise UpdateRefused("interference", "The update changes what is not yours. Nothing was taken.")
            self._check_size(characters, len(touched))
        except BaseException:
            self._restore(mark, checked)
            raise
        self._take(update, checked, mend)
        if checked.plain and not mend:
            return Accepted((update,), touched)
        return _accepted((update, mend) if mend else (update,), touched, rights, mirror)

    # -- the server's own writing

    def write(self, edits: Sequence[Edit], root: str | None = None) -> bytes:
        """Carries edits out in the ahead document; returns the Yjs update to log, empty when nothing changed.

        Record edits go to this gate's record root unless `root` names the other one. Raises what
        `opinions.edits.applied` raises, and then nothing is changed.
        """
        update, _ = self._ahead.write(edits, root or self.record_root)
        if update:
            if self._known is not None:
                self._known.absorb(decode_update(update, trusted=True))
            self._note((update,))
        return update

    def absorb(self, updates: Sequence[bytes]) -> None:
        """Takes trusted updates of another log (a workspace: the opinion's) into the ahead document."""
        entries: list[tuple[str, str]] | None = None
        if self._known is not None:
            entries = []
            for update in updates:
                decoded = decode_update(update, trusted=True)
                entries += self._known.entries_deleted(decoded)
                self._known.absorb(decoded)
                entries += self._known.entries_set(decoded)
        self._ahead.apply(updates, entries)
        self._note(updates)

    def _note(self, updates: Sequence[bytes]) -> None:
        self._pending += updates
        self._clocks = None
        if self._making is not None:
            self._meanwhile += updates

    # -- the index

    @property
    def ready(self) -> bool:
        """Whether the index is there: the next `check` need not make it first."""
        return self._known is not None

    def awaits(self, update: bytes, client: int) -> bool:
        """Whether more is to be done before this update of a client can be judged than a check should do at once."""
        return self._known is None or bool(self._unordered(self._known, update, client))

    def prepare(self, update: bytes = b"", client: int = 0) -> None:
        """A part, some milliseconds long, of making the index, until the gate is `ready`; then of what else the update
        of a client `awaits`.

        Raises `LogBroken` when the document holds what none of ours may; the next call then begins anew.
        """
        if self._known is not None:
            try:
                for place in self._unordered(self._known, update, client)[:1]:
                    self._known.put_in_order(place)
            except UpdateRefused as error:
                raise LogBroken(f"The stored document cannot be read: {error}") from error
            return
        try:
            if self._making is None:
                self._making = indexing(self._ahead.state())
            try:
                next(self._making)
            except StopIteration as end:
                index: Index = end.value
                for update in self._meanwhile:
                    index.absorb(decode_update(update, trusted=True))
                self._known, self._making, self._meanwhile = index, None, []
        except BaseException as error:
            self._forget_index()
            if not isinstance(error, DocumentError):
                raise
            raise LogBroken(f"The stored document cannot be read: {error}") from error

    def _unordered(self, index: Index, update: bytes, client: int) -> list[Place]:
        caret = self._carets.get(client)
        if not update or (caret is not None and caret.leads(update)):
            return []
        try:
            return index.unordered(decode_update(update))
        except UpdateRefused:
            return []  # the check says why

    @property
    def _index(self) -> Index:
        while self._known is None:
            self.prepare()
        return self._known

    def _forget_index(self) -> None:
        self._known = self._making = self._clocks = None
        self._meanwhile = []

    # -- live and ahead

    def commit(self) -> None:
        """The log has what was accepted: it is live."""
        if self._pending:
            self._since += self._pending
            self._pending = []
            if len(self._since) >= STATE_EVERY:
                # Nothing is pending: ahead is live.
                self._base, self._since = self._ahead.state(), []
        self._ahead.mirror.settle()

    def rollback(self) -> None:
        """The log did not take what was accepted: ahead is live again."""
        self._ahead.mirror.undo(0)
        self._ahead.reload((self._base, *self._since))
        self._forget_index()
        self._pending = []
        self._carets = {}

    @property
    def accepted(self) -> int:
        """How many updates were taken since the last commit."""
        return len(self._pending)

    def reread(self, accepted: int) -> "Gate":
        """This gate made anew of what is in the database and the first `accepted` of the updates taken since: for when
        something failed half-way, and nothing in memory but these bytes can be trusted.
        """
        gate = Gate(self._ahead.client, self.record_root, (self._base, *self._since))
        gate.absorb(self._pending[:accepted])
        return gate

    # -- reading

    @property
    def record(self) -> Record:
        """The record ahead, drafts laid over it; the same object until an entry changes."""
        return self._ahead.mirror.record

    def view(self) -> Document:
        """Text and record ahead."""
        return self._ahead.view()

    def live_view(self) -> Document:
        """Text and record as they are in the database."""
        return self._ahead.mirror.settled() if self._pending else self._ahead.view()

    def clock(self, client: int) -> int:
        """The next clock of a client; 0 when nothing of it is known."""
        if self._known is not None:
            return self._known.clock(client)
        if self._clocks is None:
            self._clocks = self._ahead.clocks()
        return self._clocks.get(client, 0)

    def state(self) -> bytes:
        """The ahead document as one Yjs update."""
        return self._ahead.state()

    def live_state(self) -> bytes:
        """The document as it is in the database, as one Yjs update."""
        return Replica(self._ahead.client, (self._base, *self._since)).state() if self._pending else self._ahead.state()

    def difference(self, state_vector: bytes) -> bytes:
        """What a document with this state vector lacks of the ahead one. Raises `UpdateRefused` (G1, G2)."""
        return self._ahead.difference(state_vector)

    def state_vector(self) -> bytes:
        """The next clock of each client of the ahead document, as Yjs encodes it."""
        return self._ahead.state_vector()

    # -- the steps of a check

    def _read(self, update: bytes, client: int) -> Checked:
        caret = self._carets.get(client)
        if caret is not None and (checked := caret.goes_on(update, self._index)) is not None:
            return checked
        return preflight(decode_update(update), client, self._index, caret.tail if caret else None)

    def _arrange(self, checked: Checked) -> None:
        try:
            self._index.arrange(checked.client, checked.clock, checked.items)
        except BaseException:
            self._index.take_back(checked.client, checked.clock, checked.items)
            raise

    def _apply(self, update: bytes) -> list[Change]:
        try:
            changes, record = self._ahead.apply((update,), ())
        except DocumentError as error:
            raise UpdateRefused(error.code, error.message) from error
        except BaseException as error:
            # The preflight is there so that none comes; if one does, this copy is thrown away.
            if not _of_the_library(error):
                raise
            raise UpdateRefused("malformed", "The update cannot be applied. Reload the page.") from error
        if record:
            raise UpdateRefused("schema", "Only the text may be typed in; the record is the server's.")
        return changes

    def _mend(self, mends: Sequence[Edit], changes: Sequence[Change], rights: Rights) -> bytes:
        mend, _ = self._ahead.write(mends)
        mended = [Change(one.before, one.after and self._now(one.after), one.steps) for one in changes]
        if judge(mended, rights).mends:
            raise UpdateRefused("interference", "The update's marks cannot be set right. Nothing was taken.")
        return mend

    def _settled(self, changes: Sequence[Change]) -> tuple[TouchedParagraph, ...]:
        if len(changes) == 1:
            (one,) = changes
            return (TouchedParagraph(one.before, one.after and self._now(one.after)),)
        first: dict[str, Paragraph | None] = {}
        for one in changes:
            paragraph = one.before or one.after
            assert paragraph is not None
            first.setdefault(paragraph.id, one.before)
        mirror = self._ahead.mirror
        # The library tells of several texts in no order of its own; two gates must say the same of one update.
        return tuple(TouchedParagraph(first[name], mirror.paragraph(name)) for name in sorted(first))

    def _now(self, paragraph: Paragraph) -> Paragraph | None:
        return self._ahead.mirror.paragraph(paragraph.id)

    def _check_size(self, characters: int, touched: int) -> None:
        mirror = self._ahead.mirror
        if mirror.characters > MAX_CHARACTERS and mirror.characters > characters:
            raise UpdateRefused("too-long", f"An Opinion may hold {MAX_CHARACTERS} characters.")
        if touched and len(mirror) > MAX_PARAGRAPHS:
            raise UpdateRefused("too-long", f"An Opinion may hold {MAX_PARAGRAPHS} paragraphs.")
        if mirror.amendments > MAX_AMENDMENTS:
            raise UpdateRefused("too-long", f"An Opinion may hold {MAX_AMENDMENTS} amendments at once.")

    def _take(self, update: bytes, checked: Checked, mend: bytes) -> None:
        self._index.take(checked.client, checked.runs, checked.places, checked.pairs)
        if not checked.unsure:
            self._index.append(checked.client, checked.items)
        self._index.bury(checked.deletes)
        self._pending.append(update)
        if mend:
            self._index.absorb(decode_update(mend, trusted=True))
            self._pending.append(mend)
        if checked.runs and checked.tail is not None:
            self._carets[checked.client] = Caret(checked, checked.tail)

    def _restore(self, mark: int, checked: Checked) -> None:
        if checked.unsure:
            self._index.take_back(checked.client, checked.clock, checked.items)
        self._ahead.mirror.undo(mark)
        self._ahead.reload((self._base, *self._since, *self._pending))


def _rights(checked: Checked, sender: Sender, mirror: Mirror) -> Rights:
    """An id that the update brings is new when nobody has it on record and no mark in the text carries it yet."""
    if not checked.named:
        return Rights(sender, frozenset(), checked.on)
    fresh = frozenset(
        one
        for one in checked.named
        if one not in sender.editable
        and one not in sender.own_closed
        and one not in sender.foreign
        and not mirror.holds(one)
    )
    return Rights(sender, fresh, checked.on)


def _accepted(
    updates: tuple[bytes, ...], touched: tuple[TouchedParagraph, ...], rights: Rights, mirror: Mirror
) -> Accepted:
    editable = rights.sender.editable
    new: set[AmendmentId] = set()
    gone: set[AmendmentId] = set()
    for before, after in touched:
        now = ids_in(after) if after else frozenset()
        if rights.fresh or rights.minted:
            new.update(one for one in now if one not in editable and rights.own(one))
        if before is not None and (lost := ids_in(before) - now):
            gone.update(one for one in lost if one in editable and not mirror.holds(one))
    return Accepted(updates, touched, frozenset(new), frozenset(gone), MappingProxyType(rights.successors))


def _all_there(updates: Sequence[bytes], clocks: Mapping[int, int]) -> None:
    """The library keeps what it cannot place yet without a word; a stored document must have nothing of that kind."""
    for update in updates:
        # Of a whole state the library tells what it holds, and fast; of a mere update it does not.
        ends = clocks_in(update) if len(update) > MAX_UPDATE else {}
        if not ends:
            ends = {block.client: block.end for block in decode_update(update, trusted=True).blocks}
        for client, end in ends.items():
            if end > clocks.get(client, 0):
                raise LogBroken(f"The stored document lacks what the changes of client {client} build on.")


def _of_the_library(error: BaseException) -> bool:
    """Whether pycrdt gave up, and not ourselves. Its panics are no `Exception`."""
    return isinstance(error, ValueError | RuntimeError) or type(error).__name__ == "PanicException"


def _orphaned() -> UpdateRefused:
    return UpdateRefused(
        "orphaned", "The place you were typing in is gone. Your words are kept: propose them elsewhere."
    )
