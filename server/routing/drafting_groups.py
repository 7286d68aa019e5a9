"""Groups that draft together before they propose."""

from opinions.roles import Act
from server.pages import drafting_groups
from server.routing.entry import Entry

ONE = "/opinions/{opinion}/groups/{group}"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/groups", Act.GROUP_FOUND, drafting_groups.my_groups),
    Entry("POST", "/opinions/{opinion}/groups", Act.GROUP_FOUND, drafting_groups.found),
    Entry("GET", ONE, Act.GROUP_FOUND, drafting_groups.group, hidden=True),
    Entry("POST", ONE, Act.GROUP_FOUND, drafting_groups.change_group, hidden=True),
)
