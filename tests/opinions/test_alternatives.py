"""Which alternatives there are, tying and keeping them (AL1, AL2, AL5)."""

import pytest

from opinions.alternatives import (
    find_alternatives,
    keep_alternatives,
    name_of,
    open_alternatives,
    put_alternatives,
    tied_with,
)
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.model import AmendmentId
from opinions.notation import read
from opinions.on_table import Option
from opinions.picking import outcomes, pick_option
from opinions.procedure import carry_out
from opinions.record import Document, Ruling, Status
from opinions.roles import Actor, Role
from opinions.statuses import Choice
from opinions.table_commands import KeepAlternatives, PickOption, PutAlternatives
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert, fresh_ids
from tests.support.builders import amendment, at, bracket, bracketed, document, ins, paragraph, removal
from tests.support.rulings import ruled

BY_CHAIR = context(THE_CHAIR)
A_FACILITATOR = Actor("m-fac", "F. Acilitator", Role.FACILITATOR)


def imported(text: str) -> Document:
    new_id = fresh_ids()
    return read(text, at=at(), new_id=lambda: new_id("id")).document


def opt(label: str, *amendments: str, no_text: bool = False) -> Option:
    return Option(label, tuple(map(AmendmentId, amendments)), no_text)


def two() -> Document:
    return document(
        paragraph("par-1", "a ", ins("a-1", "first "), ins("a-2", "second "), "b"),
        paragraph("par-2", "c ", ins("a-3", "third "), "d"),
        amendments=[amendment(f"a-{n}", f"XA{n}", created=n) for n in (1, 2, 3)],
    )


def put(given_: Document, *options: Option, name: str = "alt-1", **fields: str) -> Document:
    command = PutAlternatives(name, fields.get("called", "the number"), options)
    return applied(given_, put_alternatives(command, given_, BY_CHAIR).edits)


@pytest.mark.parametrize(
    ("text", "names", "options"),
    [
        ("Members [shall][should] act", "shall / should", 3),
        ("the [universal] [meaningful] [affordable] connectivity", "universal / meaningful / affordable", 4),
        ("[bridge it - EUR, BRA retain / reduce it - KEN] now", "bridge it / reduce it", 3),
    ],
)
def test_al1_brackets_side_by_side_are_alternatives_without_anybody_tying_them(
    text: str, names: str, options: int
) -> None:
    given_ = imported(text)
    (found,) = open_alternatives(given_)
    assert name_of(given_, found) == names
    assert [one.label for one in found.options][:2] == ["Alt 1", "Alt 2"]
    assert len(found.options) == options
    assert found.options[-1].no_text
    assert given_.record.table == {}
    picked = PickOption(found.id, "Alt 2", outcomes(given_, found, found.options[1]))
    after = applied(given_, pick_option(picked, given_, BY_CHAIR).edits)
    on_record = after.record.alternatives(found.id)
    assert on_record is not None
    assert (on_record.state, on_record.picked, on_record.name) == (Choice.PICKED, "Alt 2", names)
    assert open_alternatives(after) == ()


def test_al1_both_kinds_are_listed_alike_in_reading_order() -> None:
    given_ = document(
        paragraph("par-1", "a ", ins("a-1", "one "), ins("a-2", "two "), "b"),
        paragraph("par-2", "c ", bracketed("b-1", "x"), bracketed("b-2", "y"), bracketed("b-3", "z"), " d"),
        amendments=[
            amendment("a-1", "XAA", created=5),
            amendment("a-2", "XAB", created=6),
            *(bracket(f"b-{n}", "SEC", created=n, group="b-1") for n in (1, 2, 3)),
        ],
    )
    assert [one.id for one in open_alternatives(given_)] == ["b-1"]
    given_ = put(given_, opt("A", "a-1"), opt("B", "a-2"))
    assert [one.id for one in open_alternatives(given_)] == ["alt-1", "b-1"]
    # One of the group tied elsewhere is offered there alone.
    given_ = put(given_, opt("A", "b-3"), opt("B"), name="alt-2")
    assert [len(one.options) for one in open_alternatives(given_)] == [2, 3, 2]
    alone = ruled(given_, "b-2", Ruling.NOT_RETAINED)
    assert [one.id for one in open_alternatives(alone)] == ["alt-1", "alt-2"]


