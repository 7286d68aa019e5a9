"""What looks like insertions and deletions copied together, as happens when a marked text is pasted without its marks:
`Dubai, 2014Buenos Aires, 2017`, `20102014`, `the the`. Only told, never changed: some of it is meant.
"""

import re
from collections.abc import Iterator

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph, Remark, RemarkKind

_YEAR = r"(?:19|20)\d\d"
_SIGNS = (
    (re.compile(rf"(?<!\d)({_YEAR}){_YEAR}(?!\d)"), "two years stand together"),
    (re.compile(rf"(?<![\w/.-])({_YEAR})[A-ZÀ-ÖØ-Þ][a-zß-ÿ]"), "a year and a word stand together"),
    (re.compile(r"(?<![\w/.-])(\d+(?:st|nd|rd|th))[A-Z]?[a-z]{2,}"), "a number and a word stand together"),
    (re.compile(r"(?i)\b([^\W\d_]{5,})\1\b"), "a word stands twice"),
    (re.compile(r"\b[a-zß-ÿ]{3,}([A-Z])[a-zß-ÿ]{2,}"), "two words stand together"),
    (re.compile(r"(?i)(?<![\w-])(\w{2,})\s+\1(?![\w-])"), "a word stands twice"),
    (re.compile(rf"({_YEAR}),?\s+{_YEAR}(?=\))"), "two years stand side by side"),
)
"""What to look for, the likeliest first; one place is told once."""
_AROUND = 24
_MEANT = frozenset({"had", "that", "bis", "ter", "www", "ha"})
"""Words that do stand twice in good texts."""
_NAMES = re.compile(r"(?:Mc|Mac|De|La|Le|Van|Von)[A-Z]|[a-z]+(?:Tube|Pad|Phone|Soft|Fi)\b")


def suspicions(paragraph: IncomingParagraph) -> Iterator[Remark]:
    """A remark for each place of the paragraph that looks so. What stands side by side by revision marks is no
    suspicion: each of the two texts that the marks make is looked at by itself.
    """
    told: set[str] = set()
    for leaving in (LEAVING, ARRIVING):
        text = "".join(
            stretch.text for stretch in paragraph.stretches if not any(r.kind in leaving for r in stretch.revisions)
        )
        for where, what in _places(text):
            if where not in told:
                told.add(where)
                yield Remark(RemarkKind.FLATTENED, f"Here {what}, as when marked text is copied without marks.", where)


def _places(text: str) -> Iterator[tuple[str, str]]:
    taken: list[tuple[int, int]] = []
    for pattern, what in _SIGNS:
        for found in pattern.finditer(text):
            start, end = found.span()
            if found[1].casefold() in _MEANT or _NAMES.search(found[0]):
                continue
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            taken.append((start, end))
            yield text[max(start - _AROUND, 0) : end + _AROUND].strip(), what
