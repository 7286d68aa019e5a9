"""Who may do what: the whole permission table in one function.

A role never follows from a delegation's kind, and nobody acts for a delegation not his or her own, except the
secretariat
that types for the delegation that has the floor (both are then named in the record).
"""

from dataclasses import dataclass
from enum import StrEnum

from opinions.drafting_groups import GroupSeat
from opinions.model import DelegationCode


class DelegationKind(StrEnum):
    """What a party is to the Union (S1: Decision 641; Resolution 99 for the State of Palestine)."""

    MEMBER_STATE = "member_state"
    RESOLUTION_99 = "resolution_99"
    SECTOR_MEMBER = "sector_member"
    ASSOCIATE = "associate"
    ACADEMIA = "academia"
    ORGANIZATION = "organization"
    SECRETARIAT = "secretariat"


class Region(StrEnum):
    """The six ITU regions; parties outside them carry the empty region."""

    AFRICA = "afr"
    AMERICAS = "ams"
    ARAB_STATES = "arb"
    ASIA_PACIFIC = "asp"
    CIS = "cis"
    EUROPE = "eur"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Delegation:
    """A party: its code as printed beside its words, its name, what it is and where."""

    code: DelegationCode
    name: str
    kind: DelegationKind
    region: Region = Region.NONE


