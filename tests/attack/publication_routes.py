"""Files of versions and volumes: what wrong persons and wrong addresses get."""

from collections.abc import Collection

from tests.attack.trying import EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

_ODD = ("0", "99", "-1", "%00", "9" * 400, "9" * 12, "x")
_ASKED = ("names=everybody", "names=%00", "names=" + "x" * 500)
_VERSION = f"/opinions/{OPINION}/versions"


def _of(start: str, tail: str, nobody: Collection[int], observers: Collection[int]) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"{start}/1{tail}", *nobody),
        get(OBSERVER, f"{start}/1{tail}", *observers),
        *(get(EXPERT, f"{start}/{one}{tail}", *UNFOUND) for one in _ODD),
        *(get(EXPERT, f"{start}/99{tail}?{one}", *UNFOUND) for one in _ASKED),
    )


PUBLICATION_ROUTES: dict[str, tuple[Try, ...]] = {
    **{
        f"GET /opinions/{{opinion}}/versions/{{number:int}}{tail}": _of(_VERSION, tail, SIGN_IN, (403,))
        for tail in ("/files", "/bundle.zip")
    },
    **{
        f"GET /volumes/{{number:int}}{tail}": _of("/volumes", tail, SIGN_IN, UNFOUND)
        for tail in ("/files", "/export", "/bundle.zip")
    },
    "GET /api/opinions/{opinion}/versions/{number:int}/files": _of(
        f"/api{_VERSION}", "/files", (401, *SIGN_IN), (403,)
    ),
    "GET /api/volumes/{number:int}/files": _of("/api/volumes", "/files", (401, *SIGN_IN), UNFOUND),
}
