"""A Word file on its way into a draft Opinion: handed in, looked at, entered whole or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
from httpx2 import Response
from sqlalchemy import Connection

from opinions.commands import CallForObjections, Command, EnterProposals, to_json
from opinions.model import AmendmentId
from opinions.proposals import Replacement
from opinions.record import AmendmentKind, Document, Status
from opinions.roles import Actor, Role
from server import files_store
from server.ids import new_id
from server.people_store import appoint
from server.process_store import found_opinion
from server.settings import Settings
from server.tables.threads import threads
from server.tables.word_in import brought_in
from server.word_in import bringing as store
from server.word_in.looking import MAX_CHARACTERS
from server.word_in.reader import read_document
from tests.support.office import Comment, DeleteParagraph, Insert, NewParagraph, Replace, Sitting, edited
from tests.support.proposing import mod
from tests.support.stock import ITEM, SECOND, WORDS, text
from tests.support.visitors import House, house
from tests.word.writing import comment, commented, dele, docx, ins, ins_mark, p, run

EXPERT, OTHER, CLERK, CHAIR = "m-xaa-1", "m-xbb-1", "m-sec", "m-chair"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CLERK_ACTS, CHAIR_ACTS = Actor(CLERK, "Sam Clerk", Role.SECRETARIAT), Actor(CHAIR, "Robin Chair", Role.CHAIR)
HEAD = (p(run("Broadband for all")), p(run("The Forum,")))
REST = tuple(p(run(f"that item {n} stands,")) for n in range(2, 8))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as running:
        yield running


@pytest.fixture
def here(started: House, request: pytest.FixtureRequest) -> "Table":
    """A draft Opinion of the test's own in the one house."""

    def found(connection: Connection) -> str:
        return found_opinion(
            connection, text(), title=request.node.name[:100], member="m-sec", name="Sam Clerk", at=datetime.now(UTC)
        ).id

    opinion = started.write(found)
    started.write(lambda connection: appoint(connection, opinion, "m-chair", frozenset()))
    return Table(started, opinion)


@dataclass(frozen=True)
class Table:
    """A draft Opinion in the house, with the stocked text."""

    house: House
    opinion: str

    @property
    def document(self) -> Document:
        """Its text and record."""
        assert self.house.client.portal is not None
        return self.house.client.portal.call(self.house.services.hub.document, self.opinion)

    @property
    def seq(self) -> int:
        """Its last entry."""
        assert self.house.client.portal is not None
        return self.house.client.portal.call(self.house.services.hub.room, self.opinion).seq

    def command(self, actor: Actor, command: Command) -> None:
        """A command carried out."""
        assert self.house.client.portal is not None
        answer = self.house.client.portal.call(
            self.house.services.hub.command, self.opinion, actor, None, "", new_id("k"), to_json(command)
        )
        assert not answer.code, answer.message

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"/opinions/{self.opinion}"

    def get(self, who: str, address: str) -> Response:
        """What a person is answered."""
        return self.house.get(who, address)

    def post(self, who: str, address: str, fields: dict[str, str]) -> Response:
        """What a person is answered to a form."""
        return self.house.post(who, address, fields)

    def hand_in(self, who: str, content: bytes, **fields: str) -> Response:
        """What a person is answered to a file."""
        files = {"file": ("Contribution of Arcadia.docx", content, DOCX)}
        return self.house.ask(who, "POST", f"{self.address}/word-in", data=fields, files=files)

    def brought(self, who: str, content: bytes, **given: str) -> str:
        """The address of the page of a file brought in as a contribution's is, read here and now."""
        document = read_document(content)

        def begin(connection: Connection) -> str:
            kept = files_store.keep(connection, "Contribution of Arcadia.docx", DOCX, content, datetime.now(UTC), who)
            source = given.pop("source", "")
            begun = store.start(
                connection, self.opinion, kept.id, source, by=who, by_name=who, at=datetime.now(UTC), **given
            )
            store.keep_reading(connection, begun, document)
            return begun

        return f"{self.address}/word-in/{self.house.write(begin)}"

    def enter(self, who: str, address: str, **chosen: str) -> Response:
        """Enters what the page shows, with these fields changed: looks again first, as a person does."""
        fields = form_of(self.get(who, address).text)
        if chosen:
            self.post(who, address, {**fields, **chosen, "step": "look"})
            fields = {**form_of(self.get(who, address).text), **chosen}
        return self.post(who, address, {**fields, "step": "enter"})


