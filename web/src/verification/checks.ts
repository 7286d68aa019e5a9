/**
 * Checks version files, bundles and mirrors in the browser (server/SPEC.md, VF5): the same as `unbracket verify` and the
 * stand-alone program, written apart from both and held to the same vectors. Nothing leaves the page.
 */

export interface Finding {
  where: string;
  what: string;
}

export interface Report {
  name: string;
  checked: string[];
  leftOut: string[];
  findings: Finding[];
}

/** One file or archive that was chosen: its files by their names, and whether they belong together. */
export interface Source {
  name: string;
  files: Map<string, Uint8Array>;
  together: boolean;
}

export interface Asked {
  pins: string[];
  complete: boolean;
}

interface Signed {
  key: string;
  record: string;
  record_hash: string;
  signature: string;
}

interface Held {
  pieces: string[];
  text: string;
}

interface VersionFile {
  chain: { after: number; head: string; links: string[] } | null;
  format: string;
  keys: { id: string; public_key: string }[];
  previous: Signed[];
  rotations: Signed[];
  texts: Record<string, Held | null>;
  version: Signed;
  volume: Signed | null;
}

/** What a record or a manifest says: nothing is known of its values before its shape is. */
interface Facts {
  [name: string]: unknown;
  at?: unknown;
  canonical?: unknown;
  files?: unknown;
  fingerprint?: unknown;
  format?: unknown;
  head?: unknown;
  kind?: unknown;
  key?: unknown;
  new?: unknown;
  number?: unknown;
  old?: unknown;
  opinion?: unknown;
  previous?: unknown;
  public_key?: unknown;
  seq?: unknown;
  texts?: unknown;
}
type Shape = string | { fields: Record<string, Shape> } | { list: Shape } | { map: Shape } | { maybe: Shape };

const MANIFEST = "manifest.json";
const SEAL = "manifest.sig";
const FORMAT = "unbracket-version/1";
const SIGNED: Shape = { fields: { key: "16", record: "text", record_hash: "64", signature: "128" } };
const FILE: Shape = {
  fields: {
    chain: { maybe: { fields: { after: "number", head: "64", links: { list: "192" } } } },
    format: "text",
    keys: { list: { fields: { id: "16", public_key: "64" } } },
    previous: { list: SIGNED },
    rotations: { list: SIGNED },
    texts: { map: { maybe: { fields: { pieces: { list: "8" }, text: "text" } } } },
    version: SIGNED,
    volume: { maybe: SIGNED },
  },
};
const FIRST: Record<string, Shape> = {
  fingerprint: "64",
  frozen_at: "text",
  frozen_by: "text",
  head: "64",
  label: "text",
  milestone: "text",
  note: "text",
  number: "number",
  opinion: "text",
  previous: "text",
  recorded_by: "text",
  seq: "number",
};
const SECOND: Record<string, Shape> = {
  ...FIRST,
  attribution: "64",
  build: "text",
  cut: "text",
  document: "text",
  format: "number",
  key: "16",
  kind: "text",
  texts: { map: "64" },
};

class Wrong extends Error {}

/** What all files of a run know together. */
class Known {
  readonly texts = new Map<string, string>();
  readonly records = new Map<string, string>();
  readonly keys = new Map<string, string>();
}

/** Checks everything that was chosen, each thing also against the others. */
export async function check(sources: Source[], asked: Asked): Promise<Report[]> {
  const known = new Known();
  for (const [name, data] of sources.flatMap((source) => [...source.files])) {
    if (name.startsWith("texts/")) known.texts.set(await sha(data), new TextDecoder().decode(data));
    else for (const text of textsIn(data)) known.texts.set(await sha(text), text);
  }
  const reports: Report[] = [];
  for (const source of sources) {
    for (const [name, data] of source.files) {
      if (name.startsWith("texts/") || (source.together && !(name.endsWith(".json") && saysFormat(data)))) continue;
      reports.push(await checkVersion(source.together ? `${source.name}: ${name}` : source.name, data, known, asked));
    }
  }
  for (const source of sources) if (source.together) reports.push(await checkManifest(source, known, asked));
  return reports;
}

