"""Drafting groups that one may know of."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from server.api.shapes import Shape
from server.drafting_groups.groups import MAX_DELEGATIONS, MAX_NAME, MAX_PARAGRAPHS

Code = Annotated[str, Field(max_length=16)]
Name = Annotated[str, Field(max_length=MAX_NAME)]
Paragraph = Annotated[str, Field(max_length=64)]


class Group(Shape):
    """A group. `lead` is empty for an informal one, `facilitator` (a person's id) for a lead's; `drafts` is whether one
    drafts in it, `brings_back` whether one puts what was drafted before the meeting.
    """

    code: Code
    name: Name
    lead: Code
    facilitator: str
    joined: list[Code]
    invited: list[Code]
    paragraphs: list[str]
    founded_at: datetime
    drafts: bool
    brings_back: bool


class GroupList(Shape):
    """The groups of a draft Opinion that one may know of, the oldest first."""

    groups: list[Group]


class NewGroup(Shape):
    """A group to be founded: by an expert a shared workspace, with the delegations invited; by chair or secretariat an
    informal group, with its facilitator, members and paragraphs (none: all).
    """

    name: Name
    delegations: Annotated[list[Code], Field(max_length=MAX_DELEGATIONS)]
    facilitator: Annotated[str, Field(max_length=64)] = ""
    paragraphs: Annotated[list[Paragraph], Field(default_factory=list, max_length=MAX_PARAGRAPHS)]


class GroupStep(Shape):
    """One step: the lead invites `delegations` or ends, one invited joins, one joined leaves (or declines); whoever set
    an informal group up changes it (all fields anew) or ends it.
    """

    step: Literal["invite", "join", "leave", "end", "change"]
    name: Name = ""
    delegations: Annotated[list[Code], Field(default_factory=list, max_length=MAX_DELEGATIONS)]
    facilitator: Annotated[str, Field(max_length=64)] = ""
    paragraphs: Annotated[list[Paragraph], Field(default_factory=list, max_length=MAX_PARAGRAPHS)]


class Founded(Shape):
    """The group that was founded or changed."""

    code: Code
