"""What the pages show, and what they never show."""

import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from httpx2 import Response
from sqlalchemy import update

from opinions.clean import obstacles
from opinions.roles import Actor, Role
from server.ids import new_id
from server.people_store import in_the_chair_of
from server.settings import Settings
from server.summary import summarized
from server.tables import delegations, members
from tests.support.stock import ITEM, OPINION, SECOND, WORDS
from tests.support.visitors import House, house

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
PAGES = (
    "/",
    "/account",
    "/people",
    "/people/new",
    "/people/m-xbb-1",
    "/delegations/new",
    "/delegations/XBB",
    "/settings",
    "/opinions/new",
    f"/opinions/{OPINION}",
    f"/opinions/{OPINION}/chair",
    f"/opinions/{OPINION}/live",
    f"/opinions/{OPINION}/versions",
    "/nowhere",
)


@pytest.fixture
def running(settings: Settings) -> Iterator[House]:
    with house(settings) as started:
        yield started


def command(running: House, who: str, **fields: Any) -> None:
    """Carry a command out as somebody of the house."""
    actor = Actor(who, who, Role.CHAIR if who == "m-chair" else running.stock[who].role)
    assert running.client.portal is not None
    answer = running.client.portal.call(running.services.hub.command, OPINION, actor, None, "", new_id("k-"), fields)
    assert not answer.code, answer.message


