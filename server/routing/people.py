"""Rosters, nominations, roles: who takes part."""

from opinions.roles import Act
from server.pages import balance, devices, inviting, nominations, parts, roster, wrong_invitation
from server.routing.entry import Entry
from server.visit import PUBLIC

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/roster", Act.PEOPLE_MANAGE, roster.roster),
    Entry("POST", "/roster", Act.PEOPLE_MANAGE, roster.handle_roster, max_body=roster.FORM_BYTES),
    Entry("POST", "/invitations", Act.PEOPLE_MANAGE, inviting.invite_people),
    Entry("POST", "/people/{member}/parts", Act.PEOPLE_MANAGE, parts.give_person_part, hidden=True),
    Entry("POST", "/people/{member}/parts/{part}/end", Act.PEOPLE_MANAGE, parts.take_person_part_back, hidden=True),
    Entry("GET", "/balance", Act.PEOPLE_MANAGE, balance.show_balance),
    Entry("GET", "/balance.csv", Act.PEOPLE_MANAGE, balance.balance_file),
    Entry("GET", "/nominations", Act.PEOPLE_MANAGE, nominations.nominations),
    Entry("POST", "/nominations/links", Act.PEOPLE_MANAGE, nominations.send_link),
    Entry("POST", "/nominations/{nomination}/approval", Act.PEOPLE_MANAGE, nominations.approve_nomination, hidden=True),
    Entry("POST", "/nominations/{nomination}/refusal", Act.PEOPLE_MANAGE, nominations.decline_nomination, hidden=True),
    Entry("GET", "/nominate", Act.PEOPLE_NOMINATE, nominations.nomination_form),
    Entry("POST", "/nominate", Act.PEOPLE_NOMINATE, nominations.send_nominations),
    Entry("POST", "/account/device", Act.PROCESS_READ, devices.make_code),
    Entry("POST", "/account/shared", Act.PROCESS_READ, devices.share_computer),
    Entry("POST", "/people/{member}/report", Act.PEOPLE_MANAGE, wrong_invitation.settle, hidden=True),
    Entry("POST", "/sign-in/{token}/report", PUBLIC, wrong_invitation.report, max_body=wrong_invitation.FORM_BYTES),
    Entry("GET", "/nominate/{token}", PUBLIC, nominations.linked_form),
    Entry("POST", "/nominate/{token}", PUBLIC, nominations.send_linked),
)
