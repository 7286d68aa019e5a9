"""The routes of capabilities that have a module of their own here, in one table; whoever adds one adds it here."""

from tests.attack.closing_routes import CLOSING_ROUTES
from tests.attack.compare_routes import COMPARE_ROUTES
from tests.attack.freeze_routes import FREEZE_ROUTES
from tests.attack.history_routes import HISTORY_ROUTES
from tests.attack.phase_routes import PHASE_ROUTES
from tests.attack.publication_routes import PUBLICATION_ROUTES
from tests.attack.timetable_routes import TIMETABLE_ROUTES
from tests.attack.trying import Try
from tests.attack.verification_routes import VERIFICATION_ROUTES
from tests.attack.volume_routes import VOLUME_ROUTES

BY_CAPABILITY: dict[str, tuple[Try, ...]] = {
    **CLOSING_ROUTES,
    **COMPARE_ROUTES,
    **FREEZE_ROUTES,
    **HISTORY_ROUTES,
    **PHASE_ROUTES,
    **PUBLICATION_ROUTES,
    **TIMETABLE_ROUTES,
    **VERIFICATION_ROUTES,
    **VOLUME_ROUTES,
}
