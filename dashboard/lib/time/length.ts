const UNITS: [number, string][] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** “1 day”, “1 hour 30 minutes”: a length of time that somebody chose, to the second. */
export function lengthOf(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) return "not at all";
  const parts: string[] = [];
  let left = Math.round(seconds);
  for (const [size, name] of UNITS) {
    const many = Math.floor(left / size);
    left -= many * size;
    if (many > 0) parts.push(`${many} ${name}${many === 1 ? "" : "s"}`);
  }
  return parts.join(" ");
}
