"""Drafting groups on their pages and over real sockets (opinions/SPEC.md GR, server/SPEC.md): who may know of one, who
is in, and that whoever is out is out at once.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Connection, select

from crdt.client import Client
from crdt.protocol import Reader, ServerFrame, client_presence
from opinions.edits import InsertText
from opinions.model import DelegationCode, Mark, MarkKind, ParagraphId
from opinions.record import CHAIR
from opinions.roles import Actor, Role
from server.database import Database
from server.drafting_groups import groups
from server.drafting_groups.groups import GroupRefused
from server.people_store import actor_for, require_member
from server.settings import Settings
from server.tables import documents, members
from server.verify import verify
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, SECOND, Stock, stocked
from tests.support.visitors import House, house

BASE = f"/opinions/{OPINION}/groups"
XAA, XBB, XCC = DelegationCode("XAA"), DelegationCode("XBB"), DelegationCode("XCC")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


def founded(running: House, *, joined: bool = True) -> str:
    """A shared workspace of XAA with XBB, by their pages."""
    answer = running.post("m-xaa-1", BASE, {"name": "Skills together", "delegations": ["XBB"]})
    assert answer.status_code == 303, answer.text
    code = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    if joined:
        assert running.post("m-xbb-1", f"{BASE}/{code}", {"step": "join"}).status_code == 303
    return code


def test_gr1_founding_and_joining_by_their_pages(running: House) -> None:
    """[GR1] Invited: one sees it and may accept. Joined: it can be drafted in. All others: there is no such thing."""
    code = founded(running, joined=False)
    assert "Accept" in running.get("m-xbb-1", f"{BASE}/{code}").text
    assert f"?group={code}" not in running.get("m-xbb-1", BASE).text
    assert running.post("m-xbb-1", f"{BASE}/{code}", {"step": "join"}).status_code == 303
    assert f"?group={code}" in running.get("m-xbb-2", BASE).text
    for other in ("m-xcc-1", "m-sec", "m-chair"):
        assert running.get(other, f"{BASE}/{code}").status_code == 404
        assert "Skills together" not in running.get(other, BASE).text
        for step in ("join", "end", "invite", "bring_back"):
            assert running.post(other, f"{BASE}/{code}", {"step": step}).status_code == 404
    page = running.get("m-xbb-1", f"/opinions/{OPINION}?group={code}").text
    assert f'"code": "{code}"' in page
    assert '"submits": false' in page
    assert '"group": null' in running.get("m-xcc-1", f"/opinions/{OPINION}?group={code}").text


def test_gr1_the_same_as_json(running: House) -> None:
    """[GR1] Founded, joined and left as by the pages; others read of none."""
    api = f"/api{BASE}"

    def asked(who: str, path: str, body: dict[str, object]) -> tuple[int, dict[str, str]]:
        answer = running.ask(who, "POST", path, json=body)
        return answer.status_code, answer.json()

    status, made = asked("m-xcc-1", api, {"name": "By a program", "delegations": ["XDD"]})
    assert status == 200, made
    one = f"{api}/{made['code']}"
    assert asked("m-xdd-1", one, {"step": "join"})[0] == 200
    (read,) = [each for each in running.get("m-xdd-1", api).json()["groups"] if each["code"] == made["code"]]
    assert (read["lead"], read["joined"], read["drafts"], read["brings_back"]) == ("XCC", ["XDD"], True, False)
    assert made["code"] not in running.get("m-sec", api).text
    assert asked("m-sec", one, {"step": "end"})[0] == 404
    assert asked("m-xdd-1", one, {"step": "end"})[0] == 403
    assert asked("m-xdd-1", one, {"step": "gavel"})[0] == 422
    status, told = asked("m-xdd-1", api, {"name": "Nobody else", "delegations": []})
    assert (status, told["code"]) == (409, "invalid-command")
    assert asked("m-xdd-1", one, {"step": "leave"})[0] == 200
    assert made["code"] not in running.get("m-xdd-1", api).text


def test_gr1_what_is_not_ones_own_to_do_is_refused(running: House) -> None:
    """[GR1] Whoever joined neither invites nor ends; the lead does not leave; nobody joins uninvited."""
    code = founded(running)
    for who, step in (("m-xbb-1", "end"), ("m-xbb-1", "invite"), ("m-xaa-1", "leave")):
        assert running.post(who, f"{BASE}/{code}", {"step": step, "delegations": "XCC"}).status_code == 403
    assert running.post("m-xbb-1", f"{BASE}/{code}", {"step": "join"}).status_code == 422
    alone = running.post("m-xaa-1", BASE, {"name": "Alone"})
    assert alone.status_code == 422
    assert 'href="#field-delegations"' in alone.text
    views = running.post("m-xaa-1", BASE, {"name": "With views", "delegations": "XUU"})
    assert views.status_code == 422
    assert "drafts with nobody" not in running.get("m-xaa-1", BASE).text


def test_gr3_an_informal_group_by_the_chair_of_the_opinion(running: House) -> None:
    """[GR3] Chair and secretariat set it up and see who is in it, not what it drafts; an expert cannot."""
    form = {"name": "Informals on access", "facilitator": "m-xcc-1", "delegations": ["XBB", "XCC"], "paragraphs": ITEM}
    answer = running.post("m-chair", BASE, form)
    assert answer.status_code == 303, answer.text
    code = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    for who in ("m-chair", "m-sec", "m-xcc-1", "m-xbb-2"):
        assert "Informals on access" in running.get(who, f"{BASE}/{code}").text
    for who in ("m-chair", "m-sec"):
        assert f"?group={code}" not in running.get(who, BASE).text
    assert running.get("m-xaa-1", f"{BASE}/{code}").status_code == 404
    refused = running.post("m-xcc-1", f"{BASE}/{code}", {"step": "bring_back", "key": "bring-back-1"})
    assert refused.status_code == 422
    assert "Nothing is drafted" in refused.text
    assert "by the facilitator" in running.post("m-xbb-1", f"{BASE}/{code}", {"step": "bring_back"}).text
    wrong = running.post("m-chair", BASE, {**form, "facilitator": "m-obs"})
    assert wrong.status_code == 422
    assert "does not draft here" in wrong.text
    changed = running.post("m-chair", f"{BASE}/{code}", {**form, "step": "change", "delegations": ["XCC"]})
    assert changed.status_code == 303, changed.text
    assert running.get("m-xbb-1", f"{BASE}/{code}").status_code == 404


def test_gr1_limits_of_groups(tmp_path: Path) -> None:
    """[GR1] What a delegation and a chair can heap up has an end, and names are names."""
    settings = Settings(data_dir=tmp_path / "data")
    stocked(settings)
    now = datetime.now(UTC)

    def heap(connection: Connection) -> None:
        lead = actor_for(require_member(connection, "m-xaa-1"))
        chair = actor_for(require_member(connection, "m-chair"), {"m-chair": Role.CHAIR})
        for number in range(groups.MAX_LED):
            groups.found_shared(connection, OPINION, lead, f"Group {number + 1}", ["XBB"], now)
        with pytest.raises(GroupRefused, match="End one first"):
            groups.found_shared(connection, OPINION, lead, "One more", ["XBB"], now)
        groups.found_shared(connection, SECOND, lead, "Elsewhere", ["XBB"], now)
        for number in range(groups.MAX_INFORMAL):
            groups.found_informal(connection, OPINION, chair, f"I {number + 1}", "m-xcc-1", ["XCC"], [], now)
        with pytest.raises(GroupRefused, match="End one first"):
            groups.found_informal(connection, OPINION, chair, "I more", "m-xcc-1", ["XCC"], [], now)
        many = [f"p-{number:06}" for number in range(groups.MAX_PARAGRAPHS + 1)]
        with pytest.raises(GroupRefused, match="whole text"):
            groups.found_informal(connection, SECOND, chair, "Wide", "m-xcc-1", ["XCC"], many, now)
        with pytest.raises(GroupRefused, match="at most 60"):
            groups.found_shared(connection, SECOND, lead, "Many", [f"X{n}" for n in range(61)], now)
        with pytest.raises(GroupRefused, match="characters"):
            groups.found_shared(connection, SECOND, lead, "x" * 121, ["XBB"], now)

    with Database(settings) as database:
        database.run(heap)


def test_gr1_who_is_out_gets_a_new_version_and_others_do_not(tmp_path: Path) -> None:
    """[GR1] Sockets of those whose place changed commit nothing more; everybody else's are left alone."""
    settings = Settings(data_dir=tmp_path / "data")
    stocked(settings)
    now = datetime.now(UTC)

    def versions(connection: Connection) -> dict[str, int]:
        return {row.id: row.version for row in connection.execute(select(members))}

    def play(connection: Connection) -> None:
        lead = actor_for(require_member(connection, "m-xaa-1"))
        groups.found_shared(connection, OPINION, lead, "Together", ["XBB", "XCC"], now)
        (group,) = groups.living(connection, OPINION)
        before = versions(connection)
        # Who joins gains; the lead's people must know whom they submit with.
        assert groups.join(connection, group, XBB, now) == {"m-xaa-1", "m-xaa-2", "m-chair"}
        assert {one for one, version in versions(connection).items() if version != before[one]} == {
            "m-xaa-1", "m-xaa-2", "m-chair",
        }  # fmt: skip
        (group,) = groups.living(connection, OPINION)
        (seat,) = groups.seats_of(lead, (group,))
        assert (seat.party, seat.sponsors, seat.brings_back) == (XAA, (XBB,), True)
        assert groups.leave(connection, group, XCC, now) == frozenset()
        assert groups.leave(connection, group, XBB, now) >= {"m-xbb-1", "m-xbb-2"}
        (group,) = groups.living(connection, OPINION)
        assert groups.seats_of(actor_for(require_member(connection, "m-xbb-1")), (group,)) == ()
        assert groups.end(connection, group, now) >= {"m-xaa-1", "m-xaa-2"}
        assert groups.living(connection, OPINION) == ()

    with Database(settings) as database:
        database.run(play)


