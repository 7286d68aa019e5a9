"""The scripted year: 170 experts nominated, draft Opinions presented, four drafts, 35 contributions, two consultations,
three meetings. At the end every comment and every proposal is found at its paragraph, with its number.
"""

import html
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, select

from opinions.model import Kind, Paragraph, ParagraphId
from opinions.numbering import citations
from opinions.record import AmendmentKind, Document, Status
from opinions.roles import Actor, Role
from server.contributions import items, store
from server.contributions.values import ItemKind, ItemStatus
from server.ids import new_id
from server.people_store import all_members
from server.session_store import start_session
from server.settings import Settings
from server.tables import versions
from server.tables.consultation import comments as comment_rows
from server.verify import verify
from tests.support.consulting import command, confirmed, put_up
from tests.support.visitors import House, house
from tests.year.calendar import (
    CONTRIBUTIONS,
    DRAFTS,
    EXPERTS,
    MEETINGS,
    MEMBER_COMMENTS,
    PUBLIC_COMMENTS,
    TEXT,
    Nominee,
    nominees,
    parties,
    proposals,
)
from tests.year.elsewhere import elsewhere

SEED = int(os.environ.get("UNBRACKET_TEST_YEAR", "20260609"))
"""Another year is another number in the environment."""
TITLES = ("Bridging divides", "Green transformation", "Resilience")
TEXT_KINDS = frozenset({Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM})


