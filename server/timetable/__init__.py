"""Processes as data: their files, the history of their timetables, pages and calendars of it.

What other parts ask for: `load_changes`, `timetable_of`, `load_phases`, `load_plan`, `append_changes`.
"""

from server.timetable.store import append_changes as append_changes
from server.timetable.store import load_changes as load_changes
from server.timetable.store import load_phases as load_phases
from server.timetable.store import load_plan as load_plan
from server.timetable.store import milestone_of as milestone_of
from server.timetable.store import timetable_of as timetable_of
