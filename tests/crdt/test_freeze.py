"""A freeze is a cut (I6; crdt/SPEC.md, V1): everything acknowledged before it is in the version, nothing after it is.

The checker knows nothing of the room: it replays the stored log up to the version's seq and compares.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from crdt.acts import Acts
from crdt.gate import Gate
from crdt.log import GENESIS
from crdt.seen import KEPT
from crdt.versions import Version
from opinions import commands
from opinions.canonical import canonical_text, fingerprint
from opinions.closing_commands import MarkRenumbering
from opinions.edits import InsertText
from opinions.model import AmendmentId, Kind, Mark, MarkKind, ParagraphId
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT
from tests.support.builders import document, item, paragraph, verb
from tests.support.rooms import Sitting

P1 = ParagraphId("par-0001")


def broken_cuts(sitting: Sitting) -> list[str]:
    """What is wrong with the versions, held against the log; empty when each is exactly the log up to its seq."""
    wrong: list[str] = []
    log = sitting.shelf.logs["op1"]
    versions = [append.version for append in sitting.shelf.appends if append.version]
    previous = ""
    for number, version in enumerate(versions, start=1):
        updates = [update for entry in log[: version.seq] for update in entry.updates]
        text = canonical_text(Gate(1, "record", updates).view())
        head = log[version.seq - 1].hash if version.seq else GENESIS
        found = {
            "number": version.number == number,
            "text": version.text == text,
            "fingerprint": version.fingerprint == fingerprint(text),
            "head": version.head == head.hex(),
            "previous": version.previous == previous,
            "epoch": all(entry.epoch > log[version.seq].epoch for entry in log[version.seq + 1 :]),
            "state": canonical_text(Gate(1, "record", [version.state]).view()) == text,
        }
        wrong += [f"version {number}: {name}" for name, right in found.items() if not right]
        previous = version.record_hash
    return wrong


def busy_day(seed: int) -> Sitting:
    """Two people of the secretariat type for two delegations while the chair freezes in the midst of their batches."""
    random = Random(seed)
    sitting = Sitting(document(paragraph(P1, "that access matters")))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("chair", THE_CHAIR, workspace=False)
    for number in range(30):
        mark = frozenset({Mark(MarkKind.INSERTION, f"a-words-{number % 3}")})
        party = ("XAA", "XAB", "XAC")[number % 3]
        frames = [("sec", sitting.clients["sec"].write([InsertText(P1, 4, f"w{number} ", mark)], party))]
        if random.random() < 0.4:
            freeze = commands.to_json(commands.Freeze(f"Text {number}"))
            command = sitting.clients["chair"].command(freeze, "", f"freeze-{number:04}")
            frames.insert(random.randint(0, 1), ("chair", command))
        sitting.batch(frames)
    assert not sitting.clients["sec"].refusals
    assert not sitting.clients["chair"].refusals
    return sitting


@pytest.mark.parametrize("seed", range(5))
def test_i6_every_version_is_the_log_up_to_its_seq(seed: int) -> None:
    """[I6, V1] Also where words and the freeze are in one batch, in either order."""
    sitting = busy_day(seed)
    assert sum(1 for append in sitting.shelf.appends if append.version) >= 3
    assert broken_cuts(sitting) == []


def test_v1_of_two_freezes_in_one_batch_one_is_made() -> None:
    """[V1] A batch is one append with one version; the other asker is told, and may freeze next. Found by the
    simulation: the first of two versions was told of and kept nowhere.
    """
    sitting = Sitting(document(paragraph(P1, "that access matters")))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("chair", THE_CHAIR, workspace=False)
    by_chair = sitting.clients["chair"].command(commands.to_json(commands.Freeze("One")), "", "freeze-chair")
    other = commands.to_json(commands.Freeze("Two", ruled_by="R. Chair"))
    sitting.batch([("chair", by_chair), ("sec", sitting.clients["sec"].command(other, "", "freeze-other"))])
    assert [refusal.code for refusal in sitting.clients["sec"].refusals] == ["revision-changed"]
    sitting.batch([("sec", sitting.clients["sec"].command(other, "", "freeze-again")), ("chair", by_chair)])
    assert [append.version.label for append in sitting.shelf.appends if append.version] == ["One", "Two"]
    assert broken_cuts(sitting) == []


def test_v1_a_renumbering_is_an_entry_of_its_own_right_before_its_freeze() -> None:
    """[V1; opinions/SPEC.md, L3] The version is the renumbered text, and still exactly the log up to its seq."""
    rows = (
        verb("v-1000", "resolves", operative=True),
        item("o-1000", "x;", operative=True),
        item("o-2000", "y;", operative=True),
        item("o-3000", "z;", operative=True),
        item("o-4000", "see resolves 2 above, and resolves 9.", operative=True),
    )
    sitting = Sitting(document(*rows, labels={"o-1000": "1", "o-2000": "1 bis", "o-3000": "2", "o-4000": "3"}))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("chair", THE_CHAIR, workspace=False)
    mark = sitting.clients["sec"].command(commands.to_json(MarkRenumbering()), "", "mark-key-1")
    freeze = sitting.clients["chair"].command(commands.to_json(commands.Freeze("First")), "", "freeze-key-1")
    sitting.batch([("sec", mark), ("chair", freeze)])
    assert broken_cuts(sitting) == []
    log = sitting.shelf.logs["op1"]
    acts = [json.loads(entry.command)["act"] for entry in log[-3:]]
    assert acts == ["mark_renumbering", "renumber", "freeze"]
    (version,) = [append.version for append in sitting.shelf.appends if append.version]
    assert version.seq == log[-2].seq
    frozen = json.loads(version.text)["paragraphs"]
    assert [one["label"] for one in frozen[1:]] == ["1", "2", "3", "4"]
    assert "".join(run[0] for run in frozen[4]["runs"]) == "see resolves 3 above, and resolves 9."
    again = sitting.clients["chair"].command(commands.to_json(commands.Freeze("Second")), "", "freeze-key-2")
    sitting.batch([("chair", again)])
    assert [json.loads(entry.command)["act"] for entry in sitting.shelf.logs["op1"][-2:]] == ["freeze", "freeze"]


def test_v9_a_freeze_is_of_the_text_that_the_chair_saw() -> None:
    """[V9] What another's command changed since is told first, once; own commands and typing put nothing off."""
    sitting = Sitting(document(paragraph(P1, "that access matters")))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("chair", THE_CHAIR, workspace=False)

    def freeze(seen: int, name: str = "chair", ruled_by: str = "") -> str:
        answer = sitting.ask(name, commands.Freeze("Text", seen_seq=seen, ruled_by=ruled_by))
        return f"{answer.code} {answer.message}".strip()

    def seq() -> int:
        return len(sitting.shelf.logs["op1"])

    def put_in(number: int) -> None:
        put = commands.InsertParagraph(ParagraphId(f"p-put-{number:04}"), P1, Kind.PARAGRAPH, "More.")
        assert sitting.ask("sec", put).code == ""

    seen = seq()
    assert sitting.ask("sec", MarkRenumbering()).code == ""
    assert sitting.ask("sec", MarkRenumbering(False)).code == ""
    sitting.write(
        "sec", InsertText(P1, 4, "word ", frozenset({Mark(MarkKind.INSERTION, AmendmentId("a-words-1"))})), party="XAA"
    )
    assert freeze(seen) == ""
    put_in(0)
    assert freeze(seen, "sec", "Rosa Chair") == ""
    assert freeze(seen).startswith("revision-changed Since the text on your screen it was changed once, by ")
    # The very next entry after the one that was seen, and the one that was seen.
    seen = seq()
    put_in(1)
    assert seq() == seen + 1
    assert freeze(seen).startswith("revision-changed Since the text on your screen it was changed once, by ")
    seen = seq()
    for number in range(2, KEPT + 3):
        put_in(number)
    assert f"changed {KEPT} times" in freeze(seen)
    # Longer ago than is remembered, and after the room was opened anew: still nothing is frozen unseen.
    sitting.open()
    sitting.join("chair", THE_CHAIR, workspace=False)
    assert freeze(seen).startswith("revision-changed The text is newer")
    assert freeze(seq()) == ""
    assert sum(entry.kind == "freeze" for entry in sitting.shelf.logs["op1"]) == 3


