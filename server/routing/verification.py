"""Pages by which anybody verifies a version."""

from opinions.roles import Act
from server.pages import verification
from server.routing.entry import Entry
from server.visit import PUBLIC

VERSION = "/public/opinions/{opinion}/versions/{number:int}"

ENTRIES: tuple[Entry, ...] = (
    # For everybody, without an account; each has a limit of its own (`server.consultation.limits`)
    Entry("GET", "/public", PUBLIC, verification.public_list),
    Entry("GET", VERSION, PUBLIC, verification.public_version),
    Entry("GET", f"{VERSION}/version.json", PUBLIC, verification.version_file),
    Entry("GET", f"{VERSION}/texts/{{form}}", PUBLIC, verification.version_text),
    Entry("GET", "/verify", PUBLIC, verification.verify),
    Entry("GET", "/verify/unbracket_verify.py", PUBLIC, verification.standalone),
    Entry("GET", "/mirror/{name:path}", PUBLIC, verification.mirror_file),
    Entry(
        "POST",
        "/opinions/{opinion}/versions/{number:int}/public",
        Act.VOLUME_PUBLISH,
        verification.make_public,
    ),
)
