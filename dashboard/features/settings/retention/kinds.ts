interface Kind {
  field: string;
  label: string;
  help: string;
  standard: number;
}

const FLOOR = "Not less than the installation demands (RETENTION_MIN_DAYS, by default 90).";

/** What is kept for how long. */
export const KINDS: readonly Kind[] = [
  { field: "traces_days", label: "Traces", help: `Calls and their spans. ${FLOOR}`, standard: 90 },
  {
    field: "payloads_days",
    label: "Payloads",
    help: "Arguments and results, where they are kept at all. No longer than traces.",
    standard: 30,
  },
  {
    field: "costs_days",
    label: "Costs",
    help: `Costs, and the sums that charts are drawn from. ${FLOOR}`,
    standard: 400,
  },
  { field: "detections_days", label: "Detections", help: "What safety policies found.", standard: 365 },
  {
    field: "audit_days",
    label: "Audit log",
    help: `Goes by whole months, and verifies still. ${FLOOR}`,
    standard: 365,
  },
  {
    field: "alerts_days",
    label: "Alerts",
    help: "Alerts that have ended, and what was sent of them.",
    standard: 365,
  },
  { field: "deliveries_days", label: "Deliveries", help: "What was sent to webhooks.", standard: 30 },
];

/** What gets shorter: its rows go within the hour. */
export function shortened(saved: Record<string, unknown>, changes: Record<string, unknown>): string[] {
  return KINDS.filter(({ field, standard }) => {
    const name = `retention.${field}`;
    if (!(name in changes)) return false;
    return Number(changes[name] ?? standard) < Number(saved[name]);
  }).map(({ label }) => label.toLowerCase());
}
