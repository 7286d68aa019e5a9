"""A real Yjs document in Node that types and takes in; ours beside it reads the record, and must show the same text."""

from collections.abc import Sequence

from typing_extensions import override

from crdt.document import SharedDocument, Touched
from opinions.edits import Edit
from opinions.model import DelegationCode, Opinion
from tests.crdt.yjs import Yjs, YjsClient

_EMPTY = b"\0\0"


class Browser(SharedDocument):
    """Give each its own client id: Node tells the documents apart by it."""

    def __init__(self, yjs: Yjs, client: int, updates: Sequence[bytes]) -> None:
        self._yjs = YjsClient(yjs, client, DelegationCode(""), _EMPTY)
        super().__init__(client, updates)
        self._yjs.apply(updates)

    @override
    def write(self, edits: Sequence[Edit], root: str = "record") -> tuple[bytes, Touched]:
        update = self._yjs.types(*edits)
        return update, super().apply([update] if update else [])

    @override
    def apply(self, updates: Sequence[bytes], entries: object = None) -> Touched:  # type: ignore[override]
        self._yjs.apply(updates)
        return super().apply(updates)

    @override
    def state_vector(self) -> bytes:
        return self._yjs.state_vector()

    def shown(self) -> Opinion:
        """The text as Yjs shows it."""
        return self._yjs.opinion()
