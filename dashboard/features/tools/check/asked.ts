import { readObject } from "@/lib/json/read-json";
import type { Subject } from "@/features/tools/permissions/api";
import type { Check, CheckForm } from "./api";

/** Whose call is asked about: the reader's own, or that of somebody whom a permission can name. */
export type Caller = "me" | Subject;

/** What is asked as it is written in the form. */
export interface AskedDraft {
  caller: Caller;
  subject_id: string;
  /** JSON. Empty: not known. */
  arguments: string;
}

export const BY_ME: AskedDraft = { caller: "me", subject_id: "", arguments: "" };

export type Asked = Omit<CheckForm, "mcp_server" | "tool_name">;
export type AskedProblems = Partial<Record<"subject_id" | "arguments", string>>;

/** What is sent beside the tool; or what is wrong with it, by field. */
export function askedOf(draft: AskedDraft): { asked: Asked } | { problems: AskedProblems } {
  const { caller, subject_id: id } = draft;
  const read = draft.arguments.trim() === "" ? null : readObject(draft.arguments);
  const problems: AskedProblems = {};
  if (caller !== "me" && id === "") problems.subject_id = "Somebody has to be chosen.";
  if (read?.problem !== undefined) problems.arguments = read.problem;
  if (Object.keys(problems).length > 0) return { problems };
  // The document calls any object an empty one.
  const known = read && { arguments: read.value as CheckForm["arguments"] };
  return { asked: { ...(caller !== "me" && { [`${caller}_id`]: id }), ...known } };
}

/** Ids are for links: what they say is told beside. */
export function reasonInWords({ reason }: Pick<Check, "reason">): string {
  const bare = reason.replace(/ [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "");
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}.`;
}

/** Whether a rule is the one that decided. */
export function decides({ reason }: Pick<Check, "reason">, id: string): boolean {
  return reason.includes(id);
}
