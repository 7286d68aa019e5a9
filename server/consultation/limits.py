"""What one network address may do without an account, and one program with its key, within a while; more is answered
429 and nothing is lost.
"""

from dataclasses import dataclass, field

from server.security import RateLimit

HOUR = 3600.0
MINUTE = 60.0
FIVE_MINUTES = 300.0


@dataclass(frozen=True, slots=True)
class PublicLimits:
    """The limits of one process. A university shares one address, hence not fewer."""

    sending: RateLimit = field(default_factory=lambda: RateLimit(40, HOUR))
    """Comments taken."""
    posting: RateLimit = field(default_factory=lambda: RateLimit(120, FIVE_MINUTES))
    """Forms looked at, whatever is in them: each may bring some megabytes."""
    confirming: RateLimit = field(default_factory=lambda: RateLimit(120, FIVE_MINUTES))
    reading: RateLimit = field(default_factory=lambda: RateLimit(1_200, FIVE_MINUTES))
    verifying: RateLimit = field(default_factory=lambda: RateLimit(600, FIVE_MINUTES))
    """Version files and the mirror's: a whole mirror of a process fetched in a few minutes."""
    projecting: RateLimit = field(default_factory=lambda: RateLimit(600, FIVE_MINUTES))
    """Screens of rooms and their streams: a dozen behind one address, each loaded every ten seconds without script."""
    calendar: RateLimit = field(default_factory=lambda: RateLimit(600, FIVE_MINUTES))
    """Calendars that subscribe to the timetable: everybody of a university by one address, a few times a day."""
    stopping: RateLimit = field(default_factory=lambda: RateLimit(120, FIVE_MINUTES))
    """Links that stop letters: mail providers follow them for many people, from few addresses."""
    calls: RateLimit = field(default_factory=lambda: RateLimit(600, MINUTE))
    """Calls of the API by each program: one that enters a register stays far below, one run wild does not starve
    people.
    """
