"""Commands: from what a person asks to entries in the logs (I4: the same queue as typing, carried out by the server
alone).

What a command does is decided in `opinions.procedure` on values; here it is written into the documents and logged.
A freeze is
a command whose version is made of exactly the entries before it (I6).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from crdt import versions
from crdt.effect import MAX_MARKS, MAX_PARAGRAPH
from crdt.errors import CommandRefused
from crdt.gate import MAX_AMENDMENTS, MAX_CHARACTERS, MAX_PARAGRAPHS, Gate
from crdt.log import Entry, EntryKind
from crdt.protocol import compact
from crdt.seen import Seen
from crdt.stream import OPINION_CLIENT, Stream, Workspace
from crdt.versions import Seal, Sign, Version
from crdt.workspaces import Workspaces
from opinions import closing_commands, commands, procedure, table_commands
from opinions.drafting_groups import GroupSeat
from opinions.edits import Change, PutAmendment
from opinions.model import DelegationCode
from opinions.phases import Span, rights
from opinions.record import Document
from opinions.roles import Actor, Stage
from opinions.words import proposals

OF_WORKSPACE = (commands.Submit, commands.Discard, commands.ProposeRemoval, commands.BringBack)
"""Commands that need the delegation's, or group's, view beside the opinion."""
_HARMLESS = (
    *OF_WORKSPACE,
    commands.Cosponsor,
    table_commands.TakePosition,
    table_commands.JoinPosition,
    table_commands.ConfirmTyped,
    table_commands.MarkEditorial,
    table_commands.OpenSitting,
    table_commands.CloseSitting,
    table_commands.MarkPresent,
    table_commands.TakeUp,
    table_commands.OpenCall,
    table_commands.ExtendCall,
    table_commands.AnswerCall,
    table_commands.WithdrawCall,
    table_commands.PutAlternatives,
    table_commands.KeepAlternatives,
    table_commands.PutPackage,
    table_commands.ClosePackage,
    commands.CallForObjections,
    commands.OpenLiveDrafting,
    commands.AdmitObservers,
    commands.CloseOpinion,
    closing_commands.MarkRenumbering,
    closing_commands.PutAdoption,
    closing_commands.RecordAdoption,
)
"""Commands that neither move nor remove text others may be drafting in."""


def reaches_workspaces(command: commands.Command) -> bool:
    """Whether a command may move or remove text that others are drafting in: all workspaces must then be at hand."""
    if isinstance(command, commands.EnterProposals):
        return bool(command.base)
    return not isinstance(command, _HARMLESS)


class World(Protocol):
    """What acts need to know of the room's setting."""

    @property
    def opinion(self) -> str: ...
    @property
    def proposing(self) -> frozenset[DelegationCode]: ...
    @property
    def views(self) -> frozenset[DelegationCode]: ...
    @property
    def objecting(self) -> frozenset[DelegationCode] | None: ...
    @property
    def groups(self) -> Mapping[str, frozenset[DelegationCode]]: ...
    @property
    def spans(self) -> tuple[Span, ...]: ...
    @property
    def new_id(self) -> Callable[[str], str]: ...
    @property
    def sign(self) -> Sign: ...
    @property
    def seal(self) -> Seal: ...
    @property
    def versions(self) -> int: ...
    @property
    def previous(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Done:
    """A command carried out: the seq that holds it, what the asker is told, what everybody gets."""

    seq: int
    result: Mapping[str, Any]
    told: tuple[tuple[Stream, tuple[bytes, ...]], ...] = ()
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    version: Version | None = None


@dataclass(slots=True)
class Acts:
    """Carries commands out on an opinion and its workspaces."""

    world: World
    opinion: Stream
    workspaces: Workspaces
    _versions: int = field(init=False)
    _previous: str = field(init=False)
    _seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self._versions = self.world.versions
        self._previous = self.world.previous
        self._seen = Seen(self.opinion.seq)

    @property
    def past(self) -> tuple[int, str, Seen]:
        """How many versions there are, the record hash of the newest, and what changed the text of late; set it back
        when a batch is undone.
        """
        return self._versions, self._previous, self._seen

    @past.setter
    def past(self, past: tuple[int, str, Seen]) -> None:
        self._versions, self._previous, self._seen = past

    def carry_out(
        self,
        command: commands.Command,
        actor: Actor,
        party: DelegationCode,
        own: DelegationCode | None,
        blank: Entry,
        seat: GroupSeat | None = None,
    ) -> Done:
        """Carries one command out, or answers one already carried out under this key with its first result.

        `own` is the delegation in whose workspace the asker stands, or the group, where `seat` is the asker's place.
        Raises `CommandRefused` or `OpinionError`; then nothing changed.
        """
        workspace = self.workspaces.sound(own) if own is not None and isinstance(command, OF_WORKSPACE) else None
        known = self._known(blank.key, workspace)
        if known is not None:
            return known
        if isinstance(command, commands.Submit | commands.Discard) and workspace is None:
            raise CommandRefused("not-allowed", "Only a delegation's own members may do this, in their own drafts.")
        entry = replace(blank, command=compact(commands.to_json(command)))
        told: list[tuple[Stream, tuple[bytes, ...]]] = []
        document = self.opinion.gate.view()
        # By the entry's own time: no boundary of a phase is missed, however long the batch waited.
        now_open = rights(self.world.spans, blank.at)
        context = procedure.Context(
            actor=actor,
            party=party,
            at=blank.at,
            new_id=self.world.new_id,
            stage=Stage(
                document.record.opinion.live_drafting,
                document.record.opinion.closed,
                document.record.opinion.observers_admitted,
                frozenset(now_open.shut),
            ),
            proposing=self.world.proposing,
            views=self.world.views,
            objecting=self.world.objecting,
            groups=self.world.groups,
            seat=seat,
            rights=now_open,
        )
        view = workspace.gate.view() if workspace else None
        try:
            outcome = procedure.carry_out(command, document, view, context)
        except ValueError as error:
            # A view that is not the opinion's text and its drafts; nothing may be carried over from it.
            message = f"This workspace does not fit the text any more ({error}). Copy your words and tell the operator."
            raise CommandRefused("workspace-differs", message) from error
        if isinstance(command, commands.Freeze):
            self._seen.require(command.seen_seq, actor.member, (seq for seq, _ in self.opinion.results.values()))
            first = self._renumbered_first(outcome.before, command, entry)
            try:
                done = self._freeze(command, outcome.main, actor, entry)
            except CommandRefused as refused:
                if not first:
                    raise
                # A renumbering without its freeze may not stand: the room reads all anew from what is committed (G18).
                raise RuntimeError("a freeze failed behind its renumbering") from refused
            return replace(done, told=(*first, *done.told))
        if outcome.after is not None:
            _require_within_limits(document, outcome.after)
        result = _result(outcome)
        if workspace is not None and outcome.workspace is not None and outcome.workspace.edits:
            alone = not outcome.main.edits
            own_entry = replace(entry, key=entry.key if alone else "", result=compact(result) if alone else "")
            update = workspace.gate.write(outcome.workspace.edits)
            told.append((workspace, workspace.log(EntryKind.COMMAND, (update,), own_entry).updates))
        if outcome.main.edits:
            told.extend(self._opinion_changed(outcome.main, replace(entry, result=compact(result))))
        return Done(self.opinion.seq, result, tuple(told), _notices(command))

    def _known(self, key: str, workspace: Workspace | None) -> Done | None:
        for stream in (self.opinion, workspace):
            if stream is not None and key and key in stream.results:
                seq, result = stream.results[key]
                # DONE speaks of the opinion's log (C2); a workspace's own seq says nothing there.
                of_opinion = seq if stream is self.opinion else self.opinion.seq
                return Done(of_opinion, json.loads(result) if result else {})
        return None

    def _opinion_changed(self, change: Change, entry: Entry) -> list[tuple[Stream, tuple[bytes, ...]]]:
        before = self.opinion.gate.view()
        update = self.opinion.gate.write(change.edits)
        logged = self.opinion.log(EntryKind.COMMAND, (update,), entry)
        after = self.opinion.gate.view()
        if before.text != after.text or before.record.paragraphs != after.record.paragraphs:
            self._seen = self._seen.and_then(logged)
        told: list[tuple[Stream, tuple[bytes, ...]]] = [(self.opinion, logged.updates)]
        self.workspaces.hear(logged.updates)
        for workspace in self.workspaces:
            followed = self.workspaces.follow(workspace, change.shifts, _follower(entry, workspace))
            if followed:
                told.append((workspace, followed))
        return told

    def _renumbered_first(
        self, change: Change | None, command: commands.Freeze, entry: Entry
    ) -> tuple[tuple[Stream, tuple[bytes, ...]], ...]:
        """Logs the renumbering that comes with a freeze, in an entry of its own right before it: the version is the
        renumbered text, made of the entries before the freeze like every other (V1; opinions/SPEC.md, L3).
        """
        if change is None or not change.edits:
            return ()
        self._require_reloads()
        act = closing_commands.Renumber(command.note)
        return tuple(
            self._opinion_changed(change, replace(entry, key="", command=compact(commands.to_json(act)), result=""))
        )

    def _require_reloads(self) -> tuple[Document, bytes]:
        """The text in the room and its stored state. Raises `CommandRefused` where these differ."""
        document, state = self.opinion.gate.view(), self.opinion.gate.state()
        if Gate(OPINION_CLIENT, "record", (state,)).view() != document:
            raise CommandRefused(
                "reload-differs",
                "The stored text does not equal the text in the room. Nothing was frozen; tell the operator.",
            )
        return document, state

    def _freeze(self, command: commands.Freeze, change: Change, actor: Actor, entry: Entry) -> Done:
        document, state = self._require_reloads()
        number = self._versions + 1
        act = versions.Act(
            command.label,
            command.milestone,
            command.note,
            command.ruled_by or actor.name,
            actor.name,
            entry.at,
            command.kind,
            command.cut,
        )
        version = versions.freeze(
            self.world.opinion,
            number,
            act,
            document,
            self.opinion.seq,
            self.opinion.head,
            self._previous,
            state,
            self.world.sign,
            self.world.seal,
        )
        result = {
            "version": number,
            "seq": version.seq,
            "fingerprint": version.fingerprint,
            "label": version.label,
        }
        update = self.opinion.gate.write(change.edits)
        frozen = replace(entry, result=compact(result))
        logged = self.opinion.log(EntryKind.FREEZE, (update,), frozen)
        # At once: what follows in the same batch is of the next epoch already.
        self.opinion.epoch += 1
        self.workspaces.hear(logged.updates)
        self._versions, self._previous = number, version.record_hash
        return Done(logged.seq, result, ((self.opinion, logged.updates),), (("frozen", result),), version)


def _follower(entry: Entry, workspace: Workspace) -> Entry:
    return replace(entry, key="", command="", result="", party=workspace.delegation or "", client=0, n=0)


def _require_within_limits(before: Document, after: Document) -> None:
    """Raises `CommandRefused` when a command that brings much would make the text longer than typing may (G14)."""
    there = {paragraph.id: paragraph for paragraph in before.text}
    grown = [paragraph for paragraph in after.text if there.get(paragraph.id) != paragraph]
    paragraph = max((len(one.text) for one in grown), default=0)
    marks = max((len(run.marks) for one in grown for run in one.runs), default=0)
    characters = sum(len(run.text) for one in after.text for run in one.runs)
    standing = len(frozenset[str]().union(*map(proposals, after.text)))
    for count, most, what in (
        (paragraph, MAX_PARAGRAPH, "characters in a paragraph"),
        (marks, MAX_MARKS, "marks on a character"),
        (characters, MAX_CHARACTERS, "characters"),
        (len(after.text.paragraphs), MAX_PARAGRAPHS, "paragraphs"),
        (standing, MAX_AMENDMENTS, "amendments at once"),
    ):
        if count > most:
            raise CommandRefused("too-long", f"This would make {count} {what}; an Opinion may hold {most}.")


def _result(outcome: procedure.Outcome) -> dict[str, Any]:
    """What the asker is told: the amendment that the command is about, as it now stands; of ready-made proposals, what
    each became.
    """
    if outcome.entered:
        return {"entered": [asdict(one) for one in outcome.entered]}
    edits = (*outcome.main.edits, *(outcome.workspace.edits if outcome.workspace else ()))
    put = next((edit.amendment for edit in edits if isinstance(edit, PutAmendment)), None)
    if put is None:
        return {}
    return {"amendment": put.id, "number": put.number, "revision": put.revision, "status": put.status.value}


def _notices(command: commands.Command) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    if isinstance(command, commands.OpenLiveDrafting):
        return (("live_drafting", {"on": command.on}),)
    return ()
