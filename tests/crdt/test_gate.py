"""The gate, rule by rule (crdt/SPEC.md, G7-G17; I1, I2, I3). The bytes of G1-G6 are in `test_hostile`."""

from dataclasses import replace

import pytest

from crdt import effect, gate
from crdt.decoder import decode_state_vector
from crdt.document import SharedDocument
from crdt.errors import LogBroken, UpdateRefused
from crdt.gate import Gate
from opinions.edits import (
    AddParagraph,
    DeleteText,
    Edit,
    InsertText,
    PutAmendment,
    RemoveParagraph,
    SetMark,
    SetParagraph,
)
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Paragraph, Run
from tests.crdt.bytes import element, struct, typed, xml_text
from tests.crdt.desk import XAA, XAB, XAC, Desk, own, place, reread, sound, trace
from tests.support.builders import agreed, amendment, bracketed, ins, paragraph, struck

NEW = Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (), AmendmentId("a-add"))
CLAIM = (Mark(MarkKind.INSERTION, "a-mine"), True)
P1, P2 = place("par-1"), place("par-2")


def desk() -> Desk:
    """Two paragraphs: agreed words, words of XAA and XAB pending, some struck, some bracketed, some agreed from XAB."""
    return Desk(
        (
            paragraph("par-1", "that ", ins("a-mine", "all "), ins("a-theirs", "some "), "Members should"),
            paragraph(
                "par-2",
                "agreed ",
                struck("a-theirs", "struck "),
                bracketed("a-bracket", "held "),
                agreed("a-done", "done "),
                ins("a-pinned", "pinned"),
            ),
        ),
        {"a-mine": XAA, "a-pinned": XAA, "a-theirs": XAB, "a-bracket": XAC, "a-done": XAB},
        closed=("a-pinned", "a-done"),
    )


def deletion(amendment_id: str) -> Mark:
    return Mark(MarkKind.DELETION, amendment_id)


# -- what is taken


def test_typing_under_ones_own_amendment_is_taken_as_it_is() -> None:
    table = desk()
    client = table.client()
    update = client.types(InsertText(P1, 7, "x", own("a-mine")))
    accepted = table.send(client, update)
    assert accepted.updates == (update,)
    assert accepted.new_ids == accepted.gone_ids == frozenset()
    assert [(b and b.text, a and a.text) for b, a in accepted.touched] == [
        ("that all some Members should", "that alxl some Members should")
    ]
    sound(table.gate)


def test_a_new_amendment_is_reported_once() -> None:
    table = desk()
    client = table.client()
    assert table.do(client, InsertText(P1, 0, "x", own("a-fresh"))).new_ids == {"a-fresh"}
    assert table.do(client, InsertText(P1, 1, "y", own("a-fresh"))).new_ids == frozenset()
    assert table.do(client, DeleteText(P1, 0, 1)).gone_ids == frozenset()
    assert table.do(client, DeleteText(P1, 0, 1)).gone_ids == {"a-fresh"}
    sound(table.gate)


def test_strikes_and_brackets_on_anybodys_words_are_taken() -> None:
    table = desk()
    client = table.client()
    table.do(client, SetMark(P1, 0, 28, deletion("a-strike"), True), SetMark(P2, 3, 9, deletion("a-strike"), True))
    accepted = table.do(client, SetMark(P1, 9, 20, Mark(MarkKind.BRACKET, "a-hold"), True))
    assert len(accepted.updates) == 1
    table.do(client, SetMark(P1, 5, 12, deletion("a-strike"), False))
    sound(table.gate)


def test_italics_of_ones_own_words_are_ones_own() -> None:
    table = desk()
    assert len(table.do(table.client(), SetMark(P1, 5, 8, Mark(MarkKind.EM), True)).updates) == 1
    assert ("all", ["em", "insertion:a-mine"]) in table.spelled("par-1")


def test_a_paragraph_of_ones_own_comes_changes_and_goes() -> None:
    table = desk()
    client = table.client()
    new = Paragraph(place("p-new1"), Kind.SUB_ITEM, 1, (Run("also ", own("a-add")),), AmendmentId("a-add"))
    accepted = table.do(client, AddParagraph(P1, new))
    assert list(accepted.touched) == [(None, new)]
    assert accepted.new_ids == {"a-add"}
    table.do(client, InsertText(new.id, 5, "this", own("a-add")))
    table.do(client, SetParagraph(new.id, Kind.HEADING, 2, AmendmentId("a-add")))
    accepted = table.do(client, RemoveParagraph(new.id))
    assert accepted.touched[0].after is None
    assert accepted.gone_ids == {"a-add"}
    sound(table.gate)


