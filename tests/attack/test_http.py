"""Requests that no page of ours makes: from foreign origins, for what is somebody else's, with text that wants to be
something else. Each class has its row in the table.
"""

import json
import re
from collections.abc import Awaitable, Iterator, Sequence
from random import Random
from typing import Any

import httpx2

from opinions.edits import InsertText
from server.routes import TABLE
from server.security import MAX_BODY, SAFE_METHODS
from tests.attack.ground import HONEST, P_TEXT, Ground, inserted
from tests.attack.report import row
from tests.attack.routes import ROUTES
from tests.attack.trying import EXPERT
from tests.support.stock import OPINION, SECOND

CSRF, IDOR, INJECTION, HTTP = "origin", "ids of others", "injection", "requests"
SEED = 20261122


async def tried(
    ground: Ground,
    family: str,
    name: str,
    source: str,
    expected: Sequence[str],
    answers: Iterator[Awaitable[str]] | Sequence[str],
) -> None:
    """Notes what came of every instance; the honest delegate then goes on and the log is as it was."""
    entries = ground.logged()
    line = row(family, name, source, expected)
    for one in answers:
        answer = one if isinstance(one, str) else await one
        line.answers[answer] += 1
        if answer not in expected:
            line.failed += 1
        assert answer in expected, name
    assert ground.logged() == entries
    await ground.goes_on()


def _address(path: str) -> str:
    values = {"{opinion}": OPINION, "{member}": HONEST, "{code}": "XBB", "{number:int}": "1", "{view}": "clean"}
    for name, value in values.items():
        path = path.replace(name, value)
    return re.sub(r"\{[a-z]+\}", "guess", path)


def foreign(ground: Ground) -> dict[str, str | None]:
    """Origins that are not ours, and headers by which browsers tell."""
    ours, port = ground.server.url, ground.port
    return {
        "absent": None,
        "null": "null",
        "another site": "http://evil.example",
        "a subdomain": f"http://sub.127.0.0.1:{port}",
        "our address with a tail": f"{ours}.evil.example",
        "our address with a head": f"http://evil-127.0.0.1:{port}",
        "another port": f"http://127.0.0.1:{port - 1}",
        "another scheme": f"https://127.0.0.1:{port}",
        "another name of this machine, another port": f"http://localhost:{port + 1}",
        "our address with a user before it": f"http://127.0.0.1:{port}@evil.example",
    }


BY_KEY = ("/api/v1/", "/letters/stop/")
"""What looks at no session: a program's key, or the signature of a letter, must be in the request itself."""
POSTS = [entry for entry in TABLE if entry.method not in SAFE_METHODS and not entry.path.startswith(BY_KEY)]


async def test_unsafe_requests_of_foreign_pages_do_nothing_on_any_route(ground: Ground) -> None:
    """[R24] Every route that changes anything, with a session that may, from every kind of origin that is not ours."""
    for name, origin in foreign(ground).items():
        headers = {"cookie": f"unbracket-{ground.port}={ground.stock['m-sec'].token}"} | (
            {"origin": origin} if origin else {}
        )
        async with httpx2.AsyncClient(base_url=ground.server.url, headers=headers, timeout=30, verify=False) as client:

            async def ask(path: str, client: httpx2.AsyncClient = client) -> str:
                return (
                    f"HTTP {(await client.post(_address(path), data={'suspended': 'yes', 'name': 'Evil'})).status_code}"
                )

            asked = (ask(entry.path) for entry in POSTS)
            await tried(ground, CSRF, f"a form posted from an origin: {name}", "reliability 3", ("HTTP 403",), asked)
    for site in ("cross-site", "same-site"):
        async with ground.browser("m-sec", **{"sec-fetch-site": site}) as browser:
            answers = [f"HTTP {(await browser.post(_address(entry.path))).status_code}" for entry in POSTS]
        await tried(ground, CSRF, f"a form that the browser calls {site}", "reliability 3", ("HTTP 403",), answers)


