const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

/** “15,783”. */
export function count(value: number): string {
  return whole.format(value);
}

/** “15.8K”, for axes and where there is little room. */
export function shortCount(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
}

/** A fraction as percent: “5.41%”, “0.02%”, “<0.01%”, “100%”. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value === 0) return "0%";
  if (Math.abs(value) < 0.01) return "<0.01%";
  // As many digits as others in a column have, so that they stand below each other.
  if (Math.abs(value) < 10) return `${value.toFixed(2)}%`;
  return `${Number(value.toFixed(1))}%`;
}

/** How much a figure changed: “+12%”, “−3.4%”, “×7.9” once percents are no help. */
export function change(ratio: number): string {
  if (ratio >= 2) return `×${(ratio + 1).toFixed(1)}`;
  const value = Math.abs(ratio) * 100;
  if (value < 0.05) return "±0%";
  return `${ratio < 0 ? "−" : "+"}${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}%`;
}

const UNITS = ["B", "KiB", "MiB", "GiB"];

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : Number(size.toFixed(1))} ${UNITS[unit]}`;
}

/** “1 call”, “2 calls”. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
