"""Compromise text: wording of the chair or a facilitator that stands for a set of competing amendments.

It is an amendment of the chair's side (`CHR`), entered like any ready-made proposal over the paragraph as it stands,
with `replaces` naming those for which it stands (opinions/SPEC.md, CT1-CT4). Its holders - who holds what it replaces -
accept or decline it by their positions on it. When it is agreed, `opinions.rulings` merges the others into it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from opinions import amendments, entering
from opinions.acting import Context, called, require_amendment
from opinions.commands import EnterProposals, Withdraw
from opinions.edits import Change, PutAmendment
from opinions.errors import InvalidCommand, NotAllowed, WrongStatus
from opinions.model import AmendmentId
from opinions.proposals import MAX_OWN_REPLACEMENTS, Proposal
from opinions.record import CHAIR, SECRETARIAT, Amendment, AmendmentKind, Attitude, Document, Stance, Status
from opinions.roles import Role
from opinions.table_commands import ProposeCompromise
from opinions.words import proposals

ACCEPTING = frozenset({Attitude.SUPPORT, Attitude.CAN_ACCEPT})
DECLINING = frozenset({Attitude.OPPOSE, Attitude.FORMAL_OBJECTION})
_STANDING_FOR = frozenset({Attitude.PROPOSE, Attitude.RETAIN, Attitude.SUPPORT})


class Word(StrEnum):
    """What a holder says of a compromise at the revision that stands."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    OTHERWISE = "otherwise"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Holder:
    """A delegation, or group, that holds some of what a compromise replaces (`of`), and what it says.

    `stance` is its position, its own or that of a group it has confirmed to be spoken for by; of an earlier revision it
    says nothing of this one, and the word is then `silent`.
    """

    delegation: str
    of: tuple[AmendmentId, ...]
    word: Word = Word.SILENT
    stance: Stance | None = None


def propose_compromise(command: ProposeCompromise, document: Document, context: Context) -> Change:
    """Puts wording of the chair's side before the meeting that stands for other amendments (CT1).

    Where it touches one of the chair's side that is open already it becomes that one's next revision, as any proposal
    does (A2). Raises `WrongStatus` naming what it replaces that is not open, `InvalidCommand` and `RevisionChanged` as
    `entering.enter` does.
    """
    if command.kind is AmendmentKind.BRACKET:
        raise InvalidCommand("A compromise is wording: words to replace, a paragraph to add, or one to delete.")
    if len(command.replacements) > MAX_OWN_REPLACEMENTS:
        raise InvalidCommand(f"A compromise has at most {MAX_OWN_REPLACEMENTS} replacements. Propose it in parts.")
    replaced = [_require_replaceable(document, name) for name in dict.fromkeys(command.replaces)]
    proposal = Proposal(
        command.amendment,
        CHAIR,
        command.kind,
        command.paragraph,
        command.replacements,
        command.after,
        command.paragraph_kind,
        command.level,
        command.text,
        command.reason,
    )
    # The chair's side is no delegation and not in the list of those that propose: it enters as the secretariat does.
    typing = replace(context, actor=replace(context.actor, role=Role.SECRETARIAT), proposing=None)
    done = entering.enter(EnterProposals(command.source, (proposal,)), document, typing)
    entered = done.document.record.amendments[done.entered[0].amendment]
    stands_for = tuple(one.id for one in replaced if one.id != entered.id)
    if not stands_for:
        raise InvalidCommand("A compromise stands for other amendments: tick those that it replaces.")
    _require_ground(done.document, entered, replaced)
    name = context.actor.name
    signed = replace(
        entered,
        replaces=stands_for,
        author=name,
        typist=name if context.actor.role is Role.SECRETARIAT else "",
        confirmed="",
        confirmed_at=None,
    )
    edits = [edit for edit in done.change.edits if not (isinstance(edit, PutAmendment) and _is(edit, entered.id))]
    return replace(done.change, edits=(*edits, PutAmendment(signed)))