def changed(*pieces: str) -> tuple[str, ...]:
    """The stocked text with its item made of these pieces."""
    return (*HEAD, p(*pieces), *REST)


ITEM_BY_TWO = (
    run("that "),
    ins("Arcadia", run("affordable ")),
    run("broadband reaches "),
    dele("Borduria", run("some of ")),
    run("those who need it,"),
)


def form_of(page: str) -> dict[str, str]:
    """The fields of the look as the page shows them."""
    fields = {"seen": re.findall(r'name="seen" value="([^"]*)"', page)[0]}
    for name, inner in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', inner) or re.findall(r'<option value="([^"]*)"', inner)
        fields[unescape(name)] = unescape(chosen[0])
    return fields


def amendments(here: Table) -> set[tuple[str, AmendmentKind, str]]:
    found = here.document.record.amendments.values()
    return {(one.delegation, one.kind, one.source) for one in found if one.status is Status.SUBMITTED}


def test_a_file_with_revision_marks_of_two_becomes_amendments_of_two(here: Table) -> None:
    answer = here.hand_in(CLERK, docx(*changed(*ITEM_BY_TWO)), source="IEG-WTPF-26-4/12")
    assert answer.status_code == 303, answer.text[:3000]
    address = answer.headers["location"]
    page = here.get(CLERK, address).text
    assert "Arcadia" in page
    assert "XAA, Arcadia" in page
    answer = here.enter(CLERK, address)
    assert answer.status_code == 303, re.findall(r'<div class="problems".*?</div>', answer.text, re.DOTALL)
    assert amendments(here) == {
        ("XAA", AmendmentKind.MOD, "IEG-WTPF-26-4/12"),
        ("XBB", AmendmentKind.MOD, "IEG-WTPF-26-4/12"),
    }
    now = here.document.text.find(ITEM)
    assert now is not None
    assert now.text == "that affordable broadband reaches some of those who need it,"
    result = here.get(CLERK, address).text
    assert "#1" in result
    assert "#2" in result


def test_the_same_file_again_enters_nothing(here: Table) -> None:
    content = docx(*changed(*ITEM_BY_TWO))
    here.enter(CLERK, here.brought(CLERK, content))
    again = here.brought(CLERK, content)
    assert "2 in the text already" in here.get(CLERK, again).text
    assert here.enter(CLERK, again).status_code == 303
    assert len(here.document.record.amendments) == 2


def test_an_expert_enters_what_his_own_delegation_proposes(here: Table) -> None:
    address = here.brought(EXPERT, docx(*changed(*ITEM_BY_TWO)), source="12")
    assert "not entered by you" in here.get(EXPERT, address).text
    assert here.enter(EXPERT, address).status_code == 303
    assert amendments(here) == {("XAA", AmendmentKind.MOD, "12")}


def test_an_expert_cannot_enter_for_another_by_whatever_the_form_says(here: Table) -> None:
    handed = here.hand_in(EXPERT, docx(*changed(*ITEM_BY_TWO)), delegation="XBB", kind="consolidated")
    address = handed.headers["location"]
    page = form_of(here.get(EXPERT, address).text)
    others = {name: "as:XBB" for name in page if name.startswith("difference.")} | {"rest": "as:XBB", "author.0": "XBB"}
    here.enter(EXPERT, address, **others)
    found = {one.delegation for one in here.document.record.amendments.values()}
    assert found <= {"XAA"}
    based = {name: "base" for name in page if name.startswith("difference.")} | {"rest": "base"}
    here.enter(EXPERT, here.brought(EXPERT, docx(*changed(*ITEM_BY_TWO))), **based)
    assert here.document.text.find(ITEM) is not None
    assert {one.delegation for one in here.document.record.amendments.values()} <= {"XAA"}


def test_an_unknown_author_stands_in_the_way_until_named(here: Table) -> None:
    content = docx(*changed(run("that "), ins("J. Doe", run("affordable ")), run(WORDS[5:])))
    address = here.brought(CLERK, content)
    answer = here.post(CLERK, address, {**form_of(here.get(CLERK, address).text), "step": "enter"})
    assert answer.status_code == 422
    assert 'href="#field-author-0"' in answer.text
    assert here.document.record.amendments == {}
    assert here.enter(CLERK, address, **{"author.0": "XCC"}).status_code == 303
    assert {one.delegation for one in here.document.record.amendments.values()} == {"XCC"}


