"""Files of versions and volumes: made once, kept, checked, given out; the bundle and its verifiers (PB2, PB5-PB7)."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from opinions import commands
from opinions.roles import Actor, Role
from opinions.views import View
from server import outbox
from server.export import typefaces
from server.export.sheet import MEDIA_TYPES, Format
from server.ids import new_id
from server.publications import store
from server.publications.bundle import bundle_form
from server.publications.sources import load
from server.publications.store import Subject, Wanted
from server.settings import Settings
from server.sg_report import store as report_store
from server.sg_report.store import By
from server.tables import jobs, version_exports
from server.verification.sources import read_source, verify_sources
from server.volumes.contents import load_contents
from tests.publications import reading
from tests.support.stock import OPINION
from tests.support.unguarded import unguarded
from tests.support.visitors import House, house
from tests.support.waiting import PATIENCE, wait_until

VERSION = f"/opinions/{OPINION}/versions/1"
EXPORT = f"/opinions/{OPINION}/export?version=1"
SUBJECT = Subject(1, OPINION)
SECRETARY = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
STAND_ALONE = Path(__file__).parents[2] / "server" / "static" / "unbracket_verify.py"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A version whose files are made, and a volume that it is annexed to, published."""
    with house(Settings(data_dir=tmp_path_factory.mktemp("publications") / "data")) as started:
        assert freeze(started, "Third draft")
        by = By("m-sec", "Sam Clerk", datetime.now(UTC))
        started.write(lambda c: report_store.add_section(c, "Background", 1, "One.\n\nTwo, أن.", "", by, new_id))
        started.write(lambda c: report_store.add_section(c, "Trust", 2, "Three.", "", by, new_id))
        publish(started)
        for job in (outbox.exports_of(OPINION, 1), outbox.exports_of_volume(1)):
            started.services.begin(job.id)
            wait_until(partial(done, started, job.id), f"the files of {job.id}")
        yield started


def freeze(running: House, label: str) -> bool:
    """Freeze the Opinion; whether it was."""
    assert running.client.portal is not None
    command = commands.to_json(commands.Freeze(label=label, ruled_by="Rosa Chair"))
    answer = running.client.portal.call(running.services.hub.command, OPINION, SECRETARY, 1, "", new_id("k"), command)
    return not answer.code


def publish(running: House) -> None:
    """The secretariat's volume, with the report's newest revision and the version."""
    assert running.post("m-sec", "/volumes/new", {"label": "Third draft"}).status_code == 303
    form = {"label": "Third draft", "report": "2", f"annex:{OPINION}": "1"}
    assert running.post("m-sec", "/volumes/1", form).status_code == 303
    number = {"document": "S24-WTPF26PREP-R-0003"}
    assert running.post("m-sec", "/volumes/1/number", number).status_code == 303
    seen = running.write(lambda c: load_contents(c, 1)).fingerprint
    assert running.post("m-sec", "/volumes/1/publish", {"seen": seen}).status_code == 303