def test_w4_bytes_known_already_are_acknowledged_and_change_nothing() -> None:
    """[W4, G4] An update sent twice, and one that deletes what is deleted already."""
    table = desk()
    client = table.client()
    update = client.types(InsertText(P1, 7, "x", own("a-mine")))
    table.send(client, update)
    away = client.types(DeleteText(P1, 7, 8))
    table.send(client, away)
    before = trace(table.gate)
    for again in (update, away, b"\0\0"):
        assert table.check(client, again).known
    assert trace(table.gate) == before


def test_w4_a_fused_difference_since_the_servers_clock_is_one_update() -> None:
    """[W4] Offline work: everything since the clock, with the whole delete set of the document."""
    table = desk()
    client = table.client()
    table.do(client, InsertText(P1, 7, "x", own("a-mine")))
    other = table.client(XAB)
    table.do(other, DeleteText(P1, 10, 12))
    vector = client.state_vector()
    client.types(InsertText(P1, 8, "y", own("a-mine")))
    client.types(InsertText(P1, 9, "z", own("a-mine")), DeleteText(P1, 5, 6))
    client.types(
        AddParagraph(P1, Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (Run("w", own("a-ad")),), AmendmentId("a-ad")))
    )
    client.types(RemoveParagraph(place("p-new1")))
    accepted = table.send(client, client.difference(vector))
    assert len(accepted.updates) == 1
    assert table.text == client.opinion()
    sound(table.gate)


# -- G8: destruction


@pytest.mark.parametrize(
    ("what", "edits"),
    [
        ("agreed words", [DeleteText(P1, 0, 2)]),
        ("agreed words where nobody proposes anything of mine", [DeleteText(P2, 0, 2)]),
        ("pending words of others", [DeleteText(P1, 10, 12)]),
        ("own words and one letter of others", [DeleteText(P1, 7, 10)]),
        ("own words that are pinned", [DeleteText(P2, 27, 29)]),
        ("words agreed from another", [DeleteText(P2, 21, 23)]),
        ("agreed words, put back as they were", [DeleteText(P1, 0, 2), InsertText(P1, 0, "th")]),
        ("agreed words, put back as one's own", [DeleteText(P1, 0, 2), InsertText(P1, 0, "th", own("a-mine"))]),
        ("agreed words claimed and deleted", [SetMark(P1, 0, 4, *CLAIM), DeleteText(P1, 0, 4)]),
        ("a paragraph", [RemoveParagraph(P2)]),
        ("a paragraph, put back under its id", [RemoveParagraph(P2), AddParagraph(P1, replace(NEW, id=P2))]),
    ],
)  # fmt: skip
def test_g8_words_and_paragraphs_of_others_are_not_destroyed(what: str, edits: list[Edit]) -> None:
    table = desk()
    client = table.client()
    table.do(client, InsertText(P2, 10, "z", own("a-mine")))
    edits = [*edits]
    assert table.refused(client, *edits) == "destroyed", what
    sound(table.gate)


def test_g8_a_claim_in_one_update_does_not_help_in_the_next() -> None:
    """Marking agreed words as one's own is mended at once, so that deleting them later is destruction."""
    table = desk()
    client = table.client()
    claim = client.types(SetMark(P1, 0, 4, Mark(MarkKind.INSERTION, "a-mine"), True))
    assert len(table.send(client, claim).updates) == 2
    assert table.spelled("par-1")[0] == ("that ", [])
    assert table.refused(client, DeleteText(P1, 0, 4)) == "destroyed"


# -- G9: structure


@pytest.mark.parametrize(
    ("code", "edits"),
    [
        ("structure", [AddParagraph(P1, Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (Run("x", own("a-mine")),)))]),
        ("structure", [SetParagraph(P1, Kind.HEADING, 0, None)]),
        ("structure", [SetParagraph(P1, Kind.PARAGRAPH, 1, None)]),
        ("structure", [SetParagraph(P1, Kind.PARAGRAPH, 0, AmendmentId("a-mine"))]),
        ("foreign-id", [AddParagraph(P1, Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (), AmendmentId("a-theirs")))]),
        ("destroyed", [RemoveParagraph(P1), AddParagraph(P2, paragraph("par-1", "that all"))]),
    ],
)
def test_g9_paragraphs_are_the_servers(code: str, edits: list[Edit]) -> None:
    table = desk()
    client = table.client()
    assert table.refused(client, *edits) == code
    sound(table.gate)