/** Whether this browser can check signatures at all. */
export async function canVerify(): Promise<boolean> {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch (error) {
    // A point that is none is refused, too, by a browser that knows the algorithm.
    return error instanceof DOMException && error.name !== "NotSupportedError";
  }
}

function textsIn(data: Uint8Array): string[] {
  try {
    const file = load(data, FILE, "the file") as VersionFile;
    return Object.values(file.texts).flatMap((held) => (held ? [held.text] : []));
  } catch {
    return [];
  }
}

function saysFormat(data: Uint8Array): boolean {
  return new TextDecoder().decode(data).includes(`"format":"${FORMAT}"`);
}

async function checkVersion(name: string, data: Uint8Array, known: Known, asked: Asked): Promise<Report> {
  const run = new Run(name, known, asked);
  let file: VersionFile;
  try {
    file = load(data, FILE, "The file") as VersionFile;
  } catch (error) {
    run.differs("file", (error as Error).message);
    return run.report;
  }
  const spelled = `${canonical(file)}\n`;
  const right = sameBytes(bytes(spelled), data) && !halved(file);
  run.must(right, "file", "It is not canonical JSON with a line feed at the end.");
  run.must(file.format === FORMAT, "file", `The format ${file.format} is not known.`);
  const keys = await run.keys(file);
  const rows: [string, Signed][] = file.previous.map((one, index) => [`previous[${index}]`, one]);
  rows.push(["version", file.version]);
  const records: Facts[] = [];
  for (const [at, one] of rows) {
    const facts = await run.statement(at, one, keys);
    if (facts) records.push(facts);
  }
  if (records.length === rows.length && run.sequence(rows, records)) {
    const own = records[records.length - 1] as Facts;
    await run.texts(file.texts, own);
    await run.chain(file.chain, own, records[records.length - 2]);
  }
  if (file.volume === null) run.report.leftOut.push("The volume it is published in is not named in this file.");
  else await run.statement("volume", file.volume, keys, `"${file.version.record_hash}"`);
  if (asked.complete) for (const line of run.report.leftOut) run.differs("file", `Not complete. ${line}`);
  return run.report;
}

class Run {
  readonly report: Report;
  private readonly known: Known;
  private readonly asked: Asked;

  constructor(name: string, known: Known, asked: Asked) {
    this.known = known;
    this.asked = asked;
    this.report = { name, checked: [], leftOut: [], findings: [] };
  }

  differs(where: string, what: string): void {
    this.report.findings.push({ where, what });
  }

  must(right: boolean, where: string, what: string): boolean {
    if (!right) this.differs(where, what);
    return right;
  }

  async keys(file: VersionFile): Promise<Map<string, string>> {
    const keys = new Map(file.keys.map((one) => [one.id, one.public_key]));
    const { pins } = this.asked;
    const heirs = new Set(file.keys.slice(0, 1).map((one) => one.id));
    const trusted = new Set([...keys].filter((one) => one.some((word) => pins.includes(word))).map(([id]) => id));
    for (const [index, one] of file.rotations.entries()) {
      const at = `rotations[${index}]`;
      const facts = await this.statement(at, one, keys);
      if (!facts) continue;
      const [old, fresh, brought] = [String(facts.old), String(facts.new), facts.kind === "brought"];
      const handed = one.key === (brought ? fresh : old) && keys.get(fresh) === facts.public_key && typeof facts.at === "string";
      // In order: two keys that hand over to each other vouch for nothing.
      const right = handed && facts.public_key !== undefined && heirs.has(old) && !heirs.has(fresh);
      if (!this.must(right, `${at}.record`, `It does not hand over from ${old} to a key of this file.`)) continue;
      heirs.add(fresh);
      if (!brought && trusted.has(old)) trusted.add(fresh);
      if (brought && !trusted.has(fresh)) {
        const day = String(facts.at).slice(0, 10);
        const moved = `${at}: on ${day} the process was brought to another server, whose key ${fresh} no key before vouches for.`;
        this.report.leftOut.push(`${moved} Compare it with one that you know from elsewhere, and name it.`);
      }
    }
    const signers = new Set([...file.previous, ...file.rotations, file.version].map((one) => one.key));
    if (file.volume) signers.add(file.volume.key);
    for (const [index, one] of file.keys.entries()) {
      const own = (await sha(hex(one.public_key))).slice(0, 16) === one.id;
      const once = file.keys.findIndex((other) => other.id === one.id) === index;
      const right = own && once && heirs.has(one.id) && (index > 0 || signers.has(one.id));
      this.must(right, `keys[${index}]`, `${one.id} is not of its id, signs nothing here, or took over from no other key.`);
    }
    for (const [id, key] of keys) {
      if ((!pins.length || trusted.has(id)) && !this.known.keys.has(id)) this.known.keys.set(id, key);
    }
    const answers = trusted.has(file.version.key) || (file.volume !== null && trusted.has(file.volume.key));
    const told = `It is signed by ${file.version.key}: not by a key that you named, nor by one that took over from it.`;
    if (this.must(!pins.length || answers, "keys", told) && pins.length) {
      this.report.checked.push("It is signed by the key that you named, or by one that took over from it.");
    }
    return keys;
  }

