"""The secretariat's commands on structure: split, join, move, insert, remove, retype; and editorial corrections.

These are what a shared text cannot merge when anybody does them, so the server alone carries them out. Paragraphs
keep their ids; where words went is told as `Shift`s, so that drafts standing there follow them, and the places kept on
record for words taken out earlier move along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from unicodedata import category

from opinions.acting import Context, called, require_paragraph
from opinions.brackets import extents
from opinions.commands import (
    CorrectText,
    InsertParagraph,
    JoinParagraph,
    MoveParagraph,
    RetypeParagraph,
    SplitParagraph,
)
from opinions.considering import pending_in
from opinions.edits import (
    AddParagraph,
    Change,
    DeleteText,
    Edit,
    InsertText,
    PutAmendment,
    PutOpinion,
    PutParagraph,
    RemoveParagraph,
    SetParagraph,
    Shift,
    applied,
)
from opinions.errors import InvalidCommand, RevisionChanged, WrongStatus
from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    Kind,
    Mark,
    MarkKind,
    Marks,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    cut,
)
from opinions.moves import AGREED_STATES, NEAR_AGREED_STATES, spoken
from opinions.numbering import added_label
from opinions.record import (
    SECRETARIAT,
    Amendment,
    AmendmentKind,
    Decision,
    Document,
    Level,
    ParagraphRecord,
    ParagraphState,
    Removed,
    Ruling,
    Status,
)
from opinions.ruled_words import digest
from opinions.words import Stretch, bystanders, held, kept, place_of, taken_whole, words


def split(command: SplitParagraph, document: Document) -> Change:
    """Cuts a paragraph in two; both parts keep its state, the second gets a label of its own.

    Raises `RevisionChanged` when the words before the cut are not those that the screen showed: it would be elsewhere.
    """
    paragraph = require_paragraph(document, command.paragraph)
    length = len(paragraph.text)
    if command.was and paragraph.text[: command.at] != command.was:
        raise RevisionChanged(
            "The words before this place changed since your screen showed them. Look again, then split the paragraph."
        )
    if not 0 < command.at < length:
        raise InvalidCommand(f"Split between two characters: from 1 to {length - 1}, not {command.at}.")
    require_fresh(document, command.new_paragraph)
    _require_no_removal(document, paragraph.id)
    second = replace(paragraph, id=command.new_paragraph, runs=cut(paragraph.runs, command.at, length))
    text: tuple[Edit, ...] = (
        AddParagraph(paragraph.id, second),
        DeleteText(paragraph.id, command.at, length),
    )
    record = document.record.paragraph(paragraph.id)
    label = added_label(applied(document, text), second.id)
    put = [PutParagraph(replace(record, id=second.id, label=label, layout=""))]
    if record.tag:
        # A status tag stands behind the words: it goes with the second part.
        put.append(PutParagraph(replace(record, tag="")))

    def moved(entry: Removed) -> Removed:
        if entry.whole is not None:
            return replace(entry, after=second.id) if entry.after == paragraph.id else entry
        if entry.paragraph == paragraph.id and (at := place_of(entry, paragraph.text).offset) > command.at:
            return replace(entry, paragraph=second.id, offset=at - command.at)
        return entry

    stayed = {mark.id for run in cut(paragraph.runs, 0, command.at) for mark in run.marks}
    went = {mark.id for run in second.runs for mark in run.marks} - stayed
    records = _with_anchors(document, moved, {name: second.id for name in went}, paragraph.id)
    return Change((*text, *put, *records), (Shift(paragraph.id, command.at, length, second.id, 0),))


def join(command: JoinParagraph, document: Document) -> Change:
    """Joins a paragraph with the one after it. Nothing is put between their words."""
    first = require_paragraph(document, command.paragraph)
    rest = document.text.paragraphs[document.text.index(first.id) + 1 :]
    if not rest:
        raise InvalidCommand("This is the last paragraph: there is none after it to join.")
    second, at = rest[0], len(first.text)
    if (first.kind, first.level) != (second.kind, second.level):
        raise WrongStatus("The two paragraphs are of different kinds or levels. Retype one of them first.")
    if first.kind is Kind.FOOTNOTE:
        raise WrongStatus("Footnotes are referred to one by one and cannot be joined. Correct their text instead.")
    if first.added != second.added:
        proposed = document.amendment(first.added or second.added or "")
        name = called(proposed) if proposed else "an amendment"
        raise WrongStatus(f"One of the two is only proposed, by {name}. Record the outcome of {name} first.")
    _require_no_removal(document, first.id)
    _require_no_removal(document, second.id)
    text: list[Edit] = []
    end = at
    for run in second.runs:
        text.append(InsertText(first.id, end, run.text, run.marks))
        end += len(run.text)
    text.append(RemoveParagraph(second.id))
    mine, theirs = document.record.paragraph(first.id), document.record.paragraph(second.id)
    both = replace(mine, state=_of_both(mine, theirs), tag=theirs.tag or mine.tag)
    put = (PutParagraph(both),) if both != mine else ()

    def moved(entry: Removed) -> Removed:
        if entry.whole is not None:
            return replace(entry, after=first.id) if entry.after == second.id else entry
        if entry.paragraph == second.id:
            return replace(entry, paragraph=first.id, offset=at + entry.offset)
        return entry

    went = {mark.id: first.id for run in second.runs for mark in run.marks}
    records = _with_anchors(document, moved, went, second.id)
    return Change((*text, *put, *records), (Shift(second.id, 0, len(second.text), first.id, at),))


def move(command: MoveParagraph, document: Document) -> Change:
    """Moves a paragraph behind another one. Brackets over several paragraphs must hold the same words as before."""
    paragraph = require_paragraph(document, command.paragraph)
    if command.after is not None:
        require_paragraph(document, command.after)
    place = document.text.index(paragraph.id)
    before = document.text.paragraphs[place - 1].id if place else None
    if command.after in (paragraph.id, before):
        raise InvalidCommand("The paragraph stands there already. Name another one to put it behind.")
    text = (RemoveParagraph(paragraph.id), AddParagraph(command.after, paragraph))
    after = applied(document, text)
    for extent in extents(document):
        was, would_be = held(document, extent.bracket), held(after, extent.bracket)
        if was != would_be:
            bracket = document.amendment(extent.bracket)
            name = called(bracket) if bracket else extent.bracket
            how = "out of" if paragraph.id in was else "into"
            raise WrongStatus(
                f"This would move words {how} the bracket {name}. Have that bracket lifted or withdrawn first."
            )

    def moved(entry: Removed) -> Removed:
        stood_behind = entry.whole is not None and entry.after == paragraph.id
        return replace(entry, after=before) if stood_behind else entry

    length = len(paragraph.text)
    return Change(
        (*text, *_with_anchors(document, moved, {}, paragraph.id)),
        (Shift(paragraph.id, 0, length, paragraph.id, 0),),
    )


def insert(command: InsertParagraph, document: Document) -> Change:
    """Puts a paragraph of base text in: on the table, and not considered yet."""
    require_fresh(document, command.paragraph)
    if command.after is not None:
        require_paragraph(document, command.after)
    require_plain(command.text)
    if not command.text.strip():
        raise InvalidCommand("The new paragraph has no words. Give its text.")
    runs = (Run(command.text),)
    added = AddParagraph(command.after, Paragraph(command.paragraph, command.kind, command.level, runs))
    label = added_label(applied(document, (added,)), command.paragraph)
    return Change((added, PutParagraph(ParagraphRecord(command.paragraph, label))))


def retype(command: RetypeParagraph, document: Document) -> Change:
    """Gives a paragraph another kind or level, and the label that goes with it."""
    paragraph = require_paragraph(document, command.paragraph)
    if (paragraph.kind, paragraph.level) == (command.kind, command.level):
        raise InvalidCommand("The paragraph is of this kind and level already.")
    retyped = SetParagraph(paragraph.id, command.kind, command.level, paragraph.added)
    record = document.record.paragraph(paragraph.id)
    label = added_label(applied(document, (retyped,)), paragraph.id)
    return Change((retyped, PutParagraph(replace(record, label=label))) if label != record.label else (retyped,))


def correct_text(command: CorrectText, document: Document, context: Context) -> Change:
    """An editorial correction: an amendment of the secretariat and its decision in one (design, settled 6).

    Offsets count the paragraph's whole text, pending words and struck ones included. Raises `RevisionChanged` when
    other words stand there than `was`, `WrongStatus` where the correction would touch pending words, or words only part
    of which are struck or bracketed.
    """
    paragraph = require_paragraph(document, command.paragraph)
    stands = paragraph.text[command.start : command.end]
    if not command.start <= command.end <= len(paragraph.text) or stands != command.was:
        raise RevisionChanged(f"These words now read “{stands}”. Look at the paragraph again, then correct it.")
    require_plain(command.text, command.was)
    start, end, text = _smallest(command)
    if start == end and not text:
        raise InvalidCommand("The correction changes nothing. Give the words as they should read.")
    amendment_id = AmendmentId(context.new_id("a"))
    around = _marks_for(paragraph, start, end, document)
    gone = cut(paragraph.runs, start, end)
    struck = tuple(Run(run.text, run.marks | {Mark(MarkKind.DELETION, amendment_id)}) for run in gone)
    edits: list[Edit] = []
    if text:
        edits.append(InsertText(paragraph.id, end, text, around | {Mark(MarkKind.ORIGIN, amendment_id)}))
    beside = applied(Document(Opinion((paragraph,))), edits).text.paragraphs[0]
    out = kept(beside, (Stretch(paragraph.id, start, end, struck),)) if gone else ()
    if gone:
        edits.append(DeleteText(paragraph.id, start, end))
    opinion = document.record.opinion
    correction = _decided(amendment_id, AmendmentKind.MOD, paragraph.id, document, context)
    said = [f"# {paragraph.id}", *([f"+{text}"] if text else []), *([f"-{words(gone)}"] if gone else [])]
    correction = _on_record(correction, out, command.note, "Editorial correction.", said, document)
    # Where corrected words replace them, strikes and brackets stand on; where words just go, they go along.
    others = () if text else bystanders(document, applied(document, edits).text, out, amendment_id, context.at)
    record = (PutAmendment(correction), PutOpinion(replace(opinion, next_number=opinion.next_number + 1)))
    return Change((*edits, *record, *(PutAmendment(other) for other in others)))


def remove(paragraph_id: ParagraphId, document: Document, context: Context, note: str = "") -> Change:
    """Takes base text out: a SUP of the secretariat and its decision in one, so that reopening puts it back.

    Raises `WrongStatus` while anything is pending in the paragraph (all listed), for agreed text and for the title.
    """
    paragraph = require_paragraph(document, paragraph_id)
    pending = pending_in(document, paragraph.id)
    if pending or paragraph.added is not None:
        listed = ", ".join(called(amendment) for amendment in pending) or "a proposal"
        raise WrongStatus(f"Still open in this paragraph: {listed}. Record the outcome first, then take it out.")
    if paragraph.kind is Kind.TITLE:
        raise WrongStatus("The title is not taken out; correct its words instead.")
    state = document.record.paragraph(paragraph.id).state
    if state in AGREED_STATES | NEAR_AGREED_STATES:
        raise WrongStatus(
            f"This paragraph is {spoken(state)}: the chair reopens it, or rules on a proposal to remove it."
        )
    edit, whole = taken_whole(document.text, paragraph.id)
    opinion = document.record.opinion
    removal = _decided(AmendmentId(context.new_id("a")), AmendmentKind.SUP, paragraph.id, document, context)
    said = [f"# {paragraph.id}", f"-{paragraph.text}"]
    removal = _on_record(removal, (whole,), note, "Editorial removal.", said, document)
    record = (PutAmendment(removal), PutOpinion(replace(opinion, next_number=opinion.next_number + 1)))
    return Change((edit, *record))


def _decided(
    amendment_id: AmendmentId, kind: AmendmentKind, paragraph: ParagraphId, document: Document, context: Context
) -> Amendment:
    """An amendment of the secretariat that is agreed as it is made (D6)."""
    return Amendment(
        id=amendment_id,
        kind=kind,
        delegation=SECRETARIAT,
        author=context.actor.name,
        paragraph=paragraph,
        created_at=context.at,
        changed_at=context.at,
        status=Status.AGREED,
        revision=1,
        number=document.record.opinion.next_number,
    )


def _on_record(
    amendment: Amendment, removed: tuple[Removed, ...], reason: str, how: str, lines: Sequence[str], document: Document
) -> Amendment:
    """The same with what it took out, its reason and its decision on words spelled as `lines`."""
    name, sitting = amendment.author, document.record.opinion.sitting
    where = (sitting.level, sitting.name) if sitting else (Level.UNSAID, "")
    spelled = ("\n".join(lines), digest(lines))
    decision = Decision(Ruling.AGREED, 1, amendment.created_at, name, name, how, *where, *spelled)
    return replace(amendment, removed=removed, reason=reason, decisions=(decision,))


def require_fresh(document: Document, paragraph_id: ParagraphId) -> None:
    """Raises `InvalidCommand` when a paragraph of this id stands in the text, or on record as taken out."""
    used = {entry.paragraph for other in document.record.amendments.values() for entry in other.removed if entry.whole}
    if document.text.find(paragraph_id) is not None or paragraph_id in used:
        raise InvalidCommand(f"The id {paragraph_id} is in use already. Give the new paragraph a fresh one.")


def _require_no_removal(document: Document, paragraph_id: ParagraphId) -> None:
    for other in document.record.amendments.values():
        if other.kind is AmendmentKind.SUP and other.paragraph == paragraph_id and other.open:
            raise WrongStatus(
                f"{called(other)} proposes to remove this paragraph as it is. Record the outcome of {called(other)} "
                "first."
            )


def require_plain(text: str, was: str = "") -> None:
    """Typed brackets are marks, never letters (design, settled 10); a paragraph is one line."""
    for glyph in "[]":
        if text.count(glyph) > was.count(glyph):
            raise InvalidCommand(
                "Square brackets are put round words by bracketing them, not by typing the characters."
            )
    require_one_line(text)


def require_one_line(text: str) -> None:
    """Raises `InvalidCommand` when words hold a line break or another control character."""
    if any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise InvalidCommand("A paragraph holds no line breaks and no control characters. Take them out.")


def _of_both(first: ParagraphRecord, second: ParagraphRecord) -> ParagraphState:
    """The state of two paragraphs joined: never more agreed, nor more considered, than either of them was."""
    states = {first.state, second.state}
    if len(states) == 1:
        return first.state
    if ParagraphState.BASE in states and states <= AGREED_STATES | {ParagraphState.BASE}:
        return ParagraphState.BASE
    return ParagraphState.AGREED_AD_REFERENDUM if states <= AGREED_STATES else ParagraphState.OPEN


def _with_anchors(
    document: Document,
    moved: Callable[[Removed], Removed],
    went: Mapping[str, ParagraphId],
    source: ParagraphId,
) -> tuple[PutAmendment, ...]:
    """Records whose kept words, or whose own paragraph, are found elsewhere now."""
    edits: list[PutAmendment] = []
    for amendment in document.record.amendments.values():
        removed = tuple(moved(entry) for entry in amendment.removed)
        stands = amendment.paragraph
        if stands == source and amendment.kind is not AmendmentKind.SUP:
            stands = went.get(amendment.id, removed[0].paragraph if removed else stands)
        changed = replace(amendment, removed=removed, paragraph=stands)
        if changed != amendment:
            edits.append(PutAmendment(changed))
    return tuple(edits)


def _smallest(command: CorrectText) -> tuple[int, int, str]:
    """The correction without the characters that stay at either end."""
    was, text = command.was, command.text
    head = 0
    while head < min(len(was), len(text)) and was[head] == text[head]:
        head += 1
    tail = 0
    while tail < min(len(was), len(text)) - head and was[-1 - tail] == text[-1 - tail]:
        tail += 1
    return command.start + head, command.end - tail, text[head : len(text) - tail]


def _marks_for(paragraph: Paragraph, start: int, end: int, document: Document) -> Marks:
    """The marks that the corrected words take over from those they replace, or stand between."""
    if paragraph.added is not None:
        raise _touches(paragraph.added, document)
    if start < end:
        replaced = cut(paragraph.runs, start, end)
        pending = next((run.insertion for run in replaced if run.insertion), None)
        if pending:
            raise _touches(pending, document)
        kinds = [{mark for mark in run.marks if mark.kind in AMENDMENT_MARKS} for run in replaced]
        if any(marks != kinds[0] for marks in kinds):
            raise WrongStatus("Only part of these words is struck or bracketed. Correct one part at a time.")
        shared = frozenset.intersection(*(run.marks for run in replaced))
        return frozenset(mark for mark in shared if mark.kind is not MarkKind.ORIGIN)
    left, right = cut(paragraph.runs, start - 1, start), cut(paragraph.runs, end, end + 1)
    if not left or not right:
        return frozenset()
    if left[0].insertion and right[0].insertion:
        raise _touches(left[0].insertion, document)
    around = {MarkKind.EM, MarkKind.BRACKET, MarkKind.DELETION}
    return frozenset(mark for mark in left[0].marks & right[0].marks if mark.kind in around)


def _touches(amendment_id: str, document: Document) -> WrongStatus:
    amendment = document.amendment(amendment_id)
    name = called(amendment) if amendment else amendment_id
    return WrongStatus(
        f"The correction would touch pending words of {name}. Their author changes them, or the chair rules."
    )
