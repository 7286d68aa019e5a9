"""Version files as a server would make them, of an invented Opinion with three versions, two keys and a volume, without
a server: the same bytes every time, so that vectors can be written from them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crdt.log import GENESIS, Entry, EntryKind, chained
from crdt.protocol import compact
from crdt.versions import Act, Seal, freeze
from opinions.published_text import digests, published_texts
from opinions.record import Document, ParagraphState
from opinions.version_kinds import VersionKind
from server.verification.proof import Proof, Signed, spelled
from tests.support.builders import amendment, document, ins, item, struck, title, verb

OPINION = "o-vectors"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key of the tests, made from a word."""

    private: Ed25519PrivateKey
    public: bytes
    id: str

    def sign(self, message: bytes) -> bytes:
        """The signature."""
        return self.private.sign(message)

    def signed(self, record: str) -> Signed:
        """A record signed by it."""
        return Signed(record, self.sign(record.encode()), self.id)


def key(word: str) -> Key:
    """The key that a word makes."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(word.encode()).digest())
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Key(private, public, sha256(public).hexdigest()[:16])


FIRST, SECOND, STRANGER = key("first"), key("second"), key("stranger")


def texts() -> tuple[Document, Document, Document]:
    """The text at the three versions: two words open, one of them agreed, all agreed."""
    rest = (verb("p-02", "recognizing"), item("p-04", "that 電信聯盟 and السلام “stay” as they are,"))
    begun = document(
        title("p-01", "Opinion 1: Bridging"),
        rest[0],
        item("p-03", "that ", ins("a-01", "all "), struck("a-02", "some "), "Members"),
        rest[1],
        amendments=[amendment("a-01", "XAA"), amendment("a-02", "XAB", reason="“some” is\nenough")],
    )
    nearer = document(
        title("p-01", "Opinion 1: Bridging"),
        rest[0],
        item("p-03", "that all ", struck("a-02", "some "), "Members"),
        rest[1],
        amendments=[amendment("a-02", "XAB")],
    )
    done = document(
        title("p-01", "Opinion 1: Bridging"),
        rest[0],
        item("p-03", "that all Members"),
        rest[1],
        states=dict.fromkeys(("p-01", "p-02", "p-03", "p-04"), ParagraphState.AGREED_AD_REFERENDUM),
    )
    return begun, nearer, done


def entries(count: int) -> tuple[Entry, ...]:
    """A log of so many entries, chained."""
    made, previous = [], GENESIS
    for seq in range(1, count + 1):
        entry = Entry(seq, EntryKind.UPDATE, NOON + timedelta(seconds=seq), (bytes([seq]) * 9,), 7, seq, member="m-1")
        made.append(chained(OPINION, entry, previous))
        previous = made[-1].hash
    return tuple(made)


def proofs() -> tuple[Proof, Proof, Proof]:
    """The three version files: the first of format 1, the third signed by the second key and published in a volume."""
    log = entries(9)
    begun, nearer, done = texts()
    ends = (3, 5, 9)
    old = freeze(
        OPINION,
        1,
        Act("First draft", "IEG-1", "", "Rosa Chair", "Sam Desk", NOON),
        begun,
        3,
        log[2].hash,
        "",
        b"",
        FIRST.sign,
    )
    facts = json.loads(old.record)
    for name in ("format", "document", "kind", "texts", "attribution", "cut", "build", "key"):
        del facts[name]
    signed = [FIRST.signed(compact(facts))]
    for number, text, end, by in ((2, nearer, 5, FIRST), (3, done, 9, SECOND)):
        act = Act(f"Draft {number}", f"IEG-{number}", "", "Rosa Chair", "Sam Desk", NOON, VersionKind.DRAFT, "c-1")
        before = sha256(signed[-1].record.encode()).hexdigest()
        seal = Seal(by.id, "1.0.0")
        made = freeze(OPINION, number, act, text, end, log[end - 1].hash, before, b"", by.sign, seal)
        signed.append(Signed(made.record, made.signature, by.id))
    volume = compact(
        {
            "annexed": [
                {"opinion": OPINION, "record_hash": sha256(signed[2].record.encode()).hexdigest(), "version": 3}
            ],
            "format": 1,
            "kind": "volume",
            "number": 1,
        }
    )
    heads = (GENESIS, log[2].hash, log[4].hash)
    made_of = (begun, nearer, done)
    keys = [(FIRST.id, FIRST.public), (SECOND.id, SECOND.public)]
    built = []
    for index in range(3):
        shown = published_texts(made_of[index])
        built.append(
            Proof(
                version=signed[index],
                previous=signed[:index],
                keys=keys if index == 2 else keys[:1],
                rotations=[FIRST.signed(rotation())] if index == 2 else [],
                texts={"canonical": shown["canonical"]} if index == 0 else dict(shown),
                document=OPINION,
                after=(ends[index - 1] if index else 0, heads[index].hex()),
                entries=log[ends[index - 1] if index else 0 : ends[index]],
                volume=SECOND.signed(volume) if index == 2 else None,
            )
        )
    assert digests(published_texts(done)) == json.loads(signed[2].record)["texts"]
    return built[0], built[1], built[2]


def with_a_mark() -> Proof:
    """A version whose text has a replacement character, as a text has that was once read in another encoding."""
    log = entries(3)
    text = document(title("p-01", "Opinion 1: Bridg\ufffding"))
    act = Act("First draft", "IEG-1", "", "Rosa Chair", "Sam Desk", NOON)
    made = freeze(OPINION, 1, act, text, 3, log[2].hash, "", b"", FIRST.sign, Seal(FIRST.id, "1.0.0"))
    shown = published_texts(text)
    keys, begin = [(FIRST.id, FIRST.public)], (0, GENESIS.hex())
    return Proof(Signed(made.record, made.signature, FIRST.id), [], keys, [], dict(shown), OPINION, begin, log)


def rotation(new: Key = SECOND, old: Key = FIRST, kind: str = "rotation") -> str:
    """The record by which a key hands over to another; of the kind `brought`, takes over on another server."""
    told = {"at": NOON.isoformat(), "format": 1, "kind": kind, "new": new.id, "old": old.id}
    return compact({**told, "public_key": new.public.hex()})


def withheld(proof: Proof) -> Proof:
    """The same for who may see no names of delegations."""
    shown = {name: text if name == "clean" or name.endswith("-unnamed") else None for name, text in proof.texts.items()}
    return replace(proof, texts=shown, entries=None)


def mirrored(proofs: tuple[Proof, ...], by: Key = SECOND) -> dict[str, bytes]:
    """A mirror of version files: records and keys, open texts by their digests, and a signed manifest."""
    files: dict[str, bytes] = {}
    for number, proof in enumerate(proofs, 1):
        bare = replace(proof, texts=dict.fromkeys(proof.texts), entries=None, volume=None)
        files[f"opinions/{OPINION}/version-{number}.json"] = bare.to_bytes()
        for text in withheld(proof).texts.values():
            if text is not None:
                files[f"texts/{sha256(text.encode()).hexdigest()}.txt"] = text.encode()
    return {**files, **sealed(files, by)}


def sealed(files: Mapping[str, bytes], by: Key) -> dict[str, bytes]:
    """The manifest of some files, signed."""
    told: dict[str, Any] = {name: sha256(data).hexdigest() for name, data in files.items()}
    manifest = spelled({"files": told, "format": "unbracket-mirror/1", "key": by.id})
    return {"manifest.json": manifest, "manifest.sig": by.sign(manifest).hex().encode() + b"\n"}