async def test_sockets_of_foreign_pages_are_refused_before_they_open(ground: Ground) -> None:
    """[R25]"""
    for name, origin in foreign(ground).items():
        wire = ground.wire(origin=origin)
        status = await wire.open()
        await wire.leave()
        await tried(
            ground, CSRF, f"a socket opened from an origin: {name}", "reliability 3", ("HTTP 403",), [f"HTTP {status}"]
        )


async def test_hosts_that_are_not_ours_are_misdirected_whatever_is_forwarded(ground: Ground) -> None:
    hosts = ("evil.example", f"127.0.0.1:{ground.port}.evil.example", f"127.0.0.1:{ground.port - 1}", "[::1]:1", "")
    answers = []
    for host in hosts:
        async with ground.browser(EXPERT, host=host, **{"x-forwarded-host": f"127.0.0.1:{ground.port}"}) as browser:
            answers.append(f"HTTP {(await browser.get('/')).status_code}")
    await tried(
        ground, CSRF, "a host name that is not ours (DNS rebinding)", "reliability 3", ("HTTP 421", "HTTP 400"), answers
    )
    answers = []
    for header in (
        "x-forwarded-host",
        "x-forwarded-for",
        "forwarded",
        "x-forwarded-proto",
        "x-original-url",
        "x-proxy-path",
    ):
        async with ground.browser(None, **{header: "evil.example"}) as browser:
            answer = await browser.get("/sign-in")
            answers.append("ignored" if answer.status_code == 200 and "evil.example" not in answer.text else "believed")
    await tried(ground, CSRF, "forwarded headers from who is no proxy of ours", "reliability 3", ("ignored",), answers)


# -- ids


def test_every_route_has_a_row() -> None:
    """A new route fails here until somebody says what the wrong person gets."""
    assert {f"{entry.method} {entry.path}" for entry in TABLE} == set(ROUTES)


async def test_what_is_anothers_is_not_had_by_its_id(ground: Ground) -> None:
    """[R10] Every route, with the ids of others, of nothing, and pairs that do not belong together."""
    async with ground.browser("m-xbb-1") as victim:
        opened = await victim.post(f"/frames/opinions/{OPINION}")
        channel = opened.json()["channel"]
        session = await _session_id(ground, "m-xbb-1")
        before = ground.logged("SELECT SUM(version) FROM members")
        for name, tries in ROUTES.items():
            method = name.split(" ")[0]
            wrong: list[str] = []
            for one in tries:
                names = {"{channel of m-xbb-1}": channel, "{session of m-xbb-1}": session}
                path, form = _filled(one.path, names), {key: _filled(text, names) for key, text in one.form.items()}
                async with ground.browser(one.who) as browser:
                    given: dict[str, Any] = {"data": form} if method == "POST" else {}
                    status = (await browser.request(method, path, **given)).status_code
                wrong += [f"{one.who} {path}: {status}"] if status not in one.statuses else []
            answers = [f"{len(tries)} refused" if not wrong else "; ".join(wrong)]
            await tried(ground, IDOR, name, "reliability 3", (f"{len(tries)} refused",), answers)
        assert (await victim.get("/")).status_code == 200, "the victim's session was ended"
        assert ground.logged("SELECT SUM(version) FROM members") == before, "somebody's rights were changed"


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


async def _session_id(ground: Ground, member: str) -> str:
    async with ground.browser("m-sec") as clerk:
        page = (await clerk.get(f"/people/{member}")).text
    found = re.search(r'name="session"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="session"', page
    )
    return found[1] if found else "none"


async def test_commands_over_http_name_what_is_of_this_opinion_alone(ground: Ground) -> None:
    async def ask(fields: dict[str, Any], opinion: str = SECOND) -> str:
        async with ground.browser(EXPERT) as browser:
            answer = await browser.post(
                f"/api/opinions/{opinion}/commands", json={"key": f"key-{Random().random()}", **fields}
            )
            return f"HTTP {answer.status_code} {answer.json().get('code', '')}"

    fields: list[dict[str, Any]] = [
        {"act": "cosponsor", "amendment": "a-xbb-words", "revision": 1},
        {"act": "call_for_objections", "amendment": "a-xbb-words", "revision": 1},
        {"act": "withdraw", "amendment": "a-xaa-own"},
        {"act": "withdraw", "amendment": "a-none"},
    ]
    asked = (ask(one) for one in fields)
    known = ("HTTP 409 unknown-amendment", "HTTP 403 not-allowed", "HTTP 409 wrong-status")
    await tried(ground, IDOR, "an amendment of another Opinion in a command", "reliability 3", known, asked)
    asked = (ask({"act": "withdraw", "amendment": "a-xbb-words", "party": one}) for one in ("XBB", "SEC", "CHR", "xbb"))
    await tried(ground, IDOR, "another party in a command over HTTP", "reliability 3", ("HTTP 403 not-allowed",), asked)


