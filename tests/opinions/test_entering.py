"""[E2] Ready-made proposals: what stands in the text and on record afterwards, and what is refused as a whole."""

from dataclasses import replace

import pytest

from opinions.clean import obstacles
from opinions.commands import EnterProposals
from opinions.edits import DeleteText, InsertText, applied
from opinions.entering import Entering, enter
from opinions.errors import InvalidCommand, NotAllowed, OpinionError, RevisionChanged, UnknownParagraph, WrongStatus
from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.offsets import Offsets
from opinions.pasted_brackets import PastedWords, pasted_words
from opinions.proposals import (
    MAX_CORRECTIONS,
    MAX_IN_PARAGRAPH,
    MAX_OWN_PROPOSALS,
    MAX_OWN_REPLACEMENTS,
    BaseChange,
    BaseChangeKind,
    Proposal,
    Replacement,
)
from opinions.record import AmendmentKind, Document, ParagraphState, Status
from tests.support.actors import THE_SECRETARIAT, context, expert
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
    title,
)
from tests.support.proposing import add, entered, mod, replacing
from tests.support.rulings import of, reopened

XAA, XAB = DelegationCode("XAA"), DelegationCode("XAB")
P1, P2, P5 = (ParagraphId(f"par-{number}") for number in (1, 2, 3))
A1, A2 = AmendmentId("a-new-1"), AmendmentId("a-new-2")
VIEWS = replace(context(THE_SECRETARIAT), proposing=frozenset({XAA, XAB}))
WORDS, INSERT, REMOVE, RETYPE = BaseChangeKind


def text() -> Document:
    return document(
        title("par-0", "Draft Opinion"),
        paragraph(P1, "that access depends on income"),
        item(P2, "skills matter", operative=True),
        item(P5, "so does trust", operative=True),
        labels={P2: "1", P5: "2"},
    )


def by_secretariat(
    given: Document, *proposals: Proposal, base: tuple[BaseChange, ...] = (), source: str = ""
) -> Entering:
    return enter(EnterProposals(source, proposals, base), given, context(THE_SECRETARIAT))


def spelled(given: Document, paragraph_id: str) -> list[tuple[str, str]]:
    found = given.text.find(paragraph_id)
    assert found is not None
    return [(run.text, " ".join(sorted(mark.key for mark in run.marks))) for run in found.runs]


def order(given: Document) -> list[str]:
    return [str(paragraph.id) for paragraph in given.text]


def words_changed(paragraph_id: ParagraphId, *replacements: Replacement) -> BaseChange:
    return BaseChange(WORDS, paragraph_id, replacements)


# --- counter-proposals


def test_e2_counters_speak_of_words_that_the_command_brings() -> None:
    """One delegation's words, another one's strike in them, in one change; behind a third one's in the same place."""
    given = text()
    put = mod("a-new-1", "XAA", P1, Replacement(5, 5, "", "cheap, affordable "))
    changed = words_changed(P1, replacing(given, P1, "income", "means"))
    stands = by_secretariat(given, put, base=(changed,)).document
    counter = mod("a-new-2", "XAB", P1, replacing(stands, P1, "cheap, ", ""))
    done = enter(EnterProposals("", (put,), (changed,), (counter,)), given, context(THE_SECRETARIAT))
    assert spelled(done.document, P1) == [
        ("that ", ""),
        ("cheap, ", "deletion:a-new-2 insertion:a-new-1"),
        ("affordable ", "insertion:a-new-1"),
        ("access depends on ", ""),
        ("means", "origin:a-fresh-1"),
    ]
    assert [one.proposal for one in done.entered] == ["a-new-1", "a-new-2"]
    assert applied(given, done.change.edits) == done.document


def test_e2_a_counter_that_touches_its_delegations_proposal_is_one_amendment_with_it() -> None:
    """And still at its first revision: both came in one command."""
    given = text()
    proposals = (
        mod("a-new-1", "XAA", P1, Replacement(5, 5, "", "cheap ")),
        mod("a-new-2", "XAB", P1, replacing(given, P1, "access ", "")),
    )
    stands = by_secretariat(given, *proposals).document
    counter = mod("a-new-3", "XAB", P1, replacing(stands, P1, "cheap ", ""))
    done = enter(EnterProposals("", proposals, (), (counter,)), given, context(THE_SECRETARIAT))
    assert [(one.amendment, one.revision) for one in done.entered] == [("a-new-1", 1), ("a-new-2", 1), ("a-new-2", 1)]


