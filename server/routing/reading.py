"""Reading on a phone, what is new since one last looked, letters and their preferences."""

from opinions.roles import Act
from server.pages import letters, news, reading, reading_calls, reading_positions, wishes
from server.routing.entry import Entry
from server.visit import PUBLIC

STOP = "/letters/stop/{member}/{signature}"

READ = "/opinions/{opinion}/read"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", READ, Act.OPINION_READ_LIVE, reading.read),
    Entry("POST", f"{READ}/positions", Act.POSITION_TAKE, reading_positions.take_position),
    Entry("POST", f"{READ}/calls", Act.CALL_ANSWER, reading_calls.answer_call),
    Entry("GET", f"{READ}/{{paragraph}}", Act.OPINION_READ, reading.paragraph),
    Entry("GET", f"{READ}/{{paragraph}}/propose", Act.PROPOSALS_ENTER, reading.propose),
    Entry("POST", f"{READ}/{{paragraph}}/propose", Act.PROPOSALS_ENTER, reading.propose_words),
    Entry("GET", "/opinions/{opinion}/new", Act.OPINION_READ, news.news),
    Entry("GET", "/account/letters", Act.PROCESS_READ, wishes.wishes),
    Entry("POST", "/account/letters", Act.PROCESS_READ, wishes.change_wishes),
    Entry("GET", STOP, PUBLIC, wishes.stop),
    Entry("POST", STOP, PUBLIC, wishes.stop_now),
    Entry("GET", "/letters", Act.PEOPLE_MANAGE, letters.letter_list),
    Entry("POST", "/letters/{letter}/again", Act.PEOPLE_MANAGE, letters.send_letter_again, hidden=True),
)
