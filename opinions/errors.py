"""What can be wrong with what somebody asks of an Opinion.

OpinionError                 every refusal here; `code` is stable, the message names what was wrong and what to do
├── UnknownParagraph         the paragraph is not (or no longer) in the text
├── UnknownAmendment         no amendment with this id, or not one this party can see
├── NotAllowed               this role, or this delegation, may not do this
├── PhaseShut                the phase in which this can be done is not open now
├── WrongStatus              the amendment's status does not admit the act
├── RevisionChanged          the words decided are no longer the words seen
├── InvalidCommand           the command's fields do not fit
├── ConsultationRefused      a field of a consultation round or of a comment does not fit
├── SectionRefused           a section of the Secretary-General's report, or a comment on it, does not fit
├── UnreadableRecord         an entry of the record is not what this release can read
└── NotClean                 clean text was asked for and something is open or was never considered
"""


class OpinionError(Exception):
    """A refusal that names what was wrong and what to do. `code` is stable across releases."""

    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownParagraph(OpinionError):
    """Raised when a paragraph id is not in the text."""

    code = "unknown-paragraph"

    def __init__(self, paragraph_id: str) -> None:
        super().__init__(f"Paragraph {paragraph_id} is not in the text; it may have been removed. Look again.")


class UnknownAmendment(OpinionError):
    """Raised when the id of an amendment, or of `what` else lies on the table, is unknown to this party."""

    code = "unknown-amendment"

    def __init__(self, amendment_id: str, what: str = "amendment") -> None:
        super().__init__(f"There is no {what} {amendment_id} here. It may have been withdrawn; look again.")


class NotAllowed(OpinionError):
    """Raised when the role or the delegation may not do this."""

    code = "not-allowed"


class PhaseShut(OpinionError):
    """Raised when no phase of the process has the right open now; the message names the phase and when it closed."""

    code = "phase-shut"


class WrongStatus(OpinionError):
    """Raised when the amendment's status does not admit the act."""

    code = "wrong-status"


class RevisionChanged(OpinionError):
    """Raised when the revision decided is not the revision that stands."""

    code = "revision-changed"


class InvalidCommand(OpinionError):
    """Raised when a command's fields are missing or do not fit."""

    code = "invalid-command"


class ConsultationRefused(OpinionError):
    """Raised when a field of a round, a comment or its disposition does not fit; `field` is its name in the form."""

    code = "consultation-refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SectionRefused(OpinionError):
    """Raised when a field of a section of the report, or of a comment on it, does not fit; `field` is its name in the
    form.
    """

    code = "section-refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnreadableRecord(OpinionError):
    """Raised when an entry of the record cannot be read: damaged, or written by a later release."""

    code = "unreadable-record"

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"The record {key} cannot be read: {why}. Restore it from the log; nothing was changed.")


class NotClean(OpinionError):
    """Raised when clean text is asked for while something is open or was never considered."""

    code = "not-clean"