def test_e2_a_counter_that_does_not_fit_refuses_the_whole() -> None:
    put = mod("a-new-1", "XAA", P1, Replacement(5, 5, "", "cheap "))
    counter = mod("a-new-2", "XAB", P1, Replacement(5, 10, "dear ", ""))
    with pytest.raises(RevisionChanged, match=r"Counter-proposal 1 \(XAB\)"):
        enter(EnterProposals("", (put,), (), (counter,)), text(), context(THE_SECRETARIAT))


def test_e2_counters_are_a_persons_own_too_and_count_with_the_proposals() -> None:
    put = mod("a-new-1", "XAA", P1, Replacement(5, 5, "", "cheap "))
    theirs = mod("a-new-2", "XAB", P1, Replacement(5, 10, "cheap", ""))
    with pytest.raises(NotAllowed):
        enter(EnterProposals("", (put,), (), (theirs,)), text(), context(expert("XAA")))
    many = tuple(mod(f"a-many-{n}", "XAA", P1, Replacement(0, 0, "", "x ")) for n in range(MAX_IN_PARAGRAPH))
    with pytest.raises(InvalidCommand, match="one paragraph"):
        enter(EnterProposals("", (put,), (), many), text(), context(THE_SECRETARIAT))


# --- what stands afterwards


def test_e2_words_that_go_are_struck_and_those_that_come_stand_behind_them() -> None:
    """[E2, D3] Base text becomes open; the amendment is submitted at revision 1 with the next number."""
    given = text()
    now = entered(
        given, replace(mod("a-new-1", "XAA", P1, replacing(given, P1, "depends", "relies")), reason="clearer")
    )
    assert spelled(now, P1) == [
        ("that access ", ""),
        ("depends", "deletion:a-new-1"),
        ("relies", "insertion:a-new-1"),
        (" on income", ""),
    ]
    entry = of(now, "a-new-1")
    assert (entry.status, entry.revision, entry.number, entry.reason) == (Status.SUBMITTED, 1, 1, "clearer")
    assert (entry.author, entry.typist) == ("E. XAA", "")
    assert now.record.paragraph(P1).state is ParagraphState.OPEN
    assert now.record.opinion.next_number == 2


def test_e2_what_is_entered_on_behalf_names_who_typed_it() -> None:
    """[E2, I2] The source and the co-sponsors go on record; they support the revision that was entered."""
    given = text()
    proposal = replace(mod("a-new-1", "XAA", P1, replacing(given, P1, "income", "wealth")), sponsors=(XAB,))
    now = applied(given, by_secretariat(given, proposal, source="IEG-WTPF-26-4/12").change.edits)
    entry = of(now, "a-new-1")
    assert (entry.delegation, entry.author, entry.typist) == ("XAA", "S. Clerk", "S. Clerk")
    assert entry.source == "IEG-WTPF-26-4/12"
    assert entry.sponsors == (XAB,)
    (stance,) = entry.stances
    assert (stance.delegation, stance.attitude, stance.revision, stance.typist) == ("XAB", "support", 1, "S. Clerk")
    assert entry.reacted == 1


def test_e2_offsets_are_those_before_the_command() -> None:
    """[E2] Base changes come first, then proposals in their order; each speaks of the text that was on the screen."""
    given = text()
    done = by_secretariat(
        given,
        mod("a-new-1", "XAA", P1, replacing(given, P1, "depends", "relies"), replacing(given, P1, "income", "wealth")),
        mod("a-new-2", "XAB", P1, replacing(given, P1, "depends", "hinges")),
        base=(words_changed(P1, replacing(given, P1, "access", "every access")),),
    )
    assert spelled(applied(given, done.change.edits), P1) == [
        ("that ", ""),
        ("every ", "origin:a-fresh-1"),
        ("access ", ""),
        ("depends", "deletion:a-new-1 deletion:a-new-2"),
        ("relies", "insertion:a-new-1"),
        ("hinges", "insertion:a-new-2"),
        (" on ", ""),
        ("income", "deletion:a-new-1"),
        ("wealth", "insertion:a-new-1"),
    ]
    assert [(one.amendment, one.number) for one in done.entered] == [("a-new-1", 2), ("a-new-2", 3)]


