"""The renumbering as an act: marked by the secretariat, carried out right before the next freeze, once (L3).

The version that is frozen is the renumbered one. A second renumbering is marked with a reason; a frozen text is never
renumbered.
"""

from dataclasses import replace

from opinions import calls
from opinions.acting import Context
from opinions.closing import LeftCitation, NewCitation, NewLabel, Renumbering, RenumberingMark
from opinions.closing_commands import MarkRenumbering
from opinions.commands import Freeze
from opinions.edits import Change, Edit, InsertText, PutAmendment, PutOnTable, PutOpinion, applied
from opinions.errors import InvalidCommand, NotAllowed
from opinions.model import AmendmentId, Mark, MarkKind, Opinion, Paragraph, Run, cut
from opinions.numbering import renumbered
from opinions.record import (
    SECRETARIAT,
    Amendment,
    AmendmentKind,
    Decision,
    Document,
    Level,
    Record,
    Removed,
    Ruling,
    Status,
)
from opinions.renumbering import Plan, Rewrite, marks_of, pending, plain_edits, plan, rewrites
from opinions.roles import Role
from opinions.ruled_words import digest
from opinions.words import Stretch, deletions, kept


def mark(command: MarkRenumbering, document: Document, context: Context) -> Change:
    """The next freeze renumbers, or no longer. Raises `InvalidCommand` for a second renumbering without its reason."""
    opinion = document.record.opinion
    if not command.on:
        return Change((PutOpinion(replace(opinion, renumbering=None)),) if opinion.renumbering else ())
    if renumberings(document.record) and not command.note.strip():
        raise InvalidCommand(
            "This Opinion was renumbered already, and delegations quote its labels. Say why it is renumbered again."
        )
    marked = RenumberingMark(context.actor.name, context.at, command.note.strip())
    return Change((PutOpinion(replace(opinion, renumbering=marked)),))


def renumberings(record: Record) -> tuple[Renumbering, ...]:
    """The renumberings on record, the first one first."""
    found = (one for one in record.table.values() if isinstance(one, Renumbering))
    return tuple(sorted(found, key=lambda one: (len(one.id), one.id)))


def before_freeze(command: Freeze, document: Document, context: Context) -> Change | None:
    """What a freeze that is marked so does first; None where the freeze does not renumber.

    The secretariat that freezes may mark it by the same act, the first time. Raises `NotAllowed` where anybody else
    wants to.
    """
    marked = document.record.opinion.renumbering
    if marked is None and command.renumber:
        if context.actor.role is not Role.SECRETARIAT:
            raise NotAllowed(
                "Whether a freeze renumbers is the secretariat's to mark. Ask for it, or freeze without it."
            )
        mark(MarkRenumbering(note=""), document, context)
        marked = RenumberingMark(context.actor.name, context.at)
    if marked is None:
        return None
    change = renumber(document, marked, context)
    return replace(change, edits=(*change.edits, *calls.voided(document, change.edits, context, None)))


def renumber(document: Document, marked: RenumberingMark, context: Context) -> Change:
    """New labels, the citations that follow, and the concordance on record.

    Pending words stay whose they are; settled ones are corrected as one editorial amendment of the secretariat (D6).
    """
    wanted = plan(document)
    number = len(renumberings(document.record)) + 1
    opinion = replace(document.record.opinion, renumbering=None)
    edits: list[Edit] = []
    settled: list[Rewrite] = []
    mine: list[Rewrite] = []
    for one in rewrites(document, wanted):
        paragraph = document.text.find(one.paragraph)
        if paragraph is not None:
            (mine if pending(paragraph, one) else settled).append(one)
    if settled:
        amendment_id = AmendmentId(context.new_id("a"))
        corrections, amendment = _corrected(document, settled, amendment_id, marked, context)
        opinion = replace(opinion, next_number=opinion.next_number + 1)
        edits += [*corrections, PutAmendment(amendment)]
    between = applied(document, edits).text
    edits += plain_edits(between, [_moved(one, settled) for one in mine])
    edits += renumbered(document)
    edits += [PutOnTable(_on_record(str(number), wanted, marked, context)), PutOpinion(opinion)]
    return Change(tuple(edits))


def _corrected(
    document: Document, settled: list[Rewrite], amendment_id: AmendmentId, marked: RenumberingMark, context: Context
) -> tuple[list[Edit], Amendment]:
    """The edits in settled words, and the editorial amendment that they are."""
    origin = Mark(MarkKind.ORIGIN, amendment_id)
    edits: list[Edit] = []
    removed: list[Removed] = []
    lines: list[str] = []
    for paragraph in document.text:
        here = sorted((one for one in settled if one.paragraph == paragraph.id), key=lambda one: one.start)
        if not here:
            continue
        inserts = [_insert(paragraph, one, origin) for one in reversed(here)]
        beside = applied(Document(Opinion((paragraph,))), inserts).text.paragraphs[0]
        out: list[Stretch] = []
        grown = 0
        for one in here:
            gone = cut(paragraph.runs, one.start, one.end)
            struck = tuple(Run(run.text, run.marks | {Mark(MarkKind.DELETION, amendment_id)}) for run in gone)
            out.append(Stretch(paragraph.id, one.start + grown, one.end + grown, struck))
            grown += len(one.text)
        edits += [*inserts, *deletions(out)]
        removed += kept(beside, out)
        lines += [f"# {paragraph.id}", f"+{''.join(one.text for one in here)}", f"-{''.join(one.was for one in here)}"]
    opinion = document.record.opinion
    where = (opinion.sitting.level, opinion.sitting.name) if opinion.sitting else (Level.UNSAID, "")
    spelled = ("\n".join(lines), digest(lines))
    said = Decision(Ruling.AGREED, 1, context.at, marked.by, context.actor.name, "Renumbering.", *where, *spelled)
    amendment = Amendment(
        id=amendment_id,
        kind=AmendmentKind.MOD,
        delegation=SECRETARIAT,
        author=marked.by,
        paragraph=settled[0].paragraph,
        created_at=context.at,
        changed_at=context.at,
        status=Status.AGREED,
        revision=1,
        number=opinion.next_number,
        reason=marked.note or "Renumbering: citations of this text follow its new numbers.",
        removed=tuple(removed),
        decisions=(said,),
    )
    return edits, amendment


def _insert(paragraph: Paragraph, one: Rewrite, origin: Mark) -> InsertText:
    around = (mark for mark in marks_of(paragraph, one) if mark.kind is not MarkKind.ORIGIN)
    return InsertText(paragraph.id, one.end, one.text, frozenset({*around, origin}))


def _moved(one: Rewrite, before: list[Rewrite]) -> Rewrite:
    """The rewrite where it stands once others in its paragraph are done."""
    grown = sum(
        len(other.text) - len(other.was)
        for other in before
        if other.paragraph == one.paragraph and other.end <= one.start
    )
    return replace(one, start=one.start + grown, end=one.end + grown)


def _on_record(name: str, wanted: Plan, marked: RenumberingMark, context: Context) -> Renumbering:
    return Renumbering(
        id=name,
        at=context.at,
        by=marked.by,
        note=marked.note,
        labels=tuple(NewLabel(one.paragraph, one.old, one.new) for one in wanted.labels),
        citations=tuple(NewCitation(one.reference.paragraph, one.reference.words, one.words) for one in wanted.follow),
        left=tuple(
            LeftCitation(one.paragraph, one.words, one.problem.value)
            for one in wanted.broken
            if one.problem is not None
        ),
    )
