"""Forum texts and what becomes of them (FT)."""

from dataclasses import replace

import pytest
from hypothesis import given

from opinions.adoption import in_the_way, text_digest
from opinions.clean import clean, settled
from opinions.closing import AdoptionOutcome, AdoptionQuestion, ForumOrigin
from opinions.closing_commands import PutAdoption, RecordAdoption
from opinions.commands import CloseOpinion, Command, CorrectText, Freeze
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, OpinionError, RevisionChanged, WrongStatus
from opinions.forum_text import forum_text
from opinions.model import ParagraphId
from opinions.names_withheld import with_names
from opinions.numbering import citations
from opinions.procedure import Context, carry_out
from opinions.record import AmendmentKind, Document, ParagraphRecord, ParagraphState, Stance, Status
from opinions.roles import Stage
from opinions.statuses import Attitude
from opinions.views import named
from opinions.visibility import NamesShown
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import agreed, amendment, at, bracketed, document, ins, item, struck, verb
from tests.support.strategies import documents

ORIGIN = ForumOrigin("op-1", 4, "f" * 64)
CHAIR, CLERK = context(THE_CHAIR), context(THE_SECRETARIAT)
ADOPT = RecordAdoption(AdoptionOutcome.ADOPTED)


def version() -> Document:
    return document(
        verb("v-1000", "noting"),
        item("c-1000", "that ", agreed("a-old", "all "), ins("a-new", "some "), struck("a-new", "are"), " here;"),
        item("c-2000", "that it ", bracketed("a-held", "should"), " be;"),
        item("c-3000", "proposed,", added="a-more"),
        amendments=[
            amendment("a-old", "XAA", status=Status.AGREED),
            amendment("a-new", "XAB"),
            amendment("a-held", "XAC", kind=AmendmentKind.BRACKET, paragraph="c-2000"),
            amendment("a-more", "XAB", paragraph="c-3000"),
        ],
        labels={"c-1000": "a)", "c-2000": "b)", "c-3000": "b bis)"},
        states={"c-1000": ParagraphState.AGREED, "c-2000": ParagraphState.OPEN},
    )


def plain_forum_text() -> Document:
    """A forum text in which nothing is open."""
    whole = version()
    return forum_text(document(*settled(whole).text.paragraphs[:2], labels={"c-1000": "a)"}), ORIGIN)


def done(before: Document, command: Command, who: Context = CHAIR) -> Document:
    return applied(before, carry_out(command, before, None, who).main.edits)


def objecting(before: Document, attitude: Attitude = Attitude.FORMAL_OBJECTION) -> Document:
    stance = Stance("XAA", attitude, "It binds us.", at=at(95))
    name = ParagraphId("c-1000")
    paragraphs = {**before.record.paragraphs, name: replace(before.record.paragraph(name), stances=(stance,))}
    return Document(before.text, replace(before.record, paragraphs=paragraphs))


def test_ft4_a_forum_text_is_not_closed_without_an_outcome() -> None:
    with pytest.raises(WrongStatus, match="adopted or not adopted"):
        done(plain_forum_text(), CloseOpinion("Enough."))


def test_ft1_a_forum_text_is_what_was_agreed_with_its_ids_labels_and_open_brackets() -> None:
    founded = forum_text(version(), ORIGIN)
    assert [(one.id, one.text) for one in founded.text] == [
        ("v-1000", "noting"),
        ("c-1000", "that all are here;"),
        ("c-2000", "that it should be;"),
    ]
    assert list(founded.record.amendments) == ["a-held"]
    assert founded.record.opinion.forum == ORIGIN
    assert founded.record.paragraph(ParagraphId("c-2000")) == ParagraphRecord(ParagraphId("c-2000"), "b)")
    assert founded.record.paragraph(ParagraphId("c-1000")).state is ParagraphState.AGREED


@given(documents(drafts=False))
def test_ft1_clean_text_is_the_same_before_and_after(whole: Document) -> None:
    founded = forum_text(whole, ORIGIN)
    before, after = clean(whole, named), clean(founded, named)
    assert [(one.id, one.kind, one.label, one.text) for one in before] == [
        (one.id, one.kind, one.label, one.text) for one in after
    ]
    assert settled(founded).text == founded.text
    assert set(citations(founded)) == {one.id for one in founded.text}


