#!/usr/bin/env python3
"""Checks published versions of an Opinion without the server that published them, and without a network.

    pip install cryptography
    python unbracket_verify.py FILE... [--key KEY] [--complete]

FILE is a version file (.json), a bundle (.zip) or a folder of a mirror. KEY is a signing key that you know from
elsewhere, for instance from a letter (its id or its public key); without it compare the id of the key that is printed.
--complete takes whatever a file leaves out for a difference.
Exit code 0: all agrees; 4: something differs; 1: a file cannot be read; 2: wrong usage. Rules: server/SPEC.md, VF.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Facts = dict[str, Any]
Result = tuple[str, list[str], list[str], list[tuple[str, str]]]
SIGNED: Facts = {"key": "16", "record": "text", "record_hash": "64", "signature": "128"}
RECORD_1: Facts = dict.fromkeys("frozen_at frozen_by label milestone note opinion previous recorded_by".split(), "text")
RECORD_1 |= {"fingerprint": "64", "head": "64", "number": "number", "seq": "number"}
RECORD_2 = RECORD_1 | dict.fromkeys(["build", "cut", "document", "kind"], "text") | {"attribution": "64"}
RECORD_2 |= {"format": "number", "key": "16", "texts": {"*": "64"}}
FILE: Facts = {"format": "text", "keys": [{"id": "16", "public_key": "64"}], "version": SIGNED}
FILE |= {"chain": ({"after": "number", "head": "64", "links": ["192"]}, None), "previous": [SIGNED]}
FILE |= {"rotations": [SIGNED], "texts": {"*": ({"pieces": ["8"], "text": "text"}, None)}, "volume": (SIGNED, None)}
NAME, LIST, SEAL, MOST = b'"format":"unbracket-version/1"', "manifest.json", "manifest.sig", 1 << 30


def digest(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")).hexdigest()


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def load(data: bytes, shape: Any, what: str) -> Any:
    """The JSON in some bytes, of a shape. Raises `ValueError`."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} is not JSON in UTF-8: {error}") from None
    fits(value, shape, what)
    return value


def fits(value: Any, shape: Any, at: str) -> None:
    """Raises `ValueError` unless a value has a shape: fields, a list of one shape, a word, or (a shape, or nothing)."""
    if isinstance(shape, tuple):
        if value is not None and shape:
            fits(value, shape[0], at)
    elif isinstance(shape, dict | list) and not isinstance(value, type(shape)):
        raise ValueError(f"{at} is not {'an object' if isinstance(shape, dict) else 'a list'}")
    elif isinstance(shape, dict):
        if odd := set() if "*" in shape else set(value) ^ set(shape):
            raise ValueError(f"{at}: fields that are missing, or too many: {', '.join(sorted(odd))}")
        for name, inner in value.items():
            fits(inner, shape.get(name, shape.get("*")), f"{at}.{name}")
    elif isinstance(shape, list):
        for index, inner in enumerate(value):
            fits(inner, shape[0], f"{at}[{index}]")
    elif not (type(value) is int and value >= 0 if shape == "number" else isinstance(value, str)):
        raise ValueError(f"{at} is not a {'whole number' if shape == 'number' else 'string'}")
    elif shape not in ("text", "number") and not re.fullmatch(f"[0-9a-f]{{{shape}}}", value):
        raise ValueError(f"{at} is not {shape} hexadecimal digits")


