"""The report of the demonstration: some invented sections, what delegations say of them, and one published volume."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from opinions.roles import Actor
from server import log_store
from server.ids import new_id
from server.opinion_store import list_opinions
from server.sg_report import comments, store
from server.sg_report.store import By
from server.signing import SigningKey
from server.timetable import timetable_of
from server.volumes import publishing
from server.volumes.contents import load_contents
from server.volumes.publishing import VolumeRefused, Wanted

SECTIONS: tuple[tuple[str, int, str], ...] = (
    (
        "Introduction",
        1,
        "This report is a starting point for the exchange of views. It was invented for the demonstration.\n\n"
        "It sets out, theme by theme, where connectivity stands, what was contributed, and which questions are open. "
        "The draft Opinions that come of them are annexed.",
    ),
    (
        "Digital divides",
        1,
        "Coverage has grown faster than use: many who live within reach of a network do not use it.\n\n"
        "Cost, skills, and the lack of content in one's own language are named most often as the reasons.",
    ),
    (
        "Measuring the gap",
        2,
        "Figures by age, gender and region are collected by some administrations and not by others, so that progress "
        "is hard to compare.",
    ),
    (
        "Resilience of networks",
        1,
        "Storms and earthquakes of the last years have shown how much relief depends on networks that stay up.\n\n"
        "Contributions name early warning, shared infrastructure and the training of operators.",
    ),
)
SAID: tuple[tuple[str, int, str, str, str, str], ...] = (
    (
        "alvania",
        1,
        "Skills should come first: with them, cost weighs less.",
        "taken_up_in_part",
        "The order is kept; skills are treated in a paragraph of their own.",
        "Digital divides",
    ),
    ("bressay", 0, "Give the year of the figures.", "", "", "Measuring the gap"),
    ("dunmara", 1, "Shared infrastructure needs an example.", "noted", "", "Resilience of networks"),
)
"""Who says what, of which paragraph of which section, and what the secretariat answers (empty: not yet)."""
LABEL = "Third draft"
NUMBER = "S24-WTPF26PREP-R-0003"


def report(connection: Connection, actors: Mapping[str, Actor], key: SigningKey, now: datetime) -> None:
    """Write the report, publish it once with the Opinions that are frozen, and have it commented on."""
    clerk = actors["secretariat"]
    at = now - timedelta(days=58)
    by = By(clerk.member, clerk.name, at)
    for heading, level, body in SECTIONS:
        store.add_section(connection, heading, level, body, "", by, new_id)
    _publish(connection, key, by)
    standing = store.load_report(connection)
    assert standing is not None
    sections = {one.heading: one for one in standing.sections}
    for who, place, body, disposition, words, heading in SAID:
        section = sections[heading]
        paragraph, when = section.paragraphs[place].id, now - timedelta(days=20)
        made = comments.make(
            connection, section.id, paragraph, body, actors[who], when, late=False, on=standing.revision.number
        )
        if disposition:
            comments.answer(connection, made.id, disposition, words, clerk, now - timedelta(days=10))


def _publish(connection: Connection, key: SigningKey, by: By) -> None:
    frozen = {}
    for opinion in list_opinions(connection):
        found = [one for one in log_store.load_versions(connection, opinion.id) if one.frozen_at <= by.at]
        if found:
            frozen[opinion.id] = found[-1].number
    try:
        named = (one.id for one in timetable_of(connection).values() if one.volume == LABEL)
        wanted = Wanted(LABEL, next(named, ""), annexes=tuple(frozen.items()))
        number = publishing.prepare(connection, wanted, by)
        publishing.give_number(connection, number, NUMBER, by)
        publishing.publish(connection, number, load_contents(connection, number).fingerprint, key, by)
    except VolumeRefused:
        # The demonstration was made for a day on which the forum of its timetable was held.
        return
