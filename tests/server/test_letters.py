"""Letters: sent once, tried again with growing pauses, refused for good, never two at once and never a secret kept."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, select, update

from server import outbox, work
from server.cli.commands import app as commands
from server.database import Database
from server.errors import SettingsError
from server.jobs import LocalJobs
from server.post.carrier import AWAY_SECONDS, Carrier, LetterUnsendable, MailServerAway, message_of
from server.post.letters import Letter, LetterKind, LetterRefused, post
from server.post.mail_server import mail_server as read_address
from server.post.sending import KEPT, PAUSES, failed_by_member, send_again, unsent
from server.settings import Settings, described, read_settings
from server.tables import jobs, members
from server.tables.post import letters
from server.work import Tools
from tests.support.certificates import certified
from tests.support.mail_server import Mail, mail_server
from tests.support.services import BOTH
from tests.support.visitors import House, house
from tests.support.waiting import until

ANA = "ana@example.org"
LETTER = Letter(LetterKind.NOTICE, ANA, "The sitting, moved: Zürich 14:30", "Grüße aus Genf,\n会议厅 3\n.\n")


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    """A mail server for the tests of this module; each begins with it up and empty."""
    with mail_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(mail: Mail) -> None:
    mail.received.clear()
    mail.answers.clear()
    mail.hold, mail.asked = None, 0
    if not mail.is_up:
        mail.up()


@asynccontextmanager
async def posting(settings: Settings) -> AsyncIterator["Desk"]:
    """A database, and a worker's tools."""
    database = Database(settings)
    await database.open()
    try:
        yield Desk(database, Tools(settings, database, lambda job: None))
    finally:
        await database.close()


