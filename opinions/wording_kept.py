"""What an amendment was, in exact words, whatever became of it: as it stands in the text, as it was ruled on, or as the
record keeps what was taken out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import Amendment, AmendmentKind, Document, Removed
from opinions.ruled_words import words_lines

_MORE = " … "
"""Between words of one amendment that stand apart in a paragraph."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an amendment does to one paragraph: the words it strikes, those it puts, those it holds in brackets."""

    paragraph: ParagraphId
    struck: str = ""
    put: str = ""
    held: str = ""


Bearing = Mapping[str, tuple[Paragraph, ...]]
"""The paragraphs that bear a mark of each amendment, in reading order."""


def bearing(text: Opinion) -> Bearing:
    """Which paragraphs bear which amendments: made once where the words of many are asked for."""
    found: dict[str, list[Paragraph]] = {}
    for paragraph in text:
        ids = {mark.id for run in paragraph.runs for mark in run.marks if mark.id}
        for name in ids | ({paragraph.added} if paragraph.added else set()):
            found.setdefault(name, []).append(paragraph)
    return {name: tuple(paragraphs) for name, paragraphs in found.items()}


def wordings(document: Document, amendment: Amendment, borne: Bearing | None = None) -> tuple[Wording, ...]:
    """The words of an amendment by paragraph, in reading order; empty where nothing of them is on record any more.

    `borne` is that of the document's text, where the caller has it.
    """
    if borne is not None:
        its = borne.get(amendment.id, ())
        whole = document.text.find(amendment.paragraph) if amendment.kind is AmendmentKind.SUP else None
        document = Document(Opinion((whole,) if whole else its), document.record)
    standing = words_lines(document, amendment.id) if amendment.open else []
    if standing:
        return tuple(_with_taken(of_lines(standing), amendment))
    ruled = next((one.words for one in reversed(amendment.decisions) if one.words), "")
    if ruled:
        return tuple(of_lines(ruled.split("\n")))
    return tuple(_kept(document, amendment))


def _with_taken(found: list[Wording], amendment: Amendment) -> list[Wording]:
    """With the words that it strikes too and that another one's decision took out of the text meanwhile: it was
    submitted to replace them.
    """
    struck: dict[ParagraphId, str] = {}
    for removed in amendment.removed:
        if removed.by is not None and removed.whole is None:
            told = "".join(words for sort, words in _sorts(removed, amendment.id) if sort == "struck")
            struck[removed.paragraph] = struck.get(removed.paragraph, "") + told
    return [replace(one, struck=one.struck or struck.get(one.paragraph, "")) for one in found]


def of_lines(lines: Iterable[str]) -> list[Wording]:
    """What lines of `opinions.ruled_words.words_lines` say."""
    found: list[Wording] = []
    for line in lines:
        sign, words = line[:1], line[1:]
        if sign == "#":
            found.append(Wording(ParagraphId(words.strip())))
        elif found:
            last = found[-1]
            put, struck, held = (words if sign == one else "" for one in "+-[")
            found[-1] = Wording(last.paragraph, last.struck + struck, last.put + put, last.held + held)
    return found


def _kept(document: Document, amendment: Amendment) -> list[Wording]:
    """From the words that it gave the text, and from those that the record keeps of it."""
    if amendment.kind is AmendmentKind.SUP:
        whole = [one.whole for one in amendment.removed if one.whole]
        return [Wording(one.id, struck=one.text) for one in whole]
    found: dict[ParagraphId, dict[str, list[str]]] = {}

    def add(paragraph: ParagraphId, sort: str, words: str) -> None:
        found.setdefault(paragraph, {}).setdefault(sort, []).append(words)

    for paragraph in document.text:
        for words in _given(paragraph, amendment.id):
            add(paragraph.id, "put", words)
    for removed in amendment.removed:
        for sort, words in _sorts(removed, amendment.id):
            add(removed.paragraph, sort, words)
    return [
        Wording(name, *(_MORE.join(sorts.get(sort, ())) for sort in ("struck", "put", "held")))
        for name, sorts in found.items()
    ]


def _given(paragraph: Paragraph, amendment: AmendmentId) -> list[str]:
    """The agreed words of a paragraph that the amendment gave it."""
    return _stretches(paragraph.runs, lambda run: amendment in run.ids(MarkKind.ORIGIN))


def _sorts(removed: Removed, amendment: AmendmentId) -> Iterable[tuple[str, str]]:
    runs = removed.whole.runs if removed.whole else removed.runs
    for sort, kind in (("put", MarkKind.INSERTION), ("struck", MarkKind.DELETION), ("held", MarkKind.BRACKET)):
        for words in _stretches(runs, lambda run, kind=kind: amendment in run.ids(kind)):  # type: ignore[misc]
            yield sort, words


def _stretches(runs: Iterable[Run], wanted: Callable[[Run], bool]) -> list[str]:
    found: list[str] = []
    going = False
    for run in runs:
        if wanted(run):
            if going:
                found[-1] += run.text
            else:
                found.append(run.text)
            going = True
        else:
            going = False
    return found
