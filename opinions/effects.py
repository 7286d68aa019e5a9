"""What a decision does to the text: one function per effect named in the decision table (opinions/SPEC.md, D1).

Each takes the document and the amendment as they stand and says what changes; `opinions.decisions` puts them into the
table and writes the record. Whatever leaves the text is kept, and the functions at the end bring it back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from opinions.acting import called
from opinions.brackets import BRACKET_LETTERS
from opinions.edits import AddParagraph, InsertText, SetMark, SetParagraph, TextEdit, applied
from opinions.errors import WrongStatus
from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    Kind,
    Mark,
    MarkKind,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    cut,
    joined,
)
from opinions.record import Amendment, AmendmentKind, Document, Removed, Status
from opinions.words import (
    Stretch,
    deletions,
    held,
    hosted,
    kept,
    marked_with,
    marks_of,
    place_of,
    place_of_words,
    proposals,
    share,
    stretches,
    taken_whole,
)

TAKEN_IN = frozenset({Status.AGREED, Status.AGREED_AD_REFERENDUM})
"""The statuses of an amendment whose words are text."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to the text, and what the amendment's record keeps of it.

    `out` are the entries of `removed` whose words left the text, `notes` what a person should know of what came back.
    """

    edits: tuple[TextEdit, ...] = ()
    removed: tuple[Removed, ...] = ()
    out: tuple[Removed, ...] = ()
    notes: tuple[str, ...] = ()


EffectOf = Callable[[Document, Amendment], Effect]


def nothing(_: Document, __: Amendment) -> Effect:
    """The text stays as it is."""
    return Effect()


def take_in(document: Document, amendment: Amendment) -> Effect:
    """Its words become text (`origin`), the words it strikes go, paragraphs it adds and words it brackets stand.

    Raises `WrongStatus` while a square bracket stands among its words as a letter (D7): agreed text has none.
    """
    if typed_brackets(document, amendment):
        raise WrongStatus(
            f"{called(amendment)} has square brackets typed as letters: its author turns them into brackets first, by "
            "selecting the words and typing [, or takes them out. Then record the outcome."
        )
    marks: list[TextEdit] = []
    cuts: list[TextEdit] = []
    removed: list[Removed] = []
    out: list[Removed] = []
    for paragraph in _touched(document.text, amendment):
        struck = marked_with(paragraph, MarkKind.DELETION, amendment.id)
        unbracketed = _lifted(paragraph, amendment, {MarkKind.BRACKET}, struck)
        for stretch in marked_with(paragraph, MarkKind.INSERTION, amendment.id):
            marks.append(_marked(stretch, MarkKind.INSERTION, amendment, False))
            marks.append(_marked(stretch, MarkKind.ORIGIN, amendment, True))
        for stretch in unbracketed:
            marks.append(_marked(stretch, MarkKind.BRACKET, amendment, False))
        if paragraph.added == amendment.id:
            marks.append(SetParagraph(paragraph.id, paragraph.kind, paragraph.level, None))
            removed.append(Removed(paragraph.id))
        cuts += deletions(struck)
        removed += kept(paragraph, struck, unbracketed)
        out += kept(paragraph, struck)
    return Effect((*marks, *cuts), tuple(removed), tuple(out))


def typed_brackets(document: Document, amendment: Amendment) -> str:
    """The bracket letters, in order, among the words that an amendment would make text; empty for none (D7).

    Words that it strikes itself leave the text with it and do not count.
    """
    struck = Mark(MarkKind.DELETION, amendment.id)
    return "".join(
        letter
        for paragraph in _touched(document.text, amendment)
        for run in paragraph.runs
        if run.insertion == amendment.id or (paragraph.added == amendment.id and run.insertion is None)
        if struck not in run.marks
        for letter in run.text
        if letter in BRACKET_LETTERS
    )


def leave_out(document: Document, amendment: Amendment) -> Effect:
    """Its words go with what is nested in them (A5), its marks are lifted, the paragraphs it adds go whole."""
    edits: list[TextEdit] = []
    removed: list[Removed] = []
    out: list[Removed] = []
    for paragraph in _touched(document.text, amendment):
        if paragraph.added == amendment.id:
            edit, whole = taken_whole(document.text, paragraph.id)
            edits.append(edit)
            removed.append(whole)
            out.append(whole)
            continue
        gone = hosted(paragraph, amendment, document.record)
        lifted = _lifted(paragraph, amendment, {MarkKind.DELETION, MarkKind.BRACKET}, gone)
        edits += [edit for stretch in lifted for edit in _unmarked(stretch, amendment)]
        edits += deletions(gone)
        removed += kept(paragraph, gone, lifted)
        out += kept(paragraph, gone)
    return Effect(tuple(edits), tuple(removed), tuple(out))


def lift_bracket(document: Document, amendment: Amendment) -> Effect:
    """The bracket goes, its words stay."""
    edits: list[TextEdit] = []
    removed: list[Removed] = []
    for paragraph in _touched(document.text, amendment):
        lifted = marked_with(paragraph, MarkKind.BRACKET, amendment.id)
        edits += [edit for stretch in lifted for edit in _unmarked(stretch, amendment)]
        removed += kept(paragraph, (), lifted)
    return Effect(tuple(edits), tuple(removed))


def drop_bracketed(document: Document, amendment: Amendment) -> Effect:
    """All that the bracket holds goes; a paragraph it holds from end to end goes whole, but for the title."""
    edits: list[TextEdit] = []
    removed: list[Removed] = []
    for paragraph_id, (start, end) in held(document, amendment.id).items():
        paragraph = document.text.paragraphs[document.text.index(paragraph_id)]
        if start == 0 and end == len(paragraph.text) and paragraph.kind is not Kind.TITLE:
            edit, whole = taken_whole(document.text, paragraph_id)
            edits.append(edit)
            removed.append(whole)
        elif start < end:
            gone = (Stretch(paragraph_id, start, end, cut(paragraph.runs, start, end)),)
            edits += deletions(gone)
            removed += kept(paragraph, gone)
    return Effect(tuple(edits), tuple(removed), tuple(removed))


def suppress(document: Document, amendment: Amendment) -> Effect:
    """The paragraph that the SUP names goes whole."""
    edit, whole = taken_whole(document.text, amendment.paragraph)
    return Effect((edit,), (whole,), (whole,))


def _touched(text: Opinion, amendment: Amendment) -> tuple[Paragraph, ...]:
    return tuple(paragraph for paragraph in text if amendment.id in proposals(paragraph))


def _lifted(
    paragraph: Paragraph, amendment: Amendment, kinds: set[MarkKind], gone: Iterable[Stretch]
) -> tuple[Stretch, ...]:
    """The stretches that stay and lose marks of these kinds."""
    away = {at for stretch in gone for at in range(stretch.start, stretch.end)}
    offset, losing = 0, set[int]()
    for number, run in enumerate(paragraph.runs):
        if offset not in away and any(mark.kind in kinds for mark in marks_of(run, amendment.id)):
            losing.add(number)
        offset += len(run.text)
    return stretches(paragraph, losing)


def _marked(stretch: Stretch, kind: MarkKind, amendment: Amendment, on: bool) -> SetMark:
    return SetMark(stretch.paragraph, stretch.start, stretch.end, Mark(kind, amendment.id), on)


def _unmarked(stretch: Stretch, amendment: Amendment) -> tuple[SetMark, ...]:
    """The edits that lift every mark of the amendment from a stretch."""
    return _each_mark(stretch.paragraph, stretch.start, stretch.runs, amendment, False)


def _each_mark(
    paragraph: ParagraphId, start: int, runs: Iterable[Run], amendment: Amendment, on: bool
) -> tuple[SetMark, ...]:
    edits: list[SetMark] = []
    for run in runs:
        end = start + len(run.text)
        edits += [SetMark(paragraph, start, end, mark, on) for mark in sorted(marks_of(run, amendment.id))]
        start = end
    return tuple(edits)


# --- coming back


@dataclass(frozen=True, slots=True)
class Return:
    """An effect that brings words back, with the records of the others whose words come back with them."""

    effect: Effect
    others: tuple[Amendment, ...] = ()


def bring_back(document: Document, amendment: Amendment) -> Return:
    """All that the decision took out stands in the text again, pending, as nearly where it stood as can be.

    Raises `WrongStatus` when a paragraph it belongs in is gone, or nothing is left to put back, naming what to do.
    """
    edits: list[TextEdit] = list(_pending_again(document.text, amendment))
    notes: list[str] = []
    left: list[Removed] = []
    others: dict[AmendmentId, Amendment] = {}
    now = applied(document, edits)
    for entry in amendment.removed:
        if entry.by is not None:
            left.append(entry)
            continue
        back, stays = _standing(entry, amendment, document)
        if stays is not None:
            left.append(stays)
        if stays is None or back.whole or back.runs:
            steps, note = _put_back(back, amendment, now)
            edits += steps
            notes += [note] if note else []
            now = applied(now, steps)
        for other in _revived(entry, amendment, document):
            others[other.id] = _with_share_back(others.get(other.id, other), entry, amendment)
    if amendment.kind is AmendmentKind.SUP and now.text.find(amendment.paragraph) is None:
        raise _vanished(amendment.paragraph, amendment, document)
    if not edits and amendment.kind is not AmendmentKind.SUP:
        raise WrongStatus(f"Nothing of {called(amendment)} can be put back: {_why(amendment, document)}")
    return Return(Effect(tuple(edits), tuple(left), (), tuple(dict.fromkeys(notes))), tuple(others.values()))


def _pending_again(text: Opinion, amendment: Amendment) -> Iterable[TextEdit]:
    for paragraph in text:
        for stretch in marked_with(paragraph, MarkKind.ORIGIN, amendment.id):
            yield _marked(stretch, MarkKind.ORIGIN, amendment, False)
            yield _marked(stretch, MarkKind.INSERTION, amendment, True)


def _standing(entry: Removed, amendment: Amendment, document: Document) -> tuple[Removed, Removed | None]:
    """The words as they may stand today, and those that may not: proposals refused meanwhile do not come back."""
    runs = entry.whole.runs if entry.whole else entry.runs
    back: list[Run] = []
    stays: list[Run] = []
    for run in runs:
        today = _today(run, amendment, document)
        (stays if today is None else back).append(today or run)
    kept_out = Removed(entry.paragraph, entry.offset, joined(stays), entry.left, entry.right) if stays else None
    if entry.whole:
        return replace(entry, whole=replace(entry.whole, runs=joined(back))), kept_out
    return replace(entry, runs=joined(back)), kept_out


def _today(run: Run, amendment: Amendment, document: Document) -> Run | None:
    """Characters with the marks they may carry today; None when they are the words of a refused proposal."""
    marks = set(run.marks)
    for mark in run.marks:
        other = document.amendment(mark.id)
        if mark.id == amendment.id or other is None:
            continue
        pending = other.open or other.status is Status.SUPERSEDED
        if mark.kind is MarkKind.ORIGIN and other.status not in TAKEN_IN:
            if not other.open:
                return None
            marks = {*marks - {mark}, Mark(MarkKind.INSERTION, mark.id)}
        elif mark.kind is MarkKind.INSERTION and not pending:
            return None
        elif mark.kind in AMENDMENT_MARKS and not pending:
            marks.discard(mark)
    return Run(run.text, frozenset(marks))


def _put_back(entry: Removed, amendment: Amendment, now: Document) -> tuple[tuple[TextEdit, ...], str]:
    if entry.whole is not None:
        after, known = _neighbour(entry.after, now)
        note = "" if known else "A paragraph came back at the end: what stood before it is gone."
        return (AddParagraph(after, entry.whole),), note
    paragraph = now.text.find(entry.paragraph)
    if paragraph is None:
        raise _vanished(entry.paragraph, amendment, now)
    if not entry.runs:
        return (SetParagraph(paragraph.id, paragraph.kind, paragraph.level, amendment.id),), ""
    if _was_out(entry, amendment):
        place = place_of(entry, paragraph.text)
        edits: list[TextEdit] = []
        at = place.offset
        for run in entry.runs:
            edits.append(InsertText(paragraph.id, at, run.text, run.marks))
            at += len(run.text)
        return tuple(edits), "" if place.exact else "Words came back at the nearest place: the text around changed."
    found = place_of_words(entry, paragraph.text)
    if found is None:
        return (), "Words it had marked are no longer there as they were: they are not marked again."
    return _each_mark(paragraph.id, found.offset, entry.runs, amendment, True), ""


def _was_out(entry: Removed, amendment: Amendment) -> bool:
    """Whether the words themselves left the text; else they only lost marks."""
    kinds = {mark.kind for run in entry.runs for mark in marks_of(run, amendment.id)}
    if amendment.status in TAKEN_IN:
        return MarkKind.DELETION in kinds
    if amendment.status is Status.NOT_RETAINED and amendment.kind is AmendmentKind.BRACKET:
        return True
    return MarkKind.INSERTION in kinds


def _neighbour(after: ParagraphId | None, now: Document) -> tuple[ParagraphId | None, bool]:
    """The paragraph to stand behind; when it is gone too, the one that stood before it. False: none is known."""
    stood = {
        entry.whole.id: entry.after
        for other in now.record.amendments.values()
        for entry in other.removed
        if entry.whole
    }
    for _ in range(len(stood) + 1):
        if after is None or now.text.find(after):
            return after, True
        if after not in stood:
            break
        after = stood[after]
    return (now.text.paragraphs[-1].id if now.text.paragraphs else None), False


def _revived(entry: Removed, amendment: Amendment, document: Document) -> tuple[Amendment, ...]:
    def comes_back(other: Amendment) -> bool:
        suppressed = entry.whole is not None and other.kind is AmendmentKind.SUP and other.paragraph == entry.paragraph
        return suppressed or share(entry, other.id, amendment.id) is not None

    return tuple(
        other
        for other in document.record.amendments.values()
        if other.id != amendment.id and (other.open or other.status is Status.SUPERSEDED) and comes_back(other)
    )


def _with_share_back(other: Amendment, entry: Removed, amendment: Amendment) -> Amendment:
    part = share(entry, other.id, amendment.id)
    keeps = [one for one in other.removed if part is None or (one.by, one.runs) != (part.by, part.runs)]
    if other.status is not Status.SUPERSEDED:
        return replace(other, removed=tuple(keeps))
    return replace(other, removed=tuple(keeps), status=Status.SUBMITTED, into=None)


def _why(amendment: Amendment, document: Document) -> str:
    for other in document.record.amendments.values():
        runs = [run for entry in other.removed for run in (entry.whole.runs if entry.whole else entry.runs)]
        if other.id != amendment.id and any(mark.id == amendment.id for run in runs for mark in run.marks):
            return f"its words went with the decision on {called(other)}. Reopen {called(other)} instead."
    return "its words are gone. Propose them anew."


def _vanished(paragraph: ParagraphId, amendment: Amendment, document: Document) -> WrongStatus:
    what = "Put a paragraph in its place and propose its words anew."
    for other in document.record.amendments.values():
        if other.id != amendment.id and any(e.whole is not None and e.paragraph == paragraph for e in other.removed):
            what = f"{called(other)} took it out: reopen {called(other)} first, then {called(amendment)}."
    return WrongStatus(f"The paragraph in which {called(amendment)} stood is no longer in the text. {what}")
