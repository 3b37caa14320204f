import type { JobType } from "./api";

interface JobTypeText {
  name: string;
  /** What it does. */
  says: string;
}

export const JOB_TYPES: Record<JobType, JobTypeText> = {
  retention: {
    name: "Retention",
    says: "Lets go what has been kept long enough. The clock does so every hour.",
  },
  rollup_backfill: {
    name: "Sum days anew",
    says: "Sums charts and costs of some days anew from their calls.",
  },
  tool_discovery: {
    name: "Discover tools",
    says: "Looks at every enabled server for new and changed tools.",
  },
  audit_verify: { name: "Verify the audit log", says: "Checks that no audit row was changed or is missing." },
  backup: { name: "Backup", says: "Writes everything in Postgres to where BACKUP_URL says." },
};

/** A type that an API newer than this page has is shown as it is called. */
export function nameOfType(type: string): string {
  return (JOB_TYPES as Record<string, JobTypeText | undefined>)[type]?.name ?? type;
}

export const TYPE_CHOICES = Object.entries(JOB_TYPES).map(([value, { name }]) => ({ value, name }));

export const STATUS_CHOICES = [
  { value: "queued", name: "Queued" },
  { value: "running", name: "Running" },
  { value: "succeeded", name: "Succeeded" },
  { value: "failed", name: "Failed" },
];