def test_e2_paragraphs_stand_in_the_order_given() -> None:
    """[E2, L2] Several behind the same one, one behind another of the command; labels go by their neighbours."""
    given = text()
    behind = [add("a-one1", "XAA", "p-one", P2, "one"), add("a-two2", "XAB", "p-two", P2, "two")]
    inner = add("a-three", "XAB", "p-inner", "p-one", "inner")
    proposals = [replace(one, paragraph_kind=Kind.OPERATIVE_ITEM) for one in (*behind, inner)]
    first = add("a-first", "XAA", "p-first", None, "before everything")
    now = applied(given, by_secretariat(given, *proposals, first).change.edits)
    assert order(now) == ["p-first", "par-0", "par-1", "par-2", "p-one", "p-inner", "p-two", "par-3"]
    labels = [now.record.paragraph(ParagraphId(name)).label for name in ("p-one", "p-inner", "p-two")]
    assert labels == ["1 bis", "1 quater", "1 ter"], "each by those that stood there when it came"
    assert of(now, "a-one1").kind is AmendmentKind.ADD
    assert now.text.find("p-one") == replace(
        now.text.paragraphs[4], added=AmendmentId("a-one1"), kind=Kind.OPERATIVE_ITEM
    )


def test_e2_an_addition_behind_what_goes_stands_where_that_stood() -> None:
    given = text()
    base = (BaseChange(REMOVE, P2), BaseChange(INSERT, ParagraphId("p-base"), after=P2, text="put in"))
    now = applied(given, by_secretariat(given, add("a-new-1", "XAA", "p-new", P2, "new"), base=base).change.edits)
    assert order(now) == ["par-0", "par-1", "p-base", "p-new", "par-3"]
    assert now.record.paragraph(ParagraphId("p-base")).state is ParagraphState.BASE


def test_e2_another_delegation_may_reword_what_the_same_command_adds() -> None:
    """[E2] Offsets are then of the words as they were put in, without the bracket letters that became brackets."""
    given = text()
    reworded = mod("a-new-2", "XAB", "p-new", Replacement(4, 9, "words", "things"))
    now = applied(
        given, by_secretariat(given, add("a-new-1", "XAA", "p-new", P2, "[new] words"), reworded).change.edits
    )
    assert spelled(now, "p-new") == [
        ("new", "bracket:a-fresh-1 insertion:a-new-1"),
        (" ", "insertion:a-new-1"),
        ("words", "deletion:a-new-2 insertion:a-new-1"),
        ("things", "insertion:a-new-2"),
    ]


def test_e2_a_proposal_to_remove_and_a_bracket() -> None:
    given = text()
    removal_ = Proposal(A1, XAA, AmendmentKind.SUP, P5, reason="said elsewhere")
    round_words = Proposal(A2, XAB, AmendmentKind.BRACKET, P1, (Replacement(4, 12, " access ", " access "),))
    now = applied(given, by_secretariat(given, removal_, round_words, source="C/3").change.edits)
    assert spelled(now, P1)[1] == ("access", "bracket:a-new-2")
    assert (of(now, A1).kind, of(now, A1).reason, of(now, A1).source) == (AmendmentKind.SUP, "said elsewhere", "C/3")
    assert (of(now, A1).number, of(now, A2).number) == (1, 2)


def test_e2_a_proposal_whose_words_another_part_takes_out_is_refused_with_all_of_it() -> None:
    """[E2] A bracket round one's own pending words, and their deletion, in one command: nothing would be left of it."""
    now = document(paragraph(P1, "that", ins("a-1", "; so"), ";"), amendments=[amendment("a-1")])
    round_words = Proposal(A2, XAA, AmendmentKind.BRACKET, P1, (Replacement(4, 8, "; so", "; so"),))
    gone = Proposal(A1, XAA, AmendmentKind.MOD, P1, (Replacement(4, 8, "; so", ""), Replacement(8, 9, ";", ".")))
    with pytest.raises(WrongStatus, match=r"left without words"):
        enter(EnterProposals("", (round_words, gone)), now, context(expert("XAA")))


def test_d7_balanced_pairs_become_brackets_and_lone_letters_stay() -> None:
    """[D7] As in pasted words: each pair a bracket of its own; what has no partner keeps the words from agreement."""
    given = text()
    now = entered(given, mod("a-new-1", "XAA", P1, replacing(given, P1, "income", "[ [wealth] or] means]")))
    assert spelled(now, P1)[1:] == [
        ("income", "deletion:a-new-1"),
        (" ", "insertion:a-new-1"),
        ("wealth", "bracket:a-fresh-1 bracket:a-fresh-2 insertion:a-new-1"),
        (" or", "bracket:a-fresh-1 insertion:a-new-1"),
        (" means]", "insertion:a-new-1"),
    ]
    for name in ("a-fresh-1", "a-fresh-2"):
        assert (of(now, name).kind, of(now, name).delegation) == (AmendmentKind.BRACKET, "XAA")
    assert obstacles(now)


