"""The making of files: those that are wanted and not there yet, each kept as soon as it is made (PB2, JB2).

So whoever goes on where another was stopped makes only what is missing, and of two who make the same the first one's
stays. Text formats are made in a thread, PDF files in a process of their own: the event loop goes on.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from server import outbox
from server.database import Database
from server.errors import PdfUnavailable, ServerError
from server.export.files import paper_written, written
from server.export.paper import Paper
from server.export.pdf_data import Data, data_of
from server.export.press import set_apart
from server.export.sheet import Format
from server.publications import store
from server.publications.bundle import bundle, bundle_form
from server.publications.sources import Source, load
from server.publications.store import Subject, Wanted, standard
from server.signing import SigningKey

BUNDLING = "Bundle"
PDF_AGAIN = timedelta(minutes=2)
"""When PDF files are tried again that could not be set: while their fonts are missing, or too many wait."""


async def make_all(database: Database, subject: Subject, key: SigningKey, job_id: str) -> None:
    """Make every standard file of a subject that is not there, and its bundle; say in the job's row how far it is.
    Raises `outbox.Postponed`, with all others made, while there can be no PDF files.
    """
    source = await database.read(partial(load, subject=subject))
    wanted = tuple(standard(source.views))
    steps = len(wanted) + 1
    there = {one.form for one in await database.read(partial(store.kept_files, subject=subject))}
    done = sum(1 for one in wanted if one.form in there)

    async def tell(step: str) -> None:
        await database.write(partial(outbox.tell, job_id=job_id, steps_done=done, steps=steps, step=step))

    missing = [one for one in wanted if one.form not in there]
    await tell(_step(missing))
    without: PdfUnavailable | None = None
    for group in _groups(missing):
        try:
            made = await make(source, group)
        except PdfUnavailable as error:
            without = error
            continue

        def keep(connection: Connection, made: list[tuple[Wanted, bytes]] = made) -> None:
            for one, content in made:
                store.keep(connection, subject, one.form, content, datetime.now(UTC))

        await database.write(keep)
        done += len(group)
        await tell(_step(missing[missing.index(group[-1]) + 1 :]))
    if without is not None:
        raise outbox.Postponed(datetime.now(UTC) + PDF_AGAIN, str(without), counted=False)
    await make_bundle(database, source, key)
    done = steps
    await tell("")


async def make_bundle(database: Database, source: Source, key: SigningKey, *, unnamed: bool = False) -> bytes:
    """The bundle of a subject, of files that are kept; made and kept if it is not there. Without names of delegations
    its files are made, and kept, if they were never asked for.
    """
    form = bundle_form(unnamed=unnamed)
    there = await database.read(partial(store.read, subject=source.subject, form=form))
    if there is not None:
        return there
    wanted = [Wanted(one.view, one.format, unnamed) for one in standard(source.views)]
    files = {f"{source.stem}-{one.suffix}": await file_of(database, source, one) for one in wanted}
    proofs = await database.read(lambda connection: source.proofs(connection, not unnamed))
    content = await asyncio.to_thread(bundle, source, {**files, **proofs}, key)
    return await _kept(database, source, form, content)


async def file_of(database: Database, source: Source, wanted: Wanted) -> bytes:
    """A file as it is kept, made if it is not there. Raises `NotClean`, `ServerError`."""
    there = await database.read(partial(store.read, subject=source.subject, form=wanted.form))
    if there is not None:
        return there
    ((_, content),) = await make(source, [wanted])
    return await _kept(database, source, wanted.form, content)


async def _kept(database: Database, source: Source, form: str, content: bytes) -> bytes:
    keep = partial(store.keep, subject=source.subject, form=form, content=content, at=datetime.now(UTC))
    return await database.write(keep)


async def make(source: Source, wanted: Iterable[Wanted]) -> list[tuple[Wanted, bytes]]:
    """The bytes of files, in the order in which they are wanted."""
    chosen = list(wanted)
    pages = [one for one in chosen if one.format is Format.PDF]
    others = [one for one in chosen if one.format is not Format.PDF]
    made = {one.form: await asyncio.to_thread(_written, source, one) for one in others}
    if pages:
        orders = await asyncio.to_thread(lambda: [_order(source, one) for one in pages])
        files = await set_apart(orders)
        if len(files) != len(pages):
            raise ServerError("Not all PDF files were made. Ask for them again.")
        made |= {one.form: content for one, content in zip(pages, files, strict=True)}
    return [(one, made[one.form]) for one in chosen]


def _order(source: Source, wanted: Wanted) -> tuple[Data, int]:
    return order_of(source.paper(wanted), line_numbers=wanted.lines)


def order_of(paper: Paper, *, line_numbers: bool = False) -> tuple[Data, int]:
    """What the press is given of a paper."""
    return data_of(paper, line_numbers=line_numbers), int(paper.as_of.timestamp())


def _written(source: Source, wanted: Wanted) -> bytes:
    paper = source.paper(wanted)
    if paper.alone:
        return written(paper.parts[0].sheet, wanted.format, line_numbers=wanted.lines)
    return paper_written(paper, wanted.format, line_numbers=wanted.lines)


def _groups(wanted: list[Wanted]) -> list[list[Wanted]]:
    """What is made and kept together: the PDF files, for one process sets them all; of the others those of a view."""
    groups: dict[str, list[Wanted]] = {}
    for one in wanted:
        groups.setdefault("pdf" if one.format is Format.PDF else one.view.value, []).append(one)
    return list(groups.values())


def _step(left: list[Wanted]) -> str:
    return left[0].suffix if left else BUNDLING
