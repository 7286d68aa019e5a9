"""Who acts, for whom and when; and the questions every command asks first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from opinions.drafting_groups import GroupSeat
from opinions.errors import InvalidCommand, PhaseShut, UnknownAmendment, UnknownParagraph
from opinions.model import DelegationCode, Paragraph
from opinions.phases import NO_PHASES, Rights
from opinions.record import SECRETARIAT, Amendment, Document, Status
from opinions.roles import Act, Actor, Role, Stage, may

CHAIRS = frozenset({Role.CHAIR, Role.ACTING_CHAIR})


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is carried out with: the person, the party acted for (empty for none), the time, fresh ids.

    `new_id` makes an id of a kind (`a` for amendments, `p` for paragraphs). `proposing` are the delegations that may
    propose, all but those that give views only; `views` are these; `objecting` those that may object formally; None:
    whoever asks was looked at already. `groups` are the groups that may speak, each with its members. `seat` is the
    person's place in the drafting group that the command is about; None for a delegation's own drafts. `rights` are
    what the phases of the process say at this time.
    """

    actor: Actor
    party: DelegationCode
    at: datetime
    new_id: Callable[[str], str]
    stage: Stage = field(default_factory=Stage)
    proposing: frozenset[DelegationCode] | None = None
    views: frozenset[DelegationCode] = frozenset()
    objecting: frozenset[DelegationCode] | None = None
    groups: Mapping[str, frozenset[DelegationCode]] = field(default_factory=dict)
    seat: GroupSeat | None = None
    rights: Rights = NO_PHASES

    def late(self, act: Act) -> datetime | None:
        """The deadline that what is done now has missed; None for what is in time, and for what the secretariat enters
        of others: whether that came late its register says.
        """
        return None if self.actor.role is Role.SECRETARIAT else self.rights.deadline_missed(act)

    def may_propose(self, party: DelegationCode) -> bool:
        """Whether amendments of this party may stand in the text (P5)."""
        return self.proposing is None or party in self.proposing or party == SECRETARIAT

    def may_object(self, party: DelegationCode) -> bool:
        """Whether this party may object formally (P8)."""
        return self.objecting is None or party in self.objecting


def require_phase(act: Act, context: Context) -> None:
    """Raises `PhaseShut` where nothing but the phases keeps the person from it now (opinions/SPEC.md, PH4)."""
    if context.stage.shut and may(context.actor, act, replace(context.stage, shut=frozenset())):
        named = act if act in context.stage.shut else Act.AMENDMENT_SUBMIT
        raise PhaseShut(f"{context.rights.why_shut(named)} Your draft is kept.")


def called(amendment: Amendment) -> str:
    """What the room calls an amendment: `#38`; its id while it has no number."""
    return f"#{amendment.number}" if amendment.number else amendment.id


def require_amendment(document: Document, amendment_id: str) -> Amendment:
    """The amendment before the meeting with this id. Raises `UnknownAmendment`; a draft is nobody else's to know."""
    amendment = document.amendment(amendment_id)
    if amendment is None or amendment.status is Status.DRAFT:
        raise UnknownAmendment(amendment_id)
    return amendment


def require_paragraph(document: Document, paragraph_id: str) -> Paragraph:
    """The paragraph with this id. Raises `UnknownParagraph`."""
    paragraph = document.text.find(paragraph_id)
    if paragraph is None:
        raise UnknownParagraph(paragraph_id)
    return paragraph


def ruling(ruled_by: str, context: Context) -> tuple[str, str]:
    """Who ruled and who records it: the chair does both, and a facilitator with what is agreed in informals; the
    secretariat records what the chair whom it names ruled.

    Raises `InvalidCommand` when the secretariat names nobody.
    """
    actor = context.actor
    if actor.role in CHAIRS or actor.role is Role.FACILITATOR:
        return actor.name, actor.name
    if not ruled_by.strip():
        raise InvalidCommand(
            "Name the chair on whose instruction you record this (ruled_by): the ruling is the chair's, never the "
            "secretariat's own."
        )
    return ruled_by.strip(), actor.name


def spoken(context: Context) -> tuple[str, str]:
    """Who speaks for the party, and who types it where that is another's: one of the two is empty."""
    name = context.actor.name
    return ("", name) if context.actor.role is Role.SECRETARIAT else (name, "")
