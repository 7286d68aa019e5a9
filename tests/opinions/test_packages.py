"""Packages and linked options: what follows is told, with cycles and contradictions, never done (PK1-PK3, I9)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.commands import ConsiderParagraph, RecordOutcome
from opinions.decisions import consider_paragraph, record_outcome
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.model import AmendmentId, ParagraphId
from opinions.on_table import Link
from opinions.packages import (
    Standing,
    close_package,
    follows,
    follows_all,
    open_packages,
    package_state,
    put_package,
    spoken,
    standing,
    waits_for,
)
from opinions.procedure import carry_out
from opinions.record import Document, ParagraphState, Ruling, Status
from opinions.roles import Actor, Role
from opinions.table_commands import ClosePackage, PutPackage
from tests.support.actors import THE_CHAIR, context, expert
from tests.support.builders import amendment, document, ins, item, paragraph
from tests.support.rulings import ruled

BY_CHAIR = context(THE_CHAIR)
COUNT = 6


def name(number: int) -> str:
    return f"amendment:a-{number}"


def six() -> Document:
    return document(
        *(item(f"par-{n}", "words", ins(f"a-{n}", f" more {n}")) for n in range(1, COUNT + 1)),
        amendments=[amendment(f"a-{n}", f"XA{n}", created=n) for n in range(1, COUNT + 1)],
    )


def packed(given_: Document, *links: Link, package: str = "pack", subjects: tuple[str, ...] = ()) -> Document:
    named = subjects or tuple(name(n) for n in range(1, COUNT + 1))
    command = PutPackage(package, "financing and reporting", named, links)
    return applied(given_, put_package(command, given_, BY_CHAIR).edits)


def test_pk2_what_follows_is_told_transitively_and_nothing_is_done() -> None:
    given_ = packed(six(), Link(name(1), name(2)), Link(name(2), name(3), kept=False, stays=True))
    found = follows(given_, name(1), True)
    assert [(one.subject, one.stays, len(one.because)) for one in found.things] == [
        (name(2), False, 1),
        (name(3), True, 2),
    ]
    assert not any(one.done for one in found.things)
    assert (found.contradictions, found.cycles) == ((), ())
    assert follows(given_, name(1), False).things == ()
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.record.amendments[AmendmentId("a-2")].status is Status.SUBMITTED
    later = ruled(after, "a-2", Ruling.NOT_RETAINED)
    assert [one.done for one in follows(later, name(1), True).things] == [True, False]


def test_pk2_links_of_several_packages_count_together_and_those_of_closed_ones_do_not() -> None:
    given_ = packed(six(), Link(name(1), name(2), stays=True), package="pack-1")
    given_ = packed(given_, Link(name(2), name(3), stays=True), package="pack-2")
    assert [one.package for one in follows(given_, name(1), True).things] == ["pack-1", "pack-2"]
    assert [one.id for one in open_packages(given_)] == ["pack-1", "pack-2"]
    closed = applied(given_, close_package(ClosePackage("pack-2", "done"), given_, BY_CHAIR).edits)
    assert [one.subject for one in follows(closed, name(1), True).things] == [name(2)]
    assert [one.id for one in open_packages(closed)] == ["pack-1"]
    with pytest.raises(WrongStatus, match="closed already"):
        close_package(ClosePackage("pack-2"), closed, BY_CHAIR)
    with pytest.raises(WrongStatus, match="is closed"):
        packed(closed, package="pack-2")


def test_pk2_a_cycle_is_told_and_ends() -> None:
    links = (Link(name(1), name(2), stays=True), Link(name(2), name(1), stays=True))
    found = follows(packed(six(), *links), name(1), True)
    assert [one.subject for one in found.things] == [name(2)]
    assert found.cycles == (links,)
    assert found.contradictions == ()


def test_pk2_contradictions_are_told_among_the_links_and_with_what_is_decided() -> None:
    given_ = packed(six(), Link(name(1), name(2)), Link(name(1), name(3)), Link(name(3), name(2), False, True))
    (found,) = follows(given_, name(1), True).contradictions
    assert (found.subject, len(found.falls_by), len(found.stays_by), found.decided) == (name(2), 1, 2, None)
    given_ = packed(six(), Link(name(1), name(2)))
    (found,) = follows(ruled(given_, "a-2", Ruling.AGREED), name(1), True).contradictions
    assert (found.subject, found.decided) == (name(2), Standing.AGREED)
    back = packed(six(), Link(name(1), name(2)), Link(name(2), name(1), False, False))
    (found,) = follows(back, name(1), True).contradictions
    assert found.subject == name(1)


def test_pk2_of_several_rulings_of_one_act_the_consequences_are_told_together() -> None:
    given_ = packed(six(), Link(name(1), name(2)), Link(name(3), name(4), False, False))
    found = follows_all(given_, ((name(1), True), (name(3), False)))
    assert [one.subject for one in found.things] == [name(2), name(4)]
    told = follows_all(given_, ((name(1), True), (name(2), True)))
    assert [one.subject for one in told.contradictions] == [name(2)]
    assert told.things == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans(), st.booleans()), max_size=14), st.booleans()
)
def test_pk2_what_follows_is_what_the_links_say_and_no_more(
    rows: list[tuple[int, int, bool, bool]], kept: bool
) -> None:
    links = tuple(dict.fromkeys(Link(name(a), name(b), k, s) for a, b, k, s in rows if a != b))
    given_ = packed(six(), *links)
    found = follows(given_, name(1), kept)
    reached = {(name(1), kept)}
    for _ in range(len(links) + 1):
        reached |= {(one.then, one.stays) for one in links if (one.when, one.kept) in reached}
    assert {(one.subject, one.stays) for one in found.things} == {one for one in reached if one[0] != name(1)}
    both = {subject for subject, stays in reached if (subject, not stays) in reached}
    assert {one.subject for one in found.contradictions} == both
    for one in found.things:
        assert one.because[0].when == name(1)
        assert one.because[-1].then == one.subject
        assert all(a.then == b.when and a.stays == b.kept for a, b in zip(one.because, one.because[1:], strict=False))


def test_pk3_of_a_package_it_is_told_what_is_agreed_open_fallen_and_what_waits_for_it() -> None:
    subjects = (name(1), name(2), name(3), "paragraph:par-4", "paragraph:par-5", "paragraph:par-6")
    given_ = packed(six(), subjects=subjects)
    given_ = ruled(ruled(given_, "a-1", Ruling.AGREED), "a-2", Ruling.NOT_RETAINED)
    given_ = ruled(given_, "a-4", Ruling.AGREED)
    for command in (
        RecordOutcome(AmendmentId("a-3"), 1, Ruling.PENDING_PACKAGE, package="pack"),
        ConsiderParagraph(ParagraphId("par-4"), ParagraphState.AGREED),
        ConsiderParagraph(ParagraphId("par-5"), ParagraphState.PENDING_PACKAGE, package="pack"),
    ):
        change = (
            record_outcome(command, given_, BY_CHAIR)
            if isinstance(command, RecordOutcome)
            else consider_paragraph(command, given_, BY_CHAIR)
        )
        given_ = applied(given_, change.edits)
    found = package_state(given_, "pack")
    assert found.agreed == (name(1), "paragraph:par-4")
    assert found.open == (name(3), "paragraph:par-5", "paragraph:par-6")
    assert found.fallen == (name(2),)
    assert found.waiting == (name(3), "paragraph:par-5")
    assert waits_for(given_, name(1)) == ""
    assert spoken(given_, name(3)) == "#3"
    assert standing(given_, "paragraph:gone") is Standing.FALLEN
    with pytest.raises(InvalidCommand, match="no package"):
        package_state(given_, "none")


@pytest.mark.parametrize(
    ("subjects", "links", "error"),
    [
        ((name(1),), (), "two subjects at least"),
        ((name(1), name(1)), (), "each named once"),
        ((name(1), "a-2"), (), "names no subject"),
        ((name(1), name(9)), (), "no such amendment"),
        ((name(1), "paragraph:none"), (), "no such paragraph"),
        ((name(1), name(2)), (Link(name(1), name(3)),), "of its own package"),
        ((name(1), name(2)), (Link(name(1), name(1)),), "two different"),
        ((name(1), name(2)), (Link(name(1), name(2)), Link(name(1), name(2))), "given twice"),
    ],
)
def test_pk1_what_is_no_package_is_refused(subjects: tuple[str, ...], links: tuple[Link, ...], error: str) -> None:
    with pytest.raises(InvalidCommand, match=error):
        put_package(PutPackage("pack", "x", subjects, links), six(), BY_CHAIR)


def test_pk1_a_package_has_an_id_and_a_name_and_can_be_changed() -> None:
    for package, called, error in (("no id", "x", "is no id"), ("pack", " ", "a name")):
        with pytest.raises(InvalidCommand, match=error):
            put_package(PutPackage(package, called, (name(1), name(2))), six(), BY_CHAIR)
    given_ = packed(packed(six()), Link(name(1), name(2)), subjects=(name(1), name(2)))
    (found,) = open_packages(given_)
    assert (found.subjects, len(found.links), found.put_by) == ((name(1), name(2)), 1, "R. Chair")


@pytest.mark.parametrize(("actor", "may"), [(Actor("m-fac", "F.", Role.FACILITATOR), True), (expert(), False)])
def test_p1_who_puts_packages(actor: Actor, may: bool) -> None:
    given_ = packed(six())
    for command in (PutPackage("other", "x", (name(1), name(2))), ClosePackage("pack")):
        if may:
            carry_out(command, given_, None, context(actor))
        else:
            with pytest.raises(NotAllowed):
                carry_out(command, given_, None, context(actor))


def test_words_of_paragraphs() -> None:
    given_ = document(paragraph("par-1", "x"))
    assert spoken(given_, "paragraph:gone") == "a paragraph that is no longer in the text"
    assert standing(given_, "amendment:none") is Standing.FALLEN
