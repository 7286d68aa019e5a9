"""The drafting room of one Opinion: peers, the opinion's document, the delegations' workspaces. Synchronous and
deterministic.

The hub calls, in this order and from one task alone (I4, I5):

    step = room.receive(batch, now)      # every update checked on the copies; the live documents are untouched
    await update_log.append(step.appends)
    room.commit()                        # the live documents
    deliver(step)                        # acknowledgements, one frame to everybody, answers

If the append fails the room is dropped, or told to `undo`: nothing was told. Invariants kept here: I2 (who writes is
the peer's actor, never a field of a frame), I4 (updates and commands in one order), I6 (a freeze is one command among
the others).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crdt import protocol
from crdt.acts import OF_WORKSPACE, Acts, Done, reaches_workspaces
from crdt.decoder import MAX_STATE_VECTOR, MAX_STRUCTS, MAX_UPDATE
from crdt.effect import MAX_PARAGRAPH
from crdt.errors import CommandRefused, DocumentError, ProtocolError, UpdateRefused
from crdt.gate import MAX_CHARACTERS
from crdt.log import Entry, EntryKind, StoredLog
from crdt.outbox import Outbox
from crdt.phase_notices import PhaseClock, PhaseNotices
from crdt.presence import Attendance, Peer, within
from crdt.setting import Setting as Setting
from crdt.setting import drafting_in, writing_act
from crdt.step import Answer, Delivery, DueSnapshot, Fault, Frame, Incoming, PeerId, Request, Step
from crdt.stream import FIRST_LEASE, Stream, Workspace
from crdt.tree import is_id
from crdt.unicode import code_point, refused_in
from crdt.workspaces import Workspaces
from crdt.writing import Writing
from opinions import commands
from opinions.errors import OpinionError
from opinions.model import DelegationCode
from opinions.record import SECRETARIAT, Document
from opinions.roles import Act, Actor, Role, Stage, may

MAX_REFUSALS = 10
REFUSALS_WITHIN = timedelta(seconds=10)
"""An honest client meets one refusal in thousands of edits; ten in ten seconds is an attack, and each costs a
rebuild (G17).
"""
MAX_HELLOS = 20
"""HELLOs of one connection within `REFUSALS_WITHIN`: each may cost a lease and the whole text (G17)."""
MAX_FAULTS = 3
FAULTS_WITHIN = timedelta(minutes=1)
"""A member at whose frames the room itself failed so often, within this, is kept out for as long (G18)."""
MAX_ENTERINGS = 30
ENTERINGS_WITHIN = timedelta(minutes=1)
"""Sets of ready-made proposals that one person, not of the secretariat, sends within this: a form sends one, and each
may keep the room for some 50 ms (C5).
"""
WORKSPACE_FAILED = "Your drafts are read anew; they are kept. Connecting again."
"""Why those are sent away whose workspace failed."""
FAULT = UpdateRefused("fault", "The server could not take this in. Nothing of it was taken; your words are kept.")
LIMITS: Mapping[str, int] = {
    "update": MAX_UPDATE,
    "structs": MAX_STRUCTS,
    "paragraph": MAX_PARAGRAPH,
    "document": MAX_CHARACTERS,
}
"""What a client is told of the gate's limits (G1, G14): bytes and structs of an update, characters of a text."""

NOTHING = b"\0"
"""The state vector of a document that holds nothing."""
_UPDATE = bytes((protocol.ClientFrame.UPDATE,))


