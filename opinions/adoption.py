"""What the forum does with a text: the chair asks, and declares it adopted by consensus or not adopted (FT).

Nothing is computed here: that nobody objected is the chair's to say. But a text in which something is open, or to which
a delegation objects formally, is not recorded as adopted by consensus.
"""

from dataclasses import replace

from opinions.acting import Context, ruling
from opinions.canonical import canonical_text, fingerprint
from opinions.clean import obstacles
from opinions.closing import Adoption, AdoptionOutcome, AdoptionQuestion
from opinions.closing_commands import PutAdoption, RecordAdoption
from opinions.edits import Change, PutOpinion
from opinions.errors import InvalidCommand, RevisionChanged, WrongStatus
from opinions.numbering import citations
from opinions.record import Document, OpinionRecord, Stance
from opinions.statuses import Attitude

_LISTED = 12
"""Things that stand in the way spelled out in a refusal."""


def put(command: PutAdoption, document: Document, context: Context) -> Change:
    """The chair asks whether there is any objection. Raises `WrongStatus` while something is open in the text, and
    `RevisionChanged` when other words stand than the screen showed.
    """
    opinion = _forum_text(document)
    asked_by, recorded_by = ruling(command.ruled_by, context)
    _require_nothing_open(document)
    digest = _require_words(document, command.words)
    question = AdoptionQuestion(context.at, asked_by, recorded_by, digest, command.note.strip())
    return Change((PutOpinion(replace(opinion, question=question)),))


def record(command: RecordAdoption, document: Document, context: Context) -> Change:
    """What the chair declared; all writing in the text ends with it.

    Adopted: nothing is open, the chair asked on these very words, and no formal objection stands. Not adopted: the note
    says why. Raises `WrongStatus`, `RevisionChanged`, `InvalidCommand`.
    """
    opinion = _forum_text(document)
    ruled_by, recorded_by = ruling(command.ruled_by, context)
    digest = _require_words(document, command.words)
    objections = standing(document, Attitude.FORMAL_OBJECTION)
    if command.outcome is AdoptionOutcome.ADOPTED:
        _require_nothing_open(document)
        if opinion.question is None or opinion.question.digest != digest:
            raise WrongStatus("Ask first whether there is any objection to adopting the text as it now stands.")
        if objections:
            who = ", ".join(sorted({one.delegation for one in objections}))
            raise WrongStatus(
                f"{who} objects formally, so the text is not adopted by consensus. Record that it is not adopted, or "
                "ask again once the objection is withdrawn."
            )
    elif not command.note.strip():
        raise InvalidCommand("Say why the text is not adopted: the chair's report carries it.")
    adopted = Adoption(
        command.outcome,
        context.at,
        ruled_by,
        recorded_by,
        digest,
        command.note.strip(),
        objections,
        standing(document, Attitude.RESERVE),
    )
    return Change((PutOpinion(replace(opinion, adoption=adopted, closed=True, live_drafting=False)),))


def standing(document: Document, attitude: Attitude) -> tuple[Stance, ...]:
    """The positions of this kind that delegations hold now, on paragraphs and on amendments still open, in reading
    order; those on what was decided went into its decision (D10).
    """
    found = [one for paragraph in document.text for one in document.record.paragraph(paragraph.id).stances]
    found += [
        one
        for amendment in document.record.amendments.values()
        if amendment.open
        for one in amendment.stances
        if one.revision == amendment.revision
    ]
    return tuple(one for one in found if one.attitude is attitude)


def in_the_way(document: Document) -> tuple[str, ...]:
    """What keeps a text from being adopted, each in a line: all that is open, and formal objections that stand."""
    cited = citations(document)
    lines = [one.message for one in obstacles(document) if one.kind is not None or one.stray]
    for paragraph in document.text:
        for one in document.record.paragraph(paragraph.id).stances:
            if one.attitude is Attitude.FORMAL_OBJECTION:
                lines.append(f"{cited[paragraph.id]}: {one.delegation} objects formally: {one.note}")
    return tuple(lines)


def text_digest(document: Document) -> str:
    """The fingerprint of a text as it stands, which a question and an adoption name."""
    return fingerprint(canonical_text(document))


def _forum_text(document: Document) -> OpinionRecord:
    opinion = document.record.opinion
    if opinion.forum is None:
        raise WrongStatus("Only a forum text is adopted. The secretariat opens one from the final version.")
    return opinion


def _require_words(document: Document, wanted: str) -> str:
    digest = text_digest(document)
    if wanted and wanted != digest:
        raise RevisionChanged("The text changed since your screen showed it. Look at it again.")
    return digest


def _require_nothing_open(document: Document) -> None:
    found = [one for one in obstacles(document) if one.kind is not None or one.stray]
    if found:
        lines = [one.message for one in found[:_LISTED]]
        if len(found) > _LISTED:
            lines.append(f"and {len(found) - _LISTED} more")
        raise WrongStatus("Something is open in the text:\n" + "\n".join(lines))
