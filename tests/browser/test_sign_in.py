"""Signing in as people do: at a provider's own page, with a passkey, and confirming before what cannot be undone."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from opinions.process_rules import RULES
from opinions.roles import Role
from server.database import Database
from server.process_store import load_process, save_process
from server.settings import Settings
from server.tables import members
from tests.browser.desk import Desk
from tests.browser.test_server_pages import complaints, heard
from tests.support.live_server import LiveServer, live_server
from tests.support.provider import OF_THE_PROVIDER, Account, provider
from tests.support.stock import OPINION, Stock, stocked

pytestmark = pytest.mark.filterwarnings(OF_THE_PROVIDER)
CHAIR, CLERK, EXPERT = "m-chair", "m-sec", "m-xbb-1"
ADDRESS = "expert.one@borduria.example"
SHOTS = os.environ.get("UNBRACKET_TEST_SHOTS", "")
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """The chair's role needs a passkey."""
    made = stocked(Settings(data_dir=tmp_path_factory.mktemp("sign-in") / "data"))
    with Database(made.settings) as database:
        database.run(lambda c: c.execute(update(members).where(members.c.id == EXPERT).values(email=ADDRESS)))
        rules = replace(RULES, passkey_roles=frozenset({Role.CHAIR}))
        database.run(lambda c: save_process(c, replace(load_process(c), rules=rules)))
    return made


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    secret = stock.settings.data_dir.parent / "secret"
    secret.write_text("between the two")
    accounts = (Account("borduria-1", ADDRESS, True), Account("stranger", "stranger@elsewhere.example", True))
    with provider(accounts) as issuer:
        environ = {
            "UNBRACKET_OIDC_ISSUER": issuer,
            "UNBRACKET_OIDC_CLIENT_ID": "unbracket",
            "UNBRACKET_OIDC_CLIENT_SECRET_FILE": str(secret),
            "UNBRACKET_OIDC_NAME": "Borduria Login",
        }
        with live_server(stock.settings.data_dir, environ=environ) as running:
            yield running


def place(server: LiveServer) -> str:
    """A passkey is a host name's, so no address in figures."""
    return f"http://localhost:{server.port}"


def visitor(browser: Browser, server: LiveServer, stock: Stock, member: str, width: int = 1440) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=place(server))
    if member:
        cookie = {"name": f"unbracket-{server.port}", "value": stock[member].token, "url": place(server)}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context


def with_device(context: BrowserContext) -> Page:
    """A page whose browser has a device that keeps passkeys and sees its owner at once."""
    page = context.new_page()
    debugger = context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def proved_long_ago(stock: Stock, member: str) -> None:
    """Somebody's last proof has run out: the clock is the only thing that a browser cannot turn."""
    past = (datetime.now(UTC) - timedelta(minutes=11)).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(stock.settings.data_dir / "unbracket.db", timeout=10)) as database, database:
        database.execute("UPDATE sessions SET proved_at = ? WHERE member = ?", (past, member))


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"sign-in-{name}.png", full_page=True)


def test_a_person_signs_in_at_a_provider_and_a_stranger_is_told_why_not(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    context = visitor(browser, server, stock, "")
    page = context.new_page()
    said = heard(page)
    page.goto("/sign-in")
    page.get_by_role("link", name="Sign in with Borduria Login").click()
    page.get_by_role("button", name="borduria-1").click()
    expect(page.locator(".who")).to_contain_text("Expert Borduria 1")
    page.goto("/account")
    expect(page.locator("table")).to_contain_text("By your organization")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/sign-in")
    page.get_by_role("link", name="Sign in with Borduria Login").click()
    page.get_by_role("button", name="stranger").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This address is not on the roster")
    assert complaints(page) == []
    shot(page, "stranger")
    assert [one for one in said if "Content Security" in one] == []
    context.close()


def test_a_chair_registers_a_passkey_signs_in_with_it_and_confirms_a_freeze(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    context = visitor(browser, server, stock, CHAIR)
    page = with_device(context)
    page.goto(f"/opinions/{OPINION}/views/rolling")
    expect(page.get_by_role("heading", level=1)).to_have_text("Register a passkey first")
    assert complaints(page) == []
    shot(page, "register-first")
    page.goto("/")
    expect(page.locator(".withheld")).to_contain_text("you read as an observer")
    shot(page, "withheld")
    page.get_by_role("link", name="Confirm that it is you").click()
    page.get_by_label("What you call it").fill("Laptop of the chair")
    page.get_by_role("button", name="Register a passkey").click()
    page.wait_for_url(f"{place(server)}/")
    expect(page.locator(".withheld")).to_have_count(0)

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".who")).to_contain_text("Rosa Chair")
    expect(page.locator(".withheld")).to_have_count(0)
    page.goto("/account/passkeys")
    expect(page.locator("table input[name=name]")).to_have_value("Laptop of the chair")
    assert complaints(page) == []
    shot(page, "passkeys")

    proved_long_ago(stock, CHAIR)
    desk = Desk(page, CHAIR, OPINION, place(server)).open()
    dialog = desk.open_freeze()
    dialog.get_by_label("Name of the version").fill("Confirmed text")
    dialog.get_by_role("button", name="Freeze", exact=True).click()
    asked = dialog.get_by_role("button", name="Confirm and freeze")
    expect(asked).to_be_visible()
    expect(dialog.get_by_label("Name of the version")).to_have_value("Confirmed text")
    shot(page, "freeze")
    asked.click()
    desk.told("Confirmed text")
    page.goto(f"/opinions/{OPINION}/versions/1")
    expect(page.locator(".version-head")).to_contain_text("Confirmed text")
    context.close()


def test_a_form_waits_for_the_proof_and_is_sent_by_itself_afterwards(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    context = visitor(browser, server, stock, CLERK)
    page = with_device(context)
    said = heard(page)
    page.goto("/account/passkeys")
    page.get_by_role("button", name="Register a passkey").click()
    expect(page.locator(".note.ok")).to_contain_text("The passkey is registered")
    proved_long_ago(stock, CLERK)
    page.goto("/people/new")
    page.get_by_label("Name", exact=True).fill("Nora New")
    page.get_by_label("Observer", exact=True).check()
    page.get_by_role("button", name="Add this person").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    assert complaints(page) == []
    shot(page, "confirm")
    page.get_by_role("button", name="Confirm with your passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nora New")
    page.goto("/audit")
    expect(page.locator("table")).to_contain_text("Confirmed with a passkey")
    assert said == []
    context.close()


@pytest.mark.parametrize("member", ["", CLERK])
def test_pages_of_signing_in_are_accessible_and_fit_a_phone(
    browser: Browser, server: LiveServer, stock: Stock, member: str
) -> None:
    pages = ("/account", "/account/passkeys", "/audit", "/audit?since=tomorrow") if member else ("/sign-in",)
    for width in WIDTHS:
        context = visitor(browser, server, stock, member, width)
        page = context.new_page()
        said = heard(page)
        for path in pages:
            page.goto(path)
            assert complaints(page) == [], f"{path} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
            shot(page, f"{path.strip('/').replace('/', '-').replace('?', '-')}-{width}")
        assert said == []
        context.close()


def test_without_a_script_the_pages_say_what_is_missing(browser: Browser, server: LiveServer, stock: Stock) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=place(server))
    page = context.new_page()
    page.goto("/sign-in")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in with Borduria Login")).to_be_visible()
    context.close()