class Desk:
    """What a worker does, at the test's own times."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self.database = database
        self.tools = tools

    async def post(self, letter: Letter) -> str:
        """Have a letter sent; its job."""
        return await self.database.write(lambda c: post(c, letter, datetime.now(UTC)))

    async def work(self, job: str) -> Row[Any]:
        """Do its job, as often as a sweep would in an hour; its row then."""
        await work.carry_out({"tools": self.tools}, job)
        return await self.row(job)

    async def row(self, job: str) -> Row[Any]:
        """The letter's row."""
        name = job.removeprefix("letter:")
        return await self.database.read(lambda c: c.execute(select(letters).where(letters.c.id == name)).one())

    async def job(self, job: str) -> tuple[int, bool]:
        """How often its job was begun, and whether it is done."""
        row = await self.database.read(lambda c: c.execute(select(jobs).where(jobs.c.id == job)).one())
        return row.tries, row.done_at is not None

    async def later(self, job: str) -> None:
        """As if the pause were over."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        self.tools.carrier._away_until = 0.0

        def change(connection: Any) -> None:
            connection.execute(update(letters).values(due_at=past, claimed_until=None))
            connection.execute(update(jobs).where(jobs.c.id == job).values(due_at=past))

        await self.database.write(change)


@pytest.mark.parametrize("kind", BOTH)
async def test_a_letter_arrives_whole_once_and_says_how_to_stop_such_letters(settings: Settings, mail: Mail) -> None:
    async with posting(replace(settings, smtp_url=mail.url, mail_from="Clerk <clerk@ieg.example.org>")) as desk:
        job = await desk.post(replace(LETTER, unsubscribe="https://draft.example.org/stop/abc"))
        row = await desk.work(job)
        assert (row.state, row.tries, row.body) == ("sent", 1, LETTER.body)
        assert await desk.job(job) == (1, True)
        await desk.work(job)
        (one,) = mail.received
        assert one.recipients == (ANA,)
        assert (one.subject, one.body) == (LETTER.subject, LETTER.body)
        assert one.message["From"] == "Clerk <clerk@ieg.example.org>"
        assert one.message["Message-ID"] == f"<{row.id}@ieg.example.org>"
        assert one.message["List-Unsubscribe"] == "<https://draft.example.org/stop/abc>"
        assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert one.message.get_content_type() == "text/plain"
        assert one.message.get_content_charset() == "utf-8"
        assert abs(datetime.now(UTC) - one.message["Date"].datetime) < timedelta(minutes=5)


async def test_a_secret_is_blanked_once_it_is_sent(settings: Settings, mail: Mail) -> None:
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(replace(LETTER, kind=LetterKind.INVITATION, body="https://x/sign-in/secret"))
        assert (await desk.work(job)).body == ""
        assert "sign-in/secret" in mail.received[0].body


async def test_without_a_mail_server_letters_wait_and_no_try_is_counted(settings: Settings, mail: Mail) -> None:
    async with posting(settings) as desk:
        job = await desk.post(LETTER)
        row = await desk.work(job)
        for _ in range(outbox.MAX_TRIES + 2):
            row = await desk.work(job)
        assert (row.state, row.tries) == ("waiting", 0)
        assert await desk.job(job) == (0, False)
        begun: list[str] = []
        await work.sweep({"tools": Tools(settings, desk.database, begun.append)})
        assert begun == []
        assert [one.subject for one in await desk.database.read(unsent)] == [LETTER.subject]
        desk.tools = Tools(replace(settings, smtp_url=mail.url), desk.database, begun.append)
        await work.sweep({"tools": desk.tools})
        assert begun == [job]
        assert (await desk.work(job)).state == "sent"


async def test_a_letter_not_yet_due_is_left_to_its_hour(settings: Settings, mail: Mail) -> None:
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(replace(LETTER, due_at=datetime.now(UTC) + timedelta(hours=7)))
        for _ in range(outbox.MAX_TRIES + 2):
            await desk.work(job)
        assert await desk.job(job) == (0, False)
        assert mail.received == []
        await desk.later(job)
        assert (await desk.work(job)).state == "sent"


async def test_a_recipient_refused_is_final_and_told(settings: Settings, mail: Mail) -> None:
    mail.answers[ANA] = "550 5.1.1 no such mailbox"
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(LETTER)
        row = await desk.work(job)
        assert (row.state, row.last_error) == ("refused", "550 5.1.1 no such mailbox")
        await desk.later(job)
        await desk.work(job)
        assert mail.asked == 1
        mail.answers.clear()
        again = await desk.database.write(lambda c: send_again(c, row.id, datetime.now(UTC)))
        assert again == job
        assert (await desk.work(job)).state == "sent"
        assert await desk.database.write(lambda c: send_again(c, row.id, datetime.now(UTC))) is None


@pytest.mark.parametrize("how", ["later", "down"])
async def test_come_back_later_and_nobody_there_are_tried_again_with_growing_pauses_then_given_up(
    settings: Settings, mail: Mail, how: str
) -> None:
    if how == "down":
        mail.down()
    mail.answers[ANA] = "451 4.7.1 greylisted"
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(LETTER)
        pauses, row = [], await desk.row(job)
        for tries in range(1, outbox.MAX_TRIES + 1):
            begun = datetime.now(UTC)
            row = await desk.work(job)
            assert row.tries == tries
            pauses.append(row.due_at - begun)
            await desk.work(job)
            assert (await desk.row(job)).tries == tries, "not before the pause is over"
            await desk.later(job)
        assert [round(pause / timedelta(minutes=1)) for pause in pauses[:-1]] == [
            round(pause / timedelta(minutes=1)) for pause in PAUSES
        ]
        assert row.state == "given_up"
        assert ("greylisted" in row.last_error) == (how == "later")
        assert mail.received == []


@pytest.mark.parametrize("kind", BOTH)
async def test_two_workers_send_a_letter_once(settings: Settings, mail: Mail) -> None:
    mail.hold = threading.Event()
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(LETTER)
        first = asyncio.create_task(desk.work(job))
        await until(lambda: mail.asked, "the letter to be on its way")
        # The sweep finds it again, and so does another process.
        other = Tools(desk.tools.settings, desk.database, lambda job: None)
        await work.carry_out({"tools": other}, job)
        mail.hold.set()
        row = await first
        await work.carry_out({"tools": other}, job)
        assert (row.state, len(mail.received)) == ("sent", 1)
        assert (await desk.row(job)).tries == 1


async def test_a_worker_that_died_leaves_a_claim_that_ends(settings: Settings, mail: Mail) -> None:
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        job = await desk.post(LETTER)
        soon = datetime.now(UTC) + timedelta(minutes=4)
        await desk.database.write(lambda c: c.execute(update(letters).values(claimed_until=soon)).rowcount)
        assert (await desk.work(job)).state == "waiting"
        await desk.later(job)
        assert (await desk.work(job)).state == "sent"


async def test_a_mail_server_that_is_away_is_not_asked_for_every_letter(settings: Settings, mail: Mail) -> None:
    now = [0.0]
    carrier = Carrier(replace(settings, smtp_url=mail.url), lambda: now[0])
    message = message_of(settings, "l-1", ANA, "Hello", "There")
    mail.down()
    for _ in range(2):
        with pytest.raises(MailServerAway):
            await carrier.hand_over(message)
    mail.up()
    with pytest.raises(MailServerAway):
        await carrier.hand_over(message)
    now[0] += AWAY_SECONDS
    await carrier.hand_over(message)
    assert len(mail.received) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_the_server_signs_in_where_the_mail_server_asks_for_it_with_the_password_of_a_file(
    tmp_path: Path, settings: Settings
) -> None:
    with mail_server("clerk", "p@ss word/%") as mail:
        file = tmp_path / "password"
        file.write_text("p@ss word/%\n")
        url = f"smtp://clerk@127.0.0.1:{mail.port}?starttls=never"
        message = message_of(settings, "l-1", ANA, "Hello", "There")
        await Carrier(replace(settings, smtp_url=url, smtp_password_file=file)).hand_over(message)
        file.write_text("another\n")
        with pytest.raises(MailServerAway, match="535"):
            await Carrier(replace(settings, smtp_url=url, smtp_password_file=file)).hand_over(message)
        # A user's password never goes out unencrypted, unless the settings say so.
        with pytest.raises(MailServerAway, match="STARTTLS"):
            await Carrier(replace(settings, smtp_url=url.partition("?")[0])).hand_over(message)
        assert len(mail.received) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_mail_server_is_spoken_to_by_tls_and_only_if_its_certificate_is_trusted(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """[STARTTLS, smtps] The password and the letter go out encrypted; to somebody in between, nothing."""
    context, certificate = certified(tmp_path)
    message = message_of(settings, "l-1", ANA, "Hello", "There")
    with mail_server("clerk", "word", tls=context, smtps=scheme == "smtps") as mail:
        url = f"{scheme}://clerk:word@127.0.0.1:{mail.port}"
        with pytest.raises(MailServerAway, match="certificate"):
            await Carrier(replace(settings, smtp_url=url)).hand_over(message)
        assert (mail.received, mail.asked) == ([], 0)
        # As the operator would trust it: OpenSSL reads the file of authorities from the environment.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await Carrier(replace(settings, smtp_url=url)).hand_over(message)
        assert [one.body for one in mail.received] == ["There\n"]
        assert mail.encrypted == [True]
        other = f"{scheme}://clerk:word@localhost:{mail.port}"
        with pytest.raises(MailServerAway, match=r"(?i)certificate|hostname"):
            await Carrier(replace(settings, smtp_url=other)).hand_over(message)


FIELDS = {"subject": "The sitting", "recipient": ANA, "unsubscribe": "https://x.org/s"}


@given(st.sampled_from("\r\n\x00\u2028\u0085\x0b"), st.integers(1, 10), st.sampled_from(sorted(FIELDS)))
def test_no_line_break_gets_into_a_heading(character: str, at: int, field: str) -> None:
    value = FIELDS[field]
    broken = value[:at] + character + "Bcc: all@example.org" + value[at:]
    with pytest.raises(LetterRefused):
        post(None, replace(LETTER, **{field: broken}), datetime.now(UTC))  # type: ignore[arg-type]
    if field == "subject" and character in "\r\n":
        with pytest.raises(ValueError, match="linefeed or carriage return"):
            message_of(Settings(), "l-1", ANA, broken, "body")


@pytest.mark.parametrize("recipient", ["", "nobody", "a@b", "a b@example.org", "a@example.org, b@example.org"])
def test_a_letter_goes_to_one_address(recipient: str) -> None:
    with pytest.raises(LetterRefused):
        post(None, replace(LETTER, recipient=recipient), datetime.now(UTC))  # type: ignore[arg-type]


def test_addresses_of_mail_servers() -> None:
    assert read_address("smtp://u%40x:p%2Fw@mail.example.org").port == 587
    assert read_address("smtps://mail.example.org").tls
    assert read_address("smtp://u:p@mail.example.org").starttls is True
    assert read_address("smtp://localhost:25").starttls is None
    assert (read_address("smtp://u%40x:p%2Fw@h").user, read_address("smtp://u%40x:p%2Fw@h").password) == ("u@x", "p/w")
    for wrong in (
        "mail.example.org",
        "http://mail",
        "smtp://",
        "smtp://h?tls=no",
        "smtp://h?starttls=no",
        "smtp://h/x",
    ):
        with pytest.raises(SettingsError, match="UNBRACKET_SMTP_URL"):
            read_settings({"UNBRACKET_SMTP_URL": wrong})
    for wrong in ("nobody", "A\nBcc: x@y.org <a@b.org>", "a@b.org, c@d.org"):
        with pytest.raises(SettingsError, match="UNBRACKET_MAIL_FROM"):
            read_settings({"UNBRACKET_MAIL_FROM": wrong})
    told = {one.name: one.value for one in described(Settings(smtp_url="smtp://u:hush@h"))}
    assert told["UNBRACKET_SMTP_URL"] == "smtp://u:***@h"


# --- pages and the command line


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, mail: Mail) -> Iterator[House]:
    """The app on stocked data, with a mail server that is up."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("letters") / "data", smtp_url=mail.url)) as running:
        yield running


