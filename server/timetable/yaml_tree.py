"""YAML as a tree that knows its lines: words, lists and named fields, and nothing else.

A process file comes from people and from elsewhere. So what makes YAML dangerous or surprising is refused before
anything is built of it: aliases and anchors (a few lines that unfold to gigabytes), tags, several documents, fields
named twice, and more than a process needs of anything. Every scalar stays the words that were written: `no` is no
truth value and `9:30` no number until a field asks for one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import yaml

from server.errors import ServerError

MAX_BYTES = 128 * 1024
"""Of a file: that of WTDC-21, with its forty milestones, has 20 KiB; this much is read in a second."""
MAX_DEPTH = 10
"""Of nesting: a process file has six levels."""
MAX_NODES = 12_000
"""Values in a file: that of WTDC-21 has a thousand."""
MAX_WORDS = 4_000
"""Characters of one value."""
MAX_FAULTS = 20
"""Mistakes told at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: the line where it stands (counted from 1), the field, and what to write instead."""

    line: int
    field: str
    message: str


class ProcessFileRefused(ServerError):
    """Raised for a process file that does not read; names the file and, for each mistake, line, field and remedy."""

    def __init__(self, file: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            "\n".join(
                f"{file}, line {one.line}: {f'{one.field}: ' if one.field else ''}{one.message}" for one in faults
            )
        )
        self.file = file
        self.faults = faults


@dataclass(slots=True)
class Node:
    """A value and the line where it begins: exactly one of words, fields and items."""

    line: int
    words: str | None = None
    fields: "dict[str, Node] | None" = None
    items: "list[Node] | None" = None
    key_lines: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.fields is not None:
            return "a group of fields"
        return "a list" if self.items is not None else "a value"


def tree_of(content: bytes, file: str) -> Node:
    """The tree of a YAML file. Raises `ProcessFileRefused`, and nothing else, for whatever is no plain YAML of this
    size.
    """

    def refused(line: int, message: str) -> ProcessFileRefused:
        return ProcessFileRefused(file, (Fault(line, "", message),))

    if len(content) > MAX_BYTES:
        raise refused(1, f"The file has more than {MAX_BYTES // 1024} KiB. A process file is shorter.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refused(line, "This line is not UTF-8. Save the file as UTF-8.") from None
    loader: yaml.SafeLoader | None = None
    try:
        loader = yaml.SafeLoader(text)
        return _built(loader, refused)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = error.problem or error.context or "this cannot be understood"
        raise refused(mark.line + 1 if mark else 1, f"This is no YAML: {told}. Mind indents and quotes.") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1 if isinstance(error.position, int) else 1
        raise refused(line, "A character here cannot stand in YAML. Take it out.") from None
    except (ValueError, OverflowError, yaml.YAMLError):
        # A number of a character that there is not: the reader of YAML turns it into one unchecked.
        line = loader.line + 1 if loader is not None else 1
        raise refused(line, "This is no YAML. Write the words themselves, without escapes.") from None
    finally:
        if loader is not None:
            loader.dispose()


def _built(loader: yaml.SafeLoader, refused: Callable[[int, str], ProcessFileRefused]) -> Node:
    """The tree from the events of the parser, which nests nothing itself: depth is counted before it is entered."""
    root: Node | None = None
    open_nodes: list[Node] = []
    names: list[tuple[str, int] | None] = []
    count = documents = 0
    while loader.check_event():
        event: yaml.Event = loader.get_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise refused(line, "A process file is one document. Take out the line of hyphens.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refused(line, "Anchors and aliases (& and *) are not read. Write it out, in quotes if it is words.")
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            open_nodes.pop()
            names.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        if getattr(event, "tag", None):
            raise refused(line, "Tags (!) are not read. Write the value in quotes.")
        count += 1
        if count > MAX_NODES:
            raise refused(line, f"The file has more than {MAX_NODES} values.")
        node = _node(event, line, refused)
        if open_nodes and open_nodes[-1].fields is not None and names[-1] is None:
            names[-1] = _name_of(node, open_nodes[-1], refused)
            continue
        if not open_nodes:
            root = node
        elif open_nodes[-1].fields is not None:
            name, at = names[-1] or ("", line)
            open_nodes[-1].fields[name] = node
            open_nodes[-1].key_lines[name] = at
            names[-1] = None
        else:
            items = open_nodes[-1].items
            assert items is not None
            items.append(node)
        if node.words is None:
            if len(open_nodes) >= MAX_DEPTH:
                raise refused(line, f"This is nested more than {MAX_DEPTH} deep.")
            open_nodes.append(node)
            names.append(None)
    if root is None:
        raise refused(1, "The file is empty.")
    return root


def _node(event: yaml.NodeEvent, line: int, refused: Callable[[int, str], ProcessFileRefused]) -> Node:
    if isinstance(event, yaml.MappingStartEvent):
        return Node(line, fields={})
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, items=[])
    words = str(getattr(event, "value", ""))
    if len(words) > MAX_WORDS:
        raise refused(line, f"A value has at most {MAX_WORDS} characters.")
    if not all(one.isprintable() or one in " \n" for one in words):
        raise refused(line, "A character here is not printable. Take it out.")
    return Node(line, words=words)


def _name_of(node: Node, inside: Node, refused: Callable[[int, str], ProcessFileRefused]) -> tuple[str, int]:
    if node.words is None:
        raise refused(node.line, "The name of a field is one word.")
    if inside.fields is not None and node.words in inside.fields:
        first = inside.key_lines[node.words]
        raise refused(node.line, f"The field {node.words!r} stands here a second time (first in line {first}).")
    return node.words, node.line