def text_of(page: Response) -> str:
    """The words of a page as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


# --- every page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_works_under_a_policy_without_inline_code(running: House, path: str) -> None:
    page = running.get("m-sec", path)
    assert page.status_code in {200, 404}
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page.text)
    assert "<style" not in page.text
    assert not re.search(r"\son[a-z]+=", page.text)
    assert not re.search(r"\sstyle=", page.text)
    assert page.text.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
    assert page.text.count("<h1") == 1
    assert page.headers["cache-control"] == "no-store"
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        found = running.get(None, address)
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]


def test_what_somebody_typed_is_never_markup(running: House) -> None:
    # Names are refused with < and > (`server.names`), so these are put where an older release may have left them.
    running.write(lambda c: c.execute(update(members).where(members.c.id == "m-xbb-1").values(name=EVIL)))
    running.write(lambda c: c.execute(update(delegations).where(delegations.c.code == "XBB").values(name=EVIL)))
    running.post("m-sec", "/settings", {"name": EVIL, "meeting_zone": "Europe/Zurich"})
    running.post("m-sec", "/opinions/new", {"title": EVIL, "theme": EVIL, "text": ""})
    command(running, "m-sec", act="insert_paragraph", paragraph="p-evil", after=ITEM, kind="paragraph", text=EVIL)
    for path in (*PAGES, f"/opinions/{OPINION}/views/marked"):
        page = running.get("m-sec", path)
        assert "<script>" not in page.text, path
        assert "<img" not in page.text, path
    assert EVIL in text_of(running.get("m-sec", "/people"))
    assert EVIL in unescape(running.get("m-sec", f"/opinions/{OPINION}/live").text)


def test_the_bootstrap_cannot_end_its_element(running: House) -> None:
    running.post("m-sec", "/settings", {"name": "</script><b>x</b>", "meeting_zone": "Europe/Zurich"})
    page = running.get("m-xaa-1", f"/opinions/{OPINION}").text
    found = re.search(r'<script type="application/json" id="bootstrap">(.*?)</script>', page, re.S)
    assert found
    bootstrap = json.loads(found[1])
    assert bootstrap["process"]["name"] == "</script><b>x</b>"
    assert bootstrap["member"] == {
        "id": "m-xaa-1", "name": "Expert Arcadia 1", "role": "expert", "delegation": "XAA", "voice": True,
    }  # fmt: skip
    assert bootstrap["chairs"] == ["Rosa Chair"]
    assert {one["code"] for one in bootstrap["delegations"]} == {"XAA", "XBB", "XCC", "XDD", "XUU"}
    chair = running.get("m-chair", f"/opinions/{OPINION}").text
    assert '"role": "chair"' in chair
    assert '"delegation": ""' in chair


# --- the dashboard


def test_the_dashboard_tells_how_far_each_opinion_is(running: House) -> None:
    command(running, "m-chair", act="consider_paragraph", paragraph=ITEM, state="agreed")
    command(running, "m-chair", act="consider_paragraph", paragraph="p-item-00002", state="open")
    words = text_of(running.get("m-xaa-1", "/"))
    assert "Process of the tests" in words
    assert "2 draft Opinions under preparation" in words
    assert "First draft" in words
    assert "1 agreed, 2 considered of 9 paragraphs" in words
    assert "open brackets 0" in words
    assert "Last version None yet" in words
    assert "You are in the chair" not in words
    assert "You are in the chair" in text_of(running.get("m-chair", "/"))


def test_the_way_in_fits_the_visitor(running: House) -> None:
    assert f'href="/opinions/{OPINION}">Open' in running.get("m-xaa-1", "/").text
    observer = running.get("m-obs", "/").text
    assert f'href="/opinions/{OPINION}/live">Follow live' in observer
    assert f'href="/opinions/{OPINION}"' not in observer
    assert "/people" not in observer
    assert "New draft Opinion" not in observer
    assert f'href="/opinions/{OPINION}/versions">Versions' in running.get("m-admin", "/").text


def test_observers_who_see_agreed_text_only_see_no_figures_of_what_is_open(running: House) -> None:
    form = {"name": "P", "meeting_zone": "Europe/Zurich", "observers_see": "agreed", "attribution": "delegations"}
    running.post("m-sec", "/settings", form)
    assert "open brackets not shown" in text_of(running.get("m-obs", "/"))
    assert "open brackets 0" in text_of(running.get("m-xaa-1", "/"))


def test_an_observer_who_is_shut_out_sees_no_live_figures(running: House) -> None:
    running.post("m-chair", f"/opinions/{OPINION}/observers", {"admit": "no"})
    observer = text_of(running.get("m-obs", "/"))
    assert observer.count("Closed to observers now") == 1
    row = observer.split("Broadband for all")[1].split("Space for all")[0]
    for figure in ("considered", "open bracket", "pending", "First draft", "Live drafting"):
        assert figure not in row
    assert "considered of 9 paragraphs" in text_of(running.get("m-xaa-1", "/"))


def test_the_dashboard_counts_paragraphs_as_a_clean_export_does(running: House) -> None:
    """[C2] Title and footnotes are considered like every other paragraph."""
    assert running.client.portal is not None
    document = running.client.portal.call(running.services.hub.document, OPINION)
    never = [one for one in obstacles(document) if one.kind is None]
    figures = summarized(document)
    assert figures.paragraphs - figures.considered == len(never) == 9


def test_the_sitting_is_closed_to_observers_from_the_dashboard(running: House) -> None:
    done = running.post("m-chair", f"/opinions/{OPINION}/observers", {"admit": "no"})
    assert "The sitting is closed to observers" in running.get("m-chair", done.headers["location"]).text
    observer = running.get("m-obs", "/")
    assert "Closed to observers now" in text_of(observer)
    assert f"/opinions/{OPINION}/live" not in observer.text
    for closed in ("", "/live"):
        assert running.get("m-obs", f"/opinions/{OPINION}{closed}").status_code == 403
    running.post("m-chair", f"/opinions/{OPINION}/observers", {"admit": "yes"})
    assert f"/opinions/{OPINION}/live" in running.get("m-obs", "/").text


# --- people


def test_a_person_is_added_and_the_link_is_shown_once(running: House) -> None:
    form = {"name": "New Expert", "role": "expert", "delegation": "XCC", "email": "New@Example.org"}
    page = running.post("m-sec", "/people/new", form)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    words = text_of(page)
    assert "works once" in words
    assert "Sam Clerk" in words
    found = re.search(r'action="/people/(m-[0-9a-f]+)"', page.text)
    assert found
    again = running.get("m-sec", f"/people/{found[1]}").text
    assert "/sign-in/" not in again
    assert "new@example.org" in again
    assert "link good until" in running.get("m-sec", "/people").text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"name": "", "role": "observer"}, "Give a name"),
        ({"name": "x\u202ey", "role": "observer"}, "invisible"),
        ({"name": "Fr\u0430nce", "role": "observer"}, "one script"),
        ({"name": "Somebody", "role": "expert"}, "choose one"),
        ({"name": "Somebody", "role": "king"}, "Choose what"),
        ({"name": "Somebody", "role": "chair"}, "appointed"),
        ({"name": "Somebody", "role": "observer", "email": "nonsense"}, "not an e-mail address"),
        ({"name": "Expert Arcadia 1", "role": "expert", "delegation": "XAA"}, "already here"),
        ({}, "Choose what"),
    ],
)
def test_a_form_with_a_mistake_comes_back_as_it_was(running: House, form: dict[str, str], message: str) -> None:
    page = running.post("m-sec", "/people/new", form)
    assert page.status_code == 422
    assert message in text_of(page)
    assert "Nothing was saved yet" in page.text
    if form.get("name") and "\u202e" not in form["name"]:
        assert f'value="{form["name"]}"' in page.text


def test_a_delegation_is_added_and_looks_unlike_every_other(running: House) -> None:
    form = {"code": "xee", "name": "Ecoria", "kind": "academia", "region": ""}
    assert running.post("m-sec", "/delegations/new", form).status_code == 303
    assert "Academia" in text_of(running.get("m-sec", "/people"))
    twin = running.post("m-sec", "/delegations/new", {**form, "code": "XFF", "name": "ECORIA"})
    assert twin.status_code == 422
    assert "cannot be told from Ecoria" in text_of(twin)
    wrong = running.post("m-sec", "/delegations/new", {**form, "code": "1"})
    assert "A code is 2 to 8" in text_of(wrong)
    assert running.post("m-sec", "/delegations/XEE", {**form, "code": "XZZ", "name": "Eco"}).status_code == 303
    assert running.get("m-sec", "/delegations/XZZ").status_code == 404, "a code stays"


def test_the_chair_is_appointed_and_dismissed(running: House) -> None:
    path = f"/opinions/{SECOND}/chair"
    running.post("m-sec", path, {"chair": "m-xaa-1", "acting": ["m-xbb-1", "m-xcc-1"]})
    appointed = running.write(lambda connection: in_the_chair_of(connection, SECOND))
    assert {member: role.value for member, role in appointed.items()} == {
        "m-xaa-1": "chair", "m-xbb-1": "acting_chair", "m-xcc-1": "acting_chair",
    }  # fmt: skip
    refused = running.post("m-sec", path, {"chair": "m-xaa-1", "acting": ["m-xaa-1"]})
    assert refused.status_code == 422
    assert "cannot be both" in text_of(refused)
    assert "Expert Arcadia 1" in running.get("m-sec", path).text
    running.post("m-sec", path, {"chair": ""})
    assert not running.write(lambda connection: in_the_chair_of(connection, SECOND))


# --- settings and new Opinions


def test_settings_that_do_not_fit_are_not_kept(running: House) -> None:
    page = running.post("m-sec", "/settings", {"name": "P", "meeting_zone": "Geneva"})
    assert page.status_code == 422
    assert "Write it as Europe/Zurich" in text_of(page)
    assert running.post("m-sec", "/settings", {"name": "", "meeting_zone": "Europe/Zurich"}).status_code == 422
    assert "Process of the tests" in running.get("m-sec", "/").text


def test_a_base_text_is_looked_at_before_anything_is_written(running: House) -> None:
    form = {"title": "Energy", "number": "3", "theme": "", "step": "look"}
    text = "The Forum,\n\nconsidering\n\na) that [some] energy is [scarce;\n\nb) that it is needed,"
    look = running.post("m-sec", "/opinions/new", {**form, "text": text})
    assert look.status_code == 200
    words = text_of(look)
    assert "1 pair of square brackets" in words
    assert "Line 5" in words
    assert "Energy" not in running.get("m-sec", "/").text
    changed = running.post("m-sec", "/opinions/new", {**form, "text": text, "step": "change"})
    assert "that [some] energy" in unescape(changed.text)
    assert running.post("m-sec", "/opinions/new", {**form, "text": text, "step": "found"}).status_code == 303
    found = re.search(r'href="/opinions/(o-[0-9a-f]+)"', running.get("m-sec", "/").text)
    assert found
    assert "energy is" in running.get("m-sec", f"/opinions/{found[1]}/live").text
    again = running.post("m-sec", "/opinions/new", {**form, "title": "Other", "step": "found"})
    assert "Number 3 is that of" in text_of(again)


def test_a_file_becomes_a_base_text_or_is_refused_with_the_reason(running: House) -> None:
    form = {"title": "From a file", "step": "look"}

    def upload(name: str, content: bytes) -> Response:
        return running.ask("m-sec", "POST", "/opinions/new", data=form, files={"file": (name, content)})

    assert "that [all] agree" in re.sub(r"<[^>]+>", "", upload("a.txt", b"considering\n\nthat [all] agree,").text)
    html = upload("a.html", b"<p>considering</p><script>x()</script><p>that <b>all</b> agree</p>")
    assert "Dropped" in html.text
    assert "x()" not in html.text
    told = [("a.odt", b"PK", "Save it as one of these"), ("a.docx", b"PK", "Word"), ("a.txt", b"\xff\xfe", "UTF-8")]
    for name, content, reason in told:
        refused = upload(name, content)
        assert refused.status_code == 422
        assert reason in text_of(refused)


def test_an_opinion_may_begin_with_its_title_alone(running: House) -> None:
    assert running.post("m-sec", "/opinions/new", {"title": "Empty so far", "step": "look"}).status_code == 303
    assert "Empty so far" in running.get("m-xaa-1", "/").text
    assert running.post("m-sec", "/opinions/new", {"title": " ", "step": "look"}).status_code == 422


# --- versions


@pytest.fixture
def frozen(running: House) -> House:
    command(running, "m-chair", act="consider_paragraph", paragraph=ITEM, state="agreed")
    command(running, "m-chair", act="freeze", label="Text at close of IEG-3", milestone="IEG-3", seen_seq=10**6)
    return running


def test_a_version_has_a_page_with_its_text_in_three_views(frozen: House) -> None:
    listed = text_of(frozen.get("m-obs", f"/opinions/{OPINION}/versions"))
    assert "Text at close of IEG-3" in listed
    base = f"/opinions/{OPINION}/versions/1"
    for view, name in (("rolling", "Text with square brackets"), ("clean", "Agreed text only"), ("marked", "Revision")):
        page = frozen.get("m-xaa-1", f"{base}?view={view}")
        assert page.status_code == 200
        assert name in text_of(page)
        assert WORDS in unescape(page.text)
        assert "Frozen: version 1" in text_of(page)
    assert frozen.get("m-xaa-1", f"{base}?view=other").status_code == 404
    assert frozen.get("m-obs", f"{base}?view=marked").status_code == 404
    assert frozen.get("m-xaa-1", f"/opinions/{OPINION}/versions/2").status_code == 404
    assert "Last version Text at close of IEG-3" in text_of(frozen.get("m-obs", "/"))
    assert "Second draft" in text_of(frozen.get("m-obs", "/"))


def test_a_version_s_page_stays_the_same_while_the_draft_moves_on(frozen: House) -> None:
    path = f"/opinions/{OPINION}/versions/1"
    before = frozen.get("m-xaa-1", path)
    assert before.headers["cache-control"] == "private, no-cache"
    command(frozen, "m-sec", act="insert_paragraph", paragraph="p-later", after=ITEM, kind="paragraph", text="later")
    after = frozen.get("m-xaa-1", path)
    assert after.text == before.text
    same = frozen.get("m-xaa-1", path, headers={"if-none-match": before.headers["etag"]})
    assert (same.status_code, same.text) == (304, "")
    assert "later" in frozen.get("m-xaa-1", f"/opinions/{OPINION}/live").text


def test_anybody_can_check_a_version_with_what_its_page_offers(frozen: House) -> None:
    base = f"/opinions/{OPINION}/versions/1"
    page = text_of(frozen.get("m-xaa-1", base))
    text = frozen.get("m-xaa-1", f"{base}/canonical.txt")
    assert "immutable" in text.headers["cache-control"]
    fingerprint = hashlib.sha256(text.content).hexdigest()
    assert fingerprint in page
    assert " ".join(fingerprint[i : i + 4] for i in range(0, 16, 4)) in page
    proof = frozen.get("m-xaa-1", f"{base}/record.json").json()
    assert json.loads(proof["record"])["fingerprint"] == fingerprint
    assert hashlib.sha256(proof["record"].encode()).hexdigest() == proof["record_hash"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof["public_key"]))
    key.verify(bytes.fromhex(proof["signature"]), proof["record"].encode())


def test_what_observers_may_not_see_of_a_draft_they_do_not_see_of_a_version(frozen: House) -> None:
    form = {"name": "P", "meeting_zone": "Europe/Zurich", "observers_see": "agreed", "attribution": "delegations"}
    frozen.post("m-sec", "/settings", form)
    base = f"/opinions/{OPINION}/versions/1"
    assert frozen.get("m-obs", base).status_code == 200
    for path in (f"{base}?view=rolling", f"{base}/canonical.txt", f"{base}/record.json"):
        assert frozen.get("m-obs", path).status_code == 404
    assert frozen.get("m-xaa-1", f"{base}/canonical.txt").status_code == 200


# --- what goes wrong


def test_scripts_are_told_in_json_what_people_read_on_a_page(running: House) -> None:
    told = running.get("m-obs", f"/opinions/{OPINION}/export", headers={"accept": "*/*"})
    assert told.status_code == 403
    assert told.json()["code"] == "not-allowed"
    assert running.get("m-obs", "/api/nowhere").json()["code"] == "not-found"
    assert "This is not open to you" in running.get("m-obs", f"/opinions/{OPINION}/export").text


def test_too_large_a_form_is_refused_in_words(running: House) -> None:
    page = running.post("m-sec", "/people/new", {"name": "x" * 100_000})
    assert page.status_code == 413
    assert "too much at once" in page.text


def test_a_fault_of_ours_tells_nothing_of_itself(running: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(document: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("server.pages.dashboard.summarized", fails)
    page = running.get("m-xaa-1", "/")
    assert page.status_code == 500
    assert "Something failed on our side" in page.text
    assert "secret" not in page.text
    assert "content-security-policy" in page.headers


def test_a_method_that_a_page_does_not_have_is_refused(running: House) -> None:
    assert running.post("m-sec", "/people", {}).status_code == 405
    assert running.ask("m-sec", "DELETE", "/settings").status_code == 405


# --- for scripts


def by_script(running: House, who: str | None, path: str, body: object, **given: Any) -> Response:
    """What a page's script is answered."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "accept": "*/*", **given}
    return running.ask(who, "POST", path, content=content, headers=headers)


