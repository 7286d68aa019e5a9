"""The life of an amendment up to the ruling: drafted, submitted, joined, called on, withdrawn.

A draft lives in its delegation's workspace and nowhere else. *Submit* carries its words into the Opinion and gives it
a number (A2). What typing itself puts on record is in `opinions.settling`, rulings are in `opinions.decisions`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from opinions.acting import Context, called, require_amendment, require_paragraph, spoken
from opinions.brackets import uncrossed
from opinions.calls import call_of, open_call, withdraw_call
from opinions.carry import brackets_along, carry, drafts_of, uncarry
from opinions.commands import (
    CallForObjections,
    Cosponsor,
    Discard,
    ProposeRemoval,
    Submit,
    Withdraw,
)
from opinions.decisions import digest, require_revision, taken_back
from opinions.edits import Change, DropAmendment, Edit, PutAmendment, PutOpinion, applied
from opinions.errors import NotAllowed, RevisionChanged, UnknownAmendment, WrongStatus
from opinions.model import AmendmentId, DelegationCode, MarkKind, ParagraphId
from opinions.moves import Own, require_move
from opinions.record import (
    CHAIR,
    Amendment,
    AmendmentKind,
    Attitude,
    Document,
    Stance,
    Status,
)
from opinions.roles import Act
from opinions.settling import emptied, taken_up
from opinions.stances import corrected, positions_on, same_words
from opinions.table_commands import Called, OpenCall, WithdrawCall
from opinions.words import kind_of, places, proposals, words


@dataclass(frozen=True, slots=True)
class Submission:
    """What one command does in the Opinion, and in the workspace of the delegation that gives it."""

    main: Change = field(default_factory=Change)
    workspace: Change = field(default_factory=Change)


def submit(command: Submit, document: Document, view: Document, context: Context) -> Submission:
    """Carries a draft into the Opinion (A2): as a new amendment with the next number, or as the next revision of the
    submitted one that it revises, while that one is open.

    `view` is the delegation's view of `document`. Raises `RevisionChanged` when it strikes other words than the screen
    showed, `WrongStatus` when there is nothing to propose, when the amendment it revises is before the meeting, or when
    it stands in a paragraph that another draft adds.
    """
    draft = _require_draft(view, command.amendment, context)
    if command.struck and command.struck != struck_digest(view, draft.id):
        raise RevisionChanged("The words that this draft strikes changed since your screen showed them. Look again.")
    return carried_over((draft,), document, view, context, command.reason, command.source)


def carried_over(
    drafts: Sequence[Amendment], document: Document, view: Document, context: Context, reason: str, source: str
) -> Submission:
    """Drafts of one view carried into the Opinion together, numbered in the order given: the same text as of one after
    the other, in one change. `reason` and `source` become those of each, unless empty.

    Raises as `submit`; then nothing of any of them is carried over.
    """
    revised = {draft.id: _revised(draft, document) for draft in drafts}
    worded = [draft for draft in drafts if draft.kind is not AmendmentKind.SUP]
    together = {draft.id for draft in drafts}
    for draft in drafts:
        if draft.kind is AmendmentKind.SUP:
            require_paragraph(document, draft.paragraph)
            _require_no_removal(document, draft.paragraph, draft.delegation)
        else:
            _require_words(draft, view, together)
    beside = dict.fromkeys(name for draft in worded for name in brackets_along(draft.id, view))
    along = [view.record.amendments[name] for name in beside if name not in together]
    ids = {one.id for one in (*worded, *along)}
    rename = {draft: amendment.id for draft, amendment in revised.items() if amendment is not None}
    edits: tuple[Edit, ...] = carry(ids, view, document.text, rename) if worded else ()
    carried = applied(document, edits)
    opinion = document.record.opinion
    number = opinion.next_number
    put: dict[AmendmentId, Amendment] = {}
    for draft in drafts:
        becomes = revised[draft.id]
        if becomes is None and len(drafts) > 1 and _goes_along(draft, carried):
            continue
        if (becomes or draft).id not in put:
            amendment = _submitted(draft, becomes, carried, number, context, reason, source)
            put[amendment.id] = amendment
            number += becomes is None
    first = next(iter(put.values()))
    for one in along:
        put[one.id] = _bracket(one, number, carried, first, context)
        number += 1
    numbered = replace(opinion, next_number=number)
    puts = (PutAmendment(one) for one in put.values())
    edits = (*edits, *puts, *(() if numbered == opinion else (PutOpinion(numbered),)))
    after = applied(document, edits)
    theirs = dict.fromkeys(place for one in (*worded, *along) for place in places(view.text, one.id))
    suppressed = (draft.paragraph for draft in drafts if draft.kind is AmendmentKind.SUP)
    standing = [(document.text.find(name), after.text.find(name)) for name in dict.fromkeys((*theirs, *suppressed))]
    pairs = [(before, paragraph) for before, paragraph in standing if paragraph is not None]
    main = (*edits, *uncrossed(after), *emptied(pairs, after, set(put), context.at), *taken_up(pairs, after))
    return Submission(Change(main), Change(_off((*drafts, *along), view, context)))


def struck_digest(view: Document, draft: str) -> str:
    """The words that a draft strikes as they stand, in 16 hexadecimal digits: what a screen saw, compared at Submit.

    What it strikes of its delegation's own words goes for good then, also what came to stand among them unseen. The
    digest of these lines (crdt/SPEC.md, C4): for each paragraph with such characters, in reading order, `# ` and its
    id, then `-` and the characters that the draft strikes; in a paragraph that it adds, those that any draft strikes.
    """
    lines: list[str] = []
    drafts = drafts_of(view)
    for paragraph in view.text:
        striking = drafts if paragraph.added == draft else {draft}
        struck = words(run for run in paragraph.runs if any(one in striking for one in run.ids(MarkKind.DELETION)))
        lines += [f"# {paragraph.id}", f"-{struck}"] if struck else []
    return digest(lines)


def discard(command: Discard, view: Document, context: Context) -> Change:
    """Takes a draft of one's own delegation out of its workspace, for good.

    Raises `WrongStatus` when the words of another draft stand in a paragraph that goes with it.
    """
    draft = _require_draft(view, command.amendment, context)
    others = drafts_of(view) - {draft.id}
    for paragraph in view.text:
        if paragraph.added == draft.id and others & proposals(paragraph):
            raise WrongStatus("Another draft of yours stands in the paragraph this one adds. Discard that one first.")
    return Change((*uncarry({draft.id}, view), DropAmendment(draft.id)))


def propose_removal(command: ProposeRemoval, document: Document, view: Document | None, context: Context) -> Submission:
    """Drafts a SUP in the workspace; in live drafting (`view` None) it is before the meeting at once.

    Raises `WrongStatus` for a paragraph that is itself only proposed, and for a second SUP of the same delegation.
    """
    seen = view or document
    paragraph = require_paragraph(seen, command.paragraph)
    if paragraph.added is not None:
        adds = seen.amendment(paragraph.added)
        name = called(adds) if adds else paragraph.added
        raise WrongStatus(
            f"This paragraph is itself only proposed, by {name}. Oppose {name} or strike its words; take it back if it "
            "is your own."
        )
    if seen.amendment(command.amendment) is not None:
        raise WrongStatus(f"The id {command.amendment} is in use already. Propose the removal again.")
    _require_no_removal(seen, paragraph.id, context.party)
    draft = Amendment(
        id=command.amendment,
        kind=AmendmentKind.SUP,
        delegation=context.party,
        author=context.actor.name,
        typist=spoken(context)[1],
        paragraph=paragraph.id,
        created_at=context.at,
        changed_at=context.at,
    )
    if view is not None:
        return Submission(workspace=Change((PutAmendment(draft),)))
    opinion = document.record.opinion
    shown = replace(draft, status=Status.SUBMITTED, revision=1, number=opinion.next_number)
    edits = (PutAmendment(shown), PutOpinion(replace(opinion, next_number=opinion.next_number + 1)))
    return Submission(Change((*edits, *taken_up([(paragraph, paragraph)], applied(document, edits)))))


def withdraw(command: Withdraw, document: Document, context: Context) -> Change:
    """Takes one's own amendment back (A6): the first co-sponsor becomes its author, else its words go on record."""
    amendment = require_amendment(document, command.amendment)
    if amendment.delegation != context.party:
        raise NotAllowed(
            f"{called(amendment)} is {amendment.delegation}'s: only {amendment.delegation} may withdraw it."
        )
    require_move(called(amendment), amendment.status, Own.WITHDRAW, context.actor.role)
    heirs = [sponsor for sponsor in amendment.sponsors if context.may_propose(sponsor)]
    if not heirs:
        return taken_back(document, amendment, context)
    heir = heirs[0]
    others = [sponsor for sponsor in amendment.sponsors if sponsor != heir]
    said = "proposed it first, then withdrew"
    proposed = Stance(amendment.delegation, Attitude.FLEXIBLE, said, amendment.revision, context.at, *spoken(context))
    positions = positions_on(amendment).without(heir)
    if amendment.delegation != CHAIR:
        positions = positions.put(proposed)
    passed = replace(
        amendment,
        delegation=heir,
        # What a compromise stood for goes with the chair's side: a delegation speaks for its own wording alone.
        replaces=(),
        author="",
        typist="",
        sponsors=tuple(others),
        confirmed="",
        confirmed_at=None,
        stances=positions.stances,
        earlier=positions.earlier,
        changed_at=context.at,
    )
    return Change((PutAmendment(passed),))


