"""The room (crdt/SPEC.md, W, L, V): drafting, submitting, ruling and freezing through the frames of the wire."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crdt import protocol
from crdt.client import Client
from crdt.log import EntryKind, check_chain
from crdt.protocol import client_update
from crdt.step import Frame
from opinions import commands
from opinions.amendments import struck_digest
from opinions.canonical import canonical_text
from opinions.edits import DeleteText, InsertText, SetMark
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.record import Ruling, Status
from opinions.roles import Actor, Role
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import document, paragraph
from tests.support.rooms import Sitting

P1 = ParagraphId("par-0001")
AM = AmendmentId("a-kenya001")
INS = frozenset({Mark(MarkKind.INSERTION, AM)})
BO = frozenset({Mark(MarkKind.INSERTION, "a-bo-000001")})
DEL = Mark(MarkKind.DELETION, AM)


@pytest.fixture
def sitting() -> Sitting:
    return Sitting(
        document(paragraph(P1, "that access depends on income"), paragraph("par-0002", "that skills matter"))
    )


def drafted(sitting: Sitting) -> None:
    """XAA has replaced "depends" by "relies" in its workspace; XAB and the chair look on."""
    sitting.join("kim", expert("XAA"))
    sitting.join("bo", expert("XAB"))
    sitting.join("chair", THE_CHAIR, workspace=False)
    sitting.write("kim", SetMark(P1, 12, 19, DEL, True), InsertText(P1, 19, "relies", INS))


def text(sitting: Sitting, name: str) -> str:
    found = sitting.clients[name].view().text.find(P1)
    assert found is not None
    return found.text


def test_d1_a_draft_is_seen_by_its_delegation_alone(sitting: Sitting) -> None:
    """[D1, A2] Colleagues see it as it is typed; nobody else gets a frame of it, nor does the record name it."""
    drafted(sitting)
    sitting.join("kai", replace(expert("XAA"), member="m-xaa-2"))
    assert text(sitting, "kim") == text(sitting, "kai") == "that access dependsrelies on income"
    assert text(sitting, "bo") == text(sitting, "chair") == "that access depends on income"
    assert sitting.clients["kai"].view().amendment(AM) is not None
    for name in ("bo", "chair"):
        assert sitting.clients[name].view().amendment(AM) is None
    assert sitting.room.document().amendment(AM) is None


def test_l5_submit_carries_the_draft_over_and_renews_the_workspace(sitting: Sitting) -> None:
    """[L5, A2] One entry in each log, in one step; the author's own text reads the same before and after."""
    drafted(sitting)
    before = text(sitting, "kim")
    entries = {name: len(log) for name, log in sitting.shelf.logs.items()}
    answer = sitting.ask("kim", commands.Submit(AM, "clearer"))
    assert answer.result == {"amendment": AM, "number": 1, "revision": 1, "status": "submitted"}
    new = {name: len(log) - entries[name] for name, log in sitting.shelf.logs.items()}
    assert new == {"op1": 1, "op1/xaa": 1, "op1/xab": 0}
    assert text(sitting, "kim") == before == text(sitting, "bo") == text(sitting, "chair")
    for name in ("kim", "bo", "chair"):
        amendment = sitting.clients[name].view().amendment(AM)
        assert amendment is not None
        assert (amendment.status, amendment.delegation, amendment.reason) == (Status.SUBMITTED, "XAA", "clearer")


def test_decision_is_carried_out_by_the_server_for_everybody(sitting: Sitting) -> None:
    drafted(sitting)
    sitting.ask("kim", commands.Submit(AM))
    assert not sitting.ask("chair", commands.RecordOutcome(AM, 1, Ruling.AGREED)).code
    for name in sitting.clients:
        assert text(sitting, name) == "that access relies on income"


def test_w7_a_command_sent_again_is_answered_and_not_repeated(sitting: Sitting) -> None:
    drafted(sitting)
    first = sitting.ask("kim", commands.Submit(AM), key="submit-once")
    count = {name: len(log) for name, log in sitting.shelf.logs.items()}
    again = sitting.ask("kim", commands.Submit(AM), key="submit-once")
    assert again.result == first.result
    assert {name: len(log) for name, log in sitting.shelf.logs.items()} == count


def test_c2_a_discard_sent_again_is_answered_with_a_seq_of_the_opinion(sitting: Sitting) -> None:
    """[C2] Its entry is in the workspace's log, which may be longer. Found by the simulation."""
    drafted(sitting)
    for _ in range(5):
        sitting.write("kim", InsertText(P1, 0, "x", INS))
    for _ in range(2):
        assert sitting.ask("kim", commands.Discard(AM), key="discard-once").seq == sitting.room.opinion.seq