def test_people_of_the_roster_speak_for_their_delegation(here: Table) -> None:
    content = docx(*changed(run("that "), ins("Expert Borduria 2", run("affordable ")), run(WORDS[5:])))
    assert here.enter(CLERK, here.brought(CLERK, content)).status_code == 303
    assert {one.delegation for one in here.document.record.amendments.values()} == {"XBB"}


def test_a_text_changed_since_the_look_is_looked_at_again_and_nothing_is_lost(here: Table) -> None:
    content = docx(*changed(run("that "), ins("Arcadia", run("affordable ")), run(WORDS[5:])))
    address = here.brought(CLERK, content, source="7")
    seen = form_of(here.get(CLERK, address).text)
    other = docx(*changed(ins("Borduria", run("noting ")), run(WORDS)))
    assert here.enter(CLERK, here.brought(CLERK, other)).status_code == 303
    answer = here.post(CLERK, address, {**seen, "step": "enter"})
    assert answer.status_code == 422
    assert "nothing you chose is lost" in answer.text
    assert {one.delegation for one in here.document.record.amendments.values()} == {"XBB"}
    fresh = form_of(answer.text)
    assert here.post(CLERK, address, {**fresh, "step": "enter"}).status_code == 303
    assert {one.delegation for one in here.document.record.amendments.values()} == {"XAA", "XBB"}


def test_a_consolidated_draft_is_judged_difference_by_difference(here: Table) -> None:
    new = p(run("that spectrum is shared fairly among all,"))
    content = docx(*HEAD, p(run("that affordable broadband reaches some of those who need it,")), new, *REST[:-1])
    address = here.brought(CLERK, content, kind="consolidated", source="DT/5")
    page = here.get(CLERK, address).text
    fields = form_of(page)
    refused = here.post(CLERK, address, {**fields, "step": "enter"})
    assert refused.status_code == 422
    assert "#field-rest" in refused.text
    removed = re.findall(r'for="(d-[0-9a-f]+\'*)"><strong>Paragraph out', page)
    assert len(removed) == 1
    key = removed[0].removeprefix("d-")
    answer = here.enter(CLERK, address, rest="base", **{f"difference.{key}": "as:SEC"})
    assert answer.status_code == 303
    now = here.document
    texts = [paragraph.text for paragraph in now.text]
    assert "that affordable broadband reaches some of those who need it," in texts
    assert texts.index("that spectrum is shared fairly among all,") == 3
    assert now.text.find(ITEM) is not None
    assert {(one.delegation, one.kind) for one in now.record.amendments.values() if one.open} == {
        ("SEC", AmendmentKind.SUP)
    }


def test_comments_become_threads_at_their_paragraph(here: Table) -> None:
    remarks = comment(1, "Borduria", "Costs <b>unclear</b>.", "AA000001") + comment(
        2, "Arcadia", "See annex.", "AA000002"
    )
    extended = '<w15:commentEx w15:paraId="AA000002" w15:paraIdParent="AA000001" w15:done="0"/>'
    content = docx(
        *changed(run("that "), commented(1, run("broadband")), run(WORDS[14:])), comments=remarks, extended=extended
    )
    address = here.brought(CLERK, content, source="IEG-WTPF-26-4/9")
    assert here.enter(CLERK, address).status_code == 303
    page = here.get(EXPERT, f"{here.address}/threads").text
    assert "Costs &lt;b&gt;unclear&lt;/b&gt;." in page
    assert "See annex." in page
    chosen = threads.select().where(threads.c.opinion == here.opinion)
    rows = here.house.write(lambda connection: connection.execute(chosen).all())
    first = next(row for row in rows if row.parent is None)
    assert (first.paragraph, first.words, first.delegation, first.source) == (
        ITEM,
        "broadband",
        "XBB",
        "IEG-WTPF-26-4/9",
    )
    assert [row.parent for row in rows if row.parent] == [first.id]
    assert here.get("m-views", f"{here.address}/threads").status_code == 403


