"""The projector's page and its links."""

from opinions.roles import Act
from server.pages import projector
from server.routing.entry import Entry
from server.visit import PUBLIC

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/projector", Act.OPINION_READ_LIVE, projector.member_screen),
    Entry("GET", "/opinions/{opinion}/projector/events", Act.OPINION_READ_LIVE, projector.member_events),
    Entry("GET", "/opinions/{opinion}/projector/links", Act.PROJECTOR_MANAGE, projector.link_list),
    Entry("POST", "/opinions/{opinion}/projector/links", Act.PROJECTOR_MANAGE, projector.make_link),
    Entry("POST", "/opinions/{opinion}/projector/links/{link}", Act.PROJECTOR_MANAGE, projector.change_link),
    Entry("GET", "/projector/{token}", PUBLIC, projector.screen_by_link),
    Entry("GET", "/projector/{token}/events", PUBLIC, projector.events_by_link),
)
