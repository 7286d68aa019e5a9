"""A volume is announced to all focal points by letter, with its number and its fingerprint."""

from datetime import datetime

from sqlalchemy import Connection

from opinions.canonical import short_fingerprint
from server import outbox
from server.post.focal_points import post_to_focal_points
from server.post.letters import LetterKind
from server.process_store import load_process
from server.settings import Settings, public_address
from server.volumes.contents import VolumeContents
from server.wording import moment


def announce(connection: Connection, volume: VolumeContents, settings: Settings, now: datetime) -> list[str]:
    """Have the letters sent that tell of a published volume: the ids of the jobs, to begin after the commit. An address
    that takes no letter is passed over, and a demonstration writes to nobody.
    """
    subject = f"{volume.process}: {volume.name} is published"
    body = letter_of(connection, volume, public_address(settings))
    jobs = [outbox.volume_published(volume.number).id]
    if load_process(connection).demo:
        return jobs
    letters = post_to_focal_points(
        connection, LetterKind.NOTICE, subject, lambda member: f"{member.name},\n\n{body}", now
    )
    return [*jobs, *letters]


def letter_of(connection: Connection, volume: VolumeContents, address: str) -> str:
    """What a letter says of a volume: plain text, the fingerprints in groups of four to compare by eye."""
    zone = load_process(connection).zone
    when = "" if volume.published_at is None else moment(volume.published_at, zone)
    lines = [
        f"{volume.label} was published by the secretariat: {when}.",
        "",
        f"Document: {volume.document}",
        f"Fingerprint of the volume: {volume.short_fingerprint}",
        *(
            f"{one.heading}, version {one.version.number}: {short_fingerprint(one.version.fingerprint)}"
            for one in volume.annexes
            if one.version is not None
        ),
        "",
        f"Read it and check it: {address}/volumes/{volume.number}",
        "",
        "Compare the fingerprint with the one on the page and at the foot of each page of the files. If they differ,",
        "tell the secretariat.",
    ]
    return "\n".join(lines) + "\n"
