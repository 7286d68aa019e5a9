"""Whose names a visitor is shown beside proposals: the switch of the process, of a version, of an export, applied.

Every page, file and stream that names a holder asks here (server/SPEC.md, AV); the table is `opinions.visibility`.
"""

from opinions.roles import Role
from opinions.visibility import Attribution, Audience, NamesShown, Outlet, audience_of, names_shown, narrower
from server.visit import Visit

WITHHELD = "withheld"
"""What an address may say instead of `none`."""


def audience_of_visit(visit: Visit) -> Audience:
    """As whom a visitor reads this Opinion, or the process."""
    return audience_of(None if visit.visitor is None else visit.actor.role)


def names_in_room(visit: Visit, version: Attribution | None = None) -> NamesShown:
    """Which names a page shows to its visitor; `version`: the setting of the version that it shows, if it has one."""
    return names_shown(version or visit.process.attribution, audience_of_visit(visit), Outlet.ROOM)


def names_in_file(visit: Visit, asked: Attribution | None = None, version: Attribution | None = None) -> NamesShown:
    """Which names a file holds that is made for this visitor; `asked`: narrower, if the visitor wants it so."""
    setting = setting_of_file(visit, asked, version)
    return names_shown(setting, audience_of_visit(visit), Outlet.FILE)


def setting_of_file(visit: Visit, asked: Attribution | None = None, version: Attribution | None = None) -> Attribution:
    """Under which setting a file is made: that of its version or of the process, or the narrower one asked for."""
    setting = version or visit.process.attribution
    return setting if asked is None else narrower(setting, asked)


def names_for_public(visit: Visit, version: Attribution | None = None) -> NamesShown:
    """Which names the public is shown, whoever looks: a public page is the same to all."""
    return names_shown(version or visit.process.attribution, Audience.PUBLIC)


def names_for_program(visit: Visit) -> NamesShown:
    """Which names another program is given, to which the secretariat has handed a key: as it is given files itself."""
    return names_shown(visit.process.attribution, Audience.TABLE, Outlet.FILE)


def asked_for(text: str) -> Attribution | None:
    """The setting that an address or a form names; None for none. Raises `ValueError` for another word."""
    if not text:
        return None
    return Attribution.NONE if text == WITHHELD else Attribution(text)


def names_of_commenters(visit: Visit, outlet: Outlet = Outlet.ROOM) -> NamesShown:
    """Which names a consultation shows: whoever gives views takes part in it, and reads as the group does."""
    audience = audience_of_visit(visit)
    if visit.visitor is not None and visit.actor.role is Role.CONTRIBUTOR:
        audience = Audience.GROUP
    return names_shown(visit.process.attribution, audience, outlet)
