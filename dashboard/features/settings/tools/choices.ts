import type { Choice } from "@/features/settings/form/fields";

export const VERDICTS: readonly Choice[] = [
  { value: "allow", name: "Allow", says: "Calls go through." },
  { value: "approve", name: "Ask for approval", says: "A call waits until somebody has approved it." },
  { value: "deny", name: "Deny", says: "Calls are refused unless a tool permission allows them." },
];

export const LEVELS: readonly Choice[] = [
  { value: "safe", name: "Safe" },
  { value: "sensitive", name: "Sensitive" },
  { value: "dangerous", name: "Dangerous" },
];

export const CHANGES: readonly Choice[] = [
  { value: "allow", name: "Allow", says: "It can be called at once." },
  { value: "warn", name: "Warn", says: "It can be called, and stands in the drift review." },
  { value: "quarantine", name: "Quarantine", says: "It cannot be called before somebody has reviewed it." },
];
