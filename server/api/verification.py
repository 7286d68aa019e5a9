"""`GET /api/opinions/{opinion}/versions/{number}/verification`."""

from typing import TYPE_CHECKING

from opinions.roles import Act
from server.api.reading import Reading
from server.pages.verification import seen_version
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.verification import VersionVerification


async def verification(visit: Visit) -> "VersionVerification":
    """What a version can be checked by."""
    from server.api.web_shapes.verification import PublishedForm, VersionVerification

    seen = await seen_version(visit)
    version = seen.version
    return VersionVerification(
        number=version.number,
        label=version.label,
        frozen_at=version.frozen_at,
        fingerprint=version.fingerprint,
        record_hash=version.record_hash,
        key=seen.key,
        public=seen.public,
        browsers_agree=seen.agreed,
        browser_differs=seen.mismatch,
        marked=seen.marked,
        texts=[PublishedForm(name=name, sha256=digest, given=given) for name, _, digest, given in seen.forms],
        version_file=f"/public/opinions/{visit.opinion.id}/versions/{version.number}/version.json",
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/versions/{number:int}/verification",
        Act.VERSION_READ,
        "What a version is known by, who checked it, and where all it takes to check it is.",
        verification,
        "verification.VersionVerification",
    ),
)
