"""Verification for everybody: the public page of a version, what to download of it, and the means to check it.

No account, no cookie; whoever is signed in and may read a version has the same page before it is public. What names
delegations is left out wherever their names are withheld (server/SPEC.md, VF10).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import Connection, func, select
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from crdt.versions import Version
from opinions.published_text import UNNAMED
from opinions.roles import Act
from opinions.views import View
from server import log_store
from server.audit_store import Kind, note
from server.export.sheet import VIEW_NAMES
from server.freezes.rotation import Rotation, load_rotations
from server.pages.public_consultation import busy, too_many
from server.pages.rendering import done, render
from server.pages.versions import sees_everything
from server.tables import version_checks
from server.verification import building, mirror, public
from server.verification.marks import is_marked
from server.verification.proof import OPEN_FORMS
from server.version_attribution import setting_of_version
from server.visit import Visit

STATIC = Path(__file__).parent.parent / "static"
STYLES = "src/styles/verification.css"
SCRIPT = "src/verify.ts"
STANDALONE = "unbracket_verify.py"
FORM_NAMES = {
    "canonical": "Canonical text (what the fingerprint is of)",
    View.ROLLING.value: VIEW_NAMES[View.ROLLING],
    View.ROLLING + UNNAMED: f"{VIEW_NAMES[View.ROLLING]}, without names",
    View.CLEAN.value: VIEW_NAMES[View.CLEAN],
    View.MARKED.value: VIEW_NAMES[View.MARKED],
    View.MARKED + UNNAMED: f"{VIEW_NAMES[View.MARKED]}, without names",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A version as its public page shows it. `names`: this reader is shown names of delegations beside proposals."""

    version: Version
    public: bool
    names: bool
    key: str
    agreed: int
    mismatch: bool
    marked: bool
    """The last audit found it to be other than what was signed."""
    volume: str
    moves: Sequence[Rotation]
    """Where the process came from another server, the first move first."""

    @property
    def forms(self) -> list[tuple[str, str, str, bool]]:
        """Name, wording and digest of each published form, and whether this reader may have it."""
        return [
            (name, FORM_NAMES.get(name, name), digest, self.names or name in OPEN_FORMS)
            for name, digest in sorted(self.version.texts.items(), key=lambda one: list(FORM_NAMES).index(one[0]))
        ]


async def public_list(visit: Visit) -> Response:
    """`GET /public`: every public version."""
    if too_many(visit, visit.services.public_limits.reading):
        return await busy(visit, visit.services.public_limits.reading)
    found = await visit.read(public.all_public)
    return render(visit, "public_versions.html", found=found, entry=STYLES)


async def public_version(visit: Visit) -> Response:
    """`GET /public/opinions/{opinion}/versions/{number}`."""
    if too_many(visit, visit.services.public_limits.reading):
        return await busy(visit, visit.services.public_limits.reading)
    seen = await seen_version(visit)
    opinion = visit.opinion
    base = f"/public/opinions/{opinion.id}/versions/{seen.version.number}"
    response = render(
        visit, "public_version.html", seen=seen, version=seen.version, opinion=opinion, base=base, entry=STYLES
    )
    response.headers["cache-control"] = "private, no-cache"
    return response


async def version_file(visit: Visit) -> Response:
    """`GET /public/opinions/{opinion}/versions/{number}/version.json`: all it takes to check it elsewhere (VF1)."""
    if too_many(visit, visit.services.public_limits.verifying):
        return await busy(visit, visit.services.public_limits.verifying)
    seen = await seen_version(visit)
    opinion, number = visit.opinion.id, seen.version.number

    def make(connection: Connection) -> bytes:
        return building.version_file(connection, opinion, number, names=seen.names)

    name = f"{opinion}-version-{number}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-cache"}
    return Response(await visit.read(make), media_type="application/json", headers=headers)


