"""The API that the pages use: its description is OpenAPI, every command is in it, and what is read is as described."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from opinions.commands import COMMANDS, from_json
from opinions.errors import InvalidCommand
from server.api.reading import Reading, Writing
from server.api.readings import READINGS
from server.settings import Settings
from tests.support.stock import OPINION
from tests.support.visitors import House, house


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("web") / "data")) as one:
        yield one


@pytest.fixture(scope="module")
def description(running: House) -> dict[str, Any]:
    answer = running.get(None, "/api/description.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_description_is_openapi_and_tells_everything(description: dict[str, Any]) -> None:
    validate(description)
    told = {(method, path) for path, item in description["paths"].items() for method in item}
    ours = {("get" if isinstance(one, Reading) else "post", one.address) for one in READINGS}
    assert told == ours | {("post", "/api/opinions/{opinion}/commands")}


def test_every_command_is_described_as_it_is_read(description: dict[str, Any]) -> None:
    """What the schema demands, the reader demands; what it does not know, the reader refuses."""
    for act, kind in COMMANDS.items():
        schema = description["components"]["schemas"][kind.__name__]
        assert schema["properties"]["act"] == {"const": act}
        required = set(schema["required"]) - {"act", "key"}
        with pytest.raises(InvalidCommand) if required else pytest.raises(InvalidCommand, match="unknown"):
            from_json({"act": act} if required else {"act": act, "nobody-knows": 1})
        for name in sorted(required):
            with pytest.raises(InvalidCommand):
                from_json({"act": act, **{other: "x" for other in required - {name}}})


def fitting(document: dict[str, Any], one: Reading | Writing, body: Any, status: int) -> list[str]:
    """What of an answer is not as described."""
    method = "get" if isinstance(one, Reading) else "post"
    schema = document["paths"][one.address][method]["responses"][str(status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    checker = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in checker.iter_errors(body)]


OF_AN_OPINION = [
    one for one in READINGS if isinstance(one, Reading) and "{" not in one.address.replace("{opinion}", "")
]


@pytest.mark.parametrize("one", OF_AN_OPINION, ids=lambda one: str(one.path))
def test_what_is_read_is_as_described(running: House, description: dict[str, Any], one: Reading) -> None:
    for who in ("m-xaa-1", "m-sec", "m-chair"):
        answer = running.get(who, one.address.replace("{opinion}", OPINION))
        assert answer.status_code in {200, 403}, answer.text
        if answer.status_code == 200:
            assert fitting(description, one, answer.json(), 200) == []
            break
    else:
        pytest.fail("nobody may read it")
    assert running.get(None, one.address.replace("{opinion}", OPINION)).status_code == 401


def test_what_is_written_names_what_does_not_fit(running: House, description: dict[str, Any]) -> None:
    for one in READINGS:
        if isinstance(one, Writing):
            refuses(running, description, one)


def refuses(running: House, description: dict[str, Any], one: Writing) -> None:
    address = one.address.replace("{opinion}", OPINION)
    for body, status in ((b"{", 400), (json.dumps({"nobody-knows": 1}).encode(), 422)):
        answer = running.post("m-xaa-1", address, content=body, headers={"content-type": "application/json"})
        if answer.status_code in {403, 404}:
            continue
        assert answer.status_code == status, answer.text
        assert fitting(description, one, answer.json(), status) == []
