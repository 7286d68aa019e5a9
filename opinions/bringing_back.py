"""What a drafting group brings back: its drafts become amendments before the meeting, in one act or not at all.

A lead delegation's group brings amendments of the lead, with those that joined as co-sponsors; an informal group brings
amendments of the chair's side (CHR), whose source names the group. They stand in the text as if that party had typed
and submitted them (opinions/SPEC.md, G1 to G4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from opinions.acting import Context, require_phase
from opinions.amendments import Submission, carried_over, struck_digest
from opinions.carry import drafts_of
from opinions.commands import BringBack, Command, Discard, ProposeRemoval, Submit
from opinions.decisions import digest, words_lines
from opinions.drafting_groups import GroupSeat
from opinions.edits import Edit, PutAmendment, applied
from opinions.errors import InvalidCommand, NotAllowed, RevisionChanged, UnknownAmendment, WrongStatus
from opinions.model import AmendmentId, Opinion, ParagraphId
from opinions.numbering import citations
from opinions.record import Amendment, AmendmentKind, Attitude, Decision, Document, Level, Ruling, Stance, Status
from opinions.roles import Act, may
from opinions.stances import positions_on
from opinions.words import kind_of, places


def require_allowed(command: Command, context: Context) -> None:
    """Raises `NotAllowed` unless this person may do this in the drafting group (`context.seat`), now (G2)."""
    seat = context.seat
    if seat is None:
        raise NotAllowed("You are not in this drafting group.")
    if not isinstance(command, BringBack | Submit | Discard | ProposeRemoval):
        raise NotAllowed("This is not done in a drafting group.")
    brings = isinstance(command, BringBack | Submit)
    act = Act.GROUP_BRING_BACK if brings else Act.GROUP_DRAFT
    if not may(context.actor, act, context.stage):
        require_phase(act, context)
        why = "The Opinion is closed." if context.stage.closed else "Your role does not draft in groups."
        raise NotAllowed(f"You may not do this now ({act.value}). {why}")
    if not brings:
        return
    if not seat.brings_back:
        who = "the facilitator" if seat.informal else f"a person of {seat.party}"
        raise NotAllowed(f"What “{seat.name}” drafted is put before the meeting by {who}.")
    if seat.informal and isinstance(command, Submit):
        raise NotAllowed(f"“{seat.name}” brings back all that it drafted in one act, not one draft by itself.")
    if not seat.informal and not context.may_propose(seat.party):
        raise NotAllowed(f"{seat.party} gives views: comments and contributions, never amendments or positions.")
    if isinstance(command, BringBack) and command.agreed and not seat.informal:
        raise NotAllowed("Only the facilitator of an informal group says that something was agreed in informals.")


def submit(command: Submit, document: Document, view: Document, context: Context, seat: GroupSeat) -> Submission:
    """Puts one draft of a lead delegation's group before the meeting, with its co-sponsors. Raises as
    `amendments.submit`.
    """
    if command.struck and command.struck != struck_digest(view, command.amendment):
        raise RevisionChanged("The words that this draft strikes changed since your screen showed them. Look again.")
    one = BringBack(seat.code, (command.amendment,), reason=command.reason)
    return _brought_back(one, document, view, context, seat, command.source)


def bring_back(command: BringBack, document: Document, view: Document, context: Context) -> Submission:
    """Puts what the group drafted before the meeting: all of it, or all of the drafts named.

    Raises `WrongStatus` when there is nothing, `UnknownAmendment` for a draft that is not the group's,
    `InvalidCommand` for words outside of the paragraphs that an informal group was given, and as `amendments.submit`.
    """
    assert context.seat is not None
    source = context.seat.name if context.seat.informal else ""
    return _brought_back(command, document, view, context, context.seat, source)


def _brought_back(
    command: BringBack, document: Document, view: Document, context: Context, seat: GroupSeat, source: str
) -> Submission:
    drafts = _chosen(command.amendments, view)
    _require_its_paragraphs(drafts, document, view, seat)
    submission = carried_over(drafts, document, view, context, command.reason, source)
    edits = submission.main.edits
    brought = {edit.amendment.id for edit in edits if isinstance(edit, PutAmendment) and edit.amendment.open}
    own = brought & _of(seat, edits)
    after = applied(document, edits)
    finished = tuple(_finished(edit, own, after, command, context, seat) for edit in edits)
    return Submission(replace(submission.main, edits=finished), submission.workspace)


def _of(seat: GroupSeat, edits: Iterable[Edit]) -> set[AmendmentId]:
    puts = (edit.amendment for edit in edits if isinstance(edit, PutAmendment))
    return {one.id for one in puts if one.delegation == seat.party}


def _finished(
    edit: Edit, own: set[AmendmentId], after: Document, command: BringBack, context: Context, seat: GroupSeat
) -> Edit:
    if not isinstance(edit, PutAmendment) or edit.amendment.id not in own:
        return edit
    amendment = edit.amendment
    sponsors = [one for one in seat.sponsors if context.may_propose(one) and one != amendment.delegation]
    positions = positions_on(amendment)
    for sponsor in sponsors:
        positions = positions.put(Stance(sponsor, Attitude.SUPPORT, "", amendment.revision, context.at))
    if amendment.revision == 1 and amendment.typist:
        # Whoever typed it is in the group's log; the party's own person, or the facilitator, proposes it.
        amendment = replace(amendment, author=context.actor.name, typist="")
    amendment = replace(
        amendment,
        sponsors=tuple(dict.fromkeys((*amendment.sponsors, *sponsors))),
        stances=positions.stances,
        earlier=positions.earlier,
        reacted=amendment.revision if sponsors else amendment.reacted,
    )
    if not command.agreed:
        return PutAmendment(amendment)
    lines = words_lines(after, amendment.id)
    reported = Decision(
        Ruling.AGREED_IN_INFORMALS,
        amendment.revision,
        context.at,
        context.actor.name,
        context.actor.name,
        command.note,
        Level.INFORMAL,
        seat.name,
        "\n".join(lines),
        digest(lines),
    )
    return PutAmendment(
        replace(amendment, status=Status.AGREED_IN_INFORMALS, decisions=(*amendment.decisions, reported))
    )


def _chosen(names: Sequence[AmendmentId], view: Document) -> tuple[Amendment, ...]:
    """The drafts to bring back in reading order. Those that lost their words stay where they are, to be discarded."""
    drafts = drafts_of(view)
    for name in names:
        if name not in drafts:
            raise UnknownAmendment(name)
    found = [view.record.amendments[name] for name in sorted(names or drafts)]
    standing = [one for one in found if names or _stands(one, view.text)]
    if not standing:
        raise WrongStatus("Nothing is drafted in this group yet: there is nothing to bring back.")
    order = {paragraph.id: number for number, paragraph in enumerate(view.text)}

    def place(draft: Amendment) -> tuple[int, object, str]:
        stands = places(view.text, draft.id) or (draft.paragraph,)
        return order.get(stands[0], len(order)), draft.created_at, draft.id

    return tuple(sorted(standing, key=place))


def _stands(draft: Amendment, text: Opinion) -> bool:
    if draft.kind is AmendmentKind.SUP:
        return text.find(draft.paragraph) is not None
    return kind_of(text, draft.id) is not None


def _require_its_paragraphs(drafts: Sequence[Amendment], document: Document, view: Document, seat: GroupSeat) -> None:
    """An informal group's text is of the paragraphs it was given, and of what it adds beside them (G3)."""
    given = frozenset(seat.paragraphs)
    if not given:
        return
    may_stand = given | _added_beside(given, view)
    for draft in drafts:
        for place in places(view.text, draft.id) or (draft.paragraph,):
            if place not in may_stand:
                name = citations(document).get(place) or "a paragraph that it adds"
                raise InvalidCommand(
                    f"“{seat.name}” drafts other paragraphs: something of it stands in {name}. Discard that draft, or "
                    "have the chair give the group this paragraph too."
                )


def _added_beside(given: frozenset[ParagraphId], view: Document) -> frozenset[ParagraphId]:
    """The paragraphs that drafts add directly before or behind those given, other added ones between."""
    drafts = drafts_of(view)
    beside: set[ParagraphId] = set()
    for row in (view.text.paragraphs, view.text.paragraphs[::-1]):
        near = False
        for paragraph in row:
            added = paragraph.added in drafts
            if added and near:
                beside.add(paragraph.id)
            near = near if added else paragraph.id in given
    return frozenset(beside)
