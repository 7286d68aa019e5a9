"""The final report's words are exactly the agreed words at the cut, each traceable to a decision or the base text.

Histories are drawn; a version is frozen somewhere in each, published in a volume with a report, and the history goes
on. What the volume says is held against the entries of the log alone: who first put a mark there, what was ruled.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from crdt import versions
from crdt.document import SharedDocument
from crdt.history import History
from crdt.log import Entry
from crdt.step import Append
from crdt.stream import OPINION_CLIENT
from opinions import commands
from opinions.clean import settled
from opinions.model import AmendmentId, DelegationCode, MarkKind, ParagraphId, Run
from opinions.proposals import Proposal, Replacement
from opinions.provenance import Source, provenance_of
from opinions.record import SECRETARIAT, AmendmentKind, Document, Ruling, Status
from opinions.sg_report import report_digest
from server import log_store, serving
from server.database import Database
from server.ids import new_id
from server.opinion_store import create_opinion
from server.settings import Settings
from server.sg_report import store as report_store
from server.sg_report.store import By
from server.signing import SigningKey, load_key, seal_of
from server.volumes import publishing
from server.volumes.contents import VolumeContents, load_contents
from server.volumes.publishing import Wanted
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import document, item
from tests.support.logbook import Logbook, logbooks
from tests.support.strategies import paragraphs_of_base_text

NOW = datetime(2026, 4, 13, 9, tzinfo=UTC)
BY = By("m-sec", "Sam Clerk", NOW)
TAKEN_IN = {Status.AGREED, Status.AGREED_AD_REFERENDUM}
HISTORIES = logbooks(paragraphs_of_base_text().map(lambda paragraphs: document(*paragraphs)), most=18)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=30)
BODIES = st.lists(WORDS, max_size=4).map("\n\n".join)


class Undone(Exception):
    """Raised to leave the database as it was."""


@dataclass(frozen=True, slots=True)
class House:
    """A database with nothing in it, and the key it signs with."""

    database: Database
    key: SigningKey


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = Settings(data_dir=tmp_path_factory.mktemp("final") / "data")
    serving.prepare(made)
    with Database(made) as database:
        yield House(database, load_key(made.signing_key_file))


def volume_of(
    connection: Connection, key: SigningKey, book: Logbook, cut: int, bodies: list[str]
) -> tuple[VolumeContents, VolumeContents, list[str]]:
    """The volume of a history cut after an entry, as it was published and as it is read after all that came later;
    and the words of its report.
    """
    create_opinion(connection, book.opinion, "Drawn", NOW)
    before, after = tuple(book.entries[:cut]), tuple(book.entries[cut:])
    copy = SharedDocument(OPINION_CLIENT, [one for entry in before for one in entry.updates])
    act = versions.Act("Final report", "Final", "", "Rosa Chair", "Sam Clerk", NOW)
    head, seal = before[-1].hash, seal_of(key)
    made = versions.freeze(book.opinion, 1, act, copy.view(), cut, head, "", copy.state(), key.sign, seal)
    log_store.append(connection, book.opinion, (Append(book.opinion, 0, 1, before, version=made),), key.id, NOW)
    for number, body in enumerate(bodies, start=1):
        report_store.add_section(connection, f"Part {number}", 1, body, "", BY, new_id)
    report = report_store.load_report(connection)
    words = [one.text for section in report.sections for one in section.paragraphs] if report else []
    number = publishing.prepare(connection, Wanted("Final report", final=True), BY)
    publishing.give_number(connection, number, "S24-WTPF26PREP-R-0005", BY)
    seen = load_contents(connection, number).fingerprint
    published = publishing.publish(connection, number, seen, key, BY)
    # The process goes on: the living text, and the report too.
    log_store.append(connection, book.opinion, (Append(book.opinion, cut, 1, after),), key.id, NOW)
    report_store.add_section(connection, "Written later", 1, "Words that are in no volume.", "", BY, new_id)
    return published, load_contents(connection, number), words


def agreed_words(entries: list[Entry]) -> list[tuple[str, str]]:
    """The agreed words of a log by the record's statuses, whatever the marks in the text say of them."""
    then = SharedDocument(OPINION_CLIENT, [one for entry in entries for one in entry.updates]).view()

    def in_force(name: str) -> bool:
        found = then.record.amendments.get(AmendmentId(name))
        return found is None or found.status in TAKEN_IN

    return [
        (paragraph.id, "".join(run.text for run in paragraph.runs if all(map(in_force, owners(run)))))
        for paragraph in then.text
        if paragraph.added is None or in_force(paragraph.added)
    ]


def owners(run: Run) -> frozenset[AmendmentId]:
    """The amendments of which these words are: none for base text, and two where the secretariat put words right that
    are proposed.
    """
    return run.ids(MarkKind.INSERTION) | run.ids(MarkKind.ORIGIN)


def first_marked(entries: list[Entry]) -> dict[str, str]:
    """Which party first put a mark of an amendment into the text, by the heads of the entries."""
    found: dict[str, str] = {}
    copy = SharedDocument(OPINION_CLIENT)
    for entry in entries:
        copy.apply(entry.updates)
        for paragraph in copy.opinion():
            for run in paragraph.runs:
                for mark in run.marks:
                    found.setdefault(mark.id, entry.party)
    return found


