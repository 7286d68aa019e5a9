/**
 * A form of the console as the command that it carries: the same rules as the server's (server/console/forms.py), so that a form
 * says the same with and without scripts.
 */

export type Command = Record<string, unknown> & { act: string };

const TEXTS = new Set(["ruling", "state", "note", "ruled_by", "package", "name", "level"]);
const AGREEING = new Set(["agreed", "agreed_ad_referendum"]);
const VALUES = new Set(["others", "outcomes"]);

/** The command of a form as it would be submitted by a button. Fields left empty are left out; times are of `zone`. */
export function commandOf(form: HTMLFormElement, button: HTMLElement | null, zone: string): Command {
  return commandFrom([...new FormData(form, button)].map(([name, value]) => [name, String(value)] as const), zone);
}

export function commandFrom(fields: readonly (readonly [string, string])[], zone: string): Command {
  const given = fields.map(([name, value]) => [name.split(":")[0] ?? "", value.trim()] as const);
  const command = JSON.parse(given.find(([name]) => name === "command")?.[1] ?? "{}") as Command;
  const put = (name: string, value: unknown): void => void (command[name] = [...((command[name] as unknown[] | undefined) ?? []), value]);
  for (const [name, value] of given) {
    if (value === "") continue;
    if (TEXTS.has(name)) command[name] = value;
    else if (name === "asked_by") command[name] = value.replaceAll(",", " ").toUpperCase().split(/\s+/).filter(Boolean);
    else if (name === "delegations") put(name, value);
    else if (VALUES.has(name)) put(name, JSON.parse(value));
    else if (name === "seconds") command[name] = Number(value) || 0;
    else if (name === "until") command[name] = moment(value, zone);
  }
  const ticked = command["outcomes"];
  if (command.act === "open_call" && Array.isArray(ticked)) {
    // The same ticks say what a call puts: no ruling is made on it yet.
    delete command["outcomes"];
    command["items"] = (ticked as Record<string, unknown>[]).map(({ ruling: _, ...item }) => item);
  }
  // What becomes of the others is asked for the case that this one is agreed.
  if (!AGREEING.has(String(command["ruling"] ?? "agreed"))) delete command["others"];
  return command;
}

/** A local time of a zone (`2026-06-09T15:30`) as a moment in UTC. */
export function moment(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  let at = wanted;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  for (let round = 0; round < 2; round++) at = wanted - (shownIn(zone, at) - at);
  return new Date(at).toISOString();
}

function shownIn(zone: string, at: number): number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return Date.parse(`${format.format(at).replace(" ", "T")}Z`);
}
