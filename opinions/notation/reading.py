"""Reading a bracketed text into a document.

    reading = read(text, at=now, new_id=mint)
    reading.document, reading.problems, reading.counts
    write(reading) == text        # opinions.notation.writing

Every negotiation bracket becomes a bracket amendment, submitted, held by whom its attribution names first (else by
the secretariat), its words marked over as many paragraphs as it spans. Of alternatives parted by slashes, each
becomes one. Placeholders become brackets whose `source` is `placeholder`. Status tags become the paragraph's state
and `tag`, footnote marks `noteref` marks when the note is there. Editorial brackets and brackets without partner
stay characters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from unicodedata import category

from opinions.brackets import PLACEHOLDER
from opinions.model import (
    AmendmentId,
    DelegationCode,
    Kind,
    Mark,
    MarkKind,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.notation.analysis import Analysis, BracketCounts, analyse, count
from opinions.notation.attribution import holders
from opinions.notation.cuts import MAX_DEPTH, Bracketing, cuts
from opinions.notation.paragraphs import Draft, Paragraphs
from opinions.notation.structure import Fact, kinds
from opinions.record import (
    SECRETARIAT,
    Amendment,
    AmendmentKind,
    Document,
    OpinionRecord,
    ParagraphRecord,
    ParagraphState,
    Record,
    Status,
)
from opinions.status_tags import tag_state


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the reader left as it was and the secretariat should look at. Line and column count from 1.

    `code` is one of `unmatched-open`, `unmatched-close`, `mixed-glyphs`, `too-deep`, `misplaced-tag`,
    `control-character`.
    """

    line: int
    column: int
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a text.

    `tail` is the layout behind the last word, `breaks` the line breaks of wrapped prose that became a blank, by
    offset in their paragraph: both only serve to write the text back as it was.
    """

    document: Document
    problems: tuple[Problem, ...]
    counts: BracketCounts
    tail: str = ""
    breaks: Mapping[ParagraphId, tuple[tuple[int, str], ...]] = field(default_factory=lambda: MappingProxyType({}))


def read(text: str, *, at: datetime, new_id: Callable[[], str]) -> Reading:
    """Read a text. `at` is the time of the import, `new_id` mints an id at each call, never the same twice.

    Never fails: what is not understood stays a paragraph of characters. Brackets are aged by their order, a
    microsecond each, so that of two around the same words the outer is the older (opinions/SPEC.md, T4).
    """
    analysis = analyse(text)
    cut = cuts(analysis)
    paragraphs = Paragraphs(analysis, cut.cuts)
    ids = [ParagraphId(new_id()) for _ in paragraphs.drafts]
    of_note = [(draft.label, i) for draft, i in zip(paragraphs.drafts, ids, strict=True) if draft.note]
    notes = dict(reversed(of_note))
    amendments = _amendments(cut.bracketings, paragraphs, ids, at, new_id)
    marks = {which: Mark(MarkKind.BRACKET, amendment.id) for which, amendment in amendments.items()}
    anatomy = list(kinds(_fact(draft) for draft in paragraphs.drafts))
    built = [
        _paragraph(draft, paragraph_id, kind, level, marks, notes)
        for draft, paragraph_id, (kind, level) in zip(paragraphs.drafts, ids, anatomy, strict=True)
    ]
    record = Record(
        MappingProxyType({amendment.id: amendment for amendment in amendments.values()}),
        MappingProxyType({i: _record(draft, i) for draft, i in zip(paragraphs.drafts, ids, strict=True)}),
        OpinionRecord(next_number=len(amendments) + 1),
    )
    return Reading(
        Document(Opinion(tuple(built)), record),
        _problems(analysis, cut.too_deep, paragraphs.misplaced),
        count(analysis),
        paragraphs.tail,
        MappingProxyType({i: tuple(d.breaks) for d, i in zip(paragraphs.drafts, ids, strict=True) if d.breaks}),
    )


def _amendments(
    bracketings: list[Bracketing],
    paragraphs: Paragraphs,
    ids: list[ParagraphId],
    at: datetime,
    new_id: Callable[[], str],
) -> dict[int, Amendment]:
    result: dict[int, Amendment] = {}
    for which, bracketing in enumerate(bracketings):
        holding = holders(bracketing.stances) or (SECRETARIAT,)
        amendment_id = AmendmentId(new_id())
        first = result.get(bracketing.group)
        when = at + timedelta(microseconds=which)
        result[which] = Amendment(
            id=amendment_id,
            kind=AmendmentKind.BRACKET,
            delegation=DelegationCode(holding[0]),
            author="",
            paragraph=ids[paragraphs.first_of[which]],
            created_at=when,
            changed_at=when,
            status=Status.SUBMITTED,
            revision=1,
            number=which + 1,
            sponsors=tuple(DelegationCode(name) for name in holding[1:]),
            source=PLACEHOLDER if bracketing.placeholder else "",
            group=first.id if first else amendment_id if bracketing.group == which else "",
            stances=bracketing.stances,
            spelling=bracketing.spelling,
        )
    return result


def _fact(draft: Draft) -> Fact:
    words = "".join(text for text, _, _ in draft.runs)
    return Fact(words, draft.label, draft.indent, draft.bullet, draft.heading, draft.note)


def _paragraph(
    draft: Draft,
    paragraph_id: ParagraphId,
    kind: Kind,
    level: int,
    marks: Mapping[int, Mark],
    notes: Mapping[str, ParagraphId],
) -> Paragraph:
    italic = kind in (Kind.PREAMBULAR_VERB, Kind.OPERATIVE_VERB)
    runs = []
    for text, brackets, note in draft.runs:
        carried = {marks[which] for which in brackets}
        if note in notes:
            carried.add(Mark(MarkKind.NOTEREF, notes[note]))
        if italic:
            carried.add(Mark(MarkKind.EM))
        runs.append(Run(text, frozenset(carried)))
    return Paragraph(paragraph_id, kind, level, joined(runs))


def _record(draft: Draft, paragraph_id: ParagraphId) -> ParagraphRecord:
    state = tag_state(draft.tag) or ParagraphState.BASE
    return ParagraphRecord(paragraph_id, draft.label, state, tag=draft.tag, layout=draft.layout)


_UNMATCHED = (
    "The {what} bracket “{glyph}” has no partner. It stays a character; add or remove a bracket where it is due."
)


def _problems(analysis: Analysis, too_deep: list[int], misplaced: list[int]) -> tuple[Problem, ...]:
    text, scanned = analysis.text, analysis.scan
    found: list[tuple[int, str, str]] = []
    for place in scanned.unmatched_open:
        found.append((place, "unmatched-open", _UNMATCHED.format(what="opening", glyph=text[place])))
    for place in scanned.unmatched_close:
        found.append((place, "unmatched-close", _UNMATCHED.format(what="closing", glyph=text[place])))
    for pair in scanned.pairs:
        if pair.mixed:
            glyphs = f"“{text[pair.start]}” is closed by “{text[pair.end]}”"
            found.append((pair.start, "mixed-glyphs", f"{glyphs}. They are taken as a pair; check that they are one."))
    for place in too_deep:
        message = f"This bracket is nested deeper than {MAX_DEPTH} and stays a character; simplify the text around it."
        found.append((place, "too-deep", message))
    for place in misplaced:
        message = "This status tag stands within a paragraph and stays in its words; move it to the paragraph's end."
        found.append((place, "misplaced-tag", message))
    for place in _controls(text):
        message = f"The control character U+{ord(text[place]):04X} cannot be typed here; take it out of the source."
        found.append((place, "control-character", message))
    return tuple(Problem(*analysis.lines.position(place), message, code) for place, code, message in sorted(found))


def _controls(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if c not in "\t\n\r" and not c.isprintable() and category(c) in ("Cc", "Cs")]