@dataclass(slots=True)
class Year:
    """The house of the year, and what was handed in and said in it."""

    running: House
    random: Random = field(default_factory=lambda: Random(SEED))
    opinions: list[str] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    """Contribution by its number."""
    comments: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Comment id to Opinion, number and words."""
    rounds: list[str] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict)

    parts: dict[ParagraphId, ParagraphId] = field(default_factory=dict)
    """Paragraphs that splits made, each with the one it was cut from."""

    def line_of(self, paragraph: ParagraphId) -> set[ParagraphId]:
        """A paragraph, with those that it was cut from."""
        line = {paragraph}
        while (paragraph := self.parts.get(paragraph, paragraph)) not in line:
            line.add(paragraph)
        return line

    def document(self, opinion: str) -> Document:
        """The living text of an Opinion."""
        assert self.running.client.portal is not None
        return self.running.client.portal.call(self.running.services.hub.document, opinion)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The year, from the first nomination to the last freeze."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("year") / "data")) as running:
        made = Year(running)
        nominate_all(made)
        present_all(made)
        for number in range(1, DRAFTS + 1):
            contribute(made, number)
            if number <= MEETINGS:
                meet(made)
            freeze_all(made, number)
            if number in (2, 3):
                consult(made, number)
        yield made


# --- what happens


def nominate_all(year: Year) -> None:
    """Every delegation nominates five, by the form; the secretariat approves all."""
    running = year.running
    for party in parties():
        form = {"code": party.code, "name": party.name, "kind": party.kind.value, "region": party.region.value}
        assert running.post("m-sec", "/delegations/new", form).status_code == 303, party
    by_delegation: dict[str, list[Nominee]] = {}
    for one in nominees():
        by_delegation.setdefault(one.delegation, []).append(one)
    for code, wanted in by_delegation.items():
        form = {"delegation": code}
        for place, one in enumerate(wanted):
            form |= {f"name-{place}": one.name, f"entity-{place}": "", f"email-{place}": one.email}
            form[f"role-{place}"] = one.role
        answer = running.post("m-sec", "/nominate", form)
        assert answer.status_code == 200, answer.text
    waiting = re.findall(r'action="(/nominations/[^"/]+/approval)"', running.get("m-sec", "/nominations").text)
    assert len(waiting) == EXPERTS
    for path in waiting:
        assert running.post("m-sec", path).status_code in {200, 303}
    members = running.write(all_members)
    now = datetime.now(UTC)
    for member in members:
        code = member.delegation or ""
        if code.startswith("Y") and code not in year.sessions:
            begin = partial(start_session, member_id=member.id, now=now, lifetime=timedelta(days=1))
            year.sessions[code] = running.write(begin)


def present_all(year: Year) -> None:
    """Three draft Opinions: an outline, a possible text, then on the table under the same id."""
    running = year.running
    for number, title in enumerate(TITLES, 1):
        words = TEXT.format(number=number, title=title.upper())
        form = {"title": title, "words": "What it is about.", "stage": "outline", "delegations": ["YAA", "YAB"]}
        made = running.post("m-sec", "/ledger/present", {**form, "document": f"IEG-WTPF-26-1/{90 + number}"})
        assert made.status_code == 303, made.text
        draft = made.headers["location"].split("?")[0].rsplit("/", 1)[1]
        second = {**form, "stage": "text", "words": words, "draft": draft, "document": f"IEG-WTPF-26-1/{80 + number}"}
        assert running.post("m-sec", "/ledger/present", second).status_code == 303
        tabled = running.post(
            "m-sec", f"/ledger/{draft}/table", {"title": title, "number": str(number), "theme": title, "text": words}
        )
        assert tabled.status_code == 303, tabled.text
        running.post("m-sec", f"/opinions/{draft}/chair", {"chair": "m-chair"})
        year.opinions.append(draft)


def contribute(year: Year, draft: int) -> None:
    """Contributions before a draft: handed in by their delegations, numbered, read paragraph by paragraph, entered."""
    share = [CONTRIBUTIONS // DRAFTS + (n < CONTRIBUTIONS % DRAFTS) for n in range(DRAFTS)][draft - 1]
    codes = [party.code for party in parties()]
    for place in range(1, share + 1):
        code = year.random.choice(codes)
        key = hand_in(year, code, f"Contribution {draft}/{place}")
        number = f"IEG-WTPF-26-{draft}/{place}"
        assert year.running.post("m-sec", f"/contributions/{key}/number", {"number": number}).status_code == 303
        year.numbers[number] = key
        for opinion in year.random.sample(year.opinions, 2):
            note_and_enter(year, key, code, opinion)


def hand_in(year: Year, code: str, title: str) -> str:
    """The id of a contribution that a delegation hands in with its file."""
    answer = year.running.ask(
        None,
        "POST",
        "/contributions/new",
        token=year.sessions[code],
        data={"title": title, "language": "English", "pages": str(year.random.randint(1, 6))},
        files={"file": ("paper.txt", b"As the form says.", "text/plain")},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]


def note_and_enter(year: Year, key: str, code: str, opinion: str) -> None:
    """What a contribution says of one paragraph of an Opinion: views are noted, proposals are entered on behalf."""
    running, document = year.running, year.document(opinion)
    chosen = year.random.choice([one for one in document.text if one.kind in TEXT_KINDS and one.added is None])
    views = code in {"YUA", "YUB", "YOA"}
    clean = "".join(run.text for run in chosen.runs if not run.marks)
    wanted = (
        [("view", "", f"We see this otherwise, {key}.")]
        if views
        else [(one.kind, one.was, one.words) for one in proposals(year.random, clean or chosen.text)]
    )
    for kind, was, words in wanted:
        form = {"opinion": opinion, "paragraph": chosen.id, "kind": kind, "was": was, "words": words, "reason": "So."}
        answer = running.post("m-sec", f"/contributions/{key}/proposals", {**form, "delegation": code})
        # Words that a proposal before struck or parted are not there as they were: then they are noted by hand.
        assert answer.status_code in {303, 422}, answer.text
    if not views:
        listed = running.write(lambda c: items.items_of(c, key))
        for one in listed:
            if one.anchor.opinion == opinion:
                running.post("m-sec", f"/contributions/{key}/entering", {"item": [one.id], "step": "enter"})


def meet(year: Year) -> None:
    """A meeting: outcomes on half of what is pending, a paragraph moved, one split."""
    running = year.running
    for opinion in year.opinions:
        pending = [one for one in year.document(opinion).record.amendments.values() if one.status is Status.SUBMITTED]
        for one in pending[::2]:
            now = year.document(opinion).amendment(one.id)
            if now is None or now.status is not Status.SUBMITTED:
                continue
            ruling = (
                "not_retained"
                if now.kind in {AmendmentKind.SUP, AmendmentKind.BRACKET}
                else year.random.choice(("agreed", "agreed_ad_referendum", "set_aside", "not_retained"))
            )
            if now.kind is AmendmentKind.BRACKET:
                ruling = "agreed"
            record(running, opinion, now.id, now.revision, ruling)
        found = [one for one in year.document(opinion).text if one.kind is Kind.OPERATIVE_ITEM and one.added is None]
        verb = next(one.id for one in year.document(opinion).text if one.kind is Kind.OPERATIVE_VERB)
        command(running, "m-sec", opinion, act="move_paragraph", paragraph=found[-1].id, after=verb)
        plain = next(
            (one for one in found if len(one.runs) == 1 and not one.runs[0].marks and " " in one.text.strip()), None
        )
        if plain is not None:
            at = plain.text.index(" ") + 1
            part = ParagraphId(f"p-{opinion[2:]}-{year.random.randint(10**6, 10**7)}")
            year.parts[part] = plain.id
            split = {"paragraph": plain.id, "at": at, "new_paragraph": part, "was": plain.text[:at]}
            command(running, "m-sec", opinion, act="split_paragraph", **split)


def unmarked(paragraph: Paragraph) -> bool:
    """Whether a paragraph holds nothing but settled words."""
    return len(paragraph.runs) == 1 and not paragraph.runs[0].marks


def record(running: House, opinion: str, amendment: str, revision: int, ruling: str) -> None:
    """The chair's outcome on an amendment; one that cannot be agreed as it stands stays pending."""
    fields = {"act": "record_outcome", "amendment": amendment, "revision": revision, "ruling": ruling, "words": ""}
    assert running.client.portal is not None
    actor = Actor("m-chair", "Rosa Chair", Role.CHAIR)
    running.client.portal.call(running.services.hub.command, opinion, actor, None, "", new_id("k-"), fields)


