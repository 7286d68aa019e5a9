"""Milestones, planned and held, and the pages and files that tell them."""

from opinions.roles import Act
from server.pages import timetable, timetable_amending
from server.routing.entry import Entry
from server.visit import PUBLIC

MILESTONE = "/timetable/milestones/{milestone}"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/timetable", Act.PROCESS_READ, timetable.timetable),
    # Programs that subscribe bring no session; it has a limit of its own (`server.consultation.limits`).
    Entry("GET", "/timetable.ics", PUBLIC, timetable.timetable_calendar),
    Entry("GET", "/timetable/new", Act.TIMETABLE_AMEND, timetable_amending.new_milestone),
    Entry("POST", "/timetable/new", Act.TIMETABLE_AMEND, timetable_amending.add_milestone),
    Entry("GET", "/timetable/file", Act.TIMETABLE_AMEND, timetable_amending.file_form),
    Entry(
        "POST",
        "/timetable/file",
        Act.TIMETABLE_AMEND,
        timetable_amending.load_process_file,
        max_body=timetable_amending.FILE_BYTES,
    ),
    Entry("GET", MILESTONE, Act.PROCESS_READ, timetable.milestone),
    Entry("GET", f"{MILESTONE}/{{act}}", Act.TIMETABLE_AMEND, timetable_amending.amend_form),
    Entry("POST", f"{MILESTONE}/{{act}}", Act.TIMETABLE_AMEND, timetable_amending.amend_milestone),
)
