"""For other programs: the API with its description, keys, webhooks, export and import of a process."""

from functools import partial
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from opinions.roles import Act
from server.api import comments, contributions, opinions_list, roster, web_description
from server.api.description import described
from server.api.operations import BODY_BYTES, PREFIX, Operation, serve
from server.api.reading import entry_of
from server.api.readings import READINGS
from server.pages import process_file, programs
from server.routing.entry import Entry
from server.security import MAX_BODY
from server.taking_part.programs import Scope
from server.visit import PUBLIC, Visit

OPERATIONS = (
    Operation(
        "GET", "/opinions", Scope.OPINIONS_READ, "Draft Opinions and versions", opinions_list.list_of_opinions,
        "OpinionList",
    ),
    Operation("GET", "/roster", Scope.ROSTER_READ, "The roster", roster.roster, "RosterList"),
    Operation(
        "POST", "/roster", Scope.ROSTER_WRITE, "Enter people", roster.enter_people, "RosterList",
        takes="NewPeople", status=HTTPStatus.CREATED,
    ),
    Operation(
        "GET", "/contributions", Scope.CONTRIBUTIONS_READ, "The register of contributions", contributions.contributions,
        "ContributionList",
    ),
    Operation(
        "POST", "/contributions", Scope.CONTRIBUTIONS_WRITE, "Put a contribution on the register",
        contributions.enter_contribution, "Contribution", takes="NewContribution", status=HTTPStatus.CREATED,
    ),
    Operation("GET", "/rounds", Scope.COMMENTS_READ, "Consultation rounds", comments.rounds, "RoundList"),
    Operation(
        "GET", "/rounds/{round}/comments", Scope.COMMENTS_READ, "The comments of a round", comments.comments,
        "CommentList",
    ),
    Operation(
        "POST", "/rounds/{round}/comments", Scope.COMMENTS_WRITE, "Enter a delegation's comment",
        comments.enter_comment, "Comment", takes="NewComment", status=HTTPStatus.CREATED,
    ),
)  # fmt: skip
"""Everything that a program may ask for."""


async def description(visit: Visit) -> Response:
    """`GET /api/v1/openapi.json`: what there is to ask for; nothing of the process."""
    return JSONResponse(described(OPERATIONS))


async def web(visit: Visit) -> Response:
    """`GET /api/description.json`: what our own pages ask for; nothing of the process."""
    return JSONResponse(web_description.described(READINGS))


ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/programs", Act.PROGRAMS_MANAGE, programs.programs),
    Entry("POST", "/programs", Act.PROGRAMS_MANAGE, programs.admit),
    Entry("POST", "/programs/webhooks", Act.PROGRAMS_MANAGE, programs.add_hook),
    Entry("POST", "/programs/webhooks/{webhook}/stop", Act.PROGRAMS_MANAGE, programs.stop_hook),
    Entry("POST", "/programs/{program}/end", Act.PROGRAMS_MANAGE, programs.end),
    Entry("GET", "/process", Act.PROCESS_EXPORT, process_file.process_file),
    Entry("GET", "/process/schema.json", Act.PROCESS_EXPORT, process_file.schema),
    Entry("POST", "/process/export", Act.PROCESS_EXPORT, process_file.export_process),
    Entry("POST", "/process/import", Act.PROCESS_IMPORT, process_file.import_process, max_body=MAX_BODY),
    Entry("GET", f"{PREFIX}/openapi.json", PUBLIC, description),
    Entry("GET", "/api/description.json", PUBLIC, web),
    *(entry_of(one) for one in READINGS),
    # The key decides, not who is signed in: `serve` asks for it.
    *(Entry(one.method, one.address, PUBLIC, partial(serve, one), max_body=BODY_BYTES) for one in OPERATIONS),
)
