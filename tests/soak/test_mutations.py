"""[P8] Two thousand changes of version files, and of rows besides, are seen; verifiers that skip a check are caught."""

from collections.abc import Callable, Mapping
from itertools import islice
from random import Random
from typing import Any

import pytest

from server.static import unbracket_verify as alone
from server.verification import verifier
from tests.soak.mutations import FINDERS, file_trials, trials

TRIALS = 2_110


def test_p8_every_change_is_seen() -> None:
    outcome = trials(20261122, float("inf"), most=TRIALS)
    assert outcome.failures == ()
    assert outcome.trials == TRIALS
    assert outcome.figures["files"] >= 2_000, "both verifiers"  # type: ignore[operator]
    assert outcome.figures["rows"] >= 50, "the audit"  # type: ignore[operator]


def _any(*_: Any, **__: Any) -> bool:
    return True


def _known(run: alone.Run, file: Mapping[str, Any]) -> dict[str, str]:
    return {one["id"]: one["public_key"] for one in file["keys"]}


PLANTED: Mapping[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "ours takes every signature": ("unbracket verify", lambda patch: patch.setattr(verifier, "signed", _any)),
    "ours reads no chain": ("unbracket verify", lambda patch: patch.setattr(verifier, "_chain", lambda *_: None)),
    "ours reads no texts": ("unbracket verify", lambda patch: patch.setattr(verifier, "_texts", lambda *_: None)),
    "the other takes every signature": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone, "verifies", _any),
    ),
    "the other reads no texts": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone.Run, "published", lambda *_: None),
    ),
    "the other knows every key": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone.Run, "read_keys", _known),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_check_left_out_is_caught(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test."""
    name, plant = PLANTED[what]
    plant(monkeypatch)
    one = {name: FINDERS[name]}
    assert any(blind for _, blind in islice(file_trials(Random(1), one), 600)), what
