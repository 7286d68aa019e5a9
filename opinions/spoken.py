"""What was said of a text, as values: a delegation's stance, its answer to a call, the chair's decision."""

from dataclasses import dataclass
from datetime import datetime

from opinions.model import AmendmentId, DelegationCode
from opinions.statuses import Answer, Attitude, Level, Ruling


@dataclass(frozen=True, slots=True)
class Stance:
    """A delegation's (or group's) position on an amendment at one revision, or on a paragraph (revision 0).

    `note` is the statement of a reservation, the reason of an objection. `speaker` is the person who spoke for the
    delegation, `typist` who typed it where that is another's. Of a group, `by` is the delegation that spoke for it and
    `members` are those that have confirmed to be spoken for. `confirmed` is who of the delegation confirmed what was
    typed for it. Stances read from a source have neither time nor person.
    """

    delegation: str
    attitude: Attitude
    note: str = ""
    revision: int = 0
    at: datetime | None = None
    speaker: str = ""
    typist: str = ""
    by: str = ""
    members: tuple[DelegationCode, ...] = ()
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What one delegation answered to a call for objections, and when."""

    delegation: DelegationCode
    answer: Answer
    at: datetime
    speaker: str
    note: str = ""
    typist: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One outcome as recorded. `recorded_by` differs from `ruled_by` when the secretariat records it on instruction.

    `level` and `meeting` say where; `words` are the exact words ruled on (`decisions.words_lines`) and `digest` their
    fingerprint; `call` is the call for objections before it. `asked_by` are the delegations that asked for it (to
    reopen, to set aside) or for which it is pending, `until` when it is to be taken up again, `package` on what it
    depends, `into` the amendment that took this one's place.
    """

    ruling: Ruling
    revision: int
    at: datetime
    ruled_by: str
    recorded_by: str
    note: str = ""
    level: Level = Level.UNSAID
    meeting: str = ""
    words: str = ""
    digest: str = ""
    call: str = ""
    asked_by: tuple[DelegationCode, ...] = ()
    until: datetime | None = None
    package: str = ""
    into: AmendmentId | None = None