def test_the_page_of_letters_shows_what_failed_without_its_words_and_sends_it_again(pages: House, mail: Mail) -> None:
    mail.answers[ANA] = "550 no such mailbox"

    def invited(connection: Any) -> str:
        connection.execute(update(members).where(members.c.id == "m-xaa-1").values(email=ANA))
        body = "http://x/sign-in/hush-hush"
        return post(connection, Letter(LetterKind.INVITATION, ANA, "Your link", body, "m-xaa-1"), datetime.now(UTC))

    job = pages.write(invited)
    context = LocalJobs(pages.services.settings, pages.services.database)._context
    assert pages.client.portal is not None
    pages.client.portal.call(work.carry_out, context, job)
    page = pages.get("m-sec", "/letters")
    assert page.status_code == 200
    assert ANA in page.text
    assert "550 no such mailbox" in page.text
    assert "hush-hush" not in page.text
    assert "could not be delivered" in pages.get("m-sec", "/people/m-xaa-1").text
    assert pages.write(failed_by_member)["m-xaa-1"].subject == "Your link"
    mail.answers.clear()
    name = job.removeprefix("letter:")
    assert pages.post("m-sec", f"/letters/{name}/again").headers["location"] == "/letters?done=letter-again"
    mail.wait_for(ANA)
    assert pages.post("m-sec", "/letters/l-nothing/again").status_code == 404
    assert pages.post("m-xaa-1", f"/letters/{name}/again").status_code == 404