def test_g7_a_paragraph_of_an_id_that_is_there_is_refused() -> None:
    """[G7] Two of one delegation bring back, by undo, the paragraph that both had taken away."""
    table = desk()
    client, late = table.client(), table.client()
    table.do(client, AddParagraph(P1, NEW))
    late.types(RemoveParagraph(NEW.id))
    assert table.refused(late, AddParagraph(P2, NEW)) == "schema"
    table.do(client, InsertText(NEW.id, 0, "x", own("a-add")))
    sound(table.gate)


def test_g9_an_added_paragraph_with_others_words_in_it_stays() -> None:
    table = desk()
    client, other = table.client(), table.client(XAB)
    name = place("p-new1")
    new = Paragraph(name, Kind.PARAGRAPH, 0, (Run("also ", own("a-add")),), AmendmentId("a-add"))
    table.do(client, AddParagraph(P1, new))
    table.do(other, InsertText(name, 2, "x", own("a-theirs")))
    assert table.refused(client, RemoveParagraph(name)) == "structure"
    assert table.refused(other, RemoveParagraph(name)) == "destroyed"


def test_g9_what_proposes_a_paragraph_is_set_once() -> None:
    table = desk()
    client = table.client()
    name = place("p-new1")
    table.do(client, AddParagraph(P1, Paragraph(name, Kind.PARAGRAPH, 0, (), AmendmentId("a-add"))))
    for added in (None, AmendmentId("a-mine"), AmendmentId("a-theirs")):
        assert table.refused(table.client(), SetParagraph(name, Kind.PARAGRAPH, 0, added)) == "structure"


# -- G10, I2: attribution


def test_g10_new_words_under_another_partys_id_are_refused() -> None:
    """[I2] The typist's bytes make another party the author."""
    table = desk()
    for marks in (own("a-theirs"), own("a-done"), own("a-theirs", "a-bracket"), {Mark(MarkKind.ORIGIN, "a-done")}):
        assert table.refused(table.client(), InsertText(P1, 1, "x", frozenset(marks))) == "foreign-id", marks
    sound(table.gate)


def test_g10_typing_inside_anothers_pending_words_is_honest() -> None:
    """[I3] Its bytes carry the other's marks, to lift them before the new words and to put them back after."""
    table = desk()
    client = table.client()
    update = client.types(InsertText(P1, 11, "x", own("a-mine")))
    assert b"a-theirs" in update
    assert table.send(client, update).updates == (update,)
    assert ("x", ["insertion:a-mine"]) in table.spelled("par-1")


def test_g10_words_under_a_pinned_amendment_go_to_a_successor() -> None:
    table = desk()
    client = table.client()
    accepted = table.do(client, InsertText(P2, 26, "xy", own("a-pinned")))
    assert accepted.successors == {"a-pinned": "a-minted-1"}
    assert accepted.new_ids == {"a-minted-1"}
    assert table.spelled("par-2")[-3:] == [
        ("pi", ["insertion:a-pinned"]),
        ("xy", ["insertion:a-minted-1"]),
        ("nned", ["insertion:a-pinned"]),
    ]
    assert client.opinion() == table.text, "the sender hears of the mend"
    sound(table.gate)


def test_g10_strikes_under_a_pinned_amendment_go_to_a_successor() -> None:
    table = desk()
    accepted = table.do(table.client(), SetMark(P1, 0, 4, deletion("a-pinned"), True))
    assert accepted.successors == {"a-pinned": "a-minted-1"}
    assert table.spelled("par-1")[0] == ("that", ["deletion:a-minted-1"])


def test_g10_a_paragraph_under_a_pinned_amendment_goes_to_a_successor() -> None:
    table = desk()
    runs = (Run("also", own("a-pinned")),)
    new = Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, runs, AmendmentId("a-pinned"))
    accepted = table.do(table.client(), AddParagraph(P1, new))
    mended = table.text.find("p-new1")
    assert accepted.successors == {"a-pinned": "a-minted-1"}
    assert mended is not None
    assert (mended.added, mended.runs) == ("a-minted-1", (Run("also", own("a-minted-1")),))
    sound(table.gate)