def test_gr1_a_facilitator_has_a_place_by_name_and_nobody_in_the_chair_has() -> None:
    """[GR1] The chair who set the group up reads nothing in it."""
    group = groups.DraftingGroup(
        DelegationCode("g-aaaaaaaaaaaa"), OPINION, "I", None, "m-f", (XBB,), (), (), datetime.now(UTC)
    )
    facilitator = Actor("m-f", "F", Role.FACILITATOR)
    (seat,) = groups.seats_of(facilitator, (group,))
    assert (seat.party, seat.brings_back, seat.informal) == (CHAIR, True, True)
    for role in (Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT, Role.OBSERVER, Role.ADMINISTRATOR):
        assert groups.seats_of(Actor("m-x", "X", role), (group,)) == ()
        assert groups.seats_of(replace(facilitator, role=role), (group,)) == ()


# -- over real sockets


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Stock]]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("groups") / "data")
    stock = stocked(settings)
    with live_server(settings.data_dir) as started:
        yield started, stock


async def test_dg1_at_a_groups_end_others_are_not_told_who_was_in_it(server: tuple[LiveServer, Stock]) -> None:
    """[DG1, W8] Its people are closed in one moment and come back; what a third delegation hears next is a caret."""
    started, stock = server

    def headers(who: str) -> dict[str, str]:
        return {"cookie": f"unbracket-{started.port}={stock[who].token}", "origin": started.url}

    async with httpx2.AsyncClient(base_url=started.url) as http:
        form = {"name": "Secretly together", "delegations": ["XBB"]}
        answer = await http.post(BASE, data=form, headers=headers("m-xaa-1"))
        address = answer.headers["location"].split("?")[0]
        assert (await http.post(address, data={"step": "join"}, headers=headers("m-xbb-1"))).status_code == 303

        def desk(who: str) -> Drafter:
            return Drafter(started.port, stock[who], client=Client(workspace=True, group=address.rsplit("/", 1)[1]))

        async with desk("m-xaa-1") as lead, desk("m-xbb-1") as bo, Drafter(started.port, stock["m-xdd-1"]) as third:
            numbers = {one.client.welcome["peer"] for one in (lead, bo, third)}
            await third.until(lambda: {peer["peer"] for peer in third.client.peers} == numbers, "all three")
            third.frames.clear()
            assert (await http.post(address, data={"step": "end"}, headers=headers("m-xaa-1"))).status_code == 303
            for one in (lead, bo):
                assert await one.ended() == 1012
                one.client = Client(workspace=False)
                await one.open()
                await one.hello()
            assert {one.client.welcome["peer"] for one in (lead, bo, third)} == numbers
            await bo.line.send(client_presence(ITEM, 5))
            await third.until(lambda: third.frames, "the caret")
    told = [json.loads(Reader(frame[1:]).varstring()) for frame in third.frames if frame[0] == ServerFrame.ROOM]
    assert len(told) == len(third.frames) == 1
    assert [(one["peer"], one["offset"]) for one in told[0]["changed"]] == [(bo.client.welcome["peer"], 5)]
    assert told[0]["gone"] == []