# -- requests


async def test_requests_that_are_too_much_or_too_strange_are_answered_plainly(ground: Ground) -> None:
    async with ground.browser("m-sec") as clerk:

        async def status(asked: Awaitable[httpx2.Response]) -> str:
            return f"HTTP {(await asked).status_code}"

        big = "x" * (MAX_BODY + 1)
        form = {"content-type": "application/x-www-form-urlencoded"}
        bodies = [
            await status(clerk.post("/people/new", content=f"name={big[:70_000]}", headers=form)),
            await status(clerk.post("/settings", content=big, headers=form)),
        ]
        await tried(ground, HTTP, "bodies of megabytes", "reliability 3", ("HTTP 413",), bodies)
        many = "&".join(f"a{n}=1" for n in range(5_000))
        asked = [await status(clerk.post("/people/new", content=many, headers=form))]
        await tried(
            ground, HTTP, "a form of 5,000 fields", "reliability 3", ("HTTP 400", "HTTP 413", "HTTP 422"), asked
        )
        commands = f"/api/opinions/{OPINION}/commands"
        texts = [
            "[" * 40_000,
            '{"a":' * 9_000,
            "null",
            '{"key":"\\ud800aaaaaaa"}',
            "NaN",
            '{"key":1}',
            '{"key":"a\\u0000b"}',
        ]
        answers = [
            await status(clerk.post(commands, content=text, headers={"content-type": "application/json"}))
            for text in texts
        ]
        await tried(ground, HTTP, "JSON that is deep, null, half a character", "own", ("HTTP 400",), answers)
        methods = [await status(clerk.request(method, "/people")) for method in ("PUT", "DELETE", "PATCH", "TRACE")]
        await tried(ground, HTTP, "methods that no route has", "own", ("HTTP 405",), methods)
        paths = (
            "/static/build/../../../pyproject.toml",
            "/static/build/%2e%2e/%2e%2e/server/app.py",
            "/static/build//etc/passwd",
            "/static/",
        )
        answers = [await status(clerk.get(path)) for path in paths]
        await tried(ground, HTTP, "paths that climb out of the static files", "reliability 3", ("HTTP 404",), answers)
        ranges = {"range": "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000))}
        async with ground.browser(None, **ranges) as browser:
            answers = [f"HTTP {(await browser.get('/icon.svg')).status_code}"]
        await tried(
            ground,
            HTTP,
            "10,000 ranges of one file",
            "reliability 3",
            ("HTTP 200", "HTTP 206", "HTTP 400", "HTTP 416", "HTTP 431"),
            answers,
        )


# -- injection


MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
)
HIDDEN = ("\x00", "\x1b[2J", "\r\nSet-Cookie: a=b", "\u202eevil", "\u200b", "\ufeff", "\U000e0041")


async def test_names_that_are_markup_or_hide_something_are_not_taken(ground: Ground) -> None:
    """[R29]"""
    async with ground.browser("m-sec") as clerk:
        for family, names in (
            ("markup", MARKUP[:2] + MARKUP[4:]),
            ("control, invisible and reordering characters", HIDDEN),
            ("look-alikes", ("Fr\u0430nce Expert", "Ex\u0440ert")),
        ):
            answers = []
            for name in names:
                answer = await clerk.post("/people/new", data={"name": f"Mallory {name}", "role": "observer"})
                code = await clerk.post(
                    "/delegations/new",
                    data={"code": "XMM", "name": f"Land {name}", "kind": "member_state", "region": ""},
                )
                assert not re.search(r"<script>alert|<img src=x|<svg onload", answer.text + code.text), (
                    "echoed as markup"
                )
                answers += [f"HTTP {answer.status_code}", f"HTTP {code.status_code}"]
            await tried(ground, INJECTION, f"names: {family}", "reliability 3", ("HTTP 422",), answers)


