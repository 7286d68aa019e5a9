"""Forum texts and what becomes of them."""

from opinions.roles import Act
from server.pages import forum
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/forum", Act.PROCESS_READ, forum.forum_list),
    Entry("GET", "/opinions/{opinion}/forum", Act.OPINION_READ, forum.show),
    Entry("POST", "/opinions/{opinion}/forum", Act.FORUM_OPEN, forum.open_text),
    Entry("POST", "/opinions/{opinion}/forum/question", Act.ADOPTION_RECORD, forum.ask),
    Entry("POST", "/opinions/{opinion}/forum/adoption", Act.ADOPTION_RECORD, forum.adopt),
)