async def test_gr1_a_delegation_that_leaves_is_out_at_once_and_the_drafts_stay(
    server: tuple[LiveServer, Stock],
) -> None:
    """[GR1, G19, L4] Its sockets are closed, the group's door stays shut; the lead submits with whoever is left. The
    record of it all can be checked.
    """
    started, stock = server
    headers = {
        who: {"cookie": f"unbracket-{started.port}={stock[who].token}", "origin": started.url}
        for who in ("m-xaa-1", "m-xbb-1", "m-xcc-1")
    }
    async with httpx2.AsyncClient(base_url=started.url) as http:
        form = {"name": "Skills together", "delegations": ["XBB", "XCC"]}
        answer = await http.post(BASE, data=form, headers=headers["m-xaa-1"])
        address = answer.headers["location"].split("?")[0]
        code = address.rsplit("/", 1)[1]
        for who in ("m-xbb-1", "m-xcc-1"):
            assert (await http.post(address, data={"step": "join"}, headers=headers[who])).status_code == 303

        def desk(who: str) -> Drafter:
            return Drafter(started.port, stock[who], client=Client(workspace=True, group=code))

        async with desk("m-xaa-1") as lead, desk("m-xbb-1") as bo, desk("m-xcc-1") as cy:
            assert bo.client.welcome["party"] == "XAA"
            mark = frozenset({Mark(MarkKind.INSERTION, "a-meaningful1")})
            await bo.saved(await bo.write([InsertText(ParagraphId(ITEM), 0, "meaningfully ", mark)], "XAA"))
            await cy.until(lambda: "meaningfully" in cy.text(ITEM), "the words of a colleague")
            assert (await http.post(address, data={"step": "leave"}, headers=headers["m-xcc-1"])).status_code == 303
            assert await cy.ended() == 1012
            assert await lead.ended() == 1012
            cy.frames.clear()
            await cy.open()
            await cy.line.send(cy.client.hello())
            assert await cy.ended() == 4409
            assert cy.frames == []
            lead.client = Client(workspace=True, group=code)
            await lead.open()
            await lead.hello()
            assert "meaningfully" in lead.text(ITEM)
            await lead.command({"act": "bring_back", "group": code}, "XAA")
            (amendment,) = [one for one in lead.client.view().record.amendments.values() if one.number]
            assert (amendment.delegation, amendment.sponsors) == (XAA, (XBB,))
            assert (await http.post(address, data={"step": "end"}, headers=headers["m-xaa-1"])).status_code == 303
            assert await lead.ended() == 1012
            assert await bo.ended() == 1012
    started.stop()
    with Database(Settings(data_dir=started.data_dir)) as database:
        verdicts = database.run(lambda connection: list(verify(connection)))
        rows = database.run(lambda c: {row.id: row for row in c.execute(select(documents))})
    assert [one.findings for one in verdicts if one.findings] == []
    assert f"{OPINION}/{code}" in {one.document for one in verdicts}
    assert (rows[f"{OPINION}/{code}"].delegation, rows[f"{OPINION}/{code}"].drafting_group) == (None, code)