@pytest.mark.parametrize(
    ("line", "text", "brackets"),
    [
        ("no brackets", "no brackets", ()),
        ("a [b] c", "a b c", ((2, 3),)),
        ("[a [b] c]", "a b c", ((0, 5), (2, 3))),
        ("a ] b [ c", "a ] b [ c", ()),
        ("[ ] [] [[ ]]", "[ ] [] [[ ]]", ()),
        ("[ a ]", " a ", ((1, 2),)),
        ("\uff3ba\uff3d \u3010𠮷\u3011", "a 𠮷", ((0, 1), (2, 3))),
        ("[a", "[a", ()),
    ],
)
def test_d7_pasted_words(line: str, text: str, brackets: tuple[tuple[int, int], ...]) -> None:
    assert pasted_words(line) == PastedWords(text, brackets)


# --- where an amendment of one's own stands


def own_there() -> Document:
    return document(
        paragraph(P1, "that access ", struck("a-1", "depends"), ins("a-1", "relies"), " on income"),
        paragraph(P2, "skills", ins("a-2", " and trust"), " matter"),
        paragraph(P5, "new words", added="a-3"),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB"), addition("a-3", "XAA")],
    )


def test_a2_what_touches_ones_own_amendment_is_its_next_revision() -> None:
    """[A2, E2] Its own words really go, others' are struck; the record says which amendment the proposal became."""
    given = own_there()
    command = EnterProposals("", (mod("a-new-1", "XAA", P1, replacing(given, P1, "relies", "hinges")),))
    done = enter(command, given, context(expert("XAA")))
    now = applied(given, done.change.edits)
    assert spelled(now, P1)[1:3] == [("depends", "deletion:a-1"), ("hinges", "insertion:a-1")]
    assert now.amendment("a-new-1") is None
    (became,) = done.entered
    assert (became.amendment, became.number, became.revision) == ("a-1", 1, 2)
    assert of(now, "a-1").revision == 2


def test_e2_elsewhere_in_the_paragraph_it_is_an_amendment_of_its_own() -> None:
    """[E2] One open MOD for each delegation, paragraph *and place*."""
    given = own_there()
    now = entered(given, mod("a-new-1", "XAA", P1, replacing(given, P1, "income", "wealth")))
    assert (of(now, "a-1").revision, of(now, "a-new-1").revision) == (1, 1)


def test_e2_two_that_touch_in_one_command_are_one_amendment() -> None:
    given = text()
    first = mod("a-new-1", "XAA", P1, replacing(given, P1, "depends", "relies"))
    second = mod("a-new-2", "XAA", P1, replacing(given, P1, " on", " upon"))
    done = enter(EnterProposals("", (first, second)), given, context(expert("XAA")))
    assert [(one.amendment, one.revision) for one in done.entered] == [("a-new-1", 1), ("a-new-1", 1)]


def test_e2_in_anothers_pending_words_it_strikes_as_a_counter_proposal() -> None:
    given = own_there()
    now = entered(given, mod("a-new-1", "XAA", P2, replacing(given, P2, "trust", "care")))
    assert spelled(now, P2)[1:4] == [
        (" and ", "insertion:a-2"),
        ("trust", "deletion:a-new-1 insertion:a-2"),
        ("care", "insertion:a-new-1"),
    ]


def test_a2_in_a_paragraph_of_ones_own_it_is_that_ones_next_revision() -> None:
    given = own_there()
    now = entered(given, mod("a-new-1", "XAA", P5, replacing(given, P5, "words", "text")))
    assert spelled(now, P5) == [("new text", "insertion:a-3")]
    assert of(now, "a-3").revision == 2


def test_a2_nothing_is_entered_where_the_meeting_has_ones_own_before_it() -> None:
    given = own_there()
    pinned = replace(of(given, "a-1"), pinned=True)
    given = document(*given.text.paragraphs, amendments=[pinned, of(given, "a-2"), of(given, "a-3")])
    with pytest.raises(WrongStatus, match="#1 of XAA stands at this place"):
        entered(given, mod("a-new-1", "XAA", P1, replacing(given, P1, "relies", "hinges")))