def test_an_id_that_stands_in_the_text_is_never_new() -> None:
    """An amendment nobody has on record is not the next comer's."""
    table = Desk((paragraph("par-1", "that ", ins("a-stray", "all")),), {})
    assert table.refused(table.client(), DeleteText(P1, 5, 6)) == "destroyed"
    assert table.refused(table.client(), InsertText(P1, 0, "x", own("a-stray"))) == "foreign-id"


# -- G11: mending


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        # words without an id go to the neighbouring own amendment, or to a new one
        (InsertText(P1, 7, "x"), ("alxl ", ["insertion:a-mine"])),
        (InsertText(P1, 0, "x"), ("x", ["insertion:a-mine"])),
        (InsertText(P2, 2, "x"), ("x", ["insertion:a-minted-1"])),
        # exactly one insertion, no origin
        (InsertText(P1, 0, "x", own("a-mine", "a-other")), ("x", ["insertion:a-mine"])),
        (InsertText(P1, 0, "x", own("a-mine", "a-theirs")), ("x", ["insertion:a-mine"])),
        (InsertText(P1, 0, "x", own("a-mine") | {Mark(MarkKind.ORIGIN, "a-done")}), ("x", ["insertion:a-mine"])),
        (InsertText(P1, 0, "x", own("a-mine") | {Mark(MarkKind.ORIGIN, "a-mine")}), ("x", ["insertion:a-mine"])),
        # nobody else's strike or bracket
        (InsertText(P1, 0, "x", own("a-mine") | {deletion("a-theirs")}), ("x", ["insertion:a-mine"])),
        (InsertText(P1, 0, "x", own("a-mine") | {Mark(MarkKind.BRACKET, "a-bracket")}), ("x", ["insertion:a-mine"])),
        # words that stay keep their marks
        (SetMark(P1, 0, 4, Mark(MarkKind.INSERTION, "a-mine"), True), ("that ", [])),
        (SetMark(P1, 5, 8, Mark(MarkKind.INSERTION, "a-mine"), False), ("all ", ["insertion:a-mine"])),
        (SetMark(P1, 9, 13, Mark(MarkKind.INSERTION, "a-theirs"), False), ("some ", ["insertion:a-theirs"])),
        (SetMark(P2, 7, 13, deletion("a-theirs"), False), ("struck ", ["deletion:a-theirs"])),
        (SetMark(P2, 0, 3, deletion("a-theirs"), True), ("agreed ", [])),
        (SetMark(P2, 14, 18, Mark(MarkKind.BRACKET, "a-bracket"), False), ("held ", ["bracket:a-bracket"])),
        (SetMark(P2, 19, 23, Mark(MarkKind.ORIGIN, "a-done"), False), ("done ", ["origin:a-done"])),
        (SetMark(P2, 0, 6, Mark(MarkKind.ORIGIN, "a-mine"), True), ("agreed ", [])),
        (SetMark(P2, 0, 6, Mark(MarkKind.EM), True), ("agreed ", [])),
        (SetMark(P2, 24, 30, Mark(MarkKind.INSERTION, "a-pinned"), False), ("pinned", ["insertion:a-pinned"])),
    ],
)
def test_g11_marks_are_set_right(edit: Edit, expected: tuple[str, list[str]]) -> None:
    table = desk()
    client = table.client()
    accepted = table.do(client, edit)
    assert len(accepted.updates) == 2, "a mend is in the same entry"
    assert expected in table.spelled("par-1") + table.spelled("par-2")
    assert client.opinion() == table.text
    sound(table.gate)


def test_g11_a_mark_that_comes_by_a_race_is_mended() -> None:
    """[I3] Another's strike closes over the place while one types there: nobody's fault, nothing refused."""
    table = desk()
    client, other = table.client(), table.client(XAB)
    typed = client.types(InsertText(P1, 20, "x", own("a-mine")))
    table.do(other, SetMark(P1, 14, 28, deletion("a-theirs"), True))
    accepted = table.send(client, typed)
    assert len(accepted.updates) == 2
    assert ("x", ["insertion:a-mine"]) in table.spelled("par-1")
    assert client.opinion() == other.opinion() == table.text


