"""What can be sent from the developer tools of an honest page (scenario 9): refused, or mended to the sender,
and nobody else ever shows it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crdt import protocol
from opinions import commands
from opinions.edits import DeleteText, InsertText, PutAmendment, SetMark
from opinions.model import AmendmentId, Mark, MarkKind, ParagraphId
from opinions.record import Ruling, Status
from tests.browser.console import Console
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, NEED, Draft, House, Stage
from tests.support.waiting import wait_until

CANARY = "zzcanaryzz"
SENDER, PARTY = "corvara", "XCO"
VICTIM_PARTY = "XAL"
WORD = "stable "
KEY = "a-key-by-hand"

Trick = Callable[[Console, Draft, ParagraphId, AmendmentId], None]


def with_anothers_id(console: Console, draft: Draft, place: ParagraphId, theirs: AmendmentId) -> None:
    """Words under another delegation's amendment."""
    mark = frozenset({Mark(MarkKind.INSERTION, theirs)})
    console.write([InsertText(place, 0, CANARY, mark)], PARTY)


def for_another_party(console: Console, draft: Draft, place: ParagraphId, theirs: AmendmentId) -> None:
    """Words in another delegation's name."""
    mark = frozenset({Mark(MarkKind.INSERTION, "a-not-mine-at-all")})
    console.write([InsertText(place, 0, CANARY, mark)], VICTIM_PARTY)


def with_a_forged_record(console: Console, draft: Draft, place: ParagraphId, theirs: AmendmentId) -> None:
    """Another reason and another time on record, written where the server alone writes."""
    forged = replace(draft.amendment(theirs), reason=CANARY, created_at=datetime(1999, 1, 1, tzinfo=UTC))
    console.write([PutAmendment(forged)], PARTY)


def taking_anothers_words(console: Console, draft: Draft, place: ParagraphId, theirs: AmendmentId) -> None:
    """Another's pending word really deleted."""
    text = next(one.text for one in draft.document().text if one.id == place)
    start = text.index(WORD)
    console.write([DeleteText(place, start, start + len(WORD)), InsertText(place, 0, CANARY)], PARTY)


def in_the_chairs_name(console: Console, draft: Draft, place: ParagraphId, theirs: AmendmentId) -> None:
    """An outcome recorded by who is not in the chair."""
    fields = commands.to_json(commands.RecordOutcome(theirs, 1, Ruling.AGREED, note=CANARY))
    console.command(fields, "CHR", KEY)


REFUSED: dict[str, tuple[Trick, str]] = {
    "another's id": (with_anothers_id, "foreign-id"),
    "another party": (for_another_party, "not-allowed"),
    "a forged record and time": (with_a_forged_record, "schema"),
    "another's word deleted": (taking_anothers_words, "destroyed"),
    "the chair's outcome": (in_the_chairs_name, "not-allowed"),
}


@pytest.fixture
def sitting(stage: Stage, draft: Draft) -> tuple[Desk, Desk, Desk]:
    """Chair and two experts in live drafting."""
    chair, alvania, corvara = stage.live(draft, "alvania", SENDER)
    return chair, alvania, corvara


def test_each_forged_frame_is_refused_and_nobody_else_shows_it(
    house: House, draft: Draft, sitting: tuple[Desk, Desk, Desk]
) -> None:
    """Scenario 9: refused with its reason; the text, the others' frames and the log stay free of it."""
    chair, alvania, corvara = sitting
    place = draft.paragraph(ACCESS)
    alvania.type_at(place, "to support ", WORD)
    alvania.saved()
    corvara.sees(place, WORD)
    (theirs,) = alvania.run(place, WORD).insertion
    before = (draft.document(), len(draft.log()))
    for name, (trick, code) in REFUSED.items():
        console = Console(corvara)
        trick(console, draft, place, AmendmentId(theirs))
        assert console.refusal().code == code, name
    assert (draft.document(), len(draft.log())) == before
    refused = re.compile(rf'refused .*member="{SENDER}".*code="([a-z-]+)"')
    codes = [code for _, code in REFUSED.values()]
    wait_until(lambda: refused.findall(house.server.output.read_text())[-len(codes) :] == codes, "the log's lines")
    nobody_saw(CANARY, chair, alvania)


def test_an_unmarked_insertion_becomes_the_senders_proposal(draft: Draft, sitting: tuple[Desk, Desk, Desk]) -> None:
    """Scenario 9 and G11: words sent as if they were agreed text are shown to all as what they are."""
    chair, alvania, corvara = sitting
    place = draft.paragraph(NEED)
    console = Console(corvara)
    console.write([InsertText(place, len("that "), "bare ")], PARTY)
    console.taken()
    agreed = frozenset({Mark(MarkKind.ORIGIN, "a-made-up-by-hand")})
    console.write([InsertText(place, len("that bare "), "golden ", agreed)], PARTY)
    console.taken()
    for desk in (chair, alvania, corvara):
        desk.sees(place, "that bare golden broadband")
        for run in desk.runs(place):
            if "bare" in run.text or "golden" in run.text:
                assert run.origin == ()
                (amendment,) = run.insertion
                assert draft.amendment(amendment).delegation == PARTY
                assert draft.amendment(amendment).author == "Lucia Brandt"
    assert chair.view("Agreed text only").count("bare") == 0
    assert {(one.member, one.party) for one in draft.log() if one.kind == "update"} == {(SENDER, PARTY)}