def test_the_checker_notices_a_freeze_that_reads_before_it_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the text is read from what was committed before the batch, not from where the queue stands."""
    honest: Callable[..., Any] = Acts._freeze

    def hasty(self: Acts, *arguments: Any) -> Any:
        gate = self.opinion.gate
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gate, "view", gate.live_view)
            patch.setattr("crdt.acts.Gate", lambda *_: gate)
            return honest(self, *arguments)

    monkeypatch.setattr(Acts, "_freeze", hasty)
    found = [wrong for seed in range(5) for wrong in broken_cuts(busy_day(seed))]
    assert any("text" in wrong for wrong in found)


def test_v1_every_record_is_another_and_signed() -> None:
    """[V1]"""
    sitting = busy_day(1)
    versions: list[Version] = [append.version for append in sitting.shelf.appends if append.version]
    assert len({version.record_hash for version in versions}) == len(versions)
    assert all(version.signature == b"signed" for version in versions)


def test_v6_a_cut_is_not_named_over_a_socket() -> None:
    """[V6] Only the server's own page may; the text stays as it was."""
    sitting = Sitting(document(paragraph(P1, "that access matters")))
    chair = sitting.join("chair", THE_CHAIR, workspace=False)
    command = commands.to_json(commands.Freeze("Mine", cut="cut-mine"))
    sitting.batch([("chair", chair.command(command, "", "freeze-0001"))])
    assert [refusal.code for refusal in chair.refusals] == ["invalid-command"]
    assert not [append for append in sitting.shelf.appends if append.version]
