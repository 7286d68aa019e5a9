"""Where a comment on a paragraph is made: at the round of consultation that is open on a version of the Opinion."""

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection

from opinions.consultation import Phase
from opinions.model import ParagraphId
from server.consultation.rounds import all_rounds
from server.consultation.texts import load_draft


def comment_address(connection: Connection, opinion: str, paragraph: ParagraphId, now: datetime) -> str:
    """The form for a comment on a paragraph, in the newest round that is open on the Opinion; on the whole text where
    the version of that round does not have the paragraph. Empty while no round is open.
    """
    for one in all_rounds(connection):
        text = one.text(opinion)
        if text is None or one.phase(now) is not Phase.OPEN:
            continue
        address = f"/consultation/{one.id}/opinions/{opinion}/comment"
        there = load_draft(connection, opinion, text.version).document.text.find(paragraph)
        return address if there is None else f"{address}?{urlencode({'paragraph': paragraph})}"
    return ""
