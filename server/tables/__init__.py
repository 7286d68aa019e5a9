"""The tables, with the rules the database itself keeps (unique, check, foreign key; append-only by trigger).

SQLAlchemy Core, no mapped classes: store functions take a `Connection` and return domain values, never rows. Each
module holds the tables of one capability (`from server.tables.papers import files`); importing this package knows them
all. Whatever changes needs a step in `server/migrations`; a test compares both.
"""

from server.tables import consultation as consultation
from server.tables import drafting_groups as drafting_groups
from server.tables import forum as forum
from server.tables import freezes as freezes
from server.tables import history as history
from server.tables import identity as identity
from server.tables import papers as papers
from server.tables import parties as parties
from server.tables import people as people
from server.tables import phases as phases
from server.tables import post as post
from server.tables import projector as projector
from server.tables import publications as publications
from server.tables import reports as reports
from server.tables import taking_part as taking_part
from server.tables import threads as threads
from server.tables import timetable as timetable
from server.tables import verification as verification
from server.tables import volumes as volumes
from server.tables import word_in as word_in
from server.tables.base import Hash as Hash
from server.tables.base import Id as Id
from server.tables.base import Number as Number
from server.tables.base import UtcTime as UtcTime
from server.tables.base import metadata as metadata
from server.tables.base import one_of as one_of
from server.tables.core import ENTRY_KINDS as ENTRY_KINDS
from server.tables.core import IS_OPINION as IS_OPINION
from server.tables.core import MEMBER_ROLES as MEMBER_ROLES
from server.tables.core import appointments as appointments
from server.tables.core import delegations as delegations
from server.tables.core import documents as documents
from server.tables.core import entries as entries
from server.tables.core import invitations as invitations
from server.tables.core import jobs as jobs
from server.tables.core import keys as keys
from server.tables.core import leases as leases
from server.tables.core import members as members
from server.tables.core import nodes as nodes
from server.tables.core import opinions as opinions
from server.tables.core import owners as owners
from server.tables.core import process as process
from server.tables.core import sessions as sessions
from server.tables.core import snapshots as snapshots
from server.tables.core import version_checks as version_checks
from server.tables.core import version_exports as version_exports
from server.tables.core import versions as versions

APPEND_ONLY = (
    "entries",
    "versions",
    "version_exports",
    "volume_exports",
    "audit_events",
    "eligibility_events",
    "timetable_changes",
    "timetable_files",
    "phase_extensions",
    "rule_warnings",
    "sg_sections",
    "sg_revisions",
    "sg_put_out",
    "published_volumes",
    "document_numbers_given",
    "cuts",
    "cut_versions",
    "key_rotations",
    "keys",
    "leases",
    "public_versions",
    "forum_texts",
)
"""Tables of which no row is ever changed or deleted (migrations 0001, 0004, 0008, 0019 to 0026)."""

TRIGGERS = {
    dialect: frozenset(f"{table}_{rule}" for table in APPEND_ONLY for rule in rules)
    for dialect, rules in {
        "sqlite": ("no_update", "no_delete", "no_replace"),
        "postgresql": ("no_update", "no_delete", "no_truncate"),
    }.items()
}
"""The triggers that keep them so; a start without them is refused."""