def test_a_refused_update_leaves_no_trace_and_the_words_with_their_author(sitting: Sitting) -> None:
    """[W6, G8] The sender alone hears of it; its later frames are dropped until it begins anew."""
    drafted(sitting)
    before = sitting.room.document(), {n: len(log) for n, log in sitting.shelf.logs.items()}
    step = sitting.write("bo", DeleteText(P1, 0, 5))
    assert [r.code for r in sitting.clients["bo"].refusals] == ["destroyed"]
    assert not step.appends
    sitting.write("bo", InsertText(P1, 0, "x", BO))
    assert (sitting.room.document(), {n: len(log) for n, log in sitting.shelf.logs.items()}) == before
    del sitting.clients["bo"]
    sitting.leave("bo")
    sitting.join("bo", expert("XAB"))
    sitting.write("bo", InsertText(P1, 0, "x", BO))
    assert text(sitting, "bo").startswith("x")


def test_i2_an_id_of_another_delegation_is_refused(sitting: Sitting) -> None:
    """[I2, G10]"""
    drafted(sitting)
    sitting.ask("kim", commands.Submit(AM))
    sitting.write("bo", InsertText(P1, 0, "forged ", INS))
    assert [r.code for r in sitting.clients["bo"].refusals] == ["foreign-id"]
    assert "forged" not in text(sitting, "kim")


def test_unmarked_words_are_mended_to_their_sender(sitting: Sitting) -> None:
    """[G11] They become a draft of the sender's delegation."""
    drafted(sitting)
    sitting.write("bo", InsertText(P1, 0, "bare "))
    found = sitting.clients["bo"].view().text.find(P1)
    assert found is not None
    owner = found.runs[0].insertion
    assert owner is not None
    amendment = sitting.clients["bo"].view().amendment(owner)
    assert amendment is not None
    assert (amendment.delegation, amendment.status) == ("XAB", Status.DRAFT)
    assert "bare" not in text(sitting, "kim")


def test_only_live_drafting_lets_experts_type_in_the_opinion(sitting: Sitting) -> None:
    """[G15]"""
    sitting.join("chair", THE_CHAIR, workspace=False)
    sitting.join("kim", expert("XAA"), workspace=False)
    assert sitting.clients["kim"].welcome["read_only"]
    assert not sitting.ask("chair", commands.OpenLiveDrafting(True)).code
    assert {"kind": "live_drafting", "on": True} in [dict(n) for n in sitting.clients["kim"].notices]
    sitting.leave("kim")
    sitting.join("kim", expert("XAA"), workspace=False)
    sitting.write("kim", InsertText(P1, 5, "all ", INS))
    amendment = sitting.room.document().amendment(AM)
    assert amendment is not None
    assert (amendment.status, amendment.revision, amendment.number) == (Status.SUBMITTED, 1, 1)
    assert "all " in text(sitting, "chair")


def test_the_secretariat_types_for_the_delegation_that_has_the_floor(sitting: Sitting) -> None:
    """Both are on the record: the party and the typist."""
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.write("sec", InsertText(P1, 5, "all ", INS), party="XAC")
    amendment = sitting.room.document().amendment(AM)
    assert amendment is not None
    assert (amendment.delegation, amendment.typist) == (DelegationCode("XAC"), THE_SECRETARIAT.name)


def test_nobody_writes_for_another_delegation(sitting: Sitting) -> None:
    sitting.join("kim", expert("XAA"))
    sitting.write("kim", InsertText(P1, 0, "x", INS), party="XAB")
    assert [r.code for r in sitting.clients["kim"].refusals] == ["not-allowed"]


def test_observers_have_no_seat(sitting: Sitting) -> None:
    sitting.room.connect(77, AN_OBSERVER)
    step = sitting.room.receive([Frame(77, Client(workspace=True).hello())], sitting.now)
    assert [closing.code for closing in step.closings] == [4403]


def test_i6_a_freeze_is_a_cut(sitting: Sitting) -> None:
    """[V1] The version holds what was acknowledged before it; what comes after is the next draft's."""
    drafted(sitting)
    sitting.ask("kim", commands.Submit(AM))
    before = sitting.room.document()
    answer = sitting.ask("chair", commands.Freeze("Text at close of IEG-3", "IEG-3"))
    version = sitting.shelf.appends[-1].version
    assert version is not None
    assert answer.result is not None
    assert (answer.result["version"], answer.result["fingerprint"]) == (1, version.fingerprint)
    assert version.seq == len(sitting.shelf.logs["op1"]) - 1
    assert version.text == canonical_text(before)
    assert sitting.shelf.logs["op1"][-1].kind is EntryKind.FREEZE
    assert sitting.room.document().record.opinion.draft == before.record.opinion.draft + 1
    assert any(n["kind"] == "frozen" for n in sitting.clients["bo"].notices)
    second = sitting.ask("chair", commands.Freeze("Text at close of IEG-4"))
    assert second.result is not None
    latest = sitting.shelf.appends[-1].version
    assert latest is not None
    assert latest.previous == version.record_hash


