"""The end of a sitting: nothing goes wrong any more, and within bounded time everything must have come to rest.

Everybody shows the server's text; nothing waits; what was typed is in the record or in its author's tray; a room opened
anew from the record is the room that was; and a good edit still gets in.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crdt.document import SharedDocument
from crdt.room import Room, Setting
from opinions.carry import drafts_of, lifted
from opinions.edits import InsertText
from opinions.record import Document
from tests.crdt.yjs.browser import Browser
from tests.simulation.auditor import PromiseBroken
from tests.simulation.delegate import own
from tests.simulation.typed import kept

if TYPE_CHECKING:
    from tests.simulation.sitting import Sitting

PATIENCE = 240.0
"""Virtual seconds: half-open lines are noticed within 30, browsers wait up to 30 between attempts, several times."""


class Ending:
    """Raises `PromiseBroken`."""

    def __init__(self, sitting: "Sitting", problems: list[str]) -> None:
        self._sitting = sitting
        self._problems = problems

    async def reached(self) -> None:
        """Wait for rest, then look at everything."""
        await self._rest()
        await self._both_scopes()
        await self._good_edit()
        await self._rest()
        await self._agreement()
        self._words()
        await self._roster()
        await self._reopened()

    async def _both_scopes(self) -> None:
        """What waits in the opinion's copy is sent when one goes there; then everybody is in the workspace."""
        for delegate in self._sitting.delegates:
            if delegate.home and delegate.copies[False].outbox and delegate.copy.workspace:
                delegate.switch(False)
        await self._rest()
        for delegate in self._sitting.delegates:
            delegate.switch(True)
        await self._rest()
        for delegate in self._sitting.delegates:
            for copy in delegate.copies.values():
                if copy.outbox:
                    raise PromiseBroken(f"[progress] at the end there waits for {delegate.name}: {copy.outbox}")

    async def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        quiet = 0
        while quiet < 2:
            await asyncio.sleep(1.0)
            if self._problems:
                raise PromiseBroken(self._problems[0])
            for delegate in self._sitting.delegates:
                delegate.welcome_back()
            resting = all(delegate.idle for delegate in self._sitting.delegates)
            quiet = quiet + 1 if resting else 0
            if loop.time() > until:
                raise PromiseBroken(f"[progress] after {PATIENCE:.0f} s without faults: {'; '.join(self._restless())}")

    def _restless(self) -> Iterator[str]:
        for delegate in self._sitting.delegates:
            if not delegate.idle:
                waits = sum(len(copy.outbox) for copy in delegate.copies.values())
                yield f"{delegate.name} {'has' if delegate.synced else 'lacks'} the text, {waits} wait"

    async def _good_edit(self) -> None:
        for delegate in self._sitting.delegates:
            if delegate.home and delegate.ready and not delegate.signed_out:
                view, refused = delegate.copy.view(), len(delegate.refusals)
                first, amendment = view.text.paragraphs[0], self._sitting.typed.mint("a")
                token = self._sitting.typed.word(delegate.name, delegate.party, amendment, first.id)
                delegate.write([InsertText(first.id, 0, token + " ", own(amendment))], [token])
                await self._rest()
                if len(delegate.refusals) != refused:
                    raise PromiseBroken(f"[progress] a good edit is refused: {delegate.refusals[-1]}")
                return

    # -- what is shown

    async def _agreement(self) -> None:
        live = await self._sitting.house.hub.document(self._sitting.store.opinion)
        _same("the room", live, "the record", self._committed(""))
        first: dict[str, tuple[str, Document]] = {}
        for delegate in self._sitting.delegates:
            view = delegate.copy.view()
            if isinstance(delegate.copy.document, Browser) and delegate.copy.document.shown() != view.text:
                raise PromiseBroken(f"[P6] Yjs shows {delegate.name} another text than yrs")
            delegation = str(delegate.actor.delegation) if delegate.copy.workspace else ""
            if not delegation:
                _same(delegate.name, view, "the room", live)
                continue
            bare = lifted(drafts_of(view), view.text)
            if bare != live.text:
                raise PromiseBroken(f"[D1] {delegate.name} shows another text under its drafts: {_first(bare, live)}")
            for amendment in live.record.amendments.values():
                if view.amendment(amendment.id) != amendment:
                    raise PromiseBroken(f"[D1] {delegate.name} has another record of {amendment.id}")
            other = first.setdefault(delegation, (delegate.name, view))
            _same(delegate.name, view, *other)

    def _committed(self, delegation: str) -> Document:
        replica = self._sitting.auditor.replica(delegation)
        assert replica is not None
        return replica.view()

    async def _roster(self) -> None:
        """Everybody is shown who is there: within seconds, whatever the clock did."""
        here = {delegate.actor.name for delegate in self._sitting.delegates}
        others = {one.actor.name for one in self._sitting.intruders}
        shown: dict[str, set[str]] = {}
        for _ in range(10):
            shown = {one.name: {peer["name"] for peer in one.peers} - others for one in self._sitting.delegates}
            if all(names == here for names in shown.values()):
                return
            await asyncio.sleep(1.0)
        wrong = [f"{name}: {sorted(names)}" for name, names in shown.items() if names != here]
        raise PromiseBroken(f"[W8] not shown who is there ({sorted(here)}): {'; '.join(wrong)}")

    # -- what was typed

    def _words(self) -> None:
        """[I7]"""
        typed = self._sitting.typed
        public = kept(self._committed(""))
        drafts: dict[str, str] = {}
        trays = set().union(*(delegate.tray for delegate in self._sitting.delegates))
        for word in typed.words.values():
            if word.given_up or word.token in trays or word.token in public:
                continue
            if word.party not in drafts:
                replica = self._sitting.auditor.replica(word.party)
                drafts[word.party] = kept(replica.view()) if replica else ""
            if word.token not in drafts[word.party]:
                raise PromiseBroken(f"[I7] {word.token}, typed by {word.author} under {word.amendment}, is nowhere")

    async def _reopened(self) -> None:
        """[L4] A room from the record, its snapshots included, is the room that was; so is any state with the tail
        behind it.
        """
        sitting = self._sitting
        live = await sitting.house.hub.document(sitting.store.opinion)
        entries = sitting.store.shelves[sitting.store.opinion].entries
        updates = [update for entry in entries for update in entry.updates]
        cut = sitting.random.randint(1, len(updates))
        state = SharedDocument(5, updates[:cut]).state()
        _same(f"update {cut} and the tail", SharedDocument(6, (state, *updates[cut:])).view(), "the room", live)
        stored = await sitting.store.load(sitting.store.opinion)
        setting = Setting(stored.id, stored.delegations, lambda kind: f"{kind}-none", lambda record: b"")
        room = Room(setting, stored.document, stored.workspaces)
        _same("a room opened anew", room.document(), "the room", live)
        for delegation in sorted(stored.workspaces):
            for delegate in sitting.delegates:
                if delegate.actor.delegation == delegation and delegate.copy.workspace:
                    view = room.workspace(delegation).gate.view()
                    _same(f"the workspace of {delegation} opened anew", view, delegate.name, delegate.copy.view())


def _same(one: str, left: Document, other: str, right: Document) -> None:
    if left.text != right.text:
        raise PromiseBroken(f"[P6] {one} and {other} show different texts: {_first(left.text, right)}")
    if left.record != right.record:
        keys = {*left.record.amendments, *right.record.amendments}
        wrong = sorted(k for k in keys if left.record.amendments.get(k) != right.record.amendments.get(k))
        raise PromiseBroken(f"[P6] {one} and {other} hold different records: {wrong}")


def _first(text: object, other: Document) -> str:
    for left, right in zip(text, other.text, strict=False):  # type: ignore[call-overload]
        if left != right:
            return f"{left} / {right}"
    return "the number of paragraphs"