  async statement(at: string, one: Signed, keys: Map<string, string>, named = ""): Promise<Facts | null> {
    const before = this.report.findings.length;
    const record = bytes(one.record);
    const found = await sha(record);
    this.must(found === one.record_hash, `${at}.record_hash`, `The hash of the record is ${found}, not this.`);
    const key = keys.get(one.key);
    if (this.must(key !== undefined, `${at}.key`, `The key ${one.key} is not in this file.`)) {
      const signed = await verifies(key as string, one.signature, record);
      this.must(signed, `${at}.signature`, `The signature is not one by the key ${one.key} over this record.`);
    }
    let facts: Facts | null = null;
    try {
      const value: unknown = JSON.parse(one.record);
      const object = value !== null && typeof value === "object" && !Array.isArray(value);
      if (object && canonical(value) === one.record) facts = value as Facts;
    } catch {
      // Told below; what is nested too deep to be written again is no record either.
    }
    const right = facts !== null && one.record.includes(named);
    const whole = this.must(right, `${at}.record`, "It is not canonical JSON, or does not name this version.");
    if (whole && this.report.findings.length === before) {
      this.report.checked.push(`${at}: record, hash and signature by the key ${one.key}.`);
    }
    return facts;
  }

  sequence(rows: [string, Signed][], records: Facts[]): boolean {
    let [hashed, seq, whole] = ["", 0, true];
    for (const [index, [place, one]] of rows.entries()) {
      const record = records[index] as Facts;
      const at = `${place}.record`;
      try {
        fits(record, { fields: "format" in record ? SECOND : FIRST }, "The record");
        const texts = record.texts as Facts | undefined;
        if (texts && typeof texts.canonical !== "string") throw new Wrong("The record names no canonical text.");
      } catch (error) {
        whole = this.must(false, at, (error as Error).message);
        continue;
      }
      this.must((record.format ?? 2) === 2, at, "Its format is not known.");
      const same = record.opinion === records[0]?.opinion && record.number === index + 1;
      this.must(same, at, `It is of ${record.opinion}, version ${record.number}; version ${index + 1} belongs here.`);
      const follows = record.previous === hashed && (record.seq as number) >= seq;
      this.must(follows, at, "It names another record before it, or is of an earlier entry than that.");
      this.must((record.key ?? one.key) === one.key, `${place}.key`, "The record names another key.");
      [hashed, seq] = [one.record_hash, record.seq as number];
      const name = `${record.opinion} ${index + 1}`;
      const known = this.known.records.get(name) ?? hashed;
      this.known.records.set(name, known);
      this.must(known === hashed, at, `Another file has another record of version ${index + 1}.`);
    }
    return whole;
  }

