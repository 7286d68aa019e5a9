"""Drafting groups in the room (crdt/SPEC.md D1, W1, W8, G19; opinions/SPEC.md GR): who is in, what nobody else hears,
what is brought back.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crdt import protocol
from crdt.client import Client
from crdt.step import Delivery, Step
from opinions import commands
from opinions.drafting_groups import GroupSeat
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, SetMark
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import CHAIR, Document, Level, Ruling, Status
from opinions.roles import Actor, Role
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import document, paragraph
from tests.support.rooms import Sitting

XAA, XAB, XAC = DelegationCode("XAA"), DelegationCode("XAB"), DelegationCode("XAC")
P1, P2 = ParagraphId("par-0001"), ParagraphId("par-0002")
LEAD, TABLE = DelegationCode("g-leadaaaaaaaa"), DelegationCode("g-tablebbbbbbb")
SHARED = GroupSeat(LEAD, XAA, "Skills together", (XAB,))
INFORMAL = GroupSeat(TABLE, CHAIR, "Informals on access", paragraphs=(P1,), informal=True)
AM = AmendmentId("a-together01")
FACILITATOR = Actor("m-fac", "F. Between", Role.FACILITATOR, groups=(replace(INFORMAL, brings_back=True),))


def seated(actor: Actor, *seats: GroupSeat) -> Actor:
    """Somebody with places in groups."""
    return replace(actor, groups=seats)


KIM = seated(expert("XAA"), replace(SHARED, brings_back=True), INFORMAL)
BO = seated(expert("XAB"), SHARED)
CY = seated(expert("XAC"), INFORMAL)
DO = replace(expert("XAC"), member="m-xac-2")


def words(text: str, at: int, amendment: str = AM) -> InsertText:
    return InsertText(P1, at, text, frozenset({Mark(MarkKind.INSERTION, amendment)}))


def joined(sitting: Sitting, name: str, actor: Actor, group: str = "") -> Client:
    """Somebody at the desk of a group (or, without one, of the own delegation)."""
    client = sitting.clients[name] = Client(workspace=True, group=group)
    sitting.send_hello(name, actor)
    return client


def group_write(sitting: Sitting, name: str, *edits: Edit) -> Step:
    return sitting.write(name, *edits, party=str(sitting.clients[name].welcome["party"]))


def text(sitting: Sitting, name: str, place: str = P1) -> str:
    found = sitting.clients[name].view().text.find(place)
    assert found is not None
    return found.text


def told(sitting: Sitting, deliveries: Sequence[Delivery]) -> dict[str, int]:
    """How many frames each person got."""
    found = dict.fromkeys(sitting.clients, 0)
    for delivery in deliveries:
        for name in sitting.clients:
            found[name] += sitting.peer_of(name) in delivery.peers
    return found


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(document(paragraph(P1, "that access depends on income"), paragraph(P2, "that skills matter")))
    joined(sitting, "kim", KIM, LEAD)
    joined(sitting, "bo", BO, LEAD)
    for name, actor in (("do", DO), ("chair", THE_CHAIR), ("clerk", THE_SECRETARIAT)):
        joined(sitting, name, actor)
    sitting.batch(())
    return sitting


def test_d1_a_groups_people_draft_together_for_its_lead_and_see_each_other(sitting: Sitting) -> None:
    """[D1, W2, W8] One text, carets, and on record who typed what."""
    assert sitting.clients["bo"].welcome["group"] == LEAD
    assert sitting.clients["bo"].welcome["parties"] == [XAA]
    group_write(sitting, "bo", words("meaningful ", 5))
    group_write(sitting, "kim", words("very ", 5))
    sitting.send("bo", protocol.client_presence(P1, 7))
    assert text(sitting, "kim") == text(sitting, "bo") == "that very meaningful access depends on income"
    seen = {peer["name"]: peer for peer in sitting.clients["kim"].peers}
    assert (seen["E. XAB"]["paragraph"], seen["E. XAB"]["offset"]) == (P1, 7)
    (first, second) = sitting.shelf.logs[f"op1/{LEAD}"]
    assert (first.member, first.party, first.typist) == ("m-xab", XAA, "E. XAB")
    assert (second.member, second.party, second.typist) == ("m-xaa", XAA, "")


def test_d1_nobody_else_gets_a_frame_of_what_a_group_does(sitting: Sitting) -> None:
    """[D1, W8] Not when it types, nor when carets move, nor when somebody goes from one workspace to another."""
    deliveries = [*group_write(sitting, "bo", words("meaningful ", 5)).deliveries]
    deliveries += sitting.send("bo", protocol.client_presence(P1, 7)).deliveries
    sitting.clients["kim"].group = ""
    deliveries += sitting.send("kim", sitting.clients["kim"].hello()).deliveries
    deliveries += sitting.send("kim", protocol.client_presence(P2, 3)).deliveries
    sitting.clients["kim"].group = LEAD
    deliveries += sitting.send("kim", sitting.clients["kim"].hello()).deliveries
    deliveries += sitting.batch(()).deliveries
    counts = told(sitting, deliveries)
    assert (counts["do"], counts["chair"], counts["clerk"]) == (0, 0, 0)
    assert min(counts["kim"], counts["bo"]) > 0
    assert text(sitting, "do") == "that access depends on income"
    assert len(sitting.shelf.logs["op1"]) == 1


def test_w8_where_somebody_was_in_a_workspace_is_not_shown_elsewhere(sitting: Sitting) -> None:
    """[W8]"""
    sitting.send("kim", protocol.client_presence(P2, 3))
    sitting.clients["kim"].workspace, sitting.clients["kim"].group = False, ""
    sitting.send("kim", sitting.clients["kim"].hello())
    sitting.batch(())
    (kim,) = [peer for peer in sitting.clients["do"].peers if peer["name"] == "E. XAA"]
    assert "paragraph" not in kim


def test_gr1_only_its_people_come_in(sitting: Sitting) -> None:
    """[GR1] The room asks the person's own seats; another's HELLO with the group's code is closed, and gets nothing."""
    sitting.clients["do"].group = LEAD
    step = sitting.send("do", sitting.clients["do"].hello())
    assert [(one.peer, one.code) for one in step.closings] == [(sitting.peer_of("do"), 4409)]
    assert not [one for one in step.deliveries if sitting.peer_of("do") in one.peers]
    for name in ("do", "chair", "clerk"):
        answer = sitting.ask(name, commands.BringBack(LEAD))
        assert answer.code == "not-allowed"


