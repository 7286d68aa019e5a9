"""Real Yjs 13 documents in a Node process, with the interface of the desk's own clients."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from crdt.marks import marks_of
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark
from opinions.model import AmendmentId, DelegationCode, Kind, Opinion, Paragraph, ParagraphId, Run, joined
from tests.support.node_process import NodeProcess

HERE = Path(__file__).parent


class Yjs(NodeProcess):
    """A Node process that holds Yjs documents."""

    def __init__(self) -> None:
        super().__init__(HERE / "client.mjs")

    def merged(self, updates: Sequence[bytes]) -> bytes:
        """`Y.mergeUpdates`."""
        return bytes.fromhex(self.ask("merge", updates=[update.hex() for update in updates]))


class YjsClient:
    """A delegation's browser with the real Yjs in it."""

    def __init__(self, yjs: Yjs, client: int, party: DelegationCode, state: bytes) -> None:
        self._yjs, self.client, self.party = yjs, client, party
        yjs.ask("open", client=client, state=state.hex())

    def types(self, *edits: Edit) -> bytes:
        """The update that these edits make in one transaction; empty when they change nothing."""
        text = self.opinion()
        made = self._yjs.ask("edit", client=self.client, edits=list(_spelled(text, edits)))
        return self._one(made)

    def undo(self) -> bytes:
        """Takes the last own change back."""
        return self._one(self._yjs.ask("turn", client=self.client, back=True))

    def redo(self) -> bytes:
        """Does the last change taken back again."""
        return self._one(self._yjs.ask("turn", client=self.client, back=False))

    def apply(self, updates: Sequence[bytes]) -> None:
        """Takes updates in; nothing may be left waiting for something else."""
        settled = self._yjs.ask("apply", client=self.client, updates=[update.hex() for update in updates])
        assert settled, "an update left something pending in Yjs"

    def difference(self, vector: bytes) -> bytes:
        """What a document with this state vector lacks."""
        return bytes.fromhex(self._yjs.ask("difference", client=self.client, vector=vector.hex()))

    def state_vector(self) -> bytes:
        """The next clock of each client."""
        return bytes.fromhex(self._yjs.ask("vector", client=self.client))

    def opinion(self) -> Opinion:
        """The text as Yjs shows it."""
        return Opinion(tuple(_paragraph(one) for one in self._yjs.ask("read", client=self.client)))

    def close(self) -> None:
        """Forgets the document."""
        self._yjs.ask("close", client=self.client)

    def _one(self, made: list[str]) -> bytes:
        assert len(made) <= 1, "one transaction made several updates"
        return bytes.fromhex(made[0]) if made else b""


@contextmanager
def yjs_clients() -> Iterator[Yjs]:
    """A Node process for the time of a test."""
    with Yjs() as running:
        yield running


def fresh_ids() -> Iterator[int]:
    """Client ids that no desk leases."""
    return count(5000)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _spelled(text: Opinion, edits: Sequence[Edit]) -> Iterator[dict[str, Any]]:
    rows = list(text.paragraphs)
    for edit in edits:
        match edit:
            case AddParagraph(after, paragraph):
                row = 0 if after is None else next(n for n, p in enumerate(rows) if p.id == after) + 1
                rows.insert(row, paragraph)
                attributes = {"id": paragraph.id, "kind": str(paragraph.kind), "level": str(paragraph.level)}
                if paragraph.added:
                    attributes["added"] = paragraph.added
                runs = [[run.text, {mark.key: True for mark in run.marks}] for run in paragraph.runs]
                yield {"edit": "add", "row": row, "attributes": attributes, "runs": runs}
            case RemoveParagraph(paragraph_id):
                row = next(n for n, p in enumerate(rows) if p.id == paragraph_id)
                del rows[row]
                yield {"edit": "remove", "row": row}
            case InsertText(paragraph_id, at, words, marks):
                row, before = _place(rows, paragraph_id, at)
                yield {"edit": "insert", "row": row, "at": before, "text": words, "marks": {m.key: True for m in marks}}
            case DeleteText(paragraph_id, start, end):
                row, before = _place(rows, paragraph_id, start)
                yield {
                    "edit": "delete",
                    "row": row,
                    "at": before,
                    "length": _place(rows, paragraph_id, end)[1] - before,
                }
            case SetMark(paragraph_id, start, end, mark, on):
                row, before = _place(rows, paragraph_id, start)
                length = _place(rows, paragraph_id, end)[1] - before
                yield {"edit": "format", "row": row, "at": before, "length": length, "key": mark.key, "on": on}
            case _:
                raise TypeError(f"not an edit of a browser: {edit!r}")


def _place(rows: list[Paragraph], paragraph_id: str, at: int) -> tuple[int, int]:
    """Row and UTF-16 offset; of several edits in one update, each in a paragraph of its own."""
    row = next(n for n, p in enumerate(rows) if p.id == paragraph_id)
    return row, _units(rows[row].text[:at])


def _paragraph(node: dict[str, Any]) -> Paragraph:
    assert node["tag"] == "paragraph"
    (text,) = node["texts"]
    given = node["attributes"]
    runs = joined(Run(piece, marks_of(dict.fromkeys(keys, True))) for piece, keys in text)
    added = AmendmentId(given["added"]) if "added" in given else None
    return Paragraph(ParagraphId(given["id"]), Kind(given["kind"]), int(given["level"]), runs, added)