def done(running: House, job: str) -> bool:
    progress = running.write(partial(outbox.progress, job_id=job))
    return progress is not None and progress.done


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("address", [f"{EXPORT}&", "/volumes/1/export?"])
def test_pb2_what_is_given_out_is_what_is_kept(running: House, address: str, form: Format) -> None:
    """[PB2] With its media type and a tag by which a browser knows that it has it already."""
    answer = running.get("m-sec", f"{address}view=rolling&format={form}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES[form]
    subject = SUBJECT if address.startswith(EXPORT) else Subject(1)
    kept = running.write(partial(store.read, subject=subject, form=Wanted(View.ROLLING, form).form))
    assert answer.content == kept
    assert answer.headers["etag"] == f'"{sha256(answer.content).hexdigest()}"'
    again = running.get(
        "m-sec", f"{address}view=rolling&format={form}", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_pb2_what_was_chosen_besides_is_made_once_too(running: House) -> None:
    """[PB2] Without names, with numbered lines, agreed text only although something is open."""
    assert running.get("m-sec", f"{EXPORT}&view=clean&format=pdf").status_code == 409
    for asked, form in (
        ("view=marked&format=pdf&names=none&lines=1", "marked.unnamed.lines.pdf"),
        ("view=clean&format=docx&mark_not_agreed=1", "clean.open.docx"),
        ("view=rolling&format=txt&names=withheld&lines=1&mark_not_agreed=1", "rolling.unnamed.txt"),
    ):
        first, second = (running.get("m-sec", f"{EXPORT}&{asked}").content for _ in range(2))
        assert first == second == running.write(partial(store.read, subject=SUBJECT, form=form)), asked


def test_pb2_a_file_is_never_made_again_while_it_is_there(running: House) -> None:
    """[PB2] Not even when today's libraries would make other bytes of the text."""
    form = Wanted(View.MARKED, Format.HTML).form
    as_it_was = b"<p>as it was made then</p>"
    mine = (version_exports.c.opinion == OPINION) & (version_exports.c.form == form)
    with unguarded(running.services.settings, "version_exports") as connection:
        before: bytes = connection.execute(select(version_exports.c.content).where(mine)).scalar_one()
        values = {"content": as_it_was, "sha256": sha256(as_it_was).digest()}
        connection.execute(update(version_exports).where(mine).values(values))
    try:
        assert running.get("m-sec", f"{EXPORT}&view=marked&format=html").content == as_it_was
        job = outbox.exports_of(OPINION, 1).id
        running.write(partial(outbox.again, job_id=job))
        running.services.begin(job)
        wait_until(partial(done, running, job), "the job to be done again")
        assert running.get("m-sec", f"{EXPORT}&view=marked&format=html").content == as_it_was
    finally:
        with unguarded(running.services.settings, "version_exports") as connection:
            values = {"content": before, "sha256": sha256(before).digest()}
            connection.execute(update(version_exports).where(mine).values(values))


def test_pb6_a_file_that_was_changed_by_hand_is_not_given_out(running: House) -> None:
    """[PB6] Its digest is looked at whenever it is read; and the database itself refuses the change."""
    form = Wanted(View.MARKED, Format.TXT).form
    mine = (version_exports.c.opinion == OPINION) & (version_exports.c.form == form)
    with pytest.raises(DatabaseError, match=r"append-only|not authorized"):
        running.write(lambda c: c.execute(update(version_exports).where(mine).values(content=b"evil")))
    with unguarded(running.services.settings, "version_exports") as connection:
        before: bytes = connection.execute(select(version_exports.c.content).where(mine)).scalar_one()
        connection.execute(update(version_exports).where(mine).values(content=before + b"evil"))
    try:
        answer = running.get("m-sec", f"{EXPORT}&view=marked&format=txt")
        assert answer.status_code == 500
        assert b"evil" not in answer.content
    finally:
        with unguarded(running.services.settings, "version_exports") as connection:
            connection.execute(update(version_exports).where(mine).values(content=before))


@pytest.mark.parametrize("address", [f"{VERSION}/bundle.zip", "/volumes/1/bundle.zip"])
@pytest.mark.parametrize("names", ["", "?names=none"])
def test_pb5_a_bundle_holds_all_and_both_verifiers_agree_with_it(
    running: House, tmp_path: Path, address: str, names: str
) -> None:
    """[PB5] Its list is signed; its bytes are the same whoever asks; without names it names nobody."""
    answer = running.get("m-sec", address + names)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.content == running.get("m-chair", address + names).content
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    with zipfile.ZipFile(path) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
        assert archive.namelist() == sorted(files)
        assert len({one.date_time for one in archive.infolist()}) == 1
    manifest = json.loads(files["manifest.json"])
    assert set(manifest) == {
        "format", "number", "files", "record_hash", "made_at", "build", "key",
        "opinion" if "opinions" in address else "volume",
    }  # fmt: skip
    assert set(manifest["files"]) == set(files) - {"manifest.json", "manifest.sig"}
    for form in Format:
        kind = {Format.AKN: "akn.xml"}.get(form, form.value)
        assert sum(1 for one in files if one.endswith(f".{kind}") and not one.startswith(("verify", "manifest"))) == (
            3 if kind == "json" and "volumes" in address else 2
        ), form
    if names:
        plain = b"".join(content for one, content in files.items() if one.endswith((".txt", ".html", ".xml", ".json")))
        assert b"XAA" not in plain
    reports = verify_sources([read_source(path)])
    assert [(one.name, one.findings) for one in reports if not one.agrees] == []
    told = subprocess.run([sys.executable, STAND_ALONE, path], capture_output=True, text=True, timeout=PATIENCE)
    assert told.returncode == 0, told.stdout + told.stderr


def test_pb7_a_volume_is_one_document_in_every_format(running: House) -> None:
    """[PB7] The report with its numbers, then the Opinion annexed; each format says the same."""
    files = {form: running.get("m-sec", f"/volumes/1/export?view=rolling&format={form}").content for form in Format}
    source = running.write(partial(load, subject=Subject(1)))
    paper = source.paper(Wanted(View.ROLLING, Format.TXT))
    assert paper.parts[0].heading == "Report by the Secretary-General"
    rows = [reading.squeezed(row.label + row.text) for part in paper.parts for row in part.rows]
    whole = {
        Format.TXT: reading.squeezed(files[Format.TXT].decode()),
        Format.HTML: reading.html_words(files[Format.HTML]),
        Format.PDF: reading.pdf_words(files[Format.PDF]),
        Format.DOCX: "".join(reading.docx_lines(files[Format.DOCX])),
        Format.AKN: reading.akn_words(files[Format.AKN]),
        Format.JSON: reading.squeezed(
            "".join(
                row["label"] + row["text"]
                for part in json.loads(files[Format.JSON])["parts"]
                for row in part["paragraphs"]
            )
        ),
    }
    for form, text in whole.items():
        place = -1
        for row in rows:
            if "أ" in row and form is Format.PDF:
                continue
            place = text.find(row, place + 1)
            assert place >= 0, (form, row)
    root = etree.fromstring(files[Format.AKN])
    assert reading.akn_schema().validate(root), reading.akn_schema().error_log
    assert "S24-WTPF26PREP-R-0003" in reading.pdf_pages(files[Format.PDF])[0]


def test_pb7_observers_have_the_files_that_their_pages_show(running: House) -> None:
    """[PB7] Agreed text only, and no bundle."""
    assert running.get("m-obs", "/volumes/1/export?view=marked&format=txt").status_code == 404
    assert running.get("m-obs", "/volumes/1/export?view=clean&format=txt").status_code == 409
    assert running.get("m-obs", "/volumes/1/export?view=clean&format=txt&mark_not_agreed=1").status_code == 200
    assert running.get("m-obs", "/volumes/1/bundle.zip").status_code == 404
    page = running.get("m-obs", "/volumes/1/files").text
    assert "Agreed text only" in page
    assert "Revision marks" not in page
    assert "bundle.zip" not in page


def test_jb3_the_page_of_files_says_how_far_they_are(running: House) -> None:
    """[JB3] As a page that asks again by itself, and as JSON; a bundle asked for meanwhile is told the same."""
    job = outbox.exports_of(OPINION, 1).id
    page = running.get("m-sec", f"{VERSION}/files")
    assert "refresh" not in page.headers
    assert 'bundle.zip" download>' in page.text
    told = running.get("m-sec", f"/api{VERSION}/files").json()
    assert told["progress"]["done"]
    assert told["progress"]["steps_done"] == told["progress"]["steps"] == 2 * len(Format) + 1
    assert {"rolling.pdf", "marked.akn", bundle_form()} <= {one["form"] for one in told["files"]}
    running.write(partial(outbox.again, job_id=job))
    running.write(partial(outbox.tell, job_id=job, steps_done=3, steps=13, step="rolling.pdf"))
    try:
        page = running.get("m-sec", f"{VERSION}/files")
        assert page.headers["refresh"] == "2"
        assert re.search(r'<progress id="made" max="13" value="3">', page.text)
        assert "3 of 13 files are made" in page.text
        # What answers is this page until there is a bundle: no browser is told to keep it as a zip.
        assert 'bundle.zip">' in page.text
        assert running.get("m-sec", f"/api{VERSION}/files").json()["progress"]["steps_done"] == 3
    finally:
        running.services.begin(job)
        wait_until(partial(done, running, job), "the job")


def test_a_file_is_asked_for_by_its_own_names_alone(running: House) -> None:
    for asked in ("format=exe", "view=secret", "names=everybody", "version=1"):
        if asked != "version=1":
            assert running.get("m-sec", f"/volumes/1/export?{asked}").status_code == 404
    assert running.get("m-sec", "/volumes/2/files").status_code == 404
    assert running.get("m-sec", f"/opinions/{OPINION}/versions/7/files").status_code == 404


def test_without_fonts_all_but_pdf_is_made_and_pdf_as_soon_as_they_are_brought(
    running: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """[JB2] The server serves; who asks for a PDF file is told why there is none, and the job waits for the fonts."""
    job = outbox.exports_of(OPINION, 2)
    with monkeypatch.context() as without:
        without.setattr(typefaces, "FACES", tmp_path)
        assert freeze(running, "Fourth draft")
        refused = running.get("m-sec", f"/opinions/{OPINION}/export?format=pdf")
        assert refused.status_code == 503
        assert "their fonts are missing" in refused.text
        assert running.get("m-sec", f"/opinions/{OPINION}/export?format=docx").status_code == 200
        running.services.begin(job.id)
        wait_until(lambda: postponed(running, job.id), "the job waits")
        kept = {one.form for one in running.write(partial(store.kept_files, subject=Subject(2, OPINION)))}
        assert {one.rpartition(".")[2] for one in kept} == set(Format) - {Format.PDF}
    running.write(partial(outbox.again, job_id=job.id))
    running.services.begin(job.id)
    wait_until(partial(done, running, job.id), "the files with fonts")
    kept = {one.form for one in running.write(partial(store.kept_files, subject=Subject(2, OPINION)))}
    assert {"rolling.pdf", "marked.pdf", bundle_form()} <= kept


def postponed(running: House, job: str) -> bool:
    return bool(running.write(lambda c: c.scalar(select(jobs.c.due_at).where(jobs.c.id == job))))