def cosponsor(command: Cosponsor, document: Document, context: Context) -> Change:
    """Joins another delegation's amendment at the revision that stands, or leaves it.

    A sponsor's stance says which revision it joined; the next one is not taken as supported by itself.
    """
    amendment = require_amendment(document, command.amendment)
    party = context.party
    if not amendment.open:
        raise WrongStatus(f"{called(amendment)} is decided; co-sponsors join while it is pending.")
    if amendment.delegation == party:
        raise NotAllowed(f"{called(amendment)} is your own delegation's. Only others can co-sponsor it.")
    positions = positions_on(amendment)
    if not command.on:
        if party not in amendment.sponsors:
            raise WrongStatus(f"{party} is not a co-sponsor of {called(amendment)}.")
        left = tuple(sponsor for sponsor in amendment.sponsors if sponsor != party)
        alone = positions.without(party)
        gone = replace(amendment, sponsors=left, stances=alone.stances, earlier=alone.earlier, changed_at=context.at)
        return Change((PutAmendment(gone),))
    require_revision(amendment, command.revision)
    support = Stance(party, Attitude.SUPPORT, "", amendment.revision, context.at, *spoken(context))
    known = positions.of(party)
    if known is not None and party in amendment.sponsors and same_words(known, support):
        raise WrongStatus(f"{party} co-sponsors {called(amendment)} at this revision already.")
    positions.require_room(party)
    supported = positions.put(support)
    joined = replace(
        amendment,
        sponsors=amendment.sponsors if party in amendment.sponsors else (*amendment.sponsors, party),
        stances=supported.stances,
        earlier=supported.earlier,
        reacted=amendment.revision,
        changed_at=context.at,
    )
    return Change((PutAmendment(joined),))


