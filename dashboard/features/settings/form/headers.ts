/** What stands for headers that are set and are not read back: as long as it stays, so do they. */
export const KEPT = "kept";

export interface Pair {
  name: string;
  value: string;
}

export function savedHeaders(isSet: boolean): string | null {
  return isSet ? KEPT : null;
}

/** None is null: that is what takes them away. Lines without a name are left out. */
export function headersOf(pairs: readonly Pair[]): Record<string, string> | null {
  const named = pairs.filter(({ name }) => name.trim() !== "");
  if (named.length === 0) return null;
  return Object.fromEntries(named.map(({ name, value }) => [name.trim(), value]));
}
