export interface Counted {
  value: string;
  count: number;
}

/** How often each kind of resource: an action is `<kind>.<verb>`, and the API counts actions. The commonest first. */
export function kindsOf(actions: readonly Counted[]): Counted[] {
  const counts = new Map<string, number>();
  for (const { value, count } of actions) {
    const kind = value.split(".")[0] ?? value;
    counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
