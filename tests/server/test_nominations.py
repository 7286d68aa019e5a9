"""Nominations: by focal points and by a delegation's link; late ones taken and remarked; approved or declined."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select

from opinions.process_rules import ProcessRules
from opinions.roles import Role
from server.people_store import Member, all_members, change_member
from server.process_store import load_process, save_process
from server.roster.nominations import (
    LINK_GRACE,
    MAX_AT_ONCE,
    MAX_WAITING,
    Nomination,
    NominationRefused,
    Nominator,
    Wanted,
    all_nominations,
    issue_link,
    link_of,
    nominate,
)
from server.settings import Settings
from server.tables.identity import audit_events
from server.tables.people import nomination_links
from server.tables.post import letters
from tests.support.visitors import House, house

NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A mail server is named, so that letters are posted; nobody listens there."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("house") / "data", smtp_url="smtp://127.0.0.1:9?starttls=never"
    )
    with house(settings) as started:
        started.write(
            lambda c: change_member(c, "m-xbb-1", "Expert Borduria 1", Role.FOCAL_POINT, "XBB", "focal@example.org")
        )
        yield started


def person(place: int, name: str, email: str, role: str = "expert") -> dict[str, str]:
    return {f"name-{place}": name, f"email-{place}": email, f"role-{place}": role, f"entity-{place}": "Ministry"}


def waiting(running: House) -> dict[str, Nomination]:
    return {one.name: one for one in running.write(all_nominations) if one.state == "waiting"}


def rules_of(running: House, **changed: object) -> None:
    def change(connection: Connection) -> None:
        process = load_process(connection)
        save_process(connection, replace(process, rules=replace(process.rules, **changed)))  # type: ignore[arg-type]

    running.write(change)


def sent(running: House, kind: str) -> list[tuple[str, str]]:
    chosen = select(letters.c.recipient, letters.c.body).where(letters.c.kind == kind)
    return [(row.recipient, row.body) for row in running.write(lambda c: c.execute(chosen).all())]


def link_sent_to(running: House, recipient: str) -> str:
    body = next(body for address, body in sent(running, "nomination") if address == recipient)
    found = re.search(r"http://\S+(/nominate/\S+)", body)
    assert found
    return found[1]


def test_a_focal_point_nominates_several_and_gets_a_receipt(running: House) -> None:
    assert "Borduria" in running.get("m-xbb-1", "/nominate").text
    assert running.get("m-xaa-1", "/nominate").status_code == 403, "an expert nominates nobody"
    form = {**person(0, "Nina Berg", "nina@example.org"), **person(2, "Nils Berg", "nils@example.org", "observer")}
    answer = running.post("m-xbb-1", "/nominate", {**form, "delegation": "XAA"})
    assert "2 nominations received" in answer.text
    made = waiting(running)
    assert {(one.delegation, one.role, one.late) for one in made.values()} == {
        ("XBB", Role.EXPERT, False), ("XBB", Role.OBSERVER, False),
    }, "for the own delegation, whatever the form says"  # fmt: skip
    receipt = next(body for address, body in sent(running, "notice") if address == "focal@example.org")
    assert "Nina Berg, nina@example.org, Expert" in receipt


def test_what_does_not_fit_is_told_at_its_row_and_nothing_is_taken(running: House) -> None:
    rows = (("Good One", "good@example.org"), ("No Address", ""), ("", "x@example.org"))
    form = {key: value for n, row in enumerate(rows) for key, value in person(n, *row).items()}
    answer = running.post("m-xbb-1", "/nominate", form)
    assert answer.status_code == 422
    assert "Row 2: Give an e-mail address" in answer.text
    assert "Row 3: Give a name" in answer.text
    assert 'value="Good One"' in answer.text
    assert "Good One" not in waiting(running)
    assert running.post("m-xbb-1", "/nominate", {}).status_code == 422


def test_a_link_nominates_for_its_delegation_several_times_without_an_account(running: House) -> None:
    answer = running.post("m-sec", "/nominations/links", {"delegation": "XCC", "recipient": "contact@example.org"})
    assert answer.headers["location"] == "/nominations?done=link-sent"
    link = link_sent_to(running, "contact@example.org")
    page = running.get(None, link)
    assert "Cascadia" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    for number in range(2):
        form = {**person(0, f"Cara {'XY'[number]} Ahn", f"cara{number}@example.org"), "delegation": "XAA"}
        assert running.post(None, link, form).status_code == 200
    assert {waiting(running)[f"Cara {x} Ahn"].delegation for x in "XY"} == {"XCC"}
    assert len([one for one in sent(running, "notice") if one[0] == "contact@example.org"]) == 2
    assert "Used" in running.get("m-sec", "/nominations").text
    assert running.get(None, "/nominate/unknown").status_code == 410
    running.post("m-sec", "/nominations/links", {"delegation": "XCC", "recipient": "other@example.org"})
    assert running.get(None, link).status_code == 410, "a newer link ends it"
    tokens = running.write(lambda c: c.execute(select(nomination_links)).all())
    assert link.rsplit("/", 1)[1] not in str(tokens), "the token itself is nowhere"


def test_late_nominations_are_taken_and_remarked(running: House) -> None:
    rules_of(running, nominations_due=datetime.now(UTC) - timedelta(days=1))
    try:
        page = running.get("m-xbb-1", "/nominate")
        assert "still taken, and marked as late" in page.text
        answer = running.post("m-xbb-1", "/nominate", person(0, "Lara Late", "lara@example.org"))
        assert "marked as late" in answer.text
        assert waiting(running)["Lara Late"].late
        assert 'class="tag warn">late' in running.get("m-sec", "/nominations").text
    finally:
        rules_of(running, nominations_due=None)


def test_approved_one_is_a_member_and_invited_and_a_declined_one_is_told_why(running: House) -> None:
    form = {**person(0, "Ana Silva", "ana@example.org"), **person(1, "Bob Silva", "bob@example.org")}
    running.post("m-xbb-1", "/nominate", form)
    ana, bob = (waiting(running)[name].id for name in ("Ana Silva", "Bob Silva"))
    assert running.post("m-sec", f"/nominations/{ana}/approval").headers["location"] == "/nominations?done=approved"
    member: Member = next(one for one in running.write(all_members) if one.name == "Ana Silva")
    assert (member.role, member.delegation, member.email) == (Role.EXPERT, "XBB", "ana@example.org")
    assert [address for address, _ in sent(running, "invitation")] == ["ana@example.org"]
    assert running.post("m-sec", f"/nominations/{ana}/approval").status_code == 422, "once"
    assert running.post("m-sec", f"/nominations/{bob}/refusal", {"reason": " "}).status_code == 422
    running.post("m-sec", f"/nominations/{bob}/refusal", {"reason": "The delegation is full."})
    assert any("The delegation is full." in body for _, body in sent(running, "notice"))
    assert "The delegation is full." in running.get("m-xbb-1", "/nominate").text
    kinds = running.write(lambda c: [row.kind for row in c.execute(select(audit_events))])
    assert {"nominated", "person_changed", "invited"} <= set(kinds)


def test_somebody_who_is_here_already_is_not_approved_twice(running: House) -> None:
    running.post("m-xbb-1", "/nominate", person(0, "Expert Borduria 2", "again@example.org"))
    again = waiting(running)["Expert Borduria 2"].id
    answer = running.post("m-sec", f"/nominations/{again}/approval")
    assert answer.status_code == 422
    assert "already here" in answer.text
    assert "Expert Borduria 2" in waiting(running)


def test_an_entity_that_gives_views_is_never_nominated_to_amend(running: House) -> None:
    by, rules = Nominator("Somebody"), ProcessRules()
    wanted = [Wanted("Vic Views", "", "vic@example.org", Role.EXPERT)]
    (made,) = running.write(lambda c: nominate(c, "XUU", wanted, by, rules, NOW))
    assert made.role is Role.CONTRIBUTOR


def test_a_form_and_a_delegation_have_their_limits(running: House) -> None:
    by, rules = Nominator("Somebody"), ProcessRules()

    def send(count: int) -> None:
        wanted = [Wanted(f"Many {'abcdefghijklmnop'[n]}", "", "m@example.org") for n in range(count)]
        running.write(partial(nominate, delegation="XDD", wanted=wanted, by=by, rules=rules, now=NOW))

    with pytest.raises(NominationRefused, match="At most"):
        send(MAX_AT_ONCE + 1)
    for _ in range(MAX_WAITING // MAX_AT_ONCE):
        send(MAX_AT_ONCE)
    with pytest.raises(NominationRefused, match="wait for an answer"):
        send(1)


def test_a_link_is_good_after_the_date_and_not_for_ever(running: House) -> None:
    due = NOW + timedelta(days=30)
    link, token = running.write(
        lambda c: issue_link(c, "XDD", "d@example.org", None, ProcessRules(nominations_due=due), NOW)
    )
    assert link.expires_at == due + LINK_GRACE
    assert running.write(lambda c: link_of(c, token, due + timedelta(days=1)))
    assert not running.write(lambda c: link_of(c, token, link.expires_at))


def test_guessing_links_is_slowed(running: House) -> None:
    answers = {running.get(None, f"/nominate/guess-{n}").status_code for n in range(80)}
    assert answers == {410, 429}