def ruled(entries: list[Entry]) -> set[tuple[str, str, str]]:
    """What was ruled, on which amendment, recorded by whom: by the commands of the entries."""
    told = [json.loads(entry.command) | {"by": entry.name} for entry in entries if entry.command.startswith("{")]
    return {(one["amendment"], one["ruling"], one["by"]) for one in told if one.get("act") == "record_outcome"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(book=HISTORIES, place=st.floats(0, 1), bodies=st.lists(BODIES, min_size=1, max_size=3))
def test_vo3_the_final_report_s_words_are_the_agreed_words_at_the_cut(
    empty: House, book: Logbook, place: float, bodies: list[str]
) -> None:
    """[VO3, VO5, PV2, PV3]"""
    cut = 1 + round(place * (len(book.entries) - 1))
    _checked(empty, book, cut, bodies)


def test_vo3_words_agreed_before_the_cut_are_in_it_and_those_agreed_after_are_not(empty: House) -> None:
    """[VO3, VO5] So that the histories drawn are not held to nothing."""
    book = Logbook(document(item("par-1", "many countries persist"), item("par-2", "a second one")))
    first, second, pending = (
        _proposed(book, "par-1", "many", "most"),
        _proposed(book, "par-2", "second", "third"),
        _proposed(book, "par-1", "persist", "resist"),
    )
    assert book.command(commands.RecordOutcome(first, 1, Ruling.AGREED), THE_CHAIR)
    cut = len(book.entries)
    assert book.command(commands.RecordOutcome(second, 1, Ruling.AGREED), THE_CHAIR)
    assert book.command(commands.RecordOutcome(pending, 1, Ruling.NOT_RETAINED), THE_CHAIR)
    later = _checked(empty, book, cut, ["One.\n\nTwo."])
    assert later.annexes[0].version is not None
    text = SharedDocument(OPINION_CLIENT, [later.annexes[0].version.state]).view()
    assert [one.text for one in settled(text).text] == ["most countries persist", "a second one"]
    assert any("open point" in one for one in later.warnings)
    assert [one.text for one in later.sections[0].paragraphs] == ["One.", "Two."]


def _proposed(book: Logbook, paragraph: str, was: str, text: str) -> AmendmentId:
    found = book.document.text.find(paragraph)
    assert found is not None
    start = found.text.index(was)
    name = AmendmentId(book.new_id("a"))
    row = (Replacement(start, start + len(was), was, text),)
    proposal = Proposal(name, DelegationCode("XAA"), AmendmentKind.MOD, ParagraphId(paragraph), row)
    assert book.command(commands.EnterProposals(proposals=(proposal,)), expert("XAA"), "XAA")
    return name


def _checked(empty: House, book: Logbook, cut: int, bodies: list[str]) -> VolumeContents:
    """The volume of a history, after everything that is promised of it was held against the log."""
    found: list[tuple[VolumeContents, VolumeContents, list[str]]] = []

    def play(connection: Connection) -> None:
        found.append(volume_of(connection, empty.key, book, cut, bodies))
        raise Undone

    with pytest.raises(Undone):
        empty.database.run(play)
    published, later, words = found[-1]
    assert later == published
    # The report: the words that were written, in their order.
    typed = [" ".join(one.split()) for body in bodies for one in body.split("\n\n")]
    assert words == [one for one in typed if one]
    assert [one.text for section in later.sections for one in section.paragraphs] == words
    assert later.report_digest == report_digest(later.sections)
    # The Opinion: the agreed words of the log up to the cut, and none of what came after.
    (annex,) = later.annexes
    assert annex.version is not None
    assert annex.version.seq == cut
    entries = book.entries[:cut]
    text = SharedDocument(OPINION_CLIENT, [annex.version.state]).view()
    final = settled(text)
    assert [(one.id, one.text) for one in final.text] == agreed_words(entries)
    _traced(text, final, entries, book.opinion)
    return later


def _traced(text: Document, final: Document, entries: list[Entry], opinion: str) -> None:
    """Every run of the final words comes from the base text, by an act of the log, or from a decision on record."""
    history = History(opinion)
    history.take(entries)
    parties, rulings = first_marked(entries), ruled(entries)
    put = {1} | {entry.seq for entry in entries if '"act":"insert_paragraph"' in entry.command}
    for paragraph in final.text:
        told = ""
        for origin in provenance_of(text, paragraph.id, history.ground):
            if origin.source is Source.PROPOSED:
                continue
            told += origin.text
            if origin.source is Source.BASE:
                assert origin.founding is not None
                assert origin.founding.seq in put
                continue
            assert origin.amendment is not None
            assert origin.amendment.delegation == parties[origin.amendment.id]
            if origin.source is Source.EDITORIAL:
                # Put right by the secretariat: it is on record as such.
                assert origin.amendment.delegation == SECRETARIAT
                assert origin.decision is not None
                continue
            assert origin.decision is not None
            key = (origin.amendment.id, origin.decision.ruling.value, origin.decision.recorded_by)
            assert key in rulings
        assert told == paragraph.text
