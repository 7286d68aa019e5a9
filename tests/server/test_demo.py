"""The demonstration keeps what its page promises: five Opinions, played through the real room, in every state;
and nobody who opens its register, ledger or consultation finds them empty.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crdt.gate import Gate
from opinions.brackets import extents
from opinions.model import Kind
from opinions.record import CHAIR, Alternatives, AmendmentKind, Call, Document, ParagraphState, Status
from opinions.statuses import CallState
from server import log_store, serving
from server.app import create_app
from server.cli.plain import settings_of
from server.database import Database
from server.demo import consulting
from server.demo.build import found_demonstration
from server.demo.people import DELEGATIONS
from server.opinion_store import list_opinions, load_for_room
from server.process_store import load_process
from server.signing import load_key
from server.verify import verify
from tests.support.visitors import HOST, ORIGIN, PORT

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("demo")
    chosen = settings_of(data)
    serving.prepare(chosen)
    with Database(chosen) as database:
        key = load_key(chosen.signing_key_file)
        database.run(lambda connection: found_demonstration(connection, key, NOW))
    return data


@dataclass(frozen=True)
class Found:
    """An Opinion of the demonstration: its text and record, how many versions it has, how many drafts wait."""

    document: Document
    versions: int
    drafts: int


def texts(house: Path) -> dict[str, Found]:
    """By number."""
    found: dict[str, Found] = {}
    with Database.reading(settings_of(house)) as connection:
        assert load_process(connection).demo
        for row in list_opinions(connection):
            stored = load_for_room(connection, row.id)
            state = stored.document.snapshot
            assert state is not None
            document = Gate(1, "record", (state.state,)).view()
            drafts = [log.snapshot.state for log in stored.workspaces.values() if log.snapshot]
            views = [Gate(2, "drafts", (draft,)).view() for draft in drafts]
            kept = [a for view in views for a in view.record.amendments.values() if a.status is Status.DRAFT]
            versions = len(log_store.load_versions(connection, row.id))
            found[row.number] = Found(document, versions, len(kept))
    return found


def test_the_first_opinion_is_rich(house: Path) -> None:
    found = texts(house)["1"]
    document, amendments = found.document, found.document.record.amendments.values()
    assert found.versions == 2
    assert found.drafts >= 3
    assert len(document.text.paragraphs) >= 30
    assert len(amendments) + found.drafts >= 50
    assert len({amendment.delegation for amendment in amendments} - {CHAIR}) == 8
    statuses = Counter(amendment.status for amendment in amendments)
    for status in set(Status) - {Status.DRAFT}:
        assert statuses[status], status
    assert {amendment.kind for amendment in amendments} == set(AmendmentKind)
    states = {document.record.paragraph(paragraph.id).state for paragraph in document.text}
    assert states >= {ParagraphState(name) for name in ("base", "open", "agreed", "reopened", "agreed_ad_referendum")}
    calls = [one for one in document.record.table.values() if isinstance(one, Call)]
    assert {one.state for one in calls} == {CallState.DECIDED}
    assert all(one.present and one.answers for one in calls)
    assert len([stance for one in amendments for stance in one.stances if stance.at]) >= 12
    assert any(isinstance(one, Alternatives) for one in document.record.table.values())
    assert document.record.opinion.sitting is not None
    places = extents(document)
    assert any(one.start[0] != one.end[0] for one in places), "no bracket over several paragraphs"


def test_the_other_four_are_small_with_a_handful_of_brackets(house: Path) -> None:
    found = texts(house)
    assert sorted(found) == ["1", "2", "3", "4", "5"]
    for number in "2345":
        document = found[number].document
        assert 15 <= len(document.text.paragraphs) <= 25
        assert 2 <= len(extents(document)) <= 8
        assert document.text.paragraphs[0].kind is Kind.TITLE


def test_no_real_party_appears() -> None:
    """Codes of ISO 3166's user-assigned range."""
    for party in DELEGATIONS:
        assert len(party.code) == 3
        assert party.code.startswith("X")


def test_its_logs_replay(house: Path) -> None:
    with Database.reading(settings_of(house)) as connection:
        verdicts = list(verify(connection))
    assert len(verdicts) > 5
    assert [finding for verdict in verdicts for finding in verdict.findings] == []


@pytest.fixture(scope="module")
def ask(house: Path) -> Iterator[Callable[[str, str], str]]:
    """What a page says to a persona; to nobody, where none is named."""
    app = create_app(replace(settings_of(house), port=PORT), demo=True)
    with TestClient(app, base_url=ORIGIN) as client:

        def page(persona: str, path: str) -> str:
            client.cookies.clear()
            host = f"{persona}.localhost:{PORT}" if persona else HOST
            answer = client.get(path, headers={"host": host, "accept": "text/html"}, follow_redirects=True)
            assert answer.status_code == 200, answer.text
            return answer.text

        yield page


def test_its_register_shows_each_remark_and_who_proposes(ask: Callable[[str, str], str]) -> None:
    page = ask("alvania", "/contributions?show=all")
    for words in ("IEG-WTPF-26-5/1", "IEG-WTPF-26-5/2(Rev.1)", "IEG-WTPF-26-5/3", "University of Tarn"):
        assert words in page
    for remark in ("Late", "5 pages: more than the 3 recommended"):
        assert remark in page
    assert re.search(r"IEG-WTPF-26-5/2(?!\()", page), "the edition before the revision is still listed"
    compiled = ask("alvania", "/opinions/opinion-3/compilation")
    assert "emergency and health services" in compiled


def test_its_consultation_has_comments_in_three_languages_and_one_that_waits(ask: Callable[[str, str], str]) -> None:
    inside = link(ask("secretariat", "/consultation"), "/consultation/r-")
    text = ask("secretariat", f"{inside}/opinions/opinion-1")
    for words in (consulting.ARABIC, "Les centres de sant", "Employers could be named", "Noted"):
        assert words in text
    public = ask("", inside.replace("/consultation/", "/consultations/"))
    assert consulting.ARABIC in public
    assert "Layla Sarhan" in public
    assert "Otto Grau" not in public
    assert "Small villages" not in public, "a comment of the public was shown before the secretariat admitted it"
    assert "Small villages" in ask("secretariat", f"{inside}/moderation")


def test_its_ledger_has_every_opinion(ask: Callable[[str, str], str]) -> None:
    page = ask("alvania", "/ledger")
    for number in "12345":
        assert f"/ledger/opinion-{number}" in page


def link(page: str, beginning: str) -> str:
    """The first link of a page that begins so."""
    found = re.search(rf'href="({re.escape(beginning)}[^"/?]*)"', page)
    assert found is not None, page
    return found[1]
