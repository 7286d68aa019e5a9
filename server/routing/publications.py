"""Publications: files of versions and volumes, bundles, and how far their making is."""

from opinions.roles import Act
from server.pages import publications
from server.routing.entry import Entry

VERSION = "/opinions/{opinion}/versions/{number:int}"
VOLUME = "/volumes/{number:int}"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", f"{VERSION}/files", Act.OPINION_EXPORT, publications.version_files),
    Entry("GET", f"{VERSION}/bundle.zip", Act.OPINION_EXPORT, publications.version_bundle),
    Entry("GET", f"{VOLUME}/files", Act.PROCESS_READ, publications.volume_files),
    Entry("GET", f"{VOLUME}/export", Act.PROCESS_READ, publications.volume_export),
    Entry("GET", f"{VOLUME}/bundle.zip", Act.PROCESS_READ, publications.volume_bundle),
)
