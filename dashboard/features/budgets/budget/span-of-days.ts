const day = new Intl.DateTimeFormat("en", {
  timeZone: "UTC",
  month: "short",
  day: "numeric",
  year: "numeric",
});

/** The UTC days of a period, whose end is the first instant after it: “Nov 1 – 30, 2026”. */
export function spanOfDays(start: string, end: string): string {
  const last = new Date(Date.parse(end) - 1);
  return day.formatRange(new Date(start), last).replace(/\s*–\s*/g, " – ");
}
