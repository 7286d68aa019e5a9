/** Times as the meeting tells them: its own zone first and by name, the reader's second where it differs (guide: ux 5.3). */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export interface MeetingZone {
  /** An IANA name, `Europe/Zurich`. */
  readonly zone: string;
  /** How the meeting calls it, `Geneva`. */
  readonly name: string;
}

interface Parts {
  readonly day: string;
  readonly month: number;
  readonly year: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsIn(zone: string, at: Date): Parts {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, format);
  }
  const found: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(at)) found[type] = value;
  const part = (name: string): string => found[name] ?? "";
  return {
    day: String(Number(part("day"))),
    month: Number(part("month")),
    year: part("year"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

let known = "";
const ownZone = (): string => (known ||= Intl.DateTimeFormat().resolvedOptions().timeZone);

/** `14:32:07` in the meeting's zone. */
export function clock(at: Date, { zone }: MeetingZone): string {
  const { hour, minute, second } = partsIn(zone, at);
  return `${hour}:${minute}:${second}`;
}

/** `5 Feb 2026, 14:29 Geneva`, and behind it the reader's own time where his or her clock shows another. */
export function moment(iso: string, meeting: MeetingZone, reader: string = ownZone()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const there = partsIn(meeting.zone, at);
  const here = partsIn(reader, at);
  const told = `${dayOf(there)}, ${there.hour}:${there.minute} ${meeting.name}`;
  if (here.hour === there.hour && here.minute === there.minute && here.day === there.day) return told;
  const day = here.day === there.day ? "" : `${dayOf(here)}, `;
  return `${told} (${day}${here.hour}:${here.minute} your time)`;
}

/** `14:29` on the day of `now`, else `5 Feb, 14:29`: enough for a list. */
export function brief(iso: string, { zone }: MeetingZone, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const there = partsIn(zone, at);
  const today = partsIn(zone, now);
  const time = `${there.hour}:${there.minute}`;
  if (dayOf(there) === dayOf(today)) return time;
  const year = there.year === today.year ? "" : ` ${there.year}`;
  return `${there.day} ${MONTHS[there.month - 1] ?? ""}${year}, ${time}`;
}

const dayOf = ({ day, month, year }: Parts): string => `${day} ${MONTHS[month - 1] ?? ""} ${year}`;