def freeze_all(year: Year, number: int) -> None:
    """The next draft of every Opinion."""
    for opinion in year.opinions:
        command(year.running, "m-chair", opinion, act="freeze", label=f"Draft {number}", seen_seq=10**6)


def consult(year: Year, number: int) -> None:
    """A round on the drafts just frozen: members comment signed in, the public by its form."""
    running = year.running
    round_id = put_up(running, name=f"Round {number}", text=[f"{one}/{number}" for one in year.opinions])
    year.rounds.append(round_id)
    codes = [party.code for party in parties()]
    for place in range(MEMBER_COMMENTS):
        opinion = year.random.choice(year.opinions)
        paragraph = year.random.choice([one for one in year.document(opinion).text if one.added is None])
        words = f"Comment {number}.{place} of a member."
        answer = running.ask(
            None,
            "POST",
            f"/consultation/{round_id}/opinions/{opinion}/comment",
            token=year.sessions[year.random.choice(codes)],
            data={"paragraph": paragraph.id, "language": "English", "body": words, "proposed": ""},
            files=[("files", ("", b""))],
        )
        assert answer.status_code == 303, answer.text
        keep(year, words, opinion)
    for place in range(PUBLIC_COMMENTS):
        opinion = year.random.choice(year.opinions)
        paragraph = year.random.choice([one for one in year.document(opinion).text if one.added is None])
        words = f"Comment {number}.{place} of the public."
        email = f"public{number}{place}@example.net"
        made = confirmed(running, round_id, opinion=opinion, paragraph=paragraph.id, body=words, email=email)
        answer = running.post("m-sec", f"/consultation/{round_id}/moderation", {"comment": [made], "act": "show"})
        assert answer.status_code == 303, answer.text
        keep(year, words, opinion)


def keep(year: Year, words: str, opinion: str) -> None:
    """Remember a comment by what it says."""

    def look(connection: Connection) -> tuple[str, int]:
        chosen = select(comment_rows.c.id, comment_rows.c.number).where(comment_rows.c.body == words)
        row = connection.execute(chosen).one()
        return row.id, row.number

    key, number = year.running.write(look)
    year.comments[key] = (opinion, f"C-{number}", words)


# --- what is found at the end


def told(year: Year, page: str) -> dict[str, str]:
    """A page of each Opinion, as it reads."""
    found = {one: year.running.get("m-xaa-1", f"/opinions/{one}/{page}") for one in year.opinions}
    assert all(answer.status_code == 200 for answer in found.values())
    return {one: html.unescape(answer.text) for one, answer in found.items()}


def test_all_who_were_nominated_are_there(year: Year) -> None:
    names = {one.name for one in year.running.write(all_members)}
    wanted = {one.name for one in nominees()}
    assert len(wanted) == EXPERTS
    assert wanted <= names
    assert (
        str(EXPERTS) in year.running.get("m-sec", "/balance").text
        or "Europe" in year.running.get("m-sec", "/balance").text
    )


def test_every_contribution_is_on_the_register_with_its_number(year: Year) -> None:
    assert len(year.numbers) == CONTRIBUTIONS
    page = year.running.get("m-xaa-1", "/contributions").text
    assert [number for number in year.numbers if number not in page] == []


def test_every_proposal_is_found_at_its_paragraph_with_its_number(year: Year) -> None:
    pages = {
        one: html.unescape(year.running.get("m-xaa-1", f"/opinions/{one}/compilation").text) for one in year.opinions
    }
    entered = 0
    for number, key in year.numbers.items():
        contribution = year.running.write(partial(store.load, key=key))
        assert contribution.spelling == number
        for item in year.running.write(partial(items.items_of, contribution=key)):
            assert number in pages[item.anchor.opinion], f"{number} is not in the compilation"
            if item.status is ItemStatus.ENTERED:
                entered += 1
                document = year.document(item.anchor.opinion)
                assert item.amendment is not None
                amendment = document.amendment(item.amendment)
                assert amendment is not None, f"{number}: its amendment is not on record"
                assert number in amendment.source.split(", ") or number in amendment.source
                assert amendment.delegation == item.delegation
                cited = citations(document)
                standing = document.text.find(amendment.paragraph) is not None
                assert standing or amendment.removed or amendment.status is not Status.SUBMITTED, (number, cited)
    assert entered >= CONTRIBUTIONS