def test_l4_the_room_after_a_restart_is_the_room_before(sitting: Sitting) -> None:
    """[L2, L4] From the logs alone: same text, same record, drafts included; clients go on where they were."""
    drafted(sitting)
    sitting.write("bo", InsertText(P1, 0, "b", BO))
    sitting.ask("kim", commands.Submit(AM))
    sitting.ask("chair", commands.RecordOutcome(AM, 1, Ruling.AGREED))
    before = sitting.room.document()
    views = {name: client.view() for name, client in sitting.clients.items()}
    for name, log in sitting.shelf.logs.items():
        check_chain(name, log)
    sitting.open()
    assert sitting.room.document() == before
    for name, actor in list(sitting.actors.items()):
        lease = sitting.clients[name].welcome["client"]
        sitting.join(name, actor, workspace=name != "chair")
        assert sitting.clients[name].view() == views[name]
        assert sitting.clients[name].welcome["client"] == lease
    sitting.write("bo", InsertText(P1, 1, "c", BO))
    assert text(sitting, "bo").startswith("bc")


def test_w4_an_update_sent_again_is_acknowledged_again(sitting: Sitting) -> None:
    """[W4] Before and after a restart; the log holds it once."""
    drafted(sitting)
    client = sitting.clients["bo"]
    frame = client.write([InsertText(P1, 0, "b", BO)], "XAB")
    sitting.send("bo", frame)
    count = len(sitting.shelf.logs["op1/xab"])
    sitting.send("bo", frame)
    sitting.open()
    sitting.join("bo", expert("XAB"))
    sitting.send("bo", frame)
    assert len(sitting.shelf.logs["op1/xab"]) == count
    assert not client.refusals


def test_a_batch_of_several_peers_is_one_append_and_one_frame(sitting: Sitting) -> None:
    """[L3] Updates of two workspaces and a command commit together."""
    drafted(sitting)
    bo = sitting.clients["bo"].write([InsertText(P1, 0, "b", BO)], "XAB")
    submit = sitting.clients["kim"].command(commands.to_json(commands.Submit(AM)), "XAA", "submit-kim")
    step = sitting.batch([("bo", bo), ("kim", submit)])
    assert {append.document for append in step.appends} == {"op1", "op1/xaa", "op1/xab"}
    assert sitting.clients["kim"].results[max(sitting.clients["kim"].results)]["status"] == "submitted"
    assert "relies" in text(sitting, "bo")


def test_presence_shows_no_place_in_a_workspace_to_others(sitting: Sitting) -> None:
    """[W8] Name and delegation come from the session; a draft's place is for the delegation alone."""
    drafted(sitting)
    sitting.join("kai", replace(expert("XAA"), member="m-xaa-2"))
    sitting.send("kim", protocol.client_presence(P1, 7))
    sitting.settle(sitting.room.tick(sitting.now.replace(year=2027)))
    assert any(p.get("offset") == 7 and p.get("paragraph") == P1 for p in sitting.clients["kai"].peers)
    assert not any(p.get("offset") == 7 for p in sitting.clients["bo"].peers)
    assert not any("paragraph" in p for p in sitting.clients["chair"].peers if p["delegation"] == "XAA")


def test_a_paragraph_removed_under_a_draft_keeps_its_words_on_record(sitting: Sitting) -> None:
    """[I7] XAB drafts in a paragraph that the chair then takes out: the draft's words stay with XAB."""
    drafted(sitting)
    bo_id = AmendmentId("a-bo-000001")
    sitting.write("bo", InsertText(P1, 0, "our words ", frozenset({Mark(MarkKind.INSERTION, bo_id)})))
    removal = AmendmentId("a-kenya002")
    assert not sitting.ask("kim", commands.ProposeRemoval(removal, P1)).code
    assert not sitting.ask("kim", commands.Submit(removal)).code
    assert not sitting.ask("chair", commands.RecordOutcome(removal, 1, Ruling.AGREED)).code
    kept = sitting.clients["bo"].view().amendment(bo_id)
    assert kept is not None
    assert "our words " in [run.text for one in kept.removed for run in one.runs]