def test_ft3_the_chair_asks_only_where_nothing_is_open() -> None:
    with pytest.raises(WrongStatus, match="Something is open"):
        done(forum_text(version(), ORIGIN), PutAdoption())
    asked = done(plain_forum_text(), PutAdoption(note="At the close."))
    question = asked.record.opinion.question
    assert question is not None
    assert (question.digest, question.asked_by) == (text_digest(asked), THE_CHAIR.name)
    with pytest.raises(RevisionChanged):
        done(plain_forum_text(), PutAdoption("0" * 64))


def test_ft4_adopted_when_asked_on_these_words_and_nobody_objects() -> None:
    with pytest.raises(WrongStatus, match="Ask first"):
        done(plain_forum_text(), ADOPT)
    adopted = done(done(plain_forum_text(), PutAdoption()), ADOPT)
    opinion = adopted.record.opinion
    assert opinion.adoption is not None
    assert opinion.adoption.outcome is AdoptionOutcome.ADOPTED
    assert opinion.adoption.digest == text_digest(adopted)
    assert opinion.closed
    with pytest.raises(NotAllowed, match="closed"):
        done(adopted, Freeze("Later"), context(THE_CHAIR, stage=Stage(closed=True)))


def test_ft3_another_word_and_it_is_asked_again() -> None:
    asked = done(plain_forum_text(), PutAdoption())
    changed = done(asked, CorrectText(ParagraphId("c-1000"), 0, 4, "that", "That"), CLERK)
    with pytest.raises(WrongStatus, match="Ask first"):
        done(changed, ADOPT)


def test_ft4_a_formal_objection_keeps_it_from_being_adopted_by_consensus() -> None:
    against = objecting(done(plain_forum_text(), PutAdoption()))
    assert in_the_way(against) == ("*noting* a): XAA objects formally: It binds us.",)
    with pytest.raises(WrongStatus, match="XAA objects formally"):
        done(against, replace(ADOPT, note="Noted."))
    refused = done(against, RecordAdoption(AdoptionOutcome.NOT_ADOPTED, note="XAA objected; sent to the Council."))
    adoption = refused.record.opinion.adoption
    assert adoption is not None
    assert [one.delegation for one in adoption.objections] == ["XAA"]
    hidden = with_names(refused, NamesShown(False, False)).record.opinion.adoption
    assert hidden is not None
    assert [one.delegation for one in hidden.objections] == [""]


def test_ft4_a_reservation_bars_nothing_and_is_kept() -> None:
    reserved = objecting(done(plain_forum_text(), PutAdoption()), Attitude.RESERVE)
    adoption = done(reserved, ADOPT).record.opinion.adoption
    assert adoption is not None
    assert [one.note for one in adoption.reservations] == ["It binds us."]


def test_ft4_nothing_open_is_adopted_whatever_was_asked() -> None:
    """Also where a question on these very words is on record, as from an older build."""
    opened = forum_text(version(), ORIGIN)
    asked = AdoptionQuestion(at(90), THE_CHAIR.name, THE_CHAIR.name, text_digest(opened))
    opinion = replace(opened.record.opinion, question=asked)
    before = Document(opened.text, replace(opened.record, opinion=opinion))
    with pytest.raises(WrongStatus, match="Something is open"):
        done(before, ADOPT)
    assert done(before, RecordAdoption(AdoptionOutcome.NOT_ADOPTED, note="No agreement.")).record.opinion.closed


@pytest.mark.parametrize(
    ("command", "who", "error"),
    [
        (RecordAdoption(AdoptionOutcome.NOT_ADOPTED, note=" "), CHAIR, InvalidCommand),
        (ADOPT, CLERK, InvalidCommand),  # the secretariat names the chair
        (ADOPT, context(expert("XAA")), NotAllowed),
        (PutAdoption(), context(expert("XAA")), NotAllowed),
        (replace(ADOPT, words="0" * 64), CHAIR, RevisionChanged),
    ],
)
def test_ft4_what_is_refused(command: Command, who: Context, error: type[OpinionError]) -> None:
    asked = done(plain_forum_text(), PutAdoption())
    with pytest.raises(error):
        done(asked, command, who)


def test_ft4_only_a_forum_text_is_adopted() -> None:
    for command in (PutAdoption(), ADOPT):
        with pytest.raises(WrongStatus, match="forum text"):
            done(document(item("c-1000", "that,")), command)