  async texts(texts: VersionFile["texts"], record: Facts): Promise<void> {
    const wanted = (record.texts ?? { canonical: record.fingerprint }) as Record<string, string>;
    this.must(wanted["canonical"] === record.fingerprint, "version.record", "Its fingerprint is another text's.");
    for (const name of [...new Set([...Object.keys(wanted), ...Object.keys(texts)])].sort()) {
      const at = `texts.${name}`;
      // Own names alone: every object inherits a "constructor", and a file may name a text so.
      const both = Object.hasOwn(wanted, name) && Object.hasOwn(texts, name);
      if (!this.must(both, at, "Record and file do not name the same texts.")) continue;
      const [digest, held] = [wanted[name], texts[name]];
      const text = held ? held.text : this.known.texts.get(digest as string);
      if (text === undefined) {
        this.report.leftOut.push(`${at}: the text is not given; its digest is ${digest}.`);
        continue;
      }
      const cut = name === "canonical" ? "},{" : "\n";
      const marks = await Promise.all(text.split(cut).map(async (piece) => (await sha(piece)).slice(0, 8)));
      if (halved(text) || (await sha(text)) !== digest) {
        this.differs(at, changed(text, this.known.texts.get(digest as string), marks, held?.pieces ?? marks, cut));
      } else if (this.must(same(marks, held?.pieces ?? marks), `${at}.pieces`, "They are not those of the text.")) {
        this.report.checked.push(`${at}: ${[...text].length} characters, ${grouped(digest as string)}.`);
      }
    }
  }

  async chain(chain: VersionFile["chain"], record: Facts, before?: Facts): Promise<void> {
    let [seq, head] = [(before?.seq ?? 0) as number, (before?.head ?? "0".repeat(64)) as string];
    if (chain === null) {
      this.report.leftOut.push(`chain: the log's entries are not given; its head is ${record.head}.`);
      return;
    }
    const begins = chain.after === seq && chain.head === head;
    if (!this.must(begins, "chain", `It does not begin at entry ${seq}, where the version before it ended.`)) return;
    for (const [index, link] of chain.links.entries()) {
      seq += 1;
      head = await sha(hex(head + link.slice(0, 128)));
      const told = `Entry ${seq} of the log does not follow the one before.`;
      if (!this.must(head === link.slice(128), `chain.links[${index}]`, told)) return;
    }
    const ends = seq === record.seq && head === record.head;
    if (this.must(ends, "chain", `It ends at entry ${seq}; the record says ${record.seq}, or another hash.`)) {
      this.report.checked.push(`chain: ${chain.links.length} entries of the log, each one bound to the one before.`);
    }
  }
}

async function checkManifest(source: Source, known: Known, asked: Asked): Promise<Report> {
  const run = new Run(`${source.name}: ${MANIFEST}`, known, asked);
  const data = source.files.get(MANIFEST) ?? new Uint8Array();
  if (!source.files.has(MANIFEST) || !source.files.has(SEAL)) {
    run.differs(MANIFEST, `There is no ${MANIFEST} with its ${SEAL} here.`);
    return run.report;
  }
  let told: Facts;
  let spelled: string;
  try {
    told = JSON.parse(decoded(data)) as Facts;
    fits(told?.files, { map: "64" }, "files");
    fits(told.key, "16", "key");
    spelled = canonical(told);
  } catch (error) {
    run.differs(MANIFEST, `It is not a list of files with its key: ${(error as Error).message}`);
    return run.report;
  }
  run.must(spelled === decoded(data).replace(/\n$/, ""), MANIFEST, "It is not canonical JSON.");
  const id = told.key as string;
  let key = known.keys.get(id);
  for (const pin of asked.pins) if (pin.length === 64 && (await sha(hex(pin))).startsWith(id)) key ??= pin;
  const seal = new TextDecoder().decode(source.files.get(SEAL) ?? new Uint8Array()).trim();
  if (run.must(key !== undefined, MANIFEST, `The key ${id} that signed it is vouched for by no version file here.`)) {
    const signed = /^[0-9a-f]{128}$/.test(seal) && (await verifies(key as string, seal, data));
    if (run.must(signed, SEAL, `It is not a signature by the key ${id} over ${MANIFEST}.`)) {
      run.report.checked.push(`${MANIFEST}: signed by the key ${id}.`);
    }
  }
  const files = told.files as Record<string, string>;
  const names = new Set([...source.files.keys(), ...Object.keys(files)]);
  let right = 0;
  for (const name of [...names].filter((one) => one !== MANIFEST && one !== SEAL).sort()) {
    const held = source.files.get(name);
    if (!run.must(held !== undefined, name, "It is listed and not there.")) continue;
    if (!run.must(Object.hasOwn(files, name), name, "It is there and not listed.")) continue;
    const listed = (await sha(held as Uint8Array)) === files[name];
    if (run.must(listed, name, "Its digest is not the one listed.")) right += 1;
  }
  run.report.checked.push(`${right} of ${Object.keys(files).length} files are as the manifest lists them.`);
  return run.report;
}

