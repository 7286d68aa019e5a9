"""`unbracket verify`: checks version files, volumes and folders of them, without a network and without a database.

Written apart from the stand-alone verifier (`server/static/unbracket_verify.py`) and the browser's: the three share no
line, and are held to the same vectors (tests/vectors/verification.json). The rules are server/SPEC.md, VF.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crdt.log import GENESIS
from opinions.canonical import short_fingerprint
from server.verification import shapes
from server.verification.findings import Report
from server.verification.proof import pieces, spelled
from server.verification.shapes import Malformed

LINK = 3 * 64
"""Digits of one link of a chain."""


@dataclass(slots=True)
class Pool:
    """What the files of one run know together: texts by digest, the record of each version, and the keys."""

    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    pins: frozenset[str] = frozenset()
    complete: bool = False


def verify_version(name: str, data: bytes, pool: Pool) -> Report:
    """Check one version file (VF5). `pool` must have been given the texts of all files first (`take_texts`)."""
    report = Report(name)
    try:
        file = shapes.version_file(parsed(data))
    except Malformed as error:
        report.differs("file", str(error))
        return report
    if spelled(file) != data:
        report.differs("file", f"Its bytes are not in the one spelling of a file{_first_odd(spelled(file), data)}.")
    keys = _keys(report, file, pool)
    signed = [(f"previous[{index}]", one) for index, one in enumerate(file["previous"])]
    facts = [_statement(report, place, one, keys) for place, one in [*signed, ("version", file["version"])]]
    known = [one for one in facts if one is not None]
    if len(known) == len(facts) and _follow(report, known, [*signed, ("version", file["version"])], pool):
        _texts(report, file["texts"], known[-1], pool)
        _chain(report, file["chain"], known[-1], known[-2] if len(known) > 1 else None)
    if file["volume"] is None:
        report.skipped.append("The volume it is published in is not named in this file.")
    else:
        volume = _statement(report, "volume", file["volume"], keys)
        if volume is not None:
            told = file["version"]["record_hash"]
            if told in shapes.hashes_in(volume):
                report.checked.append("The record of its volume is signed and names this version.")
            else:
                report.differs("volume.record", "The record of the volume does not name this version.")
    if pool.complete:
        for line in report.skipped:
            report.differs("file", f"Not complete. {line}")
    return report


def parsed(data: bytes) -> Any:
    """The JSON of a file. Raises `Malformed`."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"It is not JSON in UTF-8 ({error}).") from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def take_texts(data: bytes, pool: Pool) -> None:
    """Keep the texts of a version file by their digests, for comparing."""
    try:
        file = shapes.version_file(parsed(data))
    except Malformed:
        return
    for held in file["texts"].values():
        if held is not None:
            pool.texts[_sha(held["text"])] = held["text"]