def test_a_command_by_http_goes_the_way_of_every_command(running: House) -> None:
    path = f"/api/opinions/{OPINION}/commands"
    agreed = {"act": "consider_paragraph", "paragraph": ITEM, "state": "agreed", "key": "k-one"}
    first = by_script(running, "m-chair", path, agreed)
    assert first.status_code == 200
    assert first.json()["seq"] > 1
    assert by_script(running, "m-chair", path, agreed).json() == first.json(), "a key is carried out once"
    refused = by_script(running, "m-xaa-1", path, {**agreed, "key": "k-two"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    unknown = by_script(running, "m-chair", path, {"act": "nonsense", "key": "k-three"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "invalid-command")
    forged = by_script(running, "m-xaa-1", path, {**agreed, "key": "k-four", "party": "XBB"})
    assert forged.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"[" * 100_000, 413),
        (b"[" * 50_000, 400),
        ({}, 400),
        ({"key": 7}, 400),
        ({"key": "k" * 65}, 400),
        ({"key": "k", "party": 3}, 400),
        ({"key": "k", "act": "freeze", "label": "\ud800", "seen_seq": 1}, 400),
    ],
)
def test_what_is_no_command_changes_nothing(running: House, body: object, status: int) -> None:
    assert by_script(running, "m-chair", f"/api/opinions/{OPINION}/commands", body).status_code == status
    assert "None yet" in running.get("m-chair", "/").text


