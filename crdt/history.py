"""An Opinion's log read as a history: its steps with their counts, and the places from which it can be read on.

Everything here follows from the entries alone (opinions/SPEC.md, HS). What is kept of it is a cache: thrown away, it is
made again from the log.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crdt.document import SharedDocument
from crdt.errors import LogBroken
from crdt.log import SNAPSHOT_EVERY, Entry, EntryKind
from crdt.stream import OPINION_CLIENT
from opinions.burn_down import Tally
from opinions.ground import Founding, Ground, Lost, carried
from opinions.model import ParagraphId
from opinions.record import Document
from opinions.record_json import value_from_json, value_to_json
from opinions.steps import Differences, Step, StepKind, differences

FOLD = 1_000
"""Entries typed under live drafting that one step takes in at most, where no command comes between: some minutes of a
busy room. Without it an afternoon of typing would be one step, and reading on from before it dear.
"""
_TYPED = frozenset({EntryKind.UPDATE, EntryKind.MEND})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The document after a step, from which its history can be read on. `ground` is JSON."""

    seq: int
    state: bytes
    ground: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The steps since the checkpoint before, and the checkpoint at their end."""

    steps: tuple[Step, ...]
    checkpoint: Checkpoint


class History:
    """The history of one log as it grows. `steps` are all since the checkpoint that it began with."""

    def __init__(self, document: str, checkpoint: Checkpoint | None = None) -> None:
        self.document_id = document
        self.seq = checkpoint.seq if checkpoint else 0
        self._copy = SharedDocument(OPINION_CLIENT, [checkpoint.state] if checkpoint else [])
        self._tally = Tally()
        self._ground = ground_from_json(checkpoint.ground) if checkpoint else Ground()
        self._before = self._copy.view()
        self._steps: list[Step] = []
        self._kept = self.seq
        self._chapter: list[Step] = []
        self._typed_from = 0
        self._last: Entry | None = None

    def take(self, entries: Iterable[Entry]) -> list[Chapter]:
        """Takes the entries that follow; the chapters that ended with them. Raises `LogBroken` at a gap."""
        ended: list[Chapter] = []
        for entry in entries:
            if entry.seq != self.seq + 1:
                raise LogBroken(f"Document {self.document_id}: entry {self.seq + 1} was expected, not {entry.seq}.")
            self._copy.apply(entry.updates)
            self._copy.mirror.settle()
            self.seq, self._last = entry.seq, entry
            if entry.kind in _TYPED:
                self._typed_from = self._typed_from or entry.seq
                if entry.seq - self._typed_from < FOLD - 1:
                    continue
            step = self._step(entry)
            if step is not None:
                self._chapter.append(step)
            self._steps += [step] if step else []
            self._typed_from = 0
            if entry.kind is EntryKind.FREEZE or self.seq - self._kept >= SNAPSHOT_EVERY:
                ended.append(self._end_chapter())
        return ended

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far; what was typed since the last command is one at the end."""
        if self._typed_from and self._last is not None:
            told = self._told(self._last, differences(self._before, self._copy.view()))
            return (*self._steps, told) if told else tuple(self._steps)
        return tuple(self._steps)

    @property
    def ground(self) -> Ground:
        """Where the base words of the document as it stands come from."""
        return self._ground

    @property
    def document(self) -> Document:
        """Text and record after entry `seq`."""
        return self._copy.view()

    def _step(self, entry: Entry) -> Step | None:
        after = self._copy.view()
        found = differences(self._before, after)
        act = act_of(entry)
        founding = Founding(entry.seq, entry.at, act, entry.name, entry.party, entry.command if act == "import" else "")
        self._ground = carried(self._ground, self._before, after, founding)
        step = self._told(entry, found)
        self._before = after
        return step

    def _told(self, entry: Entry, found: Differences) -> Step | None:
        act = act_of(entry)
        if act != "freeze" and not found.any:
            return None
        after = self._copy.view()
        parents, joined = _lineage(act, entry, self._before, after)
        frozen = _result(entry) if act == "freeze" else {}
        sitting = after.record.opinion.sitting
        return Step(
            seq=entry.seq,
            first=self._typed_from or entry.seq,
            at=entry.at,
            kind=StepKind.FOUNDED if act == "import" else found.kind(act),
            act=act,
            name=entry.name,
            party=entry.party,
            counts=self._tally.counts(after),
            typist=entry.typist,
            paragraphs=found.paragraphs,
            moved=found.moved,
            outcomes=found.outcomes,
            parents=parents,
            joined=joined,
            sitting=sitting.name if sitting else "",
            sitting_since=sitting.opened_at if sitting else None,
            label=str(frozen.get("label", "")),
            version=int(frozen.get("version", 0)),
            draft=after.record.opinion.draft,
        )

    def _end_chapter(self) -> Chapter:
        chapter = Chapter(tuple(self._chapter), Checkpoint(self.seq, self._copy.state(), ground_to_json(self._ground)))
        self._chapter = []
        self._kept = self.seq
        return chapter