# --- base text


def test_d6_words_of_base_text_are_corrected_and_never_pending_ones() -> None:
    """[D6] Each is an amendment of the secretariat and its decision; the source goes on record."""
    given = own_there()
    change = words_changed(P1, replacing(given, P1, "that", "noting that"), replacing(given, P1, "income", "wealth"))
    now = applied(given, by_secretariat(given, base=(change,), source="C/3").change.edits)
    assert now.text.find(P1) is not None
    assert "".join(words for words, _ in spelled(now, P1)) == "noting that access dependsrelies on wealth"
    corrections = [one for one in now.record.amendments.values() if one.delegation == "SEC"]
    assert [(one.status, one.source) for one in corrections] == [(Status.AGREED, "C/3")] * 2
    with pytest.raises(WrongStatus, match="pending words of #1"):
        by_secretariat(given, base=(words_changed(P1, replacing(given, P1, "relies", "hinges")),))


def test_d6_base_text_that_goes_stays_on_record_and_comes_back() -> None:
    """[D5, D6] An editorial SUP of the secretariat; reopening it puts the paragraph back."""
    given = text()
    now = applied(given, by_secretariat(given, base=(BaseChange(REMOVE, P2),), source="C/3").change.edits)
    assert order(now) == ["par-0", "par-1", "par-3"]
    (removed,) = now.record.amendments.values()
    assert (removed.kind, removed.delegation, removed.status) == (AmendmentKind.SUP, "SEC", Status.AGREED)
    assert removed.source == "C/3"
    assert order(reopened(now, removed.id)) == order(given)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (document(paragraph(P1, "so ", ins("a-1", "it is")), amendments=[amendment("a-1")]), "Still open .* #1"),
        (document(paragraph(P1, bracketed("a-1", "so")), amendments=[bracket("a-1", "SEC")]), "Still open .* #1"),
        (document(paragraph(P1, "so"), amendments=[removal("a-1", paragraph=P1)]), "Still open .* #1"),
        (document(paragraph(P1, "so", added="a-1"), amendments=[addition("a-1")]), "Still open"),
        (document(paragraph(P1, "so"), states={P1: ParagraphState.AGREED}), "is agreed"),
        (document(title(P1, "Draft")), "The title"),
    ],
)
def test_d6_what_is_pending_or_agreed_does_not_go(given: Document, why: str) -> None:
    with pytest.raises(WrongStatus, match=why):
        by_secretariat(given, base=(BaseChange(REMOVE, P1),))


def test_d6_another_kind_and_its_label() -> None:
    given = text()
    change = BaseChange(RETYPE, P1, paragraph_kind=Kind.OPERATIVE_ITEM)
    now = applied(given, by_secretariat(given, base=(change,)).change.edits)
    found = now.text.find(P1)
    assert found is not None
    assert found.kind is Kind.OPERATIVE_ITEM
    assert now.record.paragraph(P1).label == "1 ante"


def test_e2_what_a_base_change_takes_is_nobodys_to_replace_in_the_same_command() -> None:
    given = text()
    proposal = mod("a-new-1", "XAA", P1, replacing(given, P1, "access depends", "entry relies"))
    with pytest.raises(RevisionChanged, match="goes with another part"):
        by_secretariat(given, proposal, base=(words_changed(P1, replacing(given, P1, "depends", "relies")),))


# --- what is refused


def refused(given: Document, *proposals: Proposal, base: tuple[BaseChange, ...] = ()) -> OpinionError:
    with pytest.raises(OpinionError) as refusal:
        by_secretariat(given, *proposals, base=base)
    return refusal.value


def test_e2_other_words_there_are_named_with_their_paragraph() -> None:
    found = refused(text(), mod("a-new-1", "XAA", P2, Replacement(0, 6, "trusts", "x")))
    assert isinstance(found, RevisionChanged)
    assert "“trusts”" in found.message
    assert "“skills”" in found.message
    assert " 1 " in found.message, "the paragraph as the room cites it"


