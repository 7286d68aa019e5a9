"""The files of a version or a volume."""

from datetime import datetime

from server.api.shapes import Shape


class PublishedFile(Shape):
    """One file: `form` names its view, what was chosen besides, and its format; `sha256` is its digest."""

    form: str
    size: int
    sha256: str
    made_at: datetime


class MakingProgress(Shape):
    """How far the making of the files is. `steps` is 0 until it has begun."""

    steps_done: int
    steps: int
    step: str
    done: bool
    given_up: bool


class PublishedFiles(Shape):
    """What is made of a version or a volume; files with names are listed to those who may have them."""

    files: list[PublishedFile]
    progress: MakingProgress | None