def call_for_objections(command: CallForObjections, document: Document, context: Context) -> Change:
    """Puts one amendment before the meeting at one revision (A4): a call of one item, under a fresh id. Or ends that
    call without a decision; what an earlier release pinned without a call is released.
    """
    amendment = require_amendment(document, command.amendment)
    if command.on:
        item = Called(amendment.id, command.revision)
        return open_call(OpenCall(context.new_id("c"), (item,), ruled_by=command.ruled_by), document, context)
    if not amendment.pinned:
        raise WrongStatus(f"{called(amendment)} is not before the meeting.")
    call = call_of(document, amendment.id)
    if call is None:
        return Change((PutAmendment(replace(amendment, pinned=False)),))
    if len(call.items) > 1:
        raise WrongStatus(f"{called(amendment)} is before the meeting with others. Withdraw the call for all of them.")
    return withdraw_call(WithdrawCall(call.id, ruled_by=command.ruled_by), document, context)


def _require_draft(view: Document, amendment_id: str, context: Context) -> Amendment:
    draft = view.amendment(amendment_id)
    if draft is None or (draft.status is Status.DRAFT and draft.delegation != context.party):
        raise UnknownAmendment(amendment_id)
    if draft.status is not Status.DRAFT:
        raise WrongStatus(f"{called(draft)} is submitted already. Type in it to draft its next revision.")
    return draft


