export interface Due {
  /** Rows by table, the most first. */
  rows: readonly { table: string; count: number }[];
  /** Whole partitions, whose rows are not counted. */
  partitions: readonly string[];
  isDry: boolean;
}

/** What a job of retention says would go, or went. */
export function dueOf(result: unknown): Due {
  const { deleted, dropped, dry_run } = (result ?? {}) as Record<string, unknown>;
  const rows = Object.entries((deleted ?? {}) as Record<string, number>)
    .map(([table, count]) => ({ table, count }))
    .sort((one, other) => other.count - one.count);
  return { rows, partitions: Array.isArray(dropped) ? (dropped as string[]) : [], isDry: dry_run === true };
}