def test_a_command_is_json_and_comes_from_our_own_pages(running: House) -> None:
    path, body = f"/api/opinions/{OPINION}/commands", {"act": "admit_observers", "on": False, "key": "k"}
    assert by_script(running, "m-chair", path, body, **{"content-type": "text/plain"}).status_code == 415
    assert by_script(running, "m-chair", path, body, origin="http://evil.example").status_code == 403
    assert by_script(running, None, path, body).json()["code"] == "signed-out"


def test_a_browser_s_check_of_a_version_is_kept_and_a_mismatch_warns(frozen: House) -> None:
    """[V2]"""
    base = f"/opinions/{OPINION}/versions/1"
    fingerprint = hashlib.sha256(frozen.get("m-xaa-1", f"{base}/canonical.txt").content).hexdigest()
    assert by_script(frozen, "m-chair", f"{base}/checks", {"fingerprint": fingerprint}).json()["matches"] is True
    assert by_script(frozen, "m-chair", f"{base}/checks", {"fingerprint": fingerprint}).json()["matches"] is True
    assert "Checked in the chair's browser. One other is missing." in text_of(frozen.get("m-xaa-1", base))
    tag = frozen.get("m-xaa-1", base).headers["etag"]
    other = {"fingerprint": "0" * 64}
    assert by_script(frozen, "m-xbb-1", f"{base}/checks", other).json()["matches"] is False
    page = frozen.get("m-xaa-1", base, headers={"if-none-match": tag})
    assert page.status_code == 200
    assert "Do not rely on it" in text_of(page)
    wrongs: tuple[object, ...] = ({}, {"fingerprint": "x"}, {"fingerprint": 3}, [])
    for wrong in wrongs:
        assert by_script(frozen, "m-xbb-1", f"{base}/checks", wrong).status_code == 400
    nowhere = f"/opinions/{OPINION}/versions/9/checks"
    assert by_script(frozen, "m-xbb-1", nowhere, {"fingerprint": fingerprint}).status_code == 404


def test_the_bootstrap_is_told_anew(frozen: House) -> None:
    told = frozen.get("m-xaa-1", f"/api/opinions/{OPINION}/bootstrap").json()
    assert told["versions"][0]["label"] == "Text at close of IEG-3"
    assert told["opinion"]["id"] == OPINION