def test_settings_of_the_mail_server_are_tried_from_the_command_line(
    mail: Mail, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.answers["bob@example.org"] = "550 who is Bob"
    command = ("mail", "test")
    with pytest.raises(SettingsError, match="UNBRACKET_SMTP_URL"):
        commands([*command, ANA], standalone_mode=False)
    monkeypatch.setenv("UNBRACKET_SMTP_URL", mail.url)
    commands([*command, ANA], standalone_mode=False)
    assert ANA in capsys.readouterr().out
    assert len(mail.to(ANA)) == 1
    with pytest.raises(LetterUnsendable, match="550 who is Bob"):
        commands([*command, "bob@example.org"], standalone_mode=False)


async def test_what_was_sent_long_ago_is_dropped(settings: Settings, mail: Mail) -> None:
    async with posting(replace(settings, smtp_url=mail.url)) as desk:
        for kind in (LetterKind.NOTICE, LetterKind.INVITATION):
            await desk.post(replace(LETTER, kind=kind))
        job = await desk.post(LETTER)
        await desk.work(job)
        old = datetime.now(UTC) - KEPT - timedelta(days=1)
        await desk.database.write(lambda c: c.execute(update(letters).values(created_at=old)).rowcount)
        sent = update(letters).where(letters.c.state == "sent").values(sent_at=old)
        await desk.database.write(lambda c: c.execute(sent).rowcount)
        await work.forget({"tools": desk.tools})
        left = await desk.database.read(lambda c: c.execute(select(letters)).all())
        assert {(row.kind, row.state, bool(row.body)) for row in left} == {
            ("notice", "waiting", True),
            ("invitation", "given_up", False),
        }
