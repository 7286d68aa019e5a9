"""N6: who does not hold the cluster's key gets no answer and no place on a link; who does is known on both sides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server.errors import LinkBroken
from server.links.handshake import LinkListener, LinkRefused, call, link_secret
from server.links.messages import Kind, message, numbered
from server.links.stream import End, Link
from server.signing import load_key
from tests.support.waiting import until, within

SECRET = b"s" * 32


@dataclass
class Ear:
    """An end that notes what it hears."""

    heard: list[tuple[Kind, bytes]] = field(default_factory=list)
    is_lost: bool = False
    link: Link | None = None
    refuses: bool = False

    def received(self, kind: Kind, body: bytes) -> None:
        if self.refuses:
            raise LinkBroken("Not that.")
        self.heard.append((kind, body))

    def congested(self, is_congested: bool) -> None:
        raise AssertionError("nothing here is large")

    def lost(self) -> None:
        self.is_lost = True


@dataclass
class House:
    """A listener, and the ends it gave to those it let in."""

    address: str
    listener: LinkListener
    guests: dict[str, Ear] = field(default_factory=dict)


@asynccontextmanager
async def listening(secret: bytes = SECRET, node: str = "n-b") -> AsyncIterator[House]:
    """A node that can be called."""
    guests: dict[str, Ear] = {}

    def welcomed(link: Link, name: str) -> End:
        guests[name] = Ear(link=link)
        return guests[name]

    listener = LinkListener(secret, node, welcomed)
    port = await listener.listen("127.0.0.1", 0)
    try:
        yield House(f"127.0.0.1:{port}", listener, guests)
    finally:
        listener.close()
        for guest in guests.values():
            assert guest.link is not None
            guest.link.drop()


async def test_n6_two_nodes_with_the_key_speak_and_know_each_other() -> None:
    async with listening() as house:
        ear = Ear()
        link = await call(SECRET, "n-a", "n-b", house.address, ear)
        link.send(message(Kind.PING), numbered(Kind.FRAME, 7, b"x" * 300_000))
        await until(lambda: len(house.guests["n-a"].heard) == 2, "both messages")
        guest = house.guests["n-a"]
        assert guest.heard[1][1][8:] == b"x" * 300_000
        assert guest.link is not None
        guest.link.send(message(Kind.STOPPED))
        await until(lambda: ear.heard == [(Kind.STOPPED, b"")], "the answer")
        link.close()
        await until(lambda: guest.is_lost and ear.is_lost, "both ends to know")
        assert not house.listener.strangers


@pytest.mark.parametrize(
    ("secret", "spoken_to"),
    [(b"t" * 32, "n-b"), (SECRET, "n-c")],
    ids=["another key", "another node at this address"],
)
async def test_n6_without_the_key_or_for_another_node_there_is_no_link(secret: bytes, spoken_to: str) -> None:
    async with listening() as house:
        with pytest.raises(LinkRefused):
            await call(secret, "n-a", spoken_to, house.address, Ear())
        assert house.guests == {}


async def test_nobody_there_is_refused_with_the_address() -> None:
    async with listening() as house:
        house.listener.close()
        with pytest.raises(LinkRefused, match=house.address):
            await call(SECRET, "n-a", "n-b", house.address, Ear())
    with pytest.raises(LinkRefused):
        await call(SECRET, "n-a", "n-b", "no address", Ear())


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0\0\1" + bytes([Kind.JOIN]),
        b"\0\0\0\1" + bytes([Kind.PROOF]),
        b"\0\0\0\1\xff",
        b"\0\0\0\0",
        b"\0\0\xff\xff",
    ],
    ids=["http", "join", "proof", "unknown", "nothing", "too long"],
)
async def test_n6_a_stranger_who_says_anything_else_is_cut(sent: bytes) -> None:
    async with listening() as house:
        host, _, port = house.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        async with asyncio.timeout(within(5)):
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(1)
        writer.close()
        assert house.guests == {}


async def test_n6_a_proof_serves_nobody_a_second_time() -> None:
    """What one caller said, said again by somebody who only listened."""
    async with listening() as house:
        host, _, port = house.address.rpartition(":")
        said = bytearray()

        async def overhear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner_reader, inner_writer = await asyncio.open_connection(host, int(port))

            async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, keep: bool) -> None:
                while data := await source.read(4096):
                    if keep:
                        said.extend(data)
                    target.write(data)
                target.close()
                await target.wait_closed()

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(pass_on(reader, inner_writer, True))
                tasks.create_task(pass_on(inner_reader, writer, False))
            over.set()

        over = asyncio.Event()
        server = await asyncio.start_server(overhear, "127.0.0.1", 0)
        wire = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        link = await call(SECRET, "n-a", "n-b", wire, Ear())
        assert list(house.guests) == ["n-a"]
        house.guests.clear()
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(bytes(said))
        async with asyncio.timeout(within(5)):
            # The challenge of this call comes, and then the end: the proof was made for another one.
            await reader.read()
        assert house.guests == {}
        writer.close()
        link.close()
        await over.wait()
        server.close()


async def test_what_does_not_fit_drops_the_link_alone() -> None:
    async with listening() as house:
        ear, other = Ear(), Ear()
        link = await call(SECRET, "n-a", "n-b", house.address, ear)
        second = await call(SECRET, "n-c", "n-b", house.address, other)
        house.guests["n-a"].refuses = True
        link.send(message(Kind.PING))
        await until(lambda: ear.is_lost, "the link to be dropped")
        second.send(message(Kind.PING))
        await until(lambda: house.guests["n-c"].heard, "the other link to work")
        second.drop()


def test_the_secret_follows_from_the_signing_key(tmp_path: Path) -> None:
    one, again = load_key(tmp_path / "one"), load_key(tmp_path / "one")
    another = load_key(tmp_path / "another")
    assert link_secret(one) == link_secret(again)
    assert link_secret(one) != link_secret(another)
    assert len(link_secret(one)) == 32