def test_gr2_the_lead_submits_with_those_that_joined_as_co_sponsors(sitting: Sitting) -> None:
    """[GR2] As one command; a co-sponsor's person cannot."""
    group_write(sitting, "bo", words("meaningful ", 5))
    sitting.send("bo", sitting.clients["bo"].command(commands.to_json(commands.Submit(AM)), "XAA", "submit-as-bo"))
    assert [one.code for one in sitting.clients["bo"].refusals] == ["not-allowed"]
    assert sitting.room.document().amendment(AM) is None
    before = len(sitting.shelf.logs["op1"])
    asked = commands.to_json(commands.Submit(AM, "together"))
    sitting.send("kim", sitting.clients["kim"].command(asked, "XAA", "submit-as-kim"))
    assert not sitting.clients["kim"].refusals
    assert len(sitting.shelf.logs["op1"]) == before + 1
    amendment = sitting.room.document().amendment(AM)
    assert amendment is not None
    assert (amendment.delegation, amendment.sponsors, amendment.status) == (XAA, (XAB,), Status.SUBMITTED)
    assert [(one.delegation, one.revision) for one in amendment.stances] == [(XAB, 1)]
    assert (amendment.author, amendment.typist, amendment.reason) == ("E. XAA", "", "together")
    for name in sitting.clients:
        assert text(sitting, name) == "that meaningful access depends on income"
    # The next revision is drafted in the group too, by whoever is in it.
    group_write(sitting, "bo", words("and affordable ", 16, "a-next-rev-1"))
    assert not sitting.ask("kim", commands.BringBack(LEAD)).code
    again = sitting.room.document().amendment(AM)
    assert again is not None
    assert (again.revision, [one.revision for one in again.stances]) == (2, [2])