def test_c4_submit_takes_out_no_words_that_its_screen_did_not_show_struck(sitting: Sitting) -> None:
    """[C4, I7] Live words of a colleague came to stand under a draft's strike. Found by the simulation (seed
    1068279257).
    """
    drafted(sitting)
    sitting.ask("kim", commands.Submit(AM))
    sitting.ask("chair", commands.OpenLiveDrafting())
    sitting.join("kai", replace(expert("XAA"), member="m-xaa-2"), workspace=False)
    draft = AmendmentId("a-kenya002")
    sitting.write("kim", SetMark(P1, 19, 25, Mark(MarkKind.DELETION, draft), True))
    shown = struck_digest(sitting.clients["kim"].view(), draft)
    sitting.leave("kim")
    sitting.write("kai", InsertText(P1, 22, "CAME", INS))
    refused = sitting.ask("kim", commands.Submit(draft, struck=shown))
    assert refused.code == "revision-changed"
    assert "relCAMEies" in text(sitting, "kai")
    sitting.join("kim", expert("XAA"))
    shown = struck_digest(sitting.clients["kim"].view(), draft)
    assert not sitting.ask("kim", commands.Submit(draft, struck=shown)).code
    assert "CAME" not in text(sitting, "kai")


def test_g11_words_typed_under_a_removal_are_an_amendment_of_their_own(sitting: Sitting) -> None:
    """[G11, I7] A SUP has no words: submitting it would have lost these. Found by the simulation."""
    sitting.join("kim", expert("XAA"))
    removal = AmendmentId("a-kenya002")
    assert not sitting.ask("kim", commands.ProposeRemoval(removal, P1)).code
    sitting.write("kim", InsertText(P1, 0, "our words ", frozenset({Mark(MarkKind.INSERTION, removal)})))
    assert not sitting.ask("kim", commands.Submit(removal)).code
    assert text(sitting, "kim").startswith("our words ")


def test_a_stranger_to_the_protocol_is_shown_the_door(sitting: Sitting) -> None:
    sitting.join("kim", expert("XAA"))
    step = sitting.send("kim", b"\xff\xff")
    assert [closing.code for closing in step.closings] == [4400]


def test_too_many_refusals_close_the_connection(sitting: Sitting) -> None:
    """[G17]"""
    sitting.join("bo", expert("XAB"))
    again = sitting.clients["bo"].hello()
    step = sitting.send("bo", *(frame for n in range(1, 12) for frame in (client_update(n, "XAB", b"garbage"), again)))
    assert [closing.code for closing in step.closings] == [4429]


def test_w2_who_comes_back_has_the_same_lease_and_the_line_given_up_counts_no_more(sitting: Sitting) -> None:
    """Words still under way on a line that its browser gave up are not there twice, nor under two client ids."""
    drafted(sitting)
    kim, old = sitting.clients["kim"], sitting.peer_of("kim")
    lease = kim.welcome["client"]
    late = kim.write([InsertText(P1, 0, "late ", INS)], "XAA")
    sitting.join("kim", expert("XAA"))
    assert kim.welcome["client"] == lease
    assert not kim.sent
    step = sitting.room.receive([Frame(old, late)], sitting.now)
    sitting.settle(step)
    assert (step.appends, step.deliveries) == ((), ())
    assert text(sitting, "kim").count("late") == 1
    assert len(sitting.shelf.logs["op1/xaa"]) == 2


def test_w2_a_lease_is_taken_over_by_its_member_alone(sitting: Sitting) -> None:
    drafted(sitting)
    other = Client(True, welcome={"generation": 1, "client": sitting.clients["kim"].welcome["client"]})
    sitting.clients["kai"] = other
    sitting.join("kai", replace(expert("XAA"), member="m-xaa-2"))
    assert other.welcome["client"] != sitting.clients["kim"].welcome["client"]
    sitting.write("kim", InsertText(P1, 0, "still here ", INS))
    assert not sitting.clients["kim"].sent


def test_l7_a_clock_set_back_changes_times_and_nothing_else(sitting: Sitting) -> None:
    """Who comes is told to the others, refusals do not add up, and the chain holds with times that go back."""
    drafted(sitting)
    sitting.now += timedelta(hours=48)
    sitting.write("kim", InsertText(P1, 0, "later ", INS))
    again = sitting.clients["bo"].hello()
    for hours in (0, -96):
        sitting.now += timedelta(hours=hours)
        step = sitting.send(
            "bo", *(frame for n in range(1, 9) for frame in (client_update(n, "XAB", b"garbage"), again))
        )
        assert not step.closings
    sitting.write("kim", InsertText(P1, 0, "earlier ", INS))
    sitting.join("kai", replace(expert("XAA"), member="m-xaa-2"))
    assert len(sitting.clients["chair"].peers) == 4
    log = sitting.shelf.logs["op1/xaa"]
    assert log[-1].at < log[-2].at
    assert check_chain("op1/xaa", log)[0] == len(log)
    freeze = commands.Freeze("After the clock")
    assert not sitting.ask("chair", freeze).code


def test_a_member_without_a_delegation_has_no_workspace(sitting: Sitting) -> None:
    sitting.join("chair", Actor("m-c", "C", Role.CHAIR, None), workspace=True)
    assert sitting.clients["chair"].welcome["scope"] == "opinion"
    assert sitting.ask("chair", commands.Submit(AM)).code == "not-allowed"
