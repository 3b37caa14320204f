/**
 * JSON as the control plane writes it before it looks at it, which is what the places of findings count in: without
 * spaces, names in order. Null where it might write a number otherwise than we do.
 */
export function asWritten(value: unknown): string | null {
  if (typeof value === "number")
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null;
  if (Array.isArray(value)) return joined("[", value.map(asWritten), "]");
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b));
  const written = entries.map(([name, inner]) => {
    const text = asWritten(inner);
    return text === null ? null : `${JSON.stringify(name)}:${text}`;
  });
  return joined("{", written, "}");
}

function joined(open: string, parts: readonly (string | null)[], close: string): string | null {
  return parts.includes(null) ? null : `${open}${parts.join(",")}${close}`;
}

/** By code points, as UTF-8 is ordered; the language's own order differs beyond U+FFFF. */
function compare(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
