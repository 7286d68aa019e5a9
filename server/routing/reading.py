"""Reading on a phone, what is new since one last looked, letters and their preferences."""

from opinions.roles import Act
from server.pages import letters
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/letters", Act.PEOPLE_MANAGE, letters.letter_list),
    Entry("POST", "/letters/{letter}/again", Act.PEOPLE_MANAGE, letters.send_letter_again, hidden=True),
)