def test_e2_a_refusal_says_which_part_where_there_are_several() -> None:
    good = mod("a-new-1", "XAA", P1, replacing(text(), P1, "income", "wealth"))
    bad = mod("a-new-2", "XAB", "par-9", Replacement(0, 1, "x", "y"))
    found = refused(text(), good, bad)
    assert isinstance(found, UnknownParagraph)
    assert found.code == "unknown-paragraph"
    assert str(found).startswith("Proposal 2 (XAB): ")
    assert refused(text(), base=(BaseChange(REMOVE, P1), BaseChange(REMOVE, P1))).message.startswith(
        "Change 2 of the base"
    )
    assert not refused(text(), bad).message.startswith("Proposal")


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        (mod("a-new-1", "XAA", P1), "changes nothing"),
        (mod("a-new-1", "XAA", P1, Replacement(0, 4, "that", "that")), "by itself"),
        (mod("a-new-1", "XAA", P1, Replacement(0, 0, "", "")), "by itself"),
        (mod("a-new-1", "XAA", P1, Replacement(5, 11, "access", "x"), Replacement(0, 4, "that", "y")), "in order"),
        (mod("a-new-1", "XAA", P1, Replacement(0, 6, "that a", "x"), Replacement(5, 11, "access", "y")), "overlap"),
        (mod("a-new-1", "XAA", P1, Replacement(0, 4, "that", "two\nlines")), "no line breaks"),
        (mod("A NEW", "XAA", P1, Replacement(0, 4, "that", "x")), "is no id"),
        (add("a-new-1", "XAA", "p-new", P1, "   "), "no words"),
        (add("a-new-1", "XAA", P2, P1, "x"), "in use already"),
        (add("a-new-1", "XAA", "?", P1, "x"), "is no id"),
        (replace(add("a-new-1", "XAA", "p-new", P1, "x"), level=100), "at most 99"),
        (Proposal(A1, XAA, AmendmentKind.BRACKET, P1, ()), "one replacement"),
        (Proposal(A1, XAA, AmendmentKind.BRACKET, P1, (Replacement(0, 4, "that", "x"),)), "leaves its words"),
        (Proposal(A1, XAA, AmendmentKind.BRACKET, P1, (Replacement(2, 2, "", ""),)), "leaves its words"),
        (replace(mod("a-new-1", "XAA", P1, Replacement(0, 4, "that", "x")), sponsors=(XAA,)), "cannot co-sponsor"),
    ],
)
def test_e2_what_does_not_fit_is_refused(proposal: Proposal, why: str) -> None:
    found = refused(text(), proposal)
    assert isinstance(found, InvalidCommand)
    assert why in found.message


def test_e2_an_id_on_record_is_not_taken_again() -> None:
    given = text()
    one = mod("a-new-1", "XAA", P1, replacing(given, P1, "income", "wealth"))
    two = mod("a-new-1", "XAA", P2, replacing(given, P2, "matter", "count"))
    assert "in use already" in refused(given, one, two).message
    assert "in use already" in refused(entered(given, one), two).message


def test_e2_nothing_at_all_is_refused() -> None:
    assert "nothing to enter" in refused(text()).message


def test_e2_a_second_removal_of_a_paragraph_and_one_of_what_is_only_proposed() -> None:
    sup = Proposal(A1, XAA, AmendmentKind.SUP, P1)
    assert isinstance(refused(text(), sup, replace(sup, amendment=A2)), WrongStatus)
    assert isinstance(refused(own_there(), replace(sup, paragraph=P5)), WrongStatus)


def test_e2_an_expert_enters_for_his_or_her_own_delegation_alone() -> None:
    """[E2, I2, P1] Without changes of base text, and in nobody else's name."""
    given = text()
    theirs = mod("a-new-1", "XAB", P1, replacing(given, P1, "income", "wealth"))
    ours = replace(theirs, delegation=XAA)
    for proposals, base in (
        ((theirs,), ()),
        ((ours, replace(theirs, amendment=A2)), ()),
        ((replace(ours, sponsors=(XAB,)),), ()),
        ((ours,), (BaseChange(REMOVE, P2),)),
    ):
        with pytest.raises(NotAllowed):
            enter(EnterProposals("", proposals, base), given, context(expert("XAA")))


def test_p5_nothing_is_entered_for_who_gives_views() -> None:
    """[P5] Neither as author nor as co-sponsor, also by the secretariat."""
    given = text()
    ours = mod("a-new-1", "XAA", P1, replacing(given, P1, "income", "wealth"))
    for proposal in (replace(ours, delegation=DelegationCode("XUU")), replace(ours, sponsors=(DelegationCode("XUU"),))):
        with pytest.raises(NotAllowed, match="XUU proposes no amendments"):
            enter(EnterProposals("", (proposal,)), given, VIEWS)
    assert enter(EnterProposals("", (ours,)), given, VIEWS).entered


