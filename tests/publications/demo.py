"""The versions of the demonstration in every format, as texts that stay the same: what the golden files hold.

python -m tests.publications.demo    # writes them anew, after a change that is meant
"""

import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree, html

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from opinions.views import View
from server import log_store, serving
from server.cli.plain import settings_of
from server.database import Database
from server.demo.build import found_demonstration
from server.export.files import written
from server.export.sheet import Format, Origin, make_sheet
from server.opinion_store import list_opinions
from server.people_store import all_delegations
from server.signing import load_key
from tests.publications import reading

GOLDEN = Path(__file__).parent / "golden"
_IDS = re.compile(r'"(?:id|amendments|inserted_by|noteref|added|removal|paragraph)": [^\n]*')
AT = datetime(2026, 1, 23, 17, 4, tzinfo=UTC)


def outlines(folder: Path) -> Iterator[tuple[str, str]]:
    """A golden file per version and view, by name: the tags and words of the PDF file, and of the other formats the
    digest of their own tags and words.
    """
    chosen = settings_of(folder)
    serving.prepare(chosen)
    with Database(chosen) as database:
        key = load_key(chosen.signing_key_file)
        database.run(lambda connection: found_demonstration(connection, key, datetime.now(UTC)))
    with Database.reading(chosen) as connection:
        parties = {str(one.code): one for one in all_delegations(connection)}
        for row in list_opinions(connection):
            for version in log_store.load_versions(connection, row.id):
                document = SharedDocument(OPINION_CLIENT, [version.state]).view()
                origin = Origin("WTPF-26", row.name, row.title, version.label, AT, "Europe/Zurich", version.number)
                origin = replace(origin, fingerprint=hashlib.sha256(b"the same each time").hexdigest())
                for view in View:
                    sheet = make_sheet(origin, document, view, parties, mark_not_agreed=True)
                    files = {form: written(sheet, form) for form in Format}
                    yield f"{row.id}-{version.number}-{view}.txt", outline(files)


def outline(files: dict[Format, bytes]) -> str:
    """What of the files may not change unseen."""
    told = [f"{form}: {hashlib.sha256(_told(form, content).encode()).hexdigest()}" for form, content in files.items()]
    return "\n".join([*told, "", *_pdf(files[Format.PDF])]) + "\n"


def _pdf(content: bytes) -> Iterator[str]:
    line, words = "", ""
    for tag, text in reading.pdf_tags(content):
        if text:
            words += text
            continue
        if words.strip():
            yield f"{line}: {words.strip()}"
            line = ""
        line, words = f"{line} {tag}".strip(), ""
    yield f"{line}: {words.strip()}"


def _told(form: Format, content: bytes) -> str:
    """Tags and words of a file, without ids: those are drawn anew with each demonstration."""
    match form:
        case Format.PDF:
            return "\n".join(_pdf(content))
        case Format.HTML:
            return _tags(html.fromstring(content.decode()).xpath("//body")[0], ("class",))
        case Format.AKN:
            body = etree.fromstring(content)
            return _tags(body, ("name", "class"))
        case Format.DOCX:
            return _tags(reading.docx_body(content), ("val", "author"))
        case Format.TXT:
            return content.decode()
        case Format.JSON:
            return _IDS.sub("", _lists(content))


def _lists(content: bytes) -> str:
    """JSON with each list of ids in one line."""
    return re.sub(r'\[\s*((?:"[a-z0-9-]+",?\s*)+)\]', "[]", content.decode())


def _tags(element: etree._Element, kept: tuple[str, ...]) -> str:
    told = []
    for one in element.iter():
        if isinstance(one.tag, str):
            name = etree.QName(one).localname
            chosen = [value for key, value in one.attrib.items() if etree.QName(key).localname in kept]
            if name not in ("bookmarkStart", "bookmarkEnd"):
                told.append(f"{name} {' '.join(map(str, chosen))} {one.text or ''}")
        told.append(one.tail or "")
    return "\n".join(told)


def main() -> int:
    """Write the golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in outlines(Path(folder)):
            (GOLDEN / name).write_text(text, encoding="utf-8")
            print(name, len(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