class Run:
    """One run: what all files have told so far; of the one at hand, what is good, left out of it, and wrong."""

    def __init__(self, pins: list[str], complete: bool) -> None:
        self.pins, self.complete = set(pins), complete
        self.texts, self.keys, self.records = dict[str, str](), dict[str, str](), dict[tuple[str, int], str]()
        self.good, self.left, self.bad = list[str](), list[str](), list[tuple[str, str]]()

    def must(self, right: bool, where: str, what: str) -> bool:
        self.bad += [] if right else [(where, what)]
        return right

    def version(self, data: bytes) -> None:
        """Check the bytes of one version file."""
        try:
            file = load(data, FILE, "the file")
        except ValueError as error:
            self.bad.append(("file", str(error)))
            return
        self.must(canonical(file) + b"\n" == data, "file", "it is not canonical JSON with a line feed at the end")
        self.must(file["format"] == "unbracket-version/1", "file", f"the format {file['format']} is not known")
        keys = self.read_keys(file)
        rows = [*((f"previous[{at}]", one) for at, one in enumerate(file["previous"])), ("version", file["version"])]
        known = [record for at, one in rows if (record := self.statement(at, one, keys)) is not None]
        if len(known) == len(rows) and self.sequence(rows, known):
            self.published(file["texts"], known[-1])
            self.log(file["chain"], known[-1], known[-2] if len(known) > 1 else {"seq": 0, "head": "0" * 64})
        if file["volume"] is None:
            self.left.append("volume: the volume that it is published in is not named here")
        else:
            self.statement("volume", file["volume"], keys, f'"{file["version"]["record_hash"]}"')
        self.bad += [("file", f"not complete: {line}") for line in self.left if self.complete]

    def read_keys(self, file: Facts) -> dict[str, str]:
        keys = {one["id"]: one["public_key"] for one in file["keys"]}
        heirs = {one["id"] for one in file["keys"][:1]}
        trusted = {key for key, public in keys.items() if self.pins & {key, public}}
        for index, one in enumerate(file["rotations"]):
            record = self.statement(at := f"rotations[{index}]", one, keys) or {}
            old, new, brought = str(record.get("old")), str(record.get("new")), record.get("kind") == "brought"
            handed = keys.get(new, "") == record.get("public_key") and new not in heirs and old in heirs
            right = handed and one["key"] == (new if brought else old) and isinstance(record.get("at"), str)
            if self.must(right, f"{at}.record", "it does not hand over from one key of this file to another"):
                heirs.add(new)
                trusted |= {new} if old in trusted and not brought else set()
                told = f"{at}: brought to another server on {record['at'][:10]}; no key before vouches for {new}: ask"
                self.left += [told] if brought and new not in trusted else []
        signed = [*file["previous"], *file["rotations"], file["version"], file["volume"] or file["version"]]
        signers, ids = {one["key"] for one in signed}, [one["id"] for one in file["keys"]]
        for index, (key, public) in enumerate((one["id"], one["public_key"]) for one in file["keys"]):
            right = digest(bytes.fromhex(public))[:16] == key and key not in ids[:index] and key in heirs
            right = right and (index > 0 or key in signers)
            self.must(right, f"keys[{index}]", "not of its id, signs nothing here, or took over from no other key")
        right = not trusted.isdisjoint((file["version"]["key"], (file["volume"] or file["version"])["key"]))
        self.must(right or not self.pins, "keys", "signed by no key that you named, nor by one that took over from it")
        self.keys |= {key: keys[key] for key in (trusted if self.pins else keys)}
        return keys

    def statement(self, at: str, one: Facts, keys: dict[str, str], named: str = "") -> Facts | None:
        """The record of a signed statement, if it can be read; its hash, key, signature and spelling are checked."""
        before, record, key = len(self.bad), one["record"].encode("utf-8", "surrogatepass"), one["key"]
        self.must(digest(record) == one["record_hash"], f"{at}.record_hash", f"the SHA-256 is {digest(record)}")
        if self.must(key in keys, f"{at}.key", f"the key {key} is not in this file"):
            right = verifies(keys[key], one["signature"], record)
            self.must(right, f"{at}.signature", f"it is no signature by {key} over this record")
        try:
            facts: Facts | None = load(record, {"*": ()}, "the record")
        except ValueError:
            facts = None
        right = facts is not None and canonical(facts) == record and named in one["record"]
        if self.must(right, f"{at}.record", "it is not canonical JSON, or does not name this version"):
            self.good += [f"{at}: hash, and signature by the key {key}"] if len(self.bad) == before else []
        return facts

    def sequence(self, rows: list[tuple[str, Facts]], records: list[Facts]) -> bool:
        """Versions 1, 2, 3... of one Opinion, each naming the hash of the record before; whether all have the shape."""
        hashed, seq, whole = "", 0, True
        for number, ((place, one), record) in enumerate(zip(rows, records, strict=True), 1):
            at = f"{place}.record"
            try:
                fits(record, RECORD_2 if "format" in record else RECORD_1, "the record")
                fits([record.get("texts", {"canonical": ""}).get("canonical")], ["text"], "the canonical text")
            except ValueError as error:
                whole = self.must(False, at, str(error))
                continue
            self.must(record.get("format", 2) == 2, at, "its format is not known")
            right = record["opinion"] == records[0].get("opinion") and record["number"] == number
            self.must(right, at, f"it is of {record['opinion']}, version {record['number']}, not {number}")
            self.must(record["previous"] == hashed and record["seq"] >= seq, at, "it does not follow the record before")
            self.must(record.get("key", one["key"]) == one["key"], f"{place}.key", "the record names another key")
            hashed, seq = one["record_hash"], record["seq"]
            right = self.records.setdefault((record["opinion"], number), hashed) == hashed
            self.must(right, at, f"another file has another record of version {number}")
        return whole

    def published(self, texts: Facts, record: Facts) -> None:
        wanted = record.get("texts", {"canonical": record["fingerprint"]})
        self.must(wanted["canonical"] == record["fingerprint"], "version.record", "its fingerprint is another text's")
        for name in sorted({*wanted, *texts}):
            at, sha, held = f"texts.{name}", wanted.get(name), texts.get(name)
            text = held["text"] if held is not None else self.texts.get(sha)
            if not self.must(name in wanted and name in texts, at, "record and file do not name the same texts"):
                continue
            if text is None:
                self.left.append(f"{at}: not given; its SHA-256 is {sha}")
                continue
            cut = "},{" if name == "canonical" else "\n"
            marks = [digest(piece)[:8] for piece in text.split(cut)]
            told = held["pieces"] if held is not None else marks
            if self.must(digest(text) == sha, at, changed(text, self.texts.get(sha), marks, told, cut)):
                if self.must(marks == told, f"{at}.pieces", "they are not those of the text"):
                    self.good.append(f"{at}: {len(text)} characters, SHA-256 {sha}")

    def log(self, chain: Facts | None, record: Facts, before: Facts) -> None:
        """The commitments to the log's entries between two versions: each hash is made with the one before."""
        seq, head = before["seq"], before["head"]
        if chain is None:
            self.left.append(f"chain: the log is not given; its head is {record['head']}")
        elif self.must((chain["after"], chain["head"]) == (seq, head), "chain", "it begins elsewhere than it must"):
            for index, link in enumerate(chain["links"]):
                seq, head = seq + 1, digest(bytes.fromhex(head + link[:128]))
                if not self.must(head == link[128:], f"chain.links[{index}]", f"entry {seq} does not follow"):
                    return
            if self.must((seq, head) == (record["seq"], record["head"]), "chain", f"it ends wrongly, at entry {seq}"):
                self.good.append(f"chain: {len(chain['links'])} entries of the log, up to entry {seq}")

    def manifest(self, files: dict[str, bytes]) -> None:
        """Of a bundle or a mirror: each file as listed, and the list signed by a key of the version files in it."""
        data, seal = files.get(LIST, b""), files.get(SEAL, b"").decode("ascii", "replace").strip()
        if not self.must(LIST in files and SEAL in files, LIST, f"there is no {LIST} with its {SEAL} here"):
            return
        try:
            told = load(data, {"*": ()}, "the manifest")
            fits(told.get("files"), {"*": "64"}, "files")
            fits(told.get("key"), "16", "its key")
        except ValueError as error:
            self.must(False, LIST, str(error))
            return
        self.must(canonical(told) == data.removesuffix(b"\n"), LIST, "it is not canonical JSON")
        ids = {digest(bytes.fromhex(pin))[:16]: pin for pin in self.pins} | self.keys
        if self.must(told["key"] in ids, LIST, f"the key {told['key']} is vouched for by no version file here"):
            right = re.fullmatch("[0-9a-f]{128}", seal) is not None and verifies(ids[told["key"]], seal, data)
            self.must(right, SEAL, f"it is no signature by {told['key']} over {LIST}")
        for name in sorted({*files, *told["files"]} - {LIST, SEAL}):
            if self.must(name in files, name, "it is listed and not there"):
                self.must(digest(files[name]) == told["files"].get(name), name, "not listed, or its SHA-256 is another")
        self.good.append(f"{LIST}: {len(told['files'])} files")


