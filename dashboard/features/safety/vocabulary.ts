// The words of the contract (4.3, 4.4), and what they mean to people. The API may know more: those are shown as named.

export interface Word {
  value: string;
  name: string;
  hint: string;
}

export const DETECTORS: readonly Word[] = [
  {
    value: "prompt_injection",
    name: "Prompt injection",
    hint: "Overridden instructions, role changes, forged turns",
  },
  { value: "tool_poisoning", name: "Tool poisoning", hint: "Instructions hidden in definitions" },
  { value: "tool_drift", name: "Tool drift", hint: "Definitions that changed since their review" },
  { value: "pii", name: "Personal data", hint: "Addresses, phone, card and national numbers, IBANs" },
  { value: "secret", name: "Secrets", hint: "Tokens, private keys, high entropy" },
  { value: "command_injection", name: "Command injection", hint: "Shell commands where data belongs" },
  { value: "path_traversal", name: "Path traversal", hint: "Ways out of a folder" },
  { value: "ssrf", name: "Server-side requests", hint: "Addresses of internal services" },
  { value: "exfiltration", name: "Exfiltration", hint: "Data in URLs, image beacons" },
  {
    value: "schema_violation",
    name: "Schema violation",
    hint: "Arguments that the tool's schema does not allow",
  },
  { value: "custom", name: "Custom patterns", hint: "The patterns below" },
];

export const MODES: readonly Word[] = [
  { value: "block", name: "Block", hint: "The call, or its answer, is refused" },
  { value: "redact", name: "Redact", hint: "What was found is masked, and the call goes on" },
  { value: "warn", name: "Warn", hint: "The call goes on, the caller is told" },
  { value: "log", name: "Log", hint: "The call goes on, it is only recorded" },
];

export const SENSITIVITIES: readonly Word[] = [
  { value: "strict", name: "Strict", hint: "From 50% sure on" },
  { value: "moderate", name: "Moderate", hint: "From 70% sure on" },
  { value: "permissive", name: "Permissive", hint: "From 90% sure on" },
];

export const SEVERITIES: readonly Word[] = [
  { value: "low", name: "Low", hint: "Everything" },
  { value: "medium", name: "Medium", hint: "Medium and above" },
  { value: "high", name: "High", hint: "High and above" },
  { value: "critical", name: "Critical", hint: "Critical alone" },
];

export const DIRECTIONS: readonly Word[] = [
  { value: "request", name: "Requests", hint: "What is sent to a server" },
  { value: "response", name: "Responses", hint: "What a server answers" },
  { value: "definition", name: "Definitions", hint: "Of tools, prompts and servers; scanned in any case" },
];

export const ACTIONS = ["blocked", "redacted", "warned", "logged"].map((value) => ({ value }));

export const DISPOSITIONS: readonly Word[] = [
  { value: "unreviewed", name: "Unreviewed", hint: "Nobody has looked at it" },
  { value: "true_positive", name: "True positive", hint: "It was what it was taken for" },
  { value: "false_positive", name: "False positive", hint: "It was harmless" },
];

/** What a word is called, in the words of its list. */
export function nameIn(words: readonly Word[], value: string): string {
  return words.find((word) => word.value === value)?.name ?? value;
}
