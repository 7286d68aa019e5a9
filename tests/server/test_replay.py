"""The replay of any history: every step can be drawn, in every view, and what changed is there (HS3)."""

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection, insert, literal, select

from crdt.errors import LogBroken
from crdt.history import History
from crdt.step import Append
from opinions.ground import Ground
from opinions.model import ParagraphId
from opinions.views import View
from server import log_store
from server.database import Database
from server.history.charts import burn_down, small_line
from server.history.reading import Histories, Told
from server.history.words import step_by, step_line
from server.pages.replay import parts_of, place_of, steps_of, way_of
from server.settings import Settings
from server.tables.core import entries
from tests.crdt.test_history import replayed
from tests.support.logbook import Logbook, logbooks
from tests.support.stock import OPINION, stocked
from tests.support.strategies import documents

ZONE = ZoneInfo("Europe/Zurich")


@settings(max_examples=15)
@given(logbooks(documents(drafts=False), most=9))
def test_hs3_every_step_of_any_history_can_be_shown(book: Logbook) -> None:
    history = History(book.opinion)
    history.take(book.entries)
    steps = history.steps
    drawing = burn_down(steps, ZONE)
    assert drawing is not None
    assert drawing.svg.count("<svg") == 1
    assert drawing.figures[-1].brackets == steps[-1].counts.brackets
    assert small_line(steps)[1]
    for number, step in enumerate(steps):
        before, after = replayed(book.entries, step.first - 1), replayed(book.entries, step.seq)
        assert step_line(step, {})
        assert step_by(step)
        assert place_of(steps, str(step.first)) == place_of(steps, str(step.seq)) == number
        parts = parts_of(before, after, View.MARKED, {}, concerned=frozenset(step.paragraphs), whole=True)
        drawn = "".join(part.html for part in parts)
        for paragraph in {*before.text, *after.text}:
            assert f'id="{paragraph.id}"' in drawn
        for name in step.paragraphs:
            assert any(part.changed for part in parts if f'id="{name}"' in part.html) or name not in drawn
        near = parts_of(before, after, View.ROLLING, {}, concerned=frozenset(step.paragraphs))
        assert sum(part.skipped for part in near) + sum(bool(part.html) for part in near) >= len(after.text.paragraphs)
        way = way_of(steps, number, ZONE)
        assert (way.step_before is None) == (number == 0)
        assert (way.step_after is None) == (number == len(steps) - 1)


@settings(max_examples=15)
@given(logbooks(documents(drafts=False), most=9))
def test_hs3_a_paragraph_s_steps_are_all_that_changed_it(book: Logbook) -> None:
    history = History(book.opinion)
    history.take(book.entries)
    told = Told(history.steps, history.seq, Ground())
    for paragraph in book.document.text:
        own = {step.seq for step in steps_of(told, paragraph.id)}
        assert own >= {step.seq for step in history.steps if ParagraphId(paragraph.id) in step.paragraphs}


def _with_a_gap(connection: Connection) -> None:
    """Entry 2 once more as entry 9: a log that cannot be read on."""
    names = [column.name for column in entries.columns]
    again = [literal(9) if name == "seq" else entries.columns[name] for name in names]
    connection.execute(insert(entries).from_select(names, select(*again).where(entries.c.seq == 2)))


def test_hp1_a_history_is_read_on_and_what_takes_too_long_comes_later(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))

    async def read() -> None:
        database = Database(stock.settings)
        await database.open()
        try:
            histories = Histories()
            assert await histories.told(database, OPINION, patience=0) is None
            first = await histories.told(database, OPINION)
            assert first is not None
            assert [step.act for step in first.steps] == ["import"]
            both = await asyncio.gather(*(histories.told(database, OPINION) for _ in range(4)))
            assert both == [first] * 4
            book = Logbook((await histories.texts(database, OPINION, 1))[0], OPINION)
            book.type_words("p-item-00001", 0, "more ")
            entry = book.entries[1]
            key = await database.read(lambda c: str(c.exec_driver_sql("SELECT id FROM keys").scalar_one()))
            await database.write(
                lambda c: log_store.append(c, OPINION, (Append(OPINION, 1, 1, (entry,)),), key, entry.at)
            )
            late = await histories.told(database, OPINION, patience=0)
            assert late is not None
            assert late.seq in (1, 2)
            now = await histories.told(database, OPINION)
            assert now is not None
            assert (now.seq, now.whole, len(now.steps)) == (2, True, 2)
            await database.write(_with_a_gap)
            fresh = Histories()
            assert set(await fresh.glance(database, (OPINION, "op-empty"))) == {"op-empty"}, "none hides another's"
            with pytest.raises(LogBroken):
                await fresh.told(database, OPINION)
        finally:
            await database.close()

    asyncio.run(read())
