"""Draft Opinions presented, put on the table, merged, split - and the eligibility ledger that tells it all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import DatabaseError

from opinions.model import DelegationCode
from opinions.process_rules import ProcessRules
from opinions.visibility import Attribution
from server.database import Database
from server.identity.proof import PROOF_LIFETIME
from server.ids import new_id
from server.people_store import require_member
from server.presenting import acts, ledger
from server.presenting.ledger import Draft, Event, State, Step, drafts
from server.process_store import OpinionTooLate, found_opinion, load_process, save_process
from server.settings import Settings
from server.tables.identity import passkeys
from server.tables.papers import eligibility_events
from tests.server.test_contributions import entered, handed_in, noted, registered
from tests.support import ceremonies
from tests.support.builders import document, paragraph
from tests.support.services import BOTH
from tests.support.stock import ITEM, OPINION, SECOND
from tests.support.visitors import House, house

DATABASES = BOTH
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
WORDS = "OPINION 6: SATELLITES\n\nconsidering\n\na) that [all] skies are one,\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("presenting") / "data")) as started:
        yield started


def presented(running: House, who: str = "m-xaa-1", **fields: Any) -> Draft:
    """A draft as presented by a form."""
    form = {"title": "Satellites", "stage": "outline", "words": "Skies are one.", "document": "CL-26/9", **fields}
    answer = running.post(who, "/ledger/present", form)
    assert answer.status_code == 303, answer.text
    return draft(running, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])


def draft(running: House, key: str) -> Draft:
    return next(one for one in running.write(ledger.all_drafts) if one.id == key)


def tabled(running: House, title: str) -> str:
    """The id of a draft that was presented and put on the table."""
    one = presented(running, title=title, stage="text", words=WORDS)
    assert running.post("m-sec", f"/ledger/{one.id}/table", {"title": title, "text": WORDS}).status_code == 303
    return one.id


def due(running: House, at: datetime | None) -> None:
    running.write(lambda c: save_process(c, replace(load_process(c), rules=ProcessRules(opinions_due=at))))


def test_what_is_on_the_table_is_on_the_ledger_from_its_founding(running: House) -> None:
    found = {one.id: one for one in running.write(ledger.all_drafts)}
    assert {OPINION, SECOND} <= set(found)
    assert {(found[one].state, found[one].eligible) for one in (OPINION, SECOND)} == {(State.ON_THE_TABLE, True)}
    for who in ("m-obs", "m-views", "m-admin", "m-xaa-1", "m-sec"):
        assert "Broadband for all" in running.get(who, "/ledger").text


def test_a_draft_is_presented_in_stages_and_tabled_under_its_id(running: House) -> None:
    one = presented(running)
    assert (one.state, one.delegations, one.document, one.eligible) == (State.PRESENTED, ("XAA",), "CL-26/9", True)
    presented(running, draft=one.id, stage="text", words=WORDS, document="CL-26/12")
    presented(running, "m-xbb-1", draft=one.id, stage="title", title="Satellites and skies", words="")
    after = draft(running, one.id)
    assert [event.step for event in after.stages] == [Step.OUTLINE, Step.TEXT, Step.TITLE]
    assert (after.title, after.words, after.delegations) == ("Satellites and skies", WORDS.strip(), ("XAA", "XBB"))
    assert "that [all] skies are one" in running.get("m-sec", f"/ledger/{one.id}/table").text
    form = {"title": "Satellites and skies", "text": WORDS}
    assert running.post("m-sec", f"/ledger/{one.id}/table", form).status_code == 303
    tabled = draft(running, one.id)
    assert tabled.state is State.ON_THE_TABLE
    assert tabled.entered_at == one.entered_at
    page = running.get("m-xaa-1", f"/opinions/{one.id}/views/rolling").text
    assert "skies are one" in page
    assert running.post("m-sec", f"/ledger/{one.id}/table", form).status_code == 422
    again = {"title": "x", "stage": "title", "draft": one.id}
    assert running.post("m-xaa-1", "/ledger/present", again).status_code == 422


def test_a_draft_that_comes_late_is_kept_and_never_tabled(running: House) -> None:
    """[S1 resolves 10]"""
    intime = presented(running, title="In time")
    due(running, datetime.now(UTC) - timedelta(minutes=1))
    late = presented(running, title="Late")
    assert not late.eligible
    assert "kept as a contribution" in running.get("m-obs", f"/ledger/{late.id}").text
    answer = running.post("m-sec", f"/ledger/{late.id}/table", {"title": "Late", "text": WORDS})
    assert answer.status_code == 422
    assert "not considered as an Opinion for adoption" in answer.text
    merged = {"draft": [intime.id, late.id], "title": "Both", "text": WORDS, "note": "Alike."}
    assert running.post("m-sec", "/ledger/merge", merged).status_code == 422
    split = {"title": "Part", "text": WORDS, "note": "Long."}
    assert running.post("m-sec", f"/ledger/{late.id}/split", split).status_code == 422
    founded = running.post("m-sec", "/opinions/new", {"title": "Late", "text": "", "step": "found"})
    assert founded.status_code == 422
    assert "ledger" in founded.text
    # What was presented in time goes on: its text may come later, and it may be tabled.
    presented(running, draft=intime.id, stage="text", words=WORDS)
    kept = draft(running, intime.id)
    assert (kept.eligible, [event.late for event in kept.events]) == (True, [False, True])
    assert running.post("m-sec", f"/ledger/{intime.id}/table", {"title": "In time", "text": WORDS}).status_code == 303
    due(running, None)


@pytest.mark.parametrize(("beside", "in_time"), [(timedelta(microseconds=-1), True), (timedelta(), False)])
def test_ru2_the_window_is_open_up_to_its_instant(running: House, beside: timedelta, in_time: bool) -> None:
    """[RU2] Presented or founded at the instant itself is too late."""
    at = datetime(2026, 4, 13, 22, tzinfo=UTC)
    title = f"At the edge, {'before' if in_time else 'on'} it"
    due(running, at)
    try:
        rules = running.write(load_process).rules
        given = acts.Presented(Step.OUTLINE, title, "Skies are one.", (DelegationCode("XAA"),))
        member = running.write(lambda c: require_member(c, "m-xaa-1"))
        made = running.write(lambda c: acts.present(c, rules, given, member, at + beside))
        assert (made.eligible, bool(made.contribution)) == (in_time, not in_time)

        def found(connection: Connection) -> str:
            text = document(paragraph("par-0001", "That skies are one."))
            when = at + beside
            return found_opinion(
                connection, text, title=f"{title}, founded", member="m-sec", name="Sam Clerk", at=when
            ).id

        if in_time:
            assert draft(running, running.write(found)).eligible
        else:
            with pytest.raises(OpinionTooLate):
                running.write(found)
    finally:
        due(running, None)


def test_two_opinions_merge_into_one_and_stay_readable_and_closed(running: House) -> None:
    first, second = tabled(running, "Broadband"), tabled(running, "Space")
    page = running.get("m-sec", f"/ledger/merge?draft={first}&draft={second}").text
    assert page.count("skies are one,") == 2
    form = {
        "draft": [first, second],
        "title": "Broadband and space",
        "text": WORDS,
        "note": "One theme.",
    }
    assert running.post("m-sec", "/ledger/merge", {**form, "note": ""}).status_code == 422
    answer = running.post("m-sec", "/ledger/merge", form)
    assert answer.status_code == 303, answer.text
    merged = draft(running, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    assert (merged.origins, merged.state, merged.eligible) == ((first, second), State.ON_THE_TABLE, True)
    for key in (first, second):
        assert (draft(running, key).state, draft(running, key).into) == (State.MERGED, merged.id)
        assert running.get("m-xaa-1", f"/opinions/{key}/views/rolling").status_code == 200
        command = {"act": "split_paragraph", "paragraph": "p-x", "at": 1, "new_paragraph": "p-y", "key": new_id("k")}
        answer = running.ask("m-sec", "POST", f"/api/opinions/{key}/commands", json=command)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    history = running.get("m-obs", f"/ledger/{merged.id}").text
    assert "Made by merging" in history
    assert "One theme." in history
    assert running.post("m-sec", "/ledger/merge", form).status_code == 422
    assert "Closed" in running.get("m-sec", "/").text
    # The forum considers the one they were merged into.
    assert f'into <a href="/ledger/{merged.id}">' in running.get("m-obs", "/forum").text
    refused = running.post("m-sec", f"/opinions/{first}/forum", {"version": "1"})
    assert refused.status_code == 422
    assert "considered in its place" in refused.text
    # Closing again, where it failed, closes nothing else.
    assert running.post("m-sec", f"/ledger/{first}/close").status_code == 303
    assert running.post("m-sec", f"/ledger/{merged.id}/close").status_code == 409
    assert "Closed for writing" in running.get("m-obs", f"/ledger/{first}").text


def test_merging_and_closing_for_good_wait_for_the_proof(running: House) -> None:
    """As a freeze does: an Opinion that is closed is opened by nobody."""
    first, second = tabled(running, "Grave one"), tabled(running, "Grave two")
    device = ceremonies.registered(running, "m-sec")
    ceremonies.proved_at(running, "m-sec", datetime.now(UTC) - PROOF_LIFETIME)
    form = {"draft": [first, second], "title": "Grave", "text": WORDS, "note": "One theme."}
    waits = running.post("m-sec", "/ledger/merge", form)
    assert (waits.status_code, "Confirm that it is you" in waits.text) == (403, True)
    assert waits.text.count('name="draft"') == 2, "what was posted is kept"
    assert draft(running, first).state is State.ON_THE_TABLE
    command = {"act": "close_opinion", "note": "For good.", "key": new_id("k")}
    told = ceremonies.post_json(running, "m-sec", f"/api/opinions/{first}/commands", command)
    assert (told.status_code, told.json()["code"]) == (403, "proof-needed")
    assert ceremonies.confirmed(running, "m-sec", device).status_code == 200
    assert running.post("m-sec", "/ledger/merge", form).status_code == 303
    ceremonies.proved_at(running, "m-sec", datetime.now(UTC) - PROOF_LIFETIME)
    assert running.post("m-sec", f"/ledger/{first}/close").status_code == 403
    running.write(lambda c: c.execute(delete(passkeys)))


def test_two_presented_drafts_merge_before_they_are_tabled(running: House) -> None:
    one, two = presented(running), presented(running, "m-xbb-1", title="Skies", document="CL-26/10")
    form = {"draft": [one.id, two.id], "title": "Satellites and skies", "text": WORDS, "note": "Alike."}
    answer = running.post("m-sec", "/ledger/merge", form)
    merged = draft(running, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    assert (merged.state, merged.delegations) == (State.PRESENTED, ("XAA", "XBB"))
    assert merged.entered_at == one.entered_at
    assert merged.document == "CL-26/9, CL-26/10"
    assert running.post("m-sec", f"/ledger/{merged.id}/table", {"title": "Both", "text": WORDS}).status_code == 303


def test_a_draft_is_split_and_the_first_goes_on(running: House) -> None:
    first = tabled(running, "Fibre")
    form = {"title": "Rural broadband", "text": WORDS, "note": "Two matters."}
    answer = running.post("m-sec", f"/ledger/{first}/split", form)
    assert answer.status_code == 303, answer.text
    second = draft(running, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    assert (second.origins, second.state, second.eligible) == ((first,), State.ON_THE_TABLE, True)
    assert second.entered_at == draft(running, first).entered_at
    assert draft(running, first).state is State.ON_THE_TABLE
    assert "Split" in running.get("m-obs", f"/ledger/{first}").text


def test_who_gives_views_presents_no_draft(running: House) -> None:
    form = {"title": "Satellites", "stage": "outline", "words": "x", "delegations": ["XUU"]}
    assert running.post("m-views", "/ledger/present", form).status_code == 403
    answer = running.post("m-sec", "/ledger/present", form)
    assert answer.status_code == 422
    assert "gives views" in answer.text
    mine = presented(running, delegations=["XBB"])
    assert mine.delegations == ("XAA",)


def test_observers_are_shown_what_the_process_shows(running: House) -> None:
    one = presented(running, words="Words of the outline.")
    assert "Words of the outline." in running.get("m-obs", f"/ledger/{one.id}").text
    running.write(lambda c: save_process(c, replace(load_process(c), attribution=Attribution.DELEGATIONS)))
    page = running.get("m-obs", f"/ledger/{one.id}").text
    assert "Words of the outline." not in page
    assert "XAA" not in page
    assert "XAA" not in running.get("m-obs", "/ledger.csv").text
    assert "XAA" in running.get("m-sec", "/ledger.csv").text
    running.write(lambda c: save_process(c, replace(load_process(c), attribution=Attribution.ALL)))


def test_what_does_not_fit_is_told_by_field(running: House) -> None:
    for form, field in (
        ({"title": ""}, "title"),
        ({"words": ""}, "words"),
        ({"words": "\x01"}, "words"),
        ({"stage": "verse"}, "stage"),
        ({"document": "x" * 99}, "document"),
    ):
        sent = {"title": "Satellites", "stage": "text", "words": "x", **form}
        answer = running.post("m-xaa-1", "/ledger/present", sent)
        assert answer.status_code == 422, form
        assert f'href="#field-{field}"' in answer.text, form
    unknown = {"title": "x", "stage": "title", "draft": "o-none"}
    assert running.post("m-xaa-1", "/ledger/present", unknown).status_code == 404
    assert running.get("m-sec", "/ledger/merge?draft=o-none&draft=o-other").status_code == 200
    assert (
        running.post("m-sec", "/ledger/merge", {"draft": [OPINION, OPINION], "title": "x", "note": "y"}).status_code
        == 422
    )


def test_the_ledger_only_grows(database: Database) -> None:
    event = Event(Step.OUTLINE, "o-one", "One", AT, delegations=(), due_at=AT, late=True, note="n")
    database.run(lambda connection: ledger.append(connection, event))
    or_replace = "OR REPLACE " if database.run(lambda c: c.dialect.name) == "sqlite" else ""
    for statement in (
        update(eligibility_events).values(late=False),
        delete(eligibility_events),
        text(
            f"INSERT {or_replace}INTO eligibility_events (id, at, kind, draft, title) "
            "VALUES (1, '2026-01-05', 'text', 'o', 't')"
        ),
    ):
        with pytest.raises(DatabaseError):
            database.run(lambda connection, one=statement: connection.execute(one))  # type: ignore[misc]
    assert database.run(ledger.all_events) == (event,)


def test_both_databases_keep_the_register_and_the_ledger(settings: Settings) -> None:
    with house(settings) as running:
        key = registered(running, "C13/64", opinions=OPINION)
        again = handed_in(running)
        number = {"number": "C13/064-E"}
        assert running.post("m-sec", f"/contributions/{again}/number", number).status_code == 422
        one = noted(running, key, OPINION, paragraph=ITEM, kind="replace", was="some of those", words="all")
        assert entered(running, key, one).status_code == 303
        assert "#1: Submitted" in running.get("m-obs", f"/opinions/{OPINION}/compilation").text
        form = {"draft": [OPINION, SECOND], "title": "One", "text": WORDS, "note": "One theme."}
        assert running.post("m-sec", "/ledger/merge", form).status_code == 303
        assert draft(running, OPINION).state is State.MERGED
        assert running.post("m-sec", "/ledger/merge", form).status_code == 422


events = st.lists(
    st.tuples(st.sampled_from(Step), st.sampled_from("abc"), st.booleans(), st.sampled_from(["", "a", "b", "a b"])),
    max_size=20,
)


@given(events)
def test_any_history_can_be_told_and_every_line_of_it_is_kept(lines: list[tuple[Step, str, bool, str]]) -> None:
    told = [
        Event(step, key, f"Title {place}", AT + timedelta(hours=place), late=late, related=tuple(related.split()))
        for place, (step, key, late, related) in enumerate(lines)
    ]
    found = drafts(told)
    assert sorted(e.at for one in found for e in one.events) == [event.at for event in told]
    assert [one.id for one in found] == list(dict.fromkeys(event.draft for event in told))
    assert all(one.title == one.events[-1].title for one in found)
