"""Settings: read once, unknown names refused, each one told of."""

from pathlib import Path

import pytest

from server.errors import SettingsError
from server.settings import Settings, described, read_settings


def test_variables_fill_the_settings_and_options_go_before_them() -> None:
    environ = {
        "UNBRACKET_PORT": "9000",
        "UNBRACKET_DATA_DIR": "/tmp/here",
        "UNBRACKET_ORIGINS": "https://a.org, https://B.org/",
    }
    settings = read_settings(environ, port=9001, host=None)
    assert (settings.port, settings.data_dir, settings.host) == (9001, Path("/tmp/here"), "127.0.0.1")
    assert settings.allowed_origins == {"https://a.org", "https://b.org"}


@pytest.mark.parametrize(
    ("name", "near"), [("UNBRACKET_DTA_DIR", "UNBRACKET_DATA_DIR"), ("UNBRACKET_SECRETFILE", "UNBRACKET_SECRET_FILE")]
)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(name: str, near: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not a setting. Did you mean {near}"):
        read_settings({name: "x"})


def test_names_of_the_test_suite_and_of_others_are_none_of_ours() -> None:
    assert read_settings({"UNBRACKET_TEST_BROWSER": "/usr/bin/chromium", "HOME": "/root"}) == Settings()


@pytest.mark.parametrize(
    "pair",
    [
        ("UNBRACKET_PORT", "80000"),
        ("UNBRACKET_PORT", "http"),
        ("UNBRACKET_IDLE_SECONDS", "-1"),
        ("UNBRACKET_IDLE_SECONDS", "nan"),
        ("UNBRACKET_ORIGINS", "example.org"),
        ("UNBRACKET_LOG_FORMAT", "xml"),
        ("UNBRACKET_DATA_DIR", ""),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(pair: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match=pair[0]):
        read_settings(dict([pair]))


def test_every_setting_is_described_with_its_default() -> None:
    told = {one.name: one for one in described(Settings())}
    assert told["UNBRACKET_IDLE_SECONDS"].default == "300.0"
    assert all(one.meaning.endswith(".") and one.name.startswith("UNBRACKET_") for one in told.values())
    assert told["UNBRACKET_PORT"].value == told["UNBRACKET_PORT"].default == "8000"


def test_no_password_is_shown() -> None:
    url = "postgresql://app:hush@hush@db.example.org:5432/unbracket"
    settings = Settings(database_url=url, redis_url="redis://:hush@cache:6379/0")
    told = {one.name: one.value for one in described(settings)}
    assert told["UNBRACKET_DATABASE_URL"] == "postgresql://app:***@db.example.org:5432/unbracket"
    assert told["UNBRACKET_REDIS_URL"] == "redis://:***@cache:6379/0"
    assert "hush" not in repr(settings)
