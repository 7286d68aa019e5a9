"""The chair's console."""

from opinions.roles import Act
from server.pages import console
from server.routing.entry import Entry

CONSOLE = "/opinions/{opinion}/console"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", CONSOLE, Act.FLOOR_TAKE_UP, console.show),
    Entry("GET", f"{CONSOLE}/parts", Act.FLOOR_TAKE_UP, console.parts),
    Entry("GET", f"{CONSOLE}/events", Act.FLOOR_TAKE_UP, console.follow),
    Entry("POST", f"{CONSOLE}/commands", Act.FLOOR_TAKE_UP, console.carry_out, max_body=console.FORM_BYTES),
)
