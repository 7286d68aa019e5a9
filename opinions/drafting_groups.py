"""Groups that draft together before they propose: a lead delegation with its co-sponsors, or an informal group.

Who is in which group is the server's to know; a person's places in groups come with the person (`roles.Actor.groups`).
What a group drafts is nobody else's to see before it is brought back.
"""

from dataclasses import dataclass

from opinions.model import DelegationCode, ParagraphId

GROUP_PREFIX = "g-"
"""How the code of a group begins. No delegation's does: theirs are capitals and digits."""


@dataclass(frozen=True, slots=True)
class GroupSeat:
    """A person's place in a drafting group.

    `party` is for whom the group drafts: the lead delegation, or CHR for an informal group. `sponsors` are the
    delegations that have joined beside the lead; `paragraphs` those that an informal group was given, none for all.
    `brings_back` is whether the person puts before the meeting what was drafted: the lead's people, the facilitator.
    """

    code: DelegationCode
    party: DelegationCode
    name: str
    sponsors: tuple[DelegationCode, ...] = ()
    paragraphs: tuple[ParagraphId, ...] = ()
    brings_back: bool = False
    informal: bool = False


def is_group(code: str) -> bool:
    """Whether a code is of a drafting group, and so of no delegation."""
    return code.startswith(GROUP_PREFIX)
