"""Errors over a link: a name and words on one side, the same error again on the other."""

from crdt.errors import DocumentError
from server.errors import (
    AppendConflict,
    CutAbandoned,
    RoomClosed,
    RoomElsewhere,
    ServerError,
    UnknownOpinion,
    WriterRevoked,
)
from server.links.messages import Failure

_SUBJECTS = {
    "unknown_opinion": UnknownOpinion,
    "append_conflict": AppendConflict,
    "writer_revoked": WriterRevoked,
    "cut_abandoned": CutAbandoned,
}
"""Errors that are made of an id alone."""
_TOLD = {"elsewhere": RoomElsewhere, "closed": RoomClosed}
"""Errors that carry words."""
FAULT = "The server failed at this. Try again."


def failure(number: int, error: BaseException) -> Failure:
    """What is told of an error: its words only when it is one of ours, for others may quote what somebody wrote."""
    match error:
        case UnknownOpinion():
            return Failure(number, "unknown_opinion", error.opinion_id)
        case AppendConflict():
            return Failure(number, "append_conflict", error.document_id)
        case WriterRevoked():
            return Failure(number, "writer_revoked", error.member)
        case CutAbandoned():
            return Failure(number, "cut_abandoned", error.cut)
        case RoomElsewhere():
            return Failure(number, "elsewhere", str(error))
        case ServerError() | DocumentError():
            return Failure(number, "closed", str(error))
    return Failure(number, "closed", FAULT)


def error_of(told: Failure) -> ServerError:
    """The error that was told."""
    if told.fault in _SUBJECTS:
        return _SUBJECTS[told.fault](told.message)
    return _TOLD.get(told.fault, RoomClosed)(told.message)
