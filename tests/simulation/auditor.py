"""Safety at every step: each commit and each frame is held against the promises the moment it happens.

The auditor keeps documents of its own, made of nothing but what was committed, and what every person really sent. It
asks neither the room nor the gate.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from crdt import protocol
from crdt.decoder import decode_state_vector, decode_update
from crdt.document import SharedDocument
from crdt.errors import DocumentError
from crdt.log import Entry, EntryKind, payload
from crdt.protocol import Reader, ServerFrame
from crdt.step import Append
from crdt.versions import Version
from opinions.canonical import canonical_text, fingerprint
from opinions.closing_commands import Renumber
from opinions.model import Opinion, Paragraph
from opinions.record import Amendment, Document
from opinions.roles import Actor, Role
from opinions.rules import interferes
from tests.simulation.house import Rights
from tests.simulation.network import ServerEnd
from tests.support.memory_store import Commit

SECRET = re.compile(rb"q[0-9a-f]+z|a-[a-z2-7]{16}")
"""What nobody but its delegation may see before it is before the group: words, and ids of drafts."""
_GAVELS = frozenset(
    {
        *("record_outcome", "reopen", "split_paragraph", "join_paragraph", "move_paragraph", "insert_paragraph"),
        *("retype_paragraph", "correct_text", Renumber.act),
    }
)
"""The only acts that may change what is agreed, and whose they are: the chair's or the secretariat's."""
_PRESIDING = frozenset({Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT})


class PromiseBroken(AssertionError):
    """Raised where a promise was broken: what it is called in the design, and what was seen."""


@dataclass(slots=True)
class _Log:
    """One document as committed, and a replica of what its readers see."""

    document: str
    delegation: str
    replica: SharedDocument
    seq: int = 0
    head: bytes = bytes(32)
    epoch: int = 1
    leases: dict[int, str] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    clocks: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    """What one connection was told of itself, and what it sent."""

    client: int = 0
    workspace: str = ""
    peer: int = 0
    generation: int = 0
    sent: dict[int, bytes] = field(default_factory=dict)
    said: dict[int, list[bytes]] = field(default_factory=dict)
    """All that it ever sent under a number: after a refusal numbers are used again."""
    told: list[int] = field(default_factory=lambda: [0, 0])
    """How far it was told of each stream."""
    keys: dict[int, str] = field(default_factory=dict)
    asked: list[bool] = field(default_factory=list)
    """The scopes (workspace or not) it has asked for and was not welcomed in: others may see it there before."""

    def holds(self, client: int) -> bool:
        """Whether the server still counts this lease as its own: who asked for another scope has let it go, though a
        slow line may never bring the WELCOME that says so.
        """
        return self.client == client and not self.asked


class Auditor:
    """Raises `PromiseBroken`."""

    def __init__(self, opinion: str, founding: Entry, rights: Rights) -> None:
        self.opinion = opinion
        self.rights = rights
        self.commits = self.frames = self.entries = self.versions = 0
        self.refusals: dict[str, int] = {}
        self._logs = {opinion: _Log(opinion, "", SharedDocument(3))}
        self._clients: set[int] = set()
        self._committed: dict[bytes, set[str]] = {}
        self._sent: dict[bytes, set[tuple[str, str]]] = {}
        self._logged: dict[tuple[int, int], bytes] = {}
        self._commands: dict[str, tuple[str, str, str]] = {}
        self._ends: dict[ServerEnd, _Seen] = {}
        self._holders: dict[int, ServerEnd] = {}
        self._given_up: list[tuple[int, ServerEnd]] = []
        self._scopes: dict[tuple[int, int], ServerEnd] = {}
        self._secrets: dict[bytes, str] = {}
        self._public: set[bytes] = set()
        self._previous = ""
        log = self._logs[opinion]
        self._entry(log, founding)
        log.replica.apply(founding.updates)
        log.clocks = decode_state_vector(log.replica.state_vector())

    def replica(self, delegation: str = "") -> SharedDocument | None:
        """What was committed: the opinion, or a delegation's view."""
        log = self._logs.get(f"{self.opinion}/{delegation.lower()}" if delegation else self.opinion)
        return log.replica if log else None

    @property
    def logs(self) -> Mapping[str, int]:
        """The logs and how far they go."""
        return {name: log.seq for name, log in self._logs.items()}

    # -- what people really did

    def sends(self, end: ServerEnd, frame: bytes) -> None:
        """A frame arrived at the server."""
        try:
            message = protocol.decode(frame)
        except DocumentError:
            return
        seen = self._ends.setdefault(end, _Seen())
        if isinstance(message, protocol.UpdateMessage):
            self._sent.setdefault(message.update, set()).add((end.member, message.party))
            seen.sent[message.n] = message.update
            seen.said.setdefault(message.n, []).append(message.update)
            delegation = self.rights.actors[end.member].delegation or ""
            if seen.workspace:
                for secret in SECRET.findall(message.update):
                    self._secrets.setdefault(secret, delegation)
        elif isinstance(message, protocol.Hello):
            seen.asked.append(message.workspace)
        elif isinstance(message, protocol.CommandMessage):
            seen.keys[message.n] = message.key
            self.asks(end.member, message.party, message.key, message.command)

    def asks(self, member: str, party: str, key: str, fields: Mapping[str, object]) -> None:
        """A command is given."""
        self._commands.setdefault(key, (member, party, str(fields.get("act", ""))))

    # -- what is committed

    def committed(self, commit: Commit) -> None:
        """One step's appends are in the record."""
        self.commits += 1
        for client, held in self._given_up:
            _promise("W2", held.closed or held.over, f"client {client} is lent to two connections")
        self._given_up.clear()
        acts = {(entry.member, entry.command) for append in commit for entry in append.entries if entry.key}
        for append in commit:
            log = self._logs.get(append.document)
            if log is None:
                assert append.delegation, "only a workspace is founded later"
                replica = SharedDocument(4, (self._logs[self.opinion].replica.state(),))
                log = self._logs[append.document] = _Log(append.document, append.delegation or "", replica)
                log.clocks = decode_state_vector(replica.state_vector())
            for lease in append.leases:
                _promise("D6", lease.client not in self._clients, f"client {lease.client} is leased twice")
                _promise("D6", 1000 <= lease.client < 2**31, f"client {lease.client} cannot be leased")
                self._clients.add(lease.client)
                log.leases[lease.client] = lease.member
        told = tuple(u for a in commit if not a.delegation for entry in a.entries for u in entry.updates)
        for log in self._logs.values():
            own = next((one for one in commit if one.document == log.document), None)
            # The log does not say which of two documents came first within a commit; then only the whole is looked at.
            self._append(log, own, acts, told if log.delegation else ())

    def _append(self, log: _Log, append: Append | None, acts: set[tuple[str, str]], heard: tuple[bytes, ...]) -> None:
        entries = append.entries if append else ()
        if heard:
            log.replica.apply((*heard, *(update for entry in entries for update in entry.updates)))
        for entry, following in zip_longest(entries, entries[1:]):
            if f'"act":"{Renumber.act}"' in entry.command:
                freezes = following is not None and following.kind is EntryKind.FREEZE
                told = f"{log.document} entry {entry.seq}: a renumbering without its freeze"
                _promise("V1", freezes and following.member == entry.member, told)
            before = None if heard else log.replica.view()
            version = append.version if append and entry.kind is EntryKind.FREEZE else None
            if version is not None and before is not None and append is not None:
                self._version(log, entry, append, version, before)
            self._entry(log, entry)
            if not heard:
                log.replica.apply(entry.updates)
            self._effect(log, entry, before, None if heard else log.replica.view(), acts)
            # A freeze ends an epoch, also for what follows it in one batch.
            log.epoch += entry.kind is EntryKind.FREEZE
        if append is not None:
            _promise("L1", append.next_epoch in (None, log.epoch), f"{log.document}: epoch {append.next_epoch} is next")
        if heard or entries:
            log.clocks = decode_state_vector(log.replica.state_vector())

    def _entry(self, log: _Log, entry: Entry) -> None:
        self.entries += 1
        name = f"{log.document} entry {entry.seq}"
        _promise("L1", entry.seq == log.seq + 1, f"{name} follows entry {log.seq}")
        _promise("L2", entry.hash == _chained(log.document, entry, log.head), f"{name} is not chained")
        _promise("L1", entry.epoch == log.epoch, f"{name} is of epoch {entry.epoch}, not {log.epoch}")
        log.seq, log.head = entry.seq, entry.hash
        for update in entry.updates:
            self._committed.setdefault(update, set()).add(log.document)
        if log.delegation:
            for secret in SECRET.findall(b"".join(entry.updates)):
                self._secrets.setdefault(secret, log.delegation)
        else:
            text = b"".join((*entry.updates, entry.command.encode(), entry.result.encode()))
            self._public.update(SECRET.findall(text))

    def _effect(
        self, log: _Log, entry: Entry, before: Document | None, after: Document | None, acts: set[tuple[str, str]]
    ) -> None:
        name = f"{log.document} entry {entry.seq}"
        match entry.kind:
            case EntryKind.UPDATE:
                self._typed(log, entry, before, after, name)
            case EntryKind.COMMAND | EntryKind.FREEZE:
                self._carried_out(log, entry, before, after, name, acts)
            case EntryKind.MEND:
                known = not entry.member or entry.member in {member for member, _ in acts}
                _promise("I2", bool(log.delegation) and known, f"{name}: a mend of {entry.member!r}")
            case EntryKind.IMPORT:
                _promise("L1", entry.seq == 1, f"{name}: an import in the middle")

    def _typed(self, log: _Log, entry: Entry, before: Document | None, after: Document | None, name: str) -> None:
        actor = self.rights.actors.get(entry.member)
        assert actor is not None, f"{name}: nobody is {entry.member!r}"
        _promise("I2", log.leases.get(entry.client) == entry.member, f"{name}: client {entry.client} is another's")
        _promise("W4", entry.n > log.last.get(entry.client, 0), f"{name}: message {entry.n} is logged again")
        log.last[entry.client] = entry.n
        self._logged[entry.client, entry.n] = entry.updates[0]
        real = self._sent.get(entry.updates[0], set())
        _promise("I2", (entry.member, entry.party) in real, f"{name}: {entry.member} never sent this for {entry.party}")
        self._may(actor, entry, log, name)
        if before is None or after is None:
            return
        opened = before.record.opinion
        _promise("G15", not opened.closed, f"{name}: typed after the Opinion was closed")
        if not log.delegation and actor.role is not Role.SECRETARIAT:
            _promise("G15", opened.live_drafting, f"{name}: typed live while nobody drafts live")
        trespasses = interferes(before, after, entry.party)  # type: ignore[arg-type]
        _promise("I1", not trespasses, f"{name} of {entry.party}: {[one.message for one in trespasses[:3]]}")
        _promise("I1", _base(before.text) == _base(after.text), f"{name}: agreed text changed without a gavel")
        for amendment in after.record.amendments.values():
            old = before.amendment(amendment.id)
            if old is not amendment and amendment.delegation != entry.party:
                # Where words of one's own go, another's marks on them go too: its record keeps them, and nothing else.
                same = old is not None and _identity(old) == _identity(amendment)
                _promise("I2", same, f"{name} of {entry.party}: wrote the record of {amendment.id}")

    def _carried_out(
        self,
        log: _Log,
        entry: Entry,
        before: Document | None,
        after: Document | None,
        name: str,
        acts: set[tuple[str, str]],
    ) -> None:
        actor = self.rights.actors.get(entry.member)
        assert actor is not None, f"{name}: nobody is {entry.member!r}"
        act = json.loads(entry.command)["act"] if entry.command else ""
        if entry.key:
            _promise("W7", entry.key not in log.keys, f"{name}: the command {entry.key} is carried out again")
            log.keys.add(entry.key)
            member, party, asked = self._commands.get(entry.key, ("", "", ""))
            _promise("I2", (member, asked) == (entry.member, act), f"{name}: {act} was never asked by {entry.member}")
            _promise("I2", party in ("", entry.party), f"{name}: asked for {party}, done for {entry.party}")
        else:
            whole = (entry.member, entry.command)
            half = bool(log.delegation) and whole in acts
            # A renumbering comes with its freeze, which `_append` sees behind it.
            _promise("L5", half or (act == Renumber.act and not log.delegation), f"{name}: half a command stands alone")
        self._may(actor, entry, log, name)
        if act in _GAVELS:
            _promise("I4", actor.role in _PRESIDING, f"{name}: {act} by {actor.role}")
        elif not log.delegation and before is not None and after is not None:
            _promise("I1", _base(before.text) == _base(after.text), f"{name}: {act} changed agreed text")

    def _may(self, actor: Actor, entry: Entry, log: _Log, name: str) -> None:
        _promise("R8", actor.member in self.rights.versions, f"{name}: {actor.member} may not write any more")
        _promise("I2", entry.name == actor.name, f"{name}: signed {entry.name!r}, not {actor.name!r}")
        if log.delegation:
            _promise("I2", actor.delegation == log.delegation, f"{name}: {actor.member} in another's workspace")
        if actor.delegation:
            _promise("I2", entry.party == actor.delegation, f"{name}: {actor.member} acts for {entry.party}")
        expected = "" if entry.party in ("", actor.delegation) else actor.name
        if entry.kind is EntryKind.UPDATE:
            _promise("I2", entry.typist == expected, f"{name}: typist {entry.typist!r}, not {expected!r}")

    def _version(self, log: _Log, entry: Entry, append: Append, version: Version, before: Document) -> None:
        self.versions += 1
        text = canonical_text(before)
        right = {
            "number": version.number == self.versions,
            "seq": version.seq == entry.seq - 1,
            "head": version.head == log.head.hex(),
            "text": version.text == text,
            "fingerprint": version.fingerprint == fingerprint(text),
            "previous": version.previous == self._previous,
            "epoch": append.next_epoch == log.epoch + 1,
        }
        wrong = [what for what, holds in right.items() if not holds]
        _promise("I6", not wrong, f"version {version.number} is not the log up to {entry.seq - 1}: {wrong}")
        self._previous = version.record_hash

    # -- what is told

    def told(self, end: ServerEnd, frame: bytes) -> None:
        """The server hands a frame to a connection."""
        self.frames += 1
        actor = self.rights.actors[end.member]
        whose = f"{end.member} (connection)"
        _promise("R26", end.member in self.rights.versions, f"{whose} is told something after its rights ended")
        for secret in SECRET.findall(frame):
            owner = self._secrets.get(secret)
            if owner is not None and secret not in self._public:
                _promise("I5", owner == actor.delegation, f"{whose} sees {secret.decode()}, a draft of {owner}")
        seen = self._ends.setdefault(end, _Seen())
        reader = Reader(frame)
        match reader.varuint():
            case ServerFrame.WELCOME:
                self._welcomed(end, seen, actor, json.loads(reader.varstring()))
            case ServerFrame.SYNC:
                seen.told = [reader.varuint(), reader.varuint()]
                self._told_seq(self.opinion, seen.told[0], whose)
                self._told_seq(self._own(actor), seen.told[1], whose)
                self._told_state(seen, reader.varbytes(), whose)
            case ServerFrame.UPDATE:
                stream, seq, count = reader.varuint(), reader.varuint(), reader.varuint()
                seen.told[stream] = max(seen.told[stream], seq)
                self._told_seq(self._own(actor) if stream else self.opinion, seq, whose)
                self._told_updates(seen, [reader.varbytes() for _ in range(count)], whose)
            case ServerFrame.ACK:
                n, stream, seq = reader.varuint(), reader.varuint(), reader.varuint()
                document = self._own(actor) if stream else self.opinion
                self._told_seq(document, seq, whose)
                if document == (seen.workspace or self.opinion):
                    # Whoever hears "saved" has heard what became of it: words whose place went are then still kept.
                    _promise("W5", seen.told[stream] >= seq, f"{whose}: {n} is acknowledged before it is told")
                    self._acknowledged(seen, n, document, whose)
            case ServerFrame.REFUSED:
                n, answer = reader.varuint(), json.loads(reader.varstring())
                self.refusals[answer["code"]] = self.refusals.get(answer["code"], 0) + 1
                logged = self._logged.get((seen.client, n))
                taken = logged is not None and all(update == logged for update in seen.said.get(n, []))
                _promise("I3", not taken, f"{whose}: message {n} is refused and logged")
            case ServerFrame.DONE:
                n, seq, result = reader.varuint(), reader.varuint(), json.loads(reader.varstring())
                self._told_seq(self.opinion, seq, whose)
                if result:
                    everywhere = set().union(*(log.keys for log in self._logs.values()))
                    _promise("I5", seen.keys.get(n) in everywhere, f"{whose}: command {n} is done but not logged")
            case ServerFrame.ROOM:
                self._told_roster(end, seen, json.loads(reader.varstring())["peers"], whose)
            case ServerFrame.NOTICE:
                notice = json.loads(reader.varstring())
                if notice["kind"] == "frozen":
                    _promise("I5", notice["version"] <= self.versions, f"{whose} hears of a version nobody kept")
            case _:
                pass

    def _welcomed(self, end: ServerEnd, seen: _Seen, actor: Actor, welcome: Mapping[str, object]) -> None:
        workspace = self._own(actor) if welcome["scope"] == "workspace" else ""
        log = self._logs.get(workspace or self.opinion)
        client = int(str(welcome["client"]))
        _promise("I2", not workspace or actor.delegation is not None, f"{end.member} has no workspace")
        seen.client, seen.workspace = client, workspace
        del seen.asked[:1]
        seen.sent, seen.peer = {}, int(str(welcome["peer"]))
        self._scopes[end.life, seen.peer] = end
        if not client:
            return
        _promise("I5", log is not None and client in log.leases, f"client {client} is lent before that is logged")
        assert log is not None
        _promise("I2", log.leases[client] == end.member, f"client {client} is lent to {end.member}, not its holder")
        held = self._holders.get(client)
        if held is not None and held is not end and not held.over and self._ends[held].holds(client):
            # Its holder came back on another line; the line given up is closed before anything else is committed.
            self._given_up.append((client, held))
        self._holders[client] = end
        # Less than the log holds when an update came behind the HELLO in one batch: that one is acknowledged by itself.
        n, clock = int(str(welcome["n"])), int(str(welcome["clock"]))
        _promise("W2", n <= log.last.get(client, 0), f"client {client}: n {n} is beyond the log's")
        _promise("W2", clock <= log.clocks.get(client, 0), f"client {client}: clock {clock} is beyond the log's")

    def _own(self, actor: Actor) -> str:
        return f"{self.opinion}/{actor.delegation.lower()}" if actor.delegation else ""

    def _told_seq(self, document: str, seq: int, whose: str) -> None:
        log = self._logs.get(document)
        _promise("I5", seq <= (log.seq if log else 0), f"{whose} is told of entry {seq} of {document}, not committed")

    def _told_updates(self, seen: _Seen, updates: Sequence[bytes], whose: str) -> None:
        for update in updates:
            documents = self._committed.get(update, set())
            _promise("I5", bool(documents), f"{whose} is told of an update that is not committed")
            allowed = {self.opinion, seen.workspace}
            _promise("I5", bool(documents & allowed), f"{whose} is told of an update of {sorted(documents)}")

    def _told_state(self, seen: _Seen, state: bytes, whose: str) -> None:
        log = self._logs.get(seen.workspace) or self._logs[self.opinion]
        for block in decode_update(state, trusted=True).blocks:
            _promise(
                "I5",
                block.end <= log.clocks.get(block.client, 0),
                f"{whose} is given items of client {block.client} that are not committed",
            )

    def _acknowledged(self, seen: _Seen, n: int, document: str, whose: str) -> None:
        log = self._logs.get(document)
        _promise("I5", log is not None, f"{whose}: message {n} is acknowledged before anything is logged")
        assert log is not None
        for one, update in seen.sent.items():
            if log.last.get(seen.client, 0) < one <= n:
                known = all(
                    block.end <= log.clocks.get(block.client, 0) for block in decode_update(update, trusted=True).blocks
                )
                _promise("I5", known, f"{whose}: message {one} is acknowledged and not in the log")

    def _told_roster(self, end: ServerEnd, seen: _Seen, peers: Sequence[Mapping[str, object]], whose: str) -> None:
        for peer in peers:
            other = self._scopes.get((end.life, int(str(peer["peer"]))))
            workspace = self._ends[other].workspace if other is not None else ""
            if other is not None and workspace not in ("", seen.workspace) and False not in self._ends[other].asked:
                hidden = not {"paragraph", "offset", "sending"} & set(peer)
                _promise("W8", hidden, f"{whose} sees where a peer is in {workspace}")


