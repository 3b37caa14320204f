// Instants come as RFC 3339 in UTC and are shown in the reader's zone, which Intl knows.
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./units";

const LOCALE = "en";

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [365 * DAY_MS, "year"],
  [30 * DAY_MS, "month"],
  [DAY_MS, "day"],
  [HOUR_MS, "hour"],
  [MINUTE_MS, "minute"],
  [SECOND_MS, "second"],
];

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" });

/** “5 min. ago”, “in 2 hr.”; what is less than five seconds away is now. */
export function relativeTime(instant: string, now: number): string {
  const away = Date.parse(instant) - now;
  if (Math.abs(away) < 5 * SECOND_MS) return "just now";
  const [size, unit] = STEPS.find(([size]) => Math.abs(away) >= size) ?? [SECOND_MS, "second" as const];
  return relative.format(Math.trunc(away / size), unit);
}

/** How long a relative time stays true, so that it is told anew no more often than it changes. */
export function staysTrueFor(instant: string, now: number): number {
  const away = Math.abs(Date.parse(instant) - now);
  if (away < MINUTE_MS) return 5 * SECOND_MS;
  return away < HOUR_MS ? MINUTE_MS / 2 : 10 * MINUTE_MS;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(LOCALE, { hourCycle: "h23", timeZone: zone, ...options });
  formats.set(key, made);
  return made;
}

const TO_THE_SECOND: Intl.DateTimeFormatOptions = {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
};

/** “Nov 30, 15:53:38”. */
export function clockTime(instant: string, zone?: string): string {
  return format(zone, TO_THE_SECOND).format(new Date(instant));
}

/** To the millisecond and with the zone: what stands in titles. */
export function exactTime(instant: string, zone?: string): string {
  const options = {
    ...TO_THE_SECOND,
    year: "numeric",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  } as const;
  return format(zone, options).format(new Date(instant));
}

/** “Nov 30, 2026, 15:53”, for what is far away. */
export function dateAndTime(instant: string, zone?: string): string {
  const options = {
    month: "short",
    day: "numeric",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  return format(zone, options).format(new Date(instant));
}

/** “Nov 30”, for midnights on an axis. */
export function dayName(instant: string, zone?: string): string {
  return format(zone, { month: "short", day: "numeric" }).format(new Date(instant));
}

/** As finely as points that far apart need it; days are days of UTC, as the API counts them. */
export function pointTime(instant: string, stepMs: number, zone?: string): string {
  if (stepMs >= DAY_MS) return format("UTC", { month: "short", day: "numeric" }).format(new Date(instant));
  const date = stepMs >= HOUR_MS ? ({ month: "short", day: "numeric" } as const) : {};
  return format(zone, { ...date, hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

/** “Nov 23 – Nov 30”, with the hours where it is a matter of hours. */
export function spanOfTime(start: string, end: string, zone?: string): string {
  const fine = Date.parse(end) - Date.parse(start) <= 2 * DAY_MS;
  const options: Intl.DateTimeFormatOptions = fine
    ? { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }
    : { month: "short", day: "numeric", year: "numeric" };
  // Engines differ in the spaces around the dash.
  return format(zone, options)
    .formatRange(new Date(start), new Date(end))
    .replace(/\s*–\s*/g, " – ");
}

/** “340 µs”, “12 ms”, “1.24 s”, “2 min 05 s”. */
export function duration(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${Number((ms / 1000).toFixed(2))} s`;
  if (ms < MINUTE_MS) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < HOUR_MS)
    return `${Math.floor(ms / MINUTE_MS)} min ${two(Math.floor((ms % MINUTE_MS) / SECOND_MS))} s`;
  return `${Math.floor(ms / HOUR_MS)} h ${two(Math.floor((ms % HOUR_MS) / MINUTE_MS))} min`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
