"""Word files on their way into a text."""

from opinions.roles import Act
from server.pages import word_in
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/word-in", Act.OPINION_READ, word_in.word_in),
    Entry("POST", "/opinions/{opinion}/word-in", Act.PROPOSALS_ENTER, word_in.hand_in, max_body=word_in.FILE_BYTES),
    Entry("GET", "/opinions/{opinion}/word-in/{bringing}", Act.OPINION_READ, word_in.preview),
    Entry(
        "POST",
        "/opinions/{opinion}/word-in/{bringing}",
        Act.PROPOSALS_ENTER,
        word_in.decide,
        max_body=word_in.CHOICE_BYTES,
    ),
    Entry("GET", "/opinions/{opinion}/word-in/{bringing}/file", Act.OPINION_READ, word_in.file),
)
