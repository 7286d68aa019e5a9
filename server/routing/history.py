"""The list of square brackets, where words come from, the replay."""

from opinions.roles import Act
from server.pages import brackets, provenance, replay
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/brackets", Act.HISTORY_READ, brackets.brackets),
    Entry("GET", "/opinions/{opinion}/brackets.csv", Act.HISTORY_READ, brackets.brackets_csv),
    # The living text is for members; whoever only follows is shown versions, which the page itself sees to.
    Entry("GET", "/opinions/{opinion}/paragraphs/{paragraph}/provenance", Act.VERSION_READ, provenance.provenance),
    Entry("GET", "/opinions/{opinion}/replay", Act.HISTORY_READ, replay.replay),
)