def test_marks_lifted_from_anothers_words_stay(draft: Draft, sitting: tuple[Desk, Desk, Desk]) -> None:
    """G11: lifting another delegation's marks changes nothing for anybody."""
    chair, alvania, corvara = sitting
    place = draft.paragraph(ACCESS)
    alvania.type_at(place, "to support ", WORD)
    alvania.saved()
    corvara.sees(place, WORD)
    (theirs,) = alvania.run(place, WORD).insertion
    console = Console(corvara)
    start = len("to support ")
    console.write([SetMark(place, start, start + len(WORD), Mark(MarkKind.INSERTION, theirs), False)], PARTY)
    console.answers()
    for desk in (chair, alvania, corvara):
        desk.until(
            "([id, words]) => stage.runs(id).some((run) => run.text === words && run.insertion.length === 1)",
            [place, WORD],
        )
        assert desk.run(place, WORD).insertion == (theirs,)
    assert WORD not in chair.view("Agreed text only")


def test_replays_do_nothing_twice(draft: Draft, sitting: tuple[Desk, Desk, Desk]) -> None:
    """Scenario 9: another's frames sent again are refused; one's own command sent again is answered, not done again."""
    chair, alvania, corvara = sitting
    place = draft.paragraph(ACCESS)
    alvania.type_at(place, "to support ", WORD)
    alvania.saved()
    chair.sees(place, WORD)
    (amendment,) = chair.run(place, WORD).insertion
    chair.outcome(amendment, "Agreed")
    chair.told("Agreed")
    alvania.until("([id]) => stage.runs(id).some((run) => run.origin.length > 0)", [place])
    chair.page.locator(".told-list").get_by_role("button", name="Reopen").click()
    alvania.until(
        "([id, words]) => stage.runs(id).some((run) => run.text === words && run.insertion.length)", [place, WORD]
    )
    before = len(draft.log())

    decision = next(frame for frame in chair.sent if b"record_outcome" in frame)
    for desk in (corvara, chair):
        replaying = Console(desk)
        replaying.send(decision)
        replaying.answers()
    with_another_key = Console(corvara)
    with_another_key.command(
        {"act": "record_outcome", "amendment": amendment, "revision": 1, "ruling": "agreed"}, "", KEY
    )
    assert with_another_key.refusal().code == "not-allowed"
    update = next(frame for frame in alvania.sent if frame[0] == protocol.ClientFrame.UPDATE)
    again = Console(corvara)
    again.send(update)
    assert again.refusal().code in {"not-allowed", "foreign-client"}
    assert len(draft.log()) == before
    assert draft.amendment(amendment).status is Status.REOPENED


def test_an_update_of_another_document_is_refused(house: House, draft: Draft, sitting: tuple[Desk, Desk, Desk]) -> None:
    """Scenario 9 and G3 to G5: bytes made for another draft Opinion do not fit here."""
    chair, alvania, corvara = sitting
    other = house.draft()
    before = (draft.document(), len(draft.log()))
    elsewhere = Console(corvara, opinion=other.id, workspace=True)
    frame = elsewhere.client.write([InsertText(other.paragraph(ACCESS), 0, CANARY)], PARTY)
    here = Console(corvara)
    here.send(frame)
    assert here.refusal().code in {"foreign-client", "clock-gap", "unknown-dependency"}
    assert (draft.document(), len(draft.log())) == before
    nobody_saw(CANARY, chair, alvania)


def test_who_goes_on_is_thrown_out(draft: Draft, sitting: tuple[Desk, Desk, Desk]) -> None:
    """G17: more than ten refusals in ten seconds close the connection."""
    _, alvania, corvara = sitting
    place = draft.paragraph(ACCESS)
    console = Console(corvara)
    for _ in range(10):
        console.write([InsertText(place, 0, CANARY)], VICTIM_PARTY)
        assert console.refusal().code == "not-allowed"
        console.start_over()
    console.write([InsertText(place, 0, CANARY)], VICTIM_PARTY)
    assert console.closed() == 4429
    alvania.type_at(place, "to support ", WORD)
    alvania.saved()


def nobody_saw(canary: str, *others: Desk) -> None:
    """Neither on their screens nor in anything their pages were sent."""
    for desk in others:
        assert not any(canary in words for _, words in desk.texts())
        assert canary not in desk.page.content()
        assert not any(canary.encode() in frame for frame in desk.received)
