"""The Secretary-General's report as values: sections of paragraphs, each with an id of its own, and its one spelling.

The report is the Secretary-General's (S1, Resolution 2): members comment on it, and amend the draft Opinions alone.
What is published of it is known by the SHA-256 of its canonical text (server/SPEC.md, SR and VO).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from opinions.errors import SectionRefused

FORMAT = 1
"""The number of the canonical text's format."""
MAX_SECTIONS = 200
"""Sections of the report; the final one of 2021 has some sixty headings."""
MAX_HEADING = 300
MAX_PARAGRAPHS = 200
"""Paragraphs of one section: ten pages."""
MAX_PARAGRAPH = 10_000
"""Characters of one paragraph: three pages without a break."""
MAX_BODY = 60_000
"""Characters of one section: twenty pages; what is longer is several sections."""
MAX_LEVEL = 3
"""How deep headings go: 1, 1.1 and 1.1.1."""


@dataclass(frozen=True, slots=True)
class ReportParagraph:
    """One paragraph, under the id at which comments stand; the id stays when its words are changed."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its heading, how deep it stands (1 to `MAX_LEVEL`), and its paragraphs in order."""

    id: str
    heading: str
    level: int = 1
    paragraphs: tuple[ReportParagraph, ...] = ()

    @property
    def body(self) -> str:
        """The paragraphs as somebody writes them: an empty line between."""
        return "\n\n".join(one.text for one in self.paragraphs)

    def find(self, paragraph: str) -> ReportParagraph | None:
        """One of its paragraphs, or None."""
        return next((one for one in self.paragraphs if one.id == paragraph), None)


def checked_heading(heading: str) -> str:
    """A heading with its blanks put straight. Raises `SectionRefused` naming the field."""
    found = " ".join(heading.split())
    if not found or len(found) > MAX_HEADING or not found.isprintable():
        raise SectionRefused("heading", f"Give the section a heading of 1 to {MAX_HEADING} characters.")
    return found


def checked_level(level: int) -> int:
    """A level. Raises `SectionRefused`."""
    if not 1 <= level <= MAX_LEVEL:
        raise SectionRefused("level", f"A heading stands on level 1 to {MAX_LEVEL}.")
    return level


def texts_of(body: str) -> tuple[str, ...]:
    """The paragraphs of what somebody wrote: parted by empty lines, a single line break is a blank. Raises
    `SectionRefused` for more than a section holds.
    """
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) > MAX_BODY:
        raise SectionRefused("body", f"A section has at most {MAX_BODY} characters; make it two sections.")
    if _NEVER.search(plain):
        raise SectionRefused("body", "The text holds characters that no file can hold. Type the words anew.")
    found = tuple(" ".join(one.split()) for one in re.split(r"\n[ \t]*\n", plain) if one.strip())
    if len(found) > MAX_PARAGRAPHS:
        raise SectionRefused("body", f"A section has at most {MAX_PARAGRAPHS} paragraphs; make it two sections.")
    if any(len(one) > MAX_PARAGRAPH for one in found):
        raise SectionRefused("body", f"A paragraph has at most {MAX_PARAGRAPH} characters. Part it with an empty line.")
    return found


def rewritten(
    before: Sequence[ReportParagraph], texts: Sequence[str], new_id: Callable[[], str]
) -> tuple[ReportParagraph, ...]:
    """The paragraphs of a section written anew: one that stayed, or that stands changed in the place of one, keeps its
    id, so that comments stay where they were made (SR2). Ids are never given to two.
    """
    found: list[ReportParagraph] = []
    matcher = SequenceMatcher(None, [one.text for one in before], list(texts), autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            found += before[first:last]
            continue
        for place, text in enumerate(texts[start:end]):
            kept = first + place
            found.append(ReportParagraph(before[kept].id if kept < last else new_id(), text))
    return tuple(found)


def canonical_report(sections: Iterable[Section], file: str = "") -> str:
    """The one spelling of a report: JSON with keys in order, no blanks (VO2). `file` is the SHA-256 of the file that is
    the report, where it was not read into sections.
    """
    return json.dumps(
        {
            **({"file": file} if file else {}),
            "format": FORMAT,
            "sections": [
                {
                    "heading": one.heading,
                    "id": one.id,
                    "level": one.level,
                    "paragraphs": [{"id": each.id, "text": each.text} for each in one.paragraphs],
                }
                for one in sections
            ],
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def report_digest(sections: Iterable[Section], file: str = "") -> str:
    """The SHA-256 of the canonical text in UTF-8, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_report(sections, file).encode()).hexdigest()


def numbered(sections: Sequence[Section]) -> tuple[str, ...]:
    """The numbers of the headings, in their order: `1`, `1.1`, `1.1.1`, `2`. A level that is left out counts as 1."""
    counts: list[int] = []
    found: list[str] = []
    for one in sections:
        depth = min(one.level, MAX_LEVEL)
        counts = [*counts[:depth], *([0] * (depth - len(counts)))]
        counts[depth - 1] += 1
        found.append(".".join(str(max(each, 1)) for each in counts))
    return tuple(found)


_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