/** Where a text was changed: to the character beside a right copy, else to the piece. */
function changed(text: string, right: string | undefined, marks: string[], told: string[], cut: string): string {
  if (right !== undefined) {
    const [wrong, good] = [[...text], [...right]];
    let at = wrong.findIndex((letter, index) => letter !== good[index]);
    if (at < 0) at = wrong.length;
    const [here, there] = [wrong, good].map((letters) => letters.slice(at, at + 30).join(""));
    return `It is not the text that was signed: from character ${at + 1} it has “${here}”, not “${there}”.`;
  }
  const odd = marks.findIndex((mark, index) => mark !== told[index]);
  const parts = text.split(cut);
  if (odd < 0 || told.length !== marks.length) return `It is not the text that was signed (${marks.length} pieces).`;
  const begins = [...parts.slice(0, odd).join(cut)].length + (odd ? cut.length : 0);
  const piece = [...(parts[odd] as string)].slice(0, 60).join("");
  return `It is not the text that was signed: piece ${odd + 1}, from character ${begins + 1}, is “${piece}”.`;
}

/** JSON with keys in order and no blanks: the one spelling of records and files. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value as Facts).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}

function load(data: Uint8Array, shape: Shape, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(decoded(data));
  } catch {
    throw new Wrong(`${what} is not JSON in UTF-8.`);
  }
  fits(value, shape, what);
  return value;
}

function fits(value: unknown, shape: Shape, at: string): void {
  if (typeof shape === "string") {
    if (shape === "number" ? !(Number.isSafeInteger(value) && (value as number) >= 0) : typeof value !== "string") {
      throw new Wrong(`${at} is not a ${shape === "number" ? "whole number" : "string"}.`);
    }
    if (shape !== "number" && shape !== "text" && !new RegExp(`^[0-9a-f]{${shape}}$`).test(value as string)) {
      throw new Wrong(`${at} is not ${shape} hexadecimal digits.`);
    }
  } else if ("maybe" in shape) {
    if (value !== null) fits(value, shape.maybe, at);
  } else if ("list" in shape) {
    if (!Array.isArray(value)) throw new Wrong(`${at} is not a list.`);
    value.forEach((inner, index) => fits(inner, shape.list, `${at}[${index}]`));
  } else {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Wrong(`${at} is not an object.`);
    const fields = "fields" in shape ? shape.fields : null;
    for (const name of new Set([...Object.keys(value), ...Object.keys(fields ?? {})])) {
      const inner = fields ? (Object.hasOwn(fields, name) ? fields[name] : undefined) : (shape as { map: Shape }).map;
      if (inner === undefined || !Object.hasOwn(value, name)) throw new Wrong(`${at}: ${name} is missing, or too many.`);
      fits((value as Facts)[name], inner, `${at}.${name}`);
    }
  }
}

function decoded(data: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
}

/** Whether a text of a file, or a name in it, holds half a character: it would be hashed as the replacement character. */
function halved(value: unknown): boolean {
  if (typeof value === "string") return /\p{Surrogate}/u.test(value);
  return value !== null && typeof value === "object" && Object.entries(value).some((pair) => pair.some(halved));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function sha(data: Uint8Array | string): Promise<string> {
  const hashed = await crypto.subtle.digest("SHA-256", (typeof data === "string" ? bytes(data) : data) as BufferSource);
  return [...new Uint8Array(hashed)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

async function verifies(key: string, signature: string, message: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", hex(key) as BufferSource, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, hex(signature) as BufferSource, message as BufferSource);
  } catch {
    return false;
  }
}

function same(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** The first 16 digits in groups of four, as people compare them. */
export function grouped(digest: string): string {
  return digest.slice(0, 16).replace(/(....)(?=.)/g, "$1 ");
}
