"""The drafting check and the renumbering of an Opinion."""

from opinions.roles import Act
from server.pages import drafting_check, renumbering
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/drafting-check", Act.DRAFTING_CHECK, drafting_check.show),
    Entry("POST", "/opinions/{opinion}/drafting-check", Act.PROPOSALS_ENTER, drafting_check.apply),
    Entry("GET", "/opinions/{opinion}/renumbering", Act.DRAFTING_CHECK, renumbering.show),
    Entry("GET", "/opinions/{opinion}/renumbering.csv", Act.DRAFTING_CHECK, renumbering.concordance_csv),
    Entry("POST", "/opinions/{opinion}/renumbering", Act.TEXT_CORRECT, renumbering.mark),
)