def test_al2_tied_they_are_on_record_and_can_be_changed() -> None:
    given_ = put(two(), opt(" Alt 1 ", "a-1", "a-3"), opt("Alt 2", "a-2"), opt("No text", no_text=True))
    found = find_alternatives(given_, "alt-1")
    assert found is not None
    assert [one.label for one in found.options] == ["Alt 1", "Alt 2", "No text"]
    assert (found.put_by, found.put_at, found.state) == ("R. Chair", BY_CHAIR.at, Choice.OPEN)
    assert tied_with(given_, "a-3") == found
    changed = put(given_, opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), called="another name")
    assert tied_with(changed, "a-3") is None
    (found,) = open_alternatives(changed)
    assert found.name == "another name"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ((opt("A", "a-1"),), "two options at least"),
        ((opt("A", "a-1"), opt("a", "a-2")), "label of its own"),
        ((opt("A", "a-1"), opt(" ", "a-2")), "label of its own"),
        ((opt("A", "a-1"), opt("B", "a-1")), "named twice: a-1"),
        ((opt("A"), opt("B", no_text=True)), "No option has an amendment"),
        ((opt("A", "a-1"), opt("B"), opt("C")), "one the text as it stands"),
        ((opt("A", "a-1"), opt("B", no_text=True), opt("C", no_text=True)), "One option may be “no text”"),
        ((opt("A", "a-1"), opt("B", "a-9")), "no amendment a-9"),
    ],
)
def test_al2_what_is_no_set_of_options_is_refused(options: tuple[Option, ...], error: str) -> None:
    with pytest.raises(InvalidCommand, match=error):
        put(two(), *options)


def test_al2_an_amendment_is_an_option_once_and_while_it_is_pending() -> None:
    given_ = put(two(), opt("A", "a-1"), opt("B", "a-2"))
    with pytest.raises(WrongStatus, match="#1 is an option of “the number” already"):
        put(given_, opt("A", "a-1"), opt("B", "a-3"), name="alt-2")
    with pytest.raises(WrongStatus, match="#3 is not retained"):
        put(ruled(given_, "a-3", Ruling.NOT_RETAINED), opt("A", "a-1"), opt("B", "a-3"))
    draft = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", status=Status.DRAFT)])
    with pytest.raises(InvalidCommand, match="no amendment a-1"):
        put(draft, opt("A", "a-1"), opt("B"))
    for wrong, error in (("no id", "is no id"), ("alt-2", "a name")):
        with pytest.raises(InvalidCommand, match=error):
            put(two(), opt("A", "a-1"), opt("B"), name=wrong, called="" if wrong == "alt-2" else "x")


def test_al5_kept_for_now_they_wait_and_untied_they_are_amendments_like_others() -> None:
    given_ = put(two(), opt("A", "a-1"), opt("B", "a-2"))
    kept = applied(given_, keep_alternatives(KeepAlternatives("alt-1", note="Tomorrow."), given_, BY_CHAIR).edits)
    (found,) = open_alternatives(kept)
    assert (found.state, found.decisions[-1].note) == (Choice.KEPT, "Tomorrow.")
    untied = applied(kept, keep_alternatives(KeepAlternatives("alt-1", drop=True), kept, BY_CHAIR).edits)
    assert open_alternatives(untied) == ()
    assert untied.text == given_.text
    assert dict(untied.record.amendments) == dict(given_.record.amendments)
    with pytest.raises(WrongStatus, match="they are dropped"):
        keep_alternatives(KeepAlternatives("alt-1"), untied, BY_CHAIR)


def test_al5_brackets_side_by_side_that_the_chair_unties_are_not_offered_again() -> None:
    given_ = imported("the [universal] [meaningful] connectivity")
    (found,) = open_alternatives(given_)
    after = applied(given_, keep_alternatives(KeepAlternatives(found.id, drop=True), given_, BY_CHAIR).edits)
    assert open_alternatives(after) == ()
    on_record = after.record.alternatives(found.id)
    assert on_record is not None
    assert on_record.name == "universal / meaningful"


@pytest.mark.parametrize(
    ("actor", "ties", "keeps"),
    [(THE_CHAIR, True, True), (A_FACILITATOR, True, False), (expert("XA1"), False, False), (AN_OBSERVER, False, False)],
)
def test_p1_who_ties_and_who_keeps(actor: Actor, ties: bool, keeps: bool) -> None:
    given_ = put(two(), opt("A", "a-1"), opt("B", "a-2"))
    tie = PutAlternatives("alt-1", "again", (opt("A", "a-1"), opt("B")))
    for command, allowed in ((tie, ties), (KeepAlternatives("alt-1"), keeps)):
        if allowed:
            carry_out(command, given_, None, context(actor))
        else:
            with pytest.raises(NotAllowed):
                carry_out(command, given_, None, context(actor))
    with pytest.raises(InvalidCommand, match="Name the chair"):
        carry_out(KeepAlternatives("alt-1"), given_, None, context(THE_SECRETARIAT))


def test_al2_a_removal_is_the_no_text_of_a_paragraph() -> None:
    given_ = document(
        paragraph("par-1", "words ", ins("a-1", "and more")),
        amendments=[amendment("a-1", "XAA"), removal("a-2", "XAB", paragraph="par-1", created=1)],
    )
    given_ = put(given_, opt("Alt 1", "a-1"), opt("No text", "a-2", no_text=True))
    (found,) = open_alternatives(given_)
    after = applied(
        given_,
        pick_option(PickOption("alt-1", "Alt 1", outcomes(given_, found, found.options[0])), given_, BY_CHAIR).edits,
    )
    assert [one.text for one in after.text] == ["words and more"]