def _sha(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _first_odd(wanted: bytes, found: bytes) -> str:
    at = next((at for at, (one, two) in enumerate(zip(wanted, found, strict=False)) if one != two), -1)
    at = min(len(wanted), len(found)) if at < 0 else at
    return f" (byte {at + 1} of {len(found)})"


def _signers(file: Mapping[str, Any]) -> set[str]:
    return {one["key"] for one in (*file["previous"], file["version"], file["volume"]) if one is not None}


def _keys(report: Report, file: Mapping[str, Any], pool: Pool) -> Mapping[str, bytes]:
    """The keys of a file: each with the id that its bytes give, each in the line that the first one begins; where the
    reader named keys, what is signed must be by one of them, or by one that took over from it.
    """
    told, rotations, used = file["keys"], file["rotations"], _signers(file)
    keys: dict[str, bytes] = {}
    for index, one in enumerate(told):
        public = bytes.fromhex(one["public_key"])
        if sha256(public).hexdigest()[:16] != one["id"]:
            report.differs(f"keys[{index}]", f"The key {one['id']} has another id by its own bytes.")
        elif one["id"] in keys:
            report.differs(f"keys[{index}]", f"The key {one['id']} is listed twice.")
        keys[one["id"]] = public
    vouched = {one["id"] for one in told[:1]}
    trusted = {key for key, public in keys.items() if key in pool.pins or public.hex() in pool.pins}
    breaks = []
    for index, one in enumerate(rotations):
        place = f"rotations[{index}]"
        facts = _statement(report, place, one, keys)
        if facts is None:
            continue
        try:
            handed = shapes.rotation(facts)
        except Malformed as error:
            report.differs(f"{place}.record", str(error))
            continue
        # In order: two keys that hand over to each other vouch for nothing.
        sound = one["key"] == handed.signer and handed.old in vouched and handed.new not in vouched
        if not sound or keys.get(handed.new) != bytes.fromhex(handed.public_key):
            report.differs(f"{place}.record", f"It does not hand over from {handed.old} to a key of this file.")
            continue
        vouched.add(handed.new)
        if handed.brought and handed.new not in trusted:
            breaks.append(
                f"{place}: on {handed.at[:10]} the process was brought to another server, whose key {handed.new} no "
                "key before vouches for. Compare it with one that you know from elsewhere, and name it."
            )
        elif not handed.brought and handed.old in trusted:
            trusted.add(handed.new)
    report.skipped += breaks
    for index, one in enumerate(told):
        if one["id"] not in vouched:
            report.differs(f"keys[{index}]", f"No earlier key signed that {one['id']} takes over.")
        if not index and one["id"] not in used and not any(one["id"] == rotation["key"] for rotation in rotations):
            report.differs(f"keys[{index}]", f"The key {one['id']} signs nothing in this file.")
    for key, public in keys.items():
        if (not pool.pins or key in trusted) and pool.keys.setdefault(key, public) != public:
            report.differs("keys", f"Another file has other bytes for the key {key}.")
    # The volume names the version: whose signature is on it answers for that, too.
    answering = [one["key"] for one in (file["version"], file["volume"]) if one is not None]
    if pool.pins and not trusted.intersection(answering):
        report.differs(
            "keys", f"It is signed by {answering[0]}: not by a key that you named, nor by one that took over from it."
        )
    elif pool.pins and not report.findings:
        report.checked.append("It is signed by the key that you named, or by one that took over from it.")
    return keys


def _statement(report: Report, place: str, one: Mapping[str, str], keys: Mapping[str, bytes]) -> dict[str, Any] | None:
    """Hash, key, signature and spelling of a signed record; its facts, None when it cannot be read."""
    before = len(report.findings)
    record = one["record"].encode("utf-8", "surrogatepass")
    if sha256(record).hexdigest() != one["record_hash"]:
        report.differs(f"{place}.record_hash", f"The hash of the record is {sha256(record).hexdigest()}, not this.")
    public = keys.get(one["key"])
    if public is None:
        report.differs(f"{place}.key", f"The key {one['key']} is not in this file.")
    elif not signed(public, bytes.fromhex(one["signature"]), record):
        report.differs(f"{place}.signature", f"The signature is not one by the key {one['key']} over this record.")
    try:
        facts = shapes.record(parsed(record))
    except Malformed as error:
        report.differs(f"{place}.record", str(error))
        return None
    if spelled(facts)[:-1] != record:
        report.differs(f"{place}.record", "The record is not in its one spelling.")
    if len(report.findings) == before and not place.startswith("previous"):
        report.checked.append(f"{place}: record, hash and signature by the key {one['key']}.")
    return facts


def signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature over a message is by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _follow(
    report: Report,
    known: Sequence[dict[str, Any]],
    signed_records: Sequence[tuple[str, Mapping[str, str]]],
    pool: Pool,
) -> bool:
    """That records are those of one Opinion's versions, from the first on, each naming the one before (VF5); whether
    all have the shape of such a record.
    """
    before, previous, last, whole = len(report.findings), "", 0, True
    for index, (one, (place, statement)) in enumerate(zip(known, signed_records, strict=True)):
        try:
            shapes.version_record(one)
        except Malformed as error:
            report.differs(f"{place}.record", str(error))
            whole = False
            continue
        if one["opinion"] != known[0].get("opinion"):
            report.differs(f"{place}.record", f"It is of {one['opinion']}, not of {known[0].get('opinion')}.")
        if one["number"] != index + 1:
            report.differs(f"{place}.record", f"It is of version {one['number']}; version {index + 1} belongs here.")
        if one["previous"] != previous:
            report.differs(f"{place}.record", "It names another version before it than the one that is in this file.")
        if one["seq"] < last:
            report.differs(f"{place}.record", f"It is of entry {one['seq']}, before that of the version before it.")
        if one.get("key", statement["key"]) != statement["key"]:
            report.differs(f"{place}.key", f"The record says that {one['key']} signed it.")
        previous, last = statement["record_hash"], one["seq"]
        held = pool.versions.setdefault((one["opinion"], one["number"]), statement["record_hash"])
        if held != statement["record_hash"]:
            report.differs(f"{place}.record", f"Another file has another record of version {one['number']}.")
    if len(report.findings) == before:
        count = len(known) - 1
        report.checked.append(f"previous: {count} records of versions before it, signed, each named by the next one.")
    return whole


def _texts(report: Report, held: Mapping[str, Any], facts: Mapping[str, Any], pool: Pool) -> None:
    wanted = facts.get("texts", {"canonical": facts["fingerprint"]})
    if wanted["canonical"] != facts["fingerprint"]:
        report.differs("version.record", "Its fingerprint is not that of its canonical text.")
    for name in sorted(wanted.keys() ^ held.keys()):
        report.differs(f"texts.{name}", "The record and the file do not name the same texts.")
    for name in sorted(wanted.keys() & held.keys()):
        one, digest = held[name], wanted[name]
        place = f"texts.{name}"
        text = pool.texts.get(digest) if one is None else one["text"]
        if text is None:
            report.skipped.append(f"{place}: the text is not given; its digest is {digest}.")
        elif _sha(text) != digest:
            report.differs(place, _where_text_differs(name, text, one["pieces"], pool.texts.get(digest)))
        elif one is not None and pieces(name, text) != one["pieces"]:
            report.differs(f"{place}.pieces", "The digits of its pieces are not those of its text.")
        else:
            report.checked.append(f"{place}: {len(text)} characters, {short_fingerprint(digest)}.")


def _where_text_differs(name: str, text: str, marks: Sequence[str], true: str | None) -> str:
    told = "It is not the text that was signed"
    if true is not None:
        at = next((at for at, (one, two) in enumerate(zip(true, text, strict=False)) if one != two), None)
        at = min(len(true), len(text)) if at is None else at
        line = true.count("\n", 0, at) + 1
        return (
            f"{told}: from character {at + 1} (line {line}) it has {text[at : at + 30]!r} where another file, which is "
            f"right, has {true[at : at + 30]!r}."
        )
    found = pieces(name, text)
    odd = [index for index, (one, two) in enumerate(zip(found, marks, strict=False)) if one != two]
    if len(found) != len(marks):
        told += f": it has {len(found)} pieces instead of {len(marks)}"
    if not odd:
        return f"{told}; which piece was changed cannot be told."
    parts = text.split("},{") if name == "canonical" else text.split("\n")
    start = sum(len(part) + (3 if name == "canonical" else 1) for part in parts[: odd[0]])
    end = start + len(parts[odd[0]])
    return f"{told}: piece {odd[0] + 1} (characters {start + 1} to {end}) differs, {parts[odd[0]][:60]!r}."


def _chain(report: Report, chain: Mapping[str, Any] | None, own: Mapping[str, Any], before: Any) -> None:
    if chain is None:
        report.skipped.append(f"chain: the log's entries are not given; its head is {own['head']}.")
        return
    after = before["seq"] if before else 0
    head = before["head"] if before else GENESIS.hex()
    if (chain["after"], chain["head"]) != (after, head):
        report.differs("chain", f"It does not begin at entry {after}, where the version before it ended.")
        return
    previous = bytes.fromhex(head)
    for index, link in enumerate(chain["links"]):
        told, own_hash = bytes.fromhex(link[:128]), bytes.fromhex(link[128:])
        previous = sha256(previous + told).digest()
        if previous != own_hash:
            report.differs(f"chain.links[{index}]", f"Entry {after + index + 1} does not follow the one before it.")
            return
    if after + len(chain["links"]) != own["seq"] or previous.hex() != own["head"]:
        report.differs(
            "chain", f"It ends at entry {after + len(chain['links'])}; the record says {own['seq']}, or another hash."
        )
        return
    report.checked.append(f"chain: {len(chain['links'])} entries of the log, each one bound to the one before.")