def _promise(rule: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise PromiseBroken(f"[{rule}] {otherwise}")


def _base(text: Opinion) -> list[tuple[object, ...]]:
    """What stands in the text without being proposed: paragraphs, characters and what they are marked as."""
    return [_standing(paragraph) for paragraph in text if paragraph.added is None]


def _identity(amendment: Amendment) -> tuple[object, ...]:
    return (
        amendment.id,
        amendment.delegation,
        amendment.author,
        amendment.revision,
        amendment.sponsors,
        amendment.reason,
    )


def _standing(paragraph: Paragraph) -> tuple[object, ...]:
    words: list[tuple[str, tuple[str, ...]]] = []
    for run in paragraph.runs:
        if run.insertion is None:
            keys = tuple(sorted(m.key for m in run.marks if m.kind in ("origin", "em", "noteref")))
            if words and words[-1][1] == keys:
                words[-1] = (words[-1][0] + run.text, keys)
            else:
                words.append((run.text, keys))
    return paragraph.id, paragraph.kind, paragraph.level, tuple(words)


def _chained(document: str, entry: Entry, previous: bytes) -> bytes:
    """L2 as crdt/SPEC.md spells it."""
    header = {
        **{"document": document, "generation": entry.generation, "epoch": entry.epoch, "seq": entry.seq},
        **{"kind": str(entry.kind), "client": entry.client, "n": entry.n, "key": entry.key, "member": entry.member},
        **{"name": entry.name, "party": entry.party, "typist": entry.typist, "at": entry.at.isoformat()},
        **{"command": entry.command, "result": entry.result},
    }
    spelled = json.dumps(header, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    head, body = hashlib.sha256(spelled).digest(), hashlib.sha256(payload(entry.updates)).digest()
    return hashlib.sha256(previous + head + body).digest()