class Room:
    """One Opinion's documents and the peers connected to them."""

    def __init__(self, setting: Setting, opinion: StoredLog, workspaces: Mapping[DelegationCode, StoredLog]) -> None:
        self._setting = setting
        self.opinion = Stream.opinion(opinion)
        self._workspaces = Workspaces(self.opinion, workspaces)
        self._peers: dict[PeerId, Peer] = {}
        logs = (opinion, *workspaces.values())
        self._last_client = max((lease.client for log in logs for lease in log.leases), default=FIRST_LEASE - 1)
        self._writing = Writing(setting.new_id)
        self._acts = Acts(setting, self.opinion, self._workspaces)
        self._attendance = Attendance(self._peers)
        self._phases = PhaseNotices(setting.spans)
        self._clock = PhaseClock(setting.spans)
        self._outbox = Outbox()
        self._whole = (-1, b"")
        self._faults: dict[str, tuple[datetime, ...]] = {}
        self._enterings: dict[str, tuple[datetime, ...]] = {}
        self._before = dict(self._peers), self._acts.past

    # -- what the hub calls

    def connect(self, peer: PeerId, actor: Actor) -> None:
        """A socket was opened for this person; it says HELLO next."""
        self._peers[peer] = Peer(peer, actor)

    def leave(self, peer: PeerId, now: datetime) -> None:
        """The socket is gone. The others are told when its person is not back in time (W8)."""
        if (gone := self._peers.pop(peer, None)) is not None:
            self._attendance.left(gone, now)

    def receive(self, batch: Sequence[Incoming], now: datetime, enough: Callable[[], bool] | None = None) -> Step:
        """What a batch of frames and requests leads to. Refusals and protocol errors concern their sender alone.

        So does a failure of the room's own (G18): everything is then as it was before the batch, which is gone
        through again without what its sender sent from there on. `enough` is asked before each but the first: when it
        says so, or an update would have to wait (`prepare`), the rest of the batch is left for the next.
        """
        self._before = dict(self._peers), self._acts.past
        faults: dict[int, BaseException] = {}
        while (failure := self._attempt(batch, faults, now, enough)) is not None:
            number, error = failure
            faults[number] = error
            self.undo()
        for workspace in self._workspaces:
            if any(not self._peers[peer].ended for peer in self._attendance.audiences.get(workspace.delegation, ())):
                self._follow(workspace, now)
        self._send_away()
        self._outbox.notices.extend(protocol.notice("phase", reason=told) for told in self._phases.due(now))
        self._outbox.first.extend(Delivery(peers, frame) for peers, frame in self._attendance.tell(now))
        return self._outbox.step(self.opinion, self._workspaces, self._attendance.audiences)

    def undo(self) -> None:
        """Everything is as it was before the last batch, whose appends were not saved."""
        peers, self._acts.past = self._before
        # The same dict: who is told of whom is read from it.
        self._peers.clear()
        self._peers.update(peers)
        self._attendance.again()
        self._whole = (-1, b"")
        for stream in (self.opinion, *self._workspaces):
            stream.reset()

    def _attempt(
        self,
        batch: Sequence[Incoming],
        faults: Mapping[int, BaseException],
        now: datetime,
        enough: Callable[[], bool] | None,
    ) -> tuple[int, BaseException] | None:
        """Goes through a batch; the first failure that is not known yet, or None."""
        self._outbox = Outbox()
        self._workspaces.failed.clear()
        faulty: set[str] = set()
        least = max(faults, default=0)
        for number, incoming in enumerate(batch):
            if number > least and enough is not None and (enough() or self._unready(incoming) is not None):
                break
            self._outbox.taken = number + 1
            member = self._member(incoming)
            if number in faults:
                self._fault(incoming, member, faults[number], now)
                faulty.add(member)
            elif isinstance(incoming, Frame) and member in faulty:
                continue
            else:
                try:
                    if isinstance(incoming, Frame):
                        self._frame(incoming.peer, incoming.data, now)
                    else:
                        self._request(incoming, now)
                except (KeyboardInterrupt, SystemExit):
                    raise
                except BaseException as error:  # A panic of the CRDT library is no Exception.
                    return number, error
        return None

    def _member(self, incoming: Incoming) -> str:
        if isinstance(incoming, Request):
            return incoming.actor.member
        peer = self._peers.get(incoming.peer)
        return peer.actor.member if peer else ""

    def _fault(self, incoming: Incoming, member: str, error: BaseException, now: datetime) -> None:
        self._outbox.faults.append(Fault(member, error))
        if isinstance(incoming, Request):
            self._outbox.answers.append(Answer(incoming.ticket, code=FAULT.code, message=FAULT.message))
            return
        recent = tuple(at for at in self._faults.get(member, ()) if within(at, now, FAULTS_WITHIN))
        self._faults[member] = (*recent, now)[-MAX_FAULTS:]
        with suppress(ProtocolError):
            message = protocol.decode(incoming.data)
            if isinstance(message, protocol.UpdateMessage | protocol.CommandMessage):
                self._outbox.send((incoming.peer,), protocol.refused(message.n, FAULT.code, FAULT.message))
        self._close(incoming.peer, 4400, FAULT.message)

    def _kept_out(self, member: str, now: datetime) -> bool:
        faults = self._faults.get(member, ())
        return len(faults) >= MAX_FAULTS and within(faults[0], now, FAULTS_WITHIN)

    def _close(self, peer: PeerId, code: int, reason: str) -> None:
        """Closes a peer's socket; what it sent behind this is not looked at."""
        self._outbox.close(peer, code, reason)
        self._peers[peer] = replace(self._peers[peer], ended=True)

    def tick(self, now: datetime) -> Step:
        """The roster, when it is due; call it while `roster_due`."""
        return self.receive((), now)

    def prepare(self, incoming: Incoming | None = None) -> bool:
        """A part, some milliseconds long, of what must be done before anybody's first words are judged; True when
        there is more of it: before `incoming`, when it is given, else before the words that carets announce.

        A long text needs tenths of a second of it. Not calling this makes the first update wait for all at once.
        """
        if incoming is None:
            awaiting = next((one for one in (self.opinion, *self._workspaces) if one.awaits_words), None)
            return awaiting is not None and awaiting.prepare()
        unready = self._unready(incoming)
        if unready is None:
            return False
        stream, update, client = unready
        return stream.prepare(update, client)

    def _unready(self, incoming: Incoming) -> tuple[Stream, bytes, int] | None:
        """The document whose gate is not ready for the update that came, the update, and its sender's lease."""
        if not isinstance(incoming, Frame) or incoming.data[:1] != _UPDATE:
            return None
        peer = self._peers.get(incoming.peer)
        if peer is None or not peer.writes or peer.ended or peer.refused:
            return None
        with suppress(ProtocolError):
            message = protocol.decode(incoming.data)
            stream = self._stream(peer.workspace)
            if isinstance(message, protocol.UpdateMessage) and stream.gate.awaits(message.update, peer.client):
                return stream, message.update, peer.client
        return None

    @property
    def roster_due(self) -> bool:
        """Whether somebody came, left or moved and the others were not told yet, or somebody gone may be back."""
        return self._attendance.due

    @property
    def tells_at(self) -> datetime | None:
        """When something of the phases is to be told next: call `tick` then."""
        return self._phases.next_at()

    def commit(self) -> None:
        """The last step's appends are in the database: the live documents take what was accepted."""
        self.opinion.saved()
        for workspace in self._workspaces:
            workspace.saved()

    def document(self) -> Document:
        """The opinion's text and record as committed; never a draft."""
        return self.opinion.gate.live_view()

    def snapshots_due(self, *, now: bool = False) -> tuple[DueSnapshot, ...]:
        """The snapshots the logs should keep; call it after `commit` alone."""
        streams: tuple[Stream, ...] = (self.opinion, *self._workspaces)
        due = ((stream.document, stream.snapshot_due(now=now)) for stream in streams)
        return tuple(DueSnapshot(document, snapshot) for document, snapshot in due if snapshot is not None)

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Who is connected."""
        return tuple(self._peers.values())

    def workspace(self, delegation: DelegationCode) -> Workspace:
        """A delegation's workspace, brought into memory, or begun, when it is first needed."""
        return self._workspaces.of(delegation)

    # -- frames

    def _frame(self, peer_id: PeerId, data: bytes, now: datetime) -> None:
        peer = self._peers.get(peer_id)
        if peer is None or peer.ended:
            return
        if self._faults and self._kept_out(peer.actor.member, now):
            self._close(peer.id, 4429, "The server failed at what you sent, more than once. Try again in a minute.")
            return
        try:
            message = protocol.decode(data)
            if not peer.answered and not isinstance(message, protocol.Hello):
                raise ProtocolError("The first frame of a connection is HELLO.")
            match message:
                case protocol.Hello():
                    self._hello(peer, message, now)
                case protocol.UpdateMessage():
                    self._update(peer, message, now)
                case protocol.CommandMessage():
                    self._command(peer, message, now)
                case protocol.PresenceMessage(paragraph, offset):
                    there = paragraph if is_id(paragraph) else ""
                    if (there, offset) != (peer.paragraph, peer.offset):
                        self._peers[peer.id] = peer.moved(there, offset)
                        self._attendance.moved(peer)
                    if there and peer.writes:
                        self._stream(peer.workspace).expect_words()
                case protocol.Ping():
                    self._outbox.send((peer.id,), protocol.PONG)
        except ProtocolError as error:
            self._close(peer.id, 4400, error.message)

    def _hello(self, peer: Peer, hello: protocol.Hello, now: datetime) -> None:
        hellos = (*(at for at in peer.hellos if within(at, now, REFUSALS_WITHIN)), now)
        if len(hellos) > MAX_HELLOS:
            self._close(peer.id, 4429, "This connection began again too often. Load the page again.")
            return
        if hello.schema != protocol.SCHEMA:
            self._outbox.send((peer.id,), protocol.notice("reload"))
            self._close(peer.id, 4409, "This page is of another version; load it again.")
            return
        stage = self._stage(now)
        actor = peer.actor
        if not may(actor, Act.OPINION_JOIN, stage):
            self._close(peer.id, 4403, "You may not open this draft Opinion.")
            return
        if actor.delegation in self._setting.views:
            self._close(peer.id, 4403, f"{actor.delegation} gives views: read the drafts and comment on their pages.")
            return
        seat = actor.seat_in(hello.group)
        if hello.group and seat is None:
            self._close(peer.id, 4409, "You are not in this drafting group. The page is loaded again.")
            return
        delegation = drafting_in(actor, seat, stage) if hello.workspace else None
        if delegation is not None and not self._usable(delegation, now):
            self._close(peer.id, 1013, WORKSPACE_FAILED)
            return
        stream = self._stream(delegation)
        known = hello.generation == stream.generation
        writes = delegation is not None or may(actor, Act.LIVE_WRITE, stage) or may(actor, Act.TYPE_ON_BEHALF, stage)
        if len(hello.state_vector) > MAX_STATE_VECTOR:
            raise ProtocolError(f"HELLO: a state vector may hold {MAX_STATE_VECTOR} bytes.")
        sync = self._sync(stream, hello.state_vector if known else NOTHING)
        wanted = hello.client if known and writes else None
        self._take_over(stream, peer, wanted)
        taken = self._taken(stream, peer.id)
        lease = stream.lease(actor.member, wanted, taken, self._fresh_client) if writes else None
        peer = self._attendance.seated(peer, delegation, wanted)
        self._peers[peer.id] = peer = replace(
            peer,
            workspace=delegation,
            client=lease.client if lease else 0,
            answered=True,
            refused=False,
            writes=writes,
            hellos=hellos,
            can=hello.can,
        )
        self._attendance.came(peer)
        parties = self._setting.parties(actor, delegation)
        if (refusal := self._outbox.refused.pop(peer.id, None)) is not None:
            self._outbox.send((peer.id,), refusal)
        self._outbox.send(
            (peer.id,),
            protocol.welcome(
                {
                    "schema": protocol.SCHEMA,
                    "generation": stream.generation,
                    "epoch": stream.epoch,
                    "client": lease.client if lease else 0,
                    "clock": stream.gate.clock(lease.client) if lease else 0,
                    "n": lease.last_n if lease else 0,
                    "scope": "workspace" if delegation else "opinion",
                    "group": delegation if seat and delegation else "",
                    "party": parties[0] if seat and parties else actor.delegation or (SECRETARIAT if parties else ""),
                    "parties": parties,
                    "peer": peer.shown_as,
                    "live_drafting": stage.live_drafting,
                    "read_only": not writes,
                    "member": actor.member,
                    "name": actor.name,
                    "role": actor.role.value,
                    "delegation": actor.delegation or "",
                    "limits": LIMITS,
                    "server_time": now.isoformat(),
                }
            ),
        )
        self._outbox.send((peer.id,), sync)
        for told in self._phases.for_newcomer(now):
            self._outbox.send((peer.id,), protocol.notice("phase", reason=told))

    def _sync(self, stream: Stream, state_vector: bytes) -> bytes:
        """SYNC; for those who have nothing yet the same bytes until the text changes: a hall comes in at once."""
        seq = self.opinion.seq
        if state_vector == NOTHING and stream is self.opinion and self._whole[0] == seq:
            return self._whole[1]
        try:
            difference = stream.gate.difference(state_vector)
        except DocumentError as error:
            raise ProtocolError(f"HELLO: {error.message}") from None
        frame = protocol.sync(seq, 0 if stream is self.opinion else stream.seq, difference)
        if state_vector == NOTHING and stream is self.opinion:
            self._whole = (seq, frame)
        return frame

    def _update(self, peer: Peer, message: protocol.UpdateMessage, now: datetime) -> None:
        if peer.refused:
            return
        stream = self._stream(peer.workspace)
        number = protocol.WORKSPACE_STREAM if peer.workspace else protocol.OPINION_STREAM
        lease = stream.leases.get(peer.client)
        if lease is not None and message.n <= lease.last_n:
            self._outbox.acknowledge(peer.id, message.n, number, stream.seq)
            return
        try:
            party = self._require_party(peer, message.party, now)
            if isinstance(stream, Workspace) and not self._follow(stream, now):
                self._close(peer.id, 1013, WORKSPACE_FAILED)
                return
            blank = self._blank(peer.actor, party, now)
            updates = self._writing.accept(stream, peer, message, party, blank)
        except UpdateRefused as error:
            self._refuse(peer, message.n, error, now)
            return
        self._outbox.acknowledge(peer.id, message.n, number, stream.seq)
        if updates:
            if peer.workspace is None:
                self._attendance.wrote(peer, now)
            self._told(stream, updates)

    def _command(self, peer: Peer, message: protocol.CommandMessage, now: datetime) -> None:
        if peer.refused:
            return
        try:
            if message.command.get("cut"):
                raise CommandRefused("invalid-command", "The whole volume is frozen on its page, not from here.")
            result = self._carry_out(peer.actor, peer.workspace, message.party, message.key, message.command, now)
        except (CommandRefused, OpinionError) as error:
            self._outbox.send((peer.id,), protocol.refused(message.n, error.code, error.message))
            return
        self._outbox.later(peer.id, message.n, result)

    def _request(self, request: Request, now: datetime) -> None:
        workspace = request.actor.delegation
        try:
            done = self._carry_out(request.actor, workspace, request.party, request.key, request.command, now)
        except (CommandRefused, OpinionError) as error:
            self._outbox.answers.append(Answer(request.ticket, code=error.code, message=error.message))
            return
        self._outbox.answers.append(Answer(request.ticket, done.seq, done.result))

    def _carry_out(
        self,
        actor: Actor,
        workspace: DelegationCode | None,
        party: str,
        key: str,
        fields: Mapping[str, Any],
        now: datetime,
    ) -> Done:
        command = commands.from_json(fields)
        if (refused := refused_in(fields)) is not None:
            name, character = refused
            raise CommandRefused("invalid-command", f"{name} may not hold the character {code_point(character)}.")
        group = command.group if isinstance(command, commands.BringBack) else workspace
        seat = actor.seat_in(group) if group and isinstance(command, OF_WORKSPACE) else None
        if seat is None and party and party not in self._setting.parties(actor):
            whose = f" of {actor.delegation}" if actor.delegation else ""
            role = actor.role.replace("_", " ")
            raise CommandRefused("not-allowed", f"You cannot act for {party}: you take part here as {role}{whose}.")
        if isinstance(command, commands.Freeze) and self._outbox.version and key not in self.opinion.results:
            # A batch is one append, and that holds one version (V1): whoever froze second has not seen the first.
            raise CommandRefused("revision-changed", "The text was frozen in this very moment. Look at it first.")
        if isinstance(command, commands.EnterProposals) and key not in self.opinion.results:
            self._require_unhurried(actor, now)
        own = workspace if workspace is not None and workspace == actor.delegation else None
        if seat is not None:
            own, party = seat.code, seat.party
            if not self._usable(own, now):
                raise CommandRefused("fault", WORKSPACE_FAILED)
        blank = replace(self._blank(actor, party, now), key=key)
        for one in self._workspaces.loaded(reaches_workspaces(command)):
            self._follow(one, now)
        done = self._acts.carry_out(command, actor, DelegationCode(party or actor.delegation or ""), own, blank, seat)
        self._outbox.told.extend(done.told)
        for kind, values in done.notices:
            self._outbox.notices.append(protocol.notice(kind, **values))
        if done.version is not None:
            self._outbox.version = done.version
        return done

    def _require_unhurried(self, actor: Actor, now: datetime) -> None:
        """Counts a set of ready-made proposals, taken or not: what is refused at its last part costs as much."""
        if actor.role is Role.SECRETARIAT:
            return
        recent = tuple(at for at in self._enterings.get(actor.member, ()) if within(at, now, ENTERINGS_WITHIN))
        if len(recent) >= MAX_ENTERINGS:
            raise CommandRefused(
                "refused", f"You entered proposals {MAX_ENTERINGS} times within a minute. Wait a minute, then go on."
            )
        self._enterings[actor.member] = (*recent, now)

    def _refuse(self, peer: Peer, n: int, error: UpdateRefused, now: datetime) -> None:
        recent = (*(at for at in peer.refusals if within(at, now, REFUSALS_WITHIN)), now)
        self._peers[peer.id] = replace(peer, refused=True, refusals=recent)
        self._outbox.refused[peer.id] = protocol.refused(n, error.code, error.message)
        if len(recent) > MAX_REFUSALS:
            self._close(peer.id, 4429, "Too many updates were refused. Load the page again.")

    # -- who and where

    def _stage(self, now: datetime) -> Stage:
        record = self.opinion.gate.record.opinion
        return Stage(record.live_drafting, record.closed, record.observers_admitted, self._clock.shut(now))

    def _stream(self, delegation: DelegationCode | None) -> Stream:
        return self.opinion if delegation is None else self.workspace(delegation)

    def _take_over(self, stream: Stream, peer: Peer, wanted: int | None) -> None:
        """Ends the connection that this person's browser held this lease with: to the browser it is long dead, and what
        may still arrive on it would be there twice, for the browser sends it again.
        """
        if wanted is None:
            return
        for other in tuple(self._peers.values()):
            same = other.client == wanted and other.actor.member == peer.actor.member
            if same and other.id != peer.id and not other.ended and self._stream(other.workspace) is stream:
                self._close(other.id, 1013, "This window is connected anew.")

    def _taken(self, stream: Stream, peer: PeerId) -> Callable[[int], bool]:
        def held(client: int) -> bool:
            others = [one for one in self._peers.values() if one.client == client and one.id != peer and not one.ended]
            return any(self._stream(other.workspace) is stream for other in others)

        return held

    def _fresh_client(self) -> int:
        # One count for the Opinion and all its workspaces: a view holds two of these documents at once (D1, D6).
        self._last_client += 1
        return self._last_client

    def _require_party(self, peer: Peer, party: str, now: datetime) -> DelegationCode:
        stage = self._stage(now)
        act = writing_act(peer.workspace)
        on_behalf = peer.workspace is None and may(peer.actor, Act.TYPE_ON_BEHALF, stage)
        if stage.closed:
            raise UpdateRefused(
                "closed", "This draft Opinion is closed. Send your words to the secretariat, or copy them."
            )
        if not peer.writes or not (on_behalf or may(peer.actor, act, stage)):
            raise UpdateRefused("not-allowed", "You may read this text but not write in it now.")
        if party not in self._setting.parties(peer.actor, peer.workspace):
            raise UpdateRefused("not-allowed", f"You cannot write for {party or 'nobody'}.")
        return DelegationCode(party)

    def _blank(self, actor: Actor, party: str, now: datetime) -> Entry:
        own = party in ("", actor.delegation)
        return Entry(
            0,
            EntryKind.UPDATE,
            now,
            (),
            member=actor.member,
            name=actor.name,
            party=party or actor.delegation or "",
            typist="" if own else actor.name,
        )

    # -- what is told

    def _follow(self, workspace: Workspace, now: datetime) -> bool:
        """Brings a workspace up to the opinion; False when it failed at it, and then only its own are concerned."""
        blank = Entry(0, EntryKind.MEND, now, (), name="server", party=workspace.delegation or "")
        updates = self._workspaces.follow(workspace, (), blank)
        if updates:
            self._outbox.told.append((workspace, updates))
        return workspace.delegation not in self._workspaces.failed

    def _usable(self, delegation: DelegationCode, now: datetime) -> bool:
        return self._workspaces.usable(delegation) and self._follow(self.workspace(delegation), now)

    def _send_away(self) -> None:
        """Whoever is in a workspace that failed comes again later; what was acknowledged is in its log."""
        for delegation, error in self._workspaces.failed.items():
            self._outbox.faults.append(Fault("", error, delegation))
            for peer in tuple(self._peers.values()):
                if peer.workspace == delegation and not peer.ended:
                    self._close(peer.id, 1013, WORKSPACE_FAILED)

    def _told(self, stream: Stream, updates: Sequence[bytes]) -> None:
        self._outbox.told.append((stream, tuple(updates)))
        if stream is self.opinion:
            self._workspaces.hear(updates)
