"""What can be wrong with what arrives at a document.

DocumentError               every refusal here; `code` is stable (crdt/SPEC.md), the message says what to do
├── ProtocolError           a frame that is not of the protocol; the socket is closed with 4400
├── UpdateRefused           an update the gate does not take; nothing of it was taken
├── CommandRefused          a command the room does not carry out; nothing was changed
└── LogBroken               a stored log or snapshot does not replay; the document is not served
"""


class DocumentError(Exception):
    """A refusal with a stable code and a message that says what was wrong and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ProtocolError(DocumentError):
    """Raised for bytes that are not a frame of the protocol."""

    def __init__(self, message: str) -> None:
        super().__init__("protocol", message)


class UpdateRefused(DocumentError):
    """Raised by the gate; the codes are those of crdt/SPEC.md, section G."""


class CommandRefused(DocumentError):
    """Raised when a command cannot be carried out as sent."""


class LogBroken(DocumentError):
    """Raised when stored entries or a snapshot do not replay to what they claim."""

    def __init__(self, message: str) -> None:
        super().__init__("log-broken", message)
