"""The settings of the process: its name, its zone, what observers see."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from starlette.responses import Response

from server.pages.rendering import done, render
from server.process_store import ProcessRefused, save_process
from server.visit import Visit


async def settings(visit: Visit) -> Response:
    """`GET /settings`."""
    process = visit.process
    values = {
        "name": process.name,
        "meeting_zone": process.meeting_zone,
        "observers_see": "submitted" if process.observers_see_submitted else "agreed",
        "observers_names": "delegation" if process.observers_see_names else "none",
    }
    return render(visit, "settings.html", values=values, errors={})


async def change_settings(visit: Visit) -> Response:
    """`POST /settings`: live pages follow the change with the next thing they show."""
    form = await visit.form()
    wanted = replace(
        visit.process,
        name=form.get("name", ""),
        meeting_zone=form.get("meeting_zone", "").strip(),
        observers_see_submitted=form.get("observers_see") == "submitted",
        observers_see_names=form.get("observers_names") == "delegation",
    )
    try:
        await visit.write(lambda connection: save_process(connection, wanted))
    except ProcessRefused as error:
        return _again(visit, form, error)
    visit.services.doors.shut_streams(reload=True)
    return done("/settings", "saved")


def _again(visit: Visit, form: Mapping[str, str], error: ProcessRefused) -> Response:
    values = {"name": "", "meeting_zone": "", "observers_see": "", "observers_names": "", **form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(visit, "settings.html", status=status, values=values, errors={error.field: str(error)})
