"""Ready-made proposals entered: a contribution's amendments and the secretariat's changes of base text, in one command.

What stands in the text afterwards is what its delegation would have typed and submitted (opinions/SPEC.md, E2): words
that go are struck and those that come stand behind them under the amendment's insertion; where that touches another
open amendment of the same delegation, it becomes that one's next revision (A2), and what it strikes of that one's own
words really goes. All of it comes in, or nothing: the first part that does not fit refuses the whole.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from opinions import amendments, structure
from opinions.acting import Context, called, spoken
from opinions.brackets import uncrossed
from opinions.commands import CorrectText, EnterProposals, InsertParagraph, ProposeRemoval, RetypeParagraph
from opinions.edits import (
    AddParagraph,
    Change,
    DeleteText,
    Edit,
    InsertText,
    PutAmendment,
    PutOpinion,
    SetMark,
    TextEdit,
    applied,
    carry_out,
)
from opinions.errors import InvalidCommand, NotAllowed, OpinionError, RevisionChanged, WrongStatus
from opinions.in_hand import EditedDocument
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run, cut, is_id
from opinions.numbering import citation
from opinions.offsets import Offsets
from opinions.pasted_brackets import pasted_words
from opinions.proposals import (
    MAX_CORRECTIONS,
    MAX_IN_PARAGRAPH,
    MAX_OWN_PROPOSALS,
    MAX_OWN_REPLACEMENTS,
    MAX_PROPOSALS,
    BaseChange,
    BaseChangeKind,
    Proposal,
    Replacement,
)
from opinions.record import Amendment, AmendmentKind, Attitude, Document, ParagraphState, Stance, Status
from opinions.roles import Act, Role
from opinions.settling import emptied, taken_up, touching
from opinions.stances import corrected, positions_on, typed
from opinions.words import bracketing, kind_of, places, proposals

MAX_LEVEL = 99
"""The deepest level of a paragraph that the shared document takes; real drafts have three."""


@dataclass(frozen=True, slots=True)
class EnteredAs:
    """Which amendment a proposal became: itself, or one of its delegation that it rewords."""

    proposal: AmendmentId
    amendment: AmendmentId
    number: int
    revision: int


@dataclass(frozen=True, slots=True)
class Entering:
    """What the command does in the Opinion, what became of its proposals, in their order, and the document after it."""

    change: Change
    entered: tuple[EnteredAs, ...]
    document: Document


def enter(command: EnterProposals, document: Document, context: Context) -> Entering:
    """Changes the base text, then enters the proposals and after them the counter-proposals, in the order given.

    Raises `NotAllowed` for what is not this person's to enter, `RevisionChanged` where other words stand than those
    named, `UnknownParagraph`, `InvalidCommand` or `WrongStatus` for a part that does not fit; the message names the
    part where there are several.
    """
    parts = len(command.base) + len(command.proposals) + len(command.counters)
    if not parts:
        raise InvalidCommand("There is nothing to enter: give proposals, or changes of base text.")
    _require_not_too_many(command, context)
    work = _Work(document, context, command.source)
    if command.base and context.actor.role is not Role.SECRETARIAT:
        raise NotAllowed("Only the secretariat changes base text. Propose your changes as amendments.")
    for number, change in enumerate(command.base, 1):
        with _named(f"Change {number} of the base text", parts):
            work.change_base(change)
    entered = _each(work, "Proposal", command.proposals, context, parts)
    work.count_anew()
    entered += _each(work, "Counter-proposal", command.counters, context, parts)
    standing = [work.document.record.amendments[one] for one in entered]
    for number, one in enumerate(standing, 1):
        if not one.open:
            raise WrongStatus(
                f"Proposal {number} ({one.delegation}) would be left without words: another part takes them out. "
                "Leave one of the two out."
            )
    return Entering(
        Change(tuple(work.edits)),
        tuple(
            EnteredAs(proposal.amendment, one.id, one.number, one.revision)
            for proposal, one in zip((*command.proposals, *command.counters), standing, strict=True)
        ),
        work.document,
    )


def _each(work: "_Work", what: str, proposals: Iterable[Proposal], context: Context, parts: int) -> list[AmendmentId]:
    entered = []
    for number, proposal in enumerate(proposals, 1):
        with _named(f"{what} {number} ({proposal.delegation})", parts):
            _require_theirs(proposal, context)
            entered.append(work.enter(proposal))
    return entered


def _require_not_too_many(command: EnterProposals, context: Context) -> None:
    proposals = (*command.proposals, *command.counters)
    parts: tuple[Proposal | BaseChange, ...] = (*proposals, *command.base)
    replacements = sum(len(part.replacements) for part in parts)
    most = Counter(one.paragraph for one in proposals).most_common(1)
    own = context.actor.role is not Role.SECRETARIAT
    for count, limit, what in (
        (len(proposals) if own else 0, MAX_OWN_PROPOSALS, "proposals"),
        (replacements if own else 0, MAX_OWN_REPLACEMENTS, "replacements"),
        (sum(len(one.replacements) for one in command.base), MAX_CORRECTIONS, "corrections of base text"),
        (most[0][1] if most else 0, MAX_IN_PARAGRAPH, "proposals for one paragraph"),
    ):
        if count > limit:
            raise _too_many(count, limit, what, own)


def _too_many(count: int, limit: int, what: str, own: bool) -> InvalidCommand:
    asked = ", or ask the secretariat to enter it" if own else ""
    return InvalidCommand(f"These are {count} {what}, and you can enter {limit} at once. Enter it in parts{asked}.")


@contextmanager
def _named(part: str, parts: int) -> Iterator[None]:
    """Has a refusal say which part of the command it is about."""
    try:
        yield
    except OpinionError as error:
        if parts > 1:
            error.message = f"{part}: {error.message}"
            error.args = (error.message,)
        raise


def _require_theirs(proposal: Proposal, context: Context) -> None:
    """An expert enters proposals of his or her delegation alone, the secretariat those of every one that proposes."""
    if context.actor.role is not Role.SECRETARIAT:
        if proposal.delegation != context.party:
            raise NotAllowed(f"You act for {context.party} and cannot enter a proposal of {proposal.delegation}.")
        if proposal.sponsors:
            raise NotAllowed("Others join your amendment by themselves, or ask the secretariat to enter them.")
    for party in (proposal.delegation, *proposal.sponsors):
        if not context.may_propose(party):
            raise NotAllowed(f"{party} proposes no amendments here: it is not entered, or gives views only.")
    if proposal.delegation in proposal.sponsors:
        raise InvalidCommand(f"{proposal.delegation} is the author of this proposal and cannot co-sponsor it too.")


class _Work:
    """The document as the command has changed it so far, and how to find in it what was meant before."""

    def __init__(self, document: Document, context: Context, source: str) -> None:
        self.edits: list[Edit] = []
        self._text = EditedDocument(document)
        self._context = context
        self._source = source
        self._offsets: dict[ParagraphId, Offsets] = {}
        self._behind: dict[ParagraphId, ParagraphId | None] = {}
        """What the command put in, and what each was to stand behind."""
        self._gone: dict[ParagraphId, ParagraphId | None] = {}
        """What it took out, and what each stood behind."""
        self._entered: set[AmendmentId] = set()
        self._crosses = True
        """Whether brackets may cross: they may where the command begins."""

    @property
    def document(self) -> Document:
        """The document as changed so far."""
        return self._text.value()

    def count_anew(self) -> None:
        """Has offsets from here on speak of the text as the command has made it so far."""
        self._offsets.clear()

    # -- base text

    def change_base(self, change: BaseChange) -> None:
        """One change of base text, as the secretariat's own commands make it (D6)."""
        context, document = self._context, self.document
        match change.kind:
            case BaseChangeKind.WORDS:
                for one in self._wanted(change.paragraph, change.replacements):
                    self._correct(change.paragraph, one)
            case BaseChangeKind.INSERT:
                self._require_form(change.paragraph, change.level)
                after = self._anchor(change.after)
                insert = InsertParagraph(change.paragraph, after, change.paragraph_kind, change.text, change.level)
                self._do(structure.insert(insert, document).edits)
                self._behind[change.paragraph] = change.after
            case BaseChangeKind.REMOVE:
                place = self._text.place(change.paragraph)
                self._do(self._sourced(structure.remove(change.paragraph, document, context).edits))
                self._gone[change.paragraph] = document.text.paragraphs[place - 1].id if place else None
            case BaseChangeKind.RETYPE:
                self._require_form(change.paragraph, change.level)
                retype = RetypeParagraph(change.paragraph, change.paragraph_kind, change.level)
                self._do(structure.retype(retype, document).edits)

    def _correct(self, paragraph: ParagraphId, one: Replacement) -> None:
        stands = self._stretches(paragraph, one)
        start, end = stands[0] if stands else (self._of(paragraph).gap(one.start),) * 2
        correction = CorrectText(paragraph, start, end, one.was, one.text)
        self._do(self._sourced(structure.correct_text(correction, self.document, self._context).edits))

    def _sourced(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """The same, with the document they come from on the record of the amendments they make."""
        for edit in edits:
            if isinstance(edit, PutAmendment) and self._text.amendment(edit.amendment.id) is None:
                yield PutAmendment(replace(edit.amendment, source=self._source))
            else:
                yield edit

    # -- proposals

    def enter(self, proposal: Proposal) -> AmendmentId:
        """Enters one proposal; says which amendment it became."""
        self._require_fresh(proposal.amendment)
        match proposal.kind:
            case AmendmentKind.MOD:
                return self._reword(proposal)
            case AmendmentKind.ADD:
                return self._add(proposal)
            case AmendmentKind.SUP:
                return self._suppress(proposal)
            case AmendmentKind.BRACKET:
                return self._bracket(proposal)

    def _reword(self, proposal: Proposal) -> AmendmentId:
        before = self._paragraph(proposal.paragraph)
        wanted = self._wanted(before.id, proposal.replacements)
        for one in wanted:
            structure.require_one_line(one.text)
        struck = [stretch for one in wanted for stretch in self._stretches(before.id, one)]
        puts = [(self._of(before.id).gap(one.end), pasted_words(one.text)) for one in wanted]
        words = [(at, pasted.text) for at, pasted in puts]
        laid = _laid(before, proposal.amendment, struck, words)
        own = self._revised(before, proposal, laid)
        target = own.id if own else proposal.amendment
        if own is not None:
            laid = _laid(before, target, struck, words)
        self._do(laid)
        if own is None:
            self._record(proposal, AmendmentKind.MOD)
        else:
            self._revise(own, proposal)
        after = self._paragraph(before.id)
        goes = [edit for edit in laid if isinstance(edit, DeleteText)]
        if goes:
            self._do(emptied([(before, after)], self.document, {target}, self._context.at))
            self._crosses = True
        self._settle(before, after)
        come = 0
        for at, pasted in puts:
            gone = sum(edit.end - edit.start for edit in goes if edit.end <= at) if pasted.brackets else 0
            self._bracket_pairs(proposal, at + come - gone, pasted.brackets)
            come += len(pasted.text)
        return target

    def _revised(self, paragraph: Paragraph, proposal: Proposal, laid: Sequence[TextEdit]) -> Amendment | None:
        """The open amendment of the same delegation that the proposal touches, as a draft typed there would (A2)."""
        mine = _OpenOf(proposal.delegation, self._text)
        found = paragraph.added if paragraph.added in mine else None
        if found is None and any(one in mine for one in proposals(paragraph)):
            there = applied(Document(Opinion((paragraph,))), laid).text.paragraphs[0]
            found = touching(there, proposal.amendment, mine)
        revised = self._text.amendment(found) if found else None
        if revised is not None and revised.pinned:
            raise WrongStatus(
                f"{called(revised)} of {revised.delegation} stands at this place and is before the meeting at revision "
                f"{revised.revision}. Enter this when the chair has ruled or released it."
            )
        return revised

    def _add(self, proposal: Proposal) -> AmendmentId:
        self._require_form(proposal.paragraph, proposal.level)
        structure.require_fresh(self.document, proposal.paragraph)
        structure.require_one_line(proposal.text)
        pasted = pasted_words(proposal.text)
        if not pasted.text.strip():
            raise InvalidCommand("The new paragraph has no words. Give its text.")
        runs = (Run(pasted.text, frozenset({Mark(MarkKind.INSERTION, proposal.amendment)})),)
        kind, level = proposal.paragraph_kind, proposal.level
        paragraph = Paragraph(proposal.paragraph, kind, level, runs, proposal.amendment)
        self._do((AddParagraph(self._anchor(proposal.after), paragraph),))
        self._behind[paragraph.id] = proposal.after
        self._record(proposal, AmendmentKind.ADD)
        self._settle(None, paragraph)
        self._bracket_pairs(proposal, 0, pasted.brackets)
        return proposal.amendment

    def _suppress(self, proposal: Proposal) -> AmendmentId:
        command = ProposeRemoval(proposal.amendment, proposal.paragraph)
        context = replace(self._context, party=proposal.delegation)
        edits = amendments.propose_removal(command, self.document, None, context).main.edits
        self._do(edits)
        drafted = self.document.record.amendments[proposal.amendment]
        self._do((PutAmendment(self._said(drafted, proposal)),))
        self._entered.add(proposal.amendment)
        return proposal.amendment

    def _bracket(self, proposal: Proposal) -> AmendmentId:
        if len(proposal.replacements) != 1:
            raise InvalidCommand(
                "A bracket reaches from its first to its last word: give one replacement, and one proposal per bracket."
            )
        before = self._paragraph(proposal.paragraph)
        (one,) = self._wanted(before.id, proposal.replacements, bracket=True)
        head = len(one.was) - len(one.was.lstrip())
        tail = len(one.was) - len(one.was.rstrip())
        if head < len(one.was):
            # Blanks at the ends stay outside, as when words are bracketed on the screen.
            one = replace(one, start=one.start + head, end=one.end - tail, was=one.was.strip())
        mark = Mark(MarkKind.BRACKET, proposal.amendment)
        stretches = self._stretches(before.id, one)
        held = cut(before.runs, stretches[0][0], stretches[-1][1])
        # A new bracket crosses one that begins or ends inside it: a character inside bears that one's mark.
        self._crosses = self._crosses or any(bracketing(run.marks) for run in held)
        self._do([SetMark(before.id, start, end, mark, True) for start, end in stretches])
        self._record(proposal, AmendmentKind.BRACKET)
        self._settle(before, self._paragraph(before.id))
        return proposal.amendment

    def _bracket_pairs(self, proposal: Proposal, start: int, stretches: Iterable[tuple[int, int]]) -> None:
        """Has each balanced pair in ready-made words, which begin at `start`, be a bracket of its own (D7). Pairs nest,
        and words that come bear nobody else's bracket: none crosses another.
        """
        own = self._context.actor.role is not Role.SECRETARIAT
        limit = MAX_OWN_PROPOSALS if own else MAX_PROPOSALS
        for low, high in stretches:
            if len(self._entered) >= limit:
                raise _too_many(limit + 1, limit, "proposals, with the brackets in their words", own)
            bracket = replace(proposal, amendment=AmendmentId(self._context.new_id("a")), reason="")
            mark = Mark(MarkKind.BRACKET, bracket.amendment)
            self._do((SetMark(proposal.paragraph, start + low, start + high, mark, True),))
            self._record(bracket, AmendmentKind.BRACKET)

    # -- on record

    def _record(self, proposal: Proposal, kind: AmendmentKind) -> None:
        """Puts a new amendment on record: submitted, at revision 1, with the next number."""
        context, opinion = self._context, self._text.opinion
        entered = Amendment(
            id=proposal.amendment,
            kind=kind,
            delegation=proposal.delegation,
            author=context.actor.name,
            paragraph=proposal.paragraph,
            created_at=context.at,
            changed_at=context.at,
            status=Status.SUBMITTED,
            revision=1,
            number=opinion.next_number,
        )
        numbered = PutOpinion(replace(opinion, next_number=opinion.next_number + 1))
        self._do((PutAmendment(self._said(entered, proposal)), numbered))
        self._entered.add(entered.id)

    def _revise(self, revised: Amendment, proposal: Proposal) -> None:
        """Makes a proposal the next revision of an amendment (A2); of one that this command entered still the first."""
        text = self.document.text
        kind, stands = kind_of(text, revised.id), places(text, revised.id)
        if kind is None:
            raise WrongStatus(f"This would leave nothing of {called(revised)}. Withdraw it instead.")
        revision = revised.revision + (revised.id not in self._entered)
        changed = replace(
            revised,
            kind=kind,
            paragraph=revised.paragraph if revised.paragraph in stands else stands[0],
            status=Status.SUBMITTED,
            editorial=False,
            revision=revision,
            changed_at=self._context.at,
        )
        self._do((PutAmendment(self._said(changed, proposal)),))

    def _said(self, amendment: Amendment, proposal: Proposal) -> Amendment:
        """The amendment with what the proposal says beside its words: reason, source, who supports this revision."""
        own = amendment.delegation == self._context.actor.delegation
        joining = [one for one in dict.fromkeys(proposal.sponsors) if one not in amendment.sponsors]
        positions, at = positions_on(amendment), self._context.at
        for one in joining:
            support = Stance(one, Attitude.SUPPORT, "", amendment.revision, at, *spoken(self._context))
            positions = positions.put(support)
        name = self._context.actor.name
        return replace(
            amendment,
            **corrected(amendment, name, at) if own else typed(amendment, name),
            reason=proposal.reason or amendment.reason,
            source=self._source or amendment.source,
            sponsors=(*amendment.sponsors, *joining),
            stances=positions.stances,
            earlier=positions.earlier,
            reacted=amendment.revision if joining else amendment.reacted,
            late=self._context.late(Act.AMENDMENT_SUBMIT),
        )

    def _settle(self, before: Paragraph | None, after: Paragraph) -> None:
        """What follows in the record and for brackets, as when a draft is submitted (D3, T4)."""
        if before is None or self._text.record(after.id).state is ParagraphState.BASE:
            self._do(taken_up([(before, after)], self.document))
        if self._crosses and any(bracketing(run.marks) for run in after.runs):
            self._do(uncrossed(self.document))
            self._crosses = False

    # -- where things stand

    def _do(self, edits: Iterable[Edit]) -> None:
        done = tuple(edits)
        for edit in done:
            if isinstance(edit, InsertText | DeleteText):
                self._of(edit.paragraph).take(edit)
        carry_out(done, self._text)
        self.edits += done

    def _of(self, paragraph: ParagraphId) -> Offsets:
        """Where the characters of a paragraph went; begun before the command first changes one."""
        if paragraph not in self._offsets:
            self._offsets[paragraph] = Offsets(self._paragraph(paragraph).text)
        return self._offsets[paragraph]

    def _wanted(
        self, paragraph: ParagraphId, replacements: Sequence[Replacement], *, bracket: bool = False
    ) -> tuple[Replacement, ...]:
        """The replacements, if they are in order and speak of the words that stood there before the command."""
        self._paragraph(paragraph)
        text, behind = self._of(paragraph).text, 0
        if not replacements:
            raise InvalidCommand("This changes nothing: give the words to replace, and what is to stand there.")
        for one in replacements:
            if not one.start <= one.end <= len(text) or text[one.start : one.end] != one.was:
                stands = text[one.start : min(one.end, one.start + 200)]
                where = citation(self.document, paragraph)
                raise RevisionChanged(
                    f"“{one.was}” is not what stands there in {where} (characters {one.start} to {one.end}): it reads "
                    f"“{stands}”. Look at the text again, then enter this anew."
                )
            if one.start < behind:
                raise InvalidCommand("The replacements in a paragraph go in order and do not overlap.")
            if bracket and (one.text != one.was or not one.was):
                raise InvalidCommand("A bracket leaves its words as they are: its text is what it was, and not empty.")
            if not bracket and one.text == one.was:
                raise InvalidCommand(f"“{one.was}” is replaced by itself. Leave it out.")
            behind = one.end
        return tuple(replacements)

    def _paragraph(self, paragraph: ParagraphId) -> Paragraph:
        return self._text.paragraph(paragraph)

    def _stretches(self, paragraph: ParagraphId, one: Replacement) -> tuple[tuple[int, int], ...]:
        found = self._of(paragraph).stretches(one.start, one.end)
        if sum(end - start for start, end in found) < one.end - one.start:
            raise RevisionChanged(
                f"“{one.was}” in {citation(self.document, paragraph)} goes with another part of the same document. "
                "Enter one of the two."
            )
        return found

    def _anchor(self, after: ParagraphId | None) -> ParagraphId | None:
        """Where a paragraph that is to stand behind `after` goes: behind those that the command put there before."""
        after = self._standing(after)
        paragraphs = self.document.text.paragraphs
        place = 0 if after is None else self._text.place(after) + 1
        while place < len(paragraphs) and self._stands_behind(paragraphs[place].id, after):
            place += 1
        return paragraphs[place - 1].id if place else None

    def _standing(self, paragraph: ParagraphId | None) -> ParagraphId | None:
        """The paragraph, or where it is out, the one before it that stands."""
        while paragraph is not None and paragraph in self._gone:
            paragraph = self._gone[paragraph]
        return paragraph

    def _stands_behind(self, paragraph: ParagraphId, after: ParagraphId | None) -> bool:
        while paragraph in self._behind:
            behind = self._standing(self._behind[paragraph])
            if behind == after:
                return True
            if behind is None:
                return False
            paragraph = behind
        return False

    def _require_fresh(self, amendment_id: AmendmentId) -> None:
        if not is_id(amendment_id):
            raise InvalidCommand(f"{amendment_id!r} is no id: 4 to 40 small letters, digits and hyphens.")
        if self._text.amendment(amendment_id) is not None:
            raise InvalidCommand(f"The id {amendment_id} is in use already. Give the amendment a fresh one.")

    def _require_form(self, paragraph: ParagraphId, level: int) -> None:
        if not is_id(paragraph):
            raise InvalidCommand(f"{paragraph!r} is no id: 4 to 40 small letters, digits and hyphens.")
        if level > MAX_LEVEL:
            raise InvalidCommand(f"A paragraph's level is at most {MAX_LEVEL}, not {level}.")


class _OpenOf(Container[AmendmentId]):
    """The amendments of a delegation that are pending, looked up one by one: most commands meet none of them."""

    def __init__(self, delegation: DelegationCode, text: EditedDocument) -> None:
        self._delegation = delegation
        self._text = text

    def __contains__(self, name: object) -> bool:
        one = self._text.amendment(AmendmentId(name)) if isinstance(name, str) else None
        return one is not None and one.delegation == self._delegation and one.open and one.status is not Status.DRAFT


def _laid(
    paragraph: Paragraph,
    amendment: AmendmentId,
    struck: Iterable[tuple[int, int]],
    words: Sequence[tuple[int, str]],
) -> list[TextEdit]:
    """The edits that strike these stretches and put these words, all at offsets of the paragraph as it is.

    What the amendment itself proposes there really goes (as where a draft is carried into what it revises, A2).
    """
    deletion, insertion = Mark(MarkKind.DELETION, amendment), Mark(MarkKind.INSERTION, amendment)
    marks: list[TextEdit] = []
    changes: list[tuple[int, bool, int, TextEdit]] = []
    at = 0
    runs = iter(paragraph.runs)
    run = next(runs, None)
    for start, end in struck:
        # They are in order: the runs are gone through once for all of them.
        while run is not None and at < end:
            behind = at + len(run.text)
            low, high = max(at, start), min(behind, end)
            if low < high:
                if run.insertion == amendment:
                    changes.append((low, True, 0, DeleteText(paragraph.id, low, high)))
                elif deletion not in run.marks:
                    marks.append(SetMark(paragraph.id, low, high, deletion, True))
            if behind > end:
                break
            at, run = behind, next(runs, None)
    for number, (at, text) in enumerate(words):
        if text:
            changes.append((at, False, number, InsertText(paragraph.id, at, text, frozenset({insertion}))))
    # The last first: every offset is then one of the paragraph as it is.
    ordered = sorted(changes, key=lambda change: change[:3], reverse=True)
    return [*marks, *(edit for _, _, _, edit in ordered)]