def test_gr3_an_informal_group_brings_all_of_it_back_in_one_entry(sitting: Sitting) -> None:
    """[GR3] As proposals of the chair's side, naming the group; agreed in informals when the facilitator says so."""
    joined(sitting, "cy", CY, TABLE)
    joined(sitting, "fac", FACILITATOR, TABLE)
    group_write(sitting, "cy", words("meaningful ", 5, "a-informal1"))
    added = Paragraph(
        ParagraphId("p-informal-new"), Kind.PARAGRAPH, 0,
        (Run("that devices matter", frozenset({Mark(MarkKind.INSERTION, "a-informal2")})),), AmendmentId("a-informal2"),
    )  # fmt: skip
    group_write(sitting, "fac", AddParagraph(P1, added))
    entries = len(sitting.shelf.logs["op1"])
    assert sitting.ask("cy", commands.BringBack(TABLE)).code == "not-allowed"
    answer = sitting.ask("fac", commands.BringBack(TABLE, agreed=True, note="Nobody spoke against it."))
    assert not answer.code, answer.message
    assert len(sitting.shelf.logs["op1"]) == entries + 1
    assert sitting.shelf.logs["op1"][-1].party == CHAIR
    for name in ("a-informal1", "a-informal2"):
        amendment = sitting.room.document().amendment(name)
        assert amendment is not None
        assert (amendment.delegation, amendment.source, amendment.author) == (CHAIR, INFORMAL.name, "F. Between")
        assert (amendment.status, amendment.revision) == (Status.AGREED_IN_INFORMALS, 1)
        (reported,) = amendment.decisions
        assert (reported.ruling, reported.level, reported.meeting, reported.ruled_by) == (
            Ruling.AGREED_IN_INFORMALS, Level.INFORMAL, INFORMAL.name, "F. Between",
        )  # fmt: skip
    assert text(sitting, "do") == "that meaningful access depends on income"
    assert not sitting.clients["cy"].view().amendment("a-informal1") or not _drafts(sitting, "cy")


def _drafts(sitting: Sitting, name: str) -> list[str]:
    record = sitting.clients[name].view().record
    return [one.id for one in record.amendments.values() if one.status is Status.DRAFT]


def test_gr3_words_outside_its_paragraphs_bring_nothing_back(sitting: Sitting) -> None:
    """[GR3] Whole or nothing."""
    joined(sitting, "fac", FACILITATOR, TABLE)
    other = InsertText(P2, 0, "so ", frozenset({Mark(MarkKind.INSERTION, "a-elsewhere")}))
    group_write(sitting, "fac", words("meaningful ", 5, "a-informal1"))
    group_write(sitting, "fac", other)
    before = sitting.room.document()
    answer = sitting.ask("fac", commands.BringBack(TABLE))
    assert answer.code == "invalid-command"
    assert "other paragraphs" in answer.message
    assert sitting.room.document() == before


def test_l4_a_group_workspace_is_there_after_a_restart(sitting: Sitting) -> None:
    """[L4, L6]"""
    group_write(sitting, "bo", words("meaningful ", 5))
    sitting.open()
    sitting.clients.clear()
    joined(sitting, "kim", KIM, LEAD)
    joined(sitting, "do", DO)
    assert text(sitting, "kim") == "that meaningful access depends on income"
    assert text(sitting, "do") == "that access depends on income"


def test_gr1_who_is_out_again_writes_no_more(sitting: Sitting) -> None:
    """[GR1] The person comes anew without the seat: the group is closed to him or her, the drafts stay."""
    group_write(sitting, "bo", words("meaningful ", 5))
    sitting.leave("bo")
    client = sitting.clients["bo"]
    step = sitting.send_hello("bo", expert("XAB"))
    assert [one.code for one in step.closings] == [4409]
    assert sitting.ask("bo", commands.BringBack(LEAD)).code == "not-allowed"
    client.group = ""
    assert text(sitting, "kim") == "that meaningful access depends on income"


# -- properties


