"""The files of a version or a volume: what there is, how far its making is, and the bundle of it all."""

import asyncio
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import FOLLOWERS
from opinions.views import View, named
from opinions.visibility import Attribution
from server import outbox
from server.attribution import asked_for, names_in_file
from server.audit_store import Kind as Audited
from server.export.sheet import FORMAT_NAMES, VIEW_NAMES
from server.pages.exports import given, kept_file, named_only, wanted_of
from server.pages.rendering import render
from server.pages.versions import views_for
from server.publications import store
from server.publications.bundle import bundle_form
from server.publications.making import make_bundle
from server.publications.sources import Source, load
from server.publications.store import Kept, Subject, Wanted
from server.signing import load_key
from server.version_attribution import setting_of_version
from server.visit import Visit

REFRESH_SECONDS = "2"
"""How often a page asks again while files are being made; those of a version take one to three seconds."""


@dataclass(frozen=True, slots=True)
class Files:
    """What is kept of a subject, how far its job is, and what this reader may have of it."""

    subject: Subject
    source: Source
    kept: tuple[Kept, ...]
    progress: outbox.Progress | None
    views: tuple[View, ...]
    named: bool
    bundled: bool

    @property
    def making(self) -> bool:
        """Whether files are still to come."""
        return self.progress is not None and not self.progress.done and not self.progress.given_up

    def of(self, wanted: Wanted) -> Kept | None:
        """The kept file, where it is made."""
        return next((one for one in self.kept if one.form == wanted.form), None)


async def version_files(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions/{number}/files?names=`."""
    return _page(visit, await files_of(visit, _version(visit)))


async def volume_files(visit: Visit) -> Response:
    """`GET /volumes/{number}/files?names=`."""
    return _page(visit, await files_of(visit, _volume(visit)))


async def volume_export(visit: Visit) -> Response:
    """`GET /volumes/{number}/export?view=&format=&names=&mark_not_agreed=&lines=`: as of a version."""
    wanted = wanted_of(visit)
    if wanted.view not in views_for(visit):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    source = await visit.read(partial(_source, subject=_volume(visit)))
    return await given(visit, source, named_only(visit, wanted, source.setting))


async def version_bundle(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/versions/{number}/bundle.zip?names=`."""
    return await _bundle(visit, _version(visit))


async def volume_bundle(visit: Visit) -> Response:
    """`GET /volumes/{number}/bundle.zip?names=`."""
    return await _bundle(visit, _volume(visit))


async def files_of(visit: Visit, subject: Subject) -> Files:
    """The files of a subject as this reader may have them; a job that should be there and is not is put there."""

    def look(connection: Connection) -> tuple[Source, tuple[Kept, ...], outbox.Progress | None, Attribution | None]:
        source = _source(connection, subject)
        own = setting_of_version(connection, subject.opinion, subject.number) if subject.opinion else source.setting
        progress = outbox.progress(connection, _job(subject).id)
        return source, store.kept_files(connection, subject), progress, own

    source, kept, progress, own = await visit.read(look)
    try:
        narrowed = asked_for(visit.request.query_params.get("names", ""))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    shown = names_in_file(visit, narrowed, own).naming is named
    if progress is None and bundle_form() not in {one.form for one in kept}:
        # Frozen before files were made of everything: whoever asks first has it done.
        job = _job(subject)
        await visit.write(partial(outbox.put_once, job=job, at=visit.now))
        visit.services.begin(job.id)
        progress = outbox.Progress(0, 0, "", done=False, given_up=False)
    views = views_for(visit)
    return Files(subject, source, kept, progress, views, shown, visit.actor.role not in FOLLOWERS)


def _page(visit: Visit, files: Files, status: HTTPStatus = HTTPStatus.OK) -> Response:
    subject = files.subject
    back, address = f"/volumes/{subject.number}", f"/volumes/{subject.number}/export?"
    if subject.opinion:
        back = f"/opinions/{subject.opinion}/versions/{subject.number}"
        address = f"/opinions/{subject.opinion}/export?version={subject.number}"
    rows = [
        (
            view,
            VIEW_NAMES[view],
            files.source.views[view],
            [
                (one.format, FORMAT_NAMES[one.format], files.of(one), one.paged)
                for one in (Wanted(view, form, unnamed=not files.named) for form in FORMAT_NAMES)
            ],
        )
        for view in files.views
    ]
    return render(
        visit,
        "files.html",
        status=status,
        headers={"refresh": REFRESH_SECONDS} if files.making else None,
        files=files,
        rows=rows,
        back=back,
        address=address + ("" if files.named else "&names=none"),
        bundle=f"{back}/bundle.zip" + ("" if files.named else "?names=none"),
    )


async def _bundle(visit: Visit, subject: Subject) -> Response:
    files = await files_of(visit, subject)
    if not files.bundled:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    form = bundle_form(unnamed=not files.named)
    content = await visit.read(partial(store.read, subject=subject, form=form))
    if content is None and not files.making:
        key = await asyncio.to_thread(load_key, visit.services.settings.signing_key_file)
        content = await make_bundle(visit.services.database, files.source, key, unnamed=not files.named)
    if content is None:
        return _page(visit, files, HTTPStatus.ACCEPTED)
    told = f"bundle, {files.source.title}{'' if files.named else ', names withheld'}"
    visit.services.noting.tell(visit.event(Audited.EXPORT, subject.opinion, told))
    return kept_file(visit, content, "application/zip", f"{files.source.stem}.zip")


def _source(connection: Connection, subject: Subject) -> Source:
    if not store.is_there(connection, subject):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return load(connection, subject)


def _job(subject: Subject) -> outbox.Job:
    if subject.opinion:
        return outbox.exports_of(subject.opinion, subject.number)
    return outbox.exports_of_volume(subject.number)


def _version(visit: Visit) -> Subject:
    return Subject(_number(visit), visit.opinion.id)


def _volume(visit: Visit) -> Subject:
    return Subject(_number(visit))


def _number(visit: Visit) -> int:
    number: int = visit.request.path_params["number"]
    return number
