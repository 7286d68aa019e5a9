"""Comments on a text, and the notes of one's own delegation."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from opinions.anchoring import Hold
from server.api.shapes import Shape
from server.threads.limits import MAX_TEXT, MAX_WORDS
from server.threads.values import Audience

Words = Annotated[str, Field(max_length=MAX_WORDS)]
Text = Annotated[str, Field(max_length=2 * MAX_TEXT)]
Key = Annotated[str, Field(max_length=64)]


class ShownRemark(Shape):
    """One comment, or an answer. `html` holds p, br, strong, em, a, ul, ol and li alone; `text` is there for its
    author.
    """

    id: str
    delegation: str
    author: str
    html: str
    text: str
    source: str
    at: datetime
    changed: bool
    taken_out: bool
    own: bool
    may_change: bool


class ShownThread(Shape):
    """A thread and where it is. `paragraph` is empty for the whole text, and for a paragraph that is gone; `cited` then
    says how it was cited. `words` are what it is about, `left` and `right` what stood around them; `start` and `end`
    are code points of the paragraph of the text before the meeting.
    """

    id: str
    audience: Audience
    hold: Hold
    paragraph: str
    on: str
    cited: str
    words: str
    left: str
    right: str
    offset: int
    start: int
    end: int
    amendment: str
    resolved: bool
    settled_at: datetime | None
    settled_by: str
    settled_for: str
    remarks: list[ShownRemark]


class ThreadList(Shape):
    """The threads that the visitor may see, in the order of the text. `mark` changes when any of it does; asked with
    that mark, `same` is true and `threads` empty.
    """

    mark: str
    same: bool
    notes_of: str
    left_out: int
    threads: list[ShownThread]


class NewThread(Shape):
    """A comment to all, or a note. On the whole text, a paragraph, words of one (with where they stand on the author's
    screen), or an amendment.
    """

    text: Text
    audience: Audience = Audience.ALL
    paragraph: Key = ""
    words: Words = ""
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    left: Words = ""
    right: Words = ""
    amendment: Key = ""


class NewWords(Shape):
    """What somebody says."""

    text: Text


class Settling(Shape):
    """Whether a thread is resolved."""

    resolved: bool


class Nothing(Shape):
    """An empty object."""


class Kept(Shape):
    """The id of the remark, and of its thread."""

    id: str
    thread: str