def act_of(entry: Entry) -> str:
    """The name of an entry's command; `import` for a founding text, empty for typing."""
    if entry.kind is EntryKind.IMPORT:
        return "import"
    if entry.kind in _TYPED:
        return ""
    command = _object(entry.command)
    return str(command.get("act", "freeze" if entry.kind is EntryKind.FREEZE else ""))


def document_at(checkpoint: Checkpoint | None, entries: Sequence[Entry], *seqs: int) -> tuple[Document, ...]:
    """The documents after these entries, in rising order, read on from a checkpoint before the first of them."""
    copy = SharedDocument(
        OPINION_CLIENT,
        [
            *([checkpoint.state] if checkpoint else []),
            *(update for entry in entries if entry.seq <= seqs[0] for update in entry.updates),
        ],
    )
    found = [copy.view()]
    for seq, last in zip(seqs[1:], seqs, strict=False):
        copy.apply([update for entry in entries if last < entry.seq <= seq for update in entry.updates])
        copy.mirror.settle()
        found.append(copy.view())
    return tuple(found)


def _lineage(
    act: str, entry: Entry, before: Document, after: Document
) -> tuple[tuple[tuple[ParagraphId, ParagraphId], ...], tuple[tuple[ParagraphId, ParagraphId], ...]]:
    """Which new paragraph was split off from which, and in which one a joined one goes on."""
    command = _object(entry.command) if act in {"split_paragraph", "join_paragraph"} else {}
    paragraph = ParagraphId(str(command.get("paragraph", "")))
    if act == "split_paragraph":
        return ((ParagraphId(str(command.get("new_paragraph", ""))), paragraph),), ()
    if act == "join_paragraph":
        stands = {one.id for one in after.text}
        return (), tuple((one.id, paragraph) for one in before.text if one.id not in stands)
    return (), ()


def _result(entry: Entry) -> Mapping[str, Any]:
    return _object(entry.result)


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


# --- as it is kept


def steps_to_json(steps: Iterable[Step]) -> str:
    """Steps as they are kept: a JSON array, by the rules of the record."""
    return json.dumps([value_to_json(step) for step in steps], ensure_ascii=False, separators=(",", ":"))


def steps_from_json(text: str) -> tuple[Step, ...]:
    """The steps of what `steps_to_json` wrote. Raises `ValueError`."""
    return tuple(value_from_json(Step, one) for one in json.loads(text))


def ground_to_json(ground: Ground) -> str:
    """The ground as it is kept."""
    return json.dumps(
        {
            "foundings": [value_to_json(one) for one in ground.foundings.values()],
            "paragraphs": ground.paragraphs if isinstance(ground.paragraphs, dict) else dict(ground.paragraphs),
            "attic": [value_to_json(one) for one in ground.attic],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def ground_from_json(text: str) -> Ground:
    """The ground of what `ground_to_json` wrote. Raises `ValueError`."""
    value = json.loads(text)
    foundings = (value_from_json(Founding, one) for one in value["foundings"])
    return Ground(
        {one.seq: one for one in foundings},
        {
            ParagraphId(name): tuple((int(count), int(seq)) for count, seq in row)
            for name, row in value["paragraphs"].items()
        },
        tuple(value_from_json(Lost, one) for one in value["attic"]),
    )