def test_d2_agreed_words_are_struck_and_stay() -> None:
    given = document(paragraph(P1, agreed("a-1", "agreed words")), amendments=[amendment("a-1", status=Status.AGREED)])
    now = entered(given, mod("a-new-1", "XAA", P1, replacing(given, P1, "words", "text")))
    assert spelled(now, P1)[1] == ("words", "deletion:a-new-1 origin:a-1")


# --- offsets


def test_offsets_follow_what_is_put_in_and_taken_out() -> None:
    there = Offsets("abcdef")
    there.take(InsertText(P1, 2, "XY"))
    assert there.stretches(0, 6) == ((0, 2), (4, 8))
    assert there.gap(2) == 4, "behind what was put there before"
    there.take(DeleteText(P1, 1, 5))
    assert there.stretches(0, 6) == ((0, 1), (1, 4))
    assert there.gap(1) == there.gap(2) == 1
    assert there.gap(6) == 4
    assert Offsets("").gap(0) == 0


# --- how much at once


def many(count: int, each: int = 1) -> tuple[Document, tuple[Proposal, ...]]:
    """A text of many paragraphs, and a proposal for each with so many replacements."""
    row = [paragraph(f"par-{number}", "ab" * 20) for number in range(count)]
    words = tuple(Replacement(2 * n, 2 * n + 1, "a", "x") for n in range(each))
    proposals = [mod(f"a-new-{number}", "XAA", one.id, *words) for number, one in enumerate(row)]
    return document(*row), tuple(proposals)


@pytest.mark.parametrize(
    ("count", "each", "said"),
    [
        (MAX_OWN_PROPOSALS + 1, 1, f"{MAX_OWN_PROPOSALS + 1} proposals, and you can enter {MAX_OWN_PROPOSALS} at once"),
        (21, 10, f"210 replacements, and you can enter {MAX_OWN_REPLACEMENTS} at once"),
    ],
)
def test_c5_an_expert_enters_less_at_once_than_the_secretariat(count: int, each: int, said: str) -> None:
    """[C5] The whole room waits meanwhile, and experts are many."""
    given, proposals = many(count, each)
    with pytest.raises(InvalidCommand, match=f"{said}.*or ask the secretariat"):
        entered(given, *proposals)
    assert len(by_secretariat(given, *proposals).entered) == count
    assert len(entered(given, *proposals[: MAX_OWN_REPLACEMENTS // each][:MAX_OWN_PROPOSALS]).record.amendments) > 0


def test_c5_brackets_in_words_that_come_count_as_proposals() -> None:
    """[C5, D7] Each is one: a line of pairs would be thousands, and pairs in pairs cost their square."""
    for words in ("[a] " * MAX_OWN_PROPOSALS, "[" * 9_000 + "a" + "]" * 9_000):
        with pytest.raises(InvalidCommand, match="with the brackets in their words"):
            entered(text(), add("a-new-1", "XAA", "p-new-1", P1, words))
    few = entered(text(), add("a-new-1", "XAA", "p-new-1", P1, "[a] " * (MAX_OWN_PROPOSALS - 1)))
    assert len(few.record.amendments) == MAX_OWN_PROPOSALS


def test_c5_proposals_for_one_paragraph_are_bounded() -> None:
    given = document(paragraph(P1, "ab" * 200))
    row = [mod(f"a-new-{n}", "XAA", P1, Replacement(2 * n, 2 * n + 1, "a", "x")) for n in range(MAX_IN_PARAGRAPH + 1)]
    with pytest.raises(InvalidCommand, match=f"{MAX_IN_PARAGRAPH + 1} proposals for one paragraph"):
        by_secretariat(given, *row)


def test_c5_corrections_of_base_text_are_bounded() -> None:
    """[C5, D6] Each is an amendment of the secretariat on record."""
    given = document(paragraph(P1, "ab" * (MAX_CORRECTIONS + 1)))
    words = [Replacement(2 * n, 2 * n + 1, "a", "x") for n in range(MAX_CORRECTIONS + 1)]
    with pytest.raises(InvalidCommand, match=f"{MAX_CORRECTIONS + 1} corrections of base text"):
        by_secretariat(given, base=(words_changed(P1, *words),))
