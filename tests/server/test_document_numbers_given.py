"""Document numbers are given once, whatever became of their documents (server/SPEC.md, DN)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from opinions.document_numbers import document_number
from server import serving
from server.database import Database
from server.settings import Settings
from server.volumes import numbers
from server.volumes.numbers import NumberKind, NumberRefused
from tests.support.stock import OPINION
from tests.support.visitors import House, house

NOW = datetime(2026, 4, 13, 9, tzinfo=UTC)
VARIANTS = (
    "{}", " {} ", "{}-E", "{}-f", "doc. {}", "Document  {}", "{}\u00a0",
)  # fmt: skip
BASES = st.builds(
    lambda form, number: form.format(number),
    st.sampled_from(("S24-WTPF26PREP-R-{:04}", "IEG-WTPF-26-4/{}", "CL-26/{}", "WTPF-13/{}", "odd number {}")),
    st.integers(1, 3),
)
SUFFIXES = st.sampled_from(("", "(Rev.1)", "(rev 1)", "rev1", "(Rev.2)", "(Add.1)", "(Corr.1)"))
ACTS = st.lists(
    st.tuples(BASES, SUFFIXES, st.sampled_from(VARIANTS), st.booleans(), st.sampled_from(NumberKind)), max_size=25
)


Act = tuple[str, str, str, bool, NumberKind]
"""Base and suffix of a number, how it is spelled and whether in capitals, and what it is given to."""


class Undone(Exception):
    """Raised to leave the database as it was."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Settings(data_dir=tmp_path_factory.mktemp("numbers") / "data")
    serving.prepare(made)
    with Database(made) as database:
        yield database


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_dn1_no_sequence_gives_a_number_twice(
    empty: Database, acts: list[tuple[str, str, str, bool, NumberKind]]
) -> None:
    """[DN1] However it is spelled, and also as proposed."""

    def play(connection: Connection) -> None:
        taken: set[str] = set()
        for step, (base, suffix, variant, upper, kind) in enumerate(acts):
            spelling = variant.format(base + suffix)
            spelling = spelling.upper() if upper else spelling
            normal = document_number(" ".join(spelling.split())).normal
            at = NOW + timedelta(minutes=step)
            if normal in taken:
                with pytest.raises(NumberRefused, match="not given twice"):
                    numbers.give(connection, spelling, kind, "A document", at)
            else:
                given_ = numbers.give(connection, spelling, kind, "A document", at)
                assert given_.spelling == " ".join(spelling.split())
                taken.add(normal)
            free = numbers.proposed(connection, kind)
            assert not free or document_number(free).normal not in taken
            revision = numbers.proposed_revision(connection, base)
            assert not revision or document_number(revision).normal not in taken
        every = numbers.all_given(connection)
        assert {one.number.normal for one in every} == taken
        for normal, later in numbers.superseded(every).items():
            earlier = next(one for one in every if one.number.normal == normal)
            assert later.number.revises(earlier.number)
        raise Undone

    with pytest.raises(Undone):
        empty.run(play)


def test_dn1_two_spellings_of_the_seeds_are_one_number(empty: Database) -> None:
    """[DN1]"""

    def play(connection: Connection) -> None:
        numbers.give(connection, "S24-WTPF26PREP-R-0003", NumberKind.VOLUME, "Third draft", NOW)
        for again in ("s24-wtpf26prep-r-0003", "S24-WTPF26PREP/R/3", "S24-WTPF26PREP-R-0003-E"):
            with pytest.raises(NumberRefused):
                numbers.give(connection, again, NumberKind.OTHER, "Another", NOW)
        assert numbers.proposed(connection, NumberKind.VOLUME) == "S24-WTPF26PREP-R-0004"
        assert numbers.proposed_revision(connection, "S24-WTPF26PREP-R-0003") == "S24-WTPF26PREP-R-0003(Rev.1)"
        numbers.give(connection, "S24-WTPF26PREP-R-0003(Rev.1)", NumberKind.VOLUME, "Third draft", NOW)
        numbers.give(connection, "S24-WTPF26PREP-R-0003(Add.2)", NumberKind.VOLUME, "Third draft", NOW)
        assert numbers.proposed_revision(connection, "S24-WTPF26PREP-R-0003") == "S24-WTPF26PREP-R-0003(Rev.2)"
        (pair,) = numbers.superseded(numbers.all_given(connection)).items()
        assert pair[1].number.spelling == "S24-WTPF26PREP-R-0003(Rev.1)"
        raise Undone

    with pytest.raises(Undone):
        empty.run(play)