def take_back(command: Withdraw, document: Document, context: Context) -> Change:
    """Withdraws a text of the chair's side (CT1); what it was to replace stays as it is. The chair and the secretariat
    do it for any, a facilitator for what he or she has drafted.

    Raises `NotAllowed` for another's, `WrongStatus` for one that is not pending.
    """
    amendment = require_amendment(document, command.amendment)
    actor = context.actor
    if actor.role is Role.FACILITATOR and amendment.author != actor.name:
        raise NotAllowed(f"{called(amendment)} was drafted by {amendment.author or 'the chair'}: ask the chair.")
    # The chair's side is no delegation: it takes back as the secretariat does for one.
    side = replace(context, party=CHAIR, actor=replace(actor, role=Role.SECRETARIAT))
    return amendments.withdraw(command, document, side)


def of_chairs_side(document: Document, amendment_id: str) -> bool:
    """Whether an amendment is wording of the chair's side."""
    amendment = document.amendment(amendment_id)
    return amendment is not None and amendment.delegation == CHAIR


def holders(document: Document, compromise: Amendment) -> tuple[Holder, ...]:
    """Who holds what a compromise replaces, in the order of those amendments, and what each says of it (CT2)."""
    held: dict[str, list[AmendmentId]] = {}
    for name in compromise.replaces:
        amendment = document.amendment(name)
        for party in _holding(amendment) if amendment else ():
            held.setdefault(party, []).append(name)
    return tuple(_said(party, tuple(of), compromise) for party, of in held.items())


def compromises(document: Document) -> tuple[Amendment, ...]:
    """The compromise texts on record, the newest last, drafts apart."""
    found = [one for one in document.record.amendments.values() if one.replaces and one.status is not Status.DRAFT]
    return tuple(sorted(found, key=lambda one: (one.created_at, one.id)))


def origins(document: Document, amendment_id: str) -> tuple[Amendment, ...]:
    """Whose proposals an amendment's words come from: for a compromise those that it replaced, and what these replaced
    in turn, each once and in order; for any other one itself (CT4).
    """
    found: dict[AmendmentId, Amendment] = {}
    seen: set[str] = set()
    waiting = [amendment_id]
    while waiting:
        name = waiting.pop(0)
        amendment = document.amendment(name)
        if name in seen or amendment is None:
            continue
        seen.add(name)
        if amendment.replaces:
            waiting = [*amendment.replaces, *waiting]
        else:
            found[amendment.id] = amendment
    return tuple(found.values())


def _is(edit: PutAmendment, amendment_id: AmendmentId) -> bool:
    return edit.amendment.id == amendment_id


def _require_replaceable(document: Document, name: AmendmentId) -> Amendment:
    amendment = document.amendment(name)
    if amendment is None or amendment.status is Status.DRAFT:
        raise InvalidCommand(f"There is no amendment {name} here. It may have been withdrawn; look again.")
    if not amendment.open:
        spoken = amendment.status.replace("_", " ")
        raise WrongStatus(f"{called(amendment)} is {spoken}: a compromise replaces what is pending. Leave it out.")
    return amendment


def _require_ground(document: Document, entered: Amendment, replaced: Iterable[Amendment]) -> None:
    """Its words may not stand in a paragraph that goes when it is agreed."""
    for one in replaced:
        for paragraph in document.text:
            if paragraph.added == one.id and entered.id in proposals(paragraph):
                raise InvalidCommand(
                    f"{called(one)} adds this paragraph, which goes with it when the compromise is agreed. Propose a "
                    "paragraph of the compromise's own in its place."
                )


def _holding(amendment: Amendment) -> tuple[str, ...]:
    """Author and co-sponsors; of what was read from a source also those whom it names as standing for the words."""
    signed = () if amendment.delegation in (SECRETARIAT, CHAIR) else (amendment.delegation,)
    named = (one.delegation for one in amendment.stances if one.at is None and one.attitude in _STANDING_FOR)
    return tuple(dict.fromkeys((*signed, *amendment.sponsors, *named)))


def _said(party: str, of: tuple[AmendmentId, ...], compromise: Amendment) -> Holder:
    own = [one for one in compromise.stances if one.delegation == party]
    groups = [one for one in compromise.stances if party in one.members]
    stance = next(iter((*own, *groups)), None)
    if stance is None or stance.revision != compromise.revision:
        return Holder(party, of, Word.SILENT, stance)
    if stance.attitude in ACCEPTING:
        return Holder(party, of, Word.ACCEPTS, stance)
    return Holder(party, of, Word.DECLINES if stance.attitude in DECLINING else Word.OTHERWISE, stance)
