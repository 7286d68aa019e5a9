"""Alternatives, packages and compromise texts."""

from opinions.roles import Act
from server.pages import alternatives, compromise
from server.routing.entry import Entry

ALTERNATIVES = "/opinions/{opinion}/alternatives"
PACKAGES = "/opinions/{opinion}/packages"
COMPROMISE = "/opinions/{opinion}/compromise"
SIZE = alternatives.FORM_BYTES

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", ALTERNATIVES, Act.OPINION_READ, alternatives.show),
    Entry("POST", ALTERNATIVES, Act.ALTERNATIVES_PUT, alternatives.put_alternatives, max_body=SIZE),
    Entry("POST", f"{ALTERNATIVES}/pick", Act.OUTCOME_RECORD, alternatives.pick_option, max_body=SIZE),
    Entry("POST", f"{ALTERNATIVES}/keep", Act.OUTCOME_RECORD, alternatives.keep_alternatives),
    Entry("POST", PACKAGES, Act.ALTERNATIVES_PUT, alternatives.put_package),
    Entry("POST", f"{PACKAGES}/close", Act.ALTERNATIVES_PUT, alternatives.close_package),
    Entry("GET", COMPROMISE, Act.COMPROMISE_PROPOSE, compromise.draft),
    Entry("POST", COMPROMISE, Act.COMPROMISE_PROPOSE, compromise.propose, max_body=compromise.FORM_BYTES),
    Entry("POST", f"{COMPROMISE}/answer", Act.POSITION_TAKE, compromise.say),
    Entry("POST", f"{COMPROMISE}/withdraw", Act.COMPROMISE_PROPOSE, compromise.take_back),
)