def verifies(public: str, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def changed(text: str, right: str | None, marks: list[str], told: list[str], cut: str) -> str:
    """Where a text was changed: to the character with a right copy at hand, else to the piece."""
    if right is not None and right != text:
        at = next((at for at in range(len(text)) if text[at] != right[at : at + 1]), len(text))
        return f"not what was signed: character {at + 1} and on is {text[at:][:30]!r}, not {right[at:][:30]!r}"
    odd = [index for index, pair in enumerate(zip(marks, told, strict=False)) if pair[0] != pair[1]]
    if not odd:
        return f"not what was signed ({len(marks)} pieces; {len(told)} told)"
    begins = len(cut.join([*text.split(cut)[: odd[0]], ""]))
    return f"not what was signed: piece {odd[0] + 1}, from character {begins + 1}, is {text.split(cut)[odd[0]][:60]!r}"


def read(path: str) -> tuple[dict[str, bytes], bool]:
    """The files of an argument by their names, and whether they belong together."""
    if Path(path).is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside, names = archive.infolist(), archive.namelist()
            if len(set(names)) < len(names) or sum(one.file_size for one in inside) > MOST:
                raise OSError(f"{path} holds two files of one name, or more than is ever published")
            return {one.filename: archive.read(one) for one in inside if not one.is_dir()}, True
    found = [one for one in Path(path).rglob("*") if one.is_file()] or [Path(path)]
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}, Path(path).is_dir()