async def version_text(visit: Visit) -> Response:
    """`GET /public/opinions/{opinion}/versions/{number}/texts/{form}`: the exact characters that were hashed."""
    if too_many(visit, visit.services.public_limits.reading):
        return await busy(visit, visit.services.public_limits.reading)
    seen = await seen_version(visit)
    form = visit.request.path_params["form"]
    text = building.texts_of(seen.version).get(form)
    if text is None or form not in seen.version.texts or not (seen.names or form in OPEN_FORMS):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(text, media_type="text/plain; charset=utf-8", headers={"cache-control": "private, no-cache"})


async def make_public(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/versions/{number}/public`: everybody may know of it from now on, for good."""
    opinion, number = visit.opinion.id, visit.request.path_params["number"]

    def save(connection: Connection) -> None:
        if number not in (one.number for one in log_store.load_versions(connection, opinion)):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if public.make_public(connection, opinion, number, visit.member.id, visit.now):
            note(connection, visit.event(Kind.VOLUME, opinion, f"version {number} is public"))

    await visit.write(save)
    return done(f"/public/opinions/{opinion}/versions/{number}", "saved")


async def verify(visit: Visit) -> Response:
    """`GET /verify`: files are checked in the browser and go nowhere."""
    if too_many(visit, visit.services.public_limits.reading):
        return await busy(visit, visit.services.public_limits.reading)
    return render(visit, "verify.html", entry=SCRIPT)


async def standalone(visit: Visit) -> Response:
    """`GET /verify/unbracket_verify.py`."""
    headers = {"content-disposition": f'attachment; filename="{STANDALONE}"', "cache-control": "private, no-cache"}
    return FileResponse(STATIC / STANDALONE, media_type="text/x-python", headers=headers)


async def mirror_file(visit: Visit) -> Response:
    """`GET /mirror/{name}`: one file of the static mirror."""
    if too_many(visit, visit.services.public_limits.verifying):
        return await busy(visit, visit.services.public_limits.verifying)
    files = await visit.services.mirrored.files(visit.services.database.read, visit.services.settings)
    name = visit.request.path_params["name"]
    if name not in files:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    moves = mirror.moves(name)
    kept = "no-cache" if moves else "public, max-age=31536000, immutable"
    return Response(files[name], media_type=kind, headers={"cache-control": kept})


async def seen_version(visit: Visit) -> Seen:
    """The version of the path; 404 for who may not know of it, as if there were none."""
    if visit.standing.opinion is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    opinion, number = visit.opinion.id, visit.request.path_params["number"]
    reads = visit.visitor is not None and visit.may(Act.VERSION_READ)

    def look(connection: Connection) -> Seen | None:
        found = next((one for one in log_store.load_versions(connection, opinion) if one.number == number), None)
        shown = found is not None and public.is_public(connection, opinion, number)
        if found is None or not (shown or reads):
            return None
        own = setting_of_version(connection, opinion, number)
        names = public.public_names(own or visit.process.attribution)
        agreed, differ = _checks(connection, opinion, number)
        volume = building.volume_of(connection, opinion, number)
        return Seen(
            version=found,
            public=shown,
            names=names or (reads and sees_everything(visit, own)),
            key=building.signers_of(connection, opinion)[number][1],
            agreed=agreed,
            mismatch=differ > 0,
            marked=is_marked(connection, opinion, number),
            moves=tuple(one for one in load_rotations(connection) if one.brought),
            volume="" if volume is None else str(json.loads(volume.record)["label"]),
        )

    seen = await visit.read(look)
    if seen is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return seen


def _checks(connection: Connection, opinion: str, number: int) -> tuple[int, int]:
    """How many browsers computed the same fingerprint, and how many another."""
    rows = connection.execute(
        select(version_checks.c.matches, func.count())
        .where(version_checks.c.opinion == opinion, version_checks.c.number == number)
        .group_by(version_checks.c.matches)
    )
    counts = {bool(matches): int(count) for matches, count in rows}
    return counts.get(True, 0), counts.get(False, 0)