async def test_words_reasons_and_labels_stay_words_on_pages_and_in_files(ground: Ground) -> None:
    """[R30] What a delegation writes is shown as it was written, and never is anything else."""
    async with (
        ground.guest("m-xdd-1", opinion=SECOND, workspace=True) as author,
        ground.guest("m-sec", opinion=SECOND) as clerk,
    ):
        formulas = ("=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(1)", "\uff1d1+1")
        words = " ".join((*MARKUP, *formulas))
        await author.saved(author.client.write([InsertText(P_TEXT, 0, words, inserted("a-markup-0001"))], "XDD"))
        reason = f"{MARKUP[0]}\n{formulas[0]}"
        await author.command(
            {"act": "submit", "amendment": "a-markup-0001", "reason": reason, "source": MARKUP[1]}, "XDD"
        )
        label = f'{MARKUP[4]} "; filename=evil.exe'
        frozen = await clerk.command({"act": "freeze", "label": label, "note": reason, "ruled_by": "Rosa Chair"})
    pages = [
        f"/opinions/{SECOND}{tail}"
        for tail in ("", "/live", "/versions", f"/versions/{frozen['version']}", "/views/rolling")
    ]
    exports = [f"/opinions/{SECOND}/export?format={one}" for one in ("html", "txt", "json", "docx")]
    async with ground.browser("m-xaa-1") as browser:
        shown = []
        for page in pages:
            text = (await browser.get(page)).text
            shown.append(
                "escaped"
                if not re.search(r"<script>alert|<img src=x|<svg onload|href=.javascript:", text)
                else f"raw in {page}"
            )
        await tried(
            ground,
            INJECTION,
            "markup in words, reasons, sources and labels, on every page",
            "reliability 3",
            ("escaped",),
            shown,
        )
        files = []
        for address in [*exports, f"/opinions/{SECOND}/export?format=html&version={frozen['version']}"]:
            answer = await browser.get(address)
            header = answer.headers.get("content-disposition", "")
            sound = answer.status_code in {200, 404} and "evil.exe" not in header and "\n" not in header
            if "html" in answer.headers.get("content-type", ""):
                sound &= not re.search(r"<script>alert|<img src=x|<svg onload|href=.javascript:", answer.text)
            if "json" in answer.headers.get("content-type", "") and answer.status_code == 200:
                json.loads(answer.text)
            files.append("sound" if sound else f"not sound: {address} {header}")
        await tried(
            ground, INJECTION, "markup and formulas in exports and their file names", "reliability 3", ("sound",), files
        )
        answer = await browser.get(f"/opinions/{SECOND}/export?format=txt%0d%0aX-Evil:1")
        split = ["refused" if answer.status_code == 404 and "x-evil" not in answer.headers else "split"]
        await tried(ground, INJECTION, "line breaks in an address", "reliability 3", ("refused",), split)


async def test_the_log_holds_one_line_for_each_event_and_nothing_secret(ground: Ground) -> None:
    """[R33] Whatever was typed, named or asked for: no escape codes, no forged lines, no tokens, no words."""
    lines = ground.server.output.read_text(errors="replace").splitlines()[2:]
    plain = [line for line in lines if "\x1b" in line or not re.match(r"\d\d:\d\d:\d\d |\{|Unbracket is", line)]
    await tried(
        ground,
        INJECTION,
        "log lines: escape codes, forged lines",
        "reliability 4",
        ("none",),
        ["none" if not plain else plain[0][:80]],
    )
    text = "\n".join(lines)
    secret = [one.member for one in ground.stock.people.values() if one.token in text] + [
        w for w in ("alert(1)", "zebra") if w in text
    ]
    await tried(
        ground,
        INJECTION,
        "log lines: tokens and words of drafts",
        "reliability 3",
        ("none",),
        ["none" if not secret else str(secret)],
    )