def test_counter_proposals_on_new_words_follow_them(here: Table) -> None:
    nested = ins("Arcadia", run("affordable, "), dele("Borduria", run("cheap ")))
    address = here.brought(CLERK, docx(*changed(run("that "), nested, run(WORDS[5:]))))
    assert here.enter(CLERK, address).status_code == 303
    kinds = {(one.delegation, one.kind) for one in here.document.record.amendments.values()}
    assert kinds == {("XAA", AmendmentKind.MOD), ("XBB", AmendmentKind.MOD)}
    assert "not found in" not in here.get(CLERK, address).text


def test_counter_proposals_go_in_with_what_they_are_on_or_nothing_does(here: Table) -> None:
    """One entry of the record for all; where the counter-proposal cannot stand, nothing of the file does."""
    nested = ins("Arcadia", run("affordable, "), dele("Borduria", run("cheap ")))
    content = docx(*changed(run("that "), nested, run(WORDS[5:])))
    address = here.brought(CLERK, content)
    page = here.get(CLERK, address).text
    assert "1 amendment of 1 delegation" in page
    assert "1 counter-proposal behind them" in page
    struck = Replacement(5, 15, WORDS[5:15], "")
    here.command(CLERK_ACTS, EnterProposals(proposals=(mod("a-before", "XBB", ITEM, struck),)))
    here.command(CHAIR_ACTS, CallForObjections(AmendmentId("a-before"), 1))
    standing, before = set(here.document.record.amendments), here.seq
    refused = here.enter(CLERK, address)
    assert refused.status_code == 422
    assert "Nothing was entered. Counter-proposal 1 (XBB)" in unescape(refused.text)
    assert (set(here.document.record.amendments), here.seq) == (standing, before)
    here.command(CHAIR_ACTS, CallForObjections(AmendmentId("a-before"), 1, on=False))
    before = here.seq
    assert here.enter(CLERK, address).status_code == 303
    assert here.seq == before + 1
    assert {one.delegation for one in here.document.record.amendments.values()} == {"XAA", "XBB"}


def test_a_new_paragraph_goes_behind_its_neighbour(here: Table) -> None:
    new = p(ins("Arcadia", run("that spectrum is shared,")), mark=ins_mark("Arcadia"))
    address = here.brought(CLERK, docx(*HEAD, p(run(WORDS)), new, *REST))
    assert here.enter(CLERK, address).status_code == 303
    order = [paragraph.text for paragraph in here.document.text]
    assert order.index("that spectrum is shared,") == order.index(WORDS) + 1


def test_what_is_under_way_is_personal_and_the_entered_is_on_the_register(here: Table) -> None:
    address = here.brought(EXPERT, docx(*changed(*ITEM_BY_TWO)))
    for who, status in ((EXPERT, 200), (CLERK, 200), (OTHER, 404), (CHAIR, 404), ("m-obs", 403)):
        assert here.get(who, address).status_code == status
        assert here.get(who, f"{address}/file").status_code == status
    assert here.post(OTHER, address, {"step": "discard"}).status_code == 404
    assert here.get(EXPERT, address.replace(here.opinion, SECOND)).status_code == 404
    assert "Contribution of Arcadia" not in here.get(OTHER, f"{here.address}/word-in").text
    assert here.enter(EXPERT, address).status_code == 303
    assert here.get(OTHER, address).status_code == 200
    assert "Contribution of Arcadia" in here.get(OTHER, f"{here.address}/word-in").text


def test_discarded_it_is_gone_and_nothing_was_entered(here: Table) -> None:
    address = here.brought(CLERK, docx(*changed(*ITEM_BY_TWO)))
    answer = here.post(CLERK, address, {"step": "discard"})
    assert answer.headers["location"].startswith(f"{here.address}/word-in?")
    assert here.get(CLERK, address).status_code == 404
    assert here.document.record.amendments == {}


def test_hostile_and_other_files_are_refused_in_a_sentence_and_kept_nowhere(here: Table) -> None:
    for content in (b"", b"not a zip", b"PK\x03\x04" + b"\0" * 400, docx(p(run("x")))[:-30]):
        answer = here.hand_in(CLERK, content)
        assert answer.status_code == 422
        assert "field-file" in answer.text
    kept = brought_in.select().where(brought_in.c.opinion == here.opinion)
    assert here.house.write(lambda connection: connection.execute(kept).all()) == []