# --- with the rest of the process


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("documents") / "data")) as started:
        yield started


def given_out(running: House, number: str, **fields: str) -> int:
    form = {"number": number, "kind": "chairs_report", "title": "Report of the fourth meeting", **fields}
    return running.post("m-sec", "/documents", form).status_code


def test_the_page_lists_what_was_given_out(running: House) -> None:
    assert "No number was given out yet" in running.get("m-obs", "/documents").text
    assert given_out(running, "WTPF-IEG/3/40") == 303
    assert given_out(running, "WTPF-IEG/3/40(Rev.1)") == 303
    page = running.get("m-obs", "/documents").text
    assert "Superseded by <bdi>WTPF-IEG/3/40(Rev.1)</bdi>" in page
    assert "Report of the fourth meeting" in page
    wrong: tuple[dict[str, str], ...] = (
        {"number": ""},
        {"number": "x" * 65},
        {"number": "A/1", "title": ""},
        {"number": "A/1", "title": "x" * 301},
        {"number": "A/1", "kind": "volume"},
        {"number": "A/1", "kind": "sg_report", "revision": "99"},
        {"number": "A/1", "kind": "sg_report", "revision": "one"},
    )
    for fields in wrong:
        assert given_out(running, **{"number": "A/1", **fields}) == 422, fields
    assert given_out(running, "A/1") == 303, "what was refused took no number"


def test_dn2_contributions_are_in_the_same_register(running: House) -> None:
    """[DN2]"""
    assert given_out(running, "IEG-WTPF-26-4/9") == 303
    file = ("paper.txt", b"Our proposals.", "text/plain")
    answer = running.post("m-xaa-1", "/contributions/new", {"title": "Proposals"}, files={"file": file})
    page = answer.headers["location"].split("?")[0]
    refused = running.post("m-sec", f"{page}/number", {"number": "IEG-WTPF-26-4/9"})
    assert refused.status_code == 422
    assert "Report of the fourth meeting" in refused.text
    assert running.post("m-sec", f"{page}/number", {"number": "IEG-WTPF-26-4/10"}).status_code == 303
    assert given_out(running, "ieg-wtpf-26-4/10") == 422
    listed = running.get("m-obs", "/documents").text
    assert f'<a href="{page}"><bdi>IEG-WTPF-26-4/10</bdi></a>' in listed


def test_dn2_numbers_given_before_are_brought_along(tmp_path: Path) -> None:
    """[DN2] By the step of the tables."""
    from server.schema import alembic_config

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        config = alembic_config(connection)
        command.upgrade(config, "0020")
        connection.execute(
            sa.text(
                "INSERT INTO contributions (id, number, number_key, status, title, received_at, registered_at) "
                "VALUES ('c-1', 'IEG-WTPF-26-4/5', 'IEG-WTPF-26/4/5', 'registered', 'Old', '2026-01-01', '2026-01-02')"
            )
        )
        command.upgrade(config, "0021")
        row = connection.execute(sa.text("SELECT number, kind, subject FROM document_numbers_given")).one()
        assert tuple(row) == ("IEG-WTPF-26-4/5", "contribution", "c-1")
        command.downgrade(config, "0020")
        assert "document_numbers_given" not in sa.inspect(connection).get_table_names()


def test_dn1_a_chairs_report_has_no_number_of_another_document(running: House) -> None:
    """[DN1]"""
    numbered = ("m-chair", f"/opinions/{OPINION}/report")
    assert given_out(running, "IEG-WTPF-26-4/50", kind="other") == 303
    assert given_out(running, "IEG-WTPF-26-4/51", kind="chairs_report") == 303
    refused = running.post(*numbered, {"format": "docx", "number": "doc. IEG-WTPF-26-4/50-E"})
    assert refused.status_code == 422
    assert "is another document" in refused.text
    for number in ("IEG-WTPF-26-4/51", "IEG-WTPF-26-4/52", ""):
        assert running.post(*numbered, {"format": "docx", "number": number}).status_code == 200
