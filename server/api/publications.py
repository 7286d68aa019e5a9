"""`GET /api/opinions/{opinion}/versions/{number}/files` and `/api/volumes/{number}/files`."""

from typing import TYPE_CHECKING

from opinions.roles import Act
from server.api.reading import Reading
from server.pages.publications import Files, files_of
from server.publications.store import Subject
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.publications import PublishedFiles


async def version_files(visit: Visit) -> "PublishedFiles":
    """What is made of a version."""
    return _told(await files_of(visit, Subject(visit.request.path_params["number"], visit.opinion.id)))


async def volume_files(visit: Visit) -> "PublishedFiles":
    """What is made of a volume."""
    return _told(await files_of(visit, Subject(visit.request.path_params["number"])))


def _told(files: Files) -> "PublishedFiles":
    from server.api.web_shapes.publications import MakingProgress, PublishedFile, PublishedFiles

    progress = files.progress
    return PublishedFiles(
        files=[
            PublishedFile(form=one.form, size=one.size, sha256=one.digest, made_at=one.made_at)
            for one in files.kept
            if files.bundled and (files.named or "unnamed" in one.form)
        ],
        progress=None
        if progress is None
        else MakingProgress(
            steps_done=progress.steps_done,
            steps=progress.steps,
            step=progress.step,
            done=progress.done,
            given_up=progress.given_up,
        ),
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/versions/{number:int}/files",
        Act.OPINION_EXPORT,
        "The files of a version, and how far their making is.",
        version_files,
        "publications.PublishedFiles",
    ),
    Reading(
        "/volumes/{number:int}/files",
        Act.PROCESS_READ,
        "The files of a volume, and how far their making is.",
        volume_files,
        "publications.PublishedFiles",
    ),
)
