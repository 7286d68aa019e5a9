"""What can be wrong on the server's side.

ServerError                  every failure here; the message names what was wrong and what to do
├── SettingsError            an UNBRACKET_* variable or option does not fit
├── DatabaseUnavailable      the database cannot be opened, is in use, full or newer than this program
│   ├── DatabaseInUse        another process holds this data directory
│   ├── DatabaseUnreachable  the database server does not answer; what was being committed may have been kept
│   └── SchemaUnknown        a newer program wrote this database
├── AppendConflict           somebody else appended to this log, or its epoch has passed
├── WriterRevoked            who wrote may no longer do so; nothing of the append was written
├── CutAbandoned             the freeze of the whole volume that a freeze was part of did not come about
├── RoomClosed               the room is gone (draining, dropped); try again
│   └── RoomElsewhere        another process has the room, or the one that had it is gone: look again where it is
├── PdfUnavailable           PDF files cannot be set now: no fonts, or too many wait; every other format can be had
├── LinkBroken               what came over a link from another process does not fit
└── UnknownOpinion           there is no Opinion with this id
"""


class ServerError(Exception):
    """A failure whose message names what was wrong and what to do. `exit_code` is the command line's."""

    exit_code = 1


class SettingsError(ServerError):
    """Raised when a setting is unknown or its value does not fit."""

    exit_code = 2


class DatabaseUnavailable(ServerError):
    """Raised when the database cannot be opened or cannot take a write now."""

    exit_code = 3


class DatabaseInUse(DatabaseUnavailable):
    """Raised when another process holds the data directory: SQLite has one writer, and it is one process."""


class DatabaseUnreachable(DatabaseUnavailable):
    """Raised when a database server does not answer. What was being committed at that moment may have been kept."""


class SchemaUnknown(DatabaseUnavailable):
    """Raised when the database was written by a newer program than this one."""


class PdfUnavailable(ServerError):
    """Raised when PDF files cannot be set now, and every other format can be had. The message is for the reader."""


class AppendConflict(ServerError):
    """Raised when a log's stored seq or epoch is not the one the room built upon; nothing of the append was
    written.
    """

    def __init__(self, document_id: str) -> None:
        super().__init__(f"The log of {document_id} has moved on; its room must be loaded again.")
        self.document_id = document_id


class WriterRevoked(ServerError):
    """Raised when what a member may do changed between the gate and the transaction (R8, R26)."""

    def __init__(self, member: str) -> None:
        super().__init__("What you may do here has changed. Load the page again.")
        self.member = member


class CutAbandoned(ServerError):
    """Raised to a room whose freeze was part of a cut of the whole volume that is not made; nothing was written."""

    def __init__(self, cut: str) -> None:
        super().__init__("The whole volume was not frozen; so this was not either. Nothing was changed.")
        self.cut = cut


class RoomClosed(ServerError):
    """Raised to those who wait on a room that was dropped before it could answer."""


class RoomElsewhere(RoomClosed):
    """Raised when the room is not, or no longer, where it was looked for."""


class LinkBroken(ServerError):
    """Raised for bytes that are no message of a link; the link is dropped, and nothing else."""


class UnknownOpinion(ServerError):
    """Raised when no Opinion has this id."""

    def __init__(self, opinion_id: str) -> None:
        super().__init__(f"There is no Opinion {opinion_id!r}.")
        self.opinion_id = opinion_id