def test_g11_words_of_a_new_paragraph_go_to_its_amendment() -> None:
    table = desk()
    new = Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (Run("also"),), AmendmentId("a-add"))
    accepted = table.do(table.client(), AddParagraph(P1, new))
    assert len(accepted.updates) == 2
    assert table.spelled("p-new1") == [("also", ["insertion:a-add"])]


def test_g11_a_hint_names_where_words_without_an_id_go() -> None:
    table = desk()
    client = table.client()
    sender = table.sender(client.client, XAA)
    hinted = effect.Sender(
        sender.client, XAA, sender.editable, sender.own_closed, sender.foreign, sender.new_id, AmendmentId("a-hinted")
    )
    accepted = table.gate.check(client.types(InsertText(P2, 2, "x")), hinted)
    assert accepted.new_ids == {"a-hinted"}


# -- G13, G14, G16, G17


@pytest.mark.parametrize("character", ["\u202e", "\n", "\u200b", "\u00ad", "\ufeff", "\ufffc", "\U000e0041", "\x00"])
def test_g13_invisible_and_misleading_characters_are_refused(character: str) -> None:
    table = desk()
    assert table.refused(table.client(), InsertText(P1, 7, f"a{character}", own("a-mine"))) == "unicode"


def test_g14_a_paragraph_has_a_length() -> None:
    table = desk()
    client = table.client()
    text = "x" * (effect.MAX_PARAGRAPH - 28)
    table.do(client, InsertText(P1, 7, text, own("a-mine")))
    assert table.refused(client, InsertText(P1, 7, "y", own("a-mine"))) == "too-long"
    assert table.refused(table.client(), InsertText(P1, 1, "y", own("a-new1"))) == "too-long"
    table.do(table.client(), DeleteText(P1, 7, 9))
    sound(table.gate)


def test_g14_a_document_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    table = desk()
    add = AddParagraph(P1, Paragraph(place("p-new1"), Kind.PARAGRAPH, 0, (), AmendmentId("a-add")))
    for limit, value, edit in (
        ("MAX_CHARACTERS", 60, InsertText(P1, 7, "yyyyyyyyyyyy", own("a-mine"))),
        ("MAX_PARAGRAPHS", 2, add),
        ("MAX_AMENDMENTS", 5, add),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(gate, limit, value)
            assert table.refused(table.client(), edit) == "too-long", limit
    assert table.refused(table.client(), add) == ""


def test_g14_a_character_carries_so_many_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect, "MAX_MARKS", 3)
    table = desk()
    strikes = [SetMark(P1, 0, 4, deletion(f"a-n{number:03d}"), True) for number in range(4)]
    assert table.refused(table.client(), *strikes) == "too-long"
    assert table.refused(table.client(), *strikes[:3]) == ""


def test_g16_words_whose_place_is_gone_are_answered_orphaned() -> None:
    table = desk()
    client = table.client()
    typed = client.types(InsertText(P1, 7, "x", own("a-mine")))
    table.gate.write([RemoveParagraph(P1)])
    assert table.code(client, typed) == "orphaned"
    table.gate.commit()
    assert table.code(client, typed) == "orphaned"
    assert Gate(1, "record", (table.gate.state(),)).view() == table.gate.view()
    sound(table.gate)


def test_g16_words_whose_paragraph_was_moved_are_orphaned() -> None:
    """[D7] A moved paragraph is a new element with the same id; late words are offered again by that id."""
    table = desk()
    client = table.client()
    typed = client.types(InsertText(P1, 7, "x", own("a-mine")))
    moved = table.text.paragraphs[0]
    table.gate.write([RemoveParagraph(P1), AddParagraph(P2, moved)])
    assert table.code(client, typed) == "orphaned"
    later = table.client()
    table.do(later, InsertText(P1, 7, "x", own("a-mine")))
    sound(table.gate)


def test_g16_an_update_of_which_some_words_still_have_a_place_is_taken() -> None:
    table = desk()
    client = table.client()
    typed = client.types(InsertText(P1, 7, "x", own("a-mine")), InsertText(P2, 2, "y", own("a-mine")))
    table.gate.write([RemoveParagraph(P1)])
    table.send(client, typed)
    assert table.spelled("par-2")[1] == ("y", ["insertion:a-mine"])
    sound(table.gate)