LETTERS = "abc "
TYPING = st.lists(
    st.tuples(
        st.sampled_from(["type", "type", "strike", "bracket", "back"]),
        st.sampled_from([P1, P2]),
        st.integers(0, 40),
        st.integers(1, 6),
        st.text(LETTERS, min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def edit_of(seen: Document, act: tuple[str, ParagraphId, int, int, str], amendment: AmendmentId) -> Edit | None:
    """What the editor makes of a stroke, at the nearest place there is."""
    what, place, at, length, typed = act
    found = seen.text.find(place)
    assert found is not None
    at = min(at, len(found.text))
    end = min(at + length, len(found.text))
    if what == "type":
        return InsertText(place, at, typed, frozenset({Mark(MarkKind.INSERTION, amendment)}))
    if what == "back":
        start = 0
        for run in found.runs:
            if run.insertion == amendment:
                return DeleteText(place, start, start + min(length, len(run.text)))
            start += len(run.text)
        return None
    start = 0
    for run in found.runs:
        reach = start + len(run.text)
        if start <= at < reach and run.insertion is None:
            # Words of one's own are taken back, never struck.
            mark = Mark(MarkKind.DELETION if what == "strike" else MarkKind.BRACKET, amendment)
            return None if mark in run.marks else SetMark(place, at, min(end, reach), mark, True)
        start = reach
    return None


def drafting(strokes: Sequence[tuple[str, ParagraphId, int, int, str]], sitting: Sitting, name: str) -> None:
    """Strokes in the workspace that somebody is in, an amendment for each paragraph."""
    for stroke in strokes:
        amendment = AmendmentId(f"a-{name}-{stroke[1][-4:]}")
        if (edit := edit_of(sitting.clients[name].view(), stroke, amendment)) is not None:
            group_write(sitting, name, edit)
    assert not sitting.clients[name].refusals


@settings(max_examples=30, deadline=None, phases=(Phase.generate,))
@given(TYPING, TYPING)
def test_gr4_brought_back_reads_as_if_its_party_had_typed_it(
    lead: Sequence[tuple[str, ParagraphId, int, int, str]], other: Sequence[tuple[str, ParagraphId, int, int, str]]
) -> None:
    """[GR4, GR2] The same strokes in the lead's own drafts, submitted one by one, lead to the same text and record."""
    texts = []
    for group in (LEAD, ""):
        sitting = Sitting(document(paragraph(P1, "that access depends on income"), paragraph(P2, "that skills matter")))
        joined(sitting, "do", DO)
        drafting(other, sitting, "do")
        for draft in _drafts(sitting, "do"):
            sitting.ask("do", commands.Submit(AmendmentId(draft)))
        joined(sitting, "kim", KIM, group)
        drafting(lead, sitting, "kim")
        if group:
            sitting.ask("kim", commands.BringBack(LEAD))
        else:
            for draft in sorted(_drafts(sitting, "kim"), key=_first_place(sitting, "kim")):
                sitting.ask("kim", commands.Submit(AmendmentId(draft)))
        mine = sitting.room.document()
        amendments = {
            one.id: (one.delegation, one.number, one.revision, one.status, one.kind)
            for one in mine.record.amendments.values()
        }
        texts.append((mine.text, amendments))
        assert sitting.clients["do"].view().text == mine.text
    assert texts[0] == texts[1]


def _first_place(sitting: Sitting, name: str) -> Callable[[str], tuple[int, str]]:
    found = sitting.clients[name].view().text

    def place(draft: str) -> tuple[int, str]:
        where = [n for n, one in enumerate(found) if any(m.id == draft for run in one.runs for m in run.marks)]
        return (where or [len(found.paragraphs)])[0], draft

    return place


DESKS = {"kim": (KIM, LEAD), "bo": (BO, LEAD), "kai": (expert("XAA"), ""), "do": (DO, ""), "cy": (CY, TABLE)}


@settings(max_examples=20, deadline=None, phases=(Phase.generate,))
@given(st.lists(st.tuples(st.sampled_from(sorted(DESKS)), TYPING), min_size=2, max_size=6))
def test_i1_groups_and_delegations_drafting_at_once_do_not_touch_one_another(
    turns: Sequence[tuple[str, Sequence[tuple[str, ParagraphId, int, int, str]]]],
) -> None:
    """[I1, D1, L4] Whoever shares a workspace reads the same; the opinion stays as it was; no byte of one workspace is
    in a frame, or in the log, of another.
    """
    start = document(paragraph(P1, "that access depends on income"), paragraph(P2, "that skills matter"))
    sitting = Sitting(start)
    for name, (actor, group) in DESKS.items():
        joined(sitting, name, replace(actor, member=f"m-{name}"), group)
    heard: dict[str, list[bytes]] = {name: [] for name in DESKS}
    for name, strokes in turns:
        for stroke in strokes:
            canary = (*stroke[:4], f"QX{name}")
            amendment = AmendmentId(f"a-{name}-{stroke[1][-4:]}")
            if (edit := edit_of(sitting.clients[name].view(), canary, amendment)) is not None:
                for delivery in group_write(sitting, name, edit).deliveries:
                    for other in DESKS:
                        if sitting.peer_of(other) in delivery.peers:
                            heard[other].append(delivery.frame)
    assert not any(client.refusals for client in sitting.clients.values())
    assert sitting.room.document().text == start.text
    assert sitting.clients["kim"].view() == sitting.clients["bo"].view()
    together = {"kim": "lead", "bo": "lead", "kai": "XAA", "do": "XAC", "cy": "table"}
    logs = {"lead": f"op1/{LEAD}", "table": f"op1/{TABLE}", "XAA": "op1/xaa", "XAC": "op1/xac"}
    for name in DESKS:
        for other in DESKS:
            if together[name] != together[other]:
                assert not any(f"QX{name}".encode() in frame for frame in heard[other])
                entries = sitting.shelf.logs.get(logs[together[other]], [])
                assert not any(f"QX{name}".encode() in update for entry in entries for update in entry.updates)
    before = {name: sitting.clients[name].view() for name in DESKS}
    sitting.open()
    for name, (actor, group) in DESKS.items():
        joined(sitting, name, replace(actor, member=f"m-{name}"), group)
        assert sitting.clients[name].view() == before[name]
