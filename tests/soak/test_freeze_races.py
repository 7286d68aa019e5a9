"""P7: a slice of `tests/soak/freeze_races.py` on each database."""

import random
import sys
from pathlib import Path

from tests.soak.freeze_races import on_postgres, on_sqlite, races
from tests.support.postgres_server import Databases

FREEZES = 8


async def test_p7_freezes_and_cuts_race_eight_writers_on_sqlite(tmp_path: Path) -> None:
    with on_sqlite(tmp_path) as ground:
        done, people = await races(ground, random.Random(20261122), FREEZES)
    assert people.failures == []
    assert done["freezes"] + done["cuts"] >= FREEZES
    print(f"SQLite: {dict(done)}, {people.acknowledged} acknowledged words", file=sys.stderr)


async def test_p7_freezes_and_cuts_race_eight_writers_on_two_nodes(tmp_path: Path, databases: Databases) -> None:
    with on_postgres(tmp_path, databases) as ground:
        done, people = await races(ground, random.Random(20261123), FREEZES)
    assert people.failures == []
    assert done["freezes"] + done["cuts"] >= FREEZES
    print(f"PostgreSQL: {dict(done)}, {people.acknowledged} acknowledged words", file=sys.stderr)