def check(sources: list[tuple[str, dict[str, bytes], bool]], pins: list[str], complete: bool) -> list[Result]:
    """Name, good, left out and wrong of each file of the sources (name, files, whether they belong together)."""
    run, results = Run(pins, complete), list[Result]()
    for name, data in [pair for _, files, _ in sources for pair in files.items()]:
        try:
            held = [one["text"] for one in load(data, FILE, "")["texts"].values() if one is not None]
        except ValueError:
            held = [data.decode("utf-8", "replace")] if name.startswith("texts/") else []
        run.texts.update((digest(text), text) for text in held)
    for source, files, together in sources:
        chosen = [name for name in files if not together or (name.endswith(".json") and NAME in files[name])]
        for name in [*chosen, *([LIST] if together else [])]:
            run.good, run.left, run.bad = [], [], []
            run.manifest(files) if together and name == LIST else run.version(files[name])
            results.append((f"{source}: {name}" if together else source, run.good, run.left, run.bad))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks published versions of an Opinion.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--key", action="append", default=[], help="a signing key that you know from elsewhere")
    parser.add_argument("--complete", action="store_true", help="take whatever is left out for a difference")
    asked = parser.parse_args()
    pins = ["".join(pin.split()).lower() for pin in asked.key]
    if not all(re.fullmatch("[0-9a-f]{16}|[0-9a-f]{64}", pin) for pin in pins):
        parser.error("a key is its id (16 hexadecimal digits) or the public key (64)")
    try:
        results = check([(path, *read(path)) for path in asked.files], pins, asked.complete)
    except (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        sys.exit(f"cannot be read: {error}")
    for name, good, left, bad in results:
        lines = [name, *(f"  checked   {line}" for line in good), *(f"  left out  {line}" for line in left)]
        for line in [*lines, *(f"  DIFFERS   {where}: {what}" for where, what in bad)]:
            print("".join(one if one.isprintable() else ascii(one)[1:-1] for one in line))
    wrong = sum(bool(bad) for _, _, _, bad in results)
    print(f"{wrong} of {len(results)} differ." if wrong else f"All {len(results)} agree.")
    return 4 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
