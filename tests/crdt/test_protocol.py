"""Frames there and back (crdt/SPEC.md, W), and against the vectors the browser reads too."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt import protocol
from crdt.errors import ProtocolError

VECTORS = Path(__file__).parent.parent / "vectors" / "frames.json"
WHOLE = st.integers(0, protocol.MAX_VARUINT)


def client_frame(vector: dict[str, Any]) -> bytes:
    fields = vector["fields"]
    match vector["name"]:
        case "hello":
            return protocol.hello(
                schema=fields["schema"],
                workspace=fields["scope"] == "workspace",
                generation=fields["generation"],
                client=fields["client"],
                state_vector=bytes.fromhex(fields["state_vector"]),
            )
        case "update":
            return protocol.client_update(fields["n"], fields["party"], bytes.fromhex(fields["update"]))
        case "command":
            return protocol.client_command(fields["n"], fields["party"], fields["key"], fields["command"])
        case "presence":
            return protocol.client_presence(fields["paragraph"], fields["offset"])
        case name:
            raise AssertionError(name)


def server_frame(vector: dict[str, Any]) -> bytes:
    fields = vector["fields"]
    match vector["name"]:
        case "welcome":
            return protocol.welcome(fields)
        case "sync":
            return protocol.sync(fields["opinion_seq"], fields["workspace_seq"], bytes.fromhex(fields["update"]))
        case "update":
            updates = [bytes.fromhex(update) for update in fields["updates"]]
            return protocol.update(fields["stream"], fields["seq"], updates)
        case "ack":
            return protocol.ack(fields["n"], fields["stream"], fields["seq"])
        case "refused":
            return protocol.refused(fields["n"], fields["code"], fields["message"])
        case "done":
            return protocol.done(fields["n"], fields["seq"], fields["result"])
        case "room":
            return protocol.room(fields["peers"])
        case "notice":
            return protocol.notice(**fields)
        case name:
            raise AssertionError(name)


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text())["client"], ids=lambda v: v["name"])
def test_a_clients_frames_are_the_vectors(vector: dict[str, Any]) -> None:
    """[W] Our encoder writes the vector's bytes and our decoder reads them."""
    frame = bytes.fromhex(vector["hex"])
    assert client_frame(vector) == frame
    protocol.decode(frame)


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text())["server"], ids=lambda v: v["name"])
def test_the_servers_frames_are_the_vectors(vector: dict[str, Any]) -> None:
    """[W] What the server sends is what the browser's vectors say."""
    assert server_frame(vector) == bytes.fromhex(vector["hex"])


@given(WHOLE)
def test_a_whole_number_comes_back(value: int) -> None:
    reader = protocol.Reader(protocol.varuint(value))
    assert reader.varuint() == value
    reader.end()


@given(n=WHOLE, party=st.text(max_size=9), update=st.binary(max_size=300))
def test_an_update_comes_back(n: int, party: str, update: bytes) -> None:
    """[W4]"""
    assert protocol.decode(protocol.client_update(n, party, update)) == protocol.UpdateMessage(n, party, update)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_protocol_errors(data: bytes) -> None:
    with suppress(ProtocolError):
        assert protocol.decode(data) is not None


@given(
    frame=st.sampled_from([bytes.fromhex(v["hex"]) for v in json.loads(VECTORS.read_text())["client"]]), data=st.data()
)
def test_a_cut_or_lengthened_frame_is_refused(frame: bytes, data: st.DataObject) -> None:
    """Every proper prefix of a frame, and the frame with a byte too many, is a protocol error."""
    cut = data.draw(st.integers(0, len(frame) - 1))
    for broken in (frame[:cut], frame + b"\0"):
        with pytest.raises(ProtocolError):
            protocol.decode(broken)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"schema": "1", "scope": "opinion", "generation": 0},
        {"schema": 1, "scope": "elsewhere", "generation": 0},
        {"schema": 1, "scope": "opinion", "generation": -1},
        {"schema": 1, "scope": "opinion", "generation": True},
        {"schema": 1, "scope": "opinion", "generation": 0, "client": 2**53},
        [],
    ],
)
def test_w1_hello_with_wrong_fields_is_refused(fields: object) -> None:
    body = protocol.varstring(json.dumps(fields)) + protocol.varbytes(b"\0")
    with pytest.raises(ProtocolError):
        protocol.decode(protocol.varuint(protocol.ClientFrame.HELLO) + body)


def test_a_frame_past_the_limit_is_refused() -> None:
    with pytest.raises(ProtocolError, match="262144"):
        protocol.decode(bytes(protocol.MAX_FRAME + 1))


@pytest.mark.parametrize("key", [None, "", "short", "x" * 65, 7])
def test_w7_a_command_without_a_fit_key_is_refused(key: object) -> None:
    body = protocol.varuint(1) + protocol.varstring("KEN") + protocol.varstring(json.dumps({"act": "x", "key": key}))
    with pytest.raises(ProtocolError, match="key"):
        protocol.decode(protocol.varuint(protocol.ClientFrame.COMMAND) + body)


def test_deeply_nested_json_is_refused() -> None:
    body = protocol.varuint(1) + protocol.varstring("") + protocol.varstring('{"a":' + "[" * 30_000)
    with pytest.raises(ProtocolError):
        protocol.decode(protocol.varuint(protocol.ClientFrame.COMMAND) + body)


@pytest.mark.parametrize("field", ["key", "label"])
def test_json_that_spells_half_a_character_is_refused(field: str) -> None:
    """It could be neither hashed nor stored, and would take the room down with it."""
    fields = json.dumps({"act": "freeze", "key": "k-eighteen", "label": "x", field: "half \ud800 a character"})
    body = protocol.varuint(1) + protocol.varstring("KEN") + protocol.varstring(fields)
    with pytest.raises(ProtocolError, match="surrogate"):
        protocol.decode(protocol.varuint(protocol.ClientFrame.COMMAND) + body)
