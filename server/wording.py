"""Words on screen that are computed: names of drafts, roles and kinds, numbers with their noun, the meeting's times."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.brackets import BracketKind
from opinions.roles import DelegationKind, Region, Role
from opinions.statuses import AmendmentKind, Attitude, Level, ParagraphState, Ruling, Status
from opinions.version_kinds import VersionKind
from opinions.visibility import Attribution
from server.audit_store import Kind
from server.session_store import Way

_ORDINALS = (
    "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth "
    "Fifteenth Sixteenth Seventeenth Eighteenth Nineteenth Twentieth"
).split()
_OF_AMENDMENTS_ALONE = frozenset({Ruling.NOT_RETAINED, Ruling.MERGED})
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

ROLES: Mapping[Role, str] = {
    Role.EXPERT: "Expert",
    Role.FOCAL_POINT: "Focal point",
    Role.CONTRIBUTOR: "Gives views",
    Role.CHAIR: "Chair",
    Role.ACTING_CHAIR: "Acting chair",
    Role.FACILITATOR: "Facilitator",
    Role.SECRETARIAT: "Secretariat",
    Role.OBSERVER: "Observer",
    Role.ADMINISTRATOR: "Administrator",
}
KINDS: Mapping[DelegationKind, str] = {
    DelegationKind.MEMBER_STATE: "Member State",
    DelegationKind.RESOLUTION_99: "State of Palestine (Resolution 99)",
    DelegationKind.SECTOR_MEMBER: "Sector Member",
    DelegationKind.ASSOCIATE: "Associate",
    DelegationKind.ACADEMIA: "Academia",
    DelegationKind.ORGANIZATION: "Organization",
    DelegationKind.SECRETARIAT: "Secretariat",
}
REGIONS: Mapping[Region, str] = {
    Region.NONE: "No region",
    Region.AFRICA: "Africa",
    Region.AMERICAS: "Americas",
    Region.ARAB_STATES: "Arab States",
    Region.ASIA_PACIFIC: "Asia and the Pacific",
    Region.CIS: "Commonwealth of Independent States",
    Region.EUROPE: "Europe",
}
VERSION_KINDS: Mapping[VersionKind, tuple[str, str]] = {
    VersionKind.DRAFT: ("Published draft", "A draft of the text that is given out, such as “Fourth draft”."),
    VersionKind.MEETING: ("Text at the close of a meeting", "The text as it stands when the meeting ends."),
}
"""The kinds of a version, with one sentence on each."""

ATTRIBUTIONS: Mapping[Attribution, tuple[str, str]] = {
    Attribution.ALL: ("Everybody", "Delegations beside their proposals, for observers and the public too."),
    Attribution.DELEGATIONS: ("Delegations", "Observers and the public read the text without names."),
    Attribution.CHAIR_AND_SECRETARIAT: (
        "Chair and secretariat",
        "Files for others than chair and secretariat hold no names; observers and the public see none.",
    ),
    Attribution.NONE: ("Nobody outside the room", "No file and no publication holds names."),
}
"""Who sees whose proposals: the choice, and what it means."""
AMENDMENT_KINDS: Mapping[AmendmentKind, str] = {
    AmendmentKind.ADD: "ADD",
    AmendmentKind.MOD: "MOD",
    AmendmentKind.SUP: "SUP",
    AmendmentKind.BRACKET: "[ ]",
}
RULINGS: Mapping[Ruling, str] = {
    Ruling.AGREED: "Agreed",
    Ruling.AGREED_AD_REFERENDUM: "Agreed ad referendum",
    Ruling.AGREED_IN_INFORMALS: "Agreed in informals",
    Ruling.PENDING_DELEGATION: "Pending a delegation",
    Ruling.PENDING_PACKAGE: "Pending a package",
    Ruling.WORDING_AGREED: "Wording agreed, placement open",
    Ruling.NOT_RETAINED: "Not retained",
    Ruling.SET_ASIDE: "Set aside",
    Ruling.REOPENED: "Reopened",
    Ruling.MERGED: "Merged into another",
}
RULED: Mapping[Ruling, str] = {ruling: words[:1].lower() + words[1:] for ruling, words in RULINGS.items()}
"""The same within a sentence."""
AMENDMENT_STATUSES: Mapping[Status, str] = {
    Status.DRAFT: "Draft",
    Status.SUBMITTED: "Submitted",
    Status.WITHDRAWN: "Withdrawn",
    Status.SUPERSEDED: "Superseded",
    **{Status(ruling): words for ruling, words in RULINGS.items()},
}
"""What was ruled on is called as its ruling is; paragraphs too."""
PARAGRAPH_STATES: Mapping[ParagraphState, str] = {
    ParagraphState.BASE: "Not yet considered",
    ParagraphState.OPEN: "Open",
    **{ParagraphState(ruling): words for ruling, words in RULINGS.items() if ruling not in _OF_AMENDMENTS_ALONE},
}
ATTITUDES: Mapping[Attitude, str] = {
    Attitude.FORMAL_OBJECTION: "objects formally",
    Attitude.OPPOSE: "opposes",
    Attitude.RESERVE: "reserves its position",
    Attitude.AWAITING: "needs instructions",
    Attitude.AWAITING_PACKAGE: "awaits the package",
    Attitude.FLEXIBLE: "is flexible",
    Attitude.CAN_ACCEPT: "can accept",
    Attitude.SUPPORT: "supports",
    Attitude.RETAIN: "retains",
    Attitude.DELETE: "would delete",
    Attitude.PROPOSE: "proposes",
}
"""What a delegation says, in the order in which a chair wants to hear it: formal objections first."""
ATTITUDES_TOGETHER: Mapping[Attitude, str] = {
    Attitude.FORMAL_OBJECTION: "object formally",
    Attitude.OPPOSE: "oppose",
    Attitude.RESERVE: "reserve their position",
    Attitude.AWAITING: "need instructions",
    Attitude.AWAITING_PACKAGE: "await the package",
    Attitude.FLEXIBLE: "are flexible",
    Attitude.CAN_ACCEPT: "can accept",
    Attitude.SUPPORT: "support",
    Attitude.RETAIN: "retain",
    Attitude.DELETE: "would delete",
    Attitude.PROPOSE: "propose",
}
"""The same of several delegations."""
LEVELS: Mapping[Level, str] = {
    Level.UNSAID: "not said",
    Level.INFORMAL: "informal consultations",
    Level.IEG: "Informal Experts Group",
    Level.WORKING_GROUP: "working group",
    Level.PLENARY: "plenary",
}
"""Where something was decided, within a sentence."""
BRACKET_KINDS: Mapping[BracketKind, str] = {
    BracketKind.BRACKET: "Bracket",
    BracketKind.INSERTION: "Words proposed",
    BracketKind.DELETION: "Deletion proposed",
    BracketKind.PARAGRAPH: "Paragraph",
    BracketKind.PLACEHOLDER: "Placeholder",
}
WAYS: Mapping[Way, str] = {
    Way.LINK: "With a link",
    Way.DEVICE: "With a code from another device",
    Way.PROVIDER: "By your organization",
    Way.PASSKEY: "With a passkey",
    Way.PERSONA: "By choice, in the demonstration",
}
AUDIT_KINDS: Mapping[Kind, str] = {
    Kind.SIGN_IN: "Signed in",
    Kind.SIGN_IN_REFUSED: "Sign-in refused",
    Kind.SIGN_OUT: "Signed out",
    Kind.PROOF_RENEWED: "Confirmed with a passkey",
    Kind.PASSKEY_ADDED: "Passkey registered",
    Kind.PASSKEY_REMOVED: "Passkey removed",
    Kind.PERSON_CHANGED: "Person changed",
    Kind.ROLE_CHANGED: "Role changed",
    Kind.SUSPENDED: "Suspended",
    Kind.ADMITTED: "Let in again",
    Kind.INVITED: "Invited",
    Kind.INVITATION_WRONG: "Invitation reported as wrong",
    Kind.NOMINATED: "Nominated",
    Kind.ROSTER_ENTERED: "Roster entered",
    Kind.EXPORT: "Exported",
    Kind.IMPORT: "Imported",
    Kind.REFUSED: "Refused",
    Kind.FREEZE: "Frozen",
    Kind.RULES_CHANGED: "Rules changed",
    Kind.TEXT_BROUGHT_IN: "Text brought in",
    Kind.CONTRIBUTION: "Contribution",
    Kind.TIMETABLE: "Timetable",
    Kind.CONSULTATION: "Consultation",
    Kind.PROGRAM: "Program",
    Kind.PROJECTOR: "Room's screen",
    Kind.VOLUME: "Report and volumes",
}
ROLE_HINTS: Mapping[Role, str] = {
    Role.EXPERT: "Drafts and submits amendments for a delegation.",
    Role.FOCAL_POINT: "An expert who also speaks for the delegation.",
    Role.CONTRIBUTOR: "Comments and hands in contributions. Proposes no amendments.",
    Role.SECRETARIAT: "Manages people and texts, types for who has the floor, records outcomes the chair announces.",
    Role.OBSERVER: "Reads the live page and the versions. Cannot write.",
    Role.ADMINISTRATOR: "Manages people and settings. Takes no part in the drafting.",
}


def draft_name(number: int) -> str:
    """What a draft is called: "Fourth draft"."""
    if 1 <= number <= len(_ORDINALS):
        return f"{_ORDINALS[number - 1]} draft"
    last = number % 10 if number % 100 not in {11, 12, 13} else 0
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') } draft"


def short_title(title: str) -> str:
    """A text's title as lists show it beside its number: without the "DRAFT OPINION 1:" that it often begins with."""
    rest = re.sub(r"^\s*draft\s+opinion\b[^:]{0,16}:\s*", "", title, flags=re.IGNORECASE)
    return rest or title


def headed(name: str, title: str) -> str:
    """A name with its title, where it does not hold it already: "Opinion 1: Digital trust"."""
    return name if title in name else f"{name}: {short_title(title)}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 paragraph", "3 paragraphs"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A date in a zone, the month in letters: "23 Jan 2026"."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A date and time in a zone, with the place's name: "23 Jan 2026, 18:04 Geneva"."""
    return f"{day(at, zone)}, {at.astimezone(zone):%H:%M} {place(zone)}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """A time of day in a zone: "14:32:09"."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def place(zone: ZoneInfo) -> str:
    """The name people know a zone by; the Union's own meetings are in Geneva, whose zone is named after Zurich."""
    if zone.key == "Europe/Zurich":
        return "Geneva"
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def grouped(fingerprint: str, groups: int = 4) -> str:
    """The first characters of a fingerprint in groups of four, as they are read out: "9f3c 01ab 77de 4410"."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, 4 * groups, 4))
