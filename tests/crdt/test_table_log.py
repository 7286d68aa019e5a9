"""The table in the room: attribution of each agreed word equals the log's, and the room is what its log says (L4).

The log is read as somebody else would read it: entry by entry into a document of his own, noting under whose amendment
each character first stood, and for whom that entry was.
"""

from datetime import timedelta
from random import Random

from crdt.document import SharedDocument
from opinions import commands
from opinions.model import AmendmentId, MarkKind
from opinions.record import Amendment, Attitude, Document, Status
from opinions.roles import Actor
from opinions.stances import positions_on
from opinions.table_commands import Called, OpenCall
from tests.opinions.test_table_properties import PARTIES, Table
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import amendment, document, ins, paragraph
from tests.support.rooms import Sitting

ACTS = 90
BY: dict[str, Actor] = {code: expert(code) for code in PARTIES}


def played(seed: int) -> tuple[Sitting, int]:
    """A room in which acts chosen by chance were asked for, one after the other, and how many were carried out."""
    table = Table(Random(seed))
    sitting = Sitting(table.document)
    sitting.actors.update({"chair": THE_CHAIR, "sec": THE_SECRETARIAT, **BY})
    done = 0
    for _ in range(ACTS):
        if not table.document.text.paragraphs:
            break
        command, who = table.next_act()
        sitting.now += timedelta(seconds=5)  # an expert enters thirty times a minute at most (C5)
        name = who.actor.delegation or ("chair" if who.actor.role is THE_CHAIR.role else "sec")
        answer = sitting.ask(name, command)
        assert answer.code != "fault", (command, answer.message)
        done += not answer.code
        table.document = sitting.room.document()
    return sitting, done


def told_by(sitting: Sitting) -> tuple[Document, dict[str, tuple[str, str]]]:
    """The document as the log tells it, and of each proposed character its amendment and the party of its entry."""
    replayed = SharedDocument(77)
    first: dict[str, tuple[str, str]] = {}
    for entry in sitting.shelf.logs["op1"]:
        replayed.apply(entry.updates)
        view = replayed.view()
        for each in view.text:
            for run in each.runs:
                for letter in run.text if run.insertion else "":
                    first.setdefault(letter, (run.insertion or "", entry.party))
    return replayed.view(), first


def test_l4_attribution_of_each_agreed_word_equals_the_logs() -> None:
    """[L4] [D2] [I2]"""
    assert sum(agreed_as_logged(seed) for seed in (3, 15, 66, 67, 68, 69)) > 5, "hardly anything was agreed"


def agreed_as_logged(seed: int) -> int:
    """How many agreed characters a sitting played at random has, each of them as its log says."""
    sitting, done = played(seed)
    assert done > ACTS / 8, "hardly anything was carried out"
    replayed, first = told_by(sitting)
    now = sitting.room.document()
    assert replayed == now
    agreed = 0
    for each in now.text:
        for run in each.runs:
            origins = [mark.id for mark in run.marks if mark.kind is MarkKind.ORIGIN]
            for letter in run.text:
                if not origins:
                    assert run.insertion or letter not in first, "agreed words without their origin"
                    continue
                name, party = first[letter]
                by = now.amendment(origins[0])
                assert by is not None
                agreed += 1
                assert origins == [name], "agreed words of another amendment than the log's"
                assert by.status in (Status.AGREED, Status.AGREED_AD_REFERENDUM)
                assert party in proposers(by)
    sitting.open()
    assert sitting.room.document() == now
    return agreed


def proposers(of: Amendment) -> set[str]:
    """Whose amendment it is, or was before its authors withdrew and a co-sponsor took it over (A6)."""
    positions = positions_on(of)
    taken = (*positions.stances, *positions.earlier)
    return {of.delegation, *(one.delegation for one in taken if one.attitude is Attitude.FLEXIBLE)}


def test_a_long_sitting_makes_the_record_no_deeper() -> None:
    """What lies on the table is kept as it is by every other change of the record. Found by the property above."""
    sitting = Sitting(document(paragraph("par-0001", ins("a-one", "one")), amendments=[amendment("a-one", "XAA")]))
    sitting.actors.update({"chair": THE_CHAIR, "bo": expert("XAB")})
    assert not sitting.ask("chair", OpenCall("c-one", (Called(AmendmentId("a-one"), 1),))).code
    for number in range(10):
        assert not sitting.ask("bo", commands.Cosponsor(AmendmentId("a-one"), 1, number % 2 == 0)).code
    table = sitting.room.document().record.table
    assert repr(table).count("mappingproxy") == 1
    assert set(table) == {"call:c-one"}
