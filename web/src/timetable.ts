/** Tells the times of the timetable in the reader's own zone too, where it differs; the page says them without this. */

import "./styles/timetable.css";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `9 Jun, 15:30` in a zone. */
export function told(at: Date, zone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return format.format(at);
}

for (const one of document.querySelectorAll<HTMLTimeElement>("time[data-own]")) {
  const at = new Date(one.dateTime);
  const zone = one.dataset["zone"] ?? "";
  if (Number.isNaN(at.getTime()) || told(at, own) === told(at, zone)) continue;
  one.textContent = `${one.dataset["own"] ?? ""} ${told(at, own)} where you are`.trim();
  one.hidden = false;
}
