/** The page that checks version files: chosen or dropped, read and computed here; nothing is sent anywhere. */

import { canVerify, check, type Report, type Source } from "./verification/checks";
import { unzipped } from "./verification/zip";

import "./styles/verification.css";

const OLD =
  "This browser cannot check signatures (Ed25519). Take a newer one - Chrome 137, Firefox 129, Safari 17 or later - or the program below.";

function element(tag: string, text = "", name = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

async function sourceOf(file: File): Promise<Source> {
  const data = new Uint8Array(await file.arrayBuffer());
  const zipped = data[0] === 0x50 && data[1] === 0x4b;
  if (zipped) return { name: file.name, files: await unzipped(data), together: true };
  // A text of a mirror is known by its name, which is its digest.
  const name = /^[0-9a-f]{64}\.txt$/.test(file.name) ? `texts/${file.name}` : file.name;
  return { name: file.name, files: new Map([[name, data]]), together: false };
}

function told(report: Report): HTMLElement {
  const right = report.findings.length === 0;
  const section = element("section", "", "card verdict");
  section.append(element("h2", report.name));
  const verdict = right ? "All agrees." : "Something differs: do not rely on this file.";
  section.append(element("p", verdict, right ? "note ok" : "note danger"));
  const list = (title: string, lines: string[]): void => {
    if (!lines.length) return;
    const items = element("ul");
    for (const line of lines) items.append(element("li", line));
    section.append(element("h3", title), items);
  };
  list("What differs", report.findings.map((one) => `${one.where}: ${one.what}`));
  list("What was checked", report.checked);
  list("What the file leaves out", report.leftOut);
  return section;
}

function begin(form: HTMLElement, results: HTMLElement): void {
  const files = form.querySelector<HTMLInputElement>("#field-files");
  const key = form.querySelector<HTMLInputElement>("#field-key");
  if (!files || !key) return;
  let chosen: File[] = [];
  let turn = 0;

  const run = async (): Promise<void> => {
    if (!chosen.length) return;
    turn += 1;
    const mine = turn;
    results.replaceChildren(element("p", "Checking…", "quiet"));
    const pin = key.value.replace(/\s/g, "").toLowerCase();
    const shown: HTMLElement[] = [];
    try {
      const pins = pin ? [pin] : [];
      if (pin && !/^([0-9a-f]{16}|[0-9a-f]{64})$/.test(pin)) throw new Error("The key is not 16 or 64 digits from 0-9 and a-f.");
      const sources = (await Promise.all(chosen.map(sourceOf))).sort((one, other) => Number(other.together) - Number(one.together));
      const lone = sources.filter((one) => ![...one.files.keys()].every((name) => name.startsWith("texts/")));
      const texts = sources.filter((one) => !lone.includes(one));
      const reports = await check(lone.length ? merged(lone, texts) : sources, { pins, complete: false });
      shown.push(...reports.map(told));
      if (!shown.length) shown.push(element("p", "Choose the version file, too: texts alone prove nothing.", "note warn"));
    } catch (error) {
      shown.push(element("p", (error as Error).message, "note danger"));
    }
    if (mine === turn) results.replaceChildren(...shown);
  };

  files.addEventListener("change", () => {
    chosen = [...(files.files ?? [])];
    void run();
  });
  key.addEventListener("change", () => void run());
  const over = (event: DragEvent): void => {
    event.preventDefault();
    form.classList.toggle("over", event.type === "dragover");
  };
  for (const name of ["dragover", "dragleave"] as const) document.addEventListener(name, over);
  document.addEventListener("drop", (event) => {
    over(event);
    chosen = [...(event.dataTransfer?.files ?? [])];
    void run();
  });
}

/** Texts chosen beside version files are known to these, and are no file of their own to check. */
function merged(sources: Source[], texts: Source[]): Source[] {
  if (!texts.length) return sources;
  const [first, ...rest] = sources as [Source, ...Source[]];
  if (first.together) return sources;
  const files = new Map([...first.files, ...texts.flatMap((one) => [...one.files])]);
  return [{ ...first, files, together: false }, ...rest];
}

const form = document.querySelector<HTMLElement>("#check");
const results = document.querySelector<HTMLElement>("#results");
if (form && results) {
  void canVerify().then((able) => {
    if (able) {
      form.hidden = false;
      begin(form, results);
    } else {
      results.replaceChildren(element("p", OLD, "note danger"));
    }
  });
}
