import type { Job } from "@/features/settings/jobs/api";

export interface Backup {
  name: string;
  bytes: number | null;
}

/** What a job wrote; nothing unless it ended well. */
export function backupOf({ result }: Pick<Job, "result">): Backup | null {
  const { name, bytes } = (result ?? {}) as Record<string, unknown>;
  return typeof name === "string" ? { name, bytes: typeof bytes === "number" ? bytes : null } : null;
}