class Role(StrEnum):
    """What a person is in one Opinion. Chair, acting chair and facilitator are appointed per Opinion; a facilitator
    brings delegations together for the chair and decides nothing. A contributor gives views: comments and
    contributions, never amendments.
    """

    EXPERT = "expert"
    FOCAL_POINT = "focal_point"
    CONTRIBUTOR = "contributor"
    CHAIR = "chair"
    ACTING_CHAIR = "acting_chair"
    FACILITATOR = "facilitator"
    SECRETARIAT = "secretariat"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """Everything the permission table speaks of. The name is the same on the button, in the route and in the log."""

    PROCESS_READ = "process.read"
    PROCESS_SETTINGS = "process.settings"
    PEOPLE_MANAGE = "people.manage"
    OPINION_CREATE = "opinion.create"
    OPINION_READ = "opinion.read"
    OPINION_JOIN = "opinion.join"
    OPINION_READ_LIVE = "opinion.read_live"
    OPINION_EXPORT = "opinion.export"
    VERSION_READ = "version.read"
    WORKSPACE_WRITE = "workspace.write"
    LIVE_WRITE = "live.write"
    TYPE_ON_BEHALF = "opinion.type_on_behalf"
    AMENDMENT_SUBMIT = "amendment.submit"
    AMENDMENT_DISCARD = "amendment.discard"
    AMENDMENT_WITHDRAW = "amendment.withdraw"
    AMENDMENT_COSPONSOR = "amendment.cosponsor"
    OUTCOME_RECORD = "outcome.record"
    LIVE_DRAFTING_OPEN = "opinion.open_live_drafting"
    OBSERVERS_ADMIT = "opinion.admit_observers"
    OPINION_FREEZE = "opinion.freeze"
    STRUCTURE_CHANGE = "opinion.change_structure"
    TEXT_CORRECT = "opinion.correct_text"
    PROPOSALS_ENTER = "opinion.enter_proposals"
    POSITION_TAKE = "position.take"
    OPINION_PRESENT = "opinion.present"
    PEOPLE_NOMINATE = "people.nominate"
    AUDIT_READ = "audit.read"
    CONTRIBUTION_READ = "contribution.read"
    CONTRIBUTION_SUBMIT = "contribution.submit"
    CONTRIBUTION_REGISTER = "contribution.register"
    COMMENT_READ = "comment.read"
    COMMENT_MAKE = "comment.make"
    COMMENT_ANSWER = "comment.answer"
    CONSULTATION_MANAGE = "consultation.manage"
    PROCESS_EXPORT = "process.export"
    PROCESS_IMPORT = "process.import"
    PROGRAMS_MANAGE = "programs.manage"
    TYPED_CONFIRM = "typed.confirm"
    SITTING_MANAGE = "sitting.manage"
    PRESENCE_MARK = "sitting.mark_present"
    FLOOR_TAKE_UP = "floor.take_up"
    CALL_PUT = "call.put"
    CALL_ANSWER = "call.answer"
    EDITORIAL_MARK = "amendment.mark_editorial"
    INFORMALS_RECORD = "outcome.record_in_informals"
    ALTERNATIVES_PUT = "alternatives.put"
    COMPROMISE_PROPOSE = "compromise.propose"
    GROUP_FOUND = "group.found"
    GROUP_DRAFT = "group.draft"
    GROUP_BRING_BACK = "group.bring_back"
    THREAD_READ = "thread.read"
    THREAD_WRITE = "thread.write"
    NOTE_WRITE = "note.write"
    HISTORY_READ = "history.read"
    BRIEF_READ = "brief.read"
    REPORT_MAKE = "report.make"
    PROJECTOR_MANAGE = "projector.manage"
    VOICE_NAME = "delegation.name_voice"
    TIMETABLE_AMEND = "timetable.amend"
    PHASE_EXTEND = "phase.extend"
    SG_REPORT_WRITE = "sg_report.write"
    SG_REPORT_READ_DRAFT = "sg_report.read_draft"
    SG_REPORT_COMMENT = "sg_report.comment"
    VOLUME_PUBLISH = "volume.publish"
    VOLUME_FREEZE = "volume.freeze"
    FORUM_OPEN = "forum.open"
    ADOPTION_RECORD = "adoption.record"
    VERSION_COMPARE = "version.compare"
    DRAFTING_CHECK = "drafting.check"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person as one Opinion sees him or her. `delegation` is None for chair, secretariat and observers
    without one. `voice`: whether the person is the one who speaks for the delegation in the room; where that is
    somebody else, `voice_name` says who. `groups` are the drafting groups that he or she is in.
    """

    member: str
    name: str
    role: Role
    delegation: DelegationCode | None = None
    voice: bool = True
    voice_name: str = ""
    groups: tuple[GroupSeat, ...] = ()

    def seat_in(self, group: str) -> GroupSeat | None:
        """The person's place in a drafting group; None where there is no such group, or he or she is not in it."""
        return next((seat for seat in self.groups if seat.code == group), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """What of the Opinion's state, and of the clock, bears on permissions. `shut` are the rights that no phase of the
    process has open now (`opinions.phases`).
    """

    live_drafting: bool = False
    closed: bool = False
    observers_admitted: bool = True
    shut: frozenset[Act] = frozenset()


_READERS = frozenset(Role)
_EXPERTS = frozenset({Role.EXPERT, Role.FOCAL_POINT})
_CHAIRS = frozenset({Role.CHAIR, Role.ACTING_CHAIR})
_SECRETARIAT = frozenset({Role.SECRETARIAT})
_FACILITATOR = frozenset({Role.FACILITATOR})
_TABLE_HOLDERS = _CHAIRS | _SECRETARIAT
"""Those by whom what the chair announces comes on record."""
_MEMBERS = _EXPERTS | _TABLE_HOLDERS | _FACILITATOR
FOLLOWERS = frozenset({Role.OBSERVER, Role.CONTRIBUTOR})
"""Those who read what the sitting admits them to, and cannot write."""
_VIEWS = _EXPERTS | {Role.CONTRIBUTOR}
"""Those who give views: comments and contributions."""

_TABLE: dict[Act, frozenset[Role]] = {
    Act.PROCESS_READ: _READERS,
    Act.PROCESS_SETTINGS: _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.PEOPLE_MANAGE: _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.OPINION_CREATE: _SECRETARIAT,
    Act.OPINION_READ: _MEMBERS,
    Act.OPINION_JOIN: _MEMBERS,
    Act.OPINION_READ_LIVE: _MEMBERS | FOLLOWERS,
    Act.OPINION_EXPORT: _MEMBERS,
    Act.VERSION_READ: _READERS,
    Act.WORKSPACE_WRITE: _EXPERTS,
    Act.LIVE_WRITE: _EXPERTS,
    Act.TYPE_ON_BEHALF: _SECRETARIAT,
    Act.AMENDMENT_SUBMIT: _EXPERTS,
    Act.AMENDMENT_DISCARD: _EXPERTS,
    Act.AMENDMENT_WITHDRAW: _EXPERTS | _SECRETARIAT,
    Act.AMENDMENT_COSPONSOR: _EXPERTS | _SECRETARIAT,
    Act.OUTCOME_RECORD: _TABLE_HOLDERS,
    Act.LIVE_DRAFTING_OPEN: _TABLE_HOLDERS,
    Act.OBSERVERS_ADMIT: _TABLE_HOLDERS,
    Act.OPINION_FREEZE: _TABLE_HOLDERS,
    Act.STRUCTURE_CHANGE: _SECRETARIAT,
    Act.TEXT_CORRECT: _SECRETARIAT,
    Act.PROPOSALS_ENTER: _EXPERTS | _SECRETARIAT,
    Act.POSITION_TAKE: _EXPERTS | _SECRETARIAT,
    Act.OPINION_PRESENT: _EXPERTS | _SECRETARIAT,
    Act.PEOPLE_NOMINATE: frozenset({Role.FOCAL_POINT}) | _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.AUDIT_READ: _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.CONTRIBUTION_READ: _READERS,
    Act.CONTRIBUTION_SUBMIT: _VIEWS | _SECRETARIAT,
    Act.CONTRIBUTION_REGISTER: _SECRETARIAT,
    Act.COMMENT_READ: _READERS,
    Act.COMMENT_MAKE: _VIEWS | _TABLE_HOLDERS | _FACILITATOR,
    Act.COMMENT_ANSWER: _TABLE_HOLDERS,
    Act.CONSULTATION_MANAGE: _SECRETARIAT,
    Act.PROCESS_EXPORT: _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.PROCESS_IMPORT: frozenset({Role.ADMINISTRATOR}),
    Act.PROGRAMS_MANAGE: _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.TYPED_CONFIRM: _EXPERTS,
    Act.SITTING_MANAGE: _TABLE_HOLDERS,
    Act.PRESENCE_MARK: _EXPERTS | _SECRETARIAT,
    Act.FLOOR_TAKE_UP: _TABLE_HOLDERS | _FACILITATOR,
    Act.CALL_PUT: _TABLE_HOLDERS,
    Act.CALL_ANSWER: _EXPERTS | _SECRETARIAT,
    Act.EDITORIAL_MARK: _TABLE_HOLDERS,
    Act.INFORMALS_RECORD: _TABLE_HOLDERS | _FACILITATOR,
    Act.ALTERNATIVES_PUT: _TABLE_HOLDERS | _FACILITATOR,
    Act.COMPROMISE_PROPOSE: _TABLE_HOLDERS | _FACILITATOR,
    Act.GROUP_FOUND: _MEMBERS,
    Act.GROUP_DRAFT: _EXPERTS | _FACILITATOR,
    Act.GROUP_BRING_BACK: _EXPERTS | _FACILITATOR,
    Act.THREAD_READ: _MEMBERS,
    Act.THREAD_WRITE: _MEMBERS,
    Act.NOTE_WRITE: _EXPERTS,
    Act.HISTORY_READ: _MEMBERS,
    Act.BRIEF_READ: _EXPERTS,
    Act.REPORT_MAKE: _TABLE_HOLDERS,
    Act.PROJECTOR_MANAGE: _TABLE_HOLDERS,
    Act.VOICE_NAME: frozenset({Role.FOCAL_POINT}) | _SECRETARIAT | {Role.ADMINISTRATOR},
    Act.TIMETABLE_AMEND: _SECRETARIAT,
    Act.PHASE_EXTEND: _TABLE_HOLDERS,
    Act.SG_REPORT_WRITE: _SECRETARIAT,
    Act.SG_REPORT_READ_DRAFT: _TABLE_HOLDERS,
    Act.SG_REPORT_COMMENT: _VIEWS | _TABLE_HOLDERS,
    Act.VOLUME_PUBLISH: _SECRETARIAT,
    Act.VOLUME_FREEZE: _TABLE_HOLDERS,
    Act.FORUM_OPEN: _SECRETARIAT,
    Act.ADOPTION_RECORD: _TABLE_HOLDERS,
    Act.VERSION_COMPARE: _READERS,
    Act.DRAFTING_CHECK: _MEMBERS,
}

_WRITES = frozenset(
    {
        Act.WORKSPACE_WRITE,
        Act.LIVE_WRITE,
        Act.TYPE_ON_BEHALF,
        Act.AMENDMENT_SUBMIT,
        Act.AMENDMENT_WITHDRAW,
        Act.AMENDMENT_COSPONSOR,
        Act.OUTCOME_RECORD,
        Act.OPINION_FREEZE,
        Act.STRUCTURE_CHANGE,
        Act.TEXT_CORRECT,
        Act.PROPOSALS_ENTER,
        Act.POSITION_TAKE,
        Act.TYPED_CONFIRM,
        Act.SITTING_MANAGE,
        Act.PRESENCE_MARK,
        Act.CALL_PUT,
        Act.CALL_ANSWER,
        Act.EDITORIAL_MARK,
        Act.INFORMALS_RECORD,
        Act.ALTERNATIVES_PUT,
        Act.COMPROMISE_PROPOSE,
        Act.GROUP_DRAFT,
        Act.GROUP_BRING_BACK,
        Act.ADOPTION_RECORD,
    }
)
"""Acts that end when the Opinion is closed."""

_OF_A_DELEGATION = frozenset(
    {
        Act.WORKSPACE_WRITE,
        Act.LIVE_WRITE,
        Act.AMENDMENT_SUBMIT,
        Act.AMENDMENT_DISCARD,
        Act.AMENDMENT_WITHDRAW,
        Act.AMENDMENT_COSPONSOR,
        Act.PROPOSALS_ENTER,
        Act.POSITION_TAKE,
        Act.OPINION_PRESENT,
        Act.TYPED_CONFIRM,
        Act.PRESENCE_MARK,
        Act.CALL_ANSWER,
        Act.GROUP_DRAFT,
        Act.GROUP_BRING_BACK,
        Act.NOTE_WRITE,
        Act.BRIEF_READ,
    }
)
"""Acts that an expert does for his or her delegation, so not without one."""


_BY_THE_VOICE = frozenset({Act.POSITION_TAKE, Act.TYPED_CONFIRM, Act.PRESENCE_MARK, Act.CALL_ANSWER})
"""What is said in the room in the name of a delegation: by the one person who speaks for it."""

_WITH_SUBMITTING = frozenset({Act.PROPOSALS_ENTER, Act.GROUP_BRING_BACK, Act.LIVE_WRITE})
"""Other ways by which members of the group put amendments: open and shut as submitting is. The secretariat, which
enters what came in time, is bound by them only where a phase names them.
"""


def who_may(act: Act) -> tuple[Role, ...]:
    """The roles for which an act is: what a refusal tells those of another one."""
    return tuple(role for role in Role if role in _TABLE[act])


def may(actor: Actor, act: Act, stage: Stage = Stage()) -> bool:
    """Whether this person may do this, now. The answer depends on nothing but the arguments (opinions/SPEC.md, P1)."""
    if actor.role not in _TABLE[act]:
        return False
    if stage.closed and act in _WRITES:
        return False
    if act in stage.shut or (
        act in _WITH_SUBMITTING and Act.AMENDMENT_SUBMIT in stage.shut and actor.role not in _SECRETARIAT
    ):
        return False
    if act in _OF_A_DELEGATION and actor.role in _EXPERTS and actor.delegation is None:
        return False
    if act in _BY_THE_VOICE and actor.role in _EXPERTS and not actor.voice:
        return False
    if act is Act.LIVE_WRITE and not stage.live_drafting:
        return False
    return not (act is Act.OPINION_READ_LIVE and actor.role in FOLLOWERS and not stage.observers_admitted)
