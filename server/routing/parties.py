"""Groups that speak for members, and who speaks for a delegation."""

from opinions.roles import Act
from server.pages import my_delegation, speaking_groups
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/groups", Act.PEOPLE_MANAGE, speaking_groups.groups),
    Entry("GET", "/groups/new", Act.PEOPLE_MANAGE, speaking_groups.new_group),
    Entry("POST", "/groups/new", Act.PEOPLE_MANAGE, speaking_groups.add_group),
    Entry("GET", "/groups/{code}", Act.PEOPLE_MANAGE, speaking_groups.group),
    Entry("POST", "/groups/{code}", Act.PEOPLE_MANAGE, speaking_groups.change_group),
    Entry("POST", "/groups/{code}/removal", Act.PEOPLE_MANAGE, speaking_groups.remove),
    Entry("POST", "/delegations/{code}/voice", Act.VOICE_NAME, my_delegation.change_voice),
    Entry("GET", "/my-delegation", Act.BRIEF_READ, my_delegation.my_delegation),
    Entry("POST", "/opinions/{opinion}/typed", Act.TYPED_CONFIRM, my_delegation.confirm),
    Entry("POST", "/opinions/{opinion}/group-positions", Act.POSITION_TAKE, my_delegation.join),
)