def _revised(draft: Amendment, document: Document) -> Amendment | None:
    """The submitted amendment that takes the draft up as its next revision; None when it starts one of its own."""
    revised = document.amendment(draft.revises or "")
    if revised is None or not revised.open or revised.delegation != draft.delegation:
        return None
    if revised.pinned:
        raise WrongStatus(
            f"{called(revised)} is before the meeting at revision {revised.revision}. Your draft is kept: submit it "
            "when the chair has ruled or released it."
        )
    return revised


def _goes_along(draft: Amendment, carried: Document) -> bool:
    """Whether all words of a draft went into paragraphs that others add, as part of these."""
    return draft.kind is not AmendmentKind.SUP and kind_of(carried.text, draft.id) is None


def _require_words(draft: Amendment, view: Document, together: Collection[AmendmentId]) -> None:
    if kind_of(view.text, draft.id) is None:
        raise WrongStatus("This draft proposes nothing yet: type, strike or bracket something, or discard it.")
    others = drafts_of(view) - {draft.id, *together}
    for paragraph in view.text:
        if paragraph.added in others and draft.id in proposals(paragraph):
            raise WrongStatus(
                "This draft stands in a paragraph that another draft adds. Submit that one: it goes along."
            )


def _require_no_removal(document: Document, paragraph: ParagraphId, party: DelegationCode) -> None:
    for other in document.record.amendments.values():
        same = (other.kind, other.paragraph, other.delegation) == (AmendmentKind.SUP, paragraph, party)
        if same and other.open:
            raise WrongStatus(f"{party} proposes to remove this paragraph already: {called(other)}.")


def _submitted(
    draft: Amendment,
    revised: Amendment | None,
    carried: Document,
    number: int,
    context: Context,
    reason: str,
    source: str,
) -> Amendment:
    amendment = revised or draft
    kind = draft.kind if draft.kind is AmendmentKind.SUP else kind_of(carried.text, amendment.id)
    stands = places(carried.text, amendment.id) or (draft.paragraph,)
    if kind is None:
        raise WrongStatus(f"This would leave nothing of {called(amendment)}. Withdraw it instead.")
    return replace(
        amendment,
        kind=kind,
        paragraph=amendment.paragraph if amendment.paragraph in stands else stands[0],
        status=Status.SUBMITTED,
        revision=amendment.revision + 1,
        number=amendment.number or number,
        reason=reason or amendment.reason,
        source=source or amendment.source,
        revises=None,
        removed=revised.removed if revised else (),
        changed_at=context.at,
        editorial=False,
        late=context.late(Act.AMENDMENT_SUBMIT),
        **corrected(amendment, context.actor.name, context.at),
    )


def _bracket(draft: Amendment, number: int, carried: Document, beside: Amendment, context: Context) -> Amendment:
    """A bracket that goes along with the paragraph it stands in, submitted as an amendment of its own."""
    return replace(
        draft,
        kind=AmendmentKind.BRACKET,
        paragraph=places(carried.text, draft.id)[0],
        status=Status.SUBMITTED,
        revision=1,
        number=number,
        source=draft.source or beside.source,
        revises=None,
        removed=(),
        changed_at=context.at,
        late=context.late(Act.AMENDMENT_SUBMIT),
    )


def _off(gone: Sequence[Amendment], view: Document, context: Context) -> tuple[Edit, ...]:
    """What submitted drafts leave their workspace with. Drafts whose words all went along go too; words that a draft
    had lost before (`removed`) stay the delegation's own, as a draft without place.
    """
    ids = {draft.id for draft in gone}
    edits: list[Edit] = [*uncarry(ids, view), *(DropAmendment(draft.id) for draft in gone)]
    left = applied(view, edits).text
    others = drafts_of(view) - ids
    along = [name for name in sorted(others) if places(view.text, name) and not places(left, name)]
    edits += [DropAmendment(name) for name in along]
    kept = [draft for draft in gone if draft.removed]
    edits += [PutAmendment(replace(draft, id=AmendmentId(context.new_id("a")), revises=None)) for draft in kept]
    return tuple(edits)