def test_g16_words_typed_and_taken_back_in_one_update_are_not_orphaned() -> None:
    table = desk()
    client = table.client()
    vector = client.state_vector()
    client.types(InsertText(P1, 7, "x", own("a-mine")))
    client.types(DeleteText(P1, 7, 8))
    assert table.code(client, client.difference(vector)) == ""


def test_g17_a_refusal_keeps_what_the_batch_accepted_before() -> None:
    table = desk()
    client, other = table.client(), table.client(XAB)
    table.check(client, client.types(InsertText(P1, 7, "x", own("a-mine"))))
    table.check(other, other.types(InsertText(P2, 2, "y", own("a-theirs"))))
    assert table.refused(table.client(), DeleteText(P1, 6, 7), DeleteText(P1, 0, 2)) == "destroyed"
    table.check(client, client.types(InsertText(P1, 8, "z", own("a-mine"))))
    assert table.gate.live_view().text.paragraphs[0].text == "that all some Members should"
    table.gate.commit()
    assert [p.text for p in table.gate.live_view().text] == [
        "that alxzl some Members should",
        "agyreed struck held done pinned",
    ]
    sound(table.gate)


def test_what_the_log_did_not_take_is_taken_back() -> None:
    table = desk()
    client = table.client()
    before = trace(table.gate)
    table.check(client, client.types(InsertText(P1, 7, "x", own("a-mine"))))
    table.gate.write([PutAmendment(amendment("a-mine"))])
    table.gate.rollback()
    assert trace(table.gate) == before
    assert table.gate.clock(client.client) == 0
    again = table.client()
    table.do(again, InsertText(P1, 7, "y", own("a-mine")))
    sound(table.gate)


# -- the server's own writing


def test_server_edits_go_to_the_record_root_of_their_document() -> None:
    opinion = desk().gate
    view = Gate(2, "drafts", (opinion.state(),))
    update = view.write([PutAmendment(amendment("a-draft"))])
    assert view.record.amendments.keys() == {"a-draft"}
    assert SharedDocument(5, (opinion.state(), update)).record_entries("drafts").keys() == {"amendment:a-draft"}
    assert opinion.write([]) == b""


def test_a_workspace_takes_up_what_the_opinion_did() -> None:
    """[D1] Updates of the opinion's log are applied to a workspace's view without being checked again."""
    table = desk()
    view = Gate(2, "drafts", (table.gate.state(),))
    view.write([InsertText(P1, 0, "draft ", own("a-draft"))])
    client = table.client()
    heard = [
        *table.do(client, InsertText(P1, 7, "x", own("a-mine"))).updates,
        table.gate.write([PutAmendment(amendment("a-mine")), RemoveParagraph(P2)]),
        table.gate.write([PutAmendment(amendment("a-mine", reason="because"))]),
    ]
    view.absorb(heard)
    view.commit()
    assert [p.text for p in view.view().text] == ["draft that alxl some Members should"]
    assert view.record.amendments[AmendmentId("a-mine")].reason == "because"
    sound(view)


def test_a_gate_is_loaded_from_a_snapshot_and_what_came_after() -> None:
    table = desk()
    snapshot = table.gate.state()
    client = table.client()
    updates = [u for n in range(3) for u in table.do(client, InsertText(P1, 7 + n, "x", own("a-mine"))).updates]
    loaded = Gate(1, "record", (snapshot, *updates))
    assert loaded.view() == table.gate.view()
    assert decode_state_vector(loaded.state_vector()) == decode_state_vector(table.gate.state_vector())
    with pytest.raises(LogBroken, match="lacks what the changes of client 1000"):
        Gate(1, "record", (snapshot, *updates[1:]))
    with pytest.raises(LogBroken):
        Gate(1, "record", (b"\x01\x02",))
    for odd in (
        struct(element("script"), root="text"),
        struct(xml_text(), root="text"),
    ):
        with pytest.raises(LogBroken):
            Gate(1, "record", (typed(1, 0, odd),))


def test_reading_again_gives_the_same_as_what_is_kept() -> None:
    table = desk()
    assert reread(table.gate).view() == table.gate.view()
    sound(table.gate)


def test_g1_a_state_vector_is_checked() -> None:
    with pytest.raises(UpdateRefused) as refusal:
        desk().gate.difference(b"\xff\xff\xff\x7a")
    assert refusal.value.code == "too-large"