def test_views_only_delegations_are_no_choice(here: Table) -> None:
    content = docx(*changed(run("that "), ins("University of Umbra", run("affordable ")), run(WORDS[5:])))
    address = here.brought(CLERK, content)
    assert '<option value="XUU"' not in here.get(CLERK, address).text
    answer = here.enter(CLERK, address, **{"author.0": "XUU"})
    assert answer.status_code == 422
    assert here.document.record.amendments == {}


def test_more_files_than_one_person_looks_at_are_refused(here: Table) -> None:
    first = here.brought(EXPERT, docx(*HEAD)).rsplit("/", 1)[1]

    def many(connection: Connection) -> None:
        file = store.find(connection, here.opinion, first).file
        for _ in range(store.MAX_OPEN - 1):
            store.start(connection, here.opinion, file, "", by=EXPERT, by_name="Expert", at=datetime.now(UTC))

    here.house.write(many)
    answer = here.hand_in(EXPERT, docx(*HEAD))
    assert answer.status_code == 422
    assert f"{store.MAX_OPEN} files" in answer.text


def test_our_own_export_comes_back_with_nothing_to_enter(here: Table) -> None:
    here.enter(CLERK, here.brought(CLERK, docx(*changed(*ITEM_BY_TWO))))
    exported = here.get(CLERK, f"{here.address}/export?view=marked&format=docx")
    address = here.brought(CLERK, exported.content)
    page = here.get(CLERK, address).text
    assert "2 in the text already" in page
    assert "amendment of" not in "".join(re.findall(r'<ul class="sums".*?</ul>', page, re.DOTALL))
    for view in ("rolling", "clean"):
        content = here.get(CLERK, f"{here.address}/export?view={view}&format=docx&mark_not_agreed=1").content
        again = here.get(CLERK, here.brought(CLERK, content)).text
        assert "Words</strong>" not in again, view


def test_what_office_edits_in_our_export_comes_back_with_its_authors(here: Table) -> None:
    """Exported with revision marks, edited by two in LibreOffice, brought in: theirs is new, ours is in the text."""
    enter_first = docx(*changed(run("that "), ins("Arcadia", run("affordable ")), run(WORDS[5:])))
    assert here.enter(CLERK, here.brought(CLERK, enter_first)).status_code == 303
    exported = here.get(CLERK, f"{here.address}/export?view=marked&format=docx").content
    returned = edited(
        exported,
        Sitting("Borduria", [Replace("some of those", "all those"), Comment("item 3", "Is this so?")]),
        Sitting(
            "Cascadia",
            [
                Insert("item 4 stands", " for ever"),
                NewParagraph("item 5 stands,", "that spectrum is shared,"),
                DeleteParagraph("item 7 stands"),
            ],
        ),
    )
    address = here.brought(CLERK, returned, source="IEG-WTPF-26-4/15")
    page = here.get(CLERK, address).text
    assert "the export it was made from" in page
    assert "1 in the text already" in page
    assert here.enter(CLERK, address).status_code == 303
    found = [one for one in here.document.record.amendments.values() if one.source == "IEG-WTPF-26-4/15"]
    assert sorted((one.delegation, one.kind) for one in found) == [
        ("XBB", AmendmentKind.MOD),
        ("XCC", AmendmentKind.ADD),
        ("XCC", AmendmentKind.MOD),
        ("XCC", AmendmentKind.SUP),
    ]
    words = [paragraph.text for paragraph in here.document.text]
    assert "that item 4 stands for ever," in words
    assert words.index("that spectrum is shared,") == words.index("that item 5 stands,") + 1
    assert len(here.document.record.amendments) == 5
    assert "Is this so?" in here.get(CLERK, f"{here.address}/threads").text


