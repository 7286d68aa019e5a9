"""From values to an HTML answer: one template environment, autoescaping, and what every page knows of its visitor."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from opinions.roles import Act, Role
from server import wording
from server.assets import Assets, assets_of
from server.consultation.sheet import language_tag
from server.html_view import region_class
from server.phasing.telling import closing_soon
from server.visit import Visit

_TEMPLATES = Path(__file__).parent.parent / "templates"
PAGE_STYLES = "src/styles/page.css"

_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(
    Act=Act,
    Role=Role,
    roles=wording.ROLES,
    kinds=wording.KINDS,
    ways=wording.WAYS,
    regions=wording.REGIONS,
    role_hints=wording.ROLE_HINTS,
    counted=wording.counted,
    draft_name=wording.draft_name,
    grouped=wording.grouped,
    day=wording.day,
    moment=wording.moment,
    clock=wording.clock,
    place=wording.place,
    short_title=wording.short_title,
    region_class=region_class,
    language_tag=language_tag,
)

NOTICES: Mapping[str, str] = {
    "saved": "Saved.",
    "added": "Added.",
    "suspended": "Suspended. Every place this person was signed in has been closed.",
    "admitted": "This person may sign in again. Send a new link.",
    "passkey-added": "The passkey is registered. From now on you can sign in and confirm with it.",
    "passkey-removed": "The passkey is removed. Delete it on your device, too.",
    "passkeys-forgotten": "Passkeys and accounts elsewhere are forgotten; every sign-in has ended. Make a new link.",
    "session-ended": "Signed out there.",
    "sessions-ended": "Signed out everywhere else.",
    "closed-to-observers": "The sitting is closed to observers. Their pages have ended.",
    "open-to-observers": "Observers are admitted again.",
    "process-brought-in": "The process is here, checked entry by entry.",
    "screen-ended": "The link has ended, and its screens with it.",
    "screen-blank": "The screen shows nothing now.",
    "screen-shown": "The screen shows the text again.",
    "key-ended": "The key has ended. It opens nothing any more.",
    "webhook-stopped": "Stopped. This address is told nothing any more.",
    "voice": "From now on this person speaks for the delegation.",
    "confirmed": "Confirmed. It is on record.",
    "group-removed": "Taken off the list. What the group said stays on record.",
    "position": "Your delegation's position is on record.",
    "tied": "The options stand side by side.",
    "picked": "The pick is on record: its amendments are agreed, those of the other options not retained.",
    "kept": "All options stay for now.",
    "untied": "Untied. Each amendment is for itself again.",
    "packed": "The package is on the table.",
    "package-closed": "The package is closed. What it held stays as it is.",
    "compromise-withdrawn": "The compromise text is withdrawn. What it was to replace stays as it is.",
    "compromise": "The compromise text is before the meeting. Its holders can accept or decline it.",
    "answer": "Your delegation's answer is on record.",
    "proposed": "Your amendment is before the meeting.",
    "letter-again": "On its way again.",
    "round-open": "The round is put up.",
    "dates-changed": "The dates are changed, and the change is on record.",
    "comments-published": "The comments are published.",
    "comments-taken-back": "The public does not see the comments any more.",
    "comment-kept": "Done.",
    "comment-made": "Your comment stands at its paragraph.",
    "comment-withdrawn": "Your comment is withdrawn.",
    "comment-confirmed": "Your comment is confirmed. The secretariat looks at it before anything is shown.",
    "comment-erased": "Taken out at the author's request.",
    "moderated": "Done. What was decided stays on record.",
    "answered": "Recorded.",
    "shared": "You are signed out when this browser is closed, and nothing is kept on the computer from now on.",
    "invited": "Invited by e-mail.",
    "invited-one": "The letter with a new link is on its way.",
    "reminded": "Reminded by e-mail.",
    "told": "The secretariat has been told.",
    "report-settled": "Looked at. The report stays in the audit.",
    "nobody-to-invite": "There was nobody to write to.",
    "roster-entered": "The roster is entered. Nobody was invited yet.",
    "roster-invited": "The roster is entered, and the invitations are on their way.",
    "link-sent": "The link is on its way to the contact point.",
    "approved": "Approved and invited.",
    "declined": "Declined; whoever nominated is told why.",
    "volume-frozen": "The whole volume is frozen. Compare the fingerprints below with what others see.",
    "founded": "The draft Opinion is on the table.",
    "word-in-entered": "Entered. What became of each change is below.",
    "word-in-discarded": "Discarded. The file is kept; nothing of it was entered.",
    "section-saved": "Saved. The state before is kept among the revisions.",
    "section-out": "Taken out. The revisions before keep it.",
    "report-read": "The file is read into sections. It is kept as it was, too.",
    "report-kept": "The file is the report now. It was not read into sections: it is a PDF, has no headings as styles, "
    "or holds tables, footnotes or boxes.",
    "report-restored": "The report is again what it was. What stood until now is kept among the revisions.",
    "report-put-out": "Put out. Members read this revision from now on, and comment on it.",
    "remark-made": "Your comment stands at its section.",
    "remark-withdrawn": "Withdrawn. It stays on the list as withdrawn.",
    "volume-begun": "The volume is begun.",
    "volume-numbered": "Numbered. The number is taken for good.",
    "volume-published": "Published. It never changes from now on; the focal points are told.",
    "volume-dropped": "Given up. Its number stays taken.",
    "number-given": "Given out, for good.",
    "handed-in": "Handed in. It waits for its number.",
    "registered": "On the register.",
    "returned": "Returned, with the reason.",
    "noted": "Noted on the register.",
    "entered": "Entered into the text as amendments.",
    "presented": "Presented. It is on the ledger from now on.",
    "brief-sent": "The brief is on its way to your e-mail address.",
    "brief-no-address": "No e-mail address of yours is known here. Ask the secretariat to add it.",
    "merged": "Merged. Both stay readable, and the ledger says why.",
    "split": "Split. The ledger says why.",
    "group-founded": "The group is there. Its people find it on their page of drafting groups.",
    "group-invited": "Invited. They find it on their page of drafting groups.",
    "group-joined": "You are in. Nobody else sees what is drafted here.",
    "group-left": "Your delegation is out of the group.",
    "group-ended": "The group has ended. Nobody is in it any more.",
    "kept-late": "Kept as a contribution, and on the ledger as late: it is not considered as an Opinion for adoption.",
    "extended": "Extended. It holds from now on, for everybody.",
    "timetable-amended": "On the timetable. What it said before stays on record.",
    "process-loaded": "The process is loaded, with the source of every date.",
    "nothing-new": "The file says what is on record already.",
    "group-brought-back": "It is before the meeting.",
    "renumbering-marked": "Marked. The next freeze renumbers.",
    "renumbering-unmarked": "The next freeze does not renumber.",
    "corrected": "Corrected. The record keeps what the words were.",
    "forum-opened": "The forum text is open. The preparatory text is closed, and its versions stay.",
    "adoption-asked": "On record: the chair asked whether there is any objection.",
    "adoption-recorded": "What the chair declared is on record. The text is closed.",
}
"""What a page says once after a change, by the word in its address; nothing of an address is ever shown itself."""


def render(
    visit: Visit,
    template: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    entry: str = "",
    sheet: str = PAGE_STYLES,
    **values: Any,
) -> HTMLResponse:
    """A page: its template with the visitor's surroundings. `entry` is the script of pages that have one, `sheet` their
    style sheet.
    """
    script = assets_of(entry) if entry else Assets()
    html = _environment.get_template(template).render(
        visit=visit,
        process=visit.process,
        visitor=visit.visitor,
        notice=NOTICES.get(visit.request.query_params.get("done", ""), ""),
        closing=closing_soon(visit.actor, visit.services.phases.spans, visit.now) if visit.visitor else "",
        styles=tuple(dict.fromkeys((*assets_of(sheet).styles, *script.styles))),
        script=script,
        **values,
    )
    return HTMLResponse(html, status, headers=None if headers is None else dict(headers))


def fragment(visit: Visit, template: str, **values: Any) -> Markup:
    """A piece of a page by itself."""
    return Markup(_environment.get_template(template).render(visit=visit, process=visit.process, **values))


def page_tag(visit: Visit, response: HTMLResponse) -> Response:
    """The page with an entity tag, or 304 when the browser has just this page already."""
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers["etag"] = tag
    if visit.request.headers.get("if-none-match") == tag:
        kept = {name: response.headers[name] for name in ("etag", "cache-control") if name in response.headers}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return response


def done(address: str, notice: str = "") -> RedirectResponse:
    """Back to a page after a change, which then says so once."""
    return RedirectResponse(f"{address}?done={notice}" if notice else address, HTTPStatus.SEE_OTHER)
