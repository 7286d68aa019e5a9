"""What a version can be checked by."""

from datetime import datetime

from server.api.shapes import Shape


class PublishedForm(Shape):
    """One published form of a text, and the SHA-256 of its characters in UTF-8; `given`: the reader may have them."""

    name: str
    sha256: str
    given: bool


class VersionVerification(Shape):
    """What a version is known by, who checked it, and where all it takes to check it is (server/SPEC.md, VF1).

    `marked`: the last audit of the server found it to be other than what was signed.
    """

    number: int
    label: str
    frozen_at: datetime
    fingerprint: str
    record_hash: str
    key: str
    public: bool
    browsers_agree: int
    browser_differs: bool
    marked: bool
    texts: list[PublishedForm]
    version_file: str
