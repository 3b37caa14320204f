// Values of an argument rule as people write them, one on a line. What looks like a number, `true`, `false` or `null` is
// one; within quotes it is a text, as in JSON.
import { linesOf } from "@/lib/form/lines";
import type { ArgumentRule } from "./api";

type Op = ArgumentRule["op"];

/** What a line stands for; nothing: a number that a browser would round. */
export function readValue(line: string, op: Op): unknown {
  const quoted = textInQuotes(line);
  if (quoted !== null) return quoted;
  if (isOfTexts(op)) return line;
  if (line === "true" || line === "false" || line === "null") return JSON.parse(line) as unknown;
  if (!NUMBER.test(line)) return line;
  return isExact(line) ? Number(line) : undefined;
}

export function readValues(text: string, op: Op): unknown[] {
  return linesOf(text).map((line) => readValue(line, op));
}

export function writeValues({ op, values }: Pick<ArgumentRule, "op" | "values">): string {
  return values.map((value) => writeValue(value, op)).join("\n");
}

/** In quotes where it would be read as something else without them. */
function writeValue(value: unknown, op: Op): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isOneLine = value !== "" && value === value.trim() && !/[\r\n]/.test(value);
  return isOneLine && readValue(value, op) === value ? value : JSON.stringify(value);
}

/** They look at texts alone. */
export function isOfTexts(op: Op): boolean {
  return op === "prefix" || op === "glob";
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** So many decimal digits a floating-point number keeps, whichever they are. */
const MOST_DIGITS = 15;

function isExact(number: string): boolean {
  const value = Number(number);
  if (Number.isSafeInteger(value)) return true;
  const digits = number
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+|0+$/g, "");
  return Number.isFinite(value) && digits.length <= MOST_DIGITS;
}

function textInQuotes(line: string): string | null {
  if (!line.startsWith('"')) return null;
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === "string" ? read : null;
  } catch {
    // A text that begins with a quotation mark.
    return null;
  }
}