def test_a_file_that_came_by_a_contribution_is_read_when_it_is_looked_at(here: Table) -> None:
    def begin(connection: Connection, content: bytes, name: str) -> str:
        kept = files_store.keep(connection, name, DOCX, content, datetime.now(UTC))
        return store.start(
            connection,
            here.opinion,
            kept.id,
            "4/7",
            by=CLERK,
            by_name="Sam Clerk",
            at=datetime.now(UTC),
            delegation="XAA",
            contribution="c-7",
        )

    silent = docx(*changed(run("that affordable broadband reaches some of those who need it,")))
    bad = here.house.write(lambda connection: begin(connection, b"nothing", "bad.docx"))
    good = here.house.write(lambda connection: begin(connection, silent, "good.docx"))
    answer = here.get(CLERK, f"{here.address}/word-in/{bad}")
    assert answer.status_code == 422
    assert "cannot be read" in answer.text
    assert here.enter(CLERK, f"{here.address}/word-in/{good}").status_code == 303
    # What nobody marked is of the delegation whose contribution it is.
    assert amendments(here) == {("XAA", AmendmentKind.MOD, "4/7")}
    found = here.house.write(lambda connection: store.of_contribution(connection, "c-7"))
    assert {one.id for one in found} == {bad, good}


def test_a_paragraph_paired_by_hand_or_left_out(here: Table) -> None:
    content = docx(*HEAD, p(run("quite "), ins("Arcadia", run("other ")), run("words")), *REST)
    address = here.brought(CLERK, content)
    assert here.get(CLERK, address).text.count("only in the file") == 1
    fields = form_of(here.get(CLERK, address).text)
    here.post(CLERK, address, {**fields, "pair.2": ITEM, "step": "look"})
    assert "paired by hand" in here.get(CLERK, address).text
    assert here.enter(CLERK, address, **{"pair.2": "-"}).status_code == 303
    assert here.document.record.amendments == {}


def test_what_a_form_may_say_does_no_harm(here: Table) -> None:
    with pytest.raises(store.BringingRefused):
        here.brought(CLERK, docx(*HEAD), source="x" * (store.MAX_SOURCE + 1))
    address = here.brought(CLERK, docx(*changed(*ITEM_BY_TWO)))
    fields = form_of(here.get(CLERK, address).text)
    names = (
        "also",
        "pair.2",
        "pair.99999999999999999999",
        "difference.x",
        "reference",
        "rest",
        "author.0",
        "author.99",
    )
    for value in ("x" * 4000, "'; --", "p-none", "as:ZZZ", "version-99", "\u202e"):
        said = {**fields, **dict.fromkeys(names, value)}
        assert here.post(CLERK, address, {**said, "step": "look"}).status_code == 303
        assert here.get(CLERK, address).status_code == 200


def test_more_choices_than_one_form_holds_are_refused(here: Table) -> None:
    address = here.brought(CLERK, docx(*changed(*ITEM_BY_TWO)))
    bringing = address.rsplit("/", 1)[1]
    many = {"differences": {f"{number:060}": "x" * 60 for number in range(store.MAX_CHOICES // 100)}}
    with pytest.raises(store.BringingRefused):
        here.house.write(lambda connection: store.keep_choices(connection, bringing, many))
    too_long = {"step": "look", "also": "x" * (1024 * 1024)}
    assert here.post(CLERK, address, too_long).status_code == 413


def test_an_older_export_is_compared_with_the_text_it_showed(here: Table) -> None:
    first = docx(*changed(run("that "), ins("Arcadia", run("affordable ")), run(WORDS[5:])))
    assert here.enter(CLERK, here.brought(CLERK, first)).status_code == 303
    exported = here.get(CLERK, f"{here.address}/export?view=marked&format=docx").content
    other = docx(*HEAD, p(ins("Borduria", run("noting ")), run(WORDS)), p(run("that item 2 still stands,")), *REST[1:])
    assert here.enter(CLERK, here.brought(CLERK, other, kind="consolidated"), rest="base").status_code == 303
    texts = [paragraph.text for paragraph in here.document.text]
    assert texts[2:4] == [
        "noting that affordable broadband reaches some of those who need it,",
        "that item 2 still stands,",
    ]
    page = here.get(CLERK, here.brought(CLERK, exported)).text
    assert "the export it was made from" in page
    assert re.findall(r'<ul class="sums".*?</ul>', page, re.DOTALL)[0].count("<li>") == 1
    assert "1 in the text already" in page


def test_a_file_longer_than_is_compared_is_refused_with_what_to_do(here: Table) -> None:
    answer = here.hand_in(EXPERT, docx(*(p(run("word " * 500)) for _ in range(MAX_CHARACTERS // 2500 + 1))))
    assert answer.status_code == 422
    assert "bring it in by parts" in answer.text
