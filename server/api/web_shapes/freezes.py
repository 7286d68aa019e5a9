"""Freezes of the whole volume as JSON."""

from datetime import datetime

from opinions.version_kinds import VersionKind
from server.api.shapes import Shape


class CutVersion(Shape):
    """A version that a cut made: of which Opinion, its number, fingerprint, and the hash of its record. `checked` says
    in one sentence which browsers computed the same; `differs`: whether one computed another.
    """

    opinion: str
    name: str
    number: int
    fingerprint: str
    record_hash: str
    checked: str
    differs: bool


class Cut(Shape):
    """A freeze of all draft Opinions at one moment. `record` is the JSON whose UTF-8 bytes were signed."""

    id: str
    number: int
    label: str
    milestone: str
    kind: VersionKind
    note: str
    frozen_by: str
    recorded_by: str
    at: datetime
    record: str
    record_hash: str
    key: str
    signature: str
    versions: list[CutVersion]


class Cuts(Shape):
    """Every cut, the newest first."""

    cuts: list[Cut]