def test_every_comment_is_found_with_its_number_at_its_paragraph_or_as_gone(year: Year) -> None:
    pages = told(year, "comments")
    assert len(year.comments) == 2 * (MEMBER_COMMENTS + PUBLIC_COMMENTS)
    for opinion, number, words in year.comments.values():
        assert words in pages[opinion], f"{number} is lost"
        assert re.search(rf"{number}\b", pages[opinion])


def paragraph_of(connection: Connection, key: str) -> ParagraphId:
    """The paragraph that a comment was made on."""
    return ParagraphId(str(connection.scalar(select(comment_rows.c.paragraph).where(comment_rows.c.id == key))))


def test_comments_and_proposals_stand_behind_their_own_paragraph(year: Year) -> None:
    """Where the paragraph is still in the text, what was said of it comes after its words, before the next one's."""
    comments, compiled = told(year, "comments"), told(year, "compilation")
    stood = 0
    for opinion in year.opinions:
        document = year.document(opinion)
        said = [
            (comments[opinion], year.running.write(partial(paragraph_of, key=key)), words)
            for key, (of, _, words) in year.comments.items()
            if of == opinion
        ]
        for key in year.numbers.values():
            for item in year.running.write(partial(items.items_of, contribution=key)):
                # What is to be added stands after its neighbour, and moves on once it is in the text itself.
                if item.anchor.opinion == opinion and item.kind is not ItemKind.ADD and item.anchor.paragraph:
                    said.append((compiled[opinion], item.anchor.paragraph, f'id="said-{item.id}"'))
        for page, paragraph, words in said:
            starts = {one.id: page.find(f'id="{one.id}"') for one in document.text}
            # Words that a split took along are behind the part that has them now.
            own = [start for one, start in starts.items() if start >= 0 and paragraph in year.line_of(one)]
            if not own:
                continue
            stood += 1
            at = page.index(words)
            before = max((start for start in starts.values() if start < at), default=-1)
            assert before in own, words
    assert stood > CONTRIBUTIONS + MEMBER_COMMENTS


def test_every_draft_of_every_opinion_was_frozen_and_the_logs_agree(year: Year) -> None:
    def look(connection: Connection) -> tuple[Mapping[str, int], list[str]]:
        rows = connection.execute(select(versions.c.opinion, versions.c.number)).all()
        counted: dict[str, int] = {}
        for row in rows:
            counted[row.opinion] = counted.get(row.opinion, 0) + 1
        return counted, [finding for one in verify(connection) for finding in one.findings]

    counted, findings = year.running.write(look)
    assert findings == []
    assert [counted[one] for one in year.opinions] == [DRAFTS] * len(year.opinions)


def test_the_ledger_knows_when_each_draft_opinion_came(year: Year) -> None:
    page = html.unescape(year.running.get("m-obs", "/ledger").text)
    for number, title in enumerate(TITLES, 1):
        assert title in page
        assert f"IEG-WTPF-26-1/{90 + number}" in page or f"IEG-WTPF-26-1/{80 + number}" in page


def test_the_year_goes_to_another_server_whole_and_without_people_nobody_is_named(year: Year, tmp_path: Path) -> None:
    """[process file] What the file holds is what is there again: papers, comments, ledger, logs, versions."""
    told = elsewhere(year.running, tmp_path / "there", with_people=True)
    assert told.findings == []
    for name in {*told.sent, *told.there} - {"audit_events", "keys", "key_rotations"}:
        assert told.there[name] == told.sent[name], name
    # The key of the server that it came to says in the record whose keys it took over.
    sent, brought = told.sent["key_rotations"], told.there["key_rotations"]
    assert brought[: len(sent)] == sent
    assert [json.loads(str(one["record"]))["kind"] for one in brought[len(sent) :]] == ["brought"]
    counted = {name: len(rows) for name, rows in told.there.items()}
    assert counted["contributions"] == CONTRIBUTIONS
    assert counted["comments"] == 2 * (MEMBER_COMMENTS + PUBLIC_COMMENTS)
    assert counted["versions"] == DRAFTS * len(TITLES)
    assert counted["nominations"] == EXPERTS
    assert counted["eligibility_events"] >= 3 * len(TITLES)
    assert counted["contribution_files"] == CONTRIBUTIONS

    aside = elsewhere(year.running, tmp_path / "aside", with_people=False)
    assert aside.findings == []
    assert {row["id"] for row in aside.there["contributions"]} == set(year.numbers.values())
    assert aside.texts_there == aside.texts_sent
    names = [*(one.name for one in nominees()), *(one.email for one in nominees())]
    names += [f"public{number}{place}@example.net" for number in (2, 3) for place in range(PUBLIC_COMMENTS)]
    assert [name for name in names if name in aside.content] == []
    assert len([name for name in names if name in told.content]) == len(names)
